"""Which step of a sequence a cursor stands at. A cursor is the number of requests it has served."""

from __future__ import annotations

from bisect import bisect_right
from itertools import accumulate

from pymockapi.model.stub import AfterLast, Step, Stub


def step_ends(steps: tuple[Step, ...]) -> tuple[int, ...]:
    """Return the running sums of the steps' ``times``."""
    return tuple(accumulate(step.times for step in steps))


def step_at(stub: Stub, position: int) -> int | None:
    """Return the index of the step that serves the next request; ``None`` past the end."""
    total = stub.ends[-1]
    if position < total:
        return bisect_right(stub.ends, position)
    if stub.after_last is AfterLast.REPEAT:
        return len(stub.ends) - 1
    if stub.after_last is AfterLast.CYCLE:
        return bisect_right(stub.ends, position % total)
    return None


def total_requests(stub: Stub) -> int | None:
    """Return how many requests the steps serve together; ``None``: they never end."""
    if stub.after_last in (AfterLast.REPEAT, AfterLast.CYCLE):
        return None
    return stub.ends[-1]


def has_passed(stub: Stub, position: int) -> bool:
    """Return whether the sequence no longer matches: past its end, with ``after_last: pass``."""
    return stub.after_last is AfterLast.PASS and position >= stub.ends[-1]


def position_of_step(stub: Stub, step: int) -> int:
    """Return the cursor at which ``step`` (from 1) serves its first request."""
    return stub.ends[step - 2] if step > 1 else 0
