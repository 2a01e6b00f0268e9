"""When answers leave, in which order, and what the application is told about each."""

from __future__ import annotations

import asyncio
import socket

from tests.server.conftest import Run
from tests.server.harness import HOST, FakeApplication, Line, ask, echo, ok, serve

from pymockapi.model.delivery import Dispatch
from pymockapi.model.exchange import Phase
from pymockapi.model.request import Request
from pymockapi.model.response import make_response
from pymockapi.server.application_port import Reply

DELAYED, SENDING, ANSWERED, ABORTED = (
    Phase.DELAYED, Phase.SENDING, Phase.ANSWERED, Phase.ABORTED,
)  # fmt: skip


def get(target: str) -> bytes:
    return b"GET " + target.encode() + b" HTTP/1.1\r\n" + HOST + b"\r\n"


def by_target(request: Request) -> Reply:
    """Delay ``/slow`` a little and ``/never`` for an hour; ``?owner=x`` names the owner."""
    delay_s = {"/slow": 0.02, "/never": 3600.0}.get(request.path, 0.0)
    owner = request.query.get("owner", [None])[0]
    response = make_response(200, body=request.path.encode())
    dispatch = Dispatch(delay_s) if delay_s else None
    return Reply(response, date=b"", handle=request.path, owner=owner, dispatch=dispatch)


def test_an_answer_that_left_whole_is_answered_with_all_its_bytes() -> None:
    async def check() -> None:
        line = Line()
        line.send(get("/a"))
        assert line.app.phases == [("/a", ANSWERED, len(ok(b"GET|/a||")))]
        line.edge.close()

    asyncio.run(check())


def test_an_answer_is_sending_until_the_client_has_taken_its_last_byte() -> None:
    async def check() -> None:
        line = Line(room=10)
        line.send(get("/a"))
        assert line.app.phases == [("/a", SENDING, 10)]
        line.transport.take(5)
        assert line.app.phases_of("/a") == [SENDING]
        line.transport.take(None)
        assert line.app.phases[-1] == ("/a", ANSWERED, len(ok(b"GET|/a||")))
        assert line.edge.inflight == 0
        line.edge.close()

    asyncio.run(check())


def test_of_two_answers_written_together_the_first_may_be_out_already() -> None:
    async def check() -> None:
        size = len(ok(b"GET|/a||"))
        line = Line(room=size + 3)
        line.send(get("/a") + get("/b"))
        assert line.app.phases == [("/a", ANSWERED, size), ("/b", SENDING, 3)]
        line.connection.connection_lost(None)
        assert line.app.phases[-1] == ("/b", ABORTED, 3)
        line.edge.close()

    asyncio.run(check())


def test_answers_behind_a_delayed_one_wait_but_their_requests_are_handled_at_once(
    run: Run,
) -> None:
    async def check() -> None:
        app = FakeApplication(by_target)
        listener = await serve(app)
        reader, writer = await asyncio.open_connection("127.0.0.1", listener.port)
        writer.write(get("/slow") + get("/b") + get("/c"))
        await app.until(lambda: len(app.requests) == 3)
        assert [phase for _, phase, _ in app.phases] == [DELAYED] * 3
        expected = ok(b"/slow") + ok(b"/b") + ok(b"/c")
        assert await reader.readexactly(len(expected)) == expected
        assert app.phases_of("/slow") == [DELAYED, ANSWERED]
        writer.close()
        await listener.stop()

    run(check())


def test_a_delay_runs_from_the_arrival_of_its_request_not_from_its_turn() -> None:
    async def check() -> None:
        line = Line(FakeApplication(by_target))
        line.send(get("/slow") + get("/slow") + get("/slow"))
        dues = [answer.due for answer in line.connection._outbox.queue]
        assert max(dues) - min(dues) < 0.02
        await line.app.until(lambda: len(line.app.phases) == 6)
        assert line.transport.output == ok(b"/slow") * 3
        line.edge.close()

    asyncio.run(check())


def test_a_client_that_leaves_aborts_what_it_was_owed(run: Run) -> None:
    async def check() -> None:
        app = FakeApplication(by_target)
        listener = await serve(app)
        sock = socket.create_connection(("127.0.0.1", listener.port))
        sock.sendall(get("/never") + get("/b"))
        await app.until(lambda: len(app.requests) == 2)
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")  # a reset
        sock.close()
        await app.until(lambda: len(app.phases) == 4)
        assert app.phases[2:] == [("/never", ABORTED, 0), ("/b", ABORTED, 0)]
        await listener.stop()

    run(check())


