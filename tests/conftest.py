"""What holds for every test: the JSON report names no path of the machine it was made on.

The assertions of the store's contract are explained as those of a test module.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any, Final

import pytest

ROOT: Final = Path(__file__).resolve().parent.parent

pytest.register_assert_rewrite("tests.store.contract", "tests.store.worlds")


@pytest.hookimpl(optionalhook=True)
def pytest_json_modifyreport(json_report: dict[str, Any]) -> None:
    """Keep results and durations; leave out where, and on what, they were made."""
    json_report["root"] = "."
    json_report["environment"] = {}
    json_report.pop("collectors", None)
    for test in json_report.get("tests", ()):
        test.pop("keywords", None)
        for stage in (test.get(name, {}) for name in ("setup", "call", "teardown")):
            if "longrepr" in stage:
                stage["longrepr"] = stage["longrepr"].replace(f"{ROOT}/", "")
            if test["outcome"] == "passed":  # what it logged and printed has paths of this machine
                for said in ("log", "stdout", "stderr"):
                    stage.pop(said, None)
