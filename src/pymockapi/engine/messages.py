"""Reading headers, trailers and bodies that are sent: those of responses."""

from __future__ import annotations

import base64
import binascii
import re
from itertools import islice
from typing import Final

import msgspec

from pymockapi.model.reader import Findings, below, check_size, read_object, read_text
from pymockapi.model.response import FORBIDDEN, HeaderPairs

MAX_HEADERS: Final = 200  # of a response, as many as a request may bring
TYPES: Final = {
    "json": "application/json",
    "text": "text/plain; charset=utf-8",
    "base64": "application/octet-stream",
}
_TOKEN: Final = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
_COMPUTED: Final = frozenset({"content-length", "transfer-encoding"})
_NO_TRAILERS: Final = frozenset({  # RFC 9110 section 6.5.1
    "age", "authorization", "cache-control", "connection", "content-encoding", "content-range",
    "content-type", "date", "expect", "expires", "host", "keep-alive", "location",
    "max-forwards", "pragma", "proxy-authenticate", "proxy-authorization", "proxy-connection",
    "range", "retry-after", "set-cookie", "te", "trailer", "upgrade", "vary",
    "www-authenticate",
})  # fmt: skip
_encode_json = msgspec.json.Encoder().encode


def _json_body(data: object, at: str, found: Findings) -> bytes:
    try:
        return _encode_json(data)
    except (RecursionError, UnicodeEncodeError, TypeError, msgspec.MsgspecError) as error:
        found.add(at, f"this cannot be sent as JSON: {error}")
        return b""


def _text_body(data: object, at: str, found: Findings) -> bytes:
    return read_text(data, at, found).encode("utf-8", "replace")


def _base64_body(data: object, at: str, found: Findings) -> bytes:
    try:
        return base64.b64decode(read_text(data, at, found), validate=True)
    except (binascii.Error, ValueError) as error:
        found.add(at, f"expected base64: {error}")
        return b""


BODIES: Final = {"json": _json_body, "text": _text_body, "base64": _base64_body}


def read_trailers(data: object, at: str, found: Findings) -> HeaderPairs:
    """Read trailers: headers that follow a body (RFC 9110 section 6.5)."""
    pairs = read_headers(data, at, found)
    for name in dict(pairs):
        if name.lower() in _NO_TRAILERS:
            told = (
                f"'{name}' cannot be a trailer: it is needed before the body; give it in 'headers'"
            )
            found.add(below(at, name), told)
    return pairs


def read_headers(data: object, at: str, found: Findings) -> HeaderPairs:
    """Read headers: a value or a list of values for each name."""
    pairs: list[tuple[str, str]] = []
    entries = read_object(data, at, found)
    check_size(entries, at, found, MAX_HEADERS, "headers")
    for name, value in islice(entries.items(), MAX_HEADERS):
        place = below(at, name)
        if not _TOKEN.fullmatch(name):
            found.add(place, f"'{name}' is no header name: letters, digits and !#$%&'*+-.^_`|~ are")
        if name.lower() in _COMPUTED:
            found.add(place, f"'{name}' is computed from the body; leave it out")
        values = value if isinstance(value, list) else [value]
        check_size(values, place, found, MAX_HEADERS, "values")
        for single in values[:MAX_HEADERS]:
            pairs.append((name, _header_value(single, place, found)))
    return tuple(pairs)


def _header_value(data: object, at: str, found: Findings) -> str:
    if isinstance(data, bool | int | float):
        return _encode_json(data).decode()
    text = read_text(data, at, found)
    if FORBIDDEN.search(text):
        found.add(at, "a header value has no line breaks or control characters")
    return text.strip(" \t")
