"""What a namespace's followers are told, in order."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Mapping, Sequence
from enum import StrEnum
from typing import Final, Protocol

import msgspec

MAX_NAMES: Final = 8  # that one event lists; it says how many there are
MAX_NAME: Final = 128  # characters of one that is listed


class EventKind(StrEnum):
    """The names that followers see; each concerns one namespace."""

    REQUEST_RECEIVED = "request.received"
    REQUEST_UNMATCHED = "request.unmatched"
    REQUEST_ANSWERED = "request.answered"
    REQUEST_ABORTED = "request.aborted"
    STUBS_CHANGED = "stubs.changed"
    STATE_CHANGED = "state.changed"
    SEQUENCE_EXHAUSTED = "sequence.exhausted"
    GATE_WAITING = "gate.waiting"
    CALLBACK_SENT = "callback.sent"
    CALLBACK_FAILED = "callback.failed"
    CALLBACK_CANCELLED = "callback.cancelled"
    VERIFICATION_PASSED = "verification.passed"
    VERIFICATION_FAILED = "verification.failed"
    NAMESPACE_CREATED = "namespace.created"
    NAMESPACE_RESET = "namespace.reset"
    NAMESPACE_FINISHED = "namespace.finished"
    NAMESPACE_EXPIRED = "namespace.expired"
    NAMESPACE_DELETED = "namespace.deleted"


Facts = Mapping[str, object]
"""What an event tells besides, as it will be shown: texts, numbers and short lists of names."""


class Event(msgspec.Struct, frozen=True, gc=False):
    """``seq`` is contiguous within the namespace; ``at`` is real time in nanoseconds since 1970."""

    seq: int
    kind: EventKind
    namespace: str
    at: int
    number: int | None = None
    facts: Facts | None = None


Record = int | Event
"""What a log keeps of an event: ``n`` for the arrival of request ``n``, ``-n`` for its answer."""


class Numbering(Protocol):
    """The log of a namespace, as far as what happens to a recorded request needs it."""

    seq: int
    written: deque[Record]
    sinks: list[Callable[[Event], None]]

    def tell(self, kind: EventKind, number: int, at: int) -> int:
        """Number an arrival or an answer, keep it and tell it to whoever follows."""
        ...

    def publish(
        self, kind: EventKind, number: int | None = None, facts: Facts | None = None
    ) -> int:
        """Number any other event, keep it and tell it to whoever follows; returns its ``seq``."""
        ...


def named(key: str, names: Sequence[str]) -> dict[str, object]:
    """Return facts that list some of ``names`` under ``key``, and count them all."""
    shown = [
        name if len(name) <= MAX_NAME else name[: MAX_NAME - 1] + "…" for name in names[:MAX_NAMES]
    ]
    return {key: shown, "count": len(names)}


CANCELLING = frozenset(
    {
        EventKind.NAMESPACE_RESET,
        EventKind.NAMESPACE_FINISHED,
        EventKind.NAMESPACE_EXPIRED,
        EventKind.NAMESPACE_DELETED,
    }
)
"""Events after which no held or delayed answer of the namespace may leave."""
