"""The garbage collector, kept away from what a large write makes.

Ten thousand stubs are some 200,000 objects that live long and refer to nothing that refers back;
walking them has stalled the loop for 25 ms (``docs/benchmarks.md``, turns). While they are made
the collector rests; then it is told to look at them no more. Reference counts free them as ever.
"""

from __future__ import annotations

import gc
from types import TracebackType
from typing import Final

LARGE: Final = 64 * 1024  # bytes of a body; what a smaller one makes is walked in a millisecond


class CollectorAtRest:
    """Rests for the block if a body of ``size`` bytes is large; blocks may overlap."""

    __slots__ = ("_is_large",)

    _open = 0

    def __init__(self, size: int) -> None:
        self._is_large = size > LARGE

    def __enter__(self) -> None:
        if self._is_large:
            CollectorAtRest._open += 1
            gc.disable()

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._is_large:
            CollectorAtRest._open -= 1
            if CollectorAtRest._open == 0:
                gc.freeze()
                gc.enable()
