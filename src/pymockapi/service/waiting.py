"""Letting a verification wait: through what is recorded, then for what comes, within limits.

A wait counts against the limits of its namespace and of the server until it is over, also when
nobody waits for its answer any more.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from typing import Final, Protocol

from pymockapi.engine.verifying.dropped import dropped_for
from pymockapi.engine.verifying.expectations import Check
from pymockapi.engine.verifying.questions import Questions
from pymockapi.engine.verifying.verification import Verification
from pymockapi.model.errors import LimitReached
from pymockapi.model.exchange import Exchange
from pymockapi.service.calls import Caller
from pymockapi.service.endings import Ending
from pymockapi.service.hub import Hub
from pymockapi.service.scanning import scan
from pymockapi.service.waits import CallLater, Wait
from pymockapi.store.journal import Journal
from pymockapi.store.memory import MemoryStore
from pymockapi.store.namespace import Namespace

_ENDED: Final = "The namespace has ended: nothing more can come."
_CLEARED: Final = "The recorded requests were reset or deleted while this waited."
_STOPPED: Final = "The server was stopped while this waited."


class Awaited(Protocol):
    """Something that a call waits for; ``done`` is resolved when that is over."""

    done: asyncio.Future[None]

    def begin(self, later: CallLater) -> None: ...
    def free(self) -> None: ...
    def end(self, reason: str | None = None) -> None: ...
    def abandon(self) -> None: ...


class Waits:
    """All waits of one server; ``later`` is ``None`` for the running loop's."""

    def __init__(self, store: MemoryStore, later: CallLater | None = None) -> None:
        self._store = store
        self._later = later
        self._counts: dict[Namespace, int] = {}
        self._hubs: dict[Namespace, Hub] = {}
        self._hub_of: dict[Wait, Hub] = {}
        self._endings: dict[Ending, None] = {}
        self._awaited: dict[Awaited, None] = {}
        self._watched: dict[int, tuple[Exchange, dict[Wait, None]]] = {}
        self._watches: dict[Wait, list[int]] = {}

    @property
    def count(self) -> int:
        return sum(self._counts.values())

    def stop(self) -> None:
        """End every wait: the server stops."""
        for hub in tuple(self._hubs.values()):
            hub.end(_STOPPED)
        for ending in tuple(self._endings):
            ending.end(_STOPPED)
        for awaited in tuple(self._awaited):
            awaited.end(_STOPPED)

    async def settle(
        self, space: Namespace, check: Check, caller: Caller
    ) -> tuple[Verification, str | None]:
        """Return the verification once its outcome is settled, and why it failed otherwise.

        Raises ``LimitReached``, ``ExpressionLimit`` and ``TooManyWays``.
        """
        questions = Questions(check)
        journal, pause = space.journal, self._store.pause
        if not (check.within_s or check.quiet_s):
            verification = _begun(journal, check)
            await scan(journal, verification, questions, pause)
            return verification, None
        with self._seat(space):
            verification = _begun(journal, check)
            wait = Wait(
                verification,
                questions,
                self._call_later,
                partial(self._expire, journal),
                self._watch,
            )
            try:
                caller.when_gone(wait.abandon)
                await self._await(wait, space, journal)
            finally:
                self._leave(wait)
        return verification, wait.reason

    async def end(
        self, space: Namespace, within_s: float, quiet_s: float, caller: Caller
    ) -> str | None:
        """Return when it is time to finish ``space``, and what cut the wait for that short.

        See ``Ending``. Raises ``LimitReached``.
        """
        with self._seat(space):
            ending = Ending(space, within_s, quiet_s, self._call_later)
            self._endings[ending] = None
            try:
                ending.begin()
                caller.when_gone(ending.abandon)
                await ending.done
            finally:
                del self._endings[ending]
                ending.free()
        return ending.reason

    async def reach(self, space: Namespace, awaited: Awaited, caller: Caller) -> None:
        """Return when what is ``awaited`` is there, or its time over. Raises ``LimitReached``."""
        with self._seat(space):
            self._awaited[awaited] = None
            try:
                awaited.begin(self._call_later)
                caller.when_gone(awaited.abandon)
                await awaited.done
            finally:
                del self._awaited[awaited]
                awaited.free()

    @property
    def _call_later(self) -> CallLater:
        return self._later or asyncio.get_running_loop().call_later

    @contextmanager
    def _seat(self, space: Namespace) -> Iterator[None]:
        """Count one that waits. Raises ``LimitReached`` if there is no room for it."""
        self._check_room(space)
        self._counts[space] = self._counts.get(space, 0) + 1
        try:
            yield
        finally:
            self._counts[space] -= 1
            if not self._counts[space]:
                del self._counts[space]

    def _check_room(self, space: Namespace) -> None:
        limit, what = space.settings.limits.waiters, "No more verifications and finishes can wait"
        if self._counts.get(space, 0) >= limit:
            raise LimitReached("waiters", limit, f"{what} in namespace '{space.name}'")
        limit = self._store.configuration.server.limits.waiters
        if self.count >= limit:
            raise LimitReached("server.limits.waiters", limit, what)

    async def _await(self, wait: Wait, space: Namespace, journal: Journal) -> None:
        """Take ``wait`` through what is recorded, then let it hear of what comes, to its end."""
        verification, pause = wait.verification, self._store.pause
        if verification.check.within_s:
            wait.set_timer(verification.check.within_s)
        await scan(journal, verification, wait.questions, pause)
        wait.at = verification.cursor
        self._look_again(wait)
        await wait.catch_up(journal, pause)
        self._look_again(wait)
        ended = self._end_of(space, journal)
        if ended or wait.until is not None or not (verification.check.within_s or wait.is_met):
            wait.conclude(journal.last, ended)
        if not wait.done.done():
            self._enter(wait, space)
        await wait.done

    def _look_again(self, wait: Wait) -> None:
        if wait.verification.asks_phase:
            wait.verification.reconsider()
            for entry in wait.verification.open_entries:
                self._watch(wait, entry)
        wait.consider()

    def _end_of(self, space: Namespace, journal: Journal) -> str | None:
        """Return why nothing more can come, if that is so."""
        if self._store.view(space.name) is not space:
            return _ENDED
        return None if space.journal is journal else _CLEARED

    def _enter(self, wait: Wait, space: Namespace) -> None:
        hub = self._hubs.get(space)
        if hub is None:
            hub = self._hubs[space] = Hub(space, self._store.pause, self._forget)
        hub.enter(wait)
        self._hub_of[wait] = hub

    def _leave(self, wait: Wait) -> None:
        wait.free()
        hub = self._hub_of.pop(wait, None)
        if hub is not None:
            hub.leave(wait)
        for key in self._watches.pop(wait, ()):
            self._unwatch(key, wait)

    def _forget(self, hub: Hub) -> None:
        del self._hubs[hub.space]

    def _expire(self, journal: Journal, wait: Wait) -> None:
        """Let only what came until now count."""
        wait.until = journal.last
        hub = self._hub_of.get(wait)
        if hub is not None:
            hub.expire(wait)

    def _watch(self, wait: Wait, entry: Exchange) -> None:
        """Let ``wait`` hear when ``entry`` gets into another phase."""
        if not self._watched:
            self._store.progress_sinks.append(self._moved)
        _, waits = self._watched.setdefault(id(entry), (entry, {}))
        if wait not in waits:
            waits[wait] = None
            self._watches.setdefault(wait, []).append(id(entry))

    def _unwatch(self, key: int, wait: Wait) -> None:
        _, waits = self._watched[key]
        del waits[wait]
        if not waits:
            del self._watched[key]
            if not self._watched:
                self._store.progress_sinks.remove(self._moved)

    def _moved(self, entry: Exchange) -> None:
        _, waits = self._watched.get(id(entry), (entry, {}))
        for wait in waits:
            hub = self._hub_of.get(wait)
            if hub is not None:
                hub.stir(wait)


def _begun(journal: Journal, check: Check) -> Verification:
    return Verification(check, dropped_for(check, journal.lost(check.after)), check.after)
