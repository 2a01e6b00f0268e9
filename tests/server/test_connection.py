"""What clients may send and what comes back, byte for byte."""

from __future__ import annotations

import asyncio

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.server.conftest import Run
from tests.server.harness import HOST, FakeApplication, Line, ok, serve, talk

from pymockapi.model.request import Request
from pymockapi.model.response import make_response
from pymockapi.server.application_port import Reply

GET = b"GET /a HTTP/1.1\r\n" + HOST + b"\r\n"
H2C = (
    b"POST /a HTTP/1.1\r\nConnection: Upgrade, HTTP2-Settings\r\nContent-Length: 3\r\n" + HOST
    + b"HTTP2-Settings: AAEAAEAAAAIAAAABAAMAAABkAAQBAAAAAAUAAEAA\r\nUpgrade: h2c\r\n\r\nabc"
)  # fmt: skip

ORDINARY = {
    "a plain GET": (GET, ok(b"GET|/a||")),
    "empty lines before a request": (b"\r\n\r\n" + GET, ok(b"GET|/a||")),
    "two pipelined requests": (
        GET + b"GET /b HTTP/1.1\r\nHost: a\r\n\r\n",
        ok(b"GET|/a||") + ok(b"GET|/b||"),
    ),
    "a body of declared length, and a request after it": (
        b"POST /a HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nGET /" + GET,
        ok(b"POST|/a|GET /|") + ok(b"GET|/a||"),
    ),
    "a GET with a body": (
        b"GET /a HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\n\r\nhi",
        ok(b"GET|/a|hi|"),
    ),
    "a chunked body, and a request after it": (
        b"POST /a HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n"
        b"3\r\nabc\r\n4;x=y\r\n\r\n\r\n\r\n0\r\n\r\n" + GET,
        ok(b"POST|/a|abc\r\n\r\n|") + ok(b"GET|/a||"),
    ),
    "chunked in capitals": (
        b"POST /a HTTP/1.1\r\nHost: a\r\nTRANSFER-ENCODING:  Chunked \r\n\r\n1\r\na\r\n0\r\n\r\n",
        ok(b"POST|/a|a|"),
    ),
    "trailers": (
        b"POST /a HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n"
        b"1\r\na\r\n0\r\nX-Sum: 1\r\nX-Mock-Namespace: b\r\n\r\n" + GET,
        ok(b"POST|/a|a|X-Sum: 1\r\nX-Mock-Namespace: b\r\n") + ok(b"GET|/a||"),
    ),
    "an absolute target": (
        b"GET http://shop:80/a?b=c HTTP/1.1\r\nHost: a\r\n\r\n",
        ok(b"GET|http://shop:80/a?b=c||"),
    ),
    "OPTIONS *": (b"OPTIONS * HTTP/1.1\r\nHost: a\r\n\r\n", ok(b"OPTIONS|*||")),
    "CONNECT, and a request after it": (
        b"CONNECT a:443 HTTP/1.1\r\nHost: a:443\r\n\r\n" + GET,
        ok(b"CONNECT|a:443||") + ok(b"GET|/a||"),
    ),
    "methods that the parser does not know": (
        b"QUERY2 /a HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\n\r\nxFOO /b HTTP/1.1\r\nHost: a\r\n\r\n"
        b"PRI /c HTTP/1.1\r\nHost: a\r\n\r\nget /d HTTP/1.1\r\nHost: a\r\n\r\n" + GET,
        ok(b"QUERY2|/a|x|") + ok(b"FOO|/b||") + ok(b"PRI|/c||") + ok(b"get|/d||") + ok(b"GET|/a||"),
    ),
    "a raw UTF-8 target": (
        "GET /ä?ö=ü HTTP/1.1\r\nHost: a\r\n\r\n".encode() + GET,
        ok("GET|/ä?ö=ü||".encode()) + ok(b"GET|/a||"),
    ),
    "a target of bytes that are no UTF-8": (
        b"GET /\xff\xfe HTTP/1.1\r\nHost: a\r\n\r\n",
        ok(b"GET|/\xff\xfe||"),
    ),
    "an offer of h2c with a body": (H2C + GET, ok(b"POST|/a|abc|") + ok(b"GET|/a||")),
    "an offer of WebSocket": (
        b"GET /a HTTP/1.1\r\nHost: a\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n" + GET,
        ok(b"GET|/a||") + ok(b"GET|/a||"),
    ),
    "HTTP/1.0 without Host": (
        b"GET /a HTTP/1.0\r\n\r\n" + GET,
        ok(b"GET|/a||", b"Connection: close"),
    ),
    "HTTP/1.0 with keep-alive": (
        b"GET /a HTTP/1.0\r\nConnection: Keep-Alive\r\n\r\nGET /b HTTP/1.0\r\n\r\n",
        ok(b"GET|/a||", b"Connection: keep-alive") + ok(b"GET|/b||", b"Connection: close"),
    ),
    "Connection: close, and a request after it": (
        b"GET /a HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n" + GET,
        ok(b"GET|/a||", b"Connection: close"),
    ),
    "HEAD": (
        b"HEAD /a HTTP/1.1\r\nHost: a\r\n\r\n" + GET,
        ok(b"HEAD|/a||").removesuffix(b"HEAD|/a||") + ok(b"GET|/a||"),
    ),
}


