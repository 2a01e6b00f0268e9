"""What the layers of a namespace do to each other: what replaces what, which stubs never answer."""

from __future__ import annotations

from collections.abc import Sequence

from pymockapi.engine.configuration import Replacement
from pymockapi.engine.shadows import Shadow, shadowing
from pymockapi.model.slices import Work
from pymockapi.store.namespace import OWN, Namespace


def replaced(space: Namespace) -> list[Replacement]:
    """Return which shared stubs a later layer replaces."""
    found = list(space.composition.replaced)
    known = {(old.stub, old.layer) for old in found}
    for layer_name, layer in space.composition.layers:
        found += [
            Replacement(name, layer_name, OWN)
            for name in space.own.by_name
            if name in layer.by_name and (name, layer_name) not in known
        ]
    return found


def shadowed(space: Namespace) -> Work[Sequence[Shadow]]:
    """Find, in slices, the stubs that can never answer, as they lie when this begins.

    What was found is kept until a layer changes.
    """
    kept = space.shadows
    if not kept:
        found = yield from shadowing(space.composition, space.own.stubs, frozenset(space.masked))
        kept[:] = [found]
    return kept[0]
