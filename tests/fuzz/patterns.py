"""Random request patterns with every key and matcher there is, and requests that often fit them.

The tables ``FIELDS``, ``BODIES`` and ``OPERATORS`` are held complete by a test.
"""

from __future__ import annotations

import gzip
import hashlib
import json
import zlib
from collections.abc import Callable
from typing import Any, Final

from hypothesis import strategies as st

from pymockapi.engine.matching.digest import DIGEST_KEYS
from pymockapi.model.request import Request
from pymockapi.model.stub import Json

Made = st.SearchStrategy[Any]

WORDS: Final = ["a", "b", "", "1", "2", "1.0", "true", "A", "ä", "2030-01-01T00:00:00Z", "a b"]
NAMES: Final = ["q", "r", "x-h", "k", "a.b", "ä"]
words = st.sampled_from(WORDS)
names = st.sampled_from(NAMES)
header_names = st.sampled_from(["X-H", "accept", "Content-Type", "k"])
regexes = st.sampled_from(
    ["a.*", "[ab]?", "(?i)A", "\\d+", "(a|b)*", ".{0,3}", "(a+)+b", "^$", "ä|1"]
)
numbers = st.sampled_from([0, 1, 2, -1, 1.5, 1e300])
instants = st.sampled_from(["now", "now+15m", "2030-01-01T00:00:00Z"])
scalars: Made = st.one_of(st.none(), st.booleans(), numbers, words)
documents: Made = st.recursive(
    scalars,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(names, inner, max_size=3),
    max_leaves=6,
)

_texts: Made = st.one_of(words, st.sampled_from([1, 2, True]))


def _items(inner: Made) -> Made:
    return st.lists(inner, min_size=1, max_size=3)


OPERATORS: Final[dict[str, Callable[[Made, Made], Made]]] = {
    "equals": lambda literal, _: literal,
    "equals_ignore_case": lambda *_: words,
    "contains": lambda *_: words,
    "starts_with": lambda *_: words,
    "ends_with": lambda *_: words,
    "matches": lambda *_: regexes,
    "one_of": lambda literal, _: _items(literal),
    "present": lambda *_: st.booleans(),
    "absent": lambda *_: st.booleans(),
    "gt": lambda *_: numbers,
    "ge": lambda *_: numbers,
    "lt": lambda *_: numbers,
    "le": lambda *_: numbers,
    "before": lambda *_: instants,
    "after": lambda *_: instants,
    "length": lambda *_: st.one_of(st.integers(0, 3), st.just({"gt": 1})),
    "json": lambda *_: documents,
    "json_contains": lambda *_: documents.filter(_is_plain),
    "all": lambda _, matcher: _items(matcher),
    "any": lambda _, matcher: _items(matcher),
    "not": lambda _, matcher: matcher,
    "exactly": lambda _, matcher: st.lists(matcher, max_size=2),
    "includes": lambda _, matcher: _items(matcher),
}
"""Each matcher with what it takes, made of a literal and of a matcher."""


def _is_plain(data: Json) -> bool:
    """Whether no key of ``data`` reads as a matcher; those that are near one are reported."""
    if isinstance(data, dict):
        return not data.keys() & OPERATORS.keys() and all(map(_is_plain, data.values()))
    return all(map(_is_plain, data)) if isinstance(data, list) else True


def matchers(literal: Made) -> Made:
    def wider(inner: Made) -> Made:
        one = st.sampled_from(sorted(OPERATORS)).flatmap(
            lambda name: st.fixed_dictionaries({name: OPERATORS[name](literal, inner)})
        )
        return st.one_of(one, st.builds(lambda a, b: {**a, **b}, one, one))

    return st.recursive(literal, wider, max_leaves=4)


of_text = matchers(_texts)
of_json = matchers(scalars)


def _asked(keys: Made, matcher: Made) -> Made:
    return st.dictionaries(keys, matcher, min_size=1, max_size=2)


