"""Operators of templates: arithmetic within bounds, comparison, membership, joining texts.

A number stays below 14,000 bits, as in the state; a text or list is only made if there is room.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Final

from pymockapi.engine.json_values import MAX_BITS
from pymockapi.engine.templates.runtime import Missing, Rendering, Value
from pymockapi.engine.templates.values import as_number, present, same, search, shown
from pymockapi.model.rendering import RenderingFailed
from pymockapi.model.stub import Json

Number = int | float
_BITS_A_STEP: Final = 128  # 14,000 by 7,000 bits take 53 us
Binary = Callable[[Rendering, Value, Value], Json]


def add(rendering: Rendering, left: Value, right: Value) -> Json:
    one, other = present(left), present(right)
    if type(one) is str and type(other) is str:
        rendering.take(len(one) + len(other))
        return one + other
    if type(one) is list and type(other) is list:
        rendering.step(len(one) + len(other))
        rendering.take(len(one) + len(other))
        return one + other
    if type(one) is str or type(other) is str:
        raise RenderingFailed(
            f"'+' adds numbers, or two texts, got {shown(one)} and {shown(other)}; '~' joins any"
        )
    return bounded(as_number(one) + as_number(other))


def subtract(_: Rendering, left: Value, right: Value) -> Json:
    return bounded(_number(left, "-") - _number(right, "-"))


def multiply(rendering: Rendering, left: Value, right: Value) -> Json:
    one, other = _number(left, "*"), _number(right, "*")
    if isinstance(one, int) and isinstance(other, int):
        _check_bits(one.bit_length() + other.bit_length())
    _pay(rendering, one, other)
    return bounded(one * other)


def divide(rendering: Rendering, left: Value, right: Value) -> Json:
    one, other = _number(left, "/"), _divisor(right, "/")
    _pay(rendering, one, other)
    return bounded(one / other)


def divide_whole(rendering: Rendering, left: Value, right: Value) -> Json:
    one, other = _number(left, "//"), _divisor(right, "//")
    _pay(rendering, one, other)
    return bounded(one // other)


def modulo(rendering: Rendering, left: Value, right: Value) -> Json:
    one, other = _number(left, "%"), _divisor(right, "%")
    _pay(rendering, one, other)
    return bounded(one % other)


def _pay(rendering: Rendering, one: Number, other: Number) -> None:
    """Take the steps of multiplying or dividing whole numbers that are large."""
    if isinstance(one, int) and isinstance(other, int):
        rendering.step((one.bit_length() + other.bit_length()) // _BITS_A_STEP)


def negate(value: Value) -> Json:
    return -_number(value, "-")


def _number(value: Value, sign: str) -> Number:
    given = present(value)
    if isinstance(given, bool) or not isinstance(given, int | float):
        raise RenderingFailed(f"'{sign}' takes numbers, got {shown(given)}{_cure(given, sign)}")
    return given


def _cure(given: Json, sign: str) -> str:
    if not isinstance(given, str):
        return ""
    if sign == "%":
        return "; texts are not formatted by it: 'pad' and 'round' are filters"
    return "; the filters 'int' and 'float' make numbers of text"


def _divisor(value: Value, sign: str) -> Number:
    number = _number(value, sign)
    if number == 0:
        raise RenderingFailed("division by zero")
    return number


def _check_bits(bits: int) -> None:
    if bits > MAX_BITS:
        raise RenderingFailed(f"a number has more than {MAX_BITS:,} bits", is_limit=True)


def bounded(number: Number) -> Number:
    if isinstance(number, int):
        _check_bits(number.bit_length())
    elif not math.isfinite(number):
        raise RenderingFailed("the result is no number that JSON can write")
    return number


def less(rendering: Rendering, left: Value, right: Value) -> bool:
    one, other = _ordered(rendering, left, right)
    return one < other  # type: ignore[no-any-return]


def less_or_equal(rendering: Rendering, left: Value, right: Value) -> bool:
    one, other = _ordered(rendering, left, right)
    return one <= other  # type: ignore[no-any-return]


def _ordered(rendering: Rendering, left: Value, right: Value) -> tuple[Json, Json]:
    one, other = present(left), present(right)
    are_texts = isinstance(one, str) and isinstance(other, str)
    if not are_texts and not (_is_number(one) and _is_number(other)):
        raise RenderingFailed(
            f"two numbers or two texts can be compared, got {shown(one)} and {shown(other)}"
        )
    rendering.step(len(one) // 1024 if isinstance(one, str) else 0)
    return one, other


def _is_number(value: Json) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def equal(rendering: Rendering, left: Value, right: Value) -> bool:
    return same(left, right, rendering)


def unequal(rendering: Rendering, left: Value, right: Value) -> bool:
    return not same(left, right, rendering)


def contained(rendering: Rendering, item: Value, holder: Value) -> bool:
    """Return whether ``item`` is in a list, a name of an object, or a part of a text."""
    if type(item) is Missing or type(holder) is Missing:
        return False
    if isinstance(holder, list):
        rendering.step(len(holder))
        return any(same(item, each, rendering) for each in holder)
    if isinstance(holder, dict):
        return isinstance(item, str) and item in holder
    if not isinstance(holder, str) or not isinstance(item, str):
        raise RenderingFailed(
            f"'in' looks into a list, an object or a text, got {shown(item)} in {shown(holder)}"
        )
    search(holder, item, rendering)
    return item in holder


BINARY: Final[dict[str, Binary]] = {
    "Add": add,
    "Sub": subtract,
    "Mul": multiply,
    "Div": divide,
    "FloorDiv": divide_whole,
    "Mod": modulo,
}
COMPARISONS: Final[dict[str, Binary]] = {
    "eq": equal,
    "ne": unequal,
    "lt": less,
    "lteq": less_or_equal,
    "gt": lambda rendering, left, right: less(rendering, right, left),
    "gteq": lambda rendering, left, right: less_or_equal(rendering, right, left),
    "in": contained,
    "notin": lambda rendering, left, right: not contained(rendering, left, right),
}
