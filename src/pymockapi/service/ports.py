"""Ports that namespaces have for themselves, as operations ask for them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol

from pymockapi.model.errors import ControlError, Finding
from pymockapi.model.reader import below


class PortUnavailable(ControlError):
    """``number`` could not be had for the namespace ``name``; ``why`` is half a sentence."""

    status, code, title = 409, "port-unavailable", "That port cannot be had"

    def __init__(self, number: int, name: str, why: str) -> None:
        super().__init__(
            f"Port {number} cannot be that of namespace '{name}': {why}. Nothing was changed;"
            " choose another, or 0 for a free one."
        )


def check_ports(refused: Mapping[str, PortUnavailable]) -> None:
    """Raise the first of ``refused``, by the namespaces of a config, with the places of all."""
    for first in refused.values():
        raise first.found_at(
            Finding(below("/namespaces", name) + "/port", error.detail)
            for name, error in refused.items()
        )


class OwnPort(Protocol):
    """A port that is open for a namespace which is about to begin."""

    @property
    def number(self) -> int: ...

    def give(self, identity: str) -> None:
        """Serve the namespace with this id, until it ends."""
        ...

    def settle(self) -> None:
        """Leave all as it was before, unless it was given: the namespace has not come to be."""
        ...


class Ports(Protocol):
    async def open(self, number: int, name: str) -> OwnPort:
        """Open a port (0: a free one) for the next namespace of that ``name``.

        That which the present one has may be asked for, and passes on. Raises
        ``PortUnavailable`` or ``LimitReached``.
        """
        ...

    def url(self, number: int) -> str:
        """Return where clients reach that port."""
        ...
