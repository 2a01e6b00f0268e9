"""Verifying what was recorded: reading the call, and telling what came of it."""

from __future__ import annotations

import hashlib
from collections.abc import Generator, Mapping, Sequence
from functools import partial
from typing import Any, Final, NamedTuple

import msgspec

from pymockapi.engine.verifying.expectation_reading import VERIFY_KEYS, Names, read_check
from pymockapi.engine.verifying.expectations import ANY, PAIRS, Check, shortened
from pymockapi.engine.verifying.runs import TooManyWays
from pymockapi.engine.verifying.verification import Divergence, Result
from pymockapi.engine.verifying.verification import Outcome as Judgement
from pymockapi.engine.verifying.verification_report import Near, Tell, note_of, report
from pymockapi.model.errors import Conflict, ExpressionLimit
from pymockapi.model.event import EventKind, Facts, named
from pymockapi.model.reader import Findings, kind_of, read_int, read_object
from pymockapi.service.calls import Call, Caller, Outcome, Site
from pymockapi.service.near_requests import nearest_requests, told
from pymockapi.service.verdicts import title_of
from pymockapi.service.waiting import Waits
from pymockapi.store.journal import Journal
from pymockapi.store.namespace import Namespace
from pymockapi.store.verified import Met, Verified

WHAT: Final = "The verification"
MAX_ORDERED: Final = 100  # expectations or pairs; what is told of an order is cut long before
_AMBIGUOUS: Final = (
    "the expectations overlap so much that there are too many ways to assign requests to them;"
    " tell them apart by method, path or stub, or verify them in several calls"
)
_encode: Final = msgspec.json.Encoder(order="deterministic").encode
Document = dict[str, Any]


class Asked(NamedTuple):
    """A verification as it was read, and as it was given."""

    check: Check
    entries: Mapping[str, Any]


class Verifications:
    """Checks of what came, at once or waiting for it; all that changes is that they are remembered."""

    def __init__(self, site: Site) -> None:
        self._store = site.store
        self.waits = Waits(site.store, site.later)
        site.when_stopping.append(self.waits.stop)

    async def _read(self, reading: Generator[None, None, Check]) -> Check:
        """Take a reading to its end, in slices: a pattern may take milliseconds."""
        while True:
            try:
                next(reading)
            except StopIteration as done:
                check: Check = done.value
                return check
            await self._paused()

    async def _paused(self) -> None:
        if (waiting := self._store.pause()) is not None:
            await waiting

    async def verify(self, call: Call) -> Outcome:
        found = Findings()
        space = self._store.readable(call.ns)
        asked = await self.read(call.document(), space, found)
        found.check(WHAT)
        if self._store.readable(call.ns) is not space:
            raise Conflict(
                f"Namespace '{space.name}' was replaced during this call; make it again."
            )
        document = await self.judged(space, asked, call.caller)
        space.publish(*_event(document))
        return Outcome(document, space.version)

    async def read(self, given: object, space: Namespace, found: Findings) -> Asked:
        """Read what is expected of the requests of ``space``; of use unless something was found."""
        if self._store.view(space.name) is space:
            self._store.begin_lease(space)
        entries = read_object(given, "", found, VERIFY_KEYS)
        after = read_cursor(entries.get("after", 0), space, found)
        check = await self._read(read_check(entries, found, _names(space), after))
        return Asked(check, entries)

    async def judged(self, space: Namespace, asked: Asked, caller: Caller) -> Document:
        """Return what came of it, once that is settled; it is remembered.

        Raises ``LimitReached``, and ``Invalid`` where a limit of expressions was met.
        """
        found = Findings()
        journal, began = space.journal, self._store.real_ns()
        try:
            verification, reason = await self.waits.settle(space, asked.check, caller)
        except ExpressionLimit as reached:
            found.add(
                "/expect",
                f"a pattern went past its budget on a recorded request, {reached}; narrow it by"
                " method, path or stub",
            )
        except TooManyWays:
            found.add("/order", _AMBIGUOUS)
        found.check(WHAT)
        await self._paused()  # a thousand may have been settled in this turn
        judgement = verification.outcome()
        near = await nearest_requests(space, journal, judgement, self._store.pause)
        await self._paused()
        document = _document(space, journal, judgement, near, reason)
        key = await self._key(asked)
        now = self._store.real_ns()
        took_ns = max(0, now - began)
        space.journal.verified.note(_verified(key, now, took_ns, judgement, document))
        return document

    async def _key(self, asked: Asked) -> bytes:
        """Return what is equal for verifications that ask the same, however long they wait."""
        entries, after = asked.entries, asked.check.after
        said = hashlib.sha256(_encode([after, entries.get("order"), entries.get("nothing_else")]))
        for name in ("expect", "ignore"):
            for each in entries.get(name, ()):
                said.update(_encode([name, each]))
                await self._paused()
        return said.digest()


