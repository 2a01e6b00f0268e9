"""GraphQL documents: what counts as the same, which operation runs, and how large they may be."""

from __future__ import annotations

import pytest

from pymockapi.engine.expressions.graphql_documents import MAX_TOKENS, measure, read_document


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("{a}", "query { a }"),
        ("{a b}", "{b,a}"),
        ("{a(x: 1, y: 2)}", "{a(y: 2 x: 1)}"),
        ("{a(x: {p: 1, q: [1, 2]})}", "{a(x: {q: [1 2] p: 1})}"),
        ("query Q($a: Int = 1, $b: [Int!]!) {a}", "query Q($b: [Int!]! $a: Int=1){a}"),
        ('{a(x: "b")}', '{a(x: """b""")}'),
        ("{a # comment\n}", "{a}"),
        ("{a {id __typename} __typename}", "{a {id}}"),
        ("{...F} fragment F on T {a}", "fragment F on T {a} {...F}"),
        ("{... on T @x {b a}}", "{...on T @x{a b}}"),
        ("{...@include(if: true) {a}}", "{... @include(if: true) {a}}"),
        ("{a(x: true, y: null, z: E, w: $v, f: 1.5)}", "{a(f: 1.5 w: $v y: null x: true z: E)}"),
        ("query ($a: Int @d) {a}", "query($a:Int@d){a}"),
    ],
)
def test_documents_that_ask_for_the_same_are_equal(one: str, other: str) -> None:
    found = read_document(one)
    assert found.problem == ""
    assert found.normal == read_document(other).normal


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("{a}", "{b}"),
        ("{a}", "{a {b}}"),
        ("{a}", "mutation {a}"),
        ("query Q {a}", "query R {a}"),
        ("{x: a}", "{a}"),
        ("{a(x: 1)}", '{a(x: "1")}'),
        ("{a(x: [1, 2])}", "{a(x: [2, 1])}"),
        ("{a @x @y}", "{a @y @x}"),
        ("{__typename}", "{a}"),
        ("{a {__typename}}", "{a}"),
        ("{a(x: false)}", "{a(x: true)}"),
        ("query ($a: Int!) {a}", "query ($a: Int) {a}"),
        ("{...F} fragment F on T {a}", "{...F} fragment F on U {a}"),
    ],
)
def test_documents_that_ask_for_something_else_differ(one: str, other: str) -> None:
    assert read_document(one).normal != read_document(other).normal


def test_the_normal_form_is_itself_a_document() -> None:
    text = 'query Q($b: Int, $a: Int = 1) @d(x: 1) {b, z: a(s: "h\\"i") {id ... on T {c}}}'
    normal = read_document(text).normal
    assert normal == (
        'query Q($a: Int = 1, $b: Int) @d(x: 1) {b z: a(s: "h\\"i") {... on T {c} id}}'
    )
    assert read_document(normal).normal == normal


@pytest.mark.parametrize(
    ("text", "name", "kind"),
    [
        ("{a}", None, "query"),
        ("mutation M {a}", None, "mutation"),
        ("query A {a} subscription B {b}", "B", "subscription"),
        ("query A {a} subscription B {b}", None, None),
        ("query A {a}", "B", None),
        ("fragment F on T {a}", None, None),
    ],
)
def test_the_operation_that_runs_has_a_type(text: str, name: str | None, kind: str | None) -> None:
    assert read_document(text).type_of(name) == kind


def test_the_name_is_that_of_the_only_operation() -> None:
    assert read_document("query A {a}").only_name == "A"
    assert read_document("{a}").only_name is None
    assert read_document("query A {a} query B {b}").only_name is None


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "Unexpected <EOF>"),
        ("{a", "Expected Name, found <EOF>. (line 1, column 3)"),
        ("{a}\n}", "line 2, column 1"),
        ("type A {a: Int}", "object type definition"),
    ],
)
def test_what_is_no_document_says_why(text: str, words: str) -> None:
    assert words in read_document(text).problem


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("{" + "a " * MAX_TOKENS + "}", "1,502 tokens"),
        ("{" + "#\n" * MAX_TOKENS + "a}", "1,503 tokens"),
        ("{a" * 51 + "}" * 51, "51 levels"),
        ("{a(x: " + "[" * 50 + "]" * 50 + ")}", "52 levels"),
        ("#" * 16_385, "16,385 characters"),
    ],
)
def test_a_large_document_is_told_before_it_is_parsed(text: str, words: str) -> None:
    _, problem = measure(text)
    assert words in problem


@pytest.mark.parametrize(
    "text",
    [
        "{a" * 50 + "}" * 50,
        "{a(x: " + "[" * 48 + "]" * 48 + ")}",
        "query ($a: " + "[" * 49 + "T" + "]" * 49 + ") {a}",
        "{... on T @a(x: {a: [1]}) " * 46 + "{a}" + "}" * 46,
        '"""' + '\\"""' * 4000,
        '"' + '\\"' * 8000,
        '{a(x: "}}}{{{", y: """{"{""")}',
    ],
)
def test_the_largest_that_may_be_read_overflows_nothing(text: str) -> None:
    assert measure(text)[1] == ""
    assert "nested" not in read_document(text).problem