_schemas: Made = st.recursive(
    st.sampled_from(
        [{}, True, False, {"type": "object"}, {"type": ["string", "null"]}, {"const": 1},
         {"enum": [1, "a", None]}, {"minLength": 1, "pattern": "a"}, {"minimum": 1}, {"multipleOf": 0.5}]
    ),
    lambda inner: st.one_of(
        st.builds(lambda a, b: {"properties": {"k": a, "q": b}, "required": ["k"]}, inner, inner),
        st.builds(lambda a: {"items": a, "uniqueItems": True}, inner),
        st.builds(lambda a, b: {"anyOf": [a, b]}, inner, inner),
        st.builds(lambda a: {"not": a}, inner),
        st.builds(lambda a: {"$defs": {"d": a}, "$ref": "#/$defs/d"}, inner),
    ),
    max_leaves=3,
)  # fmt: skip
_jsonpaths = st.sampled_from(
    ["$", "$.k", "$['k','q']", "$..k", "$[*]", "$[?@.k > 0]", "$.k[0:2]", "$[-1]", "$..*", "$[?length(@) == 1]"]
)  # fmt: skip
_queries = st.sampled_from(["{ a }", "query Q { a(x: 1) { b } }", "mutation M($v: Int) { a }"])
_xpaths = st.sampled_from(
    ["a", "/a/@k", "//b", "//n:b", "count(//*)", "string(a)", "a[@k='1']/text()", "//b[last()]",
     "(//b | //n:b)[1]", "a/b/parent::a", "boolean(a)", "sum(//*) div 0", "substring(a, 0 div 0)"]
)  # fmt: skip
_xml_texts = st.sampled_from(
    ["<a/>", '<a k="1"><b/></a>', '<a xmlns:m="urn:n" k="1"><m:b>1</m:b><b/>a</a>', "<b>1</b>"]
)
BODIES: Final[dict[str, Made]] = {
    "json": st.one_of(
        documents,
        st.builds(
            lambda value, order, extra: {"value": value, "ignore_order": order, "ignore_extra": extra},
            documents, st.booleans(), st.booleans(),
        ),
    ),
    "json_contains": st.recursive(
        of_json, lambda inner: st.dictionaries(names, inner, max_size=2) | st.lists(inner, max_size=2),
        max_leaves=4,
    ),
    "jsonpath": _asked(_jsonpaths, of_json),
    "json_schema": _schemas.filter(lambda schema: schema is not None),
    "graphql": st.fixed_dictionaries(
        {},
        optional={"operation": of_text, "type": st.sampled_from(["query", "mutation"]),
                  "variables": st.dictionaries(names, of_json, max_size=2), "query": _queries},
    ),
    "text": of_text,
    "form": _asked(names, of_text),
    "multipart": _asked(
        st.sampled_from(["k", "q"]),
        st.one_of(
            of_text,
            st.fixed_dictionaries(
                {}, optional={"filename": of_text, "content_type": of_text, "text": of_text,
                              "json": documents, "length": st.integers(0, 3)},
            ).filter(bool),
        ),
    ),
    "xml": _xml_texts,
    "xpath": _asked(_xpaths, of_text),
    "namespaces": st.sampled_from([{"n": "urn:n"}, {"n": "urn:other", "m": "urn:n"}]),
    "base64": st.sampled_from(["", "YQ==", "e30=", "//4="]),
}  # fmt: skip


def _with_namespaces(keys: list[str]) -> set[str]:
    """Have prefixes where they are used, and nowhere else."""
    together = {"xpath", "namespaces"}
    return {*keys, *together} if together & {*keys} else {*keys}


_segments = st.lists(st.sampled_from(["a", "b", "", "%2F", "ä"]), min_size=1, max_size=3)
_paths = _segments.map(lambda parts: "/" + "/".join(parts))
_digests: Made = st.fixed_dictionaries(
    {}, optional={**dict.fromkeys(DIGEST_KEYS, of_text), "password": words}
).filter(bool)
_offers: Made = st.sampled_from([{"present": True}, {"absent": True}])
AUTH: Final[dict[str, Made]] = {
    "bearer": of_text,
    "basic": st.fixed_dictionaries({"username": of_text, "password": of_text}) | _offers,
    "digest": _digests | _offers,
}
FIELDS: Final[dict[str, Made]] = {
    "method": st.one_of(
        st.sampled_from(["GET", "post"]), st.lists(st.sampled_from(["GET", "POST", "HEAD"]), min_size=1)
    ),
    "path": st.one_of(
        _paths, st.sampled_from(["/{x}", "/a/{x}", "/{x}/{y}"]),
        _paths.map(lambda path: {"prefix": path}), _paths.map(lambda path: {"equals": path}),
        st.sampled_from([{"matches": "/a.*"}, {"matches": "/(?P<n>[^/]+)"}]),
    ),
    "query": _asked(names, of_text),
    "query_only": st.booleans(),
    "headers": _asked(header_names, of_text),
    "cookies": _asked(names, of_text),
    "auth": st.sampled_from(sorted(AUTH)).flatmap(
        lambda key: st.fixed_dictionaries({key: AUTH[key]})
    ),
    "host": of_text,
    "scheme": st.sampled_from(["http", "https", {"not": "http"}]),
    "client": st.fixed_dictionaries({"ip": of_text}),
    "body": st.lists(st.sampled_from(sorted(BODIES)), min_size=1, max_size=2, unique=True).flatmap(
        lambda keys: st.fixed_dictionaries({key: BODIES[key] for key in _with_namespaces(keys)})
    ),
}  # fmt: skip
patterns: Made = st.lists(st.sampled_from(sorted(FIELDS)), max_size=4, unique=True).flatmap(
    lambda keys: st.fixed_dictionaries({key: FIELDS[key] for key in keys})
)

