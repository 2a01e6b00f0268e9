"""Callbacks of a namespace: listed, verified, and waited for as they end."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

import msgspec

from pymockapi.engine.bounds import read_times
from pymockapi.engine.matching.pattern import PATTERN_HINTS, PATTERN_KEYS, read_pattern
from pymockapi.model.callback import CallbackRecord, Ending
from pymockapi.model.clock import instant_text
from pymockapi.model.errors import ExpressionLimit
from pymockapi.model.event import Event, EventKind
from pymockapi.model.reader import (
    Findings,
    below,
    read_choice,
    read_duration,
    read_int,
    read_object,
    read_text,
)
from pymockapi.model.request import printable
from pymockapi.model.stub import Bounds, Context, Pattern
from pymockapi.service.calls import MISSING, Call, Outcome, Site
from pymockapi.service.documents import body_document
from pymockapi.service.listing import Pause, page
from pymockapi.service.quoting import quoted_url
from pymockapi.service.recordings import MAX_PAGE, PAGE, known_stub, numbers_of
from pymockapi.service.waiting import Waits
from pymockapi.service.waits import CallLater, Handle
from pymockapi.store.namespace import Namespace

KEYS: Final = ("request", "stub", "number", "outcome", "status", "times", "after", "within")
ENDINGS: Final = tuple(each.value for each in Ending)
MAX_SHOWN: Final = 100  # callbacks in the answer of a verification
MAX_REPORTED: Final = 10  # of those in its report
_SETTLING: Final = frozenset(
    {EventKind.CALLBACK_SENT, EventKind.CALLBACK_FAILED, EventKind.CALLBACK_CANCELLED}
)
_ENDS: Final = {
    EventKind.NAMESPACE_FINISHED: "The namespace was finished while this waited.",
    EventKind.NAMESPACE_EXPIRED: "The lease of the namespace ran out while this waited.",
    EventKind.NAMESPACE_DELETED: "The namespace was deleted or replaced while this waited.",
}
_RESET: Final = "The callbacks were reset while this waited."
_HINTS: Final = {
    **dict.fromkeys(PATTERN_KEYS, "it goes under 'request'"),
    **PATTERN_HINTS,
    "count": "write 'times'",
    "quiet_for": "a verification of callbacks waits only for what is missing",
}
Document = dict[str, Any]


class Asked(msgspec.Struct, frozen=True):
    """Which callbacks are meant; ``None`` is any."""

    stub: str | None = None
    number: int | None = None
    outcome: str | None = None
    status: int | None = None
    pattern: Pattern | None = None
    after: int = 0

    def fits(self, record: CallbackRecord) -> bool:
        """Return whether ``record`` is meant. Raises ``ExpressionLimit``."""
        return (
            record.id > self.after
            and self.stub in (None, record.stub)
            and self.number in (None, record.number)
            and self.outcome in (None, record.outcome.value)
            and self.status in (None, record.status)
            and (self.pattern is None or self._is_like(self.pattern, record))
        )

    def _is_like(self, pattern: Pattern, record: CallbackRecord) -> bool:
        if record.destination is None:  # it was never rendered
            return False
        request = record.request()
        return pattern.accepts(request, Context(request, record.at))


class Callbacks:
    """Operations on what is recorded of callbacks."""

    def __init__(self, site: Site, waits: Waits) -> None:
        self._store = site.store
        self._waits = waits

    async def list_callbacks(self, call: Call) -> Outcome:
        found = Findings()
        space = self._store.readable(call.ns)
        given = numbers_of(call.query)
        limit = read_int(given.get("limit", PAGE), "/limit", found, 1, MAX_PAGE)
        asked = Asked(
            known_stub(space, call.query.get("stub")),
            _number(given, found),
            _outcome(given, found),
            after=read_int(given.get("after", 0), "/after", found, 0),
        )
        found.check("The query")
        fitting = await self._fitting(space, asked)
        shown = await page(fitting[:limit], callback_document, self._store.pause)
        last = fitting[len(shown) - 1].id if len(shown) < len(fitting) else None
        document = {
            "callbacks": shown,
            "next": last,
            "total": len(fitting),
            "evicted": space.callbacks.evicted,
        }
        return Outcome(document, space.version)

    async def verify_callbacks(self, call: Call) -> Outcome:
        found = Findings()
        space = self._store.readable(call.ns)
        entries = {} if call.body is MISSING else read_object(call.body, "", found, KEYS, _HINTS)
        stub = entries.get("stub")
        if stub is not None:
            stub = known_stub(space, read_text(stub, "/stub", found))
        pattern = None
        if "request" in entries:
            pattern = read_pattern(entries["request"], "/request", found)
        status = None
        if "status" in entries:
            status = read_int(entries["status"], "/status", found, 100, 999)
        asked = Asked(
            stub, _number(entries, found), _outcome(entries, found) or Ending.SENT.value, status,
            pattern, read_int(entries.get("after", 0), "/after", found, 0),
        )  # fmt: skip
        low, high = (
            (1, None) if "times" not in entries else read_times(entries["times"], "/times", found)
        )
        within_s = read_duration(entries.get("within", 0), "/within", found)
        if within_s and not low:
            found.add("/within", "nothing is missing that could be waited for; leave it out")
        found.check("The verification")
        return await self._verified(call, space, asked, Bounds(low, high), within_s)

    async def _verified(
        self, call: Call, space: Namespace, asked: Asked, bounds: Bounds, within_s: float
    ) -> Outcome:
        endings = Endings(space, asked, bounds.low, within_s)
        endings.follow()
        try:
            fitting = await self._fitting(space, asked)
            if within_s and len(fitting) < bounds.low:
                endings.seen |= {record.id for record in fitting}
                await self._waits.reach(space, endings, call.caller)
                fitting = await self._fitting(space, asked)
        except ExpressionLimit as limit:
            found = Findings()
            found.add("/request", f"the pattern went past its budget on a callback, {limit}")
            found.check("The verification")
        finally:
            endings.leave()
        document = await _verdict(space, asked, bounds, fitting, endings.reason, self._store.pause)
        return Outcome(document, space.version)

    async def _fitting(self, space: Namespace, asked: Asked) -> list[CallbackRecord]:
        fitting = []
        for record in space.callbacks:
            if asked.fits(record):
                fitting.append(record)
            if (waiting := self._store.pause()) is not None:
                await waiting
        return fitting


class Endings:
    """Waits until ``count`` callbacks that are ``asked`` for have ended so, at most ``within_s``.

    ``done`` is resolved then; ``reason`` tells why it was not reached. ``seen`` are those that
    fit: of what had ended before ``follow`` its caller adds them, who looks there in slices.
    """

    def __init__(self, space: Namespace, asked: Asked, count: int, within_s: float) -> None:
        self.done: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self.reason: str | None = None
        self._space = space
        self._asked = asked
        self._count = count
        self._within_s = within_s
        self._timer: Handle | None = None
        self.seen: set[int] = set()

    def follow(self) -> None:
        """Hear of all that ends from now on."""
        self._space.sinks.append(self._hear)

    def leave(self) -> None:
        self._space.sinks.remove(self._hear)

    def begin(self, later: CallLater) -> None:
        self._timer = later(self._within_s, self._late)
        self._count_seen()

    def free(self) -> None:
        """Drop the timer, which refers back."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def end(self, reason: str | None = None) -> None:
        if not self.done.done():
            self.reason = reason
            self.done.set_result(None)

    def abandon(self) -> None:
        """Give it up: nobody waits for the answer."""
        self.done.cancel()

    def _hear(self, event: Event) -> None:
        facts = event.facts or {}
        if event.kind in _SETTLING:
            self._look(self._space.callbacks.ended.get(int(str(facts["callback"]))))
        elif event.kind in _ENDS:
            self.end(_ENDS[event.kind])
        elif event.kind is EventKind.NAMESPACE_RESET and "callbacks" in str(facts["parts"]):
            self.end(_RESET)

    def _look(self, record: CallbackRecord | None) -> None:
        """Look at one that has ended; ``None`` is one that is kept no more."""
        try:
            if record is None or not self._asked.fits(record):
                return
        except ExpressionLimit as limit:
            if not self.done.done():
                self.done.set_exception(limit)
            return
        self.seen.add(record.id)
        self._count_seen()

    def _count_seen(self) -> None:
        if len(self.seen) >= self._count:
            self.end()

    def _late(self) -> None:
        self.end(f"There were not enough within {self._within_s:g} s.")


