"""One namespace in memory: its layers, cells, state, clock and journal; what rank and explain view.

The shared layers come from a ``Configuration`` and are never copied. Everything that a test can
set or observe hangs on this object, so that deleting it leaves nothing behind.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from operator import is_

import msgspec

from pymockapi.engine.configuration import Composition, Configuration
from pymockapi.engine.index import LayerIndex
from pymockapi.engine.shadows import Shadow
from pymockapi.model.changes import NamespaceSpec
from pymockapi.model.event import Event, EventKind, Facts
from pymockapi.model.plan import Plan
from pymockapi.model.settings import NamespaceSettings
from pymockapi.model.stub import Json, Stub
from pymockapi.store.behaving import in_force, returned
from pymockapi.store.callbacks import Callbacks
from pymockapi.store.cells import Cell
from pymockapi.store.events import EventLog
from pymockapi.store.following import followed
from pymockapi.store.former import FormerStubs
from pymockapi.store.gates import Gates
from pymockapi.store.history import (
    CellsWere,
    CellWas,
    HiddenWere,
    History,
    LayersWere,
    SettingsWere,
    SharedWere,
    StateWas,
    StubWas,
)
from pymockapi.store.journal import Journal
from pymockapi.store.ledger import NOWHERE, Ledger
from pymockapi.store.ranked import ranked_stubs
from pymockapi.store.snapshot import Scope, Snapshot

OWN = "own"
MAX_PLANS = 16_384  # as many heads as one listener knows; about 4 MB


class Namespace:
    """The view, and all that lies behind it; only the store writes to it."""

    __slots__ = (
        "__weakref__", "behaving", "callbacks", "cells", "clock", "composition", "configuration", "created_at", "date_cache",
        "events", "expires_s", "explained", "former", "gates", "hidden", "history", "id", "journal", "key_count", "layers", "lease_s", "masked", "name", "origin",
        "own", "plans", "real_ns", "scope_count", "scopes", "settings", "settings_given", "shadows", "shapes", "snapshots", "spec",
        "spent", "state", "state_version", "told", "version", "when_cleared",
    )  # fmt: skip

    def __init__(
        self,
        spec: NamespaceSpec,
        configuration: Configuration,
        identity: str,
        real_ns: Callable[[], int],
        remains: list[object] | None = None,
        ledger: Ledger = NOWHERE,
    ) -> None:
        self.spec = spec
        self.told: NamespaceSpec | None = None  # what the config says of it; None: a call made it
        self.name, self.id = spec.name, identity
        self.configuration = configuration
        self.real_ns = real_ns
        self.created_at = real_ns()
        self.version, self.state_version = 1, 0
        self.events = EventLog(identity, real_ns, spec.settings.limits.events)
        self.when_cleared: list[Callable[[bool], None]] = []  # told whether by a reset
        self.history = History(remains)
        self.gates, self.callbacks = Gates(), Callbacks()
        self.journal = Journal(0, ledger, self.history.forget)
        self.snapshots: dict[str, Snapshot] = {}
        self.scopes: list[Scope] = []
        self.scope_count = 0
        self.expires_s: float | None = None
        self.lease_s = spec.lease_s
        self.date_cache: tuple[int, bytes] = (-1, b"")
        self.cells: dict[str, Cell] = {}
        self.plans: dict[bytes, Plan] = {}  # settled ones of this version, by head
        self.explained = 0  # unmatched requests of this version that were told why
        self.spent: set[Stub] = set()
        self.key_count = 0
        self.former = FormerStubs()
        self.state: dict[str, Json] = dict(spec.state)
        self.clock = spec.clock
        self.settings_given: Mapping[str, Json] = spec.settings_given
        found = in_force(spec.settings, spec.settings_given, configuration)
        self.behaving, self.settings, self.shapes = found
        self._lay(configuration.compose(spec.sets), frozenset(), LayerIndex(spec.stubs))
        self.origin = self.snapshot("origin")

    def _lay(self, composition: Composition, hidden: frozenset[str], own: LayerIndex) -> None:
        self.shadows: list[Sequence[Shadow]] = []  # once found, of the layers as they lie now
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

    def relay(
        self, composition: Composition, hidden: frozenset[str], own: LayerIndex, alone: int = 0
    ) -> None:
        """Put other layers in force; what was is kept for explanations.

        ``own`` is the present one, to be left as it is, or one that nobody else has. ``alone`` is
        how many shared stubs only the explanations keep from now on.
        """
        if composition is not self.composition:
            was = SharedWere(self.composition.layers, alone)
            self.history.add(self.journal.last, was)
            self.former.note_layers(self.composition.layers)
        if own is not self.own:
            self.former.note(self.own.stubs)
            self._log_layers()
        self._lay(composition, hidden, own)

    def renumber(self) -> None:
        """Count a change of definitions or settings; no plan holds any more."""
        self.version += 1
        self.explained = 0
        self.plans.clear()

    def keep_plan(self, head: bytes, plan: Plan) -> None:
        """Keep a settled plan for bodiless requests with ``head``, until the next change."""
        if len(self.plans) >= MAX_PLANS:
            self.plans.clear()
        self.plans[head] = plan

    def clear_journal(self, *, is_reset: bool = False) -> None:
        """Begin an empty journal; numbers go on.

        A reset is one of the innermost scope: what came before that counts in verdicts as ever.
        """
        old = self.journal
        self.journal = Journal(old.last, old.ledger, self.history.forget)
        self.journal.follow(old, is_reset=is_reset)
        self.history.forget(self.journal.first)
        for told in tuple(self.when_cleared):
            told(is_reset)

    @property
    def start(self) -> Snapshot:
        """What a reset returns to: the beginning of the innermost scope, else the creation."""
        if not self.scopes:
            self.origin = self.present(self.origin)
            return self.origin
        return self.present_scope(self.scopes[-1]).kept

    def present(self, kept: Snapshot) -> Snapshot:
        """Return ``kept`` as it is under the config that the namespace follows now."""
        if self.told is None or kept.told is self.told:
            return kept
        return followed(kept, self.told, self.configuration)

    def present_scope(self, scope: Scope) -> Scope:
        """Return ``scope``, one of the open ones, with what it kept as that is now."""
        kept = self.present(scope.kept)
        if kept is not scope.kept:
            place = self.scopes.index(scope)
            scope = self.scopes[place] = msgspec.structs.replace(scope, kept=kept)
        return scope

    def _log_layers(self) -> None:
        """Keep the own layer as it is, so a new one must follow."""
        was = LayersWere(self.own.by_name, self.own_places(), self.hidden)
        self.history.add(self.journal.last, was)

    def log_own(self, name: str) -> None:
        """Keep the own stub ``name`` as it is, or that there is none."""
        stub = self.own.by_name.get(name)
        was = StubWas(name, stub, self._place(stub) if stub is not None else 0)
        self.history.add(self.journal.last, was)

    def log_state(self) -> None:
        self.history.add(self.journal.last, StateWas(self.state))

    def set_settings(self, given: Mapping[str, Json], settings: NamespaceSettings) -> None:
        """Put ``settings`` in force, which were ``given`` so."""
        self.history.add(self.journal.last, SettingsWere(self.settings_given))
        self.settings_given = given
        found = in_force(settings, given, self.configuration, self.behaving)
        self.behaving, self.settings, self.shapes = found
        self.events.resize(settings.limits.events)

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
        self.shadows = []
        old = self.own.by_name.get(stub.name)
        if old is not None:
            self.revive(old)
            self.former.note((old,))
            self.own.replace(old, stub)
        else:
            self.own.add(stub)
            self._remask(stub.name)
        if len(self.layers) == len(self.composition.layers):
            self.layers = (*self.composition.layers, (OWN, self.own))

    def remove_own(self, name: str) -> None:
        self.shadows = []
        stub = self.own.by_name[name]
        self.former.note((stub,))
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
        self.shadows = []
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
        if name in self.former.names or self.effective(name) is not None:
            return True
        return any(name in layer.by_name for _, layer in self.composition.layers)

    def is_free(self, name: str) -> bool:
        """Return whether no layer has ``name``, and no recorded request was answered by it."""
        if name in self.own.by_name or self.composition.effective(name) is not None:
            return False
        return not self.journal.has_answered(name)

    def layer_of(self, stub: Stub) -> str:
        layers = reversed(self.all_layers)
        found = (name for name, layer in layers if layer.by_name.get(stub.name) is stub)
        return next(found, OWN)

    def stubs(self) -> list[tuple[str, Stub]]:
        """Return every stub in force with its layer, strongest rank first."""
        return ranked_stubs(((name, layer.stubs) for name, layer in self.all_layers), self.masked)

    def count_stubs(self) -> int:
        return sum(len(layer.by_name) for _, layer in self.all_layers) - len(self.masked)

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

    def put_cells(self, cells: dict[str, Cell]) -> None:
        """Have ``cells`` from now on, and nothing of the present ones."""
        self.history.add(self.journal.last, CellsWere(self.cells))
        for cell in self.cells.values():
            if cell.is_spent:
                self.revive(cell.stub)
        self.cells = cells
        self.key_count = sum(cell.keys for cell in cells.values())
        for cell in cells.values():
            if cell.is_spent:
                self.retire(cell.stub)

    def publish(
        self, kind: EventKind, number: int | None = None, facts: Facts | None = None
    ) -> int:
        """Number an event, keep it and tell it to whoever follows; returns its ``seq``."""
        return self.events.publish(kind, number, facts)

    @property
    def sinks(self) -> list[Callable[[Event], None]]:
        """What is told each event, at once."""
        return self.events.sinks

    def stop(self, at: int) -> None:
        """Let no more time pass here: it has ended, at ``at``."""
        self.real_ns = lambda: at
        self.plans.clear()

    def held_stubs(self) -> Iterator[tuple[Stub, ...]]:
        """Yield the own stubs in force and those of every snapshot."""
        yield self.own.stubs
        for kept in (self.origin, *self.snapshots.values(), *(each.kept for each in self.scopes)):
            yield kept.own

    def snapshot(self, identity: str) -> Snapshot:
        return Snapshot(
            id=identity,
            at=self.real_ns(),
            version=self.version,
            sets=self.sets,
            own=self.own.stubs,
            hidden=self.hidden,
            state=dict(self.state),
            cells={name: cell.copy() for name, cell in self.cells.items()},
            settings_given=self.settings_given,
            settings=self.settings,
            clock=self.clock,
            told=self.told,
            behaving=self.behaving and self.behaving.copy(),
        )

    @property
    def sets(self) -> tuple[str, ...]:
        """The sets in force, the lowest first."""
        return tuple(name.removeprefix("set:") for name, _ in self.composition.layers[1:])

    def lies_as(self, kept: Snapshot) -> bool:
        """Return whether the stubs in force are those of ``kept``, each in its place."""
        own = self.own.stubs
        return (
            self.sets == kept.sets
            and self.hidden == kept.hidden
            and len(own) == len(kept.own)
            and all(map(is_, own, kept.own))
        )

    def restore(self, kept: Snapshot, own: LayerIndex, cells: dict[str, Cell]) -> None:
        """Go back to ``kept``; ``own`` and ``cells`` are made of it, and taken over.

        The journal and the numbers stay as they are.
        """
        if not self.lies_as(kept):
            self.relay(self.configuration.compose(kept.sets), kept.hidden, own)
        self.log_state()
        self.state = dict(kept.state)
        self.state_version += 1
        self.put_cells(cells)
        self.set_settings(kept.settings_given, kept.settings)
        self.behaving = returned(self.behaving, kept.behaving)
        self.clock = kept.clock
        self.publish(EventKind.STUBS_CHANGED, None, {"change": "restored"})
        self.publish(EventKind.STATE_CHANGED, None, {"change": "restored"})
