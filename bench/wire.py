"""Plain sockets: one request at a time, many at once, and requests as bytes.

No HTTP library, whose own time would be measured with the server's. Answers must carry
``Content-Length``; every answer that is looked at must be the expected one.
"""

from __future__ import annotations

import json
import socket
from collections.abc import Iterator, Sequence
from typing import Any, Final

CONTROL: Final = "/__mock/v1"
_MARK: Final = b"HTTP/1.1 "
_CHUNK: Final = 256 * 1024
_CLIENT: Final = (
    "User-Agent: bench/1\r\nAccept-Encoding: gzip, deflate\r\nAccept: */*\r\n"
    "Connection: keep-alive\r\n"
)
"""With ``Host``, the five headers that common clients send."""


def request(method: str, target: str, body: bytes = b"", headers: str = "") -> bytes:
    """Return one request; ``headers`` are further lines, each with CRLF."""
    length = f"Content-Length: {len(body)}\r\n" if body else ""
    head = f"{method} {target} HTTP/1.1\r\nHost: localhost\r\n{_CLIENT}{headers}{length}\r\n"
    return head.encode() + body


class Line:
    """One connection, one request at a time."""

    def __init__(self, port: int) -> None:
        self._socket = socket.create_connection(("127.0.0.1", port), timeout=60)
        self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    def __enter__(self) -> Line:
        return self

    def __exit__(self, *_: object) -> None:
        self._socket.close()

    def ask(self, data: bytes) -> tuple[int, bytes]:
        """Send ``data`` and return status and body of the answer."""
        self.send(data)
        return self.answer()

    def send(self, data: bytes) -> None:
        self._socket.sendall(data)

    def close(self) -> None:
        self._socket.close()

    def answer(self) -> tuple[int, bytes]:
        """Return status and body of the next answer."""
        received = self._socket.recv(_CHUNK)
        while b"\r\n\r\n" not in received:
            received += self._more()
        head, _, rest = received.partition(b"\r\n\r\n")
        parts, size = [rest], len(rest)
        length = _length(head)
        while size < length:
            parts.append(self._more())
            size += len(parts[-1])
        return int(head[9:12]), b"".join(parts)

    def _more(self) -> bytes:
        data = self._socket.recv(_CHUNK)
        if not data:
            raise OSError("the server closed the connection in the middle of an answer")
        return data

    def control(self, method: str, path: str, document: Any = None) -> Any:
        """Make a control call that must succeed; ``path`` is below the control root."""
        body = b"" if document is None else json.dumps(document).encode()
        status, answer = self.ask(request(method, CONTROL + path, body))
        if status >= 300:
            raise OSError(f"{method} {path} was answered {status}: {answer[:300]!r}")
        return json.loads(answer) if answer else None


def _length(head: bytes) -> int:
    lowered = head.lower()
    at = lowered.find(b"\r\ncontent-length:")
    return int(lowered[at + 17 :].split(b"\r\n", 1)[0]) if at >= 0 else 0


def open_events(port: int, path: str) -> socket.socket:
    """Return a connection on which a feed of events begins; ``path`` is below the control root."""
    opened = socket.create_connection(("127.0.0.1", port), timeout=60)
    opened.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    opened.sendall(
        f"GET {CONTROL}{path} HTTP/1.1\r\nHost: localhost\r\nConnection: Upgrade\r\n"
        "Upgrade: websocket\r\nSec-WebSocket-Version: 13\r\n"
        "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n".encode()
    )
    head = b""
    while not head.endswith(b"\r\n\r\n"):
        byte = opened.recv(1)
        if not byte:
            raise OSError("the server closed the connection in the opening handshake")
        head += byte
    if not head.startswith(b"HTTP/1.1 101 "):
        raise OSError(f"no feed of events was opened: {head[:300]!r}")
    return opened


class Feed:
    """A reader of events that reads one message after the other (RFC 6455, section 5)."""

    def __init__(self, port: int, path: str) -> None:
        self._socket = open_events(port, path)
        self._received = b""

    def __enter__(self) -> Feed:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        self._socket.close()

    def next_event(self) -> str:
        """Wait for the next message and return the name of its event."""
        size = self._take(2)[1]
        if size > 125:
            size = int.from_bytes(self._take(2 if size == 126 else 8), "big")
        name: str = json.loads(self._take(size))["event"]
        return name

    def say(self, text: str) -> None:
        """Send a message, masked by zeros, which leave it as it is."""
        data = text.encode()
        head = b"\x81\xfe" + len(data).to_bytes(2, "big")
        if len(data) < 126:
            head = b"\x81" + bytes([0x80 | len(data)])
        self._socket.sendall(head + bytes(4) + data)

    def _take(self, count: int) -> bytes:
        while len(self._received) < count:
            data = self._socket.recv(_CHUNK)
            if not data:
                raise OSError("the server closed a feed of events")
            self._received += data
        taken, self._received = self._received[:count], self._received[count:]
        return taken


class Burst:
    """One connection, many requests at once; answers are counted, not read."""

    def __init__(self, port: int) -> None:
        self.socket = socket.create_connection(("127.0.0.1", port), timeout=60)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.answered = 0
        self._tail = b""

    def close(self) -> None:
        self.socket.close()

    def take(self, data: bytes) -> None:
        """Count the answers that begin in ``data``, which came next."""
        found = self._tail + data
        self.answered += found.count(_MARK)
        self._tail = found[1 - len(_MARK) :]

    def ask(self, requests: Sequence[bytes]) -> None:
        """Send ``requests`` in one piece and wait for as many answers."""
        wanted = self.answered + len(requests)
        self.socket.sendall(b"".join(requests))
        while self.answered < wanted:
            data = self.socket.recv(_CHUNK)
            if not data:
                raise OSError("the server closed a connection")
            self.take(data)


def fill(port: int, requests: Iterator[bytes], count: int, connections: int = 16) -> None:
    """Send ``count`` requests, 32 at once on each of some connections in turn."""
    bursts = [Burst(port) for _ in range(connections)]
    left = count
    while left:
        for burst in bursts:
            batch = [next(requests) for _ in range(min(32, left))]
            burst.ask(batch)
            left -= len(batch)
    for burst in bursts:
        burst.close()
