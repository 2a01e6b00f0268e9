"""Reading verifications: every mistake with its place and its cure, and what is taken for granted."""

from __future__ import annotations

from typing import Any

import pytest
from tests.engine.verifying.reading import check_of, read

from pymockapi.engine.verifying.expectation_reading import following

A = {"id": "a", "request": {"path": "/a"}}
B = {"id": "b", "request": {"path": "/b"}}
STRICT = {"order": "strict"}
SUB = {"order": "subsequence"}


@pytest.mark.parametrize(
    ("document", "pointer", "message"),
    [
        ({"expect": [A], "ordr": "any"}, "/ordr", "unknown key 'ordr'; did you mean 'order'?"),
        ({"expect": {}}, "/expect", "expected a list, got an object"),
        ({}, "/expect", "expected at least one expectation; it may be empty with nothing_else"),
        (SUB, "/expect", "expected at least one expectation; it may be empty with nothing_else"),
        ({"expect": [{"request": {}}] * 201}, "/expect", "expected at most 200 expectations, got 201"),
        ({"expect": ["a"]}, "/expect/0", "expected an object, got a string"),
        ({"expect": [{}]}, "/expect/0", "expected 'stub', a name, or 'request', a pattern, or both"),
        ({"expect": [{"path": "/a"}]}, "/expect/0/path", "unknown key 'path'; it goes under 'request'"),
        ({"expect": [{**A, "at_least": 1}]}, "/expect/0/at_least",
         "unknown key 'at_least'; it goes under 'times'"),
        ({"expect": [{**A, "status": 200}]}, "/expect/0/status",
         "unknown key 'status'; it goes under 'answered'"),
        ({"expect": [{"stub": "pya"}]}, "/expect/0/stub",
         "namespace 'shop' has no stub named 'pya'; did you mean 'pay'?"),
        ({"expect": [{"stub": "zzzzzz"}]}, "/expect/0/stub",
         "namespace 'shop' has no stub named 'zzzzzz'; none it ever had has a like name"),
        ({"expect": [{"stub": 1}]}, "/expect/0/stub", "expected a string, got a number"),
        ({"expect": [{"request": {"pth": "/a"}}]}, "/expect/0/request/pth",
         "unknown key 'pth'; did you mean 'path'?"),
        ({"expect": [{**A, "id": ""}]}, "/expect/0/id", "expected 1 to 200 characters, got 0"),
        ({"expect": [A, A]}, "/expect/1/id",
         "'a' is the id of an earlier expectation; give each an 'id' of its own"),
        ({"expect": [{**A, "times": "2"}]}, "/expect/0/times",
         'expected a number, or bounds such as {"at_least": 1, "at_most": 4}, got a string'),
        ({"expect": [{**A, "times": -1}]}, "/expect/0/times",
         "expected a whole number from 0 to 1000000000, got -1"),
        ({"expect": [{**A, "times": {}}]}, "/expect/0/times", "expected at_least, at_most, or both"),
        ({"expect": [{**A, "times": {"at_least": 3, "at_most": 2}}]}, "/expect/0/times",
         "at_most is 2, less than at_least, 3: no number fits both"),
        ({"expect": [{**A, "times": {"least": 3}}]}, "/expect/0/times/least",
         "unknown key 'least'; did you mean 'at_least'?"),
        ({"expect": [{**A, "answered": {}}]}, "/expect/0/answered",
         "expected at least one of status, step, phase"),
        ({"expect": [{**A, "answered": {"step": 0}}]}, "/expect/0/answered/step",
         "expected a whole number of at least 1, got 0"),
        ({"expect": [{**A, "answered": {"phase": "answerd"}}]}, "/expect/0/answered/phase",
         "expected one of received, parked, delayed, rendering, sending, answered, aborted, failed,"
         " incomplete, refused, got 'answerd'; did you mean 'answered'?"),
        ({"expect": [{"request": {"answered": {"step": 1}}, "answered": {"step": 2}}]},
         "/expect/0/answered", "it stands in 'request', too; write it once"),
        ({"expect": [A], "order": "strickt"}, "/order",
         "expected one of any, subsequence, strict, got 'strickt'; did you mean 'strict'?"),
        ({"expect": [A], "order": 1}, "/order",
         'expected any, subsequence, strict or pairs of ids such as [["a", "b"]], got a number'),
        ({"expect": [A, B], "order": [["a"]]}, "/order/0",
         'expected a pair of ids such as ["a", "b"]: all of a before all of b'),
        ({"expect": [{**A, "id": "alpha"}, B], "order": [["alpa", "b"]]}, "/order/0/0",
         "no expectation has the id 'alpa'; did you mean 'alpha'?"),
        ({"expect": [A, B], "order": [["a", "zzz"]]}, "/order/0/1",
         "no expectation has the id 'zzz'; ids: a, b"),
        ({"expect": [A, B], "order": [["a", "b"], ["b", "a"]]}, "/order",
         "'a' would have to come before itself"),
        ({"expect": [A], "ignore": [{"path": "/x"}]}, "/ignore",
         "it goes with nothing_else or order strict; nothing else is judged"),
        ({"expect": [A], "nothing_else": True, "ignore": [{"pat": 1}]}, "/ignore/0/pat",
         "unknown key 'pat'; did you mean 'path'?"),
        ({"expect": [A], "nothing_else": "yes"}, "/nothing_else",
         "expected true or false, got a string"),
        ({"expect": [A], "within": "soon"}, "/within",
         "expected a duration such as 250ms, 2s or 1m, or seconds as a number, got 'soon'"),
        ({"expect": [{**A, "times": 0}], "within": "2s"}, "/within",
         "nothing can be missing here, since every expectation is met by no request at all;"
         ' write "quiet_for": "200ms" to watch for so long that nothing comes'),
        ({"expect": [], "nothing_else": True, "within": 1}, "/within",
         "nothing can be missing here, since every expectation is met by no request at all;"
         ' write "quiet_for": "200ms" to watch for so long that nothing comes'),
        ({"expect": [{**A, "times": 0}], **SUB}, "/expect/0/times",
         "in a subsequence others may lie between, so an upper bound says nothing; use order"
         " strict, or verify it apart under order any"),
        ({"expect": [{**A, "times": {"at_least": 1, "at_most": 2}}], **SUB}, "/expect/0/times",
         "in a subsequence others may lie between, so an upper bound says nothing; use order"
         " strict, or verify it apart under order any"),
    ],
)  # fmt: skip
def test_a_mistake_is_told_with_its_place_and_its_cure(
    document: Any, pointer: str, message: str
) -> None:
    _, wrong = read(document)
    assert wrong == [(pointer, message)]


