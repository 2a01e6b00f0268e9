"""A store, the control API and the application over it, without sockets and with clocks in hand."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Mapping
from typing import Any, Final

import msgspec

from pymockapi.api.bindings import bind
from pymockapi.api.row import CONTROL_ROOT
from pymockapi.engine.project import read_configuration
from pymockapi.model.clock import SECOND_NS
from pymockapi.model.reader import Findings
from pymockapi.model.request import Request
from pymockapi.model.response import Response
from pymockapi.server.application import MockApplication
from pymockapi.server.application_port import Later, Reply
from pymockapi.server.control import Control
from pymockapi.server.gate import Gate
from pymockapi.server.own_answers import OwnAnswers
from pymockapi.server.shares import Shares
from pymockapi.service.calls import Site
from pymockapi.service.feeds import Feeds
from pymockapi.service.namespaces import Namespaces
from pymockapi.service.waits import CallLater
from pymockapi.store.memory import MemoryStore
from pymockapi.store.selecting import Pause, no_pause

START_NS: Final = 1_900_000_000 * SECOND_NS


class World:
    """One server's inside; ``real_ns`` and ``monotonic_s`` stand still until a test moves them."""

    def __init__(
        self,
        document: Mapping[str, Any] | None = None,
        pause: Pause = no_pause,
        shares: Shares | None = None,
        later: CallLater | None = None,
    ) -> None:
        found = Findings()
        configuration = read_configuration({"version": 1, **(document or {})}, found)
        found.check("The test's own config")
        self.real_ns = START_NS
        self.monotonic_s = 100.0
        self.store = MemoryStore(
            configuration,
            instance="f0f0f0",
            real_ns=lambda: self.real_ns,
            monotonic_s=lambda: self.monotonic_s,
            pause=pause,
        )
        site = Site(self.store, lambda: "http://127.0.0.1:1", later=later)
        self.site = site
        asyncio.run(Namespaces(site).create_presets())
        self.feeds = Feeds(site)
        control = Control(bind(site, self.feeds), Gate(None), pause, self.feeds)
        self.application = MockApplication(
            self.store, configuration.server, control.answer, OwnAnswers(), shares
        )

    def reply(
        self,
        method: str,
        target: str,
        body: bytes = b"",
        headers: Mapping[str, str] | None = None,
    ) -> Reply:
        """Return the reply to one request."""
        asked = request(method, target, body, headers)
        if not target.startswith("/__mock"):
            reply = self.application.answer(asked)
            assert isinstance(reply, Reply)
            return reply

        async def waited() -> Reply:
            reply = self.application.answer(asked)
            assert not isinstance(reply, Later)
            return reply if isinstance(reply, Reply) else await reply

        return asyncio.run(waited())

    def send(self, method: str, target: str, body: bytes = b"", **headers: str) -> Response:
        """Return the response to one request; ``x_y`` names the header ``x-y``."""
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        return self.reply(method, target, body, named).response

    def delay(self, method: str, target: str) -> float:
        """Return for how many seconds the answer to one request waits."""
        dispatch = self.reply(method, target).dispatch
        return 0.0 if dispatch is None else dispatch.delay_s

    def call(self, method: str, path: str, body: Any = None) -> Any:
        """Make a control call that must succeed, and return its document."""
        raw = b"" if body is None else json.dumps(body).encode()
        response = self.reply(method, CONTROL_ROOT + path, raw).response
        assert response.status < 300, response
        return document(response) if response.body else None

    def begin_call(self, method: str, path: str, body: Any) -> None:
        """Make a control call that ends on its first step; for tests on a loop."""
        raw = b"" if body is None else json.dumps(body).encode()
        reply = self.application.answer(request(method, CONTROL_ROOT + path, raw))
        assert isinstance(reply, Reply)
        assert reply.response.status < 300, reply

    def entries(self, ns: str = "default") -> list[Any]:
        found: list[Any] = self.call("GET", f"/namespaces/{ns}/requests")["requests"]
        return found


def request(
    method: str, target: str, body: bytes = b"", headers: Mapping[str, str] | None = None
) -> Request:
    fields = {"Host": "127.0.0.1", **(headers or {})}
    lines = [f"{method} {target} HTTP/1.1", *(f"{name}: {value}" for name, value in fields.items())]
    head = ("\r\n".join(lines) + "\r\n\r\n").encode("utf-8", "surrogateescape")
    return Request(method, target, head, body, "127.0.0.1:5")


def document(response: Response) -> Any:
    return msgspec.json.decode(response.body)


def code(response: Response) -> str | None:
    """Return the code of an answer that the mock made itself."""
    named = dict(response.headers).get("X-Mock-Error")
    if named is None:
        return None
    assert document(response)["type"] == f"urn:pymockapi:error:{named}"
    assert document(response)["status"] == response.status
    return named
