"""Which known paths are most like one that is not known, for explanations of a near miss.

Like means: sharing a long beginning, or a long end. Two sorted lists answer that in a few
steps, however many paths there are; it is a choice of whom to explain, not a measure.
"""

from __future__ import annotations

from bisect import bisect_left, insort
from collections.abc import Iterable
from typing import Generic, TypeVar

K = TypeVar("K")


class Neighbours(Generic[K]):
    """Keys by a text of their own."""

    __slots__ = ("_backward", "_forward", "_keys")

    def __init__(self, pairs: Iterable[tuple[str, K]]) -> None:
        self._keys = dict(pairs)
        self._forward = sorted(self._keys)
        self._backward = sorted([text[::-1] for text in self._forward])

    def add(self, text: str, key: K) -> None:
        """Add a pair; ``text`` is not there yet."""
        self._keys[text] = key
        insort(self._forward, text)
        insort(self._backward, text[::-1])

    def remove(self, text: str) -> None:
        """Remove the key of ``text``, which is there."""
        del self._keys[text]
        del self._forward[bisect_left(self._forward, text)]
        del self._backward[bisect_left(self._backward, text[::-1])]

    def around(self, text: str, count: int) -> list[K]:
        """Return at most ``count`` keys whose text begins or ends most like ``text``."""
        reach = max(1, count // 4)
        near = dict.fromkeys(_around(self._forward, text, reach))
        near.update((found[::-1], None) for found in _around(self._backward, text[::-1], reach))
        return [self._keys[found] for found in near]


def _around(texts: list[str], text: str, reach: int) -> list[str]:
    middle = bisect_left(texts, text)
    return texts[max(0, middle - reach) : middle + reach]
