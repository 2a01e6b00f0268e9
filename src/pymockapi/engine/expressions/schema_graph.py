"""A JSON Schema as a graph: its subschemas, what each applies to what, and where references lead.

References lead within the schema or are refused: nothing is ever fetched. The graph tells
``schema_costs`` how much a body may have to be asked; what a body means to the schema is decided
by the library. Keywords of drafts 7 and 2020-12 are read alike.
"""

from __future__ import annotations

from collections.abc import Iterator
from enum import Enum, auto
from typing import Any, Final
from urllib.parse import unquote, urldefrag, urljoin

from pymockapi.model.reader import Findings, below
from pymockapi.model.stub import Json

MAX_SUBSCHEMAS: Final = 1_000  # 1 ms for each level of a body, once; 3 ms to read them
MAX_CHAIN: Final = 60  # schemas applied to one value within each other: each takes stack


class Role(Enum):
    """To what a subschema is applied when its parent is asked of a value."""

    SAME = auto()  # the value itself
    A_MEMBER = auto()  # members; of all with this role one is applied to a member
    EACH_MEMBER = auto()
    A_NAME = auto()  # names of members
    AN_ITEM = auto()  # items; of all with this role one is applied to an item
    EACH_ITEM = auto()
    NOTHING = auto()  # it is only referred to


_ONE: Final = {
    "not": Role.SAME,
    "if": Role.SAME,
    "then": Role.SAME,
    "else": Role.SAME,
    "additionalProperties": Role.A_MEMBER,
    "unevaluatedProperties": Role.EACH_MEMBER,
    "propertyNames": Role.A_NAME,
    "items": Role.AN_ITEM,
    "additionalItems": Role.AN_ITEM,
    "contains": Role.EACH_ITEM,
    "unevaluatedItems": Role.EACH_ITEM,
}
_LISTS: Final = {
    "allOf": Role.SAME,
    "anyOf": Role.SAME,
    "oneOf": Role.SAME,
    "prefixItems": Role.AN_ITEM,
    "items": Role.AN_ITEM,
}
_MAPS: Final = {
    "properties": Role.A_MEMBER,
    "patternProperties": Role.EACH_MEMBER,
    "dependentSchemas": Role.SAME,
    "dependencies": Role.SAME,
    "$defs": Role.NOTHING,
    "definitions": Role.NOTHING,
}
_REFERENCES: Final = ("$ref", "$dynamicRef")


class Subschema:
    """One schema object; ``applied`` are those that it applies, by role."""

    __slots__ = ("applied", "at", "base", "data")

    def __init__(self, data: dict[str, Any], at: str, base: str) -> None:
        self.data = data
        self.at = at
        self.base = base
        self.applied: dict[Role, list[Subschema]] = {}

    def apply(self, role: Role, other: Subschema) -> None:
        self.applied.setdefault(role, []).append(other)


def read_graph(schema: Json, at: str, found: Findings) -> list[Subschema]:
    """Return the subschemas as they stand; reports what refers elsewhere, or to nothing."""
    reader = _Reader(found)
    reader.read(schema, at)
    return reader.subschemas


