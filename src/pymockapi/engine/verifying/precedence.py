"""Order by pairs: all requests of one expectation come before all of another.

A request counts for every expectation that it fits, save that it cannot be on both sides of a
pair: there it is on one, and every choice is followed at once. The number of choices is bounded.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Final

from pymockapi.engine.verifying.expectation_reading import following
from pymockapi.engine.verifying.expectations import Check
from pymockapi.engine.verifying.runs import TooManyWays
from pymockapi.engine.verifying.tallies import MAX_LISTED, Dropped, Standing, count_standing

MAX_CHOICES: Final = 1_000  # looked at for one request
MAX_WORK: Final = 50_000  # counts looked at for one request, 5 ms

Way = tuple[int, tuple[int, ...]]
"""Which expectations have had a request, as bits, and how many each, as far as that matters."""

Choices = Mapping[int, tuple[int, tuple[int, ...]]]
"""For an expectation how many requests that fit it count for others, and the first of them."""


class Precedence:
    """Every choice so far; when none is left, ``broken_by`` is the request that left none.

    ``broken_pair`` are then two places in ``expect`` of which the second had begun before the
    first had ended; ``None`` if it is a count that none could keep.
    """

    __slots__ = ("_after", "_apart", "_before", "_check", "_known", "_members", "_places", "broken_by",
                 "broken_pair", "ways")  # fmt: skip

    def __init__(self, check: Check) -> None:
        self._check = check
        self._after = following(check.pairs)
        self._before: dict[int, int] = dict.fromkeys(self._after, 0)
        for place, after in self._after.items():
            for later in _bits(after):
                self._before[later] |= 1 << place
        self._places = tuple(sorted(self._after))
        self._members = sum(1 << place for place in self._places)
        self._apart = frozenset(filter(self._is_apart, self._places))
        self._known: dict[int, list[int]] = {}
        self.ways: dict[Way, Choices] = {(0, (0,) * len(self._places)): {}}
        self.broken_by: int | None = None
        self.broken_pair: tuple[int, int] | None = None

    def _is_apart(self, place: int) -> bool:
        """Whether no request can fit this expectation and another on the other side of a pair."""
        expect = self._check.expect
        stub = expect[place].kind.stub
        rivals = (
            expect[each].kind.stub for each in _bits(self._after[place] | self._before[place])
        )
        return stub is not None and all(each not in (None, stub) for each in rivals)

    def _low(self, place: int, dropped: Dropped) -> int:
        """Return how many dropped requests count for ``place`` for certain."""
        return dropped.low[place] if place in self._apart else 0

    @property
    def members(self) -> int:
        """The expectations that stand in a pair, as bits."""
        return self._members

    def copy(self) -> Precedence:
        made = Precedence.__new__(Precedence)
        for name in Precedence.__slots__:
            setattr(made, name, getattr(self, name))
        return made

    def feed(self, number: int, fits: int) -> None:
        """Go on with a request. Raises ``TooManyWays``."""
        fits &= self._members
        if not fits or not self.ways:
            return
        choices = self._known.get(fits)
        if choices is None:
            choices = self._known[fits] = self._choices(fits)
        ways: dict[Way, Choices] = {}
        if len(self.ways) * len(choices) * len(self._places) > MAX_WORK:
            raise TooManyWays
        for way, decided in self.ways.items():
            for choice in choices:
                if (found := self._after_choice(way, choice)) is not None:
                    left = fits & ~choice
                    ways.setdefault(found, _decided(decided, left, number) if left else decided)
        if not ways:
            self.broken_by = number
            self.broken_pair = self._broken(fits)
        self.ways = ways

    def _after_choice(self, way: Way, choice: int) -> Way | None:
        started, counts = way
        expect, changed = self._check.expect, list(counts)
        for column, place in enumerate(self._places):
            if choice >> place & 1:
                if self._after[place] & started:
                    return None
                each, count = expect[place], counts[column] + 1
                if each.high is not None and count > each.high:
                    return None
                changed[column] = count if each.high is not None else min(count, each.low)
        return started | choice, tuple(changed)

    def _choices(self, fits: int) -> list[int]:
        """Return the largest selections of ``fits`` in which no two stand on both sides of a pair."""
        rivals = {place: (self._after[place] | self._before[place]) & fits for place in _bits(fits)}
        free = sum(1 << place for place, its in rivals.items() if not its)
        found: list[int] = []
        looked = 0
        waiting = [(free, [place for place, its in rivals.items() if its])]
        while waiting:
            chosen, rest = waiting.pop()
            looked += 1
            if looked > MAX_CHOICES:
                raise TooManyWays
            if rest:
                place = rest[0]
                left = [other for other in rest[1:] if not rivals[place] >> other & 1]
                waiting.append((chosen, rest[1:]))
                waiting.append((chosen | 1 << place, left))
            elif all(chosen >> place & 1 or its & chosen for place, its in rivals.items()):
                found.append(chosen)
        return found

    def _broken(self, fits: int) -> tuple[int, int] | None:
        for place in _bits(fits):
            for started, _ in self.ways:
                if begun := self._after[place] & started:
                    return place, next(_bits(begun))
        return None

    def standing(self, dropped: Dropped, *, has_gap: bool) -> Standing:
        """Return how pairs, and the counts of what stands in them, stand."""
        is_harmless = not has_gap and all(
            not dropped.high[place] or not self._before[place] for place in self._places
        )
        passes = may_pass = is_open = False
        for _, counts in self.ways:
            stands = [
                count_standing(
                    self._check.expect[place], count, self._low(place, dropped), dropped.high[place]
                )
                for place, count in zip(self._places, counts, strict=True)
            ]
            passes |= is_harmless and all(each.passes for each in stands)
            may_pass |= all(each.may_pass for each in stands)
            is_open |= is_harmless and all(each.is_open for each in stands)
        return Standing(passes, may_pass, is_open)

    def left_out(self, dropped: Dropped) -> Choices:
        """Return what expectations do without, by the choices that meet most of them."""
        expect = self._check.expect

        def met(way: Way) -> int:
            counts = zip(self._places, way[1], strict=True)
            return sum(
                expect[place].allows(count + self._low(place, dropped)) for place, count in counts
            )

        return max(self.ways.items(), key=lambda item: met(item[0]))[1] if self.ways else {}


def _decided(decided: Choices, left: int, number: int) -> Choices:
    """Return ``decided``, and that request ``number`` does not count for ``left``."""
    made = dict(decided)
    for place in _bits(left):
        count, numbers = made.get(place, (0, ()))
        made[place] = (count + 1, numbers if count >= MAX_LISTED else (*numbers, number))
    return made


def _bits(number: int) -> Iterator[int]:
    while number:
        yield (number & -number).bit_length() - 1
        number &= number - 1
