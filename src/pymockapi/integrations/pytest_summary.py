"""The end of pytest's output: verdicts that fail no test, but should be read."""

from __future__ import annotations

from typing import Final

import pytest

WARNING: Final = "mock_api_warning"
"""The user property by which a test, in whatever process, says something here."""


class Summary:
    """A plugin of its own: it hears the reports of all workers."""

    def __init__(self) -> None:
        self._told: list[tuple[str, str]] = []

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        if report.when == "teardown":
            self._told += [
                (report.nodeid, str(value))
                for name, value in report.user_properties
                if name == WARNING
            ]

    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter) -> None:
        if self._told:
            terminalreporter.section("mock API warnings", yellow=True)
        for nodeid, text in self._told:
            terminalreporter.line(nodeid)
            for line in text.splitlines():
                terminalreporter.line(f"  {line}")
