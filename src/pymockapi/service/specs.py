"""Reading what a control call sends: changes to apply, requests to try, and their parts."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Callable, Mapping, Sequence
from itertools import islice
from typing import Any, Final

import msgspec

from pymockapi.engine.behaviours import check_choice
from pymockapi.engine.configuration import Configuration, last_positions
from pymockapi.engine.definitions import read_stub
from pymockapi.engine.project import (
    counter,
    kept_cursors,
    read_stubs,
    reading_steps,
    reading_stubs,
)
from pymockapi.engine.set_names import no_set
from pymockapi.engine.settings import (
    MAX_NAMES,
    merge_settings,
    read_clock,
    read_names,
    read_settings,
    read_state,
)
from pymockapi.model.changes import (
    RESET_PARTS,
    Change,
    DefineStubs,
    MergeSettings,
    MergeState,
    RemoveStubs,
    ReplaceOwnStubs,
    ReplaceState,
    Reset,
    SetCursor,
    UseSets,
)
from pymockapi.model.errors import LimitReached
from pymockapi.model.reader import (
    Findings,
    below,
    check_size,
    kind_of,
    read_choice,
    read_int,
    read_list,
    read_name,
    read_object,
    read_text,
)
from pymockapi.model.request import Request
from pymockapi.model.slices import in_slices
from pymockapi.model.stub import Stub
from pymockapi.service.files import kept_files
from pymockapi.service.listing import Pause
from pymockapi.store.memory import MemoryStore
from pymockapi.store.namespace import Namespace

APPLY_KEYS: Final = (
    "reset", "sets", "remove_stubs", "replace_stubs", "stubs", "replace_state", "state",
    "cursors", "clock", "settings",
)  # fmt: skip
BODIES: Final = ("json", "text", "base64")


class FreshNames:
    """Draws names that mean no stub of ``space``, nor of its recorded requests or of ``lists``."""

    def __init__(self, space: Namespace, *lists: object) -> None:
        self.space = space
        self._given = names_in(*lists)
        self._draw = counter("stub", len(space.own.by_name))

    def __call__(self) -> str:
        while (name := self._draw()) in self._given or not self.space.is_free(name):
            pass
        return name


def names_in(*lists: object) -> set[str]:
    """Return the names that stubs in ``lists`` are given."""
    items = (item for data in lists if isinstance(data, list) for item in data)
    return {str(item["name"]) for item in items if isinstance(item, dict) and "name" in item}


async def read_stub_list(
    data: object, names: FreshNames, at: str, found: Findings, pause: Pause
) -> tuple[Stub, ...]:
    """Read one stub or a list.

    A long list is read in slices; one that needs names is read again if other writes came
    between them.
    """
    if not isinstance(data, list):
        steps = await in_slices(reading_steps(data, at, found), pause)
        return (read_stub(data, at, found, names, steps),)
    version = names.space.version
    stubs = await read_in_slices(data, at, found, names, pause)
    if names.space.version != version and any(s.generated for s in stubs) and not found.count:
        return read_stubs(data, at, found, names)
    return stubs


async def read_in_slices(
    items: Sequence[object], at: str, found: Findings, name: Callable[[], str], pause: Pause
) -> tuple[Stub, ...]:
    """As ``read_stubs``; other traffic goes on meanwhile."""
    return await in_slices(reading_stubs(items, at, found, name), pause)


def check_room(items: object, limit: int, name: str) -> None:
    """Raise ``LimitReached`` for a list that no namespace may hold, before it is read."""
    if isinstance(items, list) and len(items) > limit:
        raise LimitReached("stubs", limit, f"Namespace '{name}' would have {len(items)} stubs")


def read_reset(data: object, at: str, found: Findings) -> Reset:
    parts = [
        read_choice(part, below(at, place), found, RESET_PARTS)
        for place, part in enumerate(read_list(data, at, found))
    ]
    return Reset(frozenset(parts))


def read_cursor(stub: str, data: object, at: str, found: Findings, steps: int | None) -> SetCursor:
    """Read ``{position}``, ``{step}`` or ``{reset: true}``, with ``key`` under ``per``; null resets.

    ``hits`` may stand beside the first two, or alone. ``steps`` is how many the stub has; ``None``:
    that is not known yet.
    """
    if data is None:
        return SetCursor(stub, None)
    entries = read_object(data, at, found, ("position", "step", "hits", "key", "reset"))
    key = None if entries.get("key") is None else read_text(entries["key"], below(at, "key"), found)
    given = {name for name in ("position", "step", "reset") if name in entries}
    is_hits = not given and key is None and "hits" in entries
    if len(given) != 1 and not is_hits:
        found.add(at, "expected one of 'position', 'step' and 'reset': true, or 'hits' alone")
    if "reset" in given and (entries["reset"] is not True or "hits" in entries):
        told = "'reset' makes the hits 0; leave one out" if "hits" in entries else "expected true"
        found.add(below(at, "reset"), told)
    bounds = {"position": (0, 2**53), "step": (1, steps), "hits": (0, 2**53)}
    read = {
        name: read_int(entries[name], below(at, name), found, *limits)
        for name, limits in bounds.items()
        if name in entries and "reset" not in given
    }
    step, hits = read.get("step"), read.get("hits")
    return SetCursor(stub, read.get("position"), key, step, hits, "key" in entries)


def read_merged_settings(data: object, at: str, found: Findings) -> MergeSettings:
    return MergeSettings(read_object(data, at, Findings()), read_settings(data, at, found))


def _sets_settings(names: tuple[str, ...], space: Namespace) -> MergeSettings:
    given: dict[str, Any] = {}
    for name in last_positions(names):
        if (held := space.configuration.sets.get(name)) is not None:
            given = merge_settings(given, held.settings)
    found = Findings(kept_files(space.configuration.bodies))
    return MergeSettings(given, read_settings(given, "", found))


async def read_changes(
    data: object, space: Namespace, found: Findings, store: MemoryStore
) -> tuple[Change, ...]:
    """Read a batch; the order in which it applies is that of ``APPLY_KEYS``."""
    entries = read_object(data, "", found, APPLY_KEYS)
    changes: list[Change] = []
    names = FreshNames(space, *(entries.get(key) for key in ("replace_stubs", "stubs")))
    if not {"reset", "sets"} & entries.keys():  # which may bring another limit
        for key in ("replace_stubs", "stubs"):
            check_room(entries.get(key), space.settings.limits.stubs, space.name)
    lists = {
        key: await read_stub_list(read_list(entries[key], f"/{key}", found), names, f"/{key}", found, store.pause)
        for key in ("replace_stubs", "stubs") if key in entries
    }  # fmt: skip  # first, for it may pause; all else reads what the namespace is then
    defined = {stub.name: stub for stubs in lists.values() for stub in stubs}
    known = _known_stubs(entries, space, defined)
    for key in APPLY_KEYS:
        if key == "stubs" and key in lists:
            changes.append(DefineStubs(lists[key], kept_cursors(entries[key])))
        elif key in lists:
            changes.append(ReplaceOwnStubs(lists[key]))
        elif key == "sets" and key in entries:
            changes.append(_read_sets(entries[key], space, store.configuration, found))
        elif key in entries:
            changes += _read_part(key, entries[key], f"/{key}", found, known)
            if key == "settings":
                check_choice(entries[key], "/settings", found, space.configuration.behaviours)
    if not entries and not found.count:
        found.add("", f"expected at least one of {', '.join(APPLY_KEYS)}")
    return tuple(changes)


def _known_stubs(
    entries: Mapping[str, Any], space: Namespace, defined: Mapping[str, Stub]
) -> dict[str, Stub]:
    """Return what the names under ``cursors`` will mean, as far as that is known before the batch."""
    named = read_object(entries.get("cursors", {}), "", Findings())
    if "reset" in entries or "sets" in entries:
        return dict(defined)
    standing = {name: stub for name in named if (stub := space.effective(name)) is not None}
    return {**standing, **defined}


def _read_sets(data: object, space: Namespace, in_force: Configuration, found: Findings) -> UseSets:
    """Read which of its config's sets ``space`` shall have; ``in_force`` may be a later config."""
    names, kept = read_names(data, "/sets", found), space.configuration
    for place, name in enumerate(names):
        if name in kept.sets:
            continue
        if name not in in_force.sets:
            told = no_set(name, kept.sets, found)
        else:
            told = (
                f"config version {kept.version}, which '{space.name}' was created from and keeps,"
                f" has no set '{name}'; version {in_force.version}, now in force, has it:"
                " create the namespace anew to use it"
            )
        found.add(below("/sets", place), told)
    return UseSets(names, _sets_settings(names, space))


