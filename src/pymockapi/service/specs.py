"""Reading what a control call sends: namespaces to create, changes to apply, requests to try."""

from __future__ import annotations

import base64
import binascii
import hashlib
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

import msgspec

from pymockapi.engine.configuration import Composition, Configuration, last_positions
from pymockapi.engine.definitions import read_stub
from pymockapi.engine.project import PRESET_KEYS, StubList, check_sets, counter, read_stubs
from pymockapi.engine.settings import (
    read_clock,
    read_labels,
    read_lease,
    read_limits,
    read_names,
    read_seed,
    read_settings,
    read_state,
)
from pymockapi.model.changes import (
    RESET_PARTS,
    Change,
    DefineStubs,
    MergeSettings,
    MergeState,
    NamespaceSpec,
    RemoveStubs,
    ReplaceOwnStubs,
    ReplaceState,
    Reset,
    SetCursor,
    UseSets,
)
from pymockapi.model.clock import REAL
from pymockapi.model.reader import (
    Findings,
    below,
    kind_of,
    read_choice,
    read_int,
    read_list,
    read_name,
    read_object,
    read_text,
)
from pymockapi.model.request import Request
from pymockapi.model.stub import Stub
from pymockapi.service.listing import Pause
from pymockapi.store.changing import moved
from pymockapi.store.namespace import Namespace

SPEC_KEYS: Final = PRESET_KEYS | {"name", "fork_of"}
APPLY_KEYS: Final = (
    "reset", "sets", "remove_stubs", "replace_stubs", "stubs", "replace_state", "state",
    "cursors", "clock", "settings",
)  # fmt: skip
BODIES: Final = ("json", "text", "base64")
SLICE: Final = 64  # stubs between two looks at the clock: 1.5 ms


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
    server_seed: int,
    real_ns: int,
    found: Findings,
    pause: Pause,
) -> NamespaceSpec:
    """Read a namespace's definition on top of the configuration's own state and settings."""
    sets = read_names(entries.get("sets", []), "/sets", found)
    check_sets(sets, "/sets", found, configuration.sets)
    known = last_positions(tuple(each for each in sets if each in configuration.sets))
    state, given = dict(configuration.state), dict(configuration.settings)
    for each in known:
        state |= configuration.sets[each].state
        given |= configuration.sets[each].settings
    state |= read_state(entries.get("state", {}), "/state", found)
    read_settings(entries.get("settings", {}), "/settings", found)
    given |= read_object(entries.get("settings", {}), "/settings", Findings())
    _fold(entries, given, found)
    labels = read_labels(entries.get("labels", {}), "/labels", found)
    lease = configuration.server.lease_s
    if entries.get("lease") is not None:
        lease = read_lease(entries["lease"], "/lease", found)
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
        state=state,
        settings_given=given,
        settings=read_settings(given, "/settings", Findings()),
        clock=moved(REAL, read_clock(entries["clock"], "/clock", found), real_ns)
        if "clock" in entries
        else REAL,
        seed=derive_seed(server_seed, name, labels),
        labels=labels,
        lease_s=lease,
    )


def _first_names(shared: Composition, given: object) -> Callable[[], str]:
    """Return what draws names for stubs of a new namespace on top of ``shared`` layers."""
    draw, taken = counter("stub"), names_in(given)

    def name() -> str:
        while (drawn := draw()) in taken or shared.effective(drawn) is not None:
            pass
        return drawn

    return name


def _fold(entries: Mapping[str, Any], given: dict[str, Any], found: Findings) -> None:
    """Put ``seed`` and ``limits`` of a namespace over those of its settings."""
    if "seed" in entries:
        given["seed"] = read_seed(entries["seed"], "/seed", found)
    if "limits" in entries:
        read_limits(entries["limits"], "/limits", found)
        own = read_object(entries["limits"], "/limits", Findings())
        given["limits"] = {**read_object(given.get("limits", {}), "", Findings()), **own}


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
        return (read_stub(data, at, found, names),)
    version = names.space.version
    stubs = await read_in_slices(data, at, found, names, pause)
    if names.space.version != version and any(s.generated for s in stubs) and not found.count:
        return read_stubs(data, at, found, names)
    return stubs


