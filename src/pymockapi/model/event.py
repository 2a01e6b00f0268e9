"""What a namespace's followers are told, in order."""

from __future__ import annotations

from enum import StrEnum

import msgspec


class EventKind(StrEnum):
    """The names that followers see; each concerns one namespace."""

    REQUEST_RECEIVED = "request.received"
    REQUEST_UNMATCHED = "request.unmatched"
    REQUEST_ANSWERED = "request.answered"
    REQUEST_ABORTED = "request.aborted"
    STUBS_CHANGED = "stubs.changed"
    STATE_CHANGED = "state.changed"
    SEQUENCE_EXHAUSTED = "sequence.exhausted"
    NAMESPACE_CREATED = "namespace.created"
    NAMESPACE_RESET = "namespace.reset"
    NAMESPACE_FINISHED = "namespace.finished"
    NAMESPACE_EXPIRED = "namespace.expired"
    NAMESPACE_DELETED = "namespace.deleted"


class Event(msgspec.Struct, frozen=True, gc=False):
    """``seq`` is contiguous within the namespace; ``at`` is real time in nanoseconds since 1970."""

    seq: int
    kind: EventKind
    namespace: str
    at: int
    number: int | None = None


CANCELLING = frozenset(
    {
        EventKind.NAMESPACE_RESET,
        EventKind.NAMESPACE_FINISHED,
        EventKind.NAMESPACE_EXPIRED,
        EventKind.NAMESPACE_DELETED,
    }
)
"""Events after which no held or delayed answer of the namespace may leave."""
