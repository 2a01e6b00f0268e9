"""A client that ends its side of the connection while a call waits has gone away."""

from __future__ import annotations

import json
import socket
from collections.abc import Iterator
from contextlib import suppress
from typing import Any

import pytest

from pymockapi import MockApiError, MockServer, Namespace


@pytest.fixture
def mock() -> Iterator[Namespace]:
    with MockServer() as server, server.namespace("a", limits={"waiters": 1}) as namespace:
        namespace.get("/never").respond(name="never", expect=1)
        yield namespace


def is_full(mock: Namespace) -> bool:
    """Return whether one more wait is refused."""
    try:
        mock.check({"request": {"path": "/never"}}, within="1ms")
    except MockApiError as error:
        return error.code == "limit-reached"
    return False


def begin(mock: Namespace, call: str, body: dict[str, Any]) -> socket.socket:
    """Ask for something that waits, and return the connection once it does."""
    host, port = mock.url.removeprefix("http://").partition("/")[0].split(":")
    content = json.dumps(body)
    head = f"POST /__mock/v1/namespaces/a/{call} HTTP/1.1\r\nHost: {host}:{port}\r\n"
    request = f"{head}Content-Length: {len(content)}\r\n\r\n{content}".encode()
    while True:
        connection = socket.create_connection((host, int(port)))
        connection.settimeout(60)
        connection.sendall(request)
        for _ in range(20):  # meanwhile it arrives
            mock.cursor()
        if is_full(mock):
            return connection
        connection.close()  # it was refused, since the question itself was waiting


@pytest.mark.parametrize("closes", [True, False], ids=["closed", "half closed"])
def test_a_verification_that_nobody_waits_for_is_freed(mock: Namespace, closes: bool) -> None:
    connection = begin(mock, "verify", {"expect": [{"stub": "never"}], "within": "1h"})
    if not closes:
        connection.shutdown(socket.SHUT_WR)
        with suppress(ConnectionResetError):
            assert connection.recv(1) == b""
    connection.close()
    while is_full(mock):
        pass


def test_a_finish_that_nobody_waits_for_any_more_does_not_happen(mock: Namespace) -> None:
    begin(mock, "finish", {"status": "passed", "within": "1h"}).close()
    while is_full(mock):
        pass
    assert mock.state == {}  # it lives
