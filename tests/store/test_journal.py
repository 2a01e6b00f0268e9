"""The journal keeps entries in order, within its bounds, and finds them as a plain list would."""

from __future__ import annotations

import gc
from collections.abc import Iterator, Sequence
from typing import Any

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from pymockapi.model.exchange import Exchange, Phase
from pymockapi.model.response import make_response
from pymockapi.store.journal import GROUP, LONG, Journal
from pymockapi.store.number_index import NumberIndex

MIB = 1024 * 1024
OVERHEAD = 500  # bytes that an entry counts for beside its head and body


def entry_of(number: int, **facts: Any) -> Exchange:
    given: dict[str, Any] = {"method": "GET", "path": "/a", "head": b"", "body": b"", **facts}
    return Exchange(
        number=number, seq=0, at=0, mock_at=0, client="", selector="", prefix="", **given
    )


def journal_of(count: int) -> Journal:
    journal = Journal()
    for number in range(1, count + 1):
        journal.append(entry_of(number))
    return journal


def held(journal: Journal) -> list[int]:
    return [entry.number for entry in journal]


def test_an_empty_journal_has_no_entry() -> None:
    journal = Journal()
    assert (len(journal), journal.first, journal.last, journal.get(1)) == (0, 1, 0, None)


def test_a_journal_that_goes_on_after_a_reset_starts_at_the_next_number() -> None:
    journal = Journal(7)
    journal.append(entry_of(8))
    assert (journal.first, journal.last, held(journal)) == (8, 8, [8])
    assert journal.get(7) is None


def test_a_deleted_entry_leaves_a_gap() -> None:
    journal = journal_of(3)
    assert journal.delete(2)
    assert not journal.delete(2)
    assert not journal.delete(9)
    journal.append(entry_of(4))
    assert (held(journal), len(journal)) == ([1, 3, 4], 3)
    assert (journal.get(2), journal.evicted) == (None, 0)


def test_the_oldest_entries_go_first_when_there_are_too_many() -> None:
    journal = journal_of(5)
    journal.evict(2, 10**9)
    assert (held(journal), journal.first, journal.evicted) == ([4, 5], 4, 3)


def test_entries_go_until_the_bytes_fit() -> None:
    journal = Journal()
    for number in range(1, 5):
        journal.append(entry_of(number, head=b"x" * 60, body=b"y" * 40))
    assert journal.bytes == 4 * (OVERHEAD + 100)
    journal.evict(100, 2 * (OVERHEAD + 100))
    assert (held(journal), journal.bytes) == ([3, 4], 2 * (OVERHEAD + 100))


def test_the_newest_entry_stays_however_large_it_is() -> None:
    journal = Journal()
    journal.append(entry_of(1, body=b"x" * 10_000))
    journal.evict(1, 1)
    assert held(journal) == [1]


def test_deleted_entries_do_not_count_as_evicted() -> None:
    journal = journal_of(5)
    journal.delete(1)
    journal.evict(2, 10**9)
    assert (held(journal), journal.evicted) == ([4, 5], 2)


def test_many_evictions_leave_nothing_of_the_evicted_behind() -> None:
    journal = Journal()
    for number in range(1, 5001):
        journal.append(entry_of(number, path=f"/{number}", stub=f"s{number % 3}"))
        journal.evict(10, 10**9)
    assert held(journal) == list(range(4991, 5001))
    assert not any(journal.numbers(path=f"/{number}") for number in range(1, 4991))
    assert list(journal.numbers(stub="s1")) == [4993, 4996, 4999]


def test_the_collector_does_not_walk_a_long_journal() -> None:
    """It would take milliseconds, each time."""
    journal = journal_of(LONG + GROUP)
    try:
        newest = journal.get(journal.last)
        assert [each for each in gc.get_referrers(newest) if isinstance(each, list)] == []
    finally:
        gc.unfreeze()


def test_a_detached_journal_is_freed_in_slices() -> None:
    journal = journal_of(250)
    assert [journal.release(100) for _ in range(3)] == [False, False, True]
    assert held(journal) == []


