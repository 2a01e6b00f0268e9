"""A JSONPath through a request's body: at once if that is short, else in slices between turns.

What comes of it is the same either way, to the step: a search that goes past the budget is a
limit, and one that was done aside takes its steps once more when the request is ranked again.
"""

from __future__ import annotations

from collections.abc import Sequence
from copy import copy

import msgspec

from pymockapi.engine.expressions.jsonpath import JsonPath
from pymockapi.engine.json_values import spend
from pymockapi.model.aside import Aside, LongWork
from pymockapi.model.errors import ExpressionLimit
from pymockapi.model.slices import Work
from pymockapi.model.stub import Context, Json


class Found(msgspec.Struct, frozen=True, gc=False):
    """What was selected, and of which budgets it took how much; or the ``limit`` that was met
    with so many ``steps``.
    """

    values: Sequence[Json]
    limit: str | None
    steps: int
    regex_s: float


def selected(path: JsonPath, document: Json, context: Context) -> Sequence[Json]:
    """Return what ``path`` selects of ``document``, the request's JSON.

    Raises ``ExpressionLimit``; with an ``aside``, ``LongWork`` where it takes long.
    """
    aside = context.aside
    if path.names is not None:
        return path.values(document, context)
    found = _known(path, context)
    if found is None:
        if aside is None:
            return path.values(document, context)
        found = _Search(path, document, context).at_once(aside)
    context.regex_left_s -= found.regex_s
    if found.limit is not None:
        context.steps_left = min(context.steps_left, 0)
        raise ExpressionLimit(found.limit)
    spend(context, found.steps)
    return found.values


def _known(path: JsonPath, context: Context) -> Found | None:
    """Return what was found before, unless there are more steps now than led to a limit."""
    searches = context.request.searches
    found: Found | None = None if searches is None else searches.get(path.text)
    if found is None or found.limit is None or context.steps_left <= found.steps:
        return found
    return None


class _Search:
    """One that begins with the budgets that are left in ``context``; the request keeps what is found."""

    __slots__ = ("_context", "_document", "_path")

    def __init__(self, path: JsonPath, document: Json, context: Context) -> None:
        self._path = path
        self._document = document
        self._context = copy(context)

    def at_once(self, aside: Aside) -> Found:
        """Return what is found in what is left of the turn's slices. Raises ``LongWork``."""
        slices = self.slices()
        while True:
            try:
                next(slices)
            except StopIteration as done:
                found: Found = done.value
                return found
            aside.slices_left -= 1
            if aside.slices_left < 0:
                raise _LongSearch(self)

    def slices(self) -> Work[Found]:
        before, context = self._context, copy(self._context)
        values: Sequence[Json] = ()
        limit = None
        try:
            values = yield from self._path.walk(self._document, self._document, context)
        except ExpressionLimit as error:
            limit = str(error)
        steps = before.steps_left if limit is not None else before.steps_left - context.steps_left
        found = Found(values, limit, steps, before.regex_left_s - context.regex_left_s)
        request = context.request
        if request.searches is None:
            request.searches = {}
        request.searches[self._path.text] = found
        return found


class _LongSearch(LongWork):
    def __init__(self, search: _Search) -> None:
        super().__init__()
        self._search = search

    def slices(self) -> Work[object]:
        return self._search.slices()
