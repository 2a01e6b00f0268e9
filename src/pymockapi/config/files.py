"""One config file: its text, its value, and where in it a JSON pointer points.

A name that ends in ``.json`` is read as JSON, anything else as YAML.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from functools import cached_property
from importlib import import_module
from pathlib import Path
from typing import Final, Protocol, cast

from pymockapi.config.flaws import Flaw, Located, UnreadableText
from pymockapi.config.places import Places, Token
from pymockapi.model.stub import Json

MAX_FILE_BYTES: Final = 16 * 1024 * 1024  # a hundred thousand stubs; larger is a mistake


class Format(Protocol):
    """How a text is read."""

    def parse(self, text: str, flaws: list[Flaw]) -> tuple[Json, bool]:
        """Return the value of ``text``, and whether a key comes twice in it.

        What can be passed over goes to ``flaws``. Raises ``UnreadableText``.
        """
        ...

    def tokens(self, text: str) -> Iterator[Token]:
        """Yield the places of a text that ``parse`` accepts."""
        ...


def format_of(name: str) -> Format:
    """Return how to read a file of this name, loaded on first use: YAML costs 50 ms at start."""
    kind = "json" if name.lower().endswith(".json") else "yaml"
    return cast(Format, import_module(f"pymockapi.config.{kind}_text"))


class SourceFile:
    """A config file as read. ``name`` is as the user gave it; ``value`` is ``None`` when
    ``is_readable`` is false, and ``flaws`` then says why."""

    def __init__(self, name: str, text: str = "") -> None:
        self.name = name
        self.is_readable = False
        self.value: Json = None
        self.flaws: list[Flaw] = []
        self._text = text

    def parse(self) -> None:
        """Read the text; what is wrong goes to ``flaws``."""
        try:
            value, has_duplicates = format_of(self.name).parse(self._text, self.flaws)
        except UnreadableText as error:
            self.flaws.append(error.flaw)
            return
        if not _is_encodable(value, self._text):
            self.flaws.append(Flaw(1, 1, "half of a surrogate pair (\\ud800 to \\udfff) in a text"))
            return
        self.value = value
        self.is_readable = True
        if has_duplicates:
            self.flaws.extend(self._places.duplicates)

    def located(
        self, parts: Sequence[str], pointer: str, message: str, code: str | None = None
    ) -> Located:
        line, column = self._places.locate(parts)
        return Located(self.name, line, column, pointer, message, code)

    def located_flaws(self) -> list[Located]:
        return [Located(self.name, flaw.line, flaw.column, "", flaw.message) for flaw in self.flaws]

    @cached_property
    def _places(self) -> Places:
        return Places(format_of(self.name).tokens(self._text))


def read_file(path: str | Path) -> SourceFile:
    """Read and parse a file; whatever is wrong with it is in its ``flaws``."""
    try:
        raw = _read_bytes(Path(path))
    except OSError as error:
        return _unread(str(path), 0, f"cannot be read: {error.strerror or error}")
    if len(raw) > MAX_FILE_BYTES:
        return _unread(str(path), 0, f"is larger than {MAX_FILE_BYTES // 2**20} MiB")
    try:
        text = raw.removeprefix(b"\xef\xbb\xbf").decode()
    except UnicodeDecodeError as error:
        line = raw.count(b"\n", 0, error.start) + 1
        return _unread(str(path), line, "is not UTF-8 text")
    source = SourceFile(str(path), text)
    source.parse()
    return source


def _read_bytes(path: Path) -> bytes:
    with path.open("rb") as stream:
        return stream.read(MAX_FILE_BYTES + 1)


def _unread(name: str, line: int, message: str) -> SourceFile:
    source = SourceFile(name)
    source.flaws.append(Flaw(line, 1 if line else 0, message))
    return source


def _is_encodable(value: Json, text: str) -> bool:
    if "\\u" not in text and "\\U" not in text:
        return True
    try:
        json.dumps(value, ensure_ascii=False).encode()
    except UnicodeEncodeError:
        return False
    return True
