"""A long scan's turns of the loop."""

from __future__ import annotations

import asyncio

from pymockapi.server.turn import Turn


def test_a_turn_is_ended_once_it_has_lasted_long_enough() -> None:
    async def scan() -> list[str]:
        seen: list[str] = []

        async def one(name: str) -> None:
            for _ in range(2):
                now[0] += 1.0
                waiting = turn.pause()
                assert waiting is not None
                await waiting
                seen.append(name)

        await asyncio.gather(one("a"), one("b"))
        return seen

    now = [100.0]
    turn = Turn(lambda: now[0])
    assert asyncio.run(scan()) == ["a", "b", "a", "b"]
    assert turn.pause() is None
