"""Mock clocks: what they show, how they move, and how instants are written."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pymockapi.model.clock import (
    MAX_NS,
    MIN_NS,
    REAL,
    SECOND_NS,
    Clock,
    http_date,
    instant_text,
    read_instant,
)

NOW = 1_900_000_000 * SECOND_NS


@pytest.mark.parametrize(
    ("clock", "shown"),
    [
        (REAL, NOW),
        (Clock(offset_ns=5), NOW + 5),
        (Clock(offset_ns=-5), NOW - 5),
        (Clock(frozen_ns=7), 7),
        (Clock(offset_ns=-2 * NOW), MIN_NS),
        (Clock(offset_ns=MAX_NS), MAX_NS),
    ],
)
def test_a_clock_shows_its_time_within_what_http_can_say(clock: Clock, shown: int) -> None:
    assert clock.now_ns(NOW) == shown


@pytest.mark.parametrize(
    ("clock", "by", "moved"),
    [
        (REAL, 5, Clock(offset_ns=5)),
        (Clock(offset_ns=5), -5, REAL),
        (Clock(frozen_ns=7), 3, Clock(frozen_ns=10)),
        (Clock(frozen_ns=7), -10, Clock(frozen_ns=MIN_NS)),
        (Clock(frozen_ns=7), MAX_NS, Clock(frozen_ns=MAX_NS)),
    ],
)
def test_a_clock_moves_both_ways(clock: Clock, by: int, moved: Clock) -> None:
    assert clock.advanced(by) == moved


def test_only_a_clock_without_offset_that_runs_is_real() -> None:
    assert [clock.is_real for clock in (REAL, Clock(1), Clock(0, 0))] == [True, False, False]


def test_a_clock_as_json_says_its_mode() -> None:
    assert Clock(frozen_ns=0).to_json(NOW) == {
        "mode": "frozen",
        "now": "1970-01-01T00:00:00.000000Z",
    }
    assert Clock(offset_ns=SECOND_NS).to_json(0) == {
        "mode": "real",
        "now": "1970-01-01T00:00:01.000000Z",
        "offset_s": 1.0,
    }


@given(st.integers(MIN_NS // 1000, MAX_NS // 1000))
def test_an_instant_reads_back_as_it_was_written(microseconds: int) -> None:
    assert read_instant(instant_text(microseconds * 1000)) == microseconds * 1000


@pytest.mark.parametrize(
    ("text", "ns"),
    [
        ("1970-01-01", 0),
        ("1970-01-01T00:00:01Z", SECOND_NS),
        ("1970-01-01T01:00:00+01:00", 0),
        ("1970-01-01T00:00:00.5Z", SECOND_NS // 2),
        ("9999-12-31T23:59:59Z", MAX_NS),
        ("1969-12-31T23:59:59Z", None),
        ("yesterday", None),
        ("", None),
        ("1970-13-01", None),
    ],
)
def test_instants_are_read_from_1970_to_9999(text: str, ns: int | None) -> None:
    assert read_instant(text) == ns


def test_a_date_is_written_as_http_has_it() -> None:
    assert http_date(784111777 * SECOND_NS) == "Sun, 06 Nov 1994 08:49:37 GMT"  # RFC 9110, 5.6.7
