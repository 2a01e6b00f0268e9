"""Suites of users, run by the real Robot Framework in a process of its own."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final, NamedTuple

from robot.api import ExecutionResult
from tests.conformance.fetch import OLD_ROBOT
from tests.integrations.suites import MOCKS

CALLS: Final = """
import urllib.error
import urllib.request

def ask(url, method="GET", body=None):
    request = urllib.request.Request(url, body and body.encode(), method=method)
    try:
        with urllib.request.urlopen(request) as answer:
            return answer.status
    except urllib.error.HTTPError as error:
        error.close()
        return error.code
"""
SETTINGS: Final = """*** Settings ***
Library    pymockapi.robot    config=mocks.yaml
Library    ${CURDIR}/calls.py
"""


class Outcome(NamedTuple):
    """How a test went."""

    status: str
    message: str


@dataclass
class Ran:
    """What a run has said; ``tests`` by name, in order."""

    code: int
    text: str
    tests: Mapping[str, Outcome]

    @property
    def statuses(self) -> dict[str, str]:
        return {name: outcome.status for name, outcome in self.tests.items()}


class Project:
    """A folder with suites; ``run`` runs one that begins with ``SETTINGS``, or further lines of it."""

    def __init__(self, folder: Path, *, url: str | None = None, old: bool = False) -> None:
        self.folder = folder
        self._url = url
        self._old = old
        self.write("mocks.yaml", MOCKS)
        self.write("calls.py", CALLS)

    def write(self, name: str, text: str) -> None:
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")

    def run(self, tests: str, *arguments: str, settings: str = "", **variables: str) -> Ran:
        self.write("shop.robot", f"{SETTINGS}{settings}\n{tests}")
        return self.robot(*arguments, "shop.robot", **variables)

    def robot(self, *arguments: str, **variables: str) -> Ran:
        """Run ``robot`` with ``arguments``."""
        quiet = ("--log", "NONE", "--report", "NONE", "--output", "output.xml")
        return self.command("robot", *quiet, *arguments, **variables)

    def command(self, module: str, *arguments: str, **variables: str) -> Ran:
        """Run a module, as a command, that leaves ``output.xml``."""
        done = subprocess.run(
            [sys.executable, "-m", module, *arguments],
            cwd=self.folder,
            env=self._environment() | variables,
            capture_output=True,
            encoding="utf-8",
            timeout=100,
            check=False,
        )
        return Ran(done.returncode, done.stdout + done.stderr, self._outcomes())

    def _environment(self) -> dict[str, str]:
        kept = {key: value for key, value in os.environ.items()
                if not key.startswith(("PYMOCKAPI_", "ROBOT_"))}  # fmt: skip
        paths = [str(OLD_ROBOT) if self._old else "", os.environ.get("PYTHONPATH", "")]
        kept["PYTHONPATH"] = os.pathsep.join(filter(None, paths))
        kept["PATH"] = os.pathsep.join(
            [str(Path(sys.executable).parent), os.environ.get("PATH", "")]
        )
        return kept | ({} if self._url is None else {"PYMOCKAPI_URL": self._url})

    def _outcomes(self) -> dict[str, Outcome]:
        output = self.folder / "output.xml"
        if not output.is_file():
            return {}
        tests = ExecutionResult(output).suite.all_tests
        return {test.name: Outcome(test.status, test.message) for test in tests}


def without_numbers(text: str) -> str:
    """Return ``text`` without what differs from run to run."""
    return re.sub(r"-[0-9a-f]{10}\b|:\d{4,5}\b|\d{10,}", "N", text)
