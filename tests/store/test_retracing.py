"""What a request met, and what was written since, told from the present back; against a twin."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from random import Random
from typing import Any

import pytest
from tests.store.worlds import Bench, bench_of, merged, project_of, stub_of

from pymockapi.model.changes import (
    Change,
    DefineStubs,
    MergeState,
    RemoveStubs,
    ReplaceOwnStubs,
    ReplaceState,
    Reset,
    SetCursor,
    UseSets,
)
from pymockapi.model.errors import ControlError
from pymockapi.model.slices import at_once
from pymockapi.model.stub import Stub
from pymockapi.store import history
from pymockapi.store.cells import Cell
from pymockapi.store.namespace import Namespace
from pymockapi.store.retracing import Counters, Course, retrace

PROJECT = project_of(
    stubs=[{"name": "base", "request": {"path": "/a"}, "response": {"text": "base"}}],
    sets={
        "one": {"stubs": [{"name": "set", "request": {"path": "/a"}, "priority": 3, "times": 4}]},
        "two": {"state": {"two": 2}, "settings": {"seed": 2}},
    },
)


class World:
    """What is in force, in the words of a course."""

    def __init__(self, layers: dict[str, list[str]], own: list[tuple[str, int]]) -> None:
        self.layers = layers
        self.own = own
        self.hidden: set[str] = set()
        self.state: dict[str, Any] = {}
        self.settings: dict[str, Any] = {}
        self.counters: dict[str, tuple[int, dict[str | None, int]]] = {}

    def told(self) -> tuple[Any, ...]:
        return (
            self.layers, self.own, self.hidden, self.state, self.settings,
            {name: each for name, each in self.counters.items() if each != (0, {})},
        )  # fmt: skip


def counts(cell: Cell | None) -> tuple[int, dict[str | None, int]]:
    if cell is None:
        return 0, {}
    return cell.hits, {key: at for key, at in cell.cursors.items() if at}


def pairs(stubs: tuple[Stub, ...]) -> list[tuple[str, int]]:
    return [(stub.name, id(stub)) for stub in stubs]


def present(space: Namespace) -> World:
    layers = {name: [s.name for s in layer.stubs] for name, layer in space.composition.layers}
    world = World(layers, pairs(space.own.stubs))
    world.hidden, world.state = set(space.hidden), dict(space.state)
    world.settings = dict(space.settings_given)
    world.counters = {name: counts(cell) for name, cell in space.cells.items()}
    return world


def begun(course: Course) -> World:
    world = World({n: [s.name for s in each.stubs] for n, each in course.layers}, pairs(course.own))
    world.hidden, world.state = set(course.hidden), dict(course.state)
    world.settings = dict(course.settings)
    put(world, course.counters)
    return world


def put(world: World, counters: Counters) -> None:
    for name, cell in counters.items():
        world.counters[name] = counts(cell)


def turned(world: World, course: Course, after: int) -> None:
    """Do what was written after request ``after``."""
    for turn in course.turns:
        if turn.after != after:
            continue
        if turn.layers is not None:
            world.layers = {n: [s.name for s in each.stubs] for n, each in turn.layers}
        if turn.own is not None:
            world.own = pairs(turn.own)
        own = {name: number for name, number in world.own if name not in turn.removed}
        world.own = list((own | dict(pairs(turn.defined))).items())
        world.hidden = world.hidden if turn.hidden is None else set(turn.hidden)
        world.settings = world.settings if turn.settings is None else dict(turn.settings)
        for key, value in (turn.state or {}).items():
            world.state.pop(key, None)
            if value is not None:
                world.state[key] = value
        put(world, turn.counters)


class Script:
    """Random requests and writes to one namespace, and what each request met."""

    def __init__(self, bench: Bench, random: Random) -> None:
        self.bench = bench
        self.random = random
        self.met: list[World] = []
        self.left: list[World] = []

    def ask(self) -> None:
        self.met.append(present(self.bench.space))
        self.bench.ask(f"/a?k={self.random.choice('xy')}")
        self.left.append(present(self.bench.space))

    def write(self) -> None:
        random = self.random
        names = [stub.name for _, stub in self.bench.space.stubs()] or ["none"]
        writes: list[Callable[[], Change]] = [
            lambda: DefineStubs((self.drawn(),)),
            lambda: DefineStubs((self.drawn(), self.drawn("z"))),
            lambda: DefineStubs((self.drawn("p"),), frozenset({"p"})),
            lambda: RemoveStubs((random.choice(names),)),
            lambda: RemoveStubs(None, own_only=random.random() < 0.5),
            lambda: ReplaceOwnStubs((self.drawn("q"), self.drawn("p"))),
            lambda: MergeState({random.choice("st"): random.choice([1, 2, None])}),
            lambda: ReplaceState({"s": random.random()}),
            lambda: merged(seed=random.randrange(9)),
            lambda: UseSets(random.choice([("one",), ("two", "one"), ()]), merged()),
            lambda: Reset(frozenset({random.choice(("stubs", "sequences", "state", "settings"))})),
            lambda: SetCursor(random.choice(names), None),
            lambda: SetCursor(random.choice(names), 1, random.choice(("x", None))),
        ]
        with suppress(ControlError):  # such as a name that the batch removes twice
            self.bench.apply(*(random.choice(writes)() for _ in range(random.choice((1, 1, 2)))))

    def drawn(self, name: str | None = None) -> Stub:
        random = self.random
        kinds: list[dict[str, Any]] = [
            {"set": {"n": {"increment": 1}}},
            {"times": 3},
            {"responses": [{"text": "1"}, {"text": "2", "times": 2}], "per": "query.k"},
            {"responses": [{"text": "1"}, {"text": "2"}], "priority": 4, "after_last": "cycle"},
        ]
        return stub_of(name or random.choice("pqr"), **random.choice(kinds))

    def snapshot(self) -> None:
        store = self.bench.store
        store.take_snapshot("a", f"s{len(self.bench.space.snapshots)}")
        self.bench.apply(MergeState({"later": 1}))
        name = self.random.choice(list(self.bench.space.snapshots))
        self.bench.run(store.restore("a", name))


@pytest.fixture
def bench() -> Bench:
    made = bench_of(PROJECT)
    made.create(sets=("one",), state={"s": 0})
    return made


@pytest.mark.parametrize("seed", range(60))
def test_beginning_and_turns_are_what_each_request_met(bench: Bench, seed: int) -> None:
    random = Random(seed)
    script = Script(bench, random)
    for _ in range(random.choice((3, 40))):
        random.choice([script.ask, script.ask, script.write, script.write, script.snapshot])()
    script.ask()
    first = random.choice((1, len(script.met)))
    course = at_once(retrace(bench.space, first))
    assert course.complete
    assert begun(course).told() == script.met[first - 1].told()
    for number in range(first, len(script.met)):
        world = script.left[number - 1]
        turned(world, course, number)
        assert world.told() == script.met[number].told(), f"after request {number}"


def test_a_stub_that_came_and_went_between_two_requests_is_not_told(bench: Bench) -> None:
    bench.ask()
    bench.define(stub_of("gone"))
    bench.apply(RemoveStubs(("gone",)))
    bench.ask()
    (turn,) = at_once(retrace(bench.space, 1)).turns
    assert (turn.own, turn.defined, turn.removed) == (None, (), ())


def test_a_request_that_was_deleted_leaves_what_its_stub_had_counted_in_doubt(bench: Bench) -> None:
    bench.define(stub_of("twice", "/t", times=2))
    bench.ask("/t")
    bench.ask("/t")
    bench.space.journal.delete(2)
    assert not at_once(retrace(bench.space, 1)).complete


def test_a_log_that_is_too_short_is_told(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(history, "MAX_CHANGES", 1)
    bench.ask()
    bench.apply(MergeState({"s": 1}))
    bench.ask()
    bench.apply(MergeState({"s": 2}))
    assert not at_once(retrace(bench.space, 1)).complete
    assert at_once(retrace(bench.space, 2)).complete


@pytest.mark.parametrize("writes", [1, 9])
def test_a_write_between_slices_is_in_it_whole_and_a_request_is_not(
    bench: Bench, writes: int
) -> None:
    bench.define(*(stub_of(f"s{number}", f"/{number}") for number in range(600)))
    for number in range(600):
        bench.ask(f"/{number}")
    bench.apply(MergeState({"n": 0}))
    work = retrace(bench.space, 1)
    for number in range(1, writes + 1):
        next(work)
        bench.ask("/599")
        bench.apply(SetCursor("s599", None), MergeState({"n": number}))
    next(work)
    bench.ask("/598")
    course = at_once(work)
    assert (course.counters, course.complete) == ({}, True)
    told = course.turns[0].state
    assert told is not None
    assert told["n"] == 0
    assert [dict(turn.state or {}) for turn in course.turns[1:]] == [
        {"n": number} for number in range(1, min(writes, 4) + 1)
    ]


def test_a_large_state_is_compared_in_slices(bench: Bench) -> None:
    before = {f"k{number}": number for number in range(9_000)}
    bench.apply(ReplaceState(before))
    bench.ask()
    bench.apply(ReplaceState({**before, "k7": 8, "new": 1}))
    bench.ask()
    bench.apply(MergeState({"k8": None}))
    course = at_once(retrace(bench.space, 1))
    assert [turn.state for turn in course.turns] == [{"k7": 8, "new": 1}, {"k8": None}]
    assert sum(1 for _ in retrace(bench.space, 1)) >= 8


def test_much_that_was_counted_goes_in_slices(bench: Bench) -> None:
    bench.define(*(stub_of(f"s{number}", f"/{number}") for number in range(100)))
    for number in range(100):
        bench.ask(f"/{number}")
    for _ in range(600):
        bench.ask("/1")
    bench.apply(Reset(frozenset({"sequences"})))
    assert sum(1 for _ in retrace(bench.space, 1)) > 5
