"""The store in memory of one process; every operation is one turn, so none can interleave.

Clock and identities come from outside, so that a test decides them.
"""

from __future__ import annotations

import time
from collections.abc import Awaitable, Callable, Sequence

from pymockapi.engine.configuration import Configuration
from pymockapi.model.changes import Change, NamespaceSpec, Reset
from pymockapi.model.errors import (
    Conflict,
    DuplicateNamespace,
    FinishedNamespace,
    LimitReached,
    Stale,
    UnknownItem,
    UnknownNamespace,
    quoted,
)
from pymockapi.model.event import Event, EventKind
from pymockapi.model.exchange import OPEN, Exchange, Phase
from pymockapi.model.plan import Grant, Outdated, Plan
from pymockapi.model.stub import Stub
from pymockapi.store import changing, checking, claiming, selecting
from pymockapi.store.ahead import lay_ahead
from pymockapi.store.journal import Journal
from pymockapi.store.lives import Ended, Lives, Orphan
from pymockapi.store.namespace import Namespace, Snapshot
from pymockapi.store.port import Arrival, Query, Selection

DEFAULT = "default"


def no_pause() -> Awaitable[None] | None:
    """Never end a turn early: for tests, and for callers without other traffic."""
    return None


class MemoryStore:
    """See ``Store``. ``real_ns`` is nanoseconds since 1970, ``monotonic_s`` seconds for leases."""

    def __init__(
        self,
        configuration: Configuration | None = None,
        *,
        instance: str = "0",
        real_ns: Callable[[], int] = time.time_ns,
        monotonic_s: Callable[[], float] = time.monotonic,
        pause: selecting.Pause = no_pause,
    ) -> None:
        self.configuration = configuration or Configuration()
        self._limits = self.configuration.server.limits
        self._instance = instance
        self.real_ns = real_ns
        self._monotonic_s = monotonic_s
        self.pause = pause
        self._count = 0
        self._spaces: dict[str, Namespace] = {}
        self._labels: dict[str, list[str]] = {}
        self._sinks: list[Callable[[Event], None]] = []
        self.lives = Lives(self._limits.finished, self._limits.orphans)
        self.discarded: list[Journal] = []
        self.remains: list[Stub] = []

    def view(self, ns: str) -> Namespace | None:
        return self._spaces.get(ns)

    def view_by_label(self, label: str) -> Namespace | None:
        """Return the namespace that a host label names; hosts have no case (RFC 9110)."""
        if label in self._spaces:
            return self._spaces[label]
        names = self._labels.get(label.lower())
        return self._spaces[names[-1]] if names else None

    def known(self, ns: str) -> Namespace:
        """Return the namespace for a control call, which renews its lease.

        Raises ``UnknownNamespace`` or ``FinishedNamespace``.
        """
        space = self._spaces.get(ns)
        if space is None:
            ended = self.lives.last_named(ns)
            if ended is not None and ended.reason != "deleted":
                raise FinishedNamespace(ns, ended.id)
            raise UnknownNamespace(ns, self._spaces)
        self._renew(space)
        return space

    def check_same(self, space: Namespace) -> None:
        """Raise what ``known`` does, or ``Conflict`` if another has taken the name of ``space``."""
        if self.known(space.name) is not space:
            raise Conflict(
                f"Namespace '{space.name}' was replaced during this call; make it again."
            )

    def spaces(self) -> tuple[Namespace, ...]:
        """Return the live namespaces in order of creation."""
        return tuple(self._spaces.values())

    def claim(self, ns: str, plan: Plan, arrival: Arrival) -> Grant | Outdated:
        space = self._spaces[ns]
        if space.expires_s is not None:
            self._renew(space)
        return claiming.claim(space, plan, arrival)

    def refuse(self, ns: str, arrival: Arrival, phase: Phase, code: str) -> Exchange:
        return claiming.refuse(self._spaces[ns], arrival, phase, code)

    def progress(self, entry: Exchange, phase: Phase, sent: int) -> None:
        entry.phase = phase
        entry.sent = sent
        entry.took_ns = self.real_ns() - entry.at

    async def apply(
        self, ns: str, changes: Sequence[Change], if_version: int | None = None
    ) -> Namespace:
        space = self.known(ns)
        ahead = await lay_ahead(space, changes, self.pause)
        self.check_same(space)
        check_version(space, if_version)
        checking.check(space, changes)
        self._renew(space)
        journal, own = space.journal, space.own
        changing.perform(space, changes, ahead)
        if space.own is not own:
            self.remains += own.stubs
        if space.journal is not journal:
            self.discarded.append(journal)
        if Reset() in changes:
            self._tell(space, EventKind.NAMESPACE_RESET)
        return space

    async def create(self, spec: NamespaceSpec) -> Namespace:
        if spec.name in self._spaces:
            raise DuplicateNamespace(spec.name)
        if len(self._spaces) >= self._limits.namespaces:
            raise LimitReached(
                "server.limits.namespaces",
                self._limits.namespaces,
                "No more namespaces can be created",
            )
        self._check_spec(spec)
        return self._born(spec)

    async def replace(self, spec: NamespaceSpec, if_version: int | None = None) -> Namespace:
        """End the namespace of that name, and create it anew in the same turn."""
        self._check_spec(spec)
        old = self._spaces.get(spec.name)
        if old is None:
            if if_version is not None:  # RFC 9110, section 13.1.1: nothing there, so no match
                raise Stale(str(if_version), "none, for it is not there")
            return await self.create(spec)
        check_version(old, if_version)
        del self._spaces[old.name]
        self._buried(old, "deleted", None, EventKind.NAMESPACE_DELETED)
        return self._born(spec)

    def _check_spec(self, spec: NamespaceSpec) -> None:
        for name in spec.sets:
            if name not in self.configuration.sets:
                raise checking.unknown_set(name, self.configuration.sets)
        if len(spec.stubs) > spec.settings.limits.stubs:
            raise LimitReached(
                "stubs",
                spec.settings.limits.stubs,
                f"Namespace '{spec.name}' would have {len(spec.stubs)} stubs of its own",
            )

    def _born(self, spec: NamespaceSpec) -> Namespace:
        self._count += 1
        space = Namespace(
            spec,
            self.configuration,
            f"n{self._count}-{self._instance}",
            self.real_ns,
            self.remains,
        )
        self._renew(space)
        self._spaces[spec.name] = space
        self._labels.setdefault(spec.name.lower(), []).append(spec.name)
        self._tell(space, EventKind.NAMESPACE_CREATED)
        return space

    async def fork(self, source: str, spec: NamespaceSpec) -> Namespace:
        """Create a namespace that starts as ``source`` is now, and resets to that."""
        kept = self.known(source).snapshot("fork")
        space = await self.create(spec)
        space.restore(kept)
        space.origin = space.snapshot("origin")
        return space

    async def remove(self, ns: str, if_version: int | None = None) -> None:
        """Delete a namespace; ``default`` is reset instead."""
        space = self.known(ns)
        check_version(space, if_version)
        if ns == DEFAULT:
            await self.apply(ns, (Reset(),))
            return
        del self._spaces[ns]
        self._buried(space, "deleted", None, EventKind.NAMESPACE_DELETED)

    async def finish(self, ns: str, status: str | None, if_version: int | None = None) -> Ended:
        """Close the journal and free the name; a second finish returns the first one's result."""
        if ns == DEFAULT:
            raise Conflict(
                "'default' cannot be finished; reset it, or use a namespace of your own."
            )
        space = self._spaces.get(ns)
        ended = self.lives.last_named(ns)
        if space is None and ended is not None and ended.reason != "deleted":
            return ended
        space = self.known(ns)
        check_version(space, if_version)
        del self._spaces[ns]
        return self._buried(space, "finished", status, EventKind.NAMESPACE_FINISHED)

    async def expire(self) -> list[str]:
        now = self._monotonic_s()
        over = [
            space
            for space in self._spaces.values()
            if space.expires_s is not None and space.expires_s <= now
        ]
        for space in over:
            del self._spaces[space.name]
            self._buried(space, "expired", None, EventKind.NAMESPACE_EXPIRED)
        return [space.name for space in over]

    def _buried(self, space: Namespace, reason: str, status: str | None, kind: EventKind) -> Ended:
        flying = (
            tuple(entry for entry in space.journal if entry.phase in OPEN)
            if reason != "deleted"
            else ()
        )
        ended = Ended(space.name, space.id, reason, status, self.real_ns(), space.spec.labels,
                      space.journal.last, flying)  # fmt: skip
        self.lives.end(ended)
        self.discarded.append(space.journal)
        self.remains += space.own.stubs
        space.history.release()
        names = self._labels[space.name.lower()]
        names.remove(space.name)
        if not names:
            del self._labels[space.name.lower()]
        self._tell(space, kind)
        return ended

    def orphan(self, arrival: Arrival, ns: str, code: str) -> Orphan:
        """Keep a request that named no live namespace."""
        request = arrival.request
        orphan = Orphan(self.real_ns(), ns, arrival.selector, request.method, request.target,
                        request.client, code,
                        self.lives.last_called(ns, arrival.selector))  # fmt: skip
        self.lives.add_orphan(orphan)
        return orphan

    async def select(
        self, ns: str, query: Query, *, after: int = 0, limit: int = 100, descending: bool = False
    ) -> Selection:
        journal = self.known(ns).journal
        return await selecting.select(
            journal, query, after=after, limit=limit, descending=descending, pause=self.pause
        )

    def clear_requests(self, ns: str) -> None:
        """Delete every entry; they count as deleted, not as dropped. Numbers go on."""
        space = self.known(ns)
        self.discarded.append(space.journal)
        space.clear_journal()

    def renew(self, ns: str, lease_s: float | None = None) -> Namespace:
        """Start the lease anew, with another length if one is given."""
        space = self.known(ns)
        if lease_s is not None:
            space.lease_s = lease_s
        self._renew(space)
        return space

    def _renew(self, space: Namespace) -> None:
        if space.lease_s is not None and space.name != DEFAULT:  # which never ends
            space.expires_s = self._monotonic_s() + space.lease_s

    def take_snapshot(self, ns: str, identity: str | None) -> Snapshot:
        space = self.known(ns)
        limit = space.settings.limits.snapshots
        name = identity or _free_name(space)
        if name in space.snapshots:
            raise Conflict(f"Namespace '{ns}' has a snapshot '{name}' already; DELETE it first.")
        if len(space.snapshots) >= limit:
            raise LimitReached("snapshots", limit, f"Namespace '{ns}' can keep no more snapshots")
        kept = space.snapshots[name] = space.snapshot(name)
        return kept

    async def restore(self, ns: str, identity: str, if_version: int | None = None) -> Namespace:
        """Go back to a snapshot; journal and numbers stay."""
        space = self.known(ns)
        check_version(space, if_version)
        self.remains += space.own.stubs
        space.restore(self.snapshot(ns, identity))
        space.renumber()
        return space

    def snapshot(self, ns: str, identity: str) -> Snapshot:
        space = self.known(ns)
        kept = space.snapshots.get(identity)
        if kept is None:
            known = f"It has {quoted(space.snapshots)}." if space.snapshots else "It has none."
            raise UnknownItem(f"Namespace '{ns}' has no snapshot '{identity}'. {known}")
        return kept

    def drop_snapshot(self, ns: str, identity: str) -> None:
        self.snapshot(ns, identity)
        del self.known(ns).snapshots[identity]

    def follow(self, sink: Callable[[Event], None], ns: str | None = None) -> Callable[[], None]:
        sinks = self._sinks if ns is None else self.known(ns).sinks
        sinks.append(sink)
        return lambda: sinks.remove(sink)

    def _tell(self, space: Namespace, kind: EventKind) -> None:
        if kind is not EventKind.NAMESPACE_RESET:
            space.publish(kind)
        if self._sinks:
            event = Event(space.seq, kind, space.id, self.real_ns())
            for sink in tuple(self._sinks):
                sink(event)


def _free_name(space: Namespace) -> str:
    """Return the name of the next snapshot: ``s1``, ``s2`` and so on."""
    number = len(space.snapshots) + 1
    while f"s{number}" in space.snapshots:
        number += 1
    return f"s{number}"


def check_version(space: Namespace, if_version: int | None) -> None:
    """Raise ``Stale`` unless ``if_version`` is that of ``space``, or ``None``."""
    if if_version is not None and if_version != space.version:
        raise Stale(str(if_version), str(space.version))
