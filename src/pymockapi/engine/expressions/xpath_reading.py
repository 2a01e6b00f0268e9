"""Reading XPath 1.0: expressions whose evaluation is counted, and errors that say where.

All of the language but variables, ``id``, ``lang``, the axes ``following``, ``preceding`` and
``namespace``, comments and processing instructions.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Final

from pymockapi.engine.expressions.xml_documents import Kind, Node
from pymockapi.engine.expressions.xpath import (
    AXES,
    Expression,
    Path,
    Scope,
    Step,
    Test,
    Value,
    filtered,
    operate,
    root,
)
from pymockapi.engine.expressions.xpath_functions import FUNCTIONS, call
from pymockapi.model.errors import nearest
from pymockapi.model.reader import Findings, kind_of

MAX_CHARS: Final = 1_024
MAX_NESTING: Final = 20  # brackets in brackets
_NAME: Final = r"[^\W\d][\w.·-]*"
_TOKEN: Final = re.compile(
    rf"""\s*(?:(?P<number>\d+(?:\.\d*)?|\.\d+)|(?P<text>"[^"]*"|'[^']*')"""
    rf"|(?P<name>{_NAME}(?::(?:{_NAME}|\*))?)|(?P<sign>::|//|\.\.|!=|<=|>=|[()\[\].@,|+=<>/*$-]))"
)
_NODES: Final = Test(None)
_ANYWHERE: Final = Step("descendant-or-self", _NODES)
_LEVELS: Final[tuple[tuple[str, ...], ...]] = (
    ("or",),
    ("and",),
    ("=", "!="),
    ("<", "<=", ">", ">="),
    ("+", "-"),
    ("*", "div", "mod"),
)  # weakest first


class _Problem(Exception):
    """What is wrong with an expression."""


def read_xpath(
    data: object, at: str, found: Findings, namespaces: Mapping[str, str]
) -> Expression | None:
    """Return what evaluates the expression ``data``; reports an error and returns ``None``."""
    if not isinstance(data, str):
        found.add(at, f"expected an XPath expression, got {kind_of(data)}")
        return None
    if len(data) > MAX_CHARS:
        found.add(at, f"an XPath may have {MAX_CHARS:,} characters, this one has {len(data):,}")
        return None
    try:
        return _Reader(data, namespaces).whole()
    except _Problem as problem:
        found.add(at, f"this is no XPath 1.0 that is evaluated here: {problem}")
        return None


