"""Which stubs can never answer, because a stronger one with the same request always does."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import msgspec

from pymockapi.engine.rank import is_always_available
from pymockapi.model.stub import Stub

_encode: Final = msgspec.json.Encoder(order="deterministic").encode


def shadowed(stubs: Sequence[Stub]) -> list[tuple[Stub, Stub]]:
    """Return each stub that can never answer, with the one that always answers before it.

    ``stubs`` are those in force, weakest first between equal priorities: base, sets and own
    layer, each in definition order. The same request means the same definition of it.
    """
    found: list[tuple[Stub, Stub]] = []
    covering: dict[bytes, Stub] = {}
    ordered = list(reversed(stubs))
    ordered.sort(key=lambda stub: stub.priority)
    for stub in ordered:
        request = _encode(stub.definition.get("request", {}))
        stronger = covering.get(request)
        if stronger is not None:
            found.append((stub, stronger))
        elif is_always_available(stub) and not stub.when:
            covering[request] = stub
    return found
