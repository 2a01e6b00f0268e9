"""The straight line of a request: namespace, rank, claim, render, reply.

It joins the edge to the engine and the store and decides nothing itself. Control calls go to
``control``; everything else is traffic.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from functools import partial
from typing import Any, Final

import msgspec

from pymockapi.engine.explain import COMPARED_S, MAX_NEAREST
from pymockapi.engine.rank import rank
from pymockapi.engine.selectors import NOTHING, Selection
from pymockapi.model.aside import Aside, Unfinished
from pymockapi.model.callee import CalledAnswer
from pymockapi.model.clock import REAL, SECOND_NS, http_date
from pymockapi.model.errors import ControlError, ExpressionLimit
from pymockapi.model.exchange import Exchange, Phase
from pymockapi.model.piecemeal import piecemeal
from pymockapi.model.plan import Grant, Plan
from pymockapi.model.rendering import MAX_STEPS, RenderingFailed
from pymockapi.model.request import Request, split_target
from pymockapi.model.response import Response, ResponseTemplate, below_prefix
from pymockapi.model.settings import ServerSettings
from pymockapi.model.urls import public_path
from pymockapi.server.application_port import Later, Parked, Reply
from pymockapi.server.callbacks import Callbacks
from pymockapi.server.calling import Calling, Failure
from pymockapi.server.dispatches import dispatch_of
from pymockapi.server.own_answers import MatcherLimit, NoNamespace, OwnAnswers, lost_answer, ways_in
from pymockapi.server.pieces import LARGE, Pieces, outcome
from pymockapi.server.refusals import error_response
from pymockapi.server.routing import PortRouting, Routing, routing_for
from pymockapi.server.shares import BYTE_S, STEP_S, Shares, Steps
from pymockapi.store.claiming import NO_MATCH, TEMPLATE_ERROR, TEMPLATE_LIMIT
from pymockapi.store.memory import MemoryStore
from pymockapi.store.namespace import Namespace
from pymockapi.store.occasions import occasion
from pymockapi.store.port import Arrival

_PARKED: Final = Phase.PARKED
RESERVED: Final = "/__mock"
OUTCOMES: Final = ("unmatched", "error", "refused", "incomplete", "orphan", "preflight")


class MockApplication:
    """See ``Application``: one for each server. ``outcomes`` counts what met no stub's answer."""

    def __init__(
        self,
        store: MemoryStore,
        settings: ServerSettings,
        control: Callable[[Request], Reply | Later | Awaitable[Reply]] | None,
        own_answers: OwnAnswers,
        shares: Shares | None = None,
        routing: Routing | None = None,
        calling: Calling | None = None,
    ) -> None:
        """``control`` is ``None`` where the control API has a port of its own: then
        ``/__mock`` is a path like any other. Without ``shares`` no request waits, whatever it
        takes. ``routing`` ``None`` is that of a shared port. ``calling`` calls the functions.
        """
        self._store = store
        self._settings = settings
        self._control = control
        self._own = own_answers
        self.routing = routing or routing_for(store, settings)
        self._route = self.routing.route
        self._ways_in = ways_in(settings)
        self._public = public_path(settings.public_url)
        self._shares = shares
        self._aside = Aside()  # of first attempts
        self._waiting: Mapping[str, object] = {} if shares is None else shares.waiting
        self.outcomes = dict.fromkeys(OUTCOMES, 0)
        self.callbacks: Callbacks | None = None  # nobody makes them without a server
        self.progress: Callable[[Any, Phase, int], None] = store.progress
        self._calling = calling or Calling(store.progress)

    def answer(self, request: Request) -> Reply | Later | Awaitable[Reply]:
        memo = request.memo
        if memo is None or memo.selection is None:  # else it was asked whose traffic it is
            target = request.target
            if (
                (target.startswith(RESERVED) or not target.startswith("/"))
                and (control := self._control) is not None
                and is_control(target)
            ):
                return control(request)
        try:
            selection, space = self._route(request)
        except ExpressionLimit as limit:
            return self._lost(request, NOTHING, str(limit))
        if space is None:
            return self._lost(request, selection)
        if selection.prefix:
            request = request.below(selection.prefix)
        by = "default" if selection.name is None else selection.selector
        arrival = Arrival(request, by, selection.conflict)
        if space.id in self._waiting:
            return self._put(space, arrival)
        if memo is not None and not request.body:
            plan = space.plans.get(request.head)
            if plan is not None:
                return self._claimed(space, arrival, plan)
        return self._ranked(space, arrival)

    def _ranked(self, space: Namespace, arrival: Arrival) -> Reply | Later:
        """Answer now, unless something is to be done aside first."""
        shares, request = self._shares, arrival.request
        if shares is None:
            return self._decided(space, arrival, outcome(space, request))
        aside, size = self._aside, len(request.body)
        aside.begin()
        asked = piecemeal(request) if size > LARGE else request
        try:
            found = outcome(space, asked, aside)
        except Unfinished:
            return self._put(space, arrival)
        if size > LARGE or aside.steps:
            shares.charge(space, aside.steps * STEP_S + size * BYTE_S)
        return self._decided(space, arrival, found)

    def _put(self, space: Namespace, arrival: Arrival) -> Later:
        assert self._shares is not None
        if space.expires_s is not None:
            self._store.renew(space.name)
        return self._shares.put(space, arrival, self._served(space, arrival))

    def _served(self, space: Namespace, arrival: Arrival) -> Steps:
        """Serve a request that waits, step by step."""
        pieces = Pieces(arrival.request)
        found = yield from pieces.outcome(space)
        arrival = msgspec.structs.replace(arrival, request=pieces.request)
        yield self._decided(space, arrival, found)
        yield from pieces.freed()

    def _decided(
        self, space: Namespace, arrival: Arrival, found: Plan | ExpressionLimit
    ) -> Reply | Parked:
        if isinstance(found, ExpressionLimit):
            return self._over_limit(space, arrival, str(found))
        request = arrival.request
        if found.is_settled and request.memo is not None and not request.body:
            space.keep_plan(request.head, found)
        return self._claimed(space, arrival, found)

    def _claimed(self, space: Namespace, arrival: Arrival, plan: Plan) -> Reply | Parked:
        grant = self._store.claim(space.name, plan, arrival)
        if type(grant) is not Grant:
            raise AssertionError("the memory store neither waits nor outdates a plan within a turn")
        return self._reply(space, arrival.request, grant)

    def on_port(self, routing: PortRouting) -> MockApplication:
        """Return what serves a namespace's own port: no control calls, and the same counts."""
        served = type(self)(
            self._store, self._settings, None, self._own, self._shares, routing, self._calling
        )
        served.outcomes = self.outcomes
        served.callbacks = self.callbacks
        return served

    def is_control(self, target: str) -> bool:
        """Return whether a request for ``target`` is a control call here."""
        return self._control is not None and is_control(target)

    def is_named(self, request: Request) -> bool:
        """Return whether the first stub to answer ``request`` is one that names its method.

        So it is, too, where a limit is met and nobody can tell.
        """
        try:
            selection, space = self._route(request)
            if space is None:
                return False
            plan = rank(space, request.below(selection.prefix))
        except ExpressionLimit:
            return True
        first = plan.alternatives[:1]
        return any(request.method in each.stub.pattern.index_key.methods for each in first)

    def _over_limit(self, space: Namespace, arrival: Arrival, detail: str) -> Reply | Parked:
        grant = self._store.claim(space.name, Plan((), space.version), arrival)
        assert isinstance(grant, Grant)
        self.outcomes["error"] += 1
        grant.exchange.error = ExpressionLimit.code
        space.journal.answer(grant.exchange, self._own.expression_limit(detail))
        return self._reply(space, arrival.request, grant)

    def _reply(self, space: Namespace, request: Request, grant: Grant) -> Reply | Parked:
        entry = grant.exchange
        response = grant.response
        settings = space.settings
        if grant.steps:
            self._charge(space, grant.steps)
        if response is None:
            response = entry.response
        if response is None:
            response = self._refusal(space, request, grant)
            space.journal.answer(entry, response)
        if response.template is not None:
            if isinstance(response.template, CalledAnswer):
                return self._called(space, request, entry, response.template)
            response = self._rendered(space, entry, response.template, request)
        if entry.phase is _PARKED:
            self._call_back(space, entry, request, response)
            return self._parked(space, request, entry)
        if response.locates and request.prefix and settings.rewrite_location:
            response = self._below_prefix(space, entry, response, request)
        date = None if space.clock is REAL or space.clock.is_real else date_line(space)
        extra = debug_lines(space, entry) if settings.debug_headers else b""
        dispatch = None
        if space.shapes or response.delay_s or response.delivery is not None:
            dispatch = dispatch_of(space, entry, response)
            if response.delivery is not None and response.delivery.callbacks:
                self._call_back(space, entry, request, response)
        return Reply(response, date, extra, entry, space.id, dispatch=dispatch)

    def _rendered(
        self, space: Namespace, entry: Exchange, template: ResponseTemplate, request: Request
    ) -> Response:
        """Render the answer; the record says what is sent, or that it could not be rendered."""
        steps = MAX_STEPS
        try:
            seen = occasion(space, entry, request, self._outside(request))
            made, steps = template.render(seen)
        except RenderingFailed as failure:
            entry.error = TEMPLATE_LIMIT if failure.is_limit else TEMPLATE_ERROR
            self.outcomes["error"] += 1
            made = self._own.template_failed(space, request, entry, f"response{failure}")
        self._charge(space, steps)
        space.journal.answer(entry, made)
        return made

    def _call_back(
        self, space: Namespace, entry: Exchange, request: Request, response: Response
    ) -> None:
        """Make the callbacks of an answer; they are sent once it has ended."""
        delivery = response.delivery
        if self.callbacks is not None and delivery is not None and delivery.callbacks:
            seen = occasion(space, entry, request, self._outside(request))
            self._charge(space, self.callbacks.make(space, entry, delivery.callbacks, seen))

    def _outside(self, request: Request) -> str:
        return "" if self._public is None else self._public.before(request.host)

    def _called(
        self, space: Namespace, request: Request, entry: Exchange, answer: CalledAnswer
    ) -> Parked:
        """Have a function answer, once the gate, if there is one, has let the request go."""
        if entry.phase is _PARKED:
            return self._parked(space, request, entry)
        returned = partial(self._returned, space, request, entry)
        return self._calling.begin(space, entry, answer, returned)

    def _returned(
        self, space: Namespace, request: Request, entry: Exchange, found: Response | Failure
    ) -> Reply | Parked:
        """Answer with what a function made; the record says that, or why there is nothing."""
        if isinstance(found, Failure):
            entry.error = found.kind.code
            self.outcomes["error"] += 1
            told = (found.detail, found.traceback)
            found = self._own.call_failed(space, request, entry, found.kind, told)
        space.journal.answer(entry, found)
        return self._reply(space, request, Grant(entry, found))

    def _charge(self, space: Namespace, steps: int) -> None:
        if self._shares is not None:
            self._shares.charge(space, steps * STEP_S)

    def _refusal(self, space: Namespace, request: Request, grant: Grant) -> Response:
        """Return what the mock itself says; an explanation is put to the account of its namespace."""
        self.outcomes["unmatched" if grant.refusal == NO_MATCH else "error"] += 1
        explained = space.explained
        response = self._own.answer(space, request, grant)
        if self._shares is not None and space.explained > explained:
            compared = min(MAX_NEAREST, sum(len(index) for _, index in space.layers))
            self._shares.charge(space, compared * COMPARED_S)
        return response

    def _parked(self, space: Namespace, request: Request, entry: Exchange) -> Parked:
        """Keep a request at its gate until it is let go, or nobody is there any more."""

        def give_up() -> None:
            space.gates.leave(entry)
            self.progress(entry, Phase.ABORTED, 0)

        def let_go(response: Response | None) -> None:
            entry.phase = Phase.RECEIVED
            if response is not None:
                space.journal.answer(entry, response)
                if self.callbacks is not None:
                    self.callbacks.replace(space, entry)
            parked.let_go(made)

        def made() -> Reply | Parked:
            return self._reply(space, request, Grant(entry, entry.response))

        parked = Parked(space.id, give_up)
        space.gates.when_let_go(entry, let_go)
        return parked

    def _below_prefix(
        self, space: Namespace, entry: Exchange, response: Response, request: Request
    ) -> Response:
        """Keep the client in its namespace where the answer leads it; the record says as sent."""
        moved = below_prefix(response, request.prefix, self._outside(request))
        if moved is not response:
            space.journal.answer(entry, moved)
        return moved

    def _lost(self, request: Request, selection: Selection, limit: str | None = None) -> Reply:
        """Answer a request that names no live namespace; it never falls into another.

        ``limit`` tells which one was met when it was asked whose the request is.
        """
        self.outcomes["orphan"] += 1
        name = selection.name
        error: ControlError
        if limit is not None:
            error = MatcherLimit(f"{limit}. Whose request it is is not known; it reached nobody.")
        elif name is None:
            error = NoNamespace(self._ways_in, selection.selector)
        else:
            ended = self._store.lives.last_called(name, selection.selector)
            error = lost_answer(name, ended, [space.name for space in self._store.spaces()])
        arrival = Arrival(request, selection.selector)
        self._store.orphan(arrival, name or "", error.code)
        return Reply(error_response(error))

    def refuse(self, request: Request, phase: Phase, error: ControlError) -> Reply:
        response = error_response(error)
        target = request.target
        if not target or self.is_control(target):
            return Reply(response)
        selection, space = self.routing.route_part(request)
        if space is None:
            return Reply(response)
        arrival = Arrival(request.below(selection.prefix), _selector(selection), selection.conflict)
        entry = self._store.refuse(space.name, arrival, phase, error.code)
        self.outcomes[phase.value] += 1
        if phase is Phase.REFUSED:
            space.journal.answer(entry, response)
        return Reply(response)


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
