"""Explaining a recorded request tells what held when it came, whatever has changed since."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import precondition, rule
from tests.engine.requests import make_request
from tests.store.scenario import Scenario
from tests.store.worlds import SEQUENCE, Bench, bench_of, merged, project_of, stub_of

from pymockapi.engine.explain import explain
from pymockapi.model.changes import (
    Change,
    DefineStubs,
    MergeState,
    RemoveStubs,
    ReplaceOwnStubs,
    Reset,
    SetClock,
    SetCursor,
    UseSets,
)
from pymockapi.model.plan import Explanation, Grant
from pymockapi.store import history
from pymockapi.store.moments import moment_view, own_layer_of
from pymockapi.store.selecting import no_pause


def explained(bench: Bench, number: int) -> tuple[Explanation, bool]:
    entry = bench.space.journal.get(number)
    assert entry is not None
    view, is_complete = moment_view(bench.space, entry)
    return explain(view, entry.request()), is_complete


class ExplanationsStay(Scenario):
    """What explain said just before each request is what it says of it ever after."""

    def begun(self) -> None:
        self.said: dict[int, Explanation] = {}
        self.deleted: list[int] = []

    def asked(self, target: str) -> Grant:
        said = explain(self.bench.view(), make_request("GET", target))
        grant = super().asked(target)
        assert said.stub == grant.exchange.stub or grant.exchange.error == "sequence-exhausted"
        self.said[grant.exchange.number] = said
        return grant

    @rule()
    def explain_all(self) -> None:
        for number, said in self.said.items():
            again, is_complete = explained(self.bench, number)
            assert is_complete or any(each > number for each in self.deleted)
            assert not is_complete or again == said

    def teardown(self) -> None:
        if hasattr(self, "said"):
            self.explain_all()


class ExplanationsStayOrSaySo(ExplanationsStay):
    """Deleting entries may make others uncertain, and then they say so."""

    @precondition(lambda self: self.said)
    @rule(data=st.data())
    def delete(self, data: st.DataObject) -> None:
        number = data.draw(st.sampled_from(sorted(self.said)))
        assert self.bench.space.journal.delete(number)
        del self.said[number]
        self.deleted.append(number)


TestExplanationsStay = ExplanationsStay.TestCase
TestExplanationsStay.settings = settings(max_examples=120, stateful_step_count=30, deadline=None)
TestExplanationsStayOrSaySo = ExplanationsStayOrSaySo.TestCase
TestExplanationsStayOrSaySo.settings = settings(
    max_examples=40, stateful_step_count=30, deadline=None
)

PROJECT = project_of(
    stubs=[{"name": "base", "request": {"path": "/a"}, "responses": SEQUENCE}],
    sets={"down": {"stubs": [{"name": "base", "request": {"path": "/a"}}], "state": {"m": 1}}},
)


def restored(bench: Bench) -> None:
    bench.run(bench.store.restore("a", "start"))


@pytest.mark.parametrize(
    "change",
    [
        DefineStubs((stub_of("first", when={"x": 1}), stub_of("new"))),
        DefineStubs((stub_of("first", times=1),), frozenset({"first"})),
        ReplaceOwnStubs((stub_of("new"),)),
        RemoveStubs(("first",)),
        RemoveStubs(("base",)),
        RemoveStubs(),
        UseSets(("down",), merged()),
        MergeState({"n": None}),
        SetCursor("base", 0),
        SetCursor("base", None),
        SetClock(frozen=True, now_ns=1),
        Reset(frozenset({"stubs", "sequences", "state", "clock", "settings"})),
        restored,
    ],
)
def test_what_an_earlier_request_met_stays_known_after_a_change(
    change: Change | Callable[[Bench], None],
) -> None:
    bench = bench_of(PROJECT)
    bench.create(state={"n": 0})
    bench.store.take_snapshot("a", "start")
    bench.apply(MergeState({"n": 1}))
    bench.define(stub_of("second", when={"n": 7}), stub_of("first", times=3, when={"n": 1}))
    bench.ask()
    said = []
    for _ in range(4):
        said.append(explain(bench.view(), make_request()))
        bench.ask("/a")
    if callable(change):
        change(bench)
    else:
        bench.apply(change)
    bench.ask(), bench.ask()
    for number, before in enumerate(said, 2):
        request = make_request("GET", "/a")
        view, is_complete = moment_view(bench.space, entry := bench.select().entries[number - 1])
        assert is_complete
        assert explain(view, request).stub == entry.stub
        assert explain(view, make_request()).omitted == before.omitted


def test_removed_stubs_are_explained_in_the_order_they_had() -> None:
    bench = bench_of()
    bench.create(stubs=(stub_of("weak"), stub_of("strong")))
    bench.ask()
    bench.apply(RemoveStubs(("weak",)))
    bench.apply(RemoveStubs(("strong",)))
    told, is_complete = explained(bench, 1)
    assert (told.stub, is_complete) == ("strong", True)


def test_what_a_request_met_is_seen_by_its_own_clock_and_version() -> None:
    bench = bench_of()
    bench.create()
    bench.apply(SetClock(frozen=True, now_ns=5))
    entry = bench.ask().exchange
    bench.apply(SetClock(now_ns=9))
    view, _ = moment_view(bench.space, entry)
    assert view.now_ns() == 5


def test_an_explanation_says_when_the_log_of_changes_is_too_short(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(history, "MAX_CHANGES", 3)
    bench = bench_of()
    bench.create()
    for n in range(3):
        bench.ask()
        bench.apply(MergeState({"n": n}))
    bench.ask()
    assert [explained(bench, number)[1] for number in range(1, 5)] == [True] * 4
    bench.apply(MergeState({"n": 4}))
    assert [explained(bench, number)[1] for number in range(1, 5)] == [False, True, True, True]


def test_an_explanation_says_when_entries_that_it_counts_with_were_deleted() -> None:
    bench = bench_of()
    bench.create(stubs=(stub_of("s", times=3), stub_of("other", "/b")))
    for target in ("/a", "/b", "/a", "/a"):
        bench.ask(target)
    bench.space.journal.delete(2)
    assert explained(bench, 1)[1]
    bench.space.journal.delete(3)
    assert [explained(bench, number)[1] for number in (1, 4)] == [False, True]


def test_a_moment_with_many_paths_has_them_sorted_before_it_is_asked() -> None:
    bench = bench_of()
    bench.create()
    bench.apply(DefineStubs(tuple(stub_of(f"s{n}", f"/shop/{n}") for n in range(1_001))))
    entry = bench.ask("/shop/none").exchange
    bench.apply(RemoveStubs(None))
    layer = asyncio.run(own_layer_of(bench.space, entry, no_pause))
    assert layer is not None
    assert list(layer.prepare()) == []
    assert len(layer.nearest(entry.request(), 5)) == 5
