"""``pymockapi check --features``: what feature files and a config have of each other."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, Final

import pytest

from pymockapi.cli import main

CONFIG: Final = """version: 1
sets: {down: {}, slow: {}, named: {}, spare: {}}
tags:
  "@outage": {sets: [down]}
  "@slow and not @smoke": {sets: [slow]}
  "@known":
namespaces: {demo: {sets: [named]}}
"""
FEATURE: Final = """@outage
Feature: payments
  Scenario: one
  @smoke @mock.slow
  Scenario: two
"""


def check(folder: Path, feature: str, *options: str, config: str = CONFIG) -> int:
    (folder / "mocks.yaml").write_text(config, encoding="utf-8")
    (folder / "a.feature").write_text(feature, encoding="utf-8")
    return main(["check", f"{folder}/mocks.yaml", "--features", str(folder), *options])


def report(capsys: pytest.CaptureFixture[str]) -> Any:
    return json.loads(capsys.readouterr().out)


def told(found: list[dict[str, Any]]) -> list[tuple[str, int, str]]:
    return [(Path(each["file"]).name, each["line"], each["code"]) for each in found]


def test_what_fits_is_counted(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    config = "version: 1\ntags: {'@outage': {state: {a: 1}}, '@smoke': {state: {b: 1}}}\nsets: {slow: {}}\n"
    assert check(tmp_path, FEATURE, "--strict", config=config) == 0
    assert capsys.readouterr().out == "2 scenarios in 1 feature file\nno errors\n"


def test_rows_and_sets_that_no_scenario_uses_are_told(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert check(tmp_path, FEATURE, "--format", "json") == 0
    found = report(capsys)
    assert told(found["warnings"]) == [
        ("mocks.yaml", 5, "unused-row"),
        ("mocks.yaml", 6, "unused-row"),
    ]
    assert told(found["notes"]) == [("mocks.yaml", 6, "empty-row"), ("mocks.yaml", 2, "unused-set")]
    assert (
        found["notes"][1]["message"]
        == "no scenario and no namespace of the config gets the set 'spare'"
    )
    assert found["warnings"][0]["message"] == (
        "no scenario has tags for which '@slow and not @smoke' holds"
    )
    assert found["features"] == {"files": [f"{tmp_path}/a.feature"], "scenarios": 2}
    assert check(tmp_path, FEATURE, "--strict") == 1


def test_a_row_without_scenarios_and_a_set_with_one_are_told_apart(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    feature = FEATURE + "  @slow @known @mock:spare\n  Scenario: three\n"
    assert check(tmp_path, feature, "--strict") == 0
    assert "no errors, 1 note" in capsys.readouterr().out


def test_tags_that_ask_for_no_set_are_errors_at_each_place(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    feature = FEATURE + "  @mock.dwn\n  Scenario: x\n  @a @mock:dwn @mock.\n  Scenario: y\n"
    assert check(tmp_path, feature) == 1
    lines = capsys.readouterr().out.splitlines()
    assert lines[:3] == [
        f"{tmp_path}/a.feature:6:3: the tag '@mock.dwn' asks for a set that is not there;"
        " did you mean '@mock.down'?",
        f"{tmp_path}/a.feature:8:6: the tag '@mock:dwn' asks for a set that is not there;"
        " did you mean '@mock.down'?",
        f"{tmp_path}/a.feature:8:16: '@mock.' names no set; write '@mock.NAME'",
    ]
    assert lines[-1] == "3 errors"


def test_a_tag_that_no_row_mentions_is_a_note_once_and_a_warning_if_it_is_nearly_one(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    feature = FEATURE + "  @wip @otage @slow @known\n  Scenario: x\n  @wip @on-<n>\n  Scenario: y\n"
    check(tmp_path, feature, "--format", "json")
    found = report(capsys)
    assert told(found["warnings"]) == [("a.feature", 6, "misspelt-tag")]
    assert found["warnings"][0]["message"] == (
        "no row of 'tags' mentions '@otage'; did you mean '@outage'?"
    )
    assert told(found["notes"])[1:] == [
        ("a.feature", 6, "unknown-tag"),
        ("mocks.yaml", 2, "unused-set"),
    ]


def test_a_config_with_errors_is_told_before_any_feature_is_read(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert check(tmp_path, FEATURE, "--format", "json", config="version: 2\n") == 1
    assert "features" not in report(capsys)


def test_features_that_are_not_there_are_an_error(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert check(tmp_path, FEATURE, "--features", "nosuch", "--format", "json") == 1
    found = report(capsys)
    assert [(each["file"], each["line"]) for each in found["errors"]] == [("nosuch", None)]
    assert [each["code"] for each in found["notes"]] == ["unused-set", "empty-row"]


def test_of_many_errors_a_hundred_are_listed(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    feature = "".join(f"@mock.n{n}\nScenario: s\n" for n in range(130))
    assert check(tmp_path, feature) == 1
    assert capsys.readouterr().out.splitlines()[-1] == "130 errors; the first 100 are shown"
