"""A response's head is encoded once: status line, headers, and the length where one is sent."""

from __future__ import annotations

import pytest

from pymockapi.model.response import HeaderPairs, below_prefix, make_response


@pytest.mark.parametrize(
    ("status", "body", "head"),
    [
        (200, b"abc", b"HTTP/1.1 200 OK\r\nContent-Length: 3\r\n"),
        (404, b"", b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n"),
        (204, b"", b"HTTP/1.1 204 No Content\r\n"),
        (304, b"", b"HTTP/1.1 304 Not Modified\r\n"),
        (103, b"", b"HTTP/1.1 103 Early Hints\r\n"),
        (599, b"", b"HTTP/1.1 599 \r\nContent-Length: 0\r\n"),
    ],
)
def test_a_head_has_status_reason_and_length(status: int, body: bytes, head: bytes) -> None:
    assert make_response(status, body=body).head == head


def test_an_answer_of_the_mock_itself_carries_its_code() -> None:
    response = make_response(404, error="no-match")
    assert ("X-Mock-Error", "no-match") in response.headers
    assert b"X-Mock-Error: no-match\r\n" in response.head


@pytest.mark.parametrize(
    ("headers", "dated", "closes"),
    [
        ((), False, False),
        ((("DATE", "x"),), True, False),
        ((("connection", "Close"),), False, True),
        ((("Connection", "keep-alive"),), False, False),
    ],
)
def test_a_response_tells_what_its_headers_decide(
    headers: tuple[tuple[str, str], ...], dated: bool, closes: bool
) -> None:
    response = make_response(headers=headers)
    assert (response.dated, response.closes) == (dated, closes)


def test_a_delay_of_none_is_no_delay_of_its_own() -> None:
    assert (make_response().delay_s, make_response().own_delay) == (0.0, False)
    assert (make_response(delay_s=0).delay_s, make_response(delay_s=0).own_delay) == (0.0, True)


@pytest.mark.parametrize(
    ("prefix", "location", "sent"),
    [
        ("/~n", "/orders/1", "/~n/orders/1"),
        ("/%7En", "/orders/1", "/%7En/orders/1"),
        ("/~n", "/", "/~n/"),
        ("/~n", "/?a=/~n", "/~n/?a=/~n"),
        ("/~n", "/#top", "/~n/#top"),
        ("/~n", "/~nn/x", "/~n/~nn/x"),
        ("/~n", "/a/~n", "/~n/a/~n"),
        ("/~n", "/%7En/x", "/%7En/x"),
        ("/%7En", "/~n/x", "/~n/x"),
        ("/~n", "/~n", "/~n"),
        ("/~n", "/~n?a=1", "/~n?a=1"),
        ("/~n", "/~n#top", "/~n#top"),
        ("/~n", "//other.example/x", "//other.example/x"),
        ("/~n", "https://other.example/x", "https://other.example/x"),
        ("/~n", "orders/1", "orders/1"),
        ("/~n", "?page=2", "?page=2"),
        ("/~n", "", ""),
    ],
)
@pytest.mark.parametrize("name", ["Location", "content-location"])
def test_a_path_that_an_answer_leads_to_gets_the_prefix(
    name: str, prefix: str, location: str, sent: str
) -> None:
    response = make_response(303, (("X", "/y"), (name, location)), b"abc", reason="Go", delay_s=0.5)
    assert response.locates
    moved = below_prefix(response, prefix)
    expected: HeaderPairs = (("X", "/y"), (name, sent))
    assert (moved.headers, moved.body, moved.delay_s) == (expected, b"abc", 0.5)
    lines = f"HTTP/1.1 303 Go\r\nX: /y\r\n{name}: {sent}\r\nContent-Length: 3\r\n"
    assert moved.head == lines.encode()
    assert (moved is response) == (location == sent)


@pytest.mark.parametrize(
    ("location", "sent"),
    [
        ("/p?a=/b", "/mocks/~n/p?a=/b"),
        ("/~n/p", "/mocks/~n/p"),
        ("/mocks/~n/p", "/mocks/~n/p"),
        ("/mocks/%7En", "/mocks/%7En"),
        ("/mocks/p", "/mocks/~n/mocks/p"),
        ("/mocks", "/mocks/~n/mocks"),
        ("/mocks2/~n/p", "/mocks/~n/mocks2/~n/p"),
        ("/", "/mocks/~n/"),
        ("//other.example/x", "//other.example/x"),
        ("p", "p"),
    ],
)
def test_what_a_proxy_took_off_goes_before_the_prefix(location: str, sent: str) -> None:
    response = make_response(303, (("Location", location),))
    assert below_prefix(response, "/~n", "/mocks").headers == (("Location", sent),)


def test_a_response_without_location_leads_nowhere() -> None:
    assert not make_response(headers=(("Link", "/a"),)).locates
