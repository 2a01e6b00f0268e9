"""Stubs of one method and path, strongest first, findable by a literal that they ask for.

A large bucket is split by its most selective literal place, and so are its parts: ten
thousand stubs that differ in one query value are one look-up. Sorting and splitting wait for
the first look-up. Knows ``IndexKey.literals`` only; whether a candidate accepts is rank's.
"""

from __future__ import annotations

from bisect import bisect_left, insort
from collections.abc import Iterable, Iterator, Sequence
from operator import itemgetter
from typing import Final

from pymockapi.engine.matching.literals import literal_values
from pymockapi.model.errors import ExpressionLimit
from pymockapi.model.request import Request
from pymockapi.model.stub import Stub

Rank = tuple[int, int]
"""``(priority, -n)`` of the n-th definition of a layer: the smaller is the stronger."""
Entry = tuple[Rank, Stub]

SPLIT_ABOVE: Final = 16  # entries that are sooner asked one by one than looked up
SETTLED_AT_ONCE: Final = 1024  # entries that the first look-up may find unsorted; 2 ms
_SAMPLE: Final = 256  # entries that a split is judged by, however large the bucket
_WORTHWHILE: Final = 0.8  # a split must leave less than this; so splits nest 30 deep at most
_rank_of: Final = itemgetter(0)


def merged(groups: Iterable[Sequence[Entry]]) -> Sequence[Entry]:
    """Return the entries of disjoint sorted ``groups``, strongest first; one alone as it is."""
    filled = [group for group in groups if group]
    if len(filled) < 2:
        return filled[0] if filled else ()
    entries = [*filled[0], *filled[1]]
    for group in filled[2:]:
        entries += group
    entries.sort(key=_rank_of)
    return entries


class Bucket:
    """A sorted multitude of entries. What it returns is valid until it is next changed."""

    __slots__ = ("_entries", "_judge_at", "_settled", "_split")

    def __init__(self) -> None:
        self._entries: list[Entry] = []
        self._settled = 0  # how many entries, from the first, are sorted and split
        self._judge_at = SPLIT_ABOVE
        self._split: Split | None = None

    def __len__(self) -> int:
        return len(self._entries)

    def add(self, entry: Entry) -> None:
        self._entries.append(entry)
        if len(self._entries) - self._settled >= SETTLED_AT_ONCE:
            self._settle()

    def remove(self, entry: Entry) -> None:
        """Remove ``entry``, which is there."""
        if self._settled != len(self._entries):
            self._settle()
        del self._entries[bisect_left(self._entries, entry[0], key=_rank_of)]
        self._settled -= 1
        if self._split is not None:
            self._split.remove(entry)

    def entries(self) -> Sequence[Entry]:
        """Return all entries, strongest first."""
        if self._settled != len(self._entries):
            self._settle()
        return self._entries

    def candidates(self, request: Request) -> Sequence[Entry]:
        """Return the entries whose literals ``request`` may have, strongest first."""
        if self._settled != len(self._entries):
            self._settle()
        if self._split is None:
            return self._entries
        try:
            return self._split.candidates(request)
        except ExpressionLimit:  # no place of its body can be read: whoever needs it will say so
            return self._entries

    def _settle(self) -> None:
        fresh = self._entries[self._settled :]
        if len(fresh) * 8 < self._settled:
            self._insert(fresh)
        else:
            self._entries.sort(key=_rank_of)
            self._spread(fresh)
        self._settled = len(self._entries)

    def _insert(self, fresh: list[Entry]) -> None:
        del self._entries[self._settled :]
        for entry in fresh:
            insort(self._entries, entry, key=_rank_of)
        self._spread(fresh)

    def _spread(self, fresh: list[Entry]) -> None:
        """Hand ``fresh`` entries to the parts, or consider a split whenever the size doubles."""
        if self._split is not None:
            for entry in fresh:
                self._split.add(entry)
        elif len(self._entries) > self._judge_at:
            self._judge_at = 2 * len(self._entries)
            place = most_selective(self._entries)
            if place is not None:
                self._split = Split(place, self._entries)


