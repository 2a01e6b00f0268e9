"""What all connections of one listener share: the application, limits, counts and the date.

It also keeps time for them: one timer for all looks at every connection's limits, since a
timer of its own for each request would cost more than reading it.
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

_MAX_KNOWN: Final = 16_384  # heads: with their views 20 MB as most are, 40 MB at worst
_MAX_KNOWN_BYTES: Final = 1024  # of one head
_MAX_SEEN: Final = 65_536
_LOG: Final = logging.getLogger("pymockapi.server")


class Peer(Protocol):
    """One connection, as the edge sees it."""

    def check_time(self, now: float) -> None: ...

    def owes(self, owner: str) -> bool:
        """Whether an answer of ``owner`` waits here."""
        ...

    def moved(self) -> None:
        """Waiting answers have left; there may be room for more requests, or nothing to do."""
        ...

    def stop(self) -> None: ...

    def abort(self) -> None: ...


class Known(msgspec.Struct, frozen=True, gc=False):
    """A head that httptools has framed: the whole message is it and a body of ``head.length``.

    ``request`` carries the views that were made of it, with no client and no body.
    """

    head: Head
    keeps: bool
    request: Request


class Edge:
    """``inflight`` are bytes as in ``EdgeLimits.inflight_bytes``; ``waiting`` the connections with
    answers that may not leave yet; ``is_stopping`` makes every answer the last of its connection.
    ``date_line`` is the ``Date`` line of this second (RFC 9110 section 6.6.1).
    """

    def __init__(self, application: Application, limits: EdgeLimits) -> None:
        self.application = application
        self.limits = limits
        self.connections: set[Peer] = set()
        self.waiting: set[Peer] = set()
        self.tasks: set[asyncio.Future[Reply]] = set()
        self.inflight = 0
        self.is_stopping = False
        self.is_full = False
        self.known: dict[bytes, Known] = {}
        self._oldest: deque[bytes] = deque()  # the heads of ``known``
        self._seen: set[int] = set()
        self.loop = asyncio.get_running_loop()
        self._emptied: asyncio.Event = asyncio.Event()
        self.date_line = b""
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

    def keep(self, raw: bytes, known: Known) -> None:
        """Keep what was made of a head, so that the next one like it need not be read again.

        When there is no room the oldest goes; freeing all at once would hold the loop for 35 ms.
        """
        if len(self.known) >= _MAX_KNOWN:
            del self.known[self._oldest.popleft()]
        self.known[raw] = known
        self._oldest.append(raw)

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

    def told_full(self) -> None:
        """Log, once until there is room again, that connections are turned away."""
        if not self.is_full:
            self.is_full = True
            limit = self.limits.connections
            _LOG.warning("%d connections are open, the limit; more are told 503", limit)

    def forget(self, peer: Peer) -> None:
        self.connections.discard(peer)
        self.waiting.discard(peer)
        if len(self.connections) < self.limits.connections:
            self.is_full = False
        if not self.connections:
            self._emptied.set()

    def cancel(self, owner: str) -> None:
        """Close, unanswered, every connection where an answer of ``owner`` waits."""
        for peer in [peer for peer in self.waiting if peer.owes(owner)]:
            peer.abort()

    async def drain(self, grace_s: float) -> None:
        """Let every connection finish what it has begun, for at most ``grace_s``."""
        self.is_stopping = True
        for peer in list(self.connections):
            peer.stop()
        await self._wait_empty(grace_s)
        for peer in list(self.connections):
            peer.abort()
        await self._wait_empty(1.0)  # closing sockets takes the loop a turn, not a client's time
        self.close()

    def close(self) -> None:
        self._timer.cancel()

    async def _wait_empty(self, seconds: float) -> None:
        self._emptied.clear()
        if self.connections:
            try:
                await asyncio.wait_for(self._emptied.wait(), seconds)
            except TimeoutError:
                return

    def _tick(self) -> None:
        now = time.monotonic()
        for peer in list(self.connections):
            peer.check_time(now)
        self._timer = self._set_tick()

    def _set_tick(self) -> asyncio.TimerHandle:
        """Renew the date and set the next tick, at the next second's beginning or before."""
        now = time.time()
        self.date_line = f"Date: {formatdate(int(now), usegmt=True)}\r\n".encode()
        return self.loop.call_later(min(self.limits.tick_s, 1.001 - now % 1), self._tick)
