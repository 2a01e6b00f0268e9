"""Seconds drawn from what delays are spread over: the same on every machine, in whole microseconds.

No function of a C library is asked, since those differ in the last digit: an even spread is drawn in
whole numbers, a lognormal one by Marsaglia's polar method in decimals, whose ``ln``, ``exp`` and
``sqrt`` are correctly rounded everywhere. Draws as in ``docs/templates.md``.
"""

from __future__ import annotations

from decimal import ROUND_HALF_EVEN, Context, Decimal
from typing import Final

from pymockapi.engine.draws import Draws
from pymockapi.model.delivery import Delay, Spread, Uniform

MAX_DELAY_S: Final = 3600.0  # as a fixed delay; what is drawn beyond is cut
_MICROSECONDS: Final = 1_000_000
_EXACT: Final = Context(prec=20, rounding=ROUND_HALF_EVEN)
_HALF: Final = 64  # bits of a draw for each of two numbers
_SQUARE: Final = Decimal(1 << 2 * _HALF)


def drawn_s(delay: Delay, draws: Draws) -> float:
    """Return ``delay`` in seconds; 20 us for one from a lognormal spread, 3 us from an even one."""
    if isinstance(delay, float):
        return delay
    return min(_microseconds(delay, draws) / _MICROSECONDS, MAX_DELAY_S)


def _microseconds(spread: Spread, draws: Draws) -> int:
    if isinstance(spread, Uniform):
        low, high = round(spread.low_s * _MICROSECONDS), round(spread.high_s * _MICROSECONDS)
        return draws.whole(low, high)
    median = _EXACT.multiply(Decimal(spread.median_s), Decimal(_MICROSECONDS))
    factor = _EXACT.exp(_EXACT.multiply(Decimal(spread.sigma), _normal(draws)))
    return int(_EXACT.to_integral_value(_EXACT.multiply(median, factor)))


def _normal(draws: Draws) -> Decimal:
    """Return a number from the standard normal distribution; four draws in five are enough for one."""
    while True:
        number = draws.number()
        x, y = (_odd(number >> shift & (1 << _HALF) - 1) for shift in (3 * _HALF, 2 * _HALF))
        square = _EXACT.divide(Decimal(x * x + y * y), _SQUARE)
        if square < 1:
            scale = _EXACT.divide(_EXACT.multiply(Decimal(-2), _EXACT.ln(square)), square)
            unit = _EXACT.divide(Decimal(x), Decimal(1 << _HALF))
            return _EXACT.multiply(unit, _EXACT.sqrt(scale))


def _odd(drawn: int) -> int:
    """Return a number evenly from both sides of zero, in units of 2 to the power of -64."""
    return 2 * drawn - (1 << _HALF) + 1
