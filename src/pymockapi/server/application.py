"""The straight line of a request: namespace, rank, claim, render, reply.

It joins the edge to the engine and the store and decides nothing itself. Control calls go to
``control``; everything else is traffic.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any, Final

import msgspec

from pymockapi.engine.rank import rank
from pymockapi.engine.selectors import Selection, select
from pymockapi.model.clock import REAL, SECOND_NS, http_date
from pymockapi.model.errors import ControlError, ExpressionLimit
from pymockapi.model.exchange import Exchange, Phase
from pymockapi.model.plan import Grant, Plan
from pymockapi.model.request import Request, split_target
from pymockapi.model.settings import ServerSettings
from pymockapi.server.application_port import Reply
from pymockapi.server.own_answers import OwnAnswers, lost_answer
from pymockapi.server.refusals import error_response
from pymockapi.store.memory import DEFAULT, MemoryStore
from pymockapi.store.namespace import Namespace
from pymockapi.store.port import Arrival

RESERVED: Final = "/__mock"


class MockApplication:
    """See ``Application``: one for each server."""

    def __init__(
        self,
        store: MemoryStore,
        settings: ServerSettings,
        control: Callable[[Request], Reply | Awaitable[Reply]],
        own_answers: OwnAnswers,
    ) -> None:
        self._store = store
        self._settings = settings
        self._control = control
        self._own = own_answers
        self._prefix = settings.path_prefix
        self._is_open = settings.on_missing == "default"
        self.progress: Callable[[Any, Phase, int], None] = store.progress

    def answer(self, request: Request) -> Reply | Awaitable[Reply]:
        target = request.target
        if (target.startswith(RESERVED) or not target.startswith("/")) and is_control(target):
            return self._control(request)
        memo = request.memo
        if memo is None:
            selection = select(request, self._prefix)
        elif (selection := memo.selection) is None:
            selection = memo.selection = select(request, self._prefix)
        space = self._space(selection)
        if space is None:
            return self._lost(request, selection)
        if selection.prefix:
            request = request.below(selection.prefix)
        arrival = Arrival(request, _selector(selection), selection.conflict)
        try:
            plan = planned(space, request)
        except ExpressionLimit as limit:
            return self._over_limit(space, arrival, str(limit))
        grant = self._store.claim(space.name, plan, arrival)
        if type(grant) is not Grant:
            raise AssertionError("the memory store neither waits nor outdates a plan within a turn")
        return self._reply(space, request, grant)

    def _space(self, selection: Selection) -> Namespace | None:
        if selection.name is None:
            return self._store.view(DEFAULT) if self._is_open else None
        if selection.selector == "host":
            return self._store.view_by_label(selection.name)
        return self._store.view(selection.name)

    def _over_limit(self, space: Namespace, arrival: Arrival, detail: str) -> Reply:
        grant = self._store.claim(space.name, Plan((), space.version), arrival)
        assert isinstance(grant, Grant)
        grant.exchange.error = ExpressionLimit.code
        space.journal.answer(grant.exchange, self._own.expression_limit(detail))
        return self._reply(space, arrival.request, grant)

    def _reply(self, space: Namespace, request: Request, grant: Grant) -> Reply:
        entry = grant.exchange
        response = grant.response
        settings = space.settings
        if response is None:
            response = entry.response
        if response is None:
            response = self._own.answer(space, request, grant)
            space.journal.answer(entry, response)
        if settings.delay_s and not response.own_delay and response.error is None:
            response = msgspec.structs.replace(response, delay_s=settings.delay_s)
        date = None if space.clock is REAL or space.clock.is_real else date_line(space)
        extra = debug_lines(space, entry) if settings.debug_headers else b""
        return Reply(response, date, extra, entry, space.id)

    def _lost(self, request: Request, selection: Selection) -> Reply:
        """Answer a request that names no live namespace; it never falls into another."""
        name, lives = selection.name, self._store.lives
        ended = None if name is None else lives.last_called(name, selection.selector)
        error = lost_answer(name, ended, [space.name for space in self._store.spaces()])
        arrival = Arrival(request, selection.selector)
        self._store.orphan(arrival, name or "", error.code)
        return Reply(error_response(error))

    def refuse(self, request: Request, phase: Phase, error: ControlError) -> Reply:
        response = error_response(error)
        if not request.target or is_control(request.target):
            return Reply(response)
        selection = select(request, self._prefix)
        space = self._space(selection)
        if space is None:
            return Reply(response)
        arrival = Arrival(request.below(selection.prefix), _selector(selection), selection.conflict)
        entry = self._store.refuse(space.name, arrival, phase, error.code)
        if phase is Phase.REFUSED:
            space.journal.answer(entry, response)
        return Reply(response)


def planned(space: Namespace, request: Request) -> Plan:
    """Return the ranking; that of a head ranked before is taken while nothing has changed."""
    if request.memo is None or request.body:
        return rank(space, request)
    plan = space.plans.get(request.head)
    if plan is None:
        plan = rank(space, request)
        if plan.is_settled:
            space.keep_plan(request.head, plan)
    return plan


def is_control(target: str) -> bool:
    """Return whether a target's path is ``/__mock`` or below it, which no stub can have."""
    path, _ = split_target(target)
    return path == RESERVED or path.startswith(RESERVED + "/")


def _selector(selection: Selection) -> str:
    return selection.selector if selection.name is not None else "default"


def date_line(space: Namespace) -> bytes:
    """Return the ``Date`` line by the namespace's clock; made once for each second of it."""
    second = space.now_ns() // SECOND_NS
    if space.date_cache[0] != second:
        space.date_cache = (second, f"Date: {http_date(second * SECOND_NS)}\r\n".encode())
    return space.date_cache[1]


def debug_lines(space: Namespace, entry: Exchange) -> bytes:
    """Return the header lines that tell a reader of the traffic who answered."""
    lines = f"X-Mock-Namespace: {space.name}\r\nX-Mock-Request: {entry.number}\r\n"
    if entry.stub is not None:
        lines += f"X-Mock-Stub: {entry.stub}\r\n"
    return lines.encode()
