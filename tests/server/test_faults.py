"""Faults on the wire: what leaves, how it ends, and what becomes of the requests around it."""

from __future__ import annotations

import asyncio
import socket
from typing import Any, Final

import pytest
from tests.server.conftest import Run
from tests.server.harness import HOST, FakeApplication, Line, ok, serve
from tests.server.tls_clients import Ends, client_context, identity

from pymockapi.model.delivery import Delivery, Dispatch, FaultKind, Piece
from pymockapi.model.exchange import Phase
from pymockapi.model.request import Request
from pymockapi.model.response import make_response
from pymockapi.server.application_port import Later, Parked, Reply
from pymockapi.server.fault_bytes import CHUNKED, NO_CHUNK
from pymockapi.server.listener import Listener

GARBAGE: Final = b"\x80" * 252 + b"\r\n\r\n"
BODY: Final = b"0123456789"
HEAD: Final = b"HTTP/1.1 200 OK\r\nX-A: 1\r\n"
TRUNCATED: Final = HEAD + b"Content-Length: 10\r\n\r\n01234"
MALFORMED: Final = HEAD + b"Transfer-Encoding: chunked\r\n\r\n" + NO_CHUNK
CUT: Final = b"HTTP/1.1 2"
WHOLE: Final = ok(b"/ok")
SENT: Final = {
    "reset": b"", "empty": b"", "truncated": TRUNCATED, "malformed_chunk": MALFORMED,
    "garbage": GARBAGE,
}  # fmt: skip


def reply(
    fault: str, handle: str, body: bytes = BODY, status: int = 200,
    *, delay_s: float = 0.0, throttle: float | None = None,
) -> Reply:  # fmt: skip
    kind = FaultKind(fault)
    garbage = GARBAGE if kind is FaultKind.GARBAGE else b""
    response = make_response(status, (("X-A", "1"),), body)
    shape = Dispatch(delay_s, throttle, kind, garbage=garbage)
    return Reply(response, date=b"", handle=handle, dispatch=shape, owner="ns")


def by_path(request: Request) -> Reply:
    """Answer ``/ok`` and ``/behind`` whole, and any other path with the fault of that name."""
    if request.path in ("/ok", "/behind"):
        return Reply(make_response(200, body=b"/ok"), date=b"", handle=request.path)
    return reply(request.path[1:], request.path)


def get(path: str, method: bytes = b"GET", version: bytes = b"1.1") -> bytes:
    return b"%b %b HTTP/%b\r\n%b\r\n" % (method, path.encode(), version, HOST)


def ends(port: int, data: bytes) -> tuple[bytes, str]:
    """Send ``data`` and return all that came, and whether the end was a reset or one in order."""
    with socket.create_connection(("127.0.0.1", port), 20) as sock:
        sock.sendall(data)
        return to_end(sock)


def to_end(sock: socket.socket) -> tuple[bytes, str]:
    came = b""
    try:
        while part := sock.recv(65536):
            came += part
    except ConnectionResetError:
        return came, "reset"
    return came, "end"


def tls_ends(port: int, data: bytes) -> tuple[bytes, str]:
    """The same over TLS, where an end in order has TLS's own farewell before the socket's.

    On the socket itself, for Python's ``ssl`` takes a reset for an end.
    """
    tls = Ends()
    with socket.create_connection(("127.0.0.1", port), 20) as sock:
        while not tls.shake():
            sock.sendall(tls.sent())
            tls.receive(sock.recv(65536))
        tls.tls.write(data)
        sock.sendall(tls.sent())
        came, end = to_end(sock)
    tls.receive(came)
    return (tls.read(), end) if end == "reset" else (tls.read_all(), end)


async def served(app: FakeApplication, *, is_tls: bool = False) -> Listener:
    return await serve(app, tls=identity().context if is_tls else None)


