"""Connections as the client keeps, shares, repeats on and gives up."""

from __future__ import annotations

import socket
from threading import Barrier, Event, Thread

import pytest
from tests.client.conftest import Client
from tests.client.fake_server import answer, fake_server

from pymockapi.client.errors import MockServerError
from pymockapi.client.transport import Transport

GET = b"GET / HTTP/1.1\r\nHost: x\r\n\r\n"
OK = answer({})


def send(transport: Transport, *, repeatable: bool = True) -> int:
    return transport.send(GET, repeatable=repeatable).status


def test_calls_share_one_kept_connection(client: Client) -> None:
    with fake_server([OK, OK, OK]) as server:
        transport = client.transport(server.url, 10)
        assert [send(transport) for _ in range(3)] == [200, 200, 200]
        assert server.connections == 1
        transport.close()


def test_a_connection_that_the_server_closes_is_replaced(client: Client) -> None:
    with fake_server([answer({}, headers="Connection: close\r\n")], [OK]) as server:
        transport = client.transport(server.url, 10)
        assert [send(transport), send(transport)] == [200, 200]
        assert server.connections == 2
        transport.close()


def test_a_kept_connection_found_closed_serves_even_a_call_that_must_not_be_repeated(
    client: Client,
) -> None:
    with fake_server([OK], [OK]) as server:
        transport = client.transport(server.url, 10)
        send(transport)
        assert server.closed.wait(10)
        assert send(transport, repeatable=False) == 200
        transport.close()


def test_a_repeatable_call_is_sent_again_when_a_kept_connection_ends_without_an_answer(
    client: Client,
) -> None:
    with fake_server([OK, None], [OK]) as server:
        transport = client.transport(server.url, 10)
        assert [send(transport), send(transport)] == [200, 200]
        assert len(server.requests) == 3
        transport.close()


def test_a_call_that_may_have_had_effect_is_not_sent_again(client: Client) -> None:
    with fake_server([OK, None], [OK]) as server:
        transport = client.transport(server.url, 10)
        send(transport)
        with pytest.raises(MockServerError, match="broke off"):
            send(transport, repeatable=False)
        assert len(server.requests) == 2
        transport.close()


def test_a_call_is_not_sent_again_once_its_answer_has_begun(client: Client) -> None:
    with fake_server([OK, b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhalf"], [OK]) as server:
        transport = client.transport(server.url, 10)
        send(transport)
        with pytest.raises(MockServerError, match="9 bytes were announced, 4 came"):
            send(transport)
        assert len(server.requests) == 2
        transport.close()


def test_an_unanswered_call_ends_with_the_time_limit_in_the_error(client: Client) -> None:
    release = Event()
    with fake_server([release]) as server:
        transport = client.transport(server.url, 0.05)
        with pytest.raises(MockServerError) as raised:
            send(transport)
        assert str(raised.value) == f"No answer from the mock server at {server.url} within 0.05 s."
        release.set()


def test_an_unreachable_server_is_named_with_what_is_known_of_it(client: Client) -> None:
    listener = socket.create_server(("127.0.0.1", 0))
    url = f"http://127.0.0.1:{listener.getsockname()[1]}"
    listener.close()
    transport = client.transport(url, 10, lambda: "Its process ended with exit code 3.")
    with pytest.raises(MockServerError, match=f"reached at {url}: .*exit code 3"):
        send(transport)


@pytest.mark.parametrize("url", ["127.0.0.1:8080", "ftp://127.0.0.1:8080", "http://", "https://"])
def test_what_is_no_url_of_a_mock_server_is_refused(client: Client, url: str) -> None:
    with pytest.raises(MockServerError, match="no URL of a mock server"):
        client.transport(url, 10)


def test_threads_use_connections_of_their_own_at_the_same_time(client: Client) -> None:
    # The fake serves its connections in turn, so the first call ends before the second starts;
    # what counts is that no thread reads another's answer.
    answers: list[list[bytes | Event | None]] = [
        [answer({"n": n}, headers="Connection: close\r\n")] for n in range(8)
    ]
    with fake_server(*answers) as server:
        transport = client.transport(server.url, 10)
        start, bodies = Barrier(8), []

        def call() -> None:
            start.wait()
            bodies.append(transport.send(GET, repeatable=True).body)

        threads = [Thread(target=call) for _ in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert sorted(bodies) == [b'{"n": %d}' % n for n in range(8)]


def test_neither_a_patched_socket_module_nor_a_proxy_variable_is_in_the_way(
    client: Client,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise AssertionError("the network is blocked")

    with fake_server([OK]) as server:
        monkeypatch.setenv("http_proxy", "http://127.0.0.1:9")
        monkeypatch.setattr(socket.socket, "connect", refuse)
        for name in ("create_connection", "getaddrinfo"):
            monkeypatch.setattr(socket, name, refuse)
        transport = client.transport(server.url, 10)
        assert send(transport) == 200
        transport.close()
        monkeypatch.undo()


def test_a_handle_that_nobody_closed_closes_its_connections(client: Client) -> None:
    with fake_server([OK, OK]) as server:
        transport = client.transport(server.url, 10)
        send(transport)
        del transport
        assert server.closed.wait(10)
