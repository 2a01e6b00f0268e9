"""Giving each demand an item of its own: bipartite matching in bounded work.

Augmenting paths, breadth first, so that nothing recurses. Each look at an item is a step of the
request (``spend``); whether a demand fits an item is asked once.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable

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


class _Search:
    """``owner`` maps an item to its demand, ``held`` a demand to its item."""

    __slots__ = ("_context", "_fits", "_held", "_items", "_known", "_owner")

    def __init__(self, items: int, fits: Callable[[int, int], bool], context: Context) -> None:
        self._items = items
        self._fits = fits
        self._context = context
        self._known: dict[tuple[int, int], bool] = {}
        self._owner: dict[int, int] = {}
        self._held: dict[int, int] = {}

    def seat(self, demand: int) -> bool:
        """Find an item for ``demand``, moving others to other items that fit them."""
        asked_by: dict[int, int] = {}  # item -> the demand that would take it
        waiting = deque([demand])
        while waiting:
            asking = waiting.popleft()
            for offset in range(self._items):  # equal lists meet at once, on the diagonal
                item = (asking + offset) % self._items
                spend(self._context)
                if item in asked_by or not self._suits(asking, item):
                    continue
                asked_by[item] = asking
                if item not in self._owner:
                    self._hand_over(item, asked_by)
                    return True
                waiting.append(self._owner[item])
        return False

    def _suits(self, demand: int, item: int) -> bool:
        answer = self._known.get((demand, item))
        if answer is None:
            answer = self._known[demand, item] = self._fits(demand, item)
        return answer

    def _hand_over(self, item: int, asked_by: dict[int, int]) -> None:
        freed: int | None = item
        while freed is not None:
            taker = asked_by[freed]
            previous = self._held.get(taker)
            self._owner[freed] = taker
            self._held[taker] = freed
            freed = previous
