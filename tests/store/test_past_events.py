"""The events of finished namespaces together: which go, and how many at once."""

from __future__ import annotations

from pymockapi.model.event import EventKind
from pymockapi.store.events import EventLog
from pymockapi.store.past_events import PastEvents


def ended(events: int) -> EventLog:
    log = EventLog("n1", lambda: 7, 100)
    for number in range(1, events):
        log.tell(EventKind.REQUEST_RECEIVED, number, 0)
    log.end(EventKind.NAMESPACE_FINISHED, "finished", {})
    return log


def test_the_oldest_events_of_whoever_ended_first_go() -> None:
    past, first, second = PastEvents(7), ended(5), ended(5)
    past.enter(first)
    past.enter(second)
    past.trim(100)
    assert (first.first, first.last, second.first, past.count) == (4, 5, 1, 7)


def test_the_last_events_of_one_that_has_too_many_alone_are_kept() -> None:
    past, log = PastEvents(3), ended(9)
    past.enter(log)
    past.trim(100)
    assert (log.first, log.last, past.count) == (7, 9, 3)


def test_so_many_at_most_go_at_once() -> None:
    past, first, second = PastEvents(1), ended(3), ended(4)
    past.enter(first)
    past.enter(second)
    counts = []
    while past.excess:
        past.trim(2)
        counts.append(past.count)
    assert counts == [5, 3, 1]
    assert (first.first, first.last) == (4, 3)


def test_what_is_forgotten_counts_no_more() -> None:
    past, first, second = PastEvents(4), ended(3), ended(4)
    past.enter(first)
    past.enter(second)
    past.leave(first)
    past.leave(first)
    assert past.count == 4
    past.trim(9)
    assert second.first == 1
