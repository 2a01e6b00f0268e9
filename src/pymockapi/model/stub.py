"""A stub: what it accepts, what must hold, what it answers and what it writes.

Matchers and patterns are ports here: floor 1 implements and reads them.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from enum import StrEnum
from typing import Any, Protocol

import msgspec

from pymockapi.model.aside import Aside
from pymockapi.model.request import MAX_READ_BYTES, Request
from pymockapi.model.response import Response

_NO_CAPTURES: Mapping[str, str] = {}
Json = Any  # the JSON boundary: null, booleans, numbers, strings, lists, objects

MAX_STEPS = 30_000  # of matching one request; about 15 ms
STEP_BYTES = 64  # of a body that a step stands for; decoding 1 MiB of JSON takes up to 10 ms


class Difference(msgspec.Struct, frozen=True):
    """One field that does not fit: ``field`` as in ``query.page`` or ``body.$.items[0].sku``."""

    field: str
    expected: str
    actual: str

    def to_json(self) -> dict[str, str]:
        return {"field": self.field, "expected": self.expected, "actual": self.actual}


class Context:
    """What a matcher may ask beside the value itself.

    ``now_ns`` is the namespace's clock in nanoseconds since 1970. ``regex_left_s`` is what is
    left of the time that this request's regular expressions may take together, ``steps_left`` of
    the ``most_steps`` that matching it may take; what may be read of its body has taken some already.
    ``captures`` are those of the stub whose ``when`` is asked; ``document`` is what was made of
    the body once for all stubs that ask for GraphQL. With ``aside``, what takes long is left to
    be done there; without, it is done at once.
    """

    __slots__ = (
        "aside", "captures", "document", "most_steps", "now_ns", "regex_left_s", "request",
        "steps_left",
    )  # fmt: skip

    def __init__(self, request: Request, now_ns: int, aside: Aside | None = None) -> None:
        self.request = request
        self.aside = aside
        self.captures: Mapping[str, str] = _NO_CAPTURES
        self.now_ns = now_ns
        self.document: Any = None
        self.regex_left_s = 0.05
        self.steps_left = MAX_STEPS
        if len(request.body) > STEP_BYTES:
            self.steps_left -= min(len(request.body), MAX_READ_BYTES) // STEP_BYTES
        self.most_steps = self.steps_left


class Matcher(Protocol):
    """A test of the values that a request has in one place (none: it is missing)."""

    def holds(self, values: Sequence[Json], context: Context) -> bool:
        """Return whether ``values`` fit. Raises ``ExpressionLimit``, nothing else."""
        ...

    def differences(self, field: str, values: Sequence[Json], context: Context) -> list[Difference]:
        """Return what does not fit; empty exactly when ``holds``."""
        ...

    def describe(self) -> str:
        """Return what is expected, as it reads after "expected"."""
        ...


class IndexKey(msgspec.Struct, frozen=True):
    """What the index may rely on: nothing fits the pattern that does not fit this.

    ``methods`` is empty for any. ``path_kind`` is ``exact``, ``template``, ``prefix`` or ``any``;
    ``path`` the canonical path, the template's parts (``None`` for a capture) joined as a tuple,
    the prefix, or nothing. ``literals`` maps a place (``query.page``, ``header.x-tenant``,
    ``body.$.id``) to the one hashable key that its value must have there.
    """

    methods: frozenset[str]
    path_kind: str
    path: str | tuple[str | None, ...]
    literals: Mapping[str, object]


class Pattern(Protocol):
    """A request pattern, as in a stub's ``request``, a search or a verification."""

    @property
    def index_key(self) -> IndexKey: ...

    @property
    def only_indexed(self) -> bool:
        """Whether method and path are all it asks for, so that an index hit is a match."""
        ...

    @property
    def of_head(self) -> bool:
        """Whether two requests with the same head and no body both fit, or neither."""
        ...

    def accepts(self, request: Request, context: Context) -> bool: ...

    def accepts_rest(self, request: Request, context: Context) -> bool:
        """As ``accepts``, for a request whose method and path are known to fit."""
        ...

    def differences(self, request: Request, context: Context) -> list[Difference]: ...

    def captures(self, request: Request) -> dict[str, str]:
        """Return the path template's captures; only meaningful for an accepted request."""
        ...

    def describe(self) -> str:
        """Return a short line such as ``POST /orders/{id}``."""
        ...


class RequestValue(Protocol):
    """A place in a request, written ``header.x-tenant`` or ``body.$.id``."""

    notation: str

    def values(self, request: Request, captures: Mapping[str, str]) -> list[Json]:
        """Return every value there, in order; empty when it is missing."""
        ...


class WriteKind(StrEnum):
    SET = "set"
    FROM = "from"
    INCREMENT = "increment"
    TEMPLATE = "template"
    REMOVE = "remove"


class Write(msgspec.Struct, frozen=True):
    """One entry of ``set``: what to do with state ``key``; ``operand`` depends on the kind."""

    key: str
    kind: WriteKind
    operand: Json = None


class AfterLast(StrEnum):
    """What follows the last step of a sequence."""

    REPEAT = "repeat"
    CYCLE = "cycle"
    PASS = "pass"
    FAIL = "fail"


class Step(msgspec.Struct, frozen=True):
    """One answer of a sequence, for ``times`` requests; ``writes`` happen with each."""

    response: Response
    times: int = 1
    writes: tuple[Write, ...] = ()


class Bounds(msgspec.Struct, frozen=True):
    """How many requests are expected: ``low`` to ``high`` (``None``: any number from ``low`` on).

    ``optional`` says of a stub that it need not answer any, so that it is never unused.
    """

    low: int
    high: int | None
    optional: bool = False

    def allows(self, count: int) -> bool:
        return self.low <= count and (self.high is None or count <= self.high)

    def describe(self) -> str:
        """Return it as it reads after "expected"."""
        if self.high is None:
            return f"at least {self.low}"
        if self.low == self.high:
            return f"exactly {self.low}" if self.low else "none"
        return f"{self.low} to {self.high}" if self.low else f"at most {self.high}"

    def to_json(self) -> dict[str, int | None]:
        return {"at_least": self.low, "at_most": self.high}


class Stub(msgspec.Struct, frozen=True, eq=False):
    """A definition as it is served. Compared by identity; ``definition`` compares its meaning.

    ``ends`` are the running sums of the steps' ``times``: the step of cursor position ``p`` is
    the first whose end is above ``p``. ``plain`` marks what needs no cell: one answer, no
    limit, no state, no gate; it is the fast path of every request. ``writing_steps`` are the indexes of the
    steps that have writes. ``expect`` is for verdicts alone. ``gates`` are those at which one of its
    answers waits.
    """

    name: str
    pattern: Pattern
    steps: tuple[Step, ...]
    definition: Json
    priority: int = 5
    when: tuple[tuple[str, Matcher], ...] = ()
    writes: tuple[Write, ...] = ()
    after_last: AfterLast = AfterLast.REPEAT
    per: RequestValue | None = None
    times: int | None = None
    is_sequence: bool = False
    generated: bool = False
    ends: tuple[int, ...] = ()
    plain: bool = msgspec.field(default=False)
    writing_steps: tuple[int, ...] = ()
    expect: Bounds | None = None
    gates: frozenset[str] = frozenset()
