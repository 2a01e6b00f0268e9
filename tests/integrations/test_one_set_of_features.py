"""``examples/bdd``: the same features under behave, pytest-bdd and cucumber-js, and the same verdicts.

Serial: one runner after the other. Parallel: all at once on one server, each with two processes.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import pytest
from tests.conformance.fetch import PYTEST_BDD
from tests.documents import ROOT
from tests.integrations.cucumber import EXAMPLE, environment

from pymockapi import MockServer, Namespace

pytestmark = pytest.mark.timeout(300)  # the first test waits for npm

BDD: Final = ROOT / "examples" / "bdd"
RUNNERS: Final = ("behave", "pytest-bdd", "cucumber-js")
MODES: Final = ("serial", "parallel")
NAMED: Final = re.compile(r"amespace '[^']*' \([^)]*\)")
Command = tuple[Path, list[str], dict[str, str]]
"""A folder, words and variables."""


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory, cucumber_modules: Path) -> Path:
    """The two examples side by side."""
    if not PYTEST_BDD.is_dir():
        pytest.skip("pytest-bdd is not here: python tests/conformance/fetch.py")
    made = tmp_path_factory.mktemp("examples")
    without = shutil.ignore_patterns("node_modules", "__pycache__")
    shutil.copytree(BDD, made / "bdd", ignore=without)
    shutil.copytree(EXAMPLE, made / "cucumber-js", ignore=without)
    (made / "cucumber-js/node_modules").symlink_to(cucumber_modules, target_is_directory=True)
    return made


@pytest.fixture
def bdd_server(folder: Path) -> Iterator[MockServer]:
    with MockServer(folder / "bdd/mocks.yaml", start_timeout=60) as running:
        yield running


@pytest.mark.parametrize("mode", MODES)
def test_what_is_green_is_green_under_each_runner_with_the_same_verdicts(
    folder: Path, bdd_server: MockServer, mode: str
) -> None:
    for runner, (code, text) in ran(folder, bdd_server, "features", mode).items():
        assert code == 0, f"{runner}\n{text}"
    told = {runner: accounts(bdd_server, runner) for runner in RUNNERS}
    assert told["behave"] == told["pytest-bdd"]
    assert told["behave"] == told["cucumber-js"]
    assert len(told["behave"]) == 13
    assert all(each["verdict"]["passed"] for each in told["behave"])


@pytest.mark.parametrize("mode", MODES)
def test_what_is_red_is_red_under_each_runner_for_the_same_reasons(
    folder: Path, bdd_server: MockServer, mode: str
) -> None:
    for runner, (code, text) in ran(folder, bdd_server, "red", mode).items():
        assert code == 1, f"{runner}\n{text}"
        for reason in ("1 request that no stub answered:", "expected none, got 1 (#2)",
                       "expected exactly 3, got 0", "expected exactly 2, got 1 (#2)"):  # fmt: skip
            assert reason in text, f"{runner}\n{text}"
    told = {runner: accounts(bdd_server, runner) for runner in RUNNERS}
    assert told["behave"] == told["pytest-bdd"]
    assert told["behave"] == told["cucumber-js"]
    assert [(each["status"], kinds(each)) for each in told["behave"]] == [
        ("passed", ["unmatched"]), ("passed", ["overrun"]), ("failed", []),
        ("passed", ["unmet"]), ("passed", ["unmatched"]), ("passed", []),
    ]  # fmt: skip


def ran(
    folder: Path, server: MockServer, features: str, mode: str
) -> dict[str, tuple[int, str]]:  # fmt: skip
    """Run ``features`` under each runner and return the worst exit code and what was said."""
    done: dict[str, tuple[int, str]] = {}
    started = []
    for runner in RUNNERS:
        for command in commands(folder, runner, features, mode):
            started.append((runner, _start(command, server)))
            if mode == "serial":
                _collect(done, started)
    _collect(done, started)
    return done


def commands(folder: Path, runner: str, features: str, mode: str) -> list[Command]:
    """Return what runs ``features``; behave, which has no workers, is started for each file."""
    is_parallel, bdd = mode == "parallel", folder / "bdd"
    if runner == "behave":
        paths = [f"{features}/{path.name}" for path in sorted((bdd / features).iterdir())]
        apart = [[path] for path in paths] if is_parallel else [[features]]
        return [(bdd, [sys.executable, "-m", "behave", "--no-color", *each], {}) for each in apart]
    if runner == "pytest-bdd":
        words = [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", "-p", "pymockapi",
                 "-p", "pytest_bdd.plugin", f"{_MODULES[features]}.py"]  # fmt: skip
        words += ["-p", "xdist.plugin", "-n", "2"] if is_parallel else []
        above = os.pathsep.join(filter(None, (str(PYTEST_BDD), os.environ.get("PYTHONPATH"))))
        return [(bdd, words, {"PYTHONPATH": above, "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"})]
    words = ["node", "node_modules/@cucumber/cucumber/bin/cucumber.js", f"../bdd/{features}"]
    return [(folder / "cucumber-js", words + (["--parallel", "2"] if is_parallel else []), {})]


_MODULES: Final = {"features": "test_features", "red": "red_features"}


def _start(command: Command, server: MockServer) -> subprocess.Popen[str]:
    folder, words, variables = command
    kept = {name: value for name, value in environment(PYMOCKAPI_URL=server.url).items()
            if not name.startswith("PYTEST_")}  # fmt: skip
    return subprocess.Popen(
        words, cwd=folder, env={**kept, **variables}, stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT, encoding="utf-8",
    )  # fmt: skip


def _collect(
    done: dict[str, tuple[int, str]], started: list[tuple[str, subprocess.Popen[str]]]
) -> None:
    while started:
        runner, process = started.pop(0)
        text, _ = process.communicate(timeout=100)
        code, before = done.get(runner, (0, ""))
        done[runner] = max(code, process.returncode), before + text


def accounts(server: MockServer, runner: str) -> list[Any]:
    """Return what each scenario of ``runner`` has left, without names, ids and times; in one order."""
    found = [account(each) for each in server.finished(f"runner={runner}")]
    return sorted(found, key=lambda each: (each["feature"], each["scenario"], str(each)))


def account(namespace: Namespace) -> dict[str, Any]:
    bundle = namespace.export()
    told, applied = bundle["verdict"], bundle["applied"]
    return {
        "feature": bundle["labels"]["feature"],
        "scenario": bundle["labels"]["scenario"].partition(" -- @")[0],  # behave names the example
        "status": bundle["finished"]["status"],
        "verdict": {**told, "problems": _plain(told["problems"]), "report": _plain(told["report"])},
        "expectations": bundle["expectations"],
        "tags": sorted(applied["tags"]),
        "applied": {key: applied[key] for key in ("layers", "rows", "sets", "overridden")},
        "state": bundle["state"],
        "requests": [
            (each["number"], each["method"], each["path"], each["response"]["status"],
             each["stub"], each["step"], each["selector"])
            for each in bundle["requests"]
        ],
        "verified": [(each["passed"], _plain(each["report"])) for each in bundle["verifications"]],
        "late": bundle["late_total"],
    }  # fmt: skip


def _plain(value: Any) -> Any:
    """Return ``value`` with one name for every namespace."""
    return NAMED.sub("amespace", value) if isinstance(value, str) else _plain_items(value)


def _plain_items(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _plain(each) for key, each in value.items()}
    return [_plain(each) for each in value] if isinstance(value, list) else value


def kinds(told: Any) -> list[str]:
    return [problem["kind"] for problem in told["verdict"]["problems"]]


def test_the_feature_files_and_the_table_fit() -> None:
    words = ["check", str(BDD / "mocks.yaml"), "--features", str(BDD), "--strict"]
    done = subprocess.run(
        [sys.executable, "-m", "pymockapi", *words], capture_output=True, encoding="utf-8",
        check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout
