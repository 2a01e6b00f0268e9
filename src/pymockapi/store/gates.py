"""Gates: where answers wait, after they were claimed and recorded, until a test lets them go.

A namespace has one for each name. A permit lets one answer through: it goes to the one that has
waited longest, or, while none waits, to the next that comes.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from typing import Final

from pymockapi.model.exchange import Exchange, Phase
from pymockapi.model.response import Response

MAX_RELEASES: Final = 1_000  # of one namespace that nobody has used up
LetGo = Callable[[Response | None], None]
"""Lets an answer leave: as it is (``None``), or another in its place."""


def _nobody(_: Response | None) -> None:
    """Let nothing leave: nobody waits for the answer."""


class Permits:
    """So many, each with the same ``response`` in place of the answer's own (``None``: its own)."""

    __slots__ = ("left", "response")

    def __init__(self, left: int, response: Response | None) -> None:
        self.left = left
        self.response = response


class Gate:
    """``held`` are the answers that wait, by request number, in order of arrival.

    While it ``is_open``, all pass, and get ``response`` if one was given. ``permits`` are those
    that nobody has used.
    """

    __slots__ = ("held", "is_open", "let_go", "permits", "response")

    def __init__(self) -> None:
        self.held: dict[int, Exchange] = {}
        self.let_go: dict[int, LetGo] = {}
        self.is_open = False
        self.response: Response | None = None
        self.permits: deque[Permits] = deque()

    @property
    def permitted(self) -> int:
        return sum(permits.left for permits in self.permits)

    @property
    def is_shut(self) -> bool:
        return not (self.is_open or self.permits)

    @property
    def releases(self) -> int:
        """How many releases are still in force."""
        return self.is_open + len(self.permits)

    def joins(self, response: Response | None) -> bool:
        """Whether permits with ``response`` are only more of those that were given last."""
        return bool(self.permits) and self.permits[-1].response == response

    def use(self) -> Response | None:
        """Let one through; return what it is to be answered, if that is not its own."""
        if self.is_open:
            return self.response
        permits = self.permits[0]
        permits.left -= 1
        if not permits.left:
            self.permits.popleft()
        return permits.response


class Gates:
    """All of one namespace; ``count`` are the answers that wait."""

    __slots__ = ("_at", "by_name")

    def __init__(self) -> None:
        self.by_name: dict[str, Gate] = {}
        self._at: dict[int, Gate] = {}  # where each request is that waits

    @property
    def count(self) -> int:
        return len(self._at)

    def is_shut(self, name: str) -> bool:
        """Return whether an answer that came to the gate now would wait."""
        gate = self.by_name.get(name)
        return gate is None or gate.is_shut

    def enter(self, name: str, entry: Exchange) -> int:
        """Bring ``entry`` to the gate; return how many wait there, 0 if it went through."""
        gate = self.by_name.get(name)
        if gate is None:
            gate = self.by_name[name] = Gate()
        if not gate.is_shut:
            entry.response = gate.use() or entry.response
            return 0
        entry.phase = Phase.PARKED
        gate.held[entry.number] = entry
        self._at[entry.number] = gate
        return len(gate.held)

    def when_let_go(self, entry: Exchange, let_go: LetGo) -> None:
        """Call ``let_go`` when it is the turn of ``entry``, which waits."""
        self._at[entry.number].let_go[entry.number] = let_go

    def leave(self, entry: Exchange) -> None:
        """Forget ``entry``, which waits: nobody is there any more to be answered."""
        gate = self._at.pop(entry.number, None)
        if gate is not None:
            del gate.held[entry.number]
            gate.let_go.pop(entry.number, None)

    def may_release(self, name: str, count: int | None, response: Response | None) -> bool:
        """Return whether what a release would leave behind has room; see ``MAX_RELEASES``."""
        gate = self.by_name.get(name) or Gate()
        if gate.is_open if count is None else count <= len(gate.held) or gate.joins(response):
            return True
        return sum(each.releases for each in self.by_name.values()) < MAX_RELEASES

    def release(self, name: str, count: int | None, response: Response | None) -> list[int]:
        """Give ``count`` permits, or open the gate; return the numbers of those let go."""
        gate = self.by_name.setdefault(name, Gate())
        if count is None:
            gate.is_open, gate.response = True, response
            gate.permits.clear()
        elif gate.joins(response):
            gate.permits[-1].left += count
        else:
            gate.permits.append(Permits(count, response))
        gone = []
        while gate.held and not gate.is_shut:
            number = next(iter(gate.held))
            del gate.held[number], self._at[number]
            gone.append(number)
            gate.let_go.pop(number, _nobody)(gate.use())
        return gone

    def shut(self) -> None:
        """Shut every gate again and forget what was permitted; what waits goes on waiting."""
        for name, gate in list(self.by_name.items()):
            gate.is_open, gate.response = False, None
            gate.permits.clear()
            if not gate.held:
                del self.by_name[name]
