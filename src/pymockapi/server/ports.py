"""Ports that namespaces have for themselves: opened before their namespace begins, closed with it.

All connections count as the server's own, through one edge. The control API is on none of them.
"""

from __future__ import annotations

import asyncio
import errno
from collections.abc import Callable, Iterable
from typing import Final

from pymockapi.model.errors import LimitReached
from pymockapi.model.event import Event, EventKind
from pymockapi.server.application_port import Application
from pymockapi.server.edge import Edge
from pymockapi.server.listener import Listener, listen
from pymockapi.server.routing import PortRouting
from pymockapi.service.ports import PortUnavailable

ENDS: Final = frozenset(
    {EventKind.NAMESPACE_FINISHED, EventKind.NAMESPACE_EXPIRED, EventKind.NAMESPACE_DELETED}
)
GRACE_S: Final = 1.0  # for what is not of the namespace any more: a request half read


class NamespacePort:
    """See ``OwnPort``. While ``is_passing`` it outlives its owner, for the next of that name."""

    def __init__(self, ports: NamespacePorts, name: str, routing: PortRouting, listener: Listener):
        self._ports = ports
        self._routing = routing
        self.name = name
        self.listener = listener
        self.is_passing = True

    @property
    def number(self) -> int:
        return self.listener.port

    @property
    def owner(self) -> str | None:
        return self._routing.owner

    def give(self, identity: str) -> None:
        self._routing.owner = identity
        self.is_passing = False

    def settle(self) -> None:
        if self.is_passing:
            self.is_passing = False
            if self.owner is None:
                self._ports.close(self)

    def leave(self) -> None:
        """The owner has ended."""
        self._routing.owner = None
        if not self.is_passing:
            self._ports.close(self)


class NamespacePorts:
    """See ``Ports``: those of one server, at most ``limit``, on ``host`` as the server itself.

    ``served`` makes the application of a port; ``reserved`` are the server's own ports.
    """

    def __init__(
        self,
        host: str,
        limit: int,
        reserved: Callable[[], Iterable[int]],
        served: Callable[[str], tuple[Application, PortRouting]],
        url: Callable[[int], str],
    ) -> None:
        self._host = host
        self._limit = limit
        self._reserved = reserved
        self._served = served
        self._open: dict[int, NamespacePort] = {}
        self._opening: list[tuple[int, str]] = []  # numbers and who is to have them
        self._closing: set[asyncio.Task[None]] = set()
        self.edge: Edge | None = None  # there once the server starts
        self.url = url

    async def open(self, number: int, name: str) -> NamespacePort:
        held = self._open.get(number)
        if held is not None:
            return self._passed_on(held, name)
        self._check(number, name)
        opening = (number, name)
        self._opening.append(opening)
        try:
            port = await self._listen(number, name)
        except OSError as error:
            raise PortUnavailable(number, name, _why(error, self._host)) from error
        finally:
            self._opening.remove(opening)
        self._open[port.number] = port
        return port

    def _check(self, number: int, name: str) -> None:
        """Raise what can be told before it is tried; those that are being opened count."""
        if number in self._reserved():
            raise PortUnavailable(number, name, "it is one of the server's own")
        for other, whose in self._opening:
            if number and number == other:
                raise PortUnavailable(number, name, f"namespace '{whose}' is about to have it")
        if len(self._open) + len(self._opening) >= self._limit:
            raise LimitReached(
                "server.limits.ports", self._limit, "No more namespaces can have ports of their own"
            )

    def _passed_on(self, held: NamespacePort, name: str) -> NamespacePort:
        if held.name != name or held.is_passing:
            raise PortUnavailable(held.number, name, f"it is the port of namespace '{held.name}'")
        held.is_passing = True
        return held

    async def _listen(self, number: int, name: str) -> NamespacePort:
        assert self.edge is not None
        application, routing = self._served(name)
        listener = await listen(self.edge, application, self._host, number)
        return NamespacePort(self, name, routing, listener)

    def follow(self, event: Event) -> None:
        """Close what belongs to a namespace that ends, in the same turn."""
        if event.kind in ENDS:
            for port in [port for port in self._open.values() if port.owner == event.namespace]:
                port.leave()

    def close(self, port: NamespacePort) -> None:
        """Refuse new connections at once, and let go of the others."""
        del self._open[port.number]
        port.listener.close()
        task = asyncio.get_running_loop().create_task(port.listener.stop(GRACE_S))
        self._closing.add(task)
        task.add_done_callback(self._closing.discard)

    async def stop(self, grace_s: float) -> None:
        """Answer what has begun on every port, for at most ``grace_s``; then close."""
        ports, self._open = list(self._open.values()), {}
        await asyncio.gather(*(port.listener.stop(grace_s) for port in ports), *self._closing)


def _why(error: OSError, host: str) -> str:
    if error.errno == errno.EADDRINUSE:
        return f"another program uses it on {host}"
    if error.errno == errno.EACCES:
        return "the server's user may not listen there, as on others below 1024"
    return f"{host} cannot be listened on there ({error.strerror or error})"
