"""A mock server in a thread of this process, for tests whose functions answer requests.

The client knows no server: it names the module that starts one, as it names the command for a
process, and that is loaded when somebody asks for a thread.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from importlib import import_module
from typing import Any, Final, Protocol, cast

from pymockapi.client.values import JsonObject

STARTED_BY: Final = "pymockapi.cli.thread"


class Callee(Protocol):
    """What stands for a function on the server; it is known there as long as this is kept."""

    @property
    def token(self) -> str: ...


class Registry(Protocol):
    """Where the functions of this process are given to its server."""

    def add(self, name: str, function: Callable[[JsonObject], object]) -> Callee: ...


class ServerThread(Protocol):
    """A running server; ``ready`` is as that of ``ServerProcess``."""

    ready: JsonObject
    functions: Registry

    def stop(self) -> None: ...

    def describe_end(self) -> str: ...


def start_thread(
    arguments: list[str], timeout_s: float, environment: Mapping[str, str]
) -> ServerThread:
    """Start a server as ``ServerProcess`` does. Raises ``MockServerError`` if it does not."""
    start: Callable[..., Any] = import_module(STARTED_BY).start
    return cast(ServerThread, start(arguments, timeout_s, environment))
