"""Selectors of a server's own and claims by them: what is read, and what they find in a request."""

from __future__ import annotations

from typing import Any

import pytest
from tests.engine.reading import assert_findings, read_well, reported
from tests.engine.requests import make_request

from pymockapi.engine.claims import (
    MAX_CLAIM_CHARS,
    MAX_CLAIMS,
    MAX_SELECTORS,
    example_of,
    of_head,
    read_claims,
    read_selectors,
    selected_values,
    text_of,
)
from pymockapi.model.errors import ExpressionLimit
from pymockapi.model.request import MAX_READ_BYTES
from pymockapi.model.stub import RequestValue

ALL = ["method", "path", "query.t", "header.x-t", "cookie.t", "form.t", "body", "body.$.t.id[0]",
       "bearer", "host", "client.ip"]  # fmt: skip


def selectors_of(*notations: str) -> tuple[RequestValue, ...]:
    selectors: tuple[RequestValue, ...] = read_well(read_selectors, list(notations))
    return selectors


def test_every_request_value_but_a_capture_may_be_a_selector() -> None:
    assert [each.notation for each in selectors_of(*ALL)] == ALL


def test_names_of_headers_have_no_case_in_selectors_and_claims() -> None:
    selectors = selectors_of("header.X-Tenant")
    assert selectors[0].notation == "header.x-tenant"
    claims = read_well(read_claims, {"header.X-TENANT": "a"}, "", selectors)
    assert claims == {"header.x-tenant": ("a",)}


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        ("bearer", ("", "expected a list, got a string")),
        ([7], ("/0", "expected a request value")),
        (["bearer", "beerer"], ("/1", "did you mean 'bearer'?")),
        (["params.id"], ("/0", "no stub is chosen yet")),
        (["body.$..tenant"], ("/0", "a path of names and indexes, such as body.$.tenant.id")),
        (["body.$.items[*]"], ("/0", "may find many values")),
        (["body.$['a','b']"], ("/0", "may find many values")),
        (["body.$."], ("/0", "")),
        (["header.a", "bearer", "header.A"], ("/2", "'header.a' is listed already")),
        ([f"query.q{n}" for n in range(MAX_SELECTORS + 1)], ("", "at most 20 selectors, got 21")),
    ],
)
def test_a_wrong_selector_is_reported(data: Any, expected: tuple[str, str]) -> None:
    assert_findings(reported(read_selectors, data), expected)


def test_a_claim_is_one_value_or_several_as_text_each_once() -> None:
    selectors = selectors_of("bearer", "body.$.n", "query.on")
    given = {"bearer": ["a", "b", "a"], "body.$.n": 7.0, "query.on": True}
    expected = {"bearer": ("a", "b"), "body.$.n": ("7",), "query.on": ("true",)}
    assert read_well(read_claims, given, "", selectors) == expected


def test_claims_of_nothing_are_none() -> None:
    assert read_well(read_claims, {"bearer": []}, "", selectors_of("bearer")) == {}


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        ([], ("/c", "expected an object, got a list")),
        ({"query.t": "x"}, ("/c/query.t", "server: {selectors: [bearer, query.t]}")),
        ({"params.z": "x"}, ("/c/params.z", "can be none: 'params' are captures")),
        ({"foo": "x"}, ("/c/foo", "'foo' is no selector of this server, and can be none: ")),
        ({"body.$..z": "x"}, ("/c/body.$..z", "may find many values")),
        ({"beaver": "x"}, ("/c/beaver", "did you mean 'bearer'?")),
        ({"bearer": ""}, ("/c/bearer", "a text of 1 to 4,096 characters")),
        ({"bearer": "x" * (MAX_CLAIM_CHARS + 1)}, ("/c/bearer", "1 to 4,096 characters")),
        ({"bearer": None}, ("/c/bearer", "got null")),
        ({"bearer": ["x", {}]}, ("/c/bearer/1", "got an object")),
        ({"bearer": [str(n) for n in range(MAX_CLAIMS + 1)]}, ("/c/bearer", "at most 100 claims")),
    ],
)
def test_a_wrong_claim_is_reported(data: Any, expected: tuple[str, str]) -> None:
    assert_findings(reported(read_claims, data, "/c", selectors_of("bearer")), expected)


@pytest.mark.parametrize(
    ("value", "text"),
    [("a", "a"), (7, "7"), (7.0, "7"), (1.5, "1.5"), (True, "true"), (False, "false"), ("", None),
     (None, None), ([], None), ({}, None), ("x" * 4_097, None)],
)  # fmt: skip
def test_texts_numbers_and_booleans_can_be_claimed(value: Any, text: str | None) -> None:
    assert text_of(value) == text


def test_values_come_in_the_order_of_selectors_and_then_of_the_request() -> None:
    request = make_request(
        "POST",
        "/x?t=q",
        [("Authorization", "Bearer tok"), ("X-T", "h1"), ("X-T", ""), ("X-T", "h2")],
        json={"t": {"id": [9]}},
    )
    found = list(selected_values(selectors_of("body.$.t.id[0]", "header.x-t", "bearer"), request))
    expected = [
        ("body.$.t.id[0]", "9"),
        ("header.x-t", "h1"),
        ("header.x-t", "h2"),
        ("bearer", "tok"),
    ]
    assert found == expected


def test_a_body_that_is_too_much_to_be_read_is_told_with_its_selector() -> None:
    request = make_request("POST", "/", [], b"[" + b"1" * MAX_READ_BYTES + b"]")
    with pytest.raises(ExpressionLimit, match=r"^selector 'body\.\$\.t': The body has"):
        list(selected_values(selectors_of("body.$.t"), request))


def test_those_of_the_head_ask_for_nothing_of_the_body() -> None:
    asked = {each.notation for each in of_head(selectors_of(*ALL))}
    assert set(ALL) - asked == {"body", "body.$.t.id[0]", "form.t"}


@pytest.mark.parametrize(
    ("notation", "shown"),
    [
        ("bearer", "Authorization: Bearer NAME"), ("header.x-t", "x-t: NAME"),
        ("cookie.t", "Cookie: t=NAME"), ("query.t", "?t=NAME"),
        ("form.t", "the form field t=NAME"), ("body.$.t", "NAME in the body"), ("host", "NAME as its host"),
    ],
)  # fmt: skip
def test_how_a_request_carries_a_name_is_shown(notation: str, shown: str) -> None:
    assert example_of(notation) == shown
