"""The undo log keeps what explains a recorded request, and nothing else."""

from __future__ import annotations

from typing import Any

from tests.store.worlds import Bench, bench_of, project_of, settings_of, stub_of

from pymockapi.model.changes import MergeState, RemoveStubs, Reset, SetCursor
from pymockapi.store.cells import Cell
from pymockapi.store.history import CellWas, HiddenWere, History, Moment, StateWas, StubWas
from pymockapi.store.moments import moment_view

A = stub_of("a")


def moment() -> Moment:
    return Moment((), {}, {}, frozenset(), {}, {})


def weight(history: History) -> int:
    return len(history._log)


def test_of_changes_between_two_requests_the_first_of_a_kind_is_kept() -> None:
    history = History()
    for number in range(5):
        history.add(1, StateWas({"n": number}))
        history.add(1, StubWas("a", A if number == 0 else None))
        history.add(1, HiddenWere(frozenset({str(number)})))
        history.add(1, CellWas("a", Cell(A) if number == 0 else None))
    assert weight(history) == 4
    found = history.rewind(1, moment())
    assert (found.state, found.hidden) == ({"n": 0}, frozenset({"0"}))
    assert found.own == {"a": A}
    assert found.cells["a"] is not None


def test_a_later_request_begins_anew() -> None:
    history = History()
    history.add(1, StateWas({"n": 1}))
    history.add(2, StateWas({"n": 2}))
    history.add(2, StateWas({"n": 3}))
    assert history.rewind(2, moment()).state == {"n": 2}
    assert history.rewind(1, moment()).state == {"n": 1}


def busy(bench: Bench) -> None:
    """Make one change of each kind after a request."""
    bench.define(stub_of("a"), stub_of("n", "/n", set={"n": {"increment": 1}}))
    bench.ask("/n")
    bench.apply(MergeState({"m": 1}), RemoveStubs(("base",)), SetCursor("n", None))


def world(**spec: Any) -> Bench:
    bench = bench_of(project_of(stubs=[{"name": "base"}]))
    bench.create(**spec)
    return bench


def test_writes_without_requests_do_not_pile_up() -> None:
    bench = world()
    bench.ask()
    for number in range(50):
        bench.apply(MergeState({"n": number}))
        bench.define(stub_of("a", response={"status": 200 + number}))
    assert weight(bench.space.history) == 2


def test_what_a_reset_forgets_is_not_explained_any_more() -> None:
    bench = world()
    busy(bench)
    assert weight(bench.space.history)
    bench.apply(Reset(frozenset({"requests"})))
    assert weight(bench.space.history) == 0
    busy_again = bench.ask("/n").exchange
    view, is_certain = moment_view(bench.space, busy_again)
    assert is_certain
    assert view.state == {"n": 1, "m": 1}


def test_deleting_the_requests_forgets_it_too() -> None:
    bench = world()
    busy(bench)
    bench.store.clear_requests("a")
    assert weight(bench.space.history) == 0


def test_eviction_takes_what_explained_the_evicted_with_it() -> None:
    bench = world(settings=settings_of(limits={"requests": 5}))
    bench.define(stub_of("n", "/n", set={"last": {"from": "query.u"}}))
    for number in range(100):
        bench.ask(f"/n?u={number}")
    assert weight(bench.space.history) == 5
    oldest = next(iter(bench.space.journal))
    view, is_certain = moment_view(bench.space, oldest)
    assert is_certain
    assert view.state == {"last": "94"}
