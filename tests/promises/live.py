"""A real server and many real connections on one event loop; HTTP as a test's system sends it."""

from __future__ import annotations

import asyncio
import socket
import struct
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Mapping
from contextlib import asynccontextmanager
from typing import Any, NamedTuple

import msgspec
from tests.server.sockets import CLOSE, OFFER, TEXT, Frame
from tests.server.sockets import frame as text_frame

from pymockapi.api.row import CONTROL_ROOT
from pymockapi.engine.project import read_configuration
from pymockapi.model.reader import Findings
from pymockapi.server.run import loop_factory
from pymockapi.server.server import Server
from pymockapi.server.settings import ServeOptions
from pymockapi.server.websocket import WebSocket
from pymockapi.service.feeds import Feeds
from pymockapi.store.memory import MemoryStore

Json = Any


class Answer(NamedTuple):
    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def text(self) -> str:
        return self.body.decode()

    @property
    def json(self) -> Json:
        return msgspec.json.decode(self.body)


def encoded(
    method: str, target: str, headers: Mapping[str, str] | None = None, json: Json = msgspec.UNSET
) -> bytes:
    """Return one request as bytes; ``Host`` is this machine unless ``headers`` say otherwise."""
    body = b"" if json is msgspec.UNSET else msgspec.json.encode(json)
    lines = {"Host": "127.0.0.1", **(headers or {}), "Content-Length": str(len(body))}
    head = "".join(f"{name}: {value}\r\n" for name, value in lines.items())
    return f"{method} {target} HTTP/1.1\r\n{head}\r\n".encode() + body


class Wire:
    """One connection that stays open; a call returns when its answer has been read whole."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader = reader
        self._writer = writer

    async def call(
        self,
        method: str,
        target: str,
        headers: Mapping[str, str] | None = None,
        json: Json = msgspec.UNSET,
    ) -> Answer:
        self.send(encoded(method, target, headers, json))
        return await self.answer()

    async def get(self, target: str, **headers: str) -> Answer:
        return await self.call("GET", target, {k.replace("_", "-"): v for k, v in headers.items()})

    def send(self, data: bytes) -> None:
        self._writer.write(data)

    async def answer(self) -> Answer:
        head = (await self._reader.readuntil(b"\r\n\r\n")).decode()
        line, *fields = head.rstrip().split("\r\n")
        headers = {name.lower(): value for name, value in (each.split(": ", 1) for each in fields)}
        body = await self._reader.readexactly(int(headers.get("content-length", 0)))
        return Answer(int(line.split()[1]), headers, body)

    async def is_closed(self) -> bool:
        """Wait for what comes next; true if it is the end, and not an answer."""
        try:
            return not await self._reader.read(1)
        except ConnectionError:
            return True

    def close(self) -> None:
        self._writer.close()

    def leave(self) -> None:
        """Reset the connection, as a client that ends does; a mere close could be a half one."""
        plain = self._writer.get_extra_info("socket")
        plain.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self._writer.transport.abort()


class EventWire(Wire):
    """A connection that has become a WebSocket."""

    async def open(self, path: str) -> Answer:
        """Send the handshake for ``path`` below the control API; return the answer's head."""
        self.send(encoded("GET", CONTROL_ROOT + path, OFFER))
        return await self.answer()

    async def frame(self) -> Frame:
        """Return the server's next frame, which ends a message."""
        head = await self._reader.readexactly(2)
        size = head[1]
        if size > 125:
            size = int.from_bytes(await self._reader.readexactly(2 if size == 126 else 8), "big")
        return Frame(head[0] & 15, await self._reader.readexactly(size))

    async def event(self) -> Json:
        """Return the next message that is no ping; the close frame's reason, if that comes."""
        while True:
            frame = await self.frame()
            if frame.opcode == CLOSE:
                return {"event": "close", "code": frame.code, "reason": frame.reason}
            if frame.opcode == TEXT:
                return msgspec.json.decode(frame.payload)

    def command(self, document: Json) -> None:
        self.send(text_frame(TEXT, msgspec.json.encode(document)))


