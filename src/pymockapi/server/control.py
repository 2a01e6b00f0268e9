"""The control API on the edge: the gate, the way to a row, JSON in, JSON out.

The gate keeps web pages out: on loopback a foreign ``Host`` or ``Origin`` is refused, elsewhere a
token is required. There are no CORS headers. One function turns errors into problem documents.
"""

from __future__ import annotations

import hmac
import logging
from collections.abc import Awaitable, Callable, Coroutine, Generator, Mapping
from functools import partial
from typing import Any, Final

import msgspec

from pymockapi.api.bindings import Operation
from pymockapi.api.rows import CONTROL_ROOT, ROWS, Row
from pymockapi.model.errors import (
    ControlError,
    Forbidden,
    Invalid,
    Unauthorized,
    UnknownCall,
    Unreadable,
    nearest,
    quoted,
)
from pymockapi.model.reader import Findings, unknown_key
from pymockapi.model.request import Request, decode_json, plain_segment
from pymockapi.model.response import Response, make_response
from pymockapi.server.application_port import Reply
from pymockapi.server.refusals import error_response
from pymockapi.service.calls import MISSING, Call, Outcome
from pymockapi.service.collector import CollectorAtRest

_LOG: Final = logging.getLogger("pymockapi.server")
_JSON: Final = (("Content-Type", "application/json"),)
_LOCAL_HOSTS: Final = frozenset({"localhost", "127.0.0.1", "[::1]", "::1"})
_encode: Final = msgspec.json.Encoder().encode


class MethodNotAllowed(ControlError):
    status, code, title = 405, "method-not-allowed", "This path does not take that method"


class Gate:
    """Who may drive the control API. ``hosts`` are names beside loopback that it is reached by."""

    def __init__(self, token: str | None, hosts: frozenset[str] = frozenset()) -> None:
        self._token = token
        self._hosts = _LOCAL_HOSTS | hosts

    def check(self, request: Request) -> None:
        """Raise ``Unauthorized`` or ``Forbidden``, if one applies."""
        origin = next(iter(request.header("origin")), None)
        if origin is not None and not self._is_same(origin, request):
            raise Forbidden(
                f"Origin '{origin}' may not drive this server: the control API is not for web pages."
            )
        if self._token is not None:
            self._check_token(request)
        elif not self._is_own(request.host):
            raise Forbidden(
                f"Host '{request.host}' is not this server's; without a token the control API answers"
                " on localhost, 127.0.0.1 and [::1] only."
            )

    def _is_same(self, origin: str, request: Request) -> bool:
        """Return whether a page comes from this very server: another port is another origin."""
        authority = origin.partition("://")[2].lower()
        return authority == request.host.lower() and self._is_own(authority)

    def _is_own(self, authority: str) -> bool:
        host = authority.lower()
        if not host.endswith("]"):
            host = host.rpartition(":")[0] if host.rpartition(":")[2].isdigit() else host
        return host in self._hosts

    def _check_token(self, request: Request) -> None:
        given = next(iter(request.header("authorization")), "")
        scheme, _, token = given.partition(" ")
        expected = (self._token or "").encode()
        if scheme.lower() != "bearer" or not hmac.compare_digest(
            token.strip().encode("utf-8", "replace"), expected
        ):
            raise Unauthorized("This server wants its token: 'Authorization: Bearer TOKEN'.")


class Routes:
    """The rows by number of path segments, found by method and path."""

    def __init__(self) -> None:
        self._by_size: dict[int, list[tuple[tuple[str, ...], Row]]] = {}
        for row in ROWS:
            parts = tuple(row.path[1:].split("/"))
            self._by_size.setdefault(len(parts), []).append((parts, row))

    def find(self, method: str, segments: list[str]) -> tuple[Row, dict[str, str]]:
        """Return the row and its path parameters. Raises ``UnknownCall`` or ``MethodNotAllowed``."""
        allowed = []
        for parts, row in self._by_size.get(len(segments), ()):
            parameters = _parameters(parts, segments)
            if parameters is None:
                continue
            if row.method == method:
                return row, parameters
            allowed.append(row.method)
        if allowed:
            raise MethodNotAllowed(
                f"/{'/'.join(segments)} takes {quoted(allowed)}, not '{method}'.",
                suggestions=allowed,
            )
        raise self._unknown(method, segments)

    def _unknown(self, method: str, segments: list[str]) -> UnknownCall:
        path = "/" + "/".join(segments)
        near = nearest(path, {row.path for row in ROWS})
        hint = (
            f"Did you mean {quoted(near)}?"
            if near
            else f"GET {CONTROL_ROOT}/openapi.json lists every call."
        )
        return UnknownCall(f"There is no control call {method} {path}. {hint}", suggestions=near)


def _parameters(parts: tuple[str, ...], segments: list[str]) -> dict[str, str] | None:
    parameters = {}
    for part, segment in zip(parts, segments, strict=True):
        if part.startswith("{"):
            if not segment:
                return None
            parameters[part[1:-1]] = plain_segment(segment)
        elif part != segment:
            return None
    return parameters


