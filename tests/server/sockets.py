"""WebSockets bytes by bytes: sessions in hand, an application that switches, frames both ways."""

from __future__ import annotations

import asyncio
import os
from collections import deque
from collections.abc import Callable
from typing import Final, NamedTuple

from tests.server.harness import FakeApplication, Line, echo

from pymockapi.model.request import Request
from pymockapi.server.application_port import Later, Reply, Session, Switch
from pymockapi.server.limits import EdgeLimits
from pymockapi.server.upgrade import accept
from pymockapi.server.websocket import WebSocket

CONT, TEXT, BINARY, CLOSE, PING, PONG = 0, 1, 2, 8, 9, 10
KEY: Final = "dGhlIHNhbXBsZSBub25jZQ=="  # of RFC 6455 section 1.3
ACCEPT: Final = b"s3pPLMBiTxaQ9kYGzzhZRbK+xOo="
OFFER: Final = {
    "Upgrade": "websocket", "Connection": "Upgrade", "Sec-WebSocket-Key": KEY,
    "Sec-WebSocket-Version": "13",
}  # fmt: skip
HANDSHAKE: Final = (
    "GET /socket HTTP/1.1\r\nHost: a\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
    f"Sec-WebSocket-Key: {KEY}\r\nSec-WebSocket-Version: 13\r\n\r\n"
).encode()


class FakeSession:
    """Says what it is told to say, and keeps what it was told."""

    def __init__(self) -> None:
        self.commands: list[str] = []
        self.messages: deque[str] = deque()
        self.ended: str | None = None
        self.is_closed = False
        self.taken = 0
        self.wake: Callable[[], None] = _asleep

    def say(self, *texts: str) -> None:
        self.messages.extend(texts)
        self.wake()

    def end(self, why: str) -> None:
        self.ended = why
        self.wake()

    def take(self, most: int) -> list[str]:
        found = [self.messages.popleft() for _ in range(min(most, len(self.messages)))]
        self.taken += len(found)
        return found

    def command(self, text: str) -> None:
        self.commands.append(text)

    def close(self) -> None:
        self.is_closed = True


class EchoSession(FakeSession):
    """Says what it hears."""

    def command(self, text: str) -> None:
        super().command(text)
        self.say(text)


def _asleep() -> None:
    """Nobody reads yet."""


class Switching(FakeApplication):
    """Switches on ``/socket`` and echoes requests elsewhere; ``sessions`` are those it gave out."""

    def __init__(self, new: Callable[[], FakeSession] = FakeSession) -> None:
        super().__init__(echo)
        self.new = new
        self.sessions: list[FakeSession] = []

    def answer(self, request: Request) -> Reply | Later:  # type: ignore[override]
        self.requests.append(request)
        if request.target != "/socket":
            return echo(request)
        later = Later("")
        session = self.new()
        self.sessions.append(session)
        given: Session = session
        reply = Switch(accept(request), session=given, date=b"")
        asyncio.get_running_loop().call_soon(later.hand_over, reply)
        return later


def frame(
    opcode: int,
    payload: bytes | str = b"",
    *,
    fin: bool = True,
    rsv: int = 0,
    mask: bytes | None = b"\1\2\3\4",
    length: int | None = None,
) -> bytes:
    """Return a client's frame (RFC 6455 section 5.2); ``mask`` ``None`` leaves that out.

    ``length`` is how many bytes of length follow the first (0, 2 or 8), whatever is needed.
    """
    data = payload.encode() if isinstance(payload, str) else payload
    size = len(data)
    if length is None:
        length = 0 if size < 126 else 2 if size < 65_536 else 8
    bit = 0 if mask is None else 128
    head = bytes([(128 if fin else 0) | rsv << 4 | opcode])
    head += bytes([bit | (size if not length else 126 if length == 2 else 127)])
    head += size.to_bytes(length, "big") if length else b""
    if mask is None:
        return head + data
    return head + mask + bytes(byte ^ mask[at % 4] for at, byte in enumerate(data))


def close_frame(code: int | None = None, reason: str = "") -> bytes:
    return frame(CLOSE, b"" if code is None else code.to_bytes(2, "big") + reason.encode())


class Frame(NamedTuple):
    """A server's frame."""

    opcode: int
    payload: bytes

    @property
    def code(self) -> int | None:
        return int.from_bytes(self.payload[:2], "big") if self.payload else None

    @property
    def reason(self) -> str:
        return self.payload[2:].decode()


def read_frames(data: bytes) -> list[Frame]:
    """Return the frames of a server, which are whole, unmasked and plain."""
    frames = []
    at = 0
    while at < len(data):
        assert data[at] & 0x70 == 0, "a reserved bit is set"
        assert data[at] & 0x80, "a server's message is in one frame"
        size, start = data[at + 1], at + 2
        assert size < 128, "a server's frame is masked"
        if size > 125:
            width = 2 if size == 126 else 8
            size = int.from_bytes(data[start : start + width], "big")
            start += width
        payload = data[start : start + size]
        assert len(payload) == size, "the last frame is not whole"
        frames.append(Frame(data[at] & 15, payload))
        at = start + size
    return frames


def random_mask() -> bytes:
    return os.urandom(4)


class SocketLine(Line):
    """A connection over a fake transport that speaks WebSocket already."""

    app: Switching

    def __init__(
        self,
        limits: EdgeLimits | None = None,
        room: int | None = None,
        new: Callable[[], FakeSession] = FakeSession,
    ) -> None:
        super().__init__(Switching(new), limits, None)
        self._room = room

    @property
    def session(self) -> FakeSession:
        return self.app.sessions[-1]

    @property
    def socket(self) -> WebSocket:
        assert isinstance(self.transport.protocol, WebSocket)
        return self.transport.protocol

    async def open(self) -> None:
        self.send(HANDSHAKE)
        await self.turns()
        assert self.transport.output.startswith(b"HTTP/1.1 101 ")
        assert self.transport.output.endswith(b"\r\n\r\n")
        self.transport.output = b""
        self.transport.room = self._room

    def frames(self) -> list[Frame]:
        """Return what came since the last time."""
        found, self.transport.output = read_frames(self.transport.output), b""
        return found

    async def tell(self, *frames: bytes) -> list[Frame]:
        """Send frames and return what comes at once."""
        self.send(b"".join(frames))
        await self.turns()
        return self.frames()


async def opened(
    limits: EdgeLimits | None = None,
    room: int | None = None,
    new: Callable[[], FakeSession] = FakeSession,
) -> SocketLine:
    line = SocketLine(limits, room, new)
    await line.open()
    return line
