"""Callbacks of a server: made with an answer, sent once that has ended, each when it is due.

An answer ends when its last byte has left, or when it never will; what cancels answers (a reset,
a finish, a delete) cancels callbacks before. At most so many are being sent at once, the others
wait for their turn; nothing here holds up traffic for longer than it takes to begin a send.
"""

from __future__ import annotations

import asyncio
import logging
from collections import deque
from collections.abc import Iterable
from functools import partial
from typing import Final

from pymockapi import __version__
from pymockapi.engine.spreads import drawn_s
from pymockapi.model.callback import Callback, CallbackRecord, Ending
from pymockapi.model.exchange import OPEN, Exchange
from pymockapi.model.rendering import MAX_STEPS, Occasion, RenderingFailed
from pymockapi.model.request import Request
from pymockapi.model.urls import Destination, destination_of
from pymockapi.server.sending import NotSent, Sender
from pymockapi.store.calling_back import cancel, end, prepare
from pymockapi.store.claiming import TEMPLATE_ERROR, TEMPLATE_LIMIT
from pymockapi.store.memory import MemoryStore
from pymockapi.store.namespace import Namespace
from pymockapi.store.occasions import drawing

TRACING: Final = ("traceparent", "tracestate", "baggage", "x-request-id", "x-correlation-id")
"""Headers of the request that its callbacks carry on."""

_MEMBER: Final = "mock.namespace"
_LOG: Final = logging.getLogger("pymockapi")
_SERVER_ERROR: Final = 500
Job = tuple[Namespace, CallbackRecord]


class Callbacks:
    """``most`` is how many may be sent at once."""

    def __init__(self, store: MemoryStore, sender: Sender, most: int) -> None:
        self._store = store
        self._sender = sender
        self._most = most
        self._awaited: dict[int, tuple[Exchange, Namespace, list[CallbackRecord]]] = {}
        self._queue: deque[Job] = deque()
        self._sending: set[asyncio.Task[None]] = set()
        self._is_stopped = False

    def make(
        self,
        space: Namespace,
        entry: Exchange,
        callbacks: tuple[Callback, ...],
        occasion: Occasion,
    ) -> int:
        """Render and record the callbacks of an answer that is made; return the steps it took.

        Those of one answer are made once.
        """
        if self._is_stopped or id(entry) in self._awaited:
            return 0
        steps = 0
        records: list[CallbackRecord] = []
        part = 2 * len(callbacks)  # half of what a response may take, for all together
        for place, callback in enumerate(callbacks):
            made, taken, failure = _rendered(callback, occasion, part)
            steps += taken
            records.append(_recorded(space, entry, place, made, occasion.request, failure))
        if not self._awaited:
            self._store.progress_sinks.append(self._moved)
        self._awaited[id(entry)] = (entry, space, records)
        return steps

    def replace(self, space: Namespace, entry: Exchange) -> None:
        """Drop the callbacks of an answer in whose place another leaves."""
        if self._forget(entry) is not None:
            cancel(space, "another answer was released in place of its own", entry.number)

    def _forget(self, entry: Exchange) -> tuple[Namespace, list[CallbackRecord]] | None:
        found = self._awaited.pop(id(entry), None)
        if found is None:
            return None
        if not self._awaited:
            self._store.progress_sinks.remove(self._moved)
        return found[1:]

    def _moved(self, entry: Exchange) -> None:
        """Let the callbacks of an answer that has ended begin."""
        if entry.phase in OPEN or (found := self._forget(entry)) is None:
            return
        space, records = found
        for record in records:
            self._later(space, record, record.delay_s)

    def _later(self, space: Namespace, record: CallbackRecord, seconds: float) -> None:
        if record.outcome is not Ending.PENDING:
            return
        if not seconds:
            self._enqueue((space, record))
            return
        loop = asyncio.get_running_loop()
        record.stop = loop.call_later(seconds, self._enqueue, (space, record)).cancel

    def _enqueue(self, job: Job) -> None:
        job[1].stop = None
        self._queue.append(job)
        self._go_on()

    def _go_on(self) -> None:
        while self._queue and len(self._sending) < self._most:
            space, record = self._queue.popleft()
            if record.outcome is Ending.PENDING:
                task = asyncio.create_task(self._send(space, record))
                record.stop = partial(_stopped, task)
                self._sending.add(task)
                task.add_done_callback(partial(self._sent, space, record))

    def _sent(self, space: Namespace, record: CallbackRecord, task: asyncio.Task[None]) -> None:
        self._sending.discard(task)
        if not task.cancelled() and (error := task.exception()) is not None:
            _LOG.error("sending a callback failed", exc_info=error)
            record.stop = None
            end(space, record, Ending.FAILED, "internal", "the server failed on it; see its log")
        self._go_on()

    async def _send(self, space: Namespace, record: CallbackRecord) -> None:
        """Make one attempt, and end the callback or leave it for another."""
        record.attempts += 1
        record.status, record.answer = None, b""
        try:
            status, answer = await self._sender.send(record)
        except NotSent as failure:
            self._failed(space, record, str(failure), can_repeat=failure.can_repeat)
            return
        record.stop = None
        record.status, record.answer = status, answer
        if status >= _SERVER_ERROR:
            self._failed(space, record, f"the receiver answered {status}", can_repeat=True)
        else:
            end(space, record, Ending.SENT)

    def _failed(
        self, space: Namespace, record: CallbackRecord, detail: str, *, can_repeat: bool
    ) -> None:
        record.stop = None
        if can_repeat and record.attempts <= record.callback.retries:
            self._later(space, record, record.callback.retry_after_s)
            return
        tries = f", {record.attempts} times" if record.attempts > 1 else ""
        end(space, record, Ending.FAILED, "not-sent", detail + tries)

    def stop(self) -> None:
        """Send nothing more: the server stops."""
        self._is_stopped = True
        for space in self._store.spaces():
            cancel(space, "the server was stopped")
        self._queue.clear()
        for entry, _, _ in tuple(self._awaited.values()):
            self._forget(entry)


