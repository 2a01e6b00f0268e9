"""From a request to its reply: which namespace, which answer, and what the mock says itself."""

from __future__ import annotations

import asyncio
from typing import Any, Final

import pytest
from tests.server.world import World, code, document, request

from pymockapi.model.delivery import Dispatch
from pymockapi.model.errors import ControlError
from pymockapi.model.exchange import Phase
from pymockapi.server.own_answers import MAX_EXPLAINED
from pymockapi.server.refusals import BodyTooLarge

HEAVY: Final = "(a+)+b|" * 40 + "(a|a)*c"


def stub(path: str, **rest: Any) -> dict[str, Any]:
    return {"name": path.strip("/") or "root", "request": {"path": path}, **rest}


# What no stub answers.


def test_a_404_names_the_nearest_stub_and_every_field_that_differs() -> None:
    world = World()
    world.call(
        "POST",
        "/namespaces/default/stubs",
        [
            {"name": "pay", "request": {"method": "POST", "path": "/payments",
                                        "body": {"json_contains": {"currency": "EUR"}}}},
            {"name": "far", "request": {"method": "DELETE", "path": "/x/y/z"}},
        ],
    )  # fmt: skip
    response = world.send("POST", "/payments", b'{"currency": "USD"}')
    found = document(response)
    assert (response.status, code(response)) == (404, "no-match")
    assert dict(response.headers)["Content-Type"] == "application/problem+json"
    assert found["nearest"][0] == {
        "stub": "pay", "request": "POST /payments", "layer": "own", "priority": 5, "fits": False,
        "available": False, "reason": None,
        "differences": [
            {"field": "body.$.currency", "expected": 'equal to "EUR"', "actual": '"USD"'}
        ],
    }  # fmt: skip
    assert "'pay'" in found["detail"]
    assert "POST /payments" in found["detail"]
    assert world.call("GET", found["explain"].removeprefix("/__mock/v1"))["matched"] is False


def test_a_404_says_why_a_stub_that_fits_did_not_answer() -> None:
    world = World()
    world.call("POST", "/namespaces/default/stubs", stub("/once", times=1))
    assert world.send("GET", "/once").status == 200
    found = document(world.send("GET", "/once"))
    assert found["nearest"][0]["fits"] is True
    assert found["nearest"][0]["reason"] == "served its 1 time"


def test_a_404_of_a_namespace_without_stubs_says_so() -> None:
    assert "It has no stubs." in document(World().send("GET", "/a"))["detail"]


def test_a_404_lists_at_most_three_stubs_and_ten_differences_of_each() -> None:
    world = World()
    wanted = {f"k{number}": "v" for number in range(30)}
    stubs = [{"name": f"s{n}", "request": {"path": "/a", "query": wanted}} for n in range(9)]
    world.call("POST", "/namespaces/default/stubs", stubs)
    nearest = document(world.send("GET", "/a"))["nearest"]
    assert [len(each["differences"]) for each in nearest] == [10, 10, 10]


def test_so_many_unmatched_requests_are_explained_between_two_changes() -> None:
    world = World()
    world.call("POST", "/namespaces/default/stubs", stub("/a"))

    def explained(count: int) -> int:
        return sum(bool(document(world.send("GET", "/b"))["nearest"]) for _ in range(count))

    assert explained(MAX_EXPLAINED + 50) == MAX_EXPLAINED
    last = world.send("GET", "/b")
    assert (code(last), document(last)["nearest"]) == ("no-match", [])
    assert "/explain" in document(last)["detail"]
    world.call("POST", "/namespaces/default/stubs", stub("/c"))
    assert explained(MAX_EXPLAINED + 50) == MAX_EXPLAINED


def test_explanations_of_one_namespace_are_none_of_another() -> None:
    world = World()
    for name in ("a", "b"):
        world.call("POST", "/namespaces", {"name": name})
        world.call("POST", f"/namespaces/{name}/stubs", stub("/a"))
    for _ in range(MAX_EXPLAINED + 50):
        world.send("GET", "/~a/x")
    assert document(world.send("GET", "/~a/x"))["nearest"] == []
    assert document(world.send("GET", "/~b/x"))["nearest"] != []


