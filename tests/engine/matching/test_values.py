"""Value matchers on text and on JSON: what fits, what is missing, what is refused."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.engine.requests import context_of, findings_of, fits, matcher_of

from pymockapi.engine.matching.values import Domain
from pymockapi.model.errors import ExpressionLimit

TEXT_CASES: list[tuple[Any, str, bool]] = [
    ("a", "a", True),
    ("a", "A", False),
    (2, "2", True),
    (2, "2.0", False),
    (1.5, "1.5", True),
    (True, "true", True),
    (True, "True", False),
    ({"equals": "a"}, "a", True),
    ({"equals": False}, "false", True),
    ({"equals_ignore_case": "Straße"}, "STRASSE", True),
    ({"contains": "ell"}, "hello", True),
    ({"contains": 42}, "x42y", True),
    ({"starts_with": "he"}, "hello", True),
    ({"ends_with": "lo"}, "hello", True),
    ({"ends_with": "he"}, "hello", False),
    ({"matches": "[a-z]+"}, "hello", True),
    ({"matches": "[a-z]"}, "hello", False),
    ({"matches": "(?i)HELLO"}, "hello", True),
    ({"one_of": ["a", 7]}, "7", True),
    ({"one_of": ["a", 7]}, "b", False),
    ({"present": True}, "", True),
    ({"present": False}, "", False),
    ({"absent": True}, "x", False),
    ({"absent": False}, "x", True),
    ({"gt": 5}, "5.01", True),
    ({"gt": 5}, "5", False),
    ({"ge": 5}, "5", True),
    ({"lt": 1e3}, "999", True),
    ({"le": -1}, "-1.0", True),
    ({"gt": 5}, "six", False),
    ({"gt": 5}, "true", False),
    ({"gt": 9007199254740992}, "9007199254740993", True),
    ({"after": "2030-01-01T00:00:00Z"}, "2030-01-01T01:00:00+00:30", True),
    ({"before": "2030-01-01"}, "2029-12-31T23:59:59.999Z", True),
    ({"before": "2030-01-01"}, "yesterday", False),
    ({"before": "now"}, "2030-03-17T17:46:39Z", True),
    ({"after": "now+15m"}, "2030-03-17T18:01:41Z", True),
    ({"after": "now+15m"}, "2030-03-17T18:01:40Z", False),
    ({"after": "now - 1h"}, "Sun, 17 Mar 2030 17:00:00 GMT", True),
    ({"length": 3}, "abc", True),
    ({"length": {"gt": 2, "lt": 5}}, "abcd", True),
    ({"length": {"gt": 2, "lt": 5}}, "abcde", False),
    ({"json": {"a": [1]}}, '{"a": [1.0]}', True),
    ({"json": {"a": [1]}}, "{", False),
    ({"json_contains": {"a": {"gt": 1}}}, '{"a": 2, "b": 0}', True),
    ({"starts_with": "a", "ends_with": "z"}, "a-z", True),
    ({"starts_with": "a", "not": {"contains": "b"}}, "abc", False),
    ({"all": [{"gt": 1}, {"lt": 3}]}, "2", True),
    ({"any": ["a", {"matches": "b+"}]}, "bb", True),
    ({"not": "a"}, "b", True),
    ({"not": {"not": "a"}}, "a", True),
]

JSON_CASES: list[tuple[Any, Any, bool]] = [
    (1, 1.0, True),
    (1, "1", False),
    (1, True, False),
    (0, False, False),
    (None, None, True),
    (None, 0, False),
    ("1", 1, False),
    ({"a": 1}, {"a": 1.0}, True),
    ({"a": 1}, {"a": 1, "b": 2}, False),
    ([1, 2], [1, 2], True),
    ([1, 2], [2, 1], False),
    ({"equals": {"gt": 1}}, {"gt": 1}, True),
    ({"gt": 1}, 2, True),
    ({"gt": 1}, "2", False),
    ({"gt": 1}, True, False),
    ({"contains": "a"}, ["b", "a"], True),
    ({"contains": "a"}, "cat", True),
    ({"contains": "a"}, 7, False),
    ({"matches": "1"}, 1, False),
    ({"length": 2}, {"a": 1, "b": 2}, True),
    ({"length": 2}, [1], False),
    ({"length": 2}, 22, False),
    ({"one_of": [None, [1]]}, [1.0], True),
    ({"json": [2, 1]}, [2, 1], True),
    ({"json": {"value": [2, 1], "ignore_order": True}}, [1, 2], True),
    ({"json_contains": {"a": 1}}, {"a": 1, "b": 2}, True),
    ({"includes": ["a"]}, ["b", "a"], True),
    ({"exactly": ["a", "b"]}, ["b", "a"], True),
    ({"exactly": []}, [], True),
    ({"exactly": []}, ["a"], False),
]


@pytest.mark.parametrize(("data", "value", "expected"), TEXT_CASES)
def test_a_matcher_judges_a_text(data: Any, value: str, expected: bool) -> None:
    assert fits(data, [value]) is expected


@pytest.mark.parametrize(("data", "value", "expected"), JSON_CASES)
def test_a_matcher_judges_a_json_value(data: Any, value: Any, expected: bool) -> None:
    assert fits(data, [value], Domain.JSON) is expected


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        ("a", False),
        ({"absent": True}, True),
        ({"present": False}, True),
        ({"absent": False}, False),
        ({"not": {"present": True}}, True),
        ({"not": {"equals": "x"}}, False),
        ({"not": {"not": {"equals": "x"}}}, False),
        ({"not": {"any": ["x", "y"]}}, False),
        ({"not": {"all": [{"present": True}, "x"]}}, True),
        ({"any": [{"absent": True}, "x"]}, True),
        ({"all": [{"absent": True}, {"not": "x"}]}, False),
        ({"exactly": []}, False),
        ({"includes": ["a"]}, False),
        ({"length": 0}, False),
    ],
)
def test_a_missing_value_fits_only_what_asks_for_absence(data: Any, expected: bool) -> None:
    assert fits(data, []) is expected


@pytest.mark.parametrize(
    ("data", "values", "expected"),
    [
        ("a", ["b", "a"], True),
        ({"not": "a"}, ["b", "a"], False),
        ({"not": "a"}, ["b", "c"], True),
        ({"gt": 1, "lt": 5}, ["0", "9"], False),
        ({"all": [{"lt": 1}, {"gt": 5}]}, ["0", "9"], True),
        ({"exactly": ["a", "b"]}, ["b", "a"], True),
        ({"exactly": ["a", "b"]}, ["b", "a", "a"], False),
        ({"exactly": ["a", "a"]}, ["a", "b"], False),
        ({"includes": ["a", "b"]}, ["b", "c", "a"], True),
        ({"includes": ["a", "a"]}, ["a", "b"], False),
        ({"includes": [{"matches": ".*"}, "a"]}, ["a", "b"], True),
        ({"length": 3}, ["a", "b", "c"], False),
    ],
)
def test_a_repeated_key_is_judged_by_its_values(
    data: Any, values: list[str], expected: bool
) -> None:
    assert fits(data, values) is expected


def test_inside_json_contains_composites_contain_too() -> None:
    data = {"user": {"any": [{"name": "ann"}, {"id": 5}]}, "roles": {"not": {"includes": ["x"]}}}
    assert fits(data, [{"user": {"id": 5, "name": "bob"}, "roles": ["y"]}], Domain.CONTAINED)
    assert not fits(data, [{"user": {"id": 6}, "roles": ["y"]}], Domain.CONTAINED)
    assert not fits(data, [{"user": {"id": 5}, "roles": ["x"]}], Domain.CONTAINED)


@pytest.mark.parametrize(
    ("data", "pointer", "words"),
    [
        (None, "", "{absent: true}"),
        ([1], "", "{exactly: [...]}"),
        ({}, "", "at least one of"),
        ({"equls": 1}, "/equls", "did you mean 'equals'?"),
        ({"equals": None}, "/equals", "got null"),
        ({"one_of": []}, "/one_of", "at least one"),
        ({"one_of": "a"}, "/one_of", "expected a list"),
        ({"matches": "("}, "/matches", "no regular expression"),
        ({"matches": 5}, "/matches", "as a string"),
        ({"gt": "many"}, "/gt", "expected a number"),
        ({"gt": float("nan")}, "/gt", "no JSON number"),
        ({"before": "soon"}, "/before", "now+15m"),
        ({"length": -1}, "/length", "at least 0"),
        ({"present": "yes"}, "/present", "true or false"),
        ({"all": []}, "/all", "at least one matcher"),
        ({"any": [{"gtt": 1}]}, "/any/0/gtt", "did you mean"),
        ({"exactly": "a"}, "/exactly", "expected a list"),
    ],
)
def test_a_wrong_text_matcher_is_reported_where_it_stands(
    data: Any, pointer: str, words: str
) -> None:
    assert [(at, words in message) for at, message in findings_of(data)] == [(pointer, True)]


@pytest.mark.parametrize(
    ("data", "pointer", "words"),
    [
        ({"gt": 1, "name": "x"}, "", "{equals: {...}}"),
        ({"a": {"gt": 1, "name": "x"}}, "/a", "'gt' is a matcher and 'name' is not"),
        ({"a": {"equls": 1}}, "/a/equls", "did you mean 'equals'?"),
        ({"a": {"contians": 1}}, "/a/contians", "did you mean 'contains'?"),
        ({"a": {"Matches": 1}}, "/a/Matches", "did you mean 'matches'?"),
        ({"a": {"gte": 1}}, "/a/gte", "did you mean 'ge'?"),
        ({"a": {"starts_with": 5}}, "/a/starts_with", "takes a string"),
        ([{"b": {"length": "x"}}], "/0/b/length", "whole number"),
    ],
)
def test_a_wrong_json_matcher_is_reported_where_it_stands(
    data: Any, pointer: str, words: str
) -> None:
    found = findings_of(data, Domain.CONTAINED)
    assert [(at, words in message) for at, message in found] == [(pointer, True)]


@pytest.mark.parametrize("key", ["note", "net", "call", "key", "id", "at", "name", "tall"])
def test_a_key_that_merely_looks_like_a_short_matcher_is_data(key: str) -> None:
    assert fits({key: 1}, [{key: 1, "more": 2}], Domain.CONTAINED)


def test_all_errors_of_a_matcher_are_reported_at_once() -> None:
    assert len(findings_of({"gt": "x", "matches": "(", "one_of": []})) == 3


def test_a_definition_nested_too_deep_is_refused() -> None:
    data: Any = "a"
    for _ in range(40):
        data = {"not": data}
    assert "nested" in findings_of(data)[0][1]
    literal: Any = 1
    for _ in range(600):
        literal = [literal]
    assert any("nested" in message for _, message in findings_of(literal, Domain.JSON))
    assert any("nested" in message for _, message in findings_of(literal, Domain.CONTAINED))


def test_a_value_nested_deeper_than_python_recurses_is_judged_all_the_same() -> None:
    deep: Any = 1
    for _ in range(100_000):
        deep = [deep]
    assert not fits({"a": [1]}, [deep], Domain.JSON)
    assert not fits([[1]], [deep], Domain.CONTAINED)
    assert fits({"json": {"value": [], "ignore_extra": True}}, [deep], Domain.JSON)
    while deep != 1:  # taken apart by hand, since the interpreter would recurse
        deep = deep[0]


def test_fitting_many_alike_items_ends_at_the_step_limit() -> None:
    matcher = matcher_of([{"a": {"lt": 300}} for _ in range(301)], Domain.CONTAINED)
    values = [{"a": number} for number in range(600)]
    with pytest.raises(ExpressionLimit, match="30,000 steps"):
        matcher.holds([values], context_of())


texts = st.text("ab1", max_size=3)
scalars = st.none() | st.booleans() | st.integers(-2, 2) | st.sampled_from([0.0, 1.0, 1.5]) | texts
documents = st.recursive(
    scalars,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from("xyz"), inner),
    max_leaves=8,
)
plain_text_matchers = (
    texts
    | st.builds(lambda text: {"contains": text}, texts)
    | st.builds(lambda number: {"gt": number}, st.integers(0, 3))
    | st.builds(lambda flag: {"present": flag}, st.booleans())
    | st.builds(lambda size: {"length": size}, st.integers(0, 2))
    | st.builds(lambda choices: {"one_of": choices}, st.lists(texts, min_size=1, max_size=2))
)
text_matchers = st.recursive(
    plain_text_matchers,
    lambda inner: (
        st.builds(lambda part: {"not": part}, inner)
        | st.builds(lambda parts: {"all": parts}, st.lists(inner, min_size=1, max_size=2))
        | st.builds(lambda parts: {"any": parts}, st.lists(inner, min_size=1, max_size=2))
        | st.builds(lambda parts: {"exactly": parts}, st.lists(inner, max_size=2))
        | st.builds(lambda parts: {"includes": parts}, st.lists(inner, min_size=1, max_size=2))
    ),
    max_leaves=4,
)


@settings(max_examples=200, deadline=None)
@given(text_matchers, st.lists(texts, max_size=3))
def test_there_are_differences_exactly_when_texts_do_not_fit(data: Any, values: list[str]) -> None:
    fits(data, values)


@settings(max_examples=200, deadline=None)
@given(documents, documents, st.booleans(), st.booleans())
def test_there_are_differences_exactly_when_json_does_not_fit(
    expected: Any, value: Any, ignore_order: bool, ignore_extra: bool
) -> None:
    long_form = {"value": expected, "ignore_order": ignore_order, "ignore_extra": ignore_extra}
    fits({"json": long_form}, [value], Domain.JSON)
    fits({"json_contains": expected}, [value], Domain.JSON)
    fits({"json_contains": expected}, [], Domain.JSON)
