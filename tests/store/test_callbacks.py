"""Callbacks in the store: room for them, how they end, what is kept, what verdicts count."""

from __future__ import annotations

from typing import Any

import pytest
from tests.store.worlds import Bench, bench_of, project_of, settings_of

from pymockapi.model.callback import CALLBACK_FAILED, Callback, CallbackRecord, Ending
from pymockapi.model.changes import Reset
from pymockapi.model.event import EventKind
from pymockapi.model.urls import destination_of
from pymockapi.store import callbacks as kept_callbacks
from pymockapi.store.calling_back import cancel, end, prepare
from pymockapi.store.judging import judge_now

URL = "http://127.0.0.1/hook?key=1"


@pytest.fixture
def bench() -> Bench:
    bench = bench_of(project_of(stubs=[{"name": "pay", "request": {"path": "/pay"}}]))
    bench.create(settings=settings_of(limits={"callbacks": 3, "callbacks_pending": 2}))
    return bench


def made(bench: Bench, count: int = 1, body: bytes = b"") -> list[CallbackRecord]:
    """Return so many callbacks, each of a request of its own."""
    found = []
    for _ in range(count):
        entry = bench.ask("/pay").exchange
        callback = Callback("POST", URL, body=body)
        found.append(
            prepare(bench.space, entry, 0, callback, destination_of(URL), b"POST / HTTP/1.1\r\n")
        )
    return found


def sent(bench: Bench, count: int = 1) -> list[CallbackRecord]:
    found = []
    for _ in range(count):
        (record,) = made(bench)
        end(bench.space, record, Ending.SENT)
        found.append(record)
    return found


def ids(bench: Bench) -> list[int]:
    return [record.id for record in bench.space.callbacks]


def verdict(bench: Bench) -> Any:
    return judge_now(bench.space).verdict()


def test_one_over_the_limit_has_failed_and_says_which(bench: Bench) -> None:
    first, second, third = made(bench, 3)
    assert [each.outcome for each in (first, second)] == [Ending.PENDING] * 2
    assert (third.outcome, third.error) == (Ending.FAILED, "limit-reached")
    assert (
        third.detail
        == "2 callbacks of this namespace are under way, its limit 'callbacks_pending'; it was not sent"
    )


def test_the_longest_ended_are_dropped_and_counted(bench: Bench) -> None:
    sent(bench, 5)
    callbacks = bench.space.callbacks
    assert (ids(bench), callbacks.evicted) == ([3, 4, 5], 2)
    assert (callbacks.lost(0), callbacks.lost(1), callbacks.lost(2)) == (2, 2, 0)


def test_they_are_dropped_too_where_they_hold_much(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(kept_callbacks, "MAX_BYTES", 2_000)
    (large,) = made(bench, body=b"x" * 1_000)
    (refused,) = made(bench, body=b"x" * 1_000)
    assert (refused.error, "hold 2,000 bytes" in str(refused.detail)) == ("limit-reached", True)
    end(bench.space, large, Ending.SENT)
    assert made(bench, body=b"x" * 1_000)[0].outcome is Ending.PENDING
    assert bench.space.callbacks.bytes <= 2_000


def test_what_has_ended_stays_as_it_is(bench: Bench) -> None:
    (record,) = sent(bench)
    end(bench.space, record, Ending.FAILED, "not-sent", "too late")
    assert (record.outcome, record.error) == (Ending.SENT, None)


def test_a_cancel_stops_what_is_under_way_and_may_be_of_one_request(bench: Bench) -> None:
    first, second = made(bench, 2)
    stopped: list[int] = []
    second.stop = lambda: stopped.append(second.id)
    cancel(bench.space, "why", second.number)
    assert (first.outcome, second.outcome, second.detail) == (
        Ending.PENDING,
        Ending.CANCELLED,
        "why",
    )
    assert stopped == [2]
    assert second.stop is None


def test_each_end_is_told(bench: Bench) -> None:
    first, second = made(bench, 2)
    events: list[Any] = []
    bench.space.sinks.append(events.append)
    end(bench.space, first, Ending.FAILED, "not-sent", "nobody listens there")
    cancel(bench.space, "why")
    assert [(each.kind, each.number) for each in events] == [
        (EventKind.CALLBACK_FAILED, 1), (EventKind.CALLBACK_CANCELLED, 2)
    ]  # fmt: skip
    assert events[0].facts == {
        "callback": 1, "stub": "pay", "attempts": 0, "status": None, "error": "not-sent",
    }  # fmt: skip
    assert second.ended_at == bench.space.real_ns()


def test_a_failure_is_an_error_of_its_request_in_the_verdict(bench: Bench) -> None:
    (record,) = made(bench)
    end(bench.space, record, Ending.FAILED, "not-sent", "nobody listens there")
    (problem,) = verdict(bench).problems
    assert (problem.kind, problem.count) == ("errors", 1)
    assert problem.items[0].code == CALLBACK_FAILED
    assert problem.items[0].detail == "callback 1, POST http://127.0.0.1/hook: nobody listens there"


def test_verdicts_count_failures_that_are_no_longer_kept(bench: Bench) -> None:
    for _ in range(5):
        (record,) = made(bench)
        end(bench.space, record, Ending.FAILED, "not-sent", "why")
    (problem,) = verdict(bench).problems
    assert (problem.count, len(problem.items)) == (5, 3)


def test_a_scope_counts_what_failed_of_its_own_requests(bench: Bench) -> None:
    (before,) = made(bench)
    scope = bench.store.open_scope("a")
    (within,) = made(bench)
    for record in (before, within):
        end(bench.space, record, Ending.FAILED, "not-sent", "why")
    (problem,) = judge_now(bench.space, scope).verdict().problems
    assert [item.number for item in problem.items] == [2]
    assert problem.count == 1
    assert verdict(bench).problems[0].count == 2


def test_a_reset_cancels_and_forgets_and_ids_go_on(bench: Bench) -> None:
    sent(bench)
    (record,) = made(bench)
    bench.apply(Reset(frozenset({"callbacks"})))
    assert record.outcome is Ending.CANCELLED
    assert (ids(bench), bench.space.callbacks.evicted, bench.space.callbacks.bytes) == ([], 0, 0)
    assert made(bench)[0].id == 3


def test_a_reset_of_requests_forgets_their_failures_in_the_verdict(bench: Bench) -> None:
    (record,) = made(bench)
    end(bench.space, record, Ending.FAILED, "not-sent", "why")
    bench.apply(Reset(frozenset({"requests"})))
    assert verdict(bench).passed


def test_an_end_of_the_namespace_cancels_before_it_is_told(bench: Bench) -> None:
    (record,) = made(bench)
    kinds: list[EventKind] = []
    bench.space.sinks.append(lambda event: kinds.append(event.kind))
    bench.run(bench.store.finish("a", None))
    assert record.detail == "the namespace has ended: finished"
    assert kinds == [EventKind.CALLBACK_CANCELLED, EventKind.NAMESPACE_FINISHED]
