"""What in templates is hardly meant: names that the path does not capture, braces that nobody reads."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from pymockapi.model.errors import Finding
from pymockapi.model.reader import below
from pymockapi.model.stub import Json

_CAPTURED: Final = re.compile(r"\brequest\.params(?:\.(\w+)|\[\s*['\"]([^'\"]+)['\"]\s*\])")
_MEANT: Final = re.compile(
    r"\{\{[^{}]*\b(?:request\.\w|state\.\w|hit\b|namespace\b|base_url\b|(?:uuid|now|random_\w+|jsonpath)\()"
)
_RENDERED: Final = ("text", "json", "headers", "stream", "sse", "trailers")


def captures_in_templates(at: str, response: dict[str, Json]) -> Iterator[tuple[str, str]]:
    """Yield each name of ``request.params`` that a response, or a ``set``, asks for, with its place."""
    if response.get("template") is True:
        for key in _RENDERED:
            yield from _names(below(at, key), response.get(key))
    for key, write in response.get("set", {}).items():
        if isinstance(write, dict) and list(write) == ["template"]:
            yield from _names(f"{below(f'{at}/set', key)}/template", write["template"])


def _names(at: str, data: Json) -> Iterator[tuple[str, str]]:
    for place, text in _texts(at, data):
        for found in _CAPTURED.finditer(text):
            yield place, found[1] or found[2]


def unrendered(at: str, response: dict[str, Json]) -> Iterator[Finding]:
    """Yield what looks like a template where the response does not say that it is one."""
    if response.get("template") is True:
        return
    for key in _RENDERED:
        for place, text in _texts(below(at, key), response.get(key)):
            if _MEANT.search(text):
                yield Finding(
                    place, "this is sent as it is: the response does not say 'template: true'"
                )


def _texts(at: str, data: Json) -> Iterator[tuple[str, str]]:
    """Yield the strings in ``data``, names of objects too."""
    if isinstance(data, str):
        yield at, data
    elif isinstance(data, list):
        for number, item in enumerate(data):
            yield from _texts(below(at, number), item)
    elif isinstance(data, dict):
        for key, item in data.items():
            yield below(at, key), key
            yield from _texts(below(at, key), item)
