"""The process that serves: the ready line, signals, the parent's pipe, memory."""

from __future__ import annotations

import gc
import io
import json
import os
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

import pytest
from tests.api.live import LIMIT_S, configured, encoded, read_answer, read_to_end

from pymockapi.server import run as running
from pymockapi.server.addresses import Addresses
from pymockapi.server.run import ready_line, settle_memory, watch_parent
from pymockapi.server.settings import ServeOptions

PLAIN: Final = Addresses("http://h:1", "http://h:1/__mock/v1")
SECURE: Final = Addresses("http://h:1", "http://h:2/__mock/v1", "https://h:3")


def test_the_ready_line_tells_the_url() -> None:
    assert ready_line(PLAIN, ServeOptions()) == (
        "PyMockAPI is ready at http://h:1 (control API: http://h:1/__mock/v1)"
    )
    assert ready_line(SECURE, ServeOptions()) == (
        "PyMockAPI is ready at http://h:1 and https://h:3 (control API: http://h:2/__mock/v1)"
    )


def test_the_ready_line_may_be_json() -> None:
    line = ready_line(PLAIN, ServeOptions(ready_json=True, token="t"))
    assert json.loads(line) == {
        "url": "http://h:1", "tls_url": None, "control_url": "http://h:1/__mock/v1",
        "pid": os.getpid(), "token": "t", "ca_pem": None,
    }  # fmt: skip
    secure = json.loads(ready_line(SECURE, ServeOptions(ready_json=True), "PEM"))
    assert (secure["tls_url"], secure["control_url"], secure["ca_pem"]) == (
        "https://h:3", "http://h:2/__mock/v1", "PEM",
    )  # fmt: skip


def start(*arguments: str) -> subprocess.Popen[bytes]:
    command = [
        sys.executable,
        "-m",
        "pymockapi",
        "serve",
        "--port",
        "0",
        "--ready-json",
        *arguments,
    ]
    return subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE)


def end(process: subprocess.Popen[bytes]) -> int:
    assert process.stdin is not None
    assert process.stdout is not None
    code = process.wait(LIMIT_S)
    process.stdin.close()
    process.stdout.close()
    return code


@pytest.mark.parametrize("way", ["SIGTERM", "SIGINT", "pipe"])
def test_a_process_drains_and_ends_with_0(way: str) -> None:
    process = start(*(["--parent-pipe"] if way == "pipe" else []))
    assert process.stdin is not None
    assert process.stdout is not None
    ready = json.loads(process.stdout.readline())
    assert ready["pid"] == process.pid
    host, _, port = ready["url"].removeprefix("http://").rpartition(":")
    with socket.create_connection((host, int(port)), LIMIT_S) as line:
        stub = b'{"request": {"path": "/s"}, "response": {"delay": "300ms", "text": "whole"}}'
        line.sendall(encoded("POST", "/__mock/v1/namespaces/default/stubs", stub))
        assert read_answer(line).status == 201
        line.sendall(encoded("GET", "/s"))
        line.sendall(encoded("GET", "/__mock/v1/health"))  # read after it, in the same turn
        with socket.create_connection((host, int(port)), LIMIT_S) as other:
            other.sendall(encoded("GET", "/__mock/v1/namespaces/default/requests"))
            assert read_answer(other).json["total"] == 1
        if way == "pipe":
            process.stdin.close()
        else:
            process.send_signal(signal.Signals[way])
        assert read_answer(line).body == b"whole"
    assert end(process) == 0


def test_a_second_signal_ends_it_without_waiting_for_answers() -> None:
    process = start()
    assert process.stdout is not None
    url = json.loads(process.stdout.readline())["url"]
    host, _, port = url.removeprefix("http://").rpartition(":")
    with socket.create_connection((host, int(port)), LIMIT_S) as line:
        stub = b'{"request": {"path": "/s"}, "response": {"delay": "1h"}}'
        line.sendall(encoded("POST", "/__mock/v1/namespaces/default/stubs", stub))
        assert read_answer(line).status == 201
        line.sendall(encoded("GET", "/s"))
        with socket.create_connection((host, int(port)), LIMIT_S) as other:
            other.sendall(encoded("GET", "/__mock/v1/namespaces/default/requests"))
            assert read_answer(other).json["total"] == 1
            process.send_signal(signal.SIGTERM)
            assert read_to_end(other) == b""  # closed, for it is idle: the first one has arrived
        process.send_signal(signal.SIGTERM)
        assert read_to_end(line) == b""
    assert end(process) == 0


def test_serve_runs_until_it_is_told_to_stop(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """In this process, so that what surrounds the server is measured, too."""
    ends: list[Callable[[], Any]] = []
    monkeypatch.setattr(running, "watch_parent", ends.append)
    monkeypatch.setattr(running, "settle_memory", lambda: None)
    monkeypatch.setattr(running, "ready_line", lambda *_: (ends[0](), "ready")[1])
    assert running.serve(ServeOptions(port=0, parent_pipe=True), configured()) == 0
    assert capsys.readouterr().out == "ready\n"


def test_a_mistake_that_ends_it_is_in_the_log_as_one_line_of_json(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    def broken(*_: object) -> str:
        raise LookupError("a mistake")

    monkeypatch.setattr(running, "settle_memory", lambda: None)
    monkeypatch.setattr(running, "ready_line", broken)
    options = ServeOptions(port=0, log_file=str(tmp_path / "log"), log_format="json")
    assert running.serve(options, configured()) == 1
    (line,) = (tmp_path / "log").read_text().splitlines()
    told = json.loads(line)
    assert (told["level"], told["message"]) == ("critical", "the server failed")
    assert told["error"].endswith("LookupError: a mistake")


def test_without_uvloop_the_loop_is_asyncios_own(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "uvloop", None)
    assert running.loop_factory() is None


def test_the_end_of_the_parents_pipe_is_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    reading, writing = os.pipe()
    told = threading.Event()
    with io.FileIO(reading) as pipe:
        monkeypatch.setattr(sys, "stdin", pipe)
        watch_parent(told.set)
        os.write(writing, b"anything")
        assert not told.is_set()
        os.close(writing)
        assert told.wait(LIMIT_S)


def test_settling_takes_what_start_up_made_out_of_the_collectors_sight() -> None:
    thresholds = gc.get_threshold()
    try:
        settle_memory()
        assert gc.get_freeze_count() > 0
        assert gc.get_threshold()[0] > thresholds[0]
    finally:
        gc.unfreeze()
        gc.set_threshold(*thresholds)