def test_a_client_that_closed_while_its_answer_was_delayed_never_counts_as_answered(
    run: Run,
) -> None:
    async def check() -> None:
        app = FakeApplication(by_target)
        listener = await serve(app)
        _, writer = await asyncio.open_connection("127.0.0.1", listener.port)
        writer.write(get("/slow"))
        await app.until(lambda: app.requests)
        writer.close()
        await app.until(lambda: len(app.phases) == 2)
        assert app.phases_of("/slow") == [DELAYED, ABORTED]
        await listener.stop()

    run(check())


def test_a_client_that_ended_only_its_writing_side_gets_every_answer(run: Run) -> None:
    async def check() -> None:
        app = FakeApplication(by_target)
        listener = await serve(app)
        reader, writer = await asyncio.open_connection("127.0.0.1", listener.port)
        writer.write(get("/slow") + get("/b"))
        writer.write_eof()
        assert await reader.read() == ok(b"/slow") + ok(b"/b")
        assert app.phases_of("/slow") == [DELAYED, ANSWERED]
        writer.close()
        await listener.stop()

    run(check())


def test_cancel_closes_unanswered_where_an_answer_of_that_owner_waits(run: Run) -> None:
    async def check() -> None:
        app = FakeApplication(by_target)
        listener = await serve(app)
        mine = asyncio.create_task(ask(listener, get("/b") + get("/never?owner=me")))
        yours = asyncio.create_task(ask(listener, get("/never?owner=you") + get("/c?owner=you")))
        await app.until(lambda: len(app.requests) == 4)
        listener._door.edge.cancel("nobody")
        listener._door.edge.cancel("me")
        assert ("/never", ABORTED, 0) in app.phases
        assert await mine == ok(b"/b")
        assert not yours.done()
        listener._door.edge.cancel("you")
        assert await yours == b""
        assert app.phases_of("/c") == [DELAYED, ABORTED]
        await listener.stop()

    run(check())


def test_a_request_that_cancels_an_answer_on_its_own_connection_is_aborted_with_it(
    run: Run,
) -> None:
    async def check() -> None:
        def answer(request: Request) -> Reply:
            if request.path == "/reset":
                listener._door.edge.cancel("me")
            return by_target(request)

        app = FakeApplication(answer)
        listener = await serve(app)
        assert await ask(listener, get("/never?owner=me") + get("/reset") + get("/b")) == b""
        assert app.phases == [
            ("/never", DELAYED, 0),
            ("/never", ABORTED, 0),
            ("/reset", ABORTED, 0),
        ]
        assert len(app.requests) == 2
        await listener.stop()

    run(check())


def test_an_answer_after_the_last_one_is_aborted() -> None:
    async def check() -> None:
        ready: asyncio.Future[Reply] = asyncio.get_running_loop().create_future()
        closing = make_response(200, (("Connection", "close"),))

        def answer(request: Request) -> Reply | asyncio.Future[Reply]:
            return ready if request.path == "/a" else echo(request)

        line = Line(FakeApplication(answer))
        line.send(get("/a") + get("/b"))
        ready.set_result(Reply(closing, date=b"", handle="/a"))
        await line.turns()
        assert line.app.phases_of("/b") == [DELAYED, ABORTED]
        assert line.transport.output.count(b"HTTP/1.1 200") == 1
        line.edge.close()

    asyncio.run(check())


def test_a_large_answer_reaches_a_client_that_reads_late(run: Run) -> None:
    size = 20_000_000  # past what the sockets' own buffers hold

    async def check() -> None:
        def answer(request: Request) -> Reply:
            return Reply(make_response(200, body=b"x" * size), date=b"", handle=request.path)

        app = FakeApplication(answer)
        listener = await serve(app)
        sock = socket.create_connection(("127.0.0.1", listener.port))
        sock.sendall(get("/a"))
        await app.until(lambda: SENDING in app.phases_of("/a"))
        sock.setblocking(False)
        reader, writer = await asyncio.open_connection(sock=sock)
        await reader.readexactly(len(ok(b"x" * size)))
        await app.until(lambda: ANSWERED in app.phases_of("/a"))
        writer.close()
        await listener.stop()

    run(check())


