"""Long lists in slices, so that no call holds the loop for as long as its list takes.

Between slices other traffic goes on; each document is made in one turn, the list is not.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from typing import Any, Final, TypeVar

import msgspec

SLICE: Final = 32  # documents between two looks at the clock; of recorded requests 2 ms
Pause = Callable[[], Awaitable[None] | None]
_encode: Final = msgspec.json.Encoder().encode
_T = TypeVar("_T")


async def documents(items: Sequence[_T], make: Callable[[_T], Any], pause: Pause) -> list[Any]:
    """Return what ``make`` makes of each item; of a long list each is encoded already."""
    if len(items) <= SLICE:
        return [make(item) for item in items]
    made: list[Any] = []
    for start in range(0, len(items), SLICE):
        made += [msgspec.Raw(_encode(make(item))) for item in items[start : start + SLICE]]
        if (waiting := pause()) is not None:
            await waiting
    return made
