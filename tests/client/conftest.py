"""The two clients, for tests that hold for both."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pytest
from tests.client.driven import Driven

from pymockapi.client import control, events, namespace, server, transport
from pymockapi.client.aio import control as async_control
from pymockapi.client.aio import events as async_events
from pymockapi.client.aio import namespace as async_namespace
from pymockapi.client.aio import server as async_server
from pymockapi.client.aio import transport as async_transport


@dataclass(frozen=True)
class Client:
    """What a client is made of, by the types of the sync one."""

    server: type[server.MockServer]
    namespace: type[namespace.Namespace]
    namespace_control: type[control.NamespaceControl]
    control: type[control.Control]
    transport: type[transport.Transport]
    events: type[events.Events]


SYNC = Client(
    server.MockServer,
    namespace.Namespace,
    control.NamespaceControl,
    control.Control,
    transport.Transport,
    events.Events,
)
_HANDLES: Any = map(
    Driven,
    (
        async_server.AsyncMockServer,
        async_namespace.AsyncNamespace,
        async_control.AsyncNamespaceControl,
        async_control.AsyncControl,
        async_transport.AsyncTransport,
        async_events.AsyncEvents,
    ),
)
ASYNC = Client(*_HANDLES)


@pytest.fixture(params=["sync", "async"], scope="session")
def client(request: pytest.FixtureRequest) -> Client:
    """Each client in turn; the async one awaits every call at once."""
    return SYNC if request.param == "sync" else ASYNC
