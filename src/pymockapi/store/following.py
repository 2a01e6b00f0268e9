"""What a namespace is once the config has changed under it: three-way, part by part.

What is as the config said it follows the config; what a test has changed stays. ``old`` is what
the config said when the part was made, ``new`` what it says now.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

import msgspec

from pymockapi.engine.configuration import Configuration
from pymockapi.engine.json_values import same_json
from pymockapi.engine.settings import read_settings
from pymockapi.model.changes import NamespaceSpec
from pymockapi.model.reader import Findings
from pymockapi.model.settings import NamespaceSettings
from pymockapi.model.stub import Json, Stub
from pymockapi.store.cells import Cell, settle_cursors
from pymockapi.store.snapshot import Snapshot

_ABSENT: Final = object()


def followed(kept: Snapshot, new: NamespaceSpec, configuration: Configuration) -> Snapshot:
    """Return what a snapshot is under ``configuration``, which says ``new`` of its namespace."""
    old = kept.told or new
    sets = sets_after(kept.sets, old.sets, new.sets, configuration)
    own = own_after(kept.own, old.stubs, new.stubs)
    given = merged_after(kept.settings_given, old.settings_given, new.settings_given)
    placed = msgspec.structs.replace(
        kept,
        told=new,
        sets=sets,
        own=own,
        state=merged_after(kept.state, old.state, new.state),
        settings_given=given,
        settings=settings_after(given, kept.settings_given, kept.settings, new),
        clock=new.clock if kept.clock == old.clock else kept.clock,
    )
    return msgspec.structs.replace(placed, cells=_cells_after(placed, configuration))


def settings_after(
    given: Mapping[str, Json],
    kept_given: Mapping[str, Json],
    kept: NamespaceSettings,
    new: NamespaceSpec,
) -> NamespaceSettings:
    """The settings that ``given`` says; a response in them that stands in a file is not read again.

    It is that of ``new`` where the config says it, else the one there was.
    """
    rest = {key: value for key, value in given.items() if key != "unmatched"}
    settings = kept if given is kept_given else read_settings(rest, "", Findings())
    is_new = same_json(given.get("unmatched"), new.settings_given.get("unmatched"))
    unmatched = (new.settings if is_new else kept).unmatched
    return msgspec.structs.replace(settings, unmatched=unmatched)


def sets_after(
    kept: tuple[str, ...], old: tuple[str, ...], new: tuple[str, ...], configuration: Configuration
) -> tuple[str, ...]:
    """Those of the config, or those that a test chose and that are still there."""
    return new if kept == old else tuple(name for name in kept if name in configuration.sets)


def own_after(
    kept: tuple[Stub, ...], old: tuple[Stub, ...], new: tuple[Stub, ...]
) -> tuple[Stub, ...]:
    """The own stubs: untouched ones of the config as it has them now, then its new ones."""
    if old == new:
        return kept
    was = {stub.name: stub for stub in old}
    now = {stub.name: stub for stub in new}
    stubs: dict[str, Stub] = {}
    for stub in kept:
        following = now.get(stub.name) if was.get(stub.name) is stub else stub
        if following is not None:
            stubs[stub.name] = following
    for name, stub in now.items():
        if name not in was:
            stubs.setdefault(name, stub)
    return tuple(stubs.values())


def merged_after(
    kept: Mapping[str, Json], old: Mapping[str, Json], new: Mapping[str, Json]
) -> Mapping[str, Json]:
    """State or settings, key by key; ``kept`` itself if nothing in it changes."""
    changed = {key: new.get(key, _ABSENT) for key in {**old, **new} if not _same(key, old, new)}
    changed = {key: value for key, value in changed.items() if _same(key, kept, old)}
    if not changed:
        return kept
    return {key: value for key, value in {**kept, **changed}.items() if value is not _ABSENT}


def _same(key: str, left: Mapping[str, Json], right: Mapping[str, Json]) -> bool:
    if key in left and key in right:
        return same_json(left[key], right[key])
    return key not in left and key not in right


def keeps_cursor(stub: Stub, told: NamespaceSpec, configuration: Configuration) -> bool:
    """Return whether the config says ``keep_cursor`` of ``stub``."""
    return stub in configuration.keeping or (stub.name in told.keeping and stub in told.stubs)


def _cells_after(kept: Snapshot, configuration: Configuration) -> dict[str, Cell]:
    own = {stub.name: stub for stub in kept.own}
    composition = configuration.compose(kept.sets)
    cells: dict[str, Cell] = {}
    for name, cell in kept.cells.items():
        stub = own.get(name)
        if stub is None and name not in kept.hidden:
            stub = composition.effective(name)
        if stub is not None and (found := _carried(cell, stub, kept, configuration)) is not None:
            cells[name] = found
    return cells


def _carried(cell: Cell, stub: Stub, kept: Snapshot, configuration: Configuration) -> Cell | None:
    if stub is cell.stub:
        return cell
    assert kept.told is not None
    twin = cell.copy()
    if not same_json(cell.stub.definition, stub.definition):
        if not keeps_cursor(stub, kept.told, configuration):
            return None
        settle_cursors(twin, stub)
    twin.stub = stub
    return twin
