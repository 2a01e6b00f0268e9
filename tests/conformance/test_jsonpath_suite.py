"""The public JSONPath Compliance Test Suite, one test for each of its files.

``tests/conformance/fetch.py`` brings it. One thing is refused that the suite has: an expression of
``match()`` or ``search()`` that is no string literal, since it is compiled when it is defined.
"""

from __future__ import annotations

import json
from typing import Final

import pytest
from tests.conformance.fetch import JSONPATH
from tests.engine.requests import context_of

from pymockapi.engine.expressions.jsonpath_reading import read_jsonpath
from pymockapi.model.reader import Findings

FILES: Final = """
    basic filter index_selector name_selector slice_selector
    functions/count functions/length functions/match functions/search functions/value
    whitespace/filter whitespace/functions whitespace/operators whitespace/selectors
    whitespace/slice
"""
needs_suite = pytest.mark.skipif(
    not JSONPATH.is_dir(), reason="the suite is not there: python tests/conformance/fetch.py"
)


@needs_suite
@pytest.mark.parametrize("name", FILES.split())
def test_paths_do_what_the_suite_says(name: str) -> None:
    wrong = []
    text = (JSONPATH / f"{name}.json").read_text(encoding="utf-8")
    for case in json.loads(text)["tests"]:
        found = Findings()
        path = read_jsonpath(case["selector"], "", found)
        if found.items:
            is_ours = "must be a string literal" in found.items[0].message
            if not (case.get("invalid_selector") or is_ours):
                wrong.append(case["name"])
            continue
        expected = case.get("results", [case.get("result")])
        if path.values(case["document"], context_of()) not in expected:
            wrong.append(case["name"])
    assert wrong == []


@needs_suite
def test_no_file_is_forgotten() -> None:
    there = {
        path.relative_to(JSONPATH).with_suffix("").as_posix() for path in JSONPATH.rglob("*.json")
    }
    assert there == set(FILES.split())
