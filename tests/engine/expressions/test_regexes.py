"""Regular expressions of users: limits at definition and at run time."""

from __future__ import annotations

from typing import cast

import pytest
from tests.engine.requests import context_of, make_request

from pymockapi.engine.expressions import regexes
from pymockapi.engine.expressions.regexes import MATCH_S, Regex, compile_regex
from pymockapi.model.aside import Aside, SlowMatch
from pymockapi.model.errors import ExpressionLimit
from pymockapi.model.reader import Findings
from pymockapi.model.stub import Context


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


# Aside: in a thread, when it is not quick.


AS = compiled("a+")
SLOW = compiled("(a|aa)*b")


def asked_aside(expression: Regex, subject: str, aside: Aside) -> bool | SlowMatch:
    context = Context(make_request(), 0, aside)
    try:
        return expression.matches(subject, context)
    except SlowMatch as match:
        return match


def test_a_quick_expression_is_not_put_aside() -> None:
    assert asked_aside(AS, "aaa", Aside()) is True
    assert asked_aside(compiled("b+"), "aaa", Aside()) is False


def test_a_slow_one_is_put_aside_and_its_result_is_then_known() -> None:
    aside = Aside()
    slow = asked_aside(SLOW, "a" * 5000 + "b!", aside)
    assert isinstance(slow, SlowMatch)
    slow.run()
    with pytest.raises(ExpressionLimit, match="took more than 20 ms"):
        asked_aside(SLOW, "a" * 5000 + "b!", aside)


def test_once_a_turn_has_had_its_time_every_one_is_put_aside() -> None:
    aside = Aside()
    aside.turn_left_s = 0.0
    found = asked_aside(AS, "aaa", aside)
    assert isinstance(found, SlowMatch)
    found.run()
    assert asked_aside(AS, "aaa", aside) is True
    assert isinstance(
        asked_aside(compiled("b"), "aaa", aside), SlowMatch
    )  # another expression is another match


def test_what_the_rest_of_the_process_does_is_not_taken_from_its_time(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    limits: list[float] = []

    def ended_early(*arguments: object, concurrent: bool) -> bool | None:
        assert concurrent
        limits.append(cast(float, arguments[2]))
        return True if len(limits) == 3 else None

    aside = Aside()
    aside.turn_left_s = 0.0
    slow = asked_aside(AS, "aaa", aside)
    assert isinstance(slow, SlowMatch)
    monkeypatch.setattr(regexes, "_fits", ended_early)
    slow.run()
    assert limits == [MATCH_S, 2 * MATCH_S, 4 * MATCH_S]
    assert asked_aside(AS, "aaa", aside) is True


def test_the_results_of_one_request_are_none_of_the_next() -> None:
    aside = Aside()
    assert asked_aside(AS, "aaa", aside) is True
    aside.begin()
    assert aside.matches == {}
