"""Mocks that web pages on other origins may call: https://fetch.spec.whatwg.org, CORS protocol.

Answers preflights and adds the headers that let a page read an answer. The control API is never
touched: its gate refuses every foreign origin. Where CORS is off none of this is in the way.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Awaitable
from functools import partial
from typing import Any, Final

from pymockapi.model.cors import Cors
from pymockapi.model.errors import ControlError
from pymockapi.model.exchange import Phase
from pymockapi.model.request import Request, printable
from pymockapi.model.response import HeaderPairs, Response, make_response
from pymockapi.server.application import MockApplication
from pymockapi.server.application_port import Application, Later, Reply
from pymockapi.server.refusals import error_response
from pymockapi.server.request_log import LOG, tell

_OWN: Final = "access-control-"
_ALLOW_ORIGIN: Final = "Access-Control-Allow-Origin"
_METHOD: Final = "access-control-request-method"
_VARY: Final = ("Vary", "Origin")
_TOKENS: Final = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z, -]+")
_ECHOED: Final = re.compile(r"[!-~]{1,1000}")
_SHOWN: Final = 10  # origins in an error


class ForbiddenOrigin(ControlError):
    status, code, title = 403, "forbidden-origin", "Pages of this origin may not call the mock"

    def __init__(self, origin: str, cors: Cors) -> None:
        if cors.origins is None:
            super().__init__(f"Origin '{printable(origin[:200])}' is no origin of one web page.")
            return
        known = sorted({*(cors.origins or ()), *map(str, cors.patterns)})
        listed = ", ".join([*known[:_SHOWN], *(["..."] if len(known) > _SHOWN else [])])
        super().__init__(
            f"Origin '{printable(origin[:200])}' is not among server.cors.origins"
            f" ({listed}); add it there, and its pages may call the mock."
        )


class CrossOrigin:
    """See ``Application``: ``mock``, for web pages too, as ``cors`` says."""

    def __init__(self, mock: MockApplication, cors: Cors) -> None:
        self._mock = mock
        self._cors = cors

    def answer(self, request: Request) -> Reply | Later | Awaitable[Reply]:
        mock = self._mock
        if mock.is_control(request.target):
            return mock.answer(request)
        if request.method == "OPTIONS" and _is_preflight(request) and not mock.is_named(request):
            return self._preflight(request)
        reply = mock.answer(request)
        if isinstance(reply, Later):
            reply.finish = partial(self._opened, request)
            return reply
        assert isinstance(reply, Reply)  # only control calls are awaited
        return self._opened(request, reply)

    def refuse(self, request: Request, phase: Phase, error: ControlError) -> Reply:
        reply = self._mock.refuse(request, phase, error)
        if not request.target or self._mock.is_control(request.target):
            return reply
        return self._opened(request, reply)

    def progress(self, handle: Any, phase: Phase, sent: int) -> None:
        self._mock.progress(handle, phase, sent)

    def _opened(self, request: Request, reply: Reply) -> Reply:
        """Let the page that asked read ``reply``; headers of its own go before ours."""
        response = reply.response
        own = {name.lower() for name, _ in response.headers if name.lower().startswith(_OWN)}
        if _ALLOW_ORIGIN.lower() not in own:
            allowed = self._allowed(request, response, reply.extra)
            lines = [f"{name}: {value}\r\n" for name, value in allowed if name.lower() not in own]
            reply.extra += "".join(lines).encode()
        return reply

    def _allowed(self, request: Request, response: Response, extra: bytes) -> HeaderPairs:
        """Return the headers of an answer that is no preflight's."""
        origin = self._origin(request)
        granted = self._granted(origin)
        if origin is None or not granted:
            return granted
        if not self._cors.credentials:
            return (*granted, ("Access-Control-Expose-Headers", "*"))
        names = dict.fromkeys(["Date", *(name for name, _ in response.headers)])
        names |= dict.fromkeys(line.partition(":")[0] for line in extra.decode().split("\r\n")[:-1])
        return (*granted, ("Access-Control-Expose-Headers", ", ".join(names)))

    def _origin(self, request: Request) -> str | None:
        """Return whose page asks, as it is told in answers; ``None``: one that may not read them."""
        if self._cors.is_for_all:
            return "*"
        values = request.header("origin")
        if len(values) != 1 or not _ECHOED.fullmatch(values[0]):
            return None
        return values[0] if self._cors.allows(values[0]) else None

    def _granted(self, origin: str | None) -> HeaderPairs:
        vary = () if self._cors.is_for_all else (_VARY,)
        if origin is None:
            return vary
        granted = ((_ALLOW_ORIGIN, origin), *vary)
        if self._cors.credentials:
            return (*granted, ("Access-Control-Allow-Credentials", "true"))
        return granted

    def _preflight(self, request: Request) -> Reply:
        self._mock.outcomes["preflight"] += 1
        reply = Reply(self._permission(request))
        if LOG.isEnabledFor(logging.DEBUG):
            tell(request, reply)
        return reply

    def _permission(self, request: Request) -> Response:
        """Return the answer to a preflight: what it asks for, or 403 with what to do."""
        origin = self._origin(request)
        if origin is None:
            error = ForbiddenOrigin(", ".join(request.header("origin")), self._cors)
            refusal = error_response(error)
            headers = (*refusal.headers[:-1], _VARY)
            return make_response(refusal.status, headers, refusal.body, error=error.code)
        headers = (
            *self._granted(origin),
            ("Access-Control-Allow-Methods", request.header(_METHOD)[0]),
        )
        asked = [each for each in request.header("access-control-request-headers") if each]
        if asked and all(_TOKENS.fullmatch(each) for each in asked):
            headers += (("Access-Control-Allow-Headers", ", ".join(asked)),)
        if request.header("access-control-request-private-network") == ["true"]:
            headers += (("Access-Control-Allow-Private-Network", "true"),)
        if self._cors.max_age_s is not None:
            headers += (("Access-Control-Max-Age", str(self._cors.max_age_s)),)
        return make_response(204, headers)


def for_pages(mock: MockApplication, cors: Cors | None) -> Application:
    """Return what serves ``mock``; it is itself where CORS is off."""
    return mock if cors is None else CrossOrigin(mock, cors)


def _is_preflight(request: Request) -> bool:
    methods = request.header(_METHOD)
    return (
        len(methods) == 1 and bool(_TOKENS.fullmatch(methods[0])) and bool(request.header("origin"))
    )
