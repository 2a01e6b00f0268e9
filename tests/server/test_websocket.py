"""RFC 6455 from the server's side, section by section, and what one client may cost."""

from __future__ import annotations

import asyncio
import time

import pytest
from tests.server.conftest import Run
from tests.server.harness import Line, ok, serve, talk
from tests.server.sockets import (
    BINARY,
    CLOSE,
    CONT,
    HANDSHAKE,
    PING,
    PONG,
    TEXT,
    EchoSession,
    FakeSession,
    Frame,
    SocketLine,
    Switching,
    close_frame,
    frame,
    opened,
)

from pymockapi.server.limits import KIB, EdgeLimits
from pymockapi.server.websocket import WebSocket, framed, frames_of

LARGE = "x" * 300


def closing(code: int, frames: list[Frame]) -> bool:
    return bool(frames) and frames[-1].opcode == CLOSE and frames[-1].code == code


@pytest.mark.parametrize(
    ("sent", "heard"),
    [
        ([frame(TEXT, "hello")], ["hello"]),
        ([frame(TEXT, "")], [""]),
        ([frame(TEXT, "x" * 125)], ["x" * 125]),
        ([frame(TEXT, "x" * 126)], ["x" * 126]),
        ([frame(TEXT, "x" * 70_000)], ["x" * 70_000]),
        ([frame(TEXT, "short", length=2)], ["short"]),
        ([frame(TEXT, "short", length=8)], ["short"]),
        ([frame(TEXT, "κόσμε")], ["κόσμε"]),
        ([frame(TEXT, "a", mask=b"\0\0\0\0")], ["a"]),
        ([frame(TEXT, "a", fin=False), frame(CONT, "b")], ["ab"]),
        ([frame(TEXT, "", fin=False), frame(CONT, "", fin=False), frame(CONT, "b")], ["b"]),
        ([frame(TEXT, b"\xce", fin=False), frame(CONT, b"\xba")], ["κ"]),
        ([frame(TEXT, "a", fin=False), frame(PING, "p"), frame(CONT, "b")], ["ab"]),
        ([frame(TEXT, "a"), frame(TEXT, "b"), frame(TEXT, "c")], ["a", "b", "c"]),
        ([frame(PONG, "nobody asked"), frame(TEXT, "a")], ["a"]),
    ],
)
def test_messages_arrive_whole_and_in_order(run: Run, sent: list[bytes], heard: list[str]) -> None:
    async def scene() -> None:
        line = await opened()
        line.send(b"".join(sent))
        await line.turns(200)
        assert line.session.commands == heard

    run(scene())


def test_a_message_may_come_byte_by_byte(run: Run) -> None:
    async def scene() -> None:
        line = await opened()
        for byte in frame(TEXT, LARGE):
            line.send(bytes([byte]))
            await line.turns(1)
        await line.turns()
        assert line.session.commands == [LARGE]

    run(scene())


@pytest.mark.parametrize("size", [0, 125, 126, 65_535, 65_536])
def test_a_message_of_any_size_is_sent_in_one_frame(run: Run, size: int) -> None:
    async def scene() -> None:
        line = await opened()
        line.session.say("x" * size)
        await line.turns()
        assert line.frames() == [Frame(TEXT, b"x" * size)]

    run(scene())


def test_what_is_said_together_is_written_together_and_in_order(run: Run) -> None:
    async def scene() -> None:
        line = await opened()
        before = line.transport.writes
        line.session.say(*map(str, range(100)))
        await line.turns()
        assert [each.payload for each in line.frames()] == [b"%d" % n for n in range(100)]
        assert line.transport.writes == before + 1

    run(scene())


def test_a_ping_is_answered_with_what_it_said_between_the_parts_of_a_message(run: Run) -> None:
    async def scene() -> None:
        line = await opened()
        assert await line.tell(frame(TEXT, "a", fin=False), frame(PING, "now")) == [
            Frame(PONG, b"now")
        ]
        assert await line.tell(frame(PING)) == [Frame(PONG, b"")]

    run(scene())


