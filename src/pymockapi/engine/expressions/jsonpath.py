"""JSONPath (RFC 9535): a library parses, this evaluates, so that each step can be counted.

``$..*..*..*`` on 46 nodes takes the library 0.6 s; here it ends with ``ExpressionLimit``. Values
come in the order that the RFC gives, and nothing recurses into the document. Of texts, numbers and
the like nothing can be selected, so they are counted and not visited.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Final

import msgspec

from pymockapi.engine.json_values import spend
from pymockapi.model.slices import Work, at_once
from pymockapi.model.stub import Context, Json

MAX_EXPRESSION_CHARS: Final = 1024
VISITED: Final = 128  # values of which some are selected, between two slices: 0.1 ms
TESTED: Final = 32  # children that a filter is asked about, of up to 5 us each
_CONTAINERS: Final = (dict, list)


class Name(msgspec.Struct, frozen=True):
    name: str

    def select(self, value: Json) -> Sequence[Json]:
        return (value[self.name],) if isinstance(value, dict) and self.name in value else ()


class Index(msgspec.Struct, frozen=True):
    index: int

    def select(self, value: Json) -> Sequence[Json]:
        if isinstance(value, list) and -len(value) <= self.index < len(value):
            return (value[self.index],)
        return ()


class Slice(msgspec.Struct, frozen=True):
    start: int | None
    stop: int | None
    step: int | None

    def select(self, value: Json) -> Sequence[Json]:
        if isinstance(value, list) and self.step != 0:
            return value[self.start : self.stop : self.step]
        return ()


class Wildcard(msgspec.Struct, frozen=True):
    def select(self, value: Json) -> Sequence[Json]:
        return children_of(value)


class Filter(msgspec.Struct, frozen=True):
    """Children for which ``test(child, root, context)`` is true; each costs a step."""

    test: Callable[[Json, Json, Context], bool]

    def kept(self, value: Json, root: Json, context: Context) -> Work[Sequence[Json]]:
        test = self.test
        kept = []
        for place, child in enumerate(children_of(value), 1):
            spend(context)
            if test(child, root, context):
                kept.append(child)
            if not place % TESTED:
                yield
        return kept


Selector = Name | Index | Slice | Wildcard | Filter


class Segment(msgspec.Struct, frozen=True):
    """``descends``: the selectors apply to every descendant too, in document order."""

    selectors: tuple[Selector, ...]
    descends: bool = False


class JsonPath(msgspec.Struct, frozen=True):
    """A path as it was written, ``text``, and as it is walked."""

    text: str
    segments: tuple[Segment, ...]

    def select(self, value: Json, root: Json, context: Context) -> list[Json]:
        """Return what lies below ``value``, in order; ``root`` is what ``$`` means in filters.

        Each value reached is a step, and each selector but one that a value is asked by. Raises
        ``ExpressionLimit`` when the request has none left.
        """
        return at_once(self.walk(value, root, context))

    def reach(self, value: Json, root: Json, context: Context) -> list[Json]:  # noqa: ARG002
        """As ``select``, for a path that ``is_singular``: a third of the time, in filters."""
        for segment in self.segments:
            (selector,) = segment.selectors
            found = selector.select(value)  # type: ignore[union-attr]
            if not found:
                return []
            spend(context)
            (value,) = found
        return [value]

    def walk(self, value: Json, root: Json, context: Context) -> Work[list[Json]]:
        """As ``select``, in slices."""
        values, asked = [value], 0
        for segment in self.segments:
            more = len(segment.selectors) - 1
            reached: list[Json] = []
            for start in values:
                for visited in _containers(start, context) if segment.descends else (start,):
                    if more:
                        spend(context, more)
                    for selector in segment.selectors:
                        if isinstance(selector, Filter):
                            found = yield from selector.kept(visited, root, context)
                        else:
                            found = selector.select(visited)
                        if found:
                            spend(context, len(found))
                            reached += found
                    asked += 1
                    if not asked % VISITED:
                        yield
            values = reached
        return values

    def values(self, document: Json, context: Context) -> list[Json]:
        """Return the selected values of ``document``."""
        names = self.names
        if names is None:
            return self.select(document, document, context)
        for name in names:  # the commonest form costs no steps: it is as long as its text
            if not isinstance(document, dict) or name not in document:
                return []
            document = document[name]
        return [document]

    @property
    def is_singular(self) -> bool:
        """Whether it can select one value at most, by names and indexes alone (RFC 9535, 2.3.5.1)."""
        return all(
            not segment.descends
            and len(segment.selectors) == 1
            and isinstance(segment.selectors[0], Name | Index)
            for segment in self.segments
        )

    @property
    def names(self) -> tuple[str, ...] | None:
        """The member names of an expression like ``$.a.b``; ``None`` for any other."""
        names = []
        for segment in self.segments:
            selector = segment.selectors[0]
            if segment.descends or len(segment.selectors) > 1 or not isinstance(selector, Name):
                return None
            names.append(selector.name)
        return tuple(names)


def children_of(value: Json) -> Sequence[Json]:
    if isinstance(value, dict):
        return list(value.values())
    return value if isinstance(value, list) else ()


def _containers(value: Json, context: Context) -> Iterator[Json]:
    """Yield the lists and objects of ``value``, itself and all below, each before its children.

    Every value is a step, also those that are not yielded.
    """
    spend(context)
    if not isinstance(value, _CONTAINERS):
        return
    spend(context, len(value))
    yield value
    waiting = [_into(value)]
    while waiting:
        for visited in waiting[-1]:
            if isinstance(visited, _CONTAINERS):
                context.steps_left -= len(visited)
                if context.steps_left < 0:  # the call saves a tenth of it all
                    spend(context)
                yield visited
                if visited:
                    waiting.append(_into(visited))
                    break
        else:
            waiting.pop()


def _into(value: Json) -> Iterator[Json]:
    return iter(value.values() if isinstance(value, dict) else value)
