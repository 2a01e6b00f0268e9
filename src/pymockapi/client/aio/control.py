"""The control API as calls: one function driven by the rows that the server routes by.

Turns a row and its arguments into bytes, an answer into JSON, a problem document (RFC 9457)
into ``MockApiError``. Knows no stub and no namespace beyond its name.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final
from urllib.parse import quote, urlencode

from pymockapi.api.row import CONTROL_ROOT, Row
from pymockapi.api.rows import BY_NAME
from pymockapi.client.aio.answer import Answer
from pymockapi.client.aio.functions import AsyncFunctions
from pymockapi.client.aio.transport import AsyncTransport
from pymockapi.client.errors import MockApiError, MockServerError
from pymockapi.client.values import Json, encode
from pymockapi.client.websocket import Refusal, WebSocket
from pymockapi.model.errors import Finding

QueryValue = str | int | bool
_TYPE: Final = "urn:pymockapi:error:"
_REPEATABLE: Final = frozenset({"GET", "PUT", "DELETE"})
_NEVER_REPEATED: Final = frozenset({"set_clock", "close_scope"})  # twice is not the same as once


class _Unset:
    """The type of ``NO_BODY``, since ``None`` is JSON's null."""


NO_BODY: Final = _Unset()


class AsyncControl:
    """Calls the control API through ``transport``, with ``token`` if there is one.

    ``functions`` are those that its server can call.
    """

    def __init__(
        self,
        transport: AsyncTransport,
        token: str | None = None,
        functions: AsyncFunctions | None = None,
    ) -> None:
        self.transport = transport
        self.functions = functions or AsyncFunctions()
        self._token = token

    async def call(
        self,
        row_name: str,
        body: Json = NO_BODY,
        query: Mapping[str, QueryValue | None] | None = None,
        if_match: str | None = None,
        waits_s: float = 0.0,
        **path_parameters: str,
    ) -> Json:
        """Make the call of row ``row_name`` and return its answer's JSON (``None``: no content).

        ``waits_s`` is how long the server may wait before it answers, beside the time limit.

        Query values that are ``None`` are left out. GET, PUT and DELETE are sent once more if
        a kept connection proves closed, save ``set_clock`` and those with ``if_match``, the
        version that they rely on; see ``AsyncTransport``.

        Raises ``MockApiError`` when the server refuses, ``MockServerError`` when no proper
        answer comes.
        """
        answer = await self._send(row_name, body, query or {}, path_parameters, if_match, waits_s)
        return self._json(answer) if answer.body else None

    async def text(
        self,
        row_name: str,
        query: Mapping[str, QueryValue | None] | None = None,
        **path_parameters: str,
    ) -> str:
        """Make a call whose answer is no JSON; raises as ``call``."""
        answer = await self._send(row_name, NO_BODY, query or {}, path_parameters)
        return answer.body.decode()

    def websocket(
        self,
        row_name: str,
        query: Mapping[str, QueryValue | None],
        path_parameters: Mapping[str, str],
    ) -> WebSocket:
        """Return what opens the WebSocket of row ``row_name``; it has no connection yet."""
        target = self._target(BY_NAME[row_name], query, path_parameters)
        return WebSocket(target, self.transport.authority, self._token)

    def refused(self, refusal: Refusal) -> MockServerError:
        """Return the error that a WebSocket's ``refusal`` is."""
        return self._refusal(Answer(refusal.status, {}, refusal.body, False))

    async def _send(
        self,
        row_name: str,
        body: Json,
        query: Mapping[str, QueryValue | None],
        path_parameters: Mapping[str, str],
        if_match: str | None = None,
        waits_s: float = 0.0,
    ) -> Answer:
        row = BY_NAME[row_name]
        request = self._encode(row, body, self._target(row, query, path_parameters), if_match)
        repeatable = row.method in _REPEATABLE and row_name not in _NEVER_REPEATED
        repeatable = repeatable and if_match in (None, "*")
        answer = await self.transport.send(request, repeatable=repeatable, waits_s=waits_s)
        if not 200 <= answer.status < 300:
            raise self._refusal(answer)
        return answer

    def _target(
        self, row: Row, query: Mapping[str, QueryValue | None], path_parameters: Mapping[str, str]
    ) -> str:
        return self.transport.prefix + _target(row, query, path_parameters)

    def _encode(self, row: Row, body: Json, target: str, if_match: str | None) -> bytes:
        lines = [f"{row.method} {target} HTTP/1.1", f"Host: {self.transport.authority}"]
        if self._token:
            lines.append(f"Authorization: Bearer {self._token}")
        if if_match is not None:
            lines.append(f"If-Match: {if_match}")
        content = b""
        if body is not NO_BODY:
            content = encode(body)
            lines.append("Content-Type: application/json")
        if content or row.method != "GET":
            lines.append(f"Content-Length: {len(content)}")
        return "\r\n".join([*lines, "\r\n"]).encode() + content

    def _json(self, answer: Answer) -> Json:
        try:
            return json.loads(answer.body)
        except ValueError:
            raise self._unknown(answer) from None

    def _refusal(self, answer: Answer) -> MockServerError:
        document = self._json(answer)
        if not isinstance(document, dict) or not str(document.get("type")).startswith(_TYPE):
            return self._unknown(answer)
        return MockApiError(
            document["type"].removeprefix(_TYPE),
            answer.status,
            document.get("detail", ""),
            [Finding(item["pointer"], item["message"]) for item in document.get("errors", ())],
            document.get("suggestions", ()),
        )

    def _unknown(self, answer: Answer) -> MockServerError:
        start = answer.body[:200].decode("utf-8", "replace")
        return MockServerError(
            f"{self.transport.url} answered {answer.status} with what no control API says:"
            f" {start!r}. Is a PyMockAPI server there?"
        )


@dataclass(slots=True)
class AsyncNamespaceControl:
    """The calls of one namespace; ``name`` becomes its id when it is finished."""

    control: AsyncControl
    name: str

    @property
    def functions(self) -> AsyncFunctions:
        return self.control.functions

    async def call(
        self,
        row_name: str,
        body: Json = NO_BODY,
        query: Mapping[str, QueryValue | None] | None = None,
        waits_s: float = 0.0,
        **path_parameters: str,
    ) -> Json:
        """Call a row below ``/namespaces/{namespace}``; as ``AsyncControl.call``."""
        return await self.control.call(
            row_name, body, query, waits_s=waits_s, namespace=self.name, **path_parameters
        )

    async def text(self, row_name: str, query: Mapping[str, QueryValue | None]) -> str:
        """Make a call whose answer is no JSON; as ``AsyncControl.text``."""
        return await self.control.text(row_name, query, namespace=self.name)


def _target(
    row: Row, query: Mapping[str, QueryValue | None], path_parameters: Mapping[str, str]
) -> str:
    quoted = {name: quote(value, safe="") for name, value in path_parameters.items()}
    path = CONTROL_ROOT + row.path.format_map(quoted)
    pairs = {name: _query_text(value) for name, value in query.items() if value is not None}
    return f"{path}?{urlencode(pairs)}" if pairs else path


def _query_text(value: QueryValue) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value)
