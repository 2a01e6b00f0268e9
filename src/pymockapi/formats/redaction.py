"""What may be secret in an exchange, replaced by marks that tell equal secrets from different ones.

Always: credentials in ``Authorization`` and ``Proxy-Authorization`` (the scheme stays), and the
values of cookies, asked and set. Besides: what ``settings.redact`` names, as request values. A
secret is replaced wherever else it appears in what is exported, too.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final
from urllib.parse import unquote

import msgspec

from pymockapi.formats.hiding import QUOTED, hidden_pairs
from pymockapi.formats.secrets import (
    COOKIES,
    CREDENTIALS,
    Swap,
    credentials,
    is_place,
    leaves,
    mark,
    named_values,
    number_text,
    parts,
    without_scheme,
)
from pymockapi.formats.seen_secrets import SeenSecrets
from pymockapi.model.exchange import MAX_SHOWN_JSON
from pymockapi.model.request import Request
from pymockapi.model.stub import Json, RequestValue

_UNSEARCHED: Final = frozenset({"at", "mock_at"})  # no secret is an instant that we note

_encode: Final = msgspec.json.Encoder().encode

Document = dict[str, Any]


class Redactor:
    """Redacts one export; ``fields`` are the request values that are secret besides."""

    def __init__(self, fields: Sequence[RequestValue] = ()) -> None:
        self._fields = fields
        self._named: dict[str, set[str]] = {}
        for field in fields:
            kind, _, name = field.notation.partition(".")
            self._named.setdefault(kind, set()).add(name.lower() if kind == "header" else name)
        self._seen = SeenSecrets()

    def exchange(self, document: Document, request: Request, params: Mapping[str, str]) -> Document:
        """Return a recorded exchange without its secrets; ``request`` is the one it is of."""
        values, is_sure = named_values(self._fields, request, params)
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
            document["response"] = {
                **response,
                "headers": self._headers(response["headers"]),
                "body": _data(response["body"], [*parts(values)]),
            }
        swap = Swap(
            [
                *parts(values),
                *credentials(request),
                *_set_cookies(response),
                *self._told(document),
            ]
        )
        self._seen.note(swap)
        if not _occurs(document, swap):
            return document
        return {
            key: each if key in _UNSEARCHED else _walked(each, swap)
            for key, each in document.items()
        }

    def _is_searched(self, body: Document) -> bool:
        """Return whether what the fields name in ``body`` is found; a long one is not read again."""
        if "json" in body or body["size"] <= MAX_SHOWN_JSON:
            return True
        return not any(field.notation.startswith("body.") for field in self._fields)

    def scrubbed(self, value: Json, *, is_data: bool = False) -> Json:
        """Return ``value`` without the secrets that the exchanges had.

        ``is_data``: its numbers may be secrets, too, and not only those in texts.
        """
        return self._seen.scrubbed(value, is_data=is_data)

    def definition(self, value: Json, within: str = "") -> Json:
        """Return a stub's definition without what it expects or sets where secrets are."""
        if isinstance(value, list):
            return [self.definition(each, within) for each in value]
        if not isinstance(value, dict):
            return value
        return {key: self._part(within, key, each) for key, each in value.items()}

    def _part(self, within: str, key: str, value: Json) -> Json:
        if within == "body" and key in ("json", "json_contains"):
            return self._expected(value, "body.$")
        if within == "jsonpath" and is_place(f"body.{key}", self._fields):
            return leaves(value, numbers=True)
        if not self._is_secret(within, key):
            return self.definition(value, key)
        if key == "auth" and isinstance(value, dict) and isinstance(value.get("digest"), dict):
            return {**leaves(value), "digest": self._digest(value["digest"])}
        return leaves(value)

    def _expected(self, value: Json, at: str) -> Json:
        """Mark what a JSON body is expected to have where secrets are."""
        if at != "body.$" and is_place(at, self._fields):
            return leaves(value, numbers=True)
        if isinstance(value, dict):
            return {key: self._expected(each, f"{at}['{key}']") for key, each in value.items()}
        if isinstance(value, list):
            return [self._expected(each, f"{at}[{n}]") for n, each in enumerate(value)]
        return value

    def _digest(self, parameters: Mapping[str, Json]) -> Json:
        """Mark all but what a challenge tells everybody."""
        return {
            key: leaves(each) if is_place(f"auth.digest.{key}", self._fields) else each
            for key, each in parameters.items()
        }

    def _told(self, exchange: Document) -> Iterator[str]:
        """Yield what answers and explanations quote of secrets: what a stub expected, what came."""
        answer = ((exchange["response"] or {}).get("body") or {}).get("json")
        nearest = answer.get("nearest") if isinstance(answer, dict) else None
        candidates = exchange.get("explanation", {}).get("candidates", ())
        for candidate in (*(nearest if isinstance(nearest, list) else ()), *candidates):
            for each in candidate.get("differences", ()) if isinstance(candidate, dict) else ():
                if is_place(str(each.get("field")), self._fields):
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
        return hidden_pairs(text, self._named[kind]) if kind in self._named else text

    def _body(self, body: Document, values: Sequence[Json]) -> Document:
        if "json" in body:
            redacted = _equal(body["json"], [each for each in values if each is not None])
            if redacted != body["json"]:
                return {**body, "json": redacted, "text": json.dumps(redacted, ensure_ascii=False)}
        elif "text" in body:
            return {**body, "text": self._pairs("form", body["text"])}
        return body


def _left_out(body: Document) -> Document:
    """Return a body of which nothing is shown."""
    shown = body.get("text", body.get("base64"))
    return body if shown is None else {"size": body["size"], "text": mark(shown)}


def _pair(text: str) -> str:
    name, equals, value = text.partition("=")
    return f"{name}={mark(value)}" if equals else text


def _set_cookies(response: Document | None) -> Iterator[str]:
    for name, value in (response or {}).get("headers", ()):
        if name.lower() == "set-cookie":
            yield value.partition(";")[0].partition("=")[2].strip()


def _occurs(document: Document, swap: Swap) -> bool:
    """Return whether a secret stands anywhere; looking takes a tenth of walking through all."""
    encoded = _encode(document)
    return (
        any(_encode(way)[1:-1] in encoded for way in swap.texts)
        or any(text.encode() in encoded for text in swap.numbers)
        or any(_encode(value) in encoded for value in swap.whole)
    )


def _walked(value: Json, swap: Swap) -> Json:
    if isinstance(value, str):
        return swap.text(value)
    if isinstance(value, dict):
        return {key: _walked(each, swap) for key, each in value.items()}
    if isinstance(value, list):
        return [_walked(each, swap) for each in value]
    return value


def _data(body: Document, values: Sequence[Json]) -> Document:
    """Return a body whose JSON has no number that is one of ``values``; texts are searched apart."""
    numbers = [each for each in values if number_text(each) is not None]
    if not numbers or "json" not in body:
        return body
    return {**body, "json": _equal(body["json"], numbers)}


def _equal(value: Json, secrets: Sequence[Json]) -> Json:
    """Return ``value`` with each part that is one of ``secrets`` replaced."""
    if any(type(each) is type(value) and each == value for each in secrets):
        return mark(value)
    if isinstance(value, dict):
        return {key: _equal(each, secrets) for key, each in value.items()}
    if isinstance(value, list):
        return [_equal(each, secrets) for each in value]
    return value


def _quoted(text: str) -> Iterator[str]:
    for literal in QUOTED.findall(text):
        try:
            yield without_scheme(json.loads(literal))
        except ValueError:
            continue
