"""What was expected as cases: names that stay from run to run, and why each failed."""

from __future__ import annotations

from typing import Any

import pytest
from tests.formats.bundles import PASSED, bundle, expectation, met, problem, verification

from pymockapi.engine.verifying.verdict import EFFECTS
from pymockapi.formats.cases import KINDS, MAX_REPEATED, Case, cases, of_verification, times_told

VERDICT = ["every request is answered by a stub", "the mock has to fail no request"]


def failed(*results: Any, **facts: Any) -> list[Case]:
    found = verification(*results, **{"passed": False, **facts})
    return [each for each in of_verification(found) if each.kind]


@pytest.mark.parametrize(
    ("low", "high", "told"),
    [
        (1, None, "at least once"), (3, None, "at least 3 times"), (0, 0, "never"), (1, 1, "once"),
        (3, 3, "3 times"), (1, 4, "1 to 4 times"), (0, 1, "at most once"), (0, 2, "at most 2 times"),
        (0, None, "any number of times"),
    ],
)  # fmt: skip
def test_a_number_of_times_is_told_in_words(low: int, high: int | None, told: str) -> None:
    assert times_told(low, high) == told


def test_the_verdict_is_a_case_for_each_kind_of_problem() -> None:
    assert [each.name for each in cases(bundle())] == VERDICT
    verdict = {**PASSED, "passed": False, "problems": [problem("unmatched", 2)], "report": "all"}
    first, second = cases(bundle(verdict=verdict))
    assert (first.kind, first.text, second.kind) == ("unmatched", "all", "")
    assert first.message == "2 unmatched; the first: #3 POST /ship"


def test_a_problem_of_which_no_request_is_recorded_any_more_is_told_by_its_number() -> None:
    first = {"number": None, "request": "GET /late", "code": "x", "detail": None}
    for requests, told in (([], "2 errors"), ([first], "2 errors; the first: GET /late")):
        verdict = {**PASSED, "problems": [problem("errors", 2, requests=requests)]}
        assert [each.message for each in cases(bundle(verdict=verdict)) if each.kind] == [told]


def test_a_kind_that_does_not_fail_is_no_case() -> None:
    problems = [problem("unmatched", effect="warn"), problem("late", effect="warn")]
    verdict = {**PASSED, "problems": problems}
    effects = {**EFFECTS, "unmatched": "warn"}
    assert [each.name for each in cases(bundle(verdict=verdict, effects=effects))] == VERDICT[1:]


def test_a_kind_that_fails_by_a_setting_is_a_case() -> None:
    effects = {**EFFECTS, "unused": "fail", "late": "fail"}
    stubs = [{"stub": "ship", "request": "POST /ship"}]
    verdict = {**PASSED, "problems": [problem("unused", requests=[], stubs=stubs)]}
    found = list(cases(bundle(verdict=verdict, effects=effects)))
    assert [(each.name, each.kind) for each in found[2:]] == [
        ("every stub answers", "unused"), ("no request comes after the end", ""),
    ]  # fmt: skip
    assert found[2].message == "1 unused; the first: 'ship' (POST /ship)"


def test_every_kind_of_problem_is_a_case_or_that_of_a_stub() -> None:
    assert {*KINDS, "unmet", "overrun"} == set(EFFECTS)


@pytest.mark.parametrize(
    ("facts", "name", "kind", "message"),
    [
        ({}, "stub 'pay' (POST /payments) answers at least once", "", ""),
        ({"passed": False, "actual": 0}, "stub 'pay' (POST /payments) answers at least once", "unmet",
         "expected at least once, got 0"),
        ({"passed": False, "low": 0, "high": 0}, "stub 'pay' (POST /payments) never answers", "overrun",
         "expected never, got 1"),
    ],
)  # fmt: skip
def test_what_a_stub_expects_is_a_case(
    facts: dict[str, Any], name: str, kind: str, message: str
) -> None:
    first, *_ = cases(bundle(expectations=[expectation(**facts)]))
    assert (first.name, first.kind, first.message) == (name, kind, message)
    effects = {**EFFECTS, "unmet": "warn", "overrun": "ignore"}
    first, *_ = cases(bundle(expectations=[expectation(**facts)], effects=effects))
    assert (first.name, first.kind, first.message) == (name, "", "")


def test_a_stub_that_may_answer_any_number_of_requests_is_no_case() -> None:
    assert [each.name for each in cases(bundle(expectations=[expectation(low=0)]))] == VERDICT


