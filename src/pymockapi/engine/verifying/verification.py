"""Judging recorded requests, one after the other: whether a check passes, may yet pass, or cannot.

What was dropped is an interval, not a guess: a check passes only if it does whatever the dropped
requests were. Requests whose phase is asked for and can still change are judged anew as it does.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from typing import NamedTuple

import msgspec

from pymockapi.engine.verifying.expectations import PAIRS, STRICT, SUBSEQUENCE, Check, Expectation
from pymockapi.engine.verifying.precedence import Precedence
from pymockapi.engine.verifying.runs import (
    Run,
    Strict,
    Subsequence,
    TooManyWays,
    recent_steps,
    runs_of,
)
from pymockapi.engine.verifying.tallies import Dropped, Standing, Tally
from pymockapi.model.exchange import OPEN, UNCOUNTED, Exchange


class Result(msgspec.Struct, frozen=True):
    """What came of one expectation; ``numbers`` are the first requests that counted.

    ``dropped`` is how many dropped requests could have counted besides. ``misplaced`` are those
    that fit and have no place in the order.
    """

    expectation: Expectation
    passed: bool
    actual: int
    dropped: int
    numbers: tuple[int, ...]
    misplaced: tuple[int, ...] = ()


class Divergence(msgspec.Struct, frozen=True):
    """Where the order was left: ``matched`` came as expected, then came ``got`` (``None``: nothing).

    ``matched`` has the last steps before that, as texts and numbers; ``expected`` is what should
    have come. ``early`` is a request that fits it, and came too early; ``rival`` one of another
    expectation that came too early.
    """

    matched: tuple[tuple[str, int], ...]
    expected: str
    got: int | None
    early: int | None = None
    rival: int | None = None


class Outcome(msgspec.Struct, frozen=True):
    """The answer to a check. ``strays`` are the first requests that nothing expected.

    ``complete`` is false when dropped requests could have changed it; it has failed then.
    ``cursor`` is the last request that was judged.
    """

    check: Check
    passed: bool
    complete: bool
    results: tuple[Result, ...]
    stray_count: int
    strays: tuple[int, ...]
    divergence: Divergence | None
    cursor: int


class _Fold:
    """Counts and order of the requests so far."""

    __slots__ = ("ahead", "check", "order", "tally")

    def __init__(self, check: Check, dropped: Dropped) -> None:
        self.check = check
        self.tally = Tally(check)
        self.order: Subsequence | Strict | Precedence | None = None
        self.ahead: Subsequence | Strict | None = None
        if check.order == SUBSEQUENCE:
            self.order = Subsequence(check.expect)
            self.ahead = Subsequence(check.expect, dropped.total) if dropped.total else None
        elif check.order == STRICT:
            self.order = Strict(check.expect)
            self.ahead = _ahead(check, dropped) if dropped.total else None
        elif check.order == PAIRS:
            self.order = Precedence(check)

    def copy(self) -> _Fold:
        made = _Fold.__new__(_Fold)
        made.check = self.check
        made.tally = self.tally.copy()
        made.order = None if self.order is None else self.order.copy()
        made.ahead = None if self.ahead is None else self.ahead.copy()
        return made

    def feed(self, number: int, fits: int, *, is_ignored: bool, is_counted: bool) -> bool:
        """Go on with a request; return whether it concerns the check."""
        is_stray = self.check.judges_all and not (fits or is_ignored) and is_counted
        if not (fits or is_stray):
            return False
        self.tally.feed(number, fits, is_stray=is_stray)
        order, ahead = self.order, self.ahead
        if isinstance(order, Strict):
            order.feed(number, fits, is_optional=is_ignored)
        elif order is not None:
            order.feed(number, fits)
        if isinstance(ahead, Strict):
            try:
                ahead.feed(number, fits, is_optional=is_ignored)
            except TooManyWays:
                self.ahead = None
        elif ahead is not None:
            ahead.feed(number, fits)
        return True

    def standing(self, dropped: Dropped, *, has_gap: bool) -> Standing:
        order, tally = self.order, self.tally
        if order is None:
            return tally.standing(dropped)
        is_certain = not dropped.total and not has_gap
        if isinstance(order, Subsequence):
            ahead = self.ahead
            may = order.is_done or has_gap or (ahead is not None and ahead.is_done)
            return Standing(order.is_done, may, True)
        if isinstance(order, Strict):
            passes = order.is_done
            if is_certain:
                return Standing(passes, passes, bool(order.ways))
            may = has_gap or self.ahead is None or self.ahead.is_done
            return Standing(False, may, False)
        found = tally.else_standing(dropped) & order.standing(dropped, has_gap=has_gap)
        for place in range(len(self.check.expect)):
            if not order.members >> place & 1:
                found &= tally.standing_of(place, dropped)
        return found


def _ahead(check: Check, dropped: Dropped) -> Strict | None:
    """Return a strict order after dropped requests that fitted as well as they could."""
    ahead = Strict(check.expect)
    is_optional = bool(check.ignore) or dropped.least < dropped.total
    try:
        ahead.skip(dropped.total, is_optional=is_optional)
    except TooManyWays:
        return None
    return ahead


class _Waiting(NamedTuple):
    entry: Exchange
    fits: int  # all but the phase


class Verification:
    """One check on its way through the journal; requests are fed in order of their numbers.

    ``fits`` tells as bits which of ``check.kinds`` fit a request, whatever its phase. Raises
    ``TooManyWays``.
    """

    def __init__(self, check: Check, dropped: Dropped, cursor: int = 0) -> None:
        self.check = check
        self.cursor = cursor
        self.asks_phase = any(kind.answered.phases for kind in check.kinds)
        self._dropped = dropped
        self._has_gap = False
        self._settled = _Fold(check, dropped)
        self._now: _Fold | None = self._settled
        self._waiting: deque[_Waiting] = deque()
        self._expected = (1 << len(check.expect)) - 1

    @property
    def tally(self) -> Tally:
        return self._fold().tally

    @property
    def open_entries(self) -> list[Exchange]:
        """The requests whose phase matters and can still change."""
        return [each.entry for each in self._waiting if each.entry.phase in OPEN]

    def lose(self, count: int) -> None:
        """Note that ``count`` requests were dropped before they could be judged."""
        if count:
            self._dropped = self._dropped.more(count)
            self._has_gap = True

    def feed(self, entry: Exchange, fits: int) -> bool:
        """Judge the next request; return whether it concerns the check."""
        self.cursor = entry.number
        if not self.asks_phase or not (self._waiting or entry.phase in OPEN):
            return self._judge(self._settled, entry, fits)
        self._waiting.append(_Waiting(entry, fits))
        if self._now is self._settled:
            self._now = self._settled.copy()
        return self._judge(self._fold(but=1), entry, fits)

    def reconsider(self) -> None:
        """Judge anew what waited for its phase."""
        waiting = self._waiting
        while waiting and waiting[0].entry.phase not in OPEN:
            entry, fits = waiting.popleft()
            self._judge(self._settled, entry, fits)
        self._now = None if waiting else self._settled

    def _fold(self, but: int = 0) -> _Fold:
        """Return counts and order of all but the last ``but`` requests."""
        if self._now is None:
            self._now = self._settled.copy()
            for entry, fits in list(self._waiting)[: len(self._waiting) - but]:
                self._judge(self._now, entry, fits)
        return self._now

    def _judge(self, fold: _Fold, entry: Exchange, fits: int) -> bool:
        phase = entry.phase
        is_counted = phase not in UNCOUNTED
        if fits and (self.asks_phase or not is_counted):
            fits = sum(
                1 << place
                for place, kind in enumerate(self.check.kinds)
                if fits >> place & 1 and kind.fits_phase(phase)
            )
        return fold.feed(
            entry.number,
            fits & self._expected,
            is_ignored=fits > self._expected,
            is_counted=is_counted,
        )

    def standing(self) -> Standing:
        found = self._fold().standing(self._dropped, has_gap=self._has_gap)
        if not self._waiting:
            return found
        settled = self._settled.standing(self._dropped, has_gap=self._has_gap)
        return found._replace(is_open=settled.is_open)

    @property
    def weight(self) -> int:
        """How much of what came concerns the check; it grows with each such request."""
        tally = self.tally
        return sum(tally.counts) + tally.strays

    def outcome(self) -> Outcome:
        """Return the answer as it is now."""
        fold, standing = self._fold(), self.standing()
        return Outcome(
            self.check,
            standing.passes,
            standing.passes or not standing.may_pass,
            self._results(fold),
            fold.tally.strays,
            tuple(fold.tally.stray_numbers),
            None if standing.passes else _divergence(fold),
            self.cursor,
        )

    def _results(self, fold: _Fold) -> tuple[Result, ...]:
        order, tally, dropped = fold.order, fold.tally, self._dropped
        if isinstance(order, Subsequence | Strict):
            last = order.run if isinstance(order, Subsequence) else order.best()[1]
            return _run_results(self.check.expect, last, tally, dropped)
        left_out = order.left_out(dropped) if order is not None else {}
        results = []
        for place, each in enumerate(self.check.expect):
            left, without = left_out.get(place, (0, ()))
            count = tally.counts[place] - left
            low, high = dropped.low[place], dropped.high[place]
            passed = each.allows(count + low) and each.allows(count + high)
            fits = tally.numbers[place]
            numbers = tuple(number for number in fits if number not in without)
            results.append(Result(each, passed, count + low, high - low, numbers, without))
        return tuple(results)


def _run_results(
    expect: Sequence[Expectation], last: Run | None, tally: Tally, dropped: Dropped
) -> tuple[Result, ...]:
    runs = {run.place: run for run in runs_of(last)}
    results = []
    for place, each in enumerate(expect):
        run = runs.get(place)
        count, numbers = (0, ()) if run is None else (run.length, run.first)
        misplaced = tuple(sorted(set(tally.numbers[place]).difference(numbers)))
        results.append(
            Result(each, each.allows(count), count, dropped.high[place], numbers, misplaced)
        )
    return tuple(results)


def _divergence(fold: _Fold) -> Divergence | None:
    order, expect, tally = fold.order, fold.check.expect, fold.tally
    if isinstance(order, Subsequence):
        if order.is_done:
            return None
        steps = recent_steps(order.run)
        place, count = order.at
        last = steps[-1][0] if steps else 0
        early = next((n for n in reversed(tally.numbers[place]) if n < last), None)
        return Divergence(_matched(expect, steps), _turn(expect[place], count), None, early)
    if isinstance(order, Strict):
        if order.is_done:
            return None
        steps = recent_steps(order.best()[1])
        return Divergence(_matched(expect, steps), _next_of(order, expect), order.broken_by)
    if order is not None and order.broken_pair is not None:
        first, second = order.broken_pair
        told = f"all of '{expect[first].id}' before all of '{expect[second].id}'"
        rival = tally.numbers[second][0] if tally.numbers[second] else None
        return Divergence((), told, order.broken_by, None, rival)
    return None


def _matched(
    expect: Sequence[Expectation], steps: Sequence[tuple[int, int]]
) -> tuple[tuple[str, int], ...]:
    return tuple((expect[place].describe(), number) for number, place in steps)


def _turn(each: Expectation, count: int) -> str:
    if each.low < 2:
        return each.describe()
    return f"{each.describe()} ({count + 1} of {each.low})"


def _next_of(order: Strict, expect: Sequence[Expectation]) -> str:
    """Return what could have come next, for the assignments that got furthest."""
    (at, count), _ = order.best()
    told = []
    each = expect[at] if at >= 0 else None
    if each is not None and (each.high is None or count < each.high):
        told.append(_turn(each, count))
    if each is None or count >= each.low:
        for later in expect[at + 1 :]:
            told.append(_turn(later, 0))
            if later.low:
                break
        else:
            told.append("nothing more")
    return " or ".join(told[:3])
