"""``pymockapi serve`` as a process: one line when ready, and an end that can be relied on."""

from __future__ import annotations

import argparse
import json
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from pymockapi.cli import main
from pymockapi.cli.serve import add_arguments, serve_options
from pymockapi.server.settings import ServeOptions

CONFIG = "version: 1\nstubs:\n- request: {path: /a}\n  response: {text: mocked}\n"


def options(*arguments: str) -> ServeOptions:
    parser = argparse.ArgumentParser()
    add_arguments(parser)
    return serve_options(parser.parse_args(arguments))


@contextmanager
def serving(*arguments: str) -> Iterator[subprocess.Popen[str]]:
    command = [sys.executable, "-m", "pymockapi", "serve", "--port", "0", *arguments]
    pipes: dict[str, Any] = dict.fromkeys(("stdin", "stdout", "stderr"), subprocess.PIPE)
    with subprocess.Popen(command, text=True, **pipes) as process:
        try:
            yield process
        finally:
            process.kill()


def ready(process: subprocess.Popen[str]) -> str:
    assert process.stdout is not None
    return process.stdout.readline()


def fetch(url: str, path: str) -> bytes:
    host, _, port = url.removeprefix("http://").partition(":")
    with socket.create_connection((host, int(port)), 10) as connection:
        connection.sendall(f"GET {path} HTTP/1.0\r\nHost: {host}\r\n\r\n".encode())
        return b"".join(iter(lambda: connection.recv(65536), b""))


def test_options_become_settings(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("PYMOCKAPI_TOKEN", raising=False)
    given = options("--port", "0", "--on-missing", "reject", "--token", "t", "--seed", "7",
                    "--log-file", "x.log", "--parent-pipe", "--ready-json")  # fmt: skip
    assert (given.host, given.port, given.on_missing) == ("127.0.0.1", 0, "reject")
    assert (given.token, given.seed, str(given.log_file)) == ("t", 7, "x.log")
    assert given.parent_pipe
    assert given.ready_json


def test_what_is_not_given_is_left_to_the_config(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("PYMOCKAPI_TOKEN", raising=False)
    given = options()
    assert (given.on_missing, given.token, given.seed) == (None, None, None)


def test_the_token_may_come_from_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PYMOCKAPI_TOKEN", "secret")
    assert options().token == "secret"
    assert options("--token", "other").token == "other"


def test_off_loopback_a_token_is_made_and_printed(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.delenv("PYMOCKAPI_TOKEN", raising=False)
    token = options("--host", "0.0.0.0").token
    assert token is not None
    assert len(token) >= 32
    assert token in capsys.readouterr().err
    assert options("--host", "0.0.0.0").token != token


@pytest.mark.parametrize("port", ["-1", "65536", "http", "1.5"])
def test_what_is_no_port_is_refused(port: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["serve", f"--port={port}"]) == 2
    assert "is no port" in capsys.readouterr().err


def test_errors_in_files_are_listed_and_nothing_is_served(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "mocks.yaml").write_text("version: 1\nstubs: [{nmae: a}]\n")
    assert main(["serve", "--port", "0", str(tmp_path / "mocks.yaml")]) == 1
    said = capsys.readouterr()
    assert "mocks.yaml:2:10: /stubs/0/nmae: unknown key" in said.err
    assert "the server was not started" in said.err
    assert said.out == ""


def test_a_port_in_use_is_told_in_a_sentence() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        command = [sys.executable, "-m", "pymockapi", "serve", "--port", port]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert f"Port {port} on 127.0.0.1 is in use" in done.stderr
    assert "Traceback" not in done.stderr


def test_a_log_file_that_cannot_be_written_is_told_in_a_sentence(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "pymockapi", "serve", "--port=0", f"--log-file={tmp_path}"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert done.stderr.startswith(f"The server could not start: {tmp_path}: ")


def test_a_host_that_is_not_here_is_told_in_a_sentence() -> None:
    command = [sys.executable, "-m", "pymockapi", "serve", "--host=192.0.2.1", "--token=t"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert "could not listen on 192.0.2.1, port 8080" in done.stderr


def test_one_line_tells_the_url_and_then_it_answers(tmp_path: Path) -> None:
    (tmp_path / "mocks.yaml").write_text(CONFIG)
    with serving(str(tmp_path / "mocks.yaml")) as process:
        words = ready(process).split()
        url = words[4]
        assert " ".join(words) == (f"PyMockAPI is ready at {url} (control API: {url}/__mock/v1)")
        assert fetch(url, "/a").endswith(b"\r\n\r\nmocked")


def test_the_line_may_be_json() -> None:
    with serving("--ready-json", "--token", "t") as process:
        said = json.loads(ready(process))
        assert said["control_url"] == said["url"] + "/__mock/v1"
        assert (said["pid"], said["token"]) == (process.pid, "t")


@pytest.mark.skipif(os.name == "nt", reason="Windows has no SIGTERM to catch")
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_ends_it_with_0(number: signal.Signals) -> None:
    with serving() as process:
        ready(process)
        process.send_signal(number)
        assert process.wait(20) == 0


def test_it_ends_with_its_parents_pipe() -> None:
    with serving("--parent-pipe") as process:
        ready(process)
        assert process.stdin is not None
        process.stdin.close()
        assert process.wait(20) == 0


def test_without_a_parents_pipe_the_end_of_input_means_nothing() -> None:
    with serving() as process:
        url = ready(process).split()[4]
        assert process.stdin is not None
        process.stdin.close()
        assert fetch(url, "/__mock/v1/health").startswith(b"HTTP/1.1 200")


def test_namespaces_ports_in_use_are_told_with_their_places(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        config = tmp_path / "mocks.yaml"
        config.write_text(
            f"version: 1\nnamespaces:\n  pay: {{port: {port}}}\n  ok: {{port: 0}}\n",
            encoding="utf-8",
        )
        command = [sys.executable, "-m", "pymockapi", "serve", "--port", "0", str(config)]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr == (
        f"{config}:3:9: /namespaces/pay/port: Port {port} cannot be that of namespace 'pay':"
        " another program uses it on 127.0.0.1. Nothing was changed; choose another, or 0 for a"
        " free one.\n1 error; the server was not started\n"
    )
