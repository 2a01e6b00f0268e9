"""One namespace in memory: its layers, cells, state, clock and journal; what rank and explain view.

The shared layers come from a ``Configuration`` and are never copied. Everything that a test can
set or observe hangs on this object, so that deleting it leaves nothing behind.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from collections.abc import Set as AbstractSet

import msgspec

from pymockapi.engine.configuration import Composition, Configuration, Replacement
from pymockapi.engine.index import LayerIndex
from pymockapi.model.changes import NamespaceSpec
from pymockapi.model.clock import Clock
from pymockapi.model.event import Event, EventKind
from pymockapi.model.plan import Plan
from pymockapi.model.settings import NamespaceSettings
from pymockapi.model.stub import Json, Stub
from pymockapi.store.cells import Cell
from pymockapi.store.history import (
    CellWas,
    HiddenWere,
    History,
    LayersWere,
    StateWas,
    StubWas,
)
from pymockapi.store.journal import Journal

OWN = "own"
MAX_PLANS = 16_384  # as many heads as one listener knows; about 4 MB


class Snapshot(msgspec.Struct, frozen=True):
    """All of a namespace but its journal, numbers, labels and lease."""

    id: str
    at: int
    version: int
    sets: tuple[str, ...]
    own: tuple[Stub, ...]
    hidden: frozenset[str]
    state: Mapping[str, Json]
    cells: Mapping[str, Cell]
    settings_given: Mapping[str, Json]
    settings: NamespaceSettings
    clock: Clock


class Namespace:
    """The view, and all that lies behind it; only the store writes to it."""

    __slots__ = (
        "cells", "clock", "composition", "configuration", "created_at", "date_cache",
        "expires_s", "hidden", "history", "id", "journal", "key_count", "known_names", "layers", "lease_s", "masked", "name", "origin",
        "own", "plans", "real_ns", "seq", "settings", "settings_given", "sinks", "snapshots", "spec",
        "spent", "state", "state_version", "version",
    )  # fmt: skip

    def __init__(
        self,
        spec: NamespaceSpec,
        configuration: Configuration,
        identity: str,
        real_ns: Callable[[], int],
        remains: list[Stub] | None = None,
    ) -> None:
        self.spec = spec
        self.name = spec.name
        self.id = identity
        self.configuration = configuration
        self.real_ns = real_ns
        self.created_at = real_ns()
        self.version = 1
        self.state_version = 0
        self.seq = 0
        self.sinks: list[Callable[[Event], None]] = []
        self.journal = Journal()
        self.history = History(remains)
        self.snapshots: dict[str, Snapshot] = {}
        self.expires_s: float | None = None
        self.lease_s = spec.lease_s
        self.date_cache: tuple[int, bytes] = (-1, b"")
        self.cells: dict[str, Cell] = {}
        self.plans: dict[bytes, Plan] = {}  # settled ones of this version, by head
        self.spent: set[Stub] = set()
        self.key_count = 0
        self.known_names: set[str] = set()
        self.state: dict[str, Json] = dict(spec.state)
        self.clock = spec.clock
        self.settings = spec.settings
        self.settings_given: Mapping[str, Json] = spec.settings_given
        self._lay(configuration.compose(spec.sets), frozenset(), LayerIndex(spec.stubs))
        self.origin = self.snapshot("origin")

    def _lay(self, composition: Composition, hidden: frozenset[str], own: LayerIndex) -> None:
        self.composition = composition
        self.hidden = hidden
        self.own = own
        self.masked: AbstractSet[Stub] = composition.masked
        self.layers = (*composition.layers, (OWN, own)) if own else composition.layers
        covering = set(hidden)
        for _, layer in composition.layers:
            covering |= own.by_name.keys() & layer.by_name.keys()
        for name in covering:
            self._remask(name)

    def relay(self, composition: Composition, hidden: frozenset[str], own: LayerIndex) -> None:
        """Put other layers in force, ``own`` a new one; what was is kept for explanations."""
        self.known_names.update(self.own.by_name)
        self.log_layers()
        self._lay(composition, hidden, own)

    def renumber(self) -> None:
        """Count a change of definitions or settings; no plan holds any more."""
        self.version += 1
        self.plans.clear()

    def keep_plan(self, head: bytes, plan: Plan) -> None:
        """Keep a settled plan for bodiless requests with ``head``, until the next change."""
        if len(self.plans) >= MAX_PLANS:
            self.plans.clear()
        self.plans[head] = plan

    def clear_journal(self) -> None:
        """Begin an empty journal; numbers go on."""
        self.journal = Journal(self.journal.last)
        self.history.forget(self.journal.first)

    def log_layers(self) -> None:
        """Keep the layers in force; the own one as it is, so a new one must follow."""
        stubs = tuple((name, layer.by_name) for name, layer in self.all_layers)
        self.history.add(self.journal.last, LayersWere(stubs, self.own_places(), self.hidden))

    def log_own(self, name: str) -> None:
        """Keep the own stub ``name`` as it is, or that there is none."""
        stub = self.own.by_name.get(name)
        was = StubWas(name, stub, self._place(stub) if stub is not None else 0)
        self.history.add(self.journal.last, was)

    def log_state(self) -> None:
        self.history.add(self.journal.last, StateWas(self.state))

    def log_cell(self, name: str) -> None:
        cell = self.cells.get(name)
        self.history.add(self.journal.last, CellWas(name, cell.copy() if cell else None))

    def own_places(self) -> dict[str, int]:
        """Return where each own stub stands in the order of definition."""
        return {name: self._place(stub) for name, stub in self.own.by_name.items()}

    def _place(self, stub: Stub) -> int:
        _, place = self.own.rank_of(stub)
        return -place

    @property
    def all_layers(self) -> tuple[tuple[str, LayerIndex], ...]:
        return (*self.composition.layers, (OWN, self.own))

    def _remask(self, name: str) -> None:
        """Put the shared stubs called ``name`` out of force, or back, as the layers above say."""
        covered = name in self.hidden or name in self.own.by_name
        for _, layer in reversed(self.composition.layers):
            stub = layer.by_name.get(name)
            if stub is None:
                continue
            if not isinstance(self.masked, set):
                self.masked = set(self.masked)  # the composition's own is shared
            (self.masked.add if covered else self.masked.discard)(stub)
            covered = True

    def add_own(self, stub: Stub) -> None:
        """Add ``stub`` to the own layer, or put it in the place of the one of its name there."""
        old = self.own.by_name.get(stub.name)
        if old is not None:
            self.revive(old)
            self.own.replace(old, stub)
        else:
            self.own.add(stub)
            self._remask(stub.name)
        if len(self.layers) == len(self.composition.layers):
            self.layers = (*self.composition.layers, (OWN, self.own))

    def remove_own(self, name: str) -> None:
        stub = self.own.by_name[name]
        self.known_names.add(name)
        self.revive(stub)
        self.own.remove(stub)
        self._remask(name)

    def retire(self, stub: Stub) -> None:
        """Take a spent stub out of what rank looks at, until it is revived."""
        if self.own.by_name.get(stub.name) is stub:
            self.own.retire(stub)
        else:
            self.spent.add(stub)

    def revive(self, stub: Stub) -> None:
        self.spent.discard(stub)
        if self.own.by_name.get(stub.name) is stub:
            self.own.revive(stub)

    def hide(self, names: AbstractSet[str]) -> None:
        """Put the shared stubs called ``names`` out of force here."""
        self.history.add(self.journal.last, HiddenWere(self.hidden))
        self.hidden |= names
        for name in names:
            self._remask(name)

    def effective(self, name: str) -> Stub | None:
        """Return the stub that ``name`` denotes here."""
        own = self.own.by_name.get(name)
        if own is not None:
            return own
        return None if name in self.hidden else self.composition.effective(name)

    def has_known(self, name: str) -> bool:
        """Return whether ``name`` denotes a stub here, or ever did."""
        if name in self.known_names or self.effective(name) is not None:
            return True
        return any(name in layer.by_name for _, layer in self.composition.layers)

    def is_free(self, name: str) -> bool:
        """Return whether no layer has ``name``, and no recorded request was answered by it."""
        if name in self.own.by_name or self.composition.effective(name) is not None:
            return False
        return not self.journal.has_answered(name)

    def layer_of(self, stub: Stub) -> str:
        return next(
            (
                name
                for name, layer in reversed(self.all_layers)
                if layer.by_name.get(stub.name) is stub
            ),
            OWN,
        )

    def stubs(self) -> list[tuple[str, Stub]]:
        """Return every stub in force with its layer, strongest rank first."""
        found: list[tuple[int, int, int, str, Stub]] = []
        for place, (layer_name, layer) in enumerate(self.all_layers):
            for order, stub in enumerate(layer.stubs):
                if stub not in self.masked:
                    found.append((stub.priority, -place, -order, layer_name, stub))
        found.sort()  # no two stubs share the first three
        return [(layer_name, stub) for *_, layer_name, stub in found]

    def count_stubs(self) -> int:
        return sum(len(layer.by_name) for _, layer in self.all_layers) - len(self.masked)

    def replaced(self) -> list[Replacement]:
        """Return which shared stubs a later layer replaces."""
        found = list(self.composition.replaced)
        known = {(old.stub, old.layer) for old in found}
        for layer_name, layer in self.composition.layers:
            found += [
                Replacement(name, layer_name, OWN)
                for name in self.own.by_name
                if name in layer.by_name and (name, layer_name) not in known
            ]
        return found

    @property
    def seed(self) -> int:
        return self.spec.seed if self.settings.seed is None else self.settings.seed

    def now_ns(self) -> int:
        return self.clock.now_ns(self.real_ns())

    def cell(self, name: str) -> Cell | None:
        return self.cells.get(name)

    def restart_cells(self, names: list[str] | None = None) -> None:
        """Forget hits and cursors of ``names`` (``None``: all)."""
        for name in list(self.cells) if names is None else names:
            cell = self.cells.pop(name, None)
            if cell is not None:
                self.key_count -= cell.keys
                self.revive(cell.stub)

    def put_cells(self, cells: Mapping[str, Cell]) -> None:
        """Take over copies of ``cells``, and nothing of the present ones."""
        for name in {*self.cells, *cells}:
            self.log_cell(name)
        self.restart_cells()
        self.cells = {name: cell.copy() for name, cell in cells.items()}
        self.key_count = sum(cell.keys for cell in self.cells.values())
        for cell in self.cells.values():
            if cell.is_spent:
                self.retire(cell.stub)

    def publish(self, kind: EventKind, number: int | None = None) -> int:
        """Number an event and tell it to whoever follows; returns its ``seq``."""
        self.seq += 1
        if self.sinks:
            event = Event(self.seq, kind, self.id, self.real_ns(), number)
            for sink in tuple(self.sinks):
                sink(event)
        return self.seq

    def snapshot(self, identity: str) -> Snapshot:
        return Snapshot(
            id=identity,
            at=self.real_ns(),
            version=self.version,
            sets=tuple(name.removeprefix("set:") for name, _ in self.composition.layers[1:]),
            own=tuple(self.own.stubs),
            hidden=self.hidden,
            state=dict(self.state),
            cells={name: cell.copy() for name, cell in self.cells.items()},
            settings_given=self.settings_given,
            settings=self.settings,
            clock=self.clock,
        )

    def restore(self, kept: Snapshot) -> None:
        """Go back to ``kept``; the journal and the numbers stay as they are."""
        self.relay(self.configuration.compose(kept.sets), kept.hidden, LayerIndex(kept.own))
        self.log_state()
        self.state = dict(kept.state)
        self.state_version += 1
        self.put_cells(kept.cells)
        self.settings_given = kept.settings_given
        self.settings = kept.settings
        self.clock = kept.clock
