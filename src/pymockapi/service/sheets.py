"""Long documents in pieces, put together while they are made, so that no turn has to join all of one."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Final

from pymockapi.service.listing import Pause

PIECE: Final = 64 * 1024  # bytes
_BREAKS: Final = tuple((each.encode(), b"\\u%04x" % ord(each)) for each in "\x85\u2028\u2029")
"""What JSON need not escape, and some readers of lines take for the end of one."""


class Sheet:
    """The encoded items of one document, in groups of some size."""

    def __init__(self) -> None:
        self._groups: list[list[bytes]] = [[]]
        self._size = 0

    def add(self, item: bytes) -> None:
        if self._size >= PIECE:
            self._groups.append([])
            self._size = 0
        self._groups[-1].append(item)
        self._size += len(item)

    async def items(self, pause: Pause) -> list[bytes]:
        """Return the items with commas between."""
        return await self._joined(lambda group, place: b"," * (place > 0) + b",".join(group), pause)

    async def lines(self, prefix: bytes, pause: Pause) -> list[bytes]:
        """Return the items, which are objects, a line each, with ``prefix`` for their brackets."""

        def join(group: Sequence[bytes], _: int) -> bytes:
            joined = b"".join([b"%b%b\n" % (prefix, item[1:]) for item in group])
            for raw, escaped in _BREAKS:
                joined = joined.replace(raw, escaped)
            return joined

        return await self._joined(join, pause)

    async def _joined(
        self, join: Callable[[Sequence[bytes], int], bytes], pause: Pause
    ) -> list[bytes]:
        pieces = []
        for place, group in enumerate(self._groups):
            pieces.append(join(group, place))
            group.clear()
            if (waiting := pause()) is not None:
                await waiting
        return pieces


async def in_pieces(parts: Iterable[str], pause: Pause) -> list[bytes]:
    """Return a text that is made part by part, in UTF-8."""
    pieces: list[bytes] = []
    open_ones: list[str] = []
    size = 0
    for part in parts:
        open_ones.append(part)
        size += len(part)
        if size >= PIECE:
            pieces.append("".join(open_ones).encode("utf-8", "replace"))
            open_ones.clear()
            size = 0
        if (waiting := pause()) is not None:
            await waiting
    return [*pieces, "".join(open_ones).encode("utf-8", "replace")]
