"""The course of one answer: its bytes in order, how long each part waits, and how it ends.

An answer that does not leave at once and whole is taken from here, bit by bit, as it is due and as
the client reads. It knows no sockets: the outbox writes what it gives. RFC 9112 sections 6 and 7.1.
"""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator
from itertools import chain
from typing import Final

from pymockapi.model.delivery import FaultKind, Piece
from pymockapi.model.response import BODILESS
from pymockapi.server.application_port import Parked, Reply
from pymockapi.server.fault_bytes import CHUNKED, ENDINGS, broken
from pymockapi.server.limits import KIB
from pymockapi.server.parts import Ending, Part

CLOSE: Final = b"Connection: close\r\n"

SLICE_S: Final = 0.05  # between two slices of a throttled body: fewer timers, and no visible steps
MAX_SLICE_BYTES: Final = 512 * KIB  # that one write takes, under 1 ms


class Answer:
    """One answer that waits; ``reply`` is ``None`` while the application is still at it.

    ``minor`` is that of the request's HTTP version. ``owner`` is the reply's, once that is known.
    ``parked`` is the gate at which it waits, ``course`` what of it leaves when, once it has begun.
    """

    __slots__ = (
        "course", "due", "is_bodiless", "is_last", "line", "minor", "owner", "parked", "reply",
    )  # fmt: skip

    def __init__(self, is_bodiless: bool, line: bytes, is_last: bool, minor: int) -> None:
        self.reply: Reply | None = None
        self.owner: str | None = None
        self.is_bodiless = is_bodiless
        self.line = line
        self.is_last = is_last
        self.minor = minor
        self.due = 0.0
        self.parked: Parked | None = None
        self.course: Course | None = None

    @property
    def is_parked(self) -> bool:
        """Whether it waits at a gate, for a function, or for ever."""
        return self.parked is not None or self._hangs_later

    @property
    def is_held(self) -> bool:
        """Whether nobody will let it go any more once the server stops."""
        return self._hangs_later or (self.parked is not None and self.parked.is_held)

    @property
    def _hangs_later(self) -> bool:
        dispatch = None if self.reply is None else self.reply.dispatch
        return dispatch is not None and dispatch.fault is FaultKind.HANG

    @property
    def hangs(self) -> bool:
        """Whether its turn has come, and nothing will."""
        return self.course is not None and self.course.ending is Ending.HANG


class Course:
    """``due`` is when, by the monotonic clock, the next bytes may leave; ``is_over``: all have.

    ``begun_at`` is for the outbox: how many bytes its connection had sent before. A throttled body
    leaves in slices, each once the bytes up to its end may have left: its rate is never higher,
    and a client that did not read gets at most one slice more at once.
    """

    __slots__ = ("_at", "_part", "_parts", "_rate", "begun_at", "due", "ending", "is_over")

    def __init__(
        self,
        parts: Iterable[Part],
        now: float,
        rate: float | None = None,
        ending: Ending = Ending.KEEP,
    ) -> None:
        self._parts: Iterator[Part] = iter(parts)
        self._rate = rate  # bytes in a second
        self._part = Part(b"")
        self._at = 0  # how much of the part's data has left
        self.ending = ending
        self.begun_at = 0
        self.due = now
        self.is_over = False
        self._go_on(now)

    def take(self, now: float) -> bytes:
        """Return the next bytes if they are due, else none; never more than one part."""
        if self.is_over or now < self.due:
            return b""
        part, at = self._part, self._at
        size = self._slice_size()
        self._at = end = min(at + size, len(part.data))
        taken = part.data[at:end]
        if at == 0:
            taken = part.before + taken
        if end < len(part.data):
            self._set_due(now)
            return taken
        self._go_on(now)
        return taken + part.after

    def _slice_size(self) -> int:
        if self._rate is None:
            return MAX_SLICE_BYTES
        return max(1, min(int(self._rate * SLICE_S), MAX_SLICE_BYTES))

    def _go_on(self, now: float) -> None:
        """Make the next part that has anything in it the one that leaves."""
        wait_s = 0.0
        for part in self._parts:
            wait_s += part.wait_s
            if part.data or part.before or part.after:
                self._part, self._at = part, 0
                if wait_s:
                    self.due = now + wait_s
                self._set_due(now)
                return
        self.is_over = True
        self.due = now + wait_s

    def _set_due(self, now: float) -> None:
        """Let the next slice wait for as long as its bytes take."""
        rate = self._rate
        left = len(self._part.data) - self._at
        if rate is None or not left:
            return
        self.due = max(self.due, now - SLICE_S) + min(self._slice_size(), left) / rate


