"""Starting a server from a loop: cancelled, it leaves no process behind."""

from __future__ import annotations

import asyncio
import subprocess
import sys
from threading import Event
from typing import Any

import pytest

from pymockapi import AsyncMockServer

READY = (
    '{"url": "http://127.0.0.1:1", "control_url": "http://127.0.0.1:1", "pid": 1, "token": null}'
)


@pytest.mark.parametrize("says", [READY, ""], ids=["ready all the same", "never ready"])
def test_a_cancelled_start_leaves_no_process(monkeypatch: pytest.MonkeyPatch, says: str) -> None:
    start: Any = subprocess.Popen
    begun, children = Event(), []

    def popen(_: list[str], **options: Any) -> Any:
        code = f"import sys; print({says!r}, end='', flush=True); sys.stdin.read()"
        children.append(start([sys.executable, "-c", code + f"; print({says!r})"], **options))
        begun.set()
        return children[0]

    monkeypatch.setattr(subprocess, "Popen", popen)

    async def test() -> None:
        starting = asyncio.create_task(AsyncMockServer(start_timeout=0.5).start())
        await asyncio.to_thread(begun.wait)
        starting.cancel()
        with pytest.raises(asyncio.CancelledError):
            await starting

    asyncio.run(test())
    assert children[0].returncode == 0


def test_tasks_that_start_one_handle_at_once_start_one_server() -> None:
    async def test() -> None:
        server = AsyncMockServer()
        await asyncio.gather(*(server.start() for _ in range(3)))
        pid = server.pid
        assert (await server.start()).pid == pid
        assert (await server.version())["api"] == "v1"
        await asyncio.gather(server.stop(), server.stop())
        assert server.pid is None

    asyncio.run(test())


def test_a_handle_that_one_loop_has_used_may_be_started_by_another() -> None:
    server = AsyncMockServer()

    async def start_twice() -> int | None:
        await asyncio.gather(server.start(), server.start())
        pid = server.pid
        await server.stop()
        return pid

    assert asyncio.run(start_twice()) != asyncio.run(start_twice())


def test_a_start_that_is_cancelled_lets_the_next_one_begin() -> None:
    async def test() -> None:
        server = AsyncMockServer()
        first, second = (asyncio.create_task(server.start()) for _ in range(2))
        await asyncio.sleep(0)
        first.cancel()
        assert (await second).pid is not None
        await server.stop()

    asyncio.run(test())
