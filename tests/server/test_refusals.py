"""Hostile and broken clients: one answer, the connection closes, nothing after it is a request."""

from __future__ import annotations

import asyncio

import pytest
from tests.server.conftest import Run
from tests.server.harness import HOST, FakeApplication, Line, ask, refusal, serve

from pymockapi.model.exchange import Phase
from pymockapi.server.limits import EdgeLimits

POST = b"POST /a HTTP/1.1\r\n" + HOST
CHUNKED = POST + b"Transfer-Encoding: chunked\r\n\r\n"
SMUGGLED = b"GET /smuggled HTTP/1.1\r\nHost: a\r\n\r\n"

BROKEN = {
    "length and coding": POST + b"Content-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
    "coding and length": POST + b"Transfer-Encoding: chunked\r\nContent-Length: 3\r\n\r\n0\r\n\r\n",
    "two different lengths": POST + b"Content-Length: 3\r\nContent-Length: 4\r\n\r\nabcd",
    "two equal lengths": POST + b"Content-Length: 3\r\nContent-Length: 3\r\n\r\nabc",
    "a list of lengths": POST + b"Content-Length: 3, 3\r\n\r\nabc",
    "a negative length": POST + b"Content-Length: -3\r\n\r\n",
    "a length with plus": POST + b"Content-Length: +5\r\n\r\nabcde",
    "a hexadecimal length": POST + b"Content-Length: 0x5\r\n\r\nabcde",
    "an empty length": POST + b"Content-Length:\r\n\r\n",
    "a length past 64 bits": POST + b"Content-Length: 99999999999999999999\r\n\r\n",
    "xchunked": POST + b"Transfer-Encoding: xchunked\r\n\r\n0\r\n\r\n",
    "chunked twice": POST + b"Transfer-Encoding: chunked, chunked\r\n\r\n0\r\n\r\n",
    "chunked not last": POST + b"Transfer-Encoding: chunked, gzip\r\n\r\n0\r\n\r\n",
    "another coding before chunked": POST + b"Transfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n",
    "two codings": POST + b"Transfer-Encoding: chunked\r\nTransfer-Encoding: identity\r\n\r\n0\r\n\r\n",
    "a vertical tab before chunked": POST + b"Transfer-Encoding: \x0bchunked\r\n\r\n0\r\n\r\n",
    "chunked in HTTP/1.0": b"POST /a HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
    "a space before the colon": POST + b"Content-Length : 3\r\n\r\nabc",
    "a name that is no token": POST + b"A(b): c\r\n\r\n",
    "a header without a name": POST + b": c\r\n\r\n",
    "a header without a colon": POST + b"abc\r\n\r\n",
    "a folded header": POST + b"A: b\r\n c\r\n\r\n",
    "a folded first line": b"GET /a HTTP/1.1\r\n Host: a\r\n\r\n",
    "lines that end in LF": b"GET /a HTTP/1.1\nHost: a\n\n",
    "one line that ends in LF": POST + b"A: b\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
    "a request line that ends in LF": b"GET /a HTTP/1.1\nHost: a\r\n\r\n",
    "a bare CR in a value": POST + b"A: b\rc\r\n\r\n",
    "a doubled CR": POST + b"A: b\r\r\n\r\n",
    "a leading CR": b"\rGET /a HTTP/1.1\r\nHost: a\r\n\r\n",
    "a leading LF": b"\nGET /a HTTP/1.1\r\nHost: a\r\n\r\n",
    "NUL in a value": POST + b"A: b\0c\r\n\r\n",
    "NUL in a name": POST + b"A\0b: c\r\n\r\n",
    "NUL in the target": b"GET /a\0b HTTP/1.1\r\nHost: a\r\n\r\n",
    "no Host": b"GET /a HTTP/1.1\r\n\r\n",
    "two Hosts": b"GET /a HTTP/1.1\r\nHost: a\r\nHost: a\r\n\r\n",
    "two Hosts in HTTP/1.0": b"GET /a HTTP/1.0\r\nHost: a\r\nhost: b\r\n\r\n",
    "a space in the target": b"GET /a b HTTP/1.1\r\nHost: a\r\n\r\n",
    "two spaces": b"GET  /a HTTP/1.1\r\nHost: a\r\n\r\n",
    "a tab in the request line": b"GET\t/a HTTP/1.1\r\nHost: a\r\n\r\n",
    "a trailing space": b"GET /a HTTP/1.1 \r\nHost: a\r\n\r\n",
    "a leading space": b" GET /a HTTP/1.1\r\nHost: a\r\n\r\n",
    "a control character in the target": b"GET /a\x7f HTTP/1.1\r\nHost: a\r\n\r\n",
    "a target without slash": b"GET a HTTP/1.1\r\nHost: a\r\n\r\n",
    "GET *": b"GET * HTTP/1.1\r\nHost: a\r\n\r\n",
    "HTTP/0.9": b"GET /a\r\n\r\n",
    "a version that is none": b"GET /a HTTP/x\r\nHost: a\r\n\r\n",
    "leading garbage": b"\x00\x01\x02\x03garbage\r\n\r\n",
    "a TLS handshake": b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03",
    "a TLS handshake of two bytes": b"\x16\x03",
    "a chunk size past 64 bits": CHUNKED + b"ffffffffffffffffff\r\n",
    "a negative chunk size": CHUNKED + b"-1\r\na\r\n0\r\n\r\n",
    "a chunk size with 0x": CHUNKED + b"0x1\r\na\r\n0\r\n\r\n",
    "a space after the chunk size": CHUNKED + b"1 \r\na\r\n0\r\n\r\n",
    "a chunk size that ends in LF": CHUNKED + b"1\na\r\n0\r\n\r\n",
    "a chunk that ends in LF": CHUNKED + b"1\r\na\n0\r\n\r\n",
    "a chunk that is too long": CHUNKED + b"1\r\nab\r\n0\r\n\r\n",
    "a last chunk that ends in LF": CHUNKED + b"1\r\na\r\n0\n\n",
    "a trailer part that ends in LF": CHUNKED + b"1\r\na\r\n0\r\nA: b\n\n",
    "a LF in an extension": CHUNKED + b"1;\na\r\n0\r\n\r\n",
    "a length in the trailers": CHUNKED + b"0\r\nContent-Length: 5\r\n\r\nabcde",
    "a flood of extensions": CHUNKED + b"1;" + b"x" * 30_000 + b"\r\na\r\n0\r\n\r\n",
    "a flood of small extensions": CHUNKED + b"1;xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx\r\na\r\n" * 9000,
    "an unbroken extension": CHUNKED + b"1;" + b"x" * 100_000,
}  # fmt: skip


