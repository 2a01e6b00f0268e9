"""One server on several ports: HTTP and HTTPS together, the control API apart, a public URL."""

from __future__ import annotations

import asyncio
import socket
import ssl
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest
import trustme
from tests.api.live import LIMIT_S, Answer, Live, configured, encoded, read_answer, read_to_end
from tests.server.tls_clients import client_context

from pymockapi.api.row import CONTROL_ROOT
from pymockapi.server.server import NoPort, Server
from pymockapi.server.settings import ServeOptions, TlsOptions

SLOW = {"stubs": [{"request": {"path": "/slow"}, "response": {"delay": "1h"}}]}


@pytest.fixture(scope="module")
def secure() -> Iterator[Live]:
    server = Live(options=ServeOptions(port=0, grace_s=1.0, tls=TlsOptions(port=0)))
    yield server
    server.close()


@pytest.fixture(scope="module")
def apart() -> Iterator[Live]:
    server = Live(options=ServeOptions(port=0, control_port=0, grace_s=1.0))
    yield server
    server.close()


def port_of(url: str | None) -> int:
    port = urlsplit(url or "").port
    assert port is not None
    return port


def connect(server: Live) -> ssl.SSLSocket:
    """Connect to the TLS port, trusting the server's own CA and nothing else."""
    port = port_of(server.server.addresses.tls_url)
    line = socket.create_connection(("127.0.0.1", port), LIMIT_S)
    context = client_context(server.server.ca_pem)
    return context.wrap_socket(line, server_hostname="127.0.0.1")


def send(server: Live, method: str, target: str) -> Answer:
    with connect(server) as line:
        line.sendall(encoded(method, target))
        return read_answer(line, method)


def control(server: Live, method: str, path: str, body: bytes = b"") -> Answer:
    port = port_of(server.server.addresses.control_url)
    with socket.create_connection(("127.0.0.1", port), LIMIT_S) as line:
        line.sendall(encoded(method, path, body))
        return read_answer(line)


# HTTP and HTTPS.


def test_both_ports_serve_the_same_namespaces_and_record_how_each_request_came(
    secure: Live,
) -> None:
    ns = secure.create(stubs=[{"response": {"text": "same"}}])
    for _ in range(3):  # the head is known from the second time on, at each port for itself
        assert secure.send("GET", f"/~{ns}/a").body == b"same"
        assert send(secure, "GET", f"/~{ns}/a").body == b"same"
    found = secure.call("GET", f"/namespaces/{ns}/requests").json["requests"]
    assert [each["scheme"] for each in found] == ["http", "https"] * 3


def test_a_stub_may_ask_for_the_scheme_and_explanations_know_it(secure: Live) -> None:
    stub = {"name": "safe", "request": {"scheme": "https"}, "response": {"text": "safe"}}
    ns = secure.create(stubs=[stub])
    for _ in range(3):
        assert secure.send("GET", f"/~{ns}/a").code == "no-match"
        assert send(secure, "GET", f"/~{ns}/a").body == b"safe"
    for number, matched in ((5, False), (6, True)):
        told = secure.call("GET", f"/namespaces/{ns}/requests/{number}/explain").json
        assert told["matched"] is matched


def test_a_namespace_tells_both_of_its_urls(secure: Live) -> None:
    ns = secure.create()
    found = secure.call("GET", f"/namespaces/{ns}").json
    addresses = secure.server.addresses
    assert found["base_url"] == f"{addresses.url}/~{ns}"
    assert found["tls_url"] == f"{addresses.tls_url}/~{ns}"


def test_the_control_api_answers_over_https_too_and_gives_the_ca_to_trust(secure: Live) -> None:
    assert secure.call("GET", "/ca.pem").body.decode() == secure.server.ca_pem
    assert send(secure, "GET", CONTROL_ROOT + "/version").json["api"] == "v1"


def test_a_handshake_on_the_plain_port_is_told_that_it_is_no_http(secure: Live) -> None:
    with secure.connect() as line:
        context = client_context(secure.server.ca_pem)
        with pytest.raises(ssl.SSLError, match=r"WRONG_VERSION_NUMBER|wrong version"):
            context.wrap_socket(line, server_hostname="127.0.0.1")


def test_a_reset_closes_what_is_delayed_over_https(secure: Live) -> None:
    ns = secure.create(**SLOW)
    with connect(secure) as line:
        line.sendall(encoded("GET", f"/~{ns}/slow"))
        while not secure.call("GET", f"/namespaces/{ns}").json["counts"]["requests"]:
            pass
        secure.call("POST", f"/namespaces/{ns}/reset")
        assert read_to_end(line) == b""


