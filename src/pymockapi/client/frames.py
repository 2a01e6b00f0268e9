"""WebSocket frames as bytes, the client's side (RFC 6455 section 5); no sockets here.

What a server sends is read as it is: any opcode, in any pieces. Extensions are never agreed on,
so a reserved bit is an error.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from typing import Final

CONTINUATION, TEXT, BINARY, CLOSE, PING, PONG = 0, 1, 2, 8, 9, 10
MAX_MESSAGE: Final = 64 * 1024 * 1024  # a verification's document may be some MiB; more is an error
_SIZES: Final = {126: 2, 127: 8}


class BadFrame(Exception):
    """The bytes are no frames of a server."""


@dataclass(frozen=True, slots=True)
class Message:
    """A whole message, or a control frame; ``opcode`` is that of its first frame."""

    opcode: int
    payload: bytes


def masked(opcode: int, payload: bytes = b"") -> bytes:
    """Return one whole frame of a client, masked anew each time (section 5.3)."""
    size = len(payload)
    width = 0 if size < 126 else 2 if size < 65_536 else 8
    length = size if not width else 126 if width == 2 else 127
    mask = os.urandom(4)
    key = (mask * (size // 4 + 1))[:size]
    hidden = int.from_bytes(payload, "big") ^ int.from_bytes(key, "big")
    head = bytes((0x80 | opcode, 0x80 | length)) + (size.to_bytes(width, "big") if width else b"")
    return head + mask + hidden.to_bytes(size, "big")


def close_payload(code: int, reason: str = "") -> bytes:
    return code.to_bytes(2, "big") + reason.encode()


class Frames:
    """Bytes in, messages out, in order; control frames come out between the parts of a message."""

    def __init__(self) -> None:
        self._buffer = bytearray()
        self._opcode: int | None = None  # of the message that is in parts
        self._parts = bytearray()

    def feed(self, data: bytes) -> list[Message]:
        """Return what is whole now. Raises ``BadFrame``."""
        self._buffer += data
        found = []
        while (frame := self._cut()) is not None:
            message = self._join(*frame)
            if message is not None:
                found.append(message)
        return found

    def _cut(self) -> tuple[bool, int, bytes] | None:
        """Take a frame off the buffer, if one is whole: whether it is the last, opcode, payload."""
        buffer = self._buffer
        if len(buffer) < 2:
            return None
        first, size = buffer[0], buffer[1]
        if first & 0x70 or size & 0x80:
            raise BadFrame("a frame is masked or has a reserved bit set")
        start = 2
        if size > 125:
            start += _SIZES[size]
            if len(buffer) < start:
                return None
            size = int.from_bytes(buffer[2:start], "big")
            if size + len(self._parts) > MAX_MESSAGE:
                raise BadFrame(f"a message has more than {MAX_MESSAGE} bytes")
        if len(buffer) < start + size:
            return None
        payload = bytes(buffer[start : start + size])
        del buffer[: start + size]
        return bool(first & 0x80), first & 0x0F, payload

    def _join(self, is_last: bool, opcode: int, payload: bytes) -> Message | None:
        if opcode >= CLOSE:
            return Message(opcode, payload)
        if (opcode == CONTINUATION) is (self._opcode is None):
            raise BadFrame("the parts of a message are not in order")
        if is_last and opcode != CONTINUATION:
            return Message(opcode, payload)
        self._opcode = opcode if self._opcode is None else self._opcode
        self._parts += payload
        if not is_last:
            return None
        message = Message(self._opcode, bytes(self._parts))
        self._opcode = None
        self._parts.clear()
        return message
