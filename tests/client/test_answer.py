"""One answer read from bytes, however they are cut, or refused."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, Protocol

import pytest
from tests.client.driven import awaited, wait

from pymockapi.client.aio import answer as async_answer
from pymockapi.client.answer import Answer, BadAnswer, read_answer

BAD: Any = (BadAnswer, async_answer.BadAnswer)
PLAIN = b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello"
CHUNKED = (
    b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
    b"3\r\nhel\r\n2;ext=1\r\nlo\r\n0\r\nX-Sum: 1\r\n\r\n"
)
INTERIM = b"HTTP/1.1 100 Continue\r\n\r\n" + PLAIN


def receiver(parts: list[bytes]) -> Callable[[], bytes]:
    left: Iterator[bytes] = iter(parts)
    return lambda: next(left, b"")


class Read(Protocol):
    def __call__(self, data: bytes, size: int = 65_536) -> Answer: ...


@pytest.fixture(params=["sync", "async"])
def read(request: pytest.FixtureRequest) -> Read:
    """Return what reads an answer from bytes in pieces of a size, for each client."""

    def read_sync(data: bytes, size: int = 65_536) -> Answer:
        return read_answer(receiver(pieces(data, size)))

    def read_async(data: bytes, size: int = 65_536) -> Answer:
        found: Answer = wait(async_answer.read_answer(awaited(receiver(pieces(data, size)))))
        return found

    return read_sync if request.param == "sync" else read_async


def pieces(data: bytes, size: int) -> list[bytes]:
    return [data[i : i + size] for i in range(0, len(data), size)]


@pytest.mark.parametrize("data", [PLAIN, CHUNKED, INTERIM], ids=["length", "chunked", "interim"])
@pytest.mark.parametrize("size", [1, 2, 7, 65_536])
def test_a_body_is_read_whole_however_the_bytes_are_cut(read: Read, data: bytes, size: int) -> None:
    answer = read(data, size)
    assert (answer.status, answer.body, answer.reusable) == (200, b"hello", True)


def test_a_body_without_length_ends_with_the_connection_which_is_not_reused(read: Read) -> None:
    answer = read(b"HTTP/1.1 200 OK\r\n\r\nhello")
    assert (answer.body, answer.reusable) == (b"hello", False)


def test_no_content_has_no_body_and_keeps_the_connection(read: Read) -> None:
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
def test_a_connection_is_not_reused_when_it_may_not_be(read: Read, data: bytes) -> None:
    assert not read(data).reusable


@pytest.mark.parametrize("cut", range(1, len(PLAIN)))
def test_an_answer_that_breaks_off_is_refused_and_known_to_have_begun(read: Read, cut: int) -> None:
    with pytest.raises(BAD) as raised:
        read(PLAIN[:cut])
    assert raised.value.received


def test_an_end_before_the_first_byte_is_told_apart(read: Read) -> None:
    with pytest.raises(BAD) as raised:
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
def test_what_is_no_http_answer_is_refused(read: Read, data: bytes) -> None:
    with pytest.raises(BAD):
        read(data)
