"""Tag expressions: what they mean, what is wrong with those that mean nothing, and to whom else."""

from __future__ import annotations

import pytest
from cucumber_tag_expressions import (  # type: ignore[import-untyped, unused-ignore]
    TagExpressionError,
    parse,
)
from hypothesis import given
from hypothesis import strategies as st

from pymockapi.engine.tagging.expressions import (
    MAX_EXPRESSION,
    TagExpression,
    read_tag_expression,
)
from pymockapi.model.reader import Findings


def expression(text: str) -> TagExpression:
    found = Findings()
    read = read_tag_expression(text, "/tags", found)
    assert [each.message for each in found.items] == []
    assert read is not None
    return read


def problem(text: str) -> str:
    found = Findings()
    assert read_tag_expression(text, "/tags/x", found) is None
    (finding,) = found.items
    assert finding.pointer == "/tags/x"
    return finding.message


@pytest.mark.parametrize(
    ("text", "holding", "failing"),
    [
        ("@a", ["a", "a b"], ["", "b", "A", "aa"]),
        ("a", ["a"], ["b"]),
        ("not @a", ["", "b"], ["a", "a b"]),
        ("not not @a", ["a"], [""]),
        ("@a and @b", ["a b", "a b c"], ["", "a", "b"]),
        ("@a or @b", ["a", "b", "a b"], ["", "c"]),
        ("@a or @b and @c", ["a", "b c"], ["b", "c"]),
        ("(@a or @b) and @c", ["a c", "b c"], ["a", "c"]),
        ("not @a and @b", ["b"], ["a b", ""]),
        ("not (@a and @b)", ["", "a", "b"], ["a b"]),
        ("not @a or @b", ["", "b", "a b"], ["a"]),
        ("@a and not (@b or @c)", ["a"], ["a b", "a c", ""]),
        ("((@a))", ["a"], [""]),
        ("(@a)and(@b)", ["a b"], ["a"]),
        ("  @a\tand\n@b ", ["a b"], ["a"]),
        ("@and or @not", ["and", "not"], ["or", ""]),
        (r"\(", ["("], [""]),
        (r"@issue\(42\)", ["issue(42)"], ["issue", "issue(41)"]),
        ("@a\\\\b", ["a\\b"], ["ab"]),
        ("@ünï-1.0:x/y", ["ünï-1.0:x/y"], ["uni"]),
        ("@@a", ["@a"], ["a"]),
    ],
)
def test_an_expression_holds_for_some_tags_and_not_for_others(
    text: str, holding: list[str], failing: list[str]
) -> None:
    read = expression(text)
    assert [tags for tags in holding if not read.holds(set(tags.split()))] == []
    assert [tags for tags in failing if read.holds(set(tags.split()))] == []


def test_a_tag_may_have_a_blank_in_it() -> None:
    assert expression(r"@a\ b").holds({"a b"})
    assert not expression(r"@a\ b").holds({"a", "b"})


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("", "it is empty; what is for every test goes to the top level of the config"),
        (" \t", "it is empty"),
        ("@a and", "it ends where a tag must follow"),
        ("not", "it ends where a tag must follow"),
        ("@a and (", "it ends where a tag must follow"),
        ("and @a", "expected a tag, 'not' or '(' at character 1, got 'and'"),
        ("@a and or @b", "expected a tag, 'not' or '(' at character 8, got 'or'"),
        ("()", "expected a tag, 'not' or '(' at character 2, got ')'"),
        ("@a @b", "expected 'and', 'or' or ')' at character 4, got '@b'"),
        ("@a not @b", "expected 'and', 'or' or ')' at character 4, got 'not'"),
        ("@a (@b)", "expected 'and', 'or' or ')' at character 4, got '('"),
        ("@a AND @b", "at character 4, got 'AND'; write 'and'"),
        ("@a && @b", "got '&&'; write 'and'"),
        ("@a || @b", "got '||'; write 'or'"),
        ("@a , @b", "got ','; write 'or'"),
        ("@a ! @b", "expected 'and', 'or' or ')' at character 4, got '!'"),
        ("NOT @a", "'NOT' at character 1 is no tag; write 'not'"),
        ("! @a", "'!' at character 1 is no tag; write 'not'"),
        ("~@a", "'~@a' at character 1 is no tag; write 'not @a'"),
        ("@b and !@a", "'!@a' at character 8 is no tag; write 'not @a'"),
        ("-@a", "write 'not @a'"),
        ("@a,@b", "'@a,@b' at character 1 is no tag; write '@a or @b'"),
        ("@a,~@b", "write '@a or not @b'"),
        ("@", "'@' at character 1 is no tag"),
        ("(@a", "the '(' at character 1 is never closed"),
        ("@a and (@b or (@c)", "the '(' at character 8 is never closed"),
        ("@a)", "the ')' at character 3 closes nothing"),
        ("(@a)) or @b", "the ')' at character 5 closes nothing"),
        (r"@a\b", r"the backslash at character 3 stands before no blank, '(', ')' or '\'"),
        ("@a\\", "the backslash at character 3"),
        ("@" + "a" * MAX_EXPRESSION, "expected at most 1,000 characters, got 1,001"),
    ],
)
def test_what_is_wrong_with_an_expression_is_told_with_its_place(text: str, told: str) -> None:
    assert told in problem(text)


def test_an_expression_may_be_as_deep_as_it_is_long() -> None:
    assert expression("not " * 200 + "@a").holds({"a"})
    assert expression("(" * 400 + "@a" + ")" * 400).holds({"a"})


def test_an_expression_tells_its_tags() -> None:
    assert expression("@a and not (b or @a)").tags == {"a", "b"}


_tags = st.sampled_from(["@a", "@b", "@c", "d", r"@e\(1\)"])
_expressions: st.SearchStrategy[str] = st.recursive(
    _tags,
    lambda inner: st.one_of(
        st.builds("{} and {}".format, inner, inner),
        st.builds("{} or {}".format, inner, inner),
        st.builds("not {}".format, inner),
        st.builds("( {} )".format, inner),
        st.builds("({})".format, inner),
    ),
    max_leaves=12,
).filter(lambda text: len(text) <= MAX_EXPRESSION)
_given = st.sets(st.sampled_from(["a", "b", "c", "d", "e(1)", "z"]))


@given(_expressions, _given)
def test_an_expression_means_what_it_means_to_cucumber(text: str, tags: set[str]) -> None:
    theirs = {tag if tag == "d" else f"@{tag}" for tag in tags}
    assert expression(text).holds(tags) == parse(text)(theirs)


@given(
    st.lists(st.sampled_from(["@a", "@b", "and", "or", "not", "(", ")"]), min_size=1, max_size=9)
)
def test_an_expression_is_refused_where_cucumber_refuses_it(words: list[str]) -> None:
    text = " ".join(words)
    try:
        parse(text)
    except TagExpressionError:
        assert problem(text)
    else:
        assert expression(text)
