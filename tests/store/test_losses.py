"""What a journal remembers of entries that its limits dropped."""

from __future__ import annotations

import pytest
from tests.engine.verifying.reading import exchange

from pymockapi.engine.verifying.dropped import NOTHING_LOST
from pymockapi.model.exchange import Phase
from pymockapi.store.journal import Journal
from pymockapi.store.losses import MAX_LEFT_OUT, Losses

STUBS = ["pay", "pay", None, "ship", "pay", "ship"]


@pytest.fixture
def journal() -> Journal:
    """Six requests, the third of them refused, and the first four dropped."""
    made = Journal(10)
    for number, stub in enumerate(STUBS, 11):
        phase = Phase.REFUSED if number == 13 else Phase.ANSWERED
        made.append(exchange(number, stub=stub, phase=phase))
    made.evict(2, 10**9)
    return made


def test_without_a_cursor_losses_are_exact_by_stub(journal: Journal) -> None:
    lost = journal.lost(0)
    assert (lost.number, lost.ever, lost.uncounted) == (4, 4, 1)
    assert dict(lost.by_stub) == {"pay": 2, "ship": 1}
    assert journal.lost(10) == lost


def test_after_a_cursor_their_number_is_exact(journal: Journal) -> None:
    lost = journal.lost(12)
    assert (lost.number, lost.ever, lost.uncounted) == (2, 4, 1)
    assert (lost.of_stub("pay"), lost.of_stub("ship"), lost.of_stub("none")) == (
        (0, 2),
        (0, 1),
        (0, 0),
    )


@pytest.mark.parametrize("after", [14, 15, 16])
def test_what_comes_after_the_last_that_was_dropped_lost_nothing(
    journal: Journal, after: int
) -> None:
    assert journal.lost(after) == NOTHING_LOST


def test_a_journal_that_dropped_nothing_lost_nothing() -> None:
    assert Journal().lost(0) == NOTHING_LOST


def test_deliberate_deletes_are_no_losses() -> None:
    journal = Journal()
    for number in range(1, 7):
        journal.append(exchange(number))
    journal.delete(3)
    journal.evict(2, 10**9)
    assert journal.lost(0).number == 3
    assert journal.lost(2).number == 1
    assert journal.lost(3).number == 1


def test_very_many_deletes_are_forgotten_and_then_count_as_losses() -> None:
    losses = Losses(0)
    for number in range(1, MAX_LEFT_OUT + 2):
        losses.leave_out(number)
    assert losses.since(1, MAX_LEFT_OUT + 3, 10**6).number == MAX_LEFT_OUT // 10
