"""Tags as a runner gives them, and those that ask for sets."""

from __future__ import annotations

import pytest
from tests.engine.reading import Reported, assert_findings, read_well, reported

from pymockapi.engine.tagging.tags import check_set_tags, read_tags, set_named_by, sets_named_by
from pymockapi.model.stub import Json


@pytest.mark.parametrize(
    ("given", "read"),
    [
        ([], ()),
        (["@a", "b"], ("a", "b")),
        (["b", "@a", "@b", "a"], ("b", "a")),
        (["@mock.x", "@mock:x"], ("mock.x", "mock:x")),
        (["smoke test", "@issue(1,2)", "a@b"], ("smoke test", "issue(1,2)", "a@b")),
    ],
)
def test_tags_are_read_once_each_with_or_without_at(given: Json, read: tuple[str, ...]) -> None:
    assert read_well(read_tags, given) == read


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ("@a", [("", "expected a list, got a string")]),
        ([1, None], [("/0", "such as '@smoke', got a number"), ("/1", "got null")]),
        (["", "@"], [("/0", "'' is no tag"), ("/1", "'@' is no tag; a tag has a name")]),
        (["@a @b"], [("/0", "'@a @b' is no tag; give each tag as an item of its own")]),
        (["@a,@b"], [("/0", "'@a,@b' is no tag")]),
        ([" @a", "a "], [("/0", "without blanks around it"), ("/1", "'a ' is no tag")]),
        (["a\nb"], [("/0", r"'a\nb' is no tag")]),
        (["x" * 1_001], [("/0", "at most 1,000 characters, got 1,001")]),
        (["@a"] * 1_001, [("", "expected at most 1,000 tags, got 1,001")]),
    ],
)
def test_what_is_no_tag_is_told(given: Json, expected: Reported) -> None:
    assert_findings(reported(read_tags, given), *expected)


@pytest.mark.parametrize(
    ("tag", "name"),
    [("mock.a", "a"), ("mock:a", "a"), ("mock.a.b:c", "a.b:c"), ("mock.", ""), ("mock", None),
     ("mocks.a", None), ("Mock.a", None)],
)  # fmt: skip
def test_a_tag_may_name_a_set(tag: str, name: str | None) -> None:
    assert set_named_by(tag) == name


def test_sets_that_tags_name_are_told_with_those_tags() -> None:
    assert sets_named_by(["x", "mock.a", "mock:b", "mock:a"]) == {
        "a": ["mock.a", "mock:a"], "b": ["mock:b"],
    }  # fmt: skip


SETS = {"payments-down": 1, "payments-slow": 2, "x": 3}


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        (["@mock.x", "mock:x", "@y"], []),
        (["@mock.payment-down"], [("/0", "did you mean '@mock.payments-down'")]),
        (["y", "mock:payments"], [("/1", "asks for a set that is not there; did you mean")]),
        (["@mock.qqq"], [("/0", "sets: payments-down, payments-slow, x")]),
        (["@mock."], [("/0", "'@mock.' names no set; write '@mock.NAME'")]),
        ("@mock.q", []),
        ([1, "@mock.q @b"], []),
    ],
)
def test_a_tag_that_names_no_set_is_told_with_the_nearest(given: Json, expected: Reported) -> None:
    assert_findings(reported(check_set_tags, given, "", SETS), *expected)


def test_where_there_are_no_sets_that_is_told() -> None:
    assert_findings(reported(check_set_tags, ["@mock.a"], "", {}), ("/0", "the config has no sets"))