def callback_document(record: CallbackRecord) -> Document:
    callback = record.callback
    return {
        "id": record.id,
        "number": record.number,
        "stub": record.stub,
        "place": record.place,
        "outcome": record.outcome.value,
        "at": instant_text(record.at),
        "ended_at": None if record.ended_at is None else instant_text(record.ended_at),
        "method": callback.method,
        "url": printable(callback.url),
        "headers": [[name, printable(value)] for name, value in record.request().headers],
        "body": body_document(callback.body),
        "delay_s": record.delay_s,
        "attempts": record.attempts,
        "status": record.status,
        "answer": record.answer.decode("utf-8", "replace") if record.status is not None else None,
        "error": record.error,
        "detail": record.detail,
    }


async def _verdict(
    space: Namespace, asked: Asked, bounds: Bounds, fitting: Sequence[CallbackRecord],
    reason: str | None, pause: Pause,
) -> Document:  # fmt: skip
    """Judge honestly: what is no longer kept may have fitted."""
    actual, lost = len(fitting), space.callbacks.lost(asked.after)
    complete = _is_certain(bounds, actual, actual + lost)
    passed = complete and bounds.allows(actual)
    return {
        "passed": passed,
        "complete": complete,
        "expected": bounds.to_json(),
        "actual": actual,
        "callbacks": await page(fitting[:MAX_SHOWN], callback_document, pause),
        "reason": None if passed else reason,
        "report": "\n".join(_report(space, asked, bounds, actual, reason, passed=passed)),
        "cursor": space.callbacks.last,
    }


