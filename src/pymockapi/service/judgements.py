"""Verdicts on namespaces and scopes: judged in the store, with what came instead of what is missing.

That of a finished namespace is made once and kept; only requests that come late change it.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import msgspec

from pymockapi.engine.verifying.expectations import Kind
from pymockapi.engine.verifying.verdict import NOTHING, Item, Like, Problem, StubItem, Verdict
from pymockapi.engine.verifying.verdict_report import report
from pymockapi.service.listing import FEW, Pause
from pymockapi.service.near_requests import MAX_EXPLAINED, Search, told
from pymockapi.store.expected import Standing, standings
from pymockapi.store.journal import Journal
from pymockapi.store.judging import Judged, judge_now, rivals_for
from pymockapi.store.lives import Ended
from pymockapi.store.namespace import Namespace

Document = dict[str, Any]


async def judged(space: Namespace, ended: Ended | None, pause: Pause) -> Judged:
    """Judge all that came to ``space``; ``ended`` is how it ended, if it has."""
    if ended is not None and ended.judged is not None:
        return ended.judged
    found = judge_now(space, None, await rivals_for(space, None, pause))
    found = await with_nearest(space, found, pause)
    if ended is not None and ended.space is not None:
        ended.judged = found
    return found


async def verdict_on(space: Namespace, ended: Ended | None, pause: Pause) -> Verdict:
    found = await judged(space, ended, pause)
    return found.verdict(NOTHING if ended is None else ended.late_found)


async def with_nearest(
    space: Namespace, found: Judged, pause: Pause, journal: Journal | None = None
) -> Judged:
    """Return ``found`` with the recorded requests that are most like what unmet stubs miss.

    Of each stub as many as it misses, a few at most; ``journal`` has them, or the present one.
    """
    journal = journal or space.journal
    if not found.missing:
        return found
    unmet = found.found["unmet"]
    stubs = list(unmet.stubs)
    for place, each in enumerate(found.missing[:MAX_EXPLAINED]):
        taken = frozenset(stubs[place].requests)
        search = Search(journal, found.after, found.until, taken)
        near = await search.nearest(Kind(each.stub.name), each.stub.pattern, space, pause)
        nearest = tuple(
            Like(
                one.number,
                f"#{one.number} {told(journal.get(one.number), space)}",
                one.differences,
            )
            for one in near[: each.missing]
        )
        stubs[place] = msgspec.structs.replace(stubs[place], nearest=nearest)
    told_all = msgspec.structs.replace(unmet, stubs=tuple(stubs))
    return msgspec.structs.replace(found, found={**found.found, "unmet": told_all})


def verdict_document(verdict: Verdict, title: str, reason: str | None = None) -> Document:
    return {
        "passed": verdict.passed,
        "complete": verdict.complete,
        "problems": [_problem(each) for each in verdict.problems],
        "report": report(verdict, title, reason),
    }


def _problem(problem: Problem) -> Document:
    return {
        "kind": problem.kind,
        "effect": problem.effect,
        "count": problem.count,
        "requests": [_request(item) for item in problem.items],
        "stubs": [_stub(item) for item in problem.stubs],
    }


def _request(item: Item) -> Document:
    return {
        "number": item.number,
        "request": item.request,
        "code": item.code,
        "detail": item.detail,
    }


def _stub(item: StubItem) -> Document:
    return {
        "stub": item.stub,
        "layer": item.layer,
        "request": item.request,
        "expected": None if item.expected is None else item.expected.to_json(),
        "actual": item.actual,
        "requests": list(item.requests),
        "detail": item.detail,
        "nearest": [
            {
                "number": near.number,
                "request": near.request,
                "differences": [each.to_json() for each in near.differences],
            }
            for near in item.nearest
        ],
    }


def expected(space: Namespace) -> list[Standing]:
    """Return how each stub that says ``expect`` stands in this turn."""
    return [each for each in standings(space) if each.stub.expect is not None]


async def expectations(
    found: Sequence[Standing], clean: Callable[[Document], Document], pause: Pause
) -> list[Document]:
    """Return the documents of ``found``, met or not, as the verdict judges them.

    ``clean`` takes secrets out of a document.
    """
    made = []
    for each in found:
        made.append(clean(_expectation(each)))
        if len(made) % FEW == 0 and (waiting := pause()) is not None:
            await waiting
    return made


def _expectation(each: Standing) -> Document:
    assert each.stub.expect is not None
    return {
        "stub": each.stub.name,
        "layer": each.layer,
        "request": each.stub.pattern.describe(),
        "expected": each.stub.expect.to_json(),
        "actual": each.actual,
        "passed": each.stub.expect.allows(each.actual),
    }