def test_settings_unmatched_is_the_answer_when_no_stub_fits() -> None:
    world = World()
    world.call(
        "POST", "/namespaces",
        {"name": "a", "settings": {"unmatched": {"status": 502, "json": {"own": True}}}},
    )  # fmt: skip
    response = world.send("GET", "/~a/x")
    assert (response.status, response.body) == (502, b'{"own":true}')
    entry = world.entries("a")[0]
    assert (entry["stub"], entry["error"], entry["response"]["status"]) == (None, "no-match", 502)


# Limits and ends.


def test_a_sequence_past_its_end_with_after_last_fail_is_599_and_recorded() -> None:
    world = World()
    world.call(
        "POST", "/namespaces/default/stubs",
        stub("/a", responses=[{"times": 2}, {"status": 201}], after_last="fail"),
    )  # fmt: skip
    assert [world.send("GET", "/a").status for _ in range(4)] == [200, 200, 201, 599]
    response = world.send("GET", "/a")
    assert code(response) == "sequence-exhausted"
    assert "its 3 requests" in document(response)["detail"]
    entry = world.entries()[-1]
    assert (entry["stub"], entry["step"], entry["hit"]) == ("a", None, 5)
    assert (entry["error"], entry["response"]["status"]) == ("sequence-exhausted", 599)


def test_a_sequence_of_one_says_that_it_has_served_one_request() -> None:
    world = World()
    one = stub("/a", responses=[{}], after_last="fail")
    world.call("POST", "/namespaces/default/stubs", one)
    world.send("GET", "/a")
    assert "has served its 1 request and says" in document(world.send("GET", "/a"))["detail"]


def test_over_the_limit_of_sequence_keys_a_request_takes_nothing_and_is_503() -> None:
    world = World()
    world.call(
        "POST", "/namespaces",
        {"name": "a", "limits": {"sequence_keys": 1},
         "stubs": [stub("/a", responses=[{"status": 201}, {"status": 202}], per="query.q", set={"w": 1})]},
    )  # fmt: skip
    assert world.send("GET", "/~a/a?q=1").status == 201
    response = world.send("GET", "/~a/a?q=2")
    assert (response.status, code(response)) == (503, "limit-reached")
    assert "'sequence_keys'" in document(response)["detail"]
    assert world.send("GET", "/~a/a?q=1").status == 202
    assert world.call("GET", "/namespaces/a/stubs/a")["hits"] == 2
    entry = world.entries("a")[1]
    assert (entry["stub"], entry["error"], entry["response"]["status"]) == (
        None,
        "limit-reached",
        503,
    )


def test_an_expression_past_its_budget_is_599_and_recorded_and_takes_nothing() -> None:
    world = World()
    world.call(
        "POST", "/namespaces/default/stubs",
        {"name": "deep", "request": {"body": {"jsonpath": {"$..*..*..*": {"equals": "never"}}}}, "times": 1},
    )  # fmt: skip
    body = b'{"a":' * 40 + b"[" + b",".join([b"[1,2,3]"] * 300) + b"]" + b"}" * 40
    response = world.send("POST", "/a", body)
    assert (response.status, code(response)) == (599, "matcher-limit")
    entry = world.entries()[0]
    assert (entry["stub"], entry["error"], entry["phase"]) == (None, "matcher-limit", "received")
    assert world.call("GET", "/namespaces/default/stubs/deep")["hits"] == 0


# Settings of a namespace.


def test_settings_delay_holds_for_stubs_without_one_of_their_own() -> None:
    world = World()
    world.call(
        "POST", "/namespaces",
        {"name": "a", "settings": {"delay": "2s"},
         "stubs": [stub("/plain"), stub("/own", response={"delay": "1s"}),
                   stub("/zero", response={"delay": 0}),
                   stub("/steps", responses=[{}, {"delay": "3s"}])]},
    )  # fmt: skip
    delays = {path: world.delay("GET", "/~a" + path) for path in ("/plain", "/own", "/zero")}
    assert delays == {"/plain": 2.0, "/own": 1.0, "/zero": 0.0}
    assert [world.delay("GET", "/~a/steps") for _ in range(2)] == [2.0, 3.0]
    assert world.delay("GET", "/~a/none") == 0.0


