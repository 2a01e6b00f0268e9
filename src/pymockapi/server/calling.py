"""Functions of the test that answer requests: begun, waited for, given up.

A request is claimed and recorded before its function is called, in a thread of a pool: it may
block, and may call the mock and its control API itself, while the loop serves others. What a
function does is out of our hands; how long it is waited for, and how many are, is bounded here.
"""

from __future__ import annotations

import asyncio
import logging
import os
import traceback
from base64 import b64encode
from collections.abc import Callable, Mapping
from contextlib import suppress
from functools import partial
from types import TracebackType
from typing import Any, Final

import msgspec

from pymockapi.engine.returned import NotSendable, response_of
from pymockapi.model.callee import CalledAnswer
from pymockapi.model.exchange import MAX_SHOWN_BYTES, Exchange, Phase
from pymockapi.model.response import Response
from pymockapi.server.application_port import Parked, Reply
from pymockapi.server.own_answers import (
    CallableFailed,
    CallableResult,
    CallableTimeout,
    TrafficLimit,
)
from pymockapi.server.workers import Workers
from pymockapi.service.documents import exchange_document
from pymockapi.store.namespace import Namespace

CALL_LIMIT_S: Final = 30.0  # of one call, the wait for a thread included
MAX_CALLS: Final = 1_000  # that run or wait for a thread, as many as a server has connections
MAX_TRACEBACK: Final = 4_000  # characters, the last
_PACKAGE: Final = os.path.dirname(os.path.dirname(__file__)) + os.sep
_LOG: Final = logging.getLogger("pymockapi.server")


class Failure(msgspec.Struct, frozen=True):
    """Why a function has no answer; ``traceback`` is the text of where it raised."""

    kind: type[CallableFailed | CallableResult | CallableTimeout | TrafficLimit]
    detail: str
    traceback: str | None = None


Returned = Callable[[Response | Failure], Reply | Parked]
"""Makes the reply of what a call has come to."""


class Calling:
    """The calls of one server. Only the loop's thread uses it, save for what the workers run."""

    def __init__(
        self,
        progress: Callable[[Exchange, Phase, int], None],
        limit_s: float = CALL_LIMIT_S,
        most: int = MAX_CALLS,
        workers: Workers | None = None,
    ) -> None:
        self._progress = progress
        self._limit_s = limit_s
        self._most = most
        self._workers = workers or Workers()
        self._open: set[_Call] = set()

    def begin(
        self, space: Namespace, entry: Exchange, answer: CalledAnswer, returned: Returned
    ) -> Parked:
        """Call the function of ``answer`` for ``entry``; its reply comes when that has returned."""
        call = _Call(self._open.discard)
        parked = Parked(space.id, partial(self._give_up, call, entry), is_held=False)
        entry.phase, entry.response = Phase.RENDERING, None
        loop = asyncio.get_running_loop()

        def end(found: Response | Failure) -> None:
            if not call.is_over:
                call.end()
                parked.let_go(partial(returned, found))

        def work() -> None:
            if not call.is_over:
                found = _outcome(answer, entry, space.name, params)
                with suppress(RuntimeError):  # the server was stopped meanwhile
                    loop.call_soon_threadsafe(end, found)

        if len(self._open) >= self._most:
            loop.call_soon(end, _too_many(self._most))
            return parked
        self._open.add(call)
        params = _captures(space, entry)
        call.timer = loop.call_later(self._limit_s, end, _too_long(answer, self._limit_s))
        self._workers.put(work)
        return parked

    def _give_up(self, call: _Call, entry: Exchange) -> None:
        call.end()
        self._progress(entry, Phase.ABORTED, 0)

    def close(self) -> None:
        """Wait for no function any more."""
        for call in list(self._open):
            call.end()
        self._workers.close()


class _Call:
    """One call. ``is_over``: what it returns is dropped, and if it has not begun, it never does."""

    __slots__ = ("_forget", "is_over", "timer")

    def __init__(self, forget: Callable[[_Call], None]) -> None:
        self._forget = forget
        self.is_over = False
        self.timer: asyncio.TimerHandle | None = None

    def end(self) -> None:
        self.is_over = True
        self._forget(self)
        if self.timer is not None:
            self.timer.cancel()


def _outcome(
    answer: CalledAnswer, entry: Exchange, namespace: str, params: Mapping[str, str]
) -> Response | Failure:
    """Call the function, in the thread in which this is called; whatever it does is told."""
    named = f"the function '{answer.callee.name}'"
    try:
        return response_of(answer, answer.callee.function(_document(entry, namespace, params)))
    except NotSendable as error:
        _LOG.warning("request %d: %s %s", entry.number, named, error)
        return Failure(CallableResult, f"{named} {error}")
    except BaseException as error:  # SystemExit, too: this thread is ours, the function is not
        error.__traceback__ = _below_us(error.__traceback__)
        told = "".join(traceback.format_exception(error))
        _LOG.error("request %d: %s failed", entry.number, named, exc_info=error)
        return Failure(CallableFailed, f"{named} raised {_described(error)}", told[-MAX_TRACEBACK:])


def _below_us(trace: TracebackType | None) -> TracebackType | None:
    """Return what of a traceback is the function's own."""
    while trace is not None and trace.tb_frame.f_code.co_filename.startswith(_PACKAGE):
        trace = trace.tb_next
    return trace


def _described(error: BaseException) -> str:
    """Return type, message and place of an exception."""
    message = str(error)
    found = traceback.extract_tb(error.__traceback__)
    place = f" (at {os.path.basename(found[-1].filename)}:{found[-1].lineno})" if found else ""
    return f"{type(error).__name__}{f': {message}' if message else ''}{place}"


def _document(entry: Exchange, namespace: str, params: Mapping[str, str]) -> dict[str, Any]:
    """Return the request as the control API tells it, with the whole of its body."""
    document = exchange_document(entry, params)
    body = document["body"]
    if body["size"] > MAX_SHOWN_BYTES:
        content = entry.request().content if "encoding" in body else entry.body
        body["base64"] = b64encode(content).decode()
    return {**document, "namespace": namespace}


def _captures(space: Namespace, entry: Exchange) -> Mapping[str, str]:
    stub = None if entry.stub is None else space.effective(entry.stub)
    return {} if stub is None else stub.pattern.captures(entry.request())


def _too_many(most: int) -> Failure:
    return Failure(
        TrafficLimit,
        f"{most:,} requests wait for what functions return on this server, the limit; the function"
        " of this one was not called",
    )


def _too_long(answer: CalledAnswer, limit_s: float) -> Failure:
    return Failure(
        CallableTimeout,
        f"the function '{answer.callee.name}' has not returned within {limit_s:g} s; what it returns"
        " is dropped",
    )
