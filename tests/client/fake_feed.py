"""A server of events of a few lines: each connection plays the next script."""

from __future__ import annotations

import json
import re
import socket
from base64 import b64encode
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from hashlib import sha1
from threading import Thread
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from tests.client.fake_server import problem, read_request

Json = Any


def server_frame(opcode: int, payload: bytes, *, fin: bool = True) -> bytes:
    size = len(payload)
    head = bytes([(128 if fin else 0) | opcode])
    if size < 126:
        return head + bytes([size]) + payload
    if size < 65_536:
        return head + b"\x7e" + size.to_bytes(2, "big") + payload
    return head + b"\x7f" + size.to_bytes(8, "big") + payload


def switching(request: bytes) -> bytes:
    """Return the 101 that fits a handshake."""
    found = re.search(rb"Sec-WebSocket-Key: (\S+)", request)
    assert found is not None
    digest = sha1(found[1] + b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11").digest()
    return (
        b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
        b"Sec-WebSocket-Accept: %b\r\n\r\n" % b64encode(digest)
    )


def message(kind: str, seq: int, **more: Json) -> Json:
    return {"event": kind, "seq": seq, "namespace": "a", "id": "n1", "at": None, **more}


class Peer:
    """The server's end of one connection."""

    def __init__(self, connection: socket.socket, request: bytes) -> None:
        self._connection = connection
        self._request = request
        self._heard = b""

    def accept(self, seq: int = 0) -> None:
        self.send(switching(self._request))
        self.say(message("open", seq))

    def refuse(self, code: str, status: int) -> None:
        self.send(problem(code, status))

    def send(self, data: bytes) -> None:
        self._connection.sendall(data)

    def say(self, *messages: Json) -> None:
        for each in messages:
            self.send(server_frame(1, json.dumps(each).encode()))

    def close(self, code: int, reason: str = "") -> None:
        self.send(server_frame(8, code.to_bytes(2, "big") + reason.encode()))

    def hear(self) -> tuple[int, bytes]:
        """Return the opcode and the payload of the client's next frame."""
        while True:
            frame = self._cut()
            if frame is not None:
                return frame
            data = self._connection.recv(65_536)
            assert data, "the client has left"
            self._heard += data

    def hear_command(self) -> Json:
        opcode, payload = self.hear()
        assert opcode == 1
        return json.loads(payload)

    def _cut(self) -> tuple[int, bytes] | None:
        data = self._heard
        if len(data) < 2:
            return None
        size, start = data[1] & 127, 2
        if size > 125:
            width = 2 if size == 126 else 8
            size = int.from_bytes(data[2 : 2 + width], "big")
            start += width
        mask, payload = data[start : start + 4], data[start + 4 : start + 4 + size]
        if len(payload) < size or len(mask) < 4:
            return None
        self._heard = data[start + 4 + size :]
        return data[0] & 15, bytes(byte ^ mask[at % 4] for at, byte in enumerate(payload))


class FakeFeed:
    """``targets`` are what was asked for; ``requests`` the heads."""

    def __init__(self, *scripts: Callable[[Peer], None]) -> None:
        self.requests: list[bytes] = []
        self.errors: list[BaseException] = []
        self._scripts = scripts
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._thread = Thread(target=self._run, daemon=True)
        self._thread.start()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._listener.getsockname()[1]}"

    @property
    def paths(self) -> list[str]:
        return [urlsplit(self._target(each)).path for each in self.requests]

    @property
    def queries(self) -> list[dict[str, str]]:
        return [dict(parse_qsl(urlsplit(self._target(each)).query)) for each in self.requests]

    def _target(self, request: bytes) -> str:
        return request.split(b" ")[1].decode()

    def close(self) -> None:
        with suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        self._thread.join(5)  # a script may wait for what a failed test has not done

    def _run(self) -> None:
        for script in self._scripts:
            try:
                connection, _ = self._listener.accept()
            except OSError:
                return
            with connection, suppress(ConnectionError):
                request = read_request(connection)
                self.requests.append(request)
                try:
                    script(Peer(connection, request))
                except AssertionError as error:
                    self.errors.append(error)
                _linger(connection)
        self._listener.close()


def _linger(connection: socket.socket) -> None:
    """Read until the client has gone: to close over what it has sent takes back what it has not read."""
    connection.settimeout(5)
    with suppress(OSError):
        connection.shutdown(socket.SHUT_WR)
        while connection.recv(65_536):
            pass


@contextmanager
def fake_feed(*scripts: Callable[[Peer], None]) -> Iterator[FakeFeed]:
    feed = FakeFeed(*scripts)
    try:
        yield feed
    finally:
        feed.close()
    assert feed.errors == []
