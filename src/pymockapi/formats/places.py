"""Which places of requests and definitions hold secrets, by their names: what is named, and its parts."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Final

from pymockapi.formats.secrets import COOKIES, CREDENTIALS
from pymockapi.model.stub import RequestValue

PUBLIC: Final = frozenset({"auth.digest.realm", "auth.digest.qop", "auth.digest.algorithm"})
_MEMBER: Final = re.compile(r"""\.\.?\*|\.\.|\.?([^.\[\]"'*]+)|\[(\d+|\*)\]|\[(["'])(.*?)\3\]""")
_IN_BODY: Final = ("body.", "form.")
_IN_PATH: Final = ("params.",)

Steps = tuple[str, ...]
"""Those of a JSONPath that are to go: a key, ``*`` for any and ``..`` for any number."""


def is_place(field: str, fields: Sequence[RequestValue]) -> bool:
    """Return whether ``field``, as a difference names it, is a place of secrets."""
    if field in PUBLIC:
        return False
    if field == "auth.digest.uri":  # has the query, in which a secret may be
        return any(each.notation.startswith(("query.", "params.")) for each in fields)
    kind, _, name = field.partition(".")
    if kind in ("auth", "cookie") or (kind == "header" and name.lower() in CREDENTIALS | COOKIES):
        return True
    return any(_is_named(each.notation, field) for each in fields)


def is_value_of_secrets(notation: str, fields: Sequence[RequestValue]) -> bool:
    """Return whether the request value ``notation`` is a place of secrets, or has one in it."""
    if notation == "bearer" or is_place(notation, fields):
        return True
    inside = {"body": _IN_BODY, "path": _IN_PATH}.get(notation)
    if inside is not None:
        return any(each.notation.startswith(inside) for each in fields)
    return may_hold(notation, fields)


def _is_named(notation: str, field: str) -> bool:
    """Return whether ``notation`` names ``field``, or what ``field`` is a part of."""
    if notation == "body" and field.startswith(_IN_BODY):
        return True
    if not (notation.startswith("body.$") and field.startswith("body.$")):
        return field.lower() == notation.lower()
    wanted, place = steps_of(notation), steps_of(field)
    if wanted is None or place is None:
        return True  # a filter, a slice: what it selects is not told by its text
    return () in _after(wanted, place)


def may_hold(field: str, fields: Sequence[RequestValue]) -> bool:
    """Return whether a place of secrets may be a part of the place ``field`` in a body."""
    named = [each.notation for each in fields if each.notation.startswith(_IN_BODY)]
    if not (named and field.startswith("body")):
        return False
    place = steps_of(field) if field.startswith("body.$") else None
    steps = [steps_of(each) if each.startswith("body.$") else None for each in named]
    return place is None or any(each is None or bool(_after(each, place)) for each in steps)


def steps_of(notation: str) -> Steps | None:
    """Return the steps of a ``body.$`` path; ``None``: it has others."""
    text, at, found = notation.removeprefix("body.$"), 0, []
    while at < len(text):
        step = _MEMBER.match(text, at)
        if step is None:
            return None
        at = step.end()
        if step[0].startswith(".."):
            found.append("..")
        if step[0] != "..":
            name = step[1] or step[2] or step[4]
            found.append("*" if name is None else name)
    return tuple(found)


def _after(wanted: Steps, place: Steps) -> set[Steps]:
    """Return what is left of ``wanted`` below ``place``, by each way to read it; ``()``: it is there."""
    left = {wanted}
    for key in place:
        if () in left:
            return left
        left = set(below(left, key))
    return left


def below(left: set[Steps], key: str) -> Iterator[Steps]:
    """Yield what is left of the steps ``left`` below the member ``key``."""
    for steps in left:
        while steps[:1] == ("..",):
            yield steps
            steps = steps[1:]
        if steps and steps[0] in ("*", key):
            yield steps[1:]
