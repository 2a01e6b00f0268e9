"""Whether a batch of control writes may be done: all that could be wrong is found before it.

What the batch would leave is drafted, change by change; the namespace itself is only read.
"""

from __future__ import annotations

from collections.abc import Sequence

from pymockapi.engine.configuration import Configuration
from pymockapi.model.changes import (
    Change,
    DefineStubs,
    MergeSettings,
    NamespaceSpec,
    RemoveStubs,
    ReplaceOwnStubs,
    Reset,
    SetCursor,
    UseSets,
)
from pymockapi.model.errors import (
    Conflict,
    LimitReached,
    Stale,
    UnknownItem,
    UnknownStub,
    nearest,
    quoted,
)
from pymockapi.model.stub import Stub
from pymockapi.store.namespace import Namespace


class _Draft:
    """What a batch would leave, as far as its checks need it; costs what the batch costs.

    ``own`` holds, by name, the own stub that the batch leaves (``None``: none); names not in it
    are as they were, or gone once ``cleared``. ``hidden`` likewise for the shared ones, unless
    all are. ``keys`` are the cursors that it adds, ``settings`` are in force after it.
    """

    def __init__(self, space: Namespace) -> None:
        self.space = space
        self.composition = space.composition
        self.settings = space.settings
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

    def reset(self, parts: frozenset[str]) -> None:
        start = self.space.start
        if "settings" in parts:
            self.settings = start.settings
        if "stubs" in parts:
            self.replace_own(start.own)
            self.composition = self.space.configuration.compose(start.sets)
            self.hidden = set(start.hidden)
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
    for change in changes:
        before = draft.count_own()
        _check_one(draft, change)
        limit = draft.settings.limits.stubs
        if (count := draft.count_own()) > max(limit, before):
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
        case UseSets(names, settings):
            _check_sets(draft.space, names)
            draft.composition = draft.space.configuration.compose(names)
            draft.settings = settings.over(draft.settings)
        case SetCursor():
            _check_cursor(draft, change)
        case MergeSettings():
            draft.settings = change.over(draft.settings)
        case Reset(parts):
            draft.reset(parts)
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


def check_room(count: int, configuration: Configuration) -> None:
    """Raise ``LimitReached`` if there may not be ``count`` namespaces."""
    limit = configuration.server.limits.namespaces
    if count > limit:
        raise LimitReached("server.limits.namespaces", limit, "No more namespaces can be created")


def check_spec(spec: NamespaceSpec, configuration: Configuration) -> None:
    """Raise ``UnknownItem`` or ``LimitReached`` if no such namespace can be."""
    for name in spec.sets:
        if name not in configuration.sets:
            raise unknown_set(name, configuration.sets)
    if len(spec.stubs) > spec.settings.limits.stubs:
        raise LimitReached(
            "stubs",
            spec.settings.limits.stubs,
            f"Namespace '{spec.name}' would have {len(spec.stubs)} stubs of its own",
        )


def unknown_set(name: str, known: object) -> UnknownItem:
    near = nearest(name, known)  # type: ignore[arg-type]
    hint = f"Did you mean {quoted(near)}?" if near else "GET /__mock/v1/sets lists those there are."
    return UnknownItem(f"The config has no set named '{name}'. {hint}", suggestions=near)


def check_version(space: Namespace, if_version: int | None) -> None:
    """Raise ``Stale`` unless ``if_version`` is that of ``space``, or ``None``."""
    if if_version is not None and if_version != space.version:
        raise Stale(str(if_version), str(space.version))


def _check_cursor(draft: _Draft, change: SetCursor) -> None:
    stub = draft.effective(change.stub)
    if stub is None:
        raise UnknownStub(change.stub, draft.space.name, draft.names())
    if not change.moves:
        return
    if not stub.is_sequence:
        raise Conflict(f"Stub '{change.stub}' has one response and no cursor; give it 'responses'.")
    if change.step is not None and change.step > len(stub.steps):
        raise Conflict(f"Stub '{change.stub}' has {len(stub.steps)} steps, and no {change.step}.")
    if stub.per is not None and change.key is None and not change.has_key:
        raise Conflict(
            f"Stub '{change.stub}' has a cursor for each {stub.per.notation}; give 'key', null for requests without one."
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
    limit = draft.settings.limits.sequence_keys
    if draft.keys and space.key_count + len(draft.keys) > limit:
        raise LimitReached(
            "sequence_keys", limit, f"Namespace '{space.name}' would keep too many cursors"
        )
