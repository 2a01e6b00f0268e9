"""Which recorded requests are most like what a verification misses, and in what they differ."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Final, NamedTuple

from pymockapi.engine.distance import distance
from pymockapi.engine.verifying.expectations import Kind, Seen, shortened
from pymockapi.engine.verifying.verification import Outcome, Result
from pymockapi.engine.verifying.verification_report import Near
from pymockapi.formats.hiding import hidden_differences
from pymockapi.model.errors import ExpressionLimit
from pymockapi.model.exchange import UNCOUNTED, Exchange, Phase
from pymockapi.model.request import printable
from pymockapi.model.stub import Difference, Pattern
from pymockapi.service.listing import Pause
from pymockapi.service.quoting import captures_of, path_in
from pymockapi.store.journal import Journal
from pymockapi.store.namespace import Namespace

MAX_EXPLAINED: Final = 10  # expectations of one verification
MAX_SHOWN: Final = 3  # requests for each
MAX_TOLD: Final = 10  # differences of each
MAX_TEXT: Final = 400  # characters of one side of a difference
COMPARED: Final = 40  # the newest of each sort, at 10 to 100 us each
_OTHER: Final = 1.0  # what a difference beside the pattern weighs


async def nearest_requests(
    space: Namespace, journal: Journal, outcome: Outcome, pause: Pause
) -> dict[str, tuple[Near, ...]]:
    """Return for each expectation that misses some, by its id, the nearest of what came."""
    missed = [each for each in outcome.results if not each.passed and _misses(each)]
    found = {}
    for result in missed[:MAX_EXPLAINED]:
        kind = result.expectation.kind
        pattern: Pattern | None = kind.pattern
        if pattern is None and kind.stub is not None:
            stub = space.effective(kind.stub)
            pattern = None if stub is None else stub.pattern
        search = Search(journal, outcome.check.after, outcome.cursor, frozenset(result.numbers))
        found[result.expectation.id] = await search.nearest(kind, pattern, space, pause)
    return found


class Search(NamedTuple):
    """The recorded requests after ``after``, to ``until``, but for those ``taken``."""

    journal: Journal
    after: int
    until: int
    taken: frozenset[int] = frozenset()

    async def nearest(
        self, kind: Kind, pattern: Pattern | None, space: Namespace, pause: Pause
    ) -> tuple[Near, ...]:
        """Return those that are most like ``kind``, whose pattern, or its stub's, is ``pattern``."""
        ranked: list[tuple[float, int, tuple[Difference, ...]]] = []
        for entry in self._candidates(pattern):
            told = _compared(kind, pattern, entry)
            if told is not None:
                far, differences = told
                ranked.append((far, -entry.number, differences))
            if (waiting := pause()) is not None:
                await waiting
        return _best(ranked, self.journal, space)

    def _candidates(self, pattern: Pattern | None) -> Iterator[Exchange]:
        """Yield the newest requests: on the same path, unmatched, and any."""
        journal, after = self.journal, self.after
        sorts: list[Iterable[int]] = [journal.numbers(stub="", after=after)[-COMPARED:]]
        if pattern is not None and isinstance(path := pattern.index_key.path, str):
            sorts.append(journal.numbers(path=path, after=after)[-COMPARED:])
        sorts.append(journal.numbers(after=after)[-COMPARED:])
        for number in sorted({number for each in sorts for number in each} - self.taken):
            entry = journal.get(number) if number <= self.until else None
            if entry is not None and entry.phase not in UNCOUNTED:
                yield entry


def told(entry: Exchange | None, space: Namespace) -> str:
    """Return a request in short: ``POST /payments -> 201``; its query only if nothing in it is hidden."""
    if entry is None:
        return "(no longer recorded)"
    hides_query = any(each.notation.startswith("query.") for each in space.settings.redact)
    _, mark, query = entry.target.partition("?")
    target = path_in(space, entry) + (f"{mark}…" if mark and hides_query else mark + query)
    answer = entry.phase.value if entry.response is None else str(entry.response.status)
    if entry.fault is not None:
        answer = f"fault: {entry.fault}"
    if entry.error is not None:
        answer += f" {entry.error}"
    elif entry.response is not None and entry.phase not in (Phase.ANSWERED, Phase.FAILED):
        answer += f", {entry.phase}"
    return f"{shortened(printable(f'{entry.method} {target}'))} -> {answer}"


def _misses(result: Result) -> bool:
    return result.actual + len(result.misplaced) < result.expectation.low


def _compared(
    kind: Kind, pattern: Pattern | None, entry: Exchange
) -> tuple[float, tuple[Difference, ...]] | None:
    """Return how far ``entry`` is from ``kind``, and in what; ``None`` if it fits, or is not known."""
    seen = Seen(entry)
    try:
        found = [] if pattern is None else pattern.differences(seen.request, seen.context())
        others = kind.answered.differences(seen)
    except ExpressionLimit:
        return None
    is_told = kind.pattern is None and found  # what does not fit the stub it cannot answer
    if kind.stub is not None and entry.stub != kind.stub and not is_told:
        others.insert(0, Difference("stub", f"'{kind.stub}'", _answerer(entry)))
    if not (found or others):
        return None
    far = _OTHER * len(others)
    if pattern is not None:
        far += distance(found, pattern.index_key, seen.request)
    return far, (*found, *others)


def _answerer(entry: Exchange) -> str:
    if entry.stub is not None:
        return f"'{entry.stub}'"
    if entry.behaviour is not None:
        return f"none (behaviour '{entry.behaviour}')"
    return f"none ({entry.error})" if entry.error is not None else "none"


def _best(
    ranked: list[tuple[float, int, tuple[Difference, ...]]], journal: Journal, space: Namespace
) -> tuple[Near, ...]:
    """Return the nearest few, those that are as like as the very nearest, the newest first."""
    ranked.sort(key=lambda item: item[:2])
    most = 2 * ranked[0][0] + 1 if ranked else 0
    return tuple(
        Near(-number, _told(_hidden(differences[:MAX_TOLD], journal.get(-number), space)))
        for far, number, differences in ranked[:MAX_SHOWN]
        if far <= most
    )


def _hidden(
    differences: Sequence[Difference], entry: Exchange | None, space: Namespace
) -> tuple[Difference, ...]:
    fields = space.settings.redact
    if entry is None:
        return hidden_differences(differences, fields)
    request = entry.request()
    captures = captures_of(space, request)
    return hidden_differences(differences, fields, request, captures)


def _told(differences: tuple[Difference, ...]) -> tuple[Difference, ...]:
    return tuple(
        Difference(
            shortened(each.field),
            shortened(each.expected, MAX_TEXT),
            shortened(each.actual, MAX_TEXT),
        )
        for each in differences
    )
