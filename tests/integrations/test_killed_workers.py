"""A worker that is killed in the midst of a test: what it leaves ends, what comes after is clean."""

from __future__ import annotations

import pytest
from tests.integrations.suites import Suite

from pymockapi import MockServer, MockServerError

pytest_plugins = ["pytester"]

KILLED = """
import os, pathlib, signal, threading

def fill(mock_api):
    mock_api.state["cart"] = "full"
    slow = mock_api.get("/slow").respond(delay="5m")
    mock_api.get("/x").respond_with([{"status": 201}, {"status": 202}])
    assert call(mock_api.url + "/x") == 201
    threading.Thread(target=call, args=(mock_api.url + "/slow",), daemon=True).start()
    slow.wait(1, within=60)

def test_killed(mock_api):
    assert mock_api.state == {}
    assert mock_api.requests() == []
    again = pathlib.Path("again")
    if not again.exists():
        again.touch()
        fill(mock_api)
        os.kill(os.getpid(), signal.SIGKILL)

def test_after(mock_api):
    assert mock_api.state == {}
    mock_api.get("/x").respond(200)
    assert call(mock_api.url + "/x") == 200
    assert [each.number for each in mock_api.requests()] == [1]
"""
LABEL = "test=test_shop.py::test_killed"
SOON = "--mock-api-lease=3s"


def test_its_namespace_ends_by_its_lease_with_what_was_in_flight(
    suite: Suite, server: MockServer
) -> None:
    with server.events(types="namespace.expired") as events:
        done = suite.run_apart(KILLED, "-p", "xdist", "-n", "1", SOON)
        done.assert_outcomes(passed=1, failed=1)
        done.stdout.fnmatch_lines(
            ["*worker 'gw0' crashed while running 'test_shop.py::test_killed'"]
        )
        name = events.wait_for("namespace.expired", within=60).namespace
    assert name is not None
    assert name.startswith("test-killed-")
    assert name not in [each.name for each in server.namespaces(LABEL)]
    (kept,) = [each for each in server.finished(LABEL) if each.name == name]
    assert [(each.path, each.phase) for each in kept.requests()] == [
        ("/x", "answered"),
        ("/slow", "aborted"),
    ]


def test_its_server_ends_with_the_run(bare_suite: Suite) -> None:
    code = KILLED + "\ndef test_url(mock_api_server): print('AT', mock_api_server.url)\n"
    done = bare_suite.run_apart(code, "-p", "xdist", "-n", "1", "-rP")
    done.assert_outcomes(passed=2, failed=1)
    url = next(line for line in done.outlines if line.startswith("AT http")).split()[1]
    with pytest.raises(MockServerError, match="No mock server can be reached"):
        MockServer.attach(url)


def test_a_rerun_after_a_crash_starts_clean(suite: Suite) -> None:
    workers = ("-p", "xdist", "-n", "1", "-p", "pytest_rerunfailures", "--reruns=1")
    done = suite.run_apart(KILLED, *workers, SOON)
    done.assert_outcomes(passed=2)
    assert done.parseoutcomes()["rerun"] == 1


def test_a_second_run_after_a_crash_starts_clean(suite: Suite) -> None:
    suite.run_apart(KILLED, "-p", "xdist", "-n", "1", SOON).assert_outcomes(passed=1, failed=1)
    suite.run_apart(KILLED, "-p", "xdist", "-n", "1", SOON).assert_outcomes(passed=2)
