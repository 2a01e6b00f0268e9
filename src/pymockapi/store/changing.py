"""Applying control writes to a namespace: checked as a whole first, then done in one turn.

``check`` raises what is wrong with a batch; ``perform`` cannot fail after it.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import assert_never

from pymockapi.engine.configuration import last_positions
from pymockapi.engine.index import LayerIndex
from pymockapi.engine.json_values import same_json
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
from pymockapi.model.errors import Conflict, LimitReached, UnknownItem, UnknownStub, nearest, quoted
from pymockapi.model.event import EventKind
from pymockapi.model.stub import AfterLast, Json, Stub
from pymockapi.store.ahead import Ahead, is_large, own_after
from pymockapi.store.cells import Cell
from pymockapi.store.journal import Journal
from pymockapi.store.namespace import Namespace, Snapshot


class _Draft:
    """What a batch would leave, as far as its checks need it; costs what the batch costs.

    ``own`` holds, by name, the own stub that the batch leaves (``None``: none); names not in it
    are as they were, or gone once ``cleared``. ``hidden`` likewise for the shared ones, unless
    all are. ``keys`` are the cursors that it adds.
    """

    def __init__(self, space: Namespace) -> None:
        self.space = space
        self.composition = space.composition
        self.own: dict[str, Stub | None] = {}
        self.keys = set[tuple[str, str | None]]()
        self.cleared = False
        self.hidden = set[str]()
        self.unhidden = False
        self.all_hidden = False

    def own_stub(self, name: str) -> Stub | None:
        if name in self.own or self.cleared:
            return self.own.get(name)
        return self.space.own.by_name.get(name)

    def effective(self, name: str) -> Stub | None:
        own = self.own_stub(name)
        if own is not None or self.all_hidden or name in self.hidden:
            return own
        if not self.unhidden and name in self.space.hidden:
            return None
        return self.composition.effective(name)

    def add(self, stubs: Sequence[Stub]) -> None:
        self.own.update((stub.name, stub) for stub in stubs)

    def replace_own(self, stubs: Sequence[Stub]) -> None:
        self.own = {}
        self.cleared = True
        self.add(stubs)

    def show_all(self, origin: Snapshot) -> None:
        self.composition = self.space.configuration.compose(origin.sets)
        self.hidden = set(origin.hidden)
        self.all_hidden, self.unhidden = False, True

    def count_own(self) -> int:
        before = 0 if self.cleared else len(self.space.own.by_name)
        return before + sum(
            (stub is not None) - (not self.cleared and name in self.space.own.by_name)
            for name, stub in self.own.items()
        )

    def names(self) -> set[str]:
        """Every name that is known; for suggestions only."""
        shared = {name for _, layer in self.composition.layers for name in layer.by_name}
        return {
            name for name in {*shared, *self.space.own.by_name, *self.own} if self.effective(name)
        }


def check(space: Namespace, changes: Sequence[Change]) -> None:
    """Raise ``UnknownStub``, ``UnknownItem``, ``Conflict`` or ``LimitReached``, if one applies."""
    draft = _Draft(space)
    limit = space.settings.limits.stubs
    for change in changes:
        _check_one(draft, change)
        if (count := draft.count_own()) > limit:
            raise LimitReached(
                "stubs", limit, f"Namespace '{space.name}' would have {count} stubs of its own"
            )


def _check_one(draft: _Draft, change: Change) -> None:
    match change:
        case DefineStubs(stubs):
            draft.add(stubs)
        case ReplaceOwnStubs(stubs):
            draft.replace_own(stubs)
        case RemoveStubs(names, own_only):
            _check_removal(draft, names, own_only=own_only)
        case UseSets(names):
            _check_sets(draft.space, names)
            draft.composition = draft.space.configuration.compose(names)
        case SetCursor():
            _check_cursor(draft, change)
        case Reset(parts) if "stubs" in parts:
            draft.replace_own(draft.space.origin.own)
            draft.show_all(draft.space.origin)
        case _:
            pass


def _check_removal(draft: _Draft, names: tuple[str, ...] | None, *, own_only: bool) -> None:
    if names is None:
        draft.replace_own(())
        draft.all_hidden = draft.all_hidden or not own_only
        return
    for name in names:
        if (draft.own_stub(name) if own_only else draft.effective(name)) is None:
            raise UnknownStub(name, draft.space.name, draft.names())
        draft.own[name] = None
        if not own_only:
            draft.hidden.add(name)


def _check_sets(space: Namespace, names: tuple[str, ...]) -> None:
    for name in names:
        if name not in space.configuration.sets:
            raise unknown_set(name, space.configuration.sets)


def unknown_set(name: str, known: object) -> UnknownItem:
    near = nearest(name, known)  # type: ignore[arg-type]
    hint = f"Did you mean {quoted(near)}?" if near else "GET /__mock/v1/sets lists those there are."
    return UnknownItem(f"The config has no set named '{name}'. {hint}", suggestions=near)


def _check_cursor(draft: _Draft, change: SetCursor) -> None:
    stub = draft.effective(change.stub)
    if stub is None:
        raise UnknownStub(change.stub, draft.space.name, draft.names())
    if change.position is None:
        return
    if not stub.is_sequence:
        raise Conflict(f"Stub '{change.stub}' has one response and no cursor; give it 'responses'.")
    if stub.per is not None and change.key is None:
        raise Conflict(
            f"Stub '{change.stub}' has a cursor for each {stub.per.notation}; give 'key'."
        )
    if stub.per is None and change.key is not None:
        raise Conflict(f"Stub '{change.stub}' has one cursor (no 'per'); leave 'key' out.")
    if stub.per is not None:
        _check_keys(draft, change)


def _check_keys(draft: _Draft, change: SetCursor) -> None:
    """Count a cursor that is new; those that the same batch frees still count."""
    space = draft.space
    cell = space.cells.get(change.stub)
    if cell is None or change.key not in cell.cursors:
        draft.keys.add((change.stub, change.key))
    limit = space.settings.limits.sequence_keys
    if draft.keys and space.key_count + len(draft.keys) > limit:
        raise LimitReached(
            "sequence_keys", limit, f"Namespace '{space.name}' would keep too many cursors"
        )


def perform(space: Namespace, changes: Sequence[Change], ahead: Ahead | None = None) -> None:
    """Do what ``check`` has passed; the namespace's version goes up by one."""
    layer = ahead.layer if ahead is not None and ahead.fits(space) else None
    for change in changes:
        if isinstance(change, DefineStubs | ReplaceOwnStubs) and is_large(change):
            _define_many(space, change, layer)
        else:
            _perform(space, change)
    space.version += 1


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
            _set_state(
                space,
                {
                    key: value
                    for key, value in kept.items()
                    if value is not None or key not in entries
                },
            )
        case ReplaceState(entries):
            space.log_state()
            _set_state(space, dict(entries))
        case SetCursor():
            _set_cursor(space, change)
        case SetClock():
            space.clock = moved(space.clock, change, space.real_ns())
        case MergeSettings(given, settings):
            space.settings_given = given
            space.settings = settings
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
    space.publish(EventKind.STUBS_CHANGED)


