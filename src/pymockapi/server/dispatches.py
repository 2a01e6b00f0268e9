"""How one answer leaves: what its definition and its namespace say, with all chance drawn."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Final

import msgspec

from pymockapi.engine.spreads import drawn_s
from pymockapi.model.delivery import Delay, Delivery, Dispatch, Piece
from pymockapi.model.exchange import Exchange
from pymockapi.model.response import Response
from pymockapi.store.namespace import Namespace
from pymockapi.store.occasions import drawing

_RECORD_BYTES: Final = 150  # of a response that says for how long it waited
_PLAIN: Final = Delivery()


def dispatch_of(space: Namespace, entry: Exchange, response: Response) -> Dispatch | None:
    """Return how ``response`` leaves; ``None``: at once and whole. Its record says how long it waits.

    What holds for the whole namespace does not for what the mock itself answers.
    """
    delivery = response.delivery or _PLAIN
    delay: Delay = response.delay_s if delivery.spread is None else delivery.spread
    if not response.own_delay and response.error is None:
        delay = space.settings.delay
    delay_s = delay if isinstance(delay, float) else drawn_s(delay, drawing(space, entry)("delay"))
    if delay_s != response.delay_s:
        own = response.own_bytes + _RECORD_BYTES
        waiting = msgspec.structs.replace(response, delay_s=delay_s, own_bytes=own)
        space.journal.answer(entry, waiting)
    pieces = delivery.pieces and _drawn(delivery.pieces, space, entry)
    if not delay_s and delivery.throttle is None and pieces is None:
        return None
    return Dispatch(delay_s, delivery.throttle, None, pieces, delivery.trailers)


def _drawn(pieces: tuple[Piece, ...], space: Namespace, entry: Exchange) -> Iterable[Piece]:
    """Return ``pieces`` with what each waits, drawn as it leaves: all at once could take 20 ms."""
    if all(isinstance(each.after, float) for each in pieces):
        return pieces
    draws = drawing(space, entry)

    def draw() -> Iterator[Piece]:
        for number, piece in enumerate(pieces):
            yield Piece(piece.data, drawn_s(piece.after, draws(f"after/{number}")))

    return draw()
