"""HTTPS: the same answers, phases and limits as without, and what goes wrong before them."""

from __future__ import annotations

import asyncio
import socket
import ssl
from contextlib import suppress
from typing import Final

import pytest
from tests.server.conftest import Run
from tests.server.harness import (
    FakeApplication,
    FakeTransport,
    echo,
    ok,
    refusal,
    serve,
)
from tests.server.tls_clients import Ends, client_context, identity

from pymockapi.model.delivery import Dispatch
from pymockapi.model.exchange import Phase
from pymockapi.model.request import Request
from pymockapi.model.response import make_response
from pymockapi.server.application_port import Reply
from pymockapi.server.edge import Door, Edge
from pymockapi.server.handshakes import Handshakes
from pymockapi.server.limits import EdgeLimits
from pymockapi.server.listener import Listener
from pymockapi.server.tls_stream import TlsStream

GET: Final = b"GET /a HTTP/1.1\r\nHost: a\r\n\r\n"
Streams = tuple[asyncio.StreamReader, asyncio.StreamWriter]


async def served(app: FakeApplication, limits: EdgeLimits | None = None) -> Listener:
    return await serve(app, limits, identity().context)


async def connect(listener: Listener, context: ssl.SSLContext | None = None) -> Streams:
    return await asyncio.open_connection(
        "127.0.0.1", listener.port, ssl=context or client_context()
    )


def post(body: bytes) -> bytes:
    return b"POST /b HTTP/1.1\r\nHost: a\r\nContent-Length: %d\r\n\r\n%b" % (len(body), body)


def mistrust(port: int) -> None:
    """Call as a client without the CA, which says why it leaves (asyncio's own does not)."""
    with (
        socket.create_connection(("127.0.0.1", port)) as sock,
        pytest.raises(ssl.SSLCertVerificationError),
    ):
        ssl.create_default_context().wrap_socket(sock, server_hostname="localhost")


def large(size: int) -> FakeApplication:
    body = b"x" * size
    return FakeApplication(
        lambda asked: Reply(make_response(200, body=body), date=b"", handle=asked.path)
    )


async def read_to_end(reader: asyncio.StreamReader) -> bytes:
    """Return all that comes until the server closes; a reset is an end, too."""
    try:
        return await reader.read()
    except ConnectionError:
        return b""


class Wire:
    """A client and the server's TLS over a fake transport, without sockets or an event loop's own."""

    def __init__(
        self,
        app: FakeApplication | None = None,
        limits: EdgeLimits | None = None,
        room: int | None = None,
        door: Door | None = None,
    ) -> None:
        self.door = door or Door(Edge(limits or EdgeLimits()), app or FakeApplication(), "https")
        self.handshakes = Handshakes(identity().context)
        self.stream = TlsStream(self.handshakes, self.door)
        self.below = FakeTransport(self.stream, room)
        self.client = Ends()
        self.stream.connection_made(self.below)

    def shake(self, piece: int = 100_000) -> None:
        while not self.client.shake():
            self.deliver(piece)
        self.deliver(piece)

    def deliver(self, piece: int = 100_000) -> None:
        """Take what the client has for the server there, ``piece`` bytes at once, and back."""
        sent = self.client.sent()
        for at in range(0, len(sent), piece):
            self.stream.data_received(sent[at : at + piece])
            self.handshakes.go_on()
        self.fetch()

    def fetch(self) -> None:
        self.client.receive(self.below.output)
        self.below.output = b""

    def ask(self, data: bytes, piece: int = 100_000) -> bytes:
        self.client.tls.write(data)
        self.deliver(piece)
        return self.client.read()


# What comes and goes.


@pytest.mark.parametrize("version", [ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3])
def test_requests_are_answered_as_on_the_plain_port(run: Run, version: ssl.TLSVersion) -> None:
    async def check() -> None:
        context = client_context()
        context.minimum_version = context.maximum_version = version
        app = FakeApplication()
        listener = await served(app)
        reader, writer = await connect(listener, context)
        expected = ok(b"GET|/a||") * 3 + ok(b"POST|/b|hi|")
        writer.write(GET * 3 + post(b"hi"))
        assert await reader.readexactly(len(expected)) == expected
        assert {each.scheme for each in app.requests} == {"https"}
        writer.close()
        await listener.stop()

    run(check())


