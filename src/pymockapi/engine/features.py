"""The one registry of libraries that are loaded on first use.

``regex`` takes 30 ms to import and ``jsonpath`` 90 ms, together half of the time in which a
server is promised to answer; most servers never need them.
"""

from __future__ import annotations

from functools import cache
from importlib import import_module
from types import ModuleType


@cache
def load_regex() -> ModuleType:
    """Return the ``regex`` library: backtracking with a time limit."""
    return import_module("regex")


@cache
def load_jsonpath() -> ModuleType:
    """Return the ``jsonpath`` library, of which only the parser is used."""
    return import_module("jsonpath")
