"""What is left of a namespace once it has ended, and of requests that named none that lives.

A finished or expired one is kept whole, for reading by its id; of a deleted one only who it was.
"""

from __future__ import annotations

from collections import OrderedDict, deque
from collections.abc import Mapping
from itertools import islice
from typing import Final

import msgspec

from pymockapi.engine.verifying.verdict import MAX_ITEMS, Found, Item
from pymockapi.model.clock import instant_text
from pymockapi.model.correlation import correlation_of
from pymockapi.model.exchange import Exchange
from pymockapi.model.request import Request, printable
from pymockapi.store.judging import Judged
from pymockapi.store.namespace import Namespace
from pymockapi.store.past_events import PastEvents

MAX_LATE: Final = 1_000
MAX_ID: Final = 256  # characters of a correlation id; a traceparent has 55


class Orphan(msgspec.Struct, frozen=True):
    """A request that named no live namespace; ``owner`` is the last one of that name.

    ``ids`` are those by which other systems know it, by header, but for very long ones.
    """

    at: int
    namespace: str
    selector: str
    method: str
    target: str
    client: str
    code: str
    owner: Ended | None
    ids: dict[str, str] = msgspec.field(default_factory=dict)


class Ended(msgspec.Struct):
    """A namespace that was finished, expired or deleted.

    ``numbers`` is how many requests it saw, ``in_flight`` those whose answer had not left.
    ``late`` holds the newest thousand requests that came after its end, ``late_total`` counts
    all. ``space`` is what it was at its end; ``None`` if it was deleted, or is forgotten.
    ``judged`` is what its verdict is made from, once somebody has asked; late requests change it.
    ``cut_short`` tells what cut the wait before a finish short, if something did.
    """

    name: str
    id: str
    reason: str
    status: str | None
    at: int
    labels: Mapping[str, str]
    numbers: int = 0
    in_flight: tuple[Exchange, ...] = ()
    late: deque[Orphan] = msgspec.field(default_factory=lambda: deque(maxlen=MAX_LATE))
    late_total: int = 0
    space: Namespace | None = None
    judged: Judged | None = None
    cut_short: str | None = None

    @property
    def late_found(self) -> Found:
        """The requests that came after the end, as a verdict tells them."""
        first = tuple(
            Item(
                None,
                f"{each.method} {printable(each.target)}",
                each.code,
                f"at {instant_text(each.at)}",
            )
            for each in islice(self.late, MAX_ITEMS)
        )
        return Found(self.late_total, first)

    @property
    def is_deleted(self) -> bool:
        return self.reason == "deleted"

    def forget(self) -> None:
        """Let go of all but who it was."""
        self.space = self.judged = None
        self.in_flight = ()
        self.late.clear()


class Lives:
    """The ended namespaces by name and id, newest kept, and the orphans.

    At most ``finished`` of those that were finished or expired are kept, and as many of the
    deleted ones, so that neither push out the others. ``past`` are the events of the former.
    """

    __slots__ = (
        "_by_label", "_by_name", "_deleted", "_finished", "_limit", "orphan_total", "orphans", "past",
    )  # fmt: skip

    def __init__(self, finished: int, orphans: int, events: int) -> None:
        self._finished: OrderedDict[str, Ended] = OrderedDict()
        self._deleted: OrderedDict[str, Ended] = OrderedDict()
        self._by_name: dict[str, Ended] = {}
        self._by_label: dict[str, Ended] = {}
        self._limit = finished
        self.orphans: deque[Orphan] = deque(maxlen=orphans)
        self.orphan_total = 0
        self.past = PastEvents(events)

    def end(self, ended: Ended) -> Namespace | None:
        """Keep ``ended``; return what the oldest left, if that is forgotten for it."""
        kept = self._deleted if ended.is_deleted else self._finished
        kept[ended.id] = ended
        self._by_name[ended.name] = ended
        self._by_label[ended.name.lower()] = ended
        if len(kept) <= self._limit:
            return None
        _, oldest = kept.popitem(last=False)
        if self._by_name.get(oldest.name) is oldest:
            del self._by_name[oldest.name]
        if self._by_label.get(oldest.name.lower()) is oldest:
            del self._by_label[oldest.name.lower()]
        left = oldest.space
        if left is not None:
            self.past.leave(left.events)
        oldest.forget()
        return left

    def keep_events(self, ended: Ended) -> None:
        """Count the events of ``ended``, whose last was told, among the past ones."""
        if ended.space is not None:
            self.past.enter(ended.space.events)

    def finished(self) -> tuple[Ended, ...]:
        """Return those that were finished or expired and are kept, in the order of their ends."""
        return tuple(self._finished.values())

    def kept(self, identity: str) -> Ended | None:
        """Return the finished or expired one with this id."""
        return self._finished.get(identity)

    def last_named(self, name: str) -> Ended | None:
        return self._by_name.get(name)

    def last_called(self, name: str, selector: str) -> Ended | None:
        """Return the last one that ``selector`` meant by ``name``; a host label has no case."""
        ended = self._by_name.get(name)
        return self._by_label.get(name.lower()) if ended is None and selector == "host" else ended

    def meant(self, key: str) -> Ended | None:
        """Return the finished or expired one with this id, or the last of this name if it was."""
        ended = self._finished.get(key) or self._by_name.get(key)
        return None if ended is None or ended.is_deleted else ended

    def lose(self, at: int, request: Request, name: str, selector: str, code: str) -> Orphan:
        """Keep a request that named no live namespace."""
        ids = {
            header: value
            for header, value in correlation_of(request).items()
            if len(value) <= MAX_ID
        }
        orphan = Orphan(
            at, name, selector, request.method, request.target, request.client, code,
            self.last_called(name, selector), ids,
        )  # fmt: skip
        self.add_orphan(orphan)
        return orphan

    def add_orphan(self, orphan: Orphan) -> None:
        self.orphans.append(orphan)
        self.orphan_total += 1
        if orphan.owner is not None and not orphan.owner.is_deleted:
            orphan.owner.late.append(orphan)
            orphan.owner.late_total += 1

    def clear_orphans(self) -> None:
        self.orphans.clear()
        self.orphan_total = 0


def is_over(space: Namespace, now_s: float) -> bool:
    """Return whether the lease of ``space`` has run out."""
    return space.expires_s is not None and space.expires_s <= now_s
