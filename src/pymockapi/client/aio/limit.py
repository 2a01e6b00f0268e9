"""A limit of time for what is awaited, that holds although the clock of the loop may stand.

A loop tells time by ``time.monotonic``, which a test may have stopped, or by a clock of its own that
leaps; then its timers are never due, or at once. Where its time is not the real one, a thread
waits in its place: some 50 µs more to begin, and so only then.
"""

from __future__ import annotations

import asyncio
from contextlib import suppress
from threading import Timer
from types import TracebackType
from typing import Final

from pymockapi.client.real_time import monotonic

_APART_S: Final = 1.0  # loops look at the clock once a turn, and may be late by that


def until(deadline: float) -> asyncio.Timeout | RealTimeout:
    """Return what ends an ``async with`` block at ``deadline``, of ``real_time``, by ``TimeoutError``."""
    left_s = max(0.0, deadline - monotonic())
    loop = asyncio.get_running_loop()
    if left_s == 0.0 or abs(loop.time() - monotonic()) < _APART_S:
        return asyncio.timeout(left_s)
    return RealTimeout(left_s, loop)


class RealTimeout:
    """As ``asyncio.timeout``, by the time of a thread."""

    def __init__(self, left_s: float, loop: asyncio.AbstractEventLoop) -> None:
        self._loop = loop
        self._timeout = asyncio.timeout(None)
        self._is_over = False
        self._timer = Timer(left_s, self._wake)
        self._timer.daemon = True

    async def __aenter__(self) -> None:
        await self._timeout.__aenter__()
        self._timer.start()

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._is_over = True
        self._timer.cancel()
        await self._timeout.__aexit__(kind, error, trace)

    def _wake(self) -> None:
        with suppress(RuntimeError):  # the loop is closed
            self._loop.call_soon_threadsafe(self._expire)

    def _expire(self) -> None:
        if not self._is_over:
            self._timeout.reschedule(self._loop.time())
