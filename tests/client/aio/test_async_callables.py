"""Functions of async tests that answer requests: those that are async run in the loop of the test."""

from __future__ import annotations

import asyncio
from typing import Any
from urllib.parse import urlsplit
from urllib.request import urlopen

import pytest

from pymockapi import AsyncMockServer, AsyncNamespace, CalledRequest
from pymockapi.client.functions import Answer


async def get(mock: AsyncNamespace, path: str) -> bytes:
    return await asyncio.to_thread(lambda: urlopen(mock.url + path).read())


def test_an_async_function_runs_in_the_loop_that_defined_its_stub() -> None:
    loops: list[asyncio.AbstractEventLoop] = []
    mock: Any = None

    async def handler(request: CalledRequest) -> Answer:
        loops.append(asyncio.get_running_loop())
        await mock.state.update({"seen": request.number})
        return {"json": await mock.count()}

    class Page:
        async def __call__(self, request: CalledRequest) -> Answer:
            return f"{request.path} later"

    async def test() -> None:
        nonlocal mock
        async with AsyncMockServer(thread=True) as server, server.namespace() as mock:
            await mock.get("/a").respond(call=handler)
            stub = await mock.get("/b").respond(call=Page()).then(call=lambda _: "sync")
            assert await get(mock, "/a") == b"1"
            assert [await get(mock, "/b"), await get(mock, "/b")] == [b"/b later", b"sync"]
            assert (await mock.state["seen"], loops) == (1, [asyncio.get_running_loop()])
            assert await stub.hits == 2

    asyncio.run(test())


def test_sixty_four_requests_wait_in_one_loop_at_once() -> None:
    async def test() -> None:
        together = asyncio.Barrier(32)

        async def handler(_: CalledRequest) -> Answer:
            await together.wait()
            return "together"

        async with AsyncMockServer(thread=True) as server, server.namespace() as mock:
            await mock.get("/").respond(call=handler)
            calls = [
                asyncio.open_connection("127.0.0.1", urlsplit(server.url).port) for _ in range(64)
            ]
            connections = await asyncio.gather(*calls)
            for _, writer in connections:
                writer.write(f"GET /~{mock.name}/ HTTP/1.1\r\nHost: x\r\n\r\n".encode())
            got = await asyncio.gather(
                *(reader.readuntil(b"together") for reader, _ in connections)
            )
            assert len(got) == 64
            for _, writer in connections:
                writer.close()

    asyncio.run(test())


def test_a_loop_that_is_gone_is_told() -> None:
    async def handler(_: CalledRequest) -> Answer:
        return None

    server = AsyncMockServer(thread=True)

    async def begin() -> AsyncNamespace:
        await server.start()
        mock = await server.namespace()
        await mock.get("/").respond(call=handler)
        return mock

    mock = asyncio.run(begin())

    async def end() -> None:
        with pytest.raises(OSError, match="500"):
            await get(mock, "/")
        (problem,) = (await mock.verdict()).problems
        assert "the loop in which the stub was defined is closed" in str(problem.requests[0])
        await server.stop()

    asyncio.run(end())


def test_a_start_that_is_cancelled_leaves_no_server_behind() -> None:
    async def test() -> None:
        server = AsyncMockServer(thread=True)
        starting = asyncio.create_task(server.start())
        await asyncio.sleep(0)
        starting.cancel()
        with pytest.raises(asyncio.CancelledError):
            await starting
        assert server.pid is None

    asyncio.run(test())
