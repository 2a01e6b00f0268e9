"""The verifications that were asked of one journal, and what came of each: bounded, newest kept.

One that is asked again counts as it came out last, so that a test which asks until it is
fulfilled leaves one that passed. What is emptied with the journal is forgotten with it.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterator
from typing import Final

import msgspec

MAX_VERIFICATIONS: Final = 100
MAX_TEXT: Final = 1024 * 1024  # characters of their texts together
_OVERHEAD: Final = 200  # of an expectation, beside its texts


class Met(msgspec.Struct, frozen=True):
    """What came of one expectation: ``low`` to ``high`` (``None``: any number) were expected.

    ``dropped`` is how many dropped requests could have counted besides ``actual``.
    """

    id: str
    what: str
    passed: bool
    low: int
    high: int | None
    actual: int
    dropped: int = 0
    misplaced: int = 0


class Verified(msgspec.Struct, frozen=True):
    """One verification as it came out last, after having been asked ``times`` times.

    ``key`` is equal for the same question. ``at`` is when it was answered, nanoseconds since
    1970; ``took_ns`` what it took, waiting included. ``after`` and ``cursor`` bound the requests
    that it judged. ``order`` is empty if any was right, ``diverged`` if it was kept, else it
    tells what should have come.
    ``strays`` counts what nothing expected; ``None`` if that was not asked. ``reason`` says why
    a wait was cut short.
    """

    key: bytes
    at: int
    took_ns: int
    passed: bool
    complete: bool
    reason: str | None
    after: int
    cursor: int
    order: str
    diverged: str
    strays: int | None
    results: tuple[Met, ...]
    report: str
    times: int = 1

    @property
    def size(self) -> int:
        texts = sum(len(each.id) + len(each.what) + _OVERHEAD for each in self.results)
        return texts + len(self.report) + len(self.diverged)


class Verifications:
    """Those of one journal, in the order in which they were asked first."""

    __slots__ = ("_by_key", "_size", "dropped")

    def __init__(self) -> None:
        self._by_key: OrderedDict[bytes, Verified] = OrderedDict()
        self._size = 0
        self.dropped = 0

    def __len__(self) -> int:
        return len(self._by_key)

    def __iter__(self) -> Iterator[Verified]:
        return iter(tuple(self._by_key.values()))

    @property
    def have_passed(self) -> bool:
        return all(each.passed for each in self._by_key.values())

    def note(self, verified: Verified) -> None:
        """Remember ``verified``, in the place of the same one if it was asked before.

        The oldest go when there are too many, or when their texts are too long; the newest stays.
        """
        before = self._by_key.get(verified.key)
        if before is not None:
            self._size -= before.size
            verified = msgspec.structs.replace(verified, times=before.times + 1)
        self._by_key[verified.key] = verified
        self._size += verified.size
        while len(self._by_key) > MAX_VERIFICATIONS or self._size > MAX_TEXT:
            oldest = next((key for key in self._by_key if key != verified.key), None)
            if oldest is None:
                break
            self._size -= self._by_key.pop(oldest).size
            self.dropped += 1

    def take_until(self, number: int, others: Verifications) -> None:
        """Take over those of ``others`` that judged no request after ``number``."""
        for each in others:
            if each.cursor <= number:
                self._by_key[each.key] = each
                self._size += each.size
        self.dropped = others.dropped
