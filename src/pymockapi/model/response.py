"""A response as data: status, headers, body; RFC 9110, RFC 9112.

The head is encoded once, when the response is defined, and sent many times. Only ``Date``,
``Connection`` and what HEAD leaves out belong to the edge.
"""

from __future__ import annotations

import re
from http import HTTPStatus
from typing import Final, Protocol
from urllib.parse import unquote

import msgspec

from pymockapi.model.delivery import Delivery, FaultKind
from pymockapi.model.rendering import Occasion

HeaderPairs = tuple[tuple[str, str], ...]

_REASONS: Final = {status.value: status.phrase for status in HTTPStatus}
LOCATIONS: Final = frozenset({"location", "content-location"})
FORBIDDEN: Final = re.compile(r"[\x00-\x08\x0a-\x1f\x7f\ud800-\udfff]")
"""What a header value cannot hold."""

BODILESS: Final = frozenset({204, 304, *range(100, 200)})


class Response(msgspec.Struct, frozen=True, gc=False):
    """What is sent back.

    ``head`` is the encoded status line and headers, each line with its CRLF, without ``Date``,
    ``Connection``, ``Transfer-Encoding`` and the closing blank line. ``delay_s`` are seconds to wait before the head
    leaves; ``own_delay`` tells that the definition gave them, so that a namespace's do not. ``error`` is the code of an answer that the mock made itself, else ``None``.
    ``tail`` is the blank line and the body, if this status has one and it does not leave in pieces.
    ``dated``, ``closes`` and ``locates`` tell that the headers hold ``Date``, ``Connection: close``,
    or ``Location`` or ``Content-Location``. ``own_bytes`` is what it holds that was made for one request.
    ``template`` makes of it the response to a request, or a function does; until then it is as it was defined.
    ``delivery`` is ``None`` where it leaves at once and whole. ``fault`` is what was drawn to
    befall this one answer.
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
    locates: bool = False
    own_bytes: int = 0
    template: ResponseTemplate | None = None
    delivery: Delivery | None = None
    fault: FaultKind | None = None


class ResponseTemplate(Protocol):
    """Makes of a response as it was defined the one to one request."""

    def render(self, occasion: Occasion) -> tuple[Response, int]:
        """Return it without a template, and the steps that it took. Raises ``RenderingFailed``."""
        ...


def make_response(
    status: int = 200,
    headers: HeaderPairs = (),
    body: bytes = b"",
    *,
    reason: str | None = None,
    delay_s: float | None = None,
    error: str | None = None,
    tail: bytes | None = None,
    delivery: Delivery | None = None,
) -> Response:
    """Build a response and encode its head; header names and values must be valid already.

    ``tail`` is the blank line and the body, where somebody has made it already.
    """
    phrase = _REASONS.get(status, "") if reason is None else reason
    if error is not None:
        headers = (*headers, ("X-Mock-Error", error))
    names = {name.lower() for name, _ in headers}
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
        _head(status, phrase, headers, len(body), delivery),
        "date" in names,
        closes,
        delay_s is not None,
        _tail(status, body, delivery) if tail is None else tail,
        not names.isdisjoint(LOCATIONS),
        delivery=delivery,
    )


def _head(
    status: int, phrase: str, headers: HeaderPairs, size: int, delivery: Delivery | None
) -> bytes:
    start = head_start(status, phrase, headers)
    if status in BODILESS or is_chunked(delivery):
        return start
    return start + b"Content-Length: %d\r\n" % size


def _tail(status: int, body: bytes, delivery: Delivery | None) -> bytes:
    return b"\r\n" if status in BODILESS or is_chunked(delivery) else b"\r\n" + body


def is_chunked(delivery: Delivery | None) -> bool:
    """Return whether a body has no length of its own: it ends with its last chunk."""
    return delivery is not None and delivery.pieces is not None


def head_start(status: int, phrase: str, headers: HeaderPairs) -> bytes:
    """Return the encoded head to where the length of the body follows."""
    lines = [f"HTTP/1.1 {status} {phrase}\r\n"]
    lines += [f"{name}: {value}\r\n" for name, value in headers]
    return "".join(lines).encode("utf-8", "replace")


def single_response(
    made: Response, headers: HeaderPairs, start: bytes | None, body: bytes
) -> Response:
    """Return ``made`` with another ``body``, for one request; ``start`` is its ``head_start``.

    Without a ``start`` its head is right already.
    """
    head = made.head if start is None else start + b"Content-Length: %d\r\n" % len(body)
    tail = b"\r\n" + body if made.status not in BODILESS else b"\r\n"
    return Response(
        made.status,
        made.reason,
        headers,
        body,
        made.delay_s,
        made.error,
        head,
        made.dated,
        made.closes,
        made.own_delay,
        tail,
        made.locates,
        len(head) + len(body) + len(tail),
        delivery=made.delivery,
    )


def below_prefix(response: Response, prefix: str, outside: str = "") -> Response:
    """Return ``response`` with ``prefix`` before the paths that its headers lead to.

    ``outside`` is what a proxy took off the path before, and goes before all.

    Those are references that begin with one slash (RFC 3986 section 4.2, absolute-path). What
    names a host, is relative, or has the prefix already stays as it is.
    """
    headers = tuple(
        (name, _moved(value, prefix, outside) if name.lower() in LOCATIONS else value)
        for name, value in response.headers
    )
    if headers == response.headers:
        return response
    size = len(response.body)
    head = _head(response.status, response.reason, headers, size, response.delivery)
    own = len(head) + max(0, response.own_bytes - len(response.head))
    return msgspec.structs.replace(response, headers=headers, head=head, own_bytes=own)


def _moved(value: str, prefix: str, outside: str) -> str:
    if not value.startswith("/") or value.startswith("//"):
        return value
    if outside and value.startswith(outside) and _has(value[len(outside) :], prefix):
        return value
    return outside + (value if _has(value, prefix) else prefix + value)


def _has(value: str, prefix: str) -> bool:
    """Return whether the first segment of a path is ``prefix``."""
    path = value.partition("?")[0].partition("#")[0]
    return unquote(path[:1] + path[1:].partition("/")[0]) == unquote(prefix)