def test_a_detached_journal_can_be_read_while_it_is_freed() -> None:
    journal = journal_of(250)
    journal.evict(200, 10**9)
    journal.release(100)
    read = [journal.get(number) is not None for number in (50, 51, 150, 151, 250)]
    assert read == [False, True, True, False, False]


def test_refused_and_incomplete_entries_are_known_until_they_go() -> None:
    journal = Journal()
    for number, phase in enumerate((Phase.REFUSED, Phase.RECEIVED, Phase.INCOMPLETE), 1):
        journal.append(entry_of(number, phase=phase))
    assert journal.uncounted == {1, 3}
    journal.evict(2, 10**9)
    assert journal.uncounted == {3}
    journal.delete(3)
    assert journal.uncounted == set()


def test_what_the_mock_itself_answered_counts_as_bytes_and_what_a_stub_did_does_not() -> None:
    journal = journal_of(2)
    before = journal.bytes
    stubbed, own = make_response(body=b"x" * 100), make_response(404, body=b"x", error="no-match")
    first, second = journal
    journal.answer(first, stubbed)
    assert (first.response, journal.bytes) == (stubbed, before)
    journal.answer(second, own)
    assert journal.bytes == before + len(own.head) + 1
    journal.delete(2)
    assert journal.bytes == first.size
    journal.answer(second, stubbed)
    assert journal.bytes == first.size


@pytest.mark.parametrize("first", [1, 3, 4])
def test_an_index_finds_the_numbers_of_a_key_from_a_first_one_on(first: int) -> None:
    index = NumberIndex()
    for number in (1, 3, 5):
        index.add("k", number)
    assert list(index.numbers("k", first)) == [n for n in (1, 3, 5) if n >= first]
    assert list(index.numbers("other", first)) == []


@pytest.mark.parametrize(("added", "left"), [([4], []), ([4, 9], [9]), ([9], [9]), ([], [])])
def test_an_index_forgets_what_lies_below(added: Sequence[int], left: Sequence[int]) -> None:
    index = NumberIndex()
    for number in added:
        index.add("k", number)
    index.drop_below(["k"], 5)
    assert list(index.numbers("k", 5)) == left


class JournalTwin(RuleBasedStateMachine):
    """A journal against a plain list of what it must hold."""

    def __init__(self) -> None:
        super().__init__()
        self.journal = Journal()
        self.held: list[Exchange] = []
        self.evicted = 0

    @rule(
        method=st.sampled_from(["GET", "POST"]),
        path=st.sampled_from(["/a", "/b"]),
        stub=st.sampled_from(["s", "t", None]),
        size=st.integers(0, 900),
        times=st.integers(1, 6),
    )
    def append(self, method: str, path: str, stub: str | None, size: int, times: int) -> None:
        for _ in range(times):
            facts = {"method": method, "path": path, "stub": stub, "body": b"x" * size}
            entry = entry_of(self.journal.last + 1, **facts)
            self.journal.append(entry)
            self.held.append(entry)

    @rule(entries=st.integers(1, 12), size=st.integers(1, 12_000))
    def evict(self, entries: int, size: int) -> None:
        self.journal.evict(entries, size)
        while len(self.held) > 1 and (
            len(self.held) > entries or sum(each.size for each in self.held) > size
        ):
            del self.held[0]
            self.evicted += 1

    @rule(number=st.integers(0, 60))
    def delete(self, number: int) -> None:
        there = [each for each in self.held if each.number == number]
        assert self.journal.delete(number) == bool(there)
        self.held = [each for each in self.held if each not in there]

    @rule(low=st.integers(0, 40), high=st.integers(0, 60))
    def read_a_slice(self, low: int, high: int) -> None:
        expected = [each for each in self.held if low <= each.number < high]
        assert [each for n in range(low, high) if (each := self.journal.get(n))] == expected

    @rule(
        stub=st.sampled_from(["s", "t", "x", None]),
        method=st.sampled_from(["GET", None]),
        path=st.sampled_from(["/a", "/b", None]),
        after=st.integers(0, 50),
    )
    def find(self, stub: str | None, method: str | None, path: str | None, after: int) -> None:
        given = {"stub": stub, "method": method, "path": path}
        asked = {name: value for name, value in given.items() if value is not None}
        found = list(self.journal.numbers(**asked, after=after))
        assert found == sorted(set(found))
        kept = {number for number in found if self.journal.get(number) is not None}
        for each in self.held:
            fits = all(getattr(each, name) == value for name, value in asked.items())
            if fits and each.number > after:
                assert each.number in kept
        if len(asked) < 2:
            assert len(kept) == sum(
                each.number > after
                and all(getattr(each, name) == value for name, value in asked.items())
                for each in self.held
            )

    @invariant()
    def it_holds_what_the_list_holds(self) -> None:
        assert list(self.journal) == self.held
        assert len(self.journal) == len(self.held)
        assert self.journal.bytes == sum(each.size for each in self.held)
        assert self.journal.evicted == self.evicted


