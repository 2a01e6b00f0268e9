"""Bodies in pieces on the wire: chunks and trailers, versions, HEAD, phases, clients that leave."""

from __future__ import annotations

import asyncio

import pytest
from tests.server.conftest import Run
from tests.server.harness import HOST, FakeApplication, Line, ask, ok, serve, talk
from tests.server.tls_clients import client_context, identity

from pymockapi.model.delivery import Delivery, Dispatch, FaultKind, Piece
from pymockapi.model.exchange import Phase
from pymockapi.model.request import Request
from pymockapi.model.response import make_response
from pymockapi.server.application_port import Reply

DELAYED, SENDING, ANSWERED, ABORTED = (
    Phase.DELAYED, Phase.SENDING, Phase.ANSWERED, Phase.ABORTED,
)  # fmt: skip
STREAMS: dict[str, tuple[Piece, ...]] = {
    "/now": (Piece(b"one"), Piece(b"two")),
    "/soon": (Piece(b"one"), Piece(b"two", 0.01), Piece(b"three", 0.01)),
    "/never": (Piece(b"one"), Piece(b"two", 3600.0)),
    "/late-end": (Piece(b"one"), Piece(b"", 0.01)),
    "/long": tuple(Piece(b"%d," % number) for number in range(200)),
}
TRAILERS = (("X-Sum", "7"), ("X-Ä", "ö"))
HEAD = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
CHUNKS = {
    "/now": b"3\r\none\r\n3\r\ntwo\r\n0\r\n\r\n",
    "/soon": b"3\r\none\r\n3\r\ntwo\r\n5\r\nthree\r\n0\r\n\r\n",
    "/late-end": b"3\r\none\r\n0\r\n\r\n",
    "/long": b"".join(b"%x\r\n%b\r\n" % (len(each.data), each.data) for each in STREAMS["/long"])
    + b"0\r\n\r\n",
}


def streaming(request: Request) -> Reply:
    """Answer with the stream at the path, whole bodies elsewhere; the query asks for more."""
    asked = {name: values[0] for name, values in request.query.items()}
    pieces = STREAMS.get(request.path)
    trailers = TRAILERS if "trailers" in asked else ()
    delivery = None if pieces is None else Delivery(pieces=pieces, trailers=trailers)
    body = request.path.encode() if pieces is None else b"".join(each.data for each in pieces)
    headers = (("Connection", "close"),) if "closes" in asked else ()
    response = make_response(200, headers, body, delivery=delivery)
    rate = float(asked["rate"]) if "rate" in asked else None
    dispatch = None
    if pieces is not None:
        dispatch = Dispatch(0.0, rate, None, iter(pieces), trailers)
    return Reply(response, date=b"", handle=request.path, owner="me", dispatch=dispatch)


def get(target: str, version: int = 1, *lines: bytes) -> bytes:
    head = b"GET %b HTTP/1.%d\r\n" % (target.encode(), version)
    return head + HOST + b"".join(line + b"\r\n" for line in lines) + b"\r\n"


@pytest.mark.parametrize("path", ["/now", "/soon", "/late-end", "/long"])
def test_each_piece_is_one_chunk_and_the_connection_goes_on(run: Run, path: str) -> None:
    async def check() -> None:
        app = FakeApplication(streaming)
        output = await talk(get(path) + get("/after"), app)
        assert output == HEAD + CHUNKS[path] + ok(b"/after")
        assert app.phases_of(path)[-1] is ANSWERED
        sent = [sent for told, phase, sent in app.phases if (told, phase) == (path, ANSWERED)]
        assert sent == [len(HEAD + CHUNKS[path])]

    run(check())


def test_each_piece_is_written_on_its_own() -> None:
    async def check() -> None:
        line = Line(FakeApplication(streaming))
        line.send(get("/soon"))
        await line.app.until(lambda: ANSWERED in line.app.phases_of("/soon"))
        assert line.transport.writes == 5  # the head, three pieces, the last chunk
        phases = line.app.phases_of("/soon")
        assert phases[0] is DELAYED
        assert set(phases[1:-1]) == {SENDING}
        line.edge.close()

    asyncio.run(check())


