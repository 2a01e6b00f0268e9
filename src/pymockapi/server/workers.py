"""Threads for the functions of tests: started as they are needed, at most so many.

They are daemons, unlike those of ``concurrent.futures``: a function that never returns must not
keep the test run from ending.
"""

from __future__ import annotations

from collections.abc import Callable
from queue import Empty, SimpleQueue
from threading import Semaphore, Thread
from typing import Final

AT_ONCE: Final = 32  # threads; what more there is waits its turn

Work = Callable[[], None]


class Workers:
    """Does what it is given in that order, ``most`` at a time; ``put`` is for one thread alone."""

    def __init__(self, most: int = AT_ONCE) -> None:
        self._most = most
        self._count = 0
        self._waiting: SimpleQueue[Work | None] = SimpleQueue()
        self._idle = Semaphore(0)  # one permit for each thread that has nothing to do

    def put(self, work: Work) -> None:
        """Have ``work`` done, which must not raise."""
        self._waiting.put(work)
        if not self._idle.acquire(blocking=False) and self._count < self._most:
            self._count += 1
            name = f"pymockapi-function-{self._count}"
            Thread(target=self._run, name=name, daemon=True).start()

    def close(self) -> None:
        """Let every thread end once it has done what was given before."""
        for _ in range(self._count):
            self._waiting.put(None)
        self._count = 0

    def _run(self) -> None:
        while True:
            try:
                work = self._waiting.get_nowait()
            except Empty:
                self._idle.release()
                work = self._waiting.get()
            if work is None:
                return
            work()
            del work  # or its function stays until the next
