"""A listening socket and the connections that came through it: listen, stop."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import Callable
from functools import partial
from typing import Final

from pymockapi.server.application_port import Application
from pymockapi.server.connection import Connection
from pymockapi.server.edge import Door, Edge
from pymockapi.server.handshakes import Handshakes
from pymockapi.server.tls_stream import TlsStream

_BACKLOG: Final = 2048  # a suite's workers all connect at once


class Listener:
    """An open port; ``host`` and ``port`` are what it is bound to."""

    def __init__(self, door: Door, server: asyncio.AbstractServer, host: str, port: int) -> None:
        self._door = door
        self._server = server
        self.host = host
        self.port = port

    @property
    def open_connections(self) -> int:
        return len(self._door.connections)

    def close(self) -> None:
        """Stop accepting; the port is free at once. ``stop`` must follow."""
        self._server.close()

    async def stop(self, grace_s: float = 5.0) -> None:
        """Stop accepting and close: idle connections now, others after what they have begun.

        The answers that still leave say ``Connection: close``. What has not left after
        ``grace_s`` seconds is aborted.
        """
        self._server.close()
        await self._door.drain(grace_s)
        await self._server.wait_closed()


async def listen(
    edge: Edge, application: Application, host: str, port: int, tls: ssl.SSLContext | None = None
) -> Listener:
    """Bind ``host`` and ``port`` (0: a free one) and serve ``application`` there, for ``edge``.

    With ``tls`` its connections are HTTPS. The event loop sets TCP_NODELAY on every connection, and SO_REUSEADDR on the port where that
    does not let two servers share it. Raises ``OSError`` when the port cannot be had.
    """
    door = Door(edge, application, "http" if tls is None else "https")
    loop = asyncio.get_running_loop()
    accept: Callable[[], asyncio.Protocol] = (
        partial(Connection, door) if tls is None else partial(TlsStream, Handshakes(tls), door)
    )
    server = await loop.create_server(accept, host, port, backlog=_BACKLOG)
    bound = server.sockets[0].getsockname()
    return Listener(door, server, bound[0], bound[1])
