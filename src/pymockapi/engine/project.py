"""Reading a project's definitions: the document that config files make together."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from collections.abc import Set as AbstractSet
from typing import Any, Final

import msgspec

from pymockapi.engine.behaviours import (
    check_choice,
    checking_choices,
    checking_rows,
    read_behaviours,
)
from pymockapi.engine.claims import read_claims
from pymockapi.engine.configuration import Configuration, StubSet
from pymockapi.engine.definitions import MAX_SEQUENCE, read_step, read_stub
from pymockapi.engine.index import LayerIndex
from pymockapi.engine.set_names import check_sets
from pymockapi.engine.settings import (
    read_clock,
    read_labels,
    read_lease,
    read_limits,
    read_names,
    read_port,
    read_seed,
    read_server,
    read_settings,
    read_state,
)
from pymockapi.engine.tagging.reading import reading_table
from pymockapi.engine.tagging.tags import check_set_tags, read_tags
from pymockapi.model.names import is_name
from pymockapi.model.reader import (
    Findings,
    below,
    read_list,
    read_object,
    reject_unknown,
)
from pymockapi.model.slices import Work, at_once
from pymockapi.model.stub import Json, RequestValue, Step, Stub

MANY_STEPS: Final = 256  # of one sequence; reading them takes a millisecond
VERSION: Final = 1
PROJECT_KEYS: Final = frozenset(
    {"version", "settings", "state", "stubs", "sets", "tags", "namespaces", "server", "behaviours"}
)
FILE_KEYS: Final = PROJECT_KEYS | {"include"}
_PROJECT_HINTS: Final = {
    **dict.fromkeys(("request", "response", "responses"), "a stub is an item of the list 'stubs'"),
    "include": "only files include others; send what they say together",
}
_encode: Final = msgspec.json.Encoder().encode
SET_KEYS: Final = frozenset({"stubs", "state", "settings"})
PRESET_KEYS: Final = SET_KEYS | {
    "sets", "tags", "seed", "labels", "limits", "lease", "clock", "port", "claims",
}  # fmt: skip


def read_configuration(data: object, found: Findings) -> Configuration:
    """Read a whole project, as files say it; every finding's pointer is into ``data``."""
    return at_once(reading_configuration(data, found, Configuration(), FILE_KEYS))


def reading_configuration(
    data: object,
    found: Findings,
    before: Configuration,
    keys: AbstractSet[str] = PROJECT_KEYS,
) -> Work[Configuration]:
    """As ``read_configuration``, in slices.

    Stubs that are in ``before``, in the same layer, the same in all they say and send, are taken
    from there: they cost no memory twice, and their counters need no comparison.
    """
    entries = read_object(data, "", found, keys, _PROJECT_HINTS)
    if isinstance(data, dict):
        _check_version(entries, found)
    settings = entries.get("settings", {})
    read_settings(settings, "/settings", found)
    behaviours = read_behaviours(entries.get("behaviours", {}), "/behaviours", found)
    yield from checking_choices(entries, found, behaviours)
    keeping: set[Stub] = set()
    sets = yield from _reading_sets(entries.get("sets", {}), found, before, keeping)
    tags = yield from reading_table(entries.get("tags", {}), "/tags", found, sets)
    layer = _Layer("base", before.base, keeping)
    server = read_server(entries.get("server", {}), "/server", found)
    presets = _reading_presets(entries.get("namespaces", {}), sets, server.selectors, found)
    return Configuration(
        base=(yield from layer.reading(entries.get("stubs", []), "/stubs", found)),
        sets=sets,
        tags=tags,
        state=read_state(entries.get("state", {}), "/state", found),
        settings=settings if isinstance(settings, dict) else {},
        presets=(yield from presets),
        server=server,
        document=entries,
        keeping=frozenset(keeping),
        bodies=found.bodies,
        behaviours=behaviours,
    )


def _check_version(entries: Mapping[str, Any], found: Findings) -> None:
    if "version" not in entries:
        found.add("", f"'version' is missing; this format is 'version: {VERSION}'")
    elif entries["version"] != VERSION or isinstance(entries["version"], bool):
        found.add("/version", f"expected {VERSION}, the one version there is")


def _reading_sets(
    data: object, found: Findings, before: Configuration, keeping: set[Stub]
) -> Work[dict[str, StubSet]]:
    sets = {}
    for name, content in read_object(data, "/sets", found).items():
        at = below("/sets", name)
        check_name(name, at, found, "set name")
        sets[name] = yield from _reading_set(name, content, at, found, before, keeping)
    return sets


