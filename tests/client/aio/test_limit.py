"""A limit of time ends what is awaited, also in a loop whose own clock stands or leaps."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Awaitable, Callable, Coroutine
from typing import Any

import pytest

from pymockapi.client.aio.connection import pause
from pymockapi.client.aio.limit import until
from pymockapi.client.real_time import monotonic

Run = Callable[[Coroutine[Any, Any, None]], None]
FAR_S = 1e6


class StandingLoop(asyncio.SelectorEventLoop):
    def time(self) -> float:
        return 1.9e9


class LeapingLoop(asyncio.SelectorEventLoop):
    """A second of its time is one that all its timers are over with."""

    def time(self) -> float:
        return monotonic() * 1e9


@pytest.fixture(params=[asyncio.SelectorEventLoop, StandingLoop, LeapingLoop])
def run(request: pytest.FixtureRequest) -> Run:
    def run(main: Coroutine[Any, Any, None]) -> None:
        with asyncio.Runner(loop_factory=request.param) as runner:
            runner.run(main)

    return run


def for_ever() -> Awaitable[None]:
    return asyncio.get_running_loop().create_future()


@pytest.mark.parametrize("left_s", [-1, 0, 0.01])
def test_what_lasts_longer_is_ended(run: Run, left_s: float) -> None:
    async def main() -> None:
        with pytest.raises(TimeoutError):
            async with until(monotonic() + left_s):
                await for_ever()

    run(main())


def test_what_ends_in_time_is_let_be_and_leaves_no_thread(run: Run) -> None:
    async def main() -> None:
        before = threading.active_count()
        async with until(monotonic() + FAR_S):
            event = asyncio.Event()
            asyncio.get_running_loop().call_soon(event.set)
            await event.wait()
        for thread in threading.enumerate()[before:]:
            thread.join()

    run(main())


def test_errors_and_cancellations_pass_through(run: Run) -> None:
    async def main() -> None:
        with pytest.raises(LookupError):
            async with until(monotonic() + FAR_S):
                raise LookupError
        task = asyncio.ensure_future(waiting())
        await asyncio.sleep(0)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task

    async def waiting() -> None:
        async with until(monotonic() + FAR_S):
            await for_ever()

    run(main())


def test_a_pause_ends(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(asyncio, "sleep", None)
    run(pause(0.01))


def test_a_limit_of_a_loop_that_has_gone_is_forgotten() -> None:
    async def main() -> None:
        limits.append(until(monotonic() + FAR_S))
        await limits[0].__aenter__()

    limits: list[Any] = []
    loop = StandingLoop()
    loop.run_until_complete(main())
    loop.close()
    limits[0]._timer.cancel()
    limits[0]._wake()
