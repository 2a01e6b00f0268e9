"""XPath 1.0 evaluated in steps that are counted: values, axes, steps, operators.

``xpath_reading`` makes these of an expression, ``xpath_functions`` has the functions. A value is
a text, a number, a boolean or a list of nodes in document order.
"""

from __future__ import annotations

import math
import operator
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from decimal import Decimal
from typing import Final

import msgspec

from pymockapi.engine.expressions.xml_documents import Document, Kind, Node
from pymockapi.engine.json_values import spend
from pymockapi.model.stub import Context

Value = str | float | bool | list[Node]
_VISIT: Final = 4  # steps for a node on an axis or a predicate, 2 us
_OPERATION: Final = 8  # 4 us
_NUMBER: Final = re.compile(r"-?(?:\d+(?:\.\d*)?|\.\d+)", re.ASCII)
_SPACE: Final = " \t\r\n"


class Scope(msgspec.Struct):
    """Where an expression is evaluated: at ``node``, the ``position``-th of ``size``."""

    document: Document
    context: Context
    node: Node
    position: int = 1
    size: int = 1

    def text(self, value: Value) -> str:
        if isinstance(value, list):
            return self.document.text_of(value[0], self.context) if value else ""
        return value if isinstance(value, str) else plain_text(value)

    def texts(self, nodes: Iterable[Node]) -> list[str]:
        return [self.document.text_of(node, self.context) for node in nodes]

    def number(self, value: Value) -> float:
        return to_number(self.text(value) if isinstance(value, list) else value)


Expression = Callable[[Scope], Value]


