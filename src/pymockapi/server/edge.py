"""What connections share: those of one listener its door, all of them the edge.

A door says whom a connection serves, the edge holds what is counted over the whole server:
limits, bytes, open connections. It also keeps time: one timer looks at every connection's
limits, since a timer of its own for each request would cost more than reading it.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections import deque
from email.utils import formatdate
from typing import Final, Protocol

import msgspec

from pymockapi.model.errors import ControlError
from pymockapi.model.exchange import Phase
from pymockapi.model.request import Request
from pymockapi.server.application_port import Application, Reply
from pymockapi.server.head import Head
from pymockapi.server.limits import EdgeLimits
from pymockapi.server.refusals import Refusal, error_response
from pymockapi.server.rota import Rota

_MAX_KNOWN: Final = 16_384  # heads: with their views 20 MB as most are, 40 MB at worst
_MAX_KNOWN_BYTES: Final = 1024  # of one head
_MAX_SEEN: Final = 65_536
_LOOKED_AT: Final = 1_000  # connections in one turn; 2 us each
_CLOSING_S: Final = 0.001  # of one iteration; closing one takes 0.02 ms, half of it in the next
_SOCKETS_S: Final = 0.001  # of one iteration; a reader of one event takes 0.05 ms
_RELEASED_S: Final = 0.001  # of one iteration; sending an answer takes 0.02 ms
_LOG: Final = logging.getLogger("pymockapi.server")


class Peer(Protocol):
    """One connection, as the edge sees it."""

    def check_time(self, now: float) -> None: ...

    def moved(self) -> None:
        """Waiting answers have left; there may be room for more requests, or nothing to do."""
        ...

    def stop(self) -> None: ...

    def abort(self) -> None: ...


class Debtor(Peer, Protocol):
    """A connection on which answers wait."""

    def owes(self, owner: str) -> bool:
        """Whether an answer of ``owner`` waits here."""
        ...

    def lose(self) -> None:
        """Give up every answer, and whatever may still arrive; ``abort`` closes it."""
        ...


class Known(msgspec.Struct, frozen=True, gc=False):
    """A head that httptools has framed: the whole message is it and a body of ``head.length``.

    ``request`` carries the views that were made of it, with no client and no body.
    """

    head: Head
    keeps: bool
    request: Request


class Edge:
    """``inflight`` are bytes as in ``EdgeLimits.inflight_bytes``; ``waiting`` the connections with
    answers that may not leave yet. ``date_line`` is the ``Date`` line of this second (RFC 9110
    section 6.6.1). One edge serves every listener of a server.
    """

    def __init__(self, limits: EdgeLimits) -> None:
        self.limits = limits
        self.connections: set[Peer] = set()
        self.waiting: set[Debtor] = set()
        self.rota = Rota(lambda: self.loop)  # of connections that bring much
        self.sockets = Rota(
            lambda: self.loop, _SOCKETS_S
        )  # of WebSockets that have something to do
        self.closing = Rota(lambda: self.loop, _CLOSING_S)  # of connections that are given up
        self.released = Rota(lambda: self.loop, _RELEASED_S)  # of gates, and by timers
        self.tasks: set[asyncio.Future[Reply]] = set()
        self.inflight = 0
        self.frames: dict[str, bytes] = {}  # of WebSockets: messages that several are told
        self.accepted = 0  # connections ever, and those of them over the limit
        self.turned_away = 0
        self.is_full = False
        self._oldest: deque[tuple[dict[bytes, Known], bytes]] = deque()  # every door's heads
        self._seen: set[int] = set()
        self.loop = asyncio.get_running_loop()
        self.date_line = b""
        self._looking: list[Peer] = []  # whose time limits are still to be looked at
        self._timer = self._set_tick()

    def has_seen(self, raw: bytes) -> bool:
        """Return whether this head has come before; long ones are never said to.

        A head that comes once (most do, where requests carry ids) costs no more than this.
        """
        if len(raw) > _MAX_KNOWN_BYTES:
            return False
        mark = hash(raw)
        if mark in self._seen:
            return True
        if len(self._seen) >= _MAX_SEEN:
            self._seen.clear()
        self._seen.add(mark)
        return False

    def keep(self, heads: dict[bytes, Known], raw: bytes, known: Known) -> None:
        """Keep in ``heads`` what was made of a head, so that the next one like it is not read again.

        When there is no room the oldest of all doors goes; freeing all at once would hold the
        loop for 35 ms.
        """
        if len(self._oldest) >= _MAX_KNOWN:
            oldest, head = self._oldest.popleft()
            del oldest[head]
        heads[raw] = known
        self._oldest.append((heads, raw))

    def told_full(self) -> None:
        """Count a connection over the limit; log it, once until there is room again."""
        self.turned_away += 1
        if not self.is_full:
            self.is_full = True
            limit = self.limits.connections
            _LOG.warning("%d connections are open, the limit; more are told 503", limit)

    def forget(self, peer: Peer) -> None:
        self.connections.discard(peer)
        self.waiting.discard(peer)
        if len(self.connections) < self.limits.connections:
            self.is_full = False

    def cancel(self, owner: str) -> None:
        """Close, unanswered, every connection where an answer of ``owner`` waits.

        The application is told ``ABORTED`` for each of their answers before this returns; sockets
        are closed in the next turns, since closing thousands in one takes 40 ms.
        """
        for peer in [peer for peer in self.waiting if peer.owes(owner)]:
            peer.lose()
            self.closing.add(peer.abort)

    def abort(self) -> None:
        """Close every connection now, whatever it owes."""
        for peer in list(self.connections):
            peer.abort()

    def close(self) -> None:
        self._timer.cancel()
        self._looking.clear()

    def _tick(self) -> None:
        if not self._looking:
            self._looking = list(self.connections)
            self._look()
        self._timer = self._set_tick()

    def _look(self) -> None:
        """Look at the time limits of some connections, and in a later turn at those that are left."""
        now = time.monotonic()
        for peer in self._looking[-_LOOKED_AT:]:
            peer.check_time(now)
        del self._looking[-_LOOKED_AT:]
        if self._looking:
            self.loop.call_soon(self._look)

    def _set_tick(self) -> asyncio.TimerHandle:
        """Renew the date and set the next tick, at the next second's beginning or before."""
        now = time.time()
        self.date_line = f"Date: {formatdate(int(now), usegmt=True)}\r\n".encode()
        return self.loop.call_later(min(self.limits.tick_s, 1.001 - now % 1), self._tick)