def test_the_report_of_a_verdict_is_told_with_each_failure() -> None:
    wrong = [expectation(passed=False, actual=0), expectation("ship", passed=False, actual=0)]
    verdict = {**PASSED, "passed": False, "report": "all"}
    found = cases(bundle(expectations=wrong, verdict=verdict))
    assert [each.text for each in found] == ["all", "all", "", ""]


def test_a_verdict_that_may_have_been_another_is_a_failed_case() -> None:
    verdict = {**PASSED, "complete": False, "report": "all"}
    assert list(cases(bundle(verdict=verdict)))[-1].kind == "incomplete"


@pytest.mark.parametrize(
    ("facts", "name"),
    [
        ({}, "POST /payments: at least once"),
        ({"id": "a", "low": 2, "high": 2}, "a: POST /payments: 2 times"),
        ({"what": "stub 'pay'", "id": "pay"}, "stub 'pay': at least once"),
        ({"what": "stub 'pay'", "id": "mine"}, "mine: stub 'pay': at least once"),
    ],
)
def test_each_expectation_is_a_case_named_by_what_is_expected(
    facts: dict[str, Any], name: str
) -> None:
    assert [each.name for each in of_verification(verification(met(**facts)))] == [name]


def test_a_step_of_a_test_is_told_by_where_it_begins() -> None:
    (found,) = of_verification(verification(met(), after=12))
    assert found.name == "POST /payments: at least once (after #12)"


@pytest.mark.parametrize(
    ("facts", "kind", "message"),
    [
        ({"actual": 0}, "unmet", "expected at least once, got 0"),
        ({"low": 2, "high": 2, "actual": 3}, "overrun", "expected 2 times, got 3"),
        ({"low": 0, "high": 0, "actual": 0, "dropped": 4}, "unmet",
         "expected never, got 0 and up to 4 dropped"),
    ],
)  # fmt: skip
def test_a_failed_expectation_says_what_came_instead(
    facts: dict[str, Any], kind: str, message: str
) -> None:
    (found,) = failed(met(passed=False, **facts))
    assert (found.kind, found.message, found.text) == (kind, message, "Verification: the report")


def test_the_report_is_told_with_each_failure_until_that_is_too_much() -> None:
    wrong = [met(f"GET /{n}", passed=False, actual=0) for n in range(4)]
    assert {each.text for each in failed(*wrong)} == {"Verification: the report"}
    texts = [each.text for each in failed(*wrong, report="x" * (MAX_REPEATED // 2))]
    assert [len(text) for text in texts] == [MAX_REPEATED // 2, MAX_REPEATED // 2, 0, 0]


def test_an_order_is_a_case() -> None:
    kept, left = (
        list(of_verification(verification(met(), order="strict: A, then B", diverged=diverged)))[-1]
        for diverged in (None, "expected A, got #3 B")
    )
    assert (kept.name, kept.kind) == ("order strict: A, then B", "")
    assert (left.kind, left.message) == ("order", "expected A, got #3 B")


@pytest.mark.parametrize(
    ("count", "kind", "message"),
    [(0, "", ""), (1, "unexpected", "1 request that nothing expected"),
     (2, "unexpected", "2 requests that nothing expected")],
)  # fmt: skip
def test_nothing_else_is_a_case(count: int, kind: str, message: str) -> None:
    found = list(of_verification(verification(unexpected=count, passed=not count)))
    assert [(each.name, each.kind, each.message) for each in found] == [
        ("nothing else", kind, message)
    ]


@pytest.mark.parametrize(
    ("facts", "name", "kind", "message"),
    [
        ({"reason": "The namespace has ended."}, "waiting", "cut-short", "The namespace has ended."),
        ({"complete": False}, "knowing all requests", "incomplete",
         "requests were dropped that could have changed it"),
        ({"after": 2}, "staying so (after #2)", "unquiet", "more came than was expected"),
    ],
)  # fmt: skip
def test_a_verification_that_failed_has_a_failed_case_whatever_the_cause(
    facts: dict[str, Any], name: str, kind: str, message: str
) -> None:
    (found,) = failed(met(), **facts)
    assert (found.name, found.kind, found.message) == (name, kind, message)


def test_no_two_cases_have_one_name() -> None:
    names = [each.name for each in cases(bundle(verification(met(), met()), verification(met())))]
    told = "POST /payments: at least once"
    assert names == [told, f"{told} [2]", f"{told} [3]", *VERDICT]


def test_what_a_verification_took_is_told_once() -> None:
    found = cases(bundle(verification(met(), met("GET /x"), took_ms=1500)))
    assert [each.took_s for each in found] == [1.5, 0, 0, 0]
