"""The journal of one namespace: entries in order, found by number, stub, method or path.

Appending costs a fraction of a microsecond, whatever the journal holds: entries are indexed in
groups, the last at the latest when somebody asks. The bounds evict the oldest entries; each index
drops evicted numbers when half of a list is stale.
"""

from __future__ import annotations

import gc
from bisect import bisect_right
from collections.abc import Callable, Iterable, Iterator
from itertools import islice
from typing import Final
from weakref import WeakSet

from pymockapi.engine.verifying.dropped import Lost
from pymockapi.model.exchange import OPEN, UNCOUNTED, Exchange, Phase
from pymockapi.model.response import Response
from pymockapi.store.held import Held
from pymockapi.store.ledger import NOWHERE, Ledger
from pymockapi.store.losses import Losses
from pymockapi.store.marks import Mark, Marks
from pymockapi.store.number_index import NumberIndex
from pymockapi.store.verified import Verifications

FREED_BYTES: Final = 16 * 1024 * 1024  # that are freed at once, and an entry more
FREED_ENTRIES: Final = 4_000  # that are dropped at once, in 2 ms
LONG: Final = 8_192
"""Entries from which on the collector must not look at the journal any more: it walks 100,000 in 5
to 13 ms (``turns``, exports), and finds nothing, for no entry refers to what refers back."""
MANY: Final = 1_000
SPARE: Final = 100
"""One of so many entries is dropped beyond need, where ``MANY`` or more may be kept."""
GROUP: Final = 64
"""Entries that are indexed together: a query has at most so many left to do, in 20 us."""


