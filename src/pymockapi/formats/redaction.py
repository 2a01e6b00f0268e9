"""What may be secret in an exchange, replaced by marks that tell equal secrets from different ones.

Always: credentials in ``Authorization`` and ``Proxy-Authorization`` (the scheme stays), and the
values of cookies, asked and set. Besides: what ``settings.redact`` names, as request values. A
secret is replaced wherever else it appears in what is exported, too.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import json
import re
from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache
from typing import Any, Final
from urllib.parse import quote, quote_plus, unquote, unquote_plus

import msgspec

from pymockapi.model.errors import ExpressionLimit
from pymockapi.model.exchange import MAX_SHOWN_JSON
from pymockapi.model.plan import Candidate
from pymockapi.model.request import Request, printable
from pymockapi.model.stub import Difference, Json, RequestValue

CREDENTIALS: Final = frozenset({"authorization", "proxy-authorization"})
COOKIES: Final = frozenset({"cookie", "set-cookie"})
SCHEMES: Final = frozenset({"basic", "bearer", "digest", "negotiate", "apikey", "token"})
_PUBLIC: Final = frozenset({"auth.digest.realm", "auth.digest.qop", "auth.digest.algorithm"})
_QUOTED: Final = re.compile(r'"(?:[^"\\]|\\.)*"')
MIN_SEARCHED: Final = 4  # characters; a shorter secret would be found in every other word
MAX_SEEN: Final = 10_000  # secrets that are looked for outside of their own exchange

_encode: Final = msgspec.json.Encoder().encode

Document = dict[str, Any]


def mark(secret: object) -> str:
    """Return what stands for ``secret``: the same for the same, and of no use to a reader."""
    return _mark(secret if isinstance(secret, str) else json.dumps(secret, sort_keys=True))


@lru_cache(1024)
def _mark(text: str) -> str:
    return f"redacted-{hashlib.sha256(text.encode('utf-8', 'replace')).hexdigest()[:8]}"


class Redactor:
    """Redacts one export; ``fields`` are the request values that are secret besides."""

    def __init__(self, fields: Sequence[RequestValue] = ()) -> None:
        self._fields = fields
        self._named: dict[str, set[str]] = {}
        for field in fields:
            kind, _, name = field.notation.partition(".")
            self._named.setdefault(kind, set()).add(name.lower() if kind == "header" else name)
        self._seen: dict[str, str] = {}
        self._pattern: re.Pattern[str] | None = None

    def exchange(self, document: Document, request: Request, params: Mapping[str, str]) -> Document:
        """Return a recorded exchange without its secrets; ``request`` is the one it is of."""
        values, is_sure = self._values(request, params)
        if not (is_sure and self._is_searched(document["body"])):
            document = {**document, "body": _left_out(document["body"])}
        document = {
            **document,
            "headers": self._headers(document["headers"]),
            "trailers": self._headers(document["trailers"]),
            "query": {
                name: [mark(value) for value in listed] if self._is("query", name) else listed
                for name, listed in document["query"].items()
            },
            "target": self._target(document["target"], values),
            "body": self._body(document["body"], values),
        }
        response = document["response"]
        if response is not None:
            document["response"] = {**response, "headers": self._headers(response["headers"])}
        secrets = [
            *_parts(values),
            *_credentials(request),
            *_set_cookies(response),
            *self._told(document),
        ]
        secrets = [printable(each) if isinstance(each, str) else each for each in secrets]
        replaced = _variants(secrets)
        self._note(replaced)
        whole = {value: mark(value) for value in secrets if isinstance(value, str) and value}
        if not _occurs(document, replaced, whole):
            return document
        return {key: _walked(each, replaced, whole) for key, each in document.items()}

    def _values(self, request: Request, params: Mapping[str, str]) -> tuple[list[Json], bool]:
        """Return what the fields hold, and whether that is all: a JSONPath has a budget."""
        values: list[Json] = []
        is_sure = True
        for field in self._fields:
            try:
                values += field.values(request, params)
            except ExpressionLimit:
                is_sure = False
        return values, is_sure

    def _is_searched(self, body: Document) -> bool:
        """Return whether what the fields name in ``body`` is found; a long one is not read again."""
        if "json" in body or body["size"] <= MAX_SHOWN_JSON:
            return True
        return not any(field.notation.startswith("body.") for field in self._fields)

    def scrubbed(self, value: Json) -> Json:
        """Return ``value`` without the secrets that the exchanges had."""
        if not self._seen:
            return value
        if self._pattern is None:
            longest = sorted(self._seen, key=len, reverse=True)
            self._pattern = re.compile("|".join(map(re.escape, longest)))
        return _scrubbed(value, self._pattern, self._seen)

    def definition(self, value: Json, within: str = "") -> Json:
        """Return a stub's definition without what it expects or sets where secrets are."""
        if isinstance(value, list):
            return [self.definition(each, within) for each in value]
        if not isinstance(value, dict):
            return value
        return {key: self._part(within, key, each) for key, each in value.items()}

    def _part(self, within: str, key: str, value: Json) -> Json:
        if not self._is_secret(within, key):
            return self.definition(value, key)
        if key == "auth" and isinstance(value, dict) and isinstance(value.get("digest"), dict):
            return {**_leaves(value), "digest": self._digest(value["digest"])}
        return _leaves(value)

    def _digest(self, parameters: Mapping[str, Json]) -> Json:
        """Mark all but what a challenge tells everybody."""
        return {
            key: _leaves(each) if _is_secret(f"auth.digest.{key}", self._fields) else each
            for key, each in parameters.items()
        }

    def _told(self, exchange: Document) -> Iterator[str]:
        """Yield what answers and explanations quote of secrets: what a stub expected, what came."""
        answer = ((exchange["response"] or {}).get("body") or {}).get("json")
        nearest = answer.get("nearest") if isinstance(answer, dict) else None
        candidates = exchange.get("explanation", {}).get("candidates", ())
        for candidate in (*(nearest if isinstance(nearest, list) else ()), *candidates):
            for each in candidate.get("differences", ()) if isinstance(candidate, dict) else ():
                if _is_secret(str(each.get("field")), self._fields):
                    yield from _quoted(f"{each.get('expected')} {each.get('actual')}")

    def _is_secret(self, within: str, name: str) -> bool:
        if within == "request":
            return name in ("auth", "cookies")
        if within == "headers":
            lowered = name.lower()
            return lowered in CREDENTIALS | COOKIES or self._is("header", lowered)
        return within in ("query", "form") and self._is(within, name)

    def _is(self, kind: str, name: str) -> bool:
        return name in self._named.get(kind, ())

    def _headers(self, pairs: list[list[str]]) -> list[list[str]]:
        return [[name, self._header(name.lower(), value)] for name, value in pairs]

    def _header(self, name: str, value: str) -> str:
        if name in CREDENTIALS:
            scheme, space, rest = value.partition(" ")
            return f"{scheme} {mark(rest.strip())}" if space else mark(value)
        if name == "cookie":
            return "; ".join(_pair(each.strip()) for each in value.split(";"))
        if name == "set-cookie":
            first, semicolon, rest = value.partition(";")
            return _pair(first) + semicolon + rest
        return mark(value) if self._is("header", name) else value

    def _target(self, target: str, values: Sequence[Json]) -> str:
        path, question, query = target.partition("?")
        segments = [
            mark(unquote(each)) if each and unquote(each) in values else each
            for each in path.split("/")
        ]
        return "/".join(segments) + question + self._pairs("query", query)

    def _pairs(self, kind: str, text: str) -> str:
        if kind not in self._named:
            return text
        pairs = (each.partition("=") for each in text.split("&"))
        return "&".join(
            f"{name}={mark(unquote_plus(value))}"
            if equals and self._is(kind, unquote_plus(name))
            else name + equals + value
            for name, equals, value in pairs
        )

    def _body(self, body: Document, values: Sequence[Json]) -> Document:
        if "json" in body:
            redacted = _equal(body["json"], [each for each in values if each is not None])
            if redacted != body["json"]:
                return {**body, "json": redacted, "text": json.dumps(redacted, ensure_ascii=False)}
        elif "text" in body:
            return {**body, "text": self._pairs("form", body["text"])}
        return body

    def _note(self, replaced: Mapping[str, str]) -> None:
        for secret, put in replaced.items():
            if secret not in self._seen and len(self._seen) < MAX_SEEN:
                self._seen[secret] = put
                self._pattern = None


