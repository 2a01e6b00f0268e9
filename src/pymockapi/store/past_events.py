"""The events of finished namespaces, all together: the oldest go when there are too many.

What was kept of each while it lived is bounded by its own limit; of a thousand that are finished
that would be gigabytes at worst. A reader that comes for what is gone is told ``lagged``.
"""

from __future__ import annotations

from pymockapi.store.events import EventLog


class PastEvents:
    """At most ``limit`` events, once ``trim`` was called until there is no ``excess``."""

    __slots__ = ("_limit", "_logs", "count")

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._logs: dict[EventLog, None] = {}  # in the order of their ends
        self.count = 0

    def enter(self, log: EventLog) -> None:
        """Count a log that has ended."""
        self._logs[log] = None
        self.count += len(log.records)

    def leave(self, log: EventLog) -> None:
        """Count ``log`` no more: its namespace is forgotten."""
        if log in self._logs:
            del self._logs[log]
            self.count -= len(log.records)

    @property
    def excess(self) -> int:
        """How many are too many."""
        return max(0, self.count - self._limit)

    def trim(self, most: int) -> None:
        """Drop the oldest of what is too many, ``most`` or fewer."""
        while most and self.excess:
            log = next(iter(self._logs))
            dropped = log.drop_oldest(min(most, self.excess))
            self.count -= dropped
            most -= dropped
            if not log.records:
                del self._logs[log]
