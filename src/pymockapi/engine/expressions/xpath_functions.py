"""The functions of XPath 1.0 (section 4), but for ``id`` and ``lang``."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Final

from pymockapi.engine.expressions.xml_documents import Node
from pymockapi.engine.expressions.xpath import Scope, Value, to_boolean
from pymockapi.engine.json_values import spend

_CALL: Final = 10  # steps, 5 us
_CHARS: Final = 64  # of texts that a function reads or makes, in one step
Function = Callable[..., Value]


def call(function: Function, scope: Scope, arguments: list[Value]) -> Value:
    """Call a function whose arguments are of its types. Raises ``ExpressionLimit``."""
    read = sum(len(each) for each in arguments if isinstance(each, str))
    spend(scope.context, _CALL + read // _CHARS)
    return function(scope, *arguments)


def _named(scope: Scope, nodes: list[Node] | None) -> Node | None:
    if nodes is None:
        return scope.node
    return nodes[0] if nodes else None


def _local_name(scope: Scope, nodes: list[Node] | None = None) -> str:
    node = _named(scope, nodes)
    return node.local if node else ""


def _name(scope: Scope, nodes: list[Node] | None = None) -> str:
    node = _named(scope, nodes)
    return node.name if node else ""


def _namespace_uri(scope: Scope, nodes: list[Node] | None = None) -> str:
    node = _named(scope, nodes)
    return node.namespace if node else ""


def _own(scope: Scope, text: str | None) -> str:
    return scope.text([scope.node]) if text is None else text


def _normalize(scope: Scope, text: str | None = None) -> str:
    spaced = _own(scope, text).translate({9: " ", 10: " ", 13: " "})
    return " ".join(filter(None, spaced.split(" ")))


def _substring(_: Scope, text: str, start: float, length: float = math.inf) -> str:
    first = _round(_, start)
    last = first + _round(_, length)
    if math.isnan(first) or math.isnan(last):
        return ""
    begin = int(max(1.0, min(first, len(text) + 1.0)))
    end = int(max(1.0, min(last, len(text) + 1.0)))
    return text[begin - 1 : end - 1]


def _translate(_: Scope, text: str, before: str, after: str) -> str:
    table: dict[int, str | None] = {}
    for n, char in enumerate(before):
        table.setdefault(ord(char), after[n] if n < len(after) else None)
    return text.translate(table)


def _sum(scope: Scope, nodes: list[Node]) -> float:
    return sum(scope.number([node]) for node in nodes)


def _round(_: Scope, number: float) -> float:
    return float(math.floor(number + 0.5)) if math.isfinite(number) else number


def _floor(_: Scope, number: float) -> float:
    return float(math.floor(number)) if math.isfinite(number) else number


def _ceiling(_: Scope, number: float) -> float:
    return float(math.ceil(number)) if math.isfinite(number) else number


FUNCTIONS: Final[dict[str, tuple[str, int, Function]]] = {
    "position": ("", 0, lambda scope: float(scope.position)),
    "last": ("", 0, lambda scope: float(scope.size)),
    "count": ("n", 1, lambda _, nodes: float(len(nodes))),
    "local-name": ("n", 0, _local_name),
    "name": ("n", 0, _name),
    "namespace-uri": ("n", 0, _namespace_uri),
    "string": ("s", 0, lambda scope, text=None: _own(scope, text)),
    "concat": ("s*", 2, lambda _, *texts: "".join(texts)),
    "starts-with": ("ss", 2, lambda _, text, start: text.startswith(start)),
    "contains": ("ss", 2, lambda _, text, part: part in text),
    "substring-before": (
        "ss",
        2,
        lambda _, text, at: text.partition(at)[0] if at in text and at else "",
    ),
    "substring-after": ("ss", 2, lambda _, text, at: text.partition(at)[2] if at else text),
    "substring": ("sff", 2, _substring),
    "string-length": ("s", 0, lambda scope, text=None: float(len(_own(scope, text)))),
    "normalize-space": ("s", 0, _normalize),
    "translate": ("sss", 3, _translate),
    "boolean": ("v", 1, lambda _, value: to_boolean(value)),
    "not": ("v", 1, lambda _, value: not to_boolean(value)),
    "true": ("", 0, lambda _: True),
    "false": ("", 0, lambda _: False),
    "number": (
        "f",
        0,
        lambda scope, number=None: scope.number([scope.node]) if number is None else number,
    ),
    "sum": ("n", 1, _sum),
    "floor": ("f", 1, _floor),
    "ceiling": ("f", 1, _ceiling),
    "round": ("f", 1, _round),
}
"""Each with the types of its arguments, how many it needs at least, and what it does.

``n`` is nodes, ``s`` a text, ``f`` a number, ``v`` any value; ``*`` repeats what is before it.
"""
