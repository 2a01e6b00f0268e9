"""Work that may be long, as generators that yield often: done at once, or in slices.

How long a slice lasts is decided by whoever gives ``pause``.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Generator
from typing import TypeVar

T = TypeVar("T")
Work = Generator[None, None, T]


def at_once(work: Work[T]) -> T:
    """Return what ``work`` returns; nothing else goes on meanwhile."""
    while True:
        try:
            next(work)
        except StopIteration as done:
            result: T = done.value
            return result


async def in_slices(work: Work[T], pause: Callable[[], Awaitable[None] | None]) -> T:
    """Return what ``work`` returns; other traffic goes on meanwhile."""
    while True:
        try:
            next(work)
        except StopIteration as done:
            result: T = done.value
            return result
        if (waiting := pause()) is not None:
            await waiting