def test_a_delay_of_the_namespace_may_be_drawn_and_its_own_comes_first() -> None:
    world = World()
    spread = {"uniform": ["2s", "3s"]}
    stubs = [stub("/plain"), stub("/own", response={"delay": "1s"})]
    world.call("POST", "/namespaces", {"name": "a", "settings": {"delay": spread}, "stubs": stubs})
    drawn = [world.delay("GET", "/~a/plain") for _ in range(3)]
    assert len(set(drawn)) == 3
    assert all(2 <= each <= 3 for each in drawn)
    assert world.delay("GET", "/~a/own") == 1.0


def test_the_record_tells_for_how_long_an_answer_was_to_wait() -> None:
    world = World()
    spread = {"lognormal": {"median": "90ms", "sigma": 0.4}}
    stubs = [stub("/drawn", response={"delay": spread}), stub("/fixed", response={"delay": "1s"}),
             stub("/zero", response={"delay": 0}), stub("/plain")]  # fmt: skip
    world.call("POST", "/namespaces", {"name": "a", "settings": {"delay": "2s"}, "stubs": stubs})
    delays = [world.delay("GET", "/~a" + path) for path in ("/drawn", "/fixed", "/zero", "/plain")]
    told = [entry["timings"].get("delay_ms") for entry in world.entries("a")]
    assert told == [round(delays[0] * 1e3, 3), 1_000.0, None, 2_000.0]


def test_an_answer_of_the_settings_draws_by_the_number_of_its_request() -> None:
    world = World()
    unmatched = {"status": 404, "delay": {"uniform": [0, 1]}}
    world.call("POST", "/namespaces", {"name": "a", "settings": {"unmatched": unmatched}})
    assert len({world.delay("GET", "/~a/none") for _ in range(3)}) == 3


def test_what_pieces_wait_for_is_drawn_by_the_seed_as_they_leave() -> None:
    def waits(seed: int) -> list[list[float]]:
        world = World()
        pieces = [{"text": "a"}, *[{"text": "b", "after": {"uniform": ["1s", "2s"]}}] * 2]
        made = {"name": "a", "seed": seed, "stubs": [stub("/s", response={"stream": pieces})]}
        world.call("POST", "/namespaces", made)
        dispatches = [world.reply("GET", "/~a/s").dispatch for _ in range(2)]
        return [[each.after for each in found.pieces or ()] for found in dispatches if found]  # type: ignore[misc]

    first, second = waits(7)
    assert [first, second] == waits(7)
    assert first[0] == second[0] == 0.0
    assert len({*first, *second}) == 5
    assert all(1 <= each <= 2 for each in (*first[1:], *second[1:]))
    assert waits(8) != [first, second]


def test_debug_headers_tell_who_answered() -> None:
    world = World()
    world.call(
        "POST",
        "/namespaces",
        {"name": "a", "settings": {"debug_headers": True}, "stubs": [stub("/x")]},
    )
    assert world.reply("GET", "/~a/x").extra == (
        b"X-Mock-Namespace: a\r\nX-Mock-Request: 1\r\nX-Mock-Stub: x\r\n"
    )
    assert world.reply("GET", "/~a/y").extra == b"X-Mock-Namespace: a\r\nX-Mock-Request: 2\r\n"
    assert world.reply("GET", "/y").extra == b""


def test_date_follows_the_mock_clock_and_nothing_else_does() -> None:
    world = World()
    world.call(
        "POST",
        "/namespaces",
        {"name": "a", "clock": {"mode": "frozen", "now": "2030-01-01T00:00:00Z"}},
    )
    assert world.reply("GET", "/~a/x").date == b"Date: Tue, 01 Jan 2030 00:00:00 GMT\r\n"
    world.call("PUT", "/namespaces/a/clock", {"advance": "26h"})
    assert world.reply("GET", "/~a/x").date == b"Date: Wed, 02 Jan 2030 02:00:00 GMT\r\n"
    assert world.reply("GET", "/x").date is None
    first, second = world.entries("a")
    assert first["at"] == second["at"]
    assert (first["mock_at"], second["mock_at"]) == (
        "2030-01-01T00:00:00.000000Z", "2030-01-02T02:00:00.000000Z",
    )  # fmt: skip
    world.call("PUT", "/namespaces/a/clock", {"mode": "real"})
    assert world.reply("GET", "/~a/x").date is None