def is_paced(reply: Reply) -> bool:
    """Return whether a reply that is due has a course, and does not leave at once and whole."""
    dispatch = reply.dispatch
    if dispatch is None:
        return reply.rest is not None
    return (
        dispatch.throttle is not None or dispatch.pieces is not None or dispatch.fault is not None
    )


def course_of(reply: Reply, answer: Answer, date_line: bytes) -> Course:
    """Return the course of an answer that begins now; ``date_line`` is that of this second.

    A body in pieces is chunked. HTTP/1.0 knows no chunks: there it ends with the connection (RFC
    9112 section 6.3), as it would for GET where it is HEAD that asks.
    """
    response, dispatch = reply.response, reply.dispatch
    pieces = None if dispatch is None else dispatch.pieces
    is_unframed = pieces is not None and not answer.minor
    coding = CHUNKED if pieces is not None and answer.minor else b""
    line = b"" if response.closes else CLOSE if is_unframed else answer.line
    date = b"" if response.dated else reply.date
    lines = b"".join((coding, date_line if date is None else date, reply.extra, line, b"\r\n"))
    is_empty = answer.is_bodiless or response.status in BODILESS
    body = None if is_empty else _body_parts(reply, pieces, is_unframed)
    ending = Ending.CLOSE if is_unframed else Ending.KEEP
    if dispatch is not None and dispatch.fault is not None:
        spoilt = None if is_unframed else body  # who is not told where it ends misses nothing
        parts = broken(dispatch.fault, response, lines, spoilt, dispatch.garbage)
        ending = ENDINGS.get(dispatch.fault, Ending.CLOSE)
    else:
        parts = chain((Part(b"", before=response.head + lines),), body or ())
    rate = None if dispatch is None else dispatch.throttle
    return Course(parts, time.monotonic(), rate, ending)


def _body_parts(reply: Reply, pieces: Iterable[Piece] | None, is_unframed: bool) -> Iterator[Part]:
    if pieces is None:
        return iter((Part(reply.response.body),)) if reply.rest is None else _long_body(reply)
    if is_unframed:
        return (Part(piece.data, _seconds(piece)) for piece in pieces)
    trailers = () if reply.dispatch is None else reply.dispatch.trailers
    return _chunks(pieces, "".join(f"{name}: {value}\r\n" for name, value in trailers))


def _chunks(pieces: Iterable[Piece], trailers: str) -> Iterator[Part]:
    """Yield one chunk for each piece, but for empty ones: an empty chunk is the last (RFC 9112 7.1)."""
    for piece in pieces:
        framed = (b"%x\r\n" % len(piece.data), b"\r\n") if piece.data else (b"", b"")
        yield Part(piece.data, _seconds(piece), *framed)
    yield Part(b"", before=b"0\r\n" + trailers.encode("utf-8", "replace") + b"\r\n")


def _seconds(piece: Piece) -> float:
    assert isinstance(piece.after, float)  # as in every dispatch
    return piece.after


def _long_body(reply: Reply) -> Iterator[Part]:
    """Yield a long body, each part of which is freed as it leaves."""
    yield Part(reply.response.body)
    while reply.rest:
        yield Part(reply.rest.popleft())
