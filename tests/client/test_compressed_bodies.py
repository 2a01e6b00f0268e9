"""Compressed bodies on a real server: matched and recorded as what they hold."""

from __future__ import annotations

import gzip
import hashlib
import urllib.error
import urllib.request
from collections.abc import Iterator

import pytest

from pymockapi import MockServer, Namespace

OPENER = urllib.request.build_opener(urllib.request.ProxyHandler({}))


@pytest.fixture(scope="module")
def mock() -> Iterator[Namespace]:
    with MockServer() as server, server.namespace() as namespace:
        yield namespace


def send(mock: Namespace, path: str, body: bytes, coding: str = "gzip") -> tuple[int, str | None]:
    headers = {"Content-Encoding": coding, "Content-Type": "application/json"}
    request = urllib.request.Request(mock.url + path, body, headers)
    try:
        with OPENER.open(request) as answer:
            return answer.status, None
    except urllib.error.HTTPError as error:
        with error:
            return error.code, error.headers["X-Mock-Error"]


def test_a_compressed_body_is_matched_and_recorded_as_what_it_holds(mock: Namespace) -> None:
    mock.post("/a", json={"id": 7}).respond(201)
    body = gzip.compress(b'{"id": 7}')
    assert send(mock, "/a", body) == (201, None)
    recorded = mock.requests(path="/a")[0]
    assert recorded.json == {"id": 7}
    assert recorded.entry["body"] == {
        "size": 9,
        "text": '{"id": 7}',
        "json": {"id": 7},
        "encoding": "gzip",
        "encoded": {"size": len(body), "sha256": hashlib.sha256(body).hexdigest()},
    }


def test_a_har_tells_how_many_bytes_came(mock: Namespace) -> None:
    body = gzip.compress(b"x" * 500)
    send(mock, "/har", body)
    entries = mock.export("har")["log"]["entries"]
    request = next(each["request"] for each in entries if each["request"]["url"].endswith("/har"))
    assert request["bodySize"] == len(body)
    assert request["postData"]["text"] == "x" * 500


def test_a_body_that_is_not_undone_is_recorded_as_it_came(mock: Namespace) -> None:
    assert send(mock, "/b", b"x", "br") == (404, "no-match")
    assert mock.requests(path="/b")[0].entry["body"] == {
        "size": 1,
        "text": "x",
        "encoding": "br",
        "problem": "in the content coding 'br', which is not undone",
    }


def test_a_bomb_is_a_limit_and_recorded_as_it_came(mock: Namespace) -> None:
    mock.post("/c", text={"contains": "x"}).respond(200)
    body = gzip.compress(bytes(5_000_000))
    assert send(mock, "/c", body) == (599, "matcher-limit")
    recorded = mock.requests(path="/c")[0]
    assert recorded.body == body
    assert "more than 1,048,576 bytes" in recorded.entry["body"]["problem"]
