"""The journal of one namespace: entries in order, found by number, stub, method or path.

Appending costs a fraction of a microsecond, whatever the journal holds: entries are indexed in
groups, the last at the latest when somebody asks. The bounds evict the oldest entries; each index
drops evicted numbers when half of a list is stale.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterator
from typing import Final, cast

from pymockapi.model.exchange import UNCOUNTED, Exchange, Phase
from pymockapi.model.response import Response

GROUP: Final = 64
"""Entries that are indexed together: a query has at most so many left to do, in 20 us."""


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

    __slots__ = ("_by_method", "_by_path", "_by_stub", "_entries", "_indexed", "_offset",
                 "_uncounted", "bytes", "evicted", "first", "kept", "last")  # fmt: skip

    def __init__(self, last: int = 0) -> None:
        self._entries: list[Exchange | None] = []
        self._offset = 0
        self.first = last + 1
        self.last = last
        self.bytes = 0
        self.kept = 0
        self.evicted = 0
        self._uncounted: set[int] = set()
        self._indexed = last
        self._by_stub = NumberIndex()
        self._by_method = NumberIndex()
        self._by_path = NumberIndex()

    def __len__(self) -> int:
        return self.kept

    def append(self, entry: Exchange) -> None:
        """Add the next entry; its number must be ``last + 1``."""
        self.last = entry.number
        self.kept += 1
        self.bytes += 500 + len(entry.head) + len(entry.body) + len(entry.trailers)
        self._entries.append(entry)
        if entry.number - self._indexed >= GROUP:
            self._index()

    def _index(self) -> None:
        """Index what was appended since; one entry in a group costs half of one alone."""
        stubs, methods, paths = self._by_stub.lists, self._by_method.lists, self._by_path.lists
        for entry in self._entries[self._indexed + 1 - self.first + self._offset :]:
            if entry is None:
                continue
            number = entry.number
            for index, lists, key in (
                (self._by_stub, stubs, entry.stub or ""),
                (self._by_method, methods, entry.method),
                (self._by_path, paths, entry.path),
            ):
                known = lists.get(key)
                if type(known) is list:  # as ``add``, without the call: 0.1 us
                    known.append(number)
                else:
                    index.add(key, number)
            if entry.phase is not Phase.ANSWERED and entry.phase in UNCOUNTED:
                self._uncounted.add(number)
        self._indexed = self.last

    def has_answered(self, stub: str) -> bool:
        """Return whether a recorded request was answered by ``stub``."""
        self._index()
        return stub in self._by_stub.lists

    @property
    def uncounted(self) -> set[int]:
        """The numbers of entries that were refused or incomplete."""
        self._index()
        return self._uncounted

    def answer(self, entry: Exchange, response: Response) -> None:
        """Keep the ``response`` that the mock itself gave to an entry that is recorded already."""
        before = entry.size
        entry.response = response
        if self.get(entry.number) is entry:
            self.bytes += entry.size - before

    def evict(self, max_entries: int, max_bytes: int) -> None:
        """Drop the oldest entries until both bounds hold; the newest one always stays.

        A full journal of thousands drops a few more, up to a thousandth, so that the next ones
        need not.
        """
        self._index()
        spare = max_entries - max_entries // 1000
        entries, at, gone = self._entries, self._offset, []
        while (self.kept > spare or self.bytes > max_bytes) and self.kept > 1:
            entry, entries[at] = entries[at], None
            at += 1
            if entry is not None:
                gone.append(entry)
                self.kept -= 1
                self.bytes -= entry.size
        self.first += at - self._offset
        self._offset = at
        self._forget(gone)
        if at > 1024 and at * 2 > len(entries):
            del entries[:at]
            self._offset = 0

    def _forget(self, gone: list[Exchange]) -> None:
        """Take evicted entries off the indexes; those of one key at once."""
        self.evicted += len(gone)
        self._uncounted.difference_update([entry.number for entry in gone])
        for index, keys in (
            (self._by_stub, {entry.stub or "" for entry in gone}),
            (self._by_method, {entry.method for entry in gone}),
            (self._by_path, {entry.path for entry in gone}),
        ):
            for key in keys:
                index.drop_below(key, self.first)

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
        self._uncounted.discard(number)
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
        self._index()
        first = max(self.first, after + 1)
        found = [
            index.numbers(key, self.first)
            for index, key in (
                (self._by_stub, stub),
                (self._by_path, path),
                (self._by_method, method),
            )
            if key is not None
        ]
        if not found:
            return range(first, self.last + 1)
        shortest = min(found, key=len)
        return shortest[bisect_right(shortest, after) :] if after >= self.first else shortest

    def __iter__(self) -> Iterator[Exchange]:
        """Go through the entries, oldest first."""
        return (entry for entry in self._entries[self._offset :] if entry is not None)
