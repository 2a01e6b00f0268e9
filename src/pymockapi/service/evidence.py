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
from pymockapi.formats.summary import MAX_LISTED, in_short, summary
from pymockapi.model.callback import CallbackRecord
from pymockapi.model.clock import instant_text
from pymockapi.model.exchange import Exchange
from pymockapi.model.slices import Work, in_slices
from pymockapi.model.stub import Stub
from pymockapi.service.callbacks import callback_document
from pymockapi.service.courses import CourseDocuments, Listed
from pymockapi.service.documents import (
    applied_document,
    counted_stub_document,
    cursor_document,
    cursors_of,
    end_document,
    exchange_document,
    explanation_document,
    orphan_document,
    sequence_with,
    tell_shadowed,
    verified_document,
)
from pymockapi.service.instants import Instant
from pymockapi.service.judgements import (
    expectations,
    expected,
    verdict_document,
    verdict_on,
    with_nearest,
)
from pymockapi.service.listing import Pause, documents, members, worked
from pymockapi.service.quoting import captures_of, quoted, quoted_orphan
from pymockapi.service.sheets import Sheet, in_pieces
from pymockapi.service.veils import Veil
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
        self._veil = Veil(space, is_on=redact)
        self._listed: Listed = {}
        self._expected: list[Document] = []
        self._take(NO_RIVALS)

    def _take(self, rivals: Rivals) -> None:
        """Hold all that the requests and the verdict rest on as it is in this turn."""
        space = self._space
        self._journal = space.journal
        self._held, self._to_learn = space.journal.held(), space.journal.held()
        self._first, self._total = self._held.first, self._held.total
        self._listed_from = space.journal.first_of_newest(MAX_LISTED)
        self._evicted = space.journal.evicted
        self._callbacks, self._callbacks_evicted = tuple(space.callbacks), space.callbacks.evicted
        self._verified = space.journal.verified
        self._now = Instant(space, ends=self._ended is not None)
        self._standings = expected(space)
        self._judged = judge_now(space, None, rivals) if self._ended is None else None

    async def made(self, *formats: str) -> list[list[bytes]]:
        """Return one document in pieces for each of ``formats``, all made in one go."""
        if self._ended is None and looks_at_requests(self._space):
            self._take(await rivals_for(self._space, None, self._pause))
        sheets = {name: Sheet() for name in formats if name in _EVERY}
        has_secrets = self._veil.is_on and len(self._veil.fields) > 0
        asks_all = bool(sheets) or has_secrets  # which a report may quote of any request
        if not asks_all:
            self._held.skip_to(self._listed_from)
            self._to_learn.skip_to(self._listed_from)
        await self._learn()
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

    async def _learn(self) -> None:
        """Find the secrets of all requests, so that none is shown in any other."""
        if not self._veil.is_on:
            return
        for place, entry in enumerate(self._to_learn, 1):
            self._veil.learn(entry)
            if place % SLICE == 0:
                await self._paused()
        await self._paused()

    async def _paused(self) -> None:
        if (waiting := self._pause()) is not None:
            await waiting

    async def _go_through(self, sheets: Mapping[str, Sheet]) -> list[Document]:
        """Add every exchange to the sheets that are given; return the newest ones in short."""
        newest: deque[Document] = deque(maxlen=MAX_LISTED)
        explained = 0
        async for entry, document in self._exchanges():
            if "json" in sheets and entry.error == UNMATCHED and explained < MAX_EXPLAINED:
                explained += 1
                document["explanation"] = await self._explanation(entry)
            document = await in_slices(self._veil.exchange(document, entry), self._pause)
            for name, sheet in sheets.items():
                sheet.add(_encode(_SHEETS[name](document, entry)))
            newest.append(in_short(document))
        return list(newest)

    def _of(self) -> Document:
        """Return which namespace it is of: what every line of a log has."""
        found: Document = self._veil.clean_text(_identity(self._space))
        return found

    async def _exchanges(self) -> AsyncIterator[tuple[Exchange, Document]]:
        for place, entry in enumerate(self._held, 1):
            yield entry, exchange_document(entry, _captures(self._space, entry))
            if place % SLICE == 0 and (waiting := self._pause()) is not None:
                await waiting

    async def _explanation(self, entry: Exchange) -> Document:
        own = await own_layer_of(self._space, entry, self._pause)
        view, complete = moment_view(self._space, entry, own)
        request = entry.request()
        told, found = f"{request.method} {request.path}", explain(view, request)
        if self._veil.is_on:
            captures = captures_of(self._space, request)
            shown = hidden(found.candidates, self._veil.fields, request, captures)
            found = msgspec.structs.replace(found, candidates=shown)
        return explanation_document(found, told, entry.step or None, complete=complete)

    async def _course(self) -> Document:
        """Return what sending the requests again needs; made after ``_head``."""
        made = CourseDocuments(self._space, self._listed, self._pause, self._veil)
        return await made.make(self._first)

    async def _head(self) -> Document:
        """Return all but the requests and the course; it is made after them, when their secrets are known."""
        space, ended, now = self._space, self._ended, self._now
        verdict = await self._verdict()
        head: Document = {
            "format": BUNDLE_FORMAT,
            "version": BUNDLE_VERSION,
            "made_at": instant_text(now.at),
            "versions": {"pymockapi": __version__, "python": platform.python_version()},
            "redacted": self._veil.is_on,
            **_identity(space),
            "seed": now.seed,
            "clock": now.clock,
            "created_at": instant_text(space.created_at),
            "finished": None if ended is None else end_document(ended, passed=verdict.passed),
            "verdict": verdict_document(self._quoted(verdict), heading_of(space)),
            "effects": {kind: effect_of(kind, now.settings.verdict) for kind in EFFECTS},
            "verifications": await self._verifications(),
            "verifications_dropped": self._verified.dropped,
            "settings": await in_slices(self._veil.definition(now.settings_given), self._pause),
            "limits": now.limits,
            "applied": applied_document(space),
            **self._after_the_end(),
            "total": self._total,
            "evicted": self._evicted,
        }
        await tell_shadowed(head["applied"], space, self._pause)
        head = await in_slices(self._veil.clean(head), self._pause)
        head["state"] = await members(now.state, self._veil.data, self._pause)
        head["expectations"] = await self._expectations()
        head["layers"] = await self._layers()
        head["callbacks"] = await worked(self._callbacks, self._callback, self._pause)
        head["callbacks_evicted"] = self._callbacks_evicted
        head["sequences"] = await self._sequences()
        return head

    async def _verdict(self) -> Verdict:
        if self._judged is None:
            return await verdict_on(self._space, self._ended, self._pause)
        found = await with_nearest(self._space, self._judged, self._pause, self._journal)
        return found.verdict()

    async def _sequences(self) -> list[Any]:
        sequences = [stub for _, stub in self._now.stubs() if stub.is_sequence]
        return await worked(sequences, self._sequence, self._pause)

    def _callback(self, record: CallbackRecord) -> Work[Any]:
        return (yield from self._veil.callback(callback_document(record), record))

    def _sequence(self, stub: Stub) -> Work[Any]:
        cursors = []
        for key, position in cursors_of(stub, self._now.cells.get(stub.name)):
            cursors.append(cursor_document(stub, key, position))
            if len(cursors) % SLICE == 0:
                yield
        told = sequence_with(stub, self._veil.cursors(stub, cursors))
        return (yield from self._veil.definition(told))

    async def _expectations(self) -> list[Any]:
        """Return what stubs expect; of many each is encoded already, so they are kept apart, too."""
        self._expected = await expectations(self._standings, self._veil.clean_text, self._pause)
        return await documents(self._expected, dict, self._pause)

    async def _verifications(self) -> list[Document]:
        """Return what was verified, each as it came out last, without secrets."""
        found = []
        for each in self._verified:
            told = self._veil.clean(verified_document(each))
            found.append(await in_slices(told, self._pause))
            if (waiting := self._pause()) is not None:
                await waiting
        return found

    def _quoted(self, verdict: Verdict) -> Verdict:
        if not self._veil.is_on:
            return verdict
        return quoted(self._space, verdict).map_texts(self._veil.clean_text)

    def _after_the_end(self) -> Document:
        ended = self._ended
        late = [orphan_document(each) for each in ended.late] if ended else []
        if self._veil.is_on:
            late = [quoted_orphan(self._space, each) for each in late]
        return {
            "late": late,
            "late_total": ended.late_total if ended else 0,
            "in_flight": [entry.number for entry in ended.in_flight] if ended else [],
        }

    async def _layers(self) -> list[Document]:
        """Return the layers, the lowest first, each with its stubs in force."""
        by_layer: dict[str, list[Any]] = {name: [] for name in self._now.layer_names()}
        for layer, stub in self._now.stubs():
            by_layer[layer].append(stub)
        self._listed = {name: frozenset(stubs) for name, stubs in by_layer.items()}
        return [
            {"name": name, "stubs": await worked(stubs, partial(self._stub, name), self._pause)}
            for name, stubs in by_layer.items()
        ]

    def _stub(self, layer: str, stub: Stub) -> Work[Any]:
        told = counted_stub_document(layer, stub, self._now.cells.get(stub.name))
        return (yield from self._veil.definition(told))


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
