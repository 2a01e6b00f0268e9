"""What a control call may change in a namespace, as values; a batch is a tuple of them.

Everything in them is read and compiled already, so that applying one cannot fail half-way.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from pymockapi.model.clock import Clock
from pymockapi.model.settings import NamespaceSettings
from pymockapi.model.stub import Json, Stub

RESET_PARTS: Final = ("stubs", "sequences", "state", "requests", "clock", "settings")


@dataclass(frozen=True, slots=True)
class Reset:
    """Return ``parts`` to what they were just after creation."""

    parts: frozenset[str] = frozenset(RESET_PARTS)


@dataclass(frozen=True, slots=True)
class DefineStubs:
    """Add to the own layer, or redefine there; names in ``keep_cursor`` keep hits and cursors."""

    stubs: tuple[Stub, ...]
    keep_cursor: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class ReplaceOwnStubs:
    stubs: tuple[Stub, ...]


@dataclass(frozen=True, slots=True)
class RemoveStubs:
    """Remove names whatever their layer; ``own_only`` uncovers what an own stub had replaced.

    ``names`` is ``None`` for all.
    """

    names: tuple[str, ...] | None = None
    own_only: bool = False


@dataclass(frozen=True, slots=True)
class MergeSettings:
    """The settings as given, for merging by key, and as read, after merging."""

    given: Mapping[str, Json]
    settings: NamespaceSettings


@dataclass(frozen=True, slots=True)
class UseSets:
    """Put these sets in force, in this order, instead of those before; merges their state.

    ``settings`` is what theirs, merged over the namespace's, make together.
    """

    names: tuple[str, ...]
    settings: MergeSettings


@dataclass(frozen=True, slots=True)
class MergeState:
    """Set keys; one that is null is removed."""

    entries: Mapping[str, Json]


@dataclass(frozen=True, slots=True)
class ReplaceState:
    entries: Mapping[str, Json]


@dataclass(frozen=True, slots=True)
class SetCursor:
    """Set the cursor of ``key``; ``position`` ``None`` resets all cursors, hits and ``times``."""

    stub: str
    position: int | None
    key: str | None = None


@dataclass(frozen=True, slots=True)
class SetClock:
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


@dataclass(frozen=True, slots=True)
class NamespaceSpec:
    """What a namespace is made from; resetting it returns to this.

    ``seed`` is the derived one, in force while the settings have none.
    ``lease_s`` ``None`` means that it lives until it is deleted.
    """

    name: str
    sets: tuple[str, ...] = ()
    stubs: tuple[Stub, ...] = ()
    state: Mapping[str, Json] = field(default_factory=dict)
    settings_given: Mapping[str, Json] = field(default_factory=dict)
    settings: NamespaceSettings = field(default_factory=NamespaceSettings)
    clock: Clock = field(default_factory=Clock)
    seed: int = 0
    labels: Mapping[str, str] = field(default_factory=dict)
    lease_s: float | None = None