class Split:
    """A bucket's entries by the literal that each asks for at ``place``; ``rest`` asks for none."""

    __slots__ = ("_by_key", "_place", "_rest")

    def __init__(self, place: str, entries: Iterable[Entry]) -> None:
        self._place = place
        self._by_key: dict[object, Bucket] = {}
        self._rest = Bucket()
        for entry in entries:
            self.add(entry)

    def add(self, entry: Entry) -> None:
        literals = entry[1].pattern.index_key.literals
        if self._place not in literals:
            self._rest.add(entry)
            return
        key = literals[self._place]
        bucket = self._by_key.get(key)
        if bucket is None:
            bucket = self._by_key[key] = Bucket()
        bucket.add(entry)

    def remove(self, entry: Entry) -> None:
        literals = entry[1].pattern.index_key.literals
        if self._place not in literals:
            self._rest.remove(entry)
            return
        bucket = self._by_key[literals[self._place]]
        bucket.remove(entry)
        if not bucket:
            del self._by_key[literals[self._place]]

    def candidates(self, request: Request) -> Sequence[Entry]:
        groups = [self._rest.candidates(request)] if self._rest else []
        for key in dict.fromkeys(literal_values(self._place, request)):
            bucket = self._by_key.get(key)
            if bucket is not None:
                groups.append(bucket.candidates(request))
        return merged(groups)


def most_selective(entries: Sequence[Entry]) -> str | None:
    """Return the place to split by, or ``None`` when none is worth its look-up.

    The measure is what a request has left to ask: entries that name no literal there, plus
    those that share one. It is taken on a sample, evenly spread.
    """
    sample = entries[:: max(1, len(entries) // _SAMPLE)]
    keys: dict[str, list[object]] = {}
    for _, stub in sample:
        for place, key in stub.pattern.index_key.literals.items():
            keys.setdefault(place, []).append(key)
    left = {place: _left(len(sample), found) for place, found in keys.items()}
    best = min(left, key=lambda place: (left[place], place), default=None)
    return best if best is not None and left[best] < _WORTHWHILE * len(sample) else None


def _left(total: int, keys: list[object]) -> float:
    return total - len(keys) + len(keys) / len(set(keys))


class MethodTable:
    """The buckets of one path by method; stubs that name none have a bucket of their own."""

    __slots__ = ("_any", "_by_method")

    def __init__(self) -> None:
        self._by_method: dict[str, Bucket] = {}
        self._any: Bucket | None = None

    def add(self, entry: Entry, methods: frozenset[str]) -> None:
        for bucket in self._buckets(methods):
            bucket.add(entry)

    def remove(self, entry: Entry, methods: frozenset[str]) -> bool:
        """Remove ``entry``, which is there; return whether any is left."""
        for bucket in self._buckets(methods):
            bucket.remove(entry)
        for method in methods:
            if not self._by_method[method]:
                del self._by_method[method]
        if not self._any:
            self._any = None
        return bool(self._by_method) or self._any is not None

    def candidates(self, request: Request) -> Sequence[Entry]:
        bucket = self._by_method.get(request.method)
        if self._any is None:
            return bucket.candidates(request) if bucket is not None else ()
        free = self._any.candidates(request)
        return merged((bucket.candidates(request), free)) if bucket is not None else free

    def entries(self, method: str) -> Iterator[Entry]:
        """Yield every entry; those of ``method``, then of any, then of other methods.

        One that names several methods comes up once for each.
        """
        own = self._by_method.get(method)
        others = (bucket for bucket in self._by_method.values() if bucket is not own)
        for bucket in (own, self._any, *others):
            if bucket is not None:
                yield from bucket.entries()

    def _buckets(self, methods: frozenset[str]) -> Iterator[Bucket]:
        if not methods:
            if self._any is None:
                self._any = Bucket()
            yield self._any
        for method in methods:
            bucket = self._by_method.get(method)
            if bucket is None:
                bucket = self._by_method[method] = Bucket()
            yield bucket