def test_an_offset_clock_runs_with_real_time() -> None:
    world = World()
    world.call("PUT", "/namespaces/default/clock", {"now": "2030-01-01T00:00:00Z"})
    world.real_ns += 90 * 10**9
    assert world.reply("GET", "/x").date == b"Date: Tue, 01 Jan 2030 00:01:30 GMT\r\n"


# Which namespace.

CHOICES: Final[list[tuple[str, dict[str, str], str, str, str | None]]] = [
    ("/x", {}, "default", "default", None),
    ("/~a/x", {}, "a", "path", None),
    ("/%7Ea/x", {}, "a", "path", None),
    ("/~%61/x", {}, "a", "path", None),
    ("http://h/~a/x", {}, "a", "path", None),
    ("/x", {"X-Mock-Namespace": "b"}, "b", "header", None),
    ("/x", {"baggage": "k=v,mock.namespace=b;p=1"}, "b", "baggage", None),
    ("/x", {"baggage": "mock.namespace = %62"}, "b", "baggage", None),
    ("/x", {"Host": "b.mock.localhost:8080"}, "b", "host", None),
    ("/x", {"Host": "B.Mock.LocalHost"}, "b", "host", None),
    ("/~a/x", {"X-Mock-Namespace": "a", "baggage": "mock.namespace=a"}, "a", "path", None),
    ("/~a/x", {"X-Mock-Namespace": "b"}, "a", "path", "header: b"),
    ("/~a/x", {"baggage": "mock.namespace=b", "Host": "c.mock.x"}, "a", "path", "baggage: b"),
    ("/x", {"X-Mock-Namespace": "a", "Host": "b.mock.localhost"}, "a", "header", "host: b"),
    ("/x", {"baggage": "mock.namespace=a", "Host": "A.mock.localhost"}, "a", "baggage", None),
    ("/x", {"Host": "localhost"}, "default", "default", None),
    ("/~/x", {}, "default", "default", None),
]  # fmt: skip


@pytest.mark.parametrize(("target", "headers", "name", "selector", "conflict"), CHOICES)
def test_the_first_selector_that_names_a_namespace_decides(
    target: str, headers: dict[str, str], name: str, selector: str, conflict: str | None
) -> None:
    world = World()
    for each in "ab":
        world.call("POST", "/namespaces", {"name": each})
    world.reply("GET", target, headers=headers)
    entry = world.entries(name)[0]
    assert (entry["selector"], entry["conflict"]) == (selector, conflict)
    assert entry["path"] == ("/~/x" if target == "/~/x" else "/x")
    assert entry["target"] == target


def test_the_prefix_is_taken_off_before_matching() -> None:
    world = World()
    world.call("POST", "/namespaces", {"name": "a", "stubs": [stub("/"), stub("/x")]})
    assert world.send("GET", "/~a").status == 200
    assert world.send("GET", "/~a/").status == 200
    assert world.send("GET", "/~a/x?y=1").status == 200
    assert world.send("GET", "/~a?y=1").status == 200


MOVED: Final = [
    ("/~n/new", {}, "/~n/made/1"),
    ("/%7En/new", {}, "/%7En/made/1"),
    ("http://127.0.0.1/~n/new", {}, "/~n/made/1"),
    ("/new", {"X-Mock-Namespace": "n"}, "/made/1"),
    ("/new", {"Baggage": "mock.namespace=n"}, "/made/1"),
    ("http://n.mock.localhost/new", {}, "/made/1"),
]


@pytest.mark.parametrize(("target", "headers", "sent"), MOVED)
def test_a_location_gets_the_prefix_by_which_its_client_came(
    target: str, headers: dict[str, str], sent: str
) -> None:
    answer = {"status": 201, "headers": {"location": "/made/1", "Content-Location": "/made/1"}}
    world = World({"namespaces": {"n": {"stubs": [stub("/new", response=answer)]}}})
    response = world.reply("POST", target, b"", headers).response
    expected = [["location", sent], ["Content-Location", sent]]
    assert [list(pair) for pair in response.headers] == expected
    assert world.entries("n")[0]["response"]["headers"] == expected


