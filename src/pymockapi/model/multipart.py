"""Bodies of several parts: ``multipart/form-data`` (RFC 7578) and its kin (RFC 2046, 5.1).

Each byte is looked at a bounded number of times, whatever the body holds. Content is taken as it
is: a ``Content-Transfer-Encoding``, which RFC 7578 has given up, is not undone.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any, Final
from urllib.parse import unquote

import msgspec

from pymockapi.model.errors import ExpressionLimit
from pymockapi.model.parameters import read_field

MAX_BYTES: Final = 10_485_760  # 8 ms
MAX_PARTS: Final = 1_000
MAX_HEADS_BYTES: Final = 131_072  # of all parts; at worst 14 ms
_DELIMITED: Final = re.compile(rb"(--)?[ \t]*+(?:\r\n|\Z)")
_PERCENT: Final = {"%22": '"', "%0D": "\r", "%0A": "\n", "%0d": "\r", "%0a": "\n"}
_ESCAPED: Final = re.compile("%22|%0[AD]", re.IGNORECASE)


class Part(msgspec.Struct, gc=False, eq=False):
    """One part: ``name`` and ``filename`` of its ``Content-Disposition``, ``None`` without one.

    ``content_type`` is as it was sent, ``None`` if it was not.
    """

    name: str | None
    filename: str | None
    content_type: str | None
    content: bytes
    text: Any = msgspec.UNSET
    json: Any = msgspec.UNSET


class Multipart(msgspec.Struct, gc=False, eq=False):
    """The parts by their names, in order, and how much of them may still be read as text or JSON."""

    parts: dict[str | None, list[Part]]
    bytes_left: int
    json_left: int


class Malformed(msgspec.Struct, frozen=True):
    """Why a body cannot be read in parts, as it reads after "no multipart: "."""

    reason: str


def read_multipart(
    body: bytes, content_types: Sequence[str], bytes_left: int, json_left: int
) -> Multipart | Malformed:
    """As ``read_parts``, by name; of the parts so much may be read as text or JSON."""
    parts = read_parts(body, content_types)
    if isinstance(parts, Malformed):
        return parts
    named: dict[str | None, list[Part]] = {}
    for part in parts:
        named.setdefault(part.name, []).append(part)
    return Multipart(named, bytes_left, json_left)


def read_parts(body: bytes, content_types: Sequence[str]) -> list[Part] | Malformed:
    """Return the parts of ``body`` in order. Raises ``ExpressionLimit`` for what takes too long."""
    boundary = _boundary(content_types)
    if isinstance(boundary, Malformed):
        return boundary
    if len(body) > MAX_BYTES:
        raise ExpressionLimit(
            f"The body has {len(body):,} bytes; read as multipart are up to {MAX_BYTES:,}."
        )
    delimiter = b"\r\n--" + boundary
    spans = _spans(body, delimiter)
    if isinstance(spans, Malformed):
        return spans
    room = MAX_HEADS_BYTES
    parts: list[Part] = []
    for start, end in spans:
        split = body.find(b"\r\n\r\n", max(start - 2, 0), min(end, start + room + 4))
        if split < 0 and end - start > room:
            raise ExpressionLimit(
                f"The heads of the parts have more than {MAX_HEADS_BYTES:,} bytes, which are read."
            )
        if split < 0:
            return Malformed(f"part {len(parts) + 1} has no blank line after its headers")
        room -= max(split - start, 0)
        parts.append(_part(body[start:split], body[split + 4 : end]))
    return parts


def _boundary(content_types: Sequence[str]) -> bytes | Malformed:
    for value in content_types:
        kind, parameters = read_field(value)
        if kind.startswith("multipart/"):
            boundary = parameters.get("boundary")
            if boundary:
                return boundary.encode("utf-8", "surrogateescape")
            return Malformed("its content type names no boundary")
    given = ", ".join(content_types)[:100]
    return Malformed(f"its content type is {given}" if given else "it has no content type")


def _spans(body: bytes, delimiter: bytes) -> list[tuple[int, int]] | Malformed:
    """Return from where to where each part goes; what is around them counts for nothing."""
    spans: list[tuple[int, int]] = []
    start = -1
    first = delimiter[2:]  # at the very beginning there is no line before
    at, length = (
        (0, len(first)) if body.startswith(first) else (body.find(delimiter), len(delimiter))
    )
    tried = 0
    while at >= 0:
        tried += 1
        if tried > MAX_PARTS + 1:
            raise ExpressionLimit(f"The body has more than {MAX_PARTS:,} parts, which are read.")
        found = _DELIMITED.match(body, at + length)
        if found is None:  # a line that only begins so
            at, length = body.find(delimiter, at + length), len(delimiter)
            continue
        if start >= 0:
            spans.append((start, max(at, start)))
        if found[1]:
            return spans
        start = found.end()
        at, length = body.find(delimiter, start - 2), len(delimiter)
    reason = "the line that ends it is missing" if start >= 0 else "its boundary is not in the body"
    return Malformed(reason)


def _part(head: bytes, content: bytes) -> Part:
    name = filename = content_type = None
    for line in head.decode("utf-8", "surrogateescape").split("\r\n"):
        key, _, value = line.partition(":")
        match key.strip().lower():
            case "content-disposition":
                _, parameters = read_field(value)
                name, filename = _plain(parameters.get("name")), _filename(parameters)
            case "content-type":
                content_type = value.strip()
    return Part(name, filename, content_type, content)


def _filename(parameters: dict[str, str]) -> str | None:
    """Return ``filename``, or what ``filename*`` (RFC 5987) has in UTF-8, which some clients send."""
    charset, _, rest = parameters.get("filename*", "").partition("'")
    _, tick, encoded = rest.partition("'")
    if tick and charset.lower() == "utf-8":
        return unquote(encoded)
    return _plain(parameters.get("filename"))


def _plain(text: str | None) -> str | None:
    """Undo the three escapes that browsers use (HTML, multipart/form-data encoding algorithm)."""
    if text is None or "%" not in text:
        return text
    return _ESCAPED.sub(lambda found: _PERCENT[found[0]], text)
