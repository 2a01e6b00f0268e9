"""The log of a namespace's events: numbers, bounds, and its end."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from pymockapi.model.event import MAX_NAME, MAX_NAMES, Event, EventKind, named
from pymockapi.store.events import EventLog

RECEIVED, ANSWERED = EventKind.REQUEST_RECEIVED, EventKind.REQUEST_ANSWERED
UNMATCHED, STUBS = EventKind.REQUEST_UNMATCHED, EventKind.STUBS_CHANGED
DELETED = EventKind.NAMESPACE_DELETED


def log_of(size: int = 10) -> EventLog:
    return EventLog("n1", lambda: 7, size)


def kept(log: EventLog) -> list[tuple[int, object]]:
    return [(seq, log.get(seq)) for seq in range(log.first, log.last + 1)]


def test_an_empty_log_keeps_nothing() -> None:
    log = log_of()
    assert (log.first, log.last, log.ended) == (1, 0, None)


def test_events_are_numbered_from_1_whatever_they_are() -> None:
    log = log_of()
    assert [log.tell(RECEIVED, 1, 5), log.publish(STUBS), log.tell(ANSWERED, 1, 6)] == [1, 2, 3]
    assert kept(log) == [(1, 1), (2, Event(2, STUBS, "n1", 7)), (3, -1)]


def test_the_oldest_events_go_and_numbers_go_on() -> None:
    log = log_of(3)
    for number in range(1, 6):
        log.tell(RECEIVED, number, 0)
    assert (log.first, log.last) == (3, 5)
    assert kept(log) == [(3, 3), (4, 4), (5, 5)]


def test_what_follows_is_told_every_event_at_once() -> None:
    log = log_of()
    told: list[Any] = []
    log.sinks.append(told.append)
    log.tell(RECEIVED, 1, 5)
    log.publish(UNMATCHED, 2, {"phase": "received"})
    log.tell(ANSWERED, 1, 9)
    assert told == [
        Event(1, RECEIVED, "n1", 5, 1), Event(2, UNMATCHED, "n1", 7, 2, {"phase": "received"}),
        Event(3, ANSWERED, "n1", 9, 1),
    ]  # fmt: skip


def test_a_sink_may_leave_while_it_is_told() -> None:
    log = log_of()
    told: list[Any] = []

    def once(event: Event) -> None:
        told.append(event.seq)
        log.sinks.remove(once)

    log.sinks += [once, lambda event: told.append(event.seq)]
    log.publish(STUBS)
    log.publish(STUBS)
    assert told == [1, 1, 2]


@pytest.mark.parametrize(
    "later",
    [
        lambda log: log.publish(STUBS),
        lambda log: log.tell(ANSWERED, 1, 8),
        lambda log: log.written.append(-1),
    ],
)
def test_nothing_is_an_event_after_the_last(later: Callable[[EventLog], object]) -> None:
    log = log_of(3)
    told: list[Any] = []
    log.sinks.append(told.append)
    log.tell(RECEIVED, 1, 5)
    log.end(DELETED, "replaced", {"requests": 1})
    before = kept(log)
    for _ in range(4):
        later(log)
    assert (log.last, log.ended, kept(log)) == (2, "replaced", before)
    assert before[-1] == (2, Event(2, DELETED, "n1", 7, None, {"requests": 1}))
    assert [event.seq for event in told] == [1, 2]


def test_a_log_that_ends_says_so_to_who_is_told_of_it() -> None:
    log = log_of()
    ended: list[str | None] = []
    log.sinks.append(lambda _: ended.append(log.ended))
    log.end(DELETED, "deleted", {})
    assert ended == ["deleted"]


@pytest.mark.parametrize(("size", "first"), [(2, 4), (5, 1), (9, 1)])
def test_another_size_keeps_the_newest(size: int, first: int) -> None:
    log = log_of(5)
    for number in range(1, 6):
        log.tell(RECEIVED, number, 0)
    log.resize(size)
    assert kept(log) == [(number, number) for number in range(first, 6)]
    log.written.append(6)
    log.seq += 1
    assert log.get(6) == 6


@pytest.mark.parametrize(("number", "seq"), [(1, None), (2, 4), (3, 6), (4, 7), (5, 9), (6, None)])
def test_an_arrival_is_found_as_long_as_it_is_kept(number: int, seq: int | None) -> None:
    log = log_of(6)
    log.publish(STUBS)
    log.tell(RECEIVED, 1, 0)
    log.tell(ANSWERED, 1, 0)
    log.tell(RECEIVED, 2, 0)
    log.publish(EventKind.STATE_CHANGED, 3)
    log.tell(RECEIVED, 3, 0)
    log.publish(UNMATCHED, 4)
    log.tell(ANSWERED, 2, 0)
    log.tell(RECEIVED, 5, 0)
    assert log.find_arrival(number) == seq


def test_an_arrival_is_found_wherever_it_is_in_a_long_log() -> None:
    log, places = log_of(5_000), {}
    for number in range(1, 4_001):
        places[number] = log.tell(RECEIVED, number, 0)
        for _ in range(number % 7):
            log.tell(ANSWERED, number, 0)
        for _ in range(300 if number % 1_000 == 0 else 0):
            log.publish(STUBS)
    for number, seq in places.items():
        assert log.find_arrival(number) == (seq if seq >= log.first else None)


def test_names_in_an_event_are_few_and_short_and_all_are_counted() -> None:
    told = named("stubs", ["x" * 1000, *map(str, range(500))])
    assert told["count"] == 501
    assert isinstance(told["stubs"], list)
    assert [len(name) for name in told["stubs"]] == [MAX_NAME, *[1] * (MAX_NAMES - 1)]
    assert told["stubs"][0].endswith("x…")
