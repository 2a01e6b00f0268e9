"""The one registry of libraries that are loaded on first use.

``regex`` takes 30 ms to import and ``jsonpath`` 90 ms, together half of the time in which a
server is promised to answer; most servers never need them.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping
from functools import cache
from importlib import import_module
from importlib.util import find_spec
from types import ModuleType
from typing import Final

from pymockapi.model.reader import Findings


@cache
def load_regex() -> ModuleType:
    """Return the ``regex`` library: backtracking with a time limit."""
    return import_module("regex")


@cache
def load_jsonpath() -> ModuleType:
    """Return the ``jsonpath`` library, of which only the parser is used."""
    return import_module("jsonpath")


@cache
def load_jinja() -> ModuleType:
    """Return the ``jinja2`` library, of which only lexer and parser are used; 60 ms to import."""
    import_module("jinja2.parser")
    return import_module("jinja2")


@cache
def load_faker() -> ModuleType:
    """Return ``faker`` (extra ``fake``), which makes up data; 300 ms to import."""
    import_module("faker.config")
    return import_module("faker")


@cache
def load_trustme() -> ModuleType:
    """Return ``trustme`` (extra ``tls``), which makes test certificates; 120 ms to import."""
    return import_module("trustme")


@cache
def load_jsonschema() -> ModuleType:
    """Return ``jsonschema_rs`` (extra ``jsonschema``); 40 ms to import."""
    return import_module("jsonschema_rs")


@cache
def load_graphql() -> ModuleType:
    """Return ``graphql`` (extra ``graphql``), of which only the parser is used; 230 ms."""
    return import_module("graphql.language")


@cache
def load_websockets() -> ModuleType:
    """Return ``websockets.protocol``: frames without sockets; 30 ms to import."""
    return import_module("websockets.protocol")


def report_missing(feature: str, library: str, extra: str, at: str, found: Findings) -> None:
    """Report that ``feature`` needs a library that is not installed, and what to install."""
    found.add(
        at,
        f"{feature} needs {library}, which is not installed: uv pip install 'pymockapi[{extra}]'",
    )


_WORDS: Final[Mapping[bytes, tuple[str, Callable[[], ModuleType]]]] = {
    b'"matches"': ("regex", load_regex),
    b'"jsonpath"': ("jsonpath", load_jsonpath),
    b"body.$": ("jsonpath", load_jsonpath),
    b"jsonpath(": ("jsonpath", load_jsonpath),
    b'"template"': ("jinja2", load_jinja),
    b"fake.": ("faker", load_faker),
    b'"json_schema"': ("jsonschema_rs", load_jsonschema),
    b'"graphql"': ("graphql", load_graphql),
}
"""Words of definitions that need a library to be read, with its name."""


def wanted_by(
    definitions: bytes, begin: int = 0, end: int = sys.maxsize
) -> list[Callable[[], ModuleType]]:
    """Return what loads the libraries that ``definitions`` seem to need and that are not loaded yet.

    Only words that begin between the two places are looked for; 1 MB takes up to 2 ms.

    Whoever serves meanwhile can do that elsewhere first: an import holds up a loop for 100 ms.
    What is not installed is not among them; whoever reads the definitions reports it.
    """
    return [
        load
        for word, (name, load) in _WORDS.items()
        if name not in sys.modules
        and definitions.find(word, begin, end + len(word) - 1) >= 0
        and find_spec(name) is not None
    ]