TestJournalTwin = JournalTwin.TestCase
TestJournalTwin.settings = settings(max_examples=60, stateful_step_count=40, deadline=None)


def test_an_answer_that_the_mock_made_counts_for_the_bytes_of_its_entry() -> None:
    journal = journal_of(3)
    own, shared = make_response(404, body=b"x" * 900, error="no-match"), make_response()
    entries = list(journal)
    journal.answer(entries[0], own)
    journal.answer(entries[1], shared)
    kept = len(own.head) + 900
    assert journal.bytes == 3 * OVERHEAD + kept == sum(entry.size for entry in entries)
    journal.evict(2, 10_000)
    assert journal.bytes == 2 * OVERHEAD


def test_an_answer_to_an_entry_that_is_gone_counts_for_nothing() -> None:
    journal = journal_of(1)
    entry = next(iter(journal))
    journal.delete(1)
    journal.answer(entry, make_response(404, body=b"x", error="no-match"))
    assert journal.bytes == 0


def test_trailers_count_for_the_bytes() -> None:
    journal = Journal()
    journal.append(entry_of(1, trailers=b"x: y\r\n"))
    assert journal.bytes == OVERHEAD + 6


# Entries are indexed in groups, and a full journal evicts a few at once.


@pytest.mark.parametrize("count", [1, GROUP - 1, GROUP, GROUP + 1, 3 * GROUP + 5])
def test_entries_are_found_whether_or_not_their_group_is_full(count: int) -> None:
    journal = Journal()
    for number in range(1, count + 1):
        facts = {"method": "AB"[number % 2], "path": f"/{number % 3}", "stub": f"s{number % 5}"}
        journal.append(entry_of(number, **facts))
    everything = range(1, count + 1)
    assert list(journal.numbers(method="A")) == [n for n in everything if n % 2 == 0]
    assert list(journal.numbers(path="/1")) == [n for n in everything if n % 3 == 1]
    assert list(journal.numbers(stub="s2")) == [n for n in everything if n % 5 == 2]
    assert journal.has_answered("s1")
    assert not journal.has_answered("s9")


@pytest.mark.parametrize("asked", [False, True])
def test_an_entry_that_was_deleted_before_it_was_indexed_is_not_found(asked: bool) -> None:
    journal = Journal()
    for number in (1, 2, 3):
        journal.append(entry_of(number, stub="s", phase=Phase.REFUSED))
        if asked:
            assert list(journal.numbers(stub="s"))[-1] == number
    journal.delete(2)
    found = [number for number in journal.numbers(stub="s") if journal.get(number) is not None]
    assert (found, journal.uncounted) == ([1, 3], {1, 3})


def test_entries_evicted_before_they_were_indexed_leave_nothing_behind() -> None:
    journal = Journal()
    for number in range(1, 11):
        journal.append(entry_of(number, path=f"/{number}", stub="old", phase=Phase.REFUSED))
    journal.append(entry_of(11, path="/a", stub="new"))
    journal.evict(1, 10**9)
    assert not journal.has_answered("old")
    assert journal.has_answered("new")
    assert (list(journal.numbers(path="/3")), journal.uncounted) == ([], set())
    assert list(journal.numbers(path="/a")) == [11]


