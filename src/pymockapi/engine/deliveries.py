"""Reading how answers leave: gates, delays, rates, trailers, faults.

Follows ``docs/delays.md`` and ``docs/faults.md``.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, Final

from pymockapi.engine.faults import read_fault
from pymockapi.model.delivery import Delay, Delivery, Lognormal, Uniform
from pymockapi.model.foreign_keys import FOREIGN_DELAYS
from pymockapi.model.reader import Findings, below, kind_of, read_duration, read_name, read_object

DELIVERY_KEYS: Final = ("delay", "hold", "throttle", "fault")
SPREADS: Final = ("uniform", "lognormal")
MAX_SIGMA: Final = 10.0  # one in six is then over 22,000 times the median
MAX_RATE: Final = 1_000_000_000.0  # bytes in a second; more than a connection takes anyway
_RATE: Final = re.compile(r"(\d+(?:\.\d+)?)\s*(B|kB|MB|KiB|MiB)/s")
_UNITS: Final = {"B": 1, "kB": 1_000, "MB": 1_000_000, "KiB": 1_024, "MiB": 1_048_576}


def read_delivery(
    entries: Mapping[str, Any], at: str, found: Findings
) -> tuple[float | None, Delivery | None]:
    """Return a response's fixed delay in seconds, if it has one, and its delivery, if any."""
    delay = spread = None
    if "delay" in entries:
        read = read_delay(entries["delay"], below(at, "delay"), found)
        delay, spread = (read, None) if isinstance(read, float) else (0.0, read)
    hold = throttle = None
    if "hold" in entries:
        hold = read_name(entries["hold"], below(at, "hold"), found)
    if "throttle" in entries:
        throttle = read_rate(entries["throttle"], below(at, "throttle"), found)
    own_fault = "fault" in entries
    fault = read_fault(entries["fault"], below(at, "fault"), found) if own_fault else None
    made = Delivery(hold, spread, throttle, fault, own_fault)
    return delay, None if made == Delivery() else made


def read_delay(data: object, at: str, found: Findings) -> Delay:
    """Read a duration, ``{uniform: [LOW, HIGH]}`` or ``{lognormal: {median, sigma}}``."""
    if not isinstance(data, dict):
        return read_duration(data, at, found)
    before = found.count
    entries = read_object(data, at, found, SPREADS, FOREIGN_DELAYS)
    given = [key for key in SPREADS if key in entries]
    if len(given) != 1:
        if found.count == before:
            told = " and ".join(given) or "neither"
            found.add(at, f"a delay is drawn from 'uniform' or 'lognormal', got {told}")
        return 0.0
    read = _read_uniform if given == ["uniform"] else _read_lognormal
    return read(entries[given[0]], below(at, given[0]), found)


def _read_uniform(data: object, at: str, found: Findings) -> Delay:
    if not isinstance(data, list) or len(data) != 2:
        given = f"a list of {len(data)}" if isinstance(data, list) else kind_of(data)
        found.add(at, f"expected the least and the most, such as [50ms, 150ms], got {given}")
        return 0.0
    before = found.count
    low, high = (read_duration(each, below(at, number), found) for number, each in enumerate(data))
    if low > high and found.count == before:
        found.add(at, f"the least comes first, got [{data[0]}, {data[1]}]")
    return Uniform(low, high)


def _read_lognormal(data: object, at: str, found: Findings) -> Delay:
    before = found.count
    entries = read_object(data, at, found, ("median", "sigma"))
    for key in ("median", "sigma"):
        if key not in entries and found.count == before:
            found.add(at, f"'{key}' is missing, as in {{median: 90ms, sigma: 0.4}}")
    median_s = read_duration(entries.get("median", 1), below(at, "median"), found)
    sigma = entries.get("sigma", 1)
    if not isinstance(sigma, int | float) or isinstance(sigma, bool):
        found.add(below(at, "sigma"), f"expected a number, got {kind_of(sigma)}")
        return 0.0
    if not 0 <= sigma <= MAX_SIGMA:
        found.add(below(at, "sigma"), f"expected a number from 0 to {MAX_SIGMA:g}, got {sigma}")
        return 0.0
    return Lognormal(median_s, float(sigma))


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
