"""What verdicts tell of stubs: too few and too many requests, none, and steps that were not played."""

from __future__ import annotations

from typing import Any

import pytest
from tests.store.worlds import Bench, bench_of, project_of, settings_of, stub_of

from pymockapi.engine.verifying.verdict import FAIL, IGNORE, MAX_ITEMS, WARN, StubItem
from pymockapi.model.changes import (
    DefineStubs,
    MergeSettings,
    RemoveStubs,
    ReplaceOwnStubs,
    Reset,
    SetCursor,
    UseSets,
)
from pymockapi.model.stub import Bounds
from pymockapi.store.expected import standings
from pymockapi.store.judging import judge_now
from pymockapi.store.snapshot import Scope

ALL = dict.fromkeys(("unmet", "overrun", "unused", "sequence_left"), FAIL)


def problems(bench: Bench, scope: Scope | None = None) -> dict[str, list[str]]:
    """Return the names of the stubs of each problem, by kind."""
    verdict = judge_now(bench.space, scope).verdict()
    return {each.kind: [stub.stub for stub in each.stubs] for each in verdict.problems}


def world(*stubs: Any, **verdict: str) -> Bench:
    bench = bench_of()
    bench.create(stubs=stubs, settings=settings_of(verdict=verdict))
    return bench


def item(bench: Bench, kind: str) -> StubItem:
    verdict = judge_now(bench.space).verdict()
    (problem,) = [each for each in verdict.problems if each.kind == kind]
    (stub,) = problem.stubs
    return stub


@pytest.mark.parametrize(
    ("expect", "told"),
    [
        (2, ["unmet", "unmet", None, "overrun"]),
        (0, [None, "overrun", "overrun", "overrun"]),
        ({"at_least": 1}, ["unmet", None, None, None]),
        ({"at_most": 2}, ["unused", None, None, "overrun"]),
        ({"at_least": 1, "at_most": 2}, ["unmet", None, None, "overrun"]),
        ({"optional": True}, [None, None, None, None]),
        ({"at_most": 2, "optional": True}, [None, None, None, "overrun"]),
        (None, ["unused", None, None, None]),
    ],
)
def test_a_stub_is_told_as_what_its_count_makes_of_it(expect: Any, told: list[str | None]) -> None:
    bench = world(stub_of("a", **({} if expect is None else {"expect": expect})))
    for kind in told:
        assert problems(bench) == ({} if kind is None else {kind: ["a"]})
        assert judge_now(bench.space).verdict().passed == (kind in (None, "unused"))
        bench.ask()


def test_what_is_told_of_a_stub_is_what_it_answered_and_what_was_expected() -> None:
    bench = world(stub_of("a", expect=3))
    bench.ask("/b")
    bench.ask()
    assert item(bench, "unmet") == StubItem("a", "own", "ANY /a", Bounds(3, 3), 1, (2,))


def test_of_many_stubs_all_are_counted_and_the_first_told() -> None:
    stubs = [stub_of(f"s{n}", f"/{n}", expect=1) for n in range(30)]
    bench = world(*stubs)
    (problem,) = judge_now(bench.space).verdict().problems
    assert (problem.count, [each.stub for each in problem.stubs]) == (
        30,
        [f"s{n}" for n in range(20)],
    )
    assert [each.stub.name for each in judge_now(bench.space).missing] == [
        each.stub for each in problem.stubs
    ]


def test_a_stub_that_is_unmet_is_told_as_unused_only_where_that_matters_more() -> None:
    bench = world(stub_of("a", expect=1), unmet=WARN, unused=FAIL)
    assert problems(bench) == {"unmet": ["a"], "unused": ["a"]}
    assert not judge_now(bench.space).verdict().passed


def test_the_base_layer_expects_only_where_it_says_so_and_is_never_unused() -> None:
    bench = bench_of(
        project_of(
            stubs=[
                {"name": "loose", "request": {"path": "/loose"}, "expect": {"at_most": 1}},
                {"name": "tight", "request": {"path": "/tight"}, "expect": 1},
                {"name": "plain", "request": {"path": "/plain"}},
            ]
        )
    )
    bench.create(settings=settings_of(verdict=ALL))
    assert problems(bench) == {"unmet": ["tight"]}
    for target in ("/loose", "/loose", "/tight"):
        bench.ask(target)
    assert problems(bench) == {"overrun": ["loose"]}


SETS = {
    "one": {
        "stubs": [
            {"name": "asked", "request": {"path": "/asked"}, "expect": {"at_most": 5}},
            {"name": "plain", "request": {"path": "/plain"}},
        ]
    },
    "two": {"stubs": [{"name": "other", "request": {"path": "/other"}, "expect": 1}]},
}


def test_a_chosen_set_is_judged_by_its_stubs_that_say_expect() -> None:
    bench = bench_of(project_of(sets=SETS))
    bench.create(sets=("one",), settings=settings_of(verdict=ALL))
    assert problems(bench) == {"unused": ["asked"]}
    assert item(bench, "unused").layer == "set:one"
    bench.ask("/asked")
    assert problems(bench) == {}


def test_a_stub_that_is_not_in_force_expects_nothing() -> None:
    bench = bench_of(project_of(sets=SETS))
    bench.create(sets=("two",), settings=settings_of(verdict=ALL))
    assert problems(bench) == {"unmet": ["other"]}
    bench.define(stub_of("other", "/other", expect={"optional": True}))
    assert problems(bench) == {}
    bench.apply(RemoveStubs(("other",), own_only=True))
    assert problems(bench) == {"unmet": ["other"]}
    bench.apply(RemoveStubs(("other",)))
    assert problems(bench) == {}
    bench.define(stub_of("own", expect=1))
    assert problems(bench) == {"unmet": ["own"]}
    bench.apply(ReplaceOwnStubs(()))
    assert problems(bench) == {}


@pytest.mark.parametrize("keep", [frozenset[str](), frozenset({"a"})])
def test_what_an_earlier_definition_answered_counts(keep: frozenset[str]) -> None:
    bench = world(stub_of("a", expect=2))
    bench.ask()
    bench.apply(DefineStubs((stub_of("a", response={"status": 503}, expect=2),), keep))
    assert problems(bench) == {"unmet": ["a"]}
    bench.apply(SetCursor("a", None))
    bench.ask()
    assert problems(bench) == {}


def test_a_reset_of_the_requests_starts_the_counts_anew_and_no_other_reset_does() -> None:
    bench = world(stub_of("a", expect=1))
    bench.ask()
    bench.apply(Reset(frozenset({"stubs", "sequences", "state", "clock", "settings"})))
    assert problems(bench) == {}
    bench.apply(Reset(frozenset({"requests"})))
    assert problems(bench) == {"unmet": ["a"]}


def test_deleted_requests_count_no_more_also_once_others_are_dropped() -> None:
    bench = world(stub_of("a", expect=3))
    bench.apply(MergeSettings({"limits": {"requests": 2}}, settings_of(limits={"requests": 2})))
    for _ in range(3):
        bench.ask()
    assert bench.space.journal.delete(3)
    assert item(bench, "unmet").actual == 2
    for _ in range(3):
        bench.ask()
    assert item(bench, "overrun").actual == 5
    bench.store.clear_requests("a")
    assert problems(bench) == {"unmet": ["a"]}


def test_a_fork_counts_for_itself_and_restoring_a_snapshot_changes_no_count() -> None:
    bench = world(stub_of("a", expect=1))
    bench.store.take_snapshot("a", "s")
    bench.ask()
    bench.run(bench.store.restore("a", "s"))
    assert problems(bench) == {}
    spec = bench.space.spec
    fork = bench.run(bench.store.fork("a", type(spec)("b")))
    assert not judge_now(fork).verdict().passed


def test_a_scope_judges_what_it_defined_by_what_came_in_it() -> None:
    bench = world(stub_of("module", "/m", expect=1), stub_of("old", "/old"))
    bench.ask("/x")
    scope = bench.store.open_scope("a")
    assert problems(bench, scope) == {}
    bench.define(stub_of("test", "/t", expect=2), stub_of("old", "/old", expect=1))
    bench.ask("/t")
    assert problems(bench, scope) == {"unmet": ["old", "test"]}
    bench.ask("/t")
    bench.ask("/old")
    judged, _ = bench.run(bench.store.close_scope("a", scope.id))
    assert judged.verdict().problems == ()
    assert problems(bench) == {"unmatched": [], "unmet": ["module"]}


