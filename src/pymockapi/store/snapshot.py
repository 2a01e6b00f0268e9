"""What a namespace can go back to: snapshots by name, and scopes on a stack."""

from __future__ import annotations

from collections.abc import Mapping

import msgspec

from pymockapi.model.changes import NamespaceSpec
from pymockapi.model.clock import Clock
from pymockapi.model.settings import NamespaceSettings
from pymockapi.model.stub import Json, Stub
from pymockapi.store.behaving import Behaving
from pymockapi.store.cells import Cell
from pymockapi.store.marks import Mark


class Snapshot(msgspec.Struct, frozen=True):
    """All of a namespace but its journal, numbers, labels and lease.

    ``told`` is what the config said of the namespace then; ``None``: nothing.
    """

    id: str
    at: int
    version: int
    sets: tuple[str, ...]
    own: tuple[Stub, ...]
    hidden: frozenset[str]
    state: Mapping[str, Json]
    cells: Mapping[str, Cell]
    settings_given: Mapping[str, Json]
    settings: NamespaceSettings
    clock: Clock
    told: NamespaceSpec | None = None
    behaving: Behaving | None = None


class Scope(msgspec.Struct, frozen=True):
    """What was there when the scope was opened, and ``mark``, the last request before it."""

    id: str
    name: str | None
    kept: Snapshot
    mark: Mark
