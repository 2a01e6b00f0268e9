"""What a 404, a report and an event quote of requests, with marks for what is secret."""

from __future__ import annotations

import json
import re
from collections.abc import Collection, Mapping, Sequence
from typing import Final
from urllib.parse import unquote_plus

import msgspec

from pymockapi.formats.secrets import (
    Swap,
    credentials,
    is_place,
    leaves,
    mark,
    may_hold,
    named_values,
    parts,
)
from pymockapi.model.plan import Candidate
from pymockapi.model.request import Request
from pymockapi.model.stub import Difference, RequestValue

QUOTED: Final = re.compile(r'"(?:[^"\\]|\\.)*"')
_QUOTED_OR_NUMBER: Final = re.compile(rf"{QUOTED.pattern}|(?<![\w.-])-?\d+(?:\.\d+)?(?![\w.]*\w)")
_VALUE: Final = re.compile(rf"(?:{_QUOTED_OR_NUMBER.pattern})(?!\s*:)")
_NO_PARAMS: Final[Mapping[str, str]] = {}


def hidden(
    candidates: Sequence[Candidate],
    fields: Sequence[RequestValue] = (),
    request: Request | None = None,
    params: Mapping[str, str] = _NO_PARAMS,
) -> tuple[Candidate, ...]:
    """Return ``candidates`` with marks where their differences quote a secret.

    One of ``request``, which they are of, is found in whatever quotes it.
    """
    quoting = Quoting(fields, request, params)
    return tuple(
        msgspec.structs.replace(candidate, differences=quoting.differences(candidate.differences))
        for candidate in candidates
    )


def hidden_differences(
    differences: Sequence[Difference],
    fields: Sequence[RequestValue] = (),
    request: Request | None = None,
    params: Mapping[str, str] = _NO_PARAMS,
) -> tuple[Difference, ...]:
    """Return ``differences`` with marks where they quote a secret."""
    return Quoting(fields, request, params).differences(differences)


class Quoting:
    """Hides what is secret in texts about one request, if there is one."""

    def __init__(
        self, fields: Sequence[RequestValue], request: Request | None, params: Mapping[str, str]
    ) -> None:
        self._fields = fields
        self._swap = Swap(())
        self._is_sure = True
        if request is not None:
            values, self._is_sure = named_values(fields, request, params)
            self._swap = Swap([*parts(values), *credentials(request)])

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
                literals.sub(_marked, each.actual),
            )
        expected = self.text(each.expected)
        if is_body and not {"{", "["}.isdisjoint(expected) and may_hold(each.field, self._fields):
            expected = _VALUE.sub(_marked, expected)  # what of it is secret is not told by the text
        return Difference(each.field, expected, self.text(each.actual))


def hidden_path(request: Request, params: Mapping[str, str], fields: Sequence[RequestValue]) -> str:
    """Return the path of ``request`` with marks for what of it is secret."""
    if any(each.notation == "path" for each in fields):
        return mark(request.path)
    names = {each.notation.removeprefix("params.") for each in fields}
    secret = {value for name, value in params.items() if name in names}
    return "/".join(mark(each) if each in secret else each for each in request.path.split("/"))


def hidden_target(target: str, fields: Sequence[RequestValue]) -> str:
    """Return a target with marks for the query parameters that are secret."""
    path, asks, query = target.partition("?")
    names = {each.notation[6:] for each in fields if each.notation.startswith("query.")}
    return path + asks + (hidden_pairs(query, names) if names else query)


def hidden_pairs(text: str, names: Collection[str]) -> str:
    """Return a query or form with marks for the values of ``names``."""
    pairs = (each.partition("=") for each in text.split("&"))
    return "&".join(
        f"{name}={mark(unquote_plus(value))}"
        if equals and unquote_plus(name) in names
        else name + equals + value
        for name, equals, value in pairs
    )


def _marked(literal: re.Match[str]) -> str:
    try:
        value = json.loads(literal[0])
    except ValueError:
        return f'"{mark(literal[0])}"'
    if isinstance(value, str):
        return json.dumps(leaves(value), ensure_ascii=False)
    return mark(value)
