"""TLS between a socket and a connection: to the one a protocol, to the other a transport.

Plain bytes wait here and are encrypted piece by piece, as the client takes them: so a large
answer neither holds the loop nor counts as sent while it is only buffered, which the event
loops' own TLS does not keep apart. TLS 1.2 and 1.3 (RFC 5246, RFC 8446) are OpenSSL's.
"""

from __future__ import annotations

import asyncio
import logging
import ssl
import time
from collections import deque
from contextlib import suppress
from typing import Any, Final, cast

from pymockapi.server.connection import Connection
from pymockapi.server.edge import Door
from pymockapi.server.handshakes import Handshakes
from pymockapi.server.limits import EXTRA_CONNECTIONS, KIB
from pymockapi.server.pacing import CLOSE
from pymockapi.server.refusals import PlainHttp, error_response

_HANDSHAKE: Final = 0x16  # the first byte of a record that begins TLS (RFC 8446 section 5.1)
_RECORD: Final = 16 * KIB  # what one record holds at most
_PIECE: Final = 256 * KIB  # encrypted at once: 0.2 ms
_GONE: Final = asyncio.Protocol()  # who is told once the connection is over
_LOG: Final = logging.getLogger("pymockapi.server")


class TlsStream(asyncio.Protocol, asyncio.Transport):
    """One client's TLS. Until the handshake is done it stands for its connection at the door,
    so that the limits of connections and of time hold for it, too.
    """

    def __init__(self, handshakes: Handshakes, door: Door) -> None:
        super().__init__()
        self._door = door
        self._handshakes = handshakes
        self._above: asyncio.Protocol = Connection(door)
        self._below: asyncio.Transport
        self._incoming = ssl.MemoryBIO()
        self._outgoing = ssl.MemoryBIO()
        self._tls = handshakes.context.wrap_bio(self._incoming, self._outgoing, server_side=True)
        self._began = time.monotonic()
        self._has_begun = False
        self._is_shaking = True
        self._is_waiting = False  # to go on with the handshake
        self._is_refused = False  # no TLS: it was told, and what it still sends is dropped
        self._has_heard_end = False
        self._has_said_end = False
        self._is_closed = False
        self._is_paused = False  # the connection was told to wait
        self._is_below_paused = False
        self._queue: deque[memoryview] = deque()  # plain, not encrypted yet
        self._queued = 0

    # What the socket's transport calls.

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._below = cast(asyncio.Transport, transport)
        self._below.set_write_buffer_limits(0)
        self._door.enter(self)
        edge = self._door.edge
        if len(edge.connections) - edge.limits.connections > EXTRA_CONNECTIONS:
            edge.told_full()
            self.abort()

    def data_received(self, data: bytes) -> None:
        if self._is_closed or self._is_refused:
            return
        if self._has_said_end:
            self._above.data_received(data)  # which drops it, and counts how much
            return
        if not self._has_begun:
            self._has_begun = True
            if data[0] != _HANDSHAKE:
                self._turn_away()
                return
        self._incoming.write(data)
        if not self._is_shaking:
            self._read()
        elif not self._is_waiting:
            self._is_waiting = True
            self._handshakes.add(self)

    def eof_received(self) -> bool:
        if self._is_waiting:
            self.shake()
        if self._is_shaking:
            if self._has_begun and not self._is_refused and not self._is_closed:
                self._explain("EOF")
            return False
        self._hear_end()
        return True

    def connection_lost(self, exc: Exception | None) -> None:
        self._is_closed = True
        above, self._above = self._above, _GONE  # it refers back
        self._queue.clear()
        self._queued = 0
        if self._is_shaking:
            self._door.leave(self)
        else:
            above.connection_lost(exc)

    def pause_writing(self) -> None:
        self._is_below_paused = True

    def resume_writing(self) -> None:
        self._is_below_paused = False
        self._pump()
        if self.get_write_buffer_size():
            return
        if self._is_paused:
            self._is_paused = False
            self._above.resume_writing()
        if self._is_closed:
            self._end()

    # What the edge asks while there is no connection yet.

    def check_time(self, now: float) -> None:
        age, limits = now - self._began, self._door.edge.limits
        if age > (limits.drain_s if self._is_refused else limits.handshake_s):
            self.abort()

    def moved(self) -> None:
        return

    def stop(self) -> None:
        self.abort()

    # What the connection calls.

    def write(self, data: bytes | bytearray | memoryview[Any]) -> None:
        if self._is_closed or self._has_said_end:
            return
        self._queue.append(memoryview(data))
        self._queued += len(data)
        self._pump()
        if not self._is_paused and self.get_write_buffer_size():
            self._is_paused = True
            self._above.pause_writing()

    def get_write_buffer_size(self) -> int:
        """Return the bytes that have not left: plain ones here, encrypted ones below."""
        return self._queued + self._below.get_write_buffer_size()

    def set_write_buffer_limits(self, high: int | None = None, low: int | None = None) -> None:
        """Do nothing: the connection is always told to wait when anything is left."""

    def set_protocol(self, protocol: asyncio.BaseProtocol) -> None:
        self._above = cast(asyncio.Protocol, protocol)

    def get_protocol(self) -> asyncio.BaseProtocol:
        return self._above

    def get_extra_info(self, name: str, default: Any = None) -> Any:
        return self._below.get_extra_info(name, default)

    def pause_reading(self) -> None:
        self._below.pause_reading()

    def resume_reading(self) -> None:
        self._below.resume_reading()

    def is_closing(self) -> bool:
        return self._is_closed or self._below.is_closing()

    def can_write_eof(self) -> bool:
        return True

    def write_eof(self) -> None:
        """Say that nothing more comes; the client may still send (RFC 8446 section 6.1)."""
        self._say_end()
        if self._below.can_write_eof():
            self._below.write_eof()

    def close(self) -> None:
        """Close once what was written has left."""
        if not self._is_closed:
            self._is_closed = True
            if not self._queue:
                self._end()

    def abort(self) -> None:
        self._is_closed = True
        self._below.abort()

    # The handshake.

    def shake(self) -> None:
        """Take the handshake a step further, and what came with its end."""
        if not self._is_waiting or self._is_closed:
            return
        self._is_waiting = False
        try:
            self._tls.do_handshake()
        except ssl.SSLWantReadError:
            self._flush()
            return
        except ssl.SSLError as error:
            self._flush()  # the alert that tells the client
            self._explain(error.reason or "unknown")
            self._is_closed = True
            self._below.close()
            return
        self._flush()
        self._is_shaking = False
        self._door.step_aside(self)
        self._above.connection_made(self)
        if not self._is_closed:
            self._read()

    def _explain(self, reason: str) -> None:
        peer = self.get_extra_info("peername")
        self._handshakes.explain(reason, peer[0] if peer else "a client")

    def _turn_away(self) -> None:
        """Answer a client that speaks plain HTTP in its own language."""
        self._is_refused = True
        self._began = time.monotonic()
        response = error_response(PlainHttp())
        self._below.write(
            b"".join((response.head, self._door.edge.date_line, CLOSE, response.tail))
        )
        if self._below.can_write_eof():
            self._below.write_eof()

    # Reading and writing.

    def _read(self) -> None:
        parts, has_ended = [], False
        try:
            while part := self._tls.read(_RECORD):
                parts.append(part)
            has_ended = True
        except ssl.SSLWantReadError:
            pass
        except ssl.SSLError as error:  # nothing can be answered any more
            _LOG.debug("a TLS connection broke: %s", error)
            self._flush()
            self.abort()
            return
        self._flush()
        if parts:
            self._above.data_received(parts[0] if len(parts) == 1 else b"".join(parts))
        if has_ended:
            self._hear_end()

    def _hear_end(self) -> None:
        if not self._has_heard_end and not self._is_closed:
            self._has_heard_end = True
            if not self._above.eof_received():
                self.close()

    def _pump(self) -> None:
        """Encrypt and pass on what waits, as long as the client takes it."""
        queue = self._queue
        while queue and not self._is_below_paused:
            size = 0
            while queue and size < _PIECE:
                count = self._tls.write(queue[0][:_RECORD])
                size += count
                if count == len(queue[0]):
                    queue.popleft()
                else:
                    queue[0] = queue[0][count:]
            self._queued -= size
            self._flush()

    def _flush(self) -> None:
        if self._outgoing.pending and not self._below.is_closing():
            self._below.write(self._outgoing.read())

    def _say_end(self) -> None:
        if not self._has_said_end and not self._is_shaking:
            self._has_said_end = True
            with suppress(ssl.SSLError):  # it wants the client's answer, which need not come
                self._tls.unwrap()
            self._flush()

    def _end(self) -> None:
        self._say_end()
        self._below.close()
