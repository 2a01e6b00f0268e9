"""Ordered checks: is there an assignment of requests to expectations, in their order?

``subsequence`` takes each request as early as it can: if any assignment exists, taking the first
request that fits leaves the most for the rest, however patterns overlap. ``strict`` follows every
assignment at once, as a set of places in the order, since a request may belong to the run before
or to the one after; that set is bounded.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final, NamedTuple

from pymockapi.engine.verifying.expectations import Expectation
from pymockapi.engine.verifying.tallies import MAX_LISTED

MAX_TRIED: Final = 10_000  # places tried for one request, 4 ms
MAX_RECENT: Final = 5  # requests in order that are shown before the first that is not
MAX_SKIPPED: Final = 10_000  # dropped requests that are followed one by one
_START: Final = (-1, 0)

Place = tuple[int, int]
"""An expectation, and how many requests of its run have come."""


class TooManyWays(Exception):
    """Patterns overlap so much that the assignments cannot be followed within bounds."""


class Run(NamedTuple):
    """Requests in a row that went to the expectation at ``place``, and the runs before it.

    ``first`` and ``recent`` are the numbers of some of them: however long it is, it takes the same.
    """

    before: Run | None
    place: int
    length: int
    first: tuple[int, ...]
    recent: tuple[int, ...]


def extended(run: Run | None, number: int, place: int) -> Run:
    """Return ``run`` with one request more, or a new run after it."""
    if run is None or run.place != place:
        return Run(run, place, 1, (number,), (number,))
    first = run.first if len(run.first) == MAX_LISTED else (*run.first, number)
    recent = (*run.recent[1 - MAX_RECENT :], number)
    return Run(run.before, place, run.length + 1, first, recent)


def runs_of(run: Run | None) -> Iterator[Run]:
    """Yield ``run`` and those before it, the last one first."""
    while run is not None:
        yield run
        run = run.before


def recent_steps(run: Run | None) -> list[tuple[int, int]]:
    """Return the numbers of the last requests, and the expectations they went to, in order."""
    found = [(number, each.place) for each in runs_of(run) for number in reversed(each.recent)]
    return found[:MAX_RECENT][::-1]


class Subsequence:
    """The earliest assignment; ``at`` is where it stands in the order."""

    __slots__ = ("_expect", "at", "run")

    def __init__(self, expect: tuple[Expectation, ...], skipped: int = 0) -> None:
        """``skipped`` requests are taken as if they had fitted."""
        self._expect = expect
        self.run: Run | None = None
        place, left = 0, skipped
        while place < len(expect) and left >= expect[place].low:
            left -= expect[place].low
            place += 1
        self.at: Place = (place, left if place < len(expect) else 0)

    @property
    def is_done(self) -> bool:
        return self.at[0] == len(self._expect)

    def copy(self) -> Subsequence:
        made = Subsequence(self._expect)
        made.at, made.run = self.at, self.run
        return made

    def feed(self, number: int, fits: int) -> None:
        place, count = self.at
        if place < len(self._expect) and fits >> place & 1:
            count += 1
            self.run = extended(self.run, number, place)
            is_full = count >= self._expect[place].low
            self.at = (place + 1, 0) if is_full else (place, count)


class Strict:
    """Every assignment of all requests so far, by the place in the order where it stands.

    When none is left, ``broken_by`` is the request that no assignment could take, ``last`` the
    assignments before it.
    """

    __slots__ = ("_expect", "broken_by", "last", "ways")

    def __init__(self, expect: tuple[Expectation, ...]) -> None:
        self._expect = expect
        self.ways: dict[Place, Run | None] = {_START: None}
        self.last: dict[Place, Run | None] = self.ways
        self.broken_by: int | None = None

    def copy(self) -> Strict:
        made = Strict(self._expect)
        made.ways, made.last, made.broken_by = self.ways, self.last, self.broken_by
        return made

    def skip(self, count: int, *, is_optional: bool) -> None:
        """Take ``count`` requests that may have fitted anything. Raises ``TooManyWays``."""
        everything = (1 << len(self._expect)) - 1
        for turn in range(count):
            before = self.ways
            self.feed(0, everything, is_optional=is_optional)
            if self.ways.keys() == before.keys() or not self.ways:
                return
            if turn == MAX_SKIPPED:
                raise TooManyWays

    def feed(self, number: int, fits: int, *, is_optional: bool) -> None:
        """Go on with a request that each assignment must take, or may leave if ``is_optional``."""
        if not self.ways:
            return
        ways: dict[Place, Run | None] = {}
        tried = 0
        for place, run in self.ways.items():
            if is_optional:
                ways.setdefault(place, run)
            for later in self._next(place, fits):
                if later not in ways:
                    ways[later] = extended(run, number, later[0])
                tried += 1
            tried += 1
            if tried > MAX_TRIED:
                raise TooManyWays
        if ways:
            self.last = ways
        else:
            self.broken_by = number
        self.ways = ways

    def _next(self, place: Place, fits: int) -> Iterator[Place]:
        """Yield where a request that fits ``fits`` can lead to: the same run, or a later one."""
        at, count = place
        expect = self._expect
        if at >= 0:
            each = expect[at]
            if fits >> at & 1 and (each.high is None or count < each.high):
                yield at, count + 1 if each.high is not None else min(count + 1, each.low)
            if count < each.low:
                return
        for later in range(at + 1, len(expect)):
            each = expect[later]
            if fits >> later & 1 and each.high != 0:
                yield later, 1 if each.high is not None else min(1, each.low)
            if each.low:
                return

    def is_end(self, place: Place) -> bool:
        """Return whether nothing more is needed at ``place``."""
        at, count = place
        if at >= 0 and count < self._expect[at].low:
            return False
        return all(each.low == 0 for each in self._expect[at + 1 :])

    @property
    def is_done(self) -> bool:
        return any(map(self.is_end, self.ways))

    def best(self) -> tuple[Place, Run | None]:
        """Return the assignment to tell of: one that is complete, else the one that got furthest."""
        ways = self.ways or self.last
        return max(ways.items(), key=lambda way: (self.is_end(way[0]), way[0]))
