"""What a keyword of a JSON Schema costs: by value, by character and by number it is asked of.

One unit is 10 ns at most, measured on the worst that was found for each keyword. Numbers are the
dearest, since they are compared exactly: an ``enum`` of 3,000 halves took 4 ms for each value.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Final, NamedTuple

from pymockapi.engine.expressions.schema_graph import Subschema
from pymockapi.engine.repeats import expanded_size
from pymockapi.model.stub import Json

_PATTERN: Final = 25  # a call back; its time is taken from that of regular expressions
_HASHED: Final = 10  # 'uniqueItems' hashes 100 ns for each value underneath
_COMPARED: Final = 16  # an 'enum' of 1,000 objects, asked of 1,000 items: 150 ms
_BOUND: Final = 25  # a bound compared with a whole number; see the weights of other numbers
_BOUND_OF_FRACTION: Final = 35  # '{minimum: 0.5}' of 1e300: 3.7 us
_MULTIPLE: Final = 30
_MULTIPLE_OF_FRACTION: Final = 140  # '{multipleOf: 0.01}' of 10**18: 1.4 us
_MULTIPLE_OF_LEAST: Final = 1_700  # '{multipleOf: 1e-300}': 16 us
_EQUAL_TEXT: Final = 2
_EQUAL: Final = 25
_EQUAL_FRACTION: Final = 150  # 1.4 us
_EQUAL_EXACT: Final = 460  # of 1e300: 4.5 us
_FORMAT: Final = 2.0  # 20 ns a character
_FORMAT_OF_IDN: Final = 7.0
_HASHED_CHAR: Final = 0.2
_HASHED_NUMBER: Final = 20.0
_BOUNDS: Final = ("minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum")
_EXACT: Final = 2**53


class Price(NamedTuple):
    """Units for each subschema: of the value itself, of what is right below, of all underneath."""

    own: list[float]
    right_below: list[float]
    underneath: list[float]


def _values(ordered: Sequence[Subschema], asserts_formats: bool) -> Price:  # noqa: ARG001
    hashed = [_HASHED if each.data.get("uniqueItems") is True else 0.0 for each in ordered]
    return Price([_of_value(each.data) for each in ordered], [0.0] * len(ordered), hashed)


def _chars(ordered: Sequence[Subschema], asserts_formats: bool) -> Price:
    return Price(
        [_of_format(each.data) if asserts_formats else 0.0 for each in ordered],
        [_of_names(each.data) for each in ordered],
        [_HASHED_CHAR if each.data.get("uniqueItems") is True else 0.0 for each in ordered],
    )


def _numbers(ordered: Sequence[Subschema], asserts_formats: bool) -> Price:  # noqa: ARG001
    return Price(
        [_of_number(each.data) for each in ordered],
        [0.0] * len(ordered),
        [_HASHED_NUMBER if each.data.get("uniqueItems") is True else 0.0 for each in ordered],
    )


PRICES: Final[tuple[Callable[[Sequence[Subschema], bool], Price], ...]] = (
    _values,
    _chars,
    _numbers,
)


def _of_value(data: dict[str, Any]) -> float:
    units = 1.0 + len(data)
    if "const" in data:
        units += _compared(data["const"])
    if isinstance(options := data.get("enum"), list):
        units += sum(map(_compared, options))
    if isinstance(required := data.get("required"), list):
        units += 2 * len(required)
    for keyword in ("dependentRequired", "dependentSchemas", "dependencies"):
        if isinstance(entries := data.get(keyword), dict):
            units += sum(1 + 2 * len(entry) for entry in entries.values() if _is_list(entry))
            units += len(entries)
    return units + (_PATTERN if "pattern" in data else 0)


def _is_list(entry: Json) -> bool:
    return isinstance(entry, list)


def _compared(data: Json, *, inside: bool = False) -> float:
    """Return what comparing with ``data`` takes; numbers on their own are priced by number."""
    if isinstance(data, dict):
        return _COMPARED + sum(_compared(item, inside=True) for item in data.values())
    if isinstance(data, list):
        return _COMPARED + sum(_compared(item, inside=True) for item in data)
    return 0.1 + (_of_equal(data) if inside else 0.0)


def _of_number(data: dict[str, Any]) -> float:
    """Return the units for a whole number; a fraction is weighted 3, one of many digits 12."""
    units = 0.0
    for keyword in _BOUNDS:
        if keyword in data:
            units += _BOUND_OF_FRACTION if isinstance(data[keyword], float) else _BOUND
    if "multipleOf" in data:
        units += _of_multiple(data["multipleOf"])
    options = data.get("enum")
    for option in (*(options if isinstance(options, list) else ()), data.get("const")):
        units += _of_equal(option) / 3
    return units


def _of_multiple(operand: Json) -> float:
    if not isinstance(operand, float) or operand.is_integer():
        return _MULTIPLE
    return _MULTIPLE_OF_FRACTION if abs(operand) > 1e-12 else _MULTIPLE_OF_LEAST


def _of_equal(option: Json) -> float:
    if isinstance(option, bool) or not isinstance(option, int | float):
        return _EQUAL_TEXT if isinstance(option, str) else 0.0
    if isinstance(option, int):
        return _EQUAL
    is_short = 1 / _EXACT < abs(option) < _EXACT or option == 0
    return _EQUAL_FRACTION if is_short else _EQUAL_EXACT


def _of_format(data: dict[str, Any]) -> float:
    if "format" not in data:
        return 0.0
    return _FORMAT_OF_IDN if str(data["format"]).startswith("idn-") else _FORMAT


def _of_names(data: dict[str, Any]) -> float:
    patterns = data.get("patternProperties")
    if not isinstance(patterns, dict):
        return 0.0
    return sum(25 + expanded_size(str(pattern)) / 2 for pattern in patterns)
