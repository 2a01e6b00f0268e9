"""Judging requests: counts, orders, runs, overlaps, phases, and where an order was left."""

from __future__ import annotations

from typing import Any

import pytest
from tests.engine.verifying.reading import asked, bits, check_of, exchange, fed, judged, requests

from pymockapi.engine.verifying.dropped import Lost
from pymockapi.engine.verifying.runs import TooManyWays
from pymockapi.model.exchange import Phase


@pytest.mark.parametrize(
    ("expect", "more", "came", "passed"),
    [
        # any: each by itself
        ([asked("a")], {}, "", False), ([asked("a")], {}, "xa", True), ([asked("a")], {}, "aaa", True),
        ([asked("a", times=2)], {}, "axa", True), ([asked("a", times=2)], {}, "aaa", False),
        ([asked("a", times=0)], {}, "b", True), ([asked("a", times=0)], {}, "a", False),
        ([asked("a"), asked("ab", times=2)], {}, "ab", True),
        ([asked("a", times={"at_most": 1})], {}, "", True),
        # nothing else
        ([asked("a")], {"nothing_else": True}, "ab", False),
        ([asked("a")], {"nothing_else": True}, "aa", True),
        ([asked("a")], {"nothing_else": True, "ignore": [{"path": "/b"}]}, "bab", True),
        ([], {"nothing_else": True}, "", True), ([], {"nothing_else": True}, "a", False),
        # subsequence
        ([asked("a"), asked("b")], {"order": "subsequence"}, "xaxbx", True),
        ([asked("a"), asked("b")], {"order": "subsequence"}, "ba", False),
        ([asked("a"), asked("b")], {"order": "subsequence"}, "bab", True),
        ([asked("a", times=2), asked("b")], {"order": "subsequence"}, "axab", True),
        ([asked("a", times=2), asked("b")], {"order": "subsequence"}, "aba", False),
        ([asked("ab"), asked("a", id="2")], {"order": "subsequence"}, "ba", True),
        ([asked("a", times={"at_least": 2})], {"order": "subsequence"}, "aaa", True),
        # strict
        ([asked("a"), asked("b")], {"order": "strict"}, "ab", True),
        ([asked("a"), asked("b")], {"order": "strict"}, "abx", False),
        ([asked("a"), asked("b")], {"order": "strict"}, "xab", False),
        ([asked("a"), asked("b")], {"order": "strict"}, "axb", False),
        ([asked("a", times=2), asked("b")], {"order": "strict"}, "aab", True),
        ([asked("a", times=2), asked("b")], {"order": "strict"}, "aaab", False),
        ([asked("a", times={"at_least": 1, "at_most": 3}), asked("b")], {"order": "strict"}, "aaab", True),
        ([asked("a", times={"at_most": 1}), asked("b")], {"order": "strict"}, "b", True),
        ([asked("a", times=0), asked("b")], {"order": "strict"}, "b", True),
        ([asked("a", times=0), asked("b")], {"order": "strict"}, "ab", False),
        ([asked("ab", times={"at_least": 1}), asked("a", id="2")], {"order": "strict"}, "aba", True),
        ([asked("a"), asked("ab", times={"at_least": 1})], {"order": "strict"}, "abbb", True),
        ([asked("a"), asked("b")], {"order": "strict", "ignore": [{"path": "/x"}]}, "xaxbx", True),
        ([asked("a")], {"order": "strict", "ignore": [{"path": "/a"}]}, "aaa", True),
        ([], {"order": "strict"}, "", True),
        # pairs
        ([asked("a"), asked("b")], {"order": [["a", "b"]]}, "aabb", True),
        ([asked("a"), asked("b")], {"order": [["a", "b"]]}, "aba", False),
        ([asked("a"), asked("b")], {"order": [["a", "b"]]}, "b", False),
        ([asked("a"), asked("b"), asked("c")], {"order": [["a", "b"]]}, "cacbc", True),
        ([asked("a"), asked("b"), asked("c", times=1)], {"order": [["a", "b"]]}, "cacbc", False),
        ([asked("ab"), asked("b")], {"order": [["ab", "b"]]}, "bb", True),
        ([asked("ab"), asked("b")], {"order": [["ab", "b"]]}, "b", False),
        ([asked("ab"), asked("b")], {"order": [["ab", "b"]]}, "aba", False),
        ([asked("ab", times=2), asked("b", times=2)], {"order": [["ab", "b"]]}, "bbbb", True),
        ([asked("a"), asked("b")], {"order": [["a", "b"]], "nothing_else": True}, "axb", False),
        ([asked("a"), asked("bc"), asked("b")], {"order": [["a", "bc"], ["a", "b"]]}, "ab", True),
    ],
)  # fmt: skip
def test_a_check_passes_if_some_assignment_of_requests_does(
    expect: Any, more: Any, came: str, passed: bool
) -> None:
    outcome = judged(check_of(*expect, **more), requests(came))
    assert (outcome.passed, outcome.complete) == (passed, True)