def _reading_set(
    name: str, data: object, at: str, found: Findings, before: Configuration, keeping: set[Stub]
) -> Work[StubSet]:
    entries = read_object(data, at, found, SET_KEYS)
    settings = entries.get("settings", {})
    read_settings(settings, below(at, "settings"), found)
    old = before.sets[name].layer if name in before.sets else LayerIndex()
    layer = _Layer(name, old, keeping)
    return StubSet(
        name,
        (yield from layer.reading(entries.get("stubs", []), below(at, "stubs"), found)),
        read_state(entries.get("state", {}), below(at, "state"), found),
        settings if isinstance(settings, dict) else {},
    )


def reading_with_set(
    before: Configuration, name: str, data: object, found: Findings
) -> Work[Configuration]:
    """Return ``before`` with the set ``name`` as ``data`` has it; pointers are into ``data``."""
    keeping = _keeping_without(before, name)
    made = yield from _reading_set(name, data, "", found, before, keeping)
    check_choice(made.settings, "/settings", found, before.behaviours)
    documents = {**before.document.get("sets", {}), name: data}
    known = msgspec.structs.replace(before, bodies={**before.bodies, **found.bodies})
    return _with_sets(known, {**before.sets, name: made}, documents, keeping)


def reading_with_tags(before: Configuration, data: object, found: Findings) -> Work[Configuration]:
    """Return ``before`` with the table of tags ``data``; pointers are into ``data``."""
    table = yield from reading_table(data, "", found, before.sets)
    yield from checking_rows(data, "", found, before.behaviours)
    return msgspec.structs.replace(
        before,
        tags=table,
        document={"version": VERSION, **before.document, "tags": data},
        bodies={**before.bodies, **found.bodies},
    )


def without_set(before: Configuration, name: str) -> Configuration:
    sets, documents = dict(before.sets), dict(before.document["sets"])
    del sets[name], documents[name]
    return _with_sets(before, sets, documents, _keeping_without(before, name))


def _keeping_without(before: Configuration, name: str) -> set[Stub]:
    layer = before.sets[name].layer if name in before.sets else LayerIndex()
    return {stub for stub in before.keeping if stub not in layer}


def _with_sets(
    before: Configuration,
    sets: Mapping[str, StubSet],
    documents: Mapping[str, Json],
    keeping: set[Stub],
) -> Configuration:
    return msgspec.structs.replace(
        before,
        sets=sets,
        document={"version": VERSION, **before.document, "sets": documents},
        keeping=frozenset(keeping),
        _compositions={},
    )


def check_name(name: str, at: str, found: Findings, what: str) -> None:
    if not is_name(name):
        found.add(at, f"'{name[:140]}' is no {what}: 1 to 128 characters of A-Z a-z 0-9 . _ - are")


class _Layer:
    """A layer to be read, what it was before, and where stubs that keep their cursors are noted."""

    def __init__(self, name: str, before: LayerIndex, keeping: set[Stub]) -> None:
        self._name = name
        self._before = before
        self._keeping = keeping

    def reading(self, data: object, at: str, found: Findings) -> Work[LayerIndex]:
        stubs = StubList(at, found, counter(f"{self._name}-stub"))
        for place, item in enumerate(read_list(data, at, found)):
            old = self._known(item)
            if old is not None:
                stubs.take(old)
            else:
                stubs.read(item, (yield from reading_steps(item, below(at, place), found)))
            yield
        index, kept = LayerIndex(), kept_cursors(data)
        for stub in stubs.read_so_far():
            known = known_stub(self._before.by_name.get(stub.name), stub)
            index.add(known)
            if known.name in kept:
                self._keeping.add(known)
            yield
        return index

    def _known(self, item: object) -> Stub | None:
        """Return the stub that ``item`` defined before, if it says the same; not read again."""
        name = item.get("name") if isinstance(item, dict) else None
        old = self._before.by_name.get(name) if isinstance(name, str) else None
        if old is None or not isinstance(item, dict):
            return None
        given = item
        if "keep_cursor" in item:
            given = {key: value for key, value in item.items() if key != "keep_cursor"}
        written = _encode(given)
        same = written == _written(old) and isinstance(item.get("keep_cursor", True), bool)
        return old if same and b'"file"' not in written else None


def known_stub(old: Stub | None, new: Stub) -> Stub:
    """Return ``old`` if it says and sends the same as ``new``, byte by byte; else ``new``."""
    if old is None or _written(old) != _written(new) or len(old.steps) != len(new.steps):
        return new
    sent = ((was.response, step.response) for was, step in zip(old.steps, new.steps, strict=True))
    return old if all(a.head == b.head and a.body == b.body for a, b in sent) else new


def _written(stub: Stub) -> bytes:
    return _encode(stub.definition)


