"""What the edge asks of the application it serves, and what it tells it.

The edge knows bytes, sockets and time; the application knows namespaces, stubs and the
journal. Neither knows how the other does it.
"""

from __future__ import annotations

from collections.abc import Awaitable
from typing import Protocol

import msgspec

from pymockapi.model.errors import ControlError
from pymockapi.model.exchange import Phase
from pymockapi.model.request import Request
from pymockapi.model.response import Response


class Reply(msgspec.Struct, gc=False):
    """One answer, as the application hands it over.

    ``date`` is a complete ``Date`` line with its CRLF, used instead of the real time's.
    ``extra`` are further encoded header lines, each with its CRLF. ``handle`` is what
    ``progress`` is told about (``None``: nobody asks). ``owner`` is what ``cancel`` names, the
    id of a namespace; ``None``: nothing cancels it.
    """

    response: Response
    date: bytes | None = None
    extra: bytes = b""
    handle: object | None = None
    owner: str | None = None


class Application(Protocol):
    """Called on the event loop's thread, in the order in which requests arrive."""

    def answer(self, request: Request) -> Reply | Awaitable[Reply]:
        """Return the answer to a whole request; whatever was claimed is claimed by now."""
        ...

    def refuse(self, request: Request, phase: Phase, error: ControlError) -> Reply:
        """Return the answer to a request that could not be read.

        ``request`` holds what was read of it: its method and target may be empty, its head and
        body cut short. ``phase`` is ``REFUSED``, or ``INCOMPLETE`` when the client gave up
        before the end of the body; then nothing is sent and the reply is dropped.
        """
        ...

    def progress(self, handle: object, phase: Phase, sent: int) -> None:
        """Take note of how far the answer of ``handle`` got; must not wait or raise.

        ``DELAYED``: it waits, for its own delay or behind an earlier answer. ``SENDING``: a part
        has left, the client takes its time. ``ANSWERED``: its last byte has left. ``ABORTED``:
        the client left, or it was cancelled, before that. ``sent`` counts the bytes that left.
        """
        ...
