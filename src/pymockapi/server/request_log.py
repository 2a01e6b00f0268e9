"""A mock that logs each request it answers: chosen at the start, so that others pay nothing."""

from __future__ import annotations

import logging
from typing import Any, Final

from pymockapi.engine.selectors import Selection
from pymockapi.model.errors import ControlError
from pymockapi.model.exchange import Phase
from pymockapi.model.plan import Grant
from pymockapi.model.request import Request
from pymockapi.server.application import MockApplication
from pymockapi.server.application_port import Parked, Reply
from pymockapi.store.namespace import Namespace

LOG: Final = logging.getLogger("pymockapi.requests")


class LoggedApplication(MockApplication):
    """Logs at level ``debug`` once it is decided what a request gets; not when that has left."""

    def _reply(self, space: Namespace, request: Request, grant: Grant) -> Reply | Parked:
        reply = super()._reply(space, request, grant)
        entry = grant.exchange
        if isinstance(reply, Reply):  # else it is told when it is let go
            tell(
                request, reply, namespace=space.name, request=entry.number, stub=entry.stub,
                behaviour=entry.behaviour,
            )  # fmt: skip
        return reply

    def _lost(self, request: Request, selection: Selection, limit: str | None = None) -> Reply:
        reply = super()._lost(request, selection, limit)
        tell(request, reply, namespace=selection.name)
        return reply

    def refuse(self, request: Request, phase: Phase, error: ControlError) -> Reply:
        reply = super().refuse(request, phase, error)
        tell(request, reply, phase=phase.value)
        return reply


def tell(asked: Request, reply: Reply, **more: Any) -> None:
    response = reply.response
    fields: dict[str, Any] = {
        "scheme": asked.scheme,
        "method": asked.method,
        "target": asked.target,
        "client": asked.client,
        "status": response.status,
        **more,
        "code": response.error,
    }
    told = {name: value for name, value in fields.items() if value is not None}
    LOG.debug("%s %s: %d", asked.method, asked.target, response.status, extra={"fields": told})
