"""One answer read from bytes, however they are cut, or refused."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest

from pymockapi.client.answer import Answer, BadAnswer, read_answer

PLAIN = b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello"
CHUNKED = (
    b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
    b"3\r\nhel\r\n2;ext=1\r\nlo\r\n0\r\nX-Sum: 1\r\n\r\n"
)
INTERIM = b"HTTP/1.1 100 Continue\r\n\r\n" + PLAIN


def receiver(parts: list[bytes]) -> Callable[[], bytes]:
    left: Iterator[bytes] = iter(parts)
    return lambda: next(left, b"")


def read(data: bytes, size: int = 65_536) -> Answer:
    return read_answer(receiver([data[i : i + size] for i in range(0, len(data), size)]))


@pytest.mark.parametrize("data", [PLAIN, CHUNKED, INTERIM], ids=["length", "chunked", "interim"])
@pytest.mark.parametrize("size", [1, 2, 7, 65_536])
def test_a_body_is_read_whole_however_the_bytes_are_cut(data: bytes, size: int) -> None:
    answer = read(data, size)
    assert (answer.status, answer.body, answer.reusable) == (200, b"hello", True)


def test_a_body_without_length_ends_with_the_connection_which_is_not_reused() -> None:
    answer = read(b"HTTP/1.1 200 OK\r\n\r\nhello")
    assert (answer.body, answer.reusable) == (b"hello", False)


def test_no_content_has_no_body_and_keeps_the_connection() -> None:
    answer = read(b"HTTP/1.1 204 No Content\r\n\r\n")
    assert (answer.body, answer.reusable) == (b"", True)


@pytest.mark.parametrize(
    "data",
    [
        b"HTTP/1.1 204 No Content\r\nConnection: close\r\n\r\n",
        b"HTTP/1.0 204 No Content\r\n\r\n",
        PLAIN + b"HTTP/1.1 200 OK\r\n",
    ],
    ids=["close", "HTTP/1.0", "bytes nobody asked for"],
)
def test_a_connection_is_not_reused_when_it_may_not_be(data: bytes) -> None:
    assert not read(data).reusable


@pytest.mark.parametrize("cut", range(1, len(PLAIN)))
def test_an_answer_that_breaks_off_is_refused_and_known_to_have_begun(cut: int) -> None:
    with pytest.raises(BadAnswer) as raised:
        read(PLAIN[:cut])
    assert raised.value.received


def test_an_end_before_the_first_byte_is_told_apart() -> None:
    with pytest.raises(BadAnswer) as raised:
        read(b"")
    assert not raised.value.received


@pytest.mark.parametrize(
    "data",
    [
        b"SSH-2.0-OpenSSH_9\r\n\r\n",
        b"HTTP/1.1 two OK\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Length: -5\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nhello\r\n",
        b"X" * 70_000,
    ],
)
def test_what_is_no_http_answer_is_refused(data: bytes) -> None:
    with pytest.raises(BadAnswer):
        read(data)
