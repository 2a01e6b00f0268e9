"""Plans that a namespace keeps by head: until its next change, in a bounded number."""

from __future__ import annotations

import pytest
from tests.store.worlds import SEQUENCE, Bench, bench_of, merged, stub_of

from pymockapi.model.changes import (
    Change,
    DefineStubs,
    MergeState,
    NamespaceSpec,
    RemoveStubs,
    ReplaceOwnStubs,
    Reset,
    SetClock,
    SetCursor,
    UseSets,
)
from pymockapi.model.plan import Plan
from pymockapi.store import namespace

HEAD = b"GET /a HTTP/1.1\r\n\r\n"


@pytest.fixture
def bench() -> Bench:
    made = bench_of()
    made.create(stubs=(stub_of("s"), stub_of("q", responses=SEQUENCE)))
    made.store.take_snapshot("a", "x")
    made.space.keep_plan(HEAD, Plan((), made.space.version, is_settled=True))
    return made


@pytest.mark.parametrize(
    "change",
    [
        DefineStubs((stub_of("t"),)),
        ReplaceOwnStubs(()),
        RemoveStubs(("s",), own_only=True),
        UseSets((), merged()),
        MergeState({"k": 1}),
        SetCursor("q", 0),
        SetClock(advance_ns=1),
        merged(delay="1s"),
        Reset(),
    ],
    ids=lambda change: type(change).__name__,
)
def test_no_plan_outlives_a_change(bench: Bench, change: Change) -> None:
    assert HEAD in bench.space.plans
    bench.apply(change)
    assert not bench.space.plans


def test_no_plan_outlives_going_back_to_a_snapshot(bench: Bench) -> None:
    bench.run(bench.store.restore("a", "x"))
    assert not bench.space.plans


def test_a_namespace_that_takes_a_name_over_or_is_forked_starts_without_plans(bench: Bench) -> None:
    bench.run(bench.store.fork("a", NamespaceSpec("b")))
    assert not bench.store.known("b").plans
    bench.run(bench.store.replace(NamespaceSpec("a")))
    assert not bench.space.plans


def test_plans_are_bounded(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(namespace, "MAX_PLANS", 3)
    for number in range(20):
        bench.space.keep_plan(b"%d" % number, Plan((), bench.space.version))
        assert len(bench.space.plans) <= 3
        assert b"%d" % number in bench.space.plans
