"""One WebSocket: messages of a session go out as its client takes them, commands come in.

Frames are read, and closed by the rules, by ``websockets``' protocol without I/O (RFC 6455); here
are the socket, time, and how much one client may have of one turn of the loop. Text only, and
no extensions: nothing is compressed.
"""

from __future__ import annotations

import asyncio
import codecs
import logging
import time
from typing import Any, Final

from pymockapi.engine.features import load_websockets
from pymockapi.server.application_port import Session
from pymockapi.server.edge import Door
from pymockapi.server.limits import KIB

GOING_AWAY: Final = 1001
STOPPING: Final = "stopping"
TRY_AGAIN_LATER: Final = 1013  # of IANA's registry of close codes
CODES: Final = {STOPPING: GOING_AWAY, "flooded": 1008}
"""Of the close frame, by why a session has ended; 1000 for all else (section 7.4.1)."""
_WRITE_BYTES: Final = 32 * KIB  # in one turn and in the transport, beside one message
_TAKEN: Final = 32  # messages at once, under 1 ms
_READ_BYTES: Final = KIB  # 170 frames without content at most: 2 ms
_TURN_S: Final = 0.002  # of reading
FAREWELL_S: Final = 0.2
_BACKLOG_BYTES: Final = 64 * KIB
_MAX_FRAMES: Final = 1_000  # that are kept for other readers, each at most so long:
_MAX_FRAME: Final = 4 * KIB
_TEXT: Final = 1  # opcodes, RFC 6455 section 5.2; over _BINARY are control frames
_BINARY: Final = 2
_OPEN: Final = 1  # the protocol's state between the two handshakes
_SERVER_LOG: Final = logging.getLogger("pymockapi.server")
_LOG: Final = logging.getLogger("pymockapi.websocket")
_LOG.setLevel(logging.ERROR)  # below that the library would log what is in the frames
_UTF8: Final = codecs.getincrementaldecoder("utf-8")


def framed(text: str) -> bytes:
    """Return a message as one frame of a server (section 5.2).

    The library's own takes 4 us; this is for each event and each who listens.
    """
    data = text.encode("utf-8", "replace")
    size = len(data)
    if size < 126:
        return b"\x81%c%b" % (size, data)
    if size < 65_536:
        return b"\x81\x7e%b%b" % (size.to_bytes(2, "big"), data)
    return b"\x81\x7f%b%b" % (size.to_bytes(8, "big"), data)


def frames_of(texts: list[str], made: dict[str, bytes]) -> list[bytes]:
    """Return messages as frames; ``made`` keeps those that others may be told, too.

    An event that a hundred read is one text: 0.66 us for the first of them, 0.16 for the others.
    """
    frames = []
    for text in texts:
        frame = made.get(text)
        if frame is None:
            frame = framed(text)
            if len(frame) <= _MAX_FRAME:
                if len(made) >= _MAX_FRAMES:
                    made.clear()
                made[text] = frame
        frames.append(frame)
    return frames


