"""``path``: templates, literals, prefixes and text matchers against the canonical path."""

from __future__ import annotations

from typing import Any

import pytest
from tests.engine.requests import accepts, make_request, pattern_findings, pattern_of

CASES: list[tuple[Any, str, bool]] = [
    ("/orders", "/orders", True),
    ("/orders", "/orders?x=1", True),
    ("/orders", "/orders/", False),
    ("/orders", "/Orders", False),
    ("/orders", "//orders", False),
    ("/a/../b", "/b", False),
    ("/", "/", True),
    ("*", "*", True),
    ("/caf%C3%A9", "/café", True),
    ("/café", "/caf%c3%a9", True),
    ("/a b", "/a%20b", True),
    ("/a%2Fb", "/a/b", False),
    ("/a%2Fb", "/a%2fb", True),
    ("/a%25", "/a%25", True),
    ("/%7Bid%7D", "/{id}", True),
    ("/orders/{id}", "/orders/7", True),
    ("/orders/{id}", "/orders/", False),
    ("/orders/{id}", "/orders/7/pay", False),
    ("/orders/{id}", "/orders/a%2Fb", True),
    ("/orders/{order-id}/pay", "/orders/7/pay", True),
    ("/{a}/{b}", "/1/2", True),
    ("/{a}/", "/1/", True),
    ("/caf%C3%A9/{x}", "/café/1", True),
    ({"equals": "/orders/{id}"}, "/orders/{id}", True),
    ({"equals": "/orders/{id}"}, "/orders/7", False),
    ({"prefix": "/api/"}, "/api/x/y", True),
    ({"prefix": "/api/"}, "/api", False),
    ({"prefix": "/caf%C3%A9"}, "/café/1", True),
    ({"prefix": "/api/", "ends_with": ".json"}, "/api/a.json", True),
    ({"prefix": "/api/", "ends_with": ".json"}, "/api/a.xml", False),
    ({"matches": "/orders/[0-9]+"}, "/orders/42", True),
    ({"matches": "/orders/[0-9]+"}, "/orders/42/", False),
    ({"matches": "/a b"}, "/a%20b", True),
    ({"equals_ignore_case": "/orders"}, "/ORDERS", True),
    ({"one_of": ["/a", "/b"]}, "/b", True),
    ({"not": {"starts_with": "/a"}}, "/b", True),
    ("/x", "/\udcff", False),
    ({"matches": "/.*"}, "/%ff", True),
]


@pytest.mark.parametrize(("path", "target", "expected"), CASES)
def test_a_path_pattern_judges_a_target(path: Any, target: str, expected: bool) -> None:
    assert accepts({"path": path}, make_request("GET", target)) is expected


@pytest.mark.parametrize(
    ("path", "kind", "key"),
    [
        ("/a%20b", "exact", "/a b"),
        ({"equals": "/{id}"}, "exact", "/{id}"),
        ("/a/{id}", "template", ("a", None)),
        ({"prefix": "/a"}, "prefix", "/a"),
        ({"matches": "/a/[0-9]+"}, "prefix", "/a/"),
        ({"starts_with": "/a"}, "prefix", "/a"),
        ({"matches": ".*/a"}, "any", ""),
    ],
)
def test_the_index_is_told_the_shape_of_a_path(path: Any, kind: str, key: Any) -> None:
    pattern = pattern_of({"path": path})
    assert (pattern.index_key.path_kind, pattern.index_key.path) == (kind, key)
    assert pattern.only_indexed is (
        not isinstance(path, dict) or path.keys() <= {"equals", "prefix"}
    )


def test_captures_are_fully_decoded_segments() -> None:
    pattern = pattern_of({"path": "/files/{name}/{version}"})
    assert pattern.captures(make_request("GET", "/files/a%2Fb%20c/100%25")) == {
        "name": "a/b c",
        "version": "100%",
    }


@pytest.mark.parametrize(
    ("path", "pointer", "words"),
    [
        ("/orders?page=2", "/path", "query: {page: 2}"),
        ("orders", "/path", "write '/orders'"),
        ("http://h/orders", "/path", "leave scheme and host out"),
        ("/{a}-{b}", "/path", "{matches: REGEX}"),
        ("/x{a}", "/path", "one whole segment"),
        ("/{a", "/path", "one whole segment"),
        ("/{a b}", "/path", "is no capture"),
        ("/{a}/{a}", "/path", "there twice"),
        (5, "/path", "as a string"),
        ({}, "/path", "at least one matcher"),
        ({"prefx": "/"}, "/path/prefx", "did you mean 'prefix'?"),
        ({"prefix": 5}, "/path/prefix", "expected a string"),
        ({"prefix": "/a?b"}, "/path/prefix", "'query'"),
        ({"equals": "/a?b=1"}, "/path/equals", "'query'"),
        ({"matches": "["}, "/path/matches", "no regular expression"),
    ],
)
def test_a_wrong_path_is_reported_with_its_cure(path: Any, pointer: str, words: str) -> None:
    found = pattern_findings({"path": path})
    assert [(at, words in message) for at, message in found] == [(pointer, True)]
