"""``GET /metrics``: every number is right, and no counter goes down."""

from __future__ import annotations

import re
import socket
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.api.live import LIMIT_S, Live, encoded, read_answer

from pymockapi.server.settings import ServeOptions

DOCUMENT = {
    "server": {"limits": {"connections": 20, "finished": 1, "body": 1000}},
    "stubs": [
        {"request": {"path": "/a"}, "response": {"text": "a"}},
        {"request": {"path": "/once"}, "responses": [{"times": 1}], "after_last": "fail"},
        {"request": {"path": "/slow", "headers": {"x": {"matches": "(a|a)+b(c|c)*d"}}}},
    ],
}
PAGE = Path(__file__).parents[2] / "docs" / "hosting.md"


@pytest.fixture
def counted() -> Iterator[Live]:
    server = Live(DOCUMENT)
    yield server
    server.close()


def read(server: Live) -> dict[str, float]:
    """Return every sample by name and labels; the text must be as the format has it."""
    answer = server.call("GET", "/metrics")
    assert answer.headers["content-type"] == "text/plain; version=0.0.4; charset=utf-8"
    text = answer.body.decode()
    assert text.endswith("\n")
    typed: set[str] = set()
    found: dict[str, float] = {}
    for line in text.splitlines():
        if line.startswith("# TYPE "):
            name = line.split()[2]
            assert name not in typed
            typed.add(name)
        elif not line.startswith("# HELP "):
            sample, _, value = line.rpartition(" ")
            assert re.fullmatch(r'[a-z_]+(\{(\w+="[^"]*",?)+\})?', sample), sample
            assert sample not in found
            family = re.sub(r"_(bucket|sum|count)$", "", sample.partition("{")[0])
            assert family in typed
            found[sample] = float(value)
    return found


def outcomes(server: Live) -> dict[str, float]:
    found = read(server)
    names = (re.fullmatch(r'pymockapi_requests_total\{outcome="(\w+)"\}', key) for key in found)
    return {match[1]: found[match[0]] for match in names if match and found[match[0]]}


def test_requests_are_counted_by_what_became_of_them(counted: Live) -> None:
    assert outcomes(counted) == {}
    for _ in range(3):
        counted.send("GET", "/a")
    counted.send("GET", "/nothing")
    counted.send("GET", "/once")
    counted.send("GET", "/once")  # past its end: 599
    counted.send("GET", "/a", headers={"X-Mock-Namespace": "nobody"})
    counted.send("POST", "/a", b"x", headers={"Content-Length": "2000"})
    with counted.connect() as line:
        line.sendall(b"POST /a HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nx")
    expected = {
        "matched": 4, "unmatched": 1, "error": 1, "orphan": 1, "refused": 1, "incomplete": 1,
    }  # fmt: skip
    while outcomes(counted).get("incomplete") is None:
        pass
    assert outcomes(counted) == expected


def test_an_unmatched_answer_of_ones_own_is_unmatched(counted: Live) -> None:
    ns = counted.create(settings={"unmatched": {"status": 200}})
    assert counted.send("GET", f"/~{ns}/nothing").status == 200
    assert outcomes(counted) == {"unmatched": 1}


def test_counters_never_go_down(counted: Live) -> None:
    """Whatever becomes of the namespaces that counted."""

    def counters() -> dict[str, float]:
        return {key: value for key, value in read(counted).items() if "_total" in key}

    before = counters()
    for end in ("finish", "delete", "replace", "reset", "clear", "forget"):
        ns = counted.create(limits={"requests": 2})
        for _ in range(5):
            counted.send("GET", f"/~{ns}/a")
        path = f"/namespaces/{ns}"
        {
            "finish": lambda path=path: counted.call("POST", path + "/finish"),
            "delete": lambda path=path: counted.call("DELETE", path),
            "replace": lambda path=path: counted.call("PUT", path, {}),
            "reset": lambda path=path: counted.call("POST", path + "/reset"),
            "clear": lambda path=path: counted.call("DELETE", path + "/requests"),
            "forget": lambda path=path: counted.call("POST", path + "/finish"),
        }[end]()
        after = counters()
        assert [key for key, value in before.items() if after[key] < value] == []
        name = 'pymockapi_requests_total{outcome="matched"}'
        assert after[name] == before[name] + 5
        assert after["pymockapi_journal_evicted_total"] > before["pymockapi_journal_evicted_total"]
        before = after


def test_namespaces_and_journals_are_counted_as_they_are(counted: Live) -> None:
    kept, ended = counted.create(), counted.create()
    for ns in (kept, ended):
        counted.send("GET", f"/~{ns}/a")
    counted.call("POST", f"/namespaces/{ended}/finish")
    found = read(counted)
    assert found['pymockapi_namespaces{state="live"}'] == 2
    assert found['pymockapi_namespaces{state="finished"}'] == 1
    assert found["pymockapi_namespaces_created_total"] == 3
    assert found["pymockapi_journal_entries"] == 2
    assert found["pymockapi_journal_bytes"] > 1000
    assert found["pymockapi_journal_limit_bytes"] > found["pymockapi_journal_bytes"]


def test_control_calls_are_counted_by_call_and_status(counted: Live) -> None:
    counted.call("GET", "/version")
    counted.call("GET", "/version?a=1")
    counted.call("GET", "/nothing")
    counted.call("GET", "/version", headers={"Host": "evil.example"})
    found = read(counted)
    assert found['pymockapi_control_calls_total{call="version",status="200"}'] == 1
    assert found['pymockapi_control_calls_total{call="version",status="422"}'] == 1
    assert found['pymockapi_control_calls_total{call="",status="404"}'] == 1
    assert found['pymockapi_control_calls_total{call="",status="403"}'] == 1


def test_connections_are_counted(counted: Live) -> None:
    before = read(counted)["pymockapi_connections_total"]
    lines = [socket.create_connection(counted.address, LIMIT_S) for _ in range(19)]
    lines[0].sendall(encoded("GET", "/a"))
    read_answer(lines[0])
    found = read(counted)
    assert found["pymockapi_connections"] == 20
    assert found["pymockapi_connections_total"] == before + 20
    assert found["pymockapi_connections_refused_total"] == 0
    with counted.connect() as last:
        last.sendall(encoded("GET", "/a"))
        assert counted.call("GET", "/health").code == "limit-reached"
    for line in lines:
        line.close()
    while counted.call("GET", "/health").status != 200:
        pass
    assert read(counted)["pymockapi_connections_refused_total"] >= 1


def test_the_process_and_the_loop_are_told(counted: Live) -> None:
    found = read(counted)
    assert found["process_start_time_seconds"] > 1_600_000_000
    assert found["process_cpu_seconds_total"] > 0
    assert found["pymockapi_loop_lag_max_seconds"] >= 0
    assert 'pymockapi_loop_lag_seconds_bucket{le="+Inf"}' in found
    assert any(key.startswith("pymockapi_build_info{version=") for key in found)


def test_metrics_are_behind_the_gate() -> None:
    server = Live(options=ServeOptions(port=0, token="s3cret", grace_s=1.0))
    assert server.call("GET", "/metrics").status == 401
    given = {"Authorization": "Bearer s3cret"}
    assert server.call("GET", "/metrics", headers=given).status == 200
    server.close()


def test_every_metric_is_on_its_page(counted: Live) -> None:
    text = counted.call("GET", "/metrics").body.decode()
    names = [line.split()[2] for line in text.splitlines() if line.startswith("# TYPE ")]
    page = PAGE.read_text(encoding="utf-8")
    assert [name for name in names if f"`{name}`" not in page] == []