@pytest.mark.parametrize("is_tls", [False, True], ids=["plain", "tls"])
@pytest.mark.parametrize("fault", SENT)
def test_a_fault_sends_its_bytes_and_ends_the_connection_its_way(
    run: Run, fault: str, is_tls: bool
) -> None:
    async def check() -> None:
        app = FakeApplication(by_path)
        listener = await served(app, is_tls=is_tls)
        ask = tls_ends if is_tls else ends
        found = await asyncio.to_thread(ask, listener.port, get(f"/{fault}"))
        assert found == (SENT[fault], "reset" if fault == "reset" else "end")
        assert app.phases[-1] == (f"/{fault}", Phase.FAILED, len(SENT[fault]))
        await listener.stop(1.0)

    run(check())


@pytest.mark.parametrize("is_tls", [False, True], ids=["plain", "tls"])
def test_an_answer_that_hangs_never_comes_and_has_failed_once_its_client_leaves(
    run: Run, is_tls: bool
) -> None:
    async def check() -> None:
        app = FakeApplication(by_path)
        listener = await served(app, is_tls=is_tls)
        tls = client_context() if is_tls else None
        reader, writer = await asyncio.open_connection(
            "127.0.0.1", listener.port, ssl=tls, server_hostname="localhost" if is_tls else None
        )
        writer.write(get("/hang"))
        await app.until(lambda: app.phases)
        assert app.phases == [("/hang", Phase.DELAYED, 0)]
        assert not reader.at_eof()
        writer.close()
        await app.until(lambda: len(app.phases) > 1)
        assert app.phases[-1] == ("/hang", Phase.FAILED, 0)
        await listener.stop(1.0)

    run(check())


def test_a_client_that_resets_a_hanging_connection_has_left(run: Run) -> None:
    async def check() -> None:
        app = FakeApplication(by_path)
        listener = await served(app)
        _, writer = await asyncio.open_connection("127.0.0.1", listener.port)
        writer.write(get("/hang"))
        await app.until(lambda: app.phases)
        sock: socket.socket = writer.get_extra_info("socket")
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\x01\0\0\0\0\0\0\0")
        writer.transport.abort()
        await app.until(lambda: len(app.phases) > 1)
        assert app.phases[-1] == ("/hang", Phase.FAILED, 0)
        await listener.stop(1.0)

    run(check())


@pytest.mark.parametrize("is_delayed", [False, True])
def test_a_hanging_answer_is_aborted_by_its_namespace_and_by_the_stop(is_delayed: bool) -> None:
    async def check() -> None:
        delay_s = 3600.0 if is_delayed else 0.0
        app = FakeApplication(lambda asked: reply("hang", asked.path, delay_s=delay_s))
        for end in ("cancel", "stop"):
            app.phases.clear()
            line = Line(app)
            line.send(get("/hang"))
            await line.turns()
            line.connection.check_time(line.connection._moved_at + 1e6)
            assert not line.transport.is_closed
            assert line.connection.owes("ns")
            if end == "cancel":
                line.edge.cancel("ns")
            else:
                line.connection.stop()
            await line.turns()
            assert line.transport.is_closed
            assert line.transport.output == b""
            assert app.phases_of("/hang") == [Phase.DELAYED, Phase.ABORTED]

    asyncio.run(check())


