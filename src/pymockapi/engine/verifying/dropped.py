"""From what is known of dropped requests to what they may have been to a check."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

import msgspec

from pymockapi.engine.verifying.expectations import Check, Kind
from pymockapi.engine.verifying.tallies import Dropped
from pymockapi.model.exchange import UNCOUNTED


class Lost(msgspec.Struct, frozen=True):
    """Dropped requests: ``number`` of them after some request, ``ever`` in all.

    Of those in all ``uncounted`` were refused or incomplete; the others are counted in
    ``by_stub`` (``""``: answered by none).
    """

    number: int
    ever: int
    uncounted: int
    by_stub: Mapping[str, int]

    def of_stub(self, name: str) -> tuple[int, int]:
        """Return the least and the most of ``number`` that the stub can have answered."""
        ever = self.by_stub.get(name, 0)
        return max(0, self.number - (self.ever - ever)), min(self.number, ever)


NOTHING_LOST: Final = Lost(0, 0, 0, {})


def dropped_for(check: Check, lost: Lost) -> Dropped:
    """Return what ``lost`` may have been to ``check``."""
    asks_uncounted = any(kind.answered.phases & UNCOUNTED for kind in check.kinds)
    plain = {each.kind.stub or "" for each in check.expect if each.kind.is_plain_stub}
    fitted = sum(lost.by_stub.get(name, 0) for name in plain)
    counted = lost.ever - lost.uncounted
    bounds = [_bounds(each.kind, lost) for each in check.expect]
    return Dropped(
        max(0, lost.number - lost.uncounted),
        lost.number if asks_uncounted else min(lost.number, counted),
        min(lost.number, counted - fitted),
        tuple(low for low, _ in bounds),
        tuple(high for _, high in bounds),
    )


def _bounds(kind: Kind, lost: Lost) -> tuple[int, int]:
    if kind.stub is not None:
        low, high = lost.of_stub(kind.stub)
        return low if kind.is_plain_stub else 0, high
    phases = kind.answered.phases
    if not phases & UNCOUNTED:
        return 0, min(lost.number, lost.ever - lost.uncounted)
    return 0, min(lost.number, lost.uncounted) if phases <= UNCOUNTED else lost.number