def _define_many(
    space: Namespace, change: DefineStubs | ReplaceOwnStubs, layer: LayerIndex | None
) -> None:
    before = {name: space.effective(name) for name in space.cells}
    stubs = own_after(space, change)
    space.relay(space.composition, space.hidden, LayerIndex(stubs) if layer is None else layer)
    keep = change.keep_cursor if isinstance(change, DefineStubs) else frozenset[str]()
    _settle_cells(space, before, keep)
    space.publish(EventKind.STUBS_CHANGED)


def _carry_cell(space: Namespace, old: Stub | None, stub: Stub, *, keep: bool) -> None:
    """Keep hits and cursors for an identical definition, or on demand; restart them else."""
    cell = space.cells.get(stub.name)
    if cell is None:
        return
    if keep or (old is not None and same_json(old.definition, stub.definition)):
        if keep:
            space.log_cell(stub.name)
            _settle_cursors(cell, stub)
        space.revive(cell.stub)
        space.key_count -= cell.keys
        cell.stub = stub
        space.key_count += cell.keys
        if cell.is_spent:
            space.retire(stub)
    else:
        space.log_cell(stub.name)
        space.restart_cells([stub.name])


def _settle_cursors(cell: Cell, stub: Stub) -> None:
    """Let cursors go on at what ``stub`` adds: past its last step, the old one stood at its end."""
    old = cell.stub
    if stub.is_sequence and not old.is_sequence and stub.per is None and cell.hits:
        cell.cursors = {None: 1}
    elif old.is_sequence and old.after_last is AfterLast.REPEAT:
        end = old.ends[-1]
        cell.cursors = {key: min(position, end) for key, position in cell.cursors.items()}


