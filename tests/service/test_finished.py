"""Finished namespaces: found by label, read by id, never written to."""

from __future__ import annotations

import json
from typing import Any, Final

import pytest
from tests.server.world import World, code, document

ROOT: Final = "/__mock/v1"
STUBS: Final = [
    {"name": "s", "request": {"path": "/s"}, "responses": [{"status": 201}, {"status": 202}]}
]


@pytest.fixture
def world() -> World:
    return World()


@pytest.fixture
def ended(world: World) -> str:
    """Return the id of a namespace ``a`` that was used and finished."""
    made = world.call(
        "POST", "/namespaces",
        {"name": "a", "stubs": STUBS, "state": {"n": 1}, "labels": {"test": "t"}},
    )  # fmt: skip
    world.call("POST", "/namespaces/a/snapshots", {"id": "kept"})
    world.send("GET", "/~a/s")
    world.send("GET", "/~a/nothing")
    world.call("POST", "/namespaces/a/finish", {"status": "failed"})
    identity: str = made["id"]
    return identity


READING: Final[list[tuple[str, str, Any]]] = [
    ("GET", "", None),
    ("GET", "/snapshots", None),
    ("GET", "/stubs", None),
    ("GET", "/stubs/s", None),
    ("GET", "/state", None),
    ("GET", "/sequences", None),
    ("GET", "/sequences/s", None),
    ("GET", "/clock", None),
    ("GET", "/requests", None),
    ("POST", "/requests/search", {"path": "/s"}),
    ("POST", "/requests/count", {"path": "/s"}),
    ("GET", "/requests/2", None),
    ("GET", "/requests/2/explain", None),
    ("POST", "/match", {"path": "/s"}),
]
WRITING: Final[list[tuple[str, str, Any]]] = [
    ("DELETE", "", None),
    ("POST", "/reset", None),
    ("POST", "/renew", None),
    ("POST", "/fork", None),
    ("POST", "/snapshots", None),
    ("POST", "/snapshots/kept/restore", None),
    ("DELETE", "/snapshots/kept", None),
    ("POST", "/stubs", {"name": "t"}),
    ("PUT", "/stubs", []),
    ("DELETE", "/stubs", None),
    ("PUT", "/stubs/s", {}),
    ("DELETE", "/stubs/s", None),
    ("POST", "/apply", {"state": {}}),
    ("PATCH", "/state", {}),
    ("PUT", "/state", {}),
    ("PUT", "/sequences/s", {"position": 0}),
    ("PUT", "/clock", {"advance": 1}),
    ("DELETE", "/requests", None),
    ("DELETE", "/requests/1", None),
]


@pytest.mark.parametrize(("method", "path", "body"), READING)
def test_what_reads_takes_the_id(
    world: World, ended: str, method: str, path: str, body: Any
) -> None:
    assert world.call(method, f"/namespaces/{ended}{path}", body) is not None


@pytest.mark.parametrize(("method", "path", "body"), WRITING)
def test_what_writes_says_that_it_is_finished(
    world: World, ended: str, method: str, path: str, body: Any
) -> None:
    raw = b"" if body is None else world_json(body)
    refused = world.send(method, f"{ROOT}/namespaces/{ended}{path}", raw)
    assert (refused.status, code(refused)) == (404, "finished-namespace")
    assert f"GET {ROOT}/namespaces/{ended}" in document(refused)["detail"]


def world_json(body: Any) -> bytes:
    return json.dumps(body).encode()


def test_it_tells_how_it_ended(world: World, ended: str) -> None:
    found = world.call("GET", f"/namespaces/{ended}")
    assert found["finished"] == {
        "reason": "finished", "status": "failed", "at": "2030-03-17T17:46:40.000000Z",
        "passed": False,
    }  # fmt: skip
    assert found["counts"]["requests"] == 2
    assert world.call("GET", "/namespaces/default")["finished"] is None


@pytest.mark.usefixtures("ended")
def test_the_finished_ones_are_listed_by_label(world: World) -> None:
    world.call("POST", "/namespaces", {"name": "live", "labels": {"test": "t"}})
    world.call("POST", "/namespaces", {"name": "other"})
    world.call("POST", "/namespaces/other/finish")

    def ids(query: str) -> list[str]:
        found = world.call("GET", f"/namespaces?{query}")["namespaces"]
        return [each["name"] for each in found]

    assert ids("finished=true") == ["a", "other"]
    assert ids("finished=true&label=test=t") == ["a"]
    assert ids("finished=false&label=test=t") == ["live"]


def test_a_list_of_what_is_neither_finished_nor_live_is_refused(world: World) -> None:
    refused = world.send("GET", f"{ROOT}/namespaces?finished=yes")
    assert document(refused)["errors"][0]["pointer"] == "/finished"


def test_its_clock_stands_still(world: World, ended: str) -> None:
    world.real_ns += 10**9
    assert world.call("GET", f"/namespaces/{ended}/clock")["now"] == "2030-03-17T17:46:40.000000Z"


def test_what_comes_late_is_counted_whole_and_listed_up_to_date(world: World, ended: str) -> None:
    world.send("GET", "/~a/late")
    again = world.call("POST", f"/namespaces/{ended}/finish")
    assert (again["status"], again["late_total"]) == ("failed", 1)
    assert [each["target"] for each in again["late"]] == ["/~a/late"]
