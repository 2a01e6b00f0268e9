"""Finding recorded entries: by index where one serves, in slices where each must be asked."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from typing import Final

from pymockapi.model.correlation import brings_any, correlation_of, is_known_by, traces_of
from pymockapi.model.exchange import UNCOUNTED, Exchange
from pymockapi.store.journal import Journal
from pymockapi.store.port import Query, Selection

SLICE: Final = 64  # entries between two looks at the clock: under 1 ms, 0.1 us each
HEADS: Final = 1024  # of entries that are searched between two looks at the clock: 0.2 us each

Pause = Callable[[], Awaitable[None] | None]
"""Called between slices; returns what to await when the turn has lasted long enough."""


def no_pause() -> Awaitable[None] | None:
    """Never end a turn early: for tests, and for callers without other traffic."""
    return None


def is_indexed(query: Query) -> bool:
    """Whether an index alone answers ``query``: at most one field, and nothing to ask entries."""
    fields = (query.stub, query.method, query.path)
    asks = query.phase, query.matched, query.correlation, query.fits
    return sum(f is not None for f in fields) <= 1 and all(a is None for a in asks)


def accepts(query: Query, entry: Exchange) -> bool:
    """Return whether ``entry`` fits every field of ``query``."""
    if query.stub is not None and entry.stub != query.stub:
        return False
    if query.method is not None and entry.method != query.method:
        return False
    if query.path is not None and entry.path != query.path:
        return False
    if query.phase is not None and entry.phase != query.phase:
        return False
    if query.matched is not None and is_matched(entry) is not query.matched:
        return False
    if not query.uncounted and entry.phase in UNCOUNTED:
        return False
    if query.correlation is not None and not is_known_by(correlation(entry), query.correlation):
        return False
    return query.fits is None or query.fits(entry)


def is_matched(entry: Exchange) -> bool:
    """Return whether a stub answered, or a behaviour instead of one."""
    return entry.stub is not None or entry.behaviour is not None


def correlation(entry: Exchange) -> dict[str, str]:
    """Return the ids by which other systems know this request, by header name."""
    return correlation_of(entry.request()) if brings_any(entry.head) else {}


async def select(
    journal: Journal, query: Query, *, after: int, limit: int, descending: bool, pause: Pause
) -> Selection:
    """Return one page of what fits; ``after`` is exclusive (``descending``: entries below it)."""
    low, high = (0, after or journal.last + 1) if descending else (after, journal.last + 1)
    numbers: Sequence[int] = journal.numbers(
        stub=query.stub, method=query.method, path=query.path, after=low
    )
    has_gaps = journal.kept < journal.last - journal.first + 1
    if is_indexed(query) and not has_gaps and (query.uncounted or not journal.uncounted):
        if numbers and numbers[-1] >= high:
            numbers = [number for number in numbers if number < high]
    else:
        kept = numbers[:]  # the index changes while a scan pauses
        if query.correlation is not None:
            kept = await _naming(journal, query.correlation, kept, pause)
        numbers = [number async for number in _filtered(journal, query, kept, high, pause)]
    return _page(journal, numbers, limit, descending=descending, after=low)


async def _naming(journal: Journal, wanted: str, numbers: Sequence[int], pause: Pause) -> list[int]:
    """Return those of ``numbers`` that may have ``wanted`` in their heads, which few have.

    A search of bytes takes a hundredth of what reading the headers does.
    """
    ways = traces_of(wanted)
    held = journal.held()
    found: list[int] = []
    for start in range(0, len(numbers), HEADS):
        some = [held.take(number) for number in numbers[start : start + HEADS]]
        for way in ways:
            found += [entry.number for entry in some if entry is not None and way in entry.head]
        if (waiting := pause()) is not None:
            await waiting
    return sorted(set(found)) if len(ways) > 1 else found


async def _filtered(
    journal: Journal, query: Query, numbers: Sequence[int], high: int, pause: Pause
) -> AsyncIterator[int]:
    for start in range(0, len(numbers), SLICE):
        for number in numbers[start : start + SLICE]:
            entry = journal.get(number) if number < high else None
            if entry is not None and accepts(query, entry):
                yield number
        if (waiting := pause()) is not None:
            await waiting


def _page(
    journal: Journal, numbers: Sequence[int], limit: int, *, descending: bool, after: int
) -> Selection:
    chosen = list(reversed(numbers[-limit:])) if descending else list(numbers[:limit])
    if not limit:
        chosen = []
    more = len(numbers) > len(chosen)
    entries = [entry for number in chosen if (entry := journal.get(number)) is not None]
    last = chosen[-1] if more and chosen else None
    is_complete = journal.evicted == 0 or journal.first <= after + 1
    return Selection(entries, last, len(numbers), journal.evicted, is_complete)