@pytest.mark.parametrize("fault", ["truncated", "malformed_chunk"])
@pytest.mark.parametrize(
    ("method", "status"), [(b"HEAD", 200), (b"GET", 204), (b"GET", 304), (b"GET", 199)]
)
def test_where_no_body_follows_the_status_line_is_cut(
    fault: str, method: bytes, status: int
) -> None:
    async def check() -> None:
        line = Line(FakeApplication(lambda _: reply(fault, "a", status=status)))
        line.send(get("/", method))
        await line.turns()
        assert line.transport.output == b"HTTP/1.1 %d" % (status // 100)
        assert line.transport.eof_written

    asyncio.run(check())


@pytest.mark.parametrize(
    ("body", "sent"), [(b"", CUT), (b"1", b"Content-Length: 1\r\n\r\n"), (b"12", b"\r\n\r\n1")]
)
def test_a_truncated_body_is_always_short_and_an_empty_one_cuts_the_status_line(
    body: bytes, sent: bytes
) -> None:
    async def check() -> None:
        line = Line(FakeApplication(lambda _: reply("truncated", "a", body)))
        line.send(get("/"))
        await line.turns()
        assert line.transport.output.endswith(sent)

    asyncio.run(check())


def test_an_empty_body_can_have_a_malformed_chunk() -> None:
    async def check() -> None:
        line = Line(FakeApplication(lambda _: reply("malformed_chunk", "a", b"")))
        line.send(get("/"))
        await line.turns()
        assert line.transport.output == MALFORMED

    asyncio.run(check())


def test_a_client_of_http_1_0_gets_the_same_bytes() -> None:
    async def check() -> None:
        for fault in ("truncated", "malformed_chunk"):
            line = Line(FakeApplication(by_path))
            line.send(get(f"/{fault}", version=b"1.0"))
            await line.turns()
            expected = SENT[fault].replace(b"\r\n\r\n", b"\r\nConnection: close\r\n\r\n")
            assert line.transport.output == expected
            assert line.transport.is_closed

    asyncio.run(check())


PIECES: Final = (Piece(b"0123"), Piece(b"45"), Piece(b"6789"))


def streamed(request: Request) -> Reply:
    """Answer with a stream and the fault at the path, at the end of which are trailers."""
    delivery = Delivery(pieces=PIECES)
    response = make_response(200, (("X-A", "1"),), BODY, delivery=delivery)
    kind, trailers = FaultKind(request.path[1:]), (("X-Sum", "7"),)
    shape = Dispatch(0.0, None, kind, iter(PIECES), trailers)
    return Reply(response, date=b"", handle="a", dispatch=shape)


@pytest.mark.parametrize(
    ("fault", "version", "sent"),
    [
        ("truncated", b"1.1", HEAD + CHUNKED + b"\r\n4\r\n0123\r\n2\r\n4"),
        ("malformed_chunk", b"1.1", MALFORMED),
        ("truncated", b"1.0", CUT),
        ("malformed_chunk", b"1.0", CUT),
        ("empty", b"1.1", b""),
    ],
)
def test_a_stream_breaks_in_its_middle_or_at_its_first_chunk(
    fault: str, version: bytes, sent: bytes
) -> None:
    async def check() -> None:
        app = FakeApplication(streamed)
        line = Line(app)
        line.send(get(f"/{fault}", version=version))
        await app.until(lambda: Phase.FAILED in app.phases_of("a"))
        assert line.transport.output == sent
        assert app.phases[-1] == ("a", Phase.FAILED, len(sent))

    asyncio.run(check())


# Requests around it.


@pytest.mark.parametrize("fault", SENT)
def test_answers_before_a_fault_leave_whole_and_requests_behind_it_are_aborted(
    run: Run, fault: str
) -> None:
    async def check() -> None:
        app = FakeApplication(by_path)
        listener = await served(app)
        data = get("/ok") + get(f"/{fault}") + get("/behind")
        found = await asyncio.to_thread(ends, listener.port, data)
        assert found == (WHOLE + SENT[fault], "reset" if fault == "reset" else "end")
        assert [each.path for each in app.requests] == ["/ok", f"/{fault}", "/behind"]
        assert app.phases_of(f"/{fault}")[-1] is Phase.FAILED
        assert app.phases_of("/ok") == [Phase.ANSWERED]
        assert app.phases_of("/behind") == [Phase.DELAYED, Phase.ABORTED]
        await listener.stop(1.0)

    run(check())


def test_a_reset_waits_until_what_is_before_it_has_left() -> None:
    async def check() -> None:
        app = FakeApplication(by_path)
        line = Line(app, room=10)
        line.send(get("/ok") + get("/reset"))
        await line.turns()
        assert not line.transport.is_closed
        assert app.phases_of("/reset") == [Phase.DELAYED]
        line.transport.take(None)
        await line.turns()
        assert line.transport.output == WHOLE
        assert line.transport.is_closed
        assert app.phases_of("/reset") == [Phase.DELAYED, Phase.FAILED]
        assert app.phases_of("/ok")[-1] is Phase.ANSWERED

    asyncio.run(check())


def test_a_fault_whose_bytes_have_not_left_has_not_happened_yet() -> None:
    async def check() -> None:
        app = FakeApplication(by_path)
        line = Line(app, room=10)
        line.send(get("/truncated"))
        await line.turns()
        assert app.phases_of("/truncated")[-1] is Phase.SENDING
        line.transport.take(None)
        await line.turns()
        assert app.phases[-1] == ("/truncated", Phase.FAILED, len(TRUNCATED))

    asyncio.run(check())


def test_a_client_that_left_before_the_fault_was_not_befallen() -> None:
    async def check() -> None:
        app = FakeApplication(by_path)
        line = Line(app, room=10)
        line.send(get("/truncated"))
        await line.turns()
        line.connection.connection_lost(None)
        assert app.phases[-1] == ("/truncated", Phase.ABORTED, 10)

    asyncio.run(check())


def test_an_answer_that_would_hang_behind_another_is_aborted_with_it() -> None:
    async def check() -> None:
        app = FakeApplication(
            lambda asked: reply("hang", asked.path, delay_s=3600.0 * (asked.path == "/1"))
        )
        line = Line(app)
        line.send(get("/1") + get("/2"))
        await line.turns()
        line.connection.connection_lost(None)
        assert [phase for _, phase, _ in app.phases[-2:]] == [Phase.ABORTED, Phase.ABORTED]

    asyncio.run(check())


def test_what_comes_after_a_fault_is_not_read_any_more() -> None:
    async def check() -> None:
        app = FakeApplication(by_path)
        line = Line(app)
        line.send(get("/empty"))
        await line.turns()
        assert line.transport.eof_written
        line.send(get("/ok"))
        await line.turns()
        assert [each.path for each in app.requests] == ["/empty"]
        assert line.transport.output == b""

    asyncio.run(check())


def test_a_fault_comes_after_its_delay_and_its_part_of_the_body_by_its_throttle() -> None:
    async def check() -> None:
        app = FakeApplication(
            lambda asked: reply("truncated", asked.path, delay_s=0.001, throttle=1e4)
        )
        line = Line(app)
        line.send(get("/a"))
        await line.turns()
        assert line.transport.output == b""
        await app.until(lambda: Phase.FAILED in app.phases_of("/a"))
        assert line.transport.output == TRUNCATED

    asyncio.run(check())


@pytest.mark.parametrize("kind", ["later", "parked", "awaited"])
def test_a_fault_befalls_an_answer_that_comes_later(kind: str) -> None:
    async def check() -> None:
        made = reply("truncated", "a")
        later = Later("ns")
        parked = Parked("ns", lambda: None)

        async def awaited() -> Reply:
            return made

        def answering(_: Request) -> Any:
            return {"later": later, "parked": parked}.get(kind) or awaited()

        app = FakeApplication(answering)
        line = Line(app)
        line.send(get("/a"))
        later.hand_over(made) if kind == "later" else parked.let_go(lambda: made)
        await app.until(lambda: app.phases_of("a")[-1:] == [Phase.FAILED])
        assert line.transport.output == TRUNCATED
        assert line.transport.eof_written

    asyncio.run(check())


def test_a_fault_on_one_connection_leaves_the_others(run: Run) -> None:
    async def check() -> None:
        app = FakeApplication(by_path)
        listener = await served(app)
        reader, writer = await asyncio.open_connection("127.0.0.1", listener.port)
        for fault in SENT:
            await asyncio.to_thread(ends, listener.port, get(f"/{fault}"))
            writer.write(get("/ok"))
            assert await reader.readexactly(len(WHOLE)) == WHOLE
        writer.close()
        await listener.stop(1.0)

    run(check())
