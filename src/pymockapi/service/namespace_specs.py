"""Reading what a namespace is made from, on top of a config: its tags, its sets, and its own."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from typing import Any, Final

from pymockapi.engine.behaviours import check_choice
from pymockapi.engine.configuration import Composition, Configuration
from pymockapi.engine.project import PRESET_KEYS, counter, kept_cursors
from pymockapi.engine.set_names import check_sets
from pymockapi.engine.settings import (
    read_clock,
    read_labels,
    read_lease,
    read_limits,
    read_names,
    read_port,
    read_seed,
    read_settings,
    read_state,
)
from pymockapi.engine.tagging.resolution import Resolution, resolving
from pymockapi.engine.tagging.tags import check_set_tags, read_tags
from pymockapi.model.changes import NamespaceSpec
from pymockapi.model.clock import REAL
from pymockapi.model.reader import Findings, read_list, read_object
from pymockapi.model.slices import Work, in_slices
from pymockapi.model.tagging import OF_NAMESPACE
from pymockapi.service.listing import Pause
from pymockapi.service.specs import check_room, names_in, read_in_slices
from pymockapi.store.changing import moved

SPEC_KEYS: Final = PRESET_KEYS | {"name", "fork_of"}


def derive_seed(server_seed: int, name: str, labels: Mapping[str, str]) -> int:
    """Return the seed of a namespace that was given none: the same wherever it is made."""
    text = f"{server_seed}\0{labels.get('test', name)}"
    return (
        int.from_bytes(hashlib.blake2b(text.encode("utf-8", "replace"), digest_size=8).digest())
        >> 1
    )


async def read_spec(
    entries: Mapping[str, Any],
    name: str,
    configuration: Configuration,
    real_ns: int,
    found: Findings,
    pause: Pause,
) -> NamespaceSpec:
    """Read a namespace's definition on top of the configuration's own state and settings."""
    resolution = await in_slices(_resolving(entries, configuration, found), pause)
    _put_own(entries, resolution, found)
    check_choice(entries.get("settings"), "/settings", found, configuration.behaviours)
    known, given = resolution.sets, _with_limits(entries, resolution.settings.values, found)
    labels = read_labels(entries.get("labels", {}), "/labels", found)
    lease = configuration.server.lease_s
    if entries.get("lease") is not None:
        lease = read_lease(entries["lease"], "/lease", found)
    settings = read_settings(given, "/settings", Findings(found.read_file))
    if not found.count:
        check_room(entries.get("stubs"), settings.limits.stubs, name)
    return NamespaceSpec(
        name=name,
        sets=known,
        stubs=await read_in_slices(
            read_list(entries.get("stubs", []), "/stubs", found),
            "/stubs",
            found,
            _first_names(configuration.compose(known), entries.get("stubs")),
            pause,
        ),
        state=resolution.state.values,
        settings_given=given,
        settings=settings,
        clock=moved(REAL, read_clock(entries["clock"], "/clock", found), real_ns)
        if "clock" in entries
        else REAL,
        seed=derive_seed(configuration.server.seed, name, labels),
        labels=labels,
        lease_s=lease,
        port=read_port(entries.get("port"), "/port", found),
        keeping=kept_cursors(entries.get("stubs", [])),
        applied=resolution.applied,
    )


def _first_names(shared: Composition, given: object) -> Callable[[], str]:
    """Return what draws names for stubs of a new namespace on top of ``shared`` layers."""
    draw, taken = counter("stub"), names_in(given)

    def name() -> str:
        while (drawn := draw()) in taken or shared.effective(drawn) is not None:
            pass
        return drawn

    return name


def _resolving(
    entries: Mapping[str, Any], configuration: Configuration, found: Findings
) -> Work[Resolution]:
    """Read tags and sets, and resolve what they bring."""
    sets = read_names(entries.get("sets", []), "/sets", found)
    check_sets(sets, "/sets", found, configuration.sets)
    tags = read_tags(entries.get("tags", []), "/tags", found)
    check_set_tags(entries.get("tags"), "/tags", found, configuration.sets)
    return resolving(configuration, tags, sets)


def _put_own(entries: Mapping[str, Any], resolution: Resolution, found: Findings) -> None:
    """Put a namespace's state and settings over the rest, and its seed over its settings."""
    resolution.state.put(read_state(entries.get("state", {}), "/state", found), OF_NAMESPACE)
    read_settings(entries.get("settings", {}), "/settings", found)
    own = dict(read_object(entries.get("settings", {}), "/settings", Findings()))
    if "seed" in entries:
        own["seed"] = read_seed(entries["seed"], "/seed", found)
    resolution.settings.put(own, OF_NAMESPACE)


def _with_limits(
    entries: Mapping[str, Any], given: dict[str, Any], found: Findings
) -> dict[str, Any]:
    """Return the settings ``given`` with a namespace's own limits over theirs."""
    if "limits" not in entries:
        return given
    read_limits(entries["limits"], "/limits", found)
    limits = read_object(entries["limits"], "/limits", Findings())
    return {**given, "limits": {**read_object(given.get("limits", {}), "", Findings()), **limits}}