def plain_text(value: bool | float) -> str:
    """Return a boolean or number as ``string()`` does: without exponents, whole ones without a dot."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if not math.isfinite(value):
        return "NaN" if math.isnan(value) else "Infinity" if value > 0 else "-Infinity"
    return f"{int(value)}" if value == int(value) else f"{Decimal(repr(value)):f}"


def to_number(value: str | float | bool) -> float:
    if not isinstance(value, str):
        return float(value)
    text = value.strip(_SPACE)
    return float(text) if len(text) < 1000 and _NUMBER.fullmatch(text) else math.nan


def to_boolean(value: Value) -> bool:
    return not math.isnan(value) and value != 0 if isinstance(value, float) else bool(value)


# Axes: the nodes that lie so from one, nearest first.


def _child(document: Document, node: Node) -> Iterable[Node]:
    return document.children(node)


def _attribute(document: Document, node: Node) -> Iterable[Node]:
    return document.attributes(node) if node.kind is Kind.ELEMENT else ()


def _descendant(document: Document, node: Node) -> Iterable[Node]:
    return document.descendants(node)


def _descendant_or_self(document: Document, node: Node) -> Iterator[Node]:
    yield node
    yield from document.descendants(node)


def _self(_: Document, node: Node) -> Iterable[Node]:
    return (node,)


def _parent(document: Document, node: Node) -> Iterable[Node]:
    return () if node.kind is Kind.ROOT else (document.nodes[node.parent],)


def _ancestor(document: Document, node: Node) -> Iterator[Node]:
    while node.kind is not Kind.ROOT:
        node = document.nodes[node.parent]
        yield node


def _ancestor_or_self(document: Document, node: Node) -> Iterator[Node]:
    yield node
    yield from _ancestor(document, node)


def _following_sibling(document: Document, node: Node) -> Iterator[Node]:
    if node.kind is not Kind.ATTRIBUTE:
        at, end = node.end, document.nodes[node.parent].end
        while node.kind is not Kind.ROOT and at < end:
            yield document.nodes[at]
            at = document.nodes[at].end


def _preceding_sibling(document: Document, node: Node) -> Iterable[Node]:
    if node.kind in (Kind.ATTRIBUTE, Kind.ROOT):
        return ()
    before = []
    for each in document.children(document.nodes[node.parent]):
        if each is node:
            break
        before.append(each)
    return reversed(before)


AXES: Final[dict[str, Callable[[Document, Node], Iterable[Node]]]] = {
    "child": _child,
    "attribute": _attribute,
    "descendant": _descendant,
    "descendant-or-self": _descendant_or_self,
    "self": _self,
    "parent": _parent,
    "ancestor": _ancestor,
    "ancestor-or-self": _ancestor_or_self,
    "following-sibling": _following_sibling,
    "preceding-sibling": _preceding_sibling,
}


class Test(msgspec.Struct, frozen=True):
    """What a node must be: of ``kind`` (``None``: any), so called (``None``: anything)."""

    __test__ = False
    kind: Kind | None
    local: str | None = None
    namespace: str | None = None

    def fits(self, node: Node) -> bool:
        return (
            (self.kind is None or node.kind is self.kind)
            and (self.local is None or node.local == self.local)
            and (self.namespace is None or node.namespace == self.namespace)
        )


class Step(msgspec.Struct, frozen=True):
    axis: str
    test: Test
    predicates: tuple[Expression, ...] = ()

    def select(self, nodes: Sequence[Node], scope: Scope) -> list[Node]:
        """Return what the step reaches from ``nodes``, in document order. Each node is four steps of the budget."""
        axis, fits, context = AXES[self.axis], self.test.fits, scope.context
        reached: dict[int, Node] = {}
        for node in nodes:
            found = []
            for each in axis(scope.document, node):
                spend(context, _VISIT)
                if fits(each):
                    found.append(each)
            for predicate in self.predicates:
                found = filtered(found, predicate, scope)
            for each in found:
                reached[each.at] = each
        return [reached[at] for at in sorted(reached)]


def filtered(nodes: Sequence[Node], predicate: Expression, scope: Scope) -> list[Node]:
    kept = []
    for position, node in enumerate(nodes, 1):
        spend(scope.context, _VISIT)
        at = Scope(scope.document, scope.context, node, position, len(nodes))
        value = predicate(at)
        is_kept = value == position if type(value) is float else to_boolean(value)
        if is_kept:
            kept.append(node)
    return kept


class Path(msgspec.Struct, frozen=True):
    """Steps from the root, from the node at hand (``start`` is ``None``), or from what an
    expression selects."""

    steps: tuple[Step, ...]
    start: Expression | None = None

    def __call__(self, scope: Scope) -> Value:
        nodes = [scope.node] if self.start is None else self.start(scope)
        if not isinstance(nodes, list):
            return []  # the reader lets only what selects nodes stand here
        for step in self.steps:
            nodes = step.select(nodes, scope)
        return nodes


def root(scope: Scope) -> Value:
    return [scope.document.root]


def operate(sign: str, left: Value, operand: Expression, scope: Scope) -> Value:
    """Return ``left`` and what ``operand`` yields, joined by an operator; it is counted."""
    spend(scope.context, _OPERATION)
    if sign in ("or", "and"):
        decided = to_boolean(left) == (sign == "or")
        return sign == "or" if decided else to_boolean(operand(scope))
    right = operand(scope)
    if sign in _ORDER or sign in ("=", "!="):
        return compare(sign, left, right, scope)
    return calculate(sign, scope.number(left), scope.number(right))


def compare(sign: str, left: Value, right: Value, scope: Scope) -> bool:
    """Compare as section 3.4 says: of lists of nodes, whether some pair fits."""
    if isinstance(left, bool) or isinstance(right, bool):
        if sign in ("=", "!="):
            return (to_boolean(left) == to_boolean(right)) == (sign == "=")
        return bool(_ORDER[sign](_truth(left, scope), _truth(right, scope)))
    lefts = scope.texts(left) if isinstance(left, list) else [left]
    rights = scope.texts(right) if isinstance(right, list) else [right]
    if sign in _ORDER or any(isinstance(each, float) for each in (left, right)):
        return _some_numbers(sign, list(map(to_number, lefts)), list(map(to_number, rights)))
    one, other = set(lefts), set(rights)
    if sign == "=":
        return not one.isdisjoint(other)
    return bool(one and other) and len(one | other) > 1


def _truth(value: Value, scope: Scope) -> float:
    return float(to_boolean(value)) if isinstance(value, list | bool) else scope.number(value)


def _some_numbers(sign: str, left: list[float], right: list[float]) -> bool:
    if sign == "!=":  # NaN is unlike everything, itself too
        differ = any(map(math.isnan, (*left, *right))) or len({*left, *right}) > 1
        return bool(left and right) and differ
    left = [each for each in left if not math.isnan(each)]
    right = [each for each in right if not math.isnan(each)]
    if not left or not right:
        return False
    if sign == "=":
        return not set(left).isdisjoint(right)
    ends = (min(left), max(right)) if sign in ("<", "<=") else (max(left), min(right))
    return bool(_ORDER[sign](*ends))


def calculate(sign: str, left: float, right: float) -> float:
    """Calculate as IEEE 754 does; the sign of ``mod`` is that of the dividend."""
    if sign == "div" and right == 0:
        return (
            math.nan
            if left == 0 or math.isnan(left)
            else math.copysign(math.inf, left) * math.copysign(1.0, right)
        )
    if sign == "mod":
        undefined = right == 0 or math.isinf(left)
        return math.nan if undefined else math.fmod(left, right)
    return float(_ARITHMETIC[sign](left, right))


_ORDER: Final[dict[str, Callable[[float, float], bool]]] = {
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}
_ARITHMETIC: Final[dict[str, Callable[[float, float], float]]] = {
    "+": operator.add,
    "-": operator.sub,
    "*": operator.mul,
    "div": operator.truediv,
}
