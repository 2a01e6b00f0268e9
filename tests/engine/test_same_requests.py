"""Definitions of requests that mean the same share a key, and no others do."""

from __future__ import annotations

import pytest
from tests.engine.worlds import stub_of

from pymockapi.engine.same_requests import EVERY_REQUEST, request_key
from pymockapi.model.stub import Json


def key(request: Json) -> bytes:
    return request_key(stub_of("x", request))


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ({"method": "GET", "path": "/a"}, {"path": "/a", "method": "GET"}),
        ({"path": "/orders/{id}"}, {"path": "/orders/{key}"}),
        ({"path": "/a%20b"}, {"path": "/a b"}),
        ({"path": "/a"}, {"path": {"equals": "/a"}}),
        ({"method": ["GET", "POST"]}, {"method": ["post", "get", "POST"]}),
        ({"method": "get"}, {"method": ["GET"]}),
        ({"headers": {"X-A": "1"}}, {"headers": {"x-a": 1}}),
        ({"query": {"n": 1, "b": True}}, {"query": {"b": {"equals": "true"}, "n": "1"}}),
        ({"cookies": {"c": 1.5}}, {"cookies": {"c": "1.5"}}),
        ({"path": "/a", "query": {}, "headers": {}}, {"path": "/a", "query_only": False}),
    ],
)
def test_what_means_the_same_has_one_key(one: Json, other: Json) -> None:
    assert key(one) == key(other)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ({"path": "/a"}, {"path": "/b"}),
        ({"path": "/{id}"}, {"path": {"equals": "/{id}"}}),
        ({"path": "/{id}"}, {"path": "/{id}/x"}),
        ({"path": "/a"}, {"path": {"prefix": "/a"}}),
        ({"path": {"starts_with": "/a"}}, {"path": {"starts_with": "/b"}}),
        ({"method": "GET"}, {"method": "POST"}),
        ({"method": "brew"}, {"method": "BREW"}),
        ({"query": {"n": "1"}}, {"query": {"N": "1"}}),
        ({"query": {"n": "1"}}, {"query": {"n": {"contains": "1"}}}),
        ({"query": {"n": "1"}}, {"cookies": {"n": "1"}}),
        ({"headers": {"X-A": "1", "x-a": "2"}}, {"headers": {"x-a": "2"}}),
        ({"body": {"json": {"n": 1}}}, {"body": {"json": {"n": "1"}}}),
        ({"query_only": True}, {}),
        ({"path": "/a"}, {}),
    ],
)
def test_what_means_another_has_another(one: Json, other: Json) -> None:
    assert key(one) != key(other)


@pytest.mark.parametrize("request_", [{}, {"query": {}}, {"query_only": False, "cookies": {}}])
def test_what_asks_for_nothing_takes_every_request(request_: Json) -> None:
    assert key(request_) == EVERY_REQUEST
