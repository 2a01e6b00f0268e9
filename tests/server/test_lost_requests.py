"""Requests to a namespace that has ended, and what the mock's own answers weigh."""

from __future__ import annotations

import pytest
from tests.server.world import World, code


@pytest.fixture
def world() -> World:
    return World({"namespaces": {"Test-A": {}}})


def test_a_late_call_by_host_is_told_that_its_namespace_is_finished(world: World) -> None:
    host = "test-a.mock.localhost:8080"
    assert code(world.send("GET", "/x", Host=host)) == "no-match"
    world.call("POST", "/namespaces/Test-A/finish")
    assert code(world.send("GET", "/x", Host=host)) == "finished-namespace"
    late = world.call("POST", "/namespaces/Test-A/finish")["late"]
    assert [each["selector"] for each in late] == ["host"]
    assert (
        world.call("GET", "/orphans")["orphans"][0]["last_owner"]["id"]
        == late[0]["last_owner"]["id"]
    )


def test_a_flood_of_unmatched_requests_stays_within_the_bytes_of_the_journal() -> None:
    world = World({"settings": {"limits": {"bytes": 20_000}}})
    for number in range(100):
        world.send("GET", f"/nothing/{number}")
    space = world.store.view("default")
    assert space is not None
    entries = list(space.journal)
    assert all(entry.response is not None for entry in entries)
    held = sum(
        500 + len(entry.head) + len(entry.response.head) + len(entry.response.body)
        for entry in entries
        if entry.response is not None
    )
    assert held < 20_000 + 2_000  # the newest answer came after the last look at the bound
    assert space.journal.evicted == 100 - len(entries) > 0
    assert space.journal.bytes == sum(entry.size for entry in entries)


def test_deleting_an_unmatched_request_gives_back_all_its_bytes(world: World) -> None:
    world.send("GET", "/nothing")
    world.call("DELETE", "/namespaces/default/requests/1")
    assert world.call("GET", "/namespaces/default")["counts"]["bytes"] == 0