def _read_part(
    key: str, data: object, at: str, found: Findings, known: Mapping[str, Stub]
) -> list[Change]:
    if key == "cursors":
        cursors = read_object(data, at, found)
        check_size(cursors, at, found, MAX_NAMES, "cursors")
        return [
            read_cursor(
                stub,
                item,
                below(at, stub),
                found,
                len(known[stub].steps) if stub in known else None,
            )
            for stub, item in islice(cursors.items(), MAX_NAMES)
        ]
    if key == "remove_stubs":
        return [RemoveStubs(read_names(data, at, found))]
    if key == "settings":
        return [read_merged_settings(data, at, found)]
    single: dict[str, Callable[[object, str, Findings], Change]] = {
        "reset": read_reset, "clock": read_clock,
        "state": lambda *given: MergeState(read_state(*given)),
        "replace_state": lambda *given: ReplaceState(read_state(*given)),
    }  # fmt: skip
    return [single[key](data, at, found)]


def read_trial(data: object, found: Findings) -> Request:
    """Read a request to try: ``{scheme?, method?, path?, headers?, json | text | base64}``."""
    entries = read_object(data, "", found, ("scheme", "method", "path", "headers", *BODIES))
    scheme = read_choice(entries.get("scheme", "http"), "/scheme", found, ("http", "https"))
    method = read_text(entries.get("method", "GET"), "/method", found)
    target = read_text(entries.get("path", "/"), "/path", found)
    if not target.startswith("/") and not found.count:
        found.add("/path", f"expected a path that starts with '/', got '{target[:80]}'")
    lines = [f"{method} {target} HTTP/1.1"]
    for name, value in read_object(entries.get("headers", {}), "/headers", found).items():
        for single in value if isinstance(value, list) else [value]:
            text = single if isinstance(single, str) else msgspec.json.encode(single).decode()
            lines.append(f"{name}: {text}".replace("\r", " ").replace("\n", " "))
    head = ("\r\n".join(lines) + "\r\n\r\n").encode("utf-8", "replace")
    return Request(method, target, head, _trial_body(entries, found), scheme=scheme)


def _trial_body(entries: Mapping[str, Any], found: Findings) -> bytes:
    given = [key for key in BODIES if key in entries]
    if len(given) > 1:
        found.add("", f"a request has one body, got {' and '.join(given)}")
    if not given:
        return b""
    value = entries[given[0]]
    if given[0] == "json":
        return msgspec.json.encode(value)
    text = read_text(value, f"/{given[0]}", found)
    if given[0] == "text":
        return text.encode("utf-8", "replace")
    try:
        return base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError) as error:
        found.add("/base64", f"expected base64: {error}")
        return b""


def read_optional_name(entries: Mapping[str, Any], key: str, found: Findings) -> str | None:
    if entries.get(key) is None:
        return None
    return read_name(entries[key], f"/{key}", found)


def one_string(data: object, at: str, found: Findings) -> str | None:
    """Read an optional string."""
    if data is None:
        return None
    if not isinstance(data, str):
        found.add(at, f"expected a string, got {kind_of(data)}")
    return str(data)
