"""Attaching to a server over HTTPS: who is trusted, and what is said where nobody is."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from pathlib import Path
from threading import Thread

import pytest
from tests.client.conftest import SYNC, Client

from pymockapi import MockApiError, MockServer, MockServerError


@pytest.fixture(scope="module")
def server() -> Iterator[MockServer]:
    with SYNC.server(tls=True, token="s3cret") as running:
        yield running


def test_calls_and_waits_go_over_https(client: Client, server: MockServer) -> None:
    attached = client.server.attach(server.tls_url, "s3cret", ca_file=server.ca_file)
    with attached, attached.namespace() as mock:
        assert attached.control_url == f"{server.tls_url}/__mock/v1"
        assert mock.url == f"{server.tls_url}{mock.path}"
        stubs = mock.stubs([{"name": f"s{n}", "request": {"path": f"/{n}"}} for n in range(2000)])
        assert [stub.name for stub in mock.list_stubs()][-1] == stubs[0].name
        with pytest.raises(AssertionError, match=r"within 0\.001 s"):
            stubs[0].wait(within=0.001)
        with pytest.raises(MockApiError, match="unknown-stub"):
            mock.find_stub("gone")


def test_events_come_over_https(client: Client, server: MockServer) -> None:
    attached = client.server.attach(server.tls_url, "s3cret", ca_file=server.ca_file)
    with attached, attached.namespace() as mock, mock.events() as events:
        mock.state.update({"long": "x" * 100_000})
        assert events.wait_for("state.changed", within=20).kind == "state.changed"
        for n in range(50):
            mock.state.update({"n": n})
        found = [events.wait_for("state", within=20).kind for _ in range(50)]
        assert found == ["state.changed"] * 50
        with pytest.raises(AssertionError, match="No event 'state' came"):
            events.wait_for("state", within=0.001)
        mock.state.update({"n": 0})
        assert events.wait_for("state", within=20).seq == events.seq


def test_the_ca_may_come_from_the_environment(
    client: Client, server: MockServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PYMOCKAPI_CA_FILE", server.ca_file)
    with client.server.attach(server.tls_url, "s3cret") as attached:
        assert attached.version()["api"] == "v1"


def test_a_certificate_that_nobody_trusts_is_told_with_what_to_give(
    client: Client, server: MockServer
) -> None:
    with pytest.raises(MockServerError) as refused:
        client.server.attach(server.tls_url, "s3cret")
    text = str(refused.value)
    assert text.startswith("The certificate of the mock server at '127.0.0.1' is not trusted: ")
    assert text.endswith("Give the file of the CA that signed it: ca_file=, or PYMOCKAPI_CA_FILE.")


def test_a_name_that_the_certificate_has_not_is_not_trusted(client: Client) -> None:
    with SYNC.server(tls=True, host="0.0.0.0", token="s3cret") as server:
        port = server.tls_url.rpartition(":")[2]
        with pytest.raises(MockServerError, match=r"is not trusted: .*127\.0\.0\.9"):
            client.server.attach(f"https://127.0.0.9:{port}", "s3cret", ca_file=server.ca_file)


def test_a_port_that_speaks_no_tls_is_told(client: Client, server: MockServer) -> None:
    with pytest.raises(
        MockServerError, match=r"No TLS with .* For HTTP the URL begins with http://"
    ):
        client.server.attach(server.url.replace("http:", "https:"), "s3cret")


def test_a_server_that_closes_instead_of_shaking_hands_is_told(client: Client) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        closing = Thread(target=lambda: listener.accept()[0].close())
        closing.start()
        with pytest.raises(MockServerError):
            client.server.attach(f"https://127.0.0.1:{listener.getsockname()[1]}")
        closing.join()


def test_a_server_that_says_nothing_is_given_up(client: Client) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        url = f"https://127.0.0.1:{listener.getsockname()[1]}"
        with pytest.raises(MockServerError, match=r"within 0\.05 s"):
            client.server.attach(url, timeout=0.05)


@pytest.mark.parametrize("content", [None, "no certificate"])
def test_a_file_without_a_ca_is_named(client: Client, tmp_path: Path, content: str | None) -> None:
    file = tmp_path / "ca.pem"
    if content is not None:
        file.write_text(content)
    with pytest.raises(MockServerError, match=r"The CA of the mock server .* '.*ca\.pem'"):
        client.server.attach("https://127.0.0.1:1", ca_file=file)


def test_a_connection_that_the_server_ends_is_replaced(client: Client) -> None:
    with SYNC.server(tls=True) as server:
        attached = client.server.attach(server.tls_url, ca_file=server.ca_file)
        server.stop()
        with pytest.raises(MockServerError, match="No mock server can be reached at https://"):
            attached.version()
        attached.stop()
