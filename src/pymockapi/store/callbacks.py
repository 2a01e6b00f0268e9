"""The callbacks of one namespace: those under way, and those that have ended, as far as they are kept."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from pymockapi.model.callback import CallbackRecord, Ending
from pymockapi.model.settings import NamespaceLimits

MAX_BYTES: Final = 16 * 1024 * 1024  # of what the callbacks of one namespace hold of their own


class Callbacks:
    """``pending`` and ``ended`` by id, the longest ended first; ``last`` is the last id.

    ``evicted`` counts ended ones that are no longer kept.
    """

    __slots__ = ("_lost_to", "bytes", "ended", "evicted", "last", "pending")

    def __init__(self) -> None:
        self.pending: dict[int, CallbackRecord] = {}
        self.ended: dict[int, CallbackRecord] = {}
        self.last = 0
        self.bytes = 0
        self.evicted = 0
        self._lost_to = 0

    def __iter__(self) -> Iterator[CallbackRecord]:
        """Yield those that are kept, in the order of their ids."""
        found = [*self.pending.values(), *self.ended.values()]
        return iter(sorted(found, key=lambda record: record.id))

    def __len__(self) -> int:
        return len(self.pending) + len(self.ended)

    def limit_met(self, record: CallbackRecord, limits: NamespaceLimits) -> str | None:
        """Return why there is no room for ``record`` among those under way."""
        few, kept = limits.callbacks_pending, limits.callbacks
        name, most = ("callbacks_pending", few) if few <= kept else ("callbacks", kept)
        if len(self.pending) >= most:
            return f"{most:,} callbacks of this namespace are under way, its limit '{name}'"
        if self.bytes + record.size <= MAX_BYTES:
            return None
        if sum(each.size for each in self.pending.values()) + record.size > MAX_BYTES:
            return f"the callbacks under way hold {MAX_BYTES:,} bytes, the limit"
        return None

    def add(self, record: CallbackRecord, limits: NamespaceLimits) -> None:
        """Keep the next one; its ``id`` must be ``last + 1``."""
        self.last = record.id
        self.bytes += record.size
        self.pending[record.id] = record
        self._evict(limits)

    def settle(self, record: CallbackRecord, limits: NamespaceLimits) -> None:
        """Take one, whose ``outcome`` is known now, from those under way."""
        del self.pending[record.id]
        self.bytes += len(record.answer)
        self.ended[record.id] = record
        self._evict(limits)

    def _evict(self, limits: NamespaceLimits) -> None:
        while self.ended and (len(self) > limits.callbacks or self.bytes > MAX_BYTES):
            oldest = self.ended.pop(next(iter(self.ended)))
            self.bytes -= oldest.size
            self.evicted += 1
            self._lost_to = max(self._lost_to, oldest.id)

    def lost(self, after: int) -> int:
        """Return how many with a higher id than ``after`` may be kept no more; 0 is certain."""
        return self.evicted if self._lost_to > after else 0

    def failed(self, after: int, most: int) -> list[CallbackRecord]:
        """Return the first that failed of requests after number ``after``."""
        found = (
            each for each in self.ended.values()
            if each.outcome is Ending.FAILED and each.number > after
        )  # fmt: skip
        return sorted(found, key=lambda record: record.id)[:most]

    def clear(self) -> None:
        """Forget what has ended; ids go on."""
        self.ended.clear()
        self.bytes = sum(each.size for each in self.pending.values())
        self.evicted = 0
