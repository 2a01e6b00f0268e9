"""The JSON body of a control call, read and let go in slices when it is large."""

from __future__ import annotations

import asyncio
from typing import Any, Final

from pymockapi.engine.features import wanted_by
from pymockapi.model.json_pieces import JsonPieces
from pymockapi.model.json_reading import decode_json
from pymockapi.service.listing import Pause

LARGE: Final = 64 * 1024  # bytes; a smaller body is read in 2 ms at most
SCANNED: Final = 512 * 1024  # bytes, at once
FREED_AT_ONCE: Final = 2_000  # entries


class BodyReading:
    """One reading of ``body``; other traffic goes on meanwhile."""

    __slots__ = ("_body", "_large", "_pause", "size")

    def __init__(self, body: bytes, pause: Pause) -> None:
        self._body = body
        self._pause = pause
        self._large: list[Any] = []
        self.size = len(body)

    async def read(self) -> Any:
        """Return the value. Raises what ``decode_json`` does.

        Libraries that its definitions need are loaded first, in a thread.
        """
        for begin in range(0, self.size, SCANNED):
            for load in wanted_by(self._body, begin, begin + SCANNED):
                await asyncio.to_thread(load)
            if self.size > SCANNED:
                await self._paused()
        if self.size <= LARGE:
            return decode_json(self._body)
        pieces = JsonPieces(self._body)
        self._large = pieces.large
        reading = pieces.read()
        while True:
            try:
                next(reading)
            except StopIteration as done:
                return done.value
            await self._paused()

    async def free(self) -> None:
        """Let go of a value that nobody wants: a million entries at once would stall the loop."""
        while self._large:
            container = self._large.pop()
            while container:
                if isinstance(container, list):
                    del container[-FREED_AT_ONCE:]
                else:
                    for _ in range(min(FREED_AT_ONCE, len(container))):
                        container.popitem()
                await self._paused()

    async def _paused(self) -> None:
        if (waiting := self._pause()) is not None:
            await waiting
