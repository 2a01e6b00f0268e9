"""The config of a running server: read, replaced whole, its sets one by one; who follows."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

import pytest
from tests.api.live import Answer, Live

from pymockapi.server.settings import ServeOptions

ANY: Final = {"If-Match": "*"}


def stub(name: str, text: str, **more: Any) -> dict[str, Any]:
    return {"name": name, "request": {"path": f"/{name}"}, "response": {"text": text}, **more}


def config(**parts: Any) -> dict[str, Any]:
    return {"version": 1, **parts}


FIRST: Final = config(
    stubs=[stub("a", "one")], sets={"down": {"stubs": [stub("a", "down")], "state": {"why": "x"}}}
)


@pytest.fixture
def loaded() -> Iterator[Live]:
    server = Live(FIRST)
    yield server
    server.close()


@pytest.fixture
def bare() -> Iterator[Live]:
    server = Live()
    yield server
    server.close()


def put(live: Live, document: Any, **headers: str) -> Answer:
    return live.call("PUT", "/config", document, headers or ANY)


def text(live: Live, target: str = "/a") -> str:
    answer = live.send("GET", target)
    return answer.body.decode() if answer.status == 200 else str(answer.status)


def test_the_config_that_was_put_is_in_force_when_it_is_answered(loaded: Live) -> None:
    answer = put(loaded, config(stubs=[stub("a", "two"), stub("b", "new")]))
    assert (answer.status, answer.version) == (200, 2)
    assert answer.json == {
        "version": 2, "created": [], "followed": ["default"], "dropped_sets": {},
        "needs_restart": [],
    }  # fmt: skip
    assert (text(loaded), text(loaded, "/b")) == ("two", "new")


def test_the_config_is_told_as_it_was_given(loaded: Live) -> None:
    first = loaded.call("GET", "/config")
    assert (first.json["document"], first.version, first.json["by"]) == (FIRST, 1, "files")
    second = config(stubs=[{"request": {"path": "/x"}}], state={"n": [1, {"a": None}]}, sets={})
    put(loaded, second)
    told = loaded.call("GET", "/config").json
    assert (told["document"], told["version"], told["by"]) == (second, 2, "api")
    assert (told["files"], told["last_error"], told["watched"]) == ([], None, False)


def test_a_server_without_a_config_takes_the_first_one_unconditionally(bare: Live) -> None:
    told = bare.call("GET", "/config").json
    assert (told["version"], told["by"], told["document"]) == (0, None, {"version": 1})
    assert bare.call("PUT", "/config", FIRST).status == 200
    assert text(bare) == "one"
    assert bare.call("PUT", "/config", FIRST).status == 428


def test_a_loaded_config_is_replaced_only_by_who_says_which(loaded: Live) -> None:
    answer = loaded.call("PUT", "/config", config())
    assert (answer.status, answer.code) == (428, "version-required")
    assert 'If-Match: "1"' in answer.json["detail"]
    stale = put(loaded, config(), **{"If-Match": '"7"'})
    assert (stale.status, stale.code) == (412, "stale-version")
    assert "the config is at 1" in stale.json["detail"]
    assert text(loaded) == "one"
    assert put(loaded, config(), **{"If-Match": '"1"'}).status == 200
    assert text(loaded) == "404"


def test_a_bad_config_tells_every_error_and_changes_nothing(loaded: Live) -> None:
    before = loaded.call("GET", "/config").json
    answer = put(
        loaded,
        {"stubs": [stub("a", "x", metod=1), stub("a", "y")], "sets": {"s p": {}},
         "namespaces": {"n": {"sets": ["nowhere"]}}, "includ": []},
    )  # fmt: skip
    assert (answer.status, answer.code) == (422, "invalid")
    assert {each["pointer"] for each in answer.json["errors"]} == {
        "", "/stubs/0/metod", "/stubs/1/name", "/sets/s p", "/namespaces/n/sets/0", "/includ",
    }  # fmt: skip
    assert loaded.call("GET", "/config").json == before
    assert text(loaded) == "one"


def test_a_config_with_more_namespaces_than_there_may_be_changes_nothing(loaded: Live) -> None:
    names: dict[str, Any] = {f"n{n}": {} for n in range(3)}
    answer = put(loaded, config(namespaces=names, server={"limits": {"namespaces": 3}}))
    assert (answer.status, answer.code) == (429, "limit-reached")
    assert text(loaded) == "one"
    assert len(loaded.call("GET", "/namespaces").json["namespaces"]) == 1


def test_a_live_namespace_keeps_the_config_it_was_created_from(loaded: Live) -> None:
    loaded.create(name="old", sets=["down"])
    put(loaded, config(stubs=[stub("a", "two")]))
    loaded.create(name="new")
    assert (text(loaded, "/~old/a"), text(loaded, "/~new/a")) == ("down", "two")
    versions = [
        loaded.call("GET", f"/namespaces/{name}").json["config_version"]
        for name in ("old", "new", "default")
    ]
    assert versions == [1, 2, 2]
    assert loaded.call("POST", "/namespaces/old/apply", {"sets": []}).status == 200
    assert text(loaded, "/~old/a") == "one"
    assert loaded.call("POST", "/namespaces/old/fork", {"name": "twin"}).status == 201
    assert text(loaded, "/~twin/a") == "one"


def test_a_set_that_only_a_later_config_has_is_told_as_such(loaded: Live) -> None:
    loaded.create(name="old")
    put(loaded, config(sets={"fast": {"stubs": [stub("a", "fast")]}}))
    answer = loaded.call("POST", "/namespaces/old/apply", {"sets": ["down", "fast", "fst"]})
    assert (answer.status, answer.json["errors"]) == (422, [
        {"pointer": "/sets/1", "message":
            "config version 1, which 'old' was created from and keeps, has no set 'fast';"
            " version 2, now in force, has it: create the namespace anew to use it"},
        {"pointer": "/sets/2", "message": "there is no set 'fst'; sets: down"},
    ])  # fmt: skip
    assert loaded.call("GET", "/namespaces/old").json["applied"]["layers"] == ["base", "own"]
    assert loaded.call("PUT", "/namespaces/old", {"sets": ["fast"]}).status == 200
    assert text(loaded, "/~old/a") == "fast"


def test_a_new_namespace_of_the_config_is_created_and_one_that_it_forgets_stays(bare: Live) -> None:
    answer = put(bare, config(stubs=[stub("a", "one")], namespaces={"smoke": {"seed": 3}}))
    assert answer.json["created"] == ["smoke"]
    assert bare.call("GET", "/namespaces/smoke").json["seed"] == 3
    answer = put(bare, config(stubs=[stub("a", "two")]))
    assert (answer.json["created"], answer.json["followed"]) == ([], ["default"])
    assert (text(bare, "/~smoke/a"), text(bare)) == ("one", "two")
    answer = put(bare, config(stubs=[stub("a", "three")], namespaces={"smoke": {"seed": 4}}))
    assert answer.json["followed"] == ["default", "smoke"]
    assert text(bare, "/~smoke/a") == "three"
    assert bare.call("GET", "/namespaces/smoke").json["seed"] == 4


def test_what_tests_changed_in_a_namespace_of_the_config_stays(bare: Live) -> None:
    smoke = {"state": {"cart": "empty", "n": 1}, "settings": {"delay": "1ms"}, "labels": {"v": "1"}}
    put(bare, config(namespaces={"smoke": smoke}, sets={"s": {}}))
    bare.call("PATCH", "/namespaces/smoke/state", {"cart": "full", "mine": True})
    bare.call("POST", "/namespaces/smoke/stubs", stub("own", "mine"))
    bare.send("GET", "/~smoke/own")
    smoke = {
        "state": {"cart": "paid", "n": 2}, "settings": {"delay": "2ms"}, "sets": ["s"],
        "labels": {"v": "2"},
    }  # fmt: skip
    put(bare, config(namespaces={"smoke": smoke}, sets={"s": {"stubs": [stub("s", "set")]}}))
    space = bare.call("GET", "/namespaces/smoke").json
    assert space["state"] == {"cart": "full", "n": 2, "mine": True}
    assert (space["settings"], space["labels"]) == ({"delay": "2ms"}, {"v": "2"})
    assert space["counts"]["requests"] == 1
    assert (text(bare, "/~smoke/own"), text(bare, "/~smoke/s")) == ("mine", "set")
    bare.call("POST", "/namespaces/smoke/reset", {})
    assert bare.call("GET", "/namespaces/smoke").json["state"] == {"cart": "paid", "n": 2}


def test_cursors_go_on_by_name_and_restart_where_the_definition_changed(bare: Live) -> None:
    def steps(name: str, *statuses: int, **more: Any) -> dict[str, Any]:
        answers = [{"text": str(status)} for status in statuses]
        return {"name": name, "request": {"path": f"/{name}"}, "responses": answers, **more}

    put(bare, config(stubs=[steps(name, 1, 2, 3) for name in ("same", "other", "kept")]))
    for name in ("same", "other", "kept"):
        assert text(bare, f"/{name}") == "1"
    put(
        bare,
        config(stubs=[steps("kept", 4, 5, 6, keep_cursor=True), steps("other", 7, 8), steps("same", 1, 2, 3)]),
    )  # fmt: skip
    assert [text(bare, f"/{name}") for name in ("same", "other", "kept")] == ["2", "7", "5"]


def test_an_earlier_request_is_explained_by_the_config_that_it_met(bare: Live) -> None:
    put(bare, config(stubs=[stub("a", "one")]))
    bare.send("GET", "/a")
    bare.send("GET", "/b")
    put(bare, config(stubs=[stub("b", "two")]))
    first, second = (
        bare.call("GET", f"/namespaces/default/requests/{n}/explain").json for n in (1, 2)
    )
    assert (first["matched"], first["stub"], first["complete"]) == (True, "a", True)
    assert (second["matched"], second["complete"]) == (False, True)
    assert [each["stub"] for each in second["candidates"]] == ["a"]
    assert bare.call("GET", "/namespaces/default/requests?stub=a").json["total"] == 1


def test_a_set_is_defined_replaced_and_taken_out(loaded: Live) -> None:
    made = loaded.call(
        "PUT", "/sets/slow", {"stubs": [stub("b", "slow")], "settings": {"delay": 0}}
    )
    assert (made.status, made.version, made.json["stubs"]) == (201, 2, ["b"])
    loaded.create(name="one", sets=["slow"])
    again = loaded.call("PUT", "/sets/slow", {"stubs": [stub("b", "slower")]}, {"If-Match": '"2"'})
    assert (again.status, again.version) == (200, 3)
    loaded.create(name="two", sets=["slow"])
    assert (text(loaded, "/~one/b"), text(loaded, "/~two/b")) == ("slow", "slower")
    assert text(loaded, "/~two/a") == "one"
    gone = loaded.call("DELETE", "/sets/slow")
    assert (gone.status, gone.headers["etag"]) == (204, '"4"')
    assert text(loaded, "/~two/b") == "slower"
    assert loaded.call("POST", "/namespaces", {"sets": ["slow"]}).status == 422
    assert list(loaded.call("GET", "/config").json["document"]["sets"]) == ["down"]


def test_a_bad_set_changes_nothing(loaded: Live) -> None:
    answer = loaded.call("PUT", "/sets/down", {"stub": []})
    assert (answer.status, answer.json["errors"][0]["pointer"]) == (422, "/stub")
    answer = loaded.call("PUT", "/sets/a%20b", {})
    assert (answer.status, answer.code) == (422, "invalid")
    assert loaded.call("DELETE", "/sets/dwn").json["suggestions"] == ["down"]
    assert loaded.call("GET", "/config").version == 1


def test_a_set_of_a_namespace_of_the_config_cannot_be_taken_out(bare: Live) -> None:
    put(bare, config(sets={"s": {}}, namespaces={"smoke": {"sets": ["s"]}}))
    answer = bare.call("DELETE", "/sets/s")
    assert (answer.status, answer.code) == (409, "conflict")
    assert "'smoke'" in answer.json["detail"]
    assert bare.call("PUT", "/sets/s", {"stubs": [stub("s", "there")]}).json["followed"] == [
        "default", "smoke",
    ]  # fmt: skip
    assert text(bare, "/~smoke/s") == "there"


def test_a_set_that_a_test_put_in_force_in_default_goes_with_the_config(loaded: Live) -> None:
    loaded.call("POST", "/namespaces/default/apply", {"sets": ["down"]})
    assert text(loaded) == "down"
    answer = put(loaded, FIRST)
    assert (answer.json["dropped_sets"], text(loaded)) == ({}, "down")
    answer = put(loaded, config(stubs=[stub("a", "two")]))
    assert (answer.json["dropped_sets"], text(loaded)) == ({"default": ["down"]}, "two")


def test_what_of_the_server_cannot_change_now_is_told(loaded: Live) -> None:
    server = {
        "path_prefix": "-", "on_missing": "reject", "seed": 5, "default_lease": "1h",
        "limits": {"body": 999, "namespaces": 2},
    }  # fmt: skip
    answer = put(loaded, config(server=server))
    assert answer.json["needs_restart"] == ["server.limits.body", "server.path_prefix"]
    assert loaded.call("GET", "/config").json["needs_restart"] == answer.json["needs_restart"]
    assert loaded.send("GET", "/a").headers["x-mock-error"] == "no-namespace"
    assert loaded.call("POST", "/namespaces", {"name": "x"}).json["lease_s"] == 3600
    assert loaded.call("POST", "/namespaces", {"name": "y"}).status == 429
    assert put(loaded, FIRST).json["needs_restart"] == []
    assert text(loaded) == "one"


def test_what_waits_for_the_next_start_waits_while_sets_change(loaded: Live) -> None:
    waiting = ["server.path_prefix"]
    document = config(server={"path_prefix": "-", "on_missing": "reject"}, stubs=[stub("a", "one")])
    assert put(loaded, document).json["needs_restart"] == waiting
    assert loaded.call("PUT", "/sets/x", {}).json["needs_restart"] == waiting
    assert loaded.call("GET", "/config").json["needs_restart"] == waiting
    assert loaded.call("DELETE", "/sets/x").status == 204
    assert loaded.call("GET", "/config").json["needs_restart"] == waiting
    assert loaded.send("GET", "/a").headers["x-mock-error"] == "no-namespace"


def test_selectors_that_are_written_as_before_need_no_restart() -> None:
    live = Live(config(server={"selectors": ["bearer", "header.X-Tenant"]}))
    try:
        same, other = ["bearer", "header.X-Tenant"], ["header.X-Tenant"]
        for selectors, restart in ((same, []), (other, ["server.selectors"]), (same, [])):
            answer = put(live, config(server={"selectors": selectors}))
            assert answer.json["needs_restart"] == restart
    finally:
        live.close()


def test_the_command_line_wins_over_every_config() -> None:
    live = Live(FIRST, ServeOptions(port=0, grace_s=1.0, on_missing="reject", seed=9))
    try:
        seed = live.call("GET", "/namespaces/default").json["seed"]
        answer = put(live, config(server={"on_missing": "default", "seed": 1}))
        assert answer.json["needs_restart"] == []
        assert live.send("GET", "/a").status == 404
        assert live.call("GET", "/namespaces/default").json["seed"] == seed
    finally:
        live.close()


def test_scopes_and_snapshots_go_back_to_what_they_kept_on_the_new_config(loaded: Live) -> None:
    ns = "/namespaces/default"
    loaded.call("POST", ns + "/apply", {"sets": ["down"], "state": {"n": 1}})
    loaded.call("POST", ns + "/scopes")
    loaded.call("POST", ns + "/snapshots", {"id": "kept"})
    loaded.call("PUT", ns + "/state", {"n": 2})
    put(loaded, config(stubs=[stub("a", "two")]))
    assert loaded.call("POST", ns + "/snapshots/kept/restore").json["state"] == {"n": 1, "why": "x"}
    assert loaded.call("DELETE", ns + "/scopes/scope-1").status == 200
    assert loaded.call("GET", ns).json["state"] == {"n": 1, "why": "x"}
    assert text(loaded) == "two"


def test_a_clock_that_is_frozen_at_no_certain_time_stands_through_reloads(bare: Live) -> None:
    put(bare, config(namespaces={"cold": {"clock": {"mode": "frozen"}}}))
    clock = bare.call("GET", "/namespaces/cold/clock").json
    put(bare, config(namespaces={"cold": {"clock": {"mode": "frozen"}}}, stubs=[stub("a", "x")]))
    assert bare.call("GET", "/namespaces/cold/clock").json == clock
    new = {"mode": "frozen", "now": "2030-01-01T00:00:00Z"}
    put(bare, config(namespaces={"cold": {"clock": new}}))
    assert bare.call("GET", "/namespaces/cold/clock").json["now"].startswith("2030-01-01")


def test_a_lease_that_the_config_gave_follows_it(bare: Live) -> None:
    put(bare, config(namespaces={"smoke": {"lease": "1h"}, "mine": {"lease": "1h"}}))
    bare.call("POST", "/namespaces/mine/renew", {"lease": "2h"})
    put(bare, config(namespaces={"smoke": {"lease": "3h"}, "mine": {"lease": "3h"}}))
    leases = [bare.call("GET", f"/namespaces/{n}").json["lease_s"] for n in ("smoke", "mine")]
    assert leases == [10_800, 7_200]


def test_a_namespace_that_a_call_made_under_a_name_of_the_config_keeps_what_the_call_said(
    bare: Live,
) -> None:
    bare.create(name="smoke", state={"a": 1}, labels={"test": "mine"}, stubs=[stub("own", "mine")])
    for number in (1, 2):
        put(
            bare,
            config(
                stubs=[stub("a", str(number))],
                namespaces={"smoke": {"state": {"a": 7 + number}, "stubs": [stub("p", "preset")]}},
            ),
        )
        space = bare.call("GET", "/namespaces/smoke").json
        assert (space["state"], space["labels"]) == ({"a": 1}, {"test": "mine"})
        assert (text(bare, "/~smoke/own"), text(bare, "/~smoke/a")) == ("mine", str(number))


def test_claims_of_the_config_follow_it_and_may_change_hands() -> None:
    server = {"selectors": ["bearer"]}

    def claiming(**names: str) -> dict[str, Any]:
        spaces = {name: {"claims": {"bearer": token}} for name, token in names.items()}
        return config(server=server, namespaces=spaces, stubs=[stub("a", "one")])

    live = Live(claiming(one="x", two="y"))
    try:
        assert put(live, claiming(one="y", two="x", three="z")).json["created"] == ["three"]
        held = {
            each["name"]: each["claims"].get("bearer")
            for each in live.call("GET", "/namespaces").json["namespaces"]
        }
        assert held == {"default": None, "one": ["y"], "two": ["x"], "three": ["z"]}
        live.send("GET", "/a", headers={"Authorization": "Bearer y"})
        assert live.call("GET", "/namespaces/one").json["counts"]["requests"] == 1
        live.create(name="mine", claims={"bearer": "m"})
        answer = put(live, claiming(one="m"))
        assert (answer.status, answer.code) == (409, "claim-held")
        assert [each["pointer"] for each in answer.json["errors"]] == [
            "/namespaces/one/claims/bearer"
        ]
        assert live.call("GET", "/namespaces/one").json["claims"] == {"bearer": ["y"]}
    finally:
        live.close()


def test_all_claims_that_others_hold_are_told_where_they_are_written() -> None:
    server = {"selectors": ["bearer", "header.X-Tenant"]}
    live = Live(config(server=server))
    try:
        live.create(name="mine", claims={"bearer": ["x", "y"], "header.x-tenant": "t"})
        wanted = {"one": {"claims": {"bearer": "x"}}, "two": {"claims": {"header.X-Tenant": "t"}}}
        answer = put(live, config(server=server, namespaces=wanted))
        assert (answer.status, answer.code) == (409, "claim-held")
        assert [each["pointer"] for each in answer.json["errors"]] == [
            "/namespaces/one/claims/bearer", "/namespaces/two/claims/header.X-Tenant",
        ]  # fmt: skip
        for name, error in zip(("one", "two"), answer.json["errors"], strict=True):
            assert f"so that '{name}' cannot have it" in error["message"]
        names = [each["name"] for each in live.call("GET", "/namespaces").json["namespaces"]]
        assert names == ["default", "mine"]
    finally:
        live.close()


def test_all_ports_that_cannot_be_had_are_told(bare: Live) -> None:
    bare.create(name="mine", port=0)
    bare.create(name="other", port=0)
    listed = bare.call("GET", "/namespaces").json["namespaces"]
    first, second = (each["port"] for each in listed if each["port"])
    wanted = {"one": {"port": first}, "free": {"port": 0}, "two": {"port": second}}
    answer = put(bare, config(namespaces=wanted))
    assert (answer.status, answer.code) == (409, "port-unavailable")
    assert [each["pointer"] for each in answer.json["errors"]] == [
        "/namespaces/one/port", "/namespaces/two/port",
    ]  # fmt: skip
    assert bare.call("GET", "/namespaces/free").status == 404


def test_claims_by_a_selector_that_comes_with_the_next_start_wait_for_it(bare: Live) -> None:
    claims = {"claims": {"header.X-Tenant": "t"}}
    document = config(server={"selectors": ["header.x-tenant"]}, namespaces={"smoke": claims})
    assert put(bare, document).json["needs_restart"] == ["server.selectors"]
    assert bare.call("GET", "/namespaces/smoke").json["claims"] == {}


def test_a_namespace_of_a_new_config_has_its_port_from_the_beginning(bare: Live) -> None:
    answer = put(bare, config(stubs=[stub("a", "one")], namespaces={"smoke": {"port": 0}}))
    assert (answer.json["created"], answer.json["needs_restart"]) == (["smoke"], [])
    port = bare.call("GET", "/namespaces/smoke").json["port"]
    for wanted, restart in ((0, []), (port, []), (None, ["namespaces.smoke.port"])):
        smoke = {} if wanted is None else {"port": wanted}
        answer = put(bare, config(stubs=[stub("a", "two")], namespaces={"smoke": smoke}))
        assert answer.json["needs_restart"] == restart
        assert bare.call("GET", "/namespaces/smoke").json["port"] == port
    taken = put(bare, config(namespaces={"other": {"port": 0}, "third": {"port": port}}))
    assert (taken.status, taken.code) == (409, "port-unavailable")
    (error,) = taken.json["errors"]
    assert error["pointer"] == "/namespaces/third/port"
    assert "cannot be that of namespace 'third'" in error["message"]
    names = [each["name"] for each in bare.call("GET", "/namespaces").json["namespaces"]]
    assert names == ["default", "smoke"]
