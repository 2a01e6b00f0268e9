"""What ``body`` asks: JSON, JSONPaths, XML, XPaths, text, form fields, parts or bytes; all that is given must hold.

No bytes mean a missing body. The content type is not asked. A body that is no JSON fits nothing
that looks into JSON, not even ``absent``.
"""

from __future__ import annotations

import base64
from collections.abc import Callable, Hashable, Iterator, Sequence
from typing import Final

from pymockapi.engine.checks import BodyCheck, Check, no_json, settle
from pymockapi.engine.expressions.json_schemas import read_json_schema
from pymockapi.engine.expressions.jsonpath import JsonPath
from pymockapi.engine.expressions.jsonpath_reading import read_jsonpath
from pymockapi.engine.expressions.searches import selected
from pymockapi.engine.json_values import json_key, shown
from pymockapi.engine.matching.conditions import NO_LITERAL, Condition, EqualsScalar
from pymockapi.engine.matching.graphql_patterns import read_graphql
from pymockapi.engine.matching.json_conditions import ContainsMembers, EqualsJson
from pymockapi.engine.matching.literals import body_place
from pymockapi.engine.matching.matchers import SomeValue, ValueMatcher
from pymockapi.engine.matching.multipart_patterns import read_multipart
from pymockapi.engine.matching.values import (
    MATCHER_NAMES,
    Domain,
    read_contained,
    read_json_equality,
    read_matcher,
)
from pymockapi.engine.matching.xml_patterns import read_xml, read_xpaths
from pymockapi.model.json_reading import NOT_JSON
from pymockapi.model.reader import Findings, below, kind_of, read_asked, read_bytes, read_object
from pymockapi.model.request import Request, printable
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
        if request.owed_steps:
            settle(request, context)
        if document is NOT_JSON:
            return not request.content and self._matcher.holds((), context)
        return self._matcher.holds(self._values(document, context), context)

    def differences(self, request: Request, context: Context) -> list[Difference]:
        document = request.json
        if document is not NOT_JSON:
            return self._matcher.differences(self._field, self._values(document, context), context)
        if not request.content:
            return self._matcher.differences(self._field, (), context)
        expected = f"a JSON body {self._matcher.describe()}"
        return [Difference("body", expected, no_json(request))]

    def _values(self, document: Json, context: Context) -> Sequence[Json]:
        return (document,) if self._path is None else selected(self._path, document, context)


class BytesCheck:
    """The body, as it was sent, is exactly these bytes."""

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
            f"expected an object with some of {', '.join(BODY_KEYS)}, got {kind_of(data)}; for a"
            " text write {text: ...}, for JSON {json: ...}",
        )
        return []
    entries = read_object(data, at, found, BODY_KEYS, _HINTS)
    checks = [
        check
        for key, item in entries.items()
        if key in _READERS
        for check in _READERS[key](item, below(at, key), found)
    ]
    if "xpath" in entries:
        checks += read_xpaths(entries["xpath"], at, found, entries.get("namespaces", {}))
    elif "namespaces" in entries:
        found.add(below(at, "namespaces"), "these are the prefixes of 'xpath', which is missing")
    return checks


def _read_json(data: object, at: str, found: Findings) -> Iterator[Check]:
    matcher = read_json_equality(data, at, found)
    yield JsonCheck(matcher, _literals_of(matcher))


def _read_contained(data: object, at: str, found: Findings) -> Iterator[Check]:
    matcher = read_contained(data, at, found)
    yield JsonCheck(matcher, _literals_of(matcher))


def _read_paths(data: object, at: str, found: Findings) -> Iterator[Check]:
    for expression, item in read_asked(data, at, found).items():
        place = below(at, str(expression))
        path = read_jsonpath(expression, place, found)
        matcher = read_matcher(item, place, found, Domain.JSON)
        names, literals = path.names, ()
        if names is not None and matcher.literal is not NO_LITERAL:
            yield JsonCheck(matcher, ((body_place(names), matcher.literal),), path)
        else:
            yield JsonCheck(matcher, literals, path)


def _read_schema(data: object, at: str, found: Findings) -> Iterator[Check]:
    check = read_json_schema(data, at, found)
    if check is not None:
        yield check


def _read_text(data: object, at: str, found: Findings) -> Iterator[Check]:
    matcher = read_matcher(data, at, found, Domain.TEXT)
    yield BodyCheck("body", lambda request: (request.text,) if request.content else (), matcher, 5)


def _read_form(data: object, at: str, found: Findings) -> Iterator[Check]:
    for name, item in read_asked(data, at, found).items():
        matcher = read_matcher(item, below(at, str(name)), found, Domain.TEXT)
        yield BodyCheck(f"form.{name}", _form_field(str(name)), matcher, 5)


def _form_field(name: str) -> Callable[[Request], Sequence[Json]]:
    return lambda request: request.form.get(name, ())


def _read_base64(data: object, at: str, found: Findings) -> Iterator[Check]:
    content = read_bytes(data, at, found)
    if content is not None:
        yield BytesCheck(content, str(data))


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
    "json_schema": _read_schema,
    "graphql": read_graphql,
    "text": _read_text,
    "form": _read_form,
    "multipart": read_multipart,
    "xml": read_xml,
    "base64": _read_base64,
}
_HINTS: Final = {
    name: f"for the body as text write {{text: {{{name}: ...}}}}"
    for name in MATCHER_NAMES
    if name not in _READERS
} | {
    name: f"for a body that is {told} write {{text: {{{name}: true}}}}"
    for name, told in (("absent", "missing"), ("present", "there"))
}
BODY_KEYS: Final = (*_READERS, "xpath", "namespaces")
