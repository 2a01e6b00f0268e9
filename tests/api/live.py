"""A whole server on a loop in a thread of its own, and a client that sends exactly what it is told."""

from __future__ import annotations

import asyncio
import json
import socket
import threading
from collections.abc import Callable, Coroutine, Mapping
from concurrent.futures import Future
from dataclasses import dataclass
from http.client import HTTPResponse
from typing import Any, Final, TypeVar

from pymockapi.api.row import CONTROL_ROOT
from pymockapi.engine.configuration import Configuration
from pymockapi.engine.project import read_configuration
from pymockapi.model.reader import Findings
from pymockapi.server.server import Server
from pymockapi.server.settings import ServeOptions

T = TypeVar("T")
LIMIT_S: Final = 20.0  # a test that waits longer than this is stuck
UNSET: Final = object()


@dataclass(frozen=True)
class Answer:
    """One answer; header names are in lower case, a repeated one is listed in ``fields``."""

    status: int
    fields: list[tuple[str, str]]
    body: bytes

    @property
    def headers(self) -> dict[str, str]:
        return {name.lower(): value for name, value in self.fields}

    @property
    def json(self) -> Any:
        return json.loads(self.body)

    @property
    def code(self) -> str | None:
        """The code of the problem document, if it is one."""
        if self.headers.get("content-type") != "application/problem+json":
            return None
        kind: str = self.json["type"]
        return kind.removeprefix("urn:pymockapi:error:")

    @property
    def version(self) -> int:
        return int(self.headers["etag"].strip('"'))


def configured(document: Mapping[str, Any] | None = None) -> Configuration:
    """Return what a config file with ``document`` says."""
    found = Findings()
    configuration = read_configuration({"version": 1, **(document or {})}, found)
    found.check("The test's own config")
    return configuration


class Live:
    """A running server; ``server`` may be touched through ``run`` only, on its own loop."""

    def __init__(
        self,
        document: Mapping[str, Any] | None = None,
        options: ServeOptions | None = None,
        configuration: Configuration | None = None,
    ) -> None:
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)
        self._thread.start()
        self.server = self.run(
            _started(
                options or ServeOptions(port=0, grace_s=1.0), configuration or configured(document)
            )
        )
        self.url = self.server.addresses.url
        self.address = self.server.bound

    def run(self, work: Coroutine[Any, Any, T]) -> T:
        return asyncio.run_coroutine_threadsafe(work, self._loop).result(LIMIT_S)

    def begin(self, work: Coroutine[Any, Any, T]) -> Future[T]:
        """Start ``work`` on the server's loop."""
        return asyncio.run_coroutine_threadsafe(work, self._loop)

    def call_soon(self, action: Callable[[], object] = lambda: None) -> None:
        """Do ``action`` on the server's loop, after what was begun there before, and wait for it."""

        async def act() -> None:
            action()

        self.run(act())

    def close(self) -> None:
        self.run(self.server.stop())
        self.end()

    def end(self) -> None:
        """End the loop of a server that has stopped."""
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(LIMIT_S)
        self._loop.close()

    def connect(self) -> socket.socket:
        return socket.create_connection(self.address, LIMIT_S)

    def send(
        self,
        method: str,
        target: str,
        body: bytes = b"",
        headers: Mapping[str, str] | None = None,
    ) -> Answer:
        """Send one request on a connection of its own."""
        with self.connect() as line:
            line.sendall(encoded(method, target, body, headers))
            return read_answer(line, method)

    def call(
        self,
        method: str,
        path: str,
        body: Any = UNSET,
        headers: Mapping[str, str] | None = None,
    ) -> Answer:
        """Make a control call; ``body`` is sent as JSON, bytes as they are."""
        raw = (
            b"" if body is UNSET else body if isinstance(body, bytes) else json.dumps(body).encode()
        )
        return self.send(method, CONTROL_ROOT + path, raw, headers)

    def create(self, **definition: Any) -> str:
        """Create a namespace and return its name."""
        answer = self.call("POST", "/namespaces", definition)
        assert answer.status == 201, answer
        name: str = answer.json["name"]
        return name


async def _started(options: ServeOptions, configuration: Configuration) -> Server:
    server = Server(options, configuration)
    await server.start()
    return server


def encoded(
    method: str, target: str, body: bytes = b"", headers: Mapping[str, str] | None = None
) -> bytes:
    fields = {"Host": "127.0.0.1", **(headers or {})}
    if body:
        fields.setdefault("Content-Length", str(len(body)))
    lines = [f"{method} {target} HTTP/1.1", *(f"{name}: {value}" for name, value in fields.items())]
    return ("\r\n".join(lines) + "\r\n\r\n").encode("utf-8", "surrogateescape") + body


def read_answer(line: socket.socket, method: str = "GET") -> Answer:
    response = HTTPResponse(line, method=method)
    response.begin()
    body = response.read()
    return Answer(response.status, response.getheaders(), body)


def read_to_end(line: socket.socket) -> bytes:
    """Return all that still comes until the server closes; a reset connection is an end, too."""
    output = b""
    try:
        while data := line.recv(65536):
            output += data
    except ConnectionError:
        return output
    return output
