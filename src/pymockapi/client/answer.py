# Made from aio/answer.py by tests/client_twins.py: change that, then run 'make client'.
"""Reading one HTTP/1.1 answer from a stream of bytes (RFC 9112); no sockets here.

Only what a control API sends: a head, then a body by ``Content-Length``, in chunks, or up to
the end of the connection. Anything else is an error, never a guess.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

MAX_HEAD_BYTES: Final = 65_536  # ours are under 1 kB: more is no control API
_BODILESS: Final = frozenset({204, 304})


class BadAnswer(Exception):
    """The bytes are no HTTP/1.1 answer; ``received`` tells whether any byte had come."""

    def __init__(self, what: str, *, received: bool = True) -> None:
        super().__init__(what)
        self.received = received


@dataclass(frozen=True, slots=True)
class Answer:
    """One answer; header names are in lower case, the last of equal names counts."""

    status: int
    headers: dict[str, str]
    body: bytes
    reusable: bool


class _Stream:
    """Bytes in, asked for by amount or delimiter; ``received`` tells whether any came."""

    def __init__(self, receive: Callable[[], bytes]) -> None:
        self._receive = receive
        self._buffer = bytearray()
        self.received = False

    def _more(self) -> bool:
        try:
            data = self._receive()
        except ConnectionError as error:
            raise BadAnswer("the connection was reset", received=self.received) from error
        self.received = self.received or bool(data)
        self._buffer += data
        return bool(data)

    def until(self, end: bytes, limit: int) -> bytes:
        start = 0
        while (found := self._buffer.find(end, start)) < 0:
            if len(self._buffer) > limit:
                raise BadAnswer(f"no end of line or head within {limit} bytes")
            start = max(0, len(self._buffer) - len(end) + 1)
            if not self._more():
                raise BadAnswer("the connection was closed", received=self.received)
        data = bytes(self._buffer[:found])
        del self._buffer[: found + len(end)]
        return data

    def exactly(self, size: int) -> bytes:
        while len(self._buffer) < size:
            if not self._more():
                raise BadAnswer(f"{size} bytes were announced, {len(self._buffer)} came")
        data = bytes(self._buffer[:size])
        del self._buffer[:size]
        return data

    def rest(self) -> bytes:
        while self._more():
            pass
        return bytes(self._buffer)

    def is_empty(self) -> bool:
        return not self._buffer


def read_answer(receive: Callable[[], bytes]) -> Answer:
    """Read one answer; ``receive`` returns some bytes, or none at the end of the connection.

    Interim answers (1xx) are skipped. Raises ``BadAnswer``; what ``receive`` raises passes.
    """
    stream = _Stream(receive)
    status, version, headers = _head(stream)
    while 100 <= status < 200:
        status, version, headers = _head(stream)
    body, framed = _body(stream, status, headers)
    tokens = headers.get("connection", "").lower()
    kept = "keep-alive" in tokens if version == "1.0" else "close" not in tokens
    return Answer(status, headers, body, framed and kept and stream.is_empty())


def _head(stream: _Stream) -> tuple[int, str, dict[str, str]]:
    head = stream.until(b"\r\n\r\n", MAX_HEAD_BYTES)
    lines = head.decode("latin-1").split("\r\n")
    parts = lines[0].split(" ", 2)
    if parts[0] not in ("HTTP/1.1", "HTTP/1.0") or len(parts) < 2 or not parts[1].isdigit():
        raise BadAnswer(f"{lines[0][:80]!r} is no HTTP/1.1 status line")
    headers = {}
    for line in lines[1:]:
        name, _, value = line.partition(":")
        headers[name.lower()] = value.strip(" \t")
    return int(parts[1]), parts[0][-3:], headers


def _body(stream: _Stream, status: int, headers: dict[str, str]) -> tuple[bytes, bool]:
    """Return the body, and whether its end was told other than by closing."""
    if status in _BODILESS:
        return b"", True
    if "transfer-encoding" in headers:
        if headers["transfer-encoding"].lower() != "chunked":
            raise BadAnswer(f"transfer coding '{headers['transfer-encoding']}' is not known")
        return _chunks(stream), True
    if "content-length" in headers:
        length = headers["content-length"]
        if not (length.isascii() and length.isdigit()):
            raise BadAnswer(f"'{length}' is no Content-Length")
        return stream.exactly(int(length)), True
    return stream.rest(), False


def _chunks(stream: _Stream) -> bytes:
    body = bytearray()
    while size := _chunk_size(stream.until(b"\r\n", MAX_HEAD_BYTES)):
        body += stream.exactly(size)
        if stream.exactly(2) != b"\r\n":
            raise BadAnswer("a chunk does not end where it said")
    while stream.until(b"\r\n", MAX_HEAD_BYTES):
        pass  # trailers mean nothing here
    return bytes(body)


def _chunk_size(line: bytes) -> int:
    digits = line.partition(b";")[0].strip()
    if not digits or digits.strip(b"0123456789abcdefABCDEF"):
        raise BadAnswer(f"{line[:40]!r} is no chunk size")
    return int(digits, 16)
