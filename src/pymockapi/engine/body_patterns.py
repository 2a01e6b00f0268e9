"""What ``body`` asks: JSON, JSONPaths, text, form fields or bytes; all that is given must hold.

No bytes mean a missing body. The content type is not asked. A body that is no JSON fits nothing
that looks into JSON, not even ``absent``.
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Callable, Hashable, Iterator, Sequence
from typing import Final

from pymockapi.engine.checks import Check, FieldCheck
from pymockapi.engine.conditions import NO_LITERAL, Condition, EqualsScalar
from pymockapi.engine.json_conditions import ContainsMembers, EqualsJson
from pymockapi.engine.json_values import json_key, shown
from pymockapi.engine.jsonpath import JsonPath
from pymockapi.engine.jsonpath_reading import read_jsonpath
from pymockapi.engine.literals import body_place
from pymockapi.engine.matchers import SomeValue, ValueMatcher
from pymockapi.engine.values import Domain, read_contained, read_json_equality, read_matcher
from pymockapi.model.reader import Findings, below, kind_of, read_object
from pymockapi.model.request import NOT_JSON, Request, printable
from pymockapi.model.stub import Context, Difference, Json

Literals = Sequence[tuple[str, Hashable]]

_MAX_LITERALS: Final = 32  # of one body; an index splits by the few most selective


class JsonCheck:
    """The body read as JSON fits; ``path`` selects the values to ask, absent it is the whole."""

    __slots__ = ("_field", "_matcher", "_path", "cost", "literals")

    def __init__(
        self, matcher: ValueMatcher, literals: Literals, path: JsonPath | None = None
    ) -> None:
        self._matcher = matcher
        self._path = path
        self._field = f"body.{path.text}" if path else "body.$"
        self.cost = 20 if path else 10
        self.literals = literals

    def accepts(self, request: Request, context: Context) -> bool:
        document = request.json
        if document is NOT_JSON:
            return not request.body and self._matcher.holds((), context)
        return self._matcher.holds(self._values(document, context), context)

    def differences(self, request: Request, context: Context) -> list[Difference]:
        document = request.json
        if document is not NOT_JSON:
            return self._matcher.differences(self._field, self._values(document, context), context)
        if not request.body:
            return self._matcher.differences(self._field, (), context)
        expected = f"a JSON body {self._matcher.describe()}"
        return [Difference("body", expected, f"no JSON: {shown(request.text)}")]

    def _values(self, document: Json, context: Context) -> Sequence[Json]:
        return (document,) if self._path is None else self._path.values(document, context)


class BytesCheck:
    """The body is exactly these bytes."""

    __slots__ = ("_content", "_encoded", "cost", "literals")

    def __init__(self, content: bytes, encoded: str) -> None:
        self._content = content
        self._encoded = encoded
        self.cost = 2
        self.literals: Literals = ()

    def accepts(self, request: Request, context: Context) -> bool:  # noqa: ARG002
        return request.body == self._content

    def differences(self, request: Request, context: Context) -> list[Difference]:
        if self.accepts(request, context):
            return []
        return [
            Difference(
                "body",
                f"{len(self._content)} bytes, in base64 {shown(self._encoded)}",
                f"{len(request.body)} bytes, in base64 {_base64(request.body)}"
                if request.body
                else "missing",
            )
        ]


def read_body(data: object, at: str, found: Findings) -> list[Check]:
    """Read ``body``; each key is one check, ``form`` and ``jsonpath`` one for each entry."""
    if not isinstance(data, dict):
        found.add(
            at,
            f"expected an object with some of {', '.join(_READERS)}, got {kind_of(data)}; for a"
            " text write {text: ...}, for JSON {json: ...}",
        )
        return []
    entries = read_object(data, at, found, _READERS)
    return [
        check
        for key, item in entries.items()
        if key in _READERS
        for check in _READERS[key](item, below(at, key), found)
    ]


def _read_json(data: object, at: str, found: Findings) -> Iterator[Check]:
    matcher = read_json_equality(data, at, found)
    yield JsonCheck(matcher, _literals_of(matcher))


def _read_contained(data: object, at: str, found: Findings) -> Iterator[Check]:
    matcher = read_contained(data, at, found)
    yield JsonCheck(matcher, _literals_of(matcher))


def _read_paths(data: object, at: str, found: Findings) -> Iterator[Check]:
    for expression, item in read_object(data, at, found).items():
        place = below(at, str(expression))
        path = read_jsonpath(expression, place, found)
        matcher = read_matcher(item, place, found, Domain.JSON)
        names, literals = path.names, ()
        if names is not None and matcher.literal is not NO_LITERAL:
            yield JsonCheck(matcher, ((body_place(names), matcher.literal),), path)
        else:
            yield JsonCheck(matcher, literals, path)


def _read_text(data: object, at: str, found: Findings) -> Iterator[Check]:
    matcher = read_matcher(data, at, found, Domain.TEXT)
    yield FieldCheck("body", lambda request: (request.text,) if request.body else (), matcher, 5)


def _read_form(data: object, at: str, found: Findings) -> Iterator[Check]:
    for name, item in read_object(data, at, found).items():
        matcher = read_matcher(item, below(at, str(name)), found, Domain.TEXT)
        yield FieldCheck(f"form.{name}", _form_field(str(name)), matcher, 5)


def _form_field(name: str) -> Callable[[Request], Sequence[Json]]:
    return lambda request: request.form.get(name, ())


def _read_base64(data: object, at: str, found: Findings) -> Iterator[Check]:
    if not isinstance(data, str):
        found.add(at, f"expected base64 as a string, got {kind_of(data)}")
        return
    try:
        content = base64.b64decode("".join(data.split()).encode(), validate=True)
    except (binascii.Error, UnicodeEncodeError):
        found.add(at, "this is no base64 (RFC 4648)")
        return
    yield BytesCheck(content, data)


def _base64(body: bytes) -> str:
    return shown(base64.b64encode(body[:300]).decode())


def _literals_of(matcher: ValueMatcher) -> Literals:
    """Return the scalars that a body must have at places reached through plain objects."""
    if not isinstance(matcher, SomeValue):
        return ()
    literals: list[tuple[str, Hashable]] = []
    for condition in matcher.conditions:
        literals += _literals_in(condition, ())
    return literals[:_MAX_LITERALS]


def _literals_in(condition: Condition, names: tuple[str, ...]) -> Iterator[tuple[str, Hashable]]:
    if isinstance(condition, EqualsScalar):
        yield body_place(names), condition.literal
    elif isinstance(condition, EqualsJson):
        yield from _scalars_in(condition.expected, names)
    elif isinstance(condition, ContainsMembers):
        for key, item in condition.conditions:
            if printable(key) == key:
                yield from _literals_in(item, (*names, key))


def _scalars_in(data: Json, names: tuple[str, ...]) -> Iterator[tuple[str, Hashable]]:
    if isinstance(data, dict):
        for key, item in data.items():
            if printable(key) == key:  # else its place would not be read as it was written
                yield from _scalars_in(item, (*names, key))
    elif not isinstance(data, list):
        yield body_place(names), json_key(data)


_READERS: Final[dict[str, Callable[[object, str, Findings], Iterator[Check]]]] = {
    "json": _read_json,
    "json_contains": _read_contained,
    "jsonpath": _read_paths,
    "text": _read_text,
    "form": _read_form,
    "base64": _read_base64,
}
BODY_KEYS: Final = tuple(_READERS)
