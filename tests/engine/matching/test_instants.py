"""Instants as text: RFC 3339, HTTP dates, and offsets from now."""

from __future__ import annotations

import pytest

from pymockapi.engine.matching.instants import parse_instant, read_instant
from pymockapi.model.reader import Findings

SECOND = 10**9


@pytest.mark.parametrize(
    ("text", "nanoseconds"),
    [
        ("1970-01-01T00:00:00Z", 0),
        ("1970-01-02", 86400 * SECOND),
        ("1970-01-01T01:00:00+01:00", 0),
        ("1970-01-01T00:00:01", SECOND),
        ("1970-01-01 00:01Z", 60 * SECOND),
        ("1970-01-01T00:00:00.5Z", SECOND // 2),
        ("1970-01-01T00:00:00.123456789Z", 123456789),
        ("1969-12-31T23:59:59.5z", -SECOND // 2),
        ("1970-01-01T00:00:60Z", 60 * SECOND),
        ("Thu, 01 Jan 1970 00:00:10 GMT", 10 * SECOND),
        ("9999-12-31T23:59:59Z", 253402300799 * SECOND),
    ],
)
def test_an_instant_is_read_to_the_nanosecond(text: str, nanoseconds: int) -> None:
    assert parse_instant(text) == nanoseconds


@pytest.mark.parametrize(
    "text",
    ["", "now", "2030", "2030-02-30", "2030-01-01T25:00:00Z", "2030-01-01T00:00:00+99:00",
     "Thu, 32 Jan 1970 00:00:10 GMT", "Thu, 01 Foo 1970 00:00:10 GMT", "0000-01-01", "1" * 10_000,
     "0001-01-01T00:00:00+23:00x"],
)  # fmt: skip
def test_what_is_no_instant_is_none(text: str) -> None:
    assert parse_instant(text) is None


@pytest.mark.parametrize(
    ("text", "nanoseconds"),
    [
        ("now", 100 * SECOND),
        ("now+15m", 1000 * SECOND),
        ("now - 1.5s", 98_500_000_000),
        ("now+250ms", 100_250_000_000),
        ("now+1d", 86500 * SECOND),
        ("1970-01-01", 0),
    ],
)
def test_a_relative_instant_counts_from_now(text: str, nanoseconds: int) -> None:
    assert read_instant(text, "", Findings()).at(100 * SECOND) == nanoseconds


@pytest.mark.parametrize("data", ["tomorrow", "now+15", "now15m", 5, None])
def test_what_is_no_instant_is_reported(data: object) -> None:
    found = Findings()
    read_instant(data, "/before", found)
    assert [finding.pointer for finding in found.items] == ["/before"]
