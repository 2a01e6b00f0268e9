"""Where a reader of events is, so that it goes on there when its connection breaks.

Messages in, events out; knows neither sockets nor time, but for what it is told.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final

from pymockapi.client.errors import MockApiError
from pymockapi.client.event import Event
from pymockapi.client.values import JsonObject, encode
from pymockapi.model.errors import Finding

Types = str | Iterable[str]
_INVALID: Final = 422  # the status of an error whose message says none
_SETTLED: Final = frozenset({"watch.passed", "watch.failed", "watch.removed"})


@dataclass(frozen=True, slots=True)
class _Watch:
    """What was asked, and until when (``real_time``) its ``within`` lasts, if it has one."""

    body: JsonObject
    until: float | None


class Following:
    """``watches`` are those without an answer, in the order in which they were asked."""

    def __init__(
        self,
        *,
        seq: int | None = None,
        after: int | str | None = None,
        types: Types | None = None,
        identity: str | None = None,
    ) -> None:
        self.watches: dict[str, _Watch] = {}
        self._seq = seq
        self._after = after
        self._types = None if types is None else ",".join(names(types))
        self._id = identity
        self._count = 0

    @property
    def seq(self) -> int | None:
        """The last event there was, ``None`` before anything is known."""
        return self._seq

    @property
    def identity(self) -> str | None:
        """The id of the namespace, or of the server, whose events these are."""
        return self._id

    def query(self) -> Mapping[str, str | int | None]:
        """Return what asks for everything that has not been taken."""
        after = self._after if self._seq is None else None
        return {"seq": self._seq, "after": after, "types": self._types, "id": self._id}

    def take(self, text: str) -> Event | None:
        """Return the event that a message is, ``None`` if it is none to be shown.

        Raises ``MockApiError`` if the message is an error.
        """
        event = Event(json.loads(text))
        if event.kind == "error":
            raise self._refused(event.entry)
        if event.kind == "open":
            self._id = str(event.entry["id"])
            self._seq = event.seq if self._seq is None else self._seq
            return None
        if event.watch is not None:
            if event.kind in _SETTLED and self.watches.pop(event.watch, None) is None:
                return None  # asked for anew after a break, and answered twice
            return None if event.kind == "watch.removed" else event
        if self._seq is not None and event.seq <= self._seq:
            return None
        self._seq = event.seq
        return event

    def watch(self, body: JsonObject, identity: str | None, until: float | None) -> str:
        """Note a watch; returns its id, a new one unless it is given."""
        if identity is None:
            self._count += 1
            identity = f"watch-{self._count}"
        if identity in self.watches:
            raise ValueError(f"watch '{identity}' has no answer yet; give another id")
        self.watches[identity] = _Watch(body, until)
        return identity

    def command(self, identity: str, now: float) -> str:
        """Return what asks for a watch, with what is left of its time."""
        watch = self.watches[identity]
        left = {} if watch.until is None else {"within": max(0.0, watch.until - now)}
        return encode({"watch": {"id": identity, **watch.body, **left}}).decode()

    def _refused(self, entry: JsonObject) -> MockApiError:
        self.watches.pop(str(entry.get("watch")), None)
        return MockApiError(
            str(entry["code"]),
            int(entry.get("status", _INVALID)),
            str(entry["detail"]),
            [Finding(item["pointer"], item["message"]) for item in entry.get("errors", ())],
            entry.get("suggestions", ()),
        )


def names(types: Types) -> tuple[str, ...]:
    return tuple(types.split(",")) if isinstance(types, str) else tuple(types)


def is_one_of(kind: str, types: Types) -> bool:
    """Return whether an event is called so, or by its first word."""
    words = [name.strip().removesuffix("*").rstrip(".") for name in names(types)]
    return any(kind == word or kind.startswith(f"{word}.") for word in words)
