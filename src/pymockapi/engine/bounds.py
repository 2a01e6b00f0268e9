"""Reading how many requests are expected: a number, or bounds; in verifications and in stubs."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from pymockapi.model.reader import Findings, below, kind_of, read_flag, read_int, read_object
from pymockapi.model.stub import Bounds

BOUND_KEYS: Final = ("at_least", "at_most")
EXPECT_KEYS: Final = (*BOUND_KEYS, "optional")
MAX_TIMES: Final = 1_000_000_000
_TIMES: Final = {"times": "write the number itself, or at_least and at_most"}


def read_times(data: object, at: str, found: Findings) -> tuple[int, int | None]:
    """Read the ``times`` of an expectation: least and most."""
    if not isinstance(data, dict):
        exact = _read_exact(data, at, found, '{"at_least": 1, "at_most": 4}')
        return (1, None) if exact is None else (exact, exact)
    bounds = read_object(data, at, found, BOUND_KEYS)
    if not bounds:
        found.add(at, "expected at_least, at_most, or both")
    return _read_bounds(bounds, at, found)


def read_expect(data: object, at: str, found: Findings) -> Bounds:
    """Read the ``expect`` of a stub."""
    if not isinstance(data, dict):
        exact = _read_exact(data, at, found, '{"at_least": 1}')
        return Bounds(1, None) if exact is None else Bounds(exact, exact)
    entries = read_object(data, at, found, EXPECT_KEYS, _TIMES)
    if not entries:
        found.add(at, "expected at least one of at_least, at_most, optional")
    before = found.count
    low, high = _read_bounds(entries, at, found)
    optional = read_flag(entries.get("optional", False), below(at, "optional"), found)
    if optional and low and found.count == before:
        found.add(
            at,
            f"optional says that no request need come, at_least that {low} must; leave one out",
        )
    return Bounds(low, high, optional)


def _read_exact(data: object, at: str, found: Findings, example: str) -> int | None:
    if isinstance(data, bool) or not isinstance(data, int | float):
        found.add(at, f"expected a number, or bounds such as {example}, got {kind_of(data)}")
        return None
    return read_int(data, at, found, 0, MAX_TIMES)


def _read_bounds(bounds: Mapping[str, object], at: str, found: Findings) -> tuple[int, int | None]:
    low = read_int(bounds.get("at_least", 0), below(at, "at_least"), found, 0, MAX_TIMES)
    if "at_most" not in bounds:
        return low, None
    high = read_int(bounds["at_most"], below(at, "at_most"), found, 0, MAX_TIMES)
    if high < low:
        found.add(at, f"at_most is {high}, less than at_least, {low}: no number fits both")
    return low, high
