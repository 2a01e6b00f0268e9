"""A namespace's clock: a value that turns real time into mock time; instants are RFC 3339."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from functools import lru_cache
from typing import Final

import msgspec

SECOND_NS: Final = 1_000_000_000
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
MIN_NS: Final = 0
MAX_NS: Final = 253_402_300_799 * SECOND_NS  # the end of the year 9999, the last that HTTP can say


class Clock(msgspec.Struct, frozen=True):
    """Real time with an offset, or frozen at one instant; both in nanoseconds since 1970."""

    offset_ns: int = 0
    frozen_ns: int | None = None

    def now_ns(self, real_ns: int) -> int:
        """Return mock time at real time ``real_ns``."""
        if self.frozen_ns is not None:
            return self.frozen_ns
        return min(max(real_ns + self.offset_ns, MIN_NS), MAX_NS) if self.offset_ns else real_ns

    def advanced(self, by_ns: int) -> Clock:
        if self.frozen_ns is not None:
            return Clock(frozen_ns=min(max(self.frozen_ns + by_ns, MIN_NS), MAX_NS))
        return Clock(offset_ns=self.offset_ns + by_ns)

    @property
    def is_real(self) -> bool:
        return self.frozen_ns is None and self.offset_ns == 0

    def to_json(self, real_ns: int) -> dict[str, object]:
        now = instant_text(self.now_ns(real_ns))
        if self.frozen_ns is not None:
            return {"mode": "frozen", "now": now}
        return {"mode": "real", "now": now, "offset_s": self.offset_ns / SECOND_NS}


REAL: Final = Clock()


def instant_text(ns: int) -> str:
    """Return nanoseconds since 1970 as ``2030-01-01T00:00:00.000000Z``."""
    second, micros = divmod(ns // 1000, 1_000_000)
    return f"{second_text(second)}.{micros:06d}Z"


@lru_cache(64)
def second_text(second: int) -> str:
    """Return what the texts of all instants of a second begin with; making it takes 2 us."""
    return (_EPOCH + timedelta(seconds=second)).strftime("%Y-%m-%dT%H:%M:%S")


def read_instant(text: str) -> int | None:
    """Return an RFC 3339 date or date-time as nanoseconds since 1970; ``None`` if it is neither.

    Without an offset it is UTC.
    """
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return None
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=UTC)
    ns = ((moment - _EPOCH) // timedelta(microseconds=1)) * 1000
    return ns if MIN_NS <= ns <= MAX_NS else None


def http_date(ns: int) -> str:
    """Return an instant as the ``Date`` header has it (RFC 9110, section 5.6.7)."""
    return format_datetime(_EPOCH + timedelta(seconds=ns // SECOND_NS), usegmt=True)
