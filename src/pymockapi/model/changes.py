"""What a control call may change in a namespace, as values; a batch is a tuple of them.

Everything in them is read and compiled already, so that applying one cannot fail half-way.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

import msgspec

from pymockapi.model.clock import Clock
from pymockapi.model.settings import NamespaceSettings
from pymockapi.model.stub import Json, Stub
from pymockapi.model.tagging import Applied

RESET_PARTS: Final = (
    "stubs", "sequences", "state", "requests", "clock", "settings", "gates", "callbacks",
)  # fmt: skip


class Reset(msgspec.Struct, frozen=True):
    """Return ``parts`` to what they were just after creation."""

    parts: frozenset[str] = frozenset(RESET_PARTS)


class DefineStubs(msgspec.Struct, frozen=True):
    """Add to the own layer, or redefine there; names in ``keep_cursor`` keep hits and cursors."""

    stubs: tuple[Stub, ...]
    keep_cursor: frozenset[str] = frozenset()


class ReplaceOwnStubs(msgspec.Struct, frozen=True):
    stubs: tuple[Stub, ...]


class RemoveStubs(msgspec.Struct, frozen=True):
    """Remove names whatever their layer; ``own_only`` uncovers what an own stub had replaced.

    ``names`` is ``None`` for all.
    """

    names: tuple[str, ...] | None = None
    own_only: bool = False


class MergeSettings(msgspec.Struct, frozen=True):
    """Settings to put over those in force, key by key: as given, and as read."""

    given: Mapping[str, Json]
    settings: NamespaceSettings

    def over(self, settings: NamespaceSettings) -> NamespaceSettings:
        """Return ``settings`` with what is given here instead, of ``verdict`` kind by kind."""
        changed = {field: getattr(self.settings, field) for field in self.given}
        if "verdict" in changed:
            changed["verdict"] = {**settings.verdict, **self.settings.verdict}
        return msgspec.structs.replace(settings, **changed)


class UseSets(msgspec.Struct, frozen=True):
    """Put these sets in force, in this order, instead of those before; merges their state.

    ``settings`` is what theirs make together; they go over the namespace's.
    """

    names: tuple[str, ...]
    settings: MergeSettings


class MergeState(msgspec.Struct, frozen=True):
    """Set keys; one that is null is removed."""

    entries: Mapping[str, Json]


class ReplaceState(msgspec.Struct, frozen=True):
    entries: Mapping[str, Json]


class SetCursor(msgspec.Struct, frozen=True):
    """Set the cursor of ``key`` to ``position``, or to the first request of ``step`` (from 1).

    ``hits``, how many requests the stub has answered, may be set besides or alone. With none of
    them all cursors, hits and ``times`` of the stub are reset. ``has_key``: a key is given, which may
    be ``None``, that of requests without a value.
    """

    stub: str
    position: int | None
    key: str | None = None
    step: int | None = None
    hits: int | None = None
    has_key: bool = False

    @property
    def moves(self) -> bool:
        """Whether it is about a cursor."""
        return self.position is not None or self.step is not None

    @property
    def is_reset(self) -> bool:
        return not self.moves and self.hits is None


class SetClock(msgspec.Struct, frozen=True):
    """``frozen``: ``None`` leaves the mode. ``now_ns`` sets the time, ``advance_ns`` then moves it."""

    frozen: bool | None = None
    now_ns: int | None = None
    advance_ns: int = 0


Change = (
    Reset
    | DefineStubs
    | ReplaceOwnStubs
    | RemoveStubs
    | UseSets
    | MergeState
    | ReplaceState
    | SetCursor
    | SetClock
    | MergeSettings
)


class NamespaceSpec(msgspec.Struct, frozen=True):
    """What a namespace is made from; resetting it returns to this.

    ``seed`` is the derived one, in force while the settings have none.
    ``lease_s`` ``None`` means that it lives until it is deleted. ``port`` is its own, if any;
    ``claims`` are the values that are its own, by the notation of the server's selector for them.
    ``keeping`` are the names of the ``stubs`` that say ``keep_cursor``: it matters where a config
    tells of a namespace again. ``applied`` is what its tags and sets did.
    """

    name: str
    sets: tuple[str, ...] = ()
    stubs: tuple[Stub, ...] = ()
    state: Mapping[str, Json] = msgspec.field(default_factory=dict)
    settings_given: Mapping[str, Json] = msgspec.field(default_factory=dict)
    settings: NamespaceSettings = msgspec.field(default_factory=NamespaceSettings)
    clock: Clock = msgspec.field(default_factory=Clock)
    seed: int = 0
    labels: Mapping[str, str] = msgspec.field(default_factory=dict)
    lease_s: float | None = None
    port: int | None = None
    claims: Mapping[str, tuple[str, ...]] = msgspec.field(default_factory=dict)
    keeping: frozenset[str] = frozenset()
    applied: Applied = Applied()