@pytest.mark.parametrize("name", BROKEN)
def test_a_broken_request_is_refused_once_and_nothing_after_it_is_served(
    name: str, run: Run
) -> None:
    async def check() -> None:
        app = FakeApplication()
        listener = await serve(app)
        output = await ask(listener, BROKEN[name] + SMUGGLED)
        await listener.stop()
        assert refusal(output) == (400, "bad-request")
        assert app.requests == []
        assert [(phase, code) for phase, code, _ in app.refused] == [(Phase.REFUSED, "bad-request")]

    run(check())


@pytest.mark.parametrize("name", [name for name in BROKEN if len(BROKEN[name]) < 300])
def test_a_broken_request_is_refused_in_whatever_pieces_it_comes(name: str) -> None:
    async def check() -> None:
        sent = BROKEN[name] + SMUGGLED
        for at in range(1, len(sent)):
            line = Line()
            for piece in (sent[:at], sent[at:]):
                line.send(piece)
                await line.turns(1)
            assert refusal(line.transport.output) == (400, "bad-request"), at
            assert line.app.requests == []
            line.edge.close()

    asyncio.run(check())


SMALL = EdgeLimits(head=2000, request_line=500, header_lines=20, body=1000, trailers=100)
OVER = {
    "a long target": (b"GET /" + b"a" * 600 + b" HTTP/1.1\r\nHost: a\r\n\r\n", 414, "target-too-long"),
    "a request line without end": (b"GET /" + b"a" * 600, 414, "target-too-long"),
    "a large head": (POST + b"A: " + b"b" * 3000 + b"\r\n\r\n", 431, "head-too-large"),
    "a head without end": (POST + b"A: " + b"b" * 3000, 431, "head-too-large"),
    "many header lines": (POST + b"A: b\r\n" * 30 + b"\r\n", 431, "head-too-large"),
    "a large declared body": (POST + b"Content-Length: 1001\r\n\r\n", 413, "too-large"),
    "a large chunked body": (CHUNKED + b"3ea\r\n" + b"x" * 1002 + b"\r\n0\r\n\r\n", 413, "too-large"),
    "large trailers": (CHUNKED + b"0\r\nA: " + b"b" * 200 + b"\r\n\r\n", 431, "head-too-large"),
    "another expectation": (POST + b"Expect: 200-ok\r\nContent-Length: 1\r\n\r\n", 417, "expectation"),
    "HTTP/2 with prior knowledge": (b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", 505, "http-version"),
    "HTTP/1.2": (b"GET /a HTTP/1.2\r\nHost: a\r\n\r\n", 505, "http-version"),
    "HTTP/0.9 with a version": (b"GET /a HTTP/0.9\r\nHost: a\r\n\r\n", 505, "http-version"),
}  # fmt: skip


@pytest.mark.parametrize("name", OVER)
def test_what_is_too_large_or_not_spoken_here_has_a_status_of_its_own(name: str, run: Run) -> None:
    sent, status, code = OVER[name]

    async def check() -> None:
        app = FakeApplication()
        listener = await serve(app, SMALL)
        output = await ask(listener, sent + SMUGGLED)
        await listener.stop()
        assert refusal(output) == (status, code)
        assert app.requests == []

    run(check())


def test_a_refused_upload_is_drained_so_that_its_client_can_read_the_answer(run: Run) -> None:
    async def check() -> None:
        listener = await serve(FakeApplication())
        reader, writer = await asyncio.open_connection("127.0.0.1", listener.port)
        writer.write(POST + b"Content-Length: 99999999\r\n\r\n")
        writer.write(b"x" * 900_000)
        await writer.drain()
        assert refusal(await reader.read()) == (413, "too-large")
        writer.close()
        await listener.stop()

    run(check())


def test_draining_ends_at_its_limit_of_bytes() -> None:
    async def check() -> None:
        line = Line(limits=EdgeLimits(drain_bytes=1000))
        line.send(b"\0\r\n\r\n")
        assert not line.transport.is_closed
        line.send(b"x" * 1000)
        assert line.transport.is_closed
        await line.turns()
        line.edge.close()

    asyncio.run(check())


def test_draining_ends_at_its_limit_of_time(run: Run) -> None:
    async def check() -> None:
        listener = await serve(FakeApplication(), EdgeLimits(drain_s=0.01))
        assert refusal(await ask(listener, b"\0\r\n\r\n")) == (400, "bad-request")
        await listener.stop()

    run(check())


def test_a_refusal_waits_behind_the_answers_before_it(run: Run) -> None:
    async def check() -> None:
        listener = await serve(FakeApplication())
        output = await ask(listener, b"GET /a HTTP/1.1\r\nHost: a\r\n\r\nGET /b HTTP/1.1\r\n\r\n")
        await listener.stop()
        assert output.index(b"HTTP/1.1 200 ") < output.index(b"HTTP/1.1 400 ")

    run(check())


def test_a_refusal_tells_what_was_read(run: Run) -> None:
    async def check() -> None:
        app = FakeApplication()
        listener = await serve(app, SMALL)
        await ask(listener, b"PUT /x?y=1 HTTP/1.1\r\nX-Mock-Namespace: n\r\n\r\nrest")
        await ask(listener, CHUNKED + b"2\r\nhi\r\nzz")
        await listener.stop()
        (_, _, first), (_, _, second) = app.refused
        assert (first.method, first.target) == ("PUT", "/x?y=1")
        assert first.header("x-mock-namespace") == ["n"]
        assert first.head.endswith(b"n\r\n\r\n")
        assert (second.method, second.body) == ("POST", b"hi")

    run(check())


@pytest.mark.parametrize(
    "coding", [b"Content-Length: 5\r\n\r\nhi", b"Transfer-Encoding: chunked\r\n\r\n2\r\nhi\r\n"]
)
def test_a_client_that_gives_up_in_the_body_is_told_as_incomplete(coding: bytes, run: Run) -> None:
    async def check() -> None:
        app = FakeApplication()
        listener = await serve(app)
        _, writer = await asyncio.open_connection("127.0.0.1", listener.port)
        writer.write(POST + coding)
        writer.close()
        await app.until(lambda: app.refused)
        await listener.stop()
        ((phase, _, request),) = app.refused
        assert (phase, request.target, request.body) == (Phase.INCOMPLETE, "/a", b"hi")
        assert app.requests == []

    run(check())


@pytest.mark.parametrize(
    "begun", [b"GET /a HTTP/1.1\r\n", POST + b"Content-Length: 9\r\n\r\nhi", CHUNKED + b"2\r\nhi"]
)
def test_a_request_that_does_not_go_on_is_told_408(begun: bytes, run: Run) -> None:
    async def check() -> None:
        app = FakeApplication()
        listener = await serve(app, EdgeLimits(head_s=0.04, body_s=0.04))
        assert refusal(await ask(listener, begun)) == (408, "timeout")
        await listener.stop()
        ((phase, code, _),) = app.refused
        assert (phase, code) == (Phase.REFUSED, "timeout")

    run(check())


def test_a_body_that_keeps_the_pace_may_take_longer_than_the_limit() -> None:
    async def check() -> None:
        line = Line(limits=EdgeLimits(body_s=10, pace=100))
        line.send(POST + b"Content-Length: 5000\r\n\r\n")
        began = line.connection._intake.began
        assert began is not None
        line.send(b"x" * 2000)
        line.connection.check_time(began + 29)
        assert line.transport.output == b""
        line.connection.check_time(began + 31)
        assert refusal(line.transport.output) == (408, "timeout")
        line.edge.close()

    asyncio.run(check())


def test_a_full_server_refuses_bodies_and_says_which_limit() -> None:
    async def check() -> None:
        edge_line = Line(limits=EdgeLimits(inflight_bytes=1000))
        edge_line.send(POST + b"Content-Length: 900\r\n\r\n" + b"x" * 800)
        other = Line(door=edge_line.door)
        other.send(POST + b"Content-Length: 300\r\n\r\n")
        assert refusal(other.transport.output) == (503, "limit-reached")
        assert b"inflight_bytes" in other.transport.output
        third = Line(door=edge_line.door)
        third.send(CHUNKED + b"fff\r\n" + b"x" * 250)
        assert refusal(third.transport.output) == (503, "limit-reached")
        edge_line.send(b"x" * 100)
        assert edge_line.edge.inflight == 0
        edge_line.edge.close()

    asyncio.run(check())
