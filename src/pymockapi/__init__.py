"""PyMockAPI: an HTTP mock server that a test controls while it runs.

The names below load on first use, so that ``import pymockapi`` costs nothing and brings in
no server, no framework, no asyncio (save the names that begin with ``Async``) and no msgspec. What they do: ``docs/python.md``.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pymockapi.client.aio.clock import AsyncClock
    from pymockapi.client.aio.events import AsyncEvents
    from pymockapi.client.aio.gate import AsyncGate
    from pymockapi.client.aio.namespace import AsyncNamespace
    from pymockapi.client.aio.pattern import AsyncPattern
    from pymockapi.client.aio.scope import AsyncScope
    from pymockapi.client.aio.server import AsyncMockServer
    from pymockapi.client.aio.state import AsyncState
    from pymockapi.client.aio.stub import AsyncStub
    from pymockapi.client.clock import Clock
    from pymockapi.client.cursor import Cursor
    from pymockapi.client.errors import MockApiError, MockServerError
    from pymockapi.client.event import Event
    from pymockapi.client.events import Events
    from pymockapi.client.expectation import Expectation
    from pymockapi.client.explanation import Candidate, Explanation
    from pymockapi.client.gate import Gate
    from pymockapi.client.namespace import Namespace
    from pymockapi.client.pattern import Pattern
    from pymockapi.client.recorded import (
        CalledRequest,
        FoundRequest,
        Orphan,
        RecordedRequest,
        RecordedResponse,
    )
    from pymockapi.client.recorded_callback import RecordedCallback
    from pymockapi.client.scope import Scope
    from pymockapi.client.server import MockServer
    from pymockapi.client.state import State
    from pymockapi.client.stub import Stub
    from pymockapi.client.verdict import Problem, ProblemRequest, ProblemStub, Verdict
    from pymockapi.client.verification import ExpectationResult, NearRequest, Verification

__version__ = "0.1.0"

__all__ = [
    "AsyncClock",
    "AsyncEvents",
    "AsyncGate",
    "AsyncMockServer",
    "AsyncNamespace",
    "AsyncPattern",
    "AsyncScope",
    "AsyncState",
    "AsyncStub",
    "CalledRequest",
    "Candidate",
    "Clock",
    "Cursor",
    "Event",
    "Events",
    "Expectation",
    "ExpectationResult",
    "Explanation",
    "FoundRequest",
    "Gate",
    "MockApiError",
    "MockServer",
    "MockServerError",
    "Namespace",
    "NearRequest",
    "Orphan",
    "Pattern",
    "Problem",
    "ProblemRequest",
    "ProblemStub",
    "RecordedCallback",
    "RecordedRequest",
    "RecordedResponse",
    "Scope",
    "State",
    "Stub",
    "Verdict",
    "Verification",
    "__version__",
]


def __getattr__(name: str) -> object:
    if name not in __all__:
        raise AttributeError(f"module 'pymockapi' has no attribute '{name}'")
    package = "pymockapi.client.aio" if name.startswith("Async") else "pymockapi.client"
    value: object = getattr(import_module(f"{package}.exports"), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return __all__
