"""Who loses entries when all journals together hold too much, held against a brute-force twin."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final

from hypothesis import given
from hypothesis import strategies as st
from tests.store.worlds import Bench, bench_of, project_of

from pymockapi.model.exchange import Exchange
from pymockapi.model.response import make_response
from pymockapi.store.journal import Journal
from pymockapi.store.ledger import NOWHERE, Ledger

LIMIT: Final = 20_000
SPARE: Final = LIMIT // 1000


def entry(number: int, body: int) -> Exchange:
    return Exchange(number, 0, 0, 0, "", "GET", "/", b"", b"x" * body, "path", "")


@dataclass
class Twin:
    """What the ledger promises, in lists: the eldest journal comes first."""

    journals: list[list[tuple[int, int]]] = field(default_factory=list)
    gone: list[bool] = field(default_factory=list)

    def held(self, place: int) -> int:
        return sum(size for _, size in self.journals[place])

    def live(self) -> list[int]:
        return [place for place, gone in enumerate(self.gone) if not gone]

    def total(self) -> int:
        return sum(self.held(place) for place in self.live())

    def make_room(self, newest: int) -> None:
        share = (LIMIT - SPARE) // len(self.live())
        aside = False
        while self.total() > LIMIT - SPARE:
            places = [place for place in self.live() if not (aside and place == newest)]
            largest = max(places, key=lambda place: (self.held(place), -place), default=None)
            if largest is None or self.held(largest) <= share:
                break
            if largest == newest and len(self.journals[largest]) == 1:
                aside = True
                continue
            del self.journals[largest][0]


class World:
    """Journals of one ledger, beside the twin."""

    def __init__(self) -> None:
        self.ledger = Ledger(LIMIT)
        self.journals: list[Journal] = []
        self.twin = Twin()

    def open(self) -> None:
        self.journals.append(Journal(0, self.ledger))
        self.twin.journals.append([])
        self.twin.gone.append(False)

    def append(self, place: int, body: int) -> None:
        journal = self.journals[place]
        number = journal.last + 1
        journal.append(entry(number, body))
        self.twin.journals[place].append((number, 500 + body))
        if self.ledger.room < 0:
            self.ledger.make_room(journal)
        if self.twin.total() > LIMIT:
            self.twin.make_room(place)

    def delete(self, place: int, which: int) -> None:
        kept = self.twin.journals[place]
        if kept:
            number, _ = kept.pop(which % len(kept))
            self.journals[place].delete(number)

    def close(self, place: int) -> None:
        self.journals[place].leave()
        self.twin.gone[place] = True

    def check(self) -> None:
        assert self.ledger.held == self.twin.total()
        for place in self.twin.live():
            kept = [each.number for each in self.journals[place]]
            assert kept == [number for number, _ in self.twin.journals[place]]


steps = st.lists(
    st.tuples(
        st.sampled_from(["append"] * 12 + ["open", "open", "delete", "close"]),
        st.integers(0, 9),
        st.sampled_from([0, 0, 10, 100, 700, 3_000, 25_000]),
    ),
    min_size=40,
    max_size=200,
)


@given(steps)
def test_the_oldest_of_whoever_holds_most_goes_again_and_again(
    done: list[tuple[str, int, int]],
) -> None:
    world = World()
    world.open()
    for step, which, size in done:
        places = world.twin.live()
        if step == "open" or not places:
            world.open()
            continue
        place = places[which % len(places)]
        if step == "append":
            world.append(place, size)
        elif step == "delete":
            world.delete(place, which)
        else:
            world.close(place)
        world.check()


@given(st.lists(st.tuples(st.integers(0, 3), st.integers(0, 4_000)), min_size=50))
def test_no_journal_below_its_share_loses_an_entry(done: list[tuple[int, int]]) -> None:
    world = World()
    for _ in range(4):
        world.open()
    share = world.ledger.share
    for place, size in done:
        before = [(each.bytes, each.evicted) for each in world.journals]
        world.append(place, size)
        for other, (held, evicted) in enumerate(before):
            if other != place and held <= share:
                assert world.journals[other].evicted == evicted


def test_one_entry_that_is_too_large_goes_with_the_next_request_and_nobody_else_suffers() -> None:
    world = World()
    world.open()
    world.open()
    world.append(0, 8_000)
    world.append(1, 40_000)
    assert [each.kept for each in world.journals] == [1, 1]
    world.append(0, 0)
    assert [each.kept for each in world.journals] == [2, 0]


def test_journals_that_come_and_go_leave_nothing_behind() -> None:
    ledger = Ledger(LIMIT)
    stays = Journal(0, ledger)
    for number in range(1, 2_000):
        other = Journal(0, ledger)
        other.append(entry(1, 15_000))
        stays.append(entry(number, 0))
        if ledger.room < 0:
            ledger.make_room(stays)
        other.leave()
        assert other.ledger is NOWHERE
    assert ledger.held == stays.bytes
    assert len(ledger._heap) <= 2 * 1 + 64 + 2


def bench() -> Bench:
    made = bench_of(project_of(server={"limits": {"journal_bytes": 200_000, "finished": 5}}))
    made.create("a")
    made.create("quiet")
    return made


def test_a_flood_in_one_namespace_takes_nothing_from_a_quiet_one() -> None:
    flooded = bench()
    for n in range(20):
        flooded.ask(f"/{n}", ns="quiet")
    for n in range(2_000):
        flooded.ask(f"/{n}", body=b"x" * 300)
    quiet, loud = flooded.view("quiet").journal, flooded.view("a").journal
    assert (quiet.kept, quiet.evicted) == (20, 0)
    assert loud.evicted == 2_000 - loud.kept > 1_000
    assert flooded.store.ledger.held == quiet.bytes + loud.bytes <= 200_000


def test_a_finished_namespace_counts_and_loses_entries_like_any_other() -> None:
    flooded = bench()
    for n in range(200):
        flooded.ask(f"/{n}", body=b"x" * 300)
    space = flooded.view()
    flooded.run(flooded.store.finish("a", None))
    for n in range(300):
        flooded.ask(f"/{n}", ns="quiet", body=b"x" * 300)
    assert space.journal.evicted > 0
    assert flooded.store.ledger.held == space.journal.bytes + flooded.view("quiet").journal.bytes


def test_what_is_reset_deleted_or_forgotten_counts_no_more() -> None:
    flooded = bench()
    for ns in ("a", "quiet"):
        flooded.ask(ns=ns)
    flooded.store.clear_requests("a")
    flooded.run(flooded.store.remove("quiet"))
    assert flooded.store.ledger.held == 0


def test_a_late_answer_in_a_journal_that_was_let_go_is_not_counted() -> None:
    flooded = bench()
    granted = flooded.ask()
    journal = flooded.view().journal
    flooded.store.clear_requests("a")
    journal.delete(granted.exchange.number)
    assert flooded.store.ledger.held == 0


def test_an_answer_that_makes_a_journal_the_largest_makes_it_the_first_to_lose() -> None:
    world = World()
    world.open()
    world.open()
    for place, size in ((0, 8_000), (1, 8_500), (1, 8_500)):
        world.append(place, size)
    first, second = world.journals
    assert (first.kept, second.kept) == (1, 1)
    answered = first.get(1)
    assert answered is not None
    first.answer(answered, make_response(404, (), b"x" * 9_000, error="no-match"))
    world.ledger.make_room(second)
    assert (first.kept, second.kept) == (0, 1)