@pytest.mark.parametrize(
    ("expect", "more", "came", "is_open"),
    [
        ([asked("a")], {}, "", True), ([asked("a", times=1)], {}, "aa", False),
        ([asked("a")], {"nothing_else": True}, "b", False),
        ([asked("a")], {"order": "subsequence"}, "b", True), ([asked("a")], {"order": "strict"}, "b", False),
        ([asked("a"), asked("b")], {"order": [["a", "b"]]}, "b", True),
        ([asked("a"), asked("b")], {"order": [["a", "b"]]}, "ba", False),
    ],
)  # fmt: skip
def test_it_is_known_whether_what_comes_can_still_help(
    expect: Any, more: Any, came: str, is_open: bool
) -> None:
    assert fed(check_of(*expect, **more), requests(came)).standing().is_open is is_open


@pytest.mark.parametrize(
    ("answered", "numbers"),
    [
        ({"status": 503}, (2,)), ({"status": {"ge": 500}}, (2,)), ({"step": 2}, (3,)),
        ({"phase": "aborted"}, (3,)), ({"phase": ["aborted", "answered"]}, (1, 2, 3)),
        ({"phase": "refused"}, (4,)), ({"phase": "incomplete"}, (5,)), ({"status": 200, "step": 2}, (3,)),
    ],
)  # fmt: skip
def test_how_a_request_was_answered_can_be_asked(answered: Any, numbers: tuple[int, ...]) -> None:
    entries = [
        exchange(1, stub="pay"),
        exchange(2, stub="pay", status=503),
        exchange(3, stub="pay", step=2, phase=Phase.ABORTED),
        exchange(4, phase=Phase.REFUSED, status=413),
        exchange(5, phase=Phase.INCOMPLETE),
    ]
    outcome = judged(check_of({"request": {}, "answered": answered}), entries)
    assert outcome.results[0].numbers == numbers


def test_requests_that_were_refused_or_given_up_are_not_judged_unless_asked_for() -> None:
    entries = [exchange(1, path="/a"), exchange(2, path="/a", phase=Phase.REFUSED)]
    assert judged(check_of(asked("a"), order="strict"), entries).passed
    both = check_of(asked("a", answered={"phase": ["answered", "refused"]}), order="strict")
    assert not judged(both, entries).passed


def test_an_ignored_pattern_may_ask_for_the_answer_too() -> None:
    entries = [exchange(1, path="/a"), exchange(2, path="/x", status=500)]
    ignore = [{"answered": {"status": 500}}]
    assert judged(check_of(asked("a"), nothing_else=True, ignore=ignore), entries).passed


def test_a_stub_and_a_pattern_must_both_fit() -> None:
    entries = [exchange(1, path="/a", stub="pay"), exchange(2, path="/a"), exchange(3, stub="pay")]
    outcome = judged(check_of({"stub": "pay", "request": {"path": "/a"}}), entries)
    assert outcome.results[0].numbers == (1,)


def test_a_phase_that_can_still_change_is_judged_anew() -> None:
    check = check_of(asked("a", answered={"phase": "answered"}), asked("b"))
    entries = requests("aaab")
    entries[1].phase = Phase.DELAYED
    verification = fed(check, entries)
    assert verification.outcome().results[0].numbers == (1, 3)
    assert verification.open_entries == [entries[1]]
    entries[1].phase = Phase.ANSWERED
    verification.reconsider()
    assert verification.outcome().results[0].numbers == (1, 2, 3)
    assert (verification.open_entries, verification.weight) == ([], 4)


@pytest.mark.parametrize("order", ["any", "subsequence", "strict", "pairs"])
def test_every_order_is_judged_anew_when_a_phase_changes(order: str) -> None:
    first = asked("a", answered={"phase": "answered"})
    given: Any = [["a", "b"]] if order == "pairs" else order
    entries = requests("ab")
    entries[0].phase = Phase.SENDING
    verification = fed(check_of(first, asked("b"), order=given), entries)
    assert not verification.standing().passes
    assert verification.standing().is_open
    entries[0].phase = Phase.ANSWERED
    verification.reconsider()
    assert verification.standing().passes


