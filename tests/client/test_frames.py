"""Frames of RFC 6455, the client's side; ``websockets`` is the independent other side."""

from __future__ import annotations

import pytest
from tests.client.fake_feed import server_frame
from websockets.frames import Frame
from websockets.protocol import Protocol, Side

from pymockapi.client.frames import (
    BINARY,
    CLOSE,
    MAX_MESSAGE,
    PING,
    PONG,
    TEXT,
    BadFrame,
    Frames,
    Message,
    close_payload,
    masked,
)

SIZES = (0, 1, 3, 4, 5, 125, 126, 65_535, 65_536)


@pytest.mark.parametrize("size", SIZES)
def test_a_frame_that_is_sent_is_read_by_another_as_it_was(size: int) -> None:
    server = Protocol(Side.SERVER, max_size=None)
    payload = bytes(at % 251 for at in range(size))
    server.receive_data(masked(BINARY, payload))
    (frame,) = server.events_received()
    assert isinstance(frame, Frame)
    assert (frame.opcode, bytes(frame.data), frame.fin) == (BINARY, payload, True)


def test_a_mask_is_new_each_time() -> None:
    assert len({masked(TEXT, b"the same") for _ in range(5)}) == 5


@pytest.mark.parametrize("size", SIZES)
def test_a_frame_that_came_whole_is_a_message(size: int) -> None:
    assert Frames().feed(server_frame(TEXT, b"x" * size)) == [Message(TEXT, b"x" * size)]


def test_frames_may_come_byte_by_byte_and_many_at_once() -> None:
    data = server_frame(TEXT, b"a" * 200) + server_frame(PING, b"p") + server_frame(TEXT, b"b")
    expected = [Message(TEXT, b"a" * 200), Message(PING, b"p"), Message(TEXT, b"b")]
    assert Frames().feed(data) == expected
    frames = Frames()
    assert [each for byte in data for each in frames.feed(bytes([byte]))] == expected


def test_a_message_in_parts_is_one_and_control_frames_come_between() -> None:
    parts = (
        server_frame(TEXT, b"a", fin=False) + server_frame(PONG, b"") + server_frame(0, b"b", fin=False)
        + server_frame(0, b"c") + server_frame(TEXT, b"d")
    )  # fmt: skip
    found = Frames().feed(parts)
    assert found == [Message(PONG, b""), Message(TEXT, b"abc"), Message(TEXT, b"d")]


@pytest.mark.parametrize(
    "data",
    [
        b"\xc1\x01a",
        b"\x81\x81\0\0\0\0a",
        server_frame(0, b"nothing began"),
        server_frame(TEXT, b"a", fin=False) + server_frame(TEXT, b"b"),
        b"\x81\x7f" + (MAX_MESSAGE + 1).to_bytes(8, "big"),
    ],
    ids=["reserved bit", "masked", "no beginning", "no end", "too long"],
)
def test_what_is_no_frame_of_a_server_is_an_error(data: bytes) -> None:
    with pytest.raises(BadFrame):
        Frames().feed(data)


def test_a_close_frame_says_code_and_reason() -> None:
    server = Protocol(Side.SERVER)
    server.receive_data(masked(CLOSE, close_payload(1000, "done")))
    assert server.close_rcvd is not None
    assert (server.close_rcvd.code, server.close_rcvd.reason) == (1000, "done")
