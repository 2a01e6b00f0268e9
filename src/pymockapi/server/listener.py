"""A listening socket and the connections that came from it: listen, cancel, stop."""

from __future__ import annotations

import asyncio
from typing import Final

from pymockapi.server.application_port import Application
from pymockapi.server.connection import Connection
from pymockapi.server.edge import Edge
from pymockapi.server.limits import EdgeLimits

_BACKLOG: Final = 2048  # a suite's workers all connect at once


class Listener:
    """An open port; ``host`` and ``port`` are what it is bound to."""

    def __init__(self, edge: Edge, server: asyncio.AbstractServer, host: str, port: int) -> None:
        self._edge = edge
        self._server = server
        self.host = host
        self.port = port

    @property
    def open_connections(self) -> int:
        return len(self._edge.connections)

    def cancel(self, owner: str) -> None:
        """Close, unanswered, every connection where an answer of ``owner`` waits.

        The application is told ``ABORTED`` for each of their answers before this returns.
        """
        self._edge.cancel(owner)

    async def stop(self, grace_s: float = 5.0) -> None:
        """Stop accepting and close: idle connections now, others after what they have begun.

        The answers that still leave say ``Connection: close``. What has not left after
        ``grace_s`` seconds is aborted.
        """
        self._server.close()
        await self._edge.drain(grace_s)
        await self._server.wait_closed()


async def listen(
    application: Application, host: str, port: int, limits: EdgeLimits | None = None
) -> Listener:
    """Bind ``host`` and ``port`` (0: a free one) and serve ``application`` there.

    The event loop sets TCP_NODELAY on every connection, and SO_REUSEADDR on the port where that
    does not let two servers share it. Raises ``OSError`` when the port cannot be had.
    """
    edge = Edge(application, limits or EdgeLimits())
    loop = asyncio.get_running_loop()
    try:
        server = await loop.create_server(lambda: Connection(edge), host, port, backlog=_BACKLOG)
    except OSError:
        edge.close()
        raise
    bound = server.sockets[0].getsockname()
    return Listener(edge, server, bound[0], bound[1])
