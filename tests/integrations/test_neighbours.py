"""Suites that replace HTTP, sockets or time in their tests still drive the mock server."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.documents import section
from tests.integrations.neighbours import (
    CONTROL,
    GREENLETS,
    HTTP,
    LIMITS,
    OUTSIDE,
    PASSING,
    TIME,
    Neighbour,
    conftest_of,
    passes,
)
from tests.integrations.suites import Suite

pytest_plugins = ["pytester"]


@pytest.fixture
def neighbours_of(bare_suite: Suite) -> Suite:
    Path("outside.py").write_text(OUTSIDE, encoding="utf-8")
    return bare_suite


@pytest.mark.parametrize("name", HTTP)
def test_the_server_is_started_controlled_and_verified(neighbours_of: Suite, name: str) -> None:
    run(neighbours_of, CONTROL, HTTP[name]).assert_outcomes(passed=3)


@pytest.mark.parametrize("name", TIME)
def test_what_is_done_to_time_stops_no_limit(neighbours_of: Suite, name: str) -> None:
    run(neighbours_of, CONTROL + LIMITS, TIME[name]).assert_outcomes(passed=8)


def run(suite: Suite, code: str, neighbour: Neighbour, *arguments: str) -> pytest.RunResult:
    Path("conftest.py").write_text(conftest_of(neighbour), encoding="utf-8")
    return suite.run_apart(
        code, "--tb=short", "-p", "timeout", "--timeout=25", *neighbour.arguments, *arguments
    )


def test_the_system_may_be_a_greenlet_of_the_same_process(neighbours_of: Suite) -> None:
    run(neighbours_of, GREENLETS, TIME["gevent"]).assert_outcomes(passed=2)


ROWS = {
    cells[1].strip(): cells[2].strip()
    for line in section("docs/pytest.md", "Living with other libraries").splitlines()
    if len(cells := line.split("|")) == 4 and "`" in cells[2]
}


def test_every_library_of_the_page_is_tried() -> None:
    assert ROWS.keys() == {*PASSING, "pytest-socket"}
    assert "`--disable-socket --allow-hosts=127.0.0.1`" in ROWS["pytest-socket"]


@pytest.mark.parametrize("library", PASSING)
def test_calls_of_the_same_process_pass_as_the_page_says(
    neighbours_of: Suite, library: str
) -> None:
    code = ROWS[library].split("`")[1]
    neighbours_of.run_apart(passes(library, code), "--tb=short").assert_outcomes(passed=1)


AT_ONCE = {
    "socket timeout": "import socket\nsocket.setdefaulttimeout(0.01)",
    "pytest-socket": "import pytest_socket\npytest_socket.disable_socket()",
    "freezegun": "import freezegun\nfreezegun.freeze_time('2030-01-01').start()",
}


@pytest.mark.parametrize("name", AT_ONCE)
def test_workers_find_their_server_in_a_process_that_was_changed_from_the_start(
    neighbours_of: Suite, name: str
) -> None:
    neighbour = Neighbour("yield", first=AT_ONCE[name])
    done = run(neighbours_of, SHARED, neighbour, "-p", "xdist", "-n", "2", "--dist=each")
    done.assert_outcomes(passed=2)


SHARED = """
from outside import call

def test_the_server(mock_api, worker_id):
    mock_api.get("/x").respond(200)
    assert call(mock_api.url + "/x") == 200
"""
