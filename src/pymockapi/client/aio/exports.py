"""The public names of the async client; ``pymockapi`` loads this, and asyncio, on first use."""

from pymockapi.client.aio.clock import AsyncClock
from pymockapi.client.aio.events import AsyncEvents
from pymockapi.client.aio.gate import AsyncGate
from pymockapi.client.aio.namespace import AsyncNamespace
from pymockapi.client.aio.pattern import AsyncPattern
from pymockapi.client.aio.scope import AsyncScope
from pymockapi.client.aio.server import AsyncMockServer
from pymockapi.client.aio.state import AsyncState
from pymockapi.client.aio.stub import AsyncStub

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
]
