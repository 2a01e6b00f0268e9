"""A thread for work that needs no lock of the interpreter; the event loop goes before it."""

from __future__ import annotations

import os
import sys
import threading
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress
from typing import Final

_NICE: Final = 10  # a tenth of the loop's weight where both want one core


class Outside:
    """One thread, which starts with the first work."""

    def __init__(self) -> None:
        self._pool: ThreadPoolExecutor | None = None

    def run(self, work: Callable[[], None]) -> Future[None]:
        """Have ``work`` done after what was given before."""
        if self._pool is None:
            self._pool = ThreadPoolExecutor(1, "pymockapi-outside", initializer=_step_back)
        return self._pool.submit(work)

    def close(self) -> None:
        """Do nothing more than what has begun."""
        if self._pool is not None:
            self._pool.shutdown(wait=False, cancel_futures=True)


def _step_back() -> None:
    """Let other threads go first, where a thread can say so."""
    if sys.platform == "linux":
        with suppress(OSError):
            os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), _NICE)
