"""What a namespace and the server may be told, as read: settings, limits, selection."""

from __future__ import annotations

import msgspec

from pymockapi.model.response import Response


class NamespaceLimits(msgspec.Struct, frozen=True):
    """What one namespace may hold (P7). Over ``requests`` and ``bytes`` the oldest entries go."""

    requests: int = 100_000
    bytes: int = 100_000_000
    stubs: int = 20_000
    sequence_keys: int = 10_000
    snapshots: int = 100


class NamespaceSettings(msgspec.Struct, frozen=True):
    """What holds for a whole namespace.

    ``unmatched`` answers what no stub fits (``None``: the 404 that explains). ``delay_s`` holds
    for every stub without a delay of its own. ``seed`` ``None`` leaves it to be derived.
    """

    unmatched: Response | None = None
    delay_s: float = 0.0
    debug_headers: bool = False
    seed: int | None = None
    limits: NamespaceLimits = msgspec.field(default_factory=NamespaceLimits)


class ServerLimits(msgspec.Struct, frozen=True):
    """What the server may hold (P7): names as in the config's ``server.limits``, sizes in bytes."""

    namespaces: int = 10_000
    body: int = 10 * 1024 * 1024
    head: int = 64 * 1024
    connections: int = 2_000
    inflight_bytes: int = 256 * 1024 * 1024
    finished: int = 1_000
    orphans: int = 1_000


class ServerSettings(msgspec.Struct, frozen=True):
    """``path_prefix`` stands before a namespace's name in a path; ``None`` turns that off.

    ``lease_s`` is the lease of namespaces created without one; ``None``: they have none.
    """

    on_missing: str = "default"
    path_prefix: str | None = "~"
    seed: int = 0
    lease_s: float | None = None
    limits: ServerLimits = msgspec.field(default_factory=ServerLimits)