_MULTIPART: Final = (
    b'--b\r\nContent-Disposition: form-data; name="k"; filename="f"\r\nContent-Type: text/plain\r\n\r\na'
    b'\r\n--b\r\nContent-Disposition: form-data; name="q"\r\n\r\n{"k": 1}\r\n--b--\r\n'
)
_XML: Final = b'<?xml version="1.0"?><a xmlns:n="urn:n" k="1"><n:b>1</n:b><b/>a</a>'
_typed: Made = st.one_of(
    documents.map(lambda data: ("application/json", json.dumps(data).encode())),
    st.sampled_from(
        [("application/x-www-form-urlencoded", b"q=1&r=a+b&k=%C3%A4"), ("text/plain", b"a"), ("text/xml", _XML),
         ("multipart/form-data; boundary=b", _MULTIPART), ("multipart/form-data", _MULTIPART[:60]),
         ("application/json", b'{"query": "query Q { a(x: 1) { b } }", "variables": {"k": 1}}'),
         ("application/json", b'{"k": '), ("application/xml", b"<a"), ("", b""), ("text/xml", b'<a k="1"><b/></a>'),
         ("text/xml", b'<!DOCTYPE a [<!ENTITY e "x">]><a>&e;</a>')]
    ),
    st.tuples(st.just("application/octet-stream"), st.binary(max_size=40)),
)  # fmt: skip
_CODINGS: Final[dict[str, Callable[[bytes], bytes]]] = {
    "": lambda body: body,
    "gzip": lambda body: gzip.compress(body, mtime=0),
    "deflate": zlib.compress,
    "gzip, br": lambda body: body[::-1],
    "x-gzip": lambda body: gzip.compress(body, mtime=0)[:-3],
}


def _md5(text: str) -> str:
    return hashlib.md5(text.encode(), usedforsecurity=False).hexdigest()


_RESPONSE: Final = _md5(f"{_md5('a:b:a')}:1:{_md5('GET:/a')}")  # RFC 7616 section 3.4.1, password a
_DIGEST: Final = (
    f'Authorization: Digest username="a", realm="b", nonce="1", uri="/a", response="{_RESPONSE}"'
)
_lines: Made = st.sampled_from(
    ["X-H: 1", "X-H: a", "x-h: 2", "Cookie: k=1; q=a; k=2", "Authorization: Bearer a",
     "Authorization: Basic YTox", "Authorization: Basic ?", "Accept: a, b", "k: 2030-01-01T00:00:00Z",
     'Authorization: Digest username="a", realm="b", nonce="1"', _DIGEST, "k: \udcff"]
)  # fmt: skip


def _request(method: str, path: str, query: list[tuple[str, str]], lines: list[str],
             typed: tuple[str, bytes], coding: str) -> Request:  # fmt: skip
    kind, plain = typed
    body = _CODINGS[coding](plain)
    target = path + ("?" + "&".join(f"{name}={value}" for name, value in query) if query else "")
    told = [f"Content-Type: {kind}"] * bool(kind) + [f"Content-Encoding: {coding}"] * bool(coding)
    head = "\r\n".join([f"{method} {target} HTTP/1.1", "Host: a:80", *lines, *told, "", ""])
    return Request(method, target, head.encode("utf-8", "surrogateescape"), body, "127.0.0.1:5")


requests: st.SearchStrategy[Request] = st.builds(
    _request,
    st.sampled_from(["GET", "POST", "HEAD", "PURGE"]),
    st.one_of(_paths, st.sampled_from(["/%ff", "/%zz", "*", "http://a/a"])),
    st.lists(st.tuples(names, st.sampled_from(["1", "a", "a+b", "%C3%A4", "%ff", ""])), max_size=3),
    st.lists(_lines, max_size=3),
    _typed,
    st.sampled_from(["", "", "", *_CODINGS]),
)
wild_requests: st.SearchStrategy[Request] = st.builds(
    lambda target, head, body: Request(
        "GET", "/" + target, b"GET / HTTP/1.1\r\n" + head + b"\r\n\r\n", body
    ),
    st.text(st.characters(codec="utf-8"), max_size=10),
    st.binary(max_size=60),
    st.binary(max_size=60),
)

wild_json: Made = st.recursive(
    st.one_of(
        scalars, st.text(max_size=5), st.integers(), st.floats(), st.sampled_from([2**70, "$["])
    ),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.one_of(st.sampled_from([*FIELDS, *BODIES, *OPERATORS, *NAMES]), st.text(max_size=4)),
            inner,
            max_size=3,
        )
    ),
    max_leaves=8,
)
"""JSON that may be anything, of words that definitions are made of."""


@st.composite
def spoiled(draw: st.DrawFn, of: Made) -> Any:
    """A definition in which one value, wherever it stands, is something else."""
    return _spoil(draw, draw(of))


def _spoil(draw: st.DrawFn, data: Json) -> Json:
    if isinstance(data, dict) and data and draw(st.integers(0, 4)):
        key = draw(st.sampled_from(sorted(data)))
        if draw(st.integers(0, 6)) == 0:
            return {
                **{k: v for k, v in data.items() if k != key},
                draw(st.text(max_size=3)): data[key],
            }
        return {**data, key: _spoil(draw, data[key])}
    if isinstance(data, list) and data and draw(st.integers(0, 4)):
        place = draw(st.integers(0, len(data) - 1))
        return [*data[:place], _spoil(draw, data[place]), *data[place + 1 :]]
    return draw(wild_json)
