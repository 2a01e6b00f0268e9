"""The door through which workers find the server."""

from __future__ import annotations

import socket
import struct

import pytest

from pymockapi.integrations.door import Door, ask


def test_who_knows_the_secret_is_answered() -> None:
    door = Door(lambda: {"url": "http://127.0.0.1:1"})
    assert ask(door.port, door.secret) == {"url": "http://127.0.0.1:1"}
    assert ask(door.port, door.secret) == {"url": "http://127.0.0.1:1"}
    door.close()
    door.close()


@pytest.mark.parametrize("secret", ["", "wrong", "é" * 9000])
def test_who_does_not_is_not(secret: str) -> None:
    door = Door(dict)
    with pytest.raises(ConnectionError):
        ask(door.port, secret)
    assert ask(door.port, door.secret) == {}
    door.close()


def test_a_caller_that_says_nothing_does_not_keep_others_out() -> None:
    door = Door(dict)
    with socket.create_connection(("127.0.0.1", door.port)):
        pass
    assert ask(door.port, door.secret) == {}
    door.close()


def test_a_caller_that_breaks_off_does_not_keep_others_out() -> None:
    door = Door(dict)
    with socket.create_connection(("127.0.0.1", door.port)) as caller:
        caller.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    assert ask(door.port, door.secret) == {}
    door.close()


def test_a_closed_door_is_no_door() -> None:
    door = Door(dict)
    door.close()
    with pytest.raises(OSError, match="refused"):
        ask(door.port, door.secret)
