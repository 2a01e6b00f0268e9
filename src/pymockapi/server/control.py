"""The control API on the edge: past the gate, the way to a row, JSON in, JSON out.

There are no CORS headers. One function turns errors into problem documents.
"""

from __future__ import annotations

import asyncio
import logging
from collections import deque
from collections.abc import Awaitable, Callable, Coroutine, Generator, Mapping
from functools import partial
from typing import Any, Final

import msgspec

from pymockapi.api.bindings import Operation
from pymockapi.api.row import CONTROL_ROOT, Row
from pymockapi.api.rows import ROWS
from pymockapi.engine.features import load_websockets
from pymockapi.model.errors import (
    ControlError,
    Invalid,
    Unauthorized,
    UnknownCall,
    Unreadable,
    nearest,
    quoted,
)
from pymockapi.model.json_reading import BeyondReading
from pymockapi.model.reader import Findings, unknown_key
from pymockapi.model.request import Request, plain_segment
from pymockapi.model.response import HeaderPairs, Response, make_response
from pymockapi.server.application_port import Later, Pending, Reply, Sessions, Switch
from pymockapi.server.gate import Gate
from pymockapi.server.refusals import error_response
from pymockapi.server.upgrade import UpgradeRequired, accept
from pymockapi.service.body_reading import BodyReading
from pymockapi.service.calls import MISSING, Call, Caller, Outcome
from pymockapi.service.collector import CollectorAtRest
from pymockapi.service.listing import Pause
from pymockapi.store.selecting import no_pause

_LOG: Final = logging.getLogger("pymockapi.server")
_JSON: Final = (("Content-Type", "application/json"),)
MAX_WHOLE: Final = 256 * 1024  # bytes of an answer that leaves in one piece
_encode: Final = msgspec.json.Encoder().encode


class MethodNotAllowed(ControlError):
    status, code, title = 405, "method-not-allowed", "This path does not take that method"


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
            allowed += [row.method, "HEAD"] if row.method == "GET" else [row.method]
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
    """Answers control requests; ``operations`` are bound by ``api.bindings``, ``sessions`` are
    what rows that upgrade open.

    ``counts`` are those answered, by the name of the row (empty: none was found) and the status.
    """

    def __init__(
        self,
        operations: Mapping[str, Operation],
        gate: Gate,
        pause: Pause = no_pause,
        sessions: Sessions | None = None,
    ) -> None:
        self._operations = operations
        self._sessions = sessions
        self._opening: set[asyncio.Task[None]] = set()
        self._gate = gate
        self._pause = pause
        self._routes = Routes()
        self.counts: dict[tuple[str, int], int] = {}

    def answer(self, request: Request) -> Reply | Later | Awaitable[Reply]:
        """Return the answer, at once when the operation does not wait.

        ``Later`` is the answer of a row that upgrades.
        """
        caller = Caller()
        return _stepped(self._answer(request, caller), caller)

    async def _answer(self, request: Request, caller: Caller) -> Reply | Later:
        name, rest = "", None
        body = BodyReading(request.body, self._pause)
        try:
            self._gate.check(request)
            row, parameters = self._find(request)
            name = row.name
            if row.upgrades and self._sessions is not None:
                return self._switch(request, row, parameters, self._sessions)
            with CollectorAtRest(0 if row.waits else len(request.body)):
                call = await _call(request, row, parameters, body, caller)
                outcome = await self._operations[name](call)
                response = _answered(row, outcome)
                rest = _rest(outcome)
                if rest is not None:
                    await asyncio.sleep(0)  # a long answer must come later
        except ControlError as error:
            response = _refused(error)
            await body.free()
        except Exception:
            _LOG.exception("control call %s %s failed", request.method, request.target)
            response = _refused(ControlError("The server failed on this call; see its log."))
        self._count(request, name, response.status)
        return Reply(response, rest=rest)

    def _count(self, request: Request, name: str, status: int) -> None:
        self.counts[name, status] = self.counts.get((name, status), 0) + 1
        if _LOG.isEnabledFor(logging.DEBUG):
            _tell(request, name, status)

    def _switch(
        self, request: Request, row: Row, parameters: dict[str, str], sessions: Sessions
    ) -> Later:
        """Return the answer to an opening handshake. Raises ``ControlError`` if it is none."""
        response, query = accept(request), _query(request, row)
        later = Later("")

        async def open_session() -> None:
            reply = await _opened(response, sessions, parameters.get("namespace"), query)
            self._count(request, row.name, reply.response.status)
            later.hand_over(reply)

        task = asyncio.get_running_loop().create_task(open_session())
        self._opening.add(task)
        task.add_done_callback(self._opening.discard)
        return later

    def _find(self, request: Request) -> tuple[Row, dict[str, str]]:
        root = len(CONTROL_ROOT)
        if not request.path.startswith(CONTROL_ROOT + "/"):
            raise UnknownCall(
                f"'{request.path}' is kept for the control API, which is below {CONTROL_ROOT};"
                f" GET {CONTROL_ROOT}/openapi.json lists its calls."
            )
        method = "GET" if request.method == "HEAD" else request.method
        return self._routes.find(method, request.path[root + 1 :].split("/"))


