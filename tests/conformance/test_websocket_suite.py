"""The cases of the Autobahn test suite against the server's WebSocket, as ``kosoku`` plays them.

``tests/conformance/fetch.py`` brings it. The suite wants an echo, so the session is one here. What it
says of binary messages is left out, as there are none (1003), compression too.
"""

from __future__ import annotations

import asyncio
import json
import os
import sys
from pathlib import Path
from typing import Final

import pytest
from tests.conformance.fetch import WEBSOCKET
from tests.server.conftest import Run
from tests.server.conftest import run as run
from tests.server.sockets import EchoSession, Switching

from pymockapi.model.request import Request
from pymockapi.server.application_port import Later, Reply
from pymockapi.server.edge import Edge
from pymockapi.server.limits import MIB, EdgeLimits
from pymockapi.server.listener import listen

LEFT_OUT: Final = ("1.2.*", "9.2.*", "9.4.*", "9.6.*", "9.8.*", "12.*", "13.*")
STRICTER: Final = {"7.1.5"}
"""A close frame amid the parts of a message, which is told as 1002 and not as 1000."""

PASSED: Final = {"OK", "NON-STRICT", "INFORMATIONAL"}
needs_suite = pytest.mark.skipif(
    not WEBSOCKET.is_dir(), reason="the suite is not there: python tests/conformance/fetch.py"
)


class Echo(Switching):
    """Every path is a socket that echoes."""

    def answer(self, request: Request) -> Reply | Later:  # type: ignore[override]
        request.target = "/socket"
        return super().answer(request)


async def play(port: int, folder: Path) -> dict[str, str]:
    """Let the suite play every case; return how each went."""
    command = "from kosoku._cli import main; main()"
    options = [each for name in LEFT_OUT for each in ("-x", name)]
    suite = await asyncio.create_subprocess_exec(
        sys.executable, "-c", command, *options, "-o", str(folder), f"127.0.0.1:{port}",
        env={**os.environ, "PYTHONPATH": str(WEBSOCKET)}, stdout=asyncio.subprocess.DEVNULL,
    )  # fmt: skip
    await suite.wait()
    index = json.loads((folder / "index.json").read_text(encoding="utf-8"))
    (cases,) = index.values()
    return {name: case["behavior"] for name, case in cases.items()}


@needs_suite
def test_the_server_does_what_the_suite_says(run: Run, tmp_path: Path) -> None:
    async def scene() -> dict[str, str]:
        limits = EdgeLimits(message=16 * MIB)
        listener = await listen(Edge(limits), Echo(EchoSession), "127.0.0.1", 0)
        found = await play(listener.port, tmp_path)
        await listener.stop()
        return found

    found = run(scene())
    assert len(found) > 250
    assert {name for name, how in found.items() if how not in PASSED} == STRICTER
