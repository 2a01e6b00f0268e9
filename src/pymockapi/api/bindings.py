"""Which operation answers which row; every row has one, and ``tests/api`` holds it to that."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from pymockapi.api.rows import ROWS
from pymockapi.service.about import About
from pymockapi.service.calls import Call, Outcome, Site
from pymockapi.service.definitions import Definitions
from pymockapi.service.namespaces import Namespaces
from pymockapi.service.recordings import Recordings

Operation = Callable[[Call], Awaitable[Outcome]]


def bind(site: Site) -> dict[str, Operation]:
    """Return the operation of every row, by the row's name."""
    namespaces = Namespaces(site)
    owners = (About(site), namespaces, Definitions(site, namespaces), Recordings(site))
    return {row.name: _operation(row.name, owners) for row in ROWS}


def _operation(name: str, owners: tuple[object, ...]) -> Operation:
    for owner in owners:
        operation: Operation | None = getattr(owner, name, None)
        if operation is not None:
            return operation
    raise LookupError(f"no operation answers row '{name}'")
