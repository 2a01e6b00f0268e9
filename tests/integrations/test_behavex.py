"""The real BehaveX: processes of behave side by side, each scenario with mocks of its own."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import pytest
from tests.conformance.fetch import BEHAVEX
from tests.documents import section

from pymockapi import MockServer

pytestmark = pytest.mark.skipif(
    not BEHAVEX.is_dir(), reason="BehaveX is not here: python tests/conformance/fetch.py"
)
STEPS: Final = """
import urllib.error
import urllib.request
from behave import step

@step('GET "{path}" is {status:d}')
def get(context, path, status):
    try:
        with urllib.request.urlopen(context.mock_api.url + path) as answer:
            found = answer.status
    except urllib.error.HTTPError as error:
        found = error.code
        error.close()
    assert found == status, f"it is {found}"
"""
FEATURE: Final = """
Feature: Shop {0}
  Scenario: Its own answer {0}
    Given the API answers GET "/n" with 20{0}
    When GET "/n" is 20{0}
    Then the API received only:
      | path |
      | /n   |

  @outage
  Scenario: By a tag {0}
    When GET "/pay" is 503

  Scenario: Nobody minds {0}
    When GET "/nowhere" is 404
"""


@pytest.fixture
def folder() -> Iterator[Path]:
    """Two features, and the one line that the page of behave shows."""
    with tempfile.TemporaryDirectory(prefix="bx") as short:  # a socket of its goes there, too
        yield _filled(Path(short))


def _filled(folder: Path) -> Path:
    (folder / "features/steps").mkdir(parents=True)
    (folder / "features/steps/steps.py").write_text(STEPS, encoding="utf-8")
    for number in (1, 2):
        feature = folder / f"features/shop{number}.feature"
        feature.write_text(FEATURE.format(number), encoding="utf-8")
    (shown,) = re.findall(r"```python\n(.*?)```", section("docs/behave.md", "BehaveX"), re.S)
    (folder / "features/environment.py").write_text(shown, encoding="utf-8")
    return folder


@pytest.mark.parametrize("scheme", ["feature", "scenario"])
def test_processes_of_behavex_do_not_meet(folder: Path, server: MockServer, scheme: str) -> None:
    kept = {key: value for key, value in os.environ.items() if not key.startswith("PYMOCKAPI_")}
    paths = filter(None, [str(BEHAVEX), os.environ.get("PYTHONPATH", "")])
    command = (sys.executable, "-m", "behavex", "--parallel-processes", "2",
               "--parallel-scheme", scheme, "--output-folder", "out")  # fmt: skip
    done = subprocess.run(
        command, cwd=folder, capture_output=True, encoding="utf-8", timeout=100, check=False,
        env={**kept, "PYTHONPATH": os.pathsep.join(paths), "PYMOCKAPI_URL": server.url},
    )  # fmt: skip
    assert done.returncode == 1, done.stdout + done.stderr
    assert (folder / "out/report.json").is_file(), done.stdout + done.stderr
    statuses = _statuses(folder / "out/report.json")
    assert statuses == {
        f"{name} {number}": "error" if name == "Nobody minds" else "passed"
        for name in ("Its own answer", "By a tag", "Nobody minds")
        for number in (1, 2)
    }
    reports = "".join(each.read_text("utf-8") for each in (folder / "out/behave").glob("*.xml"))
    assert reports.count("1 request that no stub answered") >= 2


def _statuses(report: Path) -> dict[str, str]:
    told: dict[str, Any] = json.loads(report.read_text(encoding="utf-8"))
    return {
        scenario["name"]: scenario["status"]
        for feature in told["features"]
        for scenario in feature["scenarios"]
    }