def hidden(
    candidates: Sequence[Candidate], fields: Sequence[RequestValue] = ()
) -> tuple[Candidate, ...]:
    """Return ``candidates`` with marks where their differences quote a secret."""
    return tuple(
        msgspec.structs.replace(
            candidate, differences=hidden_differences(candidate.differences, fields)
        )
        for candidate in candidates
    )


def hidden_differences(
    differences: Sequence[Difference], fields: Sequence[RequestValue] = ()
) -> tuple[Difference, ...]:
    """Return ``differences`` with marks where they quote a secret."""
    return tuple(
        Difference(each.field, _hidden(each.expected), _hidden(each.actual))
        if _is_secret(each.field, fields)
        else each
        for each in differences
    )


def hidden_path(request: Request, params: Mapping[str, str], fields: Sequence[RequestValue]) -> str:
    """Return the path of ``request`` with marks for what of it is secret."""
    if any(each.notation == "path" for each in fields):
        return mark(request.path)
    names = {each.notation.removeprefix("params.") for each in fields}
    secret = {value for name, value in params.items() if name in names}
    return "/".join(mark(each) if each in secret else each for each in request.path.split("/"))


def _hidden(text: str) -> str:
    return _QUOTED.sub(_marked, text)


def _marked(literal: re.Match[str]) -> str:
    try:
        value = json.loads(literal[0])
    except ValueError:
        return f'"{mark(literal[0])}"'
    return json.dumps(_leaves(value), ensure_ascii=False)


