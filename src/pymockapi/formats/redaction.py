"""What may be secret in an exchange, replaced by marks that tell equal secrets from different ones.

Always: credentials in ``Authorization`` and ``Proxy-Authorization`` (the scheme stays), and the
values of cookies, asked and set. Besides: what ``settings.redact`` names, as request values. A
secret is replaced wherever else it appears in what is exported, too.
"""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

import msgspec

from pymockapi.formats.definitions import Stripping
from pymockapi.formats.finder import Finder
from pymockapi.formats.hiding import QUOTED, hidden_pairs, hidden_target, marked_segments
from pymockapi.formats.places import is_place
from pymockapi.formats.rebuilding import rebuilding
from pymockapi.formats.secrets import (
    CREDENTIALS,
    Captures,
    Secrets,
    Swap,
    mark,
    number_text,
    secrets_of,
    without_scheme,
)
from pymockapi.model.exchange import MAX_SHOWN_JSON
from pymockapi.model.request import Request
from pymockapi.model.response import Response
from pymockapi.model.slices import Work, at_once
from pymockapi.model.stub import Json, RequestValue

MAX_SEEN: Final = 10_000  # texts that are looked for elsewhere, and as many numbers; the first
MIN_ELSEWHERE: Final = 8  # characters of what is looked for in other exchanges: no common word
SMALL: Final = 16 * 1024  # bytes of an exchange that needs no slices
_AS_THEY_ARE: Final = frozenset({"at", "mock_at", "phase", "scheme", "selector", "error"})
"""Keys of an exchange whose texts are the mock's own."""


_NUMBER: Final = re.compile(r"-?\d[\d.e+-]*\Z")
_encode: Final = msgspec.json.Encoder().encode

Document = dict[str, Any]


