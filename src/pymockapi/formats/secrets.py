"""What is secret in a request, and what stands for it: marks that tell equal secrets from others.

Always: credentials in ``Authorization`` and ``Proxy-Authorization`` (the scheme stays), in an
absolute target, and the values of cookies. Besides: what ``settings.redact`` names, as request
values.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import json
import re
from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache
from itertools import chain, islice
from typing import Final, NamedTuple
from urllib.parse import unquote

from pymockapi.formats.finder import MIN_SEARCHED, Finder
from pymockapi.formats.writings import MAX_WRITTEN, writings
from pymockapi.model.errors import ExpressionLimit
from pymockapi.model.multipart import Multipart
from pymockapi.model.request import Request, printable
from pymockapi.model.stub import Json, RequestValue

CREDENTIALS: Final = frozenset({"authorization", "proxy-authorization"})
COOKIES: Final = frozenset({"cookie", "set-cookie"})
SCHEMES: Final = frozenset({"basic", "bearer", "digest", "negotiate", "apikey", "token"})
MAX_SECRETS: Final = (
    1_000  # of one request, at 5 us each; one that has more is shown without bodies
)
USER_INFO: Final = re.compile(r"(?<=://)[^/?#@]*@")
"""The credentials of an absolute target (RFC 3986, 3.2.1)."""

_SHORT: Final = 1_024  # characters of what is kept with its mark
Captures = Sequence[Mapping[str, str]]
"""What was captured of a path, by each template that may have captured something."""


def mark(secret: object) -> str:
    """Return what stands for ``secret``: the same for the same, and of no use to a reader."""
    text = secret if isinstance(secret, str) else json.dumps(secret, sort_keys=True)
    return _mark(text) if len(text) <= _SHORT else _digest(text)


def _digest(text: str) -> str:
    return f"redacted-{hashlib.sha256(text.encode('utf-8', 'replace')).hexdigest()[:8]}"


_mark: Final = lru_cache(1024)(_digest)


class Secrets(NamedTuple):
    """``values`` are those that are named, ``all`` besides what is in them, and what is always secret.

    ``is_sure``: that is all. A JSONPath has a budget, and of very many only the first are taken.
    """

    values: list[Json]
    all: list[Json]
    is_sure: bool


def secrets_of(fields: Sequence[RequestValue], request: Request, captures: Captures) -> Secrets:
    values, is_sure = named_values(fields, request, captures)
    found = list(islice(chain(parts(values), credentials(request)), MAX_SECRETS + 1))
    return Secrets(values, found[:MAX_SECRETS], is_sure and len(found) <= MAX_SECRETS)


def named_values(
    fields: Sequence[RequestValue], request: Request, captures: Captures
) -> tuple[list[Json], bool]:
    """Return what the fields hold, and whether that is all: a JSONPath has a budget."""
    values: list[Json] = []
    is_sure = True
    for field in fields:
        try:
            if field.notation.startswith("params."):
                for each in captures:
                    values += field.values(request, each)
            else:
                values += field.values(request, {})
            if field.notation.startswith("form."):
                values += _parts_named(field.notation[5:], request)
        except ExpressionLimit:
            is_sure = False
    return values, is_sure


def _parts_named(name: str, request: Request) -> Iterator[str]:
    """Yield the fields of a form that came in parts."""
    if not any("multipart/" in each.lower() for each in request.header("content-type")):
        return
    if isinstance(found := request.multipart, Multipart):
        for part in found.parts.get(name, ()):
            yield part.content.decode("utf-8", "replace")


def parts(values: Sequence[Json]) -> Iterator[Json]:
    """Yield ``values``, and what objects and lists among them hold, however deep."""
    left = list(reversed(values))
    while left:
        value = left.pop()
        yield value
        if isinstance(value, dict):
            left += reversed(value.values())
        elif isinstance(value, list):
            left += reversed(value)


def credentials(request: Request) -> Iterator[str]:
    """Yield what is secret in every request: credentials, and the values of cookies."""
    for name in CREDENTIALS:
        for value in request.header(name):
            scheme, space, rest = value.partition(" ")
            yield rest.strip() if space else value
            if scheme.lower() == "basic":
                yield from _password(rest)
    if "://" in request.target[:9] and (user := USER_INFO.search(request.target)) is not None:
        yield unquote(user[0][:-1].partition(":")[2])
    for values in request.cookies.values():
        yield from values


def _password(token: str) -> Iterator[str]:
    try:
        decoded = base64.b64decode(token.strip(), validate=True).decode("utf-8", "replace")
    except (binascii.Error, ValueError):
        return
    yield decoded.partition(":")[2]


class Swap:
    """Puts marks for ``secrets`` into texts, however they are written there.

    Short ones are replaced only where they are the whole text. A number is, where no longer
    number, word or date goes on around it.
    """

    __slots__ = ("finder", "whole")

    def __init__(self, secrets: Sequence[Json]) -> None:
        shown = [printable(each) if isinstance(each, str) else each for each in secrets]
        self.whole = {each: mark(each) for each in shown if isinstance(each, str) and each}
        texts: dict[str, str] = {}
        opened: dict[str, str] = {}
        for secret, put in self.whole.items():
            if len(secret) >= MIN_SEARCHED:
                ways = opened if len(secret) > MAX_WRITTEN else texts
                ways.update(dict.fromkeys(writings(secret), put))
        numbers = {text: mark(each) for each in shown if (text := number_text(each)) is not None}
        self.finder = Finder(texts, numbers, opened)

    def text(self, value: str) -> str:
        return self.whole.get(value) or self.finder.text(value)


def number_text(value: Json) -> str | None:
    """Return a number that is long enough to be looked for as JSON writes it."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    text = json.dumps(value)
    return text if len(text) >= MIN_SEARCHED else None


def without_scheme(value: str) -> str:
    """Return credentials without the scheme before them, if there is one."""
    scheme, space, rest = value.partition(" ")
    return rest.strip() if space and scheme.lower() in SCHEMES else value


def leaf(value: Json, *, numbers: bool = False) -> Json:
    """Return the mark of a text, or of a number if ``numbers``; a scheme before a space stays."""
    if isinstance(value, str):
        secret = without_scheme(value)
        return value.removesuffix(secret) + mark(secret) if secret else value
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    return mark(value) if numbers and is_number else value
