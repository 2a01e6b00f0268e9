"""Control calls over plain sockets: keep-alive connections, shared by threads through a pool.

The sockets are the interpreter's own (``_socket``), not ``socket.socket``: libraries that
block or record HTTP in tests replace the latter, and the control API must stay reachable
under them. No proxy variable is read. Knows bytes, not rows; HTTP/1.1 as RFC 9112.
"""

from __future__ import annotations

import _socket
import os
from collections.abc import Callable
from threading import Lock
from time import monotonic
from typing import Final
from urllib.parse import urlsplit

from pymockapi.client.answer import Answer, BadAnswer, read_answer
from pymockapi.client.errors import MockServerError

MAX_IDLE: Final = 8  # connections kept for the next call; more threads open their own
_RECEIVE_BYTES: Final = 65_536


class Unsent(ConnectionError):
    """The connection was closed before all of the request was sent: it cannot have had effect."""


class Transport:
    """Sends requests to the server at ``url``; safe to share between threads and forks.

    ``timeout_s`` bounds one call from connecting to the last byte of its answer. A call that
    finds its kept connection closed is sent once more on a new one: always if the connection
    was closed before the request was sent, else only if ``repeatable`` and if no byte of the
    answer was read. ``diagnose`` may add what is known about the server to an error.
    """

    def __init__(
        self, url: str, timeout_s: float, diagnose: Callable[[], str] | None = None
    ) -> None:
        parts = urlsplit(url)
        if parts.scheme != "http" or not parts.hostname:
            raise MockServerError(
                f"'{url}' is no URL of a mock server; one looks like http://127.0.0.1:8080"
            )
        self.url = f"http://{parts.netloc}"
        self.authority = parts.netloc
        self.timeout_s = timeout_s
        self._address = (parts.hostname, parts.port or 80)
        self._diagnose = diagnose
        self._idle: list[_socket.socket] = []
        self._lock = Lock()
        self._process = os.getpid()

    def send(self, request: bytes, *, repeatable: bool) -> Answer:
        """Send one encoded request and return its answer. Raises ``MockServerError``."""
        deadline = monotonic() + self.timeout_s
        try:
            kept = self._take()
            if kept is not None:
                try:
                    return self._exchange(kept, request, deadline)
                except Unsent:
                    pass
                except BadAnswer as error:
                    if error.received or not repeatable:
                        raise
            return self._exchange(self._connect(deadline), request, deadline)
        except TimeoutError as error:
            raise self._error(f"No answer from the mock server at {self.url} within"
                              f" {self.timeout_s:g} s") from error  # fmt: skip
        except BadAnswer as error:
            raise self._error(f"The answer of the mock server at {self.url} broke off or is no"
                              f" HTTP/1.1: {error}") from error  # fmt: skip
        except OSError as error:
            raise self._error(f"No mock server can be reached at {self.url}: {error}") from error

    def close(self) -> None:
        """Close the idle connections; a later call opens a new one."""
        with self._lock:
            idle, self._idle = self._idle, []
        for connection in idle:
            connection.close()

    def __del__(self) -> None:
        """Close what a handle that nobody stopped has kept; idle connections are no leak."""
        for connection in getattr(self, "_idle", ()):
            connection.close()

    def _exchange(self, connection: _socket.socket, request: bytes, deadline: float) -> Answer:
        reusable = False
        try:
            is_sent = _send(connection, request, deadline)
            try:
                answer = read_answer(lambda: _receive(connection, deadline))
            except BadAnswer as error:
                if is_sent or error.received:
                    raise
                raise Unsent("it closed the connection before the call was sent") from error
            reusable = is_sent and answer.reusable
            return answer
        finally:
            if reusable:
                self._give_back(connection)
            else:
                connection.close()

    def _take(self) -> _socket.socket | None:
        """Return an idle connection that the server has left open, if there is one."""
        with self._lock:
            if self._process != os.getpid():  # forked: the sockets are the parent's
                self._process = os.getpid()
                self._idle = []
        while True:
            with self._lock:
                if not self._idle:
                    return None
                connection = self._idle.pop()
            if _is_open(connection):
                return connection
            connection.close()

    def _give_back(self, connection: _socket.socket) -> None:
        with self._lock:
            if len(self._idle) < MAX_IDLE and self._process == os.getpid():
                self._idle.append(connection)
                return
        connection.close()

    def _connect(self, deadline: float) -> _socket.socket:
        """Connect to the first address of the host that answers."""
        host, port = self._address
        failure: OSError = OSError(f"no address for '{host}'")
        addresses = _socket.getaddrinfo(host, port, 0, _socket.SOCK_STREAM)
        for family, kind, protocol, _, address in addresses:
            connection = _socket.socket(family, kind, protocol)
            try:
                connection.settimeout(_left(deadline))
                connection.connect(address)
                connection.setsockopt(_socket.IPPROTO_TCP, _socket.TCP_NODELAY, 1)
            except OSError as error:
                connection.close()
                failure = error
            else:
                return connection
        raise failure

    def _error(self, sentence: str) -> MockServerError:
        known = self._diagnose() if self._diagnose is not None else ""
        return MockServerError(f"{sentence}. {known}" if known else f"{sentence}.")


def _left(deadline: float) -> float:
    left = deadline - monotonic()
    if left <= 0:
        raise TimeoutError
    return left


def _send(connection: _socket.socket, request: bytes, deadline: float) -> bool:
    """Return whether all was sent; if not, an early refusal (413) may still be there to read."""
    connection.settimeout(_left(deadline))
    try:
        connection.sendall(request)
    except ConnectionError:
        return False
    return True


def _receive(connection: _socket.socket, deadline: float) -> bytes:
    connection.settimeout(_left(deadline))
    return connection.recv(_RECEIVE_BYTES)


def _is_open(connection: _socket.socket) -> bool:
    """Return whether an idle connection is silent: closed, or with bytes nobody asked for, no."""
    connection.setblocking(False)
    try:
        connection.recv(1, _socket.MSG_PEEK)
    except BlockingIOError:
        return True
    except OSError:
        return False
    return False
