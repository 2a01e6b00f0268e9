"""Runs the suite of ``same_urls`` on one server, once or often, and tells what came of it."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Final, NamedTuple

from pymockapi import MockServer

SUITE: Final = Path(__file__).with_name("same_urls.py")
_LIMIT_S: Final = 900.0
_OF_OTHERS: Final = ("PYMOCKAPI_", "PYTEST_", "PARALLEL_")


class Outcome(NamedTuple):
    """``left`` are the namespaces and ``lost`` the requests that no test would admit to."""

    passed: int
    failed: int
    left: int
    lost: int
    seconds: float
    output: str

    @property
    def is_clean(self) -> bool:
        return not (self.failed or self.left or self.lost)

    def __str__(self) -> str:
        return (
            f"{self.passed} passed, {self.failed} failed, {self.left} namespaces left,"
            f" {self.lost} requests lost, {self.seconds:.1f} s"
        )


def run(server: MockServer, tests: int, workers: int, *, broken: bool = False) -> Outcome:
    """Run it in a folder of its own, by pytest with xdist alone, attached to ``server``."""
    environment = {
        name: value for name, value in os.environ.items() if not name.startswith(_OF_OTHERS)
    }
    environment |= {"PYMOCKAPI_URL": server.url, "PARALLEL_TESTS": str(tests)}
    environment |= {"PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"}
    environment |= {"PARALLEL_BROKEN": "yes"} if broken else {}
    begin = time.monotonic()
    with tempfile.TemporaryDirectory() as folder:
        shutil.copy(SUITE, Path(folder, "test_same_urls.py"))
        command = [sys.executable, "-m", "pytest", "-q", "-p", "xdist", "-p", "pymockapi"]
        command += ["-p", "no:cacheprovider", "-n", str(workers), "--tb=short", "."]
        done = subprocess.run(
            command,
            cwd=folder,
            env=environment,
            capture_output=True,
            text=True,
            check=False,
            timeout=_LIMIT_S,
        )
    return _outcome(server, done.stdout + done.stderr, time.monotonic() - begin)


def _outcome(server: MockServer, output: str, seconds: float) -> Outcome:
    counts = {
        word: int(count) for count, word in re.findall(r"(\d+) (passed|failed|error)", output)
    }
    left = [each for each in server.namespaces() if each.name != "default"]
    for each in left:
        each.delete_namespace()
    lost = len(server.orphans())
    server.forget_orphans()
    failed = counts.get("failed", 0) + counts.get("error", 0)
    return Outcome(counts.get("passed", 0), failed, len(left), lost, seconds, output)
