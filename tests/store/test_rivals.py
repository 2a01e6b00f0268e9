"""Requests that two own stubs of equal rank match: found afterwards, as each met the namespace."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.store.worlds import Bench, at_once, bench_of, project_of, settings_of, stub_of

from pymockapi.engine.verifying.verdict import FAIL, WARN, Verdict
from pymockapi.model.changes import MergeState, RemoveStubs, Reset
from pymockapi.model.event import Event
from pymockapi.store import history
from pymockapi.store.judging import judge_now, rivals_for


def world(*stubs: Any, effect: str = FAIL, **limits: int) -> Bench:
    bench = bench_of()
    told = settings_of(
        verdict={"ambiguous": effect, "unused": "ignore", "unmatched": "ignore"}, limits=limits
    )
    bench.create(stubs=stubs, settings=told)
    return bench


def judged(bench: Bench) -> Verdict:
    space = bench.space
    rivals = at_once(rivals_for(space, None, bench.store.pause))
    return judge_now(space, None, rivals).verdict()


def ambiguous(bench: Bench) -> list[int | None]:
    """Return the numbers of the requests that are told."""
    (found,) = [e.items for e in judged(bench).problems if e.kind == "ambiguous"] or [()]
    return [item.number for item in found]


@pytest.mark.parametrize(
    ("other", "expected"),
    [
        ({}, [1]),
        ({"priority": 4}, []),
        ({"priority": 6}, []),
        ({"request": {"path": "/b"}}, []),
        ({"request": {"path": "/{any}"}}, [1]),
        ({"request": {"path": "/a", "query": {"x": {"absent": True}}}}, [1]),
        ({"request": {"path": "/a", "query": {"x": {"present": True}}}}, []),
        ({"when": {"cart": "full"}}, []),
        ({"when": {"cart": {"absent": True}}}, [1]),
        ({"times": 1}, [1]),
        ({"responses": [{}], "after_last": "pass"}, [1]),
    ],
)
def test_a_request_is_ambiguous_if_two_own_stubs_of_one_priority_match_it(
    other: dict[str, Any], expected: list[int]
) -> None:
    bench = world(stub_of("one"), stub_of("two", **other))
    bench.ask()
    assert ambiguous(bench) == expected
    assert judged(bench).passed == (not expected)


def test_what_is_told_names_who_answered_and_who_would_have() -> None:
    bench = world(*(stub_of(f"s{n}") for n in range(6)), effect=WARN)
    bench.ask("/a?x=1")
    verdict = judged(bench)
    assert verdict.passed
    (item,) = verdict.problems[0].items
    assert (item.number, item.request) == (1, "GET /a?x=1")
    assert item.detail == (
        "'s5' answered; 's4', 's3', 's2' and 2 more fit as well, with the same priority"
    )


def test_many_are_counted_and_the_first_told() -> None:
    bench = world(stub_of("one"), stub_of("two"))
    for _ in range(200):
        bench.ask()
    (problem,) = judged(bench).problems
    assert (problem.count, len(problem.items)) == (200, 20)


def test_stubs_of_shared_layers_are_no_rivals() -> None:
    bench = bench_of(project_of(stubs=[{"name": "b1"}, {"name": "b2"}]))
    bench.create(settings=settings_of(verdict={"ambiguous": FAIL}), stubs=(stub_of("own", "/own"),))
    bench.ask()
    bench.ask("/own")
    assert ambiguous(bench) == []


def test_nothing_is_looked_at_while_it_is_ignored() -> None:
    bench = world(stub_of("one"), stub_of("two"), effect="ignore", requests=1)
    for _ in range(3):
        bench.ask()
    assert judged(bench).passed


def test_a_request_is_judged_by_the_stubs_state_and_counters_that_it_met() -> None:
    bench = world(stub_of("one"), stub_of("two", times=1), stub_of("full", when={"cart": "full"}))
    assert bench.names(2) == ["two", "one"]  # the first is ambiguous, at the second it was spent
    bench.apply(MergeState({"cart": "full"}))
    assert bench.names(1) == ["full"]  # and one fits, too
    bench.apply(MergeState({"cart": None}))
    bench.define(stub_of("late"))
    assert bench.names(1) == ["late"]
    bench.apply(RemoveStubs(("one",)))
    assert bench.names(1) == ["late"]
    assert ambiguous(bench) == [1, 3, 4]


def test_a_cleared_journal_has_none() -> None:
    bench = world(stub_of("one"), stub_of("two"))
    bench.ask()
    bench.space.journal.delete(1)
    assert ambiguous(bench) == []
    bench.ask()
    bench.apply(Reset(frozenset({"requests"})))
    assert ambiguous(bench) == []


@pytest.mark.parametrize(
    ("targets", "passed", "complete"),
    [
        (["/b", "/b", "/b"], True, True),  # of base: such cannot be ambiguous
        (["/c", "/b", "/b"], False, False),
        (["/a", "/b", "/a"], False, True),  # what is left fails already
    ],
)
def test_dropped_requests_leave_a_doubt_where_they_matter(
    targets: list[str], passed: bool, complete: bool
) -> None:
    bench = bench_of(project_of(stubs=[{"name": "base", "request": {"path": "/b"}}]))
    told = settings_of(verdict={"ambiguous": FAIL, "unused": "ignore"}, limits={"requests": 1})
    bench.create(settings=told, stubs=(stub_of("one"), stub_of("two"), stub_of("c", "/c")))
    for target in targets:
        bench.ask(target)
    verdict = judged(bench)
    assert (verdict.passed, verdict.complete) == (passed, complete)


def test_a_removed_stub_leaves_a_doubt_as_well() -> None:
    bench = world(stub_of("one"), stub_of("base", "/b"), requests=1)
    bench.ask()
    bench.apply(RemoveStubs(("one",)))
    bench.ask("/b")
    assert not judged(bench).complete


def test_more_changes_than_are_logged_leave_a_doubt(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(history, "MAX_CHANGES", 2)
    bench = world(stub_of("one"))
    for n in range(4):
        bench.ask()
        bench.define(stub_of("one", response={"status": 200 + n}))
    assert not judged(bench).complete


def test_a_deleted_request_leaves_a_doubt_about_counters() -> None:
    bench = world(stub_of("bounded", times=9, request={"path": "/{any}"}), stub_of("one"))
    bench.ask()  # was the other one served out then?
    bench.ask("/b")
    bench.space.journal.delete(2)
    verdict = judged(bench)
    assert (verdict.passed, verdict.complete, verdict.problems) == (False, False, ())


def test_a_stub_that_was_replaced_in_another_layer_is_no_rival() -> None:
    bench = bench_of(project_of(stubs=[{"name": "shared", "priority": 1}]))
    told = settings_of(verdict={"ambiguous": FAIL, "unused": "ignore"})
    bench.create(settings=told, stubs=(stub_of("one"), stub_of("two")))
    assert bench.names(1) == ["shared"]
    assert ambiguous(bench) == []


def test_a_rival_that_goes_past_its_budget_leaves_a_doubt() -> None:
    greedy = {"path": "/a", "headers": {"x": {"matches": "(a|a)+b(c|c)*d"}}}
    bench = world(stub_of("slow", request=greedy), stub_of("one"))
    bench.ask(headers=[("x", "a" * 60 + "b")])
    verdict = judged(bench)
    assert (verdict.passed, verdict.complete) == (False, False)


def test_it_goes_on_with_what_came_meanwhile_and_begins_anew_after_a_reset() -> None:
    bench = world(stub_of("one"), stub_of("two"))
    for _ in range(64):
        bench.ask()
    meanwhile: list[Callable[[], object]] = [
        bench.ask,
        lambda: bench.define(stub_of("three")),
        lambda: (bench.apply(Reset(frozenset({"requests"}))), bench.ask()),
    ]

    def pause() -> Awaitable[None] | None:
        if meanwhile:
            meanwhile.pop(0)()
        return asyncio.sleep(0)

    async def judge() -> Verdict:
        rivals = await rivals_for(bench.space, None, pause)
        return judge_now(bench.space, None, rivals).verdict()

    (problem,) = asyncio.run(judge()).problems
    assert [item.number for item in problem.items] == [66]


moves = st.lists(
    st.tuples(
        st.sampled_from(["ask", "ask", "ask", "define", "define", "remove", "set", "clear"]),
        st.integers(0, 11),
    ),
    max_size=40,
)
SORTS: list[dict[str, Any]] = [
    {},
    {"priority": 4},
    {"times": 1},
    {"when": {"on": 1}},
    {"request": {"path": "/{x}"}},
    {"responses": [{}, {"times": 1}]},
]


@settings(max_examples=150, deadline=None)
@given(moves, st.sampled_from([4, 1000]))
def test_it_finds_what_a_look_at_each_request_at_its_moment_finds(
    done: list[tuple[str, int]], requests: int
) -> None:
    bench = world(requests=requests)
    expected: list[int] = []
    for move, which in done:
        if move == "ask":
            expected += asked(bench, which)
        elif move == "define":
            sort = SORTS[which % len(SORTS)]
            bench.define(stub_of(f"s{which}", "/a" if which % 2 else "/b", **sort))
        elif move == "remove" and bench.space.effective(f"s{which}") is not None:
            bench.apply(RemoveStubs((f"s{which}",)))
        elif move == "set":
            bench.apply(MergeState({"on": which % 2}))
        elif move == "clear":
            bench.apply(Reset(frozenset({"requests"})))
            expected.clear()
    journal = bench.space.journal
    recorded = [number for number in expected if number >= journal.first]
    verdict = judged(bench)
    told = [i.number for p in verdict.problems if p.kind == "ambiguous" for i in p.items]
    assert told == recorded[:20]
    if verdict.complete:
        assert (
            verdict.passed == (not expected or bool(journal.evicted and not recorded)) or recorded
        )


def asked(bench: Bench, which: int) -> list[int]:
    """Ask; return the number if several own stubs of the best priority would have answered."""
    target = "/a" if which % 3 else "/b"
    free = []
    for layer, stub in bench.space.stubs():
        assert layer == "own"
        cell = bench.space.cells.get(stub.name)
        paths = {"/a": "/a", "/b": "/b"}.get(str(stub.definition["request"]["path"]))
        fits = paths is None or paths == target
        holds = all(bench.space.state.get(key) == 1 for key, _ in stub.when)
        if fits and holds and not (cell is not None and cell.is_spent):
            free.append(stub.priority)
    entry = bench.ask(target).exchange
    assert (entry.stub is None) == (not free)
    return [entry.number] if free.count(min(free, default=0)) > 1 else []


@pytest.mark.parametrize(("effect", "passed"), [(FAIL, False), (WARN, True)])
@pytest.mark.parametrize("reason", ["finished", "deleted", "expired"])
def test_the_event_of_the_end_tells_the_verdict_on_ambiguous_requests(
    reason: str, effect: str, passed: bool
) -> None:
    bench = world(stub_of("one"), stub_of("two"), effect=effect)
    bench.ask("/a")
    space, store = bench.space, bench.store
    if reason == "finished":
        at_once(store.finish(space.name, None))
    elif reason == "deleted":
        at_once(store.remove(space.name))
    else:
        space.expires_s = 0.0
        assert at_once(store.expire()) == [space.name]
    told = space.events.get(space.events.last)
    assert isinstance(told, Event)
    assert told.facts is not None
    assert (told.kind, told.facts["passed"]) == (f"namespace.{reason}", passed)
