"""Putting another configuration in force, in one turn: no request meets half of it.

``default`` and the namespaces that the config names follow it; all others keep the version that
they were created from. What is long (reading, indexing, looking for what did not change) has been
done before.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import msgspec

from pymockapi.engine.claims import canonical
from pymockapi.engine.configuration import Composition, Configuration
from pymockapi.engine.index import LayerIndex
from pymockapi.engine.json_values import same_json
from pymockapi.model.changes import NamespaceSpec
from pymockapi.model.errors import ClaimHeld, Finding, LimitReached
from pymockapi.model.event import EventKind
from pymockapi.model.reader import below
from pymockapi.model.stub import Stub
from pymockapi.store.changing import set_state, settle_cells
from pymockapi.store.checking import check_room, check_spec
from pymockapi.store.following import (
    keeps_cursor,
    merged_after,
    own_after,
    sets_after,
    settings_after,
)
from pymockapi.store.memory import MemoryStore
from pymockapi.store.namespace import Namespace


class Reconfigured(msgspec.Struct, frozen=True):
    """What became of the namespaces that a config names.

    ``dropped`` are the sets that were in force in one by a control write and are no more.
    """

    created: tuple[str, ...]
    followed: tuple[str, ...]
    dropped: Mapping[str, tuple[str, ...]]


def put_in_force(
    store: MemoryStore, configuration: Configuration, specs: Sequence[NamespaceSpec]
) -> Reconfigured:
    """Have ``configuration`` from now on; ``specs`` are what it says of its namespaces.

    Raises ``UnknownItem``, ``LimitReached`` or ``ClaimHeld``, and then nothing has changed.
    """
    live = {spec.name: space for spec in specs if (space := store.view(spec.name)) is not None}
    made = [space for space in live.values() if space.spec is space.told]
    _check(store, configuration, specs, live, made)
    for stubs in store.configurations.put(configuration):
        store.remains += stubs
    for space in made:
        store.claims.release(space)
    swap = _Swap(store, configuration)
    for spec in specs:
        if spec.name in live:
            swap.follow(live[spec.name], spec)
        else:
            swap.create(spec)
    for space in made:
        store.claims.take(space)
    return Reconfigured(tuple(swap.created), tuple(live), swap.dropped)


def _check(
    store: MemoryStore,
    configuration: Configuration,
    specs: Sequence[NamespaceSpec],
    live: Mapping[str, Namespace],
    made: Sequence[Namespace],
) -> None:
    """Raise what keeps ``configuration`` from being in force; ``made`` are those of the config."""
    if len(specs) > len(live):
        check_room(len(store.spaces()) + len(specs) - len(live), configuration)
    held: list[tuple[str, str, ClaimHeld]] = []
    for spec in specs:
        check_spec(spec, configuration)
        space = live.get(spec.name)
        if space is not None:
            _check_stubs(space, spec)
        if space is None or space in made:
            held += [(spec.name, *each) for each in store.claims.held(spec, *made)]
    if held:
        raise held[0][2].found_at(
            Finding(_pointer(configuration, name, selector), error.detail)
            for name, selector, error in held
        )


def _pointer(configuration: Configuration, name: str, selector: str) -> str:
    """Return where ``configuration`` has the claim by ``selector``, as it is written there."""
    at, claims = below("/namespaces", name), configuration.presets[name]["claims"]
    return below(f"{at}/claims", next(key for key in claims if canonical(key) == selector))


def _check_stubs(space: Namespace, spec: NamespaceSpec) -> None:
    old = space.told or spec
    own = space.own.stubs
    after = own_after(own, old.stubs, spec.stubs)
    limit = spec.settings.limits.stubs
    if len(after) > max(limit, len(own)):
        raise LimitReached(
            "stubs", limit, f"Namespace '{space.name}' would have {len(after)} stubs of its own"
        )


class _Swap:
    """One configuration on its way into force."""

    def __init__(self, store: MemoryStore, configuration: Configuration) -> None:
        self._store = store
        self._new = configuration
        self._gone: dict[tuple[int, int], frozenset[str]] = {}
        self.created: list[str] = []
        self.dropped: dict[str, tuple[str, ...]] = {}

    def create(self, spec: NamespaceSpec) -> None:
        tell(self._store.born(spec, self._new))
        self.created.append(spec.name)

    def follow(self, space: Namespace, spec: NamespaceSpec) -> None:
        before = {name: space.effective(name) for name in space.cells}
        old = space.told or spec
        own = space.own
        self._lay(space, old, spec)
        keep = {name for name, was in before.items() if self._goes_on(space, name, was, spec)}
        settle_cells(space, before, frozenset(keep))
        space.publish(EventKind.STUBS_CHANGED, None, {"change": "config"})
        _follow_values(space, old, spec)
        if space.spec is space.told:
            self._follow_lease(space, old, spec)
            space.spec = spec = msgspec.structs.replace(spec, port=space.spec.port)
        space.told = spec
        space.renumber()
        self._store.free_layer(space, own)

    def _lay(self, space: Namespace, old: NamespaceSpec, spec: NamespaceSpec) -> None:
        """Put the new layers in force; the own one stays as it is where the config is no part of it."""
        sets = sets_after(space.sets, old.sets, spec.sets, self._new)
        lost = tuple(name for name in space.sets if name not in (*sets, *old.sets))
        if lost:
            self.dropped[space.name] = lost
        composition = self._new.compose(sets)
        stubs = own_after(space.own.stubs, old.stubs, spec.stubs)
        own = space.own if stubs == space.own.stubs else LayerIndex(stubs)
        space.former.names |= self._gone_names(space.composition, composition)
        alone = sum(map(len, space.configuration.layers()))
        space.relay(composition, space.hidden, own, alone)
        for freed in self._store.configurations.leave(space.configuration):
            self._store.remains += freed
        space.configuration = self._new
        self._store.configurations.use(self._new)

    def _goes_on(self, space: Namespace, name: str, was: Stub | None, spec: NamespaceSpec) -> bool:
        """Return whether ``name`` means another stub now, one that says ``keep_cursor``."""
        stub = space.effective(name)
        if stub is None or was is None or stub is was or not keeps_cursor(stub, spec, self._new):
            return False
        return not same_json(was.definition, stub.definition)

    def _follow_lease(self, space: Namespace, old: NamespaceSpec, spec: NamespaceSpec) -> None:
        if space.lease_s == old.lease_s and spec.lease_s != old.lease_s:
            space.lease_s, space.expires_s = spec.lease_s, None
            self._store.begin_lease(space)

    def _gone_names(self, old: Composition, new: Composition) -> frozenset[str]:
        """Return the names that ``new`` has no more; they stay known."""
        key = (id(old), id(new))
        found = self._gone.get(key)
        if found is None:
            there = {name for _, layer in new.layers for name in layer.by_name}
            names = {name for _, layer in old.layers for name in layer.by_name}
            found = self._gone[key] = frozenset(names - there)
        return found


def _follow_values(space: Namespace, old: NamespaceSpec, spec: NamespaceSpec) -> None:
    """State, settings and clock."""
    state = merged_after(space.state, old.state, spec.state)
    if state is not space.state:
        space.log_state()
        set_state(space, dict(state), {"change": "config"})
    given = merged_after(space.settings_given, old.settings_given, spec.settings_given)
    settings = settings_after(given, space.settings_given, space.settings, spec)
    space.set_settings(given, settings)
    if space.clock == old.clock:
        space.clock = spec.clock


def tell(space: Namespace) -> None:
    """Note that all of ``space`` is as the config says: from now on it follows."""
    space.told = space.spec
    space.origin = msgspec.structs.replace(space.origin, told=space.spec)
