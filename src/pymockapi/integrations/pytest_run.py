"""One run of pytest and its one server: who starts it, who attaches to it, when and how often.

In a run without xdist there is one process, and it starts the server. With xdist the controller
does, when the first worker asks for it, and workers attach. Imports nothing heavy.
"""

from __future__ import annotations

from importlib import import_module
from threading import Lock
from typing import TYPE_CHECKING, Any, NamedTuple
from uuid import uuid4

import pytest

from pymockapi.integrations.options import Options

if TYPE_CHECKING:
    from pymockapi.client.server import MockServer
    from pymockapi.integrations.door import Door
    from pymockapi.integrations.pytest_worlds import Worlds


class Offer(NamedTuple):
    """What the controller tells a worker: the run's id, its own name, where to ask for the server.

    ``markers`` are pairs of a marker and the tag it stands for.
    """

    run: str
    worker: str
    port: int
    secret: str
    markers: tuple[tuple[str, str], ...] = ()


class Run:
    """What a process of pytest knows of its run."""

    def __init__(self, options: Options, offer: Offer | None) -> None:
        self.options = options
        self.worker = "main" if offer is None else offer.worker
        self.id = uuid4().hex[:8] if offer is None else offer.run
        self.markers: dict[str, str] = {} if offer is None else dict(offer.markers)
        self._offer = offer
        self._door: Door | None = None
        self._server: MockServer | None = None
        self._worlds: Worlds | None = None
        self._failure: str | None = None
        self._lock = Lock()

    @property
    def is_eager(self) -> bool:
        """Whether the server is there before the first test, so that a mistake is told once."""
        return self._offer is None and bool(self.options.config or self.options.url)

    @property
    def errors(self) -> type[Exception]:
        """What ``server`` raises."""
        return _server_error()

    def start(self) -> None:
        """Have the server, and what it knows of tags, in ``markers``.

        Raises ``pytest.UsageError``, with the server's own words, if there is none.
        """
        try:
            self.markers = _module("tag_markers").tag_markers(self.server())
        except _server_error() as error:
            raise pytest.UsageError(str(error)) from None

    def server(self) -> MockServer:
        """Return the server, there or found now. Raises ``MockServerError``, the same each time."""
        with self._lock:
            if self._failure is not None:
                raise _server_error()(self._failure)
            if self._server is None:
                try:
                    self._server = self._found()
                except _server_error() as error:
                    self._failure = str(error)
                    raise
            return self._server

    @property
    def has_failed(self) -> bool:
        """Whether the server was asked for in vain."""
        return self._failure is not None

    def stop(self) -> None:
        """Stop the server, or let go of it."""
        if self._door is not None:
            self._door.close()
        if self._server is not None:
            self._server.stop()

    def header(self) -> str | None:
        """Return a line for the head of the terminal's report."""
        if self._server is None:
            return None
        files = ", ".join(path.name for path in self.options.config)
        if self.options.url is None:
            return f"mock API: {self._server.url} ({files})"
        unused = f" (its own config is in force, not {files})" if files else ""
        return f"mock API: attached to {self._server.url}{unused}"

    def offer(self, worker: str) -> Offer:
        """Return what ``worker`` needs to find the server."""
        if self._door is None:
            self._door = _module("door").Door(self._answer)
        markers = tuple(self.markers.items())
        return Offer(self.id, worker, self._door.port, self._door.secret, markers)

    def worlds(self) -> Worlds:
        """Return what this process keeps of its tests' namespaces."""
        if self._worlds is None:
            self._worlds = _module("pytest_worlds").Worlds(
                self.options, self.id, self.worker, self.markers
            )
        return self._worlds

    def known_worlds(self) -> Worlds | None:
        """As ``worlds``, ``None`` as long as no test has had a namespace."""
        return self._worlds

    def _found(self) -> MockServer:
        if self._offer is not None:
            return self._as_told(self._offer)
        server: MockServer = _module("starting").start_or_attach(self.options)
        return server

    def _as_told(self, offer: Offer) -> MockServer:
        error = _server_error()
        try:
            told = _module("door").ask(offer.port, offer.secret)
        except OSError as gone:
            raise error(
                f"The controller of this run cannot be asked for its mock server ({gone}). Workers on"
                " other machines need one that runs already: set PYMOCKAPI_URL there."
            ) from gone
        if "error" in told:
            raise error(told["error"])
        return _server_class().attach(told["url"], told["token"], control_url=told["control_url"])

    def _answer(self) -> dict[str, Any]:
        """Return what a worker is told that asks for the server."""
        try:
            server = self.server()
        except _server_error() as error:
            return {"error": str(error)}
        return {"url": server.url, "token": server.token, "control_url": server.control_url}


def _module(name: str) -> Any:
    return import_module(f"pymockapi.integrations.{name}")


def _server_class() -> type[MockServer]:
    found: type[MockServer] = import_module("pymockapi.client.server").MockServer
    return found


def _server_error() -> type[Exception]:
    found: type[Exception] = import_module("pymockapi.client.errors").MockServerError
    return found
