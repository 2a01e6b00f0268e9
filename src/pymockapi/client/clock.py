# Made from aio/clock.py by tests/client_twins.py: change that, then run 'make client'.
"""The clock of a namespace: real, offset or frozen; it drives ``now`` and the ``Date`` header."""

from __future__ import annotations

from datetime import datetime

from pymockapi.client.control import NamespaceControl
from pymockapi.client.values import (
    Duration,
    Instant,
    Json,
    JsonObject,
    duration,
    instant,
    read_instant,
)


class Clock:
    """The clock of one namespace; no other namespace sees what is done to it.

    Instants are aware datetimes or RFC 3339 text, durations ``"15m"``, seconds or timedeltas.
    Methods that change the clock return its new time, in UTC.
    """

    def __init__(self, control: NamespaceControl) -> None:
        self._control = control

    def __repr__(self) -> str:
        return f"<Clock of namespace '{self._control.name}'>"

    def now(self) -> datetime:
        """Return the time by this clock, in UTC."""
        told = self.read()
        return read_instant(told["now"])

    def read(self) -> JsonObject:
        """Return the clock as the control API tells it: ``mode``, ``now``, ``offset_s``."""
        answer: JsonObject = self._control.call("get_clock")
        return answer

    def freeze(self, at: Instant | None = None) -> datetime:
        """Stop the clock at ``at``, or where it is."""
        return self._put({"mode": "frozen"} | ({} if at is None else {"now": instant(at)}))

    def set(self, at: Instant) -> datetime:
        """Set the time; a frozen clock stays frozen, a running one runs on from there."""
        return self._put({"now": instant(at)})

    def advance(self, by: Duration) -> datetime:
        """Move the clock forward. Never repeated by the client, whatever the connection does."""
        return self._put({"advance": duration(by)})

    def unfreeze(self) -> datetime:
        """Return to real time: no freeze, no offset."""
        return self._put({"mode": "real"})

    def reset(self) -> None:
        """Return to what the clock was when the namespace was created."""
        self._control.call("reset_namespace", {"only": ["clock"]})

    def _put(self, change: dict[str, Json]) -> datetime:
        told = self._control.call("set_clock", change)
        return read_instant(told["now"])
