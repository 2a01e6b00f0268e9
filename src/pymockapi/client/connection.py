"""One connection of the client: a plain socket that blocks the calling thread, until a deadline.

The sockets are the interpreter's own (``_socket``), not ``socket.socket``: libraries that
block or record HTTP in tests replace the latter, and the control API must stay reachable
under them. Its twin for asyncio is ``client/aio/connection.py``.
"""

from __future__ import annotations

import _socket
import os
import struct
from collections.abc import Callable
from contextlib import suppress
from typing import Final, Self

from pymockapi.client.greenlets import let_others_run
from pymockapi.client.real_time import monotonic, sleep

RESET: Final = struct.pack("hh" if os.name == "nt" else "ii", 1, 0)  # "linger", for no time
_RECEIVE_BYTES: Final = 65_536
Open = Callable[[str, int, float], "Connection"]
"""What connects to a port of a host, until a deadline."""


class Connection:
    """An open connection; each method ends by ``deadline`` (``real_time``) or ``TimeoutError``."""

    __slots__ = ("_socket",)

    def __init__(self, connected: _socket.socket) -> None:
        self._socket = connected

    @classmethod
    def open(cls, host: str, port: int, deadline: float) -> Self:
        """Connect to the first address of the host that answers. Raises ``OSError``."""
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
                return cls(connection)
        raise failure

    def send(self, request: bytes, deadline: float) -> bool:
        """Return whether all was sent; if not, an early refusal (413) may still be there."""
        self._socket.settimeout(_left(deadline))
        try:
            self._socket.sendall(request)
        except ConnectionError:
            return False
        return True

    def receive(self, deadline: float) -> bytes:
        let_others_run(self._socket.fileno(), _left(deadline))
        self._socket.settimeout(_left(deadline))
        return self._socket.recv(_RECEIVE_BYTES)

    def receive_more(self, deadline: float) -> bytes:
        """As ``receive``; what comes while it is given up is there the next time."""
        return Connection.receive(self, deadline)

    def is_open(self) -> bool:
        """Return whether an idle connection is silent: closed, or with bytes unasked for, no."""
        self._socket.setblocking(False)
        try:
            self._socket.recv(1, _socket.MSG_PEEK)
        except BlockingIOError:
            return True
        except OSError:
            return False
        return False

    def close(self) -> None:
        self._socket.close()

    def abort(self) -> None:
        """Close it by a reset: the server knows at once that nobody waits for its answer.

        A socket that is only closed looks to it like one whose client has said all that it had to.
        """
        with suppress(OSError):
            self._socket.setsockopt(_socket.SOL_SOCKET, _socket.SO_LINGER, RESET)
        self._socket.close()


def pause(seconds: float) -> None:
    sleep(seconds)


def _left(deadline: float) -> float:
    left = deadline - monotonic()
    if left <= 0:
        raise TimeoutError
    return left
