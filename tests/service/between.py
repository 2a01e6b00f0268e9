"""A pause that lets a test do something between two slices of a long operation."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable


class Between:
    """Ends every slice; ``action`` is done once, after as many as ``wait`` says."""

    def __init__(self) -> None:
        self.action: Callable[[], object] | None = None
        self.slices = 0
        self.wait = 1

    def pause(self) -> Awaitable[None]:
        return self._wait()

    async def _wait(self) -> None:
        await asyncio.sleep(0)
        self.slices += 1
        if self.action is not None and self.slices >= self.wait:
            action, self.action = self.action, None
            action()
