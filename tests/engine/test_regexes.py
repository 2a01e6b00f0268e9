"""Regular expressions of users: limits at definition and at run time."""

from __future__ import annotations

import pytest
from tests.engine.requests import context_of

from pymockapi.engine.regexes import Regex, compile_regex
from pymockapi.model.errors import ExpressionLimit
from pymockapi.model.reader import Findings


def compiled(text: str) -> Regex:
    found = Findings()
    regex = compile_regex(text, "", found)
    found.check("The expression")
    return regex


def problem(text: str) -> str:
    found = Findings()
    assert not compile_regex(text, "/at", found).matches("", context_of())
    (finding,) = found.items
    assert finding.pointer == "/at"
    return finding.message


@pytest.mark.parametrize(
    "text",
    ["a{1000}", r"\(?xy\)?", "(?:x)", "(?P<x>a)", "[[a]", "a{,5}", "(a{30}b){30}", "a{3}b{999}", r"\p{L}+", "{", "x{a}"],
)  # fmt: skip
def test_an_ordinary_expression_is_taken(text: str) -> None:
    compiled(text)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("(", "no regular expression"),
        ("a" * 4097, "4096 bytes"),
        ("é" * 2049, "4096 bytes"),
        ("a{1001}", "1000"),
        ("a{0,1001}", "1000"),
        ("a{1001,}", "1000"),
        ("((a{1000}){1000}){1000}", "nested ones multiplied"),
        ("(a{40}){40}", "1600"),
        ("(a{1000})(?#c){1000}", "1000000"),
        ("(?x)(a{1000}) {1000}", "verbose"),
        (r"\\(?ix:a)", "verbose"),
        ("(?:" + "(?:ab){900}" * 90 + ")", "parts"),
        ("[" + "ab" * 300 + "]{1000}", "parts"),
    ],
)
def test_an_expression_past_a_limit_is_refused_at_definition(text: str, words: str) -> None:
    assert words in problem(text)


def test_a_catastrophic_expression_is_stopped_and_never_means_no_match() -> None:
    with pytest.raises(ExpressionLimit, match="took more than 20 ms"):
        compiled("(a|aa)*b").matches("a" * 5000 + "b!", context_of())


def test_the_time_of_a_request_is_shared_by_its_expressions() -> None:
    context = context_of()
    context.regex_left_s = 0.0
    with pytest.raises(ExpressionLimit, match="50 ms together"):
        compiled("a").matches("a", context)


def test_a_long_subject_is_a_limit() -> None:
    with pytest.raises(ExpressionLimit, match="65537 characters"):
        compiled("a+").matches("a" * 65537, context_of())
    assert compiled("a+").matches("a" * 65536, context_of())
