"""Doing control writes to a namespace, in one turn; ``checking`` has passed them as a whole.

Nothing here can fail: a batch that is half done must not be.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, assert_never

from pymockapi.engine.configuration import last_positions
from pymockapi.engine.index import LayerIndex
from pymockapi.engine.json_values import same_json
from pymockapi.engine.sequences import position_of_step
from pymockapi.engine.settings import merge_settings
from pymockapi.model.changes import (
    Change,
    DefineStubs,
    MergeSettings,
    MergeState,
    RemoveStubs,
    ReplaceOwnStubs,
    ReplaceState,
    Reset,
    SetClock,
    SetCursor,
    UseSets,
)
from pymockapi.model.clock import Clock
from pymockapi.model.event import EventKind, Facts, named
from pymockapi.model.stub import Json, Stub
from pymockapi.store.ahead import Ahead, is_large, own_after
from pymockapi.store.behaving import returned
from pymockapi.store.calling_back import cancel
from pymockapi.store.cells import Cell, settle_cursors
from pymockapi.store.namespace import Namespace

LARGE_STATE: Final = 1_000  # keys; freeing fewer is nothing


def perform(space: Namespace, changes: Sequence[Change], ahead: Ahead | None = None) -> None:
    """Do what ``checking.check`` has passed; the namespace's version goes up by one."""
    layer = ahead.layer if ahead is not None and ahead.fits(space) else None
    for change in changes:
        if isinstance(change, DefineStubs | ReplaceOwnStubs) and is_large(change):
            _define_many(space, change, layer)
        else:
            _perform(space, change)
    space.renumber()


def _perform(space: Namespace, change: Change) -> None:
    match change:
        case DefineStubs(stubs, keep_cursor):
            _define(space, stubs, keep_cursor)
        case ReplaceOwnStubs(stubs):
            _replace_own(space, stubs)
        case RemoveStubs(names, own_only):
            _remove(space, names, own_only=own_only)
        case UseSets(names, settings):
            _use_sets(space, names)
            _perform(space, settings)
        case MergeState(entries):
            space.log_state()
            kept = {**space.state, **entries}
            set_state(
                space,
                {
                    key: value
                    for key, value in kept.items()
                    if value is not None or key not in entries
                },
                {"change": "merged", **named("keys", tuple(entries))},
            )
        case ReplaceState(entries):
            space.log_state()
            set_state(space, dict(entries), {"change": "replaced", **named("keys", tuple(entries))})
        case SetCursor():
            _set_cursor(space, change)
        case SetClock():
            space.clock = moved(space.clock, change, space.real_ns())
        case MergeSettings(given):
            merged = merge_settings(space.settings_given, given)
            space.set_settings(merged, change.over(space.settings))
        case Reset(parts):
            _reset(space, parts)
        case _:
            assert_never(change)


def _define(space: Namespace, stubs: tuple[Stub, ...], keep_cursor: frozenset[str]) -> None:
    for stub in stubs:
        old = space.effective(stub.name)
        space.log_own(stub.name)
        space.add_own(stub)
        _carry_cell(space, old, stub, keep=stub.name in keep_cursor)
    _tell_stubs(space, "defined", [stub.name for stub in stubs])


def _define_many(
    space: Namespace, change: DefineStubs | ReplaceOwnStubs, layer: LayerIndex | None
) -> None:
    before = {name: space.effective(name) for name in space.cells}
    stubs = own_after(space, change)
    space.relay(space.composition, space.hidden, LayerIndex(stubs) if layer is None else layer)
    keep = change.keep_cursor if isinstance(change, DefineStubs) else frozenset[str]()
    settle_cells(space, before, keep)
    told = "defined" if isinstance(change, DefineStubs) else "replaced"
    _tell_stubs(space, told, [stub.name for stub in change.stubs])


def _carry_cell(space: Namespace, old: Stub | None, stub: Stub, *, keep: bool) -> None:
    """Keep hits and cursors for an identical definition, or on demand; restart them else."""
    cell = space.cells.get(stub.name)
    if cell is None:
        return
    if keep or (old is not None and same_json(old.definition, stub.definition)):
        if keep:
            space.log_cell(stub.name)
            settle_cursors(cell, stub)
        space.revive(cell.stub)
        space.key_count -= cell.keys
        cell.stub = stub
        space.key_count += cell.keys
        if cell.is_spent:
            space.retire(stub)
    else:
        space.log_cell(stub.name)
        space.restart_cells([stub.name])


def _replace_own(space: Namespace, stubs: tuple[Stub, ...]) -> None:
    before = {name: space.effective(name) for name in space.cells}
    space.relay(space.composition, space.hidden, LayerIndex(stubs))
    settle_cells(space, before)
    _tell_stubs(space, "replaced", [stub.name for stub in stubs])


