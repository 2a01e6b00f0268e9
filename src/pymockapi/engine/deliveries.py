"""Reading how answers leave: gates, delays, rates. Follows ``docs/delays.md``."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, Final

from pymockapi.model.delivery import Delivery
from pymockapi.model.reader import Findings, below, kind_of, read_duration, read_name

DELIVERY_KEYS: Final = ("delay", "hold", "throttle")
MAX_RATE: Final = 1_000_000_000.0  # bytes in a second; more than a connection takes anyway
_RATE: Final = re.compile(r"(\d+(?:\.\d+)?)\s*(B|kB|MB|KiB|MiB)/s")
_UNITS: Final = {"B": 1, "kB": 1_000, "MB": 1_000_000, "KiB": 1_024, "MiB": 1_048_576}


def read_delivery(
    entries: Mapping[str, Any], at: str, found: Findings
) -> tuple[float | None, Delivery | None]:
    """Return a response's fixed delay in seconds, if it has one, and its delivery, if any."""
    delay = None
    if "delay" in entries:
        delay = read_duration(entries["delay"], below(at, "delay"), found)
    hold = throttle = None
    if "hold" in entries:
        hold = read_name(entries["hold"], below(at, "hold"), found)
    if "throttle" in entries:
        throttle = read_rate(entries["throttle"], below(at, "throttle"), found)
    made = Delivery(hold, throttle=throttle)
    return delay, None if made == Delivery() else made


def read_rate(data: object, at: str, found: Findings) -> float:
    """Return bytes in a second from ``10kB/s`` and its like, or a number of them."""
    rate = None
    if isinstance(data, int | float) and not isinstance(data, bool):
        rate = min(data, 2 * MAX_RATE)
    elif isinstance(data, str) and (read := _RATE.fullmatch(data.strip())):
        rate = float(read[1]) * _UNITS[read[2]]
    given = f"'{data}'" if isinstance(data, str) else kind_of(data)
    if rate is None:
        found.add(
            at,
            "expected a rate such as 10kB/s, 500B/s or 64KiB/s, or bytes per second as a number,"
            f" got {given}",
        )
        return MAX_RATE
    if not 1 <= rate <= MAX_RATE:
        found.add(at, f"expected a rate from 1B/s to 1000MB/s, got {data}")
        return MAX_RATE
    return float(rate)
