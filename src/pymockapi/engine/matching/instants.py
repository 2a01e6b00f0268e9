"""Instants: RFC 3339 date-times, HTTP dates (RFC 9110, 5.6.7), and ``now`` with an offset.

An instant is a whole number of nanoseconds since 1970 UTC. Knows no clock: the caller says
what ``now`` is.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta, timezone
from typing import Final

import msgspec

from pymockapi.model.reader import Findings, kind_of

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_MAX_TEXT: Final = 64  # characters; no instant is longer
_UNITS: Final = {"ms": 1e6, "s": 1e9, "m": 60e9, "h": 3600e9, "d": 86400e9}
_RELATIVE: Final = re.compile(r"now(?:\s*([+-])\s*(\d{1,9}(?:\.\d{1,9})?)(ms|s|m|h|d))?", re.ASCII)
_ISO: Final = re.compile(
    r"(\d{4})-(\d\d)-(\d\d)"
    r"(?:[Tt ](\d\d):(\d\d)(?::(\d\d)(?:[.,](\d{1,9})\d*)?)?(?:([Zz])|([+-])(\d\d):?(\d\d))?)?",
    re.ASCII,
)
_HTTP: Final = re.compile(
    r"(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun), (\d\d) ([A-Z][a-z][a-z]) (\d{4}) (\d\d):(\d\d):(\d\d) GMT",
    re.ASCII,
)
_MONTHS: Final = [
    "Jan",
    "Feb",
    "Mar",
    "Apr",
    "May",
    "Jun",
    "Jul",
    "Aug",
    "Sep",
    "Oct",
    "Nov",
    "Dec",
]


class Instant(msgspec.Struct, frozen=True):
    """A moment as it was written; ``offset_ns`` counts from ``now`` when it is ``relative``."""

    text: str
    offset_ns: int
    relative: bool

    def at(self, now_ns: int) -> int:
        return now_ns + self.offset_ns if self.relative else self.offset_ns


def read_instant(data: object, at: str, found: Findings) -> Instant:
    """Read ``2030-01-01T00:00:00Z``, ``2030-01-01``, an HTTP date, ``now`` or ``now+15m``."""
    if isinstance(data, str):
        text = data.strip()
        if (moment := parse_instant(text)) is not None:
            return Instant(text, moment, False)
        if len(text) <= _MAX_TEXT and (match := _RELATIVE.fullmatch(text)):
            return Instant(text, _offset(match), True)
    given = f"'{data[:60]}'" if isinstance(data, str) else kind_of(data)
    found.add(at, f"expected an instant such as 2030-01-01T00:00:00Z, now or now+15m, got {given}")
    return Instant("now", 0, True)


def _offset(match: re.Match[str]) -> int:
    sign, amount, unit = match.groups()
    if sign is None:
        return 0
    nanoseconds = round(float(amount) * _UNITS[unit])
    return -nanoseconds if sign == "-" else nanoseconds


def parse_instant(text: str) -> int | None:
    """Return the nanoseconds since 1970 of an RFC 3339 or HTTP date, or ``None``.

    A date alone is its midnight; without a zone it is UTC.
    """
    if len(text) > _MAX_TEXT:
        return None
    try:
        if match := _ISO.fullmatch(text):
            return _iso_instant(match)
        if match := _HTTP.fullmatch(text):
            return _http_instant(match)
    except (ValueError, OverflowError):  # a 31st of February, a 25th hour, a zone of 99 hours
        return None
    return None


def _iso_instant(match: re.Match[str]) -> int:
    year, month, day, hour, minute, second, fraction, _, sign, zone_hours, zone_minutes = (
        match.groups()
    )
    offset = timedelta(hours=int(zone_hours or 0), minutes=int(zone_minutes or 0))
    leap = second == "60"  # RFC 3339 allows it; it is the moment after :59
    moment = datetime(
        int(year), int(month), int(day), int(hour or 0), int(minute or 0),
        59 if leap else int(second or 0), tzinfo=timezone(-offset if sign == "-" else offset),
    )  # fmt: skip
    return _nanoseconds(moment) + leap * 10**9 + int((fraction or "0").ljust(9, "0"))


def _http_instant(match: re.Match[str]) -> int:
    day, month, year, hour, minute, second = match.groups()
    number = _MONTHS.index(month) + 1
    return _nanoseconds(
        datetime(int(year), number, int(day), int(hour), int(minute), int(second), tzinfo=UTC)
    )


def _nanoseconds(moment: datetime) -> int:
    since = moment - _EPOCH
    return (since.days * 86400 + since.seconds) * 10**9
