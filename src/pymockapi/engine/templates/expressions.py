"""Expressions of templates: a node of Jinja's tree becomes a function of the rendering.

A closed list of nodes; what is not on it is a ``Fault`` at its place. Nothing is compiled to code,
and no attribute of a Python object is ever read.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any, Final

from pymockapi.engine.json_values import MAX_BITS
from pymockapi.engine.templates.calls import Literal, bind, call, filtered, find_signature
from pymockapi.engine.templates.fakes import fake_function
from pymockapi.engine.templates.filters import FILTERS
from pymockapi.engine.templates.functions import FUNCTIONS
from pymockapi.engine.templates.inputs import (
    INPUTS,
    NAMED,
    REQUEST,
    Evaluate,
    notation,
    state_itself,
)
from pymockapi.engine.templates.operators import BINARY, COMPARISONS, Binary, negate
from pymockapi.engine.templates.paths import path_function
from pymockapi.engine.templates.predicates import TESTS
from pymockapi.engine.templates.runtime import Rendering, Value
from pymockapi.engine.templates.syntax import Fault, Lines
from pymockapi.engine.templates.values import is_true, member, present, text_of
from pymockapi.model.errors import nearest
from pymockapi.model.rendering import RenderingFailed
from pymockapi.model.stub import Json

MAX_DEPTH: Final = 40  # of an expression; three calls for each level
_REFUSED: Final = {
    "Pow": "'**' is no part of templates here",
    "MarkSafe": "this is no part of templates here",
}


class Expressions:
    """Reads the expressions of one template. ``slots`` are the variables in scope, by name."""

    def __init__(self, text: str, stand_in: str) -> None:
        self._lines = Lines(text)
        self.slots: dict[str, int] = {}
        self.most_slots = 0
        self.nodes = 0  # read so far
        self._stand_in = stand_in if "\r" in text else ""
        self._depth = 0

    def place(self, node: Any) -> str:
        return self._lines.place(node.lineno)

    def read(self, node: Any) -> Evaluate:
        """Return the function of an expression. Raises ``Fault``."""
        kind = type(node).__name__
        reader = _READERS.get(kind)
        if reader is None:
            raise Fault(node.lineno, _REFUSED.get(kind, "this is no part of templates here"))
        self.nodes += 1
        self._depth += 1
        if self._depth > MAX_DEPTH:
            raise Fault(node.lineno, f"an expression may be nested {MAX_DEPTH} deep")
        found = reader(self, node)
        self._depth -= 1
        return found

    def as_written(self, text: str) -> str:
        """Return ``text`` of the tree with the carriage returns that the template has."""
        return text.replace(self._stand_in, "\r") if self._stand_in else text

    def _const(self, node: Any) -> Evaluate:
        value = node.value
        if isinstance(value, str):
            value = self.as_written(value)
            if not value.isascii() and any("\ud800" <= letter <= "\udfff" for letter in value):
                raise Fault(node.lineno, "half of a surrogate pair is no text")
        elif isinstance(value, float) and not math.isfinite(value):
            raise Fault(node.lineno, "this is no number that JSON can write")
        elif isinstance(value, int) and value.bit_length() > MAX_BITS:
            raise Fault(node.lineno, f"a number may have {MAX_BITS:,} bits")
        return Literal(value)

    def _name(self, node: Any) -> Evaluate:
        name: str = node.name
        if name in self.slots:
            slot = self.slots[name]
            return lambda rendering: rendering.slots[slot]
        if name in INPUTS:
            return INPUTS[name]
        if name == "request":
            raise Fault(node.lineno, f"'request' has parts: {', '.join(REQUEST)}; name one")
        if name in FUNCTIONS or name == "jsonpath":
            raise Fault(node.lineno, f"'{name}' is a function; write {name}()")
        if name == "fake":
            raise Fault(node.lineno, "'fake' has functions; write fake.name()")
        raise Fault(node.lineno, self._unknown(name))

    def _unknown(self, name: str) -> str:
        if name in REQUEST:
            return f"there is no input '{name}'; did you mean 'request.{name}'?"
        known = [*self.slots, "request", *INPUTS]
        near = nearest(name, [*known, *FUNCTIONS, "jsonpath"], 1)
        hint = f"did you mean '{near[0]}'?" if near else f"there are {', '.join(known)}"
        return f"there is no input '{name[:60]}'; {hint}"

    def _member(self, node: Any) -> Evaluate:
        holder = node.node
        if type(node).__name__ == "Getattr":
            key: Evaluate = Literal(node.attr)
        elif type(node.arg).__name__ == "Slice":
            return self._slice(node)
        else:
            key = self.read(node.arg)
        if self._is_request(holder):
            return self._request_field(node, key)
        field = self._named_field(holder)
        if field is not None and isinstance(key, Literal) and isinstance(key.value, str):
            return NAMED[field](key.value)
        whole, what = self._holder(holder), describe(node)
        lowers = field == "headers"
        if isinstance(key, Literal):
            constant = key.value
            return lambda rendering: member(whole(rendering), constant, what)

        def read(rendering: Rendering) -> Value:
            name = key(rendering)
            if lowers and isinstance(name, str):
                name = name.lower()
            return member(whole(rendering), present(name), what)

        return read

    def _holder(self, node: Any) -> Evaluate:
        """Return the function of what a member is read of: of the state, no copy of it is made."""
        is_state = type(node).__name__ == "Name" and node.name == "state"
        whole = self.read(node)
        return state_itself if is_state and "state" not in self.slots else whole

    def _is_request(self, node: Any) -> bool:
        return (
            type(node).__name__ == "Name" and node.name == "request" and "request" not in self.slots
        )

    def _named_field(self, node: Any) -> str | None:
        """Return which field of the request ``node`` is, if it is one that is read by name."""
        kind = type(node).__name__
        if kind not in ("Getattr", "Getitem") or not self._is_request(node.node):
            return None
        name = node.attr if kind == "Getattr" else getattr(node.arg, "value", None)
        return name if isinstance(name, str) and name in NAMED else None

    def _request_field(self, node: Any, key: Evaluate) -> Evaluate:
        name = key.value if isinstance(key, Literal) else None
        if not isinstance(name, str):
            raise Fault(node.lineno, f"a part of 'request' is named: {', '.join(REQUEST)}")
        if name not in REQUEST:
            near = nearest(name, REQUEST, 1)
            hint = f"did you mean '{near[0]}'?" if near else f"there are {', '.join(REQUEST)}"
            raise Fault(node.lineno, f"'request' has no '{name[:60]}'; {hint}")
        return REQUEST[name]

    def _slice(self, node: Any) -> Evaluate:
        whole, where = self.read(node.node), self.place(node)
        bounds = [
            Literal(None) if each is None else self.read(each)
            for each in (node.arg.start, node.arg.stop, node.arg.step)
        ]

        def read(rendering: Rendering) -> Value:
            try:
                value = present(whole(rendering))
                return _sliced(value, [present(each(rendering)) for each in bounds], rendering)
            except RenderingFailed as failure:
                raise failure.at(where, "[:]") from None

        return read

    def _filter(self, node: Any) -> Evaluate:
        signature = find_signature(node.name, FILTERS, "filter", node.lineno)
        if node.node is None:
            raise Fault(node.lineno, "a filter goes with a value: {{ value | upper }}")
        value = self.read(node.node)
        arguments = bind(node.name, signature, *self._arguments(node), node.lineno)
        return filtered(node.name, signature, value, arguments, self.place(node))

    def _arguments(self, node: Any) -> tuple[list[Evaluate], dict[str, Evaluate]]:
        if node.dyn_args is not None or node.dyn_kwargs is not None:
            raise Fault(node.lineno, "arguments are written one by one, without * and **")
        given = [self.read(each) for each in node.args]
        return given, {each.key: self.read(each.value) for each in node.kwargs}

    def _call(self, node: Any) -> Evaluate:
        name = describe(node.node)
        if name.startswith("fake.") and "fake" not in self.slots:
            made = fake_function(
                name.removeprefix("fake."), *self._arguments(node), node.node.lineno
            )
            return call(name, made.run, (), self.place(node))
        is_name = type(node.node).__name__ == "Name"
        if not is_name or name in self.slots or name in INPUTS or name == "request":
            raise Fault(node.lineno, _no_function(name))
        given, named = self._arguments(node)
        if name == "jsonpath":
            signature, arguments = path_function(given, named, node.lineno)
            return call(name, signature.run, arguments, self.place(node))
        signature = find_signature(name, FUNCTIONS, "function", node.node.lineno, ", jsonpath")
        return call(
            name, signature.run, bind(name, signature, given, named, node.lineno), self.place(node)
        )

    def _binary(self, node: Any) -> Evaluate:
        run = BINARY[type(node).__name__]
        return _operated(run, self.read(node.left), self.read(node.right), self.place(node))

    def _compare(self, node: Any) -> Evaluate:
        where, first = self.place(node), self.read(node.expr)
        rest = [(COMPARISONS[each.op], self.read(each.expr)) for each in node.ops]
        if len(rest) == 1:
            run, other = rest[0]
            return _operated(run, first, other, where)

        def compare(rendering: Rendering) -> Value:
            try:
                left = first(rendering)
                for run, right in rest:
                    value = right(rendering)
                    if not run(rendering, left, value):
                        return False
                    left = value
            except RenderingFailed as failure:
                raise failure.at(where) from None
            return True

        return compare

    def _and(self, node: Any) -> Evaluate:
        left, right = self.read(node.left), self.read(node.right)

        def both(rendering: Rendering) -> Value:
            value = left(rendering)
            return right(rendering) if is_true(value) else value

        return both

    def _or(self, node: Any) -> Evaluate:
        left, right = self.read(node.left), self.read(node.right)

        def either(rendering: Rendering) -> Value:
            value = left(rendering)
            return value if is_true(value) else right(rendering)

        return either

    def _not(self, node: Any) -> Evaluate:
        value = self.read(node.node)
        return lambda rendering: not is_true(value(rendering))

    def _sign(self, node: Any) -> Evaluate:
        value, where, is_minus = (
            self.read(node.node),
            self.place(node),
            type(node).__name__ == "Neg",
        )

        def signed(rendering: Rendering) -> Value:
            try:
                negated: Any = negate(value(rendering))
            except RenderingFailed as failure:
                raise failure.at(where) from None
            return negated if is_minus else -negated

        if isinstance(value, Literal) and type(value.value) in (int, float):
            return Literal(-value.value if is_minus else value.value)
        return signed

    def _conditional(self, node: Any) -> Evaluate:
        test, then = self.read(node.test), self.read(node.expr1)
        otherwise: Evaluate = Literal("") if node.expr2 is None else self.read(node.expr2)
        return lambda rendering: (then if is_true(test(rendering)) else otherwise)(rendering)

    def _joined(self, node: Any) -> Evaluate:
        parts, where = [self.read(each) for each in node.nodes], self.place(node)

        def join(rendering: Rendering) -> Value:
            try:
                texts = [text_of(each(rendering), rendering) for each in parts]
                rendering.take(sum(map(len, texts)))
            except RenderingFailed as failure:
                raise failure.at(where, "~") from None
            return "".join(texts)

        return join

    def _list(self, node: Any) -> Evaluate:
        items = [self.read(each) for each in node.items]

        def make(rendering: Rendering) -> Value:
            rendering.take(len(items))
            return [present(each(rendering)) for each in items]

        return make

    def _dict(self, node: Any) -> Evaluate:
        items = [(self.read(each.key), self.read(each.value)) for each in node.items]
        where = self.place(node)

        def make(rendering: Rendering) -> Value:
            rendering.take(len(items))
            made: dict[str, Json] = {}
            for key, value in items:
                name = present(key(rendering))
                if not isinstance(name, str):
                    raise RenderingFailed("names of an object are texts").at(where)
                made[name] = present(value(rendering))
            return made

        return make

    def _test(self, node: Any) -> Evaluate:
        test = TESTS.get(node.name)
        if test is None:
            near = nearest(node.name, TESTS, 1)
            hint = f"did you mean '{near[0]}'?" if near else f"there are {', '.join(TESTS)}"
            raise Fault(node.lineno, f"there is no test '{node.name[:60]}'; {hint}")
        if node.args or node.kwargs or node.dyn_args or node.dyn_kwargs:
            raise Fault(node.lineno, f"the test '{node.name}' takes no arguments")
        value = self.read(node.node)
        return lambda rendering: test(value(rendering))


def _no_function(name: str) -> str:
    value, _, method = name.rpartition(".")
    hint = f"there are {_KNOWN_FUNCTIONS}"
    if value and method in FILTERS:
        hint = f"'{method}' is a filter: {{{{ {value} | {method} }}}}"
    return f"'{name}' is no function; {hint}"


def _operated(run: Binary, left: Evaluate, right: Evaluate, where: str) -> Evaluate:
    def operate(rendering: Rendering) -> Value:
        try:
            return run(rendering, left(rendering), right(rendering))
        except RenderingFailed as failure:
            raise failure.at(where) from None
        except OverflowError:
            raise RenderingFailed("the result is no number that JSON can write").at(where) from None

    return operate


def _sliced(value: Json, bounds: list[Json], rendering: Rendering) -> Json:
    if not isinstance(value, str | list):
        raise RenderingFailed("a part can be taken of a text or a list")
    if any(each is not None and type(each) is not int for each in bounds) or bounds[2] == 0:
        raise RenderingFailed("bounds are whole numbers, and the step is not 0")
    part = slice(*bounds)
    rendering.take(len(range(*part.indices(len(value)))))
    return value[part]


def describe(node: Any) -> str:
    """Return how an expression is written, in short: ``request.json.items[0]``."""
    kind = type(node).__name__
    if kind == "Name":
        return str(node.name)
    if kind == "Getattr":
        return f"{describe(node.node)}.{node.attr}"
    if kind == "Getitem" and type(node.arg).__name__ == "Const":
        return describe(node.node) + notation(node.arg.value)
    if kind == "Getitem":
        return f"{describe(node.node)}[...]"
    return f"({kind.lower()})" if kind != "Call" else f"{describe(node.node)}(...)"


_KNOWN_FUNCTIONS: Final = ", ".join(f"{name}()" for name in (*FUNCTIONS, "jsonpath"))
_READERS: Final[dict[str, Callable[[Expressions, Any], Evaluate]]] = {
    "Const": Expressions._const,
    "Name": Expressions._name,
    "Getattr": Expressions._member,
    "Getitem": Expressions._member,
    "Filter": Expressions._filter,
    "Test": Expressions._test,
    "Call": Expressions._call,
    **dict.fromkeys(BINARY, Expressions._binary),
    "Compare": Expressions._compare,
    "And": Expressions._and,
    "Or": Expressions._or,
    "Not": Expressions._not,
    "Neg": Expressions._sign,
    "Pos": Expressions._sign,
    "CondExpr": Expressions._conditional,
    "Concat": Expressions._joined,
    "List": Expressions._list,
    "Tuple": Expressions._list,
    "Dict": Expressions._dict,
}
