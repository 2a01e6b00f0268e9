"""How far a stub's sequence is, as a value."""

from __future__ import annotations

from dataclasses import dataclass

from pymockapi.client.values import Json


@dataclass(frozen=True, slots=True)
class Cursor:
    """How far a sequence is: ``position`` requests served, ``step`` the next (``None``: spent).

    ``key`` is the value of the stub's ``per``, ``None`` without one.
    """

    key: Json
    position: int
    step: int | None
