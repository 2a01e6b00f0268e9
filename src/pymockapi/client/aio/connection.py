"""One connection of the async client: a plain socket that the running asyncio loop waits for.

The twin of ``client/connection.py``: the interpreter's own sockets, which no HTTP-mocking
library replaces. Belongs to no loop between calls, so one handle serves several loops in turn.
"""

from __future__ import annotations

import _socket
import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress
from typing import Final, Self

from pymockapi.client.aio.limit import until
from pymockapi.client.connection import RESET
from pymockapi.client.errors import MockServerError
from pymockapi.client.real_time import monotonic

_RECEIVE_BYTES: Final = 65_536
Open = Callable[[str, int, float], Awaitable["AsyncConnection"]]
"""What connects to a port of a host, until a deadline."""
Address = tuple[int, int, int, object]


class AsyncConnection:
    """An open connection; each method ends by ``deadline`` (``real_time``) or ``TimeoutError``."""

    __slots__ = ("_reading", "_socket")

    def __init__(self, connected: _socket.socket) -> None:
        self._socket = connected
        self._reading: asyncio.Task[bytes] | None = None

    @classmethod
    async def open(cls, host: str, port: int, deadline: float) -> Self:
        """Connect to the first address of the host that answers. Raises ``OSError``."""
        loop = running_loop()
        failure: OSError = OSError(f"no address for '{host}'")
        for family, kind, protocol, address in await _addresses(host, port, deadline):
            connection = _socket.socket(family, kind, protocol)
            try:
                connection.setblocking(False)
                async with until(deadline):
                    await loop.sock_connect(connection, address)  # type: ignore[arg-type]
                connection.setsockopt(_socket.IPPROTO_TCP, _socket.TCP_NODELAY, 1)
            except OSError as error:
                connection.close()
                failure = error
            except BaseException:
                connection.close()
                raise
            else:
                return cls(connection)
        raise failure

    async def send(self, request: bytes, deadline: float) -> bool:
        """Return whether all was sent; if not, an early refusal (413) may still be there."""
        try:
            async with until(deadline):
                await running_loop().sock_sendall(self._socket, request)  # type: ignore[arg-type]
        except ConnectionError:
            return False
        return True

    async def receive(self, deadline: float) -> bytes:
        async with until(deadline):
            return await running_loop().sock_recv(self._socket, _RECEIVE_BYTES)  # type: ignore[arg-type]

    async def receive_more(self, deadline: float) -> bytes:
        """As ``receive``; what comes while it is given up is there the next time.

        A read that is cancelled may have taken bytes off the socket, so it is left to go on.
        """
        if self._reading is None or self._reading.cancelled():  # by the end of its loop
            self._reading = asyncio.ensure_future(self._read())
        if not self._reading.done():
            with suppress(TimeoutError):
                async with until(deadline):
                    await asyncio.wait({self._reading})
        if not self._reading.done():
            raise TimeoutError
        reading, self._reading = self._reading, None
        return reading.result()

    async def _read(self) -> bytes:
        return await running_loop().sock_recv(self._socket, _RECEIVE_BYTES)  # type: ignore[arg-type]

    def is_open(self) -> bool:
        """Return whether an idle connection is silent: closed, or with bytes unasked for, no."""
        try:
            self._socket.recv(1, _socket.MSG_PEEK)
        except BlockingIOError:
            return True
        except OSError:
            return False
        return False

    def close(self) -> None:
        """Close it; where it is still read, once the loop has let go of the socket."""
        reading, self._reading = self._reading, None
        if reading is None or reading.done() or reading.get_loop().is_closed():
            self._socket.close()
        else:
            reading.add_done_callback(lambda _: self._socket.close())
            reading.cancel()

    def abort(self) -> None:
        """Close it by a reset: the server knows at once that nobody waits for its answer.

        A socket that is only closed looks to it like one whose client has said all that it had to.
        """
        with suppress(OSError):
            self._socket.setsockopt(_socket.SOL_SOCKET, _socket.SO_LINGER, RESET)
        self._socket.close()


async def pause(seconds: float) -> None:
    """Let the task wait; by no ``asyncio.sleep``, which a test may have replaced."""
    with suppress(TimeoutError):
        async with until(monotonic() + seconds):
            await running_loop().create_future()


def running_loop() -> asyncio.AbstractEventLoop:
    """Return the running loop. Raises ``MockServerError`` without one, as under trio."""
    try:
        return asyncio.get_running_loop()
    except RuntimeError:
        raise MockServerError(
            "The async client needs a running asyncio event loop (asyncio.run, anyio's asyncio"
            " backend, uvloop), and there is none here. It does not run on trio; MockServer, the"
            " sync client, runs anywhere, there in a thread: trio.to_thread.run_sync."
        ) from None


async def _addresses(host: str, port: int, deadline: float) -> list[Address]:
    """Return what ``host`` stands for; a name is looked up in a thread, since that may wait."""
    try:
        found = _look_up(host, port, _socket.AI_NUMERICHOST)
    except OSError:
        async with until(deadline):
            found = await asyncio.to_thread(_look_up, host, port, 0)
    return found


def _look_up(host: str, port: int, flags: int) -> list[Address]:
    found = _socket.getaddrinfo(host, port, 0, _socket.SOCK_STREAM, 0, flags)
    return [(family, kind, protocol, address) for family, kind, protocol, _, address in found]


def _until(deadline: float) -> asyncio.Timeout:
    return asyncio.timeout(max(0.0, deadline - monotonic()))
