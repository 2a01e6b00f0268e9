"""A WebSocket of the client, bytes in and bytes out."""

from __future__ import annotations

import pytest
from tests.client.fake_feed import server_frame, switching
from tests.client.fake_server import problem

from pymockapi.client.websocket import Closing, WebSocket


def opened() -> WebSocket:
    socket = WebSocket("/events", "127.0.0.1:1")
    socket.receive(switching(socket.take_outgoing()))
    assert socket.is_open
    return socket


def test_the_handshake_is_a_request_as_the_rfc_wants_it() -> None:
    head = WebSocket("/events?seq=1", "host:1", "secret").take_outgoing().decode()
    line, *fields = head.rstrip().split("\r\n")
    names = dict(field.split(": ", 1) for field in fields)
    assert line == "GET /events?seq=1 HTTP/1.1"
    assert len(names.pop("Sec-WebSocket-Key")) == 24
    assert names == {
        "Host": "host:1",
        "Upgrade": "websocket",
        "Connection": "Upgrade",
        "Sec-WebSocket-Version": "13",
        "Authorization": "Bearer secret",
    }
    assert "Authorization" not in WebSocket("/", "host:1").take_outgoing().decode()


def test_what_came_behind_the_answer_is_read_too() -> None:
    socket = WebSocket("/", "a")
    answer = switching(socket.take_outgoing()) + server_frame(1, b"hello")
    for byte in answer:
        socket.receive(bytes([byte]))
    assert list(socket.texts) == ["hello"]


def test_a_refusal_is_an_answer() -> None:
    socket = WebSocket("/", "a")
    answer = problem("unknown-namespace", 404)
    socket.receive(answer[:-5])
    assert socket.refusal is None
    socket.receive(answer[-5:])
    assert socket.refusal is not None
    assert socket.refusal.status == 404
    assert answer.endswith(socket.refusal.body)
    assert not socket.is_open


@pytest.mark.parametrize(
    ("answer", "reason"),
    [
        (b"SSH-2.0-server\r\n\r\n", "no HTTP/1.1"),
        (b"HTTP/1.1 101 Switching\r\nSec-WebSocket-Accept: x\r\n\r\n", "does not fit"),
        (b"x" * 70_000, "no end of head"),
        (b"", ""),
    ],
    ids=["no HTTP", "another key", "endless", "closed"],
)
def test_what_is_no_answer_to_a_handshake_closes(answer: bytes, reason: str) -> None:
    socket = WebSocket("/", "a")
    socket.receive(answer)
    assert socket.closing is not None
    assert reason in socket.closing.reason
    assert not socket.is_open


def test_a_ping_is_answered() -> None:
    socket = opened()
    socket.receive(server_frame(9, b"now") + server_frame(10, b""))
    data = socket.take_outgoing()
    assert data[0] == 0x8A
    assert bytes(byte ^ data[2 + at % 4] for at, byte in enumerate(data[6:])) == b"now"
    assert socket.take_outgoing() == b""


def test_a_close_frame_is_answered_and_ends_it() -> None:
    socket = opened()
    socket.receive(server_frame(1, b"last") + server_frame(8, b"\x03\xe8finished") + b"\x81\x01a")
    assert socket.closing == Closing(1000, "finished")
    assert list(socket.texts) == ["last"]
    assert socket.take_outgoing()[:2] == b"\x88\x82"
    socket.receive(b"")
    assert socket.closing == Closing(1000, "finished")


def test_a_close_frame_without_a_code_is_1005() -> None:
    socket = opened()
    socket.receive(server_frame(8, b""))
    assert socket.closing == Closing(1005, "")


def test_closing_is_said_once() -> None:
    socket = opened()
    socket.say_close()
    socket.say_close()
    assert len(socket.take_outgoing()) == 8
    socket.receive(server_frame(8, b"\x03\xe8"))
    assert socket.take_outgoing() == b""


@pytest.mark.parametrize(
    "data", [server_frame(2, b"a"), server_frame(1, b"\xff"), server_frame(3, b""), b"\x81\x80"]
)
def test_what_no_server_of_ours_sends_closes_it(data: bytes) -> None:
    socket = opened()
    socket.receive(data)
    assert socket.closing is not None
    assert socket.closing.code == 1002


def test_the_end_of_the_connection_is_1006() -> None:
    socket = opened()
    socket.receive(b"")
    assert socket.closing == Closing(1006, "")