class Door:
    """Whom the connections of one listener serve, and by which ``scheme`` they came.

    ``known`` are the heads that came through it: views and routes made of a head hold for its
    door alone. ``is_stopping`` makes every answer the last of its connection.
    """

    def __init__(self, edge: Edge, application: Application, scheme: str = "http") -> None:
        self.edge = edge
        self.application = application
        self.scheme = scheme
        self.connections: set[Peer] = set()
        self.known: dict[bytes, Known] = {}
        self.is_stopping = False
        self._emptied = asyncio.Event()

    def enter(self, peer: Peer) -> None:
        self.connections.add(peer)
        self.edge.connections.add(peer)
        self.edge.accepted += 1

    def step_aside(self, peer: Peer) -> None:
        """Take ``peer`` off for the one that enters in its place, in the same turn."""
        self.connections.discard(peer)
        self.edge.connections.discard(peer)
        self.edge.accepted -= 1

    def leave(self, peer: Peer) -> None:
        self.connections.discard(peer)
        self.edge.forget(peer)
        if not self.connections:
            self._emptied.set()

    def failure(self, request: Request) -> Reply:
        """Log the error of the application being handled; return the 500 its client is told."""
        _LOG.exception("answering %s %s failed", request.method, request.target)
        return Reply(
            error_response(ControlError("The server failed on this request; see its log."))
        )

    def refuse(self, request: Request, phase: Phase, error: Refusal) -> Reply:
        try:
            return self.application.refuse(request, phase, error)
        except Exception:
            _LOG.exception("recording a refused request failed")
            return Reply(error_response(error))

    async def drain(self, grace_s: float) -> None:
        """Let every connection finish what it has begun, for at most ``grace_s``."""
        self.is_stopping = True
        for peer in list(self.connections):
            peer.stop()
        await self._wait_empty(grace_s)
        for peer in list(self.connections):
            peer.abort()
        await self._wait_empty(1.0)  # closing sockets takes the loop a turn, not a client's time

    async def _wait_empty(self, seconds: float) -> None:
        self._emptied.clear()
        if self.connections:
            try:
                await asyncio.wait_for(self._emptied.wait(), seconds)
            except TimeoutError:
                return
