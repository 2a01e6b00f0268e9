"""What is secret in a request, and what stands for it: marks that tell equal secrets from others.

Always: credentials in ``Authorization`` and ``Proxy-Authorization`` (the scheme stays), and the
values of cookies. Besides: what ``settings.redact`` names, as request values.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import json
import re
from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache
from typing import Final
from urllib.parse import quote, quote_plus

from pymockapi.model.errors import ExpressionLimit
from pymockapi.model.request import Request, printable
from pymockapi.model.stub import Json, RequestValue

CREDENTIALS: Final = frozenset({"authorization", "proxy-authorization"})
COOKIES: Final = frozenset({"cookie", "set-cookie"})
SCHEMES: Final = frozenset({"basic", "bearer", "digest", "negotiate", "apikey", "token"})
PUBLIC: Final = frozenset({"auth.digest.realm", "auth.digest.qop", "auth.digest.algorithm"})
MIN_SEARCHED: Final = 4  # characters; a shorter secret would be found in every other word
_MEMBER: Final = re.compile(r"""\.\.?\*|\.\.|\.?([^.\[\]"'*]+)|\[(\d+|\*)\]|\[(["'])(.*?)\3\]""")


def mark(secret: object) -> str:
    """Return what stands for ``secret``: the same for the same, and of no use to a reader."""
    return _mark(secret if isinstance(secret, str) else json.dumps(secret, sort_keys=True))


@lru_cache(1024)
def _mark(text: str) -> str:
    return f"redacted-{hashlib.sha256(text.encode('utf-8', 'replace')).hexdigest()[:8]}"


def named_values(
    fields: Sequence[RequestValue], request: Request, params: Mapping[str, str]
) -> tuple[list[Json], bool]:
    """Return what the fields hold, and whether that is all: a JSONPath has a budget."""
    values: list[Json] = []
    is_sure = True
    for field in fields:
        try:
            values += field.values(request, params)
        except ExpressionLimit:
            is_sure = False
    return values, is_sure


def parts(values: Sequence[Json]) -> Iterator[Json]:
    """Yield ``values``, and what objects and lists among them hold."""
    for value in values:
        yield value
        if isinstance(value, dict):
            yield from parts(list(value.values()))
        elif isinstance(value, list):
            yield from parts(value)


def credentials(request: Request) -> Iterator[str]:
    """Yield what is secret in every request: credentials, and the values of cookies."""
    for name in CREDENTIALS:
        for value in request.header(name):
            scheme, space, rest = value.partition(" ")
            yield rest.strip() if space else value
            if scheme.lower() == "basic":
                yield from _password(rest)
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

    __slots__ = ("_pattern", "numbers", "texts", "whole")

    def __init__(self, secrets: Sequence[Json]) -> None:
        shown = [printable(each) if isinstance(each, str) else each for each in secrets]
        self.whole = {each: mark(each) for each in shown if isinstance(each, str) and each}
        self.texts = {
            way: put
            for secret, put in self.whole.items()
            if len(secret) >= MIN_SEARCHED
            for way in _ways(secret)
        }
        self.numbers = {
            text: mark(each) for each in shown if (text := number_text(each)) is not None
        }
        self._pattern: re.Pattern[str] | None = None  # once it is needed: compiling takes 0.2 ms

    def text(self, value: str) -> str:
        if value in self.whole:
            return self.whole[value]
        if not (self.texts or self.numbers):
            return value
        if self._pattern is None:
            self._pattern = pattern_of(self.texts, self.numbers)
            assert self._pattern is not None
        return self._pattern.sub(
            lambda found: self.texts.get(found[0]) or self.numbers[found[0]], value
        )


def number_text(value: Json) -> str | None:
    """Return a number that is long enough to be looked for as JSON writes it."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    text = json.dumps(value)
    return text if len(text) >= MIN_SEARCHED else None


def pattern_of(texts: Mapping[str, str], numbers: Mapping[str, str]) -> re.Pattern[str] | None:
    """Return what finds these, the longest first; ``None`` if there are none."""
    ways = [re.escape(each) for each in sorted(texts, key=len, reverse=True)]
    if numbers:
        listed = "|".join(re.escape(each) for each in sorted(numbers, key=len, reverse=True))
        ways.append(rf"(?<![\w.-])(?:{listed})(?![\w-]|\.\d)")
    return re.compile("|".join(ways)) if ways else None


@lru_cache(1024)
def _ways(secret: str) -> tuple[str, ...]:
    return (secret, quote(secret, safe=""), quote_plus(secret), json.dumps(secret)[1:-1])


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


def _is_named(notation: str, field: str) -> bool:
    """Return whether ``notation`` names ``field``, or what ``field`` is a part of."""
    if not (notation.startswith("body.$") and field.startswith("body.$")):
        return field.lower() == notation.lower()
    wanted, place = _members(notation), _members(field)
    if wanted is None or place is None:
        return True  # a filter, a slice: what it selects is not told by its text
    return _leads_to(wanted, place)


def may_hold(field: str, fields: Sequence[RequestValue]) -> bool:
    """Return whether a place of secrets may be a part of the place ``field`` in a body."""
    named = [each.notation for each in fields if each.notation.startswith(("body.", "form."))]
    if not (named and field.startswith("body")):
        return False
    place = _members(field) if field.startswith("body.$") else None
    steps = [_members(each) if each.startswith("body.$") else None for each in named]
    return place is None or any(each is None or _passes(each, place) for each in steps)


def _passes(wanted: Sequence[str], place: Sequence[str]) -> bool:
    if not (wanted and place):
        return bool(wanted)
    if wanted[0] == "..":
        return True
    return wanted[0] in ("*", place[0]) and _passes(wanted[1:], place[1:])


def _members(notation: str) -> list[str] | None:
    """Return the steps of a JSONPath, ``*`` for any and ``..`` for any number; ``None``: others."""
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
    return found


def _leads_to(wanted: Sequence[str], place: Sequence[str]) -> bool:
    if not wanted:
        return True
    if wanted[0] == "..":
        return any(_leads_to(wanted[1:], place[start:]) for start in range(len(place) + 1))
    return bool(place) and wanted[0] in ("*", place[0]) and _leads_to(wanted[1:], place[1:])


def without_scheme(value: str) -> str:
    """Return credentials without the scheme before them, if there is one."""
    scheme, space, rest = value.partition(" ")
    return rest.strip() if space and scheme.lower() in SCHEMES else value


def leaves(value: Json, *, numbers: bool = False) -> Json:
    """Return ``value`` with every text in it replaced, and ``numbers``; a scheme before a space stays."""
    if isinstance(value, str):
        secret = without_scheme(value)
        return value.removesuffix(secret) + mark(secret) if secret else value
    if isinstance(value, dict):
        return {key: leaves(each, numbers=numbers) for key, each in value.items()}
    if isinstance(value, list):
        return [leaves(each, numbers=numbers) for each in value]
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    return mark(value) if numbers and is_number else value
