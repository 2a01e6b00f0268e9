"""Verdicts stay exact through eviction, deletes, resets and scopes: against a brute-force twin."""

from __future__ import annotations

from dataclasses import dataclass, field

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.engine.requests import make_request
from tests.store.worlds import Bench, bench_of, settings_of, stub_of

from pymockapi.engine.verifying.verdict import Problem
from pymockapi.model.changes import Reset
from pymockapi.model.exchange import Phase
from pymockapi.model.response import make_response
from pymockapi.store.judging import has_passed, judge_now
from pymockapi.store.port import Arrival

REQUESTS = {"/a": None, "/nothing": "no-match", "/once": "sequence-exhausted"}


@dataclass
class Twin:
    """Every request that came and was not deleted on purpose, in each verdict's eyes."""

    counted: list[set[int]] = field(default_factory=lambda: [set()])
    afters: list[int] = field(default_factory=lambda: [0])
    codes: dict[int, str | None] = field(default_factory=dict)
    stubs: dict[int, str] = field(default_factory=dict)

    def ask(self, number: int, code: str | None, stub: str | None) -> None:
        self.codes[number] = code
        self.stubs[number] = stub or ""
        for counted in self.counted:
            counted.add(number)

    def delete(self, number: int) -> None:
        for counted in self.counted:
            counted.discard(number)

    def reset(self) -> None:
        for counted in self.counted:
            counted -= {number for number in self.codes if number > self.afters[-1]}

    def clear(self) -> None:
        for counted in self.counted:
            counted.clear()

    def verdicts(self) -> list[dict[str, int]]:
        return [
            {
                code: count
                for code in set(REQUESTS.values()) - {None}
                if code is not None
                and (count := sum(self.codes[number] == code for number in counted))
            }
            for counted in self.counted
        ]

    def answered(self, stub: str) -> list[int]:
        return [sum(self.stubs[number] == stub for number in counted) for counted in self.counted]

    @property
    def is_fine(self) -> bool:
        """Whether nothing failed, and ``a``, which may be asked three times, was not asked more."""
        numbers = self.counted[0]
        return not any(self.codes[each] for each in numbers) and self.answered("a")[0] <= 3


def world(requests: int) -> Bench:
    bench = bench_of()
    limits = settings_of(limits={"requests": requests})
    once = stub_of("once", "/once", responses=[{}], after_last="fail")
    bench.create(stubs=(stub_of("a", expect={"at_most": 3}), once), settings=limits)
    bench.ask("/once")
    bench.store.clear_requests("a")
    return bench


def problems_of(bench: Bench) -> tuple[Problem, ...]:
    """Return the problems with requests."""
    found = judge_now(bench.space).verdict().problems
    return tuple(each for each in found if not each.stubs)


steps = st.lists(
    st.tuples(
        st.sampled_from(["ask"] * 12 + ["open", "close", "delete", "reset", "clear"]),
        st.integers(0, 99),
    ),
    max_size=120,
)


@given(steps, st.sampled_from([3, 10, 1000]))
def test_counts_are_exact_whatever_is_dropped_and_deleted(
    done: list[tuple[str, int]], requests: int
) -> None:
    bench, twin = world(requests), Twin()
    space, store = bench.space, bench.store
    for step, which in done:
        if step == "ask":
            target, code = list(REQUESTS.items())[which % 3]
            entry = bench.ask(target).exchange
            assert entry.error == code
            twin.ask(entry.number, code, entry.stub)
        elif step == "open" and len(space.scopes) < 4:
            store.open_scope("a")
            twin.counted.append(set())
            twin.afters.append(space.journal.last)
        elif step == "close" and space.scopes:
            place = which % len(space.scopes)
            bench.run(store.close_scope("a", space.scopes[place].id))
            del twin.counted[place + 1 :], twin.afters[place + 1 :]
            exhaust(bench, twin)
        elif step == "delete" and (kept := [each.number for each in space.journal]):
            number = kept[which % len(kept)]
            space.journal.delete(number)
            twin.delete(number)
        elif step == "reset":
            bench.apply(Reset(frozenset({"requests"})))
            twin.reset()
        elif step == "clear":
            store.clear_requests("a")
            twin.clear()
        journal = space.journal
        assert [journal.count_errors(mark) for mark in journal.marks] == twin.verdicts()
        for stub in ("a", "once"):
            counts = [journal.count_stub(stub, mark) for mark in journal.marks]
            assert counts == twin.answered(stub)
        assert has_passed(space) == twin.is_fine


