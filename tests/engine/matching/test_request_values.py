"""Request values: the notation, and what it yields."""

from __future__ import annotations

from typing import Any

import pytest
from tests.engine.requests import make_request

from pymockapi.engine.matching.request_values import read_request_value
from pymockapi.model.reader import Findings

REQUEST = make_request(
    "POST",
    "/a/b?page=1&page=2&x.y=3",
    [("X-Tenant", "acme"), ("Cookie", "s=1"), ("Authorization", "bearer T"), ("Host", "H.test:80")],
    json={"id": 7, "items": [{"n": 1}, {"n": None}], "odd key": "o"},
    client="[::1]:5000",
)


def values(notation: str, request: Any = REQUEST) -> list[Any]:
    found = Findings()
    value = read_request_value(notation, "", found)
    found.check("The value")
    assert value.notation == notation
    return value.values(request, {"id": "42"})


@pytest.mark.parametrize(
    ("notation", "expected"),
    [
        ("method", ["POST"]),
        ("path", ["/a/b"]),
        ("params.id", ["42"]),
        ("params.other", []),
        ("query.page", ["1", "2"]),
        ("query.x.y", ["3"]),
        ("query.none", []),
        ("header.X-tenant", ["acme"]),
        ("cookie.s", ["1"]),
        ("bearer", ["T"]),
        ("host", ["h.test"]),
        ("client.ip", ["::1"]),
        ("body.$.id", [7]),
        ("body.$.items[*].n", [1, None]),
        ("body.$['odd key']", ["o"]),
        ("body.$.none", []),
    ],
)
def test_a_request_value_yields_every_value_there(notation: str, expected: list[Any]) -> None:
    assert values(notation) == expected


def test_the_body_is_text_and_missing_when_empty() -> None:
    assert values("body", make_request(body=b"a=1&a=2")) == ["a=1&a=2"]
    assert values("body", make_request()) == []
    assert values("form.a", make_request(body=b"a=1&a=2")) == ["1", "2"]
    assert values("body.$.a", make_request(body=b"{")) == []


@pytest.mark.parametrize(
    ("notation", "words"),
    [
        ("heder.x", "did you mean 'header.x'?"),
        ("headers.x", "did you mean 'header.x'?"),
        ("header.", "header.NAME"),
        ("query", "query.NAME"),
        ("bearerr", "did you mean 'bearer'?"),
        ("what", "known: "),
        ("body.$[", "no JSONPath"),
        (5, "got a number"),
    ],
)
def test_what_is_no_request_value_is_reported(notation: Any, words: str) -> None:
    found = Findings()
    read_request_value(notation, "/per", found)
    (finding,) = found.items
    assert finding.pointer == "/per"
    assert words in finding.message
