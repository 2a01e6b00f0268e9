"""The wait before a namespace is finished: until its stubs have what they expect, then until it is quiet.

Woken by what happens in the namespace, never by polling; a request costs one look-up by its stub.
"""

from __future__ import annotations

import asyncio
from typing import Final

from pymockapi.model.event import Event, EventKind
from pymockapi.service.waits import CallLater, Handle
from pymockapi.store.expected import mark_of, standings
from pymockapi.store.namespace import Namespace

_REQUESTS: Final = frozenset({EventKind.REQUEST_RECEIVED, EventKind.REQUEST_UNMATCHED})
_CHANGES: Final = frozenset({EventKind.STUBS_CHANGED, EventKind.NAMESPACE_RESET})
_ENDS: Final = frozenset(
    {EventKind.NAMESPACE_FINISHED, EventKind.NAMESPACE_EXPIRED, EventKind.NAMESPACE_DELETED}
)
_UNQUIET: Final = "Requests still came when the time to wait for quiet was over."


class Ending:
    """``done`` is resolved when it is time to finish ``space``; ``reason`` tells what cut it short.

    It waits at most ``within_s`` until no stub misses a request, then until none has come for
    ``quiet_s``, at most both together. Without ``within_s`` it waits ``quiet_s``, once.
    """

    def __init__(self, space: Namespace, within_s: float, quiet_s: float, later: CallLater) -> None:
        self.done: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self.reason: str | None = None
        self._space = space
        self._within_s = within_s
        self._quiet_s = quiet_s
        self._later = later
        self._timers: list[Handle] = []
        self._quiet: Handle | None = None
        self._missing: dict[str, int] = {}
        self._came: set[str] = set()
        self._has_changed = True
        self._is_called = self._is_late = False
        self._is_quiet = self._was_disturbed = self._is_disturbed = False

    def begin(self) -> None:
        self._space.sinks.append(self._hear)
        self._space.when_cleared.append(self._cleared)
        if self._within_s:
            self._timers.append(self._later(self._within_s, self._late))
        if self._quiet_s:
            self._timers.append(self._later(self._within_s + self._quiet_s, self._over))
        self._look()

    def free(self) -> None:
        """Follow the namespace no more, and drop the timers, which refer back."""
        self._space.sinks.remove(self._hear)
        self._space.when_cleared.remove(self._cleared)
        for timer in (*self._timers, *([self._quiet] if self._quiet else ())):
            timer.cancel()

    def end(self, reason: str | None = None) -> None:
        if not self.done.done():
            self.reason = reason
            self.done.set_result(None)

    def abandon(self) -> None:
        """Give it up: nobody waits for the finish."""
        self.done.cancel()

    def _hear(self, event: Event) -> None:
        if event.kind in _ENDS:
            self.end()
        elif event.kind in _REQUESTS:
            if self._is_quiet:
                self._was_disturbed = self._is_disturbed = True
            entry = None if event.number is None else self._space.journal.get(event.number)
            if entry is not None and entry.stub in self._missing:
                self._came.add(entry.stub)
            if self._is_quiet or self._came:
                self._wake()
        elif event.kind in _CHANGES:
            self._change()

    def _cleared(self, is_reset: bool) -> None:  # noqa: ARG002 (either way the counts are others)
        self._change()

    def _change(self) -> None:
        self._has_changed = True
        self._wake()

    def _wake(self) -> None:
        """Look at it once this turn is over: a batch is half done now, more may come in it."""
        if not self._is_called:
            self._is_called = True
            asyncio.get_running_loop().call_soon(self._look)

    def _look(self) -> None:
        self._is_called = False
        if self.done.done():
            return
        self._count()
        if self._missing and self._within_s and not self._is_late:
            self._stir()
            self._is_quiet = False
        elif not self._quiet_s:
            self.end()
        elif not self._is_quiet or self._was_disturbed:
            self._stir()
            self._is_quiet, self._was_disturbed = True, False
            if self._within_s:
                self._quiet = self._later(self._quiet_s, self._calm)

    def _stir(self) -> None:
        """Let the quiet begin anew."""
        if self._quiet is not None:
            self._quiet.cancel()
            self._quiet = None

    def _count(self) -> None:
        """Note which stubs miss how many requests."""
        space, mark = self._space, mark_of(self._space, None)
        if self._has_changed:
            self._missing = {
                each.stub.name: each.stub.expect.low
                for each in standings(space)
                if each.stub.expect is not None and each.is_unmet
            }
        for name in self._came & self._missing.keys():
            if space.journal.count_stub(name, mark) >= self._missing[name]:
                del self._missing[name]
        self._has_changed = False
        self._came.clear()

    def _calm(self) -> None:
        """End it, unless a request came in this very turn, at which it has not looked yet."""
        if not self._was_disturbed:
            self.end()

    def _late(self) -> None:
        """Wait no longer for what is missing; what came in this very turn is not."""
        self._is_late = True
        self._count()
        if self._missing:
            self.end(f"Not all that stubs expect came within {self._within_s:g} s.")

    def _over(self) -> None:
        """Wait no longer for quiet."""
        self.end(_UNQUIET if self._is_disturbed else None)