def exhaust(bench: Bench, twin: Twin) -> None:
    """Serve the one step of the sequence if closing a scope brought it back."""
    entry = bench.ask("/once").exchange
    twin.ask(entry.number, entry.error, entry.stub)


def test_what_is_shown_is_the_first_of_what_is_still_recorded() -> None:
    bench = world(1000)
    for n in range(30):
        bench.ask(f"/{n}?q=1")
    bench.space.journal.delete(2)
    (problem,) = problems_of(bench)
    assert problem.count == 29
    assert [item.request for item in problem.items[:2]] == ["GET /1?q=1", "GET /2?q=1"]
    assert len(problem.items) == 20


def test_a_refused_or_incomplete_request_is_no_problem() -> None:
    bench = world(1000)
    arrival = Arrival(make_request("GET", "/x"), "header")
    for phase in (Phase.REFUSED, Phase.INCOMPLETE):
        entry = bench.store.refuse("a", arrival, phase, "too-large")
        bench.space.journal.count_errors(bench.space.journal.marks[0])
        bench.space.journal.answer(entry, make_response(413, error="too-large"))
    assert problems_of(bench) == ()


def test_an_error_that_is_known_after_the_entry_is_indexed_counts_as_what_it_is() -> None:
    bench = world(1000)
    journal = bench.space.journal
    for target in ("/a", "/nothing", "/nothing"):
        entry = bench.ask(target).exchange
        journal.count_errors(journal.marks[0])
        entry.error = "matcher-limit"
        journal.answer(entry, make_response(599, error="matcher-limit"))
    assert journal.count_errors(journal.marks[0]) == {"matcher-limit": 3}
    entry.error = None
    journal.answer(entry, make_response(200))
    assert journal.count_errors(journal.marks[0]) == {"matcher-limit": 2}


NEAREST = b"""{"detail": "No stub fits. The nearest is", "nearest": [{"stub": "pay", "request": "POST /pay",
 "fits": false, "reason": null, "differences": [{"field": "query.x", "expected": "1", "actual": "2"}]}]}"""
FITS = (
    b'{"nearest": [{"stub": "pay", "request": "POST /pay", "fits": true, "reason": "it is spent"}]}'
)


@pytest.mark.parametrize(
    ("body", "error", "detail"),
    [
        (NEAREST, "no-match", "nearest is 'pay' (POST /pay): query.x: expected 1, got 2"),
        (FITS, "no-match", "nearest is 'pay' (POST /pay), which fits, but it is spent"),
        (b'{"nearest": []}', "no-match", None),
        (b'{"detail": "It has served 1."}', "sequence-exhausted", "It has served 1."),
        (b"{}", "no-match", None),
        (b"[]", "no-match", None),
        (b"no json", "no-match", None),
        (NEAREST, None, None),
    ],
)
def test_what_the_client_was_told_is_the_detail(
    body: bytes, error: str | None, detail: str | None
) -> None:
    bench = world(1000)
    entry = bench.ask("/nothing").exchange
    bench.space.journal.answer(entry, make_response(404, (), body, error=error))
    (problem,) = problems_of(bench)
    assert problem.items[0].detail == detail


def test_what_is_dropped_from_before_a_scope_is_no_loss_of_the_scope() -> None:
    bench = world(3)
    bench.ask("/nothing")
    bench.store.open_scope("a")
    journal = bench.space.journal
    asked = [bench.ask("/nothing").exchange for _ in range(8)]
    assert journal.evicted >= 1
    assert sum(journal.count_errors(journal.marks[1]).values()) == len(asked)
    assert sum(journal.count_errors(journal.marks[0]).values()) == len(asked) + 1
