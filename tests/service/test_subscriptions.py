"""Readers of events: in order, no gap, no event twice, whatever happens between; and told what they missed."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any, Final

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule
from tests.service.readers import Reader, reader, run
from tests.service.timers import Scene, breathe

from pymockapi.model.event import Event, EventKind
from pymockapi.service import subscriptions
from pymockapi.service.feed import MAX_TEXTS, Feed
from pymockapi.service.feed_queries import Wanted
from pymockapi.service.subscriptions import FLOODED, MAX_PASSED, Subscription
from pymockapi.store.events import EventLog

KINDS: Final = (EventKind.STUBS_CHANGED, EventKind.STATE_CHANGED, EventKind.SEQUENCE_EXHAUSTED)
SIZE: Final = 8


class Events:
    """A log without a namespace; what an event tells is its number alone."""

    def __init__(self, size: int = SIZE) -> None:
        self.log = EventLog("n1", lambda: 0, size)
        self.sinks = self.log.sinks
        self.identity = "n1"
        self.name: str | None = "a"
        self.made = 0

    @property
    def first(self) -> int:
        return self.log.first

    @property
    def last(self) -> int:
        return self.log.last

    @property
    def ended(self) -> str | None:
        return self.log.ended

    def kind(self, seq: int) -> EventKind:
        record = self.log.get(seq)
        assert type(record) is Event
        return record.kind

    def document(self, seq: int) -> dict[str, Any]:
        self.made += 1
        return {"event": self.kind(seq).value, "seq": seq}


class Turns:
    """A loop that goes on when a test says so."""

    def __init__(self) -> None:
        self.ready: list[Callable[[], None]] = []

    def soon(self, told: Callable[[], None]) -> None:
        self.ready.append(told)

    def turn(self) -> None:
        ready, self.ready = self.ready, []
        for told in ready:
            told()


class Bench:
    """One feed, and subscriptions to it."""

    def __init__(self, size: int = SIZE) -> None:
        self.events = Events(size)
        self.turns = Turns()
        self.feed = Feed(self.events, self.turns.soon)
        self.left: list[int] = []

    def subscribe(self, at: int = 0, kinds: frozenset[EventKind] | None = None) -> Reader:
        opened = Subscription(self.feed, Wanted(at, kinds), lambda: 0, lambda: self.left.append(1))
        self.feed.enter(opened)
        found = Reader(opened, is_checked=False)
        assert [message["event"] for message in found.take(1)] == ["open"]
        self.turns.turn()
        return found

    def publish(self, count: int = 1, kind: EventKind = KINDS[0]) -> None:
        for _ in range(count):
            self.events.log.publish(kind)


class Expected:
    """A reader beside a plain list of what it must be told: every wanted event after ``at``."""

    def __init__(self, reads: Reader, at: int, kinds: frozenset[EventKind] | None) -> None:
        self.reads = reads
        self.at = at
        self.kinds = kinds
        self.took_all = True


class EveryInterleaving(RuleBasedStateMachine):
    """Publishing, taking in pieces, coming, going, resizing and ending, in any order."""

    def __init__(self) -> None:
        super().__init__()
        self.bench = Bench()
        self.history: list[EventKind] = []  # all there ever was
        self.readers: list[Expected] = []
        self.has_ended = False

    @precondition(lambda self: not self.has_ended)
    @rule(kinds=st.lists(st.sampled_from(KINDS), min_size=1, max_size=12))
    def publish(self, kinds: list[EventKind]) -> None:
        for kind in kinds:
            self.bench.publish(1, kind)
            self.history.append(kind)

    @precondition(lambda self: not self.has_ended)
    @rule(size=st.integers(1, 12))
    def resize(self, size: int) -> None:
        self.bench.events.log.resize(size)

    @precondition(lambda self: not self.has_ended)
    @rule()
    def end(self) -> None:
        self.bench.events.log.end(EventKind.NAMESPACE_FINISHED, "finished", {})
        self.history.append(EventKind.NAMESPACE_FINISHED)
        self.has_ended = True

    @precondition(lambda self: len(self.readers) < 4)
    @rule(data=st.data(), kinds=st.none() | st.frozensets(st.sampled_from(KINDS), min_size=1))
    def subscribe(self, data: st.DataObject, kinds: frozenset[EventKind] | None) -> None:
        at = data.draw(st.integers(0, len(self.history)))
        self.readers.append(Expected(self.bench.subscribe(at, kinds), at, kinds))

    @rule()
    def turn(self) -> None:
        self.bench.turns.turn()

    @precondition(lambda self: self.readers)
    @rule(data=st.data(), most=st.integers(0, 9))
    def take(self, data: st.DataObject, most: int) -> None:
        each = data.draw(st.sampled_from(self.readers))
        each.reads.wakes = 0
        texts = each.reads.subscription.take(most)
        assert len(texts) <= most
        for message in map(json.loads, texts):
            self.check(each, message)
        each.took_all = len(texts) < most
        if each.took_all:
            left = self.history[each.at :]
            assert not [kind for kind in left if each.kinds is None or kind in each.kinds]
            each.at = len(self.history)

    def check(self, each: Expected, message: dict[str, Any]) -> None:
        if message["event"] == "lagged":
            first = self.bench.events.first
            assert (message["from"], message["to"], message["seq"]) == (
                message["to"] - message["count"] + 1, first - 1, first - 1,
            )  # fmt: skip
            passed = self.history[each.at : message["from"] - 1]
            each.at = message["to"]
        else:
            passed = self.history[each.at : message["seq"] - 1]
            kind = self.history[message["seq"] - 1]
            assert message["event"] == kind
            assert each.kinds is None or kind in each.kinds
            each.at = message["seq"]
        assert each.kinds is not None or passed == []
        assert not [kind for kind in passed if each.kinds is None or kind in each.kinds]

    @precondition(lambda self: self.readers)
    @rule(data=st.data())
    def leave(self, data: st.DataObject) -> None:
        each = data.draw(st.sampled_from(self.readers))
        self.readers.remove(each)
        each.reads.subscription.close()
        each.reads.wakes = 0
        self.bench.publish(0 if self.has_ended else 1)
        self.history += [] if self.has_ended else [KINDS[0]]
        self.bench.turns.turn()
        assert (each.reads.wakes, each.reads.subscription.take(9)) == (0, [])

    @invariant()
    def a_reader_is_woken_at_most_once_until_it_takes(self) -> None:
        assert all(each.reads.wakes <= 1 for each in self.readers)

    @invariant()
    def whoever_has_something_to_take_is_woken_within_a_turn(self) -> None:
        if self.bench.turns.ready:
            return
        for each in self.readers:
            if each.at < len(self.history):
                assert each.reads.wakes == 1

    @invariant()
    def nothing_is_kept_but_the_newest(self) -> None:
        log = self.bench.events.log
        assert len(log.records) <= (log.records.maxlen or 0)

    def teardown(self) -> None:
        for each in self.readers:
            self.take_the_rest(each)
            assert each.reads.subscription.ended == ("finished" if self.has_ended else None)
            each.reads.subscription.close()
        assert self.bench.events.sinks == []

    def take_the_rest(self, each: Expected) -> None:
        for message in each.reads.take():
            self.check(each, message)
        left = self.history[each.at :]
        assert not [kind for kind in left if each.kinds is None or kind in each.kinds]


TestEveryInterleaving = EveryInterleaving.TestCase
TestEveryInterleaving.settings = settings(max_examples=150, stateful_step_count=40, deadline=None)


def test_the_first_message_says_where_the_reader_is() -> None:
    bench = Bench()
    bench.publish(3)
    opened = Subscription(bench.feed, Wanted(2, None), lambda: 0, lambda: None)
    assert json.loads(opened.take(1)[0]) == {
        "event": "open", "seq": 2, "namespace": "a", "id": "n1", "at": "1970-01-01T00:00:00.000000Z",
    }  # fmt: skip
    assert [json.loads(text)["seq"] for text in opened.take(9)] == [3]


def test_a_reader_that_lagged_is_told_exactly_which_it_missed() -> None:
    bench = Bench(size=4)
    reads = bench.subscribe()
    bench.publish(2)
    assert [message["seq"] for message in reads.take()] == [1, 2]
    bench.publish(10)
    lagged, *rest = reads.take()
    assert lagged == {
        "event": "lagged", "seq": 8, "namespace": "a", "id": "n1",
        "at": "1970-01-01T00:00:00.000000Z", "from": 3, "to": 8, "count": 6,
    }  # fmt: skip
    assert [message["seq"] for message in rest] == [9, 10, 11, 12]


def test_what_is_lost_while_a_reader_takes_is_told_when_it_goes_on() -> None:
    bench = Bench(size=4)
    reads = bench.subscribe()
    bench.publish(4)
    assert [message["seq"] for message in reads.take(2)] == [1, 2]
    bench.publish(3)
    lagged, *rest = reads.take()
    assert (lagged["from"], lagged["to"], lagged["count"]) == (3, 3, 1)
    assert [message["seq"] for message in rest] == [4, 5, 6, 7]


def test_a_reader_that_never_takes_holds_nothing_and_is_woken_once() -> None:
    bench = Bench()
    reads = bench.subscribe()
    for _ in range(1_000):
        bench.publish()
        bench.turns.turn()
    assert (reads.wakes, bench.events.made, len(bench.events.log.records)) == (1, 0, SIZE)
    assert len(reads.subscription._answers) == 0


def test_publishing_calls_no_reader_before_the_next_turn_and_one_turn_serves_all() -> None:
    bench = Bench()
    first, second = bench.subscribe(), bench.subscribe()
    bench.publish(5)
    assert (first.wakes, second.wakes, len(bench.turns.ready)) == (0, 0, 1)
    bench.turns.turn()
    assert (first.wakes, second.wakes) == (1, 1)


def test_several_readers_share_the_texts_of_which_few_are_kept() -> None:
    bench = Bench(size=2 * MAX_TEXTS)
    readers = [bench.subscribe() for _ in range(3)]
    bench.publish(MAX_TEXTS // 2)
    taken = [each.take() for each in readers]
    assert bench.events.made == MAX_TEXTS // 2
    assert taken[0] == taken[1] == taken[2]
    bench.publish(MAX_TEXTS)
    for each in readers:
        each.take()
    assert len(bench.feed._texts) == MAX_TEXTS
    for each in readers:
        each.subscription.close()
    assert (bench.feed._texts, bench.left) == ({}, [1, 1, 1])


def test_an_event_that_nobody_wants_is_never_made_and_a_turn_passes_few_of_them() -> None:
    bench = Bench(size=10 * MAX_PASSED)
    reads = bench.subscribe(kinds=frozenset({KINDS[1]}))
    bench.publish(MAX_PASSED + 10)
    bench.publish(1, KINDS[1])
    bench.turns.turn()
    assert (reads.wakes, reads.subscription.take(5)) == (1, [])
    bench.turns.turn()
    assert reads.wakes == 2
    assert [json.loads(text)["seq"] for text in reads.subscription.take(5)] == [MAX_PASSED + 11]
    assert bench.events.made == 1


def test_an_answer_that_comes_too_late_is_dropped() -> None:
    bench = Bench()
    reads = bench.subscribe()
    reads.subscription.close()
    reads.subscription.answer({"event": "watch.passed", "watch": "w"})
    bench.turns.turn()
    assert reads.take() == []
    assert reads.wakes == 0


def test_leaving_twice_is_leaving() -> None:
    bench = Bench()
    reads = bench.subscribe()
    reads.subscription.close()
    bench.feed.leave(reads.subscription)
    assert bench.events.sinks == []


def test_the_end_is_told_after_everything_before_it() -> None:
    bench = Bench()
    reads = bench.subscribe()
    bench.publish(2)
    bench.events.log.end(EventKind.NAMESPACE_EXPIRED, "expired", {})
    bench.turns.turn()
    assert reads.subscription.ended is None
    assert [message["seq"] for message in reads.take()] == [1, 2, 3]
    assert reads.subscription.ended == "expired"
    assert reads.wakes == 1
    bench.turns.turn()
    assert reads.wakes == 1


def test_a_reader_that_has_taken_everything_is_woken_for_the_end_alone() -> None:
    bench = Bench()
    reads = bench.subscribe()
    reads.subscription.stop("stopping")
    bench.publish(3)
    bench.turns.turn()
    assert reads.wakes == 1
    assert reads.subscription.take(9) == []
    assert reads.subscription.ended == "stopping"
    bench.turns.turn()
    assert reads.wakes == 1


def test_the_first_reason_to_stop_is_told() -> None:
    bench = Bench()
    reads = bench.subscribe()
    bench.publish(2)
    reads.subscription.stop("stopping")
    reads.subscription.stop("another")
    bench.publish(20)
    (lagged,) = reads.take()
    assert (lagged["from"], lagged["to"], lagged["count"]) == (1, 2, 2)
    assert reads.subscription.ended == "stopping"


def test_messages_beside_the_events_come_in_their_place() -> None:
    bench = Bench()
    reads = bench.subscribe()
    bench.publish(2)
    reads.subscription.answer({"event": "watch.passed", "watch": "w"})
    bench.publish(1)
    assert [(each["event"], each["seq"]) for each in reads.take()] == [
        ("stubs.changed", 1), ("stubs.changed", 2), ("watch.passed", 2), ("stubs.changed", 3),
    ]  # fmt: skip


def test_a_reader_that_takes_no_answers_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(subscriptions, "MAX_ANSWERS", 1_000)
    bench = Bench()
    reads = bench.subscribe()
    bench.publish(1)
    for _ in range(50):
        reads.subscription.answer({"event": "error", "detail": "x" * 100})
    bench.turns.turn()
    assert reads.wakes == 1
    assert reads.take() == []
    assert reads.subscription.ended == FLOODED


def test_a_scene_wakes_its_reader_from_the_loop() -> None:
    async def work(scene: Scene) -> None:
        reads = reader(scene)
        await breathe()
        scene.world.send("GET", "/a")
        assert reads.wakes == 0
        await breathe()
        assert reads.wakes == 1
        assert reads.kinds() == ["request.unmatched"]

    run(work)
