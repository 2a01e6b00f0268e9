"""How much work a JSON Schema may take on a document, told before the library is asked.

The library cannot be stopped once it runs, so what a document could cost at worst is added up
from what the schema could ask of a value at each depth, and taken from the steps of the request.
What its keywords cost is in ``schema_prices``. A schema of ordinary size is asked of 1 MiB in a
few thousand steps of 30,000.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Final, NamedTuple

from pymockapi.engine.expressions.schema_graph import Role, Subschema
from pymockapi.engine.expressions.schema_prices import PRICES, Price
from pymockapi.engine.json_values import spend
from pymockapi.model.errors import ExpressionLimit
from pymockapi.model.stub import Context, Json

UNITS_A_STEP: Final = 50
MAX_BODY_DEPTH: Final = 100  # with 60 schemas on each value: deeper, 512 kB of stack run out
_AGAIN: Final = 3  # times that 'unevaluated' asks what else is applied to the value
_MEASURED: Final = 8  # values that are counted in one step
_MOST: Final = 1e15
_EXACT: Final = 2**53  # numbers beyond are compared digit by digit


class Size(NamedTuple):
    """How much a document has at one depth; ``numbers`` are weighted by what comparing takes."""

    values: int
    chars: int
    numbers: int


class Costs:
    """The units of ``root`` for all that a document has at each depth."""

    __slots__ = ("_counted", "_depths", "_root")

    def __init__(self, ordered: Sequence[Subschema], root: Json, *, asserts_formats: bool) -> None:
        places = {id(each.data): number for number, each in enumerate(ordered)}
        self._root = places.get(id(root))
        applied = [_Applied(each, places) for each in ordered]
        prices = [price(ordered, asserts_formats) for price in PRICES]
        self._depths = [_Depths(applied, price) for price in prices]
        self._counted = [any(map(any, price)) for price in prices]

    def units(self, document: Json, context: Context) -> float:
        """Return the most that ``document`` can cost; to measure it takes steps, too.

        Raises ``ExpressionLimit`` if it is nested deep.
        """
        if self._root is None:
            return 1.0
        _, chars, numbers = self._counted
        total = 0.0
        for depth, size in enumerate(sizes(document, context, chars=chars, numbers=numbers)):
            for amount, units in zip(size, self._depths, strict=True):
                if amount:
                    total += amount * units.at(depth)[self._root]
        return total


def sizes(
    document: Json, context: Context, *, chars: bool = True, numbers: bool = True
) -> list[Size]:
    """Return what a document has at each depth; names of members count where their values are."""
    found: list[Size] = []
    level: list[Json] = [document]
    named = 0
    while level:
        if len(found) > MAX_BODY_DEPTH:
            raise ExpressionLimit(
                f"The body is nested more than {MAX_BODY_DEPTH} levels deep; a JSON Schema is asked"
                " of bodies down to there."
            )
        spend(context, len(level) // _MEASURED)
        text = named
        if chars:
            text += sum(len(value) for value in level if isinstance(value, str))
        weight = sum(map(_weight, level)) if numbers else 0
        found.append(Size(len(level), text, weight))
        below: list[Json] = []
        named = 0
        for value in level:
            if isinstance(value, dict):
                below += value.values()
                if chars:
                    named += sum(map(len, value))
            elif isinstance(value, list):
                below += value
        level = below
    return found


def _weight(value: Json) -> int:
    if isinstance(value, float):
        return 3 if 1 / _EXACT < abs(value) < _EXACT or value == 0 else 12
    if isinstance(value, int):
        return 1 if -_EXACT < value < _EXACT else 4
    return 0


class _Applied:
    """What a subschema applies, as places in the order."""

    __slots__ = ("again", "an_item", "each_item", "each_member", "member", "name", "same")

    def __init__(self, each: Subschema, places: dict[int, int]) -> None:
        def of(role: Role) -> list[int]:
            return [places[id(other.data)] for other in each.applied.get(role, ())]

        self.same = of(Role.SAME)
        self.member = of(Role.A_MEMBER)
        self.each_member = of(Role.EACH_MEMBER)
        self.name = of(Role.A_NAME)
        self.an_item = of(Role.AN_ITEM)
        self.each_item = of(Role.EACH_ITEM)
        unevaluated = "unevaluatedProperties" in each.data or "unevaluatedItems" in each.data
        self.again = _AGAIN if unevaluated else 1


class _Depths:
    """Units of every subschema by depth below the value it is applied to, as far as asked for."""

    __slots__ = ("_below", "_levels", "_ordered", "_right_below")

    def __init__(self, ordered: list[_Applied], price: Price) -> None:
        self._ordered = ordered
        self._below = price.underneath
        self._right_below = [a + b for a, b in zip(*price[1:], strict=True)]
        self._levels = [self._level(price.own, None)]

    def at(self, depth: int) -> list[float]:
        while len(self._levels) <= depth:
            own = self._right_below if len(self._levels) == 1 else self._below
            self._levels.append(self._level(own, self._levels[-1]))
        return self._levels[depth]

    def _level(self, own: list[float], above: list[float] | None) -> list[float]:
        units: list[float] = []
        first = above is not None and len(self._levels) == 1
        for applied, mine in zip(self._ordered, own, strict=True):
            total = mine
            if above is not None:
                total += max(
                    _most(above, applied.member) + _sum(above, applied.each_member),
                    _most(above, applied.an_item) + _sum(above, applied.each_item),
                )
                if first:
                    total += _sum(above, applied.name)
            total += applied.again * _sum(units, applied.same)
            units.append(min(total, _MOST))
        return units


def _most(units: list[float], places: list[int]) -> float:
    return max((units[place] for place in places), default=0.0)


def _sum(units: list[float], places: Iterable[int]) -> float:
    return sum(units[place] for place in places)
