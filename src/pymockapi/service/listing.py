"""Long lists in slices, so that no call holds the loop for as long as its list takes.

Between slices other traffic goes on; each document is made in one turn, the list is not.
"""

from __future__ import annotations

import sys
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any, Final, TypeVar

import msgspec

from pymockapi.model.slices import Work, in_slices

FEW: Final = 32  # small documents that need no slices, 2 ms
MANY: Final = 1_000  # entries of a state
PIECE: Final = 64 * 1024  # bytes
PAGE_BYTES: Final = 4 * 1024 * 1024  # of one page; joining and sending it takes 10 ms
Pause = Callable[[], Awaitable[None] | None]
_encode: Final = msgspec.json.Encoder().encode
_T = TypeVar("_T")


def encoded(document: Any) -> msgspec.Raw:
    return msgspec.Raw(_encode(document))


async def documents(items: Sequence[_T], make: Callable[[_T], Any], pause: Pause) -> list[Any]:
    """Return what ``make`` makes of each item; of a long list each is encoded already."""
    if len(items) <= FEW:
        return [make(item) for item in items]
    return await page(items, make, pause, sys.maxsize)


async def entries(mapping: Mapping[str, Any], pause: Pause) -> list[bytes]:
    """Return ``mapping`` as it is now as JSON, in pieces."""
    items = list(mapping.items())
    pieces: list[bytes] = []
    made = b"{"
    for start in range(0, len(items), FEW):
        made += b"," if start else b""
        made += _encode(dict(items[start : start + FEW]))[1:-1]
        if len(made) >= PIECE:
            pieces.append(made)
            made = b""
        if (waiting := pause()) is not None:
            await waiting
    return [*pieces, made + b"}"]


async def members(
    mapping: Mapping[str, Any], make: Callable[[Any], Work[Any]], pause: Pause
) -> Any:
    """Return what ``make`` makes of ``mapping``, some keys at a time; of many keys it is encoded."""
    items = list(mapping.items())
    if len(items) <= MANY:
        return await in_slices(make(dict(items)), pause)
    made: list[bytes] = []
    for start in range(0, len(items), FEW):
        some = await in_slices(make(dict(items[start : start + FEW])), pause)
        made.append(_encode(some)[1:-1])
        if (waiting := pause()) is not None:
            await waiting
    return msgspec.Raw(b"{%b}" % b",".join(made))


async def worked(items: Sequence[_T], make: Callable[[_T], Work[Any]], pause: Pause) -> list[Any]:
    """Return what ``make`` makes of each item, bit by bit; of a long list each is encoded already."""
    made: list[Any] = []
    for item in items:
        document = await in_slices(make(item), pause)
        made.append(document if len(items) <= FEW else encoded(document))
        if (waiting := pause()) is not None:
            await waiting
    return made


async def page(
    items: Sequence[_T], make: Callable[[_T], Any], pause: Pause, most: int = PAGE_BYTES
) -> list[Any]:
    """Return the encoded documents of the first ``items``: at least one, and ``most`` bytes or less."""
    made: list[Any] = []
    for item in items:
        document = encoded(make(item))
        most -= len(bytes(document))
        if most < 0 and made:
            break
        made.append(document)
        if (waiting := pause()) is not None:
            await waiting
    return made
