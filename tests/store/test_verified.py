"""Verifications are remembered with the journal: bounded, and as they came out last."""

from __future__ import annotations

from typing import Any

import pytest
from tests.store.test_journal import journal_of

from pymockapi.store import verified as module
from pymockapi.store.journal import Journal
from pymockapi.store.verified import Met, Verifications, Verified


def verified(key: str, **facts: Any) -> Verified:
    given: dict[str, Any] = {
        "at": 0, "took_ns": 0, "passed": True, "complete": True, "reason": None, "after": 0,
        "cursor": 0, "order": "", "diverged": "", "strays": None, "results": (), "report": "",
    }  # fmt: skip
    return Verified(key=key.encode(), **{**given, **facts})


def keys(remembered: Verifications) -> list[str]:
    return [each.key.decode() for each in remembered]


def test_they_are_remembered_in_the_order_in_which_they_were_asked_first() -> None:
    remembered = Verifications()
    for key in "abcb":
        remembered.note(verified(key))
    assert (keys(remembered), len(remembered), remembered.dropped) == (["a", "b", "c"], 3, 0)


def test_one_that_is_asked_again_counts_as_it_came_out_last() -> None:
    remembered = Verifications()
    for passed in (False, False, True):
        remembered.note(verified("a", passed=passed))
    (only,) = remembered
    assert (only.passed, only.times, remembered.have_passed) == (True, 3, True)
    remembered.note(verified("a", passed=False))
    assert not remembered.have_passed


def test_too_many_push_out_the_oldest(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MAX_VERIFICATIONS", 2)
    remembered = Verifications()
    for key in "abc":
        remembered.note(verified(key))
    assert (keys(remembered), remembered.dropped) == (["b", "c"], 1)


def test_long_texts_push_out_the_oldest_and_the_newest_stays(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(module, "MAX_TEXT", 1_000)
    remembered = Verifications()
    result = Met("id", "what", passed=True, low=1, high=None, actual=1)
    remembered.note(verified("a", results=(result,), report="x" * 300))
    assert next(iter(remembered)).size == 506
    remembered.note(verified("b", report="x" * 494))
    assert keys(remembered) == ["a", "b"]
    remembered.note(verified("a", report="x" * 507))
    assert keys(remembered) == ["a"]
    remembered.note(verified("c", report="x" * 5_000))
    assert (keys(remembered), remembered.dropped) == (["c"], 2)


def test_a_deletion_of_all_requests_forgets_what_was_verified_of_them() -> None:
    old = journal_of(3)
    old.verified.note(verified("a", cursor=3))
    new = Journal(3)
    new.follow(old, is_reset=False)
    assert len(new.verified) == 0


def test_a_reset_forgets_what_was_verified() -> None:
    old = journal_of(3)
    old.verified.note(verified("a", cursor=3))
    new = Journal(3)
    new.follow(old, is_reset=True)
    assert len(new.verified) == 0


def test_a_reset_inside_a_scope_leaves_what_was_verified_before_it() -> None:
    old = journal_of(3)
    old.marks.open(2)
    old.verified.note(verified("before", cursor=2, report="x"))
    old.verified.note(verified("since", cursor=3))
    old.verified.dropped = 5
    new = Journal(3)
    new.follow(old, is_reset=True)
    assert (keys(new.verified), new.verified.dropped) == (["before"], 5)
