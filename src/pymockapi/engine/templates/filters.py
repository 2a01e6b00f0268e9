"""The filters that a template may use; ``docs/templates.md`` shows each.

A filter takes the rendering, the value before the bar, and its arguments. What it makes is taken
from the budget before it is made.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import math
from decimal import ROUND_HALF_UP, Context, Decimal, InvalidOperation
from html import escape
from typing import Any, Final
from urllib.parse import quote

from pymockapi.engine.json_values import MAX_BITS
from pymockapi.engine.templates.dates import (
    check_format,
    moved,
    read_moment,
    steps_of,
    write_instant,
)
from pymockapi.engine.templates.functions import Signature, check_offset, required
from pymockapi.engine.templates.operators import bounded
from pymockapi.engine.templates.runtime import Missing, Rendering, Value
from pymockapi.engine.templates.values import (
    as_number,
    as_text,
    as_whole,
    is_true,
    json_text,
    search,
    shown,
)
from pymockapi.model.reader import kind_of
from pymockapi.model.rendering import RenderingFailed
from pymockapi.model.request import printable
from pymockapi.model.stub import Json

_EXACT: Final = Context(prec=40)  # digits
_LONG_NUMBER: Final = 400  # characters of one that a float can hold
_MOST: Final = 1_048_576  # of widths, counts and places


def _text(value: Json, rendering: Rendering, times: int = 1) -> str:
    """Return the text of ``value``, having taken room for as much, ``times``."""
    text = as_text(value, rendering)
    rendering.take(len(text) * times)
    return text


def _upper(rendering: Rendering, value: Json) -> str:
    return _text(value, rendering, 3).upper()  # one letter may become three


def _lower(rendering: Rendering, value: Json) -> str:
    return _text(value, rendering, 3).lower()


def _capitalize(rendering: Rendering, value: Json) -> str:
    return _text(value, rendering, 3).capitalize()


def _trim(rendering: Rendering, value: Json) -> str:
    return _text(value, rendering).strip()


def _replace(rendering: Rendering, value: Json, old: Json, new: Json) -> str:
    text, gone = _text(value, rendering), as_text(old, rendering)
    put = as_text(new, rendering)
    if not gone:
        raise RenderingFailed("replace takes a text to look for that is not empty")
    search(text, gone, rendering)
    rendering.take(text.count(gone) * len(put))
    return text.replace(gone, put)


def _pad(rendering: Rendering, value: Json, width: Json, fill: Json) -> str:
    text, letter = as_text(value, rendering), as_text(fill, rendering)
    if len(letter) != 1:
        raise RenderingFailed(f"pad fills with one character, got {shown(letter)}")
    wide = as_whole(width, 0, 2**63)
    rendering.take(max(wide, len(text)))
    return text.rjust(wide, letter)


def _truncate(rendering: Rendering, value: Json, length: Json) -> str:
    return _text(value, rendering)[: as_whole(length, 0, _MOST)]


def _split(rendering: Rendering, value: Json, separator: Json) -> list[str]:
    text, between = _text(value, rendering), as_text(separator, rendering)
    if not between:
        raise RenderingFailed("split takes a separator that is not empty")
    search(text, between, rendering)
    rendering.step(text.count(between))
    return text.split(between)


def _join(rendering: Rendering, value: Json, separator: Json) -> str:
    between = as_text(separator, rendering)
    items = _items(value, rendering)
    parts = [as_text(each, rendering) for each in items]
    rendering.take(sum(map(len, parts)) + len(between) * len(parts))
    return between.join(parts)


def _string(rendering: Rendering, value: Json) -> str:
    return value if isinstance(value, str) else json_text(value, rendering)


def _tojson(rendering: Rendering, value: Json) -> str:
    return json_text(value, rendering)


def _number(value: Json, wanted: str) -> Decimal:
    """Return ``value``, a number or the text of one, exactly."""
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        raise RenderingFailed(f"expected {wanted} or its text, got {shown(value)}")
    try:
        number = Decimal(value.strip() if isinstance(value, str) else str(value))
    except InvalidOperation:
        raise RenderingFailed(f"expected {wanted}, got {shown(value)}") from None
    if not number.is_finite() or number.adjusted() > MAX_BITS * 3 // 10:
        raise RenderingFailed(f"expected {wanted}, got {shown(value)}")
    return number


def _int(rendering: Rendering, value: Value, default: Value) -> Json:
    rendering.step(1 + (len(value) // 4 if isinstance(value, str) else 0))
    try:
        if type(value) is str and len(value) > MAX_BITS // 3:
            raise RenderingFailed("expected a whole number, got a long text")
        return value if type(value) is int else int(_number(_given(value, default), "a number"))
    except RenderingFailed:
        if type(default) is Missing:
            raise
        return default


def _float(rendering: Rendering, value: Value, default: Value) -> Json:
    rendering.step(4)
    try:
        return _as_float(_given(value, default))
    except RenderingFailed:
        if type(default) is Missing:
            raise
        return default


def _as_float(value: Json) -> float:
    if type(value) is float:
        return value
    if isinstance(value, str) and len(value) > _LONG_NUMBER:
        raise RenderingFailed("expected a number, got a long text")
    try:
        number = float(value if type(value) is int else _number(value, "a number"))
    except OverflowError:
        number = math.inf
    if math.isinf(number):
        raise RenderingFailed("expected a number that JSON can write")
    return number


def _given(value: Value, default: Value) -> Json:
    if type(value) is Missing:
        raise RenderingFailed(
            f"'{value.what}' is missing" if type(default) is Missing else "missing"
        )
    return value


def _round(rendering: Rendering, value: Json, digits: Json) -> Json:
    rendering.step(2)
    number, places = as_number(value), as_whole(digits, 0, 15)
    if isinstance(number, int):
        return number
    if abs(number) >= 1e15:
        return number if places else int(number)
    rounded = Decimal(repr(number)).quantize(Decimal(1).scaleb(-places), ROUND_HALF_UP, _EXACT)
    return float(rounded) if places else int(rounded)


def _abs(_: Rendering, value: Json) -> Json:
    return abs(as_number(value))


def _length(_: Rendering, value: Json) -> int:
    if not isinstance(value, str | list | dict):
        raise RenderingFailed(f"a text, list or object has a length, not {shown(value)}")
    return len(value)


def _items(value: Json, rendering: Rendering) -> list[Json]:
    """Return a list; an object's names; each is a step."""
    if not isinstance(value, list | dict):
        raise RenderingFailed(f"expected a list, got {shown(value)}")
    rendering.step(len(value))
    return list(value)