@pytest.mark.parametrize("name", ORDINARY)
def test_a_client_gets_its_answers_in_order(name: str, run: Run) -> None:
    sent, expected = ORDINARY[name]
    assert run(talk(sent)) == expected


@pytest.mark.parametrize("name", ORDINARY)
def test_the_same_bytes_in_any_two_pieces_give_the_same_answers(name: str) -> None:
    sent, expected = ORDINARY[name]

    async def check() -> None:
        for at in range(1, len(sent)):
            line = Line()
            line.send(sent[:at])
            await line.turns(1)
            if not line.transport.is_closed:
                line.send(sent[at:])
                await line.turns(2)
            assert line.transport.output == expected, at
            line.edge.close()

    asyncio.run(check())


@settings(max_examples=40, deadline=None)
@given(st.data())
def test_a_stream_of_all_of_them_in_any_pieces_gives_the_same_answers(data: st.DataObject) -> None:
    names = [name for name in ORDINARY if "close" not in name and "without Host" not in name]
    picked = data.draw(st.lists(st.sampled_from(names[:-2]), min_size=1, max_size=12))
    sent = b"".join(ORDINARY[name][0] for name in picked)
    cuts = sorted(data.draw(st.sets(st.integers(1, len(sent) - 1), max_size=20)))

    async def check() -> None:
        line = Line()
        for begin, end in zip([0, *cuts], [*cuts, len(sent)], strict=True):
            line.send(sent[begin:end])
        await line.turns(10)
        assert line.transport.output == b"".join(ORDINARY[name][1] for name in picked)
        line.edge.close()

    asyncio.run(check())


def test_the_head_of_a_request_is_kept_raw(run: Run) -> None:
    app = FakeApplication()
    run(talk(H2C, app))
    request = app.requests[0]
    assert request.head == H2C.removesuffix(b"abc")
    assert ("Upgrade", "h2c") in request.headers
    assert request.client.startswith("127.0.0.1:")


def test_a_trailer_is_no_header(run: Run) -> None:
    app = FakeApplication()
    run(talk(ORDINARY["trailers"][0], app))
    assert app.requests[0].header("x-mock-namespace") == []
    assert app.requests[0].trailers == b"X-Sum: 1\r\nX-Mock-Namespace: b\r\n"


@pytest.mark.parametrize("status", [204, 304])
def test_a_status_without_content_has_no_body_and_keeps_the_connection(
    status: int, run: Run
) -> None:
    def answer(_: Request) -> Reply:
        return Reply(make_response(status, body=b"dropped"), date=b"")

    output = run(talk(GET + GET, FakeApplication(answer)))
    assert output.count(b"HTTP/1.1 %d " % status) == 2
    assert b"dropped" not in output


def test_an_answer_carries_the_date_of_now_unless_it_has_one(run: Run) -> None:
    def answer(request: Request) -> Reply:
        headers = (("Date", "Thu, 01 Jan 1970 00:00:00 GMT"),) if request.target == "/own" else ()
        date = b"Date: Fri, 02 Jan 1970 00:00:00 GMT\r\n" if request.target == "/mock" else None
        return Reply(make_response(200, headers), date=date)

    def dates(target: bytes) -> list[bytes]:
        output = run(
            talk(b"GET " + target + b" HTTP/1.1\r\nHost: a\r\n\r\n", FakeApplication(answer))
        )
        return [line for line in output.split(b"\r\n") if line.lower().startswith(b"date:")]

    assert dates(b"/own") == [b"Date: Thu, 01 Jan 1970 00:00:00 GMT"]
    assert dates(b"/mock") == [b"Date: Fri, 02 Jan 1970 00:00:00 GMT"]
    (real,) = dates(b"/real")
    assert real.endswith(b" GMT")
    assert b" 1970 " not in real


