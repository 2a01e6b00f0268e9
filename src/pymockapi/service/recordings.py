"""What was recorded: pages, searches, counts, single entries, explanations, orphans."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final

from pymockapi.engine.explain import explain
from pymockapi.engine.matching.pattern import (
    PATTERN_HINTS,
    PATTERN_KEYS,
    read_pattern,
    standard_method,
)
from pymockapi.engine.rank import rank
from pymockapi.engine.sequences import step_at
from pymockapi.model.errors import ExpressionLimit, UnknownItem, UnknownStub
from pymockapi.model.exchange import Exchange, Phase
from pymockapi.model.plan import Explanation
from pymockapi.model.reader import Findings, kind_of, read_choice, read_int, read_object
from pymockapi.model.request import Request
from pymockapi.model.stub import Context, Pattern
from pymockapi.service.calls import Call, Outcome, Site
from pymockapi.service.documents import (
    Document,
    exchange_document,
    explanation_document,
    orphan_document,
)
from pymockapi.service.listing import documents, page
from pymockapi.service.specs import read_trial
from pymockapi.store.moments import moment_view, own_layer_of
from pymockapi.store.namespace import Namespace
from pymockapi.store.port import Query, Selection

MAX_PAGE: Final = 1000
PAGE: Final = 100
SEARCH_KEYS: Final = ("after", "limit", "order", "stub", "phase")
_BOOLEANS: Final = {"true": True, "false": False}


class Recordings:
    """Reading the journal of a namespace; only the deletes change anything."""

    def __init__(self, site: Site) -> None:
        self._store = site.store

    async def list_requests(self, call: Call) -> Outcome:
        found = Findings()
        space = self._store.readable(call.ns)
        given = call.query
        matched = None
        if "matched" in given:
            matched = _BOOLEANS[read_choice(given["matched"], "/matched", found, ("true", "false"))]
        query = Query(
            stub=known_stub(space, given.get("stub")),
            method=standard_method(given["method"]) if "method" in given else None,
            path=given.get("path"),
            phase=_phase(given.get("phase"), found),
            matched=matched,
            correlation=read_correlation(given, found),
        )
        return await self._page(call, query, numbers_of(given), found)

    async def search_requests(self, call: Call) -> Outcome:
        found = Findings()
        query, entries = self._pattern_query(call, found)
        return await self._page(call, query, entries, found)

    async def count_requests(self, call: Call) -> Outcome:
        found = Findings()
        query, entries = self._pattern_query(call, found)
        after = read_int(entries.get("after", 0), "/after", found, 0)
        found.check("The pattern")
        query = query._replace(uncounted=query.phase is not None)
        selection = await self._selected(call, query, after=after, limit=0)
        space = self._store.readable(call.ns)
        return Outcome(_counted(space, query, after, selection), space.version)

    def _pattern_query(self, call: Call, found: Findings) -> tuple[Query, Mapping[str, Any]]:
        """Read a pattern with paging; method, exact path and stub use the journal's indexes."""
        space = self._store.readable(call.ns)
        known = (*PATTERN_KEYS, *SEARCH_KEYS)
        entries = read_object(call.document(), "", found, known, PATTERN_HINTS)
        given = {key: value for key, value in entries.items() if key in PATTERN_KEYS}
        pattern = read_pattern(given, "", found)
        key = pattern.index_key
        method = next(iter(key.methods)) if len(key.methods) == 1 else None
        path = key.path if key.path_kind == "exact" and isinstance(key.path, str) else None
        is_indexed = (
            pattern.only_indexed and len(key.methods) < 2 and key.path_kind in ("exact", "any")
        )
        stub = entries.get("stub")
        if stub is not None and not isinstance(stub, str):
            found.add("/stub", f"expected a stub's name, got {kind_of(stub)}")
            stub = None
        query = Query(
            stub=known_stub(space, stub),
            method=method,
            path=path,
            phase=_phase(entries.get("phase"), found),
            fits=None if is_indexed else _fits(pattern),
        )
        return query, entries

    async def _page(
        self, call: Call, query: Query, entries: Mapping[str, Any], found: Findings
    ) -> Outcome:
        after = read_int(entries.get("after", 0), "/after", found, 0)
        limit = read_int(entries.get("limit", PAGE), "/limit", found, 1, MAX_PAGE)
        order = read_choice(entries.get("order", "asc"), "/order", found, ("asc", "desc"))
        found.check("The query")
        found_page = await self._selected(
            call, query, after=after, limit=limit, descending=order == "desc"
        )
        space = self._store.readable(call.ns)
        shown = found_page.entries
        listed = await page(shown, lambda entry: entry_document(space, entry), self._store.pause)
        is_cut = len(listed) < len(shown)
        document = {
            "requests": listed,
            "next": shown[len(listed) - 1].number if is_cut else found_page.next,
            "total": found_page.total,
            "evicted": found_page.evicted,
        }
        return Outcome(document, space.version)

    async def _selected(
        self, call: Call, query: Query, *, after: int, limit: int, descending: bool = False
    ) -> Selection:
        try:
            return await self._store.select(
                call.ns, query, after=after, limit=limit, descending=descending
            )
        except ExpressionLimit as reached:
            found = Findings()
            found.add(
                "",
                f"the pattern went past its budget on a recorded request, {reached}; narrow it by"
                " method, path or stub",
            )
            found.check("The pattern")
            raise

    async def get_request(self, call: Call) -> Outcome:
        space = self._store.readable(call.ns)
        return Outcome(entry_document(space, _entry(space, call)), space.version)

    async def delete_request(self, call: Call) -> Outcome:
        space = self._store.known(call.ns)
        space.journal.delete(_entry(space, call).number)
        return Outcome(None, space.version)

    async def delete_requests(self, call: Call) -> Outcome:
        self._store.clear_requests(call.ns)
        return Outcome(None, self._store.known(call.ns).version)

    async def explain_request(self, call: Call) -> Outcome:
        """Explain a recorded request by what was in force when it came."""
        space = self._store.readable(call.ns)
        entry = _entry(space, call)
        own = await own_layer_of(space, entry, self._store.pause)
        view, complete = moment_view(space, entry, own)
        request = entry.request()
        explanation = explain(view, request)
        document = explanation_document(
            explanation,
            f"{request.method} {request.path}",
            entry.step or None,
            complete=complete,
            behaviour=entry.behaviour,
        )
        return Outcome(document, space.version)

    async def match(self, call: Call) -> Outcome:
        found = Findings()
        space = self._store.readable(call.ns)
        request = read_trial(call.document(), found)
        found.check("The request to try")
        explanation = explain(space, request)
        step = _next_step(space, request, explanation)
        document = explanation_document(
            explanation, f"{request.method} {request.path}", step, complete=True
        )
        return Outcome(document, space.version)

    async def list_orphans(self, _: Call) -> Outcome:
        lives = self._store.lives
        total = lives.orphan_total
        listed = await documents(list(lives.orphans), orphan_document, self._store.pause)
        return Outcome({"orphans": listed, "total": total})

    async def delete_orphans(self, _: Call) -> Outcome:
        self._store.lives.clear_orphans()
        return Outcome()