def test_a_large_body_arrives_whole_and_a_large_answer_leaves_whole(run: Run) -> None:
    size = 3_000_000

    async def check() -> None:
        app = FakeApplication()
        listener = await served(app)
        reader, writer = await connect(listener)
        writer.write(post(b"y" * size))
        expected = ok(b"POST|/b|%b|" % (b"y" * size))
        assert await reader.readexactly(len(expected)) == expected
        writer.close()
        await listener.stop()

    run(check())


def test_a_client_that_reads_late_makes_the_answer_wait_until_it_has_left(run: Run) -> None:
    size = 20_000_000  # past what the sockets' own buffers hold

    async def check() -> None:
        app = large(size)
        listener = await served(app)
        reader, writer = await connect(listener)
        writer.write(GET)
        await app.until(lambda: Phase.SENDING in app.phases_of("/a"))
        assert Phase.ANSWERED not in app.phases_of("/a")
        assert listener._door.edge.inflight > size // 2
        assert len(await reader.readexactly(len(ok(b"x" * size)))) > size
        await app.until(lambda: Phase.ANSWERED in app.phases_of("/a"))
        assert listener._door.edge.inflight == 0
        writer.close()
        await listener.stop()

    run(check())


def test_a_client_that_leaves_in_the_middle_makes_the_answer_aborted(run: Run) -> None:
    async def check() -> None:
        app = large(20_000_000)
        listener = await served(app)
        _, writer = await connect(listener)
        writer.write(GET)
        await app.until(lambda: Phase.SENDING in app.phases_of("/a"))
        writer.transport.abort()
        await app.until(lambda: Phase.ABORTED in app.phases_of("/a"))
        sent = app.phases[-1][2]
        assert 0 < sent < 20_000_000
        assert listener._door.edge.inflight == 0
        await listener.stop()

    run(check())


def test_what_is_encrypted_is_only_what_the_client_takes() -> None:
    async def check() -> None:
        app = large(1_000_000)
        wire = Wire(app)
        wire.shake()
        wire.below.room = 10_000
        wire.client.tls.write(GET)
        wire.deliver()
        assert app.phases_of("/a") == [Phase.SENDING]
        assert len(wire.below.held) < 300_000
        assert wire.stream.get_write_buffer_size() > 980_000
        taken = len(wire.client.read())
        while wire.stream.get_write_buffer_size():
            assert app.phases[-1][1] is Phase.SENDING
            wire.below.take(50_000)
            wire.fetch()
            taken += len(wire.client.read())
        assert taken == len(ok(b"x" * 1_000_000))
        assert app.phases[-1] == ("/a", Phase.ANSWERED, taken)
        wire.door.edge.close()

    asyncio.run(check())


@pytest.mark.parametrize("piece", [1, 7, 1000])
def test_a_handshake_and_requests_may_come_in_pieces_of_any_size(piece: int) -> None:
    async def check() -> None:
        wire = Wire()
        wire.shake(piece)
        assert wire.ask(GET + post(b"hi"), piece) == ok(b"GET|/a||") + ok(b"POST|/b|hi|")
        wire.door.edge.close()

    asyncio.run(check())


def test_a_request_that_comes_with_the_end_of_the_handshake_is_answered() -> None:
    async def check() -> None:
        wire = Wire()
        while not wire.client.shake():
            wire.deliver()
        assert wire.ask(GET) == ok(b"GET|/a||")
        wire.door.edge.close()

    asyncio.run(check())


def test_a_client_that_says_it_sends_no_more_still_gets_its_answers() -> None:
    async def check() -> None:
        app = FakeApplication(
            lambda _: Reply(
                make_response(200, body=b"x"), date=b"", handle="a", dispatch=Dispatch(0.001)
            )
        )
        wire = Wire(app)
        wire.shake()
        wire.client.tls.write(GET)
        with pytest.raises(ssl.SSLWantReadError):
            wire.client.tls.unwrap()
        wire.deliver()
        await app.until(lambda: Phase.ANSWERED in app.phases_of("a"))
        await asyncio.sleep(0)
        wire.fetch()
        assert wire.client.tls.read() == ok(b"x")
        with pytest.raises(ssl.SSLZeroReturnError):  # the server's own end
            wire.client.tls.read()
        assert wire.below.is_closed
        wire.door.edge.close()

    asyncio.run(check())


