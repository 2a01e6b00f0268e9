"""Several config files as one document that still knows which file each part came from.

Stubs are concatenated in the order of the files, and so are the rows of ``tags``; a set, a row, a
namespace or a behaviour stands in one file only;
``state``, ``settings`` and ``server`` merge by key, the later file wins. It knows the sections,
not what is in them.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from pymockapi.config.files import SourceFile
from pymockapi.config.flaws import Located
from pymockapi.engine.project import VERSION
from pymockapi.model.reader import below, kind_of
from pymockapi.model.stub import Json

_ONCE: Final = {
    "sets": ("set", "a name"),
    "tags": ("row", "an expression"),
    "namespaces": ("namespace", "a name"),
    "behaviours": ("behaviour", "a name"),
}
_BY_KEY: Final = frozenset({"state", "settings", "server"})
_Origin = tuple[SourceFile, tuple[str, ...]]


class Merged:
    """The merged ``document``, and the findings that only merging shows."""

    def __init__(self, sources: Sequence[SourceFile]) -> None:
        self.document: dict[str, Json] = {"version": VERSION}
        self.findings: list[Located] = []
        self._origins: dict[tuple[str, ...], _Origin] = {}
        self._stubs: dict[str, _Origin] = {}
        self._first = sources[0] if sources else None
        for source in sources:
            self._add(source)

    def locate(self, pointer: str, message: str, code: str | None = None) -> Located:
        """Return the finding at ``pointer`` of the merged document with its place in a file."""
        parts = tuple(_unescaped(part) for part in pointer.split("/")[1:])
        for length in (2, 1):
            if parts[:length] in self._origins:
                source, start = self._origins[parts[:length]]
                return _placed(source, (*start, *parts[length:]), message, code)
        if self._first is None:
            return Located("(no file)", 0, 0, pointer, message, code)
        return _placed(self._first, parts, message, code)

    def _add(self, source: SourceFile) -> None:
        if not isinstance(source.value, dict):
            said = "the file is empty" if source.value is None else f"got {kind_of(source.value)}"
            self._refuse(source, (), f"expected an object with 'version: 1', {said}")
            return
        self._check_version(source, source.value)
        for section, value in source.value.items():
            if section in ("version", "include"):
                continue
            if section == "stubs":
                self._concatenate(source, value)
            elif section in _ONCE or section in _BY_KEY:
                self._merge(source, section, value)
            else:
                self.document[section] = value
                self._origins[(section,)] = (source, (section,))

    def _check_version(self, source: SourceFile, document: dict[str, Json]) -> None:
        if "version" not in document:
            self._refuse(source, (), f"'version' is missing; begin with 'version: {VERSION}'")
            return
        version = document["version"]
        if version != VERSION or isinstance(version, bool):
            given = version if type(version) is int else kind_of(version)
            self._refuse(source, ("version",), f"expected version {VERSION}, got {given}")

    def _concatenate(self, source: SourceFile, value: Json) -> None:
        if not isinstance(value, list):
            self._refuse(source, ("stubs",), f"expected a list, got {kind_of(value)}")
            return
        merged = self.document.setdefault("stubs", [])
        for position, stub in enumerate(value):
            place = ("stubs", str(position))
            self._origins["stubs", str(len(merged))] = (source, place)
            merged.append(self._once(source, place, stub))

    def _once(self, source: SourceFile, place: tuple[str, ...], stub: Json) -> Json:
        """Return ``stub``; one whose name another has is refused, and goes on without it."""
        name = stub.get("name") if isinstance(stub, dict) else None
        if not isinstance(name, str):
            return stub
        first = self._stubs.setdefault(name, (source, place))
        if first == (source, place):
            return stub
        there = first[0].located((*first[1], "name"), "", "")
        self._refuse(
            source,
            (*place, "name"),
            f"stub '{name}' is defined in {there.file}:{there.line} already;"
            " a name denotes one stub of the base layer",
        )
        return {key: part for key, part in stub.items() if key != "name"}

    def _merge(self, source: SourceFile, section: str, value: Json) -> None:
        if not isinstance(value, dict):
            self._refuse(source, (section,), f"expected an object, got {kind_of(value)}")
            return
        merged = self.document.setdefault(section, {})
        for key, item in value.items():
            if section in _ONCE and key in merged:
                self._refuse_second(source, section, key)
                continue
            merged[key] = item
            self._origins[section, key] = (source, (section, key))

    def _refuse_second(self, source: SourceFile, section: str, key: str) -> None:
        first = self._origins[section, key][0].located((section, key), "", "")
        kind, key_is = _ONCE[section]
        message = (
            f"{kind} '{key}' is defined in {first.file}:{first.line} already;"
            f" {key_is} stands in one file only"
        )
        self._refuse(source, (section, key), message)

    def _refuse(self, source: SourceFile, parts: tuple[str, ...], message: str) -> None:
        self.findings.append(_placed(source, parts, message))


def _placed(
    source: SourceFile, parts: tuple[str, ...], message: str, code: str | None = None
) -> Located:
    pointer = ""
    for part in parts:
        pointer = below(pointer, part)
    return source.located(parts, pointer, message, code)


def _unescaped(part: str) -> str:
    return part.replace("~1", "/").replace("~0", "~")
