"""Opening a port, the limits over all connections, and stopping."""

from __future__ import annotations

import asyncio
import socket

import pytest
from tests.server.conftest import Run
from tests.server.harness import FakeApplication, Line, ask, ok, refusal, serve

from pymockapi.model.delivery import Dispatch
from pymockapi.model.exchange import Phase
from pymockapi.model.request import Request
from pymockapi.model.response import make_response
from pymockapi.server.application_port import Reply
from pymockapi.server.edge import Edge
from pymockapi.server.limits import EdgeLimits
from pymockapi.server.listener import listen

GET = b"GET /a HTTP/1.1\r\nHost: a\r\n\r\n"


def test_port_0_picks_a_free_port_and_tells_it(run: Run) -> None:
    async def check() -> None:
        one, two = await serve(FakeApplication()), await serve(FakeApplication())
        assert one.port != two.port
        assert one.host == "127.0.0.1"
        await one.stop()
        await two.stop()

    run(check())


def test_a_port_in_use_is_an_os_error(run: Run) -> None:
    async def check() -> None:
        one = await serve(FakeApplication())
        with pytest.raises(OSError, match=r"address"):
            await listen(Edge(EdgeLimits()), FakeApplication(), "127.0.0.1", one.port)
        await one.stop()

    run(check())


def test_small_answers_leave_without_waiting_for_more(run: Run) -> None:
    async def check() -> None:
        listener = await serve(FakeApplication())
        reader, writer = await asyncio.open_connection("127.0.0.1", listener.port)
        writer.write(GET)
        await reader.readexactly(len(ok(b"GET|/a||")))
        (peer,) = listener._door.connections
        sock = peer._transport.get_extra_info("socket")  # type: ignore[attr-defined]
        assert sock.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY)
        writer.close()
        await listener.stop()

    run(check())


def test_one_connection_too_many_is_told_503_and_the_others_go_on(
    run: Run, caplog: pytest.LogCaptureFixture
) -> None:
    async def check() -> None:
        app = FakeApplication()
        listener = await serve(app, EdgeLimits(connections=1))
        reader, writer = await asyncio.open_connection("127.0.0.1", listener.port)
        writer.write(GET)
        await reader.readexactly(len(ok(b"GET|/a||")))
        assert refusal(await ask(listener, b"")) == (503, "limit-reached")
        writer.write(GET)
        await reader.readexactly(len(ok(b"GET|/a||")))
        writer.close()
        await listener.stop()
        assert len(app.requests) == 2

    run(check())
    assert "1 connections are open" in caplog.text


def test_connections_far_over_the_limit_are_dropped_unanswered() -> None:
    async def check() -> None:
        first = Line(limits=EdgeLimits(connections=0))
        lines = [Line(door=first.door) for _ in range(100)]
        assert all(b" 503 " in line.transport.output for line in [first, *lines[:99]])
        assert lines[99].transport.output == b""
        first.edge.close()

    asyncio.run(check())


def test_a_connection_without_a_request_is_closed_after_its_idle_time(run: Run) -> None:
    async def check() -> None:
        listener = await serve(FakeApplication(), EdgeLimits(idle_s=0.04))
        assert await ask(listener, GET) == ok(b"GET|/a||")
        await listener.stop()

    run(check())


def test_a_client_that_reads_nothing_of_its_answer_is_dropped_after_the_idle_time() -> None:
    async def check() -> None:
        line = Line(room=5)
        line.send(GET)
        now = line.connection._moved_at
        for seconds in (1, 70):
            line.connection.check_time(now + seconds)
        assert line.app.phases == [("/a", Phase.SENDING, 5)]
        line.connection.check_time(now + 80)
        assert line.app.phases[-1] == ("/a", Phase.ABORTED, 5)
        line.edge.close()

    asyncio.run(check())


def test_a_connection_whose_answer_is_delayed_is_not_idle() -> None:
    async def check() -> None:
        reply = Reply(make_response(200), handle="a", dispatch=Dispatch(3600.0))
        line = Line(FakeApplication(lambda _: reply))
        line.send(GET)
        now = line.connection._moved_at
        for seconds in (1, 100, 3000):
            line.connection.check_time(now + seconds)
        assert line.app.phases_of("a") == [Phase.DELAYED]
        line.connection.abort()
        line.edge.close()

    asyncio.run(check())


def test_stopping_closes_idle_connections_and_takes_no_new_ones(run: Run) -> None:
    async def check() -> None:
        listener = await serve(FakeApplication())
        reader, writer = await asyncio.open_connection("127.0.0.1", listener.port)
        writer.write(GET)
        await reader.readexactly(len(ok(b"GET|/a||")))
        await listener.stop()
        assert await reader.read() == b""
        assert listener.open_connections == 0
        with pytest.raises(OSError, match=r"."):
            await asyncio.open_connection("127.0.0.1", listener.port)
        writer.close()

    run(check())


def test_stopping_lets_what_is_in_flight_be_answered_with_connection_close(run: Run) -> None:
    async def check() -> None:
        release = asyncio.Event()

        async def slow(request: Request) -> Reply:
            await release.wait()
            return Reply(make_response(200, body=request.target.encode()), date=b"")

        app = FakeApplication(slow)
        listener = await serve(app)
        asked = asyncio.create_task(ask(listener, GET + GET))
        half = await asyncio.open_connection("127.0.0.1", listener.port)
        half[1].write(b"POST /half HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\n")
        half[1].write(b"Content-Length: 2\r\n\r\n")
        await half[0].readuntil(b"\r\n\r\n")
        await app.until(lambda: len(app.requests) == 2)
        stopped = asyncio.create_task(listener.stop(5.0))
        await asyncio.sleep(0)
        release.set()
        half[1].write(b"hi")
        assert await asked == ok(b"/a") + ok(b"/a", b"Connection: close")
        assert await half[0].read() == ok(b"/half", b"Connection: close")
        await stopped
        half[1].close()

    run(check())


def test_what_does_not_finish_within_the_grace_period_is_aborted(run: Run) -> None:
    async def check() -> None:
        reply = Reply(make_response(200), handle="a", dispatch=Dispatch(3600.0))
        app = FakeApplication(lambda _: reply)
        listener = await serve(app)
        asked = asyncio.create_task(ask(listener, GET))
        await app.until(lambda: app.requests)
        await listener.stop(0.01)
        assert await asked == b""
        assert app.phases_of("a") == [Phase.DELAYED, Phase.ABORTED]

    run(check())
