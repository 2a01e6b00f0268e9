"""The verdict on a namespace: what of all that came there is a problem, and whether it passed.

A plain function of counts. They are exact although recorded requests are dropped, so a verdict
never guesses; where dropped requests leave a doubt that matters, it is not complete, and fails.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final

import msgspec

from pymockapi.model.stub import Bounds, Difference

FAIL: Final = "fail"
WARN: Final = "warn"
IGNORE: Final = "ignore"
WEIGHTS: Final = (FAIL, WARN, IGNORE)
"""What a problem may do, the strongest first."""

EFFECTS: Final[Mapping[str, str]] = {
    "unmatched": FAIL,
    "errors": FAIL,
    "unmet": FAIL,
    "overrun": FAIL,
    "unused": WARN,
    "sequence_left": IGNORE,
    "ambiguous": IGNORE,
    "late": WARN,
}
"""What a problem of each kind does as shipped, in the order in which they are told."""

UNMATCHED: Final = "no-match"
MAX_ITEMS: Final = 20  # of each kind are shown; ``count`` has all

Change = Callable[[str], str]


class Item(msgspec.Struct, frozen=True):
    """One request of a problem; ``number`` is ``None`` for one that was never numbered.

    ``code`` is that of the answer, ``detail`` what else helps to find the cause.
    """

    number: int | None
    request: str
    code: str
    detail: str | None = None

    def map_texts(self, change: Change) -> Item:
        detail = None if self.detail is None else change(self.detail)
        return msgspec.structs.replace(self, request=change(self.request), detail=detail)


class Like(msgspec.Struct, frozen=True):
    """A recorded request much like those that a stub was to answer, and how it differs."""

    number: int
    request: str
    differences: tuple[Difference, ...]

    def map_texts(self, change: Change) -> Like:
        differences = tuple(
            Difference(each.field, change(each.expected), change(each.actual))
            for each in self.differences
        )
        return Like(self.number, change(self.request), differences)


class StubItem(msgspec.Struct, frozen=True):
    """One stub of a problem: what it accepts in short, and how many requests it answered.

    ``expected`` is ``None`` where it says nothing. ``requests`` are the first of those that it
    answered and that are still recorded; ``nearest`` tells what came instead of missing ones.
    ``key`` is the value of a sequence's ``per`` as ``detail`` tells it, if it does.
    """

    stub: str
    layer: str
    request: str
    expected: Bounds | None
    actual: int
    requests: tuple[int, ...] = ()
    detail: str | None = None
    nearest: tuple[Like, ...] = ()
    key: str | None = None

    def map_texts(self, change: Change) -> StubItem:
        return msgspec.structs.replace(
            self,
            request=change(self.request),
            detail=None if self.detail is None else change(self.detail),
            nearest=tuple(each.map_texts(change) for each in self.nearest),
        )


class Found(msgspec.Struct, frozen=True):
    """How many requests or stubs, and the first of them: of requests those still recorded."""

    count: int = 0
    items: tuple[Item, ...] = ()
    stubs: tuple[StubItem, ...] = ()

    def __add__(self, other: Found) -> Found:
        items = sorted((*self.items, *other.items), key=lambda item: item.number or 0)
        return Found(self.count + other.count, tuple(items[:MAX_ITEMS]))


class Problem(msgspec.Struct, frozen=True):
    """``effect`` is ``fail`` or ``warn``; either ``items`` or ``stubs`` are told, as the kind is."""

    kind: str
    effect: str
    count: int
    items: tuple[Item, ...] = ()
    stubs: tuple[StubItem, ...] = ()


class Verdict(msgspec.Struct, frozen=True):
    """``complete`` is false when what was dropped could have changed it; it has failed then."""

    passed: bool
    complete: bool
    problems: tuple[Problem, ...]

    def map_texts(self, change: Change) -> Verdict:
        """Return the same with every text about a request changed."""
        return msgspec.structs.replace(
            self,
            problems=tuple(
                msgspec.structs.replace(
                    problem,
                    items=tuple(item.map_texts(change) for item in problem.items),
                    stubs=tuple(stub.map_texts(change) for stub in problem.stubs),
                )
                for problem in self.problems
            ),
        )


NOTHING: Final = Found()
_NONE: Final[Mapping[str, str]] = {}


def effect_of(kind: str, changed: Mapping[str, str]) -> str:
    """Return what a problem of ``kind`` does, where ``changed`` says so or as shipped."""
    return changed.get(kind, EFFECTS[kind])


def kinds_of(answers: Mapping[str, Found]) -> dict[str, Found]:
    """Return the problems with requests, by kind, from those by the code of the mock's own answer."""
    found = {"unmatched": NOTHING, "errors": NOTHING}
    for code, each in answers.items():
        found["unmatched" if code == UNMATCHED else "errors"] += each
    return found


def judge(
    found: Mapping[str, Found], changed: Mapping[str, str] = _NONE, *, in_doubt: bool = False
) -> Verdict:
    """Return the verdict on what was ``found`` of each kind.

    ``in_doubt``: what was dropped may have been a problem that fails. That matters to a verdict
    that would pass without it, and to no other.
    """
    problems = tuple(
        Problem(kind, effect, each.count, each.items, each.stubs)
        for kind in EFFECTS
        if (each := found.get(kind, NOTHING)).count
        and (effect := effect_of(kind, changed)) != IGNORE
    )
    would_pass = all(problem.effect != FAIL for problem in problems)
    return Verdict(would_pass and not in_doubt, not (would_pass and in_doubt), problems)