def _first(_: Rendering, value: Json) -> Value:
    return _at(value, 0, "first")


def _last(_: Rendering, value: Json) -> Value:
    return _at(value, -1, "last")


def _at(value: Json, place: int, what: str) -> Value:
    if not isinstance(value, list | str):
        raise RenderingFailed(f"expected a list or a text, got {shown(value)}")
    return (
        value[place]
        if value
        else Missing(f"the {what} of an empty {'list' if isinstance(value, list) else 'text'}")
    )


def _sort(rendering: Rendering, value: Json, by: Json, reverse: Json) -> list[Json]:
    items = _items(value, rendering)
    rendering.step(4 * len(items))
    keys = items if by is None else [_member(each, by) for each in items]
    are_texts = all(isinstance(key, str) for key in keys)
    if not are_texts:
        for key in keys:
            as_number(key)
    rendering.take(sum(map(len, keys)) if are_texts else 0)
    order = sorted(range(len(items)), key=keys.__getitem__, reverse=is_true(reverse))
    return [items[each] for each in order]


def _member(item: Json, name: Json) -> Json:
    if not isinstance(item, dict) or not isinstance(name, str) or name not in item:
        raise RenderingFailed(f"an item has no '{name}': {kind_of(item)}")
    return item[name]


def _map(rendering: Rendering, value: Json, name: Json) -> list[Json]:
    return [_member(each, name) for each in _items(value, rendering)]


def _reverse(rendering: Rendering, value: Json) -> Json:
    if isinstance(value, str):
        return _text(value, rendering)[::-1]
    return _items(value, rendering)[::-1]