class Control:
    """Answers control requests; ``operations`` are bound by ``api.bindings``."""

    def __init__(self, operations: Mapping[str, Operation], gate: Gate) -> None:
        self._operations = operations
        self._gate = gate
        self._routes = Routes()

    def answer(self, request: Request) -> Reply | Awaitable[Reply]:
        """Return the answer, at once when the operation does not wait."""
        return _stepped(self._answer(request))

    async def _answer(self, request: Request) -> Reply:
        try:
            self._gate.check(request)
            with CollectorAtRest(len(request.body)):
                row, call = self._read(request)
                outcome = await self._operations[row.name](call)
                return Reply(_answered(row, outcome))
        except ControlError as error:
            return Reply(_refused(error))
        except Exception:
            _LOG.exception("control call %s %s failed", request.method, request.target)
            return Reply(_refused(ControlError("The server failed on this call; see its log.")))

    def _read(self, request: Request) -> tuple[Row, Call]:
        root = len(CONTROL_ROOT)
        if not request.path.startswith(CONTROL_ROOT + "/"):
            raise UnknownCall(
                f"'{request.path}' is kept for the control API, which is below {CONTROL_ROOT};"
                f" GET {CONTROL_ROOT}/openapi.json lists its calls."
            )
        row, parameters = self._routes.find(request.method, request.path[root + 1 :].split("/"))
        return row, Call(
            parameters, _query(request, row), _body(request, row), _version(request, row)
        )


def _query(request: Request, row: Row) -> dict[str, str]:
    found = Findings()
    for name, values in request.query.items():
        if name not in row.query:
            found.add(
                f"/{name}",
                unknown_key(name, row.query) if row.query else "this call takes no query",
            )
        elif len(values) > 1:
            found.add(f"/{name}", "given more than once")
    found.check("The query")
    return {name: values[0] for name, values in request.query.items()}


def _body(request: Request, row: Row) -> Any:
    if not request.body:
        if row.body == "required":
            raise Unreadable("This call needs a JSON body, and none was sent.")
        return MISSING
    if row.body == "none":
        raise Unreadable(f"{row.method} {row.path} takes no body.")
    try:
        return decode_json(request.body)
    except (msgspec.MsgspecError, ValueError) as error:
        raise Unreadable(f"The body is no JSON: {error}") from error
    except RecursionError as error:
        raise Unreadable("The body is JSON nested too deep to read.") from error


def _version(request: Request, row: Row) -> int | None:
    given = next(iter(request.header("if-match")), None)
    if given is None or given == "*" or not row.conditional:
        return None
    text = given.strip().removeprefix("W/").strip('"')
    if text.isascii() and text.isdigit() and len(text) < 16:
        return int(text)
    raise Invalid(
        _findings("/If-Match", f"expected a version such as \"17\", got '{given}'"), "The header"
    )


def _findings(at: str, message: str) -> list[Any]:
    found = Findings()
    found.add(at, message)
    return found.items


def _answered(row: Row, outcome: Outcome) -> Response:
    version = () if outcome.version is None else (("ETag", f'"{outcome.version}"'),)
    if outcome.document is None:
        return make_response(outcome.status or row.status, version)
    return make_response(
        outcome.status or row.status, (*_JSON, *version), _encode(outcome.document)
    )


def _refused(error: ControlError) -> Response:
    response = error_response(error)
    if isinstance(error, MethodNotAllowed):
        headers = (*response.headers[:-1], ("Allow", ", ".join(error.suggestions)))
        return make_response(response.status, headers, response.body, error=error.code)
    if isinstance(error, Unauthorized):
        headers = (*response.headers[:-1], ("WWW-Authenticate", 'Bearer realm="PyMockAPI"'))
        return make_response(response.status, headers, response.body, error=error.code)
    return response


def _stepped(work: Coroutine[Any, Any, Reply]) -> Reply | Awaitable[Reply]:
    """Run ``work`` to its end if it does not wait; a task costs ten times as much (5 us)."""
    try:
        waiting = work.send(None)
    except StopIteration as done:
        result: Reply = done.value
        return result
    return _Resumed(work, waiting)


class _Resumed:
    """The rest of a coroutine whose first step has run and waits for ``waiting``."""

    def __init__(self, work: Coroutine[Any, Any, Reply], waiting: Any) -> None:
        self._work = work
        self._waiting = waiting

    def __await__(self) -> Generator[Any, Any, Reply]:
        waiting = self._waiting
        while True:
            try:
                value = yield waiting
            except BaseException as error:  # handed on to the coroutine, as await would
                step: Callable[[], Any] = partial(self._work.throw, error)
            else:
                step = partial(self._work.send, value)
            try:
                waiting = step()
            except StopIteration as done:
                result: Reply = done.value
                return result
