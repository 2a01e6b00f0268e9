"""A mock server as a child process of an async test: what blocks, blocks a thread of the pool."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from functools import partial

from pymockapi.client import process
from pymockapi.client.aio.connection import running_loop
from pymockapi.client.process import Running
from pymockapi.client.thread import Registry
from pymockapi.client.values import JsonObject


class AsyncTurn:
    """Lets one task after another have a block, as ``threading.Lock``; in one loop at a time."""

    def __init__(self) -> None:
        self._loop: asyncio.AbstractEventLoop | None = None
        self._lock = asyncio.Lock()

    async def __aenter__(self) -> None:
        loop = running_loop()
        if self._loop is not loop:
            self._loop, self._lock = loop, asyncio.Lock()
        await self._lock.acquire()

    async def __aexit__(self, *_: object) -> None:
        self._lock.release()


class AsyncRunning:
    """A running server; as ``ServerProcess``, without stopping the loop while it starts or ends."""

    def __init__(self, process: Running) -> None:
        self._process = process

    @property
    def ready(self) -> JsonObject:
        return self._process.ready

    @property
    def functions(self) -> Registry | None:
        return self._process.functions

    async def stop(self) -> None:
        await asyncio.to_thread(self._process.stop)

    async def describe_end(self) -> str:
        return await asyncio.to_thread(self._process.describe_end)


async def launch(
    arguments: list[str], timeout_s: float, environment: Mapping[str, str], *, thread: bool
) -> AsyncRunning:
    """Start it. Raises ``MockServerError`` if it does not; cancelled, it leaves none behind."""
    running_loop()
    starting = partial(process.launch, arguments, timeout_s, environment, thread=thread)
    launching = asyncio.ensure_future(asyncio.to_thread(starting))
    try:
        return AsyncRunning(await asyncio.shield(launching))
    except asyncio.CancelledError:
        (outcome,) = await asyncio.gather(launching, return_exceptions=True)
        if not isinstance(outcome, BaseException):
            await asyncio.to_thread(outcome.stop)
        raise