def test_the_server_says_its_end_before_it_closes(run: Run) -> None:
    async def check() -> None:
        listener = await served(FakeApplication())
        reader, writer = await connect(listener)
        writer.write(GET[:-2] + b"Connection: close\r\n\r\n")
        assert await reader.read() == ok(b"GET|/a||", b"Connection: close")  # no SSLEOFError
        writer.close()
        await listener.stop()

    run(check())


def test_a_refused_request_is_told_why_though_more_of_it_comes(run: Run) -> None:
    async def check() -> None:
        app = FakeApplication()
        listener = await served(app, EdgeLimits(body=1000))
        reader, writer = await connect(listener)
        writer.write(post(b"x" * 500_000))
        assert refusal(await reader.read()) == (413, "too-large")
        assert [(each[1], each[2].scheme) for each in app.refused] == [("too-large", "https")]
        writer.close()
        await listener.stop()

    run(check())


def test_garbage_in_the_middle_ends_the_connection_and_no_request_is_made_of_it() -> None:
    async def check() -> None:
        app = FakeApplication()
        wire = Wire(app)
        wire.shake()
        assert wire.ask(GET) == ok(b"GET|/a||")
        wire.client.tls.write(GET)
        wire.stream.data_received(b"\x17\x03\x03\x00\x20" + b"!" * 32 + wire.client.sent())
        await asyncio.sleep(0)
        assert len(app.requests) == 1
        assert wire.below.is_closed
        assert not wire.door.edge.connections
        wire.door.edge.close()

    asyncio.run(check())


def test_a_client_that_sends_all_it_has_and_leaves_its_side_is_answered() -> None:
    """The end of the handshake, a request and the end of the connection, all in one turn."""

    async def check() -> None:
        wire = Wire()
        while not wire.client.shake():
            wire.deliver()
        wire.client.tls.write(GET)
        wire.stream.data_received(wire.client.sent())
        assert wire.stream.eof_received()
        wire.fetch()
        assert wire.client.read_all() == ok(b"GET|/a||")
        await asyncio.sleep(0)
        assert wire.below.is_closed
        wire.door.edge.close()

    asyncio.run(check())


# What goes wrong before.


def test_a_plain_request_on_the_tls_port_is_told_so_in_plain_http(run: Run) -> None:
    async def check() -> None:
        listener = await served(FakeApplication())
        reader, writer = await asyncio.open_connection("127.0.0.1", listener.port)
        writer.write(GET)
        output = await reader.read()
        assert refusal(output) == (400, "plain-http")
        assert b"call it as https://" in output
        writer.close()
        await listener.stop()

    run(check())


def test_a_plain_client_that_goes_on_sending_is_left(run: Run) -> None:
    async def check() -> None:
        listener = await served(FakeApplication(), EdgeLimits(drain_s=0.01, handshake_s=0.04))
        reader, writer = await asyncio.open_connection("127.0.0.1", listener.port)
        writer.write(GET * 100)
        assert b"plain-http" in await reader.readuntil(b"\r\n\r\n")
        with suppress(ConnectionError):
            while listener.open_connections:
                writer.write(GET)
                await writer.drain()
                await asyncio.sleep(0.001)
        writer.close()
        await listener.stop()

    run(check())


def test_a_client_that_does_not_trust_the_certificate_is_logged_once_with_the_cure(
    run: Run, caplog: pytest.LogCaptureFixture
) -> None:
    async def check() -> None:
        listener = await served(FakeApplication())
        for _ in range(2):
            await asyncio.to_thread(mistrust, listener.port)
        reader, writer = await connect(listener)
        writer.write(GET)
        assert await reader.readexactly(15) == b"HTTP/1.1 200 OK"
        writer.close()
        await listener.stop()

    run(check())
    assert caplog.text.count("127.0.0.1 does not trust the certificate; give it the CA") == 1


