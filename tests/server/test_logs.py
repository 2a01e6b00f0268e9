"""The log: what a line holds in each format, and that nothing that reads it slowly stops us."""

from __future__ import annotations

import json
import logging
import os
import re
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from tests.api.live import Live

from pymockapi.server.logs import JsonFormat, LogHandler, TextFormat, logged
from pymockapi.server.request_log import LOG
from pymockapi.server.settings import ServeOptions


def record(message: str, *args: object, fields: dict[str, Any] | None = None) -> logging.LogRecord:
    made = logging.LogRecord("pymockapi.server", logging.WARNING, "", 0, message, args, None)
    made.created = 1_900_000_000.25
    if fields is not None:
        made.fields = fields
    return made


def broken(message: str) -> logging.LogRecord:
    made = record(message)
    try:
        raise ValueError("no\nway")
    except ValueError:
        made.exc_info = sys.exc_info()
    return made


def test_a_json_line_is_one_object_with_the_fields() -> None:
    line = JsonFormat().format(record("%d came", 3, fields={"status": 404, "stub": "a"}))
    assert json.loads(line) == {
        "time": "2030-03-17T17:46:40.250Z", "level": "warning", "logger": "pymockapi.server",
        "message": "3 came", "status": 404, "stub": "a",
    }  # fmt: skip


def test_a_traceback_is_in_the_json_line_itself() -> None:
    line = JsonFormat().format(broken("failed"))
    assert "\n" not in line
    error = json.loads(line)["error"]
    assert error.startswith("Traceback")
    assert error.endswith("ValueError: no\nway")


@pytest.mark.parametrize("target", ["/a\nb", "/\x1b[31m", "/\udcff", '/"', "/é"])
def test_what_clients_sent_breaks_no_line(target: str) -> None:
    made = record("GET %s", target, fields={"target": target, "odd": Path("x")})
    encoded = JsonFormat().format(made).encode()
    assert b"\n" not in encoded
    assert json.loads(encoded)["odd"] == "x"
    text = TextFormat().format(made).encode("utf-8", "backslashreplace")
    assert b"\n" not in text
    assert b"\x1b" not in text


def test_a_text_line_has_the_fields_after_the_message() -> None:
    line = TextFormat().format(record("ready", fields={"url": "http://h:1", "pid": 7}))
    assert re.fullmatch(r"[\d,: -]+ WARNING pymockapi.server ready url=http://h:1 pid=7", line)


def test_a_traceback_follows_a_text_line() -> None:
    lines = TextFormat().format(broken("failed")).splitlines()
    assert lines[0].endswith(" WARNING pymockapi.server failed")
    assert lines[1].startswith("Traceback")


@pytest.fixture
def pipe() -> Iterator[tuple[int, int]]:
    reading, writing = os.pipe()
    yield reading, writing
    os.close(reading)


def test_lines_are_written_in_order_and_all_of_them_at_the_end(pipe: tuple[int, int]) -> None:
    reading, writing = pipe
    handler = LogHandler(writing)
    handler.setFormatter(logging.Formatter("%(message)s"))
    for number in range(500):
        handler.emit(record("%d", number))
    handler.close()
    os.close(writing)
    with os.fdopen(os.dup(reading)) as file:
        assert file.read().splitlines() == [str(number) for number in range(500)]


def test_a_pipe_that_nobody_reads_stops_nobody_and_what_is_lost_is_told(
    pipe: tuple[int, int],
) -> None:
    reading, writing = pipe
    handler = LogHandler(writing, limit=10)
    handler.setFormatter(logging.Formatter("%(message)s"))
    long = "x" * 100_000  # more than a pipe holds
    for _ in range(50):
        handler.emit(record(long))
    with os.fdopen(os.dup(reading)) as file:
        lines: list[str] = []
        while not (lines and "dropped" in lines[-1]):
            lines.append(file.readline().rstrip("\n"))
    told = re.fullmatch(r"(\d+) lines were dropped here: the log was not taken .*", lines[-1])
    assert told is not None
    assert int(told[1]) + len(lines) - 1 <= 50
    assert int(told[1]) >= 50 - 10 - 1 - 100
    handler.close()
    os.close(writing)


def test_a_log_that_cannot_be_written_any_more_is_no_error(pipe: tuple[int, int]) -> None:
    _, writing = pipe
    handler = LogHandler(writing)
    os.close(writing)
    handler.emit(record("lost"))
    handler.close()


def test_a_handler_that_logged_nothing_has_no_thread() -> None:
    handler = LogHandler(2)
    handler.close()
    assert handler._thread is None


@pytest.mark.parametrize(("level", "expected"), [("debug", ["a", "b"]), ("warning", ["b"])])
def test_the_level_is_that_of_the_server_and_other_libraries_only_warn(
    level: str, expected: list[str], tmp_path: Path
) -> None:
    file = tmp_path / "log"
    with logged(str(file), level, "json"):
        logging.getLogger("pymockapi.server").debug("a")
        logging.getLogger("asyncio").debug("no")
        logging.getLogger("pymockapi.server").warning("b")
    logging.getLogger("pymockapi.server").warning("after")
    lines = [json.loads(line)["message"] for line in file.read_text().splitlines()]
    assert lines == expected


# Requests.


def test_at_level_debug_each_request_and_control_call_is_logged(
    caplog: pytest.LogCaptureFixture,
) -> None:
    with caplog.at_level(logging.DEBUG, "pymockapi"):
        server = Live({"stubs": [{"name": "a", "request": {"path": "/a"}}]})
        server.send("GET", "/a?x=1")
        server.send("GET", "/b")
        server.send("GET", "/a", headers={"X-Mock-Namespace": "nobody"})
        server.send("GET", "/a", headers={"Expect": "much"})
        server.call("GET", "/version")
        server.call("GET", "/nothing")
        server.close()
    told = [each for each in caplog.records if hasattr(each, "fields")]
    shown = [{k: v for k, v in each.fields.items() if k != "client"} for each in told]
    common = {"scheme": "http", "method": "GET"}
    assert shown == [
        {**common, "target": "/a?x=1", "status": 200, "namespace": "default", "request": 1, "stub": "a"},
        {**common, "target": "/b", "status": 404, "namespace": "default", "request": 2, "code": "no-match"},
        {**common, "target": "/a", "status": 404, "namespace": "nobody", "code": "unknown-namespace"},
        {**common, "target": "/a", "status": 417, "phase": "refused", "code": "expectation"},
        {"call": "version", "method": "GET", "target": "/__mock/v1/version", "status": 200},
        {"call": "", "method": "GET", "target": "/__mock/v1/nothing", "status": 404},
    ]  # fmt: skip
    assert all(each.fields["client"].startswith("127.0.0.1:") for each in told)
    assert told[0].getMessage() == "GET /a?x=1: 200"


def test_at_other_levels_requests_pay_nothing_for_it() -> None:
    assert not LOG.isEnabledFor(logging.DEBUG)
    server = Live(options=ServeOptions(port=0, grace_s=1.0))
    assert type(server.server._application).__name__ == "MockApplication"
    server.close()
