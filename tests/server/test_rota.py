"""One of those that have much to do, in each iteration of the loop."""

from __future__ import annotations

import asyncio

import pytest

from pymockapi.server.rota import Rota


def test_each_iteration_has_one_call_in_the_order_in_which_they_came() -> None:
    async def scene() -> list[str]:
        seen: list[str] = []
        rota = Rota(asyncio.get_running_loop)
        for name in "ab":
            rota.add(lambda name=name: seen.append(name))  # type: ignore[misc]
        asyncio.get_running_loop().call_soon(lambda: seen.append("another"))
        for _ in range(4):
            await asyncio.sleep(0)
        return seen

    assert asyncio.run(scene()) == ["a", "another", "b"]


def test_who_has_more_to_do_goes_to_the_end() -> None:
    async def scene() -> list[str]:
        seen: list[str] = []
        rota = Rota(asyncio.get_running_loop)

        def twice(name: str) -> None:
            seen.append(name)
            if seen.count(name) == 1:
                rota.add(lambda: twice(name))

        rota.add(lambda: twice("a"))
        rota.add(lambda: twice("b"))
        for _ in range(6):
            await asyncio.sleep(0)
        return seen

    assert asyncio.run(scene()) == ["a", "b", "a", "b"]


def test_one_that_fails_does_not_stop_the_others() -> None:
    calls: list[object] = []

    class Loop:
        def call_soon(self, callback: object) -> None:
            calls.append(callback)

    seen: list[str] = []
    rota = Rota(Loop)

    def fail() -> None:
        raise ValueError("no")

    rota.add(fail)
    rota.add(lambda: seen.append("b"))
    with pytest.raises(ValueError, match="no"):
        calls.pop(0)()  # type: ignore[operator]
    calls.pop(0)()  # type: ignore[operator]
    assert (seen, calls) == (["b"], [])


def test_where_it_has_time_others_follow_in_the_same_iteration_until_that_is_over() -> None:
    async def scene() -> list[str]:
        seen: list[str] = []
        now = 0.0

        def take(name: str, seconds: float) -> None:
            nonlocal now
            now += seconds
            seen.append(name)

        rota = Rota(asyncio.get_running_loop, 0.5, lambda: now)
        for name, seconds in (("a", 0.2), ("b", 0.4), ("c", 0.1)):
            rota.add(lambda name=name, seconds=seconds: take(name, seconds))  # type: ignore[misc]
        asyncio.get_running_loop().call_soon(lambda: seen.append("another"))
        for _ in range(4):
            await asyncio.sleep(0)
        return seen

    assert asyncio.run(scene()) == ["a", "b", "another", "c"]


def test_what_is_added_meanwhile_waits_for_the_next_iteration() -> None:
    async def scene() -> list[str]:
        seen: list[str] = []
        rota = Rota(asyncio.get_running_loop, 60.0)

        def again() -> None:
            seen.append("a")
            if seen.count("a") < 3:
                rota.add(again)

        rota.add(again)
        asyncio.get_running_loop().call_soon(lambda: seen.append("another"))
        for _ in range(5):
            await asyncio.sleep(0)
        rota.add(lambda: seen.append("b"))
        await asyncio.sleep(0)
        return seen

    assert asyncio.run(scene()) == ["a", "another", "a", "a", "b"]
