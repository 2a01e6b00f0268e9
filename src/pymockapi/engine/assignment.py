"""Giving each demand an item of its own: bipartite matching in bounded work.

Augmenting paths, breadth first, so that nothing recurses. Each look at an item takes steps of the
request (``spend``); whether a demand fits an item is asked once.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator, Mapping
from itertools import chain
from typing import Final

from pymockapi.engine.json_values import spend
from pymockapi.model.stub import Context


def unassigned(
    demands: int, items: int, fits: Callable[[int, int], bool], context: Context
) -> int | None:
    """Return the first demand that is left without an item of its own; ``None``: all have one.

    ``fits(demand, item)`` tells whether the item would do. Raises ``ExpressionLimit``.
    """
    search = _Search(items, fits, context)
    return next((demand for demand in range(demands) if not search.seat(demand)), None)


TRIED: Final = 2  # steps that trying an item takes, 1 us


class _Search:
    """``owner`` maps an item to its demand, ``held`` a demand to its item."""

    __slots__ = ("_context", "_fits", "_held", "_items", "_known", "_owner")

    def __init__(self, items: int, fits: Callable[[int, int], bool], context: Context) -> None:
        self._items = items
        self._fits = fits
        self._context = context
        self._known: dict[int, dict[int, bool]] = {}
        self._owner: dict[int, int] = {}
        self._held: dict[int, int] = {}

    def seat(self, demand: int) -> bool:
        """Find an item for ``demand``, moving others to other items that fit them."""
        asked_by: dict[int, int] = {}  # item -> the demand that would take it
        waiting = deque([demand])
        while waiting:
            asking = waiting.popleft()
            for item in self._suiting(asking, asked_by):
                asked_by[item] = asking
                if item not in self._owner:
                    self._hand_over(item, asked_by)
                    return True
                waiting.append(self._owner[item])
        return False

    def _suiting(self, demand: int, besides: Mapping[int, int]) -> Iterator[int]:
        """Yield the items that fit ``demand``, from its own place on: equal lists meet at once."""
        count, fits, context = self._items, self._fits, self._context
        known = self._known.setdefault(demand, {})
        start = demand % count if count else 0
        for item in chain(range(start, count), range(start)):
            spend(context, TRIED)
            if item in besides:
                continue
            if item not in known:
                known[item] = fits(demand, item)
            if known[item]:
                yield item

    def _hand_over(self, item: int, asked_by: dict[int, int]) -> None:
        freed: int | None = item
        while freed is not None:
            taker = asked_by[freed]
            previous = self._held.get(taker)
            self._owner[freed] = taker
            self._held[taker] = freed
            freed = previous