@pytest.mark.parametrize(
    ("sent", "code"),
    [
        ([frame(TEXT, "a", mask=None)], 1002),
        ([frame(TEXT, "a", rsv=1)], 1002),
        ([frame(TEXT, "a", rsv=2)], 1002),
        ([frame(TEXT, "a", rsv=4)], 1002),
        ([frame(3, "a")], 1002),
        ([frame(7)], 1002),
        ([frame(11)], 1002),
        ([frame(15)], 1002),
        ([frame(PING, "a", fin=False)], 1002),
        ([frame(PING, "x" * 126)], 1002),
        ([frame(CLOSE, "x" * 126)], 1002),
        ([frame(CONT, "nothing began")], 1002),
        ([frame(TEXT, "a", fin=False), frame(TEXT, "b")], 1002),
        ([frame(CLOSE, b"\x03")], 1002),
        ([close_frame(999)], 1002),
        ([close_frame(1005)], 1002),
        ([close_frame(1006)], 1002),
        ([close_frame(1016)], 1002),
        ([close_frame(2999)], 1002),
        ([close_frame(5000)], 1002),
        ([frame(CLOSE, b"\x03\xe8\xff")], 1007),
        ([frame(BINARY, b"a")], 1003),
        ([frame(BINARY, b"a", fin=False)], 1003),
        ([frame(TEXT, b"\xff")], 1007),
        ([frame(TEXT, b"\xce")], 1007),
        ([frame(TEXT, b"\xed\xa0\x80")], 1007),
        ([frame(TEXT, b"\xff", fin=False)], 1007),
        ([frame(TEXT, b"\xce", fin=False), frame(CONT, b"a")], 1007),
    ],
)
def test_what_breaks_the_rules_is_closed_with_the_code_for_it(
    run: Run, sent: list[bytes], code: int
) -> None:
    async def scene() -> None:
        line = await opened()
        assert closing(code, await line.tell(*sent))
        assert await line.tell(frame(TEXT, "after")) == []
        assert line.transport.eof_written
        assert line.session.is_closed
        assert line.session.commands == []

    run(scene())


@pytest.mark.parametrize(
    "sent",
    [
        [frame(TEXT, "x" * 101)],
        [frame(TEXT, "x" * 60, fin=False), frame(CONT, "x" * 60)],
        [frame(TEXT, "x" * 101)[:6]],
    ],
    ids=["whole", "in parts", "announced"],
)
def test_a_message_over_the_limit_is_1009(run: Run, sent: list[bytes]) -> None:
    async def scene() -> None:
        line = await opened(EdgeLimits(message=100))
        await line.tell(frame(TEXT, "x" * 100))
        assert line.session.commands == ["x" * 100]
        assert closing(1009, await line.tell(*sent))

    run(scene())


@pytest.mark.parametrize("sent", [close_frame(), close_frame(1000, "bye"), close_frame(4321)])
def test_a_close_frame_is_echoed_and_the_server_closes_first(run: Run, sent: bytes) -> None:
    async def scene() -> None:
        line = await opened()
        (echoed,) = await line.tell(sent)
        payload = bytes(byte ^ at % 4 + 1 for at, byte in enumerate(sent[6:]))
        assert echoed == Frame(CLOSE, payload)
        assert line.transport.eof_written
        assert line.session.is_closed

    run(scene())


def test_after_a_close_frame_nothing_is_read_or_said(run: Run) -> None:
    async def scene() -> None:
        line = await opened()
        session = line.session
        frames = await line.tell(close_frame(1000), frame(TEXT, "late"), frame(PING))
        session.say("late")
        await line.turns()
        assert [each.opcode for each in frames + line.frames()] == [CLOSE]
        assert session.commands == []

    run(scene())


@pytest.mark.parametrize(
    ("why", "code"), [("finished", 1000), ("deleted", 1000), ("stopping", 1001), ("flooded", 1008)]
)
def test_a_session_that_ends_is_told_whole_and_closed_with_the_reason(
    run: Run, why: str, code: int
) -> None:
    async def scene() -> None:
        line = await opened()
        line.session.messages.extend(["last", "of all"])
        line.session.end(why)
        await line.turns()
        *said, farewell = line.frames()
        assert [each.payload for each in said] == [b"last", b"of all"]
        assert (farewell.code, farewell.reason) == (code, why)
        assert not line.transport.eof_written
        assert await line.tell(close_frame(code)) == []
        assert line.transport.eof_written

    run(scene())


def test_a_client_that_does_not_answer_a_farewell_is_closed_after_a_while(run: Run) -> None:
    async def scene() -> None:
        line = await opened()
        line.session.end("finished")
        await line.turns()
        line.socket.check_time(time.monotonic())
        assert not line.transport.is_closed
        line.socket.check_time(time.monotonic() + EdgeLimits().drain_s + 1)
        assert line.transport.is_closed

    run(scene())


def test_a_server_that_stops_says_what_there_is_and_goes_away(run: Run) -> None:
    async def scene() -> None:
        line = await opened()
        line.session.messages.append("last")
        line.socket.stop()
        await line.turns()
        said, farewell = line.frames()
        assert said.payload == b"last"
        assert (farewell.code, farewell.reason) == (1001, "stopping")

    run(scene())


