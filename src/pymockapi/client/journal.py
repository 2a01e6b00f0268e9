# Made from aio/journal.py by tests/client_twins.py: change that, then run 'make client'.
"""Asking the journal of a namespace: entries by page, counts, and what a failure should show.

Calls rows, judges nothing: whether a count is right is ``assertions``' business.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, TypedDict

from pymockapi.client.control import NamespaceControl
from pymockapi.client.errors import MockServerError
from pymockapi.client.recorded import RecordedRequest
from pymockapi.client.values import JsonObject

PAGE: Final = 500  # entries a page: few round trips, and no answer of hundreds of megabytes


class RequestFilters(TypedDict, total=False):
    """What narrows a list of recorded requests.

    ``after`` is a number, exclusive; ``limit`` the most to return, the oldest first; ``method``
    and ``path`` (without query) are exact; ``matched`` tells whether a stub answered;
    ``correlation`` is a value of ``traceparent``, ``x-request-id`` or ``x-correlation-id``, or the
    trace id of the first.
    """

    after: int | None
    limit: int | None
    method: str | None
    path: str | None
    stub: str | None
    matched: bool | None
    phase: str | None
    correlation: str | None


class SearchFilters(TypedDict, total=False):
    """What narrows a search by pattern; as in ``RequestFilters``."""

    after: int | None
    limit: int | None
    stub: str | None
    phase: str | None


@dataclass(frozen=True, slots=True)
class Count:
    """How many entries fit; not ``complete`` when dropped ones could have fitted too."""

    count: int
    complete: bool

    def exact(self) -> int:
        """Return the count. Raises ``MockServerError`` if it may be too low."""
        if not self.complete:
            raise MockServerError(
                f"At least {self.count} requests fit, and dropped ones could have too: the"
                " journal's limits were reached. Raise the namespace's limits 'requests' and"
                " 'bytes', or count after a cursor."
            )
        return self.count


def entries(
    control: NamespaceControl, filters: JsonObject, pattern: JsonObject | None = None
) -> list[RecordedRequest]:
    """Return the recorded requests that fit, oldest first, from as many pages as it takes.

    ``filters`` are keys of ``RequestFilters``, or of ``SearchFilters`` with a ``pattern``.
    """
    limit = filters.get("limit")
    found: list[RecordedRequest] = []
    after: int | None = filters.get("after", 0)
    while after is not None and (limit is None or len(found) < limit):
        size = PAGE if limit is None else min(PAGE, limit - len(found))
        page = _page(control, {**filters, "after": after, "limit": size}, pattern)
        found += [RecordedRequest(entry) for entry in page["requests"]]
        after = page["next"]
    return found


def _page(control: NamespaceControl, filters: JsonObject, pattern: JsonObject | None) -> JsonObject:
    if pattern is None:
        answer: JsonObject = control.call("list_requests", query=filters)
    else:
        answer = control.call("search_requests", {**pattern, **filters})
    return answer


def count(control: NamespaceControl, asked: JsonObject) -> Count:
    """Count the entries that fit ``asked``: a pattern, with ``stub`` and ``after`` if wanted."""
    answer = control.call("count_requests", asked)
    return Count(answer["count"], answer["complete"])


def latest(control: NamespaceControl, most: int) -> list[RecordedRequest]:
    """Return the last ``most`` entries, oldest first."""
    answer = control.call("list_requests", query={"order": "desc", "limit": most})
    return [RecordedRequest(entry) for entry in reversed(answer["requests"])]
