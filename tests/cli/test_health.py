"""``pymockapi health``: 0 when a server takes requests, else 1 and why."""

from __future__ import annotations

import socket
from collections.abc import Iterator

import pytest
from tests.api.live import Live

from pymockapi import MockServer
from pymockapi.cli import main
from pymockapi.server.settings import ServeOptions


@pytest.fixture
def guarded() -> Iterator[Live]:
    server = Live(options=ServeOptions(port=0, control_port=0, token="s3cret", grace_s=1.0))
    yield server
    server.close()


@pytest.fixture(autouse=True)
def _no_variables(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("PYMOCKAPI_CONTROL_URL", "PYMOCKAPI_URL", "PYMOCKAPI_CA_FILE"):
        monkeypatch.delenv(name, raising=False)


def test_a_server_that_takes_requests_is_ready_without_a_token(
    guarded: Live, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["health", guarded.server.addresses.control_url]) == 0
    assert capsys.readouterr().out == "ready\n"


@pytest.mark.parametrize("name", ["PYMOCKAPI_CONTROL_URL", "PYMOCKAPI_URL"])
def test_the_url_comes_from_the_environment(
    guarded: Live, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(name, guarded.server.addresses.control_url)
    assert main(["health"]) == 0


def test_the_control_url_goes_before_the_mocks(
    guarded: Live, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("PYMOCKAPI_URL", guarded.server.addresses.url)
    assert main(["health"]) == 1
    assert "fits GET /__mock/v1/ready" in capsys.readouterr().err  # a path like any other there
    monkeypatch.setenv("PYMOCKAPI_CONTROL_URL", guarded.server.addresses.control_url)
    assert main(["health"]) == 0


def test_no_server_is_1_and_says_so(capsys: pytest.CaptureFixture[str]) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        url = f"http://127.0.0.1:{taken.getsockname()[1]}"
        assert main(["health", url, "--timeout", "0.05"]) == 1
    assert "No answer from the mock server" in capsys.readouterr().err
    assert main(["health", url]) == 1
    assert "No mock server can be reached" in capsys.readouterr().err


def test_what_is_no_url_is_1_and_says_so(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["health", "mock:8080"]) == 1
    assert "is no URL of a mock server" in capsys.readouterr().err


def test_a_server_over_https_is_trusted_by_the_ca_of_the_environment(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    with MockServer(tls=True) as server:
        assert main(["health", server.tls_url]) == 1
        assert "is not trusted" in capsys.readouterr().err
        monkeypatch.setenv("PYMOCKAPI_CA_FILE", server.ca_file)
        assert main(["health", server.tls_url]) == 0