def test_all_mistakes_are_told_at_once() -> None:
    _, wrong = read({"expect": [{"stub": "pya", "times": -1}, {"id": 1}], "order": [["a", "b"]]})
    assert [pointer for pointer, _ in wrong] == [
        "/expect/0/stub", "/expect/0/times", "/expect/1", "/expect/1/id", "/order/0/0", "/order/0/1"
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("times", "more", "bounds"),
    [
        (None, {}, (1, None)), (None, SUB, (1, 1)), (None, STRICT, (1, 1)),
        (0, {}, (0, 0)), (2.0, {}, (2, 2)), ({"at_least": 2}, {}, (2, None)), ({"at_most": 2}, {}, (0, 2)),
        ({"at_least": 1, "at_most": 4}, STRICT, (1, 4)), ({"at_least": 2}, SUB, (2, None)),
    ],
)  # fmt: skip
def test_times_are_bounds(times: Any, more: Any, bounds: tuple[int, int | None]) -> None:
    item = A if times is None else {**A, "times": times}
    (each,) = check_of(item, **more).expect
    assert (each.low, each.high) == bounds


def test_without_an_id_an_expectation_is_known_by_what_it_expects() -> None:
    check = check_of(
        {"stub": "pay"}, {"stub": "pay", "answered": {"status": 503}}, {"request": {"path": "/a"}},
        {"request": {"path": "/a"}}, {"request": {}, "answered": {"step": 2, "phase": ["sending"]}},
        {"stub": "pay", "request": {"method": "POST", "query": {"a": "1"}}},
        {"stub": "pay"},
    )  # fmt: skip
    assert [each.id for each in check.expect] == [
        "pay", "stub 'pay' with status equal to 503", "ANY /a", "ANY /a (2)",
        "any request with step 2 in phase sending",
        "POST any path with query answered by 'pay'", "pay (2)",
    ]  # fmt: skip


def test_a_subsequence_and_nothing_else_is_strict() -> None:
    assert check_of(A, order="subsequence", nothing_else=True).order == "strict"


def test_what_follows_a_pair_follows_what_comes_before_it() -> None:
    assert following([(0, 1), (2, 3), (1, 2)]) == {0: 0b1110, 1: 0b1100, 2: 0b1000, 3: 0}


def test_a_long_chain_of_pairs_is_closed_whatever_its_order() -> None:
    pairs = [(place, place + 1) for place in range(199)]
    assert following(pairs[::-1])[0] == (1 << 200) - 2
