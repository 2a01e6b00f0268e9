"""Events in the async client: loops of tasks that wait, end, are cancelled, and go on."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager

import pytest

from pymockapi import AsyncEvents, AsyncMockServer, AsyncNamespace, MockApiError, MockServer


@pytest.fixture(scope="module")
def url() -> Iterator[str]:
    with MockServer() as server:
        yield server.url


@asynccontextmanager
async def namespace(url: str) -> AsyncIterator[AsyncNamespace]:
    async with AsyncMockServer.attach(url) as server, server.namespace() as mock:
        yield mock


def test_a_loop_over_events_ends_with_the_namespace(url: str) -> None:
    async def test() -> None:
        async with namespace(url) as mock:
            await mock.state.update(n=1)
            await mock.finish()
            kinds = [event.kind async for event in mock.events(after=0)]
            assert kinds == ["namespace.created", "state.changed", "namespace.finished"]

    asyncio.run(test())


def test_a_loop_waits_for_what_other_tasks_do(url: str) -> None:
    async def test() -> None:
        async with namespace(url) as mock, mock.events(types="state") as events:

            async def write() -> None:
                for n in range(20):
                    await mock.state.update(n=n)

            writing = asyncio.create_task(write())
            seqs = [(await anext(events)).seq for _ in range(20)]
            assert seqs == sorted(set(seqs))
            await writing

    asyncio.run(test())


def test_a_cancelled_read_loses_no_event(url: str) -> None:
    async def test() -> None:
        async with namespace(url) as mock, mock.events(types="state") as events:
            for n in range(20):
                reading = asyncio.create_task(next_of(events))
                for _ in range(n % 4):
                    await asyncio.sleep(0)
                reading.cancel()
                await asyncio.gather(reading, return_exceptions=True)
                await mock.state.update(n=n)
                assert (await events.wait_for("state", within=20)).entry["keys"] == ["n"]
            again = mock.events(after=0, types="state", quiet_for=0.2)
            assert len([event async for event in again]) == 20

    asyncio.run(test())


async def next_of(events: AsyncEvents) -> object:
    return await anext(events)


def test_events_that_another_task_closes_end_the_loop(url: str) -> None:
    async def test() -> None:
        async with namespace(url) as mock:
            events = await mock.events()
            reading = asyncio.create_task(all_of(events))
            await mock.cursor()
            await events.close()
            assert await reading == []
            assert events.ended == "closed"

    asyncio.run(test())


async def all_of(events: AsyncEvents) -> list[object]:
    return [event async for event in events]


def test_a_cancelled_loop_frees_its_place_on_the_server(url: str) -> None:
    async def test() -> None:
        async with (
            AsyncMockServer.attach(url) as server,
            server.namespace(limits={"subscribers": 1}) as mock,
        ):
            async with mock.events() as events:
                reading = asyncio.create_task(all_of(events))
                await mock.cursor()
                reading.cancel()
                await asyncio.gather(reading, return_exceptions=True)
            while not await is_listened_to(mock):
                pass

    asyncio.run(test())


async def is_listened_to(mock: AsyncNamespace) -> bool:
    try:
        await (await mock.events()).close()
    except MockApiError as error:
        return error.code != "limit-reached"
    return True
