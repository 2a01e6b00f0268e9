"""The table of a config that tells what tags bring: rows in order, found by the tags they mention.

A row that mentions none of a test's tags holds for it just if it holds for no tags at all, so
only rows that mention one are evaluated.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from typing import Final

import msgspec

from pymockapi.engine.tagging.expressions import TagExpression
from pymockapi.model.slices import Work
from pymockapi.model.stub import Json

FEW: Final = 16  # rows evaluated between two looks at the clock; up to 1 ms


class TagRow(msgspec.Struct, frozen=True):
    """What a test gets whose tags fit ``expression``: first ``sets``, then ``state`` and ``settings``."""

    expression: TagExpression
    sets: tuple[str, ...] = ()
    state: Mapping[str, Json] = msgspec.field(default_factory=dict)
    settings: Mapping[str, Json] = msgspec.field(default_factory=dict)

    @property
    def text(self) -> str:
        return self.expression.text

    @property
    def brings_nothing(self) -> bool:
        return not (self.sets or self.state or self.settings)


class TagTable(msgspec.Struct, frozen=True):
    """``mentions`` are the places of the rows that mention a tag, ``untagged`` those that hold
    for no tags."""

    rows: tuple[TagRow, ...] = ()
    mentions: Mapping[str, Sequence[int]] = msgspec.field(default_factory=dict)
    untagged: tuple[int, ...] = ()

    def holding(self, tags: AbstractSet[str]) -> Work[tuple[TagRow, ...]]:
        """Return the rows that hold for a test with exactly ``tags``, in the table's order."""
        mentioning = set[int]()
        for tag in tags:
            mentioning.update(self.mentions.get(tag, ()))
        places = [place for place in self.untagged if place not in mentioning]
        for count, place in enumerate(mentioning, 1):
            if self.rows[place].expression.holds(tags):
                places.append(place)
            if count % FEW == 0:
                yield
        return tuple(self.rows[place] for place in sorted(places))


def make_table(rows: Iterable[TagRow]) -> Work[TagTable]:
    """Index ``rows``, in slices."""
    made = tuple(rows)
    mentions: dict[str, list[int]] = {}
    untagged = []
    for place, row in enumerate(made):
        for tag in row.expression.tags:
            mentions.setdefault(tag, []).append(place)
        if row.expression.holds(frozenset()):
            untagged.append(place)
        if place % FEW == FEW - 1:
            yield
    return TagTable(made, mentions, tuple(untagged))
