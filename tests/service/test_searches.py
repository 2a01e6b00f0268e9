"""From a trace or a test to its requests and back, wherever on the server they are."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable
from typing import Any, Final
from urllib.parse import quote

import pytest
from tests.server.world import World, document

from pymockapi.model.request import Request
from pymockapi.server.application_port import Reply
from pymockapi.store.lives import MAX_ID

ROOT: Final = "/__mock/v1"
TRACE: Final = "4bf92f3577b34da6a3ce929d0e0e4736"


def parent(span: str) -> str:
    return f"00-{TRACE}-{span * 16}-01"


@pytest.fixture
def world() -> World:
    """Requests of one trace in a finished namespace, a live one, and in none."""
    made = World({"stubs": [{"name": "x", "request": {"path": "/x"}}]})
    made.call("POST", "/namespaces", {"name": "a", "labels": {"test": "t1", "worker": "gw0"}})
    made.call("POST", "/namespaces", {"name": "b", "labels": {"test": "t2"}})
    made.reply("GET", "/~b/x", headers={"traceparent": parent("2")})
    made.reply("GET", "/~a/x", headers={"traceparent": parent("1"), "x-request-id": "r1"})
    made.reply("GET", "/~a/x", headers={"x-correlation-id": "caf\u00e9"})
    made.reply("GET", "/~a/x")
    made.call("POST", "/namespaces/a/finish", {})
    made.reply("GET", "/~a/x", headers={"traceparent": parent("3")})
    return made


def find(world: World, query: str) -> Any:
    return world.call("GET", f"/requests?{query}")


def hits(found: Any) -> list[tuple[str, int]]:
    return [(each["namespace"], each["number"]) for each in found["requests"]]


def test_a_trace_leads_to_its_requests_in_every_namespace_and_to_those_that_were_lost(
    world: World,
) -> None:
    found = find(world, f"correlation={TRACE}")
    assert (hits(found), found["total"]) == ([("a", 1), ("b", 1)], 2)
    assert [each["finished"] for each in found["requests"]] == [True, False]
    (orphan,) = found["orphans"]
    assert (orphan["target"], orphan["correlation"]) == ("/~a/x", {"traceparent": parent("3")})


@pytest.mark.parametrize(
    ("wanted", "expected"),
    [("r1", [("a", 1)]), (parent("2"), [("b", 1)]), ("caf\u00e9", [("a", 2)]), ("%20r1%20", [("a", 1)]),
     ("r", []), ("x-request-id", [])],
)  # fmt: skip
def test_an_id_leads_to_its_request(
    world: World, wanted: str, expected: list[tuple[str, int]]
) -> None:
    found = find(world, f"correlation={quote(wanted, safe='%')}")
    assert (hits(found), found["orphans"]) == (expected, [])


def test_a_request_that_was_found_leads_back_to_its_test(world: World) -> None:
    (hit,) = find(world, "correlation=r1")["requests"]
    assert hit["labels"] == {"test": "t1", "worker": "gw0"}
    assert world.call("GET", f"/namespaces/{hit['id']}/requests/1")["correlation"] == {
        "traceparent": parent("1"), "x-request-id": "r1",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("label=test%3Dt1", [("a", 1), ("a", 2), ("a", 3)]),
        ("label=test", [("a", 1), ("a", 2), ("a", 3), ("b", 1)]),
        ("label=worker", [("a", 1), ("a", 2), ("a", 3)]),
        ("label=test%3D", []),
        ("label=none", []),
        (f"label=test%3Dt2&correlation={TRACE}", [("b", 1)]),
    ],
)
def test_a_label_leads_to_the_requests_of_its_test(
    world: World, query: str, expected: list[tuple[str, int]]
) -> None:
    assert hits(find(world, query)) == expected


def test_of_many_the_first_are_shown_and_all_are_counted(world: World) -> None:
    found = find(world, "label=test&limit=2")
    assert (hits(found), found["total"]) == ([("a", 1), ("a", 2)], 4)


@pytest.mark.parametrize(
    ("query", "pointer"),
    [("", "/correlation"), ("limit=5", "/correlation"), ("correlation=", "/correlation"),
     ("correlation=%20", "/correlation"), ("label=a&limit=0", "/limit"), ("label=a&limit=x", "/limit"),
     ("label=a&method=GET", "/method")],
)  # fmt: skip
def test_a_search_for_nothing_is_refused(world: World, query: str, pointer: str) -> None:
    refused = world.send("GET", f"{ROOT}/requests?{query}")
    assert refused.status == 422
    assert pointer in [each["pointer"] for each in document(refused)["errors"]]


def test_an_empty_id_is_refused_where_one_namespace_is_asked_too(world: World) -> None:
    refused = world.send("GET", f"{ROOT}/namespaces/b/requests?correlation=")
    assert document(refused)["errors"][0]["pointer"] == "/correlation"


def test_a_trace_is_found_in_one_namespace_too(world: World) -> None:
    for query, total in ((f"correlation={TRACE}", 1), (f"correlation={TRACE}&after=1", 0),
                         (f"correlation={TRACE}&path=/x", 1), (f"correlation={TRACE}&path=/y", 0)):  # fmt: skip
        assert world.call("GET", f"/namespaces/b/requests?{query}")["total"] == total


def test_an_orphan_keeps_no_id_that_is_too_long() -> None:
    world = World()
    for length in (MAX_ID, MAX_ID + 1):
        world.reply("GET", "/~nobody/x", headers={"x-request-id": "x" * length, "traceparent": "t"})
    first, second = world.call("GET", "/orphans")["orphans"]
    assert first["correlation"] == {"x-request-id": "x" * MAX_ID, "traceparent": "t"}
    assert second["correlation"] == {"traceparent": "t"}


def test_an_id_that_may_be_written_in_two_ways_is_found_once_in_order() -> None:
    world = World()
    world.call("POST", "/namespaces", {"name": "a"})
    for value in (b"caf\xe9", b"caf\xc3\xa9", b"cafe"):
        asked = Request(
            "GET", "/~a/x", b"GET /~a/x HTTP/1.1\r\nX-Request-Id: " + value + b"\r\n\r\n"
        )
        assert isinstance(world.application.answer(asked), Reply)
    assert hits(find(world, "correlation=caf%C3%A9")) == [("a", 1), ("a", 2)]


def test_a_search_does_not_renew_a_lease() -> None:
    world = World()
    world.call("POST", "/namespaces", {"name": "a", "lease": "10s"})
    world.monotonic_s += 9
    find(world, "correlation=r1")
    world.monotonic_s += 2
    assert asyncio.run(world.store.expire()) == ["a"]


def test_traffic_goes_on_between_slices_and_what_is_deleted_meanwhile_is_not_found(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("pymockapi.store.selecting.HEADS", 8)
    slices = 0

    async def between() -> None:
        nonlocal slices
        slices += 1
        await asyncio.sleep(0)
        busy.send("GET", "/~a/x", authorization="r1")
        if slices == 2:
            busy.begin_call("DELETE", "/namespaces/b", None)

    def pause() -> Awaitable[None]:
        return between()

    world = busy = World({"namespaces": {"a": {}, "b": {}}}, pause)
    for n in range(40):
        world.reply("GET", f"/~{'ab'[n % 2]}/x", headers={"x-request-id": "r1"})
    found = find(world, "correlation=r1&limit=1000")
    assert slices > 5
    assert [number for name, number in hits(found) if name == "a"] == list(range(1, 21))
    assert found["total"] >= 20