def settle_cells(
    space: Namespace, before: dict[str, Stub | None], keep: frozenset[str] = frozenset()
) -> None:
    """After new layers: keep the counters of what still means the same, forget the others."""
    for name, old in before.items():
        new = space.effective(name)
        if new is None:
            space.log_cell(name)
            space.restart_cells([name])
        elif new is not old:
            _carry_cell(space, old, new, keep=name in keep)
        elif space.cells[name].is_spent:
            space.retire(new)


def _remove(space: Namespace, names: tuple[str, ...] | None, *, own_only: bool) -> None:
    if names is None:
        _remove_all(space, own_only=own_only)
        return
    before = {name: space.effective(name) for name in names if name in space.cells}
    for name in names:
        if name in space.own.by_name:
            space.log_own(name)
            space.remove_own(name)
    shared = {name for name in names if space.composition.effective(name) is not None}
    if shared and not own_only:
        space.hide(shared)
    settle_cells(space, before)
    _tell_stubs(space, "removed", names)


def _remove_all(space: Namespace, *, own_only: bool) -> None:
    before = {name: space.effective(name) for name in space.cells}
    shared = {name for _, layer in space.composition.layers for name in layer.by_name}
    hidden = space.hidden if own_only else space.hidden | shared
    space.relay(space.composition, hidden, LayerIndex())
    settle_cells(space, before)
    space.publish(EventKind.STUBS_CHANGED, None, {"change": "removed"})


def _use_sets(space: Namespace, names: tuple[str, ...]) -> None:
    before = {name: space.effective(name) for name in space.cells}
    space.relay(space.configuration.compose(names), space.hidden, LayerIndex(space.own.stubs))
    settle_cells(space, before)
    added: dict[str, Json] = {}
    for name in last_positions(names):
        added |= space.configuration.sets[name].state
    if added:
        space.log_state()
        set_state(
            space, {**space.state, **added}, {"change": "sets", **named("keys", tuple(added))}
        )
    space.publish(EventKind.STUBS_CHANGED, None, {"change": "sets", **named("sets", names)})


def _tell_stubs(space: Namespace, change: str, names: Sequence[str]) -> None:
    space.publish(EventKind.STUBS_CHANGED, None, {"change": change, **named("stubs", names)})


def set_state(space: Namespace, state: dict[str, Json], facts: Facts) -> None:
    """Have ``state`` from now on; ``facts`` tell what was changed, and how."""
    if len(space.state) > LARGE_STATE:
        space.history.discard(space.state)
    space.state = state
    space.state_version += 1
    space.publish(EventKind.STATE_CHANGED, None, facts)


def _set_cursor(space: Namespace, change: SetCursor) -> None:
    space.log_cell(change.stub)
    stub = space.effective(change.stub)
    if change.is_reset or stub is None:
        space.restart_cells([change.stub])
        return
    cell = space.cells.get(change.stub)
    if cell is None:
        cell = space.cells[change.stub] = Cell(stub)
    space.revive(stub)
    if change.hits is not None:
        cell.hits = change.hits
    if change.moves:
        position = change.position or 0
        if change.step is not None:
            position = position_of_step(stub, change.step)
        space.key_count -= cell.keys
        cell.cursors[change.key] = position
        space.key_count += cell.keys
    if cell.is_spent:
        space.retire(stub)


def moved(clock: Clock, change: SetClock, real_ns: int) -> Clock:
    """Return ``clock`` after ``change``: mode, then time, then advance."""
    frozen = clock.frozen_ns is not None if change.frozen is None else change.frozen
    if frozen:
        now = clock.now_ns(real_ns) if change.now_ns is None else change.now_ns
        clock = Clock(frozen_ns=now)
    elif change.now_ns is not None:
        clock = Clock(offset_ns=change.now_ns - real_ns)
    elif change.frozen is False:
        clock = Clock()
    return clock.advanced(change.advance_ns) if change.advance_ns else clock


def _reset(space: Namespace, parts: frozenset[str]) -> None:
    start = space.start
    if "stubs" in parts:
        before = {name: space.effective(name) for name in space.cells}
        space.relay(space.configuration.compose(start.sets), start.hidden, LayerIndex(start.own))
        settle_cells(space, before)
        space.publish(EventKind.STUBS_CHANGED, None, {"change": "reset"})
    if "sequences" in parts:
        _reset_cells(space)
    if "state" in parts:
        space.log_state()
        set_state(space, dict(start.state), {"change": "reset"})
    if "requests" in parts:
        space.clear_journal(is_reset=True)
    if "clock" in parts:
        space.clock = start.clock
    if "settings" in parts:
        space.set_settings(start.settings_given, start.settings)
    if "sequences" in parts:  # after the settings, which tell how to behave
        space.behaving = returned(space.behaving, start.behaving)
    if "gates" in parts:
        space.gates.shut()
    if "callbacks" in parts:
        cancel(space, "the namespace was reset")
        space.callbacks.clear()
    space.publish(EventKind.NAMESPACE_RESET, None, {"parts": sorted(parts)})


def _reset_cells(space: Namespace) -> None:
    space.put_cells(
        {
            name: cell.copy()
            for name, cell in space.start.cells.items()
            if space.effective(name) is cell.stub
        }
    )