def test_a_scope_judges_the_sets_that_were_chosen_in_it() -> None:
    bench = bench_of(project_of(sets=SETS))
    bench.create(sets=("two",), settings=settings_of(verdict=ALL))
    scope = bench.store.open_scope("a")
    assert problems(bench, scope) == {}
    bench.apply(UseSets(("two", "one"), MergeSettings({}, settings_of())))
    assert problems(bench, scope) == {"unused": ["asked"]}


def test_a_reset_in_a_scope_leaves_outer_counts_of_what_came_before() -> None:
    bench = world(stub_of("a", expect=3))
    bench.ask()
    outer = bench.store.open_scope("a")
    bench.ask()
    bench.store.open_scope("a")
    for _ in range(5):
        bench.ask()
    bench.apply(Reset(frozenset({"requests"})))
    assert [each.actual for each in standings(bench.space)] == [2]
    bench.ask()
    assert problems(bench) == {}
    bench.run(bench.store.close_scope("a", outer.id))
    assert problems(bench) == {}


STEPS = [{"status": 503, "times": 2}, {"status": 200}]


@pytest.mark.parametrize(
    ("more", "left"),
    [
        ({}, ["0 of 3", "1 of 3", "2 of 3", None, None]),
        ({"after_last": "pass"}, ["0 of 3", "1 of 3", "2 of 3", None, None]),
        ({"after_last": "fail"}, ["0 of 3", "1 of 3", "2 of 3", None, None]),
        ({"after_last": "cycle"}, [None, None, None]),
        ({"expect": {"optional": True}}, [None, "1 of 3", "2 of 3", None]),
        ({"expect": {"at_least": 1}}, ["0 of 3", "1 of 3"]),
    ],
)
def test_a_sequence_is_left_until_each_step_was_played(
    more: dict[str, Any], left: list[str | None]
) -> None:
    bench = world(stub_of("a", responses=STEPS, **more), unmet=IGNORE, unused=IGNORE,
                  errors=IGNORE, unmatched=IGNORE, sequence_left=FAIL)  # fmt: skip
    for each in left:
        if each is None:
            assert problems(bench) == {}
        else:
            assert item(bench, "sequence_left").detail == f"{each} answers were given"
        bench.ask()


def test_each_cursor_of_a_sequence_is_to_be_played() -> None:
    bench = world(stub_of("a", responses=STEPS, per="query.who"), sequence_left=FAIL)
    for who in "ababcb":
        bench.ask(f"/a?who={who}")
    assert item(bench, "sequence_left").detail == (
        "2 of 3 answers were given for 'a', and 1 cursor more"
    )


def test_of_very_many_sequences_that_are_left_the_first_are_told() -> None:
    many = [stub_of(f"s-{number}", responses=STEPS) for number in range(MAX_ITEMS + 1)]
    bench = world(*many, unused=IGNORE, sequence_left=FAIL)
    (problem,) = judge_now(bench.space).verdict().problems
    assert (problem.count, len(problem.stubs)) == (MAX_ITEMS + 1, MAX_ITEMS)


def test_a_sequence_in_the_base_layer_is_nobodys_to_play() -> None:
    base = {"name": "b", "request": {"path": "/b"}, "responses": STEPS, "expect": 1}
    bench = bench_of(project_of(stubs=[base]))
    bench.create(settings=settings_of(verdict=ALL))
    assert problems(bench) == {"unmet": ["b"]}


def test_what_was_dropped_before_a_reset_in_a_scope_is_counted_once() -> None:
    bench = world(stub_of("a", expect=10))
    bench.apply(MergeSettings({"limits": {"requests": 1}}, settings_of(limits={"requests": 1})))
    for _ in range(10):
        bench.ask()
        bench.ask("/nothing")
    bench.store.open_scope("a")
    for _ in range(2):
        bench.ask()
        bench.ask("/nothing")
    bench.apply(Reset(frozenset({"requests"})))
    found = {each.kind: each.count for each in judge_now(bench.space).verdict().problems}
    assert found == {"unmatched": 10}
