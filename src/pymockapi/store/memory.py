"""The store in memory of one process; every operation is one turn, so none can interleave.

Clock and identities come from outside, so that a test decides them.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence

from pymockapi.engine.configuration import Configuration
from pymockapi.engine.index import LayerIndex
from pymockapi.model.changes import Change, NamespaceSpec, Reset
from pymockapi.model.errors import (
    Conflict,
    DuplicateNamespace,
    FinishedNamespace,
    Stale,
    UnknownNamespace,
)
from pymockapi.model.event import Event, EventKind
from pymockapi.model.exchange import Exchange, Phase
from pymockapi.model.plan import Grant, Outdated, Plan
from pymockapi.store import calling_back, changing, checking, claiming, returning, selecting
from pymockapi.store.ahead import lay_ahead
from pymockapi.store.checking import check_version
from pymockapi.store.claims import Claims
from pymockapi.store.configurations import Configurations
from pymockapi.store.host_labels import HostLabels
from pymockapi.store.journal import Journal
from pymockapi.store.judging import Judged, has_passed, judge_now, rivals_for
from pymockapi.store.ledger import Ledger
from pymockapi.store.lives import Ended, Lives, Orphan, is_over
from pymockapi.store.namespace import Namespace
from pymockapi.store.port import Arrival, Query, Selection
from pymockapi.store.rivals import NO_RIVALS, Rivals
from pymockapi.store.snapshot import Scope, Snapshot
from pymockapi.store.turning_away import claim as claim_behaving

DEFAULT = "default"
_ANSWERED = Phase.ANSWERED


class MemoryStore:
    """See ``Store``. ``real_ns`` is nanoseconds since 1970, ``monotonic_s`` seconds for leases.

    ``unclaimed`` gives up the requests that have come to the namespace with an id and wait to be
    ranked; those of one that is finished or expires are recorded.
    """

    def __init__(
        self,
        configuration: Configuration | None = None,
        *,
        instance: str = "0",
        real_ns: Callable[[], int] = time.time_ns,
        monotonic_s: Callable[[], float] = time.monotonic,
        pause: selecting.Pause = selecting.no_pause,
    ) -> None:
        self.configurations = Configurations(configuration or Configuration())
        limits = self.configuration.server.limits
        self.instance = instance
        self.real_ns = real_ns
        self._monotonic_s = monotonic_s
        self.pause = pause
        self.created = 0  # namespaces
        self.requests_ended = 0  # that namespaces recorded which are no longer live
        self._spaces: dict[str, Namespace] = {}
        self._labels = HostLabels()
        self.claims = Claims()
        self._sinks: list[Callable[[Event], None]] = []
        self.when_born: list[Callable[[Namespace], None]] = []
        self.progress_sinks: list[Callable[[Exchange], None]] = []
        self.lives = Lives(limits.finished, limits.orphans, limits.finished_events)
        self.ledger = Ledger(limits.journal_bytes)
        self.discarded: list[Journal] = []
        self.remains: list[object] = []
        self.unclaimed: Callable[[str], Sequence[Arrival]] = lambda _: ()

    @property
    def configuration(self) -> Configuration:
        """The one in force: of namespaces that are created now, and of those that follow it."""
        return self.configurations.current

    def view(self, ns: str) -> Namespace | None:
        return self._spaces.get(ns)

    def view_by_label(self, label: str) -> Namespace | None:
        """Return the namespace that a host label names: it has no case."""
        return self._spaces.get(label) or self._spaces.get(self._labels.find(label) or "")

    def view_by_value(self, selector: str, value: str) -> Namespace | None:
        """Return the namespace that claims ``value``, else the one whose name it is."""
        return self.claims.holder(selector, value) or self._spaces.get(value)

    def known(self, ns: str) -> Namespace:
        """Return the live namespace, its lease renewed, or raise what it is: unknown or finished."""
        space = self._spaces.get(ns)
        if space is None:
            ended = self.lives.meant(ns)
            if ended is not None:
                raise FinishedNamespace(ended.name, ended.id)
            raise UnknownNamespace(ns, self._spaces)
        self.begin_lease(space)
        return space

    def readable(self, ns: str) -> Namespace:
        """As ``known``, for a call that only reads: a finished one is found by its id, too."""
        ended = self.lives.kept(ns) if ns not in self._spaces else None
        return self.known(ns) if ended is None or ended.space is None else ended.space

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
            self.begin_lease(space)
        way = claiming.claim if space.behaving is None else claim_behaving
        return way(space, plan, arrival)

    def refuse(self, ns: str, arrival: Arrival, phase: Phase, code: str) -> Exchange:
        return claiming.refuse(self._spaces[ns], arrival, phase, code)

    def progress(self, entry: Exchange, phase: Phase, sent: int) -> None:
        entry.phase = phase
        entry.sent = sent
        entry.took_ns = self.real_ns() - entry.at
        events = entry.events
        if phase is not _ANSWERED or events is None or events.sinks:
            claiming.tell_end(entry, phase)
        else:  # a call less, 0.1 us
            events.seq += 1
            events.written.append(-entry.number)
        for sink in self.progress_sinks:  # of who waits for a phase
            sink(entry)

    async def apply(
        self, ns: str, changes: Sequence[Change], if_version: int | None = None
    ) -> Namespace:
        space = self.known(ns)
        ahead = await lay_ahead(space, changes, self.pause)
        self.check_same(space)
        check_version(space, if_version)
        checking.check(space, changes)
        self.begin_lease(space)
        journal, own = space.journal, space.own
        changing.perform(space, changes, ahead)
        self.free_layer(space, own)
        if space.journal is not journal:
            self._discard(journal)
        if Reset() in changes:
            self._tell(space, EventKind.NAMESPACE_RESET)
        return space

    async def create(
        self, spec: NamespaceSpec, configuration: Configuration | None = None
    ) -> Namespace:
        """Create a namespace, of the configuration in force unless another is given."""
        if spec.name in self._spaces:
            raise DuplicateNamespace(spec.name)
        configuration = configuration or self.configuration
        checking.check_room(len(self._spaces) + 1, self.configuration)
        checking.check_spec(spec, configuration)
        self.claims.check(spec)
        return self.born(spec, configuration)

    async def replace(self, spec: NamespaceSpec, if_version: int | None = None) -> Namespace:
        """End the namespace of that name, and create it anew in the same turn."""
        rivals = await self._rivals_at_its_end(spec.name)
        old = self._spaces.get(spec.name)
        checking.check_spec(spec, self.configuration)
        self.claims.check(spec, old)
        if old is None:
            if if_version is not None:  # RFC 9110, section 13.1.1: nothing there, so no match
                raise Stale(str(if_version), "none, for it is not there")
            return await self.create(spec)
        check_version(old, if_version)
        self._buried(old, "deleted", None, rivals, is_replaced=True)
        return self.born(spec, self.configuration)

    def born(self, spec: NamespaceSpec, configuration: Configuration) -> Namespace:
        """Create what ``create`` has checked."""
        self.created += 1
        self.configurations.use(configuration)
        identity = f"n{self.created}-{self.instance}"
        space = Namespace(spec, configuration, identity, self.real_ns, self.remains, self.ledger)
        self.begin_lease(space)
        self._spaces[spec.name] = space
        self._labels.add(spec.name)
        self.claims.take(space)
        for told in self.when_born:
            told(space)
        space.publish(EventKind.NAMESPACE_CREATED)
        self._tell(space, EventKind.NAMESPACE_CREATED)
        return space

    async def fork(self, source: str, spec: NamespaceSpec) -> Namespace:
        """Create a namespace that starts as ``source`` is now, and resets to that."""
        origin = self.known(source)
        kept, configuration = origin.snapshot("fork"), origin.configuration
        ready = await returning.make_ready(kept, self.pause)
        space = await self.create(spec, configuration)
        returning.go_back(space, kept, ready)
        space.origin = space.snapshot("origin")
        return space

    async def remove(self, ns: str, if_version: int | None = None) -> None:
        """Delete a namespace; ``default`` is reset instead."""
        rivals = await self._rivals_at_its_end(ns)
        space = self.known(ns)
        check_version(space, if_version)
        if ns == DEFAULT:
            returning.forget_scopes(space)
            await self.apply(ns, (Reset(),))
            return
        self._buried(space, "deleted", None, rivals)

    async def _rivals_at_its_end(self, ns: str) -> Rivals:
        """Return what the verdict on a namespace needs that ends in this turn."""
        space = self._spaces.get(ns)
        rivals = NO_RIVALS if space is None else await rivals_for(space, None, self.pause)
        if space is not None and ns in self._spaces:
            self.check_same(space)
        return rivals

    def finishable(self, ns: str, if_version: int | None = None) -> Namespace | Ended:
        """Return what a finish would end, or how it has ended already. Raises what ``finish`` does."""
        if ns == DEFAULT:
            raise Conflict(
                "'default' cannot be finished; reset it, or use a namespace of your own."
            )
        ended = self.lives.meant(ns)
        if ns not in self._spaces and ended is not None:
            return ended
        space = self.known(ns)
        check_version(space, if_version)
        return space

    async def finish(self, ns: str, status: str | None, if_version: int | None = None) -> Ended:
        """Close the journal and free the name; a second finish returns the first one's result."""
        rivals = await self._rivals_at_its_end(ns)
        kept = self.finishable(ns, if_version)
        return kept if isinstance(kept, Ended) else self._buried(kept, "finished", status, rivals)

    async def expire(self) -> list[str]:
        now = self._monotonic_s()
        names: list[str] = []
        for space in [each for each in self._spaces.values() if is_over(each, now)]:
            rivals = await rivals_for(space, None, self.pause)
            if self._spaces.get(space.name) is space and is_over(space, now):
                self._buried(space, "expired", None, rivals)
                names.append(space.name)
            if (waiting := self.pause()) is not None:
                await waiting
        return names

    def _buried(
        self, space: Namespace, reason: str, status: str | None, rivals: Rivals,
        *, is_replaced: bool = False,
    ) -> Ended:  # fmt: skip
        del self._spaces[space.name]
        calling_back.cancel(space, f"the namespace has ended: {reason}")
        unclaimed = [claiming.leave(space, each) for each in self.unclaimed(space.id)]
        flying = space.journal.open_entries() if reason != "deleted" else ()
        ended = Ended(space.name, space.id, reason, status, self.real_ns(), space.spec.labels,
                      space.journal.last, flying,
                      space=None if reason == "deleted" else space)  # fmt: skip
        for left in (space if reason == "deleted" else None, self.lives.end(ended)):
            if left is not None:
                self._let_go(left)
        self.requests_ended += space.journal.last
        self.claims.release(space)
        self._labels.remove(space.name)
        kind = EventKind(f"namespace.{reason}")
        space.events.end(kind, "replaced" if is_replaced else reason, {
            "requests": space.journal.last, "passed": has_passed(space, rivals), "status": status,
        })  # fmt: skip
        self.lives.keep_events(ended)
        self._tell(space, kind)
        for entry in unclaimed:
            self.progress(entry, Phase.ABORTED, 0)
        space.stop(ended.at)
        return ended

    def _let_go(self, space: Namespace) -> None:
        """Hand over what a namespace held, to be freed in slices."""
        self._discard(space.journal)
        for stubs in (*space.held_stubs(), *self.configurations.leave(space.configuration)):
            self.remains += stubs
        space.history.release()

    def _discard(self, journal: Journal) -> None:
        journal.leave()
        self.discarded.append(journal)

    def orphan(self, arrival: Arrival, ns: str, code: str) -> Orphan:
        """Keep a request that named no live namespace."""
        return self.lives.lose(self.real_ns(), arrival.request, ns, arrival.selector, code)

    async def select(
        self, ns: str, query: Query, *, after: int = 0, limit: int = 100, descending: bool = False
    ) -> Selection:
        return await selecting.select(
            self.readable(ns).journal, query,
            after=after, limit=limit, descending=descending, pause=self.pause,
        )  # fmt: skip

    def clear_requests(self, ns: str) -> None:
        """Delete every entry; they count as deleted, not as dropped. Numbers go on."""
        space = self.known(ns)
        journal = space.journal
        space.clear_journal()
        self._discard(journal)

    def renew(self, ns: str, lease_s: float | None = None) -> Namespace:
        """Start the lease anew, with another length if one is given."""
        space = self.known(ns)
        space.lease_s = space.lease_s if lease_s is None else lease_s
        self.begin_lease(space)
        return space

    def begin_lease(self, space: Namespace) -> None:
        if space.lease_s is not None and space.name != DEFAULT:  # which never ends
            space.expires_s = self._monotonic_s() + space.lease_s

    def take_snapshot(self, ns: str, identity: str | None) -> Snapshot:
        return returning.take(self.known(ns), identity)

    def drop_snapshot(self, ns: str, identity: str) -> None:
        space = self.known(ns)
        self.remains += returning.find(space, identity).own
        del space.snapshots[identity]

    def open_scope(self, ns: str, name: str | None = None) -> Scope:
        return returning.open_scope(self.known(ns), name)

    async def restore(self, ns: str, identity: str, if_version: int | None = None) -> Namespace:
        """Go back to a snapshot; journal and numbers stay."""
        space = self.known(ns)
        check_version(space, if_version)
        kept, ready = await returning.ready_for(
            lambda: returning.find(space, identity), self.pause, space
        )
        self.check_same(space)
        check_version(space, if_version)
        if returning.find(space, identity) is not kept:
            raise Conflict(f"Snapshot '{identity}' was replaced during this call; make it again.")
        own = space.own
        returning.go_back(space, kept, ready)
        space.renumber()
        self.free_layer(space, own)
        return space

    async def close_scope(
        self, ns: str, identity: str, if_version: int | None = None
    ) -> tuple[Judged, tuple[Scope, ...]]:
        """End a scope and those above it: all but the journal is again what it was before.

        Returns what was found of what came since, and the scopes closed, the lowest first.
        """
        space = self.known(ns)
        check_version(space, if_version)
        _, ready = await returning.ready_for(
            lambda: returning.find_scope(space, identity).kept, self.pause, space
        )
        rivals = await rivals_for(space, returning.find_scope(space, identity), self.pause)
        self.check_same(space)
        check_version(space, if_version)
        scope = returning.find_scope(space, identity)
        judged = judge_now(space, scope, rivals)
        own = space.own
        closed = returning.close_scope(space, scope, ready)
        space.renumber()
        self.free_layer(space, own)
        return judged, closed

    def free_layer(self, space: Namespace, own: LayerIndex) -> None:
        """Hand over the stubs of ``own`` to be freed in slices, if another layer took its place."""
        if space.own is not own:
            self.remains += own.stubs

    def follow(self, sink: Callable[[Event], None], ns: str | None = None) -> Callable[[], None]:
        sinks = self._sinks if ns is None else self.known(ns).sinks
        sinks.append(sink)
        return lambda: sinks.remove(sink)

    def _tell(self, space: Namespace, kind: EventKind) -> None:
        """Tell who follows the life of every namespace."""
        event = Event(space.events.last, kind, space.id, self.real_ns())
        for sink in tuple(self._sinks):
            sink(event)
