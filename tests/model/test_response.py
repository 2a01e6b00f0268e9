"""A response's head is encoded once: status line, headers, and the length where one is sent."""

from __future__ import annotations

import pytest

from pymockapi.model.response import make_response


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
