"""What matching one request leaves to be done aside: between turns of the loop, or in a thread.

Some steps of matching are long and depend on nothing but their operands: reading a large JSON
body, a regular expression that tries many ways. A matcher that meets one raises ``Unfinished``;
whoever serves does it elsewhere, keeps the result here, and ranks the request again from the
start. So what is decided is decided in one turn, on the definitions and the state of that turn.
"""

from __future__ import annotations

from collections.abc import Hashable
from typing import Final

import msgspec

TURN_S: Final = 0.0002
"""Of regular expressions, in one turn; any that are left are done aside."""


class Match(msgspec.Struct, frozen=True, gc=False):
    """The result of a regular expression: ``None`` if it took longer than it may."""

    fits: bool | None
    took_s: float


class Aside:
    """What was found out for one request. ``turn_left_s``: see ``TURN_S``; ``steps`` are those
    that ranking took in its last turn.
    """

    __slots__ = ("matches", "steps", "turn_left_s")

    def __init__(self) -> None:
        self.matches: dict[Hashable, Match] = {}
        self.turn_left_s = TURN_S
        self.steps = 0

    def begin(self) -> None:
        """Begin with another request."""
        self.turn_left_s = TURN_S
        self.steps = 0
        if self.matches:
            self.matches = {}


class Unfinished(Exception):
    """Something must be done aside before this request can be ranked."""


class UnreadJson(Unfinished):
    """The body is to be read as JSON."""


class SlowMatch(Unfinished):
    """A regular expression is to be run. ``run`` may be called in any thread; it keeps the result."""

    def run(self) -> None:
        raise NotImplementedError
