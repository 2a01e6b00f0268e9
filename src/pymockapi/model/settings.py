"""What a namespace and the server may be told, as read: settings, limits, selection."""

from __future__ import annotations

from collections.abc import Mapping

import msgspec

from pymockapi.model.behaviour import Behaviour
from pymockapi.model.cors import Cors
from pymockapi.model.delivery import Delay, Fault
from pymockapi.model.response import Response
from pymockapi.model.stub import RequestValue


class NamespaceLimits(msgspec.Struct, frozen=True):
    """What one namespace may hold (P7). Over ``requests``, ``bytes`` and ``events`` the oldest go."""

    requests: int = 100_000
    bytes: int = 100_000_000
    stubs: int = 20_000
    sequence_keys: int = 10_000
    snapshots: int = 100
    waiters: int = 1_000
    events: int = 10_000
    subscribers: int = 100
    held: int = 1_000
    callbacks: int = 10_000
    callbacks_pending: int = 1_000


class NamespaceSettings(msgspec.Struct, frozen=True):
    """What holds for a whole namespace.

    ``unmatched`` answers what no stub fits (``None``: the 404 that explains). ``delay`` holds
    for every stub without one of its own. ``seed`` ``None`` leaves it to be derived.
    ``redact`` are the places in a request whose values no export shows. ``rewrite_location`` puts
    the prefix that a request named the namespace by before the paths that its answer leads to.
    ``verdict`` has the effects of those kinds of problems for which one is given. ``fault`` may
    befall the answers of every stub that does not say itself what may. ``behaviour``
    is the one that was chosen; what its name means is the config's to say.
    """

    unmatched: Response | None = None
    delay: Delay = 0.0
    debug_headers: bool = False
    seed: int | None = None
    redact: tuple[RequestValue, ...] = ()
    limits: NamespaceLimits = msgspec.field(default_factory=NamespaceLimits)
    rewrite_location: bool = True
    verdict: Mapping[str, str] = msgspec.field(default_factory=dict)
    fault: Fault | None = None
    behaviour: Behaviour | None = None

    @property
    def shapes(self) -> bool:
        """Whether answers may leave otherwise than at once and whole by these settings alone."""
        return bool(self.delay) or self.fault is not None


class ServerLimits(msgspec.Struct, frozen=True):
    """What the server may hold (P7): names as in the config's ``server.limits``, sizes in bytes,
    times in seconds."""

    namespaces: int = 10_000
    ports: int = 200
    body: int = 10 * 1024 * 1024
    head: int = 64 * 1024
    connections: int = 2_000
    inflight_bytes: int = 256 * 1024 * 1024
    message: int = 1024 * 1024
    ping_interval: int = 20
    ping_timeout: int = 60
    journal_bytes: int = 1024 * 1024 * 1024
    finished: int = 1_000
    finished_events: int = 200_000
    orphans: int = 1_000
    waiters: int = 10_000
    events: int = 10_000
    subscribers: int = 1_000
    callbacks: int = 50


class ServerSettings(msgspec.Struct, frozen=True):
    """``public_url`` is where others reach the server, ``None``: where it listens.
    ``path_prefix`` stands before a namespace's name in a path; ``None`` turns that off.

    ``selectors`` are asked in order whose a request is that nothing else names.
    ``lease_s`` is the lease of namespaces created without one; ``None``: they have none.
    ``egress`` are the hosts that the mock may call although they are neither this machine nor in
    a private network; one that begins with ``*.`` stands for all below it.
    ``cors`` tells which web pages may call the mocks; ``None``: those of the mocks alone.
    """

    on_missing: str = "default"
    path_prefix: str | None = "~"
    seed: int = 0
    lease_s: float | None = None
    limits: ServerLimits = msgspec.field(default_factory=ServerLimits)
    public_url: str | None = None
    cors: Cors | None = None
    selectors: tuple[RequestValue, ...] = ()
    egress: tuple[str, ...] = ()