class _Reader:
    def __init__(self, text: str, namespaces: Mapping[str, str]) -> None:
        self._tokens = _tokens(text)
        self._next = 0
        self._namespaces = namespaces
        self._room = MAX_NESTING

    def whole(self) -> Expression:
        expression = self._binary(0)
        if self._kind:
            raise _Problem(f"{self._here} is not expected")
        return expression

    # Tokens

    @property
    def _kind(self) -> str:
        return self._tokens[self._next][0]

    @property
    def _token(self) -> str:
        return self._tokens[self._next][1]

    @property
    def _here(self) -> str:
        kind, token, at = self._tokens[self._next]
        return f"'{token[:50]}' at character {at + 1}" if kind else "the end"

    def _take(self) -> str:
        token = self._token
        self._next += 1
        return token

    def _is(self, *signs: str) -> bool:
        return self._kind == "sign" and self._token in signs

    def _follows(self, sign: str) -> bool:
        following = self._tokens[self._next + 1 : self._next + 2]
        return bool(following) and following[0][:2] == ("sign", sign)

    def _skip(self, sign: str) -> bool:
        if not self._is(sign):
            return False
        self._next += 1
        return True

    def _expect(self, sign: str) -> None:
        if not self._skip(sign):
            raise _Problem(f"'{sign}' is expected in place of {self._here}")

    def _nested(self, read: Callable[[], Expression], closing: str) -> Expression:
        self._room -= 1
        if self._room < 0:
            raise _Problem(f"brackets may be nested {MAX_NESTING} deep")
        expression = read()
        self._room += 1
        self._expect(closing)
        return expression

    # Operators

    def _binary(self, level: int) -> Expression:
        if level == len(_LEVELS):
            return self._unary()
        first = self._binary(level + 1)
        rest: list[tuple[str, Expression]] = []
        while self._kind in ("sign", "name") and self._token in _LEVELS[level]:
            rest.append((self._take(), self._binary(level + 1)))
        return _operations(first, tuple(rest)) if rest else first

    def _unary(self) -> Expression:
        signs = 0
        while self._skip("-"):
            signs += 1
        operand = self._union()
        if not signs:
            return operand
        factor = -1.0 if signs % 2 else 1.0
        return lambda scope: factor * scope.number(operand(scope))

    def _union(self) -> Expression:
        first = self._path()
        if not self._is("|"):
            return first
        sides = [_nodes(first, "|")]
        while self._skip("|"):
            sides.append(_nodes(self._path(), "|"))
        return _union(sides)

    # Paths

    def _path(self) -> Expression:
        if self._is("/", "//"):
            return self._absolute()
        if self._kind in ("number", "text") or self._is("(", "$") or self._is_call():
            return self._filtered()
        return Path(tuple(self._steps()))

    def _is_call(self) -> bool:
        return self._kind == "name" and self._token not in ("text", "node") and self._follows("(")

    def _absolute(self) -> Expression:
        if self._skip("//"):
            return Path((_ANYWHERE, *self._steps()), root)
        self._take()
        begins_step = self._kind == "name" or self._is("*", ".", "..", "@")
        return Path(tuple(self._steps()), root) if begins_step else Path((), root)

    def _filtered(self) -> Expression:
        expression = self._primary()
        predicates = []
        while self._skip("["):
            predicates.append(self._nested(lambda: self._binary(0), "]"))
        if predicates:
            expression = _filter(_nodes(expression, "["), predicates)
        if self._skip("//"):
            return Path((_ANYWHERE, *self._steps()), _nodes(expression, "//"))
        if self._skip("/"):
            return Path(tuple(self._steps()), _nodes(expression, "/"))
        return expression

    def _primary(self) -> Expression:
        if self._skip("("):
            return self._nested(lambda: self._binary(0), ")")
        if self._is("$"):
            raise _Problem("there are no variables")
        kind, token = self._kind, self._take()
        if kind == "number":
            return _constant(float(token))
        return _constant(token[1:-1]) if kind == "text" else self._call(token)

    def _call(self, name: str) -> Expression:
        if name not in FUNCTIONS:
            near = nearest(name, FUNCTIONS, 1)
            hint = f"; did you mean '{near[0]}'?" if near else ""
            raise _Problem(f"there is no function '{name[:50]}'{hint}")
        self._expect("(")
        given: list[Expression] = []
        if not self._is(")"):
            given.append(self._nested_argument())
            while self._skip(","):
                given.append(self._nested_argument())
        self._expect(")")
        return _function(name, given)

    def _nested_argument(self) -> Expression:
        self._room -= 1
        if self._room < 0:
            raise _Problem(f"brackets may be nested {MAX_NESTING} deep")
        expression = self._binary(0)
        self._room += 1
        return expression

    def _steps(self) -> list[Step]:
        steps = [self._step()]
        while self._is("/", "//"):
            if self._take() == "//":
                steps.append(_ANYWHERE)
            steps.append(self._step())
        return steps

    def _step(self) -> Step:
        if self._skip("."):
            return Step("self", _NODES)
        if self._skip(".."):
            return Step("parent", _NODES)
        axis = "child"
        if self._skip("@"):
            axis = "attribute"
        elif self._kind == "name" and self._follows("::"):
            axis = self._axis()
        test = self._test(axis)
        predicates = []
        while self._skip("["):
            predicates.append(self._nested(lambda: self._binary(0), "]"))
        return Step(axis, test, tuple(predicates))

    def _axis(self) -> str:
        axis = self._take()
        self._take()
        if axis not in AXES:
            raise _Problem(f"there is no axis '{axis[:50]}'; known: {', '.join(AXES)}")
        return axis

    def _test(self, axis: str) -> Test:
        kind = Kind.ATTRIBUTE if axis == "attribute" else Kind.ELEMENT
        if self._skip("*"):
            return Test(kind)
        if self._kind != "name":
            raise _Problem(f"a name is expected in place of {self._here}")
        name = self._take()
        if self._skip("("):
            self._expect(")")
            if name not in ("text", "node"):
                raise _Problem(f"'{name[:50]}()' is no test; text() and node() are")
            return Test(Kind.TEXT) if name == "text" else _NODES
        prefix, colon, local = name.partition(":")
        if not colon:
            return Test(kind, name, "")
        if prefix not in self._namespaces:
            known = ", ".join(self._namespaces) or "none"
            raise _Problem(f"the prefix '{prefix[:50]}' is not among 'namespaces' (known: {known})")
        return Test(kind, None if local == "*" else local, self._namespaces[prefix])


