"""Sending a request on a connection of its own, and waiting until its answer has ended."""

from __future__ import annotations

import socket
import ssl
from collections.abc import Callable
from http.client import HTTPException, HTTPResponse
from urllib.parse import urlsplit

import msgspec


class Ending(msgspec.Struct, frozen=True):
    """How an answer ended: its ``status``, ``None`` if there was none, and how it broke, if it did."""

    status: int | None = None
    broke: str | None = None
    is_late: bool = False


class Sender:
    """Sends to the server at ``url``; an answer has ``timeout_s`` for each of its pieces."""

    def __init__(self, url: str, timeout_s: float) -> None:
        parts = urlsplit(url)
        self._host = parts.hostname or ""
        self._port = parts.port or (443 if parts.scheme == "https" else 80)
        self._is_tls = parts.scheme == "https"
        self._timeout_s = timeout_s

    def send(self, request: bytes, method: str) -> Ending:
        """Send ``request`` and read its answer to the end. Raises ``OSError`` without a server."""
        with self._connected() as connection:
            return self._answer(connection, request, method)

    def leave(self, request: bytes, until: Callable[[], None]) -> Ending:
        """Send ``request`` and go once ``until`` returns: nobody waits for its answer."""
        with self._connected() as connection:
            connection.sendall(request)
            until()
        return Ending()

    def _connected(self) -> socket.socket:
        connection = socket.create_connection((self._host, self._port), self._timeout_s)
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        if not self._is_tls:
            return connection
        context = ssl.create_default_context()
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE  # the server is ours, or its user's
        return context.wrap_socket(connection)

    def _answer(self, connection: socket.socket, request: bytes, method: str) -> Ending:
        try:
            connection.sendall(request)
            answer = HTTPResponse(connection, method=method)
            answer.begin()
        except TimeoutError:
            return Ending(is_late=True)
        except (OSError, HTTPException) as error:
            return Ending(broke=type(error).__name__)
        try:
            answer.read()
        except TimeoutError:
            return Ending(answer.status, is_late=True)
        except (OSError, HTTPException) as error:
            return Ending(answer.status, type(error).__name__)
        finally:
            answer.close()
        return Ending(answer.status)
