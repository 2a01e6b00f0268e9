"""What a journal holds at one moment, for whoever reads it in slices while traffic goes on.

No list of it is made: copying 100,000 references takes some milliseconds, and the garbage
collector 8 to 13 more when it meets the copy (``turns``, exports). Entries stay where they are;
those that the journal drops before they were read wait here.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator

from pymockapi.model.exchange import Exchange


class Held:
    """``total`` entries from ``first`` to ``last``. What is read is let go of, so each is read once,
    in ascending order; those below ``first`` are of no interest any more.
    """

    __slots__ = ("__weakref__", "_dropped", "_get", "first", "last", "total")

    def __init__(
        self, get: Callable[[int], Exchange | None], first: int, last: int, total: int
    ) -> None:
        """``get`` tells what the journal holds now."""
        self._get = get
        self._dropped: dict[int, Exchange] = {}
        self.first = first
        self.last = last
        self.total = total

    def take(self, number: int) -> Exchange | None:
        """Return the entry with ``number``; ``None`` if it was gone already when this was made."""
        self.first = number + 1
        return self._get(number) or self._dropped.pop(number, None)

    def skip_to(self, number: int) -> None:
        """Let go of the entries below ``number``."""
        self.first = max(self.first, number)
        self._dropped = {at: entry for at, entry in self._dropped.items() if at >= number}

    def keep(self, dropped: Iterable[Exchange]) -> None:
        """Keep what the journal drops, as far as it is still to be read."""
        for entry in dropped:
            if self.first <= entry.number <= self.last:
                self._dropped[entry.number] = entry

    def __iter__(self) -> Iterator[Exchange]:
        for number in range(self.first, self.last + 1):
            if (entry := self.take(number)) is not None:
                yield entry