@pytest.mark.parametrize("why", [None, "deleted"])
def test_a_server_that_stops_waits_for_no_answer_to_its_farewell(run: Run, why: str | None) -> None:
    async def scene() -> None:
        line = await opened()
        if why is not None:
            line.session.end(why)
            await line.turns()
        line.socket.stop()
        await line.turns()
        assert not line.transport.is_closed
        while not line.transport.is_closed:  # noqa: ASYNC110 - nothing tells of it
            await asyncio.sleep(0)
        assert [each.code for each in line.frames()] == [1000 if why else 1001]

    run(scene())


def test_a_session_that_fails_is_logged_and_its_client_told(
    run: Run, caplog: pytest.LogCaptureFixture
) -> None:
    class Failing(FakeSession):
        def command(self, text: str) -> None:
            raise ValueError(text)

    async def scene() -> None:
        line = await opened(new=Failing)
        assert closing(1011, await line.tell(frame(TEXT, "a"), frame(TEXT, "b")))
        assert line.session.is_closed
        assert line.transport.eof_written

    run(scene())
    assert [each.getMessage() for each in caplog.records] == ["a WebSocket failed"]


def test_a_client_that_reads_nothing_is_told_to_go_when_the_server_stops(run: Run) -> None:
    async def scene() -> None:
        line = await opened(room=0)
        line.session.say("first", "second")
        await line.turns()
        line.session.say("third")
        line.socket.stop()
        line.transport.take(None)
        await line.turns()
        assert closing(1001, line.frames())

    run(scene())


def test_a_client_that_leaves_leaves_nothing_behind(run: Run) -> None:
    async def scene() -> None:
        line = await opened()
        session = line.session
        assert line.edge.connections == {line.socket}
        assert line.transport.protocol.eof_received() is False
        line.transport.close()
        await line.turns()
        assert session.is_closed
        assert line.edge.connections == line.door.connections == set()
        session.say("to nobody")
        await line.turns()
        assert line.frames() == []

    run(scene())


def test_a_connection_that_was_closed_is_looked_at_no_more(run: Run) -> None:
    async def scene() -> None:
        line = await opened()
        socket = line.socket
        socket.abort()
        socket.abort()
        socket.check_time(time.monotonic() + 1_000)
        socket.data_received(frame(TEXT, "late"))
        await line.turns()
        assert (line.frames(), line.session.commands) == ([], [])

    run(scene())


# How much one client may cost.


def test_a_client_that_reads_nothing_holds_one_write_and_the_rest_is_not_taken(run: Run) -> None:
    async def scene() -> None:
        line = await opened(room=0)
        line.session.say(*["x" * 1000] * 1000)
        await line.turns(50)
        assert 0 < len(line.transport.held) <= 2 * 32 * KIB
        assert line.session.taken < 100
        line.transport.take(None)
        await line.turns(50)
        assert len(line.frames()) == 1000

    run(scene())


def test_a_client_that_reads_nothing_is_not_read_either(run: Run) -> None:
    async def scene() -> None:
        line = await opened(room=0, new=EchoSession)
        line.send(frame(TEXT, "x" * 1000) * 1000)
        await line.turns(50)
        assert len(line.session.commands) < 100
        assert not line.transport.is_reading_now
        line.transport.take(None)
        await line.turns(3000)
        assert len(line.frames()) == 1000
        assert line.transport.is_reading_now

    run(scene())


def test_a_flood_of_pings_is_answered_a_few_in_a_turn(run: Run) -> None:
    async def scene() -> None:
        line = await opened()
        line.send(frame(PING, mask=b"\0\0\0\0") * 50_000)
        assert not line.transport.is_reading_now
        await line.turns(1)
        assert len(line.frames()) < 5_000

    run(scene())


def test_of_two_that_have_much_to_say_each_has_its_turn(run: Run) -> None:
    async def scene() -> None:
        one = await opened()
        two = SocketLine()
        two.door.edge = one.edge
        await two.open()
        one.session.say(*["x" * 1000] * 200)
        two.session.say("y")
        await one.turns(2)
        assert two.frames() == [Frame(TEXT, b"y")]
        assert len(one.frames()) < 200

    run(scene())


# Time.


def after(seconds: float) -> float:
    return time.monotonic() + seconds