def _rendered(
    callback: Callback, occasion: Occasion, part: int
) -> tuple[Callback, int, RenderingFailed | None]:
    """Return the callback of one request, the steps it took, and why it could not be made."""
    if callback.template is None:
        return callback, 0, None
    try:
        return *callback.template.render(occasion, part), None
    except RenderingFailed as failure:
        return callback, MAX_STEPS // part, failure


def _recorded(
    space: Namespace,
    entry: Exchange,
    place: int,
    callback: Callback,
    request: Request,
    failure: RenderingFailed | None,
) -> CallbackRecord:
    if failure is not None:
        record = prepare(space, entry, place, callback, None, b"")
        code = TEMPLATE_LIMIT if failure.is_limit else TEMPLATE_ERROR
        end(space, record, Ending.FAILED, code, f"callbacks/{place}{failure}")
        return record
    destination = destination_of(callback.url)
    head = head_of(callback, destination, space.name, request)
    record = prepare(space, entry, place, callback, destination, head)
    if isinstance(callback.delay, float):
        record.delay_s = callback.delay
    else:
        record.delay_s = drawn_s(callback.delay, drawing(space, entry)(f"callbacks/{place}/delay"))
    return record


def _stopped(task: asyncio.Task[None]) -> None:
    task.cancel()


def head_of(
    callback: Callback, destination: Destination, namespace: str, request: Request
) -> bytes:
    """Return the head of a callback to ``request``, each line with its CRLF, without the blank one.

    What the definition says goes before what is added: who sends it, the trace of the request,
    and what leads a system that calls the mock again back to ``namespace``.
    """
    own = {name.lower() for name, _ in callback.headers}
    added = {
        "Host": destination.authority,
        "User-Agent": f"pymockapi/{__version__}",
        "X-Mock-Namespace": namespace,
        **_traced(request, namespace),
    }
    pairs = [(name, value) for name, value in added.items() if name.lower() not in own]
    pairs += callback.headers
    if callback.body or callback.method in ("POST", "PUT", "PATCH"):
        pairs.append(("Content-Length", str(len(callback.body))))
    pairs.append(("Connection", "close"))
    lines = [f"{callback.method} {destination.target} HTTP/1.1\r\n", *_lines(pairs)]
    return "".join(lines).encode("utf-8", "surrogateescape")


def _lines(pairs: Iterable[tuple[str, str]]) -> Iterable[str]:
    return (f"{name}: {value}\r\n" for name, value in pairs)


def _traced(request: Request, namespace: str) -> dict[str, str]:
    """Return what a trace is carried on by, with the namespace in its baggage (W3C Baggage)."""
    brought: dict[str, list[str]] = {}
    for name, value in request.headers:
        if name.lower() in TRACING:
            brought.setdefault(name.lower(), []).append(value)
    joined = {name: ", ".join(values) for name, values in brought.items()}
    baggage = joined.pop("baggage", "")
    names = {each.partition("=")[0].strip() for each in baggage.split(",")}
    if _MEMBER not in names:
        baggage = ",".join(each for each in (baggage, f"{_MEMBER}={namespace}") if each)
    return {**joined, "baggage": baggage}
