"""The opening handshake of a WebSocket: what a request must say, and the answer that switches.

RFC 6455 section 4.2. Who may connect was asked before, by the gate of the control API. No
extension and no subprotocol is ever agreed on.
"""

from __future__ import annotations

from base64 import b64decode, b64encode
from binascii import Error as NotBase64
from hashlib import sha1
from typing import Final

from pymockapi.model.errors import ControlError
from pymockapi.model.reader import Findings
from pymockapi.model.request import Request, printable
from pymockapi.model.response import HeaderPairs, Response, make_response

VERSION: Final = "13"
_GUID: Final = b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11"
_KEY_BYTES: Final = 16
_SHOWN: Final = 60  # characters of a header
_OFFER: Final = (("Upgrade", "websocket"), ("Connection", "Upgrade"))


class UpgradeRequired(ControlError):
    """``headers`` are what the answer says beside the problem (RFC 9110 section 15.5.22)."""

    status, code, title = 426, "upgrade-required", "This call is a WebSocket"
    headers: HeaderPairs = _OFFER


class UnknownSocketVersion(UpgradeRequired):
    headers = (*_OFFER, ("Sec-WebSocket-Version", VERSION))

    def __init__(self, given: list[str]) -> None:
        told = f"'{_shown(', '.join(given))}'" if given else "no Sec-WebSocket-Version"
        super().__init__(
            f"This server speaks WebSocket version {VERSION} (RFC 6455), and the request says {told}."
        )


class BadHandshake(ControlError):
    status, code, title = 400, "bad-handshake", "This is no opening handshake of a WebSocket"


def accept(request: Request) -> Response:
    """Return the 101 that answers ``request``. Raises ``UpgradeRequired`` or ``BadHandshake``."""
    if "websocket" not in _tokens(request, "upgrade"):
        raise UpgradeRequired(
            f"{request.path} is a WebSocket: connect to it with ws:// (wss:// on the TLS port) in"
            " place of http://, as 'websocat' does, or MockServer.events() in Python."
        )
    versions = request.header("sec-websocket-version")
    if versions != [VERSION]:
        raise UnknownSocketVersion(versions)
    found = Findings()
    key = _read_key(request.header("sec-websocket-key"), found)
    _check_line(request, found)
    if found.items:
        first = found.items[0]
        raise BadHandshake(f"{first.pointer[1:]}: {first.message}.", found.items)
    digest = b64encode(sha1(key + _GUID, usedforsecurity=False).digest()).decode()
    return make_response(101, (*_OFFER, ("Sec-WebSocket-Accept", digest)))


def _check_line(request: Request, found: Findings) -> None:
    if "upgrade" not in _tokens(request, "connection"):
        found.add("/Connection", "expected 'Upgrade'; a proxy on the way may have taken it off")
    if request.method != "GET":
        found.add("/method", f"expected GET, got {request.method}")
    if request.head.partition(b"\r\n")[0].endswith(b"HTTP/1.0"):
        found.add("/version", "expected HTTP/1.1, got HTTP/1.0")
    if request.body:
        found.add("/body", f"expected none, got {len(request.body)} bytes")


def _read_key(values: list[str], found: Findings) -> bytes:
    """Return the key as it was sent: base64 of 16 bytes (section 4.1)."""
    at = "/Sec-WebSocket-Key"
    if len(values) != 1:
        found.add(at, f"expected one, got {len(values) or 'none'}")
        return b""
    key = values[0].encode("utf-8", "surrogateescape")
    try:
        size = len(b64decode(key, validate=True))
    except NotBase64:
        size = -1
    if size != _KEY_BYTES:
        found.add(at, f"expected {_KEY_BYTES} bytes in base64, got '{_shown(values[0])}'")
    return key


def _tokens(request: Request, name: str) -> set[str]:
    return {
        token.strip(" \t").lower() for value in request.header(name) for token in value.split(",")
    }


def _shown(text: str) -> str:
    return printable(text[:_SHOWN])
