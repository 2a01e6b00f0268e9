"""Layers: what overrides, hides and uncovers what, and which changes keep hits and cursors."""

from __future__ import annotations

import pytest
from tests.store.worlds import SEQUENCE, Bench, bench_of, merged, project_of, settings_of, stub_of

from pymockapi.engine.configuration import Replacement, last_positions
from pymockapi.engine.shadows import shadowing
from pymockapi.model.changes import (
    Change,
    DefineStubs,
    MergeState,
    RemoveStubs,
    ReplaceOwnStubs,
    Reset,
    SetCursor,
    UseSets,
)
from pymockapi.model.slices import at_once
from pymockapi.store import overlaps

A = {"request": {"path": "/a"}}
PROJECT = project_of(
    stubs=[
        {"name": "x", **A, "response": {"text": "base"}},
        {"name": "seq", "request": {"path": "/seq"}, "responses": SEQUENCE},
    ],
    sets={
        "one": {
            "stubs": [{"name": "x", **A, "response": {"text": "one"}}],
            "state": {"n": 1, "one": True},
        },
        "two": {
            "stubs": [{"name": "x", **A, "response": {"text": "two"}}],
            "state": {"n": 2},
        },
    },
)


@pytest.fixture
def bench() -> Bench:
    bench = bench_of(PROJECT)
    bench.create()
    return bench


def text(bench: Bench, target: str = "/a") -> str:
    response = bench.ask(target).response
    return response.body.decode() if response is not None else "404"


def x(text: str) -> DefineStubs:
    return DefineStubs((stub_of("x", response={"text": text}),))


def test_an_own_stub_overrides_the_shared_one_of_its_name(bench: Bench) -> None:
    bench.apply(x("own"))
    assert text(bench) == "own"
    assert [stub.name for _, stub in bench.space.stubs()].count("x") == 1
    assert overlaps.replaced(bench.space) == [Replacement("x", "base", "own")]
    assert bench.space.count_stubs() == 2


@pytest.mark.parametrize(
    "change",
    [
        DefineStubs((stub_of("new"),)),
        DefineStubs((stub_of("own", times=1),)),
        DefineStubs(tuple(stub_of(f"many-{number}") for number in range(300))),
        ReplaceOwnStubs((stub_of("new"),)),
        RemoveStubs(("own",)),
        RemoveStubs(("x",)),
        RemoveStubs(None),
        UseSets(("one", "two"), merged()),
        Reset(),
    ],
)
def test_the_stubs_that_never_answer_are_those_of_the_layers_as_they_lie(
    bench: Bench, change: Change
) -> None:
    space = bench.define(stub_of("own"), stub_of("seq", priority=9))
    before = at_once(overlaps.shadowed(space))
    assert [(each.stub, each.by) for each in before] == [("x", "own"), ("seq", "own")]
    assert at_once(overlaps.shadowed(space)) is before
    bench.apply(change)
    anew = at_once(shadowing(space.composition, space.own.stubs, frozenset(space.masked)))
    assert at_once(overlaps.shadowed(space)) == anew != before


def test_a_replaced_stub_is_gone_even_where_the_new_one_does_not_fit(bench: Bench) -> None:
    bench.define(stub_of("x", "/elsewhere"))
    assert text(bench) == "404"


@pytest.mark.parametrize(
    ("sets", "served", "replaced"),
    [
        ((), "base", []),
        (("one",), "one", [Replacement("x", "base", "set:one")]),
        (
            ("one", "two"),
            "two",
            [Replacement("x", "base", "set:two"), Replacement("x", "set:one", "set:two")],
        ),
        (
            ("two", "one", "two"),
            "two",
            [Replacement("x", "base", "set:two"), Replacement("x", "set:one", "set:two")],
        ),
        (
            ("one", "two", "one"),
            "one",
            [Replacement("x", "base", "set:one"), Replacement("x", "set:two", "set:one")],
        ),
    ],
)
def test_each_set_is_applied_once_at_its_last_position(
    bench: Bench, sets: tuple[str, ...], served: str, replaced: list[Replacement]
) -> None:
    bench.apply(UseSets(sets, merged()))
    assert text(bench) == served
    assert overlaps.replaced(bench.space) == replaced
    used = [f"set:{name}" for name in last_positions(sets)]
    assert [name for name, _ in bench.space.all_layers] == ["base", *used, "own"]


