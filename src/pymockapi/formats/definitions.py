"""Definitions of stubs and settings without what they expect, or set, where secrets are.

Bit by bit and without recursion: a definition may be as long and as deep as JSON is read.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet
from typing import Any, Final, Protocol

from pymockapi.engine.matching.values import LONG_FORM, MATCHER_NAMES
from pymockapi.formats.hiding import hidden_target
from pymockapi.formats.places import Steps, below, is_place, may_hold, steps_of
from pymockapi.formats.secrets import COOKIES, CREDENTIALS, leaf
from pymockapi.model.slices import Work
from pymockapi.model.stub import Json, RequestValue

STEP: Final = 256  # parts between two looks at the clock
_TEXTS: Final = frozenset({"text", "base64", "xml", "xpath"})


class _Part(Protocol):
    """What a part of a definition is."""

    def member(self, key: str | int, value: Json, /) -> _Part: ...
    def leaf(self, value: Json) -> Json: ...


class Stripping:
    """Strips definitions; ``fields`` are the request values that are secret besides."""

    def __init__(self, fields: Sequence[RequestValue]) -> None:
        self.fields = fields
        self.named: dict[str, set[str]] = {}
        for field in fields:
            kind, _, name = field.notation.partition(".")
            self.named.setdefault(kind, set()).add(name.lower() if kind == "header" else name)
        paths = [each.notation for each in fields if each.notation.startswith("body.$")]
        self.steps = [steps_of(each) for each in paths]
        self.asks_body = any(each in self.named for each in ("body", "form"))

    def strip(self, definition: Json) -> Work[Json]:
        """Return ``definition``, or what holds some, without secrets."""
        box: list[Any] = [definition]
        open_ones: list[tuple[Any, Any, _Part]] = [(box, 0, _Definition(self, ""))]
        count = 0
        while open_ones:
            holder, key, kind = open_ones.pop()
            value = holder[key]
            if isinstance(value, dict):
                made: Any = dict(value)
                open_ones += [(made, name, kind.member(name, each)) for name, each in made.items()]
            elif isinstance(value, list):
                made = list(value)
                open_ones += [(made, n, kind.member(n, each)) for n, each in enumerate(made)]
            else:
                made = kind.leaf(value)
            holder[key] = made
            count += 1
            if count % STEP == 0:
                yield
        return box[0]


class _Secret:
    """All of it is secret."""

    def __init__(self, *, numbers: bool) -> None:
        self._numbers = numbers

    def member(self, _: str | int, __: Json, /) -> _Part:
        return self

    def leaf(self, value: Json) -> Json:
        return leaf(value, numbers=self._numbers)


_TEXT: Final = _Secret(numbers=False)
_ALL: Final = _Secret(numbers=True)


class _Digest:
    """Digest credentials, of which some are what a challenge tells everybody."""

    def __init__(self, stripping: Stripping) -> None:
        self._stripping = stripping

    def member(self, key: str | int, _: Json, /) -> _Part:
        if is_place(f"auth.digest.{key}", self._stripping.fields):
            return _TEXT
        return _Definition(self._stripping, "digest")

    def leaf(self, value: Json) -> Json:
        return leaf(value)


class _Url:
    """Where a callback goes."""

    def __init__(self, stripping: Stripping) -> None:
        self._stripping = stripping

    def member(self, _: str | int, __: Json, /) -> _Part:
        return self

    def leaf(self, value: Json) -> Json:
        return hidden_target(value, self._stripping.fields) if isinstance(value, str) else value


class _Auth(_Digest):
    """What is under ``auth``."""

    def member(self, key: str | int, _: Json, /) -> _Part:
        return _Digest(self._stripping) if key == "digest" else _TEXT


class _Expected:
    """A JSON value that a body is to have; ``left`` are the steps to secrets below it."""

    def __init__(self, left: AbstractSet[Steps]) -> None:
        self._left = left

    def member(self, key: str | int, _: Json, /) -> _Part:
        is_item = isinstance(key, int)  # in any order: which one is not told by its place
        wanted = {_any_item(each) for each in self._left} if is_item else set(self._left)
        left = set(below(wanted, str(key)))
        if is_item or key in MATCHER_NAMES:
            left |= self._left
        return _ALL if () in left else _Expected(left)

    def leaf(self, value: Json) -> Json:
        return value


def _any_item(steps: Steps) -> Steps:
    return tuple("*" if each.isdigit() else each for each in steps)


class _LongForm(_Expected):
    """``{value: …, ignore_order: true}`` around what is expected."""

    def member(self, key: str | int, _: Json, /) -> _Part:
        return _Expected(self._left) if key == "value" else self


class _Definition:
    """Any other part, under the key ``within``."""

    def __init__(self, stripping: Stripping, within: str) -> None:
        self._stripping = stripping
        self._within = within

    def member(self, key: str | int, value: Json, /) -> _Part:
        if isinstance(key, int):
            return self
        stripping, within = self._stripping, self._within
        if within == "callbacks" and key == "url":
            return _Url(stripping)
        if within in ("body", "callbacks") and key != "headers" and stripping.asks_body:
            return self._of_body(key, value)
        if within == "graphql" and key == "variables":
            return _expected(stripping, value, "variables")
        if within == "jsonpath":
            place = f"body.{key}"
            is_secret = is_place(place, stripping.fields) or may_hold(place, stripping.fields)
            return _ALL if is_secret else _Definition(stripping, "")
        if key == "auth" and within == "request":
            return _Auth(stripping)
        return _TEXT if self._is_secret(key) else _Definition(stripping, key)

    def _of_body(self, key: str, value: Json) -> _Part:
        named = self._stripping.named
        if "" in named.get("body", ()) or key in _TEXTS:
            return _ALL
        if key in ("json", "json_contains"):
            return _expected(self._stripping, value)
        return _Definition(self._stripping, key)

    def _is_secret(self, name: str) -> bool:
        named, within = self._stripping.named, self._within
        if within == "request":
            return name == "cookies" or (name == "path" and "path" in named)
        if within in ("headers", "trailers"):
            lowered = name.lower()
            return lowered in CREDENTIALS | COOKIES or lowered in named.get("header", ())
        if within == "multipart":
            return name in named.get("form", ())
        return within in ("query", "form") and name in named.get(within, ())

    def leaf(self, value: Json) -> Json:
        return value


def _expected(stripping: Stripping, value: Json, below_key: str | None = None) -> _Part:
    steps = stripping.steps
    if any(each is None for each in steps):
        return _ALL  # a filter, a slice: what it selects is not told by its text
    left = {each for each in steps if each is not None}
    if below_key is not None:
        left = set(below(left, below_key))
    is_long = isinstance(value, Mapping) and "value" in value and value.keys() <= LONG_FORM
    if () in left:
        return _ALL
    return _LongForm(left) if is_long and below_key is None else _Expected(left)
