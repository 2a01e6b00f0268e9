"""Conditions on one value that is there: equality, text, numbers, instants, length.

What is missing, and what several values of a key mean, is decided in ``matchers``.
"""

from __future__ import annotations

import operator
import re
from abc import ABC, abstractmethod
from collections.abc import Callable, Hashable
from typing import Final

from pymockapi.engine.expressions.regexes import Regex
from pymockapi.engine.json_values import json_key, same_json, shown, spend, spend_on
from pymockapi.engine.matching.instants import Instant, parse_instant
from pymockapi.model.json_reading import NOT_JSON, read_json
from pymockapi.model.request import printable
from pymockapi.model.stub import STEP_BYTES, Context, Difference, Json, Matcher

_NUMBER: Final = re.compile(r"-?\d{1,400}(\.\d{1,400})?([eE][+-]?\d{1,9})?", re.ASCII)
_CHOICES: Final = 8  # literals that are compared in one step
_SEARCHED: Final = 512  # characters searched for a text in one step, at worst
_FOLDED: Final = 64  # characters whose case is folded in one step
NUMERIC: Final[dict[str, tuple[Callable[[Json, Json], bool], str]]] = {
    "gt": (operator.gt, "greater than"),
    "ge": (operator.ge, "at least"),
    "lt": (operator.lt, "less than"),
    "le": (operator.le, "at most"),
}


class Condition(ABC):
    """A test of one value, which may be of any JSON type. Raises ``ExpressionLimit``, no more."""

    __slots__ = ()

    @abstractmethod
    def fits(self, value: Json, context: Context) -> bool: ...

    @abstractmethod
    def describe(self) -> str:
        """Return what is expected, as it reads after "expected"."""

    def differences(self, field: str, value: Json, context: Context) -> list[Difference]:
        """Return what does not fit; empty exactly when ``fits``."""
        if self.fits(value, context):
            return []
        return [Difference(field, self.describe(), shown(value))]

    @property
    def literal(self) -> Hashable:
        """The ``json_key`` of the only scalar that fits; ``NO_LITERAL`` if there is none."""
        return NO_LITERAL


NO_LITERAL: Final = object()


class EqualsText(Condition):
    __slots__ = ("text",)

    def __init__(self, text: str) -> None:
        self.text = text

    def fits(self, value: Json, context: Context) -> bool:  # noqa: ARG002
        return bool(value == self.text)

    def describe(self) -> str:
        return f"equal to {shown(self.text)}"

    @property
    def literal(self) -> Hashable:
        return self.text


class EqualsScalar(Condition):
    """Equal to null, a boolean, a number or a string, as JSON has it."""

    __slots__ = ("_strict", "expected")

    def __init__(self, expected: Json) -> None:
        self.expected = expected
        self._strict = not isinstance(expected, str) and expected in (0, 1)

    def fits(self, value: Json, context: Context) -> bool:  # noqa: ARG002
        if self._strict:  # the four values that Python takes for each other: 0, 1, false, true
            return same_json(self.expected, value)
        return bool(value == self.expected)

    def describe(self) -> str:
        return f"equal to {shown(self.expected)}"

    @property
    def literal(self) -> Hashable:
        return json_key(self.expected)


class EqualsIgnoringCase(Condition):
    __slots__ = ("_folded", "text")

    def __init__(self, text: str) -> None:
        self.text = text
        self._folded = text.casefold()

    def fits(self, value: Json, context: Context) -> bool:
        if not isinstance(value, str):
            return False
        spend_on(value, context, _FOLDED)
        return value.casefold() == self._folded

    def describe(self) -> str:
        return f"equal to {shown(self.text)} in any case"


class ContainsText(Condition):
    __slots__ = ("text",)

    def __init__(self, text: str) -> None:
        self.text = text

    def fits(self, value: Json, context: Context) -> bool:
        if isinstance(value, list):
            return any(same_json(self.text, item, context) for item in value)
        if not isinstance(value, str):
            return False
        spend_on(value, context, _SEARCHED)
        return self.text in value

    def describe(self) -> str:
        return f"containing {shown(self.text)}"


class StartsWith(Condition):
    __slots__ = ("text",)

    def __init__(self, text: str) -> None:
        self.text = text

    def fits(self, value: Json, context: Context) -> bool:  # noqa: ARG002
        return isinstance(value, str) and value.startswith(self.text)

    def describe(self) -> str:
        return f"starting with {shown(self.text)}"