def test_the_state_of_sets_is_merged_in_their_order(bench: Bench) -> None:
    bench.apply(MergeState({"mine": 0, "n": 9}))
    bench.apply(UseSets(("one", "two", "one"), merged(delay=1)))
    assert bench.space.state == {"mine": 0, "n": 1, "one": True}
    assert bench.space.settings.delay == 1
    bench.apply(UseSets((), merged()))
    assert bench.space.state["one"] is True


def test_an_own_stub_stays_above_sets_that_come_later(bench: Bench) -> None:
    bench.apply(x("own"))
    bench.apply(UseSets(("one",), merged()))
    assert text(bench) == "own"
    assert overlaps.replaced(bench.space) == [
        Replacement("x", "base", "set:one"),
        Replacement("x", "set:one", "own"),
    ]


def test_removing_a_name_hides_it_in_every_layer(bench: Bench) -> None:
    bench.apply(UseSets(("one",), merged()))
    bench.apply(x("own"))
    bench.apply(RemoveStubs(("x",)))
    assert (text(bench), set(bench.space.hidden)) == ("404", {"x"})
    assert bench.space.effective("x") is None


def test_removing_the_own_stub_uncovers_what_it_replaced(bench: Bench) -> None:
    bench.apply(x("own"))
    bench.apply(RemoveStubs(("x",), own_only=True))
    assert text(bench) == "base"


def test_uncovering_a_hidden_name_leaves_it_hidden(bench: Bench) -> None:
    bench.apply(RemoveStubs(("x",)))
    bench.apply(x("own"))
    assert text(bench) == "own"
    bench.apply(RemoveStubs(("x",), own_only=True))
    assert text(bench) == "404"


def test_removing_all_hides_what_is_shared_and_removing_all_own_does_not(bench: Bench) -> None:
    bench.define(stub_of("mine", "/mine"))
    bench.apply(RemoveStubs(None, own_only=True))
    assert (text(bench), text(bench, "/mine")) == ("base", "404")
    bench.apply(RemoveStubs())
    assert (text(bench), bench.space.stubs()) == ("404", [])


def test_a_hidden_name_stays_hidden_under_other_sets(bench: Bench) -> None:
    bench.apply(RemoveStubs(("x",)))
    bench.apply(UseSets(("one",), merged()))
    assert text(bench) == "404"


def test_removing_all_leaves_hidden_what_is_hidden_in_a_set_that_is_not_used(bench: Bench) -> None:
    bench.apply(UseSets(("one",), merged()))
    bench.apply(RemoveStubs())
    bench.apply(UseSets((), merged()))
    bench.apply(RemoveStubs())
    bench.apply(UseSets(("one",), merged()))
    assert text(bench) == "404"


def test_reset_brings_hidden_replaced_and_removed_stubs_back(bench: Bench) -> None:
    bench.apply(RemoveStubs(("x", "seq")), UseSets(("one",), merged()))
    bench.define(stub_of("new"))
    bench.apply(Reset(frozenset({"stubs"})))
    assert (text(bench), text(bench, "/seq")) == ("base", "")
    assert [name for name, _ in bench.space.all_layers] == ["base", "own"]


def test_a_redefined_stub_keeps_its_place(bench: Bench) -> None:
    bench.define(stub_of("first"), stub_of("second", times=1))
    bench.define(stub_of("first", response={"text": "again"}))
    assert [text(bench), text(bench)] == ["second", "again"]


def test_a_stub_that_was_removed_and_defined_again_is_the_newest(bench: Bench) -> None:
    bench.define(stub_of("first"), stub_of("second"))
    bench.apply(RemoveStubs(("first",)))
    bench.define(stub_of("first"))
    assert text(bench) == "first"


def test_an_identical_definition_keeps_hits_and_cursors(bench: Bench) -> None:
    for _ in range(2):
        bench.define(stub_of("s", responses=SEQUENCE, after_last="pass"))
        bench.ask()
    assert bench.space.cells["s"].hits == 2
    assert bench.space.cells["s"].cursors == {None: 2}


def test_an_identical_definition_leaves_a_spent_stub_spent(bench: Bench) -> None:
    for _ in range(3):
        bench.define(stub_of("s", times=1))
        bench.ask()
    assert bench.space.cells["s"].hits == 1


