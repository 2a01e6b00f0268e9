"""What an operation is given and what it answers, free of HTTP."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any, Final

import msgspec

from pymockapi.model.callee import FindCallee, no_callees
from pymockapi.model.errors import Unreadable
from pymockapi.model.files import ReadFile, no_files
from pymockapi.model.reader import Findings, read_object
from pymockapi.service.loaded import Loaded
from pymockapi.service.ports import Ports
from pymockapi.store.memory import MemoryStore

MISSING: Final = type("Missing", (), {"__repr__": lambda _: "MISSING"})()


async def nothing_to_read(_: Sequence[str]) -> ReadFile:
    return no_files


class Site(msgspec.Struct, frozen=True):
    """One server, as operations see it; ``metrics`` is what it counts, as Prometheus text.

    ``base_url`` and ``tls_url`` are known once it listens. ``loaded`` is what it knows of its
    config beside what that says.

    ``tls_url`` is ``None`` without HTTPS, ``ca_pem`` where it has a certificate that it did not
    make. ``ports`` ``None`` is a server that listens nowhere: then no namespace asks for one.
    ``read_files`` reads the files of these names that bodies stand in.
    ``when_stopping`` is called when the server begins to stop. ``later`` calls back after so many
    seconds (``None``: as the running loop does). ``find_callee`` finds the functions that tests of
    this process have given it.
    """

    store: MemoryStore
    base_url: Callable[[], str]
    is_stopping: Callable[[], bool] = lambda: False
    tls_url: Callable[[], str | None] = lambda: None
    ca_pem: str | None = None
    metrics: Callable[[], str] = str
    ports: Ports | None = None
    loaded: Loaded = msgspec.field(default_factory=Loaded)
    read_files: Callable[[Sequence[str]], Awaitable[ReadFile]] = nothing_to_read
    when_stopping: list[Callable[[], None]] = msgspec.field(default_factory=list)
    later: Callable[[float, Callable[[], None]], Any] | None = None
    find_callee: FindCallee = no_callees


class Caller:
    """Who made a call, as far as the answer still matters: whether anybody waits for it."""

    __slots__ = ("_told", "is_gone")

    def __init__(self) -> None:
        self.is_gone = False
        self._told: Callable[[], object] | None = None

    def when_gone(self, told: Callable[[], object]) -> None:
        """Call ``told`` once nobody waits for the answer any more; the last one given is kept."""
        self._told = told
        if self.is_gone:
            told()

    @property
    def is_waiting(self) -> bool:
        """Whether the call waits for something to happen, and would end if it left."""
        return self._told is not None

    def leave(self) -> None:
        self.is_gone = True
        if self._told is not None:
            self._told()


class Call(msgspec.Struct, frozen=True):
    """``body`` is ``MISSING`` when none was sent; ``if_version`` comes from ``If-Match``.

    ``has_if_match`` tells, too, of ``If-Match: *``, which any version fits.
    """

    path: Mapping[str, str] = msgspec.field(default_factory=dict)
    query: Mapping[str, str] = msgspec.field(default_factory=dict)
    body: Any = MISSING
    if_version: int | None = None
    has_if_match: bool = False
    caller: Caller = msgspec.field(default_factory=Caller)

    @property
    def ns(self) -> str:
        return self.path["namespace"]

    def document(self) -> Any:
        """Return the body, which must be there."""
        if self.body is MISSING:
            raise Unreadable("This call needs a JSON body, and none was sent.")
        return self.body

    def entries(self, found: Findings, known: tuple[str, ...]) -> dict[str, Any]:
        """Return the body as an object with ``known`` keys; none at all is an empty one."""
        return {} if self.body is MISSING else read_object(self.body, "", found, known)


class Outcome(msgspec.Struct, frozen=True):
    """``document`` is ``None`` for nothing (204), ``text`` is what rows that are not JSON answer.

    ``pieces`` are a body that may be long, encoded already, of the type ``media`` (``None``:
    JSON). ``version`` is the namespace's, for ``ETag``. ``status`` is ``None`` for the row's own.
    """

    document: Any = None
    version: int | None = None
    status: int | None = None
    text: str | None = None
    pieces: list[bytes] | None = None
    media: str | None = None