class Redactor:
    """Redacts one export; ``fields`` are the request values that are secret besides."""

    def __init__(self, fields: Sequence[RequestValue] = ()) -> None:
        self._fields = fields
        self._stripping = Stripping(fields)
        self._named = self._stripping.named
        self._asks_body = any(each.notation.startswith("body.") for each in fields)
        self._seen = Finder()
        self._elsewhere = Finder()

    def learn(self, request: Request, captures: Captures, response: Response | None) -> None:
        """Remember the secrets of an exchange, to be found in the others and all else."""
        headers = () if response is None else response.headers
        secrets = secrets_of(self._fields, request, captures)
        swap = Swap([*secrets.all, *_set_cookies(headers)])
        self._note(swap)

    def _note(self, swap: Swap) -> None:
        self._seen.add(swap.finder, MAX_SEEN)
        long = swap.finder.of_length(MIN_ELSEWHERE)
        self._elsewhere.add(long, MAX_SEEN)

    def exchange(self, document: Document, request: Request, captures: Captures) -> Document:
        return at_once(self.exchanging(document, request, captures))

    def exchanging(
        self, document: Document, request: Request, captures: Captures
    ) -> Work[Document]:
        """Return a recorded exchange without its secrets, bit by bit; ``request`` is the one it is of."""
        secrets = secrets_of(self._fields, request, captures)
        document = yield from self._at_their_places(document, request, secrets)
        response = document["response"]
        cookies = _set_cookies(response["headers"]) if response is not None else ()
        swap = Swap([*secrets.all, *cookies, *self._told(document)])
        self._note(swap)
        if response is not None:
            is_own = document["error"] is not None
            document["response"] = yield from self._answer(
                response, secrets, swap.finder, is_own=is_own
            )
        encoded = _encode(document)
        if not (
            _may_occur(encoded, swap.finder, swap.whole) or _may_occur(encoded, self._elsewhere)
        ):
            return document
        return (yield from self._replaced(document, swap, is_small=len(encoded) <= SMALL))

    def _at_their_places(
        self, document: Document, request: Request, secrets: Secrets
    ) -> Work[Document]:
        values = secrets.values
        body = yield from self._body(document["body"], request, secrets)
        made = {
            **document,
            "headers": self._headers(document["headers"]),
            "trailers": self._headers(document["trailers"]),
            "query": {
                name: [mark(value) for value in listed] if self._is("query", name) else listed
                for name, listed in document["query"].items()
            },
            "target": self._target(document["target"], request, values),
            "path": self._path(document["path"], values),
            "body": body,
        }
        if (explanation := made.get("explanation")) is not None:
            method, _, path = explanation["request"].partition(" ")
            told = f"{method} {self._path(path, values)}"
            made["explanation"] = {**explanation, "request": told}
        return made

    def _replaced(self, document: Document, swap: Swap, *, is_small: bool) -> Work[Document]:
        elsewhere = self._elsewhere

        def change(value: Any) -> Any:
            return elsewhere.text(swap.text(value)) if isinstance(value, str) else value

        def change_long(value: str) -> Work[str]:
            if value in swap.whole:
                return swap.whole[value]
            made = yield from swap.finder.replacing(value)
            return (yield from elsewhere.replacing(made))

        rest = {key: each for key, each in document.items() if key not in _AS_THEY_ARE}
        work = rebuilding(rest, change, change_long)
        made = at_once(work) if is_small else (yield from work)
        return {key: made.get(key, each) for key, each in document.items()}

    def scrubbed(self, value: Json, *, is_data: bool = False) -> Json:
        return at_once(self.scrubbing(value, is_data=is_data))

    def scrubbing(self, value: Json, *, is_data: bool = False) -> Work[Json]:
        """Return ``value`` without the secrets that the exchanges had, bit by bit.

        ``is_data``: its numbers may be secrets, too, and not only those in texts.
        """
        seen = self._seen
        if not seen:
            return value

        def change(value: Any) -> Any:
            if isinstance(value, str):
                return seen.text(value)
            text = number_text(value) if is_data else None
            return value if text is None else seen.numbers.get(text) or seen.texts.get(text, value)

        return (yield from rebuilding(value, change, seen.replacing))

    def definition(self, value: Json) -> Json:
        return at_once(self.stripping(value))

    def stripping(self, value: Json) -> Work[Json]:
        """Return a stub's definition without what it expects or sets where secrets are, bit by bit."""
        return self._stripping.strip(value)

    def _told(self, exchange: Document) -> Iterator[str]:
        """Yield what answers and explanations quote of secrets: what a stub expected, what came."""
        answer = ((exchange["response"] or {}).get("body") or {}).get("json")
        nearest = answer.get("nearest") if isinstance(answer, dict) else None
        candidates = exchange.get("explanation", {}).get("candidates", ())
        for candidate in (*(nearest if isinstance(nearest, list) else ()), *candidates):
            found = candidate.get("differences") if isinstance(candidate, dict) else None
            for each in found if isinstance(found, list) else ():
                if isinstance(each, dict) and is_place(str(each.get("field")), self._fields):
                    yield from _quoted(f"{each.get('expected')} {each.get('actual')}")

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

    def _path(self, path: str, values: Sequence[Json]) -> str:
        """Return a path with marks for what is secret; a short one only where it is a segment."""
        if self._named.get("path") is not None:
            return mark(path)
        return marked_segments(path, {each for each in values if isinstance(each, str)})

    def _target(self, target: str, request: Request, values: Sequence[Json]) -> str:
        path, asks, query = target.partition("?")
        path = mark(request.path) if "path" in self._named else self._path(path, values)
        return hidden_target(path + asks + query, self._fields)

    def _body(self, body: Document, request: Request, secrets: Secrets) -> Work[Document]:
        is_all = self._is("body", "")
        if is_all or not secrets.is_sure or not self._is_searched(body, request):
            return _left_out(body)
        if "json" in body and self._asks_body:
            return (yield from _json_body(body, request, secrets))
        if "base64" in body:
            if secrets.values and any(each in self._named for each in ("body", "form")):
                return _left_out(body)
            return (yield from self._binary(body, request.content, Swap(secrets.all).finder))
        if "text" in body and "form" in self._named:
            return {**body, "text": hidden_pairs(body["text"], self._named["form"])}
        return body

    def _is_searched(self, body: Document, request: Request) -> bool:
        """Return whether what the fields name in ``body`` has been found.

        A long one is not read again; in one that was to be JSON and is not nothing is found.
        """
        if "json" in body or not self._asks_body:
            return True
        return body["size"] <= MAX_SHOWN_JSON and request.content.lstrip()[:1] not in (b"{", b"[")

    def _binary(self, body: Document, content: bytes, finder: Finder) -> Work[Document]:
        """Return a body that is no text: left out if there is a secret in it."""
        text = content.decode("latin-1")
        for each in (finder, self._elsewhere):
            if (yield from each.replacing(text)) != text:
                return _left_out(body)
        return body

    def _answer(
        self, response: Document, secrets: Secrets, finder: Finder, *, is_own: bool
    ) -> Work[Document]:
        """Return what was answered; its JSON has no number that is a secret. Texts are searched apart.

        ``is_own``: the mock says it itself, and nothing of what it was not sure of.
        """
        numbers = {each for each in (*finder.numbers, *finder.texts) if _NUMBER.match(each)}
        body = response["body"]
        if not (secrets.is_sure or is_own):
            body = _left_out(body)
        if "base64" in body:
            body = yield from self._binary(body, base64.b64decode(body["base64"]), finder)
        if "json" in body and numbers:

            def change(value: Any) -> Any:
                text = number_text(value)
                return value if text is None or text not in numbers else mark(value)

            body = {**body, "json": (yield from rebuilding(body["json"], change))}
        fields: Document = {
            key: self._headers(response[key]) for key in ("headers", "trailers") if key in response
        }
        return {**response, **fields, "body": body}