def test_another_definition_restarts_hits_and_cursors(bench: Bench) -> None:
    bench.define(stub_of("s", responses=SEQUENCE))
    bench.statuses(2)
    bench.define(stub_of("s", responses=[*SEQUENCE, {"status": 204}]))
    assert bench.statuses(4) == [201, 202, 202, 204]


def test_another_definition_that_keeps_the_cursor_goes_on(bench: Bench) -> None:
    bench.define(stub_of("s", responses=SEQUENCE))
    bench.statuses(2)
    bench.define(stub_of("s", responses=[*SEQUENCE, {"status": 204}]), keep=frozenset({"s"}))
    assert bench.statuses(2) == [202, 204]
    assert bench.space.cells["s"].hits == 4


def test_steps_added_to_one_answer_or_to_a_repeated_last_come_next(bench: Bench) -> None:
    keep = frozenset({"s"})
    bench.define(stub_of("s", response={"status": 201}))
    bench.statuses(3)
    bench.define(stub_of("s", responses=[{"status": 201}, {"status": 202}]), keep=keep)
    assert bench.statuses(3) == [202, 202, 202]
    more = [{"status": status} for status in (201, 202, 203)]
    bench.define(stub_of("s", responses=more), keep=keep)
    assert bench.statuses(2) == [203, 203]


def test_a_kept_cursor_may_leave_the_new_stub_spent(bench: Bench) -> None:
    bench.define(stub_of("below"), stub_of("s"))
    bench.names(3)
    bench.define(stub_of("s", times=2), keep=frozenset({"s"}))
    assert bench.names(1) == ["below"]
    bench.define(stub_of("s", times=5), keep=frozenset({"s"}))
    assert bench.names(3) == ["s", "s", "below"]


def test_keys_are_counted_through_definitions_that_keep_their_cursors() -> None:
    bench = bench_of()
    space = bench.create(settings=settings_of(limits={"sequence_keys": 2}))
    keep = frozenset({"s"})
    bench.define(stub_of("s", responses=SEQUENCE, per="query.u"))
    bench.ask("/a?u=1"), bench.ask("/a?u=2")
    bench.define(stub_of("s", responses=SEQUENCE), keep=keep)
    assert space.key_count == 0
    bench.define(stub_of("s", responses=SEQUENCE, per="query.u"), keep=keep)
    assert (space.key_count, bench.ask("/a?u=3").refusal) == (2, "limit-reached")
    bench.apply(RemoveStubs(("s",)))
    assert space.key_count == 0


def test_an_override_starts_counting_anew_and_so_does_what_it_uncovers(bench: Bench) -> None:
    bench.statuses(2, "/seq")
    bench.define(stub_of("seq", "/seq", responses=[{"status": 500}, {"status": 501}]))
    assert bench.statuses(1, "/seq") == [500]
    bench.apply(RemoveStubs(("seq",), own_only=True))
    assert bench.statuses(1, "/seq") == [201]


def test_an_override_that_says_the_same_keeps_counting(bench: Bench) -> None:
    bench.statuses(1, "/seq")
    stub = bench.space.effective("seq")
    assert stub is not None
    bench.define(stub_of("seq", "/seq", responses=SEQUENCE))
    assert bench.space.effective("seq") is not stub
    assert bench.statuses(1, "/seq") == [202]
    bench.apply(ReplaceOwnStubs(()))
    assert bench.space.effective("seq") is stub
    assert bench.space.cells["seq"].cursors == {None: 2}


def test_replacing_the_own_layer_keeps_counters_of_what_stays_the_same(bench: Bench) -> None:
    bench.define(stub_of("same", times=2), stub_of("other", "/b"), stub_of("gone", "/c"))
    for target in ("/a", "/a", "/b", "/c"):
        bench.ask(target)
    bench.apply(ReplaceOwnStubs((stub_of("same", times=2), stub_of("other", "/b", meta={}))))
    assert {name: cell.hits for name, cell in bench.space.cells.items()} == {"same": 2}
    assert text(bench) == "base"


