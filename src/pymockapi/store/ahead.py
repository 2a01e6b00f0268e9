"""The own layer that a large write will leave, built in slices before the write is done.

Indexing ten thousand stubs takes 11 ms, of one turn of the loop or of many. What was built is
used only if nothing was written meanwhile; else the write builds it again, in its own turn.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from typing import Final

import msgspec

from pymockapi.engine.index import LayerIndex
from pymockapi.model.changes import (
    Change,
    DefineStubs,
    RemoveStubs,
    ReplaceOwnStubs,
    Reset,
    UseSets,
)
from pymockapi.model.stub import Stub
from pymockapi.store.namespace import Namespace

MANY: Final = 256  # stubs; fewer are added one by one, in about a millisecond
SLICE: Final = 128  # stubs between two looks at the clock
_LAYING: Final = (Reset, UseSets, RemoveStubs, DefineStubs, ReplaceOwnStubs)


class Ahead(msgspec.Struct, frozen=True):
    """An own layer for ``version`` of the namespace with ``identity``."""

    layer: LayerIndex
    identity: str
    version: int

    def fits(self, space: Namespace) -> bool:
        return self.identity == space.id and self.version == space.version


def is_large(change: Change) -> bool:
    return isinstance(change, DefineStubs | ReplaceOwnStubs) and len(change.stubs) > MANY


def own_after(space: Namespace, change: DefineStubs | ReplaceOwnStubs) -> tuple[Stub, ...]:
    """Return the own stubs that ``change`` leaves; a redefined one keeps its place."""
    if isinstance(change, ReplaceOwnStubs):
        return change.stubs
    stubs = {**space.own.by_name, **{stub.name: stub for stub in change.stubs}}
    return tuple(stubs.values())


async def lay_ahead(
    space: Namespace, changes: Sequence[Change], pause: Callable[[], Awaitable[None] | None]
) -> Ahead | None:
    """Build the layer for a batch whose only change of layers is a large one; else ``None``."""
    laying = [change for change in changes if isinstance(change, _LAYING)]
    if len(laying) != 1 or not isinstance(laying[0], DefineStubs | ReplaceOwnStubs):
        return None
    if not is_large(laying[0]):
        return None
    version, layer = space.version, LayerIndex()
    for number, stub in enumerate(own_after(space, laying[0]), 1):
        layer.add(stub)
        if number % SLICE == 0 and (waiting := pause()) is not None:
            await waiting
    for _ in layer.prepare():
        if (waiting := pause()) is not None:
            await waiting
    return Ahead(layer, space.id, version)
