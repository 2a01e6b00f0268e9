"""Which stubs can never answer, because a stronger one always answers their requests.

It has a request that means the same (``engine/same_requests.py``), or one that takes all.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from typing import Final, NamedTuple

from pymockapi.engine.configuration import Composition
from pymockapi.engine.index import Grouped, LayerIndex
from pymockapi.engine.rank import is_always_available
from pymockapi.engine.same_requests import EVERY_REQUEST, request_key
from pymockapi.model.slices import Work
from pymockapi.model.stub import Stub

_OWN: Final = "own"
_FEW: Final = 16  # stubs between two looks at the clock, 40 us
_MANY: Final = 512  # of what was found, to be put in order
Group = Mapping[bytes, tuple[tuple[int, Stub], ...]]
Standing = tuple[int, int, int, Stub]
"""A stub in force as it ranks: its priority, and its place from above and order, both negated."""


class Shadow(NamedTuple):
    """``stub`` of ``layer`` never answers: ``by`` of ``by_layer`` always does; both are names."""

    stub: str
    layer: str
    by: str
    by_layer: str
    request: bytes


def shadowed(stubs: Sequence[Stub]) -> list[tuple[Stub, Stub]]:
    """Return each stub that can never answer, with the one that always answers before it.

    ``stubs`` are those of one layer, in definition order.
    """
    found: list[tuple[Stub, Stub]] = []
    covering: dict[bytes, Stub] = {}
    for stub in _strongest_first(stubs):
        request = request_key(stub)
        stronger = covering.get(request) or covering.get(EVERY_REQUEST)
        if stronger is not None:
            found.append((stub, stronger))
        elif _covers(stub):
            covering[request] = stub
    return found


def covering(stubs: Sequence[Stub]) -> dict[bytes, Stub]:
    """Return the strongest of ``stubs`` that answers all requests of a definition, by its key."""
    found: dict[bytes, Stub] = {}
    for stub in _strongest_first(stubs):
        if _covers(stub):
            found.setdefault(request_key(stub), stub)
    return found


def shadowing(
    shared: Composition, own: Sequence[Stub], masked: AbstractSet[Stub]
) -> Work[Sequence[Shadow]]:
    """Return what is shadowed where ``own`` lies on ``shared``, by layer from below, then by name.

    ``own`` is in definition order; ``masked`` are all shared stubs that are out of force, those
    that ``shared`` masks among them. Costs what ``own`` and the other masked ones do; what the
    shared layers do to each other is found once for all namespaces.
    """
    known = yield from _shadowing_shared(shared)
    if not own and len(masked) == len(shared.masked):
        return known
    kinds = yield from _groups_of(shared)
    before = _taking_all([each.by_request for each in kinds], shared.masked)
    kinds.append((yield from _grouping(own)))
    groups = [each.by_request for each in kinds]
    all_of = _taking_all(groups, masked)
    touched = set(groups[-1])
    for number, stub in enumerate(masked - shared.masked):
        touched.add(request_key(stub))
        if number % _FEW == _FEW - 1:
            yield
    if _stub_of(before) is not _stub_of(all_of) and _reaches((before, all_of), kinds):
        for group in groups:
            touched.update(group)
            yield
    layers = [name for name, _ in shared.layers] + [_OWN]
    found = [each for each in known if each.request not in touched]
    found += yield from _among(touched, layers, groups, masked, all_of)
    return (yield from _in_order(found, layers))


def _shadowing_shared(shared: Composition) -> Work[Sequence[Shadow]]:
    if not shared.shadows:
        kinds = yield from _groups_of(shared)
        groups = [each.by_request for each in kinds]
        all_of = _taking_all(groups, shared.masked)
        above: set[bytes] = set()
        several: set[bytes] = set()
        for (_, layer), group in zip(reversed(shared.layers), reversed(groups), strict=True):
            several |= group.keys() & above
            several.update((yield from _grouped(layer)).repeated)
            if layer is not shared.layers[0][1]:
                above |= group.keys()
            if _reaches((all_of,), kinds):
                several.update(group)
            if len(group) >= _FEW:
                yield
        layers = [name for name, _ in shared.layers]
        found = yield from _among(several, layers, groups, shared.masked, all_of)
        shared.shadows[:] = [(yield from _in_order(found, layers))]
    known: Sequence[Shadow] = shared.shadows[0]
    return known


def _groups_of(shared: Composition) -> Work[list[Grouped]]:
    groups: list[Grouped] = []
    for _, layer in shared.layers:
        groups.append((yield from _grouped(layer)))
    return groups


def _taking_all(groups: Sequence[Group], masked: AbstractSet[Stub]) -> Standing | None:
    """Return the strongest stub that answers every request."""
    return min(filter(_is_covering, _standing(EVERY_REQUEST, groups, masked)), default=None)


def _is_covering(standing: Standing) -> bool:
    return _covers(standing[3])


def _stub_of(standing: Standing | None) -> Stub | None:
    return None if standing is None else standing[3]


def _reaches(taking_all: Iterable[Standing | None], kinds: Sequence[Grouped]) -> bool:
    """Return whether any of them may be stronger than any stub: a fallback is not."""
    weakest = max((each.weakest for each in kinds), default=0)
    return any(each is not None and each[0] <= weakest for each in taking_all)


def _grouped(layer: LayerIndex) -> Work[Grouped]:
    """Return the stubs of ``layer``, a shared one, by request; grouped once for all."""
    if layer.grouped is None:
        layer.grouped = yield from _grouping(layer.stubs)
    return layer.grouped


def _grouping(stubs: Iterable[Stub]) -> Work[Grouped]:
    found: dict[bytes, tuple[tuple[int, Stub], ...]] = {}
    repeated: set[bytes] = set()
    weakest = 0
    for number, stub in enumerate(stubs):
        key = request_key(stub)
        if key in found:
            repeated.add(key)
        found[key] = (*found.get(key, ()), (number, stub))
        if key != EVERY_REQUEST:
            weakest = max(weakest, stub.priority)
        if number % _FEW == _FEW - 1:
            yield
    return Grouped(found, frozenset(repeated), weakest)


def _among(
    requests: Iterable[bytes],
    layers: Sequence[str],
    groups: Sequence[Group],
    masked: AbstractSet[Stub],
    all_of: Standing | None,
) -> Work[list[Shadow]]:
    """Find what is shadowed by others of its request, or by ``all_of``, which takes every one."""
    found: list[Shadow] = []
    for number, request in enumerate(requests):
        standing = _standing(request, groups, masked)
        above = all_of if request != EVERY_REQUEST else None
        if above is not None:
            standing.append(above)
        standing.sort()  # no two share the first three
        ranked = [(layers[-place], stub) for _, place, _, stub in standing]
        found += _behind(request, ranked, _stub_of(above))
        if number % _FEW == _FEW - 1:
            yield
    return found


def _standing(request: bytes, groups: Sequence[Group], masked: AbstractSet[Stub]) -> list[Standing]:
    return [
        (stub.priority, -place, -order, stub)
        for place, group in enumerate(groups)
        for order, stub in group.get(request, ())
        if stub not in masked
    ]


def _behind(
    request: bytes, strongest_first: Iterable[tuple[str, Stub]], above: Stub | None
) -> Iterator[Shadow]:
    """Yield what never answers; ``above`` stands there though its request is another."""
    by: tuple[str, Stub] | None = None
    for layer, stub in strongest_first:
        if by is not None and stub is not above:
            yield Shadow(stub.name, layer, by[1].name, by[0], request)
        elif by is None and _covers(stub):
            by = layer, stub


def _in_order(found: Iterable[Shadow], layers: Sequence[str]) -> Work[Sequence[Shadow]]:
    of_layer: dict[str, dict[str, Shadow]] = {layer: {} for layer in layers}
    for number, each in enumerate(found):
        of_layer[each.layer][each.stub] = each
        if number % _MANY == _MANY - 1:
            yield
    ordered: list[Shadow] = []
    for held in of_layer.values():
        ordered += [held[name] for name in sorted(held)]
        if len(held) >= _MANY:
            yield
    return ordered


def _covers(stub: Stub) -> bool:
    return is_always_available(stub) and not stub.when


def _strongest_first(stubs: Sequence[Stub]) -> list[Stub]:
    ordered = list(reversed(stubs))
    ordered.sort(key=lambda stub: stub.priority)
    return ordered
