"""Which of some files and folders have changed, and when that has come to rest.

Looks at them now and then: it needs nothing of the system, and sees editors that write in place,
those that put another file in its place, and mounts that tell nobody.
"""

from __future__ import annotations

import asyncio
import os
from collections.abc import Awaitable, Callable, Iterable
from typing import Final

INTERVAL_S: Final = 0.2
GONE: Final = 5  # looks for which a file must stay away: editors take it away for a moment
RESTLESS: Final = 25  # looks after which what is written without end is read all the same
Stamp = tuple[int, int, int, int]
Stamps = dict[str, Stamp | None]


def stamps_of(paths: Iterable[str]) -> Stamps:
    """Return what tells the present state of each path from others; ``None``: it is not there."""
    return {path: _stamp(path) for path in paths}


def _stamp(path: str) -> Stamp | None:
    try:
        found = os.stat(path)
    except OSError:
        return None
    return found.st_mtime_ns, found.st_size, found.st_ino, found.st_dev


async def _looked(paths: Iterable[str]) -> Stamps:
    return await asyncio.to_thread(stamps_of, paths)


class Watch:
    """Waits for changes since ``seen``."""

    def __init__(
        self,
        seen: Stamps,
        look: Callable[[Iterable[str]], Awaitable[Stamps]] = _looked,
        sleep: Callable[[float], Awaitable[object]] = asyncio.sleep,
    ) -> None:
        self.seen = seen
        self._look = look
        self._sleep = sleep

    async def changed(self) -> None:
        """Return once something is other than seen and was the same at two looks; it is seen then."""
        before: Stamps | None = None
        looks = same = 0
        while True:
            await self._sleep(INTERVAL_S)
            seen = self.seen
            now = await self._look(seen)
            if now == seen or self.seen is not seen:
                before, looks, same = None, 0, 0
                continue
            looks += 1
            same = same + 1 if now == before else 0
            before = now
            is_gone = any(now[path] is None and was for path, was in seen.items())
            if same >= (GONE if is_gone else 1) or looks >= RESTLESS:
                self.seen = now
                return

    async def turn_to(self, paths: Iterable[str]) -> None:
        """Watch ``paths`` from now on; those watched already are as they were seen last."""
        new = await self._look([path for path in paths if path not in self.seen])
        self.seen = {path: self.seen.get(path, new.get(path)) for path in paths}