def _json_body(body: Document, request: Request, secrets: Secrets) -> Work[Document]:
    """Return a JSON body with marks for what is secret, as it is read: keys that come twice are once."""
    containers = {id(each) for each in secrets.values if isinstance(each, dict | list)}
    others = {(type(each), each) for each in secrets.values if isinstance(each, str | int | float)}

    def change(value: Any) -> Any:
        if isinstance(value, dict | list):
            return mark(value) if id(value) in containers else value
        return mark(value) if value is not None and (type(value), value) in others else value

    content = request.json
    redacted = yield from rebuilding(content, change)
    yield
    if redacted == content and not _has_doubles(request.content, content):
        return body
    return {**body, "json": redacted, "text": json.dumps(redacted, ensure_ascii=False)}


def _has_doubles(text: bytes, value: Json) -> bool:
    """Return whether ``text`` may have keys, of which ``value`` has only the last."""
    return text.count(b'"') != _encode(value).count(b'"') or rb"\u0022" in text


def _left_out(body: Document) -> Document:
    """Return a body of which nothing is shown."""
    shown = body.get("text", body.get("base64"))
    return body if shown is None else {"size": body["size"], "text": mark(shown)}


def _pair(text: str) -> str:
    name, equals, value = text.partition("=")
    return f"{name}={mark(value)}" if equals else text


def _set_cookies(headers: Sequence[Sequence[str]]) -> Iterator[str]:
    for name, value in headers:
        if name.lower() == "set-cookie":
            yield value.partition(";")[0].partition("=")[2].strip()


def _may_occur(encoded: bytes, finder: Finder, whole: Mapping[str, str] | None = None) -> bool:
    """Return whether a secret may stand anywhere; looking takes a tenth of walking through all."""
    if not finder.is_few:
        return True
    return (
        any(_encode(way)[1:-1] in encoded for way in finder.texts)
        or any(text.encode() in encoded for text in finder.numbers)
        or any(_encode(value) in encoded for value in whole or ())
    )


def _quoted(text: str) -> Iterator[str]:
    for literal in QUOTED.findall(text):
        try:
            yield without_scheme(json.loads(literal))
        except ValueError:
            continue