def test_a_location_is_sent_as_defined_where_rewriting_is_off() -> None:
    answer = {"status": 201, "headers": {"location": "/made/1"}, "delay": "1s"}
    settings = {"rewrite_location": False}
    world = World({"namespaces": {"n": {"stubs": [stub("/new", response=answer)]}}})
    world.call("POST", "/namespaces/n/apply", {"settings": settings})
    assert world.call("GET", "/namespaces/n")["settings"] == settings
    assert world.send("POST", "/~n/new").headers == (("location", "/made/1"),)
    world.call("POST", "/namespaces/n/reset", {"only": ["settings"]})
    moved = world.reply("POST", "/~n/new")
    assert moved.response.headers == (("location", "/~n/made/1"),)
    assert moved.dispatch == Dispatch(1.0)


@pytest.mark.parametrize(
    ("target", "headers", "sent"),
    [
        ("/~n/new", {"Host": "ci.example.org"}, "/mocks/~n/made/1"),
        ("/~n/new", {"Host": "CI.example.org:443"}, "/mocks/~n/made/1"),
        ("/~n/new", {"Host": "ci.example.org:8080"}, "/~n/made/1"),
        ("/~n/new", {"Host": "127.0.0.1:8080"}, "/~n/made/1"),
        ("/new", {"Host": "ci.example.org", "X-Mock-Namespace": "n"}, "/made/1"),
    ],
)
def test_a_location_stays_below_the_path_of_the_public_url(
    target: str, headers: dict[str, str], sent: str
) -> None:
    answer = {"status": 201, "headers": {"location": "/made/1"}}
    world = World(
        {
            "server": {"public_url": "https://ci.example.org/mocks/"},
            "namespaces": {"n": {"stubs": [stub("/new", response=answer)]}},
        }
    )
    response = world.reply("POST", target, b"", headers).response
    assert response.headers == (("location", sent),)
    assert world.entries("n")[0]["response"]["headers"] == [["location", sent]]


def test_a_location_of_the_answer_to_what_no_stub_fits_gets_the_prefix_too() -> None:
    settings = {"unmatched": {"status": 302, "headers": {"Location": "/login"}}}
    world = World({"namespaces": {"n": {"settings": settings}}})
    assert world.send("GET", "/~n/x").headers == (("Location", "/~n/login"),)


def test_a_changed_location_counts_for_what_its_record_takes() -> None:
    answer = {"status": 201, "headers": {"location": "/made/1", "X-Long": "x" * 3_000}}
    world = World({"namespaces": {"n": {"stubs": [stub("/new", response=answer)]}}})
    world.send("POST", "/new", X_Mock_Namespace="n")
    shared = world.call("GET", "/namespaces/n")["counts"]["bytes"]
    world.send("POST", "/~n/new")
    both = world.call("GET", "/namespaces/n")["counts"]["bytes"]
    assert both - shared > shared + 2_900
    assert world.call("DELETE", "/namespaces/n/requests/2") is None
    assert world.call("GET", "/namespaces/n")["counts"]["bytes"] == shared


def test_another_prefix_or_none_may_be_configured() -> None:
    other = World({"server": {"path_prefix": "ns-"}, "namespaces": {"a": {}}})
    other.send("GET", "/ns-a/x")
    other.send("GET", "/~a/x")
    assert (len(other.entries("a")), len(other.entries())) == (1, 1)
    off = World({"server": {"path_prefix": False}, "namespaces": {"a": {}}})
    off.send("GET", "/~a/x")
    assert (len(off.entries("a")), len(off.entries())) == (0, 1)
    assert off.call("GET", "/namespaces/a")["path"] == ""