class WebSocket(asyncio.Protocol):
    """See ``Peer``: a connection from the end of its HTTP to its own end.

    ``transport`` must tell to pause whenever it has bytes left.
    """

    def __init__(self, door: Door, transport: asyncio.Transport, session: Session) -> None:
        self._door = door
        self._limits = door.edge.limits
        self._transport = transport
        self._session = session
        library = load_websockets()
        self._protocol: Any = library.Protocol(
            library.Side.SERVER, max_size=self._limits.message, logger=_LOG
        )
        self._incoming = bytearray()  # what came and was not looked at
        self._decoder: codecs.IncrementalDecoder | None = None  # while a message is in parts
        self._parts: list[str] = []
        self._size = 0  # of these
        self._counted = 0  # bytes that are in the edge's inflight
        self._written = 0
        self._received = 0
        self._mark = (0, 0)  # what was received, and had left, when that last changed
        self._moved_at = time.monotonic()
        self._pinged_at: float | None = None
        self._ending_at: float | None = None
        self._is_paused = False
        self._is_reading_paused = False
        self._is_scheduled = False
        self._is_stopping = False
        self._has_failed = False  # what a client sends is nothing any more
        self._has_ended = False  # our last byte was written
        self._is_dead = False

    def begin(self, rest: bytes, has_peer_ended: bool) -> None:
        """Take over the connection; ``rest`` came already."""
        self._door.enter(self)
        self._session.wake = self._schedule
        self._is_stopping = self._door.is_stopping
        if rest:
            self.data_received(rest)
        if has_peer_ended:
            self._transport.close()
        else:
            self._schedule()

    # What the transport calls.

    def data_received(self, data: bytes) -> None:
        self._received += len(data)
        if self._has_ended or self._is_dead:
            return
        self._incoming += data
        self._count()
        if len(self._incoming) > _BACKLOG_BYTES and not self._is_reading_paused:
            self._is_reading_paused = True
            self._transport.pause_reading()
        self._schedule()

    def eof_received(self) -> bool:
        """Close: a client that cannot send a close frame any more has left (section 7.1.5)."""
        return False

    def connection_lost(self, exc: Exception | None) -> None:  # noqa: ARG002 (asyncio's name)
        self._die()

    def pause_writing(self) -> None:
        self._is_paused = True

    def resume_writing(self) -> None:
        self._is_paused = False
        self._schedule()

    # What the edge calls.

    def check_time(self, now: float) -> None:
        """Ping a silent client; give up one that does not answer, or does not close."""
        if self._is_dead:
            return
        limits = self._limits
        if self._has_moved():
            self._moved_at = now
            self._pinged_at = None
        if self._ending_at is not None:
            patience = limits.ping_timeout_s if self._is_paused else limits.drain_s
            if now - max(self._ending_at, self._moved_at) > patience:
                self._leave()
        elif self._pinged_at is not None:
            if now - self._pinged_at > limits.ping_timeout_s:
                self._give_up()
        elif now - self._moved_at > limits.ping_interval_s:
            self._protocol.send_ping(b"")
            self._write_frames()
            self._has_moved()  # that was us
            self._pinged_at = now

    def moved(self) -> None:
        return

    def stop(self) -> None:
        """Send what there is, then close."""
        self._is_stopping = True
        if self._ending_at is not None:
            self._hurry()
        elif self._is_paused:
            self._close(GOING_AWAY, STOPPING)
        else:
            self._schedule()

    def abort(self) -> None:
        self._die()
        self._transport.abort()

    # Turns.

    def _schedule(self) -> None:
        if not self._is_scheduled and not self._is_dead:
            self._is_scheduled = True
            self._door.edge.sockets.add(self._turn)

    def _turn(self) -> None:
        """Write some, read some; what is left of either is for another turn."""
        self._is_scheduled = False
        if self._is_dead or self._is_paused:
            return
        try:
            self._send_some()
            if self._incoming and not self._is_paused:
                self._read_some()
        except Exception:
            _SERVER_LOG.exception("a WebSocket failed")
            self._fail(1011, "the server failed; see its log")
            self._write_frames()

    def _send_some(self) -> None:
        if self._ending_at is not None:
            return
        frames: list[bytes] = []
        size = 0
        texts = self._session.take(_TAKEN)
        while texts:
            frames += frames_of(texts, self._door.edge.frames)
            size = sum(map(len, frames))
            if size >= _WRITE_BYTES:
                break
            texts = self._session.take(_TAKEN)
        if frames:
            self._write(b"".join(frames))
        if texts:
            self._schedule()
        elif self._session.ended is not None:
            reason = self._session.ended
            self._close(CODES.get(reason, 1000), reason)
        elif self._is_stopping:
            self._close(GOING_AWAY, STOPPING)

    def _read_some(self) -> None:
        deadline = time.monotonic() + _TURN_S
        while self._incoming and not self._has_ended and not self._is_dead:
            self._protocol.receive_data(bytes(self._incoming[:_READ_BYTES]))
            del self._incoming[:_READ_BYTES]
            was_told = False
            for frame in self._protocol.events_received():
                was_told |= self._read_frame(frame.opcode, frame.data, frame.fin)
            self._write_frames()
            self._check_room()
            if was_told or self._is_paused or time.monotonic() > deadline:
                break
        if self._incoming:
            self._schedule()
        else:
            self._read_on()

    def _held(self) -> int:
        """Return how many bytes of messages are here that nobody was told of yet."""
        if self._is_dead or self._has_ended:
            return 0
        return len(self._incoming) + len(self._protocol.reader.buffer) + self._size

    def _count(self) -> None:
        held = self._held()
        self._door.edge.inflight += held - self._counted
        self._counted = held

    def _check_room(self) -> None:
        """Give up a message that is not whole where all connections together hold too much."""
        self._count()
        is_in_message = bool(self._protocol.reader.buffer) or self._size > 0
        if is_in_message and self._door.edge.inflight > self._limits.inflight_bytes:
            self._fail(TRY_AGAIN_LATER, "the limit 'server.limits.inflight_bytes' is reached")
            self._write_frames()
            self._count()

    def _read_on(self) -> None:
        if self._is_reading_paused and not self._transport.is_closing():
            self._is_reading_paused = False
            self._transport.resume_reading()

    def _read_frame(self, opcode: int, data: bytes, is_last: bool) -> bool:
        """Return whether it was, or ended, a message: what that leads to is sent before others."""
        if opcode > _BINARY or self._has_failed:
            return False  # the protocol has answered pings and close frames
        if opcode == _BINARY:
            self._fail(1003, "messages are text, JSON")
            return False
        if opcode == _TEXT:
            self._decoder = _UTF8()
        assert self._decoder is not None  # the protocol lets no continuation begin a message
        try:
            if part := self._decoder.decode(data, is_last):
                self._parts.append(part)  # of empty ones there may be any number
                self._size += len(data)
        except UnicodeDecodeError:
            self._fail(1007, "the message is not UTF-8")
            return False
        if is_last:
            text = "".join(self._parts)
            self._forget_parts()
            self._session.command(text)
            self._schedule()
        return is_last

    def _forget_parts(self) -> None:
        self._parts.clear()
        self._size = 0

    # Writing and ending.

    def _give_up(self) -> None:
        """End a connection whose client is lost: it would not read a farewell behind others."""
        if self._is_paused:
            self.abort()
        else:
            self._fail(1011, f"no pong within {self._limits.ping_timeout_s:g} s")
            self._write_frames()

    def _fail(self, code: int, reason: str) -> None:
        self._has_failed = True
        self._protocol.fail(code, reason)

    def _write(self, data: bytes) -> None:
        self._written += len(data)
        self._transport.write(data)

    def _write_frames(self) -> None:
        """Write what the protocol has to say; after its last word the connection ends."""
        pieces = self._protocol.data_to_send()
        if not pieces:
            return
        data = b"".join(pieces)
        if data and not self._transport.is_closing():
            self._write(data)
        if self._protocol.state != _OPEN:
            self._note_ending()
        if not pieces[-1]:
            self._end()

    def _close(self, code: int, reason: str) -> None:
        """Begin the closing handshake (section 7.1.2)."""
        if self._ending_at is None and not self._is_dead:
            self._protocol.send_close(code, reason)
            self._write_frames()

    def _leave(self) -> None:
        """Close without waiting for the client any more."""
        if self._is_paused:
            self.abort()
        else:
            self._transport.close()

    def _note_ending(self) -> None:
        if self._ending_at is None:
            self._ending_at = time.monotonic()
            self._session.close()
            self._forget_parts()
            if self._is_stopping:
                self._hurry()

    def _hurry(self) -> None:
        """The server stops: a client that does not answer its farewell is not waited for.

        A test that has events open and reads them no more would make every stop take seconds.
        """
        self._door.edge.loop.call_later(FAREWELL_S, self._hurried)

    def _hurried(self) -> None:
        if self._is_dead:
            return
        if self._is_paused and self._has_moved():
            self._hurry()  # it reads, and may get to the farewell
        else:
            self._leave()

    def _end(self) -> None:
        """Close once what was written has left: the server does so first (section 7.1.1)."""
        if not self._has_ended:
            self._has_ended = True
            self._incoming.clear()
            self._count()
            self._read_on()
            if self._transport.can_write_eof():
                self._transport.write_eof()

    def _die(self) -> None:
        if self._is_dead:
            return
        self._is_dead = True
        self._session.close()
        self._incoming.clear()
        self._forget_parts()
        self._count()
        self._door.leave(self)

    def _has_moved(self) -> bool:
        """Return whether a byte came, or left us, since the last time."""
        mark = (self._received, self._written - self._transport.get_write_buffer_size())
        has_moved = mark != self._mark
        self._mark = mark
        return has_moved
