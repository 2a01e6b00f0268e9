"""A fake application, a fake transport, and a client that sends bytes and reads to the end."""

from __future__ import annotations

import asyncio
import re
import ssl
from collections.abc import Awaitable, Callable
from typing import Any, cast

from pymockapi.model.errors import ControlError
from pymockapi.model.exchange import Phase
from pymockapi.model.request import Request
from pymockapi.model.response import make_response
from pymockapi.server.application_port import Reply
from pymockapi.server.connection import Connection
from pymockapi.server.edge import Door, Edge
from pymockapi.server.limits import EdgeLimits
from pymockapi.server.listener import Listener, listen
from pymockapi.server.refusals import error_response

Answering = Callable[[Request], Reply | Awaitable[Reply]]
HOST = b"Host: a\r\n"


def echo(request: Request) -> Reply:
    """Answer with what was read: method, target, body, trailers."""
    body = b"|".join(
        (request.method.encode(), request.target.encode("utf-8", "surrogateescape"),
         request.body, request.trailers)
    )  # fmt: skip
    return Reply(make_response(200, body=body), date=b"", handle=request.target)


class FakeApplication:
    """Answers by ``answering`` and keeps everything it was told."""

    def __init__(self, answering: Answering = echo) -> None:
        self.answering = answering
        self.requests: list[Request] = []
        self.refused: list[tuple[Phase, str, Request]] = []
        self.phases: list[tuple[object, Phase, int]] = []
        self.told = asyncio.Event()

    def answer(self, request: Request) -> Reply | Awaitable[Reply]:
        self.requests.append(request)
        self.told.set()
        return self.answering(request)

    def refuse(self, request: Request, phase: Phase, error: ControlError) -> Reply:
        self.refused.append((phase, error.code, request))
        self.told.set()
        return Reply(error_response(error), date=b"")

    def progress(self, handle: object, phase: Phase, sent: int) -> None:
        self.phases.append((handle, phase, sent))
        self.told.set()

    async def until(self, holds: Callable[[], object]) -> None:
        """Wait until ``holds`` after something was told."""
        while not holds():
            self.told.clear()
            await self.told.wait()

    def phases_of(self, handle: object) -> list[Phase]:
        return [phase for told, phase, _ in self.phases if told == handle]


class FakeTransport(asyncio.Transport):
    """Collects what is written; takes at most ``room`` bytes (``None``: all) until ``take``."""

    def __init__(self, protocol: asyncio.Protocol, room: int | None = None, port: int = 5) -> None:
        super().__init__({"peername": ("127.0.0.1", port), "socket": None})
        self.protocol = protocol
        self.room = room
        self.output = b""
        self.held = b""
        self.writes = 0
        self.is_closed = False
        self.is_reading_now = True
        self.eof_written = False

    def write(self, data: Any) -> None:
        self.writes += 1
        self.held += bytes(data)
        self._pass_on()
        if self.held:
            self.protocol.pause_writing()

    def take(self, room: int | None) -> None:
        """Let the client read ``room`` bytes more, ``None``: everything."""
        self.room = room
        self._pass_on()
        if not self.held:
            self.protocol.resume_writing()

    def _pass_on(self) -> None:
        count = len(self.held) if self.room is None else min(self.room, len(self.held))
        self.output, self.held = self.output + self.held[:count], self.held[count:]
        if self.room is not None:
            self.room -= count

    def get_write_buffer_size(self) -> int:
        return len(self.held)

    def set_write_buffer_limits(self, high: int | None = None, low: int | None = None) -> None:
        pass

    def set_protocol(self, protocol: asyncio.BaseProtocol) -> None:
        self.protocol = cast(asyncio.Protocol, protocol)

    def can_write_eof(self) -> bool:
        return True

    def write_eof(self) -> None:
        self.eof_written = True

    def pause_reading(self) -> None:
        self.is_reading_now = False

    def resume_reading(self) -> None:
        self.is_reading_now = True

    def is_closing(self) -> bool:
        return self.is_closed

    def close(self) -> None:
        if not self.is_closed:
            self.is_closed = True
            loop = asyncio.get_running_loop()
            loop.call_soon(lambda: self.protocol.connection_lost(None))

    def abort(self) -> None:
        self.held = b""
        self.close()


class Line:
    """A connection over a fake transport."""

    def __init__(
        self,
        app: FakeApplication | None = None,
        limits: EdgeLimits | None = None,
        room: int | None = None,
        door: Door | None = None,
        port: int = 5,
    ) -> None:
        self.door = door or Door(Edge(limits or EdgeLimits()), app or FakeApplication())
        self.app = cast(FakeApplication, self.door.application)
        self.edge = self.door.edge
        self.connection = Connection(self.door)
        self.transport = FakeTransport(self.connection, room, port)
        self.connection.connection_made(self.transport)

    def send(self, data: bytes) -> None:
        self.transport.protocol.data_received(data)

    async def turns(self, count: int = 5) -> None:
        """Let what was scheduled for the next turns of the loop happen."""
        for _ in range(count):
            await asyncio.sleep(0)


def whole(*answers: bytes) -> bytes:
    return b"".join(answers)


def ok(body: bytes, *lines: bytes) -> bytes:
    """Return the echo's answer on the wire."""
    extra = b"".join(line + b"\r\n" for line in lines)
    return b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n%b\r\n%b" % (len(body), extra, body)


async def serve(
    app: FakeApplication, limits: EdgeLimits | None = None, tls: ssl.SSLContext | None = None
) -> Listener:
    return await listen(Edge(limits or EdgeLimits()), app, "127.0.0.1", 0, tls)


async def talk(
    data: bytes, app: FakeApplication | None = None, limits: EdgeLimits | None = None
) -> bytes:
    """Send ``data``, end the writing side, and return all that came until the server closed."""
    listener = await serve(app or FakeApplication(), limits)
    reader, writer = await asyncio.open_connection("127.0.0.1", listener.port)
    writer.write(data)
    writer.write_eof()
    output = await reader.read()
    writer.close()
    await listener.stop(5.0)
    return output


async def ask(listener: Listener, data: bytes) -> bytes:
    """Send ``data``, keep the writing side open, and return all until the server closed."""
    reader, writer = await asyncio.open_connection("127.0.0.1", listener.port)
    writer.write(data)
    output = await reader.read()
    writer.close()
    return output


def refusal(output: bytes) -> tuple[int, str]:
    """Return status and ``X-Mock-Error`` of an answer that is the only one in ``output``."""
    assert len(re.findall(rb"HTTP/1\.1 \d{3} ", output)) == 1, output
    head, _, _ = output.partition(b"\r\n\r\n")
    lines = head.decode().split("\r\n")
    fields = dict(line.split(": ", 1) for line in lines[1:])
    assert fields["Connection"] == "close"
    return int(lines[0].split()[1]), fields["X-Mock-Error"]
