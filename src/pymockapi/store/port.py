"""The port of every store: what service and server may ask of what is remembered.

Synchronous in memory, asynchronous elsewhere: a store that must wait returns an awaitable from
``claim``, and its coroutines suspend. The memory store never does.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from typing import NamedTuple, Protocol

import msgspec

from pymockapi.model.changes import Change, NamespaceSpec
from pymockapi.model.event import Event
from pymockapi.model.exchange import Exchange, Phase
from pymockapi.model.plan import Grant, Outdated, Plan
from pymockapi.model.request import Request
from pymockapi.store.namespace import Namespace


class Arrival(msgspec.Struct, frozen=True, gc=False):
    """A request as it came to a namespace: how it was routed, and what disagreed about that."""

    request: Request
    selector: str
    conflict: str | None = None


class Query(NamedTuple):
    """Which entries to select: those that all given fields fit, and ``fits`` if it is given.

    ``fits`` is asked entry by entry, in slices. ``uncounted`` includes entries that were refused
    or incomplete.
    """

    stub: str | None = None
    method: str | None = None
    path: str | None = None
    phase: str | None = None
    matched: bool | None = None
    correlation: str | None = None
    fits: Callable[[Exchange], bool] | None = None
    uncounted: bool = True


class Selection(NamedTuple):
    """One page; ``next`` is where the following one starts, ``None`` at the end.

    ``total`` counts all that fit. ``complete`` is false when dropped entries could have fitted.
    """

    entries: list[Exchange]
    next: int | None
    total: int
    evicted: int
    complete: bool


class Store(Protocol):
    """What one server remembers. Names in ``ns`` are those of live namespaces."""

    def view(self, ns: str) -> Namespace | None:
        """Return what rank may read, valid for this turn; ``None``: no such namespace. Never waits."""
        ...

    def claim(
        self, ns: str, plan: Plan, arrival: Arrival
    ) -> Grant | Outdated | Awaitable[Grant | Outdated]:
        """Take the first alternative whose cells allow it, and record the request: one atomic step.

        Hits, cursor and state are written, number, ``seq`` and time given, the entry appended and
        the event published, or none of it (``Outdated``: rank again).
        """
        ...

    def refuse(self, ns: str, arrival: Arrival, phase: Phase, code: str) -> Exchange:
        """Record a request that could not be read, or was given up; it meets no stub."""
        ...

    def progress(self, entry: Exchange, phase: Phase, sent: int) -> None:
        """Note how far an answer got. Never waits."""
        ...

    async def apply(
        self, ns: str, changes: Sequence[Change], if_version: int | None = None
    ) -> Namespace:
        """Apply all ``changes`` in one step, or raise and apply none."""
        ...

    async def create(self, spec: NamespaceSpec) -> Namespace: ...

    async def remove(self, ns: str) -> None: ...

    async def select(
        self, ns: str, query: Query, *, after: int = 0, limit: int = 100, descending: bool = False
    ) -> Selection: ...

    def follow(self, sink: Callable[[Event], None], ns: str | None = None) -> Callable[[], None]:
        """Tell ``sink`` each event of ``ns`` (``None``: the life of every namespace) from now on.

        Returns what ends it. A sink must not raise and must not call the store.
        """
        ...

    async def expire(self) -> list[str]:
        """Finish the namespaces whose lease ran out; returns their names."""
        ...
