"""What is remembered of entries that limits have dropped from one journal, so that counts stay honest.

By stub their number stays exact. Entries that were deleted on purpose are no losses.
"""

from __future__ import annotations

from bisect import bisect_right, insort
from collections import Counter
from collections.abc import Sequence
from collections.abc import Set as AbstractSet
from typing import Final

from pymockapi.engine.verifying.dropped import NOTHING_LOST, Lost
from pymockapi.model.exchange import Exchange

MAX_LEFT_OUT: Final = 10_000  # of older ones it is no longer known that they were no losses


class Losses:
    """``base`` is the last number before the journal's first entry."""

    __slots__ = ("_base", "_by_stub", "_left_out", "_uncounted")

    def __init__(self, base: int) -> None:
        self._base = base
        self._by_stub: Counter[str] = Counter()
        self._uncounted = 0
        self._left_out: list[int] = []

    def add(self, gone: Sequence[Exchange], uncounted: AbstractSet[int]) -> None:
        """Note dropped entries; ``uncounted`` holds the numbers of those that no count has."""
        if uncounted:
            counted = [entry for entry in gone if entry.number not in uncounted]
            self._uncounted += len(gone) - len(counted)
            gone = counted
        self._by_stub.update([entry.stub or "" for entry in gone])

    def leave_out(self, number: int) -> None:
        """Note an entry that was deleted on purpose."""
        insort(self._left_out, number)
        if len(self._left_out) > MAX_LEFT_OUT:
            del self._left_out[: MAX_LEFT_OUT // 10]

    def since(self, after: int, first: int, evicted: int) -> Lost:
        """Return what was dropped between ``after`` and ``first``, of ``evicted`` in all."""
        if not evicted or first <= after + 1:
            return NOTHING_LOST
        number = evicted
        if after > self._base:
            deleted = bisect_right(self._left_out, first - 1) - bisect_right(self._left_out, after)
            number = min(number, first - 1 - after - deleted)
        return Lost(number, evicted, self._uncounted, self._by_stub)