def _event(document: Document) -> tuple[EventKind, None, Facts]:
    """Return what readers of the events are told of a verification."""
    kind = EventKind.VERIFICATION_PASSED if document["passed"] else EventKind.VERIFICATION_FAILED
    failed = [each["id"] for each in document["results"] if not each["passed"]]
    told = {key: document[key] for key in ("complete", "reason", "cursor")}
    return kind, None, {**told, **named("failed", failed)}


def read_cursor(data: object, space: Namespace, found: Findings) -> int:
    """Read ``after``: a number, or the ``cursor`` of an earlier answer, which names its namespace."""
    last = space.journal.last
    if isinstance(data, str):
        identity, _, text = data.rpartition(":")
        if not (identity and text.isascii() and text.isdigit() and len(text) < 16):
            found.add("/after", f"expected a number or a cursor, got '{data[:200]}'")
            return 0
        if identity != space.id:
            found.add(
                "/after",
                f"this cursor is of namespace '{identity[:200]}'; '{space.name}' is '{space.id}'"
                " now, and its requests are numbered anew",
            )
            return 0
        data = int(text)
    elif isinstance(data, bool) or not isinstance(data, int | float):
        found.add("/after", f"expected a number or a cursor, got {kind_of(data)}")
        return 0
    after = read_int(data, "/after", found, 0)
    if after > last:
        found.add("/after", f"the last request is {last or 'yet to come'}; {after} is beyond it")
    return after


def _names(space: Namespace) -> Names:
    return Names(
        space.name,
        space.has_known,
        lambda: [*(stub.name for _, stub in space.stubs()), *space.former.names],
        partial(_takes, space),
    )


def _takes(space: Namespace, name: str) -> str | None:
    stub = space.effective(name)
    return None if stub is None else shortened(stub.pattern.describe())


def _verified(
    key: bytes, now: int, took_ns: int, judgement: Judgement, document: Document
) -> Verified:
    check = judgement.check
    return Verified(
        key=key, at=now, took_ns=took_ns, passed=document["passed"], complete=judgement.complete,
        reason=document["reason"], after=check.after, cursor=judgement.cursor,
        order=_order(check),
        diverged=_diverged(document["first_divergence"]),
        strays=judgement.stray_count if check.judges_all else None,
        results=tuple(
            Met(each.expectation.id, each.expectation.describe(), each.passed,
                each.expectation.low, each.expectation.high, each.actual, each.dropped,
                len(each.misplaced))
            for each in judgement.results
        ),
        report=document["report"],
    )  # fmt: skip


def _diverged(divergence: Document | None) -> str:
    if divergence is None:
        return ""
    return f"expected {divergence['expected']}, got {divergence['got'] or 'nothing more'}"


def _order(check: Check) -> str:
    """Return the order that was asked in short: ``strict: GET /orders, then POST /payments``."""
    if check.order == ANY:
        return ""
    ids = [each.id for each in check.expect]
    if check.order == PAIRS:
        pairs = [f"{ids[first]} before {ids[second]}" for first, second in check.pairs]
        return shortened(", ".join(pairs[:MAX_ORDERED]))
    return shortened(f"{check.order}: {', then '.join(ids[:MAX_ORDERED])}")


def _document(
    space: Namespace,
    journal: Journal,
    judgement: Judgement,
    near: Mapping[str, Sequence[Near]],
    reason: str | None,
) -> Document:
    def tell(number: int) -> str:
        return f"#{number} {told(journal.get(number), space)}"

    title = f"Verification of {title_of(space)}"
    judges_all = judgement.check.judges_all
    divergence = judgement.divergence
    return {
        "passed": judgement.passed and reason is None,
        "complete": judgement.complete,
        "reason": reason,
        "results": [_result(each, near, tell) for each in judgement.results],
        "unexpected": {
            "count": judgement.stray_count if judges_all else 0,
            "requests": list(judgement.strays) if judges_all else [],
        },
        "first_divergence": None if divergence is None else _divergence(divergence, tell),
        "report": report(judgement, title, tell, near, reason),
        "cursor": f"{space.id}:{judgement.cursor}",
    }


def _result(result: Result, near: Mapping[str, Sequence[Near]], tell: Tell) -> Document:
    each = result.expectation
    return {
        "id": each.id,
        "what": each.describe(),
        "passed": result.passed,
        "expected": {"at_least": each.low, "at_most": each.high},
        "actual": result.actual,
        "dropped": result.dropped,
        "requests": list(result.numbers),
        "out_of_order": list(result.misplaced),
        "nearest": [
            {
                "number": one.number,
                "request": tell(one.number),
                "differences": [difference.to_json() for difference in one.differences],
            }
            for one in near.get(each.id, ())
        ],
    }


def _divergence(divergence: Divergence, tell: Tell) -> Document:
    return {
        "matched": [
            {"expected": expected, "got": tell(number), "number": number}
            for expected, number in divergence.matched
        ],
        "expected": divergence.expected,
        "got": None if divergence.got is None else tell(divergence.got),
        "number": divergence.got,
        "note": note_of(divergence, tell),
    }
