"""What the readers of the same events share: they are woken together, and each text is made once.

A reader has no queue of its own, only its place; so one that does not read costs nothing.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final, Protocol

import msgspec

from pymockapi.model.event import Event, EventKind
from pymockapi.service.told_events import Told

MAX_TEXTS: Final = 1_000  # of the newest events, kept while several read
Soon = Callable[[Callable[[], None]], object]
"""Calls back in a later turn, as ``loop.call_soon``."""
_encode: Final = msgspec.json.Encoder().encode


class Reader(Protocol):
    def rouse(self) -> None:
        """Be told that there may be something to take."""
        ...


class Feed:
    """One for each namespace that is read, and one for the server."""

    def __init__(self, told: Told, soon: Soon) -> None:
        self.told = told
        self.readers: dict[Reader, None] = {}
        self._soon = soon
        self._texts: dict[int, str] = {}
        self._is_called = False

    def enter(self, reader: Reader) -> None:
        if not self.readers:
            self.told.sinks.append(self._hear)
        self.readers[reader] = None

    def leave(self, reader: Reader) -> None:
        if self.readers.pop(reader, reader) is None and not self.readers:
            self.told.sinks.remove(self._hear)
            self._texts.clear()

    def _hear(self, _: Event) -> None:
        self.call()

    def call(self) -> None:
        """Rouse every reader in the next turn: whatever was published is whole then."""
        if not self._is_called:
            self._is_called = True
            self._soon(self._rouse)

    def _rouse(self) -> None:
        self._is_called = False
        for reader in tuple(self.readers):
            reader.rouse()

    def kind(self, seq: int) -> EventKind:
        return self.told.kind(seq)

    def texts(self, first: int, count: int) -> list[str]:
        """Return those of ``count`` events from ``first`` on; of those made already in 0.1 us each."""
        made = self._texts
        return [made.get(seq) or self.text(seq) for seq in range(first, first + count)]

    def text(self, seq: int) -> str:
        text = self._texts.get(seq)
        if text is None:
            text = text_of(self.told.document(seq))
            if len(self.readers) > 1:
                if len(self._texts) >= MAX_TEXTS:
                    del self._texts[next(iter(self._texts))]
                self._texts[seq] = text
        return text


def text_of(document: object) -> str:
    return _encode(document).decode()