def _is_secret(field: str, fields: Sequence[RequestValue]) -> bool:
    """Return whether ``field``, as a difference names it, is a place of secrets."""
    if field in _PUBLIC:
        return False
    if field == "auth.digest.uri":  # has the query, in which a secret may be
        return any(each.notation.startswith(("query.", "params.")) for each in fields)
    kind, _, name = field.partition(".")
    if kind in ("auth", "cookie") or (kind == "header" and name.lower() in CREDENTIALS):
        return True
    return any(field.lower() == each.notation.lower() for each in fields)


def _left_out(body: Document) -> Document:
    """Return a body of which nothing is shown."""
    shown = body.get("text", body.get("base64"))
    return body if shown is None else {"size": body["size"], "text": mark(shown)}


def _parts(values: Sequence[Json]) -> Iterator[Json]:
    """Yield ``values``, and what objects and lists among them hold."""
    for value in values:
        yield value
        if isinstance(value, dict):
            yield from _parts(list(value.values()))
        elif isinstance(value, list):
            yield from _parts(value)


def _quoted(text: str) -> Iterator[str]:
    for literal in _QUOTED.findall(text):
        try:
            yield without_scheme(json.loads(literal))
        except ValueError:
            continue


def without_scheme(value: str) -> str:
    """Return credentials without the scheme before them, if there is one."""
    scheme, space, rest = value.partition(" ")
    return rest.strip() if space and scheme.lower() in SCHEMES else value


def _pair(text: str) -> str:
    name, equals, value = text.partition("=")
    return f"{name}={mark(value)}" if equals else text


def _credentials(request: Request) -> Iterator[str]:
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


def _set_cookies(response: Document | None) -> Iterator[str]:
    for name, value in (response or {}).get("headers", ()):
        if name.lower() == "set-cookie":
            yield value.partition(";")[0].partition("=")[2].strip()


def _variants(secrets: Sequence[Json]) -> dict[str, str]:
    """Return each secret that is long enough, in every way it may be written, with its mark."""
    found = {
        way: mark(secret)
        for secret in secrets
        if isinstance(secret, str) and len(secret) >= MIN_SEARCHED
        for way in _ways(secret)
    }
    return dict(sorted(found.items(), key=lambda item: -len(item[0])))


@lru_cache(1024)
def _ways(secret: str) -> tuple[str, ...]:
    return (secret, quote(secret, safe=""), quote_plus(secret), json.dumps(secret)[1:-1])


def _occurs(document: Document, replaced: Mapping[str, str], whole: Mapping[str, str]) -> bool:
    """Return whether a secret stands anywhere; looking takes a tenth of walking through all."""
    encoded = _encode(document)
    return any(_encode(way)[1:-1] in encoded for way in replaced) or any(
        _encode(value) in encoded for value in whole
    )


def _walked(value: Json, replaced: Mapping[str, str], whole: Mapping[str, str]) -> Json:
    if isinstance(value, str):
        if value in whole:
            return whole[value]
        for secret, put in replaced.items():
            if secret in value:
                value = value.replace(secret, put)
        return value
    if isinstance(value, dict):
        return {key: _walked(each, replaced, whole) for key, each in value.items()}
    if isinstance(value, list):
        return [_walked(each, replaced, whole) for each in value]
    return value


def _scrubbed(value: Json, pattern: re.Pattern[str], seen: Mapping[str, str]) -> Json:
    if isinstance(value, str):
        return pattern.sub(lambda found: seen[found[0]], value)
    if isinstance(value, dict):
        return {key: _scrubbed(each, pattern, seen) for key, each in value.items()}
    if isinstance(value, list):
        return [_scrubbed(each, pattern, seen) for each in value]
    return value


def _equal(value: Json, secrets: Sequence[Json]) -> Json:
    """Return ``value`` with each part that is one of ``secrets`` replaced."""
    if any(type(each) is type(value) and each == value for each in secrets):
        return mark(value)
    if isinstance(value, dict):
        return {key: _equal(each, secrets) for key, each in value.items()}
    if isinstance(value, list):
        return [_equal(each, secrets) for each in value]
    return value


def _leaves(value: Json) -> Json:
    """Return ``value`` with every text in it replaced; a scheme before a space stays."""
    if isinstance(value, str):
        secret = without_scheme(value)
        return value.removesuffix(secret) + mark(secret) if secret else value
    if isinstance(value, dict):
        return {key: _leaves(each) for key, each in value.items()}
    if isinstance(value, list):
        return [_leaves(each) for each in value]
    return value