def throttled(request: Request) -> Reply:
    """Answer with a body that leaves at the rate in the query; others at once."""
    rate = request.query.get("rate", [None])[0]
    dispatch = None if rate is None else Dispatch(throttle=float(rate))
    return Reply(BODY, date=b"", handle=request.path, owner="me", dispatch=dispatch)


BODY = make_response(200, body=b"0123456789")
HEAD_BYTES = len(ok(b"0123456789")) - 10


def test_a_throttled_body_comes_whole_and_the_next_answer_after_it(run: Run) -> None:
    async def check() -> None:
        app = FakeApplication(throttled)
        listener = await serve(app)
        reader, writer = await asyncio.open_connection("127.0.0.1", listener.port)
        writer.write(get("/slow?rate=500") + get("/b"))
        expected = ok(b"0123456789") * 2
        assert await reader.readexactly(len(expected)) == expected
        await app.until(lambda: ("/b", ANSWERED, HEAD_BYTES + 10) in app.phases)
        phases = app.phases_of("/slow")
        assert phases[0] is DELAYED
        assert set(phases[1:-1]) == {SENDING}
        assert app.phases[-2] == ("/slow", ANSWERED, HEAD_BYTES + 10)
        writer.close()
        await listener.stop()

    run(check())


def test_a_throttled_answer_tells_what_left_of_it_when_its_client_goes() -> None:
    async def check() -> None:
        line = Line(FakeApplication(throttled))
        line.send(get("/slow?rate=1"))
        await line.app.until(lambda: SENDING in line.app.phases_of("/slow"))
        line.connection.connection_lost(None)
        assert line.app.phases[-1] == ("/slow", ABORTED, HEAD_BYTES)
        line.edge.close()

    asyncio.run(check())


def test_a_throttled_answer_that_is_cancelled_ends_where_it_is(run: Run) -> None:
    async def check() -> None:
        app = FakeApplication(throttled)
        listener = await serve(app)
        asked = asyncio.create_task(ask(listener, get("/slow?rate=1") + get("/b")))
        await app.until(lambda: SENDING in app.phases_of("/slow"))
        listener._door.edge.cancel("me")
        assert ok(b"0123456789").startswith(await asked)
        assert app.phases[-2:] == [("/slow", ABORTED, HEAD_BYTES), ("/b", ABORTED, 0)]
        await listener.stop()

    run(check())


def test_no_slice_is_written_while_the_client_does_not_read() -> None:
    async def check() -> None:
        line = Line(FakeApplication(throttled), room=HEAD_BYTES - 1)
        line.send(get("/slow?rate=100000"))
        await line.app.until(lambda: SENDING in line.app.phases_of("/slow"))
        assert line.transport.writes == 1
        line.transport.take(None)
        await line.app.until(lambda: ANSWERED in line.app.phases_of("/slow"))
        assert line.transport.output == ok(b"0123456789")
        assert line.edge.inflight == 0
        line.edge.close()

    asyncio.run(check())


def test_a_head_request_gets_no_slice() -> None:
    async def check() -> None:
        line = Line(FakeApplication(throttled))
        line.send(get("/slow?rate=1").replace(b"GET", b"HEAD"))
        await line.app.until(lambda: ANSWERED in line.app.phases_of("/slow"))
        assert line.transport.output == ok(b"0123456789")[:-10]
        line.edge.close()

    asyncio.run(check())


def test_a_throttled_answer_may_be_the_last_of_its_connection(run: Run) -> None:
    async def check() -> None:
        app = FakeApplication(throttled)
        listener = await serve(app)
        asked = get("/slow?rate=500").replace(HOST, HOST + b"Connection: close\r\n")
        assert (await ask(listener, asked + get("/b"))).endswith(b"\r\n\r\n0123456789")
        assert len(app.requests) == 1
        await listener.stop()

    run(check())


def test_a_server_that_stops_lets_a_throttled_answer_leave_whole(run: Run) -> None:
    async def check() -> None:
        app = FakeApplication(throttled)
        listener = await serve(app)
        asked = asyncio.create_task(ask(listener, get("/slow?rate=200")))
        await app.until(lambda: SENDING in app.phases_of("/slow"))
        await listener.stop()
        assert (await asked).endswith(b"0123456789")

    run(check())