class EndsWith(Condition):
    __slots__ = ("text",)

    def __init__(self, text: str) -> None:
        self.text = text

    def fits(self, value: Json, context: Context) -> bool:  # noqa: ARG002
        return isinstance(value, str) and value.endswith(self.text)

    def describe(self) -> str:
        return f"ending with {shown(self.text)}"


class Matches(Condition):
    __slots__ = ("regex",)

    def __init__(self, regex: Regex) -> None:
        self.regex = regex

    def fits(self, value: Json, context: Context) -> bool:
        return isinstance(value, str) and self.regex.matches(value, context)

    def describe(self) -> str:
        return f"matching {printable(self.regex.text)}"


class OneOf(Condition):
    """Equal to one of several literals."""

    __slots__ = ("choices",)

    def __init__(self, choices: tuple[Condition, ...]) -> None:
        self.choices = choices

    def fits(self, value: Json, context: Context) -> bool:
        spend(context, len(self.choices) // _CHOICES)
        return any(choice.fits(value, context) for choice in self.choices)

    def describe(self) -> str:
        texts = [choice.describe().removeprefix("equal to ") for choice in self.choices[:20]]
        more = ", …" if len(self.choices) > 20 else ""
        return f"one of {', '.join(texts)}{more}"


class Compared(Condition):
    """Greater or less than a number; a text in a text place is read as a JSON number."""

    __slots__ = ("_compare", "_name", "_reads_text", "number")

    def __init__(self, name: str, number: int | float, *, reads_text: bool) -> None:
        self._compare, self._name = NUMERIC[name]
        self.number = number
        self._reads_text = reads_text

    def fits(self, value: Json, context: Context) -> bool:  # noqa: ARG002
        if isinstance(value, str):
            value = parse_number(value) if self._reads_text else None
        if isinstance(value, bool) or not isinstance(value, int | float):
            return False
        return self._compare(value, self.number)

    def describe(self) -> str:
        return f"{self._name} {shown(self.number)}"


class Dated(Condition):
    """Before or after an instant."""

    __slots__ = ("_after", "instant")

    def __init__(self, instant: Instant, *, after: bool) -> None:
        self.instant = instant
        self._after = after

    def fits(self, value: Json, context: Context) -> bool:
        moment = parse_instant(value.strip()) if isinstance(value, str) else None
        if moment is None:
            return False
        bound = self.instant.at(context.now_ns)
        return moment > bound if self._after else moment < bound

    def describe(self) -> str:
        return f"an instant {'after' if self._after else 'before'} {self.instant.text}"


class Length(Condition):
    """Characters of a text, items of a list, members of an object."""

    __slots__ = ("size",)

    def __init__(self, size: Matcher) -> None:
        self.size = size

    def fits(self, value: Json, context: Context) -> bool:
        return isinstance(value, str | list | dict) and self.size.holds([len(value)], context)

    def differences(self, field: str, value: Json, context: Context) -> list[Difference]:
        if self.fits(value, context):
            return []
        sized = isinstance(value, str | list | dict)
        actual = f"length {len(value)}: {shown(value)}" if sized else shown(value)
        return [Difference(field, self.describe(), actual)]

    def describe(self) -> str:
        return f"a length {self.size.describe()}"


class ReadAsJson(Condition):
    """A text that is JSON, and fits as such."""

    __slots__ = ("inner",)

    def __init__(self, inner: Matcher) -> None:
        self.inner = inner

    def fits(self, value: Json, context: Context) -> bool:
        document = self._read(value, context)
        return document is not NOT_JSON and self.inner.holds([document], context)

    def differences(self, field: str, value: Json, context: Context) -> list[Difference]:
        document = self._read(value, context)
        if document is NOT_JSON:
            return [Difference(field, self.describe(), f"no JSON: {shown(value)}")]
        return self.inner.differences(f"{field}.$", [document], context)

    def describe(self) -> str:
        return f"JSON {self.inner.describe()}"

    def _read(self, value: Json, context: Context) -> Json:
        if not isinstance(value, str):
            return NOT_JSON
        spend_on(value, context, STEP_BYTES)
        return read_json(value.encode("utf-8", "surrogateescape"))


def parse_number(text: str) -> int | float | None:
    """Return the number that ``text`` writes in JSON (leading zeros allowed), or ``None``."""
    match = _NUMBER.fullmatch(text.strip())
    if match is None:
        return None
    return float(match[0]) if match[1] or match[2] else int(match[0])
