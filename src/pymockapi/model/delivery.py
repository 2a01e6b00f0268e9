"""How an answer leaves, where that is not at once and whole: as defined, and as drawn for one request.

A ``Delivery`` belongs to a response as it was defined; chance is in it as what it is drawn from. A
``Dispatch`` belongs to one answer: all is drawn, and the edge does what it says.
"""

from __future__ import annotations

from collections.abc import Iterable
from enum import StrEnum

import msgspec

from pymockapi.model.callback import Callback
from pymockapi.model.spreads import Delay as Delay
from pymockapi.model.spreads import Lognormal as Lognormal
from pymockapi.model.spreads import Spread as Spread
from pymockapi.model.spreads import Uniform as Uniform


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
    ``trailers`` what follows it. ``callbacks`` are made once it has left.
    """

    hold: str | None = None
    spread: Spread | None = None
    throttle: float | None = None
    fault: Fault | None = None
    own_fault: bool = False
    pieces: tuple[Piece, ...] | None = None
    trailers: tuple[tuple[str, str], ...] = ()
    callbacks: tuple[Callback, ...] = ()


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
