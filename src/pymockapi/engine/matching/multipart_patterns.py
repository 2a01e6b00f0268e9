"""What ``multipart`` asks of the parts of a body, each by its name.

Of several parts with one name one must fit all that is asked of it. A body that cannot be read in
parts fits nothing here, not even ``absent``; no body has no parts.
"""

from __future__ import annotations

import base64
from collections.abc import Callable, Hashable, Iterator, Sequence
from typing import Final

import msgspec

from pymockapi.engine.checks import Check, settle
from pymockapi.engine.json_values import shown, spend
from pymockapi.engine.matching.conditions import EqualsScalar, EqualsText
from pymockapi.engine.matching.matchers import SomeValue, ValueMatcher
from pymockapi.engine.matching.values import (
    Domain,
    read_contained,
    read_json_equality,
    read_matcher,
)
from pymockapi.model.charsets import decode_text
from pymockapi.model.errors import ExpressionLimit
from pymockapi.model.json_reading import NOT_JSON, read_json
from pymockapi.model.multipart import Malformed, Multipart, Part
from pymockapi.model.reader import (
    Findings,
    below,
    kind_of,
    read_asked,
    read_bytes,
    read_flag,
    read_int,
    reject_unknown,
)
from pymockapi.model.request import MAX_JSON_PARTS, MAX_READ_BYTES, Request, json_parts, printable
from pymockapi.model.stub import Context, Difference, Json

_SHOWN_BYTES: Final = 300
_PRESENCE: Final = ("present", "absent")
Read = Callable[[Part, Multipart], Sequence[Json]]


class Asked(msgspec.Struct, frozen=True):
    """One thing that is asked of a part; ``suffix`` tells it in the name of a field.

    ``of_json``: what is no JSON does not fit, not even ``absent``.
    """

    suffix: str
    read: Read
    matcher: ValueMatcher
    of_json: bool = False

    def holds(self, part: Part, of: Multipart, context: Context) -> bool:
        values = self.read(part, of)
        return not (self.of_json and not values) and self.matcher.holds(values, context)

    def differences(
        self, field: str, part: Part, of: Multipart, context: Context
    ) -> list[Difference]:
        values = self.read(part, of)
        if self.of_json and not values:
            actual = f"no JSON: {shown(_text(part, of)[0])}"
            return [Difference(field, f"JSON {self.matcher.describe()}", actual)]
        return self.matcher.differences(f"{field}{self.suffix}", values, context)


class PartCheck:
    """Some part called ``name`` is as asked; ``wanted`` false: there is none."""

    __slots__ = ("_asked", "_field", "_name", "_wanted", "cost", "literals")

    def __init__(self, name: str, asked: tuple[Asked, ...], *, wanted: bool) -> None:
        self._name = name
        self._asked = asked
        self._wanted = wanted
        self._field = f"body.multipart.{printable(name)}"
        self.cost = 15
        self.literals: Sequence[tuple[str, Hashable]] = ()

    def accepts(self, request: Request, context: Context) -> bool:
        if not request.content:
            return not self._wanted
        settle(request, context)
        found = request.multipart
        if isinstance(found, Malformed):
            return False
        parts = found.parts.get(self._name, ())
        if not self._wanted:
            return not parts
        return any(self._fits(part, found, context) for part in parts)

    def _fits(self, part: Part, of: Multipart, context: Context) -> bool:
        spend(context, len(self._asked))
        return all(asked.holds(part, of, context) for asked in self._asked)

    def differences(self, request: Request, context: Context) -> list[Difference]:
        if self.accepts(request, context):
            return []
        found = request.multipart if request.content else None
        if isinstance(found, Malformed):
            how = "with" if self._wanted else "without"
            expected = f"a multipart body {how} a part '{printable(self._name)}'"
            return [Difference("body", expected, f"no multipart: {found.reason}")]
        parts = found.parts.get(self._name, []) if found else []
        if found is None or not parts:
            return [Difference(self._field, self._describe(), self._others(found))]
        if not self._wanted:
            return [Difference(self._field, "absent", _count(len(parts)))]
        if len(parts) > 1:
            return [
                Difference(
                    self._field, self._describe(), f"{_count(len(parts))}, none of which fits"
                )
            ]
        return [
            difference
            for asked in self._asked
            for difference in asked.differences(self._field, parts[0], found, context)
        ]

    def _describe(self) -> str:
        if not self._asked:
            return "present"
        texts = (f"{asked.suffix[1:]} {asked.matcher.describe()}" for asked in self._asked)
        return f"a part with {', '.join(texts)}"

    @staticmethod
    def _others(found: Multipart | None) -> str:
        if found is None:
            return "missing"
        names = [printable(name) for name in found.parts if name is not None]
        shown = ", ".join(name[:50] for name in names[:5]) + (", …" if len(names) > 5 else "")
        return f"missing; the parts are {shown}" if names else "missing; no part has a name"


