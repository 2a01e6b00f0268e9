"""The clock of a namespace: real, offset or frozen; it drives ``now`` and the ``Date`` header."""

from __future__ import annotations

from datetime import datetime

from pymockapi.client.aio.control import AsyncNamespaceControl
from pymockapi.client.values import (
    Duration,
    Instant,
    Json,
    JsonObject,
    duration,
    instant,
    read_instant,
)


class AsyncClock:
    """The clock of one namespace; no other namespace sees what is done to it.

    Instants are aware datetimes or RFC 3339 text, durations ``"15m"``, seconds or timedeltas.
    Methods that change the clock return its new time, in UTC.
    """

    def __init__(self, control: AsyncNamespaceControl) -> None:
        self._control = control

    def __repr__(self) -> str:
        return f"<AsyncClock of namespace '{self._control.name}'>"

    async def now(self) -> datetime:
        """Return the time by this clock, in UTC."""
        told = await self.read()
        return read_instant(told["now"])

    async def read(self) -> JsonObject:
        """Return the clock as the control API tells it: ``mode``, ``now``, ``offset_s``."""
        answer: JsonObject = await self._control.call("get_clock")
        return answer

    async def freeze(self, at: Instant | None = None) -> datetime:
        """Stop the clock at ``at``, or where it is."""
        return await self._put({"mode": "frozen"} | ({} if at is None else {"now": instant(at)}))

    async def set(self, at: Instant) -> datetime:
        """Set the time; a frozen clock stays frozen, a running one runs on from there."""
        return await self._put({"now": instant(at)})

    async def advance(self, by: Duration) -> datetime:
        """Move the clock forward. Never repeated by the client, whatever the connection does."""
        return await self._put({"advance": duration(by)})

    async def unfreeze(self) -> datetime:
        """Return to real time: no freeze, no offset."""
        return await self._put({"mode": "real"})

    async def reset(self) -> None:
        """Return to what the clock was when the namespace was created."""
        await self._control.call("reset_namespace", {"only": ["clock"]})

    async def _put(self, change: dict[str, Json]) -> datetime:
        told = await self._control.call("set_clock", change)
        return read_instant(told["now"])
