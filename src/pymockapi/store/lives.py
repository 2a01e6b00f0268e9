"""What is left of a namespace once it is finished, and of requests that named none that lives."""

from __future__ import annotations

from collections import OrderedDict, deque
from collections.abc import Mapping
from typing import Final

import msgspec

from pymockapi.model.exchange import Exchange

MAX_LATE: Final = 1_000


class Orphan(msgspec.Struct, frozen=True):
    """A request that named no live namespace; ``owner`` is the last one of that name."""

    at: int
    namespace: str
    selector: str
    method: str
    target: str
    client: str
    code: str
    owner: Ended | None


class Ended(msgspec.Struct):
    """A namespace that was finished, expired or deleted. ``late`` holds the newest thousand.

    ``numbers`` is how many requests it saw, ``in_flight`` those whose answer had not left.
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


class Lives:
    """The ended namespaces by name and id, newest kept, and the orphans."""

    __slots__ = ("_by_id", "_by_label", "_by_name", "_limit", "orphan_total", "orphans")

    def __init__(self, finished: int, orphans: int) -> None:
        self._by_id: OrderedDict[str, Ended] = OrderedDict()
        self._by_name: dict[str, Ended] = {}
        self._by_label: dict[str, Ended] = {}
        self._limit = finished
        self.orphans: deque[Orphan] = deque(maxlen=orphans)
        self.orphan_total = 0

    def end(self, ended: Ended) -> None:
        """Keep ``ended``; beyond the limit the oldest is forgotten."""
        self._by_id[ended.id] = ended
        self._by_name[ended.name] = ended
        self._by_label[ended.name.lower()] = ended
        while len(self._by_id) > self._limit:
            _, oldest = self._by_id.popitem(last=False)
            if self._by_name.get(oldest.name) is oldest:
                del self._by_name[oldest.name]
            if self._by_label.get(oldest.name.lower()) is oldest:
                del self._by_label[oldest.name.lower()]

    def last_named(self, name: str) -> Ended | None:
        return self._by_name.get(name)

    def last_called(self, name: str, selector: str) -> Ended | None:
        """Return the last one that ``selector`` meant by ``name``; a host label has no case."""
        ended = self._by_name.get(name)
        return self._by_label.get(name.lower()) if ended is None and selector == "host" else ended

    def add_orphan(self, orphan: Orphan) -> None:
        self.orphans.append(orphan)
        self.orphan_total += 1
        if orphan.owner is not None and orphan.owner.reason != "deleted":
            orphan.owner.late.append(orphan)

    def clear_orphans(self) -> None:
        self.orphans.clear()
        self.orphan_total = 0
