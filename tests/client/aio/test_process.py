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
