"""A reader of events, as the edge is one, and what it was told."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable
from typing import Any, Final

import jsonschema  # type: ignore[import-untyped, unused-ignore]
from tests.service.timers import Scene, breathe

from pymockapi.api.event_schemas import SAID
from pymockapi.api.given_schemas import GIVEN
from pymockapi.api.schemas import definitions
from pymockapi.api.taken_schemas import TAKEN
from pymockapi.service.subscriptions import Subscription

Message = dict[str, Any]
MESSAGE: Final = jsonschema.Draft202012Validator(
    {**SAID["event_message"], "$defs": {**definitions(), **TAKEN, **GIVEN}}
)


class Reader:
    """Reads ``subscription``; ``wakes`` counts how often it was woken."""

    def __init__(self, subscription: Subscription, *, is_checked: bool = True) -> None:
        """``is_checked``: every message must be as its schema says."""
        self.is_checked = is_checked
        self.subscription = subscription
        self.wakes = 0
        subscription.wake = self._wake

    def _wake(self) -> None:
        self.wakes += 1

    def take(self, most: int = 10_000) -> list[Message]:
        """Take what there is."""
        taken: list[Message] = []
        while texts := self.subscription.take(min(most, 64)):
            told = [json.loads(text) for text in texts]
            if self.is_checked:
                for message in told:
                    MESSAGE.validate(message)
            taken += told
            if len(taken) >= most:
                break
        return taken

    def kinds(self) -> list[str]:
        return [message["event"] for message in self.take()]

    async def answer(self, command: Any) -> Message:
        """Give a command; return the one message that comes of it at once."""
        text = command if isinstance(command, str) else json.dumps(command)
        self.subscription.command(text)
        await breathe()
        (message,) = self.take()
        return message


def reader(
    scene: Scene, ns: str | None = "default", *, opened: bool = True, **query: str
) -> Reader:
    """Open a subscription; ``opened``: its first message is taken already."""
    found = Reader(scene.world.feeds.open(ns, query))
    if opened:
        (message,) = found.take(1)
        assert message["event"] == "open"
    return found


def run(work: Callable[[Scene], Awaitable[None]], config: Any = None, **more: Any) -> None:
    """Run ``work`` in a scene on a loop."""
    scene = Scene(config, **more)

    async def within_a_loop() -> None:
        await work(scene)

    asyncio.run(within_a_loop())
