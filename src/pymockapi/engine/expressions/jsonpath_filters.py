"""What filters compute, as RFC 9535 has it: comparisons (2.3.5.2.2), logic, functions (2.4).

``NOTHING`` is the absent value: equal to itself and to nothing else, never less than anything.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any, Final

from pymockapi.engine.json_values import same_json
from pymockapi.model.stub import Context, Json

Test = Callable[[Json, Json, Context], bool]
Value = Callable[[Json, Json, Context], Any]
Query = Callable[[Json, Json, Context], list[Json]]

NOTHING: Final = object()
_IREGEXP: Final = re.compile(r"\\.|\[(?:\\.|[^\]\\])*\]|\.", re.DOTALL)


def both(left: Test, right: Test) -> Test:
    return lambda current, root, context: (
        left(current, root, context) and right(current, root, context)
    )


def either(left: Test, right: Test) -> Test:
    return lambda current, root, context: (
        left(current, root, context) or right(current, root, context)
    )


def negated(test: Test) -> Test:
    return lambda current, root, context: not test(current, root, context)


def only_value(query: Query) -> Value:
    """Return the one value that ``query`` selects, else ``NOTHING``."""

    def value(current: Json, root: Json, context: Context) -> Any:
        values = query(current, root, context)
        return values[0] if len(values) == 1 else NOTHING

    return value


def length_of(value: Any) -> Any:
    return len(value) if isinstance(value, str | list | dict) else NOTHING


def dotted(expression: str) -> str:
    """Return an I-Regexp (RFC 9485), in which ``.`` is no line feed and no carriage return."""
    return _IREGEXP.sub(lambda part: r"[^\n\r]" if part[0] == "." else part[0], expression)


def _equal(left: Any, right: Any, context: Context) -> bool:
    if left is NOTHING or right is NOTHING:
        return left is right
    return same_json(left, right, context)


def _less(left: Any, right: Any, context: Context) -> bool:  # noqa: ARG001
    if isinstance(left, str) and isinstance(right, str):
        return left < right
    return _is_number(left) and _is_number(right) and bool(left < right)


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


COMPARISONS: Final[dict[str, Callable[[Any, Any, Context], bool]]] = {
    "==": _equal,
    "!=": lambda left, right, context: not _equal(left, right, context),
    "<": _less,
    ">": lambda left, right, context: _less(right, left, context),
    "<=": lambda left, right, context: _less(left, right, context) or _equal(left, right, context),
    ">=": lambda left, right, context: _less(right, left, context) or _equal(left, right, context),
}
