"""A namespace as it was when one of its recorded requests came, for explanations."""

from __future__ import annotations

from collections.abc import Mapping

import msgspec

from pymockapi.engine.index import LayerIndex
from pymockapi.model.exchange import Exchange
from pymockapi.model.plan import Index
from pymockapi.model.stub import Json, Stub
from pymockapi.store.cells import Cell
from pymockapi.store.history import Moment
from pymockapi.store.journal import Journal
from pymockapi.store.namespace import OWN, Namespace


class MomentView(msgspec.Struct, frozen=True):
    """See ``View``: what a request met."""

    layers: tuple[tuple[str, Index], ...]
    masked: frozenset[Stub]
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


def moment_view(space: Namespace, entry: Exchange) -> tuple[MomentView, bool]:
    """Return what ``entry``'s request met, and whether that is certain in every detail."""
    moment = Moment(
        layers={name: dict(layer.by_name) for name, layer in space.all_layers},
        places=space.own_places(),
        hidden=space.hidden,
        state=dict(space.state),
        cells={name: cell.copy() for name, cell in space.cells.items()},
    )
    space.history.rewind(entry.number, moment)
    layers = _layers(space, moment)
    masked, in_force = _masked(layers, moment.hidden)
    cells = {
        name: cell
        for name, cell in moment.cells.items()
        if cell is not None and name in in_force and _is_bounded(cell.stub)
    }
    is_certain = moment.complete
    for name, cell in cells.items():
        until = moment.cells_until.get(name, space.journal.last)
        is_certain &= _rewind(space.journal, cell, entry.number, until)
    spent = frozenset(in_force[name] for name, cell in cells.items() if cell.is_spent)
    view = MomentView(layers, masked, spent, moment.state, cells, entry.mock_at)
    return view, is_certain


def _layers(space: Namespace, moment: Moment) -> tuple[tuple[str, LayerIndex], ...]:
    """Use the shared indexes as they are; only the own layer is built anew."""
    shared = {f"set:{name}": each.layer for name, each in space.configuration.sets.items()}
    shared["base"] = space.configuration.base
    return tuple(
        (name, _own(stubs, moment.places) if name == OWN else shared[name])
        for name, stubs in moment.layers.items()
    )


def _own(stubs: Mapping[str, Stub], places: Mapping[str, int]) -> LayerIndex:
    return LayerIndex(sorted(stubs.values(), key=lambda stub: places[stub.name]))


def _masked(
    layers: tuple[tuple[str, LayerIndex], ...], hidden: frozenset[str]
) -> tuple[frozenset[Stub], dict[str, Stub]]:
    """Return the stubs out of force, and those in force by name."""
    masked: set[Stub] = set()
    in_force: dict[str, Stub] = {}
    for layer_name, layer in layers:
        for name, stub in layer.by_name.items():
            if name in in_force:
                masked.add(in_force[name])
            if layer_name != OWN and name in hidden:
                masked.add(stub)
            else:
                in_force[name] = stub
    return frozenset(masked), in_force


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
