"""The wait for answers at a gate: woken by those that come to it, never by polling."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import Final

from pymockapi.model.event import Event, EventKind
from pymockapi.service.waits import CallLater, Handle
from pymockapi.store.gates import Gate
from pymockapi.store.namespace import Namespace

_NOBODY: Final = Gate()  # one at which nothing ever was
_ENDS: Final = {
    EventKind.NAMESPACE_FINISHED: "The namespace was finished while this waited.",
    EventKind.NAMESPACE_EXPIRED: "The lease of the namespace ran out while this waited.",
    EventKind.NAMESPACE_DELETED: "The namespace was deleted or replaced while this waited.",
}
_RESET: Final = "The gates were reset while this waited."


class Arrivals:
    """Waits until ``count`` answers wait at a gate at once, for at most ``within_s``.

    ``done`` is resolved then; ``reason`` tells why it was not reached.
    """

    def __init__(self, space: Namespace, name: str, count: int, within_s: float) -> None:
        self.done: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self.reason: str | None = None
        self._space = space
        self._name = name
        self._count = count
        self._within_s = within_s
        self._timer: Handle | None = None

    def begin(self, later: CallLater) -> None:
        self._space.sinks.append(self._hear)
        self._look()
        if not self.done.done():
            if self._within_s:
                self._timer = later(self._within_s, self._late)
            else:
                self._late()

    def free(self) -> None:
        """Follow the namespace no more, and drop the timer, which refers back."""
        self._space.sinks.remove(self._hear)
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def end(self, reason: str | None = None) -> None:
        if not self.done.done():
            self.reason = reason
            self.done.set_result(None)

    def abandon(self) -> None:
        """Give it up: nobody waits for the answer."""
        self.done.cancel()

    def _hear(self, event: Event) -> None:
        if event.kind is EventKind.GATE_WAITING:
            self._look()
        elif event.kind in _ENDS:
            self.end(_ENDS[event.kind])
        elif event.kind is EventKind.NAMESPACE_RESET and "gates" in _parts(event):
            self.end(_RESET)

    def _look(self) -> None:
        if len(gate_of(self._space, self._name).held) >= self._count:
            self.end()

    def _late(self) -> None:
        held = len(gate_of(self._space, self._name).held)
        expected = "1 answer" if self._count == 1 else f"{self._count} answers"
        within = f" within {self._within_s:g} s" if self._within_s else ""
        waiting = "none does" if not held else "1 does" if held == 1 else f"{held} do"
        self.end(f"Expected {expected} to wait at gate '{self._name}'{within}; {waiting}.")


def gate_of(space: Namespace, name: str) -> Gate:
    return space.gates.by_name.get(name, _NOBODY)


def _parts(event: Event) -> Sequence[str]:
    """Return what was reset."""
    parts = (event.facts or {}).get("parts", ())
    assert isinstance(parts, Sequence)
    return parts