def test_a_stop_answers_over_https_within_the_grace_period() -> None:
    document = {"stubs": [{"request": {"path": "/s"}, "response": {"delay": "30ms", "text": "x"}}]}
    server = Live(document, ServeOptions(port=0, grace_s=LIMIT_S, tls=TlsOptions(port=0)))
    with connect(server) as line:
        line.sendall(encoded("GET", "/s"))
        while not server.call("GET", "/namespaces/default").json["counts"]["requests"]:
            pass
        server.close()
        answer = read_answer(line)  # type: ignore[arg-type, unused-ignore]
    assert (answer.body, answer.headers["connection"]) == (b"x", "close")


def test_a_server_that_was_given_its_certificate_has_no_ca_to_give(tmp_path: Path) -> None:
    leaf = trustme.CA().issue_cert("localhost")
    leaf.private_key_pem.write_to_path(tmp_path / "key")
    leaf.cert_chain_pems[0].write_to_path(tmp_path / "cert")
    tls = TlsOptions(0, str(tmp_path / "cert"), str(tmp_path / "key"))
    server = Live(options=ServeOptions(port=0, grace_s=1.0, tls=tls))
    answer = server.call("GET", "/ca.pem")
    server.close()
    assert (answer.status, answer.code) == (404, "unknown-item")
    assert "a certificate that it was given" in answer.json["detail"]


# The control API apart.


def test_the_control_port_answers_control_calls_alone(apart: Live) -> None:
    assert control(apart, "GET", CONTROL_ROOT + "/version").status == 200
    lost = control(apart, "GET", "/orders")
    assert (lost.status, lost.code) == (404, "unknown-call")
    assert f"mocks are answered at {apart.url}." in lost.json["detail"]
    assert control(apart, "GET", "/~default/orders").code == "unknown-call"


def test_on_the_mocks_port_the_reserved_path_is_then_a_path_like_any_other(apart: Live) -> None:
    stub = b'{"request": {"path": "/__mock/v1/version"}, "response": {"text": "mine"}}'
    made = control(apart, "POST", CONTROL_ROOT + "/namespaces/default/stubs", stub)
    assert made.status == 201
    for _ in range(3):
        assert apart.call("GET", "/version").body == b"mine"
        assert apart.send("GET", "http://x/__mock/v1/version").body == b"mine"
    assert apart.call("DELETE", "/namespaces/default").code == "no-match"
    assert apart.send("GET", "/__mock/v1/version", b"x" * 5, {"Content-Length": "x"}).status == 400
    found = control(apart, "GET", CONTROL_ROOT + "/namespaces/default/requests?phase=refused")
    assert found.json["total"] == 1


def test_the_gate_holds_on_the_control_port() -> None:
    server = Live(options=ServeOptions(port=0, control_port=0, token="s3cret", grace_s=1.0))
    assert control(server, "GET", CONTROL_ROOT + "/namespaces").status == 401
    assert control(server, "GET", CONTROL_ROOT + "/health").status == 200
    server.close()


def test_what_is_no_http_is_refused_on_the_control_port(apart: Live) -> None:
    port = port_of(apart.server.addresses.control_url)
    with socket.create_connection(("127.0.0.1", port), LIMIT_S) as line:
        line.sendall(b"NO HTTP\r\n\r\n")
        assert b"X-Mock-Error: bad-request" in read_to_end(line)


def test_the_limit_on_connections_is_one_for_all_ports() -> None:
    document = {"server": {"limits": {"connections": 2}}}
    options = ServeOptions(port=0, control_port=0, grace_s=1.0, tls=TlsOptions(port=0))
    server = Live(document, options)
    with server.connect(), connect(server) as secured:
        secured.sendall(encoded("GET", "/a"))
        assert read_answer(secured).status == 404  # type: ignore[arg-type, unused-ignore]
        assert control(server, "GET", CONTROL_ROOT + "/health").code == "limit-reached"
    server.close()


# Ports that cannot be had.


def test_when_one_port_is_taken_none_is_kept() -> None:
    async def check() -> None:
        with socket.create_server(("127.0.0.1", 0)) as taken:
            number = taken.getsockname()[1]
            server = Server(ServeOptions(port=0, control_port=number), configured())
            with pytest.raises(NoPort) as failure:
                await server.start()
            assert (failure.value.host, failure.value.port) == ("127.0.0.1", number)
            await server.stop()

    asyncio.run(check())


# A public URL.


@pytest.mark.parametrize("way", ["option", "config"])
def test_a_public_url_is_what_namespaces_say_and_a_host_of_the_servers_own(way: str) -> None:
    url = "https://mocks.example.org/below"
    document = {"server": {"public_url": "http://other" if way == "option" else url}}
    options = ServeOptions(port=0, grace_s=1.0, public_url=url if way == "option" else None)
    server = Live(document, options)
    host = {"Host": "mocks.example.org"}
    made = server.call("POST", "/namespaces", {"name": "a"}, host)
    assert made.json["base_url"] == url + "/~a"
    assert server.call("GET", "/namespaces", headers={"Host": "evil.example"}).status == 403
    assert server.server.addresses.control_url == url + CONTROL_ROOT
    server.close()
