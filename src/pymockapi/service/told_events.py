"""Events as their readers see them: of one namespace, or of all in one order.

An event is made into JSON when somebody reads it. Of a request it tells what the journal still
has; ``null`` stands for what is no longer recorded.
"""

from __future__ import annotations

import weakref
from collections import deque
from collections.abc import Callable
from functools import partial
from typing import Any, Final, NamedTuple, Protocol

from pymockapi.model.clock import instant_text
from pymockapi.model.event import Event, EventKind, Record
from pymockapi.model.exchange import UNCOUNTED, Exchange, Phase
from pymockapi.model.request import printable
from pymockapi.service.documents import behaviour_fact
from pymockapi.service.quoting import path_in
from pymockapi.store.memory import MemoryStore
from pymockapi.store.namespace import Namespace

Document = dict[str, Any]
_PHASES: Final = {
    EventKind.REQUEST_RECEIVED: Phase.RECEIVED,
    EventKind.REQUEST_UNMATCHED: Phase.RECEIVED,
    EventKind.REQUEST_ANSWERED: Phase.ANSWERED,
    EventKind.REQUEST_ABORTED: Phase.ABORTED,
}
_LAST: Final = (EventKind.REQUEST_ANSWERED, EventKind.REQUEST_ABORTED)
REQUEST_FACTS: Final = (
    "method", "path", "stub", "step", "hit", "status", "error", "fault", "phase", "took_ms",
)  # fmt: skip


class Told(Protocol):
    """What a feed reads: the events from ``first`` to ``last`` are kept, by their ``seq``.

    ``sinks`` are called with each new event, at once. ``identity`` is that of the incarnation.
    """

    sinks: list[Callable[[Event], None]]
    identity: str
    name: str | None

    @property
    def first(self) -> int: ...
    @property
    def last(self) -> int: ...
    @property
    def ended(self) -> str | None: ...
    def kind(self, seq: int) -> EventKind: ...
    def document(self, seq: int) -> Document: ...


class NamespaceEvents:
    """Those of ``space``."""

    def __init__(self, space: Namespace) -> None:
        self._space = space
        self._events = space.events
        self.sinks = space.events.sinks
        self.identity = space.id
        self.name: str | None = space.name

    @property
    def first(self) -> int:
        return self._events.first

    @property
    def last(self) -> int:
        return self._events.last

    @property
    def ended(self) -> str | None:
        return self._events.ended

    def kind(self, seq: int) -> EventKind:
        return _kind(self._events.get(seq))

    def document(self, seq: int) -> Document:
        record, space = self._events.get(seq), self._space
        kind, (at, number, facts) = _kind(record), _parts(record)
        told = _frame(kind, seq, space.name, space.id)
        told.update(_told(kind, at, number, facts, space))
        return told


class Whose(NamedTuple):
    """A namespace that may be gone: who it was, and the namespace as long as something keeps it."""

    name: str
    id: str
    space: Callable[[], Namespace | None]


class ServerEvents:
    """Those of every namespace, numbered in one order from the moment that ``begin`` is called."""

    def __init__(self, store: MemoryStore, identity: str, size: int) -> None:
        self._store = store
        self._has_begun = False
        self._records: deque[tuple[Whose, Event]] = deque(maxlen=size)
        self.sinks: list[Callable[[Event], None]] = []
        self.identity = identity
        self.name: str | None = None
        self.last = 0

    def begin(self) -> None:
        if not self._has_begun:
            self._has_begun = True
            for space in self._store.spaces():
                self._join(space)
            self._store.when_born.append(self._join)

    def _join(self, space: Namespace) -> None:
        whose = Whose(space.name, space.id, weakref.ref(space))
        space.events.sinks.append(partial(self._hear, whose))

    def _hear(self, whose: Whose, event: Event) -> None:
        self.last += 1
        self._records.append((whose, event))
        for sink in tuple(self.sinks):
            sink(event)

    @property
    def first(self) -> int:
        return self.last - len(self._records) + 1

    @property
    def ended(self) -> str | None:
        return None

    def kind(self, seq: int) -> EventKind:
        return self._records[seq - self.first][1].kind

    def document(self, seq: int) -> Document:
        whose, event = self._records[seq - self.first]
        return {
            **_frame(event.kind, seq, whose.name, whose.id),
            **_told(event.kind, event.at, event.number, event.facts, whose.space()),
        }


def _kind(record: Record) -> EventKind:
    if isinstance(record, Event):
        return record.kind
    return EventKind.REQUEST_RECEIVED if record > 0 else EventKind.REQUEST_ANSWERED


def _frame(kind: EventKind, seq: int, name: str, identity: str) -> Document:
    return {"event": kind.value, "seq": seq, "namespace": name, "id": identity}


def _parts(record: Record) -> tuple[int | None, int | None, Any]:
    """Return when an event was, which request it concerns, and what it tells besides."""
    if isinstance(record, int):
        return None, abs(record), None
    return record.at, record.number, record.facts


def _told(
    kind: EventKind, at: int | None, number: int | None, facts: Any, space: Namespace | None
) -> Document:
    phase = _PHASES.get(kind)
    if number is None or phase is None:
        which = {} if number is None else {"number": number}
        return {"at": _instant(at), **which, **(facts or {})}
    entry = None if space is None else space.journal.get(number)
    if entry is not None and at is None:
        at = entry.at + (entry.took_ns if kind in _LAST else 0)
    told: Document
    if entry is None or space is None:
        told = {"number": number, **dict.fromkeys(REQUEST_FACTS), "phase": phase.value}
    else:
        told = {"number": number, **_request(space, entry, phase, is_last=kind in _LAST)}
    return {"at": _instant(at), **told, **(facts or {})}


def _instant(at: int | None) -> str | None:
    return None if at is None else instant_text(at)


def _request(space: Namespace, entry: Exchange, phase: Phase, *, is_last: bool) -> Document:
    return {
        "method": printable(entry.method),
        "path": printable(path_in(space, entry)),
        "stub": entry.stub,
        "step": entry.step or None,
        "hit": entry.hit or None,
        "status": entry.status,
        "error": entry.error,
        "fault": entry.fault,
        "phase": entry.phase.value if entry.phase in UNCOUNTED else phase.value,
        "took_ms": round(entry.took_ns / 1e6, 3) if is_last else None,
        **behaviour_fact(entry.behaviour),
    }