def test_a_piece_is_there_before_the_next_is_due(run: Run) -> None:
    async def check() -> None:
        app = FakeApplication(streaming)
        listener = await serve(app)
        reader, writer = await asyncio.open_connection("127.0.0.1", listener.port)
        writer.write(get("/never"))
        expected = HEAD + b"3\r\none\r\n"
        assert await reader.readexactly(len(expected)) == expected
        other = asyncio.create_task(ask(listener, get("/other", 1, b"Connection: close")))
        assert (await other).endswith(b"/other")  # nobody else waits
        listener._door.edge.cancel("me")
        with pytest.raises((asyncio.IncompleteReadError, ConnectionResetError)):
            await reader.readexactly(1)
        assert app.phases[-1] == ("/never", ABORTED, len(expected))
        writer.close()
        await listener.stop()

    run(check())


def test_trailers_follow_the_last_chunk(run: Run) -> None:
    async def check() -> None:
        output = await talk(get("/now?trailers"), FakeApplication(streaming))
        end = "0\r\nX-Sum: 7\r\nX-Ä: ö\r\n\r\n".encode()
        assert output == HEAD + b"3\r\none\r\n3\r\ntwo\r\n" + end

    run(check())


@pytest.mark.parametrize("lines", [(), (b"Connection: keep-alive",)])
def test_http_1_0_gets_the_pieces_as_they_are_and_the_end_by_the_end(
    run: Run, lines: tuple[bytes, ...]
) -> None:
    async def check() -> None:
        listener = await serve(FakeApplication(streaming))
        output = await ask(listener, get("/soon?trailers", 0, *lines))
        assert output == b"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\nonetwothree"
        await listener.stop()

    run(check())


def test_an_empty_piece_at_the_end_holds_the_end_for_http_1_0(run: Run) -> None:
    async def check() -> None:
        listener = await serve(FakeApplication(streaming))
        assert (await ask(listener, get("/late-end", 0))).endswith(b"\r\n\r\none")
        await listener.stop()

    run(check())


def test_what_follows_a_stream_to_http_1_0_is_never_answered(run: Run) -> None:
    async def check() -> None:
        app = FakeApplication(streaming)
        listener = await serve(app)
        keep = b"Connection: keep-alive"
        output = await ask(listener, get("/now", 0, keep) + get("/after", 0, keep))
        assert output.endswith(b"onetwo")
        assert ("/after", ABORTED, 0) in app.phases or app.phases_of("/after") == []
        await listener.stop()

    run(check())


def test_head_gets_the_same_head_and_nothing_else(run: Run) -> None:
    async def check() -> None:
        app = FakeApplication(streaming)
        output = await talk(get("/never?trailers").replace(b"GET", b"HEAD") + get("/after"), app)
        assert output == HEAD + ok(b"/after")
        assert app.phases_of("/never")[-1] is ANSWERED

    run(check())


def test_a_stream_may_close_its_connection(run: Run) -> None:
    async def check() -> None:
        listener = await serve(FakeApplication(streaming))
        for asked in (get("/now?closes"), get("/now", 1, b"Connection: close")):
            output = await ask(listener, asked)
            assert output.count(b"Connection: close\r\n") == 1
            assert output.endswith(CHUNKS["/now"])
        await listener.stop()

    run(check())


def test_a_stream_may_be_throttled(run: Run) -> None:
    async def check() -> None:
        output = await talk(get("/soon?rate=1000") + get("/b"), FakeApplication(streaming))
        assert output == HEAD + CHUNKS["/soon"] + ok(b"/b")

    run(check())


