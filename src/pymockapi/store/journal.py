"""The journal of one namespace: entries in order, found by number, stub, method or path.

Appending costs well under a microsecond, whatever the journal holds. Its bounds evict the oldest
entry; each index drops evicted numbers when half of a list is stale.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterator
from typing import cast

from pymockapi.model.exchange import UNCOUNTED, Exchange, Phase
from pymockapi.model.response import Response


class NumberIndex:
    """Ascending entry numbers by a text key; a key met once costs one dict slot."""

    __slots__ = ("lists",)

    def __init__(self) -> None:
        self.lists: dict[str, int | list[int]] = {}

    def add(self, key: str, number: int) -> None:
        known = self.lists.get(key)
        if type(known) is list:  # the numbers are the entries' own: 8 bytes each, as in an array
            known.append(number)
        elif known is None:
            self.lists[key] = number
        else:
            self.lists[key] = [cast(int, known), number]

    def numbers(self, key: str, first: int) -> list[int]:
        """Return the numbers of ``key`` that are at least ``first``."""
        known = self.lists.get(key)
        if known is None:
            return []
        if isinstance(known, int):
            return [known] if known >= first else []
        start = bisect_left(known, first)
        return known[start:] if start else known

    def drop_below(self, key: str, first: int) -> None:
        """Forget the numbers of ``key`` below ``first``; amortised, so cheap for one eviction."""
        known = self.lists.get(key)
        if known is None:
            return
        if isinstance(known, int):
            if known < first:
                del self.lists[key]
        elif known[-1] < first:
            del self.lists[key]
        elif (stale := bisect_left(known, first)) * 2 > len(known):
            del known[:stale]


class Journal:
    """Entries of one namespace between ``first`` and ``last``; deleted ones leave a gap."""

    __slots__ = ("_entries", "_offset", "by_method", "by_path", "by_stub", "bytes",
                 "evicted", "first", "kept", "last", "uncounted")  # fmt: skip

    def __init__(self, last: int = 0) -> None:
        self._entries: list[Exchange | None] = []
        self._offset = 0
        self.first = last + 1
        self.last = last
        self.bytes = 0
        self.kept = 0
        self.evicted = 0
        self.uncounted: set[int] = set()
        self.by_stub = NumberIndex()
        self.by_method = NumberIndex()
        self.by_path = NumberIndex()

    def __len__(self) -> int:
        return self.kept

    def append(self, entry: Exchange) -> None:
        """Add the next entry; its number must be ``last + 1``."""
        number = entry.number
        self.last = number
        self.kept += 1
        self.bytes += 500 + len(entry.head) + len(entry.body) + len(entry.trailers)
        self._entries.append(entry)
        for index, key in (
            (self.by_stub, entry.stub or ""),
            (self.by_method, entry.method),
            (self.by_path, entry.path),
        ):
            known = index.lists.get(key)
            if type(known) is list:  # as ``add``, without the calls: 0.2 us
                known.append(number)
            else:
                index.add(key, number)
        if entry.phase is not Phase.RECEIVED and entry.phase in UNCOUNTED:
            self.uncounted.add(number)

    def answer(self, entry: Exchange, response: Response) -> None:
        """Keep the ``response`` that the mock itself gave to an entry that is recorded already."""
        before = entry.size
        entry.response = response
        if self.get(entry.number) is entry:
            self.bytes += entry.size - before

    def evict(self, max_entries: int, max_bytes: int) -> None:
        """Drop the oldest entries until both bounds hold; the newest one always stays."""
        while (self.kept > max_entries or self.bytes > max_bytes) and self.kept > 1:
            entry = self._entries[self._offset]
            self._entries[self._offset] = None
            self._offset += 1
            self.first += 1
            if entry is not None:
                self.kept -= 1
                self.bytes -= entry.size
                self.evicted += 1
                self.uncounted.discard(entry.number)
                self.by_stub.drop_below(entry.stub or "", self.first)
                self.by_method.drop_below(entry.method, self.first)
                self.by_path.drop_below(entry.path, self.first)
        if self._offset > 1024 and self._offset * 2 > len(self._entries):
            del self._entries[: self._offset]
            self._offset = 0

    def release(self, count: int) -> bool:
        """Free up to ``count`` entries of a journal that nobody reads any more; true at its end."""
        del self._entries[-count:]
        self.last = self.first + len(self._entries) - self._offset - 1  # a scan may still read
        return not self._entries

    def get(self, number: int) -> Exchange | None:
        """Return the entry with ``number``; ``None`` if it never was, was deleted or evicted."""
        if number < self.first or number > self.last:
            return None
        return self._entries[self._offset + number - self.first]

    def delete(self, number: int) -> bool:
        entry = self.get(number)
        if entry is None:
            return False
        self._entries[self._offset + number - self.first] = None
        self.kept -= 1
        self.bytes -= entry.size
        self.uncounted.discard(number)
        return True

    def numbers(
        self,
        *,
        stub: str | None = None,
        method: str | None = None,
        path: str | None = None,
        after: int = 0,
    ) -> list[int] | range:
        """Return ascending numbers above ``after`` that may fit: the shortest index of those asked.

        Entries deleted since are still among them.
        """
        first = max(self.first, after + 1)
        found = [
            index.numbers(key, self.first)
            for index, key in ((self.by_stub, stub), (self.by_path, path), (self.by_method, method))
            if key is not None
        ]
        if not found:
            return range(first, self.last + 1)
        shortest = min(found, key=len)
        return shortest[bisect_right(shortest, after) :] if after >= self.first else shortest

    def __iter__(self) -> Iterator[Exchange]:
        """Go through the entries, oldest first."""
        return (entry for entry in self._entries[self._offset :] if entry is not None)
