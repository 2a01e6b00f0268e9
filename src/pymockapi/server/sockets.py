"""What is asked of a socket below its transport."""

from __future__ import annotations

import asyncio
import socket
import struct
from typing import Final

_LINGER: Final = struct.pack("ii", 1, 0)  # for no time: what closes then closes by a reset


def was_refused(transport: asyncio.Transport) -> bool:
    """Return whether a client that had ended its side turned out to be gone altogether.

    A closed socket looks like a half-closed one until something is sent to it; then its system
    answers with a reset, on this machine before ``send`` returns.
    """
    sock: socket.socket | None = transport.get_extra_info("socket")
    return sock is not None and sock.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR) != 0


def close_by_reset(transport: asyncio.Transport) -> None:
    """Let the connection, once it is aborted, end for its client by a reset (RFC 9293 section 3.5.2)."""
    sock: socket.socket | None = transport.get_extra_info("socket")
    if sock is not None:
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _LINGER)
