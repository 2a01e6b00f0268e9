"""What all connections share: what concerns thousands of them is done a few at a time."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from pymockapi.server import edge
from pymockapi.server.edge import Edge
from pymockapi.server.limits import EdgeLimits


class Watched:
    """A connection that counts how often its time limits were looked at."""

    def __init__(self) -> None:
        self.looks = 0

    def check_time(self, _: float) -> None:
        self.looks += 1


class Owing(Watched):
    """A connection where an answer of one namespace waits; notes what it is told."""

    def __init__(self, told: list[str]) -> None:
        super().__init__()
        self._told = told

    def owes(self, owner: str) -> bool:
        return owner == "mine"

    def lose(self) -> None:
        self._told.append("lost")

    def abort(self) -> None:
        self._told.append("closed")


def test_the_answers_of_a_namespace_are_lost_at_once_and_their_sockets_closed_in_turns(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(edge, "_CLOSING_S", 0.0)
    told: list[str] = []

    async def check() -> None:
        server = Edge(EdgeLimits())
        peers: list[Any] = [Owing(told) for _ in range(3)]
        server.waiting.update(peers)
        server.cancel("another")
        assert told == []
        server.cancel("mine")
        assert told == ["lost"] * 3
        await asyncio.sleep(0)
        assert told == ["lost"] * 3 + ["closed"]
        for _ in range(2):
            await asyncio.sleep(0)
        assert told == ["lost"] * 3 + ["closed"] * 3
        server.close()

    asyncio.run(check())


def test_the_time_limits_of_many_connections_are_looked_at_in_several_turns(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(edge, "_LOOKED_AT", 2)

    async def check() -> None:
        server = Edge(EdgeLimits())
        peers: list[Any] = [Watched() for _ in range(5)]
        server.connections.update(peers)
        server._tick()
        assert sum(each.looks for each in peers) == 2
        server._tick()  # early: the round that has begun goes on
        for _ in range(3):
            await asyncio.sleep(0)
        assert [each.looks for each in peers] == [1] * 5
        server._tick()
        server.close()
        for _ in range(3):
            await asyncio.sleep(0)
        assert sum(each.looks for each in peers) == 7

    asyncio.run(check())
