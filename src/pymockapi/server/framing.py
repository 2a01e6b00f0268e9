"""Where a message ends: always httptools' verdict, never our own.

The head is cut by the blank line and the body's extent is asked of llhttp: a body of declared
length must end, for llhttp too, exactly where we cut it; a chunked one ends where llhttp says.
Any disagreement is a 400, so that no byte of one request is ever read as another
(RFC 9112 sections 6, 7 and 11.2).
"""

from __future__ import annotations

from typing import Final, Protocol

from httptools import (
    HttpParserError,
    HttpParserInvalidURLError,
    HttpParserUpgrade,
    HttpRequestParser,
)

from pymockapi.server.head import neutral
from pymockapi.server.limits import KIB, EdgeLimits
from pymockapi.server.refusals import BadRequest, BodyTooLarge, HeadTooLarge

_BLANK: Final = b"\r\n\r\n"
_SLICE: Final = 64 * KIB  # of chunked coding in one turn: at most 5 ms of one-byte chunks
_SLACK: Final = 16 * KIB  # of chunk headers and extensions, beside what each chunk may have
_CHUNK_COST: Final = 32  # bytes of header, extension and CRLFs that each chunk may have


class Framing:
    """One parser for the messages of one connection, one after the other.

    Only ``on_message_complete`` is defined: httptools then builds no header objects, which would
    cost 0.3 µs each.
    """

    __slots__ = ("_parser", "is_complete", "keeps")

    def __init__(self) -> None:
        self.is_complete = False
        self.keeps = False
        self._parser = HttpRequestParser(self)

    def begin(self, head: bytes, is_odd: bool) -> None:
        """Feed a head. Raises ``BadRequest``.

        Afterwards ``is_complete`` tells whether the message ended with it.
        """
        self.is_complete = False
        try:
            self._parser.feed_data(neutral(head) if is_odd else head)
        except HttpParserInvalidURLError:  # raw UTF-8, for one; the target is checked already
            self._parser = HttpRequestParser(self)
            self.feed(neutral(head))
        except (HttpParserError, HttpParserUpgrade) as error:
            raise _not_http(error) from error

    def feed(self, data: bytes) -> None:
        """Feed a part of the body, never a byte more. Raises ``BadRequest``."""
        try:
            self._parser.feed_data(data)
        except (HttpParserError, HttpParserUpgrade) as error:
            raise _not_http(error) from error

    def close(self) -> None:
        """Let go of the parser, which refers back."""
        del self._parser

    def on_message_complete(self) -> None:
        self.is_complete = True
        self.keeps = self._parser.should_keep_alive()


class Body(Protocol):
    """A body that did not arrive whole with its head."""

    @property
    def received(self) -> int: ...

    @property
    def is_complete(self) -> bool: ...

    @property
    def keeps(self) -> bool:
        """Whether the connection may be kept after this message."""
        ...

    @property
    def trailers(self) -> bytes: ...

    def take(self, data: bytes, at: int) -> int:
        """Read on from ``at``; return where it stopped. Raises ``Refusal``."""
        ...

    def content(self) -> bytes: ...


class SizedBody:
    """A body of declared length."""

    __slots__ = ("_framing", "_missing", "_pieces", "received")

    trailers = b""

    def __init__(self, framing: Framing, length: int) -> None:
        self._framing = framing
        self._missing = length
        self._pieces: list[bytes] = []
        self.received = 0

    @property
    def is_complete(self) -> bool:
        return not self._missing

    @property
    def keeps(self) -> bool:
        return self._framing.keeps

    def take(self, data: bytes, at: int) -> int:
        piece = data[at : at + self._missing]
        self._framing.feed(piece)
        self._pieces.append(piece)
        self._missing -= len(piece)
        self.received += len(piece)
        if self._framing.is_complete != self.is_complete:
            raise BadRequest("The body does not end where its Content-Length says.")
        return at + len(piece)

    def content(self) -> bytes:
        return b"".join(self._pieces)


class ChunkedBody:
    """A chunked body, read by a parser of its own that also tells trailers.

    llhttp does not tell where in the data a message ended, but a chunked one can only end with a
    blank line: the data is fed in pieces that end after each CRLF CRLF, so that not one byte of
    the next message reaches this parser.
    """

    __slots__ = (
        "_content", "_fed", "_in_body", "_limits", "_parser", "_tail", "_trailers", "chunks",
        "is_complete", "keeps",
    )  # fmt: skip

    def __init__(self, head: bytes, limits: EdgeLimits) -> None:
        self._limits = limits
        self._content = bytearray()
        self._trailers = bytearray()
        self._tail = b""
        self._fed = 0
        self._in_body = False
        self.chunks = 0
        self.is_complete = False
        self.keeps = False
        self._parser = HttpRequestParser(self)
        self._feed(neutral(head))
        self._fed = 0

    @property
    def received(self) -> int:
        return len(self._content)

    @property
    def trailers(self) -> bytes:
        """Trailer lines as ``name: value``, each with its CRLF."""
        return bytes(self._trailers)

    def take(self, data: bytes, at: int) -> int:
        stop = min(len(data), at + _SLICE)
        while at < stop and not self.is_complete:
            end = self._piece_end(data, at, stop)
            piece = data[at:end]
            self._feed(piece)
            self._tail = (self._tail + piece[-3:])[-3:]
            self._check()
            at = end
        if self.is_complete:
            del self._parser  # it refers back
        return at

    def content(self) -> bytes:
        return bytes(self._content)

    def _piece_end(self, data: bytes, at: int, stop: int) -> int:
        seam = (self._tail + data[at : at + 3]).find(_BLANK)
        if seam >= 0:
            return at + seam + len(_BLANK) - len(self._tail)
        found = data.find(_BLANK, at, stop)
        return stop if found < 0 else found + len(_BLANK)

    def _feed(self, piece: bytes) -> None:
        self._fed += len(piece)
        try:
            self._parser.feed_data(piece)
        except (HttpParserError, HttpParserUpgrade) as error:
            raise _not_http(error) from error

    def _check(self) -> None:
        limits = self._limits
        if len(self._content) > limits.body:
            raise BodyTooLarge(limits.body)
        if len(self._trailers) > limits.trailers:
            raise HeadTooLarge(f"The trailers are over the limit of {limits.trailers} bytes.")
        allowed = _SLACK + limits.trailers + _CHUNK_COST * self.chunks
        if self._fed - len(self._content) > allowed:
            raise BadRequest("The chunks have more extensions than content.")

    def on_headers_complete(self) -> None:
        self._in_body = True

    def on_chunk_header(self) -> None:
        self.chunks += 1

    def on_body(self, piece: bytes) -> None:
        self._content += piece

    def on_header(self, name: bytes, value: bytes) -> None:
        if self._in_body:
            self._trailers += b"%b: %b\r\n" % (name, value)

    def on_message_complete(self) -> None:
        self.is_complete = True
        self.keeps = self._parser.should_keep_alive()


def _not_http(error: Exception) -> BadRequest:
    return BadRequest(f"This is not valid HTTP/1.1: {error}.")
