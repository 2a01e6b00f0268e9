"""What is held at one moment is read as it was then, whatever the journal drops meanwhile."""

from __future__ import annotations

from collections.abc import Callable
from itertools import islice
from typing import Final

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.store.test_journal import entry_of, journal_of

from pymockapi.model.exchange import Exchange
from pymockapi.store.journal import Journal

COUNT: Final = 20


def dropping_all(journal: Journal) -> None:
    journal.evict(1, 10**9)


def releasing_all(journal: Journal) -> None:
    assert journal.release(COUNT)


def deleting_all(journal: Journal) -> None:
    for number in range(1, COUNT + 1):
        journal.delete(number)


DROPS: Final = (dropping_all, releasing_all, deleting_all)


@pytest.mark.parametrize("drop", DROPS)
@pytest.mark.parametrize("read", [0, 1, 7, COUNT])
def test_what_is_dropped_is_read_all_the_same(drop: Callable[[Journal], None], read: int) -> None:
    journal = journal_of(COUNT)
    held = iter(journal.held())
    found = [entry.number for entry in islice(held, read)]
    drop(journal)
    assert found + [entry.number for entry in held] == list(range(1, COUNT + 1))


@given(st.lists(st.sampled_from(["append", "evict", "delete", "read"]), max_size=60), st.data())
def test_it_is_as_a_copy_would_be(steps: list[str], data: st.DataObject) -> None:
    journal = journal_of(COUNT)
    journal.delete(2)
    expected, held = list(journal), iter(journal.held())
    found: list[Exchange] = []
    for step in steps:
        if step == "append":
            journal.append(entry_of(journal.last + 1))
        elif step == "evict":
            journal.evict(data.draw(st.integers(1, COUNT)), 10**9)
        elif step == "delete":
            journal.delete(data.draw(st.integers(1, journal.last)))
        else:
            found += islice(held, 1)
    assert found + list(held) == expected


def test_it_tells_where_it_begins_and_how_many_they_are() -> None:
    journal = journal_of(5)
    journal.delete(1)
    journal.delete(3)
    held = journal.held()
    assert (held.first, held.last, held.total) == (2, 5, 3)
    nothing = Journal(7).held()
    assert (nothing.first, nothing.last, nothing.total, list(nothing)) == (8, 7, 0, [])


def test_the_newest_are_found_over_gaps() -> None:
    journal = journal_of(6)
    journal.delete(5)
    assert [journal.first_of_newest(count) for count in (1, 2, 5, 6)] == [6, 4, 1, 0]


def test_what_was_skipped_is_not_kept() -> None:
    journal = journal_of(COUNT)
    held = journal.held()
    journal.evict(10, 10**9)
    held.skip_to(8)
    journal.evict(5, 10**9)
    assert [held.take(number) is None for number in (7, 8, 12, COUNT)] == [
        True,
        False,
        False,
        False,
    ]
