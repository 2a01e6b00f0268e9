"""Values of templates: their text, their truth, their members, and what they weigh.

JSON values and ``Missing``; nothing here looks at an attribute of a Python object.
"""

from __future__ import annotations

from typing import Any, Final

import msgspec

from pymockapi.engine.templates.runtime import Missing, Rendering, Value
from pymockapi.model.reader import kind_of
from pymockapi.model.rendering import RenderingFailed
from pymockapi.model.stub import Json

MAX_DEPTH: Final = 100  # of a value that is written as JSON
MAX_SHOWN: Final = 60  # characters; a part of a secret would not be known as one
_SMALL: Final = 2**63  # of whole numbers that are written at once
_BITS_A_STEP: Final = 32  # of a large one; 4,200 digits take 0.17 ms
_MOST_COMPARED: Final = 32  # characters at each place, by what looks for a longer text
_COMPARED_A_STEP: Final = 512
_ABSENT: Final = Missing("")
encode_json: Final = msgspec.json.Encoder().encode


def present(value: Value) -> Json:
    """Return ``value`` if it is there; raises ``RenderingFailed`` with what to do."""
    if type(value) is Missing:
        raise RenderingFailed(
            f"'{value.what}' is missing; where that may be, write"
            f" {{{{ {value.what} | default('...') }}}}"
        )
    return value


def text_of(value: Value, rendering: Rendering) -> str:
    """Return ``value`` as it reads in a text: a string as it is, all else as JSON."""
    if type(value) is str:
        return value
    return json_text(present(value), rendering)


def json_text(value: Json, rendering: Rendering) -> str:
    """Return ``value`` as JSON; what it weighs is taken first."""
    if type(value) is dict or type(value) is list:
        weigh(value, rendering)
    elif type(value) is str:
        rendering.take(len(value))
    elif type(value) is int:
        weigh(value, rendering)
    return encode_json(value).decode()


def weigh(value: Json, rendering: Rendering, room: int = MAX_DEPTH) -> None:
    """Take a step for every part of ``value``, and the characters that it has as JSON."""
    if type(value) is str:
        rendering.take(len(value) + 2)
    elif type(value) is dict or type(value) is list:
        if room <= 0:
            raise RenderingFailed(f"a value is nested more than {MAX_DEPTH} deep", is_limit=True)
        rendering.step(1 + len(value))
        rendering.take(2 + len(value))
        if type(value) is dict:
            for key, item in value.items():
                rendering.take(len(key) + 2)
                weigh(item, rendering, room - 1)
        else:
            for item in value:
                weigh(item, rendering, room - 1)
    elif type(value) is int and not -_SMALL < value < _SMALL:
        bits = value.bit_length()
        rendering.step(bits // _BITS_A_STEP)
        rendering.take(bits // 3)
    else:
        rendering.take(8)


def is_true(value: Value) -> bool:
    """Return whether ``value`` holds in a condition: empty, 0, null, false and missing do not."""
    return type(value) is not Missing and bool(value)


def member(value: Value, key: Value, what: str) -> Value:
    """Return what ``value`` has at ``key``; what it has not is ``Missing``, called ``what``."""
    if type(value) is dict:
        found = value.get(key, _ABSENT) if type(key) is str else _ABSENT
    elif type(value) is list or type(value) is str:
        is_there = isinstance(key, int) and type(key) is int and -len(value) <= key < len(value)
        found = value[key] if is_there else _ABSENT  # type: ignore[index]
    elif type(value) is Missing:
        return value
    else:
        found = _ABSENT
    return Missing(what) if found is _ABSENT else found


def same(left: Value, right: Value, rendering: Rendering) -> bool:
    """Return whether two values are equal as JSON; what is missing equals nothing."""
    if type(left) is Missing or type(right) is Missing:
        return False
    if isinstance(left, dict | list) and isinstance(right, dict | list):
        return (
            type(left) is type(right) and len(left) == len(right) and _alike(left, right, rendering)
        )
    if isinstance(left, bool) or isinstance(right, bool):
        return left is right
    if type(left) is str and type(right) is str and len(left) > 64:
        rendering.step(len(left) // 64)
    return bool(left == right)


def _alike(left: Any, right: Any, rendering: Rendering) -> bool:
    rendering.step(1 + len(left))
    weigh(left, rendering)  # nested too deep to compare is too deep to weigh
    if isinstance(left, list):
        return all(same(one, other, rendering) for one, other in zip(left, right, strict=True))
    return left.keys() == right.keys() and all(
        same(item, right[key], rendering) for key, item in left.items()
    )


def search(text: str, part: str, rendering: Rendering) -> None:
    """Take the steps of looking for ``part`` all through ``text``; 40 ns a character at worst."""
    rendering.step(1 + len(text) * min(len(part), _MOST_COMPARED) // _COMPARED_A_STEP)


def as_text(value: Json, rendering: Rendering) -> str:
    """Return a string or scalar as text; raises for lists and objects, which have no one text."""
    if type(value) is str:
        return value
    if isinstance(value, dict | list):
        raise RenderingFailed(f"expected text, got {kind_of(value)}")
    return json_text(value, rendering)


def as_number(value: Json) -> int | float:
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise RenderingFailed(f"expected a number, got {shown(value)}")
    return value


def as_whole(value: Json, low: int, high: int) -> int:
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    if isinstance(value, bool) or not isinstance(value, int) or not low <= value <= high:
        raise RenderingFailed(f"expected a whole number from {low} to {high}, got {shown(value)}")
    return value


def as_list(value: Json) -> list[Json]:
    if not isinstance(value, list):
        raise RenderingFailed(f"expected a list, got {shown(value)}")
    return value


def shown(value: Json) -> str:
    """Return how a value reads in a message."""
    if isinstance(value, str):
        return f"'{value}'" if len(value) <= MAX_SHOWN else f"a text of {len(value):,} characters"
    if isinstance(value, dict | list | None | bool):
        return (
            {True: "true", False: "false"}.get(value, "")
            if isinstance(value, bool)
            else kind_of(value)
        )
    return repr(value)[:60]
