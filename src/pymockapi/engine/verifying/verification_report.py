"""The text of a verification: what failed first, with what came instead, in 100 columns.

Who sees only this should be able to tell what the system under test did wrong.
"""

from __future__ import annotations

import textwrap
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Final

import msgspec

from pymockapi.engine.verifying.expectations import ANY, PAIRS
from pymockapi.engine.verifying.tallies import MAX_LISTED
from pymockapi.engine.verifying.verification import Divergence, Outcome, Result
from pymockapi.model.stub import Difference

WIDTH: Final = 100
MAX_NUMBERS: Final = 10
MAX_STRAYS: Final = 10
MAX_DIFFERENCES: Final = 5

Tell = Callable[[int], str]
"""Returns a request in short by its number: ``#7 POST /payments -> 201``."""


class Near(msgspec.Struct, frozen=True):
    """A recorded request that is much like what is missing, and how it differs."""

    number: int
    differences: tuple[Difference, ...]


def report(
    outcome: Outcome,
    title: str,
    tell: Tell,
    near: Mapping[str, Sequence[Near]],
    reason: str | None = None,
) -> str:
    """Return the text; ``near`` has the nearest requests by the id of an expectation."""
    lines = _wrapped(f"{title}: {'passed' if outcome.passed and not reason else 'failed'}", "")
    if reason:
        lines += _wrapped(reason, "  ")
    if not outcome.complete:
        lines += _wrapped(
            "Requests were dropped that could have changed this verdict: raise the limits"
            " 'requests' and 'bytes' of the namespace, or verify after a cursor.",
            "  ",
        )
    if told := _told(outcome):
        lines.append(f"  {told}")
    results = sorted(outcome.results, key=lambda result: result.passed)
    for result in results:
        lines += _result(result, near.get(result.expectation.id, ()), tell)
    if outcome.check.judges_all:
        lines += _strays(outcome, tell)
    if outcome.divergence is not None:
        lines += _divergence(outcome.divergence, outcome.check.order, tell)
    return "\n".join(lines)


def _told(outcome: Outcome) -> str:
    check = outcome.check
    parts = []
    if check.after:
        parts.append(f"after request {check.after}")
    if check.order == PAIRS:
        pairs = ", ".join(
            f"'{check.expect[first].id}' before '{check.expect[second].id}'"
            for first, second in check.pairs[:3]
        )
        parts.append(f"order: {pairs}{' …' if len(check.pairs) > 3 else ''}")
    elif check.order != ANY:
        parts.append(f"order: {check.order}")
    if check.nothing_else:
        parts.append("nothing else")
    if check.within_s:
        parts.append(f"within {check.within_s:g} s")
    if check.quiet_s:
        parts.append(f"quiet for {check.quiet_s:g} s")
    return "; ".join(parts)


def _result(result: Result, near: Sequence[Near], tell: Tell) -> Iterator[str]:
    each = result.expectation
    told = each.describe()
    name = "" if each.id in (told, each.kind.stub) else f"{each.id}: "
    more = f", and up to {result.dropped} dropped" if result.dropped else ""
    numbers = _numbers(result.numbers)
    gone = result.actual - len(result.numbers)
    if gone and len(result.numbers) < MAX_LISTED:  # known by their number alone
        numbers += f"{' and ' if numbers else ''}{gone} dropped"
    mark = "ok     " if result.passed else "FAILED "
    yield from _wrapped(
        f"{mark}{name}{told}: expected {each.describe_times()}, got {result.actual}"
        f"{more}{f' ({numbers})' if numbers else ''}",
        "  ",
    )
    if result.misplaced and not result.passed:
        yield from _wrapped(f"out of order: {_numbers(result.misplaced)}", "           ")
    for one in near:
        yield from _wrapped(f"nearest: {tell(one.number)}", "           ")
        for difference in one.differences[:MAX_DIFFERENCES]:
            yield from _wrapped(
                f"{difference.field}: expected {difference.expected}, got {difference.actual}",
                "             ",
            )


def _numbers(numbers: Sequence[int]) -> str:
    told = ", ".join(f"#{number}" for number in numbers[:MAX_NUMBERS])
    return f"{told}, …" if len(numbers) > MAX_NUMBERS else told


def _strays(outcome: Outcome, tell: Tell) -> Iterator[str]:
    count = outcome.stray_count
    if not count:
        return
    noun = "request" if count == 1 else "requests"
    yield f"  FAILED {count} {noun} that nothing expected:"
    for number in outcome.strays[:MAX_STRAYS]:
        yield from _wrapped(tell(number), "           ")
    if count > MAX_STRAYS:
        yield f"           and {count - MAX_STRAYS} more"


def _divergence(divergence: Divergence, order: str, tell: Tell) -> Iterator[str]:
    yield f"  The order ({order}) was left here:"
    got = "nothing more" if divergence.got is None else tell(divergence.got)
    rows = [(expected, tell(number)) for expected, number in divergence.matched]
    rows.append((divergence.expected, got))
    width = min(44, max(len("expected"), *(len(expected) for expected, _ in rows)))
    yield f"      {'expected':<{width}} | got"
    for place, (left, right) in enumerate(rows, 1):
        mark = "  > " if place == len(rows) else "    "
        yield from _row(mark, left, right, width)
    if note := note_of(divergence, tell):
        yield from _wrapped(note, "      ")


def _row(mark: str, left: str, right: str, width: int) -> Iterator[str]:
    """Yield a row of two columns, each in as many lines as it needs."""
    lefts = textwrap.wrap(left, width, break_on_hyphens=False) or [""]
    rights = textwrap.wrap(right, WIDTH - width - 9, break_on_hyphens=False) or [""]
    for line in range(max(len(lefts), len(rights))):
        one = lefts[line] if line < len(lefts) else ""
        other = rights[line] if line < len(rights) else ""
        yield f"  {mark if not line else '    '}{one:<{width}} | {other}".rstrip()


def note_of(divergence: Divergence, tell: Tell) -> str | None:
    """Return what else helps to understand where the order was left."""
    if divergence.early is not None:
        return f"{tell(divergence.early)} fits, but came too early."
    if divergence.rival is not None:
        return f"{tell(divergence.rival)} had come before."
    return None


def _wrapped(text: str, indent: str) -> list[str]:
    return textwrap.wrap(
        text, WIDTH, initial_indent=indent, subsequent_indent=indent + "  ", break_on_hyphens=False
    )