def test_extra_header_lines_stand_in_the_head(run: Run) -> None:
    def answer(_: Request) -> Reply:
        return Reply(make_response(200), date=b"", extra=b"X-Mock-Request: 7\r\n")

    assert b"\r\nX-Mock-Request: 7\r\n\r\n" in run(talk(GET, FakeApplication(answer)))


def test_a_response_that_closes_is_the_last_of_its_connection(run: Run) -> None:
    def answer(_: Request) -> Reply:
        return Reply(make_response(200, (("Connection", "close"),)), date=b"")

    output = run(talk(GET + GET, FakeApplication(answer)))
    assert output.count(b"HTTP/1.1 200") == 1
    assert output.lower().count(b"connection:") == 1


def test_a_reply_that_is_still_being_made_holds_its_place(run: Run) -> None:
    async def check() -> None:
        release = asyncio.Event()

        async def slow() -> Reply:
            await release.wait()
            return Reply(make_response(200, body=b"slow"), date=b"")

        def answer(request: Request) -> Reply | asyncio.Future[Reply]:
            if request.target == "/a":
                return asyncio.ensure_future(slow())
            return Reply(make_response(200, body=b"fast"), date=b"")

        line = Line(FakeApplication(answer))
        line.send(GET + b"GET /b HTTP/1.1\r\nHost: a\r\n\r\n")
        await line.turns()
        assert line.transport.output == b""
        release.set()
        await line.turns()
        assert line.transport.output == ok(b"slow") + ok(b"fast")
        line.edge.close()

    run(check())


def test_an_error_in_the_application_is_answered_by_500_and_the_connection_goes_on(
    run: Run, caplog: pytest.LogCaptureFixture
) -> None:
    def answer(request: Request) -> Reply:
        if request.target == "/a":
            raise ValueError("broken")
        return Reply(make_response(200), date=b"")

    output = run(talk(GET + b"GET /b HTTP/1.1\r\nHost: a\r\n\r\n", FakeApplication(answer)))
    assert output.startswith(b"HTTP/1.1 500 ")
    assert b"X-Mock-Error: internal\r\n" in output
    assert output.count(b"HTTP/1.1 200 ") == 1
    assert "broken" in caplog.text


def test_an_error_in_an_awaited_answer_is_answered_by_500(
    run: Run, caplog: pytest.LogCaptureFixture
) -> None:
    async def broken() -> Reply:
        raise ValueError("broken later")

    output = run(talk(GET, FakeApplication(lambda _: broken())))
    assert b"X-Mock-Error: internal\r\n" in output
    assert "broken later" in caplog.text


def test_a_client_that_expects_100_continue_is_invited_to_send_its_body(run: Run) -> None:
    async def check() -> None:
        listener = await serve(FakeApplication())
        reader, writer = await asyncio.open_connection("127.0.0.1", listener.port)
        writer.write(
            b"POST /a HTTP/1.1\r\nHost: a\r\nExpect: 100-Continue\r\nContent-Length: 2\r\n\r\n"
        )
        assert await reader.readuntil(b"\r\n\r\n") == b"HTTP/1.1 100 Continue\r\n\r\n"
        writer.write(b"hi")
        assert await reader.readexactly(len(ok(b"POST|/a|hi|"))) == ok(b"POST|/a|hi|")
        writer.close()
        await listener.stop()

    run(check())


@pytest.mark.parametrize("version", [b"1.0", b"1.1"])
def test_nobody_is_invited_whose_body_is_there_or_who_speaks_http_1_0(
    version: bytes, run: Run
) -> None:
    sent = (
        b"POST /a HTTP/"
        + version
        + b"\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: 2\r\n\r\n"
    )
    assert b"100 Continue" not in run(talk(sent + b"hi"))


def test_a_flood_of_pipelined_requests_is_taken_in_turns_of_32_and_written_together() -> None:
    async def check() -> None:
        line = Line()
        line.send(GET * 100)
        assert len(line.app.requests) == 32
        assert line.transport.writes == 1
        await line.turns(1)
        assert len(line.app.requests) == 64
        await line.turns(5)
        assert line.transport.output == ok(b"GET|/a||") * 100
        line.edge.close()

    asyncio.run(check())


def test_reading_pauses_while_the_queue_is_full_and_goes_on_when_it_moves() -> None:
    async def check() -> None:
        line = Line(room=10)
        line.send(GET * 2000)
        await line.turns(20)
        assert len(line.app.requests) == 32 + 32
        line.send(GET * 3000)
        assert not line.transport.is_reading_now
        while line.transport.held or len(line.app.requests) < 5000:
            line.transport.take(None)
            await line.turns(1)
        assert line.transport.is_reading_now
        assert line.transport.output == ok(b"GET|/a||") * 5000
        line.edge.close()

    asyncio.run(check())
