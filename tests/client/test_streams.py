"""Answers that take their time or come in pieces, read by clients that others have written."""

from __future__ import annotations

import http.client
import socket
import threading
import urllib.request
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlsplit

import httpx
import pytest
import requests
from tests.client.conftest import Client

from pymockapi import MockServer, Namespace

PIECES: list[dict[str, Any]] = [
    {"text": "one,"},
    {"json": [2], "after": "20ms"},
    {"text": ",three"},
]
WHOLE = "one,[2],three"


@pytest.fixture(scope="module")
def server(client: Client) -> Iterator[MockServer]:
    with client.server() as running:
        yield running


@pytest.fixture
def mock(server: MockServer) -> Iterator[Namespace]:
    with server.namespace() as namespace:
        yield namespace


def test_common_clients_read_a_stream_whole(mock: Namespace) -> None:
    mock.any("/stream").respond(stream=PIECES)
    url = mock.url + "/stream"
    with urllib.request.urlopen(url, timeout=10) as answer:
        assert answer.read().decode() == WHOLE
    with requests.Session() as session, session.get(url, timeout=10) as found:
        assert found.text == WHOLE
    with httpx.Client(trust_env=False) as pool:
        assert pool.get(url).text == WHOLE
        with pool.stream("GET", url) as streamed:
            assert "".join(streamed.iter_text()) == WHOLE
        assert pool.head(url).headers["transfer-encoding"] == "chunked"
        assert pool.get(url).text == WHOLE  # on the same connection


def test_a_stream_is_recorded_as_one_body_with_all_its_bytes(mock: Namespace) -> None:
    stub = mock.get("/stream").respond(stream=PIECES, trailers={"x-sum": "13"})
    with urllib.request.urlopen(mock.url + "/stream", timeout=10) as answer:
        answer.read()
    stub.wait(1)
    (found,) = stub.requests()
    assert found.response is not None
    assert found.response.text == WHOLE
    assert found.response.entry["trailers"] == [["x-sum", "13"]]


def test_pieces_come_one_by_one(mock: Namespace) -> None:
    """The second piece waits until the test has seen the first."""
    mock.get("/stream").respond(stream=[{"text": "now"}, {"text": "never", "after": "1h"}])
    parts = urlsplit(mock.url)
    with socket.create_connection((parts.hostname, parts.port), 10) as raw:
        raw.sendall(f"GET {parts.path}/stream HTTP/1.1\r\nHost: mock\r\n\r\n".encode())
        came = b""
        while b"now" not in came:
            came += raw.recv(4096)
    assert came.endswith(b"3\r\nnow\r\n")
    assert b"never" not in came


def test_events_are_read_with_ids_and_types(mock: Namespace) -> None:
    mock.get("/events").respond(
        template=True,
        sse=[
            {"event": "state", "id": "{{ hit }}-1", "data": {"status": "queued"}},
            {"comment": "still there", "after": "10ms"},
            {"event": "state", "id": 2, "data": "two\nlines", "after": "10ms", "retry": 100},
        ],
    )
    with httpx.Client(trust_env=False) as pool, pool.stream("GET", mock.url + "/events") as found:
        assert found.headers["content-type"] == "text/event-stream"
        assert found.headers["cache-control"] == "no-store"
        assert list(found.iter_lines()) == [
            "event: state", "id: 1-1", 'data: {"status":"queued"}', "", ": still there", "",
            "event: state", "id: 2", "retry: 100", "data: two", "data: lines", "",
        ]  # fmt: skip


def test_a_slow_answer_holds_no_one_else(mock: Namespace) -> None:
    slow = mock.get("/slow").respond(stream=[{"text": "a"}, {"text": "b", "after": "1h"}])
    mock.get("/late").respond(delay="1h")
    mock.get("/quick").respond(text="here")
    parts = urlsplit(mock.url)
    waiting = []
    for path in ("/slow", "/late"):
        connection = http.client.HTTPConnection(parts.hostname or "", parts.port, timeout=10)
        connection.request("GET", f"{parts.path}{path}")
        waiting.append(connection)
    slow.wait(1)
    assert httpx.get(mock.url + "/quick", trust_env=False).text == "here"
    for connection in waiting:
        connection.close()


def test_a_reset_cuts_a_stream_short(mock: Namespace) -> None:
    stub = mock.get("/slow").respond(stream=[{"text": "a"}, {"text": "b", "after": "1h"}])
    failed = threading.Event()

    def read() -> None:
        try:
            with urllib.request.urlopen(mock.url + "/slow", timeout=10) as answer:
                answer.read()
        except (http.client.IncompleteRead, ConnectionError):
            failed.set()

    reader = threading.Thread(target=read)
    reader.start()
    stub.wait(1)
    mock.reset()
    reader.join(10)
    assert failed.is_set()


def test_what_was_drawn_is_drawn_again_with_the_same_seed(server: MockServer) -> None:
    def drawn(seed: int) -> list[float]:
        with server.namespace(seed=seed) as namespace:
            delay = {"lognormal": {"median": "1ms", "sigma": 0.5}}
            namespace.get("/a").respond(name="a", delay=delay)
            for _ in range(3):
                urllib.request.urlopen(namespace.url + "/a", timeout=10).close()
            return [each.entry["timings"]["delay_ms"] for each in namespace.requests()]

    assert drawn(7) == drawn(7)
    assert len(set(drawn(7))) == 3
    assert drawn(8) != drawn(7)
