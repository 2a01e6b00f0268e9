"""Reading value matchers, the same everywhere: a literal, or an object of matcher names.

A domain says what a literal means: text equal to its JSON text, JSON equal to the data, or, in
``json_contains``, JSON that contains the data. Follows ``docs/matching.md``.
"""

from __future__ import annotations

from collections.abc import Callable
from enum import Enum
from typing import Final

from pymockapi.engine.expressions.regexes import compile_regex
from pymockapi.engine.json_values import check_data, shown
from pymockapi.engine.matching.conditions import (
    NUMERIC,
    Compared,
    Condition,
    ContainsText,
    Dated,
    EndsWith,
    EqualsIgnoringCase,
    EqualsScalar,
    EqualsText,
    Length,
    Matches,
    OneOf,
    ReadAsJson,
    StartsWith,
    parse_number,
)
from pymockapi.engine.matching.instants import read_instant
from pymockapi.engine.matching.json_conditions import (
    ContainsItems,
    ContainsMembers,
    EqualsJson,
    FitsMatcher,
)
from pymockapi.engine.matching.matchers import (
    AllOf,
    AnyOf,
    EachItem,
    Not,
    Presence,
    SomeValue,
    ValueMatcher,
)
from pymockapi.engine.matching.typos import OTHER_WORDS, typo_of
from pymockapi.model.reader import (
    Findings,
    below,
    check_size,
    kind_of,
    read_flag,
    read_int,
    read_list,
    reject_unknown,
)
from pymockapi.model.stub import Json


class Domain(Enum):
    """What the values of a place are, and so what a literal means."""

    TEXT = "text"
    JSON = "json"
    CONTAINED = "contained"


MAX_CHOICES: Final = 10_000  # of one 'one_of'
MAX_NESTING: Final = 32  # matchers in matchers; eight calls each, and Python recurses 1,000 deep
Part = Condition | ValueMatcher
LONG_FORM: Final = frozenset({"value", "ignore_order", "ignore_extra"})


def read_matcher(data: object, at: str, found: Findings, domain: Domain) -> ValueMatcher:
    """Read a literal or an object of matchers, which must all hold (simple ones on one value)."""
    return _Reader(found, domain).matcher(data, at, MAX_NESTING)


def read_contained(data: object, at: str, found: Findings) -> ValueMatcher:
    """Read the data of ``json_contains``."""
    return read_matcher(data, at, found, Domain.CONTAINED)


def read_json_equality(data: object, at: str, found: Findings) -> ValueMatcher:
    """Read the data of ``json``, or its long form ``{value, ignore_order?, ignore_extra?}``."""
    if not (isinstance(data, dict) and "value" in data and data.keys() <= LONG_FORM):
        return SomeValue((_equals(data, at, found),))
    options = {
        name: read_flag(data[name], below(at, name), found)
        for name in ("ignore_order", "ignore_extra")
        if name in data
    }
    return SomeValue((_equals(data["value"], below(at, "value"), found, **options),))


def _equals(
    data: Json,
    at: str,
    found: Findings,
    *,
    ignore_order: bool = False,
    ignore_extra: bool = False,
) -> Condition:
    check_data(data, at, found)
    if isinstance(data, dict | list):
        return EqualsJson(data, ignore_order=ignore_order, ignore_extra=ignore_extra)
    return EqualsScalar(data)


