"""Why a test failed is told in the terminal: typical mistakes, and the lines that tell of each."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.integrations.mistakes import MISTAKES
from tests.integrations.suites import Suite

from pymockapi import MockServer

pytest_plugins = ["pytester"]


@pytest.mark.parametrize("mistake", MISTAKES)
def test_a_mistake_is_told(suite: Suite, mistake: str) -> None:
    code, told = MISTAKES[mistake]
    done = suite.run(code)
    assert done.ret == pytest.ExitCode.TESTS_FAILED
    done.stdout.fnmatch_lines([line.replace("[", "[[]") for line in told])
    done.stdout.no_fnmatch_line(f"*{Path('pymockapi', 'integrations')}*")


def test_what_was_lost_before_a_test_began_is_not_told_to_it(
    suite: Suite, server: MockServer
) -> None:
    done = suite.run("""
def test_lost(mock_api_server):
    call(mock_api_server.url + "/~nobody/orders")

def test_shop(mock_api):
    mock_api.get("/orders").assert_called_once()
""")
    done.assert_outcomes(passed=1, failed=1)
    assert [orphan.namespace for orphan in server.orphans()][-1:] == ["nobody"]
    done.stdout.no_fnmatch_line("*Meanwhile*")
