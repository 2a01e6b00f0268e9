"""Request patterns: every field, what the index may rely on, and what differs."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.engine.requests import (
    accepts,
    context_of,
    differences,
    make_request,
    pattern_findings,
    pattern_of,
)

from pymockapi.engine.matching.literals import literal_values
from pymockapi.model.errors import ExpressionLimit
from pymockapi.model.request import Request

PAYMENT = make_request(
    "POST",
    "/pay?page=2&tag=a&tag=b&flag",
    [
        ("Host", "Api.Test:8080"),
        ("X-Tenant", "acme"),
        ("X-Tag", "a, b"),
        ("X-Tag", "c"),
        ("Cookie", 'session=s1; theme="dark"'),
        ("Authorization", "Basic dTpwOnE="),
    ],
    json={"amount": 4200, "ok": True, "order": {"id": 7, "lines": [{"sku": "x"}, {"sku": "y"}]}},
    client="10.0.0.9:4711",
    scheme="https",
)

FITTING: list[Any] = [
    {},
    {"method": "POST"},
    {"method": "post"},
    {"method": ["GET", "POST"]},
    {"path": "/pay"},
    {"query": {"page": 2}},
    {"query": {"tag": "b", "flag": ""}},
    {"query": {"tag": {"exactly": ["b", "a"]}}},
    {"query": {"debug": {"absent": True}}},
    {"query": {"page": 2, "tag": "a", "flag": {"present": True}}, "query_only": True},
    {"headers": {"x-tenant": "acme"}},
    {"headers": {"X-TENANT": {"starts_with": "ac"}}},
    {"headers": {"X-Tag": "a, b"}},
    {"headers": {"X-Tag": "c"}},
    {"headers": {"X-Other": {"absent": True}}},
    {"cookies": {"session": "s1", "theme": "dark"}},
    {"auth": {"basic": {"username": "u", "password": "p:q"}}},
    {"auth": {"basic": {"username": {"matches": "u+"}}}},
    {"auth": {"bearer": {"absent": True}}},
    {"host": "api.test"},
    {"host": "API.test:8080"},
    {"host": {"ends_with": ".test"}},
    {"scheme": "https"},
    {"client": {"ip": {"starts_with": "10."}}},
    {"body": {"json_contains": {"amount": {"gt": 0}, "order": {"id": 7.0}}}},
    {"body": {"json_contains": {"order": {"lines": [{"sku": "y"}]}}}},
    {"body": {"json_contains": {"refund": {"absent": True}}}},
    {"body": {"jsonpath": {"$.order.id": 7, "$.order.lines[*].sku": {"includes": ["y"]}}}},
    {"body": {"jsonpath": {"$.order.lines[?@.sku == 'z']": {"absent": True}}}},
    {"body": {"jsonpath": {"$": {"length": 3}}}},
    {"body": {"text": {"contains": "4200"}}},
    {"body": {"text": {"json_contains": {"ok": True}}}},
]

MISFITTING: list[tuple[Any, tuple[str, str, str]]] = [
    ({"method": "GET"}, ("method", "GET", "POST")),
    ({"method": ["GET", "PUT"]}, ("method", "GET or PUT", "POST")),
    ({"path": "/pays/{id}"}, ("path", "/pays/{id}", "/pay")),
    ({"path": {"prefix": "/x"}}, ("path", "/x…", "/pay")),
    ({"path": {"matches": "/x"}}, ("path", "matching /x", '"/pay"')),
    ({"query": {"page": 3}}, ("query.page", 'equal to "3"', '"2"')),
    ({"query": {"tag": "c"}}, ("query.tag", 'equal to "c"', '"a", "b"')),
    ({"query": {"no": "c"}}, ("query.no", 'equal to "c"', "missing")),
    (
        {"query": {"page": 2, "flag": ""}, "query_only": True},
        ("query.tag", "absent", '"a", "b"'),
    ),
    ({"headers": {"X-Tenant": "ACME"}}, ("header.x-tenant", 'equal to "ACME"', '"acme"')),
    ({"cookies": {"session": {"absent": True}}}, ("cookie.session", "absent", '"s1"')),
    (
        {"auth": {"basic": {"password": "q"}}},
        ("auth.basic.password", 'equal to "q"', '"p:q"'),
    ),
    ({"auth": {"bearer": "t"}}, ("auth.bearer", 'equal to "t"', "missing")),
    ({"host": "x.test"}, ("host", 'equal to "x.test"', '"api.test", "api.test:8080"')),
    ({"scheme": "http"}, ("scheme", 'equal to "http"', '"https"')),
    ({"client": {"ip": "::1"}}, ("client.ip", 'equal to "::1"', '"10.0.0.9"')),
    (
        {"body": {"json_contains": {"amount": {"gt": 5000}}}},
        ("body.$.amount", "greater than 5000", "4200"),
    ),
    ({"body": {"json_contains": {"ok": 1}}}, ("body.$.ok", "equal to 1", "true")),
    (
        {"body": {"json_contains": {"order": {"lines": [{"sku": "x"}, {"sku": "x"}]}}}},
        (
            "body.$.order.lines",
            'an item of its own an object with {"sku": equal to "x"}',
            '[{"sku": "x"}, {"sku": "y"}]',
        ),
    ),
    (
        {"body": {"jsonpath": {"$.order.lines[0].sku": "y"}}},
        ("body.$.order.lines[0].sku", 'equal to "y"', '"x"'),
    ),
    ({"body": {"form": {"a": "1"}}}, ("form.a", 'equal to "1"', "missing")),
]


@pytest.mark.parametrize("data", FITTING)
def test_a_fitting_pattern_accepts(data: Any) -> None:
    assert accepts(data, PAYMENT)


@pytest.mark.parametrize(("data", "difference"), MISFITTING)
def test_a_misfitting_pattern_tells_what_differs(data: Any, difference: Any) -> None:
    assert not accepts(data, PAYMENT)
    assert differences(data, PAYMENT) == [difference]


def test_json_differences_are_pinpointed() -> None:
    data = {"body": {"json": {"a": [{"b": 1}, {"c": 2}], "d": None, "e f": 3}}}
    request = make_request("POST", "/", json={"a": [{"b": 1}, {"c": "2"}], "d": 0, "x": 9})
    assert differences(data, request) == [
        ("body.$.a[1].c", "equal to 2", '"2"'),
        ("body.$.d", "equal to null", "0"),
        ("body.$['e f']", "equal to 3", "missing"),
        ("body.$.x", "absent", "9"),
    ]


def test_every_field_that_differs_is_told() -> None:
    data = {"method": "GET", "path": "/x", "query": {"page": 1}, "body": {"json": [1]}}
    assert [field for field, _, _ in differences(data, PAYMENT)] == [
        "method", "path", "query.page", "body.$",
    ]  # fmt: skip


@pytest.mark.parametrize("key", ["json", "json_contains"])
def test_a_body_that_is_no_json_is_told_as_such(key: str) -> None:
    ((field, _, actual),) = differences({"body": {key: {"a": 1}}}, make_request(body=b"a=1"))
    assert (field, actual) == ("body", 'no JSON: "a=1"')
    ((_, _, actual),) = differences({"body": {key: {"a": 1}}}, make_request())
    assert actual == "missing"


@pytest.mark.parametrize(
    ("body", "pattern", "expected"),
    [
        (b"", {"jsonpath": {"$.a": {"absent": True}}}, True),
        (b"{}", {"jsonpath": {"$.a": {"absent": True}}}, True),
        (b"{", {"jsonpath": {"$.a": {"absent": True}}}, False),
        (b"", {"json": None}, False),
        (b"null", {"json": None}, True),
        (b"", {"text": {"absent": True}}, True),
        (b"", {"text": ""}, False),
        (b" ", {"text": " "}, True),
        (b"\xff", {"text": {"length": 1}}, True),
        (b"a=1&b=x+y&a=2", {"form": {"a": "2", "b": "x y", "c": {"absent": True}}}, True),
        (b"\x00\x01", {"base64": "AAE="}, True),
        (b"\x00", {"base64": "AAE="}, False),
        (b"", {"base64": ""}, True),
        (b'{"a":1}', {"json_contains": {"a": 1}, "text": {"length": 7}}, True),
        (b'{"a":1}', {"json_contains": {"a": 1}, "text": {"length": 8}}, False),
        (b'\xef\xbb\xbf{"a":1}', {"json": {"a": 1}}, True),
    ],
)
def test_a_body_pattern_judges_a_body(body: bytes, pattern: Any, expected: bool) -> None:
    assert accepts({"body": pattern}, make_request("POST", "/", body=body)) is expected


@pytest.mark.parametrize("text", ["[" * 5_000 + "]" * 5_000, "1e309", "9" * 5_000, '"\\ud800"'])
@pytest.mark.parametrize(
    "pattern",
    [
        {"body": {"json": 1}},
        {"body": {"json_contains": 1}},
        {"body": {"jsonpath": {"$.a": {"absent": True}}}},
        {"body": {"json_schema": {}}},
        {"body": {"graphql": {"type": "query"}}},
        {"headers": {"x": {"json_contains": 1}}},
        {"query": {"x": {"json": 1}}},
    ],
)
def test_json_beyond_what_is_read_is_never_a_mismatch(text: str, pattern: Any) -> None:
    request = make_request("POST", f"/?x={text}", [("X", text)], body=text.encode())
    with pytest.raises(ExpressionLimit, match="JSON"):
        accepts(pattern, request)


@pytest.mark.parametrize("text", ['{"a": 1e309}', '{"a": "\\ud800"}'])
def test_variables_of_graphql_beyond_what_is_read_are_never_a_mismatch(text: str) -> None:
    request = make_request("GET", "/?query={a}&variables=" + text)
    with pytest.raises(ExpressionLimit, match="JSON"):
        accepts({"body": {"graphql": {"variables": {"a": 1}}}}, request)


def test_head_needs_to_be_named_or_any() -> None:
    head = make_request("HEAD", "/")
    assert accepts({"path": "/"}, head)
    assert accepts({"method": ["GET", "HEAD"]}, head)
    assert not accepts({"method": "GET"}, head)


def test_methods_of_ones_own_keep_their_case() -> None:
    assert accepts({"method": "purge"}, make_request("purge", "/"))
    assert not accepts({"method": "purge"}, make_request("PURGE", "/"))


@pytest.mark.parametrize(
    ("data", "pointer", "words"),
    [
        (5, "", "expected an object"),
        ({"metod": "GET"}, "/metod", "did you mean 'method'?"),
        ({"json": {}}, "/json", "unknown key 'json'"),
        ({"method": []}, "/method", "at least one method"),
        ({"method": "ANY"}, "/method", "leave 'method' out"),
        ({"method": "GE T"}, "/method", "no method"),
        ({"method": ["GET", 5]}, "/method/1", "expected a method"),
        ({"query": {"a": None}}, "/query/a", "{absent: true}"),
        ({"query": {"a": [1, 2]}}, "/query/a", "{exactly: [...]}"),
        ({"query": "a=1"}, "/query", "expected an object"),
        ({"query_only": "yes"}, "/query_only", "true or false"),
        ({"headers": {"a b": 1}}, "/headers/a b", "no header name"),
        ({"headers": {"a": {"mathces": "x"}}}, "/headers/a/mathces", "did you mean 'matches'?"),
        ({"body": {"contains": "x"}}, "/body/contains", "write {text: {contains: ...}}"),
        ({"body": {"absent": True}}, "/body/absent", "write {text: {absent: true}}"),
        ({"body": {"present": True}}, "/body/present", "write {text: {present: true}}"),
        ({"auth": {"ntlm": {}}}, "/auth/ntlm", "known keys: basic, bearer, digest"),
        ({"auth": {"basic": {"user": "u"}}}, "/auth/basic/user", "'username'"),
        ({"client": {"port": 1}}, "/client/port", "unknown key"),
        ({"body": "text"}, "/body", "{text: ...}"),
        ({"body": {"jsn": 1}}, "/body/jsn", "did you mean 'json'?"),
        ({"body": {"base64": "?"}}, "/body/base64", "no base64"),
        ({"body": {"jsonpath": {"a": 1}}}, "/body/jsonpath/a", "no JSONPath"),
        ({"body": {"form": {"a/b": None}}}, "/body/form/a~1b", "got null"),
        ({"body": {"json": {"value": 1, "ignore_order": 1}}}, "/body/json/ignore_order", "true"),
        ({"body": {"json_contains": {"a": {"gt": 1, "b": 1}}}}, "/body/json_contains/a", "equals"),
    ],
)
def test_a_wrong_pattern_is_reported_where_it_stands(data: Any, pointer: str, words: str) -> None:
    found = pattern_findings(data)
    assert [(at, words in message) for at, message in found] == [(pointer, True)]


def test_all_errors_of_a_pattern_are_reported_at_once() -> None:
    data = {
        "method": 1,
        "path": "x?",
        "query": {"a": None},
        "headers": {"b": {"matches": "("}},
        "body": {"jsonpath": {"$[": 1}, "form": 2},
    }
    assert [pointer for pointer, _ in pattern_findings(data)] == [
        "/method", "/path", "/query/a", "/headers/b/matches", "/body/jsonpath/$[", "/body/form",
    ]  # fmt: skip


def test_a_pattern_describes_itself() -> None:
    assert pattern_of({"method": "post", "path": "/a/{b}"}).describe() == "POST /a/{b}"
    assert (
        pattern_of({"method": ["GET", "PUT"], "path": {"prefix": "/a"}}).describe() == "GET,PUT /a…"
    )
    assert pattern_of({}).describe() == "ANY any path"


def test_a_pattern_keeps_its_definition() -> None:
    data = {"method": "post", "query": {"a": 1}}
    assert pattern_of(data).to_json() == data


def test_the_index_is_told_every_literal() -> None:
    pattern = pattern_of(
        {
            "query": {"page": 2, "tag": {"matches": "a"}},
            "headers": {"X-Tenant": {"equals": "acme"}},
            "cookies": {"session": "s"},
            "auth": {"bearer": "t"},
            "body": {
                "json_contains": {"a": {"b": True, "c": {"gt": 1}}, "odd.key": 1, "list": [1]},
                "jsonpath": {"$.event.type": "paid", "$.lines[0]": 1},
            },
        }
    )
    assert pattern.index_key.literals == {
        "query.page": "2",
        "header.x-tenant": "acme",
        "cookie.session": "s",
        "bearer": "t",
        "body.$.a.b": ("true",),
        "body.$['odd.key']": 1,
        "body.$.event.type": "paid",
    }
    assert not pattern.only_indexed


@pytest.mark.parametrize(
    ("place", "keys"),
    [
        ("query.tag", ["a", "b"]),
        ("query.none", []),
        ("header.x-tag", ["a, b", "c"]),
        ("cookie.theme", ["dark"]),
        ("form.none", []),
        ("bearer", []),
        ("body.$.amount", [4200]),
        ("body.$.ok", [("true",)]),
        ("body.$.order", []),
        ("body.$.order.id", [7]),
        ("body.$.none.id", []),
    ],
)
def test_a_request_tells_its_keys_at_a_place(place: str, keys: list[Any]) -> None:
    assert list(literal_values(place, PAYMENT)) == keys


scalars = st.none() | st.booleans() | st.integers(0, 1) | st.sampled_from([1.0, "1", "a", ""])
keys = st.sampled_from(["a", "b.c", "it's", "b\\", "é", "$"])
documents = st.recursive(
    scalars,
    lambda inner: st.dictionaries(keys, inner, max_size=3) | st.lists(inner, max_size=2),
    max_leaves=5,
)


@settings(max_examples=200, deadline=None)
@given(documents, documents, st.sampled_from(["json", "json_contains"]))
def test_literals_never_exclude_what_a_pattern_accepts(expected: Any, value: Any, key: str) -> None:
    pattern = pattern_of({"body": {key: expected}, "query": {"q": str(expected)[:9]}})
    for body, query in ((expected, expected), (value, expected), (value, value)):
        request = _with_query(make_request("POST", "/", json=body), str(query)[:9])
        if pattern.accepts(request, context_of(request)):
            for place, wanted in pattern.index_key.literals.items():
                assert wanted in literal_values(place, request)


def _with_query(request: Request, text: str) -> Request:
    quoted = "".join(f"%{byte:02x}" for byte in text.encode())
    return Request(request.method, f"/?q={quoted}", request.head, request.body)


@settings(max_examples=150, deadline=None)
@given(st.binary(max_size=60), st.binary(max_size=60), st.text(max_size=20))
def test_no_request_makes_a_pattern_raise(head: bytes, body: bytes, target: str) -> None:
    request = Request("GET", "/" + target, b"GET / HTTP/1.1\r\n" + head + b"\r\n\r\n", body)
    for data in [item for item, _ in MISFITTING] + FITTING:
        pattern = pattern_of(data)
        found = pattern.differences(request, context_of(request))
        assert pattern.accepts(request, context_of(request)) == (not found)
        for item in found:
            (item.field + item.expected + item.actual).encode()
            assert len(item.actual) < 1300


def test_a_limit_reached_is_never_a_mere_mismatch() -> None:
    pattern = pattern_of({"headers": {"x": {"matches": "(a|aa)*b"}}})
    request = make_request(headers=[("X", "a" * 5000 + "b!")])
    with pytest.raises(ExpressionLimit):
        pattern.accepts(request, context_of(request))
