"""All that is known of one namespace, live or finished, as files: bundle, logs and reports.

Made in slices of references that are held from the beginning, so that traffic goes on meanwhile;
what comes later is not in it. Redacted unless asked otherwise.
"""

from __future__ import annotations

import platform
from collections import deque
from collections.abc import AsyncIterator, Mapping, Sequence
from functools import partial
from typing import Any, Final

import msgspec

from pymockapi import __version__
from pymockapi.engine.explain import explain
from pymockapi.engine.verifying.verdict import EFFECTS, UNMATCHED, Verdict, effect_of
from pymockapi.formats.har import har_entry, har_frame
from pymockapi.formats.hiding import hidden
from pymockapi.formats.junit import junit
from pymockapi.formats.redaction import Redactor
from pymockapi.formats.summary import MAX_LISTED, in_short, summary
from pymockapi.model.clock import instant_text
from pymockapi.model.exchange import Exchange
from pymockapi.model.stub import Stub
from pymockapi.service.courses import CourseDocuments, Listed
from pymockapi.service.documents import (
    applied_document,
    end_document,
    exchange_document,
    explanation_document,
    limits_document,
    orphan_document,
    sequence_document,
    stub_document,
    tell_shadowed,
    verified_document,
)
from pymockapi.service.judgements import (
    expectations,
    expected,
    verdict_document,
    verdict_on,
    with_nearest,
)
from pymockapi.service.listing import Pause, documents, members
from pymockapi.service.quoting import captures_of, quoted, quoted_orphan
from pymockapi.service.sheets import Sheet, in_pieces
from pymockapi.service.verdicts import heading_of
from pymockapi.store.judging import judge_now, looks_at_requests, rivals_for
from pymockapi.store.lives import Ended
from pymockapi.store.moments import moment_view, own_layer_of
from pymockapi.store.namespace import Namespace
from pymockapi.store.rivals import NO_RIVALS, Rivals

BUNDLE_FORMAT: Final = "pymockapi-bundle"
BUNDLE_VERSION: Final = 1
MAX_EXPLAINED: Final = 50  # unmatched requests of a bundle; each takes up to 10 ms to explain
SLICE: Final = 8  # exchanges between two looks at the clock, of 0.1 ms each
FORMATS: Final = ("json", "har", "ndjson", "junit", "text")
_encode: Final = msgspec.json.Encoder().encode

Document = dict[str, Any]