def test_a_client_of_old_tls_alone_is_turned_away(
    run: Run, caplog: pytest.LogCaptureFixture
) -> None:
    async def check() -> None:
        listener = await served(FakeApplication())
        context = client_context()
        with pytest.warns(DeprecationWarning, match=r"TLSv1_1"):
            context.minimum_version = context.maximum_version = ssl.TLSVersion.TLSv1_1
        context.set_ciphers("DEFAULT:@SECLEVEL=0")
        with pytest.raises((ssl.SSLError, ConnectionError)):
            await connect(listener, context)
        assert listener.open_connections == 0
        await listener.stop()

    run(check())
    assert "speaks no TLS 1.2 or 1.3" in caplog.text


def test_http_1_1_is_agreed_on_and_http_2_is_not_offered(run: Run) -> None:
    async def check() -> None:
        listener = await served(FakeApplication())
        for offered, agreed in ((["h2", "http/1.1"], "http/1.1"), (["h2"], None)):
            context = client_context()
            context.set_alpn_protocols(offered)
            _, writer = await connect(listener, context)
            found = writer.get_extra_info("ssl_object").selected_alpn_protocol()
            assert found == agreed
            writer.close()
        await listener.stop()

    run(check())


def test_a_handshake_that_takes_too_long_is_closed(run: Run) -> None:
    async def check() -> None:
        listener = await served(FakeApplication(), EdgeLimits(handshake_s=0.04))
        reader, writer = await asyncio.open_connection("127.0.0.1", listener.port)
        writer.write(b"\x16\x03\x01")  # and no more
        assert await read_to_end(reader) == b""
        assert listener.open_connections == 0
        writer.close()
        await listener.stop()

    run(check())


def test_unfinished_handshakes_count_as_connections() -> None:
    async def check() -> None:
        wires = [Wire(limits=EdgeLimits(connections=1))]
        door = wires[0].door
        wires += [Wire(door=door) for _ in range(101)]
        assert len(door.edge.connections) == 102
        assert [wire.below.is_closed for wire in wires] == [False] * 101 + [True]
        await asyncio.sleep(0)
        wires[0].shake()
        assert wires[0].ask(GET).startswith(b"HTTP/1.1 503")  # 100 others are still at it
        for peer in list(door.edge.connections):
            peer.stop()
        await asyncio.sleep(0)
        assert not any(isinstance(peer, TlsStream) for peer in door.edge.connections)
        door.edge.close()

    asyncio.run(check())


def test_one_connection_over_the_limit_is_told_so_over_tls() -> None:
    async def check() -> None:
        first = Wire(limits=EdgeLimits(connections=1))
        first.shake()
        second = Wire(door=first.door)
        second.shake()
        assert refusal(second.client.read()) == (503, "limit-reached")
        assert first.ask(GET) == ok(b"GET|/a||")
        first.door.edge.close()

    asyncio.run(check())


def test_a_client_that_leaves_during_the_handshake_is_forgotten(
    run: Run, caplog: pytest.LogCaptureFixture
) -> None:
    async def check() -> None:
        listener = await served(FakeApplication())
        client = Ends()
        client.shake()
        for data in (b"", client.sent()[:20]):
            sock = socket.create_connection(("127.0.0.1", listener.port))
            sock.sendall(data)
            sock.close()
        reader, writer = await connect(listener)
        writer.write(GET)
        await reader.readexactly(15)
        writer.close()
        async with asyncio.timeout(5):
            while listener.open_connections:  # noqa: ASYNC110 (nobody tells)
                await asyncio.sleep(0.001)
        await listener.stop()

    run(check())
    assert caplog.text.count("127.0.0.1 left during the TLS handshake") == 1


# Stopping.


def test_stopping_closes_handshakes_and_lets_answers_leave(run: Run) -> None:
    async def check() -> None:
        release = asyncio.Event()

        async def slow(request: Request) -> Reply:
            await release.wait()
            return echo(request)

        app = FakeApplication(slow)
        listener = await served(app)
        half = await asyncio.open_connection("127.0.0.1", listener.port)
        reader, writer = await connect(listener)
        writer.write(GET)
        await app.until(lambda: app.requests)
        stopped = asyncio.create_task(listener.stop())
        await asyncio.sleep(0)
        release.set()
        assert await reader.read() == ok(b"GET|/a||", b"Connection: close")
        assert await read_to_end(half[0]) == b""
        await stopped
        writer.close()
        half[1].close()

    run(check())
