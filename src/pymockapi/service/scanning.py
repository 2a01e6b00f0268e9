"""Taking a verification through what is recorded already, in slices, by an index where one serves."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from heapq import merge
from typing import Final

from pymockapi.engine.verifying.expectations import ANY, Check, Seen
from pymockapi.engine.verifying.questions import Questions
from pymockapi.engine.verifying.verification import Verification
from pymockapi.service.listing import Pause
from pymockapi.store.journal import Journal

SLICE: Final = 64  # questions between two looks at the clock, at 1 to 5 us each


async def scan(
    journal: Journal, verification: Verification, questions: Questions, pause: Pause
) -> None:
    """Take ``verification``, made in this turn, through all that is recorded at this moment.

    Raises ``ExpressionLimit`` and ``TooManyWays``.
    """
    check, last = verification.check, journal.last
    if _is_counted_by_index(journal, check):
        for place, each in enumerate(check.expect):
            numbers = journal.numbers(**each.kind.index, after=check.after)
            verification.tally.take(place, numbers)
    else:
        await _go_through(journal, verification, questions, pause)
    verification.cursor = last


def _is_counted_by_index(journal: Journal, check: Check) -> bool:
    if check.order != ANY or check.judges_all:
        return False
    has_gaps = journal.kept < journal.last - journal.first + 1
    return not (has_gaps or journal.uncounted) and all(
        each.kind.is_indexed for each in check.expect
    )


async def _go_through(
    journal: Journal, verification: Verification, questions: Questions, pause: Pause
) -> None:
    check = verification.check
    numbers = _candidates(journal, check)
    held = journal.held()
    left = SLICE
    for number in numbers:
        entry = held.take(number)
        if entry is None:
            continue
        verification.feed(entry, await answers(questions, Seen(entry), pause))
        left -= questions.count
        if left <= 0:
            left = SLICE
            if (waiting := pause()) is not None:
                await waiting


def _candidates(journal: Journal, check: Check) -> Iterator[int] | range:
    """Return the numbers of what may concern the check, in order, each once."""
    indexes = [each.kind.index for each in check.expect]
    if check.judges_all or not all(indexes):
        return range(max(journal.first, check.after + 1), journal.last + 1)
    lists: list[Sequence[int]] = [
        journal.numbers(**index, after=check.after)[:] for index in indexes
    ]
    return iter(lists[0]) if len(lists) == 1 else _once(merge(*lists))


def _once(numbers: Iterator[int]) -> Iterator[int]:
    before = 0
    for number in numbers:
        if number != before:
            before = number
            yield number


async def answers(questions: Questions, seen: Seen, pause: Pause) -> int:
    """Return what of a check a request fits, whatever its phase. Raises ``ExpressionLimit``."""
    found = questions.cheap(seen)
    if questions.is_cheap:
        return found
    for bit in questions.costly(seen):
        found |= bit
        if (waiting := pause()) is not None:
            await waiting
    return found
