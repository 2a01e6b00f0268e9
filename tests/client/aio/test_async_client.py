"""What only the async client can do, and be done to: many at once, cancelled, on any loop."""

from __future__ import annotations

import asyncio
import resource
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine, Iterator
from contextlib import asynccontextmanager
from typing import Any
from urllib.parse import urlsplit

import anyio
import pytest
import uvloop

from pymockapi import (
    AsyncMockServer,
    AsyncNamespace,
    AsyncStub,
    MockApiError,
    MockServer,
    MockServerError,
)

Scenario = Callable[[], Coroutine[Any, Any, None]]
MANY = 1000


async def call(url: str, method: str = "GET") -> tuple[int, bytes]:
    """Call as a system under test would, with asyncio's own streams."""
    where = urlsplit(url)
    reader, writer = await asyncio.open_connection(where.hostname, where.port)
    head = f"{method} {where.path} HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"
    writer.write(head.encode())
    answer = await reader.read()
    writer.close()
    await writer.wait_closed()
    head_bytes, _, body = answer.partition(b"\r\n\r\n")
    return int(head_bytes.split()[1]), body


@pytest.fixture(scope="module")
def url() -> Iterator[str]:
    """A server for tests that need none of their own."""
    with MockServer() as server:
        yield server.url


@asynccontextmanager
async def fresh(url: str, **options: Any) -> AsyncIterator[AsyncNamespace]:
    async with AsyncMockServer.attach(url) as server, server.namespace(**options) as mock:
        yield mock


async def whole_test() -> None:
    async with AsyncMockServer() as server, server.namespace(state={"cart": "empty"}) as mock:
        pay = await mock.post("/pay").respond(503).then(201, set={"cart": "paid"})
        assert [(await call(mock.url + "/pay", "POST"))[0] for _ in range(2)] == [503, 201]
        await pay.assert_called(2)
        await mock.verify([pay.answered(503), pay.answered(201)], order="strict")
        assert (await pay.hits, await mock.state["cart"]) == (2, "paid")
        waiting = asyncio.create_task(pay.wait(3, within=20))
        await call(mock.url + "/pay", "POST")
        assert [request.number for request in await waiting] == [1, 2, 3]


@pytest.mark.parametrize(
    "run", [asyncio.run, uvloop.run, lambda test: anyio.run(lambda: test)], ids=["asyncio", "uvloop", "anyio"]
)  # fmt: skip
def test_a_whole_test_runs_on_every_loop(run: Callable[[Awaitable[None]], None]) -> None:
    run(whole_test())


def test_one_handle_serves_several_loops_in_turn() -> None:
    server = asyncio.run(AsyncMockServer().start())
    mock = asyncio.run(opened(server))
    stub = asyncio.run(defined(mock))
    asyncio.run(stub.assert_not_called())
    asyncio.run(server.stop())


async def opened(server: AsyncMockServer) -> AsyncNamespace:
    return await server.namespace()


async def defined(mock: AsyncNamespace) -> AsyncStub:
    return await mock.get("/a").respond()


def test_without_a_loop_of_asyncio_it_says_what_it_needs() -> None:
    with pytest.raises(MockServerError, match=r"a running asyncio event loop .* not run on trio"):
        AsyncMockServer().start().send(None)  # as another event loop would


def test_what_opens_is_awaited_entered_or_made_a_task() -> None:
    async def test() -> None:
        async with AsyncMockServer() as server:
            awaited = await server.namespace("awaited")
            async with server.namespace("entered") as entered:
                assert (await server.get("entered")).id == entered.id
            async with asyncio.TaskGroup() as group:
                task = group.create_task(server.namespace("task"))
            together = await asyncio.gather(*[server.namespace(f"n{n}") for n in range(3)])
            names = [each.name for each in await server.namespaces()]
            assert names == [
                "default",
                *(each.name for each in (awaited, task.result(), *together)),
            ]
            async with (
                AsyncMockServer.attach(server.url) as attached,
                awaited.fork("copy") as copy,
                attached.default as default,
            ):
                assert (copy.name, default.name) == ("copy", "default")
            assert await server.version()

    asyncio.run(test())


def test_what_opens_can_be_closed_unawaited(url: str) -> None:
    async def test() -> None:
        async with AsyncMockServer.attach(url) as server:
            server.namespace("never").close()
            given_up = server.namespace("given-up")
            with pytest.raises(ZeroDivisionError):
                given_up.throw(ZeroDivisionError())
            assert [each.name for each in await server.namespaces()] == ["default"]

    asyncio.run(test())


def test_what_was_not_awaited_says_so(url: str) -> None:
    async def test() -> None:
        async with AsyncMockServer.attach(url) as server:
            opening: Any = server.namespace("never")
            with pytest.raises(AttributeError, match=r"'get': this call was not awaited yet"):
                opening.get("/a")
            opening.close()
            async with server.namespace() as mock:
                defining: Any = mock.get("/a").respond()
                with pytest.raises(AttributeError, match="await it first"):
                    defining.assert_called()
                defining.close()

    asyncio.run(test())


def test_a_refused_definition_is_told_at_the_await_and_unknown_keywords_at_once(url: str) -> None:
    async def test() -> None:
        async with fresh(url) as mock:
            with pytest.raises(MockApiError, match="write '/a'"):
                await mock.get("a").respond().then(201)
            with pytest.raises(TypeError, match="did you mean 'json'"):
                mock.get("/a").respond(jsn=1)  # type: ignore[call-arg]

    asyncio.run(test())


