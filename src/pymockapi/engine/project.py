"""Reading a project's definitions: the document that config files make together."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final

from pymockapi.engine.configuration import Configuration, StubSet
from pymockapi.engine.definitions import read_stub
from pymockapi.engine.index import LayerIndex
from pymockapi.engine.settings import (
    read_clock,
    read_labels,
    read_lease,
    read_limits,
    read_names,
    read_seed,
    read_server,
    read_settings,
    read_state,
)
from pymockapi.model.errors import nearest
from pymockapi.model.reader import (
    Findings,
    below,
    is_name,
    read_list,
    read_object,
    reject_unknown,
)
from pymockapi.model.stub import Stub

VERSION: Final = 1
PROJECT_KEYS: Final = frozenset(
    {"version", "settings", "state", "stubs", "sets", "namespaces", "server"}
)
_STUB_PARTS: Final = dict.fromkeys(
    ("request", "response", "responses"), "a stub is an item of the list 'stubs'"
)
SET_KEYS: Final = frozenset({"stubs", "state", "settings"})
PRESET_KEYS: Final = frozenset(
    {"sets", "stubs", "state", "settings", "seed", "labels", "limits", "lease", "clock"}
)


def read_configuration(data: object, found: Findings) -> Configuration:
    """Read a whole project; every finding's pointer is into ``data``."""
    entries = read_object(data, "", found, PROJECT_KEYS, _STUB_PARTS)
    if isinstance(data, dict):
        _check_version(entries, found)
    settings = entries.get("settings", {})
    read_settings(settings, "/settings", found)
    sets = _read_sets(entries.get("sets", {}), found)
    return Configuration(
        base=_read_layer(entries.get("stubs", []), "/stubs", found, "base"),
        sets=sets,
        state=read_state(entries.get("state", {}), "/state", found),
        settings=settings if isinstance(settings, dict) else {},
        presets=_read_presets(entries.get("namespaces", {}), sets, found),
        server=read_server(entries.get("server", {}), "/server", found),
    )


def _check_version(entries: Mapping[str, Any], found: Findings) -> None:
    if "version" not in entries:
        found.add("", f"'version' is missing; this format is 'version: {VERSION}'")
    elif entries["version"] != VERSION or isinstance(entries["version"], bool):
        found.add("/version", f"expected {VERSION}, the one version there is")


def _read_sets(data: object, found: Findings) -> dict[str, StubSet]:
    sets = {}
    for name, content in read_object(data, "/sets", found).items():
        at = below("/sets", name)
        _check_name(name, at, found, "set name")
        entries = read_object(content, at, found, SET_KEYS)
        settings = entries.get("settings", {})
        read_settings(settings, below(at, "settings"), found)
        layer = _read_layer(entries.get("stubs", []), below(at, "stubs"), found, name)
        sets[name] = StubSet(
            name,
            layer,
            read_state(entries.get("state", {}), below(at, "state"), found),
            settings if isinstance(settings, dict) else {},
        )
    return sets


def _check_name(name: str, at: str, found: Findings, what: str) -> None:
    if not is_name(name):
        found.add(at, f"'{name[:140]}' is no {what}: 1 to 128 characters of A-Z a-z 0-9 . _ - are")


def _read_layer(data: object, at: str, found: Findings, layer: str) -> LayerIndex:
    index = LayerIndex()
    for stub in read_stubs(data, at, found, counter(f"{layer}-stub")):
        index.add(stub)
    return index


def counter(stem: str, start: int = 0) -> Callable[[], str]:
    """Return a function that gives ``stem-1``, ``stem-2`` and so on."""
    count = start

    def name() -> str:
        nonlocal count
        count += 1
        return f"{stem}-{count}"

    return name


def read_stubs(data: object, at: str, found: Findings, name: Callable[[], str]) -> tuple[Stub, ...]:
    """Read a list of stubs; of two with one name the second is reported, and left out."""
    stubs = StubList(at, found, name)
    for item in read_list(data, at, found):
        stubs.read(item)
    return stubs.read_so_far()


class StubList:
    """Stubs read one by one, as ``read_stubs`` reads them all."""

    def __init__(self, at: str, found: Findings, name: Callable[[], str]) -> None:
        self._at = at
        self._found = found
        self._name = name
        self._count = 0
        self._stubs: dict[str, Stub] = {}
        self._places: dict[str, int] = {}

    def read(self, item: object) -> None:
        place, at, found = self._count, self._at, self._found
        self._count += 1
        stub = read_stub(item, below(at, place), found, self._name)
        if stub.name in self._stubs:
            found.add(
                below(below(at, place), "name"),
                f"'{stub.name}' is the name of {below(at, self._places[stub.name])} already",
            )
            return
        self._stubs[stub.name] = stub
        self._places[stub.name] = place

    def read_so_far(self) -> tuple[Stub, ...]:
        return tuple(self._stubs.values())


def _read_presets(
    data: object, sets: Mapping[str, StubSet], found: Findings
) -> dict[str, Mapping[str, Any]]:
    presets: dict[str, Mapping[str, Any]] = {}
    for name, content in read_object(data, "/namespaces", found).items():
        at = below("/namespaces", name)
        _check_name(name, at, found, "namespace name")
        entries = read_object({} if content is None else content, at, found)
        check_spec(entries, at, found, sets)
        presets[name] = entries
    return presets


def check_spec(
    entries: Mapping[str, Any], at: str, found: Findings, sets: Mapping[str, StubSet]
) -> None:
    """Report what is wrong with the definition of a namespace."""
    reject_unknown(entries, at, found, PRESET_KEYS)
    readers: dict[str, Callable[[object, str, Findings], object]] = {
        "state": read_state, "settings": read_settings, "seed": read_seed, "labels": read_labels,
        "limits": read_limits, "lease": read_lease, "clock": read_clock,
    }  # fmt: skip
    for key, read in readers.items():
        if key in entries:
            read(entries[key], below(at, key), found)
    if "stubs" in entries:
        read_stubs(entries["stubs"], below(at, "stubs"), found, counter("stub"))
    if "sets" in entries:
        check_sets(
            read_names(entries["sets"], below(at, "sets"), found), below(at, "sets"), found, sets
        )


def check_sets(
    names: tuple[str, ...], at: str, found: Findings, sets: Mapping[str, StubSet]
) -> None:
    """Report each name that is no set's, with the nearest that are."""
    for place, name in enumerate(names):
        if name not in sets:
            near = nearest(name, sets, 1)
            hint = f"did you mean '{near[0]}'?" if near else f"sets: {', '.join(sets) or 'none'}"
            found.add(below(at, place), f"there is no set '{name}'; {hint}")
