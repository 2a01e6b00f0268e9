"""A response as data: status, headers, body, and when it may leave; RFC 9110, RFC 9112.

The head is encoded once, when the response is defined, and sent many times. Only ``Date``,
``Connection`` and what HEAD leaves out belong to the edge.
"""

from __future__ import annotations

from http import HTTPStatus
from typing import Final

import msgspec

HeaderPairs = tuple[tuple[str, str], ...]

_REASONS: Final = {status.value: status.phrase for status in HTTPStatus}
BODILESS: Final = frozenset({204, 304, *range(100, 200)})


class Response(msgspec.Struct, frozen=True, gc=False):
    """What is sent back.

    ``head`` is the encoded status line and headers, each line with its CRLF, without ``Date``,
    ``Connection`` and the closing blank line. ``delay_s`` are seconds to wait before the head
    leaves; ``own_delay`` tells that the definition gave them, so that a namespace's do not. ``error`` is the code of an answer that the mock made itself, else ``None``.
    ``tail`` is the blank line and the body, if this status has one.
    ``dated`` and ``closes`` tell that the headers hold ``Date``, or ``Connection: close``.
    """

    status: int
    reason: str
    headers: HeaderPairs
    body: bytes
    delay_s: float
    error: str | None
    head: bytes
    dated: bool
    closes: bool
    own_delay: bool = False
    tail: bytes = b"\r\n"


def make_response(
    status: int = 200,
    headers: HeaderPairs = (),
    body: bytes = b"",
    *,
    reason: str | None = None,
    delay_s: float | None = None,
    error: str | None = None,
) -> Response:
    """Build a response and encode its head; header names and values must be valid already."""
    phrase = _REASONS.get(status, "") if reason is None else reason
    if error is not None:
        headers = (*headers, ("X-Mock-Error", error))
    names = {name.lower() for name, _ in headers}
    lines = [f"HTTP/1.1 {status} {phrase}\r\n"]
    lines += [f"{name}: {value}\r\n" for name, value in headers]
    if status not in BODILESS:
        lines.append(f"Content-Length: {len(body)}\r\n")
    closes = any(
        name.lower() == "connection" and "close" in value.lower() for name, value in headers
    )
    return Response(
        status,
        phrase,
        headers,
        body,
        delay_s or 0.0,
        error,
        "".join(lines).encode("utf-8", "replace"),
        "date" in names,
        closes,
        delay_s is not None,
        b"\r\n" if status in BODILESS else b"\r\n" + body,
    )
