"""The opening handshake of a WebSocket, RFC 6455 section 4.2."""

from __future__ import annotations

from typing import Any

import pytest
from tests.server.sockets import ACCEPT, KEY

from pymockapi.model.request import Request
from pymockapi.server.upgrade import BadHandshake, UnknownSocketVersion, UpgradeRequired, accept

GOOD = {
    "Host": "a",
    "Upgrade": "websocket",
    "Connection": "Upgrade",
    "Sec-WebSocket-Key": KEY,
    "Sec-WebSocket-Version": "13",
}


def asked(method: str = "GET", minor: int = 1, body: bytes = b"", **changes: str | None) -> Request:
    """Return a handshake; ``x_y`` changes the header ``x-y``, ``None`` leaves it out."""
    fields = {name.lower(): value for name, value in GOOD.items()}
    for name, value in changes.items():
        fields.pop(name.replace("_", "-"), None)
        if value is not None:
            fields[name.replace("_", "-")] = value
    lines = [f"{method} /socket HTTP/1.{minor}", *(f"{key}: {fields[key]}" for key in fields)]
    return Request(method, "/socket", ("\r\n".join(lines) + "\r\n\r\n").encode(), body)


@pytest.mark.parametrize(
    "changes",
    [
        {},
        {"upgrade": "WebSocket"},
        {"upgrade": "h2c, websocket"},
        {"connection": "keep-alive, upgrade"},
        {"sec_websocket_protocol": "chat"},
        {"sec_websocket_extensions": "permessage-deflate; client_max_window_bits"},
    ],
)
def test_a_handshake_is_answered_with_the_digest_of_its_key_and_nothing_else(
    changes: Any,
) -> None:
    response = accept(asked(**changes))
    assert response.head == (
        b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
        b"Sec-WebSocket-Accept: %b\r\n" % ACCEPT
    )


@pytest.mark.parametrize("upgrade", [None, "h2c", "websocket/13"])
def test_what_offers_no_websocket_is_told_to(upgrade: str | None) -> None:
    with pytest.raises(UpgradeRequired, match=r"/socket is a WebSocket: connect to it with ws://"):
        accept(asked(upgrade=upgrade))


@pytest.mark.parametrize(
    ("version", "told"),
    [
        ("8", "'8'"),
        (None, "no Sec-WebSocket-Version"),
        ("13, 8", "'13, 8'"),
        ("x" * 99, "'" + "x" * 60 + "'"),
    ],
)
def test_another_version_is_told_which_is_spoken(version: str | None, told: str) -> None:
    with pytest.raises(UnknownSocketVersion, match="version 13") as failure:
        accept(asked(sec_websocket_version=version))
    assert failure.value.detail.endswith(f"says {told}.")
    assert ("Sec-WebSocket-Version", "13") in failure.value.headers


@pytest.mark.parametrize(
    ("request_", "pointer", "message"),
    [
        (asked(connection="keep-alive"), "/Connection", "expected 'Upgrade'"),
        (asked(connection=None), "/Connection", "expected 'Upgrade'"),
        (asked("HEAD"), "/method", "expected GET, got HEAD"),
        (asked(minor=0), "/version", "expected HTTP/1.1, got HTTP/1.0"),
        (asked(body=b"ab"), "/body", "expected none, got 2 bytes"),
        (asked(sec_websocket_key=None), "/Sec-WebSocket-Key", "expected one, got none"),
        (asked(sec_websocket_key="c2hvcnQ="), "/Sec-WebSocket-Key", "expected 16 bytes in base64"),
        (asked(sec_websocket_key="?" * 24), "/Sec-WebSocket-Key", "expected 16 bytes in base64"),
        (
            asked(sec_websocket_key="é"),
            "/Sec-WebSocket-Key",
            "expected 16 bytes in base64, got 'é'",
        ),
    ],
)
def test_a_broken_handshake_is_told_what_is_broken(
    request_: Request, pointer: str, message: str
) -> None:
    with pytest.raises(BadHandshake) as failure:
        accept(request_)
    (finding,) = failure.value.findings
    assert finding.pointer == pointer
    assert finding.message.startswith(message)
    assert message in failure.value.detail


def test_a_key_given_twice_is_one_too_many() -> None:
    request = asked()
    request.head = request.head.replace(
        b"\r\n\r\n", f"\r\nSec-WebSocket-Key: {KEY}\r\n\r\n".encode()
    )
    with pytest.raises(BadHandshake, match="expected one, got 2"):
        accept(request)


def test_all_that_is_broken_is_told_at_once() -> None:
    with pytest.raises(BadHandshake) as failure:
        accept(asked(connection=None, sec_websocket_key=None))
    assert [each.pointer for each in failure.value.findings] == [
        "/Sec-WebSocket-Key",
        "/Connection",
    ]
