"""The tests that a template may put after ``is``; ``docs/templates.md`` shows each."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from pymockapi.engine.templates.runtime import Missing, Value

TESTS: Final[dict[str, Callable[[Value], bool]]] = {
    "defined": lambda value: type(value) is not Missing,
    "undefined": lambda value: type(value) is Missing,
    "none": lambda value: value is None,
    "boolean": lambda value: isinstance(value, bool),
    "number": lambda value: isinstance(value, int | float) and not isinstance(value, bool),
    "string": lambda value: isinstance(value, str),
    "sequence": lambda value: isinstance(value, list),
    "mapping": lambda value: isinstance(value, dict),
}
