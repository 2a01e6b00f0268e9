"""JSONPath: what it selects, what is refused, and that no expression runs for long."""

from __future__ import annotations

from typing import Any

import pytest
from tests.engine.requests import context_of

from pymockapi.engine.expressions.jsonpath_reading import read_jsonpath, reason_of
from pymockapi.model.errors import ExpressionLimit
from pymockapi.model.reader import Findings

SHOP = {
    "books": [
        {"title": "a", "price": 8.95, "tags": ["x", "y"]},
        {"title": "b", "price": 12, "isbn": "1-2"},
        {"title": "c", "price": 8, "isbn": "3\r4"},
    ],
    "max": 10,
    "odd key": {"a.b": None, "it's": 1},
}


def selected(expression: str, document: Any = SHOP) -> list[Any]:
    found = Findings()
    path = read_jsonpath(expression, "", found)
    found.check("The path")
    return path.values(document, context_of())


def messages(expression: Any) -> list[str]:
    found = Findings()
    read_jsonpath(expression, "", found)
    return [finding.message for finding in found.items]


@pytest.mark.parametrize(
    ("expression", "values"),
    [
        ("$", [SHOP]),
        ("$.max", [10]),
        ("$.max.more", []),
        ("$.books[0].title", ["a"]),
        ("$.books[-1].title", ["c"]),
        ("$.books[3]", []),
        ("$.books[*].title", ["a", "b", "c"]),
        ("$.books[::-1].title", ["c", "b", "a"]),
        ("$.books[1:].title", ["b", "c"]),
        ("$.books[::0]", []),
        ("$..title", ["a", "b", "c"]),
        ("$..tags[0, 1]", ["x", "y"]),
        ("$['odd key']['a.b']", [None]),
        ('$["odd key"]["it\'s"]', [1]),
        ("$.books[?@.price < $.max].title", ["a", "c"]),
        ("$.books[?@.isbn && @.price > 10].title", ["b"]),
        ("$.books[?!@.isbn || @.title == 'c'].title", ["a", "c"]),
        ("$.books[?@.isbn == @.nothing].title", ["a"]),
        ("$.books[?@.price >= 12].title", ["b"]),
        ("$.books[?@.price != 8].title", ["a", "b"]),
        ("$.books[?@['title'] <= 'b'].title", ["a", "b"]),
        ("$.books[?length(@.tags) == 2].title", ["a"]),
        ("$.books[?count(@.*) == 3].title", ["a", "b", "c"]),
        ("$.books[?value(@.tags[0]) == 'x'].title", ["a"]),
        ("$.books[?match(@.isbn, '[0-9].[0-9]')].title", ["b"]),
        ("$.books[?search(@.isbn, '[34]')].title", ["c"]),
    ],
)
def test_a_path_selects_values_in_order(expression: str, values: list[Any]) -> None:
    assert selected(expression) == values


def test_true_is_not_one_in_a_filter() -> None:
    assert selected("$[?@ == 1]", [1, 1.0, True, "1"]) == [1, 1.0]
    assert selected("$[?@ < 2]", [1, True, "1"]) == [1]


@pytest.mark.parametrize(
    ("expression", "words"),
    [
        (5, "as a string"),
        ("", "no JSONPath"),
        ("a.b", "it begins with '$', as in '$.a.b'"),
        ("[0].a", "it begins with '$', as in '$[0].a'"),
        ("@.a", "it begins with '$', as in '$.a'"),
        ("*", "it begins with '$', as in '$.name'"),
        ("$[1:2:3:4]", "expected ',', found ':', at character 8"),
        ("$[?@.a in [1]]", "expected ',', found a name"),
        ("$.", "no JSONPath"),
        ("$ | $.a", "no JSONPath"),
        ("$[?@.a =~ /x/]", "no JSONPath"),
        ("$[?keys(@)]", "'keys' is not defined"),
        ("$[?(@.a < 3) == true]", "no value to compare"),
        ("$[?@.a <> 1]", "no comparison"),
        ("$[?match(@.a, @.b)]", "string literal"),
        ("$[?match(@.a, '(')]", "no regular expression"),
        ("$[?" + "!" * 300 + "@.a]", "nested"),
        ("$" + "[?@" * 60 + "]" * 60, "nested"),
        ("$." + "a" * 1100, "1024 characters"),
    ],
)
def test_what_is_no_path_is_refused(expression: Any, words: str) -> None:
    found = messages(expression)
    assert len(found) == 1
    assert words in found[0]


@pytest.mark.parametrize(
    ("message", "told"),
    [
        ("expected TOKEN_EOF, found 'TOKEN_RBRACKET'", "expected the end, found ']'"),
        ("unexpected 'TOKEN_NEW_THING'", "unexpected new thing"),
    ],
)
def test_the_names_of_tokens_are_told_as_they_are_written(message: str, told: str) -> None:
    assert reason_of(ValueError(message)) == told


@pytest.mark.parametrize("expression", ["$..*..*..*", "$..[?$..*]", "$..[?$ == $]", "$..*..[*, *]"])
def test_a_costly_path_ends_at_the_step_limit(expression: str) -> None:
    document = [[[[number] * 6] * 6] * 6 for number in range(12)]
    with pytest.raises(ExpressionLimit, match="30,000 steps"):
        selected(expression, [document, document])


@pytest.mark.parametrize("selector", ["9", "'b'", "9:9"])
def test_each_further_selector_costs_a_step(selector: str) -> None:
    """Two hundred that select nothing have taken half a second."""
    document: list[dict[str, list[int]]] = [{"a": []}] * 9_000
    assert len(selected(f"$..[{selector}]", document)) <= 1
    with pytest.raises(ExpressionLimit, match="30,000 steps"):
        selected(f"$..[{','.join([selector] * 200)}]", document)


def test_steps_are_counted_for_the_whole_request() -> None:
    path = read_jsonpath("$[*]", "", Findings())
    context = context_of()
    for _ in range(30):
        path.values([0] * 1000, context)
    with pytest.raises(ExpressionLimit):
        path.values([0] * 1000, context)


def test_a_document_deeper_than_python_recurses_is_walked() -> None:
    deep: Any = {"end": 1}
    for _ in range(20_000):
        deep = [deep]
    assert selected("$..end", deep) == [1]
    while isinstance(deep, list):  # taken apart by hand, since the interpreter would recurse
        deep = deep[0]
