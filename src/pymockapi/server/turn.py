"""How long one piece of a long work may hold the loop, and whose piece comes next."""

from __future__ import annotations

import asyncio
import time
from collections import deque
from collections.abc import Awaitable, Callable
from typing import Final

TURN_S: Final = 0.004  # how long one piece of housekeeping or of a scan may hold the loop


class Turn:
    """Ends a long scan's turn of the loop when it has lasted long enough.

    Of several scans one goes on in each turn, in the order in which they ended theirs.
    """

    def __init__(self, monotonic_s: Callable[[], float] = time.monotonic) -> None:
        self._monotonic_s = monotonic_s
        self._began = 0.0
        self._waiting: deque[asyncio.Future[None]] = deque()

    def pause(self) -> Awaitable[None] | None:
        """Return what to await, or ``None`` while the turn is young."""
        now = self._monotonic_s()
        if now - self._began < TURN_S:
            return None
        return self._yielded()

    async def _yielded(self) -> None:
        loop = asyncio.get_running_loop()
        turn = loop.create_future()
        self._waiting.append(turn)
        if len(self._waiting) == 1:
            loop.call_soon(self._wake)
        await turn
        self._began = self._monotonic_s()

    def _wake(self) -> None:
        while self._waiting:
            turn = self._waiting.popleft()
            if not turn.done():  # cancelled, when the server stops
                turn.set_result(None)
                break
        if self._waiting:
            asyncio.get_running_loop().call_soon(self._wake)
