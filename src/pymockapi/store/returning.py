"""Going back to what a namespace was: to a snapshot, or to the beginning of a scope.

A snapshot is a turn's work, whatever it holds. Going back to ten thousand stubs is not: what it
needs is made of the snapshot first, in slices, and put in force in one turn.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Final

import msgspec

from pymockapi.engine.index import LayerIndex
from pymockapi.model.errors import Conflict, LimitReached, UnknownItem, quoted
from pymockapi.store.cells import Cell
from pymockapi.store.namespace import Namespace
from pymockapi.store.snapshot import Scope, Snapshot

SLICE: Final = 128  # stubs or counters between two looks at the clock


class Ready(msgspec.Struct):
    """What going back needs: used once, for nothing is shared with the snapshot."""

    own: LayerIndex
    cells: dict[str, Cell]


async def ready_for(
    find: Callable[[], Snapshot], pause: Callable[[], Awaitable[None] | None], space: Namespace
) -> tuple[Snapshot, Ready]:
    """Return what ``find`` finds and what going back to it needs, made again if a config came."""
    while True:
        kept = find()
        ready = await make_ready(kept, pause, space)
        if space.present(kept) is kept:
            return kept, ready


async def make_ready(
    kept: Snapshot, pause: Callable[[], Awaitable[None] | None], space: Namespace | None = None
) -> Ready:
    """Make what going back to ``kept`` needs; it holds whatever is written meanwhile.

    If the stubs of ``space`` are those of ``kept`` now, they are not indexed ahead: most scopes
    that are closed have defined none.
    """
    ready = Ready(LayerIndex(), {})
    is_same = space is not None and space.lies_as(kept)
    for number, stub in enumerate(() if is_same else kept.own, 1):
        ready.own.add(stub)
        if number % SLICE == 0 and (waiting := pause()) is not None:
            await waiting
    for _ in ready.own.prepare():
        if (waiting := pause()) is not None:
            await waiting
    for number, (name, cell) in enumerate(kept.cells.items(), 1):
        ready.cells[name] = cell.copy()
        if number % SLICE == 0 and (waiting := pause()) is not None:
            await waiting
    return ready


def go_back(space: Namespace, kept: Snapshot, ready: Ready) -> None:
    """Put ``kept`` in force, in one turn; journal and numbers stay."""
    if len(ready.own) != len(kept.own) and not space.lies_as(kept):
        ready.own = LayerIndex(kept.own)  # stubs were written while the counters were copied
    space.restore(kept, ready.own, ready.cells)


def take(space: Namespace, identity: str | None) -> Snapshot:
    """Keep what ``space`` is now. Raises ``Conflict`` or ``LimitReached``."""
    name = identity or _free_name(space)
    if name in space.snapshots:
        raise Conflict(
            f"Namespace '{space.name}' has a snapshot '{name}' already; DELETE it first."
        )
    _check_room(space)
    kept = space.snapshots[name] = space.snapshot(name)
    return kept


def find(space: Namespace, identity: str) -> Snapshot:
    kept = space.snapshots.get(identity)
    if kept is None:
        known = f"It has {quoted(space.snapshots)}." if space.snapshots else "It has none."
        raise UnknownItem(f"Namespace '{space.name}' has no snapshot '{identity}'. {known}")
    kept = space.snapshots[identity] = space.present(kept)
    return kept


def open_scope(space: Namespace, name: str | None) -> Scope:
    """Begin a scope on top of those that are open. Raises ``LimitReached``."""
    _check_room(space)
    space.scope_count += 1
    identity = f"scope-{space.scope_count}"
    mark = space.journal.marks.open(space.journal.last)
    scope = Scope(identity, name, space.snapshot(identity), mark)
    space.scopes.append(scope)
    return scope


def find_scope(space: Namespace, identity: str) -> Scope:
    for scope in space.scopes:
        if scope.id == identity:
            return space.present_scope(scope)
    names = quoted(scope.id for scope in space.scopes)
    known = f"Open are {names}." if names else "None is open."
    raise UnknownItem(
        f"Namespace '{space.name}' has no open scope '{identity}'; it may be closed already, by"
        f" itself or with one below it. {known}"
    )


def close_scope(space: Namespace, scope: Scope, ready: Ready) -> tuple[Scope, ...]:
    """Go back to what was there before ``scope``; returns it and those above it, lowest first."""
    place = space.scopes.index(scope)
    closed = tuple(space.scopes[place:])
    del space.scopes[place:]
    space.journal.marks.close(place + 1)
    go_back(space, scope.kept, ready)
    return closed


def forget_scopes(space: Namespace) -> None:
    """Let go of every open scope, and stay as it is now."""
    space.scopes.clear()
    space.journal.marks.close(1)


def _check_room(space: Namespace) -> None:
    limit = space.settings.limits.snapshots
    if len(space.snapshots) + len(space.scopes) >= limit:
        raise LimitReached(
            "snapshots",
            limit,
            f"Namespace '{space.name}' can keep no more snapshots and open scopes",
        )


def _free_name(space: Namespace) -> str:
    """Return the name of the next snapshot: ``s1``, ``s2`` and so on."""
    number = len(space.snapshots) + 1
    while f"s{number}" in space.snapshots:
        number += 1
    return f"s{number}"
