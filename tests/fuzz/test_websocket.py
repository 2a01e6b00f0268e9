"""Whatever frames come: each message is heard or the connection closed, and nothing is unlogged.

However a stream is cut into pieces, the same messages are heard. ``heard`` reads it by the rules of
RFC 6455, as an opinion that is independent of the library's.
"""

from __future__ import annotations

import asyncio
from typing import Final

from hypothesis import given
from hypothesis import strategies as st
from tests.fuzz.budget import examples
from tests.fuzz.streams import cutting, pieces
from tests.fuzz.test_edge import log_of
from tests.server.sockets import (
    BINARY,
    CLOSE,
    CONT,
    PING,
    PONG,
    TEXT,
    EchoSession,
    SocketLine,
    close_frame,
    frame,
    opened,
    read_frames,
)

from pymockapi.server.limits import EdgeLimits

MOST: Final = 300  # bytes of a message
texts: st.SearchStrategy[bytes] = st.one_of(
    st.text(max_size=40).map(str.encode), st.just(b"x" * 126), st.just(b"x" * MOST)
)
good: st.SearchStrategy[bytes] = st.one_of(
    st.builds(frame, st.just(TEXT), texts, fin=st.sampled_from([True, True, False])),
    st.builds(frame, st.just(CONT), texts, fin=st.booleans()),
    st.builds(frame, st.sampled_from([PING, PONG]), st.binary(max_size=125)),
)
bad: st.SearchStrategy[bytes] = st.one_of(
    st.builds(
        frame,
        st.integers(0, 15),
        st.binary(max_size=MOST + 5),
        fin=st.booleans(),
        rsv=st.sampled_from([0, 0, 1, 4]),
        mask=st.sampled_from([b"\0\0\0\0", b"\xff\1\2\3", None]),
        length=st.sampled_from([None, None, 8]),
    ),
    st.builds(close_frame, st.integers(0, 6000), st.text(max_size=20)),
    st.binary(min_size=1, max_size=20),
    st.just(frame(BINARY, b"a")),
    st.just(frame(TEXT, b"\xff")),
)
streams: st.SearchStrategy[bytes] = st.lists(st.one_of(good, good, good, bad), max_size=12).map(
    b"".join
)


def heard(data: bytes) -> list[str]:
    """Return the messages before the first byte that breaks a rule, or the first close frame."""
    messages: list[str] = []
    parts: bytes | None = None
    while len(data) >= 2:
        fin, opcode, size = data[0] & 128, data[0] & 15, data[1] & 127
        width = {126: 2, 127: 8}.get(size, 0)
        if data[0] & 112 or not data[1] & 128 or len(data) < 2 + width:
            break
        size = int.from_bytes(data[2 : 2 + width], "big") if width else size
        start = 6 + width
        mask, payload = data[start - 4 : start], data[start : start + size]
        if (size + len(parts or b"") > MOST and opcode < CLOSE) or len(payload) < size:
            break
        data = data[start + size :]
        payload = bytes(byte ^ mask[at % 4] for at, byte in enumerate(payload))
        if opcode in (PING, PONG) and fin and size < 126:
            continue
        if opcode not in (TEXT, CONT) or (opcode == CONT) is (parts is None):
            break
        parts = (parts or b"") + payload
        try:
            whole = parts.decode("utf-8", "strict" if fin else "ignore")
        except UnicodeDecodeError:
            break
        if fin:
            messages.append(whole)
            parts = None
    return messages


async def play(sent: list[bytes]) -> tuple[list[str], bool, list[str]]:
    """Return what was heard, whether it was closed, and what was logged."""
    with log_of(asyncio.get_running_loop()) as logged:
        line: SocketLine = await opened(EdgeLimits(message=MOST), new=EchoSession)
        for piece in sent:
            line.send(piece)
            await line.turns(2)
        await line.turns(60)
        frames = read_frames(line.transport.output)
        closed = [each.opcode for each in frames].count(CLOSE)
        assert closed <= 1
        assert bool(closed) is line.transport.eof_written
        assert line.session.is_closed is bool(closed)
        commands = line.session.commands
        line.edge.close()
    return commands, bool(closed), logged


@examples(150)
@given(data=streams, cuts=cutting)
def test_each_message_is_heard_however_it_is_cut(data: bytes, cuts: list[float]) -> None:
    whole, is_closed, logged = asyncio.run(play([data] if data else []))
    assert logged == []
    assert whole == heard(data)
    again, is_closed_again, logged = asyncio.run(play(pieces(data, cuts)))
    assert logged == []
    assert (again, is_closed_again) == (whole, is_closed)


@examples(50)
@given(sent=st.lists(texts, max_size=20))
def test_what_is_said_properly_is_answered_in_order(sent: list[bytes]) -> None:
    async def scene() -> None:
        line = await opened(EdgeLimits(message=MOST), new=EchoSession)
        line.send(b"".join(frame(TEXT, text) for text in sent))
        await line.turns(200)
        assert [each.payload for each in line.frames()] == sent
        line.edge.close()

    asyncio.run(scene())
