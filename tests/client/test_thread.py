"""A server in a thread of this process: how it starts, is found, and ends."""

from __future__ import annotations

import logging
import os
import socket
import subprocess
import sys
import threading
from pathlib import Path
from urllib.request import urlopen

import pytest

from pymockapi import MockServer, MockServerError


def test_it_serves_as_one_in_a_process_does(tmp_path: Path) -> None:
    config = tmp_path / "mocks.yaml"
    config.write_text("version: 1\nstubs: [{request: {path: /a}, response: {text: from a file}}]\n")
    options = {"on_missing": "default", "seed": 7, "token": "secret"}
    with MockServer(config, thread=True, control_port=0, **options) as server:  # type: ignore[arg-type]
        assert urlopen(f"{server.url}/a").read() == b"from a file"
        assert server.pid == os.getpid()
        assert server.control_url != f"{server.url}/__mock/v1"
        assert server.token == "secret"
        assert "pymockapi-server" in {each.name for each in threading.enumerate()}
    assert "pymockapi-server" not in {each.name for each in threading.enumerate()}
    server.stop()


def test_it_serves_https() -> None:
    with MockServer(thread=True, tls=True) as server:
        assert server.tls_url.startswith("https://")
        assert "BEGIN CERTIFICATE" in server.ca_pem


def test_it_can_be_started_again() -> None:
    server = MockServer(thread=True)
    for _ in range(2):
        with server:
            assert [each.name for each in server.namespaces()] == ["default"]
            server.namespace("a")


def test_two_servers_are_two_worlds() -> None:
    with MockServer(thread=True) as one, MockServer(thread=True) as other:
        one.namespace("a")
        assert [len(server.namespaces()) for server in (one, other)] == [2, 1]


def test_an_error_of_the_config_is_told(tmp_path: Path) -> None:
    config = tmp_path / "mocks.yaml"
    config.write_text("version: 1\nstubs: [{respons: {}}]\n")
    with pytest.raises(MockServerError, match=r"did not start[\s\S]*did you mean 'response'"):
        MockServer(config, thread=True).start()


def test_a_file_holds_no_function(tmp_path: Path) -> None:
    config = tmp_path / "mocks.yaml"
    config.write_text("version: 1\nstubs: [{response: {call: os.system}}]\n")
    with pytest.raises(MockServerError, match="there is no function to call here: 'call' takes"):
        MockServer(config, thread=True).start()


def test_a_namespace_of_the_config_that_cannot_be_is_told(tmp_path: Path) -> None:
    config = tmp_path / "mocks.yaml"
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        config.write_text(f"version: 1\nnamespaces: {{a: {{port: {port}}}}}\n")
        with pytest.raises(MockServerError, match=str(port)):
            MockServer(config, thread=True).start()


def test_a_port_in_use_is_told() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(MockServerError, match=f"Port {port} on 127.0.0.1 is in use"):
            MockServer(thread=True, port=port).start()


def test_an_option_that_cannot_be_is_told() -> None:
    with pytest.raises(MockServerError, match="'99999' is no port"):
        MockServer(thread=True, port=99999).start()
    with pytest.raises(MockServerError, match="is no token"):
        MockServer(thread=True, token="two words").start()


def test_a_certificate_that_cannot_be_is_told(tmp_path: Path) -> None:
    folder = tmp_path / "ca"
    folder.write_text("a file")
    with pytest.raises(MockServerError, match="did not start"):
        MockServer(thread=True, tls_ca=folder).start()


def test_its_log_goes_to_the_file_and_the_log_of_the_tests_does_not(tmp_path: Path) -> None:
    file = tmp_path / "server.log"
    with MockServer(thread=True, log_file=file) as server, server.namespace() as mock:
        mock.get("/").respond(call=lambda _: 7)  # type: ignore[arg-type,return-value]
        with pytest.raises(OSError, match="500"):
            urlopen(f"{mock.url}/")
        logging.getLogger("of the tests").warning("not there")
    log = file.read_text()
    assert "returned 7" in log
    assert "not there" not in log


def test_a_call_after_its_end_tells_of_it() -> None:
    server = MockServer(thread=True).start()
    mock = server.namespace()
    server.stop()
    with pytest.raises(MockServerError, match="It was stopped"):
        mock.cursor()


PROGRAM = """
import threading
from pymockapi import MockServer
server = MockServer(thread=True).start()
mock = server.namespace()
mock.get("/").respond(call=lambda request: threading.Event().wait())
import socket, urllib.parse
where = urllib.parse.urlsplit(mock.url)
client = socket.create_connection((where.hostname, where.port))
client.sendall(f"GET {where.path}/ HTTP/1.1\\r\\nHost: x\\r\\n\\r\\n".encode())
mock.verify([mock.get("/")], within=10)
client.close()
print("the end")
"""


def test_neither_it_nor_a_function_that_never_returns_keeps_the_process() -> None:
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM], capture_output=True, text=True, timeout=60, check=True
    )
    assert (done.stdout, done.stderr) == ("the end\n", "")


def test_what_is_forked_from_the_process_does_not_stop_it() -> None:
    with MockServer(thread=True) as server:
        process = server._process
        assert process is not None
        child = os.fork()
        if not child:
            process.stop()
            os._exit(0)
        assert os.waitpid(child, 0)[1] == 0
        assert server.version()