@pytest.mark.parametrize(
    ("target", "headers", "selector"),
    [("/~nobody/x", {}, "path"), ("/x", {"X-Mock-Namespace": "nobody"}, "header"),
     ("/x", {"baggage": "mock.namespace=nobody"}, "baggage"), ("/x", {"Host": "nobody.mock.localhost"}, "host"),
     ("/~nobody/x", {"X-Mock-Namespace": "default"}, "path")],
)  # fmt: skip
def test_a_name_that_does_not_exist_never_falls_into_default(
    target: str, headers: dict[str, str], selector: str
) -> None:
    world = World()
    response = world.reply("GET", target, headers=headers).response
    assert (response.status, code(response)) == (404, "unknown-namespace")
    assert world.entries() == []
    (orphan,) = world.call("GET", "/orphans")["orphans"]
    assert (orphan["namespace"], orphan["selector"], orphan["target"]) == (
        "nobody",
        selector,
        target,
    )
    assert (orphan["code"], orphan["last_owner"]) == ("unknown-namespace", None)


def test_an_unknown_namespace_is_told_the_nearest_names() -> None:
    world = World()
    world.call("POST", "/namespaces", {"name": "checkout-42"})
    assert document(world.send("GET", "/~checkout-43/x"))["suggestions"] == ["checkout-42"]


def test_with_on_missing_reject_a_request_that_names_none_is_404_no_namespace() -> None:
    world = World({"server": {"on_missing": "reject"}, "namespaces": {"a": {}}})
    response = world.send("GET", "/x")
    assert (response.status, code(response)) == (404, "no-namespace")
    assert "--on-missing default" in document(response)["detail"]
    assert code(world.send("GET", "/~a/x")) == "no-match"
    assert code(world.send("GET", "/~default/x")) == "no-match"
    assert world.call("GET", "/orphans")["orphans"][0]["code"] == "no-namespace"


# What comes late.


def test_a_finished_namespace_answers_404_and_lists_what_came_late() -> None:
    world = World()
    world.call("POST", "/namespaces", {"name": "a", "labels": {"test": "t"}, "stubs": [stub("/x")]})
    world.send("GET", "/~a/x")
    first = world.call("POST", "/namespaces/a/finish", {"status": "passed"})
    assert (first["reason"], first["status"], first["requests"]) == ("finished", "passed", 1)
    assert first["late"] == []
    response = world.send("GET", "/~a/x")
    assert (response.status, code(response)) == (404, "finished-namespace")
    again = world.call("POST", "/namespaces/a/finish", {"status": "failed"})
    assert again["late_total"] == 1
    assert again["verdict"]["problems"][0]["kind"] == "late"
    changed = ("in_flight", "late", "late_total", "verdict")
    assert again == first | {key: again[key] for key in changed}
    owner = {"id": first["id"], "labels": {"test": "t"}, "status": "passed"}
    assert [each["last_owner"] for each in again["late"]] == [owner]
    assert world.call("GET", "/orphans")["orphans"] == again["late"]


def test_a_new_namespace_may_take_the_name_of_a_finished_one() -> None:
    world = World()
    first = world.call("POST", "/namespaces", {"name": "a"})
    world.call("POST", "/namespaces/a/finish")
    second = world.call("POST", "/namespaces", {"name": "a"})
    assert first["id"] != second["id"]
    assert code(world.send("GET", "/~a/x")) == "no-match"
    assert world.call("POST", "/namespaces/a/finish")["id"] == second["id"]


def test_control_calls_on_a_finished_namespace_say_that_it_is() -> None:
    world = World()
    world.call("POST", "/namespaces", {"name": "a"})
    world.call("POST", "/namespaces/a/finish")
    assert code(world.send("GET", "/__mock/v1/namespaces/a")) == "finished-namespace"
    world.call("PUT", "/namespaces/a", {})
    world.call("DELETE", "/namespaces/a")
    assert code(world.send("GET", "/__mock/v1/namespaces/a")) == "unknown-namespace"


def test_a_deleted_namespace_is_unknown_and_its_last_owner_is_told() -> None:
    world = World()
    identity = world.call("POST", "/namespaces", {"name": "a"})["id"]
    world.call("DELETE", "/namespaces/a")
    assert code(world.send("GET", "/~a/x")) == "unknown-namespace"
    assert world.call("GET", "/orphans")["orphans"][0]["last_owner"]["id"] == identity


