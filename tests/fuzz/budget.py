"""How much is tried: little and always the same in an ordinary run, much and at random in ``make fuzz``.

``python -m tests.fuzz`` sets ``FUZZ_ROUND`` for the runs it starts; only these look at the time.
"""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

from hypothesis import HealthCheck, Phase, settings

IS_LONG: Final = "FUZZ_ROUND" in os.environ
_MORE: Final = 10  # times as many examples in a long run
_ALWAYS: Final = (HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.filter_too_much)

settings.register_profile(
    "fuzz-short", derandomize=True, database=None, deadline=None, suppress_health_check=_ALWAYS
)
settings.register_profile(
    "fuzz-long", database=None, deadline=None, suppress_health_check=_ALWAYS, print_blob=True
)
_PROFILE: Final = settings.get_profile("fuzz-long" if IS_LONG else "fuzz-short")


STALL_S: Final = 0.25  # of processor time: ten times a budget, and a collection of garbage


@contextmanager
def no_stall(most_s: float = STALL_S) -> Iterator[None]:
    """Fail in a long run if what is done inside takes the processor for longer than ``most_s``."""
    began = time.thread_time()
    yield
    took = time.thread_time() - began
    assert not IS_LONG or took < most_s, f"it took {took:.3f} s"


def examples(count: int, *, shrinks: bool = True) -> settings:
    """Return the settings of a test that tries ``count`` examples in an ordinary run.

    ``shrinks`` off: a failure is told as it was met; making it smaller would take minutes.
    """
    phases = [Phase.generate, Phase.shrink] if shrinks else [Phase.generate]
    return settings(_PROFILE, max_examples=count * (_MORE if IS_LONG else 1), phases=phases)
