"""What a service behind a namespace does beside its answers: it is slow, fails, or limits requests."""

from __future__ import annotations

from typing import Final

import msgspec

from pymockapi.model.delivery import Delay, Fault
from pymockapi.model.response import Response

INLINE: Final = "inline"  # the name of one that has none


class Failures(msgspec.Struct, frozen=True):
    """Answer ``response`` instead: to the ``first`` requests, or with ``probability`` to each."""

    response: Response
    first: int = 0
    probability: float = 0.0


class Quota(msgspec.Struct, frozen=True):
    """Answer ``response``, with ``Retry-After``, to all but ``requests`` in ``per_ns`` of the clock."""

    response: Response
    requests: int
    per_ns: int


class Behaviour(msgspec.Struct, frozen=True):
    """Its parts, each ``None`` where it says nothing of it.

    ``like`` names another one, whose parts it has where it has none of its own.
    """

    name: str = INLINE
    like: str | None = None
    delay: Delay | None = None
    fault: Fault | None = None
    failures: Failures | None = None
    limit: Quota | None = None