class Live:
    """A running server; ``control`` calls go over a connection of their own, one after another."""

    def __init__(self, server: Server) -> None:
        self._server = server
        self._wires: list[Wire] = []
        self._control: Wire | None = None

    @property
    def store(self) -> MemoryStore:
        return self._server.store

    @property
    def url(self) -> str:
        return self._server.addresses.url

    async def wire(self) -> Wire:
        host, _, port = self.url.removeprefix("http://").rpartition(":")
        wire = Wire(*await asyncio.open_connection(host, int(port)))
        self._wires.append(wire)
        return wire

    async def events(self, path: str, receive_bytes: int | None = None) -> EventWire:
        """Connect, and switch to the WebSocket at ``path`` below the control API.

        ``receive_bytes`` is how much the system may take, on either side, before somebody reads.
        """
        plain = socket.socket()
        if receive_bytes is not None:
            plain.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive_bytes)
        plain.setblocking(False)
        await asyncio.get_running_loop().sock_connect(plain, self._server.bound)
        wire = EventWire(*await asyncio.open_connection(sock=plain, limit=4_096))
        self._wires.append(wire)
        answer = await wire.open(path)
        assert answer.status == 101, answer
        if receive_bytes is not None:
            for each in self._sockets():
                taken = each._transport.get_extra_info("socket")
                taken.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, receive_bytes)
        return wire

    async def wires(self, count: int) -> list[Wire]:
        return [await self.wire() for _ in range(count)]

    async def control(
        self,
        method: str,
        target: str,
        json: Json = msgspec.UNSET,
        expect: int = 2,
        headers: Mapping[str, str] | None = None,
    ) -> Json:
        """Make a control call and return its document; ``expect`` is a status or its first digit."""
        if self._control is None:
            self._control = await self.wire()
        answer = await self._control.call(method, CONTROL_ROOT + target, headers, json)
        assert expect in (answer.status, answer.status // 100), answer.text
        return answer.json if answer.body else None

    async def namespace(self, name: str = "a", **spec: Json) -> str:
        """Create a namespace; returns the path of its control calls."""
        await self.control("POST", "/namespaces", {"name": name, **spec})
        return f"/namespaces/{name}"

    @property
    def feeds(self) -> Feeds:
        return self._server.feeds

    def unsent(self) -> list[int]:
        """Return how many bytes each WebSocket has that its client's system did not take."""
        return [each._transport.get_write_buffer_size() for each in self._sockets()]

    def _sockets(self) -> list[WebSocket]:
        edge = self._server._edge
        assert edge is not None
        return [peer for peer in edge.connections if isinstance(peer, WebSocket)]

    def look_at_time(self, later_s: float) -> None:
        """Have the server look at what takes too long as if it were so much later."""
        edge = self._server._edge
        assert edge is not None
        for peer in tuple(edge.connections):
            peer.check_time(time.monotonic() + later_s)

    async def stop(self) -> None:
        await self._server.stop()

    def close(self) -> None:
        for wire in self._wires:
            wire.close()


@asynccontextmanager
async def live(**project: Json) -> AsyncIterator[Live]:
    found = Findings()
    configuration = read_configuration({"version": 1, **project}, found)
    found.check("The project")
    server = Server(ServeOptions(port=0, grace_s=0.1), configuration)
    await server.start()
    running = Live(server)
    try:
        yield running
    finally:
        running.close()
        await server.stop()


def run(scene: Callable[[Live], Awaitable[None]], **project: Json) -> None:
    """Play ``scene`` against a server of its own."""

    async def play() -> None:
        async with live(**project) as running:
            await scene(running)

    with asyncio.Runner(loop_factory=loop_factory()) as runner:
        runner.run(play())


async def together(work: Iterable[Awaitable[Any]]) -> list[Any]:
    return await asyncio.gather(*work)


def stub(name: str, path: str, **more: Json) -> Json:
    """Return the definition of a stub that answers its name, unless told otherwise."""
    definition = {"name": name, "request": {"path": path}, **more}
    if "responses" not in definition:
        definition.setdefault("response", {"text": name})
    return definition
