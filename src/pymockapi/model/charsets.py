"""Texts by the charset that their content type names."""

from __future__ import annotations

import codecs
from collections.abc import Sequence
from typing import Final

_NO_CHARSETS: Final = frozenset(
    {"idna", "punycode", "undefined", "unicode-escape", "unicode_escape", "raw-unicode-escape",
     "raw_unicode_escape"}
)  # fmt: skip


def decode_text(body: bytes, content_types: Sequence[str]) -> str:
    """Return a text by the charset of its content type, else as UTF-8 (invalid bytes kept)."""
    for value in content_types:
        _, found, charset = value.lower().partition("charset=")
        if found:
            try:
                return body.decode(_codec(charset.split(";")[0].strip(" \"'")))
            except (LookupError, UnicodeError):
                break
    return body.decode("utf-8", "surrogateescape")


def _codec(charset: str) -> str:
    """Return the name of a character set. Raises ``LookupError`` if it is none.

    Python has more by that kind of name: its own escapes, and encodings of host names that take
    time by the square of the length.
    """
    name = codecs.lookup(charset).name
    if name in _NO_CHARSETS:
        raise LookupError(name)
    return name
