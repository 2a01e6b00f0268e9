"""The claim where a namespace behaves in some way: a request may be turned away before its stub.

As a rate limiter or a proxy before the service does: a stub that would have answered is not
touched, and what no stub would have answered is told as ever. One synchronous step, as the claim is.
"""

from __future__ import annotations

from typing import Final

from pymockapi.engine.draws import Draws
from pymockapi.engine.sequences import has_passed
from pymockapi.model.plan import Alternative, Grant, Outdated, Plan
from pymockapi.model.stub import Stub
from pymockapi.store import claiming
from pymockapi.store.cells import Cell
from pymockapi.store.namespace import Namespace
from pymockapi.store.port import Arrival

PURPOSE: Final = "behaviour/failures"


def claim(space: Namespace, plan: Plan, arrival: Arrival) -> Grant | Outdated:
    """See ``Store.claim``."""
    behaving = space.behaving
    is_fresh = plan.version == space.version
    is_fresh &= plan.state_version in (-1, space.state_version)
    stub = _next(space, plan) if is_fresh else None
    if behaving is None or stub is None:
        return claiming.claim(space, plan, arrival)
    cell = space.cells.get(stub.name)
    if cell is None:
        cell = space.cells[stub.name] = Cell(stub)

    def draw() -> float:
        number = cell.hits + cell.missed + 1
        return Draws(space.seed, space.layer_of(stub), stub.name, number, PURPOSE).fraction()

    response = behaving.answer(space.now_ns(), draw)
    if response is None:
        return claiming.claim(space, plan, arrival)
    cell.missed += 1
    return claiming.stand_in(space, arrival, behaving.behaviour.name, response)


def _next(space: Namespace, plan: Plan) -> Stub | None:
    """Return the stub that would take its turn; ``None``: none would."""
    return next((each.stub for each in plan.alternatives if _is_available(space, each)), None)


def _is_available(space: Namespace, alternative: Alternative) -> bool:
    cell = space.cells.get(alternative.stub.name)
    position = 0 if cell is None else cell.position(alternative.key)
    is_over = alternative.stub.is_sequence and has_passed(alternative.stub, position)
    return not is_over and (cell is None or not cell.is_spent)