def test_a_journal_that_begins_anew_indexes_its_own_entries() -> None:
    journal = Journal(1_000)
    for number in range(1_001, 1_003):
        journal.append(entry_of(number, stub="s"))
    assert list(journal.numbers(stub="s")) == [1_001, 1_002]


def test_a_journal_that_is_freed_with_a_group_not_indexed_can_still_be_searched() -> None:
    journal = Journal()
    for number in range(1, GROUP + 11):
        journal.append(entry_of(number, stub="s"))
    journal.release(5)
    left = [number for number in journal.numbers(stub="s") if journal.get(number) is not None]
    assert left == list(range(1, GROUP + 6))
    journal.release(20)
    left = [number for number in journal.numbers(stub="s") if journal.get(number) is not None]
    assert left == list(range(1, GROUP - 14))
    journal.release(1_000)
    assert [number for number in journal.numbers() if journal.get(number) is not None] == []


def fill(count: int, limit: int) -> Iterator[Journal]:
    """Yield a journal after each request, kept within ``limit`` as a claim does."""
    journal = Journal()
    for number in range(1, count + 1):
        journal.append(entry_of(number, path=f"/{number % 7}"))
        if journal.kept > limit:
            journal.evict(limit, 10**9)
        yield journal


@pytest.mark.parametrize("limit", [1, 10, 999])
def test_a_journal_of_less_than_a_thousand_drops_no_more_than_it_must(limit: int) -> None:
    for number, journal in enumerate(fill(limit + 30, limit), 1):
        assert journal.kept == min(number, limit)


@pytest.mark.parametrize("limit", [1_000, 2_500, 5_000])
def test_a_full_journal_drops_up_to_a_hundredth_at_once_and_never_the_newest(limit: int) -> None:
    for number, journal in enumerate(fill(limit + 30, limit), 1):
        assert journal.last == number
        assert journal.kept == number - journal.evicted == number + 1 - journal.first
        if number <= limit:
            assert journal.evicted == 0
        else:
            assert limit - limit // 100 <= journal.kept <= limit
    first = journal.first
    assert list(journal.numbers(path="/3")) == [n for n in range(first, limit + 31) if n % 7 == 3]


def test_an_index_forgets_a_number_and_the_key_that_has_no_other() -> None:
    index = NumberIndex()
    for key, number in (("a", 1), ("b", 2), ("b", 4)):
        index.add(key, number)
    index.insert("b", 3)
    assert index.numbers("b", 0) == [2, 3, 4]
    for number in (3, 9, 2, 4):
        index.drop(number)
    assert index.lists == {"a": 1}
    index.insert("a", 5)
    index.drop(1)
    index.insert("c", 7)
    assert index.lists == {"a": [5], "c": [7]}
    index.drop(5)
    index.add("d", 8)
    index.drop(8)
    assert index.lists == {"c": [7]}


def journal_of_large(count: int) -> Journal:
    """Return entries of 10 MiB, which share their body."""
    journal, body = Journal(), b"x" * 10 * MIB
    for number in range(1, count + 1):
        journal.append(entry_of(number, body=body))
    return journal


def test_large_entries_are_freed_a_few_at_a_time() -> None:
    journal = journal_of_large(5)
    assert [journal.release(100) for _ in range(3)] == [False, False, True]


def test_a_bound_that_was_lowered_is_reached_in_steps() -> None:
    large, many, kept = journal_of_large(8), journal_of(10_000), []
    for journal, bound, size in ((large, 1_000, 20 * MIB + 2_000), (many, 10, 10**9)):
        while journal.kept > bound or journal.bytes > size:
            journal.evict(bound, size)
            kept.append(journal.kept)
    assert kept == [5, 2, 6_000, 2_000, 10]


def test_an_entry_of_any_size_makes_room_for_itself() -> None:
    journal = journal_of_large(8)
    journal.append(entry_of(9, body=b"x" * 30 * MIB))
    journal.evict(1_000, 80 * MIB)
    assert held(journal) == [5, 6, 7, 8, 9]