def test_a_spent_shared_stub_is_passed_over_until_its_counters_are_reset() -> None:
    bench = bench_of(project_of(stubs=[{"name": "x", **A, "times": 1}]))
    bench.create()
    assert bench.names(2) == ["x", None]
    bench.apply(MergeState({}))
    bench.define(stub_of("other", "/other"))
    bench.apply(UseSets((), merged()))
    assert bench.names(1) == [None]
    bench.apply(SetCursor("x", None))
    assert bench.names(2) == ["x", None]
    bench.apply(Reset(frozenset({"sequences"})))
    assert bench.names(2) == ["x", None]


def test_a_cursor_can_be_set_ahead_and_back(bench: Bench) -> None:
    bench.define(stub_of("below"), stub_of("s", responses=SEQUENCE, after_last="pass"))
    bench.apply(SetCursor("s", 2))
    assert bench.names(2) == ["s", "below"]
    bench.apply(SetCursor("s", 0))
    assert bench.names(4) == ["s", "s", "s", "below"]
    bench.apply(SetCursor("s", 3))
    assert bench.names(1) == ["below"]
    bench.apply(SetCursor("s", None, step=2))
    assert bench.names(3) == ["s", "s", "below"]


def test_reset_returns_each_part_to_what_it_was_at_creation() -> None:
    bench = bench_of(PROJECT)
    space = bench.create(
        sets=("one",),
        stubs=(stub_of("own", "/own", responses=SEQUENCE),),
        state={"n": 5},
        settings=settings_of(delay=1),
        settings_given={"delay": 1},
    )
    bench.ask("/own")
    bench.apply(MergeState({"n": 6}), merged(delay=2), ReplaceOwnStubs(()))
    bench.apply(Reset(frozenset({"state"})))
    assert (space.state, space.settings.delay, space.journal.kept) == ({"n": 5}, 2, 1)
    bench.apply(Reset(frozenset({"settings", "requests"})))
    assert (space.settings.delay, space.settings_given) == (1, {"delay": 1})
    assert (space.journal.kept, space.effective("own")) == (0, None)
    bench.apply(Reset())
    assert bench.statuses(1, "/own") == [201]
    assert space.journal.last == 2


def test_a_name_stays_known_after_its_stub_is_gone(bench: Bench) -> None:
    bench.define(stub_of("mine"), stub_of("other"))
    bench.apply(RemoveStubs(("mine",)))
    bench.apply(ReplaceOwnStubs(()))
    bench.apply(RemoveStubs(("x",)))
    known = [bench.space.has_known(name) for name in ("mine", "other", "x", "never")]
    assert known == [True, True, True, False]


def test_each_stub_tells_its_layer(bench: Bench) -> None:
    bench.apply(UseSets(("one",), merged()))
    bench.define(stub_of("mine"))
    assert [(layer, stub.name) for layer, stub in bench.space.stubs()] == [
        ("own", "mine"),
        ("set:one", "x"),
        ("base", "seq"),
    ]
    for layer, stub in bench.space.stubs():
        assert bench.space.layer_of(stub) == layer


def test_a_large_batch_of_stubs_is_in_force_like_a_small_one(bench: Bench) -> None:
    bench.define(stub_of("s0", "/0"), stub_of("spent", times=1))
    assert bench.names(1) == ["spent"]
    many = tuple(stub_of(f"s{n}", f"/{n}") for n in range(600))
    bench.define(*many)
    assert [text(bench, f"/{n}") for n in (0, 255, 599)] == ["s0", "s255", "s599"]
    assert bench.names(1) == ["x"]
    assert list(bench.space.own.by_name)[:3] == ["s0", "spent", "s1"]
    bench.apply(ReplaceOwnStubs(many[:300]))
    assert [text(bench, f"/{n}") for n in (0, 299, 300)] == ["s0", "s299", "404"]


def test_many_names_are_hidden_in_one_step(bench: Bench) -> None:
    bench.ask()
    bench.apply(RemoveStubs(("x", "seq")))
    assert bench.space.hidden == {"x", "seq"}
    assert text(bench) == text(bench, "/seq") == "404"


def test_removing_all_leaves_hidden_what_a_set_brings_back(bench: Bench) -> None:
    bench.apply(UseSets(("one",), merged()))
    bench.apply(RemoveStubs(("x",)))
    bench.apply(RemoveStubs(None))
    bench.apply(UseSets(("two",), merged()))
    assert bench.space.hidden == {"x", "seq"}
    assert text(bench) == "404"
