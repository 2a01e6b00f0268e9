"""The report of a verification, as somebody reads it who sees nothing else."""

from __future__ import annotations

from typing import Any

from tests.engine.verifying.reading import asked, check_of, judged, requests

from pymockapi.engine.verifying.dropped import NOTHING_LOST, Lost
from pymockapi.engine.verifying.verification_report import WIDTH, Near, report
from pymockapi.model.stub import Difference


def told(came: str, *expect: Any, lost: Lost = NOTHING_LOST, **more: Any) -> str:
    near = more.pop("near", {})
    reason = more.pop("reason", None)
    entries = requests(came)
    outcome = judged(check_of(*expect, **more), entries, lost)
    paths = {entry.number: entry.path for entry in entries}
    return report(outcome, "Verification", lambda n: f"#{n} GET {paths[n]} -> 200", near, reason)


def test_what_passed_is_told_in_a_line_each() -> None:
    assert told("aab", asked("a", times=2), asked("b")) == (
        "Verification: passed\n"
        "  ok     a: ANY /a: expected exactly 2, got 2 (#1, #2)\n"
        "  ok     b: ANY /b: expected at least 1, got 1 (#3)"
    )


def test_what_failed_comes_first_with_the_nearest_requests() -> None:
    near = {"b": [Near(2, (Difference("path", "/b", "/c"), Difference("query.q", "1", "2")))]}
    assert told("ac", asked("a"), {"id": "b", "request": {"path": "/b"}, "times": {"at_most": 3, "at_least": 2}},
                near=near) == (
        "Verification: failed\n"
        "  FAILED b: ANY /b: expected 2 to 3, got 0\n"
        "           nearest: #2 GET /c -> 200\n"
        "             path: expected /b, got /c\n"
        "             query.q: expected 1, got 2\n"
        "  ok     a: ANY /a: expected at least 1, got 1 (#1)"
    )  # fmt: skip


def test_where_an_order_was_left_is_told_in_two_columns() -> None:
    assert told("acb", asked("a"), asked("b"), order="strict").splitlines()[-4:] == [
        "  The order (strict) was left here:",
        "      expected | got",
        "      ANY /a   | #1 GET /a -> 200",
        "    > ANY /b   | #2 GET /c -> 200",
    ]


def test_what_came_too_early_is_told() -> None:
    assert told("ba", asked("a"), asked("b"), order="subsequence").splitlines()[1:] == [
        "  order: subsequence",
        "  FAILED b: ANY /b: expected exactly 1, got 0",
        "           out of order: #1",
        "  ok     a: ANY /a: expected exactly 1, got 1 (#2)",
        "  The order (subsequence) was left here:",
        "      expected | got",
        "      ANY /a   | #2 GET /a -> 200",
        "    > ANY /b   | nothing more",
        "      #1 GET /b -> 200 fits, but came too early.",
    ]


def test_of_pairs_it_is_told_what_came_between() -> None:
    text = told("aba", asked("a"), asked("b"), order=[["a", "b"]], nothing_else=True)
    assert "  order: 'a' before 'b'; nothing else\n" in text
    assert text.splitlines()[-2:] == [
        "    > all of 'a' before all of 'b' | #3 GET /a -> 200",
        "      #2 GET /b -> 200 had come before.",
    ]


def test_many_pairs_are_told_in_short() -> None:
    items = [asked("a", id=f"i{n}") for n in range(6)]
    pairs = [[f"i{n}", f"i{n + 1}"] for n in range(5)]
    text = told("", *items, order=pairs)
    assert "order: 'i0' before 'i1', 'i1' before 'i2', 'i2' before 'i3' …" in text


def test_what_nothing_expected_is_listed_up_to_ten() -> None:
    lines = told("x" * 12, asked("a", times=0), nothing_else=True).splitlines()
    assert "  FAILED 12 requests that nothing expected:" in lines
    assert lines[-1] == "           and 2 more"
    assert "  FAILED 1 request that nothing expected:" in told("x", asked("a"), nothing_else=True)


def test_how_it_was_asked_is_told() -> None:
    text = told("a", asked("a"), within="2s", quiet_for="250ms")
    assert text.splitlines()[1] == "  within 2 s; quiet for 0.25 s"


def test_a_reason_fails_what_would_have_passed() -> None:
    assert told("a", asked("a"), reason="It was reset.").startswith(
        "Verification: failed\n  It was reset.\n"
    )


def test_a_verdict_that_is_not_certain_says_what_to_do() -> None:
    text = told("", asked("a", times={"at_most": 2}), lost=Lost(3, 3, 0, {"": 3}))
    assert "Requests were dropped that could have changed this verdict: raise the limits" in text
    assert "expected at most 2, got 0, and up to 3 dropped" in text


def test_none_and_many_numbers_read_well() -> None:
    assert "expected none, got 12 (#1, #2, #3, #4, #5, #6, #7, #8, #9, #10, …)" in " ".join(
        told("a" * 12, asked("a", times=0)).split()
    )


def test_no_line_is_longer_than_a_hundred_columns() -> None:
    long = {"id": "x" * 120, "request": {"path": "/" + "long/" * 60, "query": {"q": "1"}}}
    near = {"x" * 120: [Near(1, (Difference("body", "e " * 200, "a " * 200),))]}
    text = told("ab", long, asked("b"), order="strict", near=near)
    words = [word for line in text.splitlines() for word in line.split()]
    longest = max(map(len, words))
    assert all(len(line) <= max(WIDTH, longest + 20) for line in text.splitlines())


def test_dropped_requests_that_count_are_told_as_such() -> None:
    lost = Lost(3, 3, 0, {"pay": 2, "": 1})
    assert "stub 'pay': expected exactly 2, got 2 (2 dropped)" in told(
        "", {"stub": "pay", "times": 2}, lost=lost
    )
