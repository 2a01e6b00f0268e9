"""Ascending numbers of journal entries by a text: a stub, a method, a path, an error."""

from __future__ import annotations

from bisect import bisect_left, bisect_right, insort
from collections.abc import Iterable
from typing import cast


class NumberIndex:
    """Ascending entry numbers by a text key; a key met once costs one dict slot."""

    __slots__ = ("lists",)

    def __init__(self) -> None:
        self.lists: dict[str, int | list[int]] = {}

    def add(self, key: str, number: int) -> None:
        known = self.lists.get(key)
        if type(known) is list:  # the numbers are the entries' own: 8 bytes each, as in an array
            known.append(number)
        elif known is None:
            self.lists[key] = number
        else:
            self.lists[key] = [cast(int, known), number]

    def numbers(self, key: str, first: int) -> list[int]:
        """Return the numbers of ``key`` that are at least ``first``."""
        known = self.lists.get(key)
        if known is None:
            return []
        if isinstance(known, int):
            return [known] if known >= first else []
        start = bisect_left(known, first)
        return known[start:] if start else known

    def count(self, key: str, first: int, last: int) -> int:
        """Return how many numbers from ``first`` to ``last`` the ``key`` has; none if these cross."""
        known = self.lists.get(key)
        if known is None or first > last:
            return 0
        if isinstance(known, int):
            return int(first <= known <= last)
        return bisect_right(known, last) - bisect_left(known, first)

    def drop(self, number: int) -> None:
        """Forget ``number``, under whatever key; for indexes with few keys."""
        for key, known in self.lists.items():
            if isinstance(known, int):
                if known == number:
                    del self.lists[key]
                    return
            else:
                place = bisect_left(known, number)
                if known[place : place + 1] == [number]:
                    del known[place]
                    if not known:
                        del self.lists[key]
                    return

    def insert(self, key: str, number: int) -> None:
        """Add ``number``, which need not be the highest."""
        known = self.lists.get(key)
        numbers = [known] if isinstance(known, int) else known or []
        insort(numbers, number)
        self.lists[key] = numbers

    def drop_below(self, keys: Iterable[str], first: int) -> None:
        """Forget the numbers of ``keys`` below ``first``, of a list when half of them are.

        For most there is nothing to do, and finding that out takes 0.1 us.
        """
        lists = self.lists
        if not lists:
            return
        for key in keys:
            known = lists.get(key)
            if type(known) is list:
                if known[len(known) // 2] >= first:
                    continue
                if known[-1] >= first:
                    del known[: bisect_left(known, first)]
                    continue
            elif known is None or cast(int, known) >= first:
                continue
            del lists[key]