def kept_cursors(data: object) -> frozenset[str]:
    """Return the names of the stubs in ``data`` that say ``keep_cursor: true``."""
    items = data if isinstance(data, list) else [data]
    return frozenset(
        str(item["name"]) for item in items
        if isinstance(item, dict) and item.get("keep_cursor") is True and "name" in item
    )  # fmt: skip


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
    return at_once(reading_stubs(data, at, found, name))


def reading_stubs(
    data: object, at: str, found: Findings, name: Callable[[], str]
) -> Work[tuple[Stub, ...]]:
    """As ``read_stubs``, in slices. One stub may take 10 ms (a regex)."""
    stubs = StubList(at, found, name)
    for place, item in enumerate(read_list(data, at, found)):
        stubs.read(item, (yield from reading_steps(item, below(at, place), found)))
        yield
    return stubs.read_so_far()


def reading_steps(data: object, at: str, found: Findings) -> Work[tuple[Step, ...] | None]:
    """Read the steps of a sequence that is long, or whose steps may be; ``None``: it is none."""
    items = data.get("responses") if isinstance(data, dict) else None
    if not isinstance(items, list) or not items or len(items) > MAX_SEQUENCE:
        return None
    if len(items) <= MANY_STEPS and not any(map(_may_be_long, items)):
        return None
    steps = []
    for number, item in enumerate(items):
        steps.append(read_step(item, below(below(at, "responses"), number), found))
        if number % MANY_STEPS == 0 or _may_be_long(item):
            yield
    return tuple(steps)


def _may_be_long(step: object) -> bool:
    """Return whether reading one step may take milliseconds: it may have templates."""
    return isinstance(step, dict) and ("template" in step or "set" in step)


class StubList:
    """Stubs read one by one, as ``read_stubs`` reads them all."""

    def __init__(self, at: str, found: Findings, name: Callable[[], str]) -> None:
        self._at = at
        self._found = found
        self._name = name
        self._count = 0
        self._stubs: dict[str, Stub] = {}
        self._places: dict[str, int] = {}

    def read(self, item: object, steps: tuple[Step, ...] | None = None) -> None:
        """Read one more; ``steps`` are those of its sequence, if they are read already."""
        at = below(self._at, self._count)
        self.take(read_stub(item, at, self._found, self._name, steps))

    def take(self, stub: Stub) -> None:
        """Have ``stub`` as the next one."""
        place, at, found = self._count, self._at, self._found
        self._count += 1
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


def _reading_presets(
    data: object,
    sets: Mapping[str, StubSet],
    selectors: tuple[RequestValue, ...],
    found: Findings,
) -> Work[dict[str, Mapping[str, Json]]]:
    presets: dict[str, Mapping[str, Json]] = {}
    claimed: dict[tuple[str, str], str] = {}
    for name, content in read_object(data, "/namespaces", found).items():
        at = below("/namespaces", name)
        check_name(name, at, found, "namespace name")
        entries = read_object({} if content is None else content, at, found)
        yield from _checking_preset(entries, at, found, sets)
        _check_port(entries.get("port"), below(at, "port"), found, presets)
        claims = read_claims(entries.get("claims", {}), below(at, "claims"), found, selectors)
        for notation, values in claims.items():
            for value in values:
                holder = claimed.setdefault((notation, value), name)
                if holder != name:
                    found.add(
                        below(below(at, "claims"), notation),
                        f"'{value[:100]}' is claimed by namespace '{holder}' already",
                    )
        presets[name] = entries
    return presets


def _check_port(
    number: object, at: str, found: Findings, before: Mapping[str, Mapping[str, Any]]
) -> None:
    """Report a port that one of the namespaces ``before`` has; 0 is a free one each time."""
    for name, entries in before.items():
        if number and type(number) is int and entries.get("port") == number:
            found.add(at, f"{number} is the port of namespace '{name}' already")


def _checking_preset(
    entries: Mapping[str, Any], at: str, found: Findings, sets: Mapping[str, StubSet]
) -> Work[None]:
    """Report what is wrong with a namespace's definition, but for what it may not share."""
    reject_unknown(entries, at, found, PRESET_KEYS)
    readers: dict[str, Callable[[object, str, Findings], object]] = {
        "state": read_state, "settings": read_settings, "seed": read_seed, "labels": read_labels,
        "limits": read_limits, "lease": read_lease, "clock": read_clock, "port": read_port,
    }  # fmt: skip
    for key, read in readers.items():
        if key in entries:
            read(entries[key], below(at, key), found)
    if "stubs" in entries:
        yield from reading_stubs(entries["stubs"], below(at, "stubs"), found, counter("stub"))
    if "sets" in entries:
        check_sets(
            read_names(entries["sets"], below(at, "sets"), found), below(at, "sets"), found, sets
        )
    if "tags" in entries:
        read_tags(entries["tags"], below(at, "tags"), found)
        check_set_tags(entries["tags"], below(at, "tags"), found, sets)
