"""Runs a test command under coverage and says what is missing: ``coverage_gates.py pytest -n 2``.

Every process that the command starts is measured, workers and servers too. It fails when lines and
branches together are covered less than ``OVERALL`` percent, or what must not be wrong anywhere is
not covered whole. Tests that assert time limits skip themselves: measuring slows what they measure.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from fnmatch import fnmatch
from pathlib import Path
from typing import Any, Final

OVERALL: Final = 95.0
WHOLE: Final = (
    "store/*.py",
    "engine/claims.py",
    "engine/sequences.py",
    "engine/state.py",
    "engine/set_users.py",
    "engine/tagging/*.py",
    "engine/selectors.py",
    "engine/verifying/verdict.py",
    "integrations/pytest_worlds.py",
    "integrations/world.py",
    "server/ports.py",
    "server/routing.py",
    "service/configs.py",
    "service/feed.py",
    "service/feed_queries.py",
    "service/feeds.py",
    "service/loaded.py",
    "service/namespace_specs.py",
    "service/namespaces.py",
    "service/searches.py",
    "service/subscriptions.py",
    "service/tags.py",
    "service/told_events.py",
    "service/verdicts.py",
    "service/watches.py",
)
ROOT: Final = Path(__file__).resolve().parent.parent
CONFIG: Final = """
[run]
source_pkgs = pymockapi
branch = true
parallel = true
disable_warnings = no-data-collected,module-not-imported
sigterm = true
data_file = {folder}/data
[report]
exclude_also =
    if TYPE_CHECKING:
    assert_never\\(
    ^\\s*\\.\\.\\.$
"""


def measure(folder: Path, command: list[str]) -> tuple[int, dict[str, Any]]:
    """Run the command; return its exit code and coverage's report as JSON."""
    config = folder / "coverage.ini"
    config.write_text(CONFIG.format(folder=folder), encoding="utf-8")
    environment = {
        **os.environ,
        "COVERAGE_PROCESS_START": str(config),
    }  # coverage's own .pth reads it
    code = subprocess.run(command, cwd=ROOT, env=environment, check=False).returncode
    report = folder / "report.json"
    _coverage("combine", config, "--quiet")
    _coverage("json", config, "--quiet", "-o", str(report))
    found: dict[str, Any] = json.loads(report.read_text(encoding="utf-8"))
    return code, found


def _coverage(command: str, config: Path, *arguments: str) -> None:
    line = [sys.executable, "-m", "coverage", command, f"--rcfile={config}", *arguments]
    subprocess.run(line, cwd=ROOT, check=False)


def must_be_whole(file: str) -> bool:
    return any(fnmatch(file, f"*pymockapi/{pattern}") for pattern in WHOLE)


def missing(found: dict[str, Any]) -> Iterator[str]:
    """Yield a line for each file that is not covered whole, the least covered first."""
    files = sorted(
        found["files"].items(), key=lambda item: float(item[1]["summary"]["percent_covered"])
    )
    for file, each in files:
        percent = each["summary"]["percent_covered"]
        if percent < 100:
            lines = ", ".join(map(str, each["missing_lines"]))
            branches = ", ".join(f"{start}->{end}" for start, end in each["missing_branches"])
            mark = "!" if must_be_whole(file) else " "
            yield f"{mark} {percent:6.2f} %  {file}  lines: {lines or '-'}  branches: {branches or '-'}"


def failures(found: dict[str, Any]) -> Iterator[str]:
    overall = found["totals"]["percent_covered"]
    if overall < OVERALL:
        yield f"{overall:.2f} % of lines and branches are covered, less than {OVERALL:g} %"
    for file, each in found["files"].items():
        if must_be_whole(file) and each["summary"]["percent_covered"] < 100:
            yield f"{file} is covered {each['summary']['percent_covered']:.2f} %, not whole"


def main(arguments: list[str]) -> int:
    with tempfile.TemporaryDirectory() as folder:
        code, found = measure(Path(folder), arguments)
    print("\n".join(missing(found)))
    print(f"{found['totals']['percent_covered']:.2f} % of lines and branches are covered")
    failed = list(failures(found))
    if code:
        failed.insert(0, f"the tests ended with exit code {code}")
    print("\n".join(failed) or "every gate holds")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