def test_a_silent_client_is_pinged_and_its_pong_keeps_it(run: Run) -> None:
    async def scene() -> None:
        line = await opened(EdgeLimits(ping_interval_s=20, ping_timeout_s=60))
        line.socket.check_time(after(10))
        assert line.frames() == []
        line.socket.check_time(after(31))
        assert line.frames() == [Frame(PING, b"")]
        line.socket.check_time(after(60))
        await line.tell(frame(PONG))
        line.socket.check_time(after(92))
        assert line.frames() == []
        line.socket.check_time(after(113))
        assert line.frames() == [Frame(PING, b"")]

    run(scene())


def test_a_client_that_never_answers_a_ping_is_closed(run: Run) -> None:
    async def scene() -> None:
        line = await opened(EdgeLimits(ping_interval_s=20, ping_timeout_s=60))
        line.socket.check_time(after(1))
        line.socket.check_time(after(22))
        line.socket.check_time(after(81))
        assert line.frames() == [Frame(PING, b"")]
        line.socket.check_time(after(83))
        assert closing(1011, line.frames())
        assert line.transport.eof_written

    run(scene())


def test_a_client_that_reads_nothing_at_all_is_given_up(run: Run) -> None:
    async def scene() -> None:
        line = await opened(EdgeLimits(ping_interval_s=20, ping_timeout_s=60), room=0)
        line.session.say("x")
        await line.turns()
        for seconds in (1, 22, 83):
            assert not line.transport.is_closed
            line.socket.check_time(after(seconds))
        assert line.transport.is_closed
        assert line.session.is_closed

    run(scene())


def test_a_client_that_reads_slowly_is_kept(run: Run) -> None:
    async def scene() -> None:
        line = await opened(EdgeLimits(ping_interval_s=20, ping_timeout_s=60), room=0)
        line.session.say("x" * 1000)
        await line.turns()
        for minute in range(1, 20):
            line.transport.take(10)
            line.socket.check_time(after(minute * 50))
        assert not line.transport.is_closed

    run(scene())


def test_a_farewell_is_kept_for_a_client_that_reads_slowly_but_not_for_ever(run: Run) -> None:
    async def scene() -> None:
        line = await opened(EdgeLimits(ping_timeout_s=60), room=0)
        line.session.say("x" * 1000)
        await line.turns()
        line.socket.stop()
        line.socket.check_time(after(59))
        assert not line.transport.is_closed
        line.transport.take(10)
        line.socket.check_time(after(61))
        line.socket.check_time(after(120))
        assert not line.transport.is_closed
        line.socket.check_time(after(122))
        assert line.transport.is_closed

    run(scene())


# On the edge.


def test_requests_before_it_on_the_same_connection_are_answered_first(run: Run) -> None:
    async def scene() -> None:
        line = Line(Switching())
        line.send(b"GET /a HTTP/1.1\r\nHost: a\r\n\r\n" + HANDSHAKE)
        await line.turns()
        first, _, rest = line.transport.output.partition(b"HTTP/1.1 101")
        assert first == ok(b"GET|/a||")
        assert rest.startswith(b" Switching Protocols\r\nUpgrade: websocket\r\n")
        assert isinstance(line.transport.protocol, WebSocket)

    run(scene())


def test_what_is_sent_right_behind_the_handshake_is_of_the_socket(run: Run) -> None:
    async def scene() -> None:
        app = Switching(EchoSession)
        line = Line(app)
        line.send(HANDSHAKE + frame(TEXT, "early"))
        await line.turns(10)
        assert line.transport.output.endswith(b"\r\n\r\n\x81\x05early")
        assert len(app.requests) == 1

    run(scene())


def test_a_client_that_leaves_before_the_switch_ends_its_session(run: Run) -> None:
    async def scene() -> None:
        line = Line(app := Switching())
        line.send(HANDSHAKE)
        line.transport.close()
        await line.turns()
        assert app.sessions[0].is_closed
        assert line.edge.connections == set()

    run(scene())


def test_a_client_that_does_not_read_the_101_yet_is_handed_on_when_it_has(run: Run) -> None:
    async def scene() -> None:
        line = Line(app := Switching(), room=10)
        line.send(HANDSHAKE)
        await line.turns()
        app.sessions[0].say("hello")
        await line.turns()
        assert line.transport.protocol is line.connection
        line.transport.take(None)
        await line.turns()
        assert line.transport.output.endswith(b"\r\n\r\n\x81\x05hello")

    run(scene())


def test_a_client_that_leaves_before_it_read_the_101_ends_its_session(run: Run) -> None:
    async def scene() -> None:
        line = Line(app := Switching(), room=10)
        line.send(HANDSHAKE)
        await line.turns()
        line.transport.abort()
        await line.turns()
        assert app.sessions[0].is_closed

    run(scene())


