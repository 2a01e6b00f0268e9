"""Verdicts from counts, held against a brute-force twin; how a report reads."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pymockapi.engine.verifying.verdict import (
    EFFECTS,
    FAIL,
    IGNORE,
    MAX_ITEMS,
    WARN,
    WEIGHTS,
    Found,
    Item,
    Like,
    StubItem,
    judge,
    kinds_of,
)
from pymockapi.engine.verifying.verdict_report import report
from pymockapi.model.stub import Bounds, Difference

CODES = ("no-match", "sequence-exhausted", "limit-reached", "matcher-limit")


def found(code: str, *numbers: int, lost: int = 0) -> Found:
    items = tuple(Item(number, f"GET /{number}", code) for number in numbers[:MAX_ITEMS])
    return Found(len(numbers) + lost, items)


def twin(seen: Sequence[str | None], late: int) -> dict[str, Any]:
    """Judge request by request: its answer's code, ``None`` for a stub's."""
    counts: Counter[str] = Counter()
    for code in seen:
        if code is not None:
            counts["unmatched" if code == "no-match" else "errors"] += 1
    if late:
        counts["late"] = late
    failing = counts["unmatched"] + counts["errors"] > 0
    return {"passed": not failing, "counts": {kind: n for kind, n in counts.items() if n}}


@given(st.lists(st.sampled_from([None, *CODES]), max_size=60), st.integers(0, 3))
def test_a_verdict_is_that_of_judging_each_request(seen: list[str | None], late: int) -> None:
    answers = {
        code: found(code, *(number for number, each in enumerate(seen, 1) if each == code))
        for code in CODES
    }
    verdict = judge({**kinds_of(answers), "late": Found(late)})
    expected = twin(seen, late)
    assert verdict.passed == expected["passed"]
    assert {each.kind: each.count for each in verdict.problems} == expected["counts"]
    for problem in verdict.problems:
        numbers = [item.number or 0 for item in problem.items]
        assert numbers == sorted(numbers)
        assert len(numbers) <= MAX_ITEMS


def test_problems_are_told_in_the_order_of_their_kinds() -> None:
    found = {kind: Found(1) for kind in reversed(list(EFFECTS))}
    verdict = judge(found, dict.fromkeys(EFFECTS, WARN))
    assert [each.kind for each in verdict.problems] == list(EFFECTS)


@pytest.mark.parametrize("kind", EFFECTS)
@pytest.mark.parametrize("effect", WEIGHTS)
def test_each_kind_does_what_the_settings_say(kind: str, effect: str) -> None:
    verdict = judge({kind: Found(1)}, {kind: effect})
    assert verdict.passed == (effect != FAIL)
    assert [each.effect for each in verdict.problems] == ([] if effect == IGNORE else [effect])


@pytest.mark.parametrize("kind", EFFECTS)
def test_each_kind_does_as_shipped_where_the_settings_say_nothing(kind: str) -> None:
    others = {other: IGNORE for other in EFFECTS if other != kind}
    verdict = judge({kind: Found(2)}, others)
    assert verdict.passed == (EFFECTS[kind] != FAIL)
    assert [each.effect for each in verdict.problems] == [EFFECTS[kind]] * (EFFECTS[kind] != IGNORE)


def test_nothing_that_came_is_no_problem() -> None:
    verdict = judge({})
    assert (verdict.passed, verdict.complete, verdict.problems) == (True, True, ())


def test_a_verdict_that_is_not_complete_has_failed() -> None:
    verdict = judge({}, in_doubt=True)
    assert (verdict.passed, verdict.complete) == (False, False)
    assert "Requests were dropped that could have changed this verdict" in report(verdict, "x")


def test_a_doubt_changes_nothing_in_a_verdict_that_fails_anyway() -> None:
    verdict = judge({"unmet": Found(1)}, in_doubt=True)
    assert (verdict.passed, verdict.complete) == (False, True)


def test_a_report_reads_as_a_list() -> None:
    answers = kinds_of(
        {
            "no-match": Found(
                3, (Item(3, "POST /payments", "no-match", "nearest is 'pay' (POST /payments): "
                         "body.$.amount: expected greater than 0, got 0"),)
            ),
            "sequence-exhausted": Found(1, (Item(9, "GET /poll", "sequence-exhausted"),)),
        }
    )  # fmt: skip
    late = Item(None, "GET /orders", "finished-namespace", "at 2030-01-01T00:00:00Z")
    verdict = judge({**answers, "late": Found(1, (late,))})
    assert report(verdict, "Namespace 'a' (n1)").splitlines() == [
        "Namespace 'a' (n1): failed",
        "  3 requests that no stub answered:",
        "    #3 POST /payments",
        "      nearest is 'pay' (POST /payments): body.$.amount: expected greater than 0, got 0",
        "    and 2 more",
        "  1 request that the mock had to fail:",
        "    #9 GET /poll: sequence-exhausted",
        "  1 request after the end (a warning):",
        "    GET /orders",
        "      at 2030-01-01T00:00:00Z",
    ]


def test_a_report_tells_of_stubs_what_was_expected_and_what_came_instead() -> None:
    like = Like(3, "#3 POST /payment -> 404 no-match",
                (Difference("path", "/payments", "/payment"),))  # fmt: skip
    pay = StubItem("pay", "own", "POST /payments", Bounds(2, 2), 1, (2,), None, (like,))
    once = StubItem("stock", "set:shop", "GET /stock", Bounds(0, 1), 12, tuple(range(5, 17)))
    play = StubItem("poll", "own", "GET /poll", None, 1, (4,), "1 of 3 answers were given")
    verdict = judge(
        {"unmet": Found(1, (), (pay,)), "overrun": Found(2, (), (once,)),
         "sequence_left": Found(1, (), (play,)),
         "unused": Found(1, (), (StubItem("ship", "own", "POST /ship", None, 0),))},
        {"sequence_left": WARN},
    )  # fmt: skip
    assert report(verdict, "Namespace 'a' (n1)", "Not all came within 2 s.").splitlines() == [
        "Namespace 'a' (n1): failed",
        "  Not all came within 2 s.",
        "  1 stub that answered fewer requests than expected:",
        "    'pay' (POST /payments): expected exactly 2, got 1 (#2)",
        "      nearest: #3 POST /payment -> 404 no-match",
        "        path: expected /payments, got /payment",
        "  2 stubs that answered more requests than expected:",
        "    'stock' of set:shop (GET /stock): expected at most 1, got 12 (#5, #6, #7, #8, #9, #10, #11, #12,",
        "      #13, #14, …)",
        "    and 1 more",
        "  1 stub that never answered (a warning):",
        "    'ship' (POST /ship)",
        "  1 sequence that was not played to its end (a warning):",
        "    'poll' (GET /poll): 1 of 3 answers were given",
    ]


def test_every_text_about_a_request_can_be_changed() -> None:
    like = Like(3, "#3 GET /secret", (Difference("query.x", "secret", "a secret"),))
    stub = StubItem("s", "own", "GET /secret", None, 0, (), "for 'secret'", (like,))
    plain = StubItem("t", "own", "GET /secret", None, 0)
    verdict = judge({"unused": Found(2, (), (stub, plain))})
    verdict = verdict.map_texts(lambda text: text.replace("secret", "xxx"))
    assert "secret" not in report(verdict, "x")
    assert verdict.problems[0].stubs[0].nearest[0].differences[0].actual == "a xxx"


@pytest.mark.parametrize("words", [5, 300])
def test_no_line_of_a_report_is_longer_than_100_characters(words: int) -> None:
    detail = "expected this, got that; " * words
    verdict = judge({"unmatched": Found(1, (Item(1, "GET /" + "x" * 80, "no-match", detail),))})
    lines = report(verdict, "Namespace " + "'long name' " * 20).splitlines()
    assert max(map(len, lines)) <= 100
