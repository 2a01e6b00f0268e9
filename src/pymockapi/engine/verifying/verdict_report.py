"""The text of a verdict, in lines of at most 100 characters where words allow.

Who sees only this should be able to tell what the system under test, or the test, did wrong.
"""

from __future__ import annotations

import textwrap
from collections.abc import Iterator
from typing import Final

from pymockapi.engine.verifying.verdict import FAIL, Item, Problem, StubItem, Verdict

WIDTH: Final = 100
MAX_NUMBERS: Final = 10
MAX_DIFFERENCES: Final = 5

_TITLES: Final = {
    "unmatched": ("request that no stub answered", "requests that no stub answered"),
    "errors": ("request that the mock had to fail", "requests that the mock had to fail"),
    "unmet": (
        "stub that answered fewer requests than expected",
        "stubs that answered fewer requests than expected",
    ),
    "overrun": (
        "stub that answered more requests than expected",
        "stubs that answered more requests than expected",
    ),
    "unused": ("stub that never answered", "stubs that never answered"),
    "sequence_left": (
        "sequence that was not played to its end",
        "sequences that were not played to their end",
    ),
    "ambiguous": (
        "request that several stubs of equal rank fit",
        "requests that several stubs of equal rank fit",
    ),
    "late": ("request after the end", "requests after the end"),
}


def report(verdict: Verdict, title: str, reason: str | None = None) -> str:
    """Return the text; ``reason`` tells how the wait before it ended, if there is anything to tell."""
    lines = _wrapped(f"{title}: {'passed' if verdict.passed else 'failed'}", "")
    if reason is not None:
        lines += _wrapped(reason, "  ")
    if not verdict.complete:
        lines += _wrapped(
            "Requests were dropped that could have changed this verdict: raise the limits"
            " 'requests' and 'bytes' of the namespace.",
            "  ",
        )
    for problem in verdict.problems:
        one, many = _TITLES[problem.kind]
        mark = "" if problem.effect == FAIL else " (a warning)"
        lines += _wrapped(f"{problem.count} {one if problem.count == 1 else many}{mark}:", "  ")
        lines += _shown(problem)
    return "\n".join(lines)


def _shown(problem: Problem) -> Iterator[str]:
    for item in problem.items:
        yield from _request(item, with_code=problem.kind == "errors")
    for stub in problem.stubs:
        yield from _stub(stub)
    if left := problem.count - len(problem.items) - len(problem.stubs):
        yield f"    and {left} more"


def _request(item: Item, *, with_code: bool) -> Iterator[str]:
    number = "" if item.number is None else f"#{item.number} "
    yield from _wrapped(f"{number}{item.request}{f': {item.code}' if with_code else ''}", "    ")
    if item.detail is not None:
        yield from _wrapped(item.detail, "      ")


def _stub(item: StubItem) -> Iterator[str]:
    layer = "" if item.layer == "own" else f" of {item.layer}"
    told = ""
    if item.detail is not None:
        told = f": {item.detail}"
    elif item.expected is not None:
        told = f": expected {item.expected.describe()}, got {item.actual}{_numbers(item)}"
    yield from _wrapped(f"'{item.stub}'{layer} ({item.request}){told}", "    ")
    for near in item.nearest:
        yield from _wrapped(f"nearest: {near.request}", "      ")
        for each in near.differences[:MAX_DIFFERENCES]:
            yield from _wrapped(
                f"{each.field}: expected {each.expected}, got {each.actual}", "        "
            )


def _numbers(item: StubItem) -> str:
    """Return which requests it answered, as far as they are recorded."""
    told = ", ".join(f"#{number}" for number in item.requests[:MAX_NUMBERS])
    if not told:
        return ""
    return f" ({told}{', …' if item.actual > len(item.requests[:MAX_NUMBERS]) else ''})"


def _wrapped(text: str, indent: str) -> list[str]:
    return textwrap.wrap(
        text, WIDTH, initial_indent=indent, subsequent_indent=indent + "  ", break_on_hyphens=False
    )