def _replace_own(space: Namespace, stubs: tuple[Stub, ...]) -> None:
    before = {name: space.effective(name) for name in space.cells}
    space.relay(space.composition, space.hidden, LayerIndex(stubs))
    _settle_cells(space, before)
    space.publish(EventKind.STUBS_CHANGED)


def _settle_cells(
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
    for name in names:
        before = {name: space.effective(name)} if name in space.cells else {}
        if name in space.own.by_name:
            space.log_own(name)
            space.remove_own(name)
        if not own_only and space.composition.effective(name) is not None:
            space.hide(name)
        _settle_cells(space, before)
    space.publish(EventKind.STUBS_CHANGED)


def _remove_all(space: Namespace, *, own_only: bool) -> None:
    before = {name: space.effective(name) for name in space.cells}
    shared = {name for _, layer in space.composition.layers for name in layer.by_name}
    hidden = space.hidden if own_only else frozenset(shared)
    space.relay(space.composition, hidden, LayerIndex())
    _settle_cells(space, before)
    space.publish(EventKind.STUBS_CHANGED)


def _use_sets(space: Namespace, names: tuple[str, ...]) -> None:
    before = {name: space.effective(name) for name in space.cells}
    space.relay(space.configuration.compose(names), space.hidden, LayerIndex(space.own.stubs))
    _settle_cells(space, before)
    added: dict[str, Json] = {}
    for name in last_positions(names):
        added |= space.configuration.sets[name].state
    if added:
        space.log_state()
        _set_state(space, {**space.state, **added})
    space.publish(EventKind.STUBS_CHANGED)


def _set_state(space: Namespace, state: dict[str, Json]) -> None:
    space.state = state
    space.state_version += 1
    space.publish(EventKind.STATE_CHANGED)


def _set_cursor(space: Namespace, change: SetCursor) -> None:
    space.log_cell(change.stub)
    stub = space.effective(change.stub)
    if change.position is None or stub is None:
        space.restart_cells([change.stub])
        return
    cell = space.cells.get(change.stub)
    if cell is None:
        cell = space.cells[change.stub] = Cell(stub)
    space.revive(stub)
    space.key_count -= cell.keys
    cell.cursors[change.key] = change.position
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
    origin = space.origin
    if "stubs" in parts:
        before = {name: space.effective(name) for name in space.cells}
        space.relay(space.configuration.compose(origin.sets), origin.hidden, LayerIndex(origin.own))
        _settle_cells(space, before)
    if "sequences" in parts:
        _reset_cells(space)
    if "state" in parts:
        space.log_state()
        _set_state(space, dict(origin.state))
    if "requests" in parts:
        space.journal = Journal(space.journal.last)
    if "clock" in parts:
        space.clock = origin.clock
    if "settings" in parts:
        space.settings_given = origin.settings_given
        space.settings = origin.settings
    space.publish(EventKind.NAMESPACE_RESET)


def _reset_cells(space: Namespace) -> None:
    space.put_cells(
        {
            name: cell
            for name, cell in space.origin.cells.items()
            if space.effective(name) is cell.stub
        }
    )
