"""PyMockAPI: an HTTP mock server that a test controls while it runs.

The names below load on first use, so that ``import pymockapi`` costs nothing and brings in
no server, no framework, no asyncio and no msgspec. What they do: ``docs/python.md``.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pymockapi.client.clock import Clock
    from pymockapi.client.errors import MockApiError, MockServerError
    from pymockapi.client.explanation import Candidate, Explanation
    from pymockapi.client.namespace import Namespace
    from pymockapi.client.pattern import Pattern
    from pymockapi.client.recorded import Orphan, RecordedRequest, RecordedResponse
    from pymockapi.client.server import MockServer
    from pymockapi.client.state import State
    from pymockapi.client.stub import Cursor, Stub

__version__ = "0.1.0"

__all__ = [
    "Candidate",
    "Clock",
    "Cursor",
    "Explanation",
    "MockApiError",
    "MockServer",
    "MockServerError",
    "Namespace",
    "Orphan",
    "Pattern",
    "RecordedRequest",
    "RecordedResponse",
    "State",
    "Stub",
    "__version__",
]


def __getattr__(name: str) -> object:
    if name not in __all__:
        raise AttributeError(f"module 'pymockapi' has no attribute '{name}'")
    from pymockapi.client import exports  # noqa: PLC0415 - the lazy export that STYLE allows

    value: object = getattr(exports, name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return __all__
