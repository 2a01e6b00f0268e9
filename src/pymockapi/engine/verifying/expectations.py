"""What a verification expects of recorded requests, as values that can be asked.

An expectation fits a request by the stub that answered it, by a request pattern, by how it was
answered, or by several of these. Of requests that were refused or given up only those fit whose
phase is asked for.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import msgspec

from pymockapi.engine.matching.matchers import ValueMatcher
from pymockapi.engine.matching.pattern import RequestPattern
from pymockapi.model.errors import ExpressionLimit
from pymockapi.model.exchange import UNCOUNTED, Exchange
from pymockapi.model.request import Request
from pymockapi.model.stub import Bounds, Context, Difference

ANY: Final = "any"
SUBSEQUENCE: Final = "subsequence"
STRICT: Final = "strict"
PAIRS: Final = "pairs"
MAX_TOLD: Final = 200  # characters of a path, or of what is expected in one place


class Seen:
    """A recorded request with its views, parsed once for all that ask about it."""

    __slots__ = ("_request", "entry")

    def __init__(self, entry: Exchange) -> None:
        self.entry = entry
        self._request: Request | None = None

    @property
    def request(self) -> Request:
        if self._request is None:
            self._request = self.entry.request()
        return self._request

    def context(self) -> Context:
        return Context(self.request, self.entry.mock_at)


class Answered(msgspec.Struct, frozen=True):
    """How a request must have been answered; what is ``None``, or no phase, is not asked.

    ``status`` is that of the answer as it was decided, although it may not have left.
    """

    status: ValueMatcher | None = None
    step: int | None = None
    phases: frozenset[str] = frozenset()

    def fits_but_phase(self, seen: Seen) -> bool:
        entry = seen.entry
        if self.step is not None and entry.step != self.step:
            return False
        if self.status is None:
            return True
        return self.status.holds(_status(entry), seen.context())

    def differences(self, seen: Seen) -> list[Difference]:
        entry = seen.entry
        found: list[Difference] = []
        if self.status is not None:
            found += self.status.differences("answered.status", _status(entry), seen.context())
        if self.step is not None and entry.step != self.step:
            got = str(entry.step) if entry.step else "no step of a sequence"
            found.append(Difference("answered.step", str(self.step), got))
        if self.phases and entry.phase not in self.phases:
            expected = " or ".join(sorted(self.phases))
            found.append(Difference("answered.phase", expected, entry.phase))
        return found


def _status(entry: Exchange) -> Sequence[int]:
    status = entry.status
    return () if status is None else (status,)


UNASKED: Final = Answered()


class Kind(msgspec.Struct, frozen=True):
    """A kind of recorded requests: of one stub, of a pattern, answered so.

    What is ``None`` is not asked. ``takes`` tells what the stub takes, for who reads its name.
    """

    stub: str | None = None
    pattern: RequestPattern | None = None
    answered: Answered = UNASKED
    takes: str | None = None

    @property
    def is_plain_stub(self) -> bool:
        """Whether the stub is all that is asked."""
        return self.stub is not None and self.pattern is None and self.answered is UNASKED

    @property
    def is_indexed(self) -> bool:
        """Whether one index of the journal tells exactly what fits: by stub, path or method."""
        if self.answered is not UNASKED:
            return False
        if self.pattern is None:
            return True
        key = self.pattern.index_key
        asked = (self.stub is not None, len(key.methods) > 0, key.path_kind != "any")
        return (
            self.pattern.only_indexed
            and sum(asked) == 1
            and len(key.methods) <= 1
            and key.path_kind in ("any", "exact")
        )

    @property
    def index(self) -> dict[str, str]:
        """The keys by which the journal finds what may fit; empty: everything may."""
        found: dict[str, str] = {}
        if self.stub is not None:
            found["stub"] = self.stub
        if self.pattern is not None:
            key = self.pattern.index_key
            if key.path_kind == "exact" and isinstance(key.path, str):
                found["path"] = key.path
            if len(key.methods) == 1:
                found["method"] = next(iter(key.methods))
        return found

    @property
    def is_costly(self) -> bool:
        """Whether asking may take long: a body, a regular expression."""
        return self.pattern is not None and not (self.pattern.only_indexed or self.pattern.of_head)

    def fits_request(self, seen: Seen) -> bool:
        """Return whether pattern and answer fit; stub and phase are asked apart.

        Raises ``ExpressionLimit``.
        """
        try:
            if self.pattern is not None and not self.pattern.accepts(seen.request, seen.context()):
                return False
            return self.answered is UNASKED or self.answered.fits_but_phase(seen)
        except ExpressionLimit as limit:
            raise ExpressionLimit(f"request {seen.entry.number}: {limit}") from limit

    def fits_phase(self, phase: str) -> bool:
        phases = self.answered.phases
        return phase in phases if phases else phase not in UNCOUNTED

    def describe(self) -> str:
        """Return what is asked in short: ``POST /payments answered by 'pay'``."""
        parts = [] if self.pattern is None else [_described(self.pattern)]
        if self.stub is not None and parts:
            parts.append(f"answered by '{self.stub}'")
        elif self.stub is not None:
            takes = "" if self.takes is None else f" ({self.takes})"
            parts.append(f"stub '{self.stub}'{takes}")
        answered = self.answered
        if answered.status is not None:
            parts.append(f"with status {shortened(answered.status.describe())}")
        if answered.step is not None:
            parts.append(f"with step {answered.step}")
        if answered.phases:
            parts.append(f"in phase {' or '.join(sorted(answered.phases))}")
        return " ".join(parts)


def _described(pattern: RequestPattern) -> str:
    """Return method and path, and the names of what else is asked."""
    if not pattern.definition:
        return "any request"
    more = [key for key in pattern.definition if key not in ("method", "path")]
    return shortened(pattern.describe()) + (f" with {', '.join(more)}" if more else "")


def shortened(text: str, most: int = MAX_TOLD) -> str:
    """Return ``text``, or its beginning if it is long."""
    return text if len(text) <= most else f"{text[:most]}…"


class Expectation(msgspec.Struct, frozen=True):
    """``low`` to ``high`` requests of ``kind`` (``None``: any number from ``low`` on)."""

    id: str
    kind: Kind
    low: int
    high: int | None

    def allows(self, count: int) -> bool:
        return self.low <= count and (self.high is None or count <= self.high)

    def describe(self) -> str:
        return self.kind.describe()

    def describe_times(self) -> str:
        return Bounds(self.low, self.high).describe()


class Check(msgspec.Struct, frozen=True):
    """One verification, as it was asked.

    ``order`` is ``any``, ``subsequence``, ``strict`` or ``pairs``; ``pairs`` holds places in
    ``expect``: all requests of the first come before all of the second. ``strict`` and
    ``nothing_else`` judge every request but those that ``ignore`` fits.
    """

    expect: tuple[Expectation, ...]
    order: str = ANY
    pairs: tuple[tuple[int, int], ...] = ()
    nothing_else: bool = False
    ignore: tuple[Kind, ...] = ()
    after: int = 0
    within_s: float = 0.0
    quiet_s: float = 0.0

    @property
    def judges_all(self) -> bool:
        """Whether a request that nothing expects is a fault."""
        return self.nothing_else or self.order == STRICT

    @property
    def kinds(self) -> tuple[Kind, ...]:
        """What each request is asked for: the expectations, then what is ignored."""
        return (*(each.kind for each in self.expect), *self.ignore)