class Journal:
    """Entries of one namespace between ``first`` and ``last``; deleted ones leave a gap."""

    __slots__ = (
        "_by_error", "_by_method", "_by_path", "_by_stub", "_deleted", "_entries", "_evicted",
        "_indexed", "_is_unseen", "_losses", "_offset", "_readers", "_uncounted", "bytes",
        "evicted", "first", "kept", "last", "ledger", "marks", "ranked", "verified",
    )  # fmt: skip

    def __init__(
        self,
        last: int = 0,
        ledger: Ledger = NOWHERE,
        evicted: Callable[[int], object] = lambda first: first,
    ) -> None:
        """``evicted`` is told the first number that is left, after each eviction."""
        self.ledger = ledger
        self.ranked = -1
        if ledger is not NOWHERE:
            ledger.enter(self)
        self._evicted = evicted
        self._entries: list[Exchange | None] = []
        self._offset = 0
        self._is_unseen = False
        self._readers: WeakSet[Held] | None = None
        self.first = last + 1
        self.last = last
        self.bytes = 0
        self.kept = 0
        self.evicted = 0
        self._uncounted: set[int] = set()
        self._losses = Losses(last)
        self._indexed = last
        self.marks = Marks()  # of the whole, and of each open scope
        self._deleted = NumberIndex()  # on purpose, by stub
        self.verified = Verifications()
        self._by_error = NumberIndex()
        self._by_stub = NumberIndex()
        self._by_method = NumberIndex()
        self._by_path = NumberIndex()

    def __len__(self) -> int:
        return self.kept

    def append(self, entry: Exchange) -> None:
        """Add the next entry; its number must be ``last + 1``."""
        self.last = entry.number
        self.kept += 1
        size = 500 + len(entry.head) + len(entry.body) + len(entry.trailers)
        self.bytes += size
        self.ledger.room -= size
        if self.ranked >= 0:
            self.ledger.rise(self)
        self._entries.append(entry)
        if entry.number - self._indexed >= GROUP:
            self._index()

    def _index(self) -> None:
        """Index what was appended since; one entry in a group costs half of one alone."""
        stubs, methods, paths = self._by_stub.lists, self._by_method.lists, self._by_path.lists
        for entry in filter(None, self._entries[self._indexed + 1 - self.first + self._offset :]):
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
            elif entry.error is not None:
                self._by_error.add(entry.error, number)
        self._indexed = self.last
        if not self._is_unseen and len(self._entries) >= LONG:
            self._is_unseen = True
            gc.freeze()

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
            self._grow(entry.size - before)
            if self.ledger.room < 0:
                self.ledger.make_room(self)
            if entry.number <= self._indexed and entry.phase not in UNCOUNTED:
                self._by_error.drop(entry.number)  # what it is now was not known before
                if entry.error is not None:
                    self._by_error.insert(entry.error, entry.number)

    def count_errors(self, mark: Mark) -> dict[str, int]:
        """Return how many requests after ``mark`` got each answer of the mock's own, ever."""
        self._index()
        counts = self.marks.lost_errors(mark)
        for error in self._by_error.lists:
            if found := self._by_error.count(error, max(self.first, mark.after + 1), self.last):
                counts[error] += found
        return dict(counts)

    def count_stub(self, stub: str, mark: Mark) -> int:
        """Return how many requests after ``mark`` the stub answered, ever; deleted ones do not count."""
        return self.stub_counts(mark)(stub)

    def stub_counts(self, mark: Mark) -> Callable[[str], int]:
        """Return what tells the same of any stub, quickly, as long as this turn lasts."""
        self._index()
        answered, deleted = self._by_stub.lists, self._deleted.lists
        lost = self.marks.lost_stubs(mark)
        after, last = mark.after, self.last

        def count(stub: str) -> int:
            kept = self._kept_of(stub, after, last) if stub in answered or stub in deleted else 0
            return kept + lost.get(stub, 0)

        return count

    def _kept_of(self, stub: str, after: int, last: int) -> int:
        """Return how many entries of ``stub`` are recorded from ``after`` on, to ``last``."""
        first = max(self.first, after + 1)
        return self._by_stub.count(stub, first, last) - self._deleted.count(stub, first, last)

    def first_of(self, stub: str, after: int, count: int) -> tuple[int, ...]:
        """Return the numbers of the first ``count`` recorded entries of ``stub`` after ``after``."""
        numbers = iter(self.numbers(stub=stub, after=after))
        return tuple(islice((each for each in numbers if self.get(each) is not None), count))

    def first_errors(self, error: str, after: int, count: int) -> list[Exchange]:
        """Return the first ``count`` recorded entries after ``after`` with that error."""
        self._index()
        numbers = self._by_error.numbers(error, max(self.first, after + 1))[:count]
        return [entry for number in numbers if (entry := self.get(number)) is not None]

    def follow(self, old: Journal, *, is_reset: bool) -> None:
        """Take over the marks of ``old``, whose entries are all gone.

        They were deleted on purpose and count no more; under a reset only those after the last
        mark, and verdicts from an earlier one go on counting what came before that. So do the
        verifications that judged nothing else.
        """
        self.marks, old.marks = old.marks, Marks()
        if is_reset:
            if len(self.marks) > 1:
                self.verified.take_until(self.marks[-1].after, old.verified)
            for mark, last in self.marks.outer():
                old.settle(mark, last)
            self.marks[-1].clear()
        else:
            for mark in self.marks:
                mark.clear()

    def settle(self, mark: Mark, last: int) -> None:
        """Count for ``mark`` what is recorded after it to ``last`` as no longer recorded."""
        self._index()
        first = max(self.first, mark.after + 1)
        for error in self._by_error.lists:
            mark.errors[error] += self._by_error.count(error, first, last)
        for stub in self._by_stub.lists:
            if kept := self._kept_of(stub, mark.after, last):
                mark.stubs[stub] += kept

    def _grow(self, size: int) -> None:
        self.bytes += size
        self.ledger.room -= size
        if size > 0 and self.ranked >= 0:
            self.ledger.rise(self)

    def leave(self) -> None:
        """Be counted no more; to be called once nobody reads it any longer."""
        self.ledger.leave(self)
        self.ledger = NOWHERE
        self.ranked = -1

    def evict(self, max_entries: int, max_bytes: int, keep: int = 1) -> None:
        """Drop the oldest entries until both bounds hold; the newest ``keep`` always stay.

        A full journal of thousands drops some more, up to a hundredth, so that the next ones need
        not: evicting takes 0.9 us of a request then, 1.4 with a thousandth (``throughput``, full
        journal). After a bound was lowered it takes some calls: one drops so much and no more.
        """
        self._index()
        spare = max_entries // SPARE if max_entries >= MANY else 0
        entries, offset, before = self._entries, self._offset, self.bytes
        gone = self._oldest(max_entries - spare, max_bytes, keep)
        self.kept -= len(gone)
        self.ledger.room += before - self.bytes
        at = offset + (gone[-1].number + 1 - self.first if gone else 0)
        entries[offset:at] = [None] * (at - offset)
        self.first += at - offset
        self._offset = at
        self._drop(gone)
        self._forget(gone)
        if at > 1024 and at * 2 > len(entries):
            del entries[:at]
            self._offset = 0
        self._evicted(self.first)

    def _oldest(self, max_entries: int, max_bytes: int, keep: int) -> list[Exchange]:
        """Return what must go, and count its bytes no more."""
        kept, held = self.kept, self.bytes
        gone: list[Exchange] = []
        least = held - max(FREED_BYTES, 2 * self._size_of_newest())
        for entry in filter(None, islice(self._entries, self._offset, None)):
            if kept <= keep or (kept <= max_entries and held <= max_bytes):
                break
            if len(gone) >= FREED_ENTRIES or held < least:
                break
            gone.append(entry)
            kept -= 1
            held -= entry.size
        self.bytes = held
        return gone

    def _size_of_newest(self) -> int:
        newest = self._entries[-1] if self._entries else None
        return 0 if newest is None else newest.size

    def _forget(self, gone: list[Exchange]) -> None:
        """Take evicted entries off the indexes; those of one key at once."""
        self.evicted += len(gone)
        self.ledger.evicted += len(gone)
        self.marks.lose(gone)
        self._losses.add(gone, self._uncounted)
        if self._uncounted:
            self._uncounted.difference_update([entry.number for entry in gone])
        stubs = {entry.stub or "" for entry in gone}
        for index, keys in (
            (self._by_stub, stubs),
            (self._deleted, stubs),
            (self._by_method, {entry.method for entry in gone}),
            (self._by_path, {entry.path for entry in gone}),
            (self._by_error, {entry.error for entry in gone if entry.error is not None}),
        ):
            index.drop_below(keys, self.first)

    def release(self, count: int) -> bool:
        """Free up to ``count`` entries of a journal that nobody reads any more; true at its end.

        Of large ones fewer: giving a hundred megabytes back takes the system 20 ms.
        """
        size, first = 0, len(self._entries)
        while first and len(self._entries) - first < count and size < FREED_BYTES:
            first -= 1
            entry = self._entries[first]
            size += 0 if entry is None else entry.size
            del entry
        self._drop(self._entries[first:])
        del self._entries[first:]
        self.last = self.first + len(self._entries) - self._offset - 1  # a scan may still read
        return not self._entries

    def get(self, number: int) -> Exchange | None:
        """Return the entry with ``number``; ``None`` if it never was, was deleted or evicted."""
        if number < self.first or number > self.last:
            return None
        return self._entries[self._offset + number - self.first]

    def delete(self, number: int) -> bool:
        self._index()
        entry = self.get(number)
        if entry is None:
            return False
        self._entries[self._offset + number - self.first] = None
        self._drop([entry])
        self.kept -= 1
        self._grow(-entry.size)
        self._uncounted.discard(number)
        self._by_error.drop(number)
        if entry.stub is not None:
            self._deleted.insert(entry.stub, number)
        self._losses.leave_out(number)
        return True

    def lost(self, after: int) -> Lost:
        """Return what is known of the entries above ``after`` that limits have dropped."""
        return self._losses.since(after, self.first, self.evicted)

    def held(self) -> Held:
        """Return what is held now, to be read in slices."""
        first = next((entry.number for entry in self), self.last + 1)
        found = Held(self.get, first, self.last, self.kept)
        if self._readers is None:
            self._readers = WeakSet()
        self._readers.add(found)
        return found

    def first_of_newest(self, count: int) -> int:
        """Return the number from which on ``count`` entries are held; 0 if there are fewer."""
        newest = islice(filter(None, reversed(self._entries)), count - 1, None)
        return next((entry.number for entry in newest), 0)

    def _drop(self, gone: Iterable[Exchange | None]) -> None:
        """Leave what is dropped to those who have not read it yet."""
        for reader in self._readers or ():
            reader.keep(filter(None, gone))

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

    def open_entries(self) -> tuple[Exchange, ...]:
        """Return the entries whose answers have not left yet."""
        answered = Phase.ANSWERED  # most are; looking into a set of phases takes 6 times as long
        return tuple(
            [
                entry
                for entry in self._entries
                if entry is not None and entry.phase is not answered and entry.phase in OPEN
            ]
        )

    def __iter__(self) -> Iterator[Exchange]:
        """Go through the entries, oldest first, in one turn."""
        return filter(None, islice(self._entries, self._offset, None))
