"""``pymockapi check`` reports every error with its place, for people and for programs."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from pymockapi.cli import main

GOOD = "version: 1\nstubs:\n- request: {path: /a}\n  response: {status: 201}\n"
BAD = "version: 1\nstubs:\n- request:\n    metod: GET\n  response: {status: 9999}\n"
ODD = "version: 1\nstubs:\n- response: {status: 204, text: never}\n"
UNUSED = "version: 1\nsets:\n  slow: {}\n  fast: {}\n"


def check(tmp_path: Path, text: str, *options: str) -> int:
    (tmp_path / "mocks.yaml").write_text(text)
    return main(["check", *options, str(tmp_path / "mocks.yaml")])


def test_a_good_file_exits_with_0(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert check(tmp_path, GOOD) == 0
    assert capsys.readouterr().out == "no errors\n"


def test_errors_are_listed_and_exit_with_1(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert check(tmp_path, BAD) == 1
    first, second, last = capsys.readouterr().out.splitlines()
    assert first == (
        f"{tmp_path}/mocks.yaml:4:5: /stubs/0/request/metod: unknown key 'metod';"
        " did you mean 'method'?"
    )
    assert second.startswith(f"{tmp_path}/mocks.yaml:5:14: /stubs/0/response/status: expected")
    assert last == "2 errors"


def test_json_has_the_same_for_programs(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert check(tmp_path, BAD, "--format", "json") == 1
    report = json.loads(capsys.readouterr().out)
    assert (report["ok"], report["count"], report["warnings"]) == (False, 2, [])
    assert report["errors"][0] == {
        "file": f"{tmp_path}/mocks.yaml", "line": 4, "column": 5,
        "pointer": "/stubs/0/request/metod",
        "message": "unknown key 'metod'; did you mean 'method'?",
    }  # fmt: skip


def test_a_warning_is_told_and_exits_with_0(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert check(tmp_path, ODD) == 0
    said = capsys.readouterr().out
    assert "mocks.yaml:3:27: /stubs/0/response/text: an answer with status 204" in said
    assert said.endswith("(warning: unsent-body)\nno errors, 1 warning\n")


def test_a_missing_file_is_an_error_without_a_line(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["check", "--format=json", str(tmp_path / "none.yaml")]) == 1
    (error,) = json.loads(capsys.readouterr().out)["errors"]
    assert (error["line"], error["column"], error["pointer"]) == (None, None, "")


@pytest.mark.parametrize(("text", "code"), [(ODD, 1), (GOOD, 0), (BAD, 1), (UNUSED, 0)])
def test_strict_fails_on_warnings_too_and_not_on_notes(
    tmp_path: Path, text: str, code: int
) -> None:
    assert check(tmp_path, text, "--strict") == code


def test_a_warning_has_its_code_for_programs(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert check(tmp_path, ODD, "--format", "json") == 0
    report = json.loads(capsys.readouterr().out)
    (warning,) = report["warnings"]
    assert (report["ok"], report["notes"]) == (True, [])
    assert (warning["code"], warning["severity"]) == ("unsent-body", "warning")


def test_notes_are_told_after_warnings_and_exit_with_0(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert check(tmp_path, UNUSED + ODD.removeprefix("version: 1\n")) == 0
    warning, slow, fast, last = capsys.readouterr().out.splitlines()
    assert warning.endswith("(warning: unsent-body)")
    assert slow == (
        f"{tmp_path}/mocks.yaml:3:3: /sets/slow: no namespace and no row of 'tags' has the set"
        " 'slow': only a call can ask for it, or the tag @mock.slow (note: unused-set)"
    )
    assert fast.endswith("(note: unused-set)")
    assert last == "no errors, 1 warning, 2 notes"


def test_notes_are_a_list_of_their_own_for_programs(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert check(tmp_path, UNUSED, "--format", "json") == 0
    report = json.loads(capsys.readouterr().out)
    assert (report["ok"], report["warnings"]) == (True, [])
    assert report["notes"][1] == {
        "code": "unused-set", "severity": "note",
        "file": f"{tmp_path}/mocks.yaml", "line": 4, "column": 3, "pointer": "/sets/fast",
        "message": "no namespace and no row of 'tags' has the set 'fast': only a call can ask for it,"
        " or the tag @mock.fast",
    }  # fmt: skip


def test_a_stub_that_never_answers_is_warned_of(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    twice = "version: 1\nstubs:\n- {name: a, request: {path: /}}\n- {name: b, request: {path: /}}\n"
    assert check(tmp_path, twice) == 0
    assert "mocks.yaml:3:3: /stubs/0: 'a' never answers: 'b'" in capsys.readouterr().out
