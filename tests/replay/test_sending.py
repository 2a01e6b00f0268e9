"""How an answer ended: whole, broken, too late, or not waited for."""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable, Iterator

import pytest

from pymockapi.replay.sending import Ending, Sender

REQUEST = b"GET / HTTP/1.1\r\n\r\n"
HEAD = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n"
Serve = Callable[[bytes | None], Sender]


@pytest.fixture
def serve() -> Iterator[Serve]:
    """Serve one connection: say these bytes and close, or say nothing until the client goes."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        threads = []

        def answer(said: bytes | None) -> None:
            connection, _ = listener.accept()
            with connection:
                connection.recv(65536)
                if said is not None:
                    connection.sendall(said)
                    connection.shutdown(socket.SHUT_WR)
                connection.recv(65536)

        def start(said: bytes | None) -> Sender:
            threads.append(threading.Thread(target=answer, args=(said,), daemon=True))
            threads[-1].start()
            timeout_s = 0.05 if said is None else 10.0
            return Sender(f"http://127.0.0.1:{listener.getsockname()[1]}", timeout_s)

        yield start
        for thread in threads:
            thread.join(10)


@pytest.mark.parametrize(
    ("said", "ending"),
    [
        (HEAD + b"ok", Ending(200)),
        (b"HTTP/1.1 100 Continue\r\n\r\n" + HEAD + b"ok", Ending(200)),
        (HEAD + b"o", Ending(200, "IncompleteRead")),
        (b"", Ending(None, "RemoteDisconnected")),
        (b"what\r\n\r\n", Ending(None, "BadStatusLine")),
        (None, Ending(is_late=True)),
    ],
)
def test_an_ending_is_told(serve: Serve, said: bytes | None, ending: Ending) -> None:
    assert serve(said).send(REQUEST, "GET") == ending


def test_the_body_of_an_answer_may_be_late_too() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def answer() -> None:
            connection, _ = listener.accept()
            with connection:
                connection.sendall(HEAD)
                while connection.recv(65536):
                    pass

        thread = threading.Thread(target=answer, daemon=True)
        thread.start()
        sender = Sender(f"http://127.0.0.1:{listener.getsockname()[1]}", 0.05)
        assert sender.send(REQUEST, "GET") == Ending(200, is_late=True)
        thread.join(10)


def test_an_answer_to_head_has_no_body(serve: Serve) -> None:
    assert serve(HEAD).send(b"HEAD / HTTP/1.1\r\n\r\n", "HEAD") == Ending(200)


def test_a_request_is_left_once_it_has_been_noticed(serve: Serve) -> None:
    noticed: list[bool] = []
    sender = serve(None)
    assert sender.leave(REQUEST, lambda: noticed.append(True)) == Ending()
    assert noticed == [True]


def test_without_a_server_it_is_an_error() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    with pytest.raises(OSError, match="refused"):
        Sender(f"http://127.0.0.1:{port}", 1.0).send(REQUEST, "GET")
