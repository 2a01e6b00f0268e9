"""Bytes to requests: cuts heads, gathers bodies, and refuses what is no HTTP/1.1 (RFC 9112).

A head is cut at its blank line and kept raw; ``framing`` tells where the message ends. It
neither writes nor closes anything; what it refuses it raises.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Final, Protocol

from pymockapi.model.request import Memo, Request
from pymockapi.server.edge import Door, Known
from pymockapi.server.framing import Body, ChunkedBody, Framing, SizedBody
from pymockapi.server.head import Head, check_start, fragment, read_head
from pymockapi.server.refusals import BadRequest, BodyTooLarge, Overloaded, TimedOut

MORE: Final = -1
"""What a step returns when it needs bytes that have not come yet."""

_BLANK: Final = b"\r\n\r\n"
_CR: Final = 13


class Receiver(Protocol):
    """Who is told about what was read."""

    def handle(self, head: Head, keeps: bool, request: Request) -> None:
        """Take a whole request; ``keeps``: its client lets the connection stay open."""
        ...

    def invite(self) -> None:
        """The client waits for ``100 Continue`` before it sends the body."""
        ...


class Intake:
    """``take`` is the step that fits what is being read, a head or a body: it gets the data and a
    position, hands over at most one request, and returns the new position, or ``MORE``. It
    raises ``Refusal``; no step may follow then.
    """

    __slots__ = (
        "_body",
        "_client",
        "_counted",
        "_edge",
        "_framing",
        "_head",
        "_known",
        "_raw",
        "_receiver",
        "_scheme",
        "began",
        "take",
    )

    def __init__(self, door: Door, client: str, receiver: Receiver) -> None:
        self._edge = door.edge
        self._known = door.known
        self._scheme = door.scheme
        self._client = client
        self._receiver = receiver
        self._framing = Framing()
        self._head: Head | None = None  # of the request whose body is being read
        self._raw = b""
        self._body: Body | None = None
        self._counted = 0  # bytes of the body that are in the edge's inflight
        self.began: float | None = None  # when the head or body being read began
        self.take: Callable[[bytes, int], int] = self._take_head

    @property
    def is_in_body(self) -> bool:
        return self._body is not None

    def unfinished(self, rest: bytes = b"") -> Request:
        """Return what was read of a request that is not whole; ``rest`` was not taken."""
        head = self._head
        if head is None:
            request = fragment(rest, self._client, self._edge.limits)
            request.scheme = self._scheme
            return request
        content = b"" if self._body is None else self._body.content()
        return Request(head.method, head.target, self._raw, content, self._client, self._scheme)

    def drop(self) -> None:
        """Forget the request that is not whole."""
        self._edge.inflight -= self._counted
        self._counted = 0
        self._head = self._body = self.began = None

    def close(self) -> None:
        """Let go of what refers back, so that no garbage collection is needed."""
        self.drop()
        self._framing.close()
        del self.take
        del self._receiver

    def check_time(self, now: float) -> None:
        """Raise ``TimedOut`` if a head or body has taken too long."""
        if self.began is None:
            return
        age, limits = now - self.began, self._edge.limits
        if self._body is None:
            if age > limits.head_s:
                raise TimedOut(f"The head did not end within {limits.head_s:g} s.")
        elif age > limits.body_s + self._body.received / limits.pace:
            raise TimedOut(
                f"The body did not end within {limits.body_s:g} s and a second for every"
                f" {limits.pace} bytes that came."
            )

    def _take_head(self, data: bytes, at: int) -> int:
        end = data.find(_BLANK, at) + 4
        if end < 4:
            return self._await_head(data, at)
        raw = data[at:end]
        known = self._known.get(raw)
        if known is not None:
            length = known.head.length
            if not length or (end + length <= len(data) and self._has_room(length)):
                return self._take_known(known, data, end)
        if data[at] == _CR:
            return _skip_empty_line(data, at)
        head = read_head(raw, self._edge.limits)
        self.began = None
        if head.length or head.is_chunked:
            return self._begin_body(head, raw, data, end)
        framing = self._framing
        framing.begin(raw, head.is_odd)
        if not framing.is_complete:
            raise BadRequest("The head leaves open where the request ends.")
        self._hand_over(head, framing.keeps, raw, b"")
        return end

    def _take_known(self, known: Known, data: bytes, at: int) -> int:
        """Take a request whose very head was framed before, with the same result."""
        self.began = None
        end = at + known.head.length
        request = known.request.again(self._client, data[at:end])
        self._receiver.handle(known.head, known.keeps, request)
        return end

    def _hand_over(self, head: Head, keeps: bool, raw: bytes, content: bytes) -> None:
        """Hand over a request that is whole; a head that comes again is kept with its views."""
        request = Request(head.method, head.target, raw, content, self._client, self._scheme)
        is_repeated = self._edge.has_seen(raw) and not head.expects
        if is_repeated:
            request.memo = Memo()
        self._receiver.handle(head, keeps, request)
        if is_repeated:
            self._edge.keep(self._known, raw, Known(head, keeps, request.bare()))

    def _await_head(self, data: bytes, at: int) -> int:
        if data[at] == _CR:
            return _skip_empty_line(data, at)
        check_start(data[at:], self._edge.limits)
        if self.began is None:
            self.began = time.monotonic()
        return MORE

    def _begin_body(self, head: Head, raw: bytes, data: bytes, at: int) -> int:
        self._head, self._raw = head, raw
        self._check_room(head.length)
        if head.is_chunked:
            self._body = ChunkedBody(raw, self._edge.limits)
        else:
            self._framing.begin(raw, head.is_odd)
            end = at + head.length
            if end <= len(data):
                self._take_whole_body(head, data[at:end])
                return end
            self._body = SizedBody(self._framing, head.length)
        self.take = self._take_body
        if at < len(data):
            return self._take_body(data, at)
        self.began = time.monotonic()
        if head.expects:
            self._receiver.invite()
        return at

    def _take_whole_body(self, head: Head, content: bytes) -> None:
        framing = self._framing
        framing.feed(content)
        if not framing.is_complete:
            raise BadRequest("The body does not end where its Content-Length says.")
        self._head = None
        self._hand_over(head, framing.keeps, self._raw, content)

    def _check_room(self, length: int) -> None:
        limits = self._edge.limits
        if length > limits.body:
            raise BodyTooLarge(limits.body)
        if not self._has_room(length):
            raise Overloaded("inflight_bytes", limits.inflight_bytes)

    def _has_room(self, length: int) -> bool:
        return self._edge.inflight + length <= self._edge.limits.inflight_bytes

    def _take_body(self, data: bytes, at: int) -> int:
        body, head = self._body, self._head
        assert body is not None
        assert head is not None
        after = body.take(data, at)
        if body.is_complete:
            self._finish_body(head, body)
            return after
        self._edge.inflight += body.received - self._counted
        self._counted = body.received
        self._check_room(0)
        if self.began is None:
            self.began = time.monotonic()
        return after

    def _finish_body(self, head: Head, body: Body) -> None:
        raw = self._raw
        self.drop()
        self.take = self._take_head
        request = Request(
            head.method, head.target, raw, body.content(), self._client, self._scheme,
            body.trailers,
        )  # fmt: skip
        self._receiver.handle(head, body.keeps, request)


def _skip_empty_line(data: bytes, at: int) -> int:
    """Skip an empty line before a request line (RFC 9112 section 2.2)."""
    if data.startswith(b"\r\n", at):
        return at + 2
    if len(data) - at == 1:
        return MORE
    raise BadRequest("The request begins with a CR without LF (RFC 9112 section 2.2).")
