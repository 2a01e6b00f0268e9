"""The verifications that wait in one namespace: woken by what is recorded there, never by polling.

A hub follows the events of its namespace while somebody waits, and takes each new request, in
slices, to the waits that it may concern. What is dropped before they saw it is told to them.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Final

from pymockapi.engine.verifying.expectations import Seen
from pymockapi.engine.verifying.questions import routes
from pymockapi.model.event import Event, EventKind
from pymockapi.model.exchange import Exchange
from pymockapi.service.listing import Pause
from pymockapi.service.waits import Wait
from pymockapi.store.namespace import Namespace

_REQUESTS: Final = frozenset({EventKind.REQUEST_RECEIVED, EventKind.REQUEST_UNMATCHED})
_ENDS: Final = {
    EventKind.NAMESPACE_FINISHED: "The namespace was finished while this waited.",
    EventKind.NAMESPACE_EXPIRED: "The lease of the namespace ran out while this waited.",
    EventKind.NAMESPACE_DELETED: "The namespace was deleted or replaced while this waited.",
}
_RESET: Final = "The recorded requests were reset while this waited."
_CLEARED: Final = "The recorded requests were deleted while this waited."
_BROKEN: Final = "The server failed on this verification; see its log."


class Hub:
    """``at`` is the last request that was taken to the waits; ``forget`` is called at its end."""

    def __init__(self, space: Namespace, pause: Pause, forget: Callable[[Hub], None]) -> None:
        self.journal = space.journal
        self.at = space.journal.last
        self.waits: dict[Wait, frozenset[tuple[str, str]] | None] = {}
        self.space = space
        self._ended: str | None = None
        self._by_route: dict[tuple[str, str], dict[Wait, None]] = {}
        self._everything: dict[Wait, None] = {}
        self._stirred: dict[Wait, None] = {}
        self._due: dict[Wait, None] = {}
        self._pause = pause
        self._forget = forget
        self._task: asyncio.Task[None] | None = None
        self._is_called = False
        space.sinks.append(self._hear)
        space.when_cleared.append(self._cleared)

    def enter(self, wait: Wait) -> None:
        asked = routes(wait.verification.check)
        self.waits[wait] = asked
        if asked is None:
            self._everything[wait] = None
        for route in asked or ():
            self._by_route.setdefault(route, {})[wait] = None

    def leave(self, wait: Wait) -> None:
        for route in self.waits.pop(wait) or ():
            its = self._by_route[route]
            del its[wait]
            if not its:
                del self._by_route[route]
        self._everything.pop(wait, None)
        self._stirred.pop(wait, None)
        self._due.pop(wait, None)
        if not self.waits and self._ended is None:
            self._detach()

    def _detach(self) -> None:
        """Follow the namespace no more."""
        self.space.sinks.remove(self._hear)
        self.space.when_cleared.remove(self._cleared)
        self._forget(self)

    def end(self, reason: str) -> None:
        """Let nothing more come: each wait ends when it has seen what came before."""
        if self._ended is None:
            self._ended = reason
            self._detach()
            self._wake()

    def _hear(self, event: Event) -> None:
        if event.kind in _REQUESTS:
            self._wake()
        elif event.kind in _ENDS:
            self.end(_ENDS[event.kind])

    def _cleared(self, is_reset: bool) -> None:
        self.end(_RESET if is_reset else _CLEARED)

    def stir(self, wait: Wait) -> None:
        """Note that a request that ``wait`` has seen is in another phase."""
        self._stirred[wait] = None
        self._wake()

    def expire(self, wait: Wait) -> None:
        """Note that the time of ``wait`` is over."""
        self._due[wait] = None
        self._wake()

    def _wake(self) -> None:
        if not self._is_called and self._task is None:
            self._is_called = True
            asyncio.get_running_loop().call_soon(self._begin)

    def _begin(self) -> None:
        self._is_called = False
        self._task = asyncio.get_running_loop().create_task(self._run())
        self._task.add_done_callback(self._ran)

    def _ran(self, task: asyncio.Task[None]) -> None:
        """Let no wait hang if the run broke."""
        error = None if task.cancelled() else task.exception()
        if error is not None:
            for wait in tuple(self.waits):
                wait.fail(RuntimeError(_BROKEN))
            raise error

    async def _run(self) -> None:
        try:
            while self.waits:
                took = await self._take_next()
                if not (self._settle() or took):
                    break
        finally:
            self._task = None

    async def _take_next(self) -> bool:
        """Take the next request to whom it may concern; false if there is none."""
        journal = self.journal
        if self.at >= journal.last:
            return False
        if self.at + 1 < journal.first:
            self._lose(journal.first - 1)
            return True
        self.at += 1
        entry = journal.get(self.at)
        if entry is not None:
            seen = Seen(entry)
            for wait in self._concerned(entry):
                if wait.awaits(entry.number):
                    await wait.take(entry, seen, self._pause)
                    if (waiting := self._pause()) is not None:
                        await waiting
        return True

    def _lose(self, until: int) -> None:
        """Tell the waits of requests that were dropped too soon."""
        for wait in tuple(self.waits):
            if wait.awaits(wait.counted(until)):
                wait.lose(self.journal, max(wait.at, self.at))
        self.at = until

    def _concerned(self, entry: Exchange) -> tuple[Wait, ...]:
        found = dict(self._everything)
        for key in (("path", entry.path), ("method", entry.method), ("stub", entry.stub or "")):
            found.update(self._by_route.get(key, {}))
        return tuple(found)

    def _settle(self) -> bool:
        """Look at what has changed beside new requests; true if there was something."""
        stirred = tuple(self._stirred)
        self._stirred.clear()
        for wait in stirred:
            wait.verification.reconsider()
            wait.consider()
        due = tuple(wait for wait in self._due if wait.counted(self.at) == wait.until)
        for wait in due:
            del self._due[wait]
            wait.conclude(self.at)
        if self._ended is not None and self.at >= self.journal.last:
            for wait in tuple(self.waits):
                wait.conclude(self.at, self._ended)
        return bool(stirred or due)
