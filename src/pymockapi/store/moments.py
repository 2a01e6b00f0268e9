"""A namespace as it was when one of its recorded requests came, for explanations."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet

import msgspec

from pymockapi.engine.buckets import Entry, merged
from pymockapi.engine.index import LayerIndex
from pymockapi.engine.rank import candidates
from pymockapi.model.exchange import Exchange
from pymockapi.model.plan import Index
from pymockapi.model.request import Request
from pymockapi.model.stub import Json, Stub
from pymockapi.store.ahead import SLICE
from pymockapi.store.cells import Cell
from pymockapi.store.history import Moment
from pymockapi.store.journal import Journal
from pymockapi.store.namespace import OWN, Namespace
from pymockapi.store.selecting import Pause


class MomentView(msgspec.Struct, frozen=True):
    """See ``View``: what a request met."""

    layers: tuple[tuple[str, Index], ...]
    masked: AbstractSet[Stub]
    spent: frozenset[Stub]
    state: Mapping[str, Json]
    cells: Mapping[str, Cell]
    clock_ns: int
    version: int = 0
    state_version: int = 0

    def now_ns(self) -> int:
        return self.clock_ns

    def cell(self, name: str) -> Cell | None:
        return self.cells.get(name)


class WholeLayer:
    """An own layer whose retired stubs count as any other: they had not served out yet."""

    def __init__(self, layer: LayerIndex) -> None:
        self._layer = layer
        self.rank_of = layer.rank_of
        self.nearest = layer.nearest

    def __len__(self) -> int:
        return len(self._layer)

    def __contains__(self, stub: Stub) -> bool:
        return stub in self._layer

    def candidates(self, request: Request) -> Sequence[Entry]:
        return merged((self._layer.candidates(request), self._layer.retired(request)))

    def retired(self, request: Request) -> Sequence[Entry]:  # noqa: ARG002
        return ()


async def own_layer_of(space: Namespace, entry: Exchange, pause: Pause) -> LayerIndex | None:
    """Return the own layer that ``entry``'s request met, built in slices; ``None``: the present."""
    if not space.history.touches_layers(entry.number):
        return None
    moment = _rewound(space, entry)
    layer = LayerIndex()
    for number, stub in enumerate(_in_order(moment), 1):
        layer.add(stub)
        if number % SLICE == 0 and (waiting := pause()) is not None:
            await waiting
    for _ in layer.prepare():
        if (waiting := pause()) is not None:
            await waiting
    return layer


def moment_view(
    space: Namespace, entry: Exchange, own: LayerIndex | None = None
) -> tuple[MomentView, bool]:
    """Return what ``entry``'s request met, and whether that is certain in every detail.

    ``own`` is its own layer, as far as ``own_layer_of`` has built it. Valid for this turn.
    """
    moment = _rewound(space, entry)
    masked: AbstractSet[Stub] = space.masked
    layers: tuple[tuple[str, Index], ...]
    if own is not None or space.history.touches_layers(entry.number):
        layers = (*moment.shared, (OWN, LayerIndex(_in_order(moment)) if own is None else own))
        masked = _masked(moment)
    else:
        layers = (*moment.shared, (OWN, WholeLayer(space.own)))
    asked = [s for _, s in candidates(layers, entry.request()) if s not in masked]
    cells, is_certain = _cells(space, moment, asked, entry.number)
    spent = frozenset(s for s in asked if s.name in cells and cells[s.name].is_spent)
    view = MomentView(layers, masked, spent, moment.state, cells, entry.mock_at)
    return view, is_certain and moment.complete


def _rewound(space: Namespace, entry: Exchange) -> Moment:
    own: dict[str, Stub] = {}
    places: dict[str, int] = {}
    if space.history.touches_layers(entry.number):
        own, places = dict(space.own.by_name), space.own_places()
    shared = space.composition.layers
    moment = Moment(shared, own, places, space.hidden, dict(space.state), {})
    return space.history.rewind(entry.number, moment)


def _in_order(moment: Moment) -> list[Stub]:
    return sorted(moment.own.values(), key=lambda stub: moment.places[stub.name])


def _cells(
    space: Namespace, moment: Moment, asked: Sequence[Stub], number: int
) -> tuple[dict[str, Cell], bool]:
    """Return the counters of ``asked`` as they were, where they decide what a stub answers."""
    cells: dict[str, Cell] = {}
    is_certain = True
    for stub in asked:
        name = stub.name
        present = space.cells.get(name) if moment.has_others else None
        cell = moment.cells.get(name, present)
        if cell is None or not _is_bounded(cell.stub):
            continue
        cells[name] = cell = cell.copy()
        until = moment.cells_until.get(name, space.journal.last)
        is_certain &= _rewind(space.journal, cell, number, until)
    return cells, is_certain


def _masked(moment: Moment) -> frozenset[Stub]:
    """Return the stubs out of force."""
    masked: set[Stub] = set()
    in_force: dict[str, Stub] = {}
    for _, layer in moment.shared:
        for name, stub in layer.by_name.items():
            if name in in_force:
                masked.add(in_force[name])
            if name in moment.hidden:
                masked.add(stub)
            else:
                in_force[name] = stub
    masked.update(in_force[name] for name in moment.own if name in in_force)
    return frozenset(masked)


def _is_bounded(stub: Stub) -> bool:
    """Whether the counters of ``stub`` decide what it answers."""
    return stub.times is not None or stub.is_sequence


def _rewind(journal: Journal, cell: Cell, number: int, until: int) -> bool:
    """Take the claims of requests ``number`` to ``until`` off the counters that followed them.

    Returns whether all of them are known: a deleted entry no longer tells its key.
    """
    is_certain = True
    for claimed in journal.numbers(stub=cell.stub.name, after=number - 1):
        if claimed > until:
            break
        entry = journal.get(claimed)
        if entry is None:
            is_certain = False
            continue
        cell.hits -= 1
        if cell.stub.is_sequence:
            cell.cursors[entry.key] -= 1
    return is_certain
