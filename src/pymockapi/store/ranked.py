"""The stubs in force of some layers, in one order."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from collections.abc import Set as AbstractSet

from pymockapi.model.stub import Stub


def ranked_stubs(
    layers: Iterable[tuple[str, Sequence[Stub]]], masked: AbstractSet[Stub]
) -> list[tuple[str, Stub]]:
    """Return the stubs of ``layers`` but the ``masked`` ones, strongest rank first."""
    found: list[tuple[int, int, int, str, Stub]] = []
    for place, (layer_name, stubs) in enumerate(layers):
        for order, stub in enumerate(stubs):
            if stub not in masked:
                found.append((stub.priority, -place, -order, layer_name, stub))
    found.sort()  # no two stubs share the first three
    return [(layer_name, stub) for *_, layer_name, stub in found]
