"""What a 404, a report and an event quote of requests, with marks for what is secret."""

from __future__ import annotations

import json
import re
from collections.abc import Collection, Sequence
from typing import Final
from urllib.parse import unquote, unquote_plus

import msgspec

from pymockapi.formats.places import is_place, may_hold
from pymockapi.formats.secrets import USER_INFO, Captures, Swap, leaf, mark, secrets_of
from pymockapi.model.plan import Candidate
from pymockapi.model.request import Request
from pymockapi.model.stub import Difference, RequestValue

QUOTED: Final = re.compile(r'"(?:[^"\\]|\\.)*(?:"|\\?\Z)')
"""A literal of JSON; the last may be cut."""

_QUOTED_OR_NUMBER: Final = re.compile(rf"{QUOTED.pattern}|(?<![\w.-])-?\d+(?:\.\d+)?(?![\w.]*\w)")
_VALUE: Final = re.compile(rf"(?:{_QUOTED_OR_NUMBER.pattern})(?!\s*:)")
_NO_CAPTURES: Final[Captures] = ()


def hidden(
    candidates: Sequence[Candidate],
    fields: Sequence[RequestValue] = (),
    request: Request | None = None,
    captures: Captures = _NO_CAPTURES,
) -> tuple[Candidate, ...]:
    """Return ``candidates`` with marks where their differences quote a secret.

    One of ``request``, which they are of, is found in whatever quotes it.
    """
    quoting = Quoting(fields, request, captures)
    return tuple(
        msgspec.structs.replace(candidate, differences=quoting.differences(candidate.differences))
        for candidate in candidates
    )


def hidden_differences(
    differences: Sequence[Difference],
    fields: Sequence[RequestValue] = (),
    request: Request | None = None,
    captures: Captures = _NO_CAPTURES,
) -> tuple[Difference, ...]:
    """Return ``differences`` with marks where they quote a secret."""
    return Quoting(fields, request, captures).differences(differences)


class Quoting:
    """Hides what is secret in texts about one request, if there is one."""

    def __init__(
        self, fields: Sequence[RequestValue], request: Request | None, captures: Captures
    ) -> None:
        self._fields = fields
        self._swap = Swap(())
        self._is_sure = True
        if request is not None:
            secrets = secrets_of(fields, request, captures)
            self._is_sure = secrets.is_sure
            self._swap = Swap(secrets.all)

    def text(self, value: str) -> str:
        return self._swap.text(value)

    def differences(self, differences: Sequence[Difference]) -> tuple[Difference, ...]:
        return tuple(map(self._difference, differences))

    def _difference(self, each: Difference) -> Difference:
        is_body = each.field.startswith("body")
        if is_place(each.field, self._fields) or (is_body and not self._is_sure):
            literals = _QUOTED_OR_NUMBER if is_body else QUOTED
            return Difference(
                each.field,
                literals.sub(_marked, each.expected),
                self.text(literals.sub(_marked, each.actual)),  # a path is told without quotes
            )
        expected = self.text(each.expected)
        if is_body and not {"{", "["}.isdisjoint(expected) and may_hold(each.field, self._fields):
            expected = _VALUE.sub(_marked, expected)  # what of it is secret is not told by the text
        return Difference(each.field, expected, self.text(each.actual))


def hidden_path(request: Request, captures: Captures, fields: Sequence[RequestValue]) -> str:
    """Return the path of ``request`` with marks for what of it is secret."""
    if any(each.notation == "path" for each in fields):
        return mark(request.path)
    return marked_segments(request.path, secret_captures(captures, fields))


def hidden_target(
    target: str, fields: Sequence[RequestValue], captures: Captures = _NO_CAPTURES
) -> str:
    """Return a target with marks for the parameters of path and query that are secret."""
    path, asks, query = target.partition("?")
    path = marked_segments(USER_INFO.sub(_marked_user, path), secret_captures(captures, fields))
    names = {each.notation[6:] for each in fields if each.notation.startswith("query.")}
    return path + asks + (hidden_pairs(query, names) if names else query)


def secret_captures(captures: Captures, fields: Sequence[RequestValue]) -> set[str]:
    """Return what was captured of a path and is secret."""
    names = {each.notation[7:] for each in fields if each.notation.startswith("params.")}
    return {value for each in captures for name, value in each.items() if name in names}


def marked_segments(path: str, secret: Collection[str]) -> str:
    """Return ``path`` with marks for the segments that are secret."""
    if not secret:
        return path
    return "/".join(
        mark(unquote(each)) if each and (each in secret or unquote(each) in secret) else each
        for each in path.split("/")
    )


def hidden_pairs(text: str, names: Collection[str]) -> str:
    """Return a query or form with marks for the values of ``names``."""
    pairs = (each.partition("=") for each in text.split("&"))
    return "&".join(
        f"{name}={mark(unquote_plus(value))}"
        if equals and unquote_plus(name) in names
        else name + equals + value
        for name, equals, value in pairs
    )


def _marked_user(found: re.Match[str]) -> str:
    user, colon, password = found[0][:-1].partition(":")
    return f"{user}:{mark(unquote(password))}@" if colon else f"{mark(unquote(user))}@"


def _marked(literal: re.Match[str]) -> str:
    try:
        value = json.loads(literal[0])
    except ValueError:
        return f'"{mark(literal[0])}"'
    if isinstance(value, str):
        return json.dumps(leaf(value), ensure_ascii=False)
    return mark(value)
