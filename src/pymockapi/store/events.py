"""The events of one namespace, numbered and kept: the newest of them, each in a few bytes.

Most events are the arrival of a request and its answer, and nobody listens. They cost one number
in a list: all else about them is in the journal, for whoever asks.
"""

from __future__ import annotations

from bisect import bisect_right
from collections import deque
from collections.abc import Callable
from typing import Final

from pymockapi.model.event import Event, EventKind, Facts, Record

MARKED: Final = 64
"""Events, at least, between two arrivals that are marked: what is looked at to find one."""


class EventLog:
    """``seq`` is the last number given, ``identity`` whose events these are.

    ``written`` is where the request path appends; ``records`` is what readers see. They are one
    until the namespace ends: what happens to its requests after that is no event any more.
    ``ended`` tells why no more will come. An arrival whose ``seq`` is ``next_mark`` or more is to
    be marked.
    """

    __slots__ = (
        "_last", "_marks", "_real_ns", "ended", "identity", "next_mark", "records", "seq", "sinks",
        "written",
    )  # fmt: skip

    def __init__(self, identity: str, real_ns: Callable[[], int], size: int) -> None:
        self.identity = identity
        self.seq = 0
        self.records: deque[Record] = deque(maxlen=size)
        self.written = self.records
        self.sinks: list[Callable[[Event], None]] = []
        self.ended: str | None = None
        self._last = 0
        self._marks: deque[tuple[int, int]] = deque()  # the number of an arrival, its seq
        self.next_mark = 0
        self._real_ns = real_ns

    @property
    def last(self) -> int:
        """The number of the newest event that is kept."""
        return self.seq if self.ended is None else self._last

    @property
    def first(self) -> int:
        """The number of the oldest event that is kept; ``last + 1`` if none is."""
        return self.last - len(self.records) + 1

    def get(self, seq: int) -> Record:
        """Return the event with ``seq``, which must be kept."""
        return self.records[seq - self.last - 1]

    def find_arrival(self, number: int) -> int | None:
        """Return the ``seq`` of the event that request ``number`` came by, if it is kept.

        Looks at ``MARKED`` events at most: arrivals come in the order of their numbers.
        """
        place = bisect_right(self._marks, number, key=_number)
        if not place:
            return None
        marked = self._marks[place - 1][1]
        for seq in range(max(marked, self.first), min(marked + MARKED, self.last + 1)):
            record = self.get(seq)
            if record == number or (type(record) is Event and _is_arrival(record, number)):
                return seq
        return None

    def mark(self, number: int) -> None:
        """Remember where request ``number`` came; forget what is about events that are gone."""
        self.next_mark = self.seq + MARKED
        self._marks.append((number, self.seq))
        while self._marks[0][1] + MARKED < self.first:
            self._marks.popleft()

    def drop_oldest(self, most: int) -> int:
        """Keep up to ``most`` events fewer; return how many."""
        dropped = min(most, len(self.records))
        for _ in range(dropped):
            self.records.popleft()
        return dropped

    def tell(self, kind: EventKind, number: int, at: int) -> int:
        self.seq += 1
        is_arrival = kind is EventKind.REQUEST_RECEIVED
        self.written.append(number if is_arrival else -number)
        if is_arrival and self.seq >= self.next_mark:
            self.mark(number)
        if self.ended is None:
            self._told(Event(self.seq, kind, self.identity, at, number))
        return self.seq

    def publish(
        self, kind: EventKind, number: int | None = None, facts: Facts | None = None
    ) -> int:
        if self.ended is None:
            self.seq += 1
            event = Event(self.seq, kind, self.identity, self._real_ns(), number, facts)
            self.written.append(event)
            if number and kind is EventKind.REQUEST_UNMATCHED and self.seq >= self.next_mark:
                self.mark(number)
            self._told(event)
        return self.seq

    def _told(self, event: Event) -> None:
        for sink in tuple(self.sinks):
            sink(event)

    def resize(self, size: int) -> None:
        """Keep so many events from now on."""
        if size != self.records.maxlen:
            self.records = self.written = deque(self.records, maxlen=size)

    def end(self, kind: EventKind, reason: str, facts: Facts) -> None:
        """Publish the last event there is."""
        self.seq += 1
        event = Event(self.seq, kind, self.identity, self._real_ns(), None, facts)
        self.written.append(event)
        self._last = self.seq
        self.written = deque(maxlen=0)
        self.ended = reason
        self._told(event)


def _number(mark: tuple[int, int]) -> int:
    return mark[0]


def _is_arrival(event: Event, number: int) -> bool:
    return event.number == number and event.kind is EventKind.REQUEST_UNMATCHED
