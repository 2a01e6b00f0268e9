"""Delays, and what they are drawn from for each request."""

from __future__ import annotations

import msgspec


class Uniform(msgspec.Struct, frozen=True, gc=False):
    """A delay drawn evenly from ``low_s`` to ``high_s``."""

    low_s: float
    high_s: float


class Lognormal(msgspec.Struct, frozen=True, gc=False):
    """A delay whose logarithm is normal: half are below ``median_s``; ``sigma`` is its spread."""

    median_s: float
    sigma: float


Spread = Uniform | Lognormal
"""What a delay is drawn from."""

Delay = float | Spread
"""Seconds, or what they are drawn from."""
