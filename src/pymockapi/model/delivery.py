"""How an answer leaves, where that is not at once and whole: as defined, and as drawn for one request.

A ``Delivery`` belongs to a response as it was defined; chance is in it as what it is drawn from. A
``Dispatch`` belongs to one answer: all is drawn, and the edge does what it says.
"""

from __future__ import annotations

from collections.abc import Iterable
from enum import StrEnum

import msgspec


class FaultKind(StrEnum):
    """What goes wrong with an answer on its way: see ``docs/faults.md``."""

    RESET = "reset"
    EMPTY = "empty"
    TRUNCATED = "truncated"
    MALFORMED_CHUNK = "malformed_chunk"
    GARBAGE = "garbage"
    HANG = "hang"

    @property
    def sends_head(self) -> bool:
        """Whether the client reads a status and headers before it goes wrong."""
        return self in (FaultKind.TRUNCATED, FaultKind.MALFORMED_CHUNK)


class Fault(msgspec.Struct, frozen=True, gc=False):
    """A fault that befalls an answer with ``probability``, from 0 to 1."""

    kind: FaultKind
    probability: float = 1.0


class Uniform(msgspec.Struct, frozen=True, gc=False):
    """A delay drawn evenly from ``low_s`` to ``high_s``."""

    low_s: float
    high_s: float


class Lognormal(msgspec.Struct, frozen=True, gc=False):
    """A delay whose logarithm is normal: half are below ``median_s``; ``sigma`` is its spread."""

    median_s: float
    sigma: float


Spread = Uniform | Lognormal
"""What a delay is drawn from."""

Delay = float | Spread
"""Seconds, or what they are drawn from."""


class Piece(msgspec.Struct, frozen=True, gc=False):
    """A part of a streamed body; it leaves ``after`` the one before it."""

    data: bytes
    after: Delay = 0.0


class Delivery(msgspec.Struct, frozen=True, gc=False):
    """How answers of a definition leave, where that is not at once and whole.

    ``hold`` names the gate at which it waits before all else. ``spread`` is what its delay is drawn
    from (a fixed one is ``Response.delay_s``). ``throttle`` is how many bytes of its body leave in
    a second. ``fault`` is what may befall it; ``own_fault`` tells that the definition says what, or
    that nothing may, so that a namespace's does not hold. ``pieces`` are the body of a stream,
    ``trailers`` what follows it.
    """

    hold: str | None = None
    spread: Spread | None = None
    throttle: float | None = None
    fault: Fault | None = None
    own_fault: bool = False
    pieces: tuple[Piece, ...] | None = None
    trailers: tuple[tuple[str, str], ...] = ()


class Dispatch(msgspec.Struct, frozen=True, gc=False):
    """How one answer leaves, where that is not at once and whole; all is drawn.

    Seconds before its head leaves; then as ``Delivery`` says. ``pieces`` are taken once, as they
    leave, each with seconds. ``garbage`` is what leaves in its place where ``fault`` is that.
    """

    delay_s: float = 0.0
    throttle: float | None = None
    fault: FaultKind | None = None
    pieces: Iterable[Piece] | None = None
    trailers: tuple[tuple[str, str], ...] = ()
    garbage: bytes = b""