def test_a_client_that_has_ended_its_side_before_the_switch_is_closed(run: Run) -> None:
    async def scene() -> None:
        output = await talk(HANDSHAKE, app := Switching())
        assert output.startswith(b"HTTP/1.1 101 ")
        assert app.sessions[0].is_closed

    run(scene())


def test_a_handshake_as_the_server_stops_is_answered_and_sent_away(run: Run) -> None:
    async def scene() -> None:
        line = Line(Switching())
        line.door.is_stopping = True
        line.send(HANDSHAKE)
        await line.turns()
        head, _, rest = line.transport.output.partition(b"\r\n\r\n")
        assert b"Connection: close" not in head
        assert rest == b"\x88\x0a\x03\xe9stopping"

    run(scene())


def test_it_counts_as_one_connection_and_only_once(run: Run) -> None:
    async def scene() -> None:
        line = await opened()
        assert (len(line.edge.connections), line.edge.accepted) == (1, 1)
        line.edge.abort()
        await line.turns()
        assert line.edge.connections == set()
        assert line.edge.inflight == 0

    run(scene())


def test_a_stop_of_the_listener_waits_for_its_farewell(run: Run) -> None:
    async def scene() -> None:
        listener = await serve(Switching())
        reader, writer = await asyncio.open_connection("127.0.0.1", listener.port)
        writer.write(HANDSHAKE)
        await reader.readuntil(b"\r\n\r\n")
        stopping = asyncio.create_task(listener.stop(5.0))
        assert await reader.readexactly(12) == b"\x88\x0a\x03\xe9stopping"
        writer.write(close_frame(1001))
        assert await reader.read() == b""
        writer.close()
        await stopping

    run(scene())


# What is held of messages that are not whole.


def test_a_message_that_is_arriving_counts_among_the_bytes_in_flight(run: Run) -> None:
    async def scene() -> None:
        line = await opened(EdgeLimits(inflight_bytes=10_000))
        whole = frame(TEXT, "x" * 3_000)
        await line.tell(whole[:2_000])
        assert line.edge.inflight == 2_000 - 8  # its header is read
        await line.tell(whole[2_000:])
        assert (line.edge.inflight, len(line.session.commands)) == (0, 1)
        await line.tell(frame(TEXT, "x" * 700, fin=False), frame(CONT, "x" * 50, fin=False))
        assert line.edge.inflight == 750
        line.transport.close()
        await line.turns()
        assert line.edge.inflight == 0

    run(scene())


@pytest.mark.parametrize("is_one_frame", [True, False])
def test_a_message_for_which_there_is_no_room_any_more_is_1013(
    run: Run, is_one_frame: bool
) -> None:
    async def scene() -> None:
        line = await opened(EdgeLimits(inflight_bytes=5_000))
        line.edge.inflight += 4_000  # of others
        await line.tell(frame(TEXT, "x" * 800))
        assert len(line.session.commands) == 1
        if is_one_frame:
            heard = await line.tell(frame(TEXT, "x" * 3_000)[:2_000])
        else:
            heard = await line.tell(*[frame(TEXT, "x" * 600, fin=False), frame(CONT, "x" * 600)])
        assert closing(1013, heard)
        assert "inflight_bytes" in heard[-1].reason
        await line.tell(b"x" * 5_000)
        assert line.edge.inflight == 4_000

    run(scene())


def test_what_several_are_told_is_made_into_a_frame_once() -> None:
    made: dict[str, bytes] = {}
    first = frames_of(["a", "b"], made)
    again = frames_of(["".join("a"), "c"], made)
    assert again[0] is first[0]
    assert frames_of(["x" * 5_000], made) == [framed("x" * 5_000)]
    assert "x" * 5_000 not in made
    for number in range(3_000):
        frames_of([str(number)], made)
    assert len(made) <= 1_000


def test_a_server_that_stops_waits_for_who_reads_slowly_and_not_for_who_reads_nothing(
    run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def scene() -> None:
        line = await opened(room=0)
        hurried: list[object] = []
        monkeypatch.setattr(line.edge.loop, "call_later", lambda _, told: hurried.append(told))
        line.session.say(*["x" * 1000] * 100)
        await line.turns()
        line.socket.stop()
        for _ in range(3):
            line.transport.take(10)
            line.socket._hurried()
            assert line.edge.connections == {line.socket}
        line.socket._hurried()
        await line.turns()
        assert line.edge.connections == set()

    run(scene())
