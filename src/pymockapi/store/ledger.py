"""What all journals of one server hold together, and whose entries go when that is too much.

The oldest entry of the journal that holds most goes, again and again: it is the furthest above a
fair share, and one below its share (the limit divided by the number of journals) never loses an
entry to another. Costs a subtraction for each request, and a heap's look-up for each eviction.
"""

from __future__ import annotations

from heapq import heapify, heappop, heappush, heapreplace
from typing import Final, Protocol

NO_LIMIT: Final = 2**62
_SPARE: Final = 1000
"""One part of so many is freed beyond need, so that the next requests need not free any."""


class Holder(Protocol):
    """A journal. ``ranked`` is the size by which it was ranked last, -1: it has grown since."""

    bytes: int
    ranked: int

    def evict(self, max_entries: int, max_bytes: int, keep: int = 1) -> None:
        """Drop the oldest entries until at most so much is held, and ``keep`` of them."""
        ...


class Ledger:
    """``room`` is how many bytes more may be held; below 0 ``make_room`` must be called.

    ``evicted`` counts the entries that limits have dropped, of all journals that ever were.
    """

    __slots__ = ("_heap", "_holders", "_risen", "_serial", "evicted", "limit", "room")

    def __init__(self, limit: int = NO_LIMIT) -> None:
        self.limit = limit
        self.room = limit
        self.evicted = 0
        self._serial = 0
        self._holders: dict[Holder, int] = {}
        self._risen: dict[Holder, None] = {}
        self._heap: list[tuple[int, int, Holder]] = []  # the largest first, some of them stale

    @property
    def held(self) -> int:
        """Bytes of all journals together."""
        return self.limit - self.room

    def enter(self, holder: Holder) -> None:
        """Count what ``holder`` will hold; it holds nothing yet."""
        self._serial += 1
        self._holders[holder] = self._serial
        self._risen[holder] = None

    def leave(self, holder: Holder) -> None:
        """Count ``holder`` no more: nobody reads it any longer, and it is freed in slices."""
        del self._holders[holder]
        self._risen.pop(holder, None)
        self.room += holder.bytes

    def rise(self, holder: Holder) -> None:
        """Note that a ranked ``holder`` has grown."""
        holder.ranked = -1
        self._risen[holder] = None

    @property
    def share(self) -> int:
        """What each journal may hold, whatever the others do; less what is freed beyond need."""
        return (self.limit - self.limit // _SPARE) // max(1, len(self._holders))

    def make_room(self, newest: Holder) -> None:
        """Evict until there is room again; the last entry of ``newest`` is being served and stays.

        If that alone is too much, the others keep their shares, and it goes the next time.
        """
        self._rank_risen()
        goal, share = self.limit // _SPARE, self.share
        while self.room < goal and (largest := self._largest()) is not None:
            before = largest.bytes
            if before <= share:
                break
            heappop(self._heap)
            second = self._largest()
            floor = max(share, second.bytes if second is not None else 0, before - goal + self.room)
            largest.evict(NO_LIMIT, min(floor, before - 1), 1 if largest is newest else 0)
            if largest.bytes < before:
                self._rank(largest)
            else:
                self._risen[largest] = None  # set aside: the entry that stays is all it has
                largest.ranked = -1

    def _rank(self, holder: Holder) -> None:
        holder.ranked = holder.bytes
        heappush(self._heap, (-holder.bytes, self._holders[holder], holder))

    def _rank_risen(self) -> None:
        for holder in self._risen:
            self._rank(holder)
        self._risen.clear()
        if len(self._heap) > 2 * len(self._holders) + 64:
            self._heap = [(-each.ranked, serial, each) for each, serial in self._holders.items()]
            heapify(self._heap)

    def _largest(self) -> Holder | None:
        """Return the one that holds most, of equals the eldest; it is first in the heap then."""
        heap = self._heap
        while heap:
            size, serial, holder = heap[0]
            if holder.ranked != -size or holder not in self._holders:
                heappop(heap)
            elif holder.bytes != -size:
                holder.ranked = holder.bytes
                heapreplace(heap, (-holder.bytes, serial, holder))
            else:
                return holder
        return None


NOWHERE: Final = Ledger()
"""What journals belong to that are counted no more."""
