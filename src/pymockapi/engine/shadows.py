"""Which stubs can never answer, because a stronger one with the same request always does."""

from __future__ import annotations

from collections.abc import Hashable, Sequence

from pymockapi.engine.json_values import json_key
from pymockapi.engine.rank import is_always_available
from pymockapi.model.errors import ExpressionLimit
from pymockapi.model.stub import Stub


def shadowed(stubs: Sequence[Stub]) -> list[tuple[Stub, Stub]]:
    """Return each stub that can never answer, with the one that always answers before it.

    ``stubs`` are those in force, weakest first between equal priorities: base, sets and own
    layer, each in definition order. The same request means the same definition of it.
    """
    found: list[tuple[Stub, Stub]] = []
    covering: dict[Hashable, Stub] = {}
    ordered = list(reversed(stubs))
    ordered.sort(key=lambda stub: stub.priority)
    for stub in ordered:
        request = _request_key(stub)
        stronger = covering.get(request)
        if stronger is not None:
            found.append((stub, stronger))
        elif is_always_available(stub) and not stub.when:
            covering[request] = stub
    return found


def _request_key(stub: Stub) -> Hashable:
    """Return what equal request definitions share; one nested too deep to compare is its own."""
    try:
        return json_key(stub.definition.get("request", {}))
    except ExpressionLimit:
        return stub