class _Reader:
    """Reads in one domain; ``room`` is how much deeper the definition may nest."""

    def __init__(self, found: Findings, domain: Domain) -> None:
        self._found = found
        self._domain = domain

    def matcher(self, data: object, at: str, room: int) -> ValueMatcher:
        part = self._part(data, at, room)
        return part if isinstance(part, ValueMatcher) else SomeValue((part,))

    def _part(self, data: object, at: str, room: int) -> Part:
        if room <= 0:
            self._found.add(at, f"matchers may be nested {MAX_NESTING} levels deep, this is deeper")
            return EqualsScalar(None)
        if isinstance(data, dict):
            if self._is_matcher(data, at):
                return self._named(data, at, room)
            if self._domain is Domain.CONTAINED:
                return self._members(data, at, room)
        if self._domain is Domain.CONTAINED and isinstance(data, list):
            items = (self._part(item, below(at, n), room - 1) for n, item in enumerate(data))
            return ContainsItems(tuple(_condition(item) for item in items))
        return self.literal(data, at)

    def literal(self, data: object, at: str) -> Condition:
        """Read what ``equals`` takes."""
        if self._domain is not Domain.TEXT:
            return _equals(data, at, self._found)
        return EqualsText(self.text(data, at))

    def text(self, data: object, at: str) -> str:
        """Read a text operand; a number or a boolean means its JSON text."""
        if isinstance(data, str):
            return data
        if data is None or isinstance(data, dict | list):
            hint = {
                "null": "; for a missing value write {absent: true}",
                "a list": "; for a repeated key use {exactly: [...]} or {includes: [...]}",
            }.get(kind_of(data), "")
            self._found.add(
                at, f"expected a string, a number or a boolean, got {kind_of(data)}{hint}"
            )
            return ""
        check_data(data, at, self._found)
        return shown(data)

    def _is_matcher(self, data: dict[str, Json], at: str) -> bool:
        known = [key for key in data if key in _OPERATORS]
        if self._domain is Domain.TEXT:
            reject_unknown(data, at, self._found, _OPERATORS, OTHER_WORDS)
            if not data:
                self._found.add(at, f"expected at least one of {', '.join(sorted(_OPERATORS))}")
            return True
        if known and len(known) < len(data):
            other = next(key for key in data if key not in _OPERATORS)
            self._found.add(
                at,
                f"'{known[0]}' is a matcher and '{other}' is not: an object holds either matchers"
                " or data. For data with such a key write {equals: {...}}",
            )
        elif len(data) == 1 and not known:
            self._report_typo(next(iter(data)), at)
        return bool(known) and len(known) == len(data)

    def _report_typo(self, key: str, at: str) -> None:
        meant = typo_of(str(key), _OPERATORS)
        if meant is not None:
            self._found.add(
                below(at, str(key)),
                f"did you mean '{meant}'? For data with the key '{key}' write"
                f" {{equals: {{{key}: ...}}}}",
            )

    def _named(self, data: dict[str, Json], at: str, room: int) -> Part:
        parts = [
            _OPERATORS[name](self, name, operand, below(at, name), room - 1)
            for name, operand in data.items()
            if name in _OPERATORS
        ]
        conditions = tuple(part for part in parts if isinstance(part, Condition))
        matchers = [part for part in parts if isinstance(part, ValueMatcher)]
        if conditions:
            matchers.insert(0, SomeValue(conditions))
        if len(matchers) == 1:
            return matchers[0]
        return AllOf(tuple(matchers)) if matchers else Presence(wanted=True)

    def _members(self, data: dict[str, Json], at: str, room: int) -> Condition:
        conditions: list[tuple[str, Condition]] = []
        matchers: list[tuple[str, ValueMatcher]] = []
        for key, item in data.items():
            part = self._part(item, below(at, str(key)), room - 1)
            if isinstance(part, SomeValue) and len(part.conditions) == 1:
                part = part.conditions[0]
            if isinstance(part, Condition):
                conditions.append((key, part))
            else:
                matchers.append((key, part))
        return ContainsMembers(conditions, matchers)

    # Operators: each reads one operand.

    def equals(self, _: str, data: Json, at: str, __: int) -> Part:
        return self.literal(data, at)

    def textual(self, name: str, data: Json, at: str, _: int) -> Part:
        if self._domain is Domain.TEXT:
            return _TEXTUAL[name](self.text(data, at))
        if not isinstance(data, str):
            self._found.add(at, f"'{name}' takes a string, got {kind_of(data)}")
            return _TEXTUAL[name]("")
        return _TEXTUAL[name](data)

    def matches(self, _: str, data: Json, at: str, __: int) -> Part:
        return Matches(compile_regex(data, at, self._found))

    def one_of(self, _: str, data: Json, at: str, __: int) -> Part:
        items = read_list(data, at, self._found)
        if isinstance(data, list) and not data:
            self._found.add(at, "expected at least one value")
        check_size(items, at, self._found, MAX_CHOICES, "values")
        kept = items[:MAX_CHOICES]
        return OneOf(tuple(self.literal(item, below(at, n)) for n, item in enumerate(kept)))

    def presence(self, name: str, data: Json, at: str, _: int) -> Part:
        return Presence(wanted=read_flag(data, at, self._found) is (name == "present"))

    def compared(self, name: str, data: Json, at: str, _: int) -> Part:
        number = parse_number(data) if isinstance(data, str) else data
        if isinstance(number, bool) or not isinstance(number, int | float):
            given = shown(data) if isinstance(data, str) else kind_of(data)
            self._found.add(at, f"expected a number, got {given}")
            number = 0
        check_data(number, at, self._found)
        return Compared(name, number, reads_text=self._domain is Domain.TEXT)

    def dated(self, name: str, data: Json, at: str, _: int) -> Part:
        return Dated(read_instant(data, at, self._found), after=name == "after")

    def length(self, _: str, data: Json, at: str, room: int) -> Part:
        if isinstance(data, dict):
            return Length(_Reader(self._found, Domain.JSON).matcher(data, at, room))
        size = read_int(data, at, self._found, 0)
        return Length(SomeValue((EqualsScalar(size),)))

    def json(self, _: str, data: Json, at: str, __: int) -> Part:
        return self._document(read_json_equality(data, at, self._found))

    def json_contains(self, _: str, data: Json, at: str, room: int) -> Part:
        return self._document(_Reader(self._found, Domain.CONTAINED).matcher(data, at, room))

    def _document(self, matcher: ValueMatcher) -> Part:
        return ReadAsJson(matcher) if self._domain is Domain.TEXT else FitsMatcher(matcher)

    def composite(self, name: str, data: Json, at: str, room: int) -> Part:
        parts = self._items(data, at, room)
        return AllOf(parts) if name == "all" else AnyOf(parts)

    def negation(self, _: str, data: Json, at: str, room: int) -> Part:
        return Not(self.matcher(data, at, room))

    def each(self, name: str, data: Json, at: str, room: int) -> Part:
        items = self._items(data, at, room, may_be_empty=name == "exactly")
        unwraps = self._domain is not Domain.TEXT
        return EachItem(items, exactly=name == "exactly", unwraps=unwraps)

    def _items(
        self, data: Json, at: str, room: int, *, may_be_empty: bool = False
    ) -> tuple[ValueMatcher, ...]:
        items = read_list(data, at, self._found)
        if isinstance(data, list) and not data and not may_be_empty:
            self._found.add(at, "expected at least one matcher")
        return tuple(self.matcher(item, below(at, n), room) for n, item in enumerate(items))


def _condition(part: Part) -> Condition:
    return part if isinstance(part, Condition) else FitsMatcher(part)


_TEXTUAL: Final[dict[str, Callable[[str], Condition]]] = {
    "equals_ignore_case": EqualsIgnoringCase,
    "contains": ContainsText,
    "starts_with": StartsWith,
    "ends_with": EndsWith,
}
_OPERATORS: Final[dict[str, Callable[[_Reader, str, Json, str, int], Part]]] = {
    "equals": _Reader.equals,
    **dict.fromkeys(_TEXTUAL, _Reader.textual),
    "matches": _Reader.matches,
    "one_of": _Reader.one_of,
    "present": _Reader.presence,
    "absent": _Reader.presence,
    **dict.fromkeys(NUMERIC, _Reader.compared),
    "before": _Reader.dated,
    "after": _Reader.dated,
    "length": _Reader.length,
    "json": _Reader.json,
    "json_contains": _Reader.json_contains,
    "all": _Reader.composite,
    "any": _Reader.composite,
    "not": _Reader.negation,
    "exactly": _Reader.each,
    "includes": _Reader.each,
}
MATCHER_NAMES: Final = frozenset(_OPERATORS)
