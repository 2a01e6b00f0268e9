"""A journal entry: one request, what was answered, and how far the answer got."""

from __future__ import annotations

from enum import StrEnum

import msgspec

from pymockapi.model.delivery import FaultKind
from pymockapi.model.event import Numbering
from pymockapi.model.request import Request
from pymockapi.model.response import Response

MAX_SHOWN_BYTES = 1024 * 1024  # of a body that is shown; of a larger one only length and hash are
MAX_SHOWN_JSON = 256 * 1024  # of one that is shown as JSON too; at worst 5 ms


_VERSIONS = frozenset({b"HTTP/1.0", b"HTTP/1.1"})


class Phase(StrEnum):
    """How far an exchange got; ``INCOMPLETE`` and ``REFUSED`` never reached a stub."""

    RECEIVED = "received"
    PARKED = "parked"
    DELAYED = "delayed"
    RENDERING = "rendering"
    SENDING = "sending"
    ANSWERED = "answered"
    ABORTED = "aborted"
    FAILED = "failed"
    INCOMPLETE = "incomplete"
    REFUSED = "refused"


UNCOUNTED = frozenset({Phase.INCOMPLETE, Phase.REFUSED})
"""Phases of requests that are listed, but neither counted nor verified unless asked for."""

OPEN = frozenset({Phase.RECEIVED, Phase.PARKED, Phase.DELAYED, Phase.RENDERING, Phase.SENDING})
"""Phases of requests whose answer has not left yet."""


class Exchange(msgspec.Struct, gc=False):
    """One recorded request; about 700 bytes with nine headers (``docs/benchmarks.md``).

    ``number`` is its place in its namespace, from 1, in order of claims. ``at`` and ``mock_at``
    are nanoseconds since 1970, real and by the namespace's clock. ``took_ns`` runs from the
    arrival to the last phase. ``step`` counts from 1, 0 without a sequence; ``hit`` from 1, 0
    without a stub. ``key`` is the value of the sequence's ``per``. ``error`` is the code of an
    answer that the mock made itself. ``behaviour`` is the name of the one that answered instead of
    a stub. The head stays raw; ``request`` parses it again. ``events``
    is where what happens to it is told.
    """

    number: int
    seq: int
    at: int
    mock_at: int
    client: str
    method: str
    path: str
    head: bytes
    body: bytes
    selector: str
    prefix: str
    stub: str | None = None
    step: int = 0
    hit: int = 0
    key: str | None = None
    phase: Phase = Phase.RECEIVED
    response: Response | None = None
    sent: int = 0
    took_ns: int = 0
    error: str | None = None
    trailers: bytes = b""
    conflict: str | None = None
    scheme: str = "http"
    events: Numbering | None = None
    behaviour: str | None = None

    @property
    def target(self) -> str:
        line, _, _ = self.head.partition(b"\r\n")
        parts = line.split(b" ")
        return parts[1].decode("utf-8", "surrogateescape") if len(parts) > 1 else self.path

    @property
    def version(self) -> str:
        """The version of HTTP that the request line says."""
        line, _, _ = self.head.partition(b"\r\n")
        version = line.rpartition(b" ")[2]
        return version.decode("ascii") if version in _VERSIONS else "HTTP/1.1"

    @property
    def fault(self) -> FaultKind | None:
        """What befalls the answer, or has if the phase is ``FAILED``; ``None``: nothing."""
        return None if self.response is None else self.response.fault

    @property
    def status(self) -> int | None:
        """The status of the answer; ``None`` without one, or where a fault keeps it back."""
        response = self.response
        if response is None or (response.fault is not None and not response.fault.sends_head):
            return None
        return response.status

    def request(self) -> Request:
        """Return the request as it was matched, its views parsed afresh."""
        return Request(
            self.method, self.target, self.head, self.body, self.client, self.scheme,
            self.trailers, self.prefix,
        )  # fmt: skip

    @property
    def size(self) -> int:
        """Bytes that this entry holds, of its own and in the journal's indexes.

        A response counts as far as the mock made it for this request; others are shared.
        """
        size = 500 + len(self.head) + len(self.body) + len(self.trailers)
        response = self.response
        if response is None:
            return size
        if response.error is None:
            return size + response.own_bytes
        return size + len(response.head) + len(response.body)
