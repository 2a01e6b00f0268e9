"""Seconds that are drawn: equal on every machine, of the spread that was asked for."""

from __future__ import annotations

from statistics import fmean, median, pstdev

import pytest

from pymockapi.engine.draws import Draws
from pymockapi.engine.spreads import MAX_DELAY_S, drawn_s
from pymockapi.model.delivery import Delay, Lognormal, Uniform


def drawn(delay: Delay, count: int = 1, seed: int = 7) -> list[float]:
    return [drawn_s(delay, Draws(seed, "own", "s", hit, "delay")) for hit in range(1, count + 1)]


def test_seconds_are_as_they_are() -> None:
    assert drawn(1.5) == [1.5]


@pytest.mark.parametrize(
    ("delay", "expected"),
    [
        (Uniform(0.05, 0.15), [0.057665, 0.124129, 0.117528, 0.052907]),
        (Lognormal(0.09, 0.4), [0.111932, 0.094112, 0.071124, 0.051675]),
    ],
)
def test_what_was_drawn_once_is_drawn_for_ever(delay: Delay, expected: list[float]) -> None:
    assert drawn(delay, 4) == expected


def test_an_even_spread_has_both_its_ends_and_nothing_beyond() -> None:
    found = drawn(Uniform(0.000_001, 0.000_004), 100)
    assert set(found) == {0.000_001, 0.000_002, 0.000_003, 0.000_004}


def test_an_even_spread_is_even() -> None:
    found = drawn(Uniform(1.0, 2.0), 2_000)
    assert fmean(found) == pytest.approx(1.5, abs=0.02)
    assert pstdev(found) == pytest.approx(12**-0.5, abs=0.01)


def test_half_of_a_lognormal_spread_is_below_its_median() -> None:
    found = drawn(Lognormal(0.1, 0.5), 2_000)
    assert median(found) == pytest.approx(0.1, rel=0.05)
    assert fmean(found) == pytest.approx(0.1 * 2.718281828 ** (0.5**2 / 2), rel=0.05)


def test_without_spread_a_lognormal_delay_is_its_median() -> None:
    assert drawn(Lognormal(0.25, 0.0), 3) == [0.25] * 3


def test_a_median_of_nothing_is_no_delay() -> None:
    assert drawn(Lognormal(0.0, 1.0), 3) == [0.0] * 3


def test_no_delay_that_is_drawn_is_longer_than_an_hour() -> None:
    found = drawn(Lognormal(3_600.0, 10.0), 200)
    assert max(found) == MAX_DELAY_S
    assert min(found) >= 0


def test_what_is_drawn_are_whole_microseconds() -> None:
    for delay in (Uniform(0.05, 0.15), Lognormal(0.09, 0.4)):
        assert all(each == round(each * 1e6) / 1e6 for each in drawn(delay, 50))
