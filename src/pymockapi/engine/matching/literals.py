"""Places whose literal values an index may look up: ``query.page``, ``body.$.order.id``.

Both sides have the same hashable key: a text as it is, a JSON scalar as ``json_key`` has it.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Hashable, Iterable, Iterator, Sequence
from functools import lru_cache
from typing import Final

from pymockapi.engine.json_names import member
from pymockapi.engine.json_values import json_key
from pymockapi.engine.matching.authorization import bearer_tokens
from pymockapi.model.json_reading import NOT_JSON
from pymockapi.model.request import Request

Reader = Callable[[Request], Sequence[Hashable]]

_BODY: Final = "body.$"
_STEP: Final = re.compile(r"\.([A-Za-z_]\w*)|\['((?:[^'\\]|\\.)*)'\]", re.ASCII | re.DOTALL)


def body_place(names: Iterable[str]) -> str:
    """Return the place of the member that ``names`` lead to from the body's root."""
    place = _BODY
    for name in names:
        place = member(place, name)
    return place


def literal_values(place: str, request: Request) -> Sequence[Hashable]:
    """Return the key of every value that ``request`` has at ``place``; of JSON, scalars only."""
    return _reader(place)(request)


@lru_cache(4096)
def _reader(place: str) -> Reader:
    kind, _, name = place.partition(".")
    if kind == "query":
        return lambda request: request.query.get(name, ())
    if kind == "header":
        return lambda request: request.header(name)
    if kind == "cookie":
        return lambda request: request.cookies.get(name, ())
    if kind == "form":
        return lambda request: request.form.get(name, ())
    if kind == "bearer":
        return bearer_tokens
    names = tuple(_names_in(place.removeprefix(_BODY)))
    return lambda request: _scalars_at(request, names)


def _names_in(steps: str) -> Iterator[str]:
    for step in _STEP.finditer(steps):
        yield step[1] if step[1] is not None else re.sub(r"\\(.)", r"\1", step[2])


def _scalars_at(request: Request, names: tuple[str, ...]) -> Sequence[Hashable]:
    value = request.json
    for name in names:
        if not isinstance(value, dict) or name not in value:
            return ()
        value = value[name]
    return () if value is NOT_JSON or isinstance(value, dict | list) else (json_key(value),)