def test_no_piece_is_taken_while_the_client_does_not_read() -> None:
    async def check() -> None:
        line = Line(FakeApplication(streaming), room=len(HEAD) + 4)
        line.send(get("/long"))
        await line.app.until(lambda: SENDING in line.app.phases_of("/long"))
        assert line.transport.writes == 2
        assert line.app.phases[-1] == ("/long", SENDING, len(HEAD) + 4)
        assert len(line.transport.held) < 10
        line.transport.take(None)
        await line.app.until(lambda: ANSWERED in line.app.phases_of("/long"))
        assert line.transport.output == HEAD + CHUNKS["/long"]
        line.edge.close()

    asyncio.run(check())


def test_a_client_that_leaves_in_mid_stream_aborts_it_where_it_is() -> None:
    async def check() -> None:
        line = Line(FakeApplication(streaming))
        line.send(get("/never") + get("/after"))
        await line.app.until(lambda: SENDING in line.app.phases_of("/never"))
        line.connection.connection_lost(None)
        left = len(HEAD + b"3\r\none\r\n")
        assert line.app.phases[-2:] == [("/never", ABORTED, left), ("/after", ABORTED, 0)]
        line.edge.close()

    asyncio.run(check())


def test_what_a_client_that_leaves_has_not_taken_does_not_count_as_sent() -> None:
    async def check() -> None:
        line = Line(FakeApplication(streaming), room=10)
        line.send(get("/never"))
        await line.app.until(lambda: SENDING in line.app.phases_of("/never"))
        line.connection.abort()
        assert line.app.phases[-1] == ("/never", ABORTED, 10)
        assert line.edge.inflight == 0
        line.edge.close()

    asyncio.run(check())


def test_a_server_that_stops_lets_a_stream_end_within_its_grace(run: Run) -> None:
    async def check() -> None:
        app = FakeApplication(streaming)
        listener = await serve(app)
        ends = asyncio.create_task(ask(listener, get("/soon")))
        does_not = asyncio.create_task(ask(listener, get("/never")))
        await app.until(lambda: {"/soon", "/never"} <= {told for told, _, _ in app.phases})
        await app.until(lambda: SENDING in app.phases_of("/never"))
        await listener.stop(0.5)
        assert (await ends).endswith(CHUNKS["/soon"])
        assert (await does_not).endswith(b"one\r\n")
        assert app.phases_of("/never")[-1] is ABORTED

    run(check())


def test_streams_go_over_tls(run: Run) -> None:
    async def check() -> None:
        app = FakeApplication(streaming)
        listener = await serve(app, tls=identity().context)
        reader, writer = await asyncio.open_connection(
            "127.0.0.1", listener.port, ssl=client_context(), server_hostname="localhost"
        )
        writer.write(get("/soon?trailers") + get("/b", 1, b"Connection: close"))
        output = await reader.read()
        assert output.startswith(HEAD + CHUNKS["/soon"][:-2])
        assert output.endswith(b"/b")
        writer.close()
        await listener.stop()

    run(check())


FAULTS = {
    "truncated": HEAD + b"3\r\none\r\n5\r\nt",
    "malformed_chunk": HEAD + b"This is no chunk.\r\n",
    "reset": b"",
    "empty": b"",
}


@pytest.mark.parametrize("kind", FAULTS)
def test_a_fault_befalls_a_stream_as_any_answer(kind: str) -> None:
    async def check() -> None:
        pieces = (Piece(b"one"), Piece(b"two!!"), Piece(b""))
        response = make_response(200, (), b"onetwo!!", delivery=Delivery(pieces=pieces))
        dispatch = Dispatch(0.0, None, FaultKind(kind), pieces)
        reply = Reply(response, date=b"", handle="/a", owner="me", dispatch=dispatch)
        line = Line(FakeApplication(lambda _: reply))
        line.send(get("/a"))
        await line.app.until(lambda: len(line.app.phases) > 1 and not line.connection._outbox.queue)
        await line.turns()
        assert line.transport.output == FAULTS[kind]
        assert line.transport.is_closed or line.transport.eof_written
        line.edge.close()

    asyncio.run(check())
