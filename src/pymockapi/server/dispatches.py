"""How one answer leaves: what its definition and its namespace say, with all chance drawn."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Final

import msgspec

from pymockapi.engine.faults import FAULT, GARBAGE, drawn, garbage
from pymockapi.engine.spreads import drawn_s
from pymockapi.model.delivery import Delay, Delivery, Dispatch, FaultKind, Piece
from pymockapi.model.exchange import Exchange
from pymockapi.model.response import Response
from pymockapi.store.namespace import Namespace
from pymockapi.store.occasions import drawing

_RECORD_BYTES: Final = 150  # of a response that says for how long it waited, and what befell it
_PLAIN: Final = Delivery()


def dispatch_of(space: Namespace, entry: Exchange, response: Response) -> Dispatch | None:
    """Return how ``response`` leaves; ``None``: at once and whole. Its record says what was drawn.

    What holds for the whole namespace does not for what the mock itself answers.
    """
    delivery = response.delivery or _PLAIN
    delay: Delay = response.delay_s if delivery.spread is None else delivery.spread
    if not response.own_delay and response.error is None:
        delay = space.settings.delay
    delay_s = delay if isinstance(delay, float) else drawn_s(delay, drawing(space, entry)("delay"))
    fault = _fault(space, entry, response, delivery)
    if delay_s != response.delay_s or fault is not None:
        own = response.own_bytes + _RECORD_BYTES
        record = msgspec.structs.replace(response, delay_s=delay_s, fault=fault, own_bytes=own)
        space.journal.answer(entry, record)
    pieces = delivery.pieces and _drawn(delivery.pieces, space, entry)
    if not delay_s and delivery.throttle is None and pieces is None and fault is None:
        return None
    data = garbage(drawing(space, entry)(GARBAGE)) if fault is FaultKind.GARBAGE else b""
    return Dispatch(delay_s, delivery.throttle, fault, pieces, delivery.trailers, data)


def _fault(
    space: Namespace, entry: Exchange, response: Response, delivery: Delivery
) -> FaultKind | None:
    """Return what befalls the answer, by its own definition or else its namespace's."""
    if delivery.own_fault:
        fault = delivery.fault
    else:
        fault = None if response.error is not None else space.settings.fault
    if fault is None or not drawn(fault, drawing(space, entry)(FAULT)):
        return None
    return fault.kind


def _drawn(pieces: tuple[Piece, ...], space: Namespace, entry: Exchange) -> Iterable[Piece]:
    """Return ``pieces`` with what each waits, drawn as it leaves: all at once could take 20 ms."""
    if all(isinstance(each.after, float) for each in pieces):
        return pieces
    draws = drawing(space, entry)

    def draw() -> Iterator[Piece]:
        for number, piece in enumerate(pieces):
            yield Piece(piece.data, drawn_s(piece.after, draws(f"after/{number}")))

    return draw()
