# Made from aio/transport.py by tests/client_twins.py: change that, then run 'make client'.
"""Control calls over kept connections, shared by threads through a pool: limits, repeats, errors.

Knows bytes, not rows; HTTP/1.1 as RFC 9112. No proxy variable is read. Sockets are opened and
waited for by ``connection``.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from functools import partial
from importlib import import_module
from threading import Lock
from typing import Final

from pymockapi.client.address import read_address
from pymockapi.client.answer import Answer, BadAnswer, read_answer
from pymockapi.client.connection import Connection, Open
from pymockapi.client.errors import MockServerError
from pymockapi.client.real_time import monotonic

MAX_IDLE: Final = 8  # connections kept for the next call; more threads open their own


class Unsent(ConnectionError):
    """The connection was closed before all of the request was sent: it cannot have had effect."""


class Transport:
    """Sends requests to the server at ``url``; safe to share by threads and forks.

    ``prefix`` is the path of that URL: what stands before every target.

    ``timeout_s`` bounds one call from connecting to the last byte of its answer. A call that
    finds its kept connection closed is sent once more on a new one: always if the connection
    was closed before the request was sent, else only if ``repeatable`` and if no byte of the
    answer was read. ``diagnose`` may add what is known about the server to an error. At
    ``https://`` the server's certificate must be signed by the CA in the file ``ca_file``, or by one
    that the system trusts.
    """

    def __init__(
        self,
        url: str,
        timeout_s: float,
        diagnose: Callable[[], str] | None = None,
        ca_file: str | None = None,
    ) -> None:
        address = read_address(url)
        self.url = address.url
        self.authority = address.authority
        self.prefix = address.prefix
        self.timeout_s = timeout_s
        self._address = (address.host, address.port)
        self._open: Open = Connection.open
        if address.scheme == "https":
            self._open = import_module("pymockapi.client.tls").opener(ca_file)
        self._diagnose = diagnose
        self._idle: list[Connection] = []
        self._lock = Lock()
        self._process = os.getpid()

    def send(self, request: bytes, *, repeatable: bool, waits_s: float = 0.0) -> Answer:
        """Send one encoded request and return its answer. Raises ``MockServerError``.

        ``waits_s`` is added to ``timeout_s``.
        """
        timeout_s = self.timeout_s + waits_s
        deadline = monotonic() + timeout_s
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
            connection = self._open(*self._address, deadline)
            return self._exchange(connection, request, deadline)
        except TimeoutError as error:
            raise self._error(f"No answer from the mock server at {self.url} within"
                              f" {timeout_s:g} s") from error  # fmt: skip
        except BadAnswer as error:
            raise self._error(f"The answer of the mock server at {self.url} broke off or is no"
                              f" HTTP/1.1: {error}") from error  # fmt: skip
        except OSError as error:
            raise self._error(f"No mock server can be reached at {self.url}: {error}") from error

    def connect(self, deadline: float) -> Connection:
        """Return a connection of its own. Raises ``MockServerError``."""
        try:
            return self._open(*self._address, deadline)
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

    def _exchange(self, connection: Connection, request: bytes, deadline: float) -> Answer:
        answer = None
        is_sent = False
        try:
            is_sent = connection.send(request, deadline)
            try:
                answer = read_answer(partial(connection.receive, deadline))
            except BadAnswer as error:
                if is_sent or error.received:
                    raise
                raise Unsent("it closed the connection before the call was sent") from error
            return answer
        finally:
            if answer is None:
                connection.abort()
            elif is_sent and answer.reusable:
                self._give_back(connection)
            else:
                connection.close()

    def _take(self) -> Connection | None:
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
            if connection.is_open():
                return connection
            connection.close()

    def _give_back(self, connection: Connection) -> None:
        with self._lock:
            if len(self._idle) < MAX_IDLE and self._process == os.getpid():
                self._idle.append(connection)
                return
        connection.close()

    def _error(self, sentence: str) -> MockServerError:
        known = self._diagnose() if self._diagnose is not None else ""
        return MockServerError(f"{sentence}. {known}" if known else f"{sentence}.")
