"""A callback: a request that the mock makes by itself once an answer has left, and what came of it."""

from __future__ import annotations

from collections.abc import Callable
from enum import StrEnum
from typing import Final, Protocol

import msgspec

from pymockapi.model.rendering import Occasion
from pymockapi.model.request import Request
from pymockapi.model.spreads import Delay
from pymockapi.model.urls import Destination

Pairs = tuple[tuple[str, str], ...]
CALLBACK_FAILED: Final = "callback-failed"
"""Under which code verdicts tell of callbacks that failed."""


class Callback(msgspec.Struct, frozen=True, gc=False):
    """What is sent, as defined or as rendered for one request.

    ``delay`` are seconds from the end of the answer, or what they are drawn from; ``timeout_s`` bounds one attempt whole.
    ``retries`` are attempts after the first, each ``retry_after_s`` after the one before.
    ``template`` makes of it the one of a request.
    """

    method: str
    url: str
    headers: Pairs = ()
    body: bytes = b""
    delay: Delay = 0.0
    timeout_s: float = 5.0
    retries: int = 0
    retry_after_s: float = 1.0
    template: CallbackTemplate | None = None


class CallbackTemplate(Protocol):
    """Makes of a callback as it was defined the one of one request."""

    def render(self, occasion: Occasion, part: int) -> tuple[Callback, int]:
        """Return it without a template, and the steps that it took; it may use a ``part`` of all.

        Raises ``RenderingFailed``.
        """
        ...


class Ending(StrEnum):
    """What has become of a callback; ``PENDING`` until it has ended."""

    PENDING = "pending"
    SENT = "sent"
    FAILED = "failed"
    CANCELLED = "cancelled"


class CallbackRecord(msgspec.Struct):
    """One callback of one request, from when its answer was made.

    ``id`` is its place among those of its namespace, from 1. ``number`` is that of the request,
    ``line`` the request in short; ``place`` counts from 0 in the list of the response.
    ``callback`` is as rendered; ``destination`` is ``None`` where that could not be done.
    ``head`` is as sent, without the blank line. ``at`` is when the answer was made, ``ended_at``
    when the callback had ended, in nanoseconds since 1970; ``delay_s`` is between the end of the answer and its first attempt. ``status`` and ``answer``, the
    beginning of its body, are what the receiver said to the last attempt. ``error`` is the code
    of why it failed, ``detail`` a sentence. ``stop`` ends what is under way, at once.
    """

    id: int
    number: int
    line: str
    stub: str | None
    place: int
    callback: Callback
    destination: Destination | None
    head: bytes
    at: int
    delay_s: float = 0.0
    outcome: Ending = Ending.PENDING
    attempts: int = 0
    status: int | None = None
    answer: bytes = b""
    error: str | None = None
    detail: str | None = None
    ended_at: int | None = None
    stop: Callable[[], None] | None = None

    @property
    def size(self) -> int:
        """Bytes that this record holds of its own, about."""
        return 500 + len(self.head) + len(self.callback.body) + len(self.answer)

    def request(self) -> Request:
        """Return what is sent, as its receiver sees it."""
        target = "/" if self.destination is None else self.destination.target
        scheme = "http" if self.destination is None else self.destination.scheme
        return Request(
            self.callback.method, target, self.head, self.callback.body, "", scheme=scheme
        )
