"""Which recorded requests two own stubs of equal rank would have answered, so that order decided.

Traffic pays nothing for it: recorded requests are looked at when a verdict asks, in slices, each
against the stubs, the state and the counters that it met. Of requests that are no longer
recorded nobody can tell.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator
from typing import Final

import msgspec

from pymockapi.engine.availability import obstacles
from pymockapi.engine.index import LayerIndex
from pymockapi.engine.rank import is_always_available
from pymockapi.engine.verifying.verdict import MAX_ITEMS, NOTHING, Found, Item
from pymockapi.model.errors import ExpressionLimit
from pymockapi.model.exchange import Exchange
from pymockapi.model.stub import Context, Stub
from pymockapi.store.marks import Mark
from pymockapi.store.moments import WholeLayer, moment_view, own_layer_of
from pymockapi.store.namespace import Namespace
from pymockapi.store.request_texts import request_text
from pymockapi.store.selecting import Pause

SLICE: Final = 64  # requests between two looks at the clock, at 3 us each where nobody rivals
MAX_NAMED: Final = 3  # stubs that are named beside the one that answered


class Rivals(msgspec.Struct, frozen=True):
    """``in_doubt``: a request of which nobody can tell any more may have been one."""

    found: Found = NOTHING
    in_doubt: bool = False


NO_RIVALS: Final = Rivals()


async def rivals_since(space: Namespace, mark: Mark, pause: Pause) -> Rivals:
    """Return the requests after ``mark`` that several own stubs of equal priority matched."""
    while True:
        search = _Search(space, mark, pause)
        if await search.is_done():
            return search.rivals()


class _Search:
    """One way through a journal; once that is cleared there is another to go through."""

    def __init__(self, space: Namespace, mark: Mark, pause: Pause) -> None:
        self._space = space
        self._journal = space.journal
        self._mark = mark
        self._pause = pause
        self._count = 0
        self._items: list[Item] = []
        self._in_doubt = False
        self._version = -1
        self._changes: list[int] = []
        self._era: tuple[int, LayerIndex] | None = None

    def rivals(self) -> Rivals:
        own = self._space.former.names | self._space.own.by_name.keys()
        lost = self._journal.marks.lost_stubs(self._mark).keys() & own
        return Rivals(Found(self._count, tuple(self._items)), self._in_doubt or bool(lost))

    async def is_done(self) -> bool:
        """Look at every request up to the turn in which this returns true."""
        number = self._mark.after
        while self._space.journal is self._journal:
            number = max(number + 1, self._journal.first)
            if number > self._journal.last:
                return True
            entry = self._journal.get(number)
            if entry is not None and entry.stub is not None:
                await self._look_at(entry)
            if number % SLICE == 0:
                await self._paused()
        return False

    async def _paused(self) -> None:
        if (waiting := self._pause()) is not None:
            await waiting

    async def _look_at(self, entry: Exchange) -> None:
        layer = await self._layer_of(entry)
        rivals = []
        for rival in _rivals(entry, WholeLayer(self._space.own) if layer is None else layer):
            if self._matched(rival, entry, layer):
                rivals.append(rival.name)
            await self._paused()
        if rivals:
            self._count += 1
            if len(self._items) < MAX_ITEMS:
                self._items.append(_item(entry, rivals))

    async def _layer_of(self, entry: Exchange) -> LayerIndex | None:
        """Return the own layer that the request met; ``None``: the present one."""
        space, number = self._space, entry.number
        if self._version != space.version:
            self._version, self._changes = space.version, space.history.layer_changes()
        if not space.history.reaches(number):
            self._in_doubt = True
        place = bisect_left(self._changes, number)
        if place == len(self._changes):
            return None
        change = self._changes[place]
        if self._era is None or self._era[0] != change:
            layer = await own_layer_of(space, entry, self._pause)
            assert layer is not None, "it was changed since"
            self._era = (change, layer)
        return self._era[1]

    def _matched(self, rival: Stub, entry: Exchange, layer: LayerIndex | None) -> bool:
        """Return whether ``rival``, whose method and path fit, would have answered as well."""
        context = Context(entry.request(), entry.mock_at)
        try:
            pattern = rival.pattern
            if not (pattern.only_indexed or pattern.accepts_rest(context.request, context)):
                return False
            if not rival.when and is_always_available(rival):
                return True
            view, is_certain = moment_view(self._space, entry, layer)
            is_free = not obstacles(rival, view, context)
        except ExpressionLimit:
            self._in_doubt = True
            return False
        if not is_certain:
            self._in_doubt = True
        return is_free and is_certain


def _rivals(entry: Exchange, layer: LayerIndex | WholeLayer) -> Iterator[Stub]:
    """Yield the own stubs that may accept the request with the priority of the one that answered."""
    found = layer.candidates(entry.request())
    if len(found) < 2:
        return
    mine = next((rank for rank, stub in found if stub.name == entry.stub), None)
    if mine is not None:
        yield from (stub for rank, stub in found if rank[0] == mine[0] and rank != mine)


def _item(entry: Exchange, rivals: list[str]) -> Item:
    more = f" and {len(rivals) - MAX_NAMED} more" if len(rivals) > MAX_NAMED else ""
    named = ", ".join(f"'{name}'" for name in rivals[:MAX_NAMED])
    fit = "fits" if len(rivals) == 1 else "fit"
    detail = f"'{entry.stub}' answered; {named}{more} {fit} as well, with the same priority"
    return Item(entry.number, request_text(entry), entry.error or "", detail)