def entry_document(space: Namespace, entry: Exchange) -> Document:
    """Return an entry with the captures of the stub that answered, while that is still defined."""
    stub = space.effective(entry.stub) if entry.stub is not None else None
    params = stub.pattern.captures(entry.request()) if stub is not None else {}
    return exchange_document(entry, params)


def _entry(space: Namespace, call: Call) -> Exchange:
    text = call.path["number"]
    number = int(text) if text.isascii() and text.isdigit() and len(text) < 16 else 0
    entry = space.journal.get(number)
    if entry is not None:
        return entry
    journal = space.journal
    if number < 1 or number > journal.last:
        raise UnknownItem(
            f"Namespace '{space.name}' has no request '{text}'; "
            + (
                f"its numbers run from 1 to {journal.last}."
                if journal.last
                else "none has come yet."
            )
        )
    raise UnknownItem(
        f"Request {number} of namespace '{space.name}' is no longer recorded: it was deleted,"
        f" reset, or dropped by a limit ({journal.evicted} were dropped)."
    )


def known_stub(space: Namespace, name: str | None) -> str | None:
    """Return ``name`` if this namespace has, or ever had, a stub of that name."""
    if name is None or space.has_known(name):
        return name
    raise UnknownStub(name, space.name, [stub.name for _, stub in space.stubs()])


def _counted(
    space: Namespace, query: Query, after: int, selection: Selection
) -> dict[str, int | bool]:
    """Return how many fit, with dropped ones as far as it is known which stub answered them."""
    if query.stub is None or selection.complete:
        return {"count": selection.total, "complete": selection.complete}
    low, high = space.journal.lost(after).of_stub(query.stub)
    if query != Query(stub=query.stub, uncounted=query.uncounted):
        low = 0
    return {"count": selection.total + low, "complete": low == high}


def _phase(given: object, found: Findings) -> str | None:
    return None if given is None else read_choice(given, "/phase", found, tuple(Phase))


def read_correlation(query: Mapping[str, str], found: Findings) -> str | None:
    wanted = query.get("correlation")
    if wanted is not None and not wanted.strip():
        found.add(
            "/correlation", "expected an id, got nothing; leave 'correlation' out, or give one"
        )
    return None if wanted is None else wanted.strip()


def numbers_of(query: Mapping[str, str]) -> dict[str, object]:
    """Return the query's numbers as numbers."""
    return {
        key: int(value)
        if key != "order" and value.isascii() and value.isdigit() and len(value) < 16
        else value
        for key, value in query.items()
    }


def _fits(pattern: Pattern) -> Callable[[Exchange], bool]:
    def fits(entry: Exchange) -> bool:
        request = entry.request()
        try:
            return pattern.accepts(request, Context(request, entry.mock_at))
        except ExpressionLimit as limit:
            raise ExpressionLimit(f"request {entry.number}: {limit}") from limit

    return fits


def _next_step(view: Namespace, request: Request, explanation: Explanation) -> int | None:
    """Return which step the stub that answers would serve, from 1; ``None`` without a sequence."""
    stub = view.effective(explanation.stub) if explanation.stub is not None else None
    if stub is None or not stub.is_sequence:
        return None
    for each in rank(view, request).alternatives:
        if each.stub is stub:
            cell = view.cell(stub.name)
            step = step_at(stub, cell.position(each.key) if cell is not None else 0)
            return None if step is None else step + 1
    return None
