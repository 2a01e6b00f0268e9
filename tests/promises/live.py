"""A real server and many real connections on one event loop; HTTP as a test's system sends it."""

from __future__ import annotations

import asyncio
import socket
import struct
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Mapping
from contextlib import asynccontextmanager
from typing import Any, NamedTuple

import msgspec

from pymockapi.api.rows import CONTROL_ROOT
from pymockapi.engine.project import read_configuration
from pymockapi.model.reader import Findings
from pymockapi.server.run import Server, loop_factory
from pymockapi.server.settings import ServeOptions
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


class Live:
    """A running server; ``control`` calls go over a connection of their own, one after another."""

    def __init__(self, server: Server) -> None:
        self._server = server
        self._wires: list[Wire] = []
        self._control: Wire | None = None

    @property
    def store(self) -> MemoryStore:
        return self._server.store

    async def wire(self) -> Wire:
        host, _, port = self._server.url.removeprefix("http://").rpartition(":")
        wire = Wire(*await asyncio.open_connection(host, int(port)))
        self._wires.append(wire)
        return wire

    async def wires(self, count: int) -> list[Wire]:
        return [await self.wire() for _ in range(count)]

    async def control(
        self, method: str, target: str, json: Json = msgspec.UNSET, expect: int = 2
    ) -> Json:
        """Make a control call and return its document; ``expect`` is a status or its first digit."""
        if self._control is None:
            self._control = await self.wire()
        answer = await self._control.call(method, CONTROL_ROOT + target, json=json)
        assert expect in (answer.status, answer.status // 100), answer.text
        return answer.json if answer.body else None

    async def namespace(self, name: str = "a", **spec: Json) -> str:
        """Create a namespace; returns the path of its control calls."""
        await self.control("POST", "/namespaces", {"name": name, **spec})
        return f"/namespaces/{name}"

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