class _Reader:
    def __init__(self, found: Findings) -> None:
        self._found = found
        self._by_identity: dict[int, Subschema] = {}
        self._resources: dict[str, Json] = {}
        self._anchors: dict[tuple[str, str], Json] = {}
        self._dynamic: dict[str, list[Subschema]] = {}
        self._at = ""

    @property
    def subschemas(self) -> list[Subschema]:
        return list(self._by_identity.values())

    def read(self, schema: Json, at: str) -> None:
        self._resources[""] = schema
        self._at = at
        self._walk(schema, at, "")
        linked = 0
        while linked < len(self._by_identity) and not self._found.items:
            for each in self.subschemas[linked:]:  # resolving may find some at unusual places
                linked += 1
                self._link(each)

    def _walk(self, data: Json, at: str, base: str) -> Subschema | None:
        """Take in a schema and all below it that are at the usual places."""
        if not isinstance(data, dict):
            return None
        if id(data) in self._by_identity:
            return self._by_identity[id(data)]
        if len(self._by_identity) >= MAX_SUBSCHEMAS:
            if len(self._by_identity) == MAX_SUBSCHEMAS and not self._found.items:
                self._found.add(self._at, f"a JSON Schema may have {MAX_SUBSCHEMAS:,} subschemas")
            return None
        each = Subschema(data, at, self._named(data, base))
        self._by_identity[id(data)] = each
        for role, item, place in _parts(data, at):
            part = self._walk(item, place, each.base)
            if part is not None and role is not Role.NOTHING:
                each.apply(role, part)
        if isinstance(anchor := data.get("$dynamicAnchor"), str):
            self._dynamic.setdefault(anchor, []).append(each)
        return each

    def _named(self, data: dict[str, Any], base: str) -> str:
        """Take in the names that a schema gives itself; return the base of its references."""
        name = data.get("$id")
        if isinstance(name, str) and name.startswith("#"):  # an anchor, as draft 7 writes it
            self._anchors.setdefault((base, name[1:]), data)
        elif isinstance(name, str):
            base, _ = urldefrag(_joined(base, name))
            self._resources.setdefault(base, data)
        for keyword in ("$anchor", "$dynamicAnchor"):
            if isinstance(anchor := data.get(keyword), str):
                self._anchors.setdefault((base, anchor), data)
        return base

    def _link(self, each: Subschema) -> None:
        for keyword in _REFERENCES:
            reference = each.data.get(keyword)
            if not isinstance(reference, str):
                continue
            target = self._resolve(each, keyword, reference)
            if target is not None:
                each.apply(Role.SAME, target)
            if keyword == "$dynamicRef":  # at run time it may lead to any schema of that name
                _, anchor = urldefrag(reference)
                for other in self._dynamic.get(anchor, ()):
                    if other is not target:
                        each.apply(Role.SAME, other)

    def _resolve(self, each: Subschema, keyword: str, reference: str) -> Subschema | None:
        whole = (
            each.base + reference if reference.startswith("#") else _joined(each.base, reference)
        )
        resource, fragment = urldefrag(whole)
        at = below(each.at, keyword)
        if resource not in self._resources:
            self._found.add(
                at,
                f"'{reference[:200]}' is not in this schema, and nothing is fetched from elsewhere:"
                " put it under '$defs' and refer to it by '#/$defs/NAME' or its '$id'",
            )
            return None
        data, base = self._target(resource, unquote(fragment))
        if data is None:
            self._found.add(at, f"'{reference[:200]}' refers to nothing in this schema")
            return None
        return self._walk(data, at, base)

    def _target(self, resource: str, fragment: str) -> tuple[Json, str]:
        """Return what a fragment refers to and the base there; nothing is ``None``."""
        data = self._resources[resource]
        if fragment and not fragment.startswith("/"):
            return self._anchors.get((resource, fragment)), resource
        for token in fragment.split("/")[1:]:
            data = _member(data, token.replace("~1", "/").replace("~0", "~"))
            if isinstance(data, dict) and id(data) in self._by_identity:
                resource = self._by_identity[id(data)].base
        return data, resource


def _parts(data: dict[str, Any], at: str) -> Iterator[tuple[Role, Json, str]]:
    """Yield the schemas right below, at the places where schemas usually are."""
    for keyword, item in data.items():
        place = below(at, str(keyword))
        if isinstance(item, dict) and keyword in _MAPS:
            for name, part in item.items():
                yield _MAPS[keyword], part, below(place, str(name))
        elif isinstance(item, list) and keyword in _LISTS:
            for number, part in enumerate(item):
                yield _LISTS[keyword], part, below(place, number)
        elif keyword in _ONE:
            yield _ONE[keyword], item, place


def _member(data: Json, token: str) -> Json:
    if isinstance(data, dict):
        return data.get(token)
    if isinstance(data, list) and token.isdecimal() and int(token) < len(data):
        return data[int(token)]
    return None


def _joined(base: str, reference: str) -> str:
    try:
        return urljoin(base, reference)
    except ValueError:  # no URI at all; it is the name of nothing
        return reference


def in_order(subschemas: list[Subschema], found: Findings) -> list[Subschema]:
    """Return each subschema after those that it applies to the same value.

    Reports one that is applied to a value by itself, in a circle that never ends.
    """
    ordered: list[Subschema] = []
    heights: dict[int, int] = {}  # 0 while it is on the way
    for start in subschemas:
        waiting = [start]
        while waiting:
            each = waiting[-1]
            same = each.applied.get(Role.SAME, ())
            if id(each) not in heights:
                heights[id(each)] = 0
                fresh = [other for other in same if id(other) not in heights]
                circular = next((other for other in same if heights.get(id(other)) == 0), None)
                if circular is not None:
                    found.add(each.at, "this schema is applied to a value by itself, without end")
                    return []
                waiting += fresh
                continue
            waiting.pop()
            if heights[id(each)] == 0:
                heights[id(each)] = 1 + max((heights[id(other)] for other in same), default=0)
                ordered.append(each)
                if heights[id(each)] > MAX_CHAIN:
                    found.add(
                        each.at,
                        f"schemas may be applied to one value {MAX_CHAIN} levels deep, within each"
                        " other",
                    )
                    return []
    return ordered
