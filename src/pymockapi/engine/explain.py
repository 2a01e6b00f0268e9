"""Why a request is answered as it is: who fits and is available, and who misses by how little.

One function for the dry run, for a recorded request, and for the 404 that names the nearest
stubs. ``rank`` decides, this reads on. Its own work is bounded: of a crowd of stubs it compares
some, taken from the index, and counts the others.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from typing import Final

from pymockapi.engine.availability import obstacles, used_up
from pymockapi.engine.distance import distance
from pymockapi.engine.rank import candidates, interleaved, rank
from pymockapi.model.errors import ExpressionLimit
from pymockapi.model.plan import Candidate, Explanation, View
from pymockapi.model.request import Request
from pymockapi.model.stub import Context, Difference, Stub

MAX_COMPARED: Final = 100  # stubs compared field by field, at 10 to 100 us each
MAX_NEAREST: Final = 60  # the same for a 404, which traffic pays for
COMPARED_S: Final = 10e-6  # of the loop, for one of them

Order = tuple[int, int, int]
"""``(priority, -layer, -n)``: a stub's place in the ranking over all layers."""


def explain(view: View, request: Request, limit: int = 50) -> Explanation:
    """Return which stub answers ``request`` in ``view``, and why not the others.

    The first candidate that fits and is available is the answer, unless ``error`` is set.
    """
    answer, accepted, error = _decide(view, request)
    found = _compare(view, request, accepted, MAX_COMPARED)[:limit]
    in_force = sum(len(index) for _, index in view.layers) - len(view.masked)
    return Explanation(answer is not None, answer, found, in_force - len(found), error)


def nearest(view: View, request: Request, count: int = 3) -> tuple[Candidate, ...]:
    """Return the stubs that come closest to answering ``request``, which none does.

    Closest first, at most ``count``: those that fit and are not available, then the misses.
    """
    return _compare(view, request, (), MAX_NEAREST)[:count]


def _decide(view: View, request: Request) -> tuple[str | None, Sequence[Stub], str | None]:
    try:
        plan = rank(view, request)
    except ExpressionLimit as limit:
        return None, (), str(limit)
    accepted = [each.stub for each in plan.alternatives]
    free = (each.stub.name for each in plan.alternatives if not used_up(each.stub, each.key, view))
    return next(free, None), accepted, None


def _compare(
    view: View, request: Request, accepted: Sequence[Stub], count: int
) -> tuple[Candidate, ...]:
    """Return ``accepted`` and some ``count`` others: what fits in rank order, then by distance."""
    context = Context(request, view.now_ns())
    found: list[tuple[bool, float, Order, Candidate]] = []
    for stub in dict.fromkeys((*accepted, *islice(_others(view, request, count), count))):
        order, layer = _place(view, stub)
        seen = _candidate(view, stub, layer, context, fits=stub in accepted)
        far = 0.0 if seen.fits else distance(seen.differences, stub.pattern.index_key, request)
        found.append((not seen.fits, far, order, seen))
    found.sort(key=lambda item: item[:3])
    return tuple(seen for *_, seen in found)


def _others(view: View, request: Request, count: int) -> Iterator[Stub]:
    """Yield stubs in force that are worth a comparison, each once: the index's candidates first."""
    known: set[Stub] = set()
    for stub in _worthwhile(view, request, count):
        if stub not in known and stub not in view.masked:
            known.add(stub)
            yield stub


def _worthwhile(view: View, request: Request, count: int) -> Iterator[Stub]:
    spent = [hits for _, index in view.layers if (hits := index.retired(request))]
    yield from _some(candidates(view.layers, request), count // 2)
    yield from _some(interleaved(spent), count // 4)
    filled = [index for _, index in reversed(view.layers) if len(index)]
    for index in filled:
        yield from index.nearest(request, max(20, count // len(filled)))
    for index in filled:
        yield from index.nearest(request, count)


def _some(entries: Iterable[tuple[object, Stub]], count: int) -> Iterator[Stub]:
    return (stub for _, stub in islice(entries, count))


def _place(view: View, stub: Stub) -> tuple[Order, str]:
    for depth, (layer, index) in enumerate(view.layers):
        if stub in index:
            priority, place = index.rank_of(stub)
            return (priority, -depth, place), layer
    raise LookupError(f"stub '{stub.name}' is in no layer of this view")


def _candidate(view: View, stub: Stub, layer: str, context: Context, *, fits: bool) -> Candidate:
    differences: Sequence[Difference] = ()
    hindered: list[str] = []
    try:
        if not fits:
            differences = stub.pattern.differences(context.request, context)
        if not differences:
            fits = True
            hindered = obstacles(stub, view, context)
    except ExpressionLimit as limit:
        hindered = [str(limit)]
    return Candidate(
        stub=stub.name,
        layer=layer,
        priority=stub.priority,
        fits=fits,
        available=fits and not hindered,
        reason="; ".join(hindered) or None,
        differences=tuple(differences),
        summary=stub.pattern.describe(),
    )
