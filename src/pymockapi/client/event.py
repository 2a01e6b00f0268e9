"""One event of a feed, as it came."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from pymockapi.client.values import Json, JsonObject, read_instant
from pymockapi.client.verification import Verification, read_verification

LAGGED: Final = "lagged"
_FRAME: Final = frozenset({"event", "seq", "namespace", "id", "at", "number"})


@dataclass(frozen=True, slots=True)
class Event:
    """What happened, in a namespace or on the server. ``entry`` is the message's JSON, whole.

    ``kind`` is its name: ``request.received``, ``stubs.changed``. ``seq`` is its place in what is
    read: the events of a namespace, or of the server. Where events are missing, one of kind
    ``lagged`` stands in their place; ``lost`` tells how many.
    """

    entry: JsonObject

    @property
    def kind(self) -> str:
        return str(self.entry["event"])

    @property
    def seq(self) -> int:
        return int(self.entry["seq"])

    @property
    def namespace(self) -> str | None:
        """The name of the namespace; ``None`` for what concerns the whole server."""
        name = self.entry.get("namespace")
        return None if name is None else str(name)

    @property
    def at(self) -> datetime | None:
        """When it happened, in real time; ``None`` for a request that is no longer recorded."""
        at = self.entry.get("at")
        return None if at is None else read_instant(at)

    @property
    def number(self) -> int | None:
        """The number of the request that it concerns, if it concerns one."""
        number = self.entry.get("number")
        return None if number is None else int(number)

    @property
    def data(self) -> dict[str, Json]:
        """What it tells besides, as ``method``, ``path`` and ``status`` of a request."""
        return {key: value for key, value in self.entry.items() if key not in _FRAME}

    @property
    def lost(self) -> int:
        """How many events are missing here; 0 for all but ``lagged``."""
        return int(self.entry["count"]) if self.kind == LAGGED else 0

    @property
    def watch(self) -> str | None:
        """The id of the watch that this answers."""
        watch = self.entry.get("watch")
        return None if watch is None else str(watch)

    @property
    def verification(self) -> Verification | None:
        """What came of the watch, for ``watch.passed`` and ``watch.failed``."""
        found = self.entry.get("verification")
        return read_verification(found) if self.watch is not None and found else None

    def __str__(self) -> str:
        """Return one line: ``12  request.received  3 POST /payments``."""
        data = self.entry
        if self.kind == LAGGED:
            told = f"{self.lost} events are missing, {data['from']} to {data['to']}"
        elif self.watch is not None:
            told = self.watch
        elif self.number is not None:
            status = data.get("status")
            told = f"{self.number} {data.get('method') or '?'} {data.get('path') or '?'}"
            told += f" -> {status}" if status else ""
        else:
            told = self.namespace or ""
        return f"{self.seq}  {self.kind}  {told}"

    def __repr__(self) -> str:
        return f"<Event {self}>"
