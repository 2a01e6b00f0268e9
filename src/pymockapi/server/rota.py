"""Who is next where each may do a little: one in each iteration of the event loop, or a few.

What many could do at once would be one long iteration for everybody else. So those that have
more to do than others stand in one line, and go to its end when they have had their turn.
"""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable
from typing import Protocol


class Loop(Protocol):
    """What is asked of the event loop."""

    def call_soon(self, callback: Callable[[], object]) -> object: ...


class Rota:
    """``add`` what is to be called, once, in one of the next iterations.

    Where ``seconds`` are given, others follow in the same iteration until so long has passed:
    for turns that are mostly short, of which one for each iteration would be few.
    """

    __slots__ = ("_is_set", "_line", "_loop", "_monotonic_s", "_seconds")

    def __init__(
        self,
        loop: Callable[[], Loop],
        seconds: float = 0.0,
        monotonic_s: Callable[[], float] = time.monotonic,
    ) -> None:
        self._loop = loop
        self._seconds = seconds
        self._monotonic_s = monotonic_s
        self._line: deque[Callable[[], object]] = deque()
        self._is_set = False

    def add(self, call: Callable[[], object]) -> None:
        self._line.append(call)
        if not self._is_set:
            self._is_set = True
            self._loop().call_soon(self._turn)

    def _turn(self) -> None:
        """Call those that stand in line now; what they add is for another iteration."""
        left = len(self._line)
        until = self._monotonic_s() + self._seconds
        try:
            while left:
                left -= 1
                self._line.popleft()()
                if self._monotonic_s() >= until:
                    break
        finally:
            if self._line:
                self._loop().call_soon(self._turn)
            else:
                self._is_set = False
