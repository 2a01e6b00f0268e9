"""One connection of the async client: where it goes, and when it gives up."""

from __future__ import annotations

import asyncio
import socket
from time import monotonic

import pytest

from pymockapi.client.aio.connection import AsyncConnection


def soon() -> float:
    return monotonic() + 20


async def opened(listener: socket.socket) -> AsyncConnection:
    return await AsyncConnection.open("127.0.0.1", listener.getsockname()[1], soon())


def test_a_name_is_looked_up() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:

        async def test() -> None:
            port = listener.getsockname()[1]
            connection = await AsyncConnection.open("localhost", port, soon())
            assert connection.is_open()
            connection.close()

        asyncio.run(test())


def test_a_name_that_is_none_is_an_error_of_the_system() -> None:
    with pytest.raises(OSError, match=r"\[Errno"):
        asyncio.run(AsyncConnection.open("nowhere.invalid", 80, soon()))


def test_what_takes_longer_than_the_deadline_ends_with_a_timeout() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:

        async def test() -> None:
            connection = await opened(listener)
            with pytest.raises(TimeoutError):
                await connection.receive(monotonic())
            with pytest.raises(TimeoutError):
                await connection.send(b"x" * 50_000_000, monotonic())
            connection.close()

        asyncio.run(test())


def test_cancelled_while_it_connects_it_leaves_no_socket(monkeypatch: pytest.MonkeyPatch) -> None:
    async def test() -> None:
        connecting: asyncio.Queue[socket.socket] = asyncio.Queue()

        async def never(unconnected: socket.socket, _: object) -> None:
            connecting.put_nowait(unconnected)
            await asyncio.Event().wait()

        monkeypatch.setattr(asyncio.get_running_loop(), "sock_connect", never)
        opening = asyncio.create_task(AsyncConnection.open("127.0.0.1", 1, soon()))
        unconnected = await connecting.get()
        opening.cancel()
        with pytest.raises(asyncio.CancelledError):
            await opening
        assert unconnected.fileno() == -1

    asyncio.run(test())


def test_what_was_closed_is_seen_and_takes_nothing_more() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:

        async def test() -> None:
            connection = await opened(listener)
            other, _ = listener.accept()
            other.close()
            assert await connection.receive(soon()) == b""
            assert not connection.is_open()
            while await connection.send(b"x" * 100_000, soon()):
                pass
            connection.close()

        asyncio.run(test())
