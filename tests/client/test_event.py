"""An event as a value, and as a line for a log."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from tests.client.fake_feed import Json, message

from pymockapi import Event

REQUEST = message(
    "request.answered", 12, number=3, at="2030-01-01T00:00:01.250000Z", method="POST",
    path="/payments", stub="pay", status=201,
)  # fmt: skip


def test_an_event_of_a_request_has_what_is_told_of_it() -> None:
    event = Event(REQUEST)
    assert (event.kind, event.seq, event.namespace, event.number) == (
        "request.answered",
        12,
        "a",
        3,
    )
    assert event.at == datetime(2030, 1, 1, 0, 0, 1, 250_000, tzinfo=UTC)
    assert event.data == {"method": "POST", "path": "/payments", "stub": "pay", "status": 201}
    assert (event.lost, event.watch, event.verification) == (0, None, None)
    assert event.entry is REQUEST


def test_an_event_may_know_neither_time_nor_request_nor_namespace() -> None:
    event = Event(message("namespace.created", 1, namespace=None))
    assert (event.at, event.number, event.namespace, event.data) == (None, None, None, {})


@pytest.mark.parametrize(
    ("entry", "line"),
    [
        (REQUEST, "12  request.answered  3 POST /payments -> 201"),
        (message("request.received", 1, number=3, method=None, path=None, status=None),
         "1  request.received  3 ? ?"),
        (message("stubs.changed", 2, stubs=["a"], count=1), "2  stubs.changed  a"),
        (message("lagged", 9, **{"from": 4, "to": 9, "count": 6}),
         "9  lagged  6 events are missing, 4 to 9"),
        (message("watch.passed", 9, watch="paid", verification=None), "9  watch.passed  paid"),
        (message("namespace.deleted", 9, namespace=None), "9  namespace.deleted  "),
    ],
)  # fmt: skip
def test_an_event_is_one_line(entry: Json, line: str) -> None:
    assert str(Event(entry)) == line
    assert repr(Event(entry)) == f"<Event {line}>"
