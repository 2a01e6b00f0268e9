"""A control server of a few lines for the transport's tests: bytes in, scripted bytes out."""

from __future__ import annotations

import json
import socket
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from threading import Event, Thread
from typing import Any

Json = Any


class FakeServer:
    """Serves connections one after the other; each plays the next script.

    A script is a list of what to do with one request after the other: bytes are sent as they
    are; ``None`` reads the request and closes unanswered; an ``Event`` is waited for first.
    After its last item the connection is closed. ``requests`` holds what was read.
    """

    def __init__(self, *scripts: list[bytes | Event | None]) -> None:
        self.requests: list[bytes] = []
        self.connections = 0
        self.closed = Event()
        self._scripts = list(scripts)
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._thread = Thread(target=self._run, daemon=True)
        self._thread.start()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._listener.getsockname()[1]}"

    def close(self) -> None:
        with suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        self._thread.join()

    def _run(self) -> None:
        for script in self._scripts:
            try:
                connection, _ = self._listener.accept()
            except OSError:
                return
            self.connections += 1
            with connection, suppress(OSError):
                self._play(connection, script)
            self.closed.set()

    def _play(self, connection: socket.socket, script: list[bytes | Event | None]) -> None:
        for item in script:
            if isinstance(item, Event):
                item.wait()
                continue
            request = read_request(connection)
            if not request:
                return
            self.requests.append(request)
            if item is None:
                return
            connection.sendall(item)


@contextmanager
def fake_server(*scripts: list[bytes | Event | None]) -> Iterator[FakeServer]:
    server = FakeServer(*scripts)
    try:
        yield server
    finally:
        server.close()


def read_request(connection: socket.socket) -> bytes:
    """Return one request, head and body, or nothing at the end of the connection."""
    data = b""
    while b"\r\n\r\n" not in data:
        more = connection.recv(65_536)
        if not more:
            return b""
        data += more
    head, _, body = data.partition(b"\r\n\r\n")
    size = 0
    for line in head.lower().split(b"\r\n"):
        if line.startswith(b"content-length:"):
            size = int(line.partition(b":")[2])
    while len(body) < size:
        body += connection.recv(65_536)
    return head + b"\r\n\r\n" + body


def answer(data: Json, status: int = 200, headers: str = "") -> bytes:
    """Return a whole answer with a JSON body; ``headers`` are further lines with their CRLF."""
    body = json.dumps(data).encode()
    head = f"HTTP/1.1 {status} Text\r\n{headers}Content-Length: {len(body)}\r\n\r\n"
    return head.encode() + body


def problem(code: str, status: int, **members: Json) -> bytes:
    """Return an answer with an RFC 9457 problem document."""
    document = {"type": f"urn:pymockapi:error:{code}", "status": status, "detail": "No."}
    return answer(document | members, status, "Content-Type: application/problem+json\r\n")


def json_body(request: bytes) -> Json:
    return json.loads(request.partition(b"\r\n\r\n")[2])


def request_line(request: bytes) -> str:
    return request.partition(b"\r\n")[0].decode()
