"""What matching one request leaves to be done aside: between turns of the loop, or in a thread.

Some steps of matching are long and depend on nothing but their operands: reading a large JSON
body, a JSONPath through it, a regular expression that tries many ways. A matcher that meets one raises ``Unfinished``;
whoever serves does it elsewhere, keeps the result here, and ranks the request again from the
start. So what is decided is decided in one turn, on the definitions and the state of that turn.
"""

from __future__ import annotations

from collections.abc import Hashable
from typing import Final

import msgspec

from pymockapi.model.slices import Work

TURN_S: Final = 0.0002
"""Of regular expressions, in one turn; any that are left are done aside."""


TURN_SLICES: Final = 8
"""Of JSONPaths, in one turn, 1 ms; what is longer is done aside."""


class Match(msgspec.Struct, frozen=True, gc=False):
    """The result of a regular expression: ``None`` if it took longer than it may."""

    fits: bool | None
    took_s: float


class Aside:
    """What was found out for one request. ``turn_left_s``: see ``TURN_S``, ``slices_left``:
    ``TURN_SLICES``; ``steps`` are those that ranking took in its last turn.
    """

    __slots__ = ("matches", "slices_left", "steps", "turn_left_s")

    def __init__(self) -> None:
        self.matches: dict[Hashable, Match] = {}
        self.begin_turn()

    def begin(self) -> None:
        """Begin with another request."""
        self.begin_turn()
        if self.matches:
            self.matches = {}

    def begin_turn(self) -> None:
        """Go on with the same request in a turn of its own."""
        self.turn_left_s = TURN_S
        self.slices_left = TURN_SLICES
        self.steps = 0


class Unfinished(Exception):
    """Something must be done aside before this request can be ranked."""


class UnreadJson(Unfinished):
    """The body is to be read as JSON."""


class SlowMatch(Unfinished):
    """A regular expression is to be run. ``run`` may be called in any thread; it keeps the result."""

    def run(self) -> None:
        raise NotImplementedError


class LongWork(Unfinished):
    """Something is to be done in slices. Where that raises ``SlowMatch``, it is begun again when
    that was run.
    """

    def slices(self) -> Work[object]:
        """Do it, and keep the result."""
        raise NotImplementedError
