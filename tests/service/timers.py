"""Timers that a test moves, and verifications that wait on a loop."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from tests.server.world import World, document, request

from pymockapi.api.row import CONTROL_ROOT
from pymockapi.engine.features import load_regex
from pymockapi.server.application_port import Later, Pending, Reply
from pymockapi.store.selecting import Pause, no_pause


class Timer:
    def __init__(self, due_s: float, told: Callable[[], None]) -> None:
        self.due_s = due_s
        self.told: Callable[[], None] | None = told

    def cancel(self) -> None:
        self.told = None


class Timers:
    """Calls back when a test says that so much time has passed."""

    def __init__(self) -> None:
        self.now_s = 0.0
        self._timers: list[Timer] = []

    def later(self, seconds: float, told: Callable[[], None]) -> Timer:
        timer = Timer(self.now_s + seconds, told)
        self._timers.append(timer)
        return timer

    @property
    def waiting(self) -> int:
        return sum(timer.told is not None for timer in self._timers)

    async def advance(self, seconds: float) -> None:
        self.now_s += seconds
        for timer in self._timers[:]:
            if timer.told is not None and timer.due_s <= self.now_s + 1e-9:
                told, timer.told = timer.told, None
                told()
        await breathe()


async def breathe() -> None:
    """Let everything that is ready run."""
    for _ in range(20):
        await asyncio.sleep(0)


class Waiting:
    """A verification that was begun; ``reply`` is what the edge would hold."""

    def __init__(self, reply: Later | Awaitable[Reply]) -> None:
        assert isinstance(reply, Pending)
        self.reply = reply

        async def answered() -> Reply:
            return await reply

        self._task = asyncio.ensure_future(answered())

    @property
    def is_over(self) -> bool:
        return self._task.done()

    @property
    def is_given_up(self) -> bool:
        return self._task.cancelled()

    async def answer(self) -> Any:
        """Return the document; it must be there without any further time."""
        await breathe()
        assert self.is_over
        return document(self._task.result().response)


class Scene:
    """A world on a loop, with timers in hand."""

    def __init__(self, config: Mapping[str, Any] | None = None, pause: Pause = no_pause) -> None:
        load_regex()  # which a server does in a thread, when it is first asked for
        self.timers = Timers()
        self.world = World(config, pause, later=self.timers.later)

    async def verify(self, ns: str = "default", **body: Any) -> Any:
        """Begin a verification; return what waits, or the document if it is settled at once."""
        return await self._begin(f"/namespaces/{ns}/verify", body)

    async def finish(self, ns: str = "shop", **body: Any) -> Any:
        """Begin to finish a namespace; return what waits, or the document if it need not wait."""
        return await self._begin(f"/namespaces/{ns}/finish", body)

    async def _begin(self, path: str, body: Any) -> Any:
        asked = request("POST", CONTROL_ROOT + path, json.dumps(body).encode())
        reply = self.world.application.answer(asked)
        if isinstance(reply, Reply):
            return document(reply.response)
        waiting = Waiting(reply)
        await breathe()
        return waiting

    async def settled(self, ns: str = "default", **body: Any) -> Any:
        """Return the document of a verification that must not need any time."""
        begun = await self.verify(ns, **body)
        return await begun.answer() if isinstance(begun, Waiting) else begun

    async def send(self, *targets: str) -> None:
        """Send GETs, and let what they wake run."""
        for target in targets:
            self.world.send("GET", target)
        await breathe()

    async def control(self, method: str, path: str, body: Any = None) -> None:
        """Make a control call that does not wait."""
        raw = b"" if body is None else json.dumps(body).encode()
        reply = self.world.application.answer(request(method, CONTROL_ROOT + path, raw))
        assert isinstance(reply, Reply)
        assert reply.response.status < 300, reply
        await breathe()
