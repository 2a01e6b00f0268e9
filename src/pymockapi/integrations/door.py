"""How the workers of a test run find its one server: they ask the process that started them.

The door answers each caller that knows its secret with a line of JSON. Both sides have the
interpreter's own sockets, as the client does: what blocks or records sockets in tests must not keep
a worker from its server, nor must a default timeout end the door.
"""

from __future__ import annotations

import _socket
import json
import secrets
from collections.abc import Callable
from contextlib import suppress
from threading import Thread
from typing import Any, Final

ASK_TIMEOUT_S: Final = 60.0  # the first to ask waits for the start of the server
READ_TIMEOUT_S: Final = 5.0
_MOST_BYTES: Final = 65_536

Answer = dict[str, Any]


class Door:
    """Listens on a free port of this machine until ``close``; ``answer`` may take its time."""

    def __init__(self, answer: Callable[[], Answer]) -> None:
        self._answer = answer
        self._listener = _socket.socket(_socket.AF_INET, _socket.SOCK_STREAM)
        self._listener.settimeout(None)
        self._listener.bind(("127.0.0.1", 0))
        self._listener.listen(128)
        self._is_closed = False
        self.port: int = self._listener.getsockname()[1]
        self.secret = secrets.token_urlsafe(16)
        self._thread = Thread(target=self._serve, name="pymockapi-door", daemon=True)
        self._thread.start()

    def close(self) -> None:
        """Answer nobody any more. Idempotent."""
        if self._is_closed:
            return
        self._is_closed = True
        with suppress(OSError):
            _connected(self.port, READ_TIMEOUT_S).close()  # so that it looks up
        self._thread.join()
        self._listener.close()

    def _serve(self) -> None:
        while True:
            descriptor, _ = self._listener._accept()  # type: ignore[attr-defined]
            connection = _socket.socket(fileno=descriptor)
            if self._is_closed:
                connection.close()
                return
            try:
                connection.settimeout(READ_TIMEOUT_S)
                if _read_line(connection).decode("utf-8", "replace") == self.secret:
                    connection.sendall(json.dumps(self._answer()).encode() + b"\n")
            except OSError:
                pass  # the caller has gone, or never said a word
            finally:
                connection.close()


def ask(port: int, secret: str) -> Answer:
    """Return the answer of the door at ``port``. Raises ``OSError`` if there is none."""
    line = _call(port, secret.encode() + b"\n", ASK_TIMEOUT_S)
    if not line:
        raise ConnectionError("it does not know us")
    answer: Answer = json.loads(line)
    return answer


def _call(port: int, line: bytes, timeout_s: float) -> bytes:
    connection = _connected(port, timeout_s)
    try:
        connection.sendall(line)
        return _read_line(connection)
    finally:
        connection.close()


def _connected(port: int, timeout_s: float) -> _socket.socket:
    connection = _socket.socket(_socket.AF_INET, _socket.SOCK_STREAM)
    try:
        connection.settimeout(timeout_s)
        connection.connect(("127.0.0.1", port))
    except BaseException:
        connection.close()
        raise
    return connection


def _read_line(connection: _socket.socket) -> bytes:
    line = b""
    while not line.endswith(b"\n") and len(line) < _MOST_BYTES:
        part = connection.recv(4096)
        if not part:
            break
        line += part
    return line.strip()