def test_a_phase_that_has_passed_by_counts_no_more() -> None:
    entries = requests("a")
    entries[0].phase = Phase.DELAYED
    verification = fed(check_of(asked("a", answered={"phase": "delayed"})), entries)
    assert verification.standing().passes
    entries[0].phase = Phase.ANSWERED
    verification.reconsider()
    assert not verification.standing().passes


def test_in_an_order_it_is_told_what_came_out_of_it() -> None:
    outcome = judged(check_of(asked("a"), asked("b"), order="subsequence"), requests("bba"))
    assert [(each.passed, each.numbers, each.misplaced) for each in outcome.results] == [
        (True, (3,), ()), (False, (), (1, 2)),
    ]  # fmt: skip
    assert outcome.divergence is not None
    assert (outcome.divergence.got, outcome.divergence.early) == (None, 2)


@pytest.mark.parametrize(
    ("expect", "came", "matched", "expected", "got"),
    [
        ([asked("a"), asked("b")], "ax", [1], "ANY /b", 2),
        ([asked("a", times=2)], "ax", [1], "ANY /a (2 of 2)", 2),
        ([asked("a")], "aa", [1], "nothing more", 2),
        ([asked("a")], "", [], "ANY /a", None),
        ([asked("a", times={"at_least": 1}), asked("b")], "aax", [1, 2], "ANY /a or ANY /b", 3),
        ([asked("a"), asked("b", times={"at_most": 1}), asked("c")], "ax", [1], "ANY /b or ANY /c", 2),
        ([asked("a", times=9)], "aaaaaaax", [3, 4, 5, 6, 7], "ANY /a (8 of 9)", 8),
    ],
)  # fmt: skip
def test_where_a_strict_order_was_left_is_told(
    expect: Any, came: str, matched: list[int], expected: str, got: int | None
) -> None:
    found = judged(check_of(*expect, order="strict"), requests(came)).divergence
    assert found is not None
    assert [number for _, number in found.matched] == matched
    assert (found.expected, found.got) == (expected, got)


def test_of_a_broken_pair_both_sides_are_told() -> None:
    found = judged(
        check_of(asked("a"), asked("b"), order=[["a", "b"]]), requests("abxa")
    ).divergence
    assert found is not None
    assert (found.expected, found.got, found.rival) == ("all of 'a' before all of 'b'", 4, 2)


def test_a_pair_whose_counts_alone_fail_has_no_divergence() -> None:
    check = check_of(asked("a", times=1), asked("b"), order=[["a", "b"]])
    assert judged(check, requests("aab")).divergence is None


def test_a_request_on_both_sides_of_a_pair_counts_for_one() -> None:
    outcome = judged(check_of(asked("ab"), asked("b"), order=[["ab", "b"]]), requests("abb"))
    assert outcome.passed
    first, second = outcome.results
    assert not set(first.numbers) & set(second.numbers)
    assert sorted((*first.numbers, *second.numbers)) == [1, 2, 3]
    assert second.misplaced == tuple(number for number in first.numbers if number > 1)


def test_only_the_first_hundred_requests_are_listed_and_all_are_counted() -> None:
    outcome = judged(check_of(asked("a")), requests("a" * 150))
    assert (outcome.results[0].actual, len(outcome.results[0].numbers)) == (150, 100)
    strict = check_of(asked("a", times=150), order="strict")
    assert len(judged(strict, requests("a" * 150)).results[0].numbers) == 100
    stray = judged(check_of(nothing_else=True), requests("a" * 150))
    assert (stray.stray_count, len(stray.strays)) == (150, 100)


def test_too_many_ways_to_assign_are_an_error_and_no_guess() -> None:
    loose = {"at_most": 1_000_000}
    runs = [asked("a", id=str(n), times=loose) for n in range(200)]
    with pytest.raises(TooManyWays):
        judged(check_of(*runs, order="strict"), requests("a" * 3_000))
    sides = [asked("a", id=str(n), times={"at_least": 50}) for n in range(12)]
    pairs = [[str(n), str(n + 6)] for n in range(6)]
    with pytest.raises(TooManyWays):
        judged(check_of(*sides, order=pairs), requests("a" * 3_000))
    crowd = [asked("a", id=str(n)) for n in range(40)]
    pairs = [[str(n), str(n + 20)] for n in range(20)]
    with pytest.raises(TooManyWays):
        judged(check_of(*crowd, order=pairs), requests("a"))