def _count(number: int) -> str:
    return "a part" if number == 1 else f"{number} parts"


def read_multipart(data: object, at: str, found: Findings) -> Iterator[Check]:
    """Read ``multipart``; each part is one check."""
    for name, item in read_asked(data, at, found).items():
        yield _read_part(str(name), item, below(at, str(name)), found)


def _read_part(name: str, data: object, at: str, found: Findings) -> Check:
    if isinstance(data, str | int | float):
        return PartCheck(name, (_READERS["text"](data, at, found),), wanted=True)
    if not isinstance(data, dict) or not data:
        given = "an empty one" if data == {} else kind_of(data)
        known = ", ".join(PART_KEYS)
        found.add(at, f"expected a text, or an object with some of {known}; got {given}")
        return PartCheck(name, (), wanted=True)
    reject_unknown(data, at, found, PART_KEYS, _HINTS)
    wanted = True
    for key in _PRESENCE:
        if key in data:
            wanted = read_flag(data[key], below(at, key), found) is (key == "present")
    asked = tuple(
        read(data[key], below(at, key), found) for key, read in _READERS.items() if key in data
    )
    if asked and not wanted:
        found.add(at, "a part that is absent has nothing else; leave the other keys out")
    return PartCheck(name, asked, wanted=wanted)


def _read_filename(data: object, at: str, found: Findings) -> Asked:
    matcher = read_matcher(data, at, found, Domain.TEXT)
    return Asked(".filename", lambda part, _: _given(part.filename), matcher)


def _read_content_type(data: object, at: str, found: Findings) -> Asked:
    matcher = read_matcher(data, at, found, Domain.TEXT)
    return Asked(".content_type", lambda part, _: _given(part.content_type), matcher)


def _read_text(data: object, at: str, found: Findings) -> Asked:
    return Asked(".text", _text, read_matcher(data, at, found, Domain.TEXT))


def _read_equal(data: object, at: str, found: Findings) -> Asked:
    return Asked(".$", _json, read_json_equality(data, at, found), of_json=True)


def _read_contained(data: object, at: str, found: Findings) -> Asked:
    return Asked(".$", _json, read_contained(data, at, found), of_json=True)


def _read_base64(data: object, at: str, found: Findings) -> Asked:
    content = read_bytes(data, at, found)
    encoded = _encoded(content or b"")

    def read(part: Part, _: Multipart) -> Sequence[Json]:
        return (encoded if part.content == content else _encoded(part.content[:_SHOWN_BYTES]),)

    return Asked(".base64", read, SomeValue((EqualsText(encoded),)))


def _read_length(data: object, at: str, found: Findings) -> Asked:
    if isinstance(data, dict):
        matcher = read_matcher(data, at, found, Domain.JSON)
    else:
        matcher = SomeValue((EqualsScalar(read_int(data, at, found, 0)),))
    return Asked(".length", lambda part, _: (len(part.content),), matcher)


def _given(value: str | None) -> Sequence[Json]:
    return () if value is None else (value,)


def _encoded(content: bytes) -> str:
    return base64.b64encode(content).decode()


def _text(part: Part, of: Multipart) -> Sequence[Json]:
    if part.text is msgspec.UNSET:
        of.bytes_left -= len(part.content)
        if of.bytes_left < 0:
            raise ExpressionLimit(
                f"The parts that are read as text or JSON have more than {MAX_READ_BYTES:,} bytes"
                " together."
            )
        types = () if part.content_type is None else (part.content_type,)
        part.text = decode_text(part.content, types)
    return (part.text,)


def _json(part: Part, of: Multipart) -> Sequence[Json]:
    if part.json is msgspec.UNSET:
        _text(part, of)
        of.json_left -= json_parts(part.content)
        if of.json_left < 0:
            raise ExpressionLimit(
                f"The JSON in the parts has more than {MAX_JSON_PARTS:,} parts of its own, brackets,"
                " colons and a quarter of its commas."
            )
        part.json = read_json(part.content)
    return () if part.json is NOT_JSON else (part.json,)


_READERS: Final[dict[str, Callable[[object, str, Findings], Asked]]] = {
    "filename": _read_filename,
    "content_type": _read_content_type,
    "length": _read_length,
    "base64": _read_base64,
    "text": _read_text,
    "json": _read_equal,
    "json_contains": _read_contained,
}
PART_KEYS: Final = (*_READERS, *_PRESENCE)
_HINTS: Final = {
    "contains": "write {text: {contains: ...}}",
    "matches": "write {text: {matches: ...}}",
    "equals": "write {text: ...}",
    "name": "the part's name is the key above",
    "headers": "of a part's headers, filename and content_type can be asked for",
    "type": "write 'content_type'",
}