async def read_in_slices(
    items: Sequence[object], at: str, found: Findings, name: Callable[[], str], pause: Pause
) -> tuple[Stub, ...]:
    """As ``read_stubs``; other traffic goes on meanwhile."""
    stubs = StubList(at, found, name)
    for place, item in enumerate(items, 1):
        stubs.read(item)
        if place % SLICE == 0 and (waiting := pause()) is not None:
            await waiting
    return stubs.read_so_far()


def kept_cursors(data: object) -> frozenset[str]:
    """Return the names of the stubs in ``data`` that say ``keep_cursor: true``."""
    items = data if isinstance(data, list) else [data]
    return frozenset(
        str(item["name"]) for item in items
        if isinstance(item, dict) and item.get("keep_cursor") is True and "name" in item
    )  # fmt: skip


def read_reset(data: object, at: str, found: Findings) -> Reset:
    parts = [
        read_choice(part, below(at, place), found, RESET_PARTS)
        for place, part in enumerate(read_list(data, at, found))
    ]
    return Reset(frozenset(parts))


def read_cursor(stub: str, data: object, at: str, found: Findings, steps: int | None) -> SetCursor:
    """Read ``{position}``, ``{step}`` or ``{reset: true}``, with ``key`` under ``per``; null resets.

    ``steps`` is how many the stub has; ``None``: that is not known yet.
    """
    if data is None:
        return SetCursor(stub, None)
    entries = read_object(data, at, found, ("position", "step", "key", "reset"))
    key = None if entries.get("key") is None else read_text(entries["key"], below(at, "key"), found)
    given = [name for name in ("position", "step", "reset") if name in entries]
    if len(given) != 1:
        found.add(at, "expected one of 'position', 'step' and 'reset': true")
        return SetCursor(stub, None)
    if given == ["reset"]:
        if entries["reset"] is not True:
            found.add(below(at, "reset"), "expected true")
        return SetCursor(stub, None)
    if given == ["position"]:
        return SetCursor(
            stub, read_int(entries["position"], below(at, "position"), found, 0, 2**53), key
        )
    step = read_int(entries["step"], below(at, "step"), found, 1, steps)
    return SetCursor(stub, None, key, step)


def read_merged_settings(data: object, at: str, found: Findings) -> MergeSettings:
    settings = read_settings(data, at, found)
    return MergeSettings(read_object(data, at, Findings()), settings)


def _sets_settings(names: tuple[str, ...], space: Namespace) -> MergeSettings:
    given: dict[str, Any] = {}
    for name in last_positions(names):
        if (found := space.configuration.sets.get(name)) is not None:
            given |= found.settings
    return MergeSettings(given, read_settings(given, "", Findings()))


async def read_changes(
    data: object, space: Namespace, found: Findings, pause: Pause
) -> tuple[Change, ...]:
    """Read a batch; the order in which it applies is that of ``APPLY_KEYS``."""
    entries = read_object(data, "", found, APPLY_KEYS)
    changes: list[Change] = []
    names = FreshNames(space, *(entries.get(key) for key in ("replace_stubs", "stubs")))
    lists = {
        key: await read_stub_list(read_list(entries[key], f"/{key}", found), names, f"/{key}", found, pause)
        for key in ("replace_stubs", "stubs") if key in entries
    }  # fmt: skip  # first, for it may pause; all else reads what the namespace is then
    defined = {stub.name: stub for stubs in lists.values() for stub in stubs}
    known = _known_stubs(entries, space, defined)
    for key in APPLY_KEYS:
        if key == "stubs" and key in lists:
            changes.append(DefineStubs(lists[key], kept_cursors(entries[key])))
        elif key in lists:
            changes.append(ReplaceOwnStubs(lists[key]))
        elif key in entries:
            changes += _read_part(key, entries[key], space, f"/{key}", found, known)
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


def _read_part(
    key: str, data: object, space: Namespace, at: str, found: Findings, known: Mapping[str, Stub]
) -> list[Change]:
    if key == "cursors":
        cursors = read_object(data, at, found)
        return [
            read_cursor(
                stub,
                item,
                below(at, stub),
                found,
                len(known[stub].steps) if stub in known else None,
            )
            for stub, item in cursors.items()
        ]
    if key == "sets":
        names = read_names(data, at, found)
        check_sets(names, at, found, space.configuration.sets)
        return [UseSets(names, _sets_settings(names, space))]
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
    """Read a request to try: ``{method?, path?, headers?, json | text | base64}``."""
    entries = read_object(data, "", found, ("method", "path", "headers", *BODIES))
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
    return Request(method, target, head, _trial_body(entries, found))


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
