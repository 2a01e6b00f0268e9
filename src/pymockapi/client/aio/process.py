"""A mock server as a child process of an async test: what blocks, blocks a thread of the pool."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Self

from pymockapi.client.aio.connection import running_loop
from pymockapi.client.process import ServerProcess
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


class AsyncServerProcess:
    """A running server; as ``ServerProcess``, without stopping the loop while it starts or ends."""

    def __init__(self, process: ServerProcess) -> None:
        self._process = process

    @classmethod
    async def launch(
        cls, arguments: list[str], timeout_s: float, environment: Mapping[str, str]
    ) -> Self:
        """Start it. Raises ``MockServerError`` if it does not; cancelled, it leaves none behind."""
        running_loop()
        launching = asyncio.ensure_future(
            asyncio.to_thread(ServerProcess, arguments, timeout_s, environment)
        )
        try:
            return cls(await asyncio.shield(launching))
        except asyncio.CancelledError:
            (outcome,) = await asyncio.gather(launching, return_exceptions=True)
            if isinstance(outcome, ServerProcess):
                await asyncio.to_thread(outcome.stop)
            raise

    @property
    def ready(self) -> JsonObject:
        return self._process.ready

    async def stop(self) -> None:
        await asyncio.to_thread(self._process.stop)

    async def describe_end(self) -> str:
        return await asyncio.to_thread(self._process.describe_end)