def _is_certain(bounds: Bounds, least: int, most: int) -> bool:
    """Return whether every count from ``least`` to ``most`` gives the same verdict."""
    if bounds.allows(least) and bounds.allows(most):
        return True
    return most < bounds.low or (bounds.high is not None and least > bounds.high)


def _report(
    space: Namespace, asked: Asked, bounds: Bounds, actual: int, reason: str | None, *, passed: bool
) -> Iterator[str]:
    what = f"{asked.outcome} callbacks"
    if asked.stub is not None:
        what += f" of stub '{asked.stub}'"
    if asked.number is not None:
        what += f" of request #{asked.number}"
    if asked.pattern is not None:
        what += f" that fit {asked.pattern.describe()}"
    yield f"Expected {bounds.describe()} {what}, got {actual}: {'passed' if passed else 'failed'}"
    if passed:
        return
    if reason is not None:
        yield f"  {reason}"
    if lost := space.callbacks.lost(asked.after):
        yield (
            f"  {lost} callbacks are no longer kept and may have fitted: raise"
            " the limit 'callbacks' of the namespace."
        )
    kept = [record for record in space.callbacks if record.id > asked.after]
    yield f"  Callbacks of this namespace: {len(kept) or 'none'}"
    for record in kept[-MAX_REPORTED:]:
        yield f"    {_line(space, record)}"


def _line(space: Namespace, record: CallbackRecord) -> str:
    told = record.detail or (None if record.status is None else f"answered {record.status}")
    shown = f"{record.callback.method} {quoted_url(space, record)} of request #{record.number}"
    return f"{record.id} {record.outcome.value}: {shown}{f': {told}' if told else ''}"


def _number(entries: Mapping[str, Any], found: Findings) -> int | None:
    if "number" not in entries:
        return None
    return read_int(entries["number"], below("", "number"), found, 1)


def _outcome(entries: Mapping[str, Any], found: Findings) -> str | None:
    if "outcome" not in entries:
        return None
    return read_choice(entries["outcome"], "/outcome", found, ENDINGS)
