"""Answers in pieces: they leave as the client takes them, whole, in order, and hold up nobody."""

from __future__ import annotations

import asyncio
import json
import socket
from collections import deque
from collections.abc import Awaitable
from itertools import pairwise
from typing import Any

import msgspec
import pytest
from tests.api.live import Live
from tests.server.harness import HOST, FakeApplication, Line, echo, ok

from pymockapi.model.request import Request
from pymockapi.model.response import make_response
from pymockapi.server.application_port import Reply

PIECES = [b"x" * 200_000, b"y" * 400_000, b"z" * 500_000]
WHOLE = b"".join(PIECES)


def get(target: str, method: bytes = b"GET", *lines: bytes) -> bytes:
    extra = b"".join(line + b"\r\n" for line in lines)
    return method + b" " + target.encode() + b" HTTP/1.1\r\n" + HOST + extra + b"\r\n"


def long_reply() -> Reply:
    response = make_response(200)
    head = response.head.replace(b": 0", b": %d" % len(WHOLE))
    return Reply(msgspec.structs.replace(response, head=head), date=b"", rest=deque(PIECES))


def answering(request: Request) -> Reply | Awaitable[Reply]:
    """``/long`` is answered in pieces, a turn later; all else is echoed."""
    if request.path != "/long":
        return echo(request)

    async def later() -> Reply:
        await asyncio.sleep(0)
        return long_reply()

    return later()


def line(room: int | None = None) -> Line:
    return Line(FakeApplication(answering), room=room)


EXPECTED = b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % len(WHOLE) + WHOLE


def test_a_long_answer_leaves_whole_and_what_follows_waits_for_it() -> None:
    async def check() -> None:
        made = line()
        made.send(get("/long") + get("/b"))
        await made.turns(10)
        assert made.transport.output == EXPECTED + ok(b"GET|/b||")
        made.edge.close()

    asyncio.run(check())


def test_only_so_much_of_it_leaves_in_one_turn() -> None:
    async def check() -> None:
        made = line()
        made.send(get("/long"))
        sizes = [0]
        for _ in range(12):
            await made.turns(1)
            sizes.append(len(made.transport.output))
        steps = [after - before for before, after in pairwise(sizes)]
        assert max(steps) <= 512 * 1024 + max(map(len, PIECES))
        assert sizes[-1] == len(EXPECTED)
        made.edge.close()

    asyncio.run(check())


def test_a_client_that_does_not_read_is_waited_for() -> None:
    async def check() -> None:
        made = line(room=1000)
        made.send(get("/long") + get("/b"))
        await made.turns(10)
        assert len(made.transport.output) == 1000
        assert len(made.transport.held) <= len(PIECES[0]) + 100
        while made.transport.held or len(made.transport.output) < len(EXPECTED):
            made.transport.take(150_000)
            await made.turns(3)
        made.transport.take(None)
        await made.turns(3)
        assert made.transport.output == EXPECTED + ok(b"GET|/b||")
        made.edge.close()

    asyncio.run(check())


def test_head_gets_the_length_and_no_piece() -> None:
    async def check() -> None:
        made = line()
        made.send(get("/long", b"HEAD") + get("/b"))
        await made.turns(10)
        assert made.transport.output == EXPECTED[: -len(WHOLE)] + ok(b"GET|/b||")
        made.edge.close()

    asyncio.run(check())


def test_the_connection_closes_after_the_last_piece() -> None:
    async def check() -> None:
        made = line()
        made.send(get("/long", b"GET", b"Connection: close"))
        await made.turns(10)
        assert made.transport.output.endswith(WHOLE[-10:])
        assert b"Connection: close" in made.transport.output[:200]
        assert made.transport.is_closed
        made.edge.close()

    asyncio.run(check())


def test_a_client_that_goes_away_is_sent_no_more() -> None:
    async def check() -> None:
        made = line(room=1000)
        made.send(get("/long"))
        await made.turns(5)
        made.connection.connection_lost(None)
        await made.turns(5)
        assert len(made.transport.output) == 1000
        made.edge.close()

    asyncio.run(check())


def test_a_large_export_comes_whole_over_a_real_connection_and_the_next_call_after_it() -> None:
    live = Live()
    try:
        ns = live.create()
        for _ in range(40):
            live.send("POST", f"/~{ns}/x", b"x" * 20_000)
        path = f"/__mock/v1/namespaces/{ns}/export?format=har"
        with socket.create_connection(live.address) as sock:
            sock.sendall(f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n".encode() * 2
                         + b"GET /__mock/v1/health HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n")  # fmt: skip
            received = b"".join(iter(lambda: sock.recv(100_000), b""))
        for _ in range(2):
            head, _, received = received.partition(b"\r\n\r\n")
            size = int(head.lower().partition(b"content-length: ")[2].split(b"\r\n")[0])
            log: Any = json.loads(received[:size])["log"]
            assert len(log["entries"]) == 40
            assert size > 256 * 1024
            received = received[size:]
        assert received.endswith(b'{"status":"ok"}')
    finally:
        live.close()


@pytest.mark.parametrize("size", [1, 40])
def test_head_of_an_export_tells_its_length(size: int) -> None:
    live = Live()
    try:
        ns = live.create()
        for _ in range(size):
            live.send("POST", f"/~{ns}/x", b"x" * 20_000)
        path = f"/__mock/v1/namespaces/{ns}/export?format=har"
        told = live.send("HEAD", path)
        assert int(told.headers["content-length"]) == len(live.send("GET", path).body)
    finally:
        live.close()