def test_the_newest_orphans_are_kept_and_all_are_counted() -> None:
    world = World({"server": {"limits": {"orphans": 3}}})
    for number in range(5):
        world.send("GET", f"/~nobody/{number}")
    found = world.call("GET", "/orphans")
    assert [each["target"] for each in found["orphans"]] == [f"/~nobody/{n}" for n in (2, 3, 4)]
    assert found["total"] == 5
    world.call("DELETE", "/orphans")
    assert world.call("GET", "/orphans") == {"orphans": [], "total": 0}


def expire(world: World) -> list[str]:
    return asyncio.run(world.store.expire())


def test_a_lease_that_runs_out_finishes_the_namespace_as_expired() -> None:
    world = World()
    world.call("POST", "/namespaces", {"name": "a", "lease": "10s"})
    world.monotonic_s += 9.9
    assert expire(world) == []
    world.monotonic_s += 0.2
    assert expire(world) == ["a"]
    assert code(world.send("GET", "/~a/x")) == "finished-namespace"
    assert world.call("POST", "/namespaces/a/finish")["reason"] == "expired"


@pytest.mark.parametrize(
    "path", ["/~a/x", "/__mock/v1/namespaces/a", "/__mock/v1/namespaces/a/requests"]
)
def test_traffic_and_control_calls_renew_the_lease(path: str) -> None:
    world = World()
    world.call("POST", "/namespaces", {"name": "a", "lease": "10s"})
    world.monotonic_s += 9
    world.send("GET", path)
    world.monotonic_s += 9
    assert expire(world) == []


def test_renewing_may_give_the_lease_another_length() -> None:
    world = World()
    world.call("POST", "/namespaces", {"name": "a", "lease": "10s"})
    assert world.call("POST", "/namespaces/a/renew", {"lease": "1m"})["lease_s"] == 60.0
    world.monotonic_s += 59
    assert expire(world) == []
    world.monotonic_s += 2
    assert expire(world) == ["a"]


def test_default_never_expires_whatever_the_default_lease() -> None:
    world = World({"server": {"default_lease": "1s"}})
    world.call("POST", "/namespaces", {"name": "a"})
    world.monotonic_s += 3600
    assert expire(world) == ["a"]
    assert code(world.send("GET", "/x")) == "no-match"


# Requests that could not be read.


def refuse(world: World, target: str, phase: Phase = Phase.REFUSED) -> None:
    world.application.refuse(request("POST", target, b"cut"), phase, BodyTooLarge(10))


def test_a_refused_request_is_recorded_where_its_namespace_can_be_told() -> None:
    world = World()
    world.call("POST", "/namespaces", {"name": "a", "stubs": [stub("/x")]})
    refuse(world, "/~a/x")
    entry = world.entries("a")[0]
    assert (entry["phase"], entry["error"], entry["stub"]) == ("refused", "too-large", None)
    assert (entry["path"], entry["selector"], entry["response"]["status"]) == ("/x", "path", 413)
    assert world.call("POST", "/namespaces/a/requests/count", {"path": "/x"})["count"] == 0


def test_a_request_given_up_in_its_body_is_recorded_as_incomplete() -> None:
    world = World()
    refuse(world, "/x", Phase.INCOMPLETE)
    entry = world.entries()[0]
    assert (entry["phase"], entry["response"]) == ("incomplete", None)


@pytest.mark.parametrize("target", ["/__mock/v1/namespaces", "", "/~nobody/x"])
def test_a_refused_request_of_nobody_is_answered_and_not_recorded(target: str) -> None:
    world = World()
    reply = world.application.refuse(request("POST", target), Phase.REFUSED, BodyTooLarge(10))
    assert (reply.response.status, code(reply.response)) == (413, "too-large")
    assert world.entries() == []


def test_an_operation_that_breaks_is_500_and_logged(monkeypatch: pytest.MonkeyPatch) -> None:
    world = World()

    def broken(_: str) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr(world.store, "known", broken)
    response = world.send("GET", "/__mock/v1/namespaces/default")
    assert (response.status, code(response)) == (ControlError.status, "internal")
