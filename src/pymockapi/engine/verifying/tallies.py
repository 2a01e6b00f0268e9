"""Counting requests by what is expected: order ``any``, and the counts of every other order.

A fold takes one request after the other, as bits: which expectations it fits, and whether it is
``stray``, fitting none and not ignored. Counts are intervals: dropped requests may have been some.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, NamedTuple

from pymockapi.engine.verifying.expectations import Check, Expectation

MAX_LISTED: Final = 100  # numbers of requests told for one expectation


class Dropped(NamedTuple):
    """What is known of dropped requests that the check should have judged.

    ``least`` to ``total`` of them were judged, up to ``strays`` fitted nothing; ``low`` and
    ``high`` bound, for each expectation, how many fitted it. All of them came before every
    request that is still recorded, but for those added by ``more``.
    """

    least: int
    total: int
    strays: int
    low: tuple[int, ...]
    high: tuple[int, ...]

    def more(self, count: int) -> Dropped:
        """Return the same with ``count`` more of which nothing is known."""
        return Dropped(
            self.least,
            self.total + count,
            self.strays + count,
            self.low,
            tuple(each + count for each in self.high),
        )


class Standing(NamedTuple):
    """How a check stands.

    ``passes``: whatever the dropped requests were. ``may_pass``: for some that they can have
    been. ``is_open``: requests to come could still make it pass for certain.
    """

    passes: bool
    may_pass: bool
    is_open: bool

    def __and__(self, other: Standing) -> Standing:
        return Standing(
            self.passes and other.passes,
            self.may_pass and other.may_pass,
            self.is_open and other.is_open,
        )


CERTAIN: Final = Standing(True, True, True)


def count_standing(each: Expectation, count: int, low: int, high: int) -> Standing:
    """Return how ``each`` stands at ``count`` requests, and ``low`` to ``high`` dropped ones."""
    most = each.high
    is_below = most is None or count + high <= most
    return Standing(
        each.low <= count + low and is_below,
        each.low <= count + high and (most is None or count + low <= most),
        is_below,
    )


class Tally:
    """How many requests fit each expectation, each by itself, and which came unexpected."""

    __slots__ = ("_check", "counts", "numbers", "stray_numbers", "strays")

    def __init__(self, check: Check) -> None:
        self._check = check
        self.counts = [0] * len(check.expect)
        self.numbers: list[list[int]] = [[] for _ in check.expect]
        self.strays = 0
        self.stray_numbers: list[int] = []

    def copy(self) -> Tally:
        made = Tally(self._check)
        made.counts = self.counts[:]
        made.numbers = [each[:] for each in self.numbers]
        made.strays = self.strays
        made.stray_numbers = self.stray_numbers[:]
        return made

    def feed(self, number: int, fits: int, *, is_stray: bool) -> None:
        while fits:
            place = (fits & -fits).bit_length() - 1
            fits &= fits - 1
            self.counts[place] += 1
            if len(self.numbers[place]) < MAX_LISTED:
                self.numbers[place].append(number)
        if is_stray:
            self.strays += 1
            if len(self.stray_numbers) < MAX_LISTED:
                self.stray_numbers.append(number)

    def take(self, place: int, numbers: Sequence[int]) -> None:
        """Count all ``numbers``, which fit the expectation at ``place``, at once."""
        self.counts[place] += len(numbers)
        self.numbers[place] += numbers[: MAX_LISTED - len(self.numbers[place])]

    def standing_of(self, place: int, dropped: Dropped) -> Standing:
        return count_standing(
            self._check.expect[place],
            self.counts[place],
            dropped.low[place],
            dropped.high[place],
        )

    def else_standing(self, dropped: Dropped) -> Standing:
        """Return how ``nothing_else`` stands."""
        if not self._check.nothing_else:
            return CERTAIN
        none = not self.strays
        return Standing(none and not dropped.strays, none, none and not dropped.strays)

    def standing(self, dropped: Dropped) -> Standing:
        """Return how the check stands under order ``any``."""
        found = self.else_standing(dropped)
        for place in range(len(self.counts)):
            found &= self.standing_of(place, dropped)
        return found
