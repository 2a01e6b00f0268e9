"""What the course of an answer is made of."""

from __future__ import annotations

from enum import Enum
from typing import NamedTuple


class Ending(Enum):
    """What becomes of the connection after an answer: the next one has its turn, it is closed, it
    is reset, or nothing ever comes."""

    KEEP = "keep"
    CLOSE = "close"
    RESET = "reset"
    HANG = "hang"


class Part(NamedTuple):
    """What leaves together: ``data``, which a throttle slows down, between what it does not.

    It waits ``wait_s`` from when the part before it has left.
    """

    data: bytes
    wait_s: float = 0.0
    before: bytes = b""
    after: bytes = b""
