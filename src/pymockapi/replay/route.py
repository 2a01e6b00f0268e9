"""A recorded request as bytes again, on its way to the namespace in which it is replayed."""

from __future__ import annotations

import base64
import gzip
import zlib
from collections.abc import Callable
from typing import Final
from urllib.parse import urlsplit

import msgspec

from pymockapi.model.request import split_target
from pymockapi.replay.bundle import Body, BundleError, Pairs, Recorded

HEADER: Final = "x-mock-namespace"
CONTROL: Final = "/__mock"  # and all below it
_CODERS: Final[dict[str, Callable[[bytes], bytes]]] = {
    "gzip": lambda body: gzip.compress(body, mtime=0),
    "x-gzip": lambda body: gzip.compress(body, mtime=0),
    "deflate": zlib.compress,
}


class Route(msgspec.Struct, frozen=True):
    """How requests come to the namespace: ``path`` before theirs (empty: not so), or ``headers``."""

    path: str
    headers: dict[str, str]

    def encode(self, recorded: Recorded) -> bytes:
        """Return the request: raw target, headers in their order and case, body.

        A header of ours is added where the request named its namespace otherwise. Raises
        ``BundleError`` for what would be a control call or another request than the one recorded:
        a bundle may be anybody's, and the server is the user's.
        """
        target, headers = recorded.target, recorded.headers
        by_path = recorded.selector == "path"
        if by_path:
            target = _with_first(target, self.path)
        if not (by_path and self.path):
            headers = _with(headers, self.headers)
        _check(recorded, target, headers)
        body = _readable(recorded)
        is_chunked = any(
            name.lower() == "transfer-encoding" and "chunked" in value.lower()
            for name, value in headers
        )
        if is_chunked:
            body = _in_one_chunk(body, recorded.trailers)
        else:
            headers = _with_length(headers, len(body))
        lines = [f"{recorded.method} {target} HTTP/1.1"]
        lines += [f"{name}: {value}" for name, value in headers]
        return "\r\n".join([*lines, "\r\n"]).encode() + body


def _check(recorded: Recorded, target: str, headers: Pairs) -> None:
    place = f"Request {recorded.number} of the bundle"
    words = [recorded.method, target]
    for pair in (*headers, *recorded.trailers):
        words += pair
    if any(each in word for word in words for each in "\r\n\0"):
        raise BundleError(f"{place} has a line break in its head, which no request can have.")
    path, _ = split_target(target)
    if path == CONTROL or path.startswith(CONTROL + "/"):
        raise BundleError(
            f"{place} is for {CONTROL}, where a server has its control API: it is not sent. (It"
            " met a mock where the control API had a port of its own.)"
        )


def _readable(recorded: Recorded) -> bytes:
    try:
        return bytes_of(recorded.body)
    except (ValueError, KeyError) as error:
        told = f"has a body that cannot be made again: {error}"
        raise BundleError(f"Request {recorded.number} of the bundle {told}.") from error


def bytes_of(body: Body) -> bytes:
    """Return what was sent: in its content codings, and blanks for what only a hash is left of."""
    if body.text is not None:
        content = body.text.encode()
    elif body.base64 is not None:
        content = base64.b64decode(body.base64)
    else:
        content = b" " * body.size
    if body.encoding is not None and body.problem is None:
        for coding in body.encoding.split(", "):
            content = _CODERS[coding](content)
    return content


def is_known(body: Body) -> bool:
    """Return whether all of the body is there."""
    return not body.size or body.text is not None or body.base64 is not None


def _with_first(target: str, path: str) -> str:
    """Return ``target`` with ``path`` in place of its first segment, which named the namespace."""
    parts = urlsplit(target) if not target.startswith("/") else None
    before = f"{parts.scheme}://{parts.netloc}" if parts is not None else ""
    way, question, query = target[len(before) :].partition("?")
    _, slash, rest = way[1:].partition("/")
    return before + ((path + slash + rest) or "/") + question + query


def _with(headers: Pairs, ours: dict[str, str]) -> Pairs:
    """Return ``headers`` with ``ours``, each in the place of one of its name if there is one."""
    left = {name.lower(): (name, value) for name, value in ours.items()}
    found = []
    for name, value in headers:
        if name.lower() != HEADER:
            found.append((name, value))
        elif (pair := left.pop(HEADER, None)) is not None:
            found.append((name, pair[1]))
    return [*found, *left.values()]


def _with_length(headers: Pairs, size: int) -> Pairs:
    found = [
        (name, str(size) if name.lower() == "content-length" else value) for name, value in headers
    ]
    if size and not any(name.lower() == "content-length" for name, _ in headers):
        found.append(("Content-Length", str(size)))
    return found


def _in_one_chunk(body: bytes, trailers: Pairs) -> bytes:
    chunk = b"%x\r\n%b\r\n" % (len(body), body) if body else b""
    lines = "".join(f"{name}: {value}\r\n" for name, value in trailers)
    return chunk + b"0\r\n" + lines.encode() + b"\r\n"
