"""One WebSocket of the client, from its handshake to its close; bytes in, bytes out (RFC 6455).

Opens no socket and waits for nothing: whoever has the connection sends ``outgoing`` and brings
what comes to ``receive``. So the clients of either kind share it.
"""

from __future__ import annotations

import os
from base64 import b64encode
from collections import deque
from dataclasses import dataclass
from hashlib import sha1
from typing import Final

from pymockapi.client.frames import (
    CLOSE,
    PING,
    PONG,
    TEXT,
    BadFrame,
    Frames,
    close_payload,
    masked,
)

_GUID: Final = b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11"  # RFC 6455 section 1.3
_BLANK: Final = b"\r\n\r\n"
_MAX_HEAD_BYTES: Final = 65_536
NORMAL: Final = 1000
NO_STATUS: Final = 1005
BROKEN: Final = 1006
BAD_FRAMES: Final = 1002


@dataclass(frozen=True, slots=True)
class Closing:
    """How it ended: the server's close code (1006: none came), and its reason."""

    code: int
    reason: str


@dataclass(frozen=True, slots=True)
class Refusal:
    """The answer of a server that does not switch."""

    status: int
    body: bytes


class WebSocket:
    """``outgoing`` is what is to be sent now. ``refusal`` is there if the server does not switch, ``texts`` the messages that came, ``closing`` tells that no more will."""

    def __init__(self, target: str, authority: str, token: str | None = None) -> None:
        key = b64encode(os.urandom(16))
        self._accept = b64encode(sha1(key + _GUID, usedforsecurity=False).digest()).decode()
        self._head = bytearray()
        self._frames = Frames()
        self.outgoing = _opening(target, authority, token, key.decode())
        self.is_open = False
        self.refusal: Refusal | None = None
        self.closing: Closing | None = None
        self.texts: deque[str] = deque()
        self._has_said_close = False

    def receive(self, data: bytes) -> None:
        """Take what came; no bytes at all are the end of the connection."""
        if self.closing is not None or self.refusal is not None:
            return
        if not data:
            self.closing = Closing(BROKEN, "")
        elif self.is_open:
            self._read(data)
        else:
            self._head += data
            self._open()

    def say(self, text: str) -> None:
        """Have a message to send."""
        self.outgoing += masked(TEXT, text.encode())

    def say_close(self) -> None:
        """Begin to close; the server's answer is then the last that comes."""
        if not self._has_said_close:
            self._has_said_close = True
            self.outgoing += masked(CLOSE, close_payload(NORMAL))

    def take_outgoing(self) -> bytes:
        data, self.outgoing = self.outgoing, b""
        return data

    def _open(self) -> None:
        """Read the answer to the handshake, once its head is whole (section 4.1)."""
        head, blank, rest = bytes(self._head).partition(_BLANK)
        if not blank:
            if len(head) > _MAX_HEAD_BYTES:
                self.closing = Closing(BAD_FRAMES, "the answer has no end of head")
            return
        line, *fields = head.decode("latin-1").split("\r\n")
        headers = {
            name.lower(): value.strip(" \t")
            for name, _, value in (field.partition(":") for field in fields)
        }
        version, _, told = line.partition(" ")
        status = told[:3]
        if not version.startswith("HTTP/1.") or not status.isdigit():
            self.closing = Closing(BAD_FRAMES, "the answer is no HTTP/1.1")
        elif status != "101":
            self._refuse(int(status), headers, rest)
        elif headers.get("sec-websocket-accept") != self._accept:
            self.closing = Closing(BAD_FRAMES, "the answer does not fit the handshake's key")
        else:
            self.is_open = True
            self._read(rest)

    def _refuse(self, status: int, headers: dict[str, str], rest: bytes) -> None:
        length = headers.get("content-length", "0")
        size = int(length) if length.isdigit() else 0
        if len(rest) >= size:
            self.refusal = Refusal(status, rest[:size])

    def _read(self, data: bytes) -> None:
        try:
            messages = self._frames.feed(data)
            for opcode, payload in ((each.opcode, each.payload) for each in messages):
                if opcode == TEXT:
                    self.texts.append(payload.decode())
                elif opcode == PING:
                    self.outgoing += masked(PONG, payload)
                elif opcode == CLOSE:
                    self._close(payload)
                    break
                elif opcode != PONG:
                    raise BadFrame(f"opcode {opcode} is none of this API's")
        except (BadFrame, UnicodeDecodeError) as error:
            self.closing = Closing(BAD_FRAMES, str(error))

    def _close(self, payload: bytes) -> None:
        if not self._has_said_close:
            self._has_said_close = True
            self.outgoing += masked(CLOSE, payload[:2])
        code = int.from_bytes(payload[:2], "big") if payload else NO_STATUS
        self.closing = Closing(code, payload[2:].decode("utf-8", "replace"))


def _opening(target: str, authority: str, token: str | None, key: str) -> bytes:
    lines = [
        f"GET {target} HTTP/1.1",
        f"Host: {authority}",
        "Upgrade: websocket",
        "Connection: Upgrade",
        f"Sec-WebSocket-Key: {key}",
        "Sec-WebSocket-Version: 13",
    ]
    if token:
        lines.append(f"Authorization: Bearer {token}")
    return "\r\n".join([*lines, "\r\n"]).encode()