def _tokens(text: str) -> list[tuple[str, str, int]]:
    found: list[tuple[str, str, int]] = []
    at, end = 0, len(text.rstrip())
    while at < end:
        token = _TOKEN.match(text, at)
        if token is None:
            start = at + len(text[at:]) - len(text[at:].lstrip())
            raise _Problem(f"'{text[start : start + 20]}' at character {start + 1} cannot be read")
        kind = str(token.lastgroup)
        found.append((kind, token[kind], token.start(kind)))
        at = token.end()
    return [*found, ("", "", end)]


def _constant(value: Value) -> Expression:
    return lambda _: value


def _nodes(expression: Expression, sign: str) -> Expression:
    """Return ``expression`` if it selects nodes, as only paths do."""
    if not isinstance(expression, Path):
        raise _Problem(f"'{sign}' takes what selects nodes, such as a path")
    return expression


def _operations(first: Expression, rest: tuple[tuple[str, Expression], ...]) -> Expression:
    """Return what evaluates operators of one strength from left to right, in a loop."""

    def evaluated(scope: Scope) -> Value:
        value = first(scope)
        for sign, operand in rest:
            value = operate(sign, value, operand, scope)
        return value

    return evaluated


def _union(sides: list[Expression]) -> Expression:
    def united(scope: Scope) -> Value:
        nodes = {node.at: node for side in sides for node in _as_nodes(side(scope))}
        return [nodes[at] for at in sorted(nodes)]

    return Path((), united)


def _filter(selects: Expression, predicates: list[Expression]) -> Expression:
    def selected(scope: Scope) -> Value:
        nodes = _as_nodes(selects(scope))
        for predicate in predicates:
            nodes = filtered(nodes, predicate, scope)
        return nodes

    return Path((), selected)


def _as_nodes(value: Value) -> list[Node]:
    return value if isinstance(value, list) else []


def _function(name: str, given: list[Expression]) -> Expression:
    types, least, function = FUNCTIONS[name]
    if types.endswith("*"):
        types = types[0] * max(len(given), least)
    if not least <= len(given) <= len(types):
        span = f"{least}" if least == len(types) else f"{least} or {len(types)}"
        raise _Problem(f"{name}() takes {span} arguments, not {len(given)}")
    for kind, argument in zip(types, given, strict=False):
        if kind == "n":
            _nodes(argument, f"{name}()")

    def called(scope: Scope) -> Value:
        values = [
            _converted(kind, argument(scope), scope)
            for kind, argument in zip(types, given, strict=False)
        ]
        return call(function, scope, values)

    return called


def _converted(kind: str, value: Value, scope: Scope) -> Value:
    return scope.text(value) if kind == "s" else scope.number(value) if kind == "f" else value