async def _opened(
    response: Response, sessions: Sessions, namespace: str | None, query: dict[str, str]
) -> Reply:
    try:
        await asyncio.to_thread(load_websockets)
        return Switch(response, session=sessions.open(namespace, query))
    except ControlError as error:
        return Reply(_refused(error))
    except Exception:
        _LOG.exception("opening a WebSocket failed")
        return Reply(_refused(ControlError("The server failed on this call; see its log.")))


def _tell(request: Request, name: str, status: int) -> None:
    fields = {
        "call": name, "method": request.method, "target": request.target,
        "client": request.client, "status": status,
    }  # fmt: skip
    _LOG.debug("control call %s: %d", name or "refused", status, extra={"fields": fields})


async def _call(
    request: Request, row: Row, parameters: dict[str, str], body: BodyReading, caller: Caller
) -> Call:
    query = _query(request, row)
    version = _version(request, row)
    has_if_match = row.conditional and bool(request.header("if-match"))
    return Call(parameters, query, await _body(body, row), version, has_if_match, caller)


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


async def _body(body: BodyReading, row: Row) -> Any:
    if not body.size:
        if row.body == "required":
            raise Unreadable("This call needs a JSON body, and none was sent.")
        return MISSING
    if row.body == "none":
        raise Unreadable(f"{row.method} {row.path} takes no body.")
    try:
        return await body.read()
    except BeyondReading as error:
        raise Unreadable(f"The body is JSON that cannot be read: {error}") from error
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
    if outcome.text is not None:
        headers = (("Content-Type", row.media), *version)
        return make_response(outcome.status or row.status, headers, outcome.text.encode())
    if outcome.pieces is not None:
        return _long(row.status, outcome.media, version, outcome.pieces)
    if outcome.document is None:
        return make_response(outcome.status or row.status, version)
    return make_response(
        outcome.status or row.status, (*_JSON, *version), _encode(outcome.document)
    )


def _long(status: int, media: str | None, version: HeaderPairs, pieces: list[bytes]) -> Response:
    """Return a response with all of ``pieces`` as its body, or none of them if they are many."""
    headers = (*(_JSON if media is None else (("Content-Type", media),)), *version)
    size = sum(map(len, pieces))
    if size <= MAX_WHOLE:
        return make_response(status, headers, b"".join(pieces))
    response = make_response(status, headers)
    head = response.head.replace(b"Content-Length: 0\r\n", b"Content-Length: %d\r\n" % size)
    return msgspec.structs.replace(response, head=head)


def _rest(outcome: Outcome) -> deque[bytes] | None:
    """Return what is to follow, if the response leaves it out."""
    if outcome.pieces is None or sum(map(len, outcome.pieces)) <= MAX_WHOLE:
        return None
    return deque(outcome.pieces)


def _refused(error: ControlError) -> Response:
    response = error_response(error)
    headers = _beside(error)
    if not headers:
        return response
    told = (*response.headers[:-1], *headers)
    return make_response(response.status, told, response.body, error=error.code)


def _beside(error: ControlError) -> HeaderPairs:
    """Return the headers that an answer with this status must have."""
    if isinstance(error, MethodNotAllowed):
        return (("Allow", ", ".join(error.suggestions)),)
    if isinstance(error, Unauthorized):
        return (("WWW-Authenticate", 'Bearer realm="PyMockAPI"'),)
    return error.headers if isinstance(error, UpgradeRequired) else ()


def _stepped(
    work: Coroutine[Any, Any, Reply | Later], caller: Caller
) -> Reply | Later | Awaitable[Reply]:
    """Run ``work`` to its end if it does not wait; a task costs ten times as much (5 us)."""
    try:
        waiting = work.send(None)
    except StopIteration as done:
        result: Reply | Later = done.value
        return result
    return _Resumed(work, waiting, caller)


class _Resumed(Pending):
    """The rest of a coroutine whose first step has run and waits for ``waiting``."""

    def __init__(self, work: Coroutine[Any, Any, Any], waiting: Any, caller: Caller) -> None:
        self._work = work
        self._waiting = waiting
        self._caller = caller

    @property
    def is_waiting(self) -> bool:
        return self._caller.is_waiting

    def abandon(self) -> None:
        self._caller.leave()

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
