"""Finding recorded requests in every namespace of the server, live or finished: by an id, by a label.

Nothing is renewed by looking: a search belongs to no test.
"""

from __future__ import annotations

from typing import Any, Final

from pymockapi.model.correlation import is_known_by
from pymockapi.model.exchange import Exchange
from pymockapi.model.reader import Findings, read_int
from pymockapi.service.calls import Call, Outcome, Site
from pymockapi.service.documents import orphan_document
from pymockapi.service.listing import documents, page
from pymockapi.service.recordings import (
    MAX_PAGE,
    PAGE,
    entry_document,
    numbers_of,
    read_correlation,
)
from pymockapi.store.namespace import Namespace
from pymockapi.store.port import Query
from pymockapi.store.selecting import select

Document = dict[str, Any]
_NOTHING: Final = "give 'correlation', 'label' or both: which requests are looked for"


class Searches:
    """Reading every journal."""

    def __init__(self, site: Site) -> None:
        self._store = site.store

    async def find_requests(self, call: Call) -> Outcome:
        found = Findings()
        limit = read_int(numbers_of(call.query).get("limit", PAGE), "/limit", found, 1, MAX_PAGE)
        wanted = read_correlation(call.query, found)
        label = call.query.get("label")
        if wanted is None and label is None:
            found.add("/correlation", _NOTHING)
        found.check("The query")
        hits: list[tuple[Namespace, Exchange]] = []
        total = 0
        for space in self._spaces(label):
            selection = await select(
                space.journal, Query(correlation=wanted), after=0, limit=limit - len(hits),
                descending=False, pause=self._store.pause,
            )  # fmt: skip
            hits += [(space, entry) for entry in selection.entries]
            total += selection.total
            if (waiting := self._store.pause()) is not None:
                await waiting
        return Outcome(
            {
                "requests": await page(hits, lambda hit: self._hit(*hit), self._store.pause),
                "total": total,
                "orphans": [] if wanted is None else await self._orphans(wanted),
            }
        )

    def _spaces(self, label: str | None) -> list[Namespace]:
        """Return the finished ones in the order of their ends, then the live ones of creation."""
        finished = [each.space for each in self._store.lives.finished() if each.space is not None]
        return [
            space for space in (*finished, *self._store.spaces())
            if label is None or has_label(space, label)
        ]  # fmt: skip

    def _hit(self, space: Namespace, entry: Exchange) -> Document:
        return {
            "namespace": space.name,
            "id": space.id,
            "labels": dict(space.spec.labels),
            "finished": self._store.lives.kept(space.id) is not None,
            **entry_document(space, entry),
        }

    async def _orphans(self, wanted: str) -> list[Any]:
        known = [each for each in self._store.lives.orphans if is_known_by(each.ids, wanted)]
        return await documents(known, orphan_document, self._store.pause)


def has_label(space: Namespace, wanted: str) -> bool:
    """Return whether ``space`` has the label ``NAME=VALUE``, or ``NAME`` with any value."""
    name, equals, value = wanted.partition("=")
    labels = space.spec.labels
    return labels.get(name) == value if equals else name in labels
