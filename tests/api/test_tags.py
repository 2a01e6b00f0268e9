"""Tags over real HTTP: what they bring, what keeps it, and a table that changes."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

import pytest
from tests.api.live import Answer, Live

CONFIG: Final[dict[str, Any]] = {
    "version": 1,
    "state": {"mode": "normal"},
    "stubs": [{"name": "pay", "request": {"path": "/pay"}, "response": {"text": "paid"}}],
    "sets": {
        "down": {
            "stubs": [{"name": "pay", "request": {"path": "/pay"}, "response": {"text": "down"}}],
            "state": {"why": "maintenance"},
        },
        "slow": {"settings": {"debug_headers": True}},
    },
    "tags": {
        "@outage": {"sets": ["down"], "state": {"mode": "outage"}},
        "@slow and not @smoke": {"sets": ["slow"], "settings": {"seed": 5}},
    },
    "namespaces": {"demo": {"tags": ["outage"]}, "plain": {}},
}
ANY: Final = {"If-Match": "*"}


@pytest.fixture
def live() -> Iterator[Live]:
    server = Live(CONFIG)
    yield server
    server.close()


def put_tags(live: Live, table: Any, **headers: str) -> Answer:
    return live.call("PUT", "/tags", table, headers)


def text(live: Live, target: str) -> str:
    return live.send("GET", target).body.decode()


def space(live: Live, name: str) -> Any:
    return live.call("GET", f"/namespaces/{name}").json


def test_a_namespace_has_what_its_tags_bring(live: Live) -> None:
    made = live.call("POST", "/namespaces", {"name": "n", "tags": ["@outage", "slow", "@wip"]}).json
    assert made["state"] == {"mode": "outage", "why": "maintenance"}
    assert made["settings"] == {"debug_headers": True, "seed": 5}
    assert made["seed"] == 5
    applied = made["applied"]
    assert applied["layers"] == ["base", "set:down", "set:slow", "own"]
    assert applied["replaced"] == [{"stub": "pay", "layer": "base", "by": "set:down"}]
    assert applied["rows"] == ["@outage", "@slow and not @smoke"]
    assert applied["ignored"] == ["@wip"]
    assert text(live, "/~n/pay") == "down"
    assert text(live, "/pay") == "paid"


def test_the_namespaces_own_parts_win(live: Live) -> None:
    made = live.call(
        "POST",
        "/namespaces",
        {
            "tags": ["@outage", "@slow"],
            "state": {"mode": "mine"},
            "seed": 9,
            "limits": {"stubs": 3},
        },
    ).json
    assert (made["state"]["mode"], made["seed"], made["limits"]["stubs"]) == ("mine", 9, 3)
    assert {"pointer": "/settings/seed", "from": "@slow and not @smoke", "by": "namespace"} in made[
        "applied"
    ]["overridden"]


def test_a_tag_may_ask_for_a_set_without_a_row(live: Live) -> None:
    for tag in ("@mock.down", "mock:down"):
        name = live.create(tags=[tag])
        assert text(live, f"/~{name}/pay") == "down"


def test_a_tag_that_asks_for_no_set_creates_nothing(live: Live) -> None:
    answer = live.call("POST", "/namespaces", {"name": "n", "tags": ["@mock.dwn", "@mock.zzz"]})
    assert (answer.status, answer.code) == (422, "invalid")
    assert [each["pointer"] for each in answer.json["errors"]] == ["/tags/0", "/tags/1"]
    assert "did you mean '@mock.down'?" in answer.json["errors"][0]["message"]
    assert live.call("GET", "/namespaces/n").status == 404


def test_a_namespace_of_the_config_has_tags(live: Live) -> None:
    assert text(live, "/~demo/pay") == "down"
    assert space(live, "demo")["applied"]["tags"] == ["@outage"]
    assert space(live, "plain")["applied"]["tags"] == []


def test_a_reset_goes_back_to_what_the_tags_brought(live: Live) -> None:
    ns = "/namespaces/" + live.create(name="n", tags=["@outage", "@slow"])
    before = space(live, "n")
    live.call("POST", ns + "/apply", {"sets": [], "replace_state": {}, "settings": {"seed": 1}})
    changed = space(live, "n")
    assert (changed["state"], changed["seed"], changed["applied"]["sets"]) == ({}, 1, [])
    assert text(live, "/~n/pay") == "paid"
    live.call("POST", ns + "/reset")
    after = space(live, "n")
    assert [after[key] for key in ("state", "settings", "applied")] == [
        before[key] for key in ("state", "settings", "applied")
    ]
    assert text(live, "/~n/pay") == "down"


def test_a_set_that_was_put_in_force_later_came_from_nothing(live: Live) -> None:
    live.create(name="n", tags=["@outage"])
    live.call("POST", "/namespaces/n/apply", {"sets": ["slow", "down"]})
    assert space(live, "n")["applied"]["sets"] == [
        {"set": "slow", "from": []}, {"set": "down", "from": ["@outage"]},
    ]  # fmt: skip


def test_a_fork_and_a_snapshot_keep_what_tags_brought(live: Live) -> None:
    live.create(name="n", tags=["@outage"])
    live.call("POST", "/namespaces/n/snapshots", {"id": "s"})
    put_tags(live, {})
    live.call("POST", "/namespaces/n/fork", {"name": "twin"})
    live.call("POST", "/namespaces/n/apply", {"sets": [], "replace_state": {}})
    live.call("POST", "/namespaces/n/snapshots/s/restore")
    for name in ("n", "twin"):
        live.call("POST", f"/namespaces/{name}/reset")
        assert text(live, f"/~{name}/pay") == "down"
        assert space(live, name)["applied"]["rows"] == ["@outage"]
        assert space(live, name)["state"] == {"mode": "outage", "why": "maintenance"}


def test_a_namespace_that_is_replaced_has_the_tags_it_is_given_then(live: Live) -> None:
    live.create(name="n", tags=["@outage"])
    made = live.call("PUT", "/namespaces/n", {"tags": ["@slow"]}).json
    assert made["applied"]["layers"] == ["base", "set:slow", "own"]


def test_a_table_is_replaced_for_namespaces_to_come_and_those_of_the_config(live: Live) -> None:
    live.create(name="old", tags=["@outage"])
    answer = put_tags(live, {"@outage": {"state": {"mode": "new"}}}, **{"If-Match": '"1"'})
    assert (answer.status, answer.version) == (200, 2)
    assert answer.json["followed"] == ["default", "demo", "plain"]
    live.create(name="new", tags=["@outage"])
    texts = [text(live, f"/~{name}/pay") for name in ("old", "new", "demo")]
    assert texts == ["down", "paid", "paid"]
    modes = [space(live, name)["state"]["mode"] for name in ("old", "new", "demo", "plain")]
    assert modes == ["outage", "new", "new", "normal"]
    versions = [space(live, name)["config_version"] for name in ("old", "new", "demo")]
    assert versions == [1, 2, 2]
    assert space(live, "demo")["applied"]["overridden"] == [
        {"pointer": "/state/mode", "from": "config", "by": "@outage"}
    ]
    document = live.call("GET", "/config").json["document"]
    assert document == {**CONFIG, "tags": {"@outage": {"state": {"mode": "new"}}}}


def test_what_a_test_changed_in_a_namespace_of_the_config_stays(live: Live) -> None:
    live.call("PATCH", "/namespaces/demo/state", {"mode": "mine"})
    put_tags(live, {"@outage": {"state": {"mode": "new", "why": "because"}}})
    assert space(live, "demo")["state"] == {"mode": "mine", "why": "because"}


@pytest.mark.parametrize(
    ("table", "pointers"),
    [
        ([], [""]),
        ({"@a or": {}, "@b": {"sets": ["dwn"]}, "b": {}}, ["/@a or", "/@b/sets/0", "/b"]),
        ({"@a": {"settings": {"delay": "x"}, "stub": 1}}, ["/@a/stub", "/@a/settings/delay"]),
    ],
)
def test_a_wrong_table_changes_nothing(live: Live, table: Any, pointers: list[str]) -> None:
    answer = put_tags(live, table)
    assert (answer.status, answer.code) == (422, "invalid")
    assert [each["pointer"] for each in answer.json["errors"]] == pointers
    assert live.call("GET", "/tags").json["tags"] == CONFIG["tags"]
    assert live.call("GET", "/config").version == 1


def test_of_two_that_replace_the_same_table_the_second_is_refused(live: Live) -> None:
    assert put_tags(live, {}, **{"If-Match": '"1"'}).status == 200
    assert put_tags(live, {"@a": {}}, **{"If-Match": '"1"'}).status == 412
    assert live.call("GET", "/tags").json == {"version": 2, "mentions": [], "tags": {}}


def test_the_table_that_is_told_can_be_put_again(live: Live) -> None:
    found = live.call("GET", "/tags").json
    assert found["mentions"] == ["@outage", "@slow", "@smoke"]
    assert list(found["tags"]) == ["@outage", "@slow and not @smoke"]
    assert put_tags(live, found["tags"]).status == 200
    assert live.call("GET", "/tags").json["tags"] == found["tags"]


def test_a_set_that_rows_or_tags_use_cannot_be_taken_out(live: Live) -> None:
    answer = live.call("DELETE", "/sets/slow")
    assert (answer.status, answer.code) == (409, "conflict")
    assert "row '@slow and not @smoke' of 'tags'" in answer.json["detail"]
    document = {**CONFIG, "tags": {}, "namespaces": {"demo": {"tags": ["@mock.down"]}}}
    assert live.call("PUT", "/config", document, ANY).status == 200
    assert live.call("DELETE", "/sets/slow").status == 204
    assert "namespace 'demo'" in live.call("DELETE", "/sets/down").json["detail"]


def test_tags_are_put_where_there_was_no_config() -> None:
    live = Live()
    try:
        assert put_tags(live, {"@a": {"state": {"k": 1}}}).status == 200
        live.create(name="n", tags=["a"])
        assert space(live, "n")["state"] == {"k": 1}
        document = live.call("GET", "/config").json["document"]
        assert live.call("PUT", "/config", document, ANY).status == 200
    finally:
        live.close()


def test_a_table_comes_with_a_whole_config_too(live: Live) -> None:
    document = {**CONFIG, "tags": {"@slow": {"sets": ["down"]}}}
    assert live.call("PUT", "/config", document, ANY).status == 200
    assert text(live, "/~demo/pay") == "paid"
    assert text(live, f"/~{live.create(tags=['@slow'])}/pay") == "down"


def test_a_row_that_needs_no_tags_holds_for_a_namespace_without(live: Live) -> None:
    put_tags(live, {"not @real": {"state": {"real": False}}})
    found = [
        space(live, name)["state"].get("real")
        for name in ("default", "demo", live.create(), live.create(tags=["@real"]))
    ]
    assert found == [False, False, False, None]


def test_what_tags_would_bring_is_what_they_bring(live: Live) -> None:
    for tags, sets in (([], []), (["outage", "@x"], ["slow"]), (["@slow", "mock.down"], ["slow"])):
        found = live.call("POST", "/tags/resolve", {"tags": tags, "sets": sets}).json
        made = live.call("POST", "/namespaces", {"tags": tags, "sets": sets}).json
        assert (found["settings"], found["state"]) == (made["settings"], made["state"])
        assert [*found["layers"], "own"] == made["applied"]["layers"]
        for key in ("tags", "rows", "sets", "overridden", "ignored", "replaced"):
            assert found[key] == made["applied"][key]
        assert (found["errors"], found["config_version"]) == ([], 1)


def test_a_dry_run_changes_nothing_and_tells_what_would_refuse_it(live: Live) -> None:
    before = [each["version"] for each in live.call("GET", "/namespaces").json["namespaces"]]
    answer = live.call("POST", "/tags/resolve", {"tags": ["@mock.dwn", "@outage"], "sets": ["slw"]})
    assert (answer.status, answer.version) == (200, 1)
    assert [each["pointer"] for each in answer.json["errors"]] == ["/tags/0", "/sets/0"]
    assert answer.json["rows"] == ["@outage"]
    after = [each["version"] for each in live.call("GET", "/namespaces").json["namespaces"]]
    assert after == before == [1, 1, 1]


@pytest.mark.parametrize(
    ("body", "pointers"),
    [({"tag": []}, ["/tag"]), ({"tags": "@a"}, ["/tags"]), ({"tags": ["@", 1]}, ["/tags/0", "/tags/1"]),
     ({"sets": ["a b"]}, ["/sets/0"]), ([], [""])],
)  # fmt: skip
def test_a_dry_run_of_what_are_no_tags_is_refused(
    live: Live, body: Any, pointers: list[str]
) -> None:
    answer = live.call("POST", "/tags/resolve", body)
    assert answer.status == 422
    assert [each["pointer"] for each in answer.json["errors"]] == pointers


def test_a_bundle_tells_what_tags_did(live: Live) -> None:
    live.create(name="n", tags=["@outage", "@wip"])
    found = live.call("GET", "/namespaces/n/export").json["applied"]
    assert (found["rows"], found["ignored"]) == (["@outage"], ["@wip"])
