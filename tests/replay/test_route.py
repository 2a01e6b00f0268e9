"""A recorded request as bytes: as it came, but for what names the namespace."""

from __future__ import annotations

import base64
import gzip
import zlib
from typing import Any

import msgspec
import pytest
from tests.replay.bundles import recorded

from pymockapi.replay.bundle import Body, BundleError
from pymockapi.replay.route import Route, bytes_of, is_known

ROUTE = Route("/~new", {"X-Mock-Namespace": "new"})
BARE = Route("", {"X-Mock-Namespace": "new"})


@pytest.mark.parametrize(
    ("selector", "target", "route", "expected"),
    [
        ("path", "/~old/a/b?c=%2F", ROUTE, "/~new/a/b?c=%2F"),
        ("path", "/~old", ROUTE, "/~new"),
        ("path", "/~old?x", ROUTE, "/~new?x"),
        ("path", "/~old/", ROUTE, "/~new/"),
        ("path", "http://host:1/~old/a", ROUTE, "http://host:1/~new/a"),
        ("path", "/~old/a", BARE, "/a"),
        ("path", "/~old", BARE, "/"),
        ("header", "/~x/a", ROUTE, "/~x/a"),
        ("none", "*", ROUTE, "*"),
    ],
)
def test_a_path_names_the_namespace_of_the_replay(
    selector: str, target: str, route: Route, expected: str
) -> None:
    data = route.encode(recorded(selector=selector, target=target))
    assert data.split(b"\r\n")[0] == f"GET {expected} HTTP/1.1".encode()
    has_header = b"X-Mock-Namespace: new\r\n" in data
    assert has_header == (selector != "path" or route is BARE)


def test_headers_keep_their_order_and_case_and_ours_stands_where_its_like_stood() -> None:
    headers = [["hOST", "x"], ["x-MOCK-namespace", "old"], ["A", "1"], ["a", "ü"]]
    data = ROUTE.encode(recorded(selector="header", headers=headers))
    assert data.decode().split("\r\n") == [
        "GET /a HTTP/1.1", "hOST: x", "x-MOCK-namespace: new", "A: 1", "a: ü", "", "",
    ]  # fmt: skip


def test_a_second_name_is_left_out() -> None:
    headers = [["X-Mock-Namespace", "a"], ["X-Mock-Namespace", "b"]]
    assert BARE.encode(recorded(headers=headers)).count(b"Mock") == 1


@pytest.mark.parametrize(
    ("headers", "expected"),
    [
        ([["content-LENGTH", "9"]], b"content-LENGTH: 3\r\n"),
        ([["Host", "x"]], b"Content-Length: 3\r\n"),
    ],
)
def test_the_length_is_that_of_what_is_sent(headers: list[Any], expected: bytes) -> None:
    data = BARE.encode(recorded(headers=headers, body={"size": 3, "text": "abc"}))
    assert expected in data
    assert data.endswith(b"\r\n\r\nabc")


def test_chunks_and_trailers_come_again() -> None:
    parts: dict[str, Any] = {
        "headers": [["Transfer-Encoding", "Chunked"]], "trailers": [["X-T", "1"]],
    }  # fmt: skip
    data = BARE.encode(recorded(body={"size": 3, "text": "abc"}, **parts))
    assert data.endswith(b"\r\n\r\n3\r\nabc\r\n0\r\nX-T: 1\r\n\r\n")
    assert BARE.encode(recorded(**parts)).endswith(b"\r\n\r\n0\r\nX-T: 1\r\n\r\n")


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ({"size": 0}, b""),
        ({"size": 2, "text": "ü"}, "ü".encode()),
        ({"size": 2, "base64": base64.b64encode(b"\xff\x00").decode()}, b"\xff\x00"),
        ({"size": 3, "sha256": "0" * 64}, b"   "),
        ({"size": 1, "text": "a", "encoding": "gzip, deflate"}, zlib.compress(gzip.compress(b"a", mtime=0))),
        ({"size": 1, "text": "a", "encoding": "br", "problem": "not undone"}, b"a"),
    ],
)  # fmt: skip
def test_a_body_is_what_was_sent(body: dict[str, Any], expected: bytes) -> None:
    read = msgspec.convert(body, Body)
    assert bytes_of(read) == expected
    assert is_known(read) == ("sha256" not in body)


@pytest.mark.parametrize(
    ("parts", "route"),
    [
        ({"target": "/__mock/v1/namespaces/a"}, ROUTE),
        ({"target": "/__mock?x"}, ROUTE),
        ({"target": "http://host/__mock/v1/config"}, ROUTE),
        ({"target": "/~old/__mock/v1/config", "selector": "path"}, BARE),
    ],
)
def test_no_bundle_makes_a_control_call(parts: dict[str, str], route: Route) -> None:
    with pytest.raises(BundleError, match="Request 1 of the bundle is for /__mock, where"):
        route.encode(recorded(**parts))


def test_what_only_looks_like_a_control_call_is_sent() -> None:
    for target in ("/__mocks", "/a/__mock/v1", "/%5F_mock/v1"):
        assert target.encode() in ROUTE.encode(recorded(target=target))
    within = ROUTE.encode(recorded(target="/~old/__mock/v1", selector="path"))
    assert within.startswith(b"GET /~new/__mock/v1 ")


@pytest.mark.parametrize(
    "parts",
    [
        {"method": "GET / HTTP/1.1\r\n\r\nDELETE"},
        {"target": "/a HTTP/1.1\nX: y"},
        {"headers": [["X", "a\r\nY: b"]]},
        {"headers": [["X: a\rY", "b"]]},
        {"trailers": [["X", "a\0"]]},
    ],
)
def test_no_bundle_brings_a_second_request_in_its_head(parts: dict[str, Any]) -> None:
    with pytest.raises(BundleError, match="a line break in its head"):
        ROUTE.encode(recorded(**parts))


@pytest.mark.parametrize(
    "body", [{"size": 3, "base64": "a"}, {"size": 1, "text": "a", "encoding": "br"}]
)
def test_a_body_that_cannot_be_made_again_is_told(body: dict[str, Any]) -> None:
    with pytest.raises(BundleError, match="Request 1 of the bundle has a body that cannot"):
        ROUTE.encode(recorded(body=body))
