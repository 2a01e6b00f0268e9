"""A namespace that a sync fixture holds, in the hands of the async client."""

from __future__ import annotations

from collections.abc import Iterator

from pymockapi.client.aio.control import AsyncControl, AsyncNamespaceControl
from pymockapi.client.aio.namespace import AsyncNamespace
from pymockapi.client.aio.transport import AsyncTransport
from pymockapi.client.namespace import Namespace
from pymockapi.client.server import CALL_TIMEOUT_S, MockServer


def twin(server: MockServer, namespace: Namespace) -> Iterator[AsyncNamespace]:
    """Yield the same namespace, awaited; its connections are closed afterwards.

    It may be used in any loop, since its connections belong to none between calls.
    """
    transport = AsyncTransport(server.control_url, CALL_TIMEOUT_S)
    control = AsyncNamespaceControl(AsyncControl(transport, server.token), namespace.name)
    yield AsyncNamespace(control, namespace.describe(), server.url)
    transport.close()
