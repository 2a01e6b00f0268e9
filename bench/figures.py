"""What a row measures and says: a figure with its budget, and the sums it is made of.

A figure holds or it does not; nothing is rounded in the server's favour. Milliseconds are
written with two digits, ratios too.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass

MS = 1e-3


@dataclass(frozen=True, slots=True)
class Figure:
    """One line of the table; ``group`` is the name it is selected by."""

    group: str
    what: str
    budget: str
    measured: str
    holds: bool


@dataclass(frozen=True, slots=True)
class Plan:
    """How much is measured: rounds of load, and seconds of each kind of probing."""

    rounds: int
    round_s: int
    probe_s: float
    writes: int
    queries: int
    starts: int


FULL = Plan(rounds=5, round_s=2, probe_s=3.0, writes=400, queries=300, starts=5)
QUICK = Plan(rounds=2, round_s=1, probe_s=1.0, writes=120, queries=100, starts=3)


def percentile(values: Sequence[float], share: float) -> float:
    """Return the smallest value that ``share`` of ``values`` do not exceed."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))]


def at_most(group: str, what: str, values: Sequence[float], limit_s: float) -> Figure:
    """Judge the 99th percentile of ``values``, in seconds, of which the middle is told too."""
    tail = percentile(values, 0.99)
    middle = percentile(values, 0.5)
    measured = f"p99 {tail / MS:.2f} ms, median {middle / MS:.2f} ms"
    return Figure(group, what, f"p99 < {limit_s / MS:g} ms", measured, tail < limit_s)


def seconds_since(began: float) -> float:
    return time.perf_counter() - began