class Evidence:
    """One export of ``space`` as it is now."""

    def __init__(
        self, space: Namespace, ended: Ended | None, pause: Pause, *, redact: bool = True
    ) -> None:
        self._space = space
        self._ended = ended
        self._pause = pause
        self._redactor = Redactor(space.settings.redact) if redact else None
        self._listed: Listed = {}
        self._expected: list[Document] = []
        self._take(NO_RIVALS)

    def _take(self, rivals: Rivals) -> None:
        """Hold all that the requests and the verdict rest on as it is in this turn."""
        space = self._space
        self._journal = space.journal
        self._held = space.journal.held()
        self._first, self._total = self._held.first, self._held.total
        self._listed_from = space.journal.first_of_newest(MAX_LISTED)
        self._evicted = space.journal.evicted
        self._verified = space.journal.verified
        self._made_at = space.real_ns()
        self._state = dict(space.state)
        self._standings = expected(space)
        self._judged = judge_now(space, None, rivals) if self._ended is None else None

    async def made(self, *formats: str) -> list[list[bytes]]:
        """Return one document in pieces for each of ``formats``, all made in one go."""
        if self._ended is None and looks_at_requests(self._space):
            self._take(await rivals_for(self._space, None, self._pause))
        sheets = {name: Sheet() for name in formats if name in _EVERY}
        has_secrets = self._redactor is not None and len(self._space.settings.redact) > 0
        asks_all = bool(sheets) or has_secrets  # which a report may quote of any request
        if not asks_all:
            self._held.skip_to(self._listed_from)
        newest = await self._go_through(sheets)
        head = await self._head() if set(formats) - _SHORT else {}
        return [await self._document(name, sheets.get(name), head, newest) for name in formats]

    async def _document(
        self, name: str, sheet: Sheet | None, head: Document, newest: Sequence[Document]
    ) -> list[bytes]:
        """Put one format together; what every exchange is in comes from its ``sheet``."""
        if sheet is None:
            make = summary if name == "text" else junit
            told = {**head, "expectations": self._expected}
            return await in_pieces(make(told, newest), self._pause)
        if name == "json":
            told = {**head, **await self._course()}
            begin, end = _encode(told)[:-1] + b',"requests":[', b"]}"
        elif name == "har":
            frame = _encode(har_frame(__version__, self._of()))
            begin, _, end = frame.rpartition(b"[]")
            begin, end = begin + b"[", b"]" + end
        else:
            prefix = _encode(self._of())[:-1] + b","
            return await sheet.lines(prefix, self._pause)
        return [begin, *await sheet.items(self._pause), end]

    async def _go_through(self, sheets: Mapping[str, Sheet]) -> list[Document]:
        """Add every exchange to the sheets that are given; return the newest ones in short."""
        newest: deque[Document] = deque(maxlen=MAX_LISTED)
        explained = 0
        async for entry, document in self._exchanges():
            if "json" in sheets and entry.error == UNMATCHED and explained < MAX_EXPLAINED:
                explained += 1
                document["explanation"] = await self._explanation(entry)
            document = self._redacted(document, entry)
            for name, sheet in sheets.items():
                sheet.add(_encode(_SHEETS[name](document, entry)))
            newest.append(in_short(document))
        return list(newest)

    def _of(self) -> Document:
        """Return which namespace it is of: what every line of a log has."""
        found: Document = self._clean(_identity(self._space))
        return found

    async def _exchanges(self) -> AsyncIterator[tuple[Exchange, Document]]:
        for place, entry in enumerate(self._held, 1):
            yield entry, exchange_document(entry, _captures(self._space, entry))
            if place % SLICE == 0 and (waiting := self._pause()) is not None:
                await waiting

    def _redacted(self, document: Document, entry: Exchange) -> Document:
        if self._redactor is None:
            return document
        request = entry.request()
        captures = captures_of(self._space, request, entry.stub)
        return self._redactor.exchange(document, request, captures)

    async def _explanation(self, entry: Exchange) -> Document:
        own = await own_layer_of(self._space, entry, self._pause)
        view, complete = moment_view(self._space, entry, own)
        request = entry.request()
        told, found = f"{request.method} {request.path}", explain(view, request)
        if self._redactor is not None:
            captures = captures_of(self._space, request, entry.stub)
            shown = hidden(found.candidates, self._space.settings.redact, request, captures)
            found = msgspec.structs.replace(found, candidates=shown)
        return explanation_document(found, told, entry.step or None, complete=complete)

    async def _course(self) -> Document:
        """Return what sending the requests again needs; made after ``_head``."""
        made = CourseDocuments(self._space, self._listed, self._pause, self._stripped, self._clean)
        return await made.make(self._first)

    async def _head(self) -> Document:
        """Return all but the requests and the course; it is made after them, when their secrets are known."""
        space, ended = self._space, self._ended
        verdict = await self._verdict()
        head: Document = {
            "format": BUNDLE_FORMAT,
            "version": BUNDLE_VERSION,
            "made_at": instant_text(self._made_at),
            "versions": {"pymockapi": __version__, "python": platform.python_version()},
            "redacted": self._redactor is not None,
            **_identity(space),
            "seed": space.seed,
            "clock": space.clock.to_json(space.real_ns()),
            "created_at": instant_text(space.created_at),
            "finished": None if ended is None else end_document(ended, passed=verdict.passed),
            "verdict": verdict_document(self._quoted(verdict), heading_of(space)),
            "effects": {kind: effect_of(kind, space.settings.verdict) for kind in EFFECTS},
            "verifications": await self._verifications(),
            "verifications_dropped": self._verified.dropped,
            "settings": dict(space.settings_given),
            "limits": limits_document(space),
            "applied": applied_document(space),
            **self._after_the_end(),
            "total": self._total,
            "evicted": self._evicted,
        }
        await tell_shadowed(head["applied"], space, self._pause)
        if self._redactor is not None:
            head["settings"] = self._redactor.definition(head["settings"])
            head = self._redactor.scrubbed(head)
        head["state"] = await members(self._state, self._data, self._pause)
        head["expectations"] = await self._expectations()
        head["layers"] = await self._layers()
        head["sequences"] = await self._sequences()
        return head

    async def _verdict(self) -> Verdict:
        if self._judged is None:
            return await verdict_on(self._space, self._ended, self._pause)
        found = await with_nearest(self._space, self._judged, self._pause, self._journal)
        return found.verdict()

    async def _sequences(self) -> list[Any]:
        space = self._space
        return await documents(
            [stub for _, stub in space.stubs() if stub.is_sequence],
            lambda stub: self._scrubbed(sequence_document(stub, space.cells.get(stub.name))),
            self._pause,
        )

    async def _expectations(self) -> list[Any]:
        """Return what stubs expect; of many each is encoded already, so they are kept apart, too."""
        self._expected = await expectations(self._standings, self._clean, self._pause)
        return await documents(self._expected, dict, self._pause)

    async def _verifications(self) -> list[Document]:
        """Return what was verified, each as it came out last, without secrets."""
        found = []
        for each in self._verified:
            found.append(self._clean(verified_document(each)))
            if (waiting := self._pause()) is not None:
                await waiting
        return found

    def _quoted(self, verdict: Verdict) -> Verdict:
        if self._redactor is None:
            return verdict
        return quoted(self._space, verdict).map_texts(self._clean)

    def _after_the_end(self) -> Document:
        ended = self._ended
        late = [orphan_document(each) for each in ended.late] if ended else []
        if self._redactor is not None:
            late = [quoted_orphan(each, self._space.settings.redact) for each in late]
        return {
            "late": late,
            "late_total": ended.late_total if ended else 0,
            "in_flight": [entry.number for entry in ended.in_flight] if ended else [],
        }

    def _clean(self, value: Any) -> Any:
        return value if self._redactor is None else self._redactor.scrubbed(value)

    def _data(self, value: Any) -> Any:
        return value if self._redactor is None else self._redactor.scrubbed(value, is_data=True)

    async def _layers(self) -> list[Document]:
        """Return the layers, the lowest first, each with its stubs in force."""
        space = self._space
        by_layer: dict[str, list[Any]] = {name: [] for name, _ in space.all_layers}
        for layer, stub in space.stubs():
            by_layer[layer].append(stub)
        self._listed = {name: frozenset(stubs) for name, stubs in by_layer.items()}
        return [
            {
                "name": name,
                "stubs": await documents(stubs, partial(self._stub, name), self._pause),
            }
            for name, stubs in by_layer.items()
        ]

    def _stub(self, layer: str, stub: Stub) -> Document:
        return self._scrubbed(stub_document(self._space, layer, stub))

    def _scrubbed(self, document: Document) -> Document:
        found: Document = self._stripped(document)
        return found

    def _stripped(self, value: Any) -> Any:
        """Return a definition, or what holds some, without secrets."""
        if self._redactor is None:
            return value
        return self._redactor.scrubbed(self._redactor.definition(value), is_data=True)


def _identity(space: Namespace) -> Document:
    return {"namespace": space.name, "id": space.id, "labels": dict(space.spec.labels)}


def _whole(document: Document, _: Exchange) -> Document:
    return document


def _har(document: Document, entry: Exchange) -> Document:
    return har_entry(document, entry.version)


def _line(document: Document, _: Exchange) -> Document:
    return {key: value for key, value in document.items() if key != "explanation"}


_SHEETS: Final = {"json": _whole, "har": _har, "ndjson": _line}
_EVERY: Final = frozenset(_SHEETS)
_SHORT: Final = frozenset({"har", "ndjson"})  # tell of requests alone


def _captures(space: Namespace, entry: Exchange) -> dict[str, str]:
    stub = space.effective(entry.stub) if entry.stub is not None else None
    return {} if stub is None else dict(stub.pattern.captures(entry.request()))