def _numbers(rendering: Rendering, value: Json) -> list[int | float]:
    return [as_number(each) for each in _items(value, rendering)]


def _sum(rendering: Rendering, value: Json) -> Json:
    numbers = _numbers(rendering, value)
    rendering.step(sum(each.bit_length() // 64 for each in numbers if isinstance(each, int)))
    return bounded(sum(numbers))


def _least(rendering: Rendering, value: Json) -> Value:
    return min(_numbers(rendering, value), default=Missing("the min of an empty list"))


def _most(rendering: Rendering, value: Json) -> Value:
    return max(_numbers(rendering, value), default=Missing("the max of an empty list"))


def _pairs(rendering: Rendering, value: Json) -> list[Json]:
    if not isinstance(value, dict):
        raise RenderingFailed(f"expected an object, got {shown(value)}")
    rendering.step(2 * len(value))
    return [[name, item] for name, item in value.items()]


def _default(_: Rendering, value: Value, instead: Value) -> Value:
    return instead if type(value) is Missing else value


def _urlencode(rendering: Rendering, value: Json) -> str:
    text = _text(value, rendering, 12)
    rendering.step(4 + len(text) // 4)  # 130 ns a character at worst
    return quote(text, safe="")


def _escape(rendering: Rendering, value: Json) -> str:
    return escape(_text(value, rendering, 6))


def _b64encode(rendering: Rendering, value: Json) -> str:
    return base64.b64encode(_text(value, rendering, 6).encode()).decode()


def _b64decode(rendering: Rendering, value: Json) -> str:
    text = _text(value, rendering)
    rendering.step(len(text) // 32)  # 14 ns a character
    try:
        padded = text + "=" * (-len(text) % 4)
        decoded = base64.b64decode(padded.encode(), altchars=None, validate=True)
        return printable(decoded.decode("utf-8", "surrogateescape"))
    except (binascii.Error, ValueError):
        raise RenderingFailed(f"expected base64, got {shown(text)}") from None


def _sha256(rendering: Rendering, value: Json) -> str:
    text = _text(value, rendering, 4)
    rendering.step(len(text) // 256)
    return hashlib.sha256(text.encode()).hexdigest()


def _date(rendering: Rendering, value: Json, format_: Json, offset: Json) -> Json:
    written = as_text(format_, rendering)
    rendering.step(steps_of(written))
    return write_instant(moved(read_moment(value), as_text(offset, rendering)), written)


_NOTHING: Final[Any] = Missing("")
FILTERS: Final[dict[str, Signature]] = {
    "default": Signature(_default, (required("value"),), takes_missing=True),
    "upper": Signature(_upper),
    "lower": Signature(_lower),
    "capitalize": Signature(_capitalize),
    "trim": Signature(_trim),
    "replace": Signature(_replace, (required("old"), required("new"))),
    "truncate": Signature(_truncate, (required("length"),)),
    "pad": Signature(_pad, (required("width"), ("fill", " "))),
    "split": Signature(_split, (required("separator"),)),
    "join": Signature(_join, (("separator", ""),)),
    "string": Signature(_string),
    "tojson": Signature(_tojson),
    "int": Signature(_int, (("default", _NOTHING),), takes_missing=True),
    "float": Signature(_float, (("default", _NOTHING),), takes_missing=True),
    "round": Signature(_round, (("digits", 0),)),
    "abs": Signature(_abs),
    "sum": Signature(_sum),
    "min": Signature(_least),
    "max": Signature(_most),
    "length": Signature(_length),
    "first": Signature(_first),
    "last": Signature(_last),
    "sort": Signature(_sort, (("by", None), ("reverse", False))),
    "reverse": Signature(_reverse),
    "map": Signature(_map, (required("name"),)),
    "items": Signature(_pairs),
    "urlencode": Signature(_urlencode),
    "escape": Signature(_escape),
    "b64encode": Signature(_b64encode),
    "b64decode": Signature(_b64decode),
    "sha256": Signature(_sha256),
    "date": Signature(
        _date,
        (("format", "iso"), ("offset", "")),
        (("offset", check_offset), ("format", check_format)),
    ),
}
