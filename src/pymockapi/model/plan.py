"""What rank proposes, what the store grants, and what explain tells about both."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet
from typing import Protocol

import msgspec

from pymockapi.model.exchange import Exchange
from pymockapi.model.request import Request
from pymockapi.model.response import Response
from pymockapi.model.stub import Difference, Json, Stub


class Alternative(msgspec.Struct, frozen=True, gc=False):
    """A stub that accepts the request, with the cells that a claim must ask and write.

    ``key`` is the value of the stub's ``per`` (``None`` without ``per``). ``writes`` are the
    stub's own ``set``, ``step_writes`` those of its steps by index, with every ``from`` already
    read from the request: pairs of state key and ``(kind, operand)``.
    """

    stub: Stub
    key: str | None = None
    writes: tuple[tuple[str, str, Json], ...] = ()
    step_writes: Mapping[int, tuple[tuple[str, str, Json], ...]] | None = None


class Plan(msgspec.Struct, frozen=True, gc=False):
    """The alternatives for one request, best first, down to the first always available.

    ``version`` and ``state_version`` are those of the view that was ranked; ``state_version`` is
    -1 when no ``when`` was read, so that writes to the state do not make the plan stale. A plan
    that ``is_settled`` holds for every bodiless request with the same head, at this version.
    """

    alternatives: tuple[Alternative, ...]
    version: int
    state_version: int = -1
    is_settled: bool = False


class Grant(msgspec.Struct, frozen=True, gc=False):
    """What a claim gave: the entry in the journal, and the answer to render.

    ``detail`` tells why, where the ``refusal`` does not. ``steps`` is what templates of writes took.
    """

    exchange: Exchange
    response: Response | None  # None: nothing matched
    refusal: str | None = None  # a code: no stub answers
    detail: str = ""
    steps: int = 0


class Outdated(msgspec.Struct, frozen=True, gc=False):
    """A plan was made from a view that has changed; rank again."""

    version: int
    state_version: int


class Index(Protocol):
    """One layer's stubs, findable by request; a rank is ``(priority, -n)`` of the n-th stub."""

    def __len__(self) -> int: ...

    def __contains__(self, stub: Stub) -> bool: ...

    def candidates(self, request: Request) -> Sequence[tuple[tuple[int, int], Stub]]:
        """Return the stubs in use whose method and path fit, strongest first."""
        ...

    def retired(self, request: Request) -> Sequence[tuple[tuple[int, int], Stub]]:
        """Return the same of those that are kept for explanations only: they are spent."""
        ...

    def rank_of(self, stub: Stub) -> tuple[int, int]: ...

    def nearest(self, request: Request, count: int) -> Sequence[Stub]:
        """Return at most ``count`` stubs, retired ones too, whose path is most like it."""
        ...


class CellView(Protocol):
    """How far one stub has been used in one namespace."""

    @property
    def hits(self) -> int: ...

    def position(self, key: str | None) -> int:
        """Return how many requests the cursor of ``key`` has served."""
        ...


class Candidate(msgspec.Struct, frozen=True):
    """One stub in an explanation. ``reason`` says why it fits and yet is not available."""

    stub: str
    layer: str
    priority: int
    fits: bool
    available: bool
    reason: str | None
    differences: tuple[Difference, ...]
    summary: str


class Explanation(msgspec.Struct, frozen=True):
    """Who answers a request, and why not the others.

    Those that fit come first, in rank order, then the nearest misses; ``omitted`` counts the
    stubs in force that were left out. ``error`` is the limit that an expression reached, which
    ended the ranking; ``stub`` is ``None`` then.
    """

    matched: bool
    stub: str | None
    candidates: tuple[Candidate, ...]
    omitted: int
    error: str | None = None


class View(Protocol):
    """What rank and explain may read of a namespace; valid for one turn of the event loop.

    ``layers`` go from base to own, each with its name. ``masked`` holds stubs that are in a
    layer's index and yet out of force here: replaced by a later layer, or hidden. ``spent``
    holds those that are in force and in the index and have served all their ``times``.
    """

    @property
    def layers(self) -> Sequence[tuple[str, Index]]: ...

    @property
    def masked(self) -> AbstractSet[Stub]: ...

    @property
    def spent(self) -> AbstractSet[Stub]: ...

    @property
    def state(self) -> Mapping[str, Json]: ...

    @property
    def version(self) -> int: ...

    @property
    def state_version(self) -> int: ...

    def now_ns(self) -> int:
        """Return the namespace's clock."""
        ...

    def cell(self, name: str) -> CellView | None:
        """Return how far stub ``name`` has been used; ``None``: not at all."""
        ...
