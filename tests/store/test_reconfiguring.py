"""Another configuration in force: who follows, what stays, what a failure leaves, what is freed."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any, Final

import pytest
from tests.store.worlds import (
    NOW_NS,
    SEQUENCE,
    Bench,
    bench_of,
    merged,
    picture,
    project_after,
    project_of,
    settings_of,
    stub_of,
)

from pymockapi.engine.configuration import Configuration
from pymockapi.engine.paths import MANY_PATHS
from pymockapi.model.changes import MergeState, NamespaceSpec, RemoveStubs, Reset, SetClock, UseSets
from pymockapi.model.clock import Clock
from pymockapi.model.errors import ControlError, LimitReached, UnknownItem
from pymockapi.model.event import Event, EventKind
from pymockapi.store import history
from pymockapi.store.cells import Cell
from pymockapi.store.memory import MemoryStore
from pymockapi.store.moments import moment_view
from pymockapi.store.reconfiguring import Reconfigured, put_in_force, tell

STEPS: Final = [{"status": 201}, {"status": 202}, {"status": 203}]


def base(name: str = "x", **more: Any) -> dict[str, Any]:
    return {"name": name, "request": {"path": f"/{name}"}, **more}


def followed(bench: Bench, configuration: Configuration, **spec: Any) -> Reconfigured:
    return put_in_force(bench.store, configuration, [NamespaceSpec("a", **spec)])


def told(configuration: Configuration, **spec: Any) -> Bench:
    """Return a bench with a namespace ``a`` that ``configuration`` made."""
    bench = bench_of(configuration)
    tell(bench.create(**spec))
    return bench


def test_what_no_longer_fits_refuses_the_whole_and_changes_nothing() -> None:
    first = project_of(stubs=[base()], sets={"s": {}}, server={"limits": {"namespaces": 2}})
    bench = told(first, settings=settings_of(limits={"stubs": 2}))
    bench.define(stub_of("one"), stub_of("two"))
    before = picture(bench.space)
    second = project_after(first, server={"limits": {"namespaces": 2}})
    limited = settings_of(limits={"stubs": 2})
    wrong: list[tuple[type[ControlError], list[NamespaceSpec]]] = [
        (LimitReached, [NamespaceSpec(name) for name in ("a", "b", "c")]),
        (UnknownItem, [NamespaceSpec("a"), NamespaceSpec("b", sets=("s",))]),
        (LimitReached, [NamespaceSpec("a", stubs=(stub_of("three"),), settings=limited)]),
        (LimitReached, [NamespaceSpec("b", stubs=(stub_of("x"),) * 3, settings=limited)]),
    ]
    told_of = bench.space.told
    bench.space.told = NamespaceSpec("a")  # so that what is new there would be added
    for kind, specs in wrong:
        with pytest.raises(kind):
            put_in_force(bench.store, second, specs)
        assert bench.store.configuration is first
        assert picture(bench.space) == before
    bench.space.told = told_of


def test_events_tell_of_a_reload() -> None:
    first = project_of(state={"n": 1})
    bench = told(first, state={"n": 1})
    seen: list[Event] = []
    bench.store.follow(seen.append, "a")
    followed(bench, project_after(first), state={"n": 2})
    assert [each.kind for each in seen] == [EventKind.STUBS_CHANGED, EventKind.STATE_CHANGED]


def test_a_clock_that_a_test_set_stays_and_one_of_the_config_follows() -> None:
    frozen = Clock(frozen_ns=NOW_NS)
    for moves, expected in ((False, frozen), (True, Clock(frozen_ns=1))):
        bench = told(project_of())
        if moves:
            bench.apply(SetClock(frozen=True, now_ns=1))
        followed(bench, project_after(bench.store.configuration), clock=frozen)
        assert bench.space.clock == expected


@pytest.mark.parametrize(
    ("now", "position"),
    [
        ([base(responses=STEPS)], 2),
        ([base(responses=STEPS, meta={"v": 2})], None),
        ([base(responses=STEPS[:1], keep_cursor=True)], 2),
        ([base("y")], None),
    ],
    ids=["the same", "another", "another that keeps", "none"],
)
@pytest.mark.parametrize("way", ["restore", "scope", "reset"])
def test_counters_that_were_kept_come_back_by_the_rules_of_a_reload(
    now: list[Any], position: int | None, way: str
) -> None:
    first = project_of(stubs=[base(responses=STEPS)])
    bench = told(first)
    bench.ask("/x")
    bench.ask("/x")
    store = bench.store
    store.take_snapshot("a", "kept")
    store.open_scope("a")
    bench.ask("/x")
    followed(bench, project_after(Configuration(version=1), stubs=now))
    going_back: dict[str, Callable[[], Any]] = {
        "restore": lambda: bench.run(store.restore("a", "kept")),
        "scope": lambda: bench.run(store.close_scope("a", "scope-1")),
        "reset": lambda: bench.apply(Reset()),
    }
    going_back[way]()
    cell = bench.space.cells.get("x")
    assert (None if cell is None else cell.cursors[None]) == position
    assert cell is None or cell.stub is bench.space.effective("x")


def test_a_hidden_stub_stays_hidden_and_loses_what_a_snapshot_counted() -> None:
    first = project_of(stubs=[base(responses=STEPS)])
    bench = told(first)
    bench.ask("/x")
    bench.apply(RemoveStubs(("x",)))
    bench.store.take_snapshot("a", "kept")
    bench.space.snapshots["kept"].cells["x"] = Cell(first.base.stubs[0])  # type: ignore[index]
    followed(bench, project_after(first, stubs=[base(responses=STEPS), base("y")]))
    assert bench.ask("/x").exchange.stub is None
    bench.run(bench.store.restore("a", "kept"))
    assert bench.space.cells == {}
    assert bench.ask("/x").exchange.stub is None


def test_own_stubs_that_come_with_a_name_may_keep_their_cursors() -> None:
    before, after = stub_of("q", responses=STEPS), stub_of("q", responses=SEQUENCE)
    for keeping, step in ((frozenset({"q"}), 2), (frozenset[str](), 1)):
        bench = told(project_of(), stubs=(before,))
        bench.ask()
        second = project_after(bench.store.configuration)
        followed(bench, second, stubs=(after,), keeping=keeping)
        assert bench.ask().exchange.step == step


def test_a_request_of_before_is_explained_with_what_was_hidden_and_in_force() -> None:
    first = project_of(
        stubs=[base(), base("y")], sets={"s": {"stubs": [base("y", response={"text": "set"})]}}
    )
    bench = told(first, sets=("s",))
    bench.apply(RemoveStubs(("x",)))
    entries = [bench.ask(target).exchange for target in ("/x", "/y")]
    followed(bench, project_after(first, stubs=[base("z")]))
    views = [moment_view(bench.space, entry) for entry in entries]
    assert all(complete for _, complete in views)
    names = [name for name, _ in views[0][0].layers]
    assert names == ["base", "set:s", "own"]
    masked = views[0][0].masked
    assert masked == {first.base.by_name["x"], first.base.by_name["y"]}
    assert bench.space.has_known("x")
    assert bench.space.has_known("y")


def test_the_undo_log_counts_the_stubs_that_only_it_keeps(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(history, "MAX_STUBS", 5)
    bench = told(project_of(stubs=[base(), base("y")]))
    entries = []
    for number in range(4):
        entries.append(bench.ask("/x").exchange)
        stubs = [base(response={"text": str(number)}), base("y")]
        bench.store.remains.clear()
        followed(bench, project_after(bench.store.configuration, stubs=stubs))
    certain = [moment_view(bench.space, entry)[1] for entry in entries]
    assert certain == [False, False, True, True]
    assert [stub.name for stub in bench.store.remains].count("x")  # type: ignore[attr-defined]


def test_a_set_used_between_reloads_is_counted_with_its_config() -> None:
    first = project_of(stubs=[base()], sets={"s": {}})
    bench = told(first)
    entry = bench.ask("/x").exchange
    bench.apply(UseSets(("s",), merged()))
    followed(bench, project_after(first, stubs=[base("y")], sets={"s": {}}))
    view, complete = moment_view(bench.space, entry)
    assert complete
    assert [name for name, _ in view.layers] == ["base", "own"]
    assert bench.space.history._stubs == 1


def test_a_config_that_nobody_uses_leaves_nothing_behind() -> None:
    first = project_of(stubs=[base()], sets={"s": {"stubs": [base("y")]}})
    bench = told(first)
    bench.create("other")
    second = project_after(first, stubs=[base(meta={"v": 2})])
    followed(bench, second)
    assert bench.store.remains == []
    bench.run(bench.store.remove("other"))
    assert {*first.base.stubs, *first.sets["s"].layer.stubs} <= set(bench.store.remains)


def test_a_config_that_a_finished_namespace_has_is_freed_with_it() -> None:
    first = project_of(stubs=[base()], server={"limits": {"finished": 1}})
    bench = told(first)
    for name in ("one", "two"):
        bench.create(name)
    followed(bench, project_after(first, server={"limits": {"finished": 1}}))
    bench.run(bench.store.finish("one", None))
    assert first.base.stubs[0] not in bench.store.remains
    bench.run(bench.store.finish("two", None))
    assert first.base.stubs[0] not in bench.store.remains
    bench.create("three")
    bench.run(bench.store.finish("three", None))
    assert first.base.stubs[0] in bench.store.remains


def test_going_back_is_made_ready_again_if_a_config_comes_meanwhile() -> None:
    works: list[Callable[[], Any]] = []

    async def act() -> None:
        works.pop()()

    first = project_of(stubs=[base()])
    store = MemoryStore(first, pause=lambda: act() if works else None)
    bench = Bench(store, bench_of().clockwork, lambda work: asyncio.run(work))
    many = tuple(stub_of(f"s{n}", f"/{n}") for n in range(300))
    tell(bench.create(stubs=many, state={"n": 1}))
    store.take_snapshot("a", "kept")
    bench.apply(RemoveStubs(tuple(stub.name for stub in many)), MergeState({"m": 1}))
    second = project_after(first, stubs=[base("y")])
    works.append(lambda: followed(bench, second, stubs=many[:150], state={"n": 2}))
    bench.run(store.restore("a", "kept"))
    assert len(bench.space.own) == 150
    assert bench.space.state == {"n": 2}
    assert bench.ask("/y").exchange.stub == "y"


def test_many_counters_are_copied_in_slices() -> None:
    turns = 0

    async def turn() -> None:
        nonlocal turns
        turns += 1

    store = MemoryStore(project_of(), pause=turn)
    bench = Bench(store, bench_of().clockwork, lambda work: asyncio.run(work))
    bench.create(stubs=(stub_of("q", responses=STEPS, per="query.u"),))
    for n in range(300):
        stub = bench.space.own.by_name["q"]
        bench.space.cells[f"c{n}"] = Cell(stub)
    store.take_snapshot("a", "kept")
    bench.run(store.restore("a", "kept"))
    assert turns >= 2


def test_many_paths_to_go_back_to_are_indexed_in_slices() -> None:
    turns: list[int] = []

    async def turn() -> None:
        turns.append(len(bench.space.own))

    many = tuple(stub_of(f"s{n}", f"/{n}") for n in range(2 * MANY_PATHS))
    for pause in (turn, lambda: None):
        store = MemoryStore(project_of(), pause=pause)
        bench = Bench(store, bench_of().clockwork, lambda work: asyncio.run(work))
        bench.create(stubs=many)
        store.take_snapshot("a", "kept")
        bench.apply(RemoveStubs(tuple(stub.name for stub in many)))
        bench.run(store.restore("a", "kept"))
        assert bench.ask("/7").exchange.stub == "s7"
    assert len(turns) >= 2 * MANY_PATHS // 128
    assert set(turns) == {0}


def test_a_config_that_no_namespace_ever_had_is_freed_when_another_comes() -> None:
    first = project_of(stubs=[base()])
    store = bench_of(first).store
    put_in_force(store, project_after(first, stubs=[base("y")]), [])
    assert first.base.stubs[0] in store.remains


def test_a_counter_of_an_own_stub_that_no_config_made_comes_back_as_it_was() -> None:
    bench = told(project_of())
    bench.define(stub_of("q", responses=STEPS))
    bench.ask()
    bench.store.take_snapshot("a", "kept")
    bench.ask()
    followed(bench, project_after(bench.store.configuration, stubs=[base()]))
    bench.run(bench.store.restore("a", "kept"))
    assert bench.ask().exchange.step == 2
