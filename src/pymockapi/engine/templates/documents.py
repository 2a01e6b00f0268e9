"""Templates where they stand in a definition: texts, JSON in which each string is one, headers.

Reading reports what is wrong with its pointer, and the line and column within the template.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import msgspec

from pymockapi.engine.templates.blocks import Template, is_template, read_template
from pymockapi.engine.templates.runtime import Rendering
from pymockapi.engine.templates.syntax import Fault, Tokens, place
from pymockapi.engine.templates.values import MAX_DEPTH, encode_json, weigh
from pymockapi.model.reader import Findings, below, kind_of
from pymockapi.model.rendering import RenderingFailed
from pymockapi.model.stub import Json

Part = bytes | tuple[str, Template, bool]
"""Bytes as they are, or a template with its pointer, and whether it is a name."""


class Placed:
    """A template, and where in its definition it stands, as ``/headers/location``."""

    __slots__ = ("_template", "pointer", "slots")

    def __init__(self, template: Template, pointer: str) -> None:
        self._template = template
        self.pointer = pointer
        self.slots = template.slots

    def text(self, rendering: Rendering) -> str:
        """Return its text. Raises ``RenderingFailed`` with the whole place."""
        try:
            return self._template.render(rendering)
        except RenderingFailed as failure:
            raise failure.below(self.pointer) from None

    def value(self, rendering: Rendering) -> Json:
        """Return its value, which keeps its type if it is a single expression."""
        try:
            value = self._template.value(rendering)
            weigh(value, rendering)
        except RenderingFailed as failure:
            raise failure.below(self.pointer) from None
        return value

    def body(self, rendering: Rendering) -> bytes:
        return self.text(rendering).encode()


class JsonTemplate:
    """A JSON document whose strings are templates, in the parts that it is written of."""

    __slots__ = ("_parts", "slots")

    def __init__(self, parts: list[Part]) -> None:
        self._parts = parts
        self.slots = max((each[1].slots for each in parts if isinstance(each, tuple)), default=0)

    @property
    def is_static(self) -> bool:
        return all(isinstance(each, bytes) for each in self._parts)

    def body(self, rendering: Rendering) -> bytes:
        """Return the document. Raises ``RenderingFailed`` with the whole place."""
        made: list[bytes] = []
        for part in self._parts:
            if isinstance(part, bytes):
                made.append(part)
                continue
            pointer, template, is_name = part
            try:
                value = template.render(rendering) if is_name else template.value(rendering)
                weigh(value, rendering)
                made.append(encode_json(value))
            except RenderingFailed as failure:
                raise failure.below(pointer) from None
        return b"".join(made)


class TemplateReader:
    """Reads the templates of one response; ``root`` is what its pointers are told without."""

    def __init__(self, found: Findings, root: str) -> None:
        self._found = found
        self._root = root
        self._tokens = Tokens()

    def text(self, data: object, at: str) -> Placed:
        """Read a text that is a template."""
        if not isinstance(data, str):
            self._found.add(at, f"expected a template as a string, got {kind_of(data)}")
            data = ""
        return Placed(self._template(data, at), at.removeprefix(self._root))

    def json(self, data: object, at: str) -> JsonTemplate:
        """Read a document; names of objects are templates, too, and are texts.

        What is no JSON at all is for the reader of plain documents to report.
        """
        try:
            return JsonTemplate(_merged(self._parts(data, at, MAX_DEPTH)))
        except (RecursionError, UnicodeEncodeError, TypeError, msgspec.MsgspecError):
            return JsonTemplate([])

    def _template(self, text: str, at: str) -> Template:
        try:
            return read_template(text, self._tokens)
        except Fault as fault:
            self._found.add(at, f"{place(text, fault.at)}: {fault.message}")
            return read_template("", self._tokens)

    def _parts(self, data: Any, at: str, room: int) -> Iterator[Part]:
        if isinstance(data, str):
            yield self._string(data, at, is_name=False)
        elif isinstance(data, dict) and data and room:
            for number, (key, value) in enumerate(data.items()):
                yield b"," if number else b"{"
                yield self._string(key, below(at, key), is_name=True)
                yield b":"
                yield from self._parts(value, below(at, key), room - 1)
            yield b"}"
        elif isinstance(data, list) and data and room:
            for number, item in enumerate(data):
                yield b"," if number else b"["
                yield from self._parts(item, below(at, number), room - 1)
            yield b"]"
        elif isinstance(data, dict | list) and data:
            self._found.add(at, f"JSON with templates may be nested {MAX_DEPTH} levels deep")
        else:
            yield encode_json(data)

    def _string(self, text: str, at: str, *, is_name: bool) -> Part:
        if not is_template(text):
            return encode_json(text)
        return at.removeprefix(self._root), self._template(text, at), is_name


def _merged(parts: Iterator[Part]) -> list[Part]:
    """Return ``parts`` with bytes that follow each other in one."""
    found: list[Part] = []
    fixed: list[bytes] = []
    for part in parts:
        if isinstance(part, bytes):
            fixed.append(part)
            continue
        found += [b"".join(fixed), part]
        fixed = []
    found.append(b"".join(fixed))
    return [each for each in found if each]
