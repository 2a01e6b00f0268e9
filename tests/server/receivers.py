"""A receiver of callbacks: a plain socket server that keeps what comes and answers as it is told."""

from __future__ import annotations

import queue
import socket
import ssl
import threading
from dataclasses import dataclass
from typing import Final, Self

LIMIT_S: Final = 20.0
OK: Final = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"
SILENCE: Final = b""  # the connection stays open, nothing is said


def status(code: int, body: bytes = b"") -> bytes:
    return b"HTTP/1.1 %d X\r\nContent-Length: %d\r\n\r\n%b" % (code, len(body), body)


@dataclass(frozen=True)
class Received:
    line: str
    headers: dict[str, str]
    body: bytes


class Receiver:
    """Answers each request with the next of ``answers``, the last one for ever."""

    def __init__(self, *answers: bytes, tls: ssl.SSLContext | None = None) -> None:
        self._answers = list(answers) or [OK]
        self._tls = tls
        self._came: queue.Queue[Received] = queue.Queue()
        self._socket = socket.create_server(("127.0.0.1", 0))
        self._open: list[socket.socket] = []
        self.port: int = self._socket.getsockname()[1]
        scheme = "http" if tls is None else "https"
        self.url = f"{scheme}://127.0.0.1:{self.port}"
        threading.Thread(target=self._serve, daemon=True).start()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._socket.close()
        for line in self._open:
            line.close()

    def next(self) -> Received:
        """Return the next request, once it has come."""
        return self._came.get(timeout=LIMIT_S)

    @property
    def is_idle(self) -> bool:
        """Whether nothing has come that was not asked for."""
        return self._came.empty()

    def _serve(self) -> None:
        while True:
            try:
                line, _ = self._socket.accept()
            except OSError:
                return
            self._open.append(line)
            threading.Thread(target=self._answer, args=(line,), daemon=True).start()

    def _answer(self, line: socket.socket) -> None:
        try:
            if self._tls is not None:
                line = self._tls.wrap_socket(line, server_side=True)
                self._open.append(line)
            received = _read(line)
            answer = self._answers.pop(0) if len(self._answers) > 1 else self._answers[0]
            self._came.put(received)
            if answer:
                line.sendall(answer)
                line.close()
        except OSError:
            line.close()


def _read(line: socket.socket) -> Received:
    data = b""
    while b"\r\n\r\n" not in data:
        piece = line.recv(65_536)
        if not piece:
            raise OSError("no whole head")
        data += piece
    head, _, body = data.partition(b"\r\n\r\n")
    first, *lines = head.decode().split("\r\n")
    headers = {
        name.lower(): value.strip() for name, _, value in (each.partition(":") for each in lines)
    }
    while len(body) < int(headers.get("content-length", "0")):
        body += line.recv(65_536)
    return Received(first, headers, body)