def test_a_thousand_waits_on_one_loop_end_with_the_request_they_wait_for(url: str) -> None:
    if resource.getrlimit(resource.RLIMIT_NOFILE)[0] < 2 * MANY:
        pytest.skip("each wait has a connection, and this system allows too few")

    async def test() -> None:
        async with fresh(url) as mock:
            stub = await mock.get("/a").respond()
            waits = [asyncio.create_task(stub.wait(1, within=60)) for _ in range(MANY)]
            await mock.cursor()
            await call(mock.url + "/a")
            found = await asyncio.gather(*waits)
            assert [[each.number for each in requests] for requests in found] == [[1]] * MANY

    asyncio.run(test())


def test_a_cancelled_wait_is_freed_on_the_server(url: str) -> None:
    async def test() -> None:
        async with fresh(url, limits={"waiters": 1}) as mock:
            stub = await mock.get("/a").respond()
            waiting = asyncio.create_task(stub.wait(1, within=600))
            while not await is_full(mock):
                if waiting.done():  # refused, since the question itself was waiting
                    assert isinstance(waiting.exception(), MockApiError)
                    waiting = asyncio.create_task(stub.wait(1, within=600))
                for _ in range(20):  # meanwhile the wait arrives
                    await mock.cursor()
            waiting.cancel()
            with pytest.raises(asyncio.CancelledError):
                await waiting
            while await is_full(mock):
                pass

    asyncio.run(test())


async def is_full(mock: AsyncNamespace) -> bool:
    """Return whether the namespace refuses one more wait."""
    try:
        await mock.check([mock.any("/never")], within="1ms")
    except MockApiError as error:
        return error.code == "limit-reached"
    return False


def test_a_cancelled_call_leaves_the_client_usable(url: str) -> None:
    async def test() -> None:
        async with fresh(url) as mock:
            for _ in range(20):
                calling = asyncio.create_task(mock.state.update(n=1))
                await asyncio.sleep(0)
                calling.cancel()
                await asyncio.gather(calling, return_exceptions=True)
                await mock.state.update(n=2)
                assert await mock.state.all() == {"n": 2}

    asyncio.run(test())


def test_a_block_that_is_cancelled_still_deletes_its_namespace() -> None:
    async def test() -> None:
        async with AsyncMockServer() as server:
            inside = asyncio.Event()

            async def stay() -> None:
                async with server.namespace():
                    inside.set()
                    await asyncio.Event().wait()

            staying = asyncio.create_task(stay())
            await inside.wait()
            staying.cancel()
            await asyncio.gather(staying, return_exceptions=True)
            assert [each.name for each in await server.namespaces()] == ["default"]

    asyncio.run(test())


async def no_task_is_left(server: AsyncMockServer) -> None:
    """Wait until no task is left, nor one that the end of another begins in the next turn."""
    alone = {asyncio.current_task()}
    while True:
        await server.version()
        if asyncio.all_tasks() == alone:
            await asyncio.sleep(0)
            if asyncio.all_tasks() == alone:
                return


def test_a_block_that_is_cancelled_before_it_begins_leaves_no_namespace() -> None:
    async def test() -> None:
        async with AsyncMockServer() as server:

            async def stay() -> None:
                async with server.namespace():
                    await asyncio.Event().wait()

            for turns in range(1, 30):
                staying = asyncio.create_task(stay())
                for _ in range(turns):
                    await asyncio.sleep(0)
                staying.cancel()
                with pytest.raises(asyncio.CancelledError):
                    await staying
            await no_task_is_left(server)
            assert [each.name for each in await server.namespaces()] == ["default"]

    asyncio.run(test())


def test_a_block_that_cannot_begin_tells_nobody_but_its_task(
    caplog: pytest.LogCaptureFixture,
) -> None:
    async def test() -> None:
        async with AsyncMockServer() as server, server.namespace("taken"):
            opening = server.namespace("taken")
            refused = asyncio.create_task(opening.__aenter__())
            await asyncio.sleep(0)
            refused.cancel()
            with pytest.raises(asyncio.CancelledError):
                await refused
            await no_task_is_left(server)
            assert [each.name for each in await server.namespaces()] == ["default", "taken"]

    asyncio.run(test())
    assert not caplog.records


def test_a_block_in_a_cancelled_scope_of_anyio_still_deletes_its_namespace() -> None:
    async def test() -> None:
        async with AsyncMockServer() as server:
            with anyio.CancelScope() as scope:
                async with server.namespace():
                    scope.cancel()  # from now on every await of the block is cancelled
                    await anyio.sleep_forever()
            while len(await server.namespaces()) > 1:
                pass

    anyio.run(test)


def frames_of_ours(failure: pytest.ExceptionInfo[AssertionError]) -> list[str]:
    return [
        entry.name
        for entry in failure.traceback
        if "pymockapi" in entry.frame.f_globals["__name__"] and not entry.ishidden(failure)
    ]


def test_a_failed_assertion_shows_no_frame_of_the_client(url: str) -> None:
    async def test() -> None:
        async with fresh(url) as mock:
            stub = await mock.get("/a").respond()
            failing = (
                stub.assert_called, stub.assert_called_once, mock.get("/a").assert_called_once,
                lambda: stub.assert_called(within="1ms"), lambda: mock.verify([stub]),
                lambda: mock.wait_for(stub, within="1ms"),
            )  # fmt: skip
            for assertion in failing:
                with pytest.raises(AssertionError) as failure:
                    await assertion()
                assert frames_of_ours(failure) == []

    asyncio.run(test())
    attached = MockServer.attach(url)
    with attached, pytest.raises(AssertionError) as failure:
        attached.namespace().get("/a").assert_called()
    assert frames_of_ours(failure) == []
