"""What type checkers and editors make of the async client: mypy checks these lines, nothing runs."""

from __future__ import annotations

from typing import assert_type

from pymockapi import (
    AsyncMockServer,
    AsyncNamespace,
    AsyncPattern,
    AsyncScope,
    AsyncStub,
    RecordedRequest,
    Verification,
)


async def shown(server: AsyncMockServer, mock: AsyncNamespace) -> None:
    async with AsyncMockServer() as started, started.namespace() as opened:
        assert_type(started, AsyncMockServer)
        assert_type(opened, AsyncNamespace)
    assert_type(await server.namespace(), AsyncNamespace)
    assert_type(await server.default, AsyncNamespace)
    assert_type(await AsyncMockServer.attach(), AsyncMockServer)
    assert_type(await server.namespaces(), list[AsyncNamespace])
    async with mock.scope() as scope:
        assert_type(scope, AsyncScope)
    assert_type(await mock.fork(), AsyncNamespace)
    assert_type(mock.get("/a"), AsyncPattern)
    stub = await mock.get("/a").respond(503).then(200).then(201)
    assert_type(stub, AsyncStub)
    assert_type(await stub.then(200), AsyncStub)
    assert_type(await stub.hits, int)
    assert_type(await stub.wait(), list[RecordedRequest])
    assert_type(await mock.verify([stub.times(2)]), Verification)
