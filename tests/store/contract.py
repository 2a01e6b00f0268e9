"""What every store must do, whatever it keeps things in; a subclass gives the store.

One case for each sentence of ``store/port.py`` and of the life of namespaces, and for each
operation that is promised to be atomic a case with many callers at once.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any, Final

import pytest
from tests.engine.requests import make_request
from tests.store.worlds import (
    NOW_NS,
    SEQUENCE,
    Bench,
    merged,
    numbers,
    picture,
    project_of,
    settings_of,
    stub_of,
)

from pymockapi.engine.rank import rank
from pymockapi.model.changes import (
    Change,
    DefineStubs,
    MergeState,
    NamespaceSpec,
    RemoveStubs,
    ReplaceOwnStubs,
    ReplaceState,
    Reset,
    SetClock,
    SetCursor,
    UseSets,
)
from pymockapi.model.clock import SECOND_NS, Clock
from pymockapi.model.errors import (
    Conflict,
    ControlError,
    DuplicateNamespace,
    FinishedNamespace,
    LimitReached,
    Stale,
    UnknownItem,
    UnknownNamespace,
    UnknownStub,
)
from pymockapi.model.event import Event, EventKind
from pymockapi.model.exchange import Phase
from pymockapi.model.plan import Grant, Outdated
from pymockapi.store.port import Arrival, Query

PROJECT: Final = project_of(
    state={"plan": "free"},
    stubs=[
        {"name": "base", "request": {"path": "/base"}, "responses": SEQUENCE},
        {"name": "shared", "request": {"path": "/shared"}, "response": {"text": "base"}},
    ],
    sets={
        "down": {
            "stubs": [
                {"name": "shared", "request": {"path": "/shared"}, "response": {"text": "down"}},
                {"name": "extra", "request": {"path": "/extra"}},
            ],
            "state": {"mode": "down"},
        },
        "slow": {
            "stubs": [
                {"name": "shared", "request": {"path": "/shared"}, "response": {"text": "slow"}}
            ]
        },
    },
    server={"limits": {"namespaces": 3, "finished": 2, "orphans": 2}},
)

GOOD: Final[dict[str, Change]] = {
    "reset": Reset(),
    "define": DefineStubs((stub_of("new"), stub_of("own", "/b"))),
    "replace": ReplaceOwnStubs((stub_of("other"),)),
    "remove": RemoveStubs(("own", "base")),
    "remove all": RemoveStubs(),
    "sets": UseSets(("down",), merged(delay=1)),
    "merge state": MergeState({"cart": None, "new": 1}),
    "replace state": ReplaceState({}),
    "cursor": SetCursor("shared", None),
    "clock": SetClock(frozen=True, now_ns=1),
    "settings": merged(delay=2),
}
BAD: Final[dict[str, tuple[Change, type[ControlError]]]] = {
    "no such stub to remove": (RemoveStubs(("nothing",)), UnknownStub),
    "no own stub to uncover": (RemoveStubs(("nothing",), own_only=True), UnknownStub),
    "no such set": (UseSets(("nothing",), merged()), UnknownItem),
    "no such cursor": (SetCursor("nothing", 1), UnknownStub),
    "too many stubs": (DefineStubs(tuple(stub_of(f"n{n}") for n in range(6))), LimitReached),
    "too many new stubs": (
        ReplaceOwnStubs(tuple(stub_of(f"n{n}") for n in range(6))),
        LimitReached,
    ),
}


def unchanged(found: dict[str, Any], *keys: str) -> dict[str, Any]:
    """Return ``found`` without ``keys``; objects made anew for the same stub are alike."""
    return {key: value for key, value in found.items() if key not in keys}


def texts(bench: Bench, target: str, count: int = 1) -> list[str]:
    granted = [bench.ask(target) for _ in range(count)]
    return [each.response.body.decode() if each.response else "404" for each in granted]


class StoreContract:
    """A subclass has the fixture ``bench``: an empty store of ``PROJECT``."""

    # view

    def test_a_name_that_is_no_namespace_has_no_view(self, bench: Bench) -> None:
        assert bench.store.view("a") is None

    def test_the_view_of_a_namespace_shows_it_as_it_is_now(self, bench: Bench) -> None:
        bench.create()
        bench.apply(MergeState({"cart": "full"}))
        assert bench.view().state == {"cart": "full"}

    def test_a_namespace_is_found_by_a_host_label_in_any_case(self, bench: Bench) -> None:
        bench.create("Shop")
        lower = bench.create("shop")
        assert bench.store.view_by_label("shop") is lower
        bench.run(bench.store.remove("shop"))
        for label in ("Shop", "shop", "SHOP"):
            found = bench.store.view_by_label(label)
            assert found is not None
            assert found.name == "Shop"
        bench.run(bench.store.remove("Shop"))
        assert bench.store.view_by_label("Shop") is None

    # claim

    def test_requests_are_numbered_from_one_in_order_of_claims(self, bench: Bench) -> None:
        bench.create(stubs=(stub_of("s"),))
        assert [bench.ask(target).exchange.number for target in ("/a", "/b", "/a")] == [1, 2, 3]

    def test_a_claim_records_the_request_as_it_came(self, bench: Bench) -> None:
        space = bench.create(stubs=(stub_of("s"),), clock=Clock(frozen_ns=7))
        request = make_request("POST", "/~a/a?x=1", [("X-A", "b")], b"body", client="1.2.3.4:5")
        below = request.below("/~a")
        arrival = Arrival(below, "path", "header: b")
        bench.store.claim("a", rank(space, below), arrival)
        (entry,) = bench.select().entries
        assert (entry.number, entry.at, entry.mock_at) == (1, NOW_NS, 7)
        assert (entry.method, entry.path, entry.body) == ("POST", "/a", b"body")
        assert (entry.head, entry.client, entry.target) == (request.head, "1.2.3.4:5", "/~a/a?x=1")
        assert (entry.selector, entry.conflict, entry.prefix) == ("path", "header: b", "/~a")
        assert (entry.stub, entry.hit, entry.step) == ("s", 1, 0)
        assert (entry.phase, entry.error) == (Phase.RECEIVED, None)
        assert entry.request().path == "/a"

    def test_a_request_that_no_stub_accepts_is_recorded_too(self, bench: Bench) -> None:
        bench.create()
        grant = bench.ask("/nothing")
        assert (grant.response, grant.refusal) == (None, "no-match")
        assert (grant.exchange.stub, grant.exchange.hit) == (None, 0)
        assert grant.exchange.error == "no-match"
        assert numbers(bench.select().entries) == [1]

    def test_the_first_alternative_that_its_counters_allow_is_taken(self, bench: Bench) -> None:
        passing = stub_of("passing", responses=[{"times": 1}])
        bench.create(stubs=(stub_of("last"), passing, stub_of("first", times=2)))
        assert bench.names(5) == ["first", "first", "passing", "last", "last"]
        assert {name: cell.hits for name, cell in bench.space.cells.items()} == {
            "first": 2,
            "passing": 1,
            "last": 2,
        }

    @pytest.mark.parametrize(
        ("after_last", "served"),
        [
            ("repeat", [201, 202, 202, 202, 202, 202, 202]),
            ("cycle", [201, 202, 202, 201, 202, 202, 201]),
            ("pass", [201, 202, 202, None, None, None, None]),
            ("fail", [201, 202, 202, None, None, None, None]),
        ],
    )
    def test_a_sequence_serves_each_step_its_times_and_then_what_after_last_says(
        self, bench: Bench, after_last: str, served: list[int | None]
    ) -> None:
        bench.create(stubs=(stub_of("s", responses=SEQUENCE, after_last=after_last),))
        assert bench.statuses(7) == served

    def test_what_follows_a_sequence_tells_whether_it_took_a_hit(self, bench: Bench) -> None:
        once = [{"status": 201}]
        bench.create(
            stubs=(
                stub_of("passes", "/p", responses=once, after_last="pass"),
                stub_of("fails", "/f", responses=once, after_last="fail"),
            )
        )
        bench.ask("/p"), bench.ask("/f")
        passed, failed = bench.ask("/p"), bench.ask("/f")
        assert (passed.refusal, passed.exchange.stub, passed.exchange.hit) == ("no-match", None, 0)
        assert (failed.refusal, failed.exchange.stub) == ("sequence-exhausted", "fails")
        assert (failed.exchange.hit, failed.exchange.step) == (2, 0)
        assert failed.exchange.error == "sequence-exhausted"

    def test_steps_and_hits_are_counted_from_one(self, bench: Bench) -> None:
        bench.create(stubs=(stub_of("s", responses=SEQUENCE),))
        granted = [bench.ask().exchange for _ in range(3)]
        assert [(each.step, each.hit) for each in granted] == [(1, 1), (2, 2), (2, 3)]

    def test_each_value_of_per_has_a_cursor_and_so_has_a_missing_one(self, bench: Bench) -> None:
        bench.create(stubs=(stub_of("s", responses=SEQUENCE, per="query.u"),))
        targets = ["/a?u=1", "/a?u=2", "/a", "/a?u=1", "/a", "/a?u=2"]
        granted = [bench.ask(target).exchange for target in targets]
        assert [each.step for each in granted] == [1, 1, 1, 2, 2, 2]
        assert [each.key for each in granted] == ["1", "2", None, "1", None, "2"]
        assert granted[-1].hit == 6

    def test_times_hold_over_all_values_of_per(self, bench: Bench) -> None:
        bench.create(stubs=(stub_of("s", responses=SEQUENCE, per="query.u", times=2),))
        targets = ["/a?u=1", "/a?u=2", "/a?u=3"]
        assert [bench.ask(target).exchange.stub for target in targets] == ["s", "s", None]

    def test_a_sequence_that_passes_does_so_for_each_value_of_per(self, bench: Bench) -> None:
        once = stub_of("s", responses=[{"times": 1}], per="query.u")
        bench.create(stubs=(once,))
        targets = ["/a?u=1", "/a?u=1", "/a?u=2"]
        assert [bench.ask(target).exchange.stub for target in targets] == ["s", None, "s"]

    def test_over_the_limit_of_keys_a_request_takes_nothing_and_is_recorded(
        self, bench: Bench
    ) -> None:
        bench.create(
            stubs=(stub_of("s", responses=SEQUENCE, per="query.u", set={"n": {"increment": 1}}),),
            settings=settings_of(limits={"sequence_keys": 2}),
        )
        bench.ask("/a?u=1"), bench.ask("/a?u=2")
        grant = bench.ask("/a?u=3")
        assert (grant.refusal, grant.response) == ("limit-reached", None)
        assert (grant.exchange.number, grant.exchange.error) == (3, "limit-reached")
        assert (grant.exchange.stub, bench.space.state["n"]) == (None, 2)
        assert bench.ask("/a?u=1").exchange.hit == 3

    def test_a_claim_writes_the_stubs_state_then_the_steps(self, bench: Bench) -> None:
        bench.create(
            stubs=(
                stub_of(
                    "s",
                    set={"by": "stub", "u": {"from": "query.u"}, "n": {"increment": 2}},
                    responses=[{"set": {"by": "step", "gone": {"remove": True}}}, {}],
                ),
            ),
            state={"gone": 1, "n": 1},
        )
        bench.ask("/a?u=7")
        assert bench.space.state == {"by": "step", "u": "7", "n": 3}
        bench.ask("/a")
        assert bench.space.state == {"by": "stub", "u": None, "n": 5}

    def test_state_decides_which_stub_answers_next(self, bench: Bench) -> None:
        bench.create(
            stubs=(
                stub_of("empty", when={"cart": {"absent": True}}, set={"cart": "full"}),
                stub_of("full", when={"cart": "full"}),
            )
        )
        assert bench.names(3) == ["empty", "full", "full"]

    def test_a_plan_made_before_a_change_of_definitions_takes_nothing(self, bench: Bench) -> None:
        space = bench.create(stubs=(stub_of("s", times=1),))
        request = make_request("GET", "/a")
        plan = rank(space, request)
        bench.define(stub_of("t"))
        before = picture(space)
        answer = bench.store.claim("a", plan, Arrival(request, "path"))
        assert answer == Outdated(space.version, space.state_version)
        assert picture(space) == before

    def test_a_plan_made_before_a_change_of_the_state_it_read_takes_nothing(
        self, bench: Bench
    ) -> None:
        space = bench.create(stubs=(stub_of("s", when={"n": 0}, set={"n": 1}),), state={"n": 0})
        request = make_request("GET", "/a")
        plan = rank(space, request)
        bench.ask()
        answer = bench.store.claim("a", plan, Arrival(request, "path"))
        assert answer == Outdated(space.version, space.state_version)

    def test_a_change_of_state_that_was_not_read_leaves_a_plan_valid(self, bench: Bench) -> None:
        space = bench.create(stubs=(stub_of("s", set={"n": {"increment": 1}}),))
        request = make_request("GET", "/a")
        plan = rank(space, request)
        bench.ask()
        assert isinstance(bench.store.claim("a", plan, Arrival(request, "path")), Grant)
        assert space.state == {"n": 2}

    def test_an_entry_that_limits_drop_leaves_the_newest(self, bench: Bench) -> None:
        bench.create(settings=settings_of(limits={"requests": 2}))
        for _ in range(4):
            bench.ask()
        page = bench.select()
        assert numbers(page.entries) == [3, 4]
        assert (page.total, page.evicted, page.complete) == (2, 2, False)

    def test_bytes_are_a_limit_as_well(self, bench: Bench) -> None:
        bench.create(settings=settings_of(limits={"bytes": 2_500}))
        for _ in range(3):
            bench.ask(method="POST", body=b"x" * 600)
        assert numbers(bench.select().entries) == [2, 3]

    def test_many_at_once_get_each_step_exactly_once(self, bench: Bench) -> None:
        steps = [{"status": 200 + n % 300, "text": str(n)} for n in range(40)]
        bench.create(stubs=(stub_of("s", responses=steps, after_last="pass"),))
        granted = at_once_from_many(bench, 60)
        served = [each.response.body for each in granted if each.response is not None]
        assert sorted(map(int, served)) == list(range(40))
        assert sorted(each.exchange.number for each in granted) == list(range(1, 61))

    def test_times_one_is_served_once_to_many_at_once(self, bench: Bench) -> None:
        bench.create(stubs=(stub_of("s", times=1),))
        granted = at_once_from_many(bench, 30)
        assert sum(each.response is not None for each in granted) == 1

    def test_state_that_many_write_at_once_loses_no_write(self, bench: Bench) -> None:
        stubs = [
            stub_of("low", when={"n": {"lt": 10}}, set={"n": {"increment": 1}}),
            stub_of("high", when={"n": {"ge": 10}}),
        ]
        bench.create(stubs=tuple(stubs), state={"n": 0})
        granted = at_once_from_many(bench, 30)
        served = [each.exchange.stub for each in granted]
        assert (served.count("low"), served.count("high")) == (10, 20)
        assert bench.space.state == {"n": 10}

    # refuse and progress

    @pytest.mark.parametrize("phase", [Phase.REFUSED, Phase.INCOMPLETE])
    def test_a_request_that_could_not_be_read_takes_a_number_and_meets_no_stub(
        self, bench: Bench, phase: Phase
    ) -> None:
        bench.create(stubs=(stub_of("s", times=1),))
        entry = bench.store.refuse("a", Arrival(make_request(), "path"), phase, "too-large")
        assert (entry.number, entry.phase, entry.error) == (1, phase, "too-large")
        assert bench.ask().exchange.number == 2
        assert bench.select().total == 2
        assert bench.select(Query(uncounted=False)).total == 1
        assert bench.select(Query(phase=phase)).total == 1

    def test_progress_is_seen_on_the_entry(self, bench: Bench) -> None:
        bench.create(stubs=(stub_of("s"),))
        entry = bench.ask().exchange
        bench.clockwork.now_ns += 5
        bench.store.progress(entry, Phase.ANSWERED, 120)
        (seen,) = bench.select().entries
        assert (seen.phase, seen.sent, seen.took_ns) == (Phase.ANSWERED, 120, 5)

    # apply

    @pytest.mark.parametrize("bad", BAD)
    @pytest.mark.parametrize("good", GOOD)
    def test_a_batch_with_one_bad_change_changes_nothing(
        self, bench: Bench, good: str, bad: str
    ) -> None:
        space = bench.create(
            stubs=(
                stub_of("own", times=2),
                stub_of("per", "/p", responses=SEQUENCE, per="query.u"),
            ),
            state={"cart": 1},
            settings=settings_of(limits={"stubs": 5}),
        )
        bench.ask(), bench.ask("/p?u=1"), bench.ask("/base")
        change, error = BAD[bad]
        before = picture(space)
        with pytest.raises(error):
            bench.apply(GOOD[good], change)
        assert picture(space) == before

    @pytest.mark.parametrize("good", GOOD)
    def test_a_batch_counts_as_one_version(self, bench: Bench, good: str) -> None:
        space = bench.create(stubs=(stub_of("own", times=2),))
        bench.ask()
        assert bench.apply(GOOD[good], MergeState({"z": 1}), if_version=1) is space
        assert space.version == 2

    def test_traffic_does_not_count_as_a_version(self, bench: Bench) -> None:
        space = bench.create(stubs=(stub_of("s", set={"n": 1}),))
        bench.ask()
        assert space.version == 1

    def test_a_batch_for_another_version_changes_nothing(self, bench: Bench) -> None:
        space = bench.create()
        before = picture(space)
        with pytest.raises(Stale, match="version 2, the namespace is at 1"):
            bench.apply(ReplaceState({"n": 1}), if_version=2)
        assert picture(space) == before

    def test_changes_to_no_namespace_are_refused(self, bench: Bench) -> None:
        with pytest.raises(UnknownNamespace, match="No namespace is named 'a'"):
            bench.apply(Reset())
        bench.create()
        bench.run(bench.store.finish("a", None))
        with pytest.raises(FinishedNamespace, match=r"'a' \(id .*\) is finished"):
            bench.apply(Reset())

    @pytest.mark.parametrize(
        ("change", "message"),
        [
            (SetCursor("plain", 1), "has one response and no cursor"),
            (SetCursor("per", 1), "has a cursor for each query.u; give 'key'"),
            (SetCursor("one", 1, "k"), "has one cursor"),
            (SetCursor("one", None, step=3), "'one' has 2 steps, and no 3"),
        ],
    )
    def test_a_cursor_that_a_stub_does_not_have_cannot_be_set(
        self, bench: Bench, change: Change, message: str
    ) -> None:
        bench.create(
            stubs=(
                stub_of("plain"),
                stub_of("one", responses=SEQUENCE),
                stub_of("per", responses=SEQUENCE, per="query.u"),
            )
        )
        with pytest.raises(Conflict, match=message):
            bench.apply(change)

    def test_a_cursor_is_checked_against_what_the_batch_leaves(self, bench: Bench) -> None:
        bench.create(stubs=(stub_of("plain"),))
        bench.define(stub_of("base", "/base"), stub_of("plain", responses=SEQUENCE))
        bench.apply(Reset(frozenset({"stubs"})), SetCursor("base", 2))
        assert bench.statuses(1, "/base") == [202]
        with pytest.raises(Conflict):
            bench.apply(Reset(), SetCursor("plain", 1))

    def test_cursors_that_a_call_adds_are_bounded_too(self, bench: Bench) -> None:
        space = bench.create(
            stubs=(stub_of("s", responses=SEQUENCE, per="query.u"),),
            settings=settings_of(limits={"sequence_keys": 2}),
        )
        bench.ask("/a?u=1")
        bench.apply(SetCursor("s", 0, "1"), SetCursor("s", 1, "2"))
        before = picture(space)
        with pytest.raises(LimitReached, match="the limit 'sequence_keys' is 2"):
            bench.apply(SetCursor("s", 1, "1"), SetCursor("s", 1, "3"))
        assert picture(space) == before
        bench.apply(SetCursor("s", None))
        assert space.key_count == 0

    def test_of_many_writers_with_one_version_exactly_one_succeeds(self, bench: Bench) -> None:
        space = bench.create()

        async def write(n: int) -> bool:
            await asyncio.sleep(0)
            try:
                await bench.store.apply("a", (ReplaceState({"by": n}),), 1)
            except Stale:
                return False
            return True

        won = run_all(bench, [write(n) for n in range(20)])
        assert won.count(True) == 1
        assert space.state == {"by": won.index(True)}

    def test_no_request_sees_half_a_batch_while_many_are_applied(self, bench: Bench) -> None:
        bench.create(stubs=pair(0))

        async def swap(n: int) -> None:
            await asyncio.sleep(0)
            await bench.store.apply("a", (ReplaceOwnStubs(pair(n)),))

        async def read() -> set[str]:
            await asyncio.sleep(0)
            return {*texts(bench, "/left"), *texts(bench, "/right")}

        seen = run_all(bench, [each for n in range(1, 30) for each in (swap(n), read())])
        assert all(len(each) == 1 for each in seen if each is not None)

    # life

    def test_a_namespace_starts_as_its_definition_says(self, bench: Bench) -> None:
        space = bench.create(
            sets=("down",), stubs=(stub_of("own"),), state={"n": 1}, labels={"test": "t"}, seed=5
        )
        assert (space.name, space.version, space.seed) == ("a", 1, 5)
        assert (space.state, space.spec.labels) == ({"n": 1}, {"test": "t"})
        assert [name for name, _ in space.all_layers] == ["base", "set:down", "own"]
        assert space.created_at == NOW_NS

    def test_a_taken_name_is_refused(self, bench: Bench) -> None:
        bench.create()
        with pytest.raises(DuplicateNamespace, match="'a' exists already"):
            bench.create()

    def test_over_the_limit_of_namespaces_none_is_created(self, bench: Bench) -> None:
        for name in "abc":
            bench.create(name)
        with pytest.raises(LimitReached, match=r"'server\.limits\.namespaces' is 3"):
            bench.create("d")
        assert [space.name for space in bench.store.spaces()] == ["a", "b", "c"]

    @pytest.mark.parametrize(
        ("spec", "error"),
        [
            ({"sets": ("dwn",)}, "no set named 'dwn'. Did you mean 'down'"),
            ({"sets": ("nothing",)}, "GET /__mock/v1/sets lists"),
            (
                {
                    "stubs": (stub_of("x"), stub_of("y")),
                    "settings": settings_of(limits={"stubs": 1}),
                },
                "would have 2 stubs of its own",
            ),
        ],
    )
    def test_a_bad_definition_creates_and_replaces_nothing(
        self, bench: Bench, spec: dict[str, Any], error: str
    ) -> None:
        with pytest.raises(ControlError, match=error):
            bench.create(**spec)
        old = bench.create()
        with pytest.raises(ControlError, match=error):
            bench.run(bench.store.replace(NamespaceSpec("a", **spec)))
        assert bench.store.view("a") is old

    def test_of_many_that_create_one_name_exactly_one_succeeds(self, bench: Bench) -> None:
        async def create() -> str | None:
            await asyncio.sleep(0)
            try:
                return (await bench.store.create(NamespaceSpec("a"))).id
            except DuplicateNamespace:
                return None

        made = [each for each in run_all(bench, [create() for _ in range(20)]) if each]
        assert made == [bench.space.id]

    def test_replacing_a_version_of_what_is_not_there_is_refused(self, bench: Bench) -> None:
        with pytest.raises(Stale):
            bench.run(bench.store.replace(NamespaceSpec("a"), if_version=1))
        assert bench.store.view("a") is None

    def test_replacing_makes_another_namespace_of_the_same_name(self, bench: Bench) -> None:
        old = bench.run(bench.store.replace(NamespaceSpec("a", state={"n": 1})))
        bench.ask()
        new = bench.run(bench.store.replace(NamespaceSpec("a"), if_version=1))
        assert new.id != old.id
        assert (new.state, new.journal.last) == ({}, 0)
        with pytest.raises(Stale):
            bench.run(bench.store.replace(NamespaceSpec("a"), if_version=9))

    def test_a_removed_namespace_is_gone_with_all_it_held(self, bench: Bench) -> None:
        bench.create()
        with pytest.raises(Stale):
            bench.run(bench.store.remove("a", 9))
        bench.run(bench.store.remove("a", 1))
        assert bench.store.view("a") is None
        with pytest.raises(UnknownNamespace):
            bench.run(bench.store.remove("a"))
        with pytest.raises(UnknownNamespace):
            bench.run(bench.store.finish("a", None))

    def test_removing_the_default_namespace_resets_it(self, bench: Bench) -> None:
        space = bench.create("default")
        bench.apply(MergeState({"n": 1}), ns="default")
        bench.run(bench.store.remove("default"))
        assert bench.store.view("default") is space
        assert space.state == {}

    def test_finishing_tells_what_came_and_what_is_still_on_its_way(self, bench: Bench) -> None:
        space = bench.create(stubs=(stub_of("s"),), labels={"test": "t"})
        done, flying = bench.ask().exchange, bench.ask().exchange
        bench.store.progress(done, Phase.ANSWERED, 10)
        ended = bench.run(bench.store.finish("a", "passed"))
        assert (ended.name, ended.id, ended.reason) == ("a", space.id, "finished")
        assert (ended.status, ended.numbers, ended.in_flight) == ("passed", 2, (flying,))
        assert (ended.at, ended.labels) == (NOW_NS, {"test": "t"})
        assert bench.store.view("a") is None

    def test_a_second_finish_tells_the_same_with_what_came_late(self, bench: Bench) -> None:
        bench.create()
        first = bench.run(bench.store.finish("a", "passed"))
        bench.store.orphan(Arrival(make_request("GET", "/late"), "path"), "a", "finished-namespace")
        again = bench.run(bench.store.finish("a", "failed"))
        assert again is first
        assert (again.status, [late.target for late in again.late]) == ("passed", ["/late"])

    def test_finishing_another_version_or_the_default_is_refused(self, bench: Bench) -> None:
        bench.create()
        with pytest.raises(Stale):
            bench.run(bench.store.finish("a", None, 5))
        bench.create("default")
        with pytest.raises(Conflict, match="'default' cannot be finished"):
            bench.run(bench.store.finish("default", None))

    def test_many_that_finish_at_once_are_told_the_same(self, bench: Bench) -> None:
        bench.create()

        async def finish(n: int) -> str | None:
            await asyncio.sleep(0)
            ended = await bench.store.finish("a", str(n))
            return ended.status

        assert len(set(run_all(bench, [finish(n) for n in range(10)]))) == 1

    def test_a_finished_name_is_free_again(self, bench: Bench) -> None:
        old = bench.create()
        bench.run(bench.store.finish("a", None))
        assert bench.create().id != old.id

    def test_the_newest_finished_namespaces_are_kept(self, bench: Bench) -> None:
        for name in "abc":
            bench.create(name)
            bench.run(bench.store.finish(name, None))
        last = bench.store.lives.last_named
        assert [last(name) is not None for name in "abc"] == [False, True, True]

    def test_a_name_that_lived_again_is_told_by_its_last_life(self, bench: Bench) -> None:
        for name in ("a", "a", "b"):
            bench.create(name)
            ended = bench.run(bench.store.finish(name, None))
        assert bench.store.lives.last_named("a") is not None
        assert bench.store.lives.last_named("b") is ended

    def test_a_finished_one_is_read_by_its_id_as_it_was(self, bench: Bench) -> None:
        space = bench.create(state={"n": 1})
        bench.ask()
        before = picture(space)
        bench.run(bench.store.finish("a", None))
        bench.clockwork.now_ns += SECOND_NS
        left = bench.store.readable(space.id)
        assert {**picture(left), "seq": before["seq"]} == before
        assert left.now_ns() == NOW_NS
        assert left.plans == {}
        page = bench.run(bench.store.select(space.id, Query()))
        assert numbers(page.entries) == [1]

    @pytest.mark.parametrize("key", ["name", "id"])
    def test_nothing_is_written_to_a_finished_one(self, bench: Bench, key: str) -> None:
        space = bench.create()
        bench.run(bench.store.finish("a", None))
        ns = "a" if key == "name" else space.id
        with pytest.raises(
            FinishedNamespace, match=f"'a' \\(id {space.id}\\).*namespaces/{space.id}"
        ):
            bench.apply(MergeState({}), ns=ns)

    def test_a_live_name_goes_before_an_id(self, bench: Bench) -> None:
        old = bench.create()
        bench.run(bench.store.finish("a", None))
        live = bench.create(old.id)
        assert bench.store.readable(old.id) is live
        assert bench.store.known(old.id) is live

    def test_it_may_be_finished_again_by_id_though_its_name_lives_anew(self, bench: Bench) -> None:
        old = bench.create()
        ended = bench.run(bench.store.finish("a", "passed"))
        bench.create()
        assert bench.run(bench.store.finish(old.id, "failed")) is ended

    def test_one_that_was_deleted_or_forgotten_is_not_there_by_its_id(self, bench: Bench) -> None:
        gone = bench.create("gone").id
        bench.run(bench.store.remove("gone"))
        old = bench.create().id
        for name in ("a", "b", "c"):
            bench.store.view(name) or bench.create(name)
            bench.run(bench.store.finish(name, None))
        for identity in (gone, old):
            with pytest.raises(UnknownNamespace):
                bench.store.readable(identity)

    def test_orphans_are_kept_with_the_last_owner_of_their_name(self, bench: Bench) -> None:
        bench.create()
        bench.run(bench.store.remove("a"))
        for n in range(3):
            arrival = Arrival(make_request("GET", f"/{n}"), "header")
            bench.store.orphan(arrival, "a", "unknown-namespace")
        lives = bench.store.lives
        assert [each.target for each in lives.orphans] == ["/1", "/2"]
        assert lives.orphan_total == 3
        owner = lives.orphans[0].owner
        assert owner is not None
        assert (owner.reason, list(owner.late)) == ("deleted", [])
        lives.clear_orphans()
        assert (list(lives.orphans), lives.orphan_total) == ([], 0)

    # leases

    def test_a_namespace_finishes_as_expired_when_its_lease_runs_out(self, bench: Bench) -> None:
        bench.create(lease_s=10.0)
        bench.create("b")
        bench.clockwork.now_s += 9.9
        assert bench.run(bench.store.expire()) == []
        bench.clockwork.now_s += 0.1
        assert bench.run(bench.store.expire()) == ["a"]
        assert bench.store.view("a") is None
        ended = bench.store.lives.last_named("a")
        assert ended is not None
        assert ended.reason == "expired"
        assert [space.name for space in bench.store.spaces()] == ["b"]

    @pytest.mark.parametrize(
        "call",
        [
            lambda bench: bench.ask(),
            lambda bench: bench.apply(MergeState({})),
            lambda bench: bench.store.renew("a"),
            lambda bench: bench.store.renew("a", 10.0),
        ],
    )
    def test_traffic_and_control_calls_renew_a_lease(
        self, bench: Bench, call: Callable[[Bench], object]
    ) -> None:
        bench.create(lease_s=10.0)
        bench.clockwork.now_s += 9
        call(bench)
        bench.clockwork.now_s += 9
        assert bench.run(bench.store.expire()) == []

    def test_a_lease_can_be_given_anew_and_with_another_length(self, bench: Bench) -> None:
        space = bench.create()
        assert bench.store.renew("a", 5.0) is space
        bench.clockwork.now_s += 5
        assert bench.run(bench.store.expire()) == ["a"]

    # fork, snapshots

    def test_a_fork_starts_as_its_source_is_now_and_resets_to_that(self, bench: Bench) -> None:
        bench.create(stubs=(stub_of("own", responses=SEQUENCE),), sets=("down",))
        bench.ask()
        bench.apply(MergeState({"n": 1}), SetClock(frozen=True, now_ns=5), merged(delay=3))
        fork = bench.run(bench.store.fork("a", NamespaceSpec("f", labels={"test": "f"})))
        assert (fork.version, fork.journal.last, fork.spec.labels) == (1, 0, {"test": "f"})
        assert (fork.state["n"], fork.clock, fork.settings.delay) == (1, Clock(frozen_ns=5), 3)
        assert bench.ask(ns="f").exchange.step == 2
        bench.ask(ns="f")
        bench.apply(RemoveStubs(), ReplaceState({}), ns="f")
        bench.apply(Reset(), ns="f")
        assert (fork.state["n"], bench.ask(ns="f").exchange.step) == (1, 2)

    def test_a_fork_and_its_source_do_not_see_each_other(self, bench: Bench) -> None:
        bench.create(stubs=(stub_of("own", responses=SEQUENCE),))
        fork = bench.run(bench.store.fork("a", NamespaceSpec("f")))
        bench.ask(ns="f")
        bench.apply(MergeState({"n": 1}), RemoveStubs(("base",)), ns="f")
        assert (bench.space.state, bench.space.hidden) == ({}, frozenset())
        assert (bench.ask().exchange.step, fork.cells["own"].hits) == (1, 1)

    def test_a_fork_of_nothing_or_with_a_taken_name_is_refused(self, bench: Bench) -> None:
        with pytest.raises(UnknownNamespace):
            bench.run(bench.store.fork("x", NamespaceSpec("f")))
        bench.create()
        with pytest.raises(DuplicateNamespace):
            bench.run(bench.store.fork("a", NamespaceSpec("a")))

    def test_restoring_a_snapshot_brings_back_all_but_journal_and_numbers(
        self, bench: Bench
    ) -> None:
        space = bench.create(stubs=(stub_of("below"), stub_of("own", times=2)))
        bench.apply(RemoveStubs(("shared",)), MergeState({"n": 1}), SetClock(True, 5))
        bench.ask()
        kept = bench.store.take_snapshot("a", "before")
        assert (kept.id, kept.at, kept.version) == ("before", NOW_NS, 2)
        bench.names(2)
        bench.apply(
            UseSets(("down",), merged(delay=1)), ReplaceOwnStubs(()), ReplaceState({}), SetClock()
        )
        bench.run(bench.store.restore("a", "before", space.version))
        assert (space.state, space.clock, space.settings.delay) == ({"n": 1}, Clock(0, 5), 0)
        assert [name for name, _ in space.all_layers] == ["base", "own"]
        assert bench.names(3) == ["own", "below", "below"]
        assert space.hidden == {"shared"}
        assert (space.journal.last, space.version) == (6, 4)

    def test_a_snapshot_of_a_spent_stub_brings_it_back_spent(self, bench: Bench) -> None:
        bench.create(stubs=(stub_of("below"), stub_of("own", times=1)))
        bench.ask()
        bench.store.take_snapshot("a", "spent")
        bench.apply(Reset(frozenset({"sequences"})))
        assert bench.names(1) == ["own"]
        bench.run(bench.store.restore("a", "spent"))
        assert bench.names(1) == ["below"]

    def test_snapshots_are_named_bounded_and_can_be_dropped(self, bench: Bench) -> None:
        bench.create(settings=settings_of(limits={"snapshots": 2}))
        drawn = bench.store.take_snapshot("a", None)
        bench.store.take_snapshot("a", "mine")
        with pytest.raises(Conflict, match="has a snapshot 'mine' already"):
            bench.store.take_snapshot("a", "mine")
        with pytest.raises(LimitReached, match="the limit 'snapshots' is 2"):
            bench.store.take_snapshot("a", None)
        with pytest.raises(UnknownItem, match=f"It has '{drawn.id}' or 'mine'"):
            bench.store.drop_snapshot("a", "x")
        bench.store.drop_snapshot("a", drawn.id)
        bench.store.drop_snapshot("a", "mine")
        with pytest.raises(UnknownItem, match="It has none"):
            bench.run(bench.store.restore("a", "mine"))

    def test_a_drawn_snapshot_name_is_one_that_is_free(self, bench: Bench) -> None:
        bench.create()
        first = bench.store.take_snapshot("a", None)
        bench.store.take_snapshot("a", None)
        bench.store.drop_snapshot("a", first.id)
        assert len({bench.store.take_snapshot("a", None).id for _ in range(3)}) == 3

    def test_restoring_another_version_changes_nothing(self, bench: Bench) -> None:
        space = bench.create()
        bench.store.take_snapshot("a", "s")
        bench.apply(MergeState({"n": 1}))
        before = picture(space)
        with pytest.raises(Stale):
            bench.run(bench.store.restore("a", "s", 1))
        assert picture(space) == before

    # scopes

    def test_a_closed_scope_leaves_all_but_the_journal_as_it_found_it(self, bench: Bench) -> None:
        space = bench.create(stubs=(stub_of("below"), stub_of("own", times=2)))
        bench.apply(RemoveStubs(("shared",)), MergeState({"n": 1}), SetClock(True, 5))
        bench.ask()
        before = picture(space)
        scope = bench.store.open_scope("a", "test one")
        bench.names(2)
        bench.apply(
            UseSets(("down",), merged(delay=1)), ReplaceOwnStubs(()), ReplaceState({}), SetClock()
        )
        bench.ask("/nothing")
        judged, closed = bench.run(bench.store.close_scope("a", scope.id))
        assert [each.name for each in closed] == ["test one"]
        assert [(each.kind, each.count) for each in judged.verdict().problems] == [("unmatched", 1)]
        changing = ("version", "state_version", "seq", "numbers")
        assert unchanged(picture(space), *changing) == unchanged(before, *changing)
        assert bench.names(3) == ["own", "below", "below"]
        assert (space.journal.last, space.scopes) == (7, [])

    def test_closing_a_scope_closes_those_above_it(self, bench: Bench) -> None:
        space = bench.create()
        outer, inner, top = (bench.store.open_scope("a") for _ in range(3))
        bench.apply(MergeState({"n": 1}))
        _, closed = bench.run(bench.store.close_scope("a", inner.id))
        assert closed == (inner, top)
        assert (space.state, space.scopes) == ({}, [outer])
        with pytest.raises(UnknownItem, match=f"no open scope '{top.id}'.*Open are '{outer.id}'"):
            bench.run(bench.store.close_scope("a", top.id))

    def test_a_scope_counts_what_came_since_it_was_opened(self, bench: Bench) -> None:
        bench.create()
        bench.ask("/nothing")
        outer = bench.store.open_scope("a")
        bench.ask("/nothing")
        inner = bench.store.open_scope("a")
        bench.ask("/nothing")
        for scope, count in ((inner, 1), (outer, 2)):
            judged, _ = bench.run(bench.store.close_scope("a", scope.id))
            assert [each.count for each in judged.verdict().problems] == [count]

    def test_a_reset_in_a_scope_returns_to_the_scopes_beginning(self, bench: Bench) -> None:
        space = bench.create(state={"n": 0})
        bench.define(stub_of("module"))
        bench.ask("/nothing")
        outer = bench.store.open_scope("a")
        bench.ask("/nothing")
        inner = bench.store.open_scope("a")
        bench.apply(MergeState({"n": 2}), ReplaceOwnStubs((stub_of("test"),)))
        bench.ask("/nothing")
        bench.apply(Reset())
        assert (bench.names(1), space.state, len(space.scopes)) == (["module"], {"n": 0}, 2)
        assert space.journal.kept == 1
        judged, _ = bench.run(bench.store.close_scope("a", inner.id))
        assert judged.verdict().passed
        judged, _ = bench.run(bench.store.close_scope("a", outer.id))
        assert [each.count for each in judged.verdict().problems] == [1]
        bench.apply(Reset())
        assert bench.names(1) == [None]

    def test_deleting_every_request_makes_every_verdict_forget_them(self, bench: Bench) -> None:
        bench.create()
        bench.ask("/nothing")
        scope = bench.store.open_scope("a")
        bench.ask("/nothing")
        bench.store.clear_requests("a")
        judged, _ = bench.run(bench.store.close_scope("a", scope.id))
        assert judged.verdict().passed

    def test_scopes_count_as_snapshots(self, bench: Bench) -> None:
        bench.create(settings=settings_of(limits={"snapshots": 2}))
        bench.store.take_snapshot("a", None)
        bench.store.open_scope("a")
        with pytest.raises(LimitReached, match="the limit 'snapshots' is 2"):
            bench.store.open_scope("a")
        with pytest.raises(LimitReached):
            bench.store.take_snapshot("a", None)

    def test_a_deleted_default_has_no_scope_left(self, bench: Bench) -> None:
        space = bench.create("default")
        bench.apply(MergeState({"n": 1}), ns="default")
        bench.store.open_scope("default")
        bench.run(bench.store.remove("default"))
        assert (space.scopes, space.state) == ([], {})

    def test_closing_a_scope_of_another_version_changes_nothing(self, bench: Bench) -> None:
        space = bench.create()
        scope = bench.store.open_scope("a")
        bench.apply(MergeState({"n": 1}))
        before = picture(space)
        with pytest.raises(Stale):
            bench.run(bench.store.close_scope("a", scope.id, 1))
        assert picture(space) == before

    def test_of_many_that_close_a_scope_at_once_one_does(self, bench: Bench) -> None:
        bench.create()
        scope = bench.store.open_scope("a")

        async def close() -> bool:
            await asyncio.sleep(0)
            try:
                await bench.store.close_scope("a", scope.id)
            except UnknownItem:
                return False
            return True

        assert sum(run_all(bench, [close() for _ in range(10)])) == 1

    # select

    def test_pages_go_on_where_the_last_one_ended(self, bench: Bench) -> None:
        recorded(bench)
        first = bench.select(limit=3)
        assert (numbers(first.entries), first.next, first.total) == ([1, 2, 3], 3, 7)
        rest = bench.select(after=first.next, limit=10)
        assert (numbers(rest.entries), rest.next, rest.total) == ([4, 5, 6, 7], None, 4)
        assert bench.select(after=99).entries == []

    def test_pages_go_backwards_from_the_newest(self, bench: Bench) -> None:
        recorded(bench)
        first = bench.select(descending=True, limit=3)
        assert (numbers(first.entries), first.next, first.total) == ([7, 6, 5], 5, 7)
        rest = bench.select(descending=True, after=first.next, limit=10)
        assert (numbers(rest.entries), rest.next) == ([4, 3, 2, 1], None)

    @pytest.mark.parametrize(
        ("query", "expected"),
        [
            (Query(), [1, 2, 3, 4, 5, 6, 7]),
            (Query(stub="s"), [1, 3, 5]),
            (Query(method="POST"), [5, 6]),
            (Query(path="/b"), [2, 6]),
            (Query(path="/nowhere"), []),
            (Query(stub="s", method="POST"), [5]),
            (Query(stub="s", method="GET", path="/a"), [1, 3]),
            (Query(method="GET", path="/b"), [2]),
            (Query(path="/a", method="PUT"), []),
            (Query(matched=True), [1, 3, 5]),
            (Query(matched=False), [2, 4, 6, 7]),
            (Query(phase="refused"), [7]),
            (Query(uncounted=False), [1, 2, 3, 4, 5, 6]),
            (Query(correlation="r-4"), [4]),
            (Query(correlation="a"), []),
            (Query(correlation="r-4", matched=True), []),
            (Query(correlation="r-4", path="/nothing"), []),
            (Query(fits=lambda entry: entry.number % 2 == 0), [2, 4, 6]),
        ],
    )
    def test_a_query_selects_what_all_its_fields_fit(
        self, bench: Bench, query: Query, expected: list[int]
    ) -> None:
        recorded(bench)
        assert numbers(bench.select(query).entries) == expected
        assert bench.select(query, limit=0).total == len(expected)
        backwards = bench.select(query, descending=True, after=6).entries
        assert numbers(backwards) == [n for n in reversed(expected) if n < 6]
        assert numbers(bench.select(query, after=2).entries) == [n for n in expected if n > 2]

    def test_deleted_entries_are_gone_and_are_no_evictions(self, bench: Bench) -> None:
        recorded(bench)
        assert bench.space.journal.delete(3)
        page = bench.select()
        assert numbers(page.entries) == [1, 2, 4, 5, 6, 7]
        assert (page.total, page.evicted, page.complete) == (6, 0, True)
        assert numbers(bench.select(Query(stub="s")).entries) == [1, 5]
        bench.store.clear_requests("a")
        assert bench.select().total == 0
        assert bench.ask().exchange.number == 8

    def test_evicted_entries_count_only_where_they_could_fit(self, bench: Bench) -> None:
        bench.create(settings=settings_of(limits={"requests": 3}))
        for _ in range(5):
            bench.ask()
        complete = [bench.select(after=after).complete for after in range(4)]
        assert complete == [False, False, True, True]
        assert not bench.select(after=5, descending=True).complete

    # follow

    def test_followers_are_told_what_happens_in_order(self, bench: Bench) -> None:
        told: list[Event] = []
        bench.create(stubs=(stub_of("s", responses=[{"set": {"n": 1}}], after_last="fail"),))
        end = bench.store.follow(told.append, "a")
        bench.ask(), bench.ask(), bench.ask("/b")
        bench.define(stub_of("t"))
        bench.apply(MergeState({}))
        end()
        bench.ask()
        assert [(event.kind.value, event.number) for event in told] == [
            ("request.received", 1),
            ("state.changed", 1),
            ("sequence.exhausted", 1),
            ("request.received", 2),
            ("request.unmatched", 3),
            ("stubs.changed", None),
            ("state.changed", None),
        ]
        first = told[0].seq
        assert [event.seq for event in told] == list(range(first, first + len(told)))
        assert {event.namespace for event in told} == {bench.space.id}

    def test_whoever_follows_the_server_is_told_of_every_life(self, bench: Bench) -> None:
        told: list[str] = []
        bench.store.follow(lambda event: told.append(event.kind.value))
        bench.create(lease_s=1.0)
        bench.apply(Reset())
        bench.apply(Reset(frozenset({"state"})))
        bench.create("b")
        bench.run(bench.store.remove("b"))
        bench.create("b")
        bench.run(bench.store.replace(NamespaceSpec("b")))
        bench.run(bench.store.finish("b", None))
        bench.clockwork.now_s += 2
        bench.run(bench.store.expire())
        assert told == [
            "namespace.created",
            "namespace.reset",
            "namespace.created",
            "namespace.deleted",
            "namespace.created",
            "namespace.deleted",
            "namespace.created",
            "namespace.finished",
            "namespace.expired",
        ]

    def test_a_number_of_an_event_is_that_of_the_entry(self, bench: Bench) -> None:
        told: list[Event] = []
        bench.create()
        bench.store.follow(told.append, "a")
        entry = bench.ask().exchange
        assert [(event.seq, event.number) for event in told] == [(entry.seq, entry.number)]

    def test_an_event_of_a_request_is_told_once_it_is_recorded_and_in_force(
        self, bench: Bench
    ) -> None:
        """P1 and P5: whoever hears of a request finds it, with all that it changed."""
        space = bench.create(
            stubs=(
                stub_of("s", responses=[{"set": {"n": 1}}], set={"m": 2}, after_last="fail"),
                stub_of("t", request={"path": "/t"}),
            )
        )
        met: list[tuple[str, bool]] = []

        def hear(event: Event) -> None:
            entry = space.journal.get(event.number or 0)
            was_changed = "state" not in event.kind or space.state == {"m": 2, "n": 1}
            met.append((event.kind.value, entry is not None and was_changed))

        bench.store.follow(hear, "a")
        entries = [bench.ask().exchange, bench.ask("/t").exchange, bench.ask("/none").exchange]
        arrival = Arrival(make_request("GET", "/"), "header")
        entries.append(bench.store.refuse("a", arrival, Phase.REFUSED, "bad-request"))
        bench.store.progress(entries[0], Phase.ANSWERED, 9)
        bench.store.progress(entries[1], Phase.ABORTED, 0)
        bench.store.progress(entries[2], Phase.FAILED, 0)
        assert met == [
            ("request.received", True), ("state.changed", True), ("sequence.exhausted", True),
            ("request.received", True), ("request.unmatched", True), ("request.unmatched", True),
            ("request.answered", True), ("request.aborted", True), ("request.aborted", True),
        ]  # fmt: skip

    def test_answers_are_told_once_and_phases_on_the_way_are_not(self, bench: Bench) -> None:
        told: list[Event] = []
        space = bench.create(stubs=(stub_of("s"),))
        entry = bench.ask().exchange
        before = space.events.seq
        bench.store.follow(told.append, "a")
        for phase in (Phase.DELAYED, Phase.SENDING, Phase.SENDING, Phase.ANSWERED):
            bench.store.progress(entry, phase, 1)
        assert [(event.kind.value, event.seq) for event in told] == [
            ("request.answered", before + 1)
        ]
        assert told[0].at == entry.at + entry.took_ns

    def test_events_are_kept_whether_somebody_follows_or_not(self, bench: Bench) -> None:
        """One that is followed keeps what another keeps that is not."""
        kept = []
        for name in ("a", "b"):
            space = bench.create(name, stubs=(stub_of("s", responses=[{"set": {"n": 1}}]),))
            if name == "a":
                bench.store.follow(lambda _: None, name)
            for entry in [bench.ask(ns=name).exchange, bench.ask("/x", ns=name).exchange]:
                bench.store.progress(entry, Phase.ANSWERED, 9)
            bench.apply(MergeState({"a": 1}), ns=name)
            records = [space.events.get(seq) for seq in range(1, space.events.last + 1)]
            kept.append([
                each if isinstance(each, int) else (each.kind, each.number, each.facts) for each in records
            ])  # fmt: skip
        assert kept[0] == kept[1]
        assert len(kept[0]) == 7

    def test_the_end_of_a_namespace_is_its_last_event(self, bench: Bench) -> None:
        space = bench.create(stubs=(stub_of("s"),))
        entry = bench.ask().exchange
        bench.run(bench.store.finish("a", "passed"))
        last = space.events.last
        bench.store.progress(entry, Phase.ABORTED, 0)
        space.publish(EventKind.STUBS_CHANGED)
        record = space.events.get(last)
        assert isinstance(record, Event)
        assert (record.kind, space.events.last) == (EventKind.NAMESPACE_FINISHED, last)
        assert record.facts == {"requests": 1, "passed": True, "status": "passed"}
        assert space.events.ended == "finished"

    # clock

    @pytest.mark.parametrize(
        ("changes", "clock"),
        [
            ([SetClock(frozen=True)], Clock(frozen_ns=NOW_NS)),
            ([SetClock(frozen=True, now_ns=5)], Clock(frozen_ns=5)),
            ([SetClock(now_ns=5)], Clock(offset_ns=5 - NOW_NS)),
            ([SetClock(advance_ns=SECOND_NS)], Clock(offset_ns=SECOND_NS)),
            ([SetClock(True, 5), SetClock(advance_ns=2)], Clock(frozen_ns=7)),
            ([SetClock(True, 5), SetClock(now_ns=9)], Clock(frozen_ns=9)),
            ([SetClock(True, 5), SetClock(frozen=False)], Clock()),
            ([SetClock(True, 5), SetClock(frozen=False, now_ns=9)], Clock(offset_ns=9 - NOW_NS)),
            ([SetClock(advance_ns=3), SetClock(advance_ns=-1)], Clock(offset_ns=2)),
            ([SetClock(advance_ns=3), SetClock(frozen=True)], Clock(frozen_ns=NOW_NS + 3)),
        ],
    )
    def test_a_clock_is_frozen_set_and_moved(
        self, bench: Bench, changes: list[Change], clock: Clock
    ) -> None:
        space = bench.create()
        for change in changes:
            bench.apply(change)
        assert space.clock == clock
        assert space.now_ns() == clock.now_ns(NOW_NS)


def pair(n: int) -> tuple[Any, Any]:
    text = {"text": str(n)}
    return (stub_of("left", "/left", response=text), stub_of("right", "/right", response=text))


def recorded(bench: Bench) -> None:
    """Record seven requests, the last refused."""
    bench.create(stubs=(stub_of("s"),))
    for method, target, headers in [
        ("GET", "/a", []),
        ("GET", "/b", [("X-Other", "x-request-id a")]),
        ("GET", "/a", []),
        ("GET", "/c", [("X-Request-Id", "r-4"), ("traceparent", "t")]),
        ("POST", "/a", []),
        ("POST", "/b", []),
    ]:
        bench.ask(target, method, headers=headers)
    refused = Arrival(make_request("PUT", "/d"), "path")
    bench.store.refuse("a", refused, Phase.REFUSED, "too-large")


def run_all(bench: Bench, coroutines: list[Any]) -> list[Any]:  # noqa: ARG001 - stores may differ
    """Run ``coroutines`` interleaved at every point where they wait."""

    async def gather() -> list[Any]:
        return await asyncio.gather(*coroutines)

    return asyncio.run(gather())


def at_once_from_many(bench: Bench, count: int) -> list[Grant]:
    """Send ``count`` requests that are all ranked before the first one claims."""

    async def one() -> Grant:
        request = make_request("GET", "/a")
        while True:
            plan = rank(bench.view(), request)
            await asyncio.sleep(0)
            granted = bench.store.claim("a", plan, Arrival(request, "path"))
            if isinstance(granted, Grant):
                return granted

    return run_all(bench, [one() for _ in range(count)])