DROPPED = Lost(3, 3, 0, {"pay": 2, "": 1})


@pytest.mark.parametrize(
    ("expect", "more", "came", "verdict"),
    [
        # (passed, complete)
        ([asked("a", times=0)], {}, "", (False, False)), ([asked("a", times=0)], {}, "a", (False, True)),
        ([asked("a")], {}, "a", (True, True)), ([asked("a", times=5)], {}, "a", (False, True)),
        ([asked("a", times=4)], {}, "a", (False, False)),
        ([{"stub": "pay", "times": 2}], {}, "", (True, True)),
        ([{"stub": "ship", "times": 0}], {}, "", (True, True)),
        ([{"stub": "pay", "times": 3}], {}, "", (False, True)),
        ([{"stub": "pay", "request": {"path": "/a"}, "times": 0}], {}, "", (False, False)),
        ([{"stub": "pay"}], {"nothing_else": True}, "", (False, False)),
        ([asked("a")], {"order": "subsequence"}, "a", (True, True)),
        ([asked("a"), asked("b")], {"order": "subsequence"}, "b", (False, False)),
        ([asked("a", times=4), asked("b")], {"order": "subsequence"}, "ab", (False, False)),
        ([asked("a", times=5), asked("b")], {"order": "subsequence"}, "ab", (False, True)),
        ([asked("a", times=3), asked("b")], {"order": "strict"}, "b", (False, False)),
        ([asked("a", times=2), asked("b")], {"order": "strict"}, "b", (False, True)),
        ([asked("a", times={"at_least": 1}), asked("b")], {"order": "strict"}, "b", (False, False)),
        ([asked("a")], {"order": "strict", "ignore": [{"path": "/x"}]}, "a", (False, False)),
        ([asked("a"), asked("b")], {"order": [["a", "b"]]}, "ab", (False, False)),
        ([asked("a"), asked("b")], {"order": [["a", "b"]]}, "ba", (False, True)),
        ([asked("a"), {"id": "s", "stub": "ship"}], {"order": [["a", "s"]]}, "as", (True, True)),
        ([asked("a", times=1_000_000)], {"order": "strict"}, "a", (False, True)),
        ([asked("a", answered={"phase": "refused"}, times=0)], {}, "", (True, True)),
    ],
)  # fmt: skip
def test_dropped_requests_leave_a_verdict_only_if_it_is_certain(
    expect: Any, more: Any, came: str, verdict: tuple[bool, bool]
) -> None:
    entries = requests(came)
    for entry in entries:
        entry.number += 3
        entry.stub = "ship" if entry.path == "/s" else entry.stub
    outcome = judged(check_of(*expect, **more), entries, DROPPED)
    assert (outcome.passed, outcome.complete) == verdict


def test_a_long_past_that_cannot_be_followed_leaves_the_verdict_open() -> None:
    lost = Lost(200_000, 200_000, 0, {"": 200_000})
    check = check_of(asked("a", times=1_000_000), order="strict")
    assert not judged(check, [], lost).complete
    runs = [asked("a", id=str(n), times={"at_most": 1_000_000}) for n in range(200)]
    ranges = check_of(*runs, order="strict", ignore=[{"path": "/x"}])
    assert not judged(ranges, [], lost).complete
    later = check_of(asked("b"), *runs[:199], order="strict")
    assert not judged(later, requests("aaaaa"), Lost(1, 1, 0, {"": 1})).complete


@pytest.mark.parametrize(
    ("more", "standing"),
    [
        ({}, (True, True, True)), ({"order": "subsequence"}, (True, True, True)),
        ({"order": "strict"}, (False, True, False)), ({"order": [["a", "b"]]}, (False, True, False)),
    ],
)  # fmt: skip
def test_requests_lost_on_the_way_are_dropped_ones_of_which_nothing_is_known(
    more: Any, standing: tuple[bool, bool, bool]
) -> None:
    check = check_of(asked("a"), asked("b"), **more)
    first, second = requests("ab")
    verification = fed(check, [first])
    verification.lose(0)
    verification.lose(2)
    verification.feed(second, bits(check, second))
    assert tuple(verification.standing()) == standing
