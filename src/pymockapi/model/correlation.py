"""The ids by which other systems know a request: what it brought, and which of them is meant.

``traceparent`` is that of W3C Trace Context, whose trace id is the same for all requests of one trace.
"""

from __future__ import annotations

from typing import Final

from pymockapi.model.request import Request

CORRELATION_HEADERS: Final = ("traceparent", "x-request-id", "x-correlation-id")
_NAMES: Final = tuple(name.encode() for name in CORRELATION_HEADERS)
_TRACE_ID: Final = 32  # hexadecimal digits (Trace Context, section 3.2.2.3)


def brings_any(head: bytes) -> bool:
    """Return whether there may be an id in ``head``; false is certain."""
    lowered = head.lower()
    return any(name in lowered for name in _NAMES)


def correlation_of(request: Request) -> dict[str, str]:
    """Return the ids by header name; of a header that is repeated the first line counts."""
    if not brings_any(request.head):
        return {}
    return {
        name.lower(): value
        for name, value in reversed(request.headers)
        if name.lower() in CORRELATION_HEADERS
    }


def is_known_by(ids: dict[str, str], wanted: str) -> bool:
    """Return whether ``wanted`` is one of ``ids``, or the trace id of its ``traceparent``."""
    return wanted in ids.values() or (
        len(wanted) == _TRACE_ID and trace_id(ids.get("traceparent", "")) == wanted
    )


def trace_id(traceparent: str) -> str:
    """Return the part that a whole trace shares; empty if there is none."""
    parts = traceparent.split("-")
    return parts[1] if len(parts) >= 4 and len(parts[1]) == _TRACE_ID else ""


def traces_of(wanted: str) -> tuple[bytes, ...]:
    """Return what stands in every head that has ``wanted``, in either way a head may be written."""
    if wanted.isascii():
        return (wanted.encode(),)
    ways = [wanted.encode("utf-8", "surrogateescape")]
    try:
        ways.append(wanted.encode("latin-1"))
    except UnicodeEncodeError:
        return tuple(ways)
    return tuple(ways)
