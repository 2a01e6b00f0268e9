"""A template whole: text, values, ``if`` and ``for``; what it makes is text, or one typed value.

Loops take steps before each turn, as many as their body has nodes, so that the time of a
rendering is bounded by its steps.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from typing import Any, Final

from pymockapi.engine.templates.expressions import Expressions
from pymockapi.engine.templates.inputs import Evaluate
from pymockapi.engine.templates.runtime import Rendering, Value
from pymockapi.engine.templates.syntax import Fault, Tokens, parse
from pymockapi.engine.templates.values import is_true, present, shown, text_of
from pymockapi.model.rendering import RenderingFailed
from pymockapi.model.stub import Json

_HALF: Final = re.compile("[\ud800-\udfff]")
Write = Callable[[Rendering, list[str]], None]


class Template:
    """A template as it was read; ``slots`` is how many variables its loops have at once."""

    __slots__ = ("_value", "_write", "slots")

    def __init__(self, write: Write, value: Evaluate | None, slots: int) -> None:
        self._write = write
        self._value = value
        self.slots = slots

    def value(self, rendering: Rendering) -> Json:
        """Return what it makes: the value itself of a single expression, else a text.

        Raises ``RenderingFailed`` with the place in the template.
        """
        if self._value is None:
            return self.render(rendering)
        try:
            return present(self._value(rendering))
        except RenderingFailed as failure:
            raise failure.at("line 1, column 1") from None

    def render(self, rendering: Rendering) -> str:
        """Return what it makes, as text. Raises ``RenderingFailed`` with the place in it."""
        parts: list[str] = []
        self._write(rendering, parts)
        return "".join(parts)


def read_template(text: str, tokens: Tokens) -> Template:
    """Return the template that ``text`` is; raises ``Fault``. ``tokens`` are those of its response."""
    if not text.isascii() and (half := _HALF.search(text)):
        raise Fault(half.start(), "half of a surrogate pair is no text")
    if not is_template(text):
        return Template(_writing_text(text), None, 0)
    tree, stand_in = parse(text, tokens)
    blocks = _Blocks(Expressions(text, stand_in))
    write = blocks.read(tree.body)
    value = blocks.single if len(tree.body) == 1 else None
    return Template(write, value, blocks.expressions.most_slots)


def is_template(text: str) -> bool:
    """Return whether there is anything to render in ``text``."""
    return "{{" in text or "{%" in text or "{#" in text


class _Blocks:
    """Reads statements. ``single`` is the expression of the last output that had no other part."""

    def __init__(self, expressions: Expressions) -> None:
        self.expressions = expressions
        self.single: Evaluate | None = None

    def read(self, body: Sequence[Any]) -> Write:
        writes = [each for node in body for each in self._node(node)]
        if len(writes) == 1:
            return writes[0]

        def write(rendering: Rendering, parts: list[str]) -> None:
            for each in writes:
                each(rendering, parts)

        return write

    def _node(self, node: Any) -> list[Write]:
        kind = type(node).__name__
        if kind == "Output":
            return self._output(node)
        if kind == "If":
            return [self._if(node)]
        if kind == "For":
            return [self._for(node)]
        raise Fault(node.lineno, "this is no part of templates here")

    def _output(self, node: Any) -> list[Write]:
        writes = []
        for each in node.nodes:
            if type(each).__name__ == "TemplateData":
                writes.append(_writing_text(self.expressions.as_written(each.data)))
            else:
                self.single = self.expressions.read(each)
                writes.append(_writing(self.single, self.expressions.place(each)))
        if len(node.nodes) > 1 or type(node.nodes[0]).__name__ == "TemplateData":
            self.single = None
        return writes

    def _if(self, node: Any) -> Write:
        branches = [
            (self.expressions.read(each.test), self.read(each.body)) for each in (node, *node.elif_)
        ]
        otherwise = self.read(node.else_)
        self.single = None

        def write(rendering: Rendering, parts: list[str]) -> None:
            for test, body in branches:
                if is_true(test(rendering)):
                    body(rendering, parts)
                    return
            otherwise(rendering, parts)

        return write

    def _for(self, node: Any) -> Write:
        if node.recursive:
            raise Fault(node.lineno, "there are no recursive loops")
        expressions = self.expressions
        items, where = expressions.read(node.iter), expressions.place(node.iter)
        scope, before = expressions.slots, expressions.nodes
        names = self._names(node.target)
        first = max(scope.values(), default=-1) + 1
        slots = {name: first + number for number, name in enumerate((*names, "loop"))}
        expressions.most_slots = max(expressions.most_slots, first + len(slots))
        expressions.slots = {**scope, **{name: slots[name] for name in names}}
        test = None if node.test is None else expressions.read(node.test)
        expressions.slots = {**scope, **slots}
        body = self.read(node.body)
        expressions.slots = scope
        cost = 2 + expressions.nodes - before
        loop = _Loop(items, where, [slots[name] for name in names], slots["loop"], test, body, cost)
        otherwise = self.read(node.else_)
        self.single = None

        def write(rendering: Rendering, parts: list[str]) -> None:
            if not loop.run(rendering, parts):
                otherwise(rendering, parts)

        return write

    def _names(self, target: Any) -> list[str]:
        several = target.items if type(target).__name__ == "Tuple" else [target]
        if any(type(each).__name__ != "Name" for each in several):
            raise Fault(target.lineno, "a loop names its variables: {% for item in ... %}")
        names = [each.name for each in several]
        for each in several:
            if each.name in ("loop", "request"):
                raise Fault(each.lineno, f"'{each.name}' cannot be the name of a loop's variable")
        if len(set(names)) < len(names):
            raise Fault(target.lineno, "the variables of a loop have different names")
        return names


class _Loop:
    """One ``for``. ``slots`` are where its variables stand, ``place`` where ``loop`` does."""

    __slots__ = ("_body", "_cost", "_items", "_place", "_slots", "_test", "_where")

    def __init__(
        self,
        items: Evaluate,
        where: str,
        slots: list[int],
        place: int,
        test: Evaluate | None,
        body: Write,
        cost: int,
    ) -> None:
        self._items = items
        self._where = where
        self._slots = slots
        self._place = place
        self._test = test
        self._body = body
        self._cost = cost

    def run(self, rendering: Rendering, parts: list[str]) -> bool:
        """Write the body for every item; returns whether there was one."""
        try:
            items = self._kept(rendering)
            last = len(items)
            for index, item in enumerate(items):
                rendering.step(self._cost)
                self._bind(item, rendering)
                rendering.slots[self._place] = {
                    "index": index + 1, "index0": index, "length": last,
                    "first": index == 0, "last": index + 1 == last,
                }  # fmt: skip
                self._body(rendering, parts)
        except RenderingFailed as failure:
            raise failure.at(self._where, "for") from None
        return last > 0

    def _kept(self, rendering: Rendering) -> Sequence[Json]:
        given = present(self._items(rendering))
        if not isinstance(given, list | dict):
            raise RenderingFailed(f"a loop goes over a list or an object, got {shown(given)}")
        rendering.step(len(given))
        if self._test is None:
            return given if isinstance(given, list) else list(given)
        kept = []
        for item in given:
            rendering.step(self._cost)
            self._bind(item, rendering)
            if is_true(self._test(rendering)):
                kept.append(item)
        return kept

    def _bind(self, item: Value, rendering: Rendering) -> None:
        slots = self._slots
        if len(slots) == 1:
            rendering.slots[slots[0]] = item
            return
        if not isinstance(item, list) or len(item) != len(slots):
            raise RenderingFailed(
                f"an item is a list of {len(slots)} for as many variables, got {shown(item)};"
                " the names and values of an object are 'object | items'"
            )
        for slot, each in zip(slots, item, strict=True):
            rendering.slots[slot] = each


def _writing_text(text: str) -> Write:
    size = len(text)

    def write(rendering: Rendering, parts: list[str]) -> None:
        rendering.take(size)
        parts.append(text)

    return write


def _writing(value: Evaluate, where: str) -> Write:
    def write(rendering: Rendering, parts: list[str]) -> None:
        try:
            text = text_of(value(rendering), rendering)
            rendering.take(len(text))
        except RenderingFailed as failure:
            raise failure.at(where) from None
        parts.append(text)

    return write
