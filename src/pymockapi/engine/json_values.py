"""JSON values compared as JSON: 1 is 1.0, "1" is not 1, true is not 1, order of keys is nothing.

Also what a definition may hold (``check_data``) and how a value reads in a message (``shown``).
Requests may be nested deeper than Python can recurse, so nothing here recurses into one freely.
"""

from __future__ import annotations

import json
import math
from collections.abc import Hashable, Iterator
from itertools import islice
from typing import Final

from pymockapi.model.errors import ExpressionLimit
from pymockapi.model.reader import Findings, below
from pymockapi.model.request import printable
from pymockapi.model.stub import MAX_STEPS, Context, Json

MAX_BITS: Final = 14_000  # of a whole number; Python writes 4,300 digits
MAX_DEPTH: Final = 50  # of data to compare with; where order is ignored, eight calls a level
MAX_SHOWN: Final = 200  # characters of a value in a message
_SHOWN_DEPTH: Final = 12
_TRUE: Final = ("true",)
_FALSE: Final = ("false",)


def same_json(left: Json, right: Json, context: Context | None = None) -> bool:
    """Return whether two JSON values are equal; with a ``context``, two parts take a step."""
    if not isinstance(left, dict | list):
        return _same_scalar(left, right)
    pairs = [(left, right)]
    while pairs:
        one, other = pairs.pop()
        if isinstance(one, dict):
            if not isinstance(other, dict) or one.keys() != other.keys():
                return False
            pairs += [(value, other[key]) for key, value in one.items()]
        elif isinstance(one, list):
            if not isinstance(other, list) or len(one) != len(other):
                return False
            pairs += zip(one, other, strict=True)
        elif not _same_scalar(one, other):
            return False
        if context is not None and isinstance(one, dict | list):
            spend(context, 1 + len(one) // 2)
    return True


def _same_scalar(left: Json, right: Json) -> bool:
    if isinstance(left, bool) or isinstance(right, bool):
        return left is right
    return bool(left == right)


def json_key(value: Json, room: int = MAX_DEPTH) -> Hashable:
    """Return what is equal for two values exactly when ``same_json`` holds for them.

    Raises ``ExpressionLimit`` for a value nested deeper than ``room``.
    """
    if isinstance(value, bool):
        return _TRUE if value else _FALSE
    if not isinstance(value, dict | list):
        return value  # type: ignore[no-any-return]
    if room <= 0:
        raise ExpressionLimit(f"A JSON value is nested deeper than {MAX_DEPTH} levels.")
    if isinstance(value, list):
        return ("list", tuple(json_key(item, room - 1) for item in value))
    return ("object", frozenset((key, json_key(item, room - 1)) for key, item in value.items()))


def spend(context: Context, steps: int = 1) -> None:
    """Take ``steps`` from what a request may use; raises ``ExpressionLimit`` when none are left."""
    context.steps_left -= steps
    if context.steps_left < 0:
        raise ExpressionLimit(
            f"Matching this request took more than {MAX_STEPS:,} steps; a narrower expression, a"
            " smaller body, or fewer stubs that differ in no literal stay below."
        )


def spend_on(text: str, context: Context, a_step: int) -> None:
    """Take a step for every ``a_step`` characters of a long ``text``."""
    if len(text) > a_step:
        spend(context, len(text) // a_step)


def check_data(data: object, at: str, found: Findings, room: int = MAX_DEPTH) -> None:
    """Report what is no JSON in a definition's literal data, and what is nested too deep."""
    if isinstance(data, dict | list):
        if room <= 0:
            found.add(at, f"data may be nested {MAX_DEPTH} levels deep, this is deeper")
            return
        entries = data.items() if isinstance(data, dict) else enumerate(data)
        for key, value in entries:
            check_data(value, below(at, key if isinstance(key, int) else str(key)), found, room - 1)
    elif isinstance(data, float) and not math.isfinite(data):
        found.add(at, f"{data} is no JSON number")
    elif data is not None and not isinstance(data, str | int | float):
        found.add(at, f"a {type(data).__name__} is no JSON value; write it as a string")


def shown(value: Json) -> str:
    """Return ``value`` as JSON text for a reader, cut after about 200 characters."""
    if isinstance(value, dict | list):
        text = _first(_parts(value, _SHOWN_DEPTH))
    else:
        text = _scalar_text(value)
    return text if len(text) <= MAX_SHOWN else text[:MAX_SHOWN] + "…"


def _first(parts: Iterator[str]) -> str:
    text = ""
    for part in parts:
        text += part
        if len(text) > MAX_SHOWN:
            break
    return text


def _parts(value: Json, room: int) -> Iterator[str]:
    if not isinstance(value, dict | list):
        yield _scalar_text(value)
        return
    opening, closing = "{}" if isinstance(value, dict) else "[]"
    yield opening
    if value and room <= 0:
        yield "…"
    elif isinstance(value, dict):
        for number, (key, item) in enumerate(islice(value.items(), MAX_SHOWN)):
            yield f"{', ' if number else ''}{_scalar_text(key)}: "
            yield from _parts(item, room - 1)
    else:
        for number, item in enumerate(islice(value, MAX_SHOWN)):
            yield ", " if number else ""
            yield from _parts(item, room - 1)
    yield closing


def _scalar_text(value: Json) -> str:
    if isinstance(value, str):
        value = printable(value[: MAX_SHOWN + 1])
    elif isinstance(value, int) and value.bit_length() > 4 * MAX_SHOWN:
        return f"a number of {value.bit_length()} bits"
    return json.dumps(value, ensure_ascii=False)
