"""``graphql``: which requests fit, what is told of a misfit, and what is refused."""

from __future__ import annotations

import sys
from typing import Any
from urllib.parse import quote

import pytest
from tests.engine.requests import (
    accepts,
    context_of,
    differences,
    make_request,
    pattern_findings,
    pattern_of,
)

from pymockapi.engine import features
from pymockapi.model.errors import ExpressionLimit

TEXT = "query GetOrder($id: ID!) {order(id: $id) {id total}}"
SENT = {"query": TEXT, "operationName": "GetOrder", "variables": {"id": 7, "page": {"size": 2}}}
VARIABLES = quote('{"id": 7}')


def fits(graphql: Any, body: Any) -> bool:
    return accepts({"body": {"graphql": graphql}}, make_request(json=body))


def told(graphql: Any, body: Any) -> list[tuple[str, str, str]]:
    return [
        (field.removeprefix("body.graphql"), expected, actual)
        for field, expected, actual in differences(
            {"body": {"graphql": graphql}}, make_request(json=body)
        )
    ]


@pytest.mark.parametrize(
    ("graphql", "body"),
    [
        ({}, SENT),
        ({"operation": "GetOrder", "type": "query", "query": TEXT}, SENT),
        ({"operation": "GetOrder"}, {"query": TEXT}),
        ({"operation": {"starts_with": "Get"}}, {"query": TEXT, "operationName": ""}),
        ({"operation": "B", "type": "mutation"}, {"query": "query A {a} mutation B {b}", "operationName": "B"}),
        ({"operation": {"absent": True}}, {"query": "{a}"}),
        ({"operation": {"absent": True}}, {"query": "query A {a} query B {b}"}),
        ({"operation": "GetOrder"}, {"operationName": "GetOrder", "extensions": {}}),
        ({"variables": {"id": {"gt": 6}, "page": {"size": 2}}}, SENT),
        ({"variables": {"id": {"absent": True}}}, {"query": TEXT, "variables": None}),
        ({"query": "query GetOrder($id: ID!) {\n  order(id: $id) { total, id }\n}"}, SENT),
    ],
)  # fmt: skip
def test_a_request_that_fits(graphql: Any, body: Any) -> None:
    assert fits(graphql, body)


@pytest.mark.parametrize(
    ("graphql", "body", "difference"),
    [
        ({"operation": "GetCart"}, SENT, (".operation", 'equal to "GetCart"', '"GetOrder"')),
        ({"operation": "A"}, {"query": "{a}"}, (".operation", 'equal to "A"', "missing")),
        ({"type": "mutation"}, SENT, (".type", "mutation", "query")),
        ({"variables": {"id": 8}}, SENT, (".variables.id", "equal to 8", "7")),
        ({"query": "{a}"}, {"query": "{b}"}, (".query", 'equal in meaning to "query {a}"', '"query {b}"')),
        ({"type": "query"}, {"query": "{a"}, (".query", "a GraphQL document", "none: Syntax Error: Expected Name, found <EOF>. (line 1, column 3)")),
        ({"type": "query"}, {"operationName": "A"}, (".query", "a GraphQL document", "missing")),
        ({}, [SENT, SENT], ("", "a GraphQL request", "a batch of 2")),
        ({}, "a", ("", "a GraphQL request", "a string as its body")),
        ({}, {"a": 1}, ("", "a GraphQL request", "neither 'query' nor 'operationName'")),
        ({}, {"query": 5}, ("", "a GraphQL request", "'query' that is a number")),
        ({}, {**SENT, "operationName": 5}, ("", "a GraphQL request", "'operationName' that is a number")),
        ({}, {**SENT, "variables": []}, ("", "a GraphQL request", "'variables' that is a list")),
    ],
)  # fmt: skip
def test_a_misfit_is_told_by_its_part(
    graphql: Any, body: Any, difference: tuple[str, str, str]
) -> None:
    assert told(graphql, body) == [difference]


def test_an_operation_that_cannot_be_told_has_no_type() -> None:
    ((field, _, actual),) = told({"type": "query"}, {"query": "query A {a} query B {b}"})
    assert field == ".type"
    assert "several" in actual


def test_a_body_that_is_no_json_is_no_request() -> None:
    request = make_request(body=b"{")
    ((_, _, actual),) = differences({"body": {"graphql": {}}}, request)
    assert actual == 'no JSON: "{"'


@pytest.mark.parametrize(
    ("query", "problem"),
    [
        (f"query={quote(TEXT)}&operationName=GetOrder&variables={VARIABLES}", ""),
        (f"query={quote(TEXT)}&operationName=&variables=", "variables"),
        ("operationName=GetOrder&variables={", "no JSON"),
        ("a=1", "no 'query'"),
    ],
)
def test_without_a_body_the_query_is_read(query: str, problem: str) -> None:
    pattern = {"body": {"graphql": {"operation": "GetOrder", "variables": {"id": 7}}}}
    request = make_request(target=f"/graphql?{query}")
    assert accepts(pattern, request) == (problem == "")
    assert all(problem in "".join(each) for each in differences(pattern, request))


@pytest.mark.parametrize(
    ("graphql", "place", "words"),
    [
        (5, "", "expected an object"),
        ({"operationName": "A"}, "/operationName", "write 'operation'"),
        ({"type": "quer"}, "/type", "did you mean 'query'"),
        ({"operation": None}, "/operation", "absent"),
        ({"variables": {"id": {"equls": 1}}}, "/variables/id/equls", "equals"),
        ({"query": 5}, "/query", "as a string, got a number"),
        ({"query": "{a"}, "/query", "line 1, column 3"),
        ({"query": "{a" * 60}, "/query", "60 levels"),
        ({"query": "type A {a: Int}"}, "/query", "object type definition"),
    ],
)
def test_what_is_no_pattern_is_refused_with_its_place(graphql: Any, place: str, words: str) -> None:
    ((pointer, message),) = pattern_findings({"body": {"graphql": graphql}})
    assert pointer == f"/body/graphql{place}"
    assert words in message


@pytest.mark.parametrize(
    "text", ["{a" * 60 + "}" * 60, "{" + "a " * 2000 + "}", "# " + "a" * 20_000 + "\n{a}"]
)
def test_a_large_document_is_a_limit_and_never_means_no_match(text: str) -> None:
    request = make_request(json={"query": text})
    with pytest.raises(ExpressionLimit, match="The GraphQL document has"):
        pattern_of({"body": {"graphql": {"type": "query"}}}).accepts(request, context_of(request))


def test_the_name_that_is_sent_needs_no_document() -> None:
    assert fits({"operation": "A"}, {"operationName": "A", "query": "{a" * 60})


def test_a_document_costs_steps_once_for_all_stubs() -> None:
    request = make_request(json={"query": "{" + "a " * 1000 + "}"})
    context = context_of(request)
    for kind in ("query", "mutation", "subscription") * 20:
        pattern_of({"body": {"graphql": {"type": kind}}}).accepts(request, context)
    assert 10_000 < context.steps_left < 14_000


def test_without_the_library_the_error_says_what_to_install(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setitem(sys.modules, "graphql.language", None)
    features.load_graphql.cache_clear()
    try:
        ((_, message),) = pattern_findings({"body": {"graphql": {}}})
    finally:
        features.load_graphql.cache_clear()
    assert message.endswith("uv pip install 'pymockapi[graphql]'")
