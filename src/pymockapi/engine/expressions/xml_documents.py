"""XML of a request as one list of nodes in document order, without entities and without a network.

Expat parses, and this keeps what XPath's data model has but for comments and processing
instructions, which are as if they were not there. A DTD within the document is refused, since it
may define entities and attributes that multiply. A node knows others by their places in the list,
so that a document is freed at once.
"""

from __future__ import annotations

from collections.abc import Iterator
from enum import Enum
from typing import Final
from xml.parsers import expat

import msgspec

from pymockapi.engine.json_values import spend
from pymockapi.model.errors import ExpressionLimit
from pymockapi.model.stub import Context

MAX_LEVELS: Final = 100
_TAG_STEPS: Final = 5  # 2.5 us for an element, its end, or whatever else a bracket begins
_ATTRIBUTE_STEPS: Final = 6
_BREAKS: Final = 8  # lines and references, which interrupt a text, that are read in one step
_BYTES: Final = 256
_CHARS: Final = 64  # of text that are gathered in one step
_BUFFER: Final = 1_048_576  # text comes in one piece


class Kind(Enum):
    ROOT = "root"
    ELEMENT = "element"
    ATTRIBUTE = "attribute"
    TEXT = "text"


class Node(msgspec.Struct, gc=False, eq=False):
    """``at`` is its place, ``end`` the place after all within it, ``parent`` that of its parent.

    ``name`` is as it was written, ``local`` without its prefix. ``text`` is that of a text or an
    attribute.
    """

    at: int
    parent: int
    kind: Kind
    end: int = 0
    namespace: str = ""
    local: str = ""
    name: str = ""
    text: str = ""


class Document:
    """``nodes`` in document order; the first is the root, attributes follow their element."""

    __slots__ = ("nodes",)

    def __init__(self, nodes: list[Node]) -> None:
        self.nodes = nodes

    @property
    def root(self) -> Node:
        return self.nodes[0]

    def children(self, node: Node) -> Iterator[Node]:
        """Yield the elements and texts directly within ``node``."""
        for each in self._direct(node):
            if each.kind is not Kind.ATTRIBUTE:
                yield each

    def attributes(self, node: Node) -> Iterator[Node]:
        for each in self._direct(node):
            if each.kind is not Kind.ATTRIBUTE:
                return
            yield each

    def _direct(self, node: Node) -> Iterator[Node]:
        at = node.at + 1
        while at < node.end:
            each = self.nodes[at]
            yield each
            at = each.end

    def descendants(self, node: Node) -> Iterator[Node]:
        for each in self.nodes[node.at + 1 : node.end]:
            if each.kind is not Kind.ATTRIBUTE:
                yield each

    def text_of(self, node: Node, context: Context) -> str:
        """Return the string-value: of an element, all text within. Raises ``ExpressionLimit``."""
        if node.kind in (Kind.TEXT, Kind.ATTRIBUTE):
            return node.text
        within = self.nodes[node.at + 1 : node.end]
        spend(context, 1 + len(within) // 4)
        text = "".join([each.text for each in within if each.kind is Kind.TEXT])
        spend(context, len(text) // _CHARS)
        return text


class NoXml(Exception):
    """Why a text is no XML that is read, as it reads after "no XML: "."""


def parse_xml(content: bytes, context: Context | None = None) -> Document:
    """Raises ``NoXml``, and ``ExpressionLimit`` for what takes too long or is nested too deep."""
    if context is not None:
        spend(context, _cost(content))
    builder = _Builder()
    parser = expat.ParserCreate(namespace_separator=" ")
    parser.namespace_prefixes = True
    parser.ordered_attributes = True
    parser.buffer_text = True
    parser.buffer_size = max(1, min(len(content), _BUFFER))
    parser.StartElementHandler = builder.start
    parser.EndElementHandler = builder.end
    parser.CharacterDataHandler = builder.text
    parser.StartDoctypeDeclHandler = _refuse_dtd
    parser.SkippedEntityHandler = _refuse_entity
    try:
        parser.Parse(content, True)
    except expat.ExpatError as error:
        reason = expat.ErrorString(error.code)
        raise NoXml(f"{reason} (line {error.lineno}, column {error.offset + 1})") from None
    except (LookupError, ValueError):
        raise NoXml("its encoding is unknown") from None
    builder.nodes[0].end = len(builder.nodes)
    return Document(builder.nodes)


def _cost(content: bytes) -> int:
    """Return the steps that reading may take beside those that any body takes."""
    breaks = content.count(b"&") + content.count(b"\n") + content.count(b"\r")
    tags, attributes = content.count(b"<"), content.count(b"=")
    parts = _TAG_STEPS * tags + _ATTRIBUTE_STEPS * attributes + breaks // _BREAKS
    return parts + len(content) // _BYTES


def _refuse_dtd(_name: str, _system: str | None, _public: str | None, has_subset: bool) -> None:
    if has_subset:
        raise NoXml("it has a DTD within it, and such documents are not read")


def _refuse_entity(name: str, _is_parameter: bool) -> None:
    raise NoXml(f"the entity '{name[:50]}' is not defined")


class _Builder:
    __slots__ = ("_open", "nodes")

    def __init__(self) -> None:
        self.nodes = [Node(0, 0, Kind.ROOT)]
        self._open = [0]

    def start(self, name: str, attributes: list[str]) -> None:
        if len(self._open) > MAX_LEVELS:
            raise ExpressionLimit(
                f"The XML body is nested deeper than {MAX_LEVELS} levels, which are read."
            )
        element = self._add(Kind.ELEMENT, name)
        self._open.append(element.at)
        for n in range(0, len(attributes), 2):
            attribute = self._add(Kind.ATTRIBUTE, attributes[n])
            attribute.text = attributes[n + 1]
            attribute.end = attribute.at + 1

    def end(self, _name: str) -> None:
        self.nodes[self._open.pop()].end = len(self.nodes)

    def text(self, text: str) -> None:
        last = self.nodes[-1]
        if last.kind is Kind.TEXT and last.parent == self._open[-1] and last.end == len(self.nodes):
            last.text += text
            return
        node = Node(len(self.nodes), self._open[-1], Kind.TEXT, len(self.nodes) + 1, text=text)
        self.nodes.append(node)

    def _add(self, kind: Kind, name: str) -> Node:
        namespace, local, prefix = "", name, ""
        if " " in name:
            namespace, local, *rest = name.split(" ")
            prefix = f"{rest[0]}:" if rest else ""
        node = Node(len(self.nodes), self._open[-1], kind, 0, namespace, local, prefix + local)
        self.nodes.append(node)
        return node
