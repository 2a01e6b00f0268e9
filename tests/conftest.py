"""What holds for every test: the JSON report names no path of the machine it was made on.

The assertions of the store's contract are explained as those of a test module.
"""

from __future__ import annotations

from typing import Any

import pytest

pytest.register_assert_rewrite("tests.store.contract", "tests.store.worlds")


@pytest.hookimpl(optionalhook=True)
def pytest_json_modifyreport(json_report: dict[str, Any]) -> None:
    """Keep results and durations; leave out where, and on what, they were made."""
    json_report["root"] = "."
    json_report["environment"] = {}
    json_report.pop("collectors", None)
    for test in json_report.get("tests", ()):
        test.pop("keywords", None)
        if test["outcome"] == "passed":  # what it logged and printed has paths of this machine
            for stage in ("setup", "call", "teardown"):
                for said in ("log", "stdout", "stderr"):
                    test.get(stage, {}).pop(said, None)
