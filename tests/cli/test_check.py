"""``pymockapi check`` reports every error with its place, for people and for programs."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from pymockapi.cli import main

GOOD = "version: 1\nstubs:\n- request: {path: /a}\n  response: {status: 201}\n"
BAD = "version: 1\nstubs:\n- request:\n    metod: GET\n  response: {status: 9999}\n"
ODD = "version: 1\nstubs:\n- response: {status: 204, text: never}\n"


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
    assert said.endswith("(warning)\nno errors\n")


def test_a_missing_file_is_an_error_without_a_line(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["check", "--format=json", str(tmp_path / "none.yaml")]) == 1
    (error,) = json.loads(capsys.readouterr().out)["errors"]
    assert (error["line"], error["column"], error["pointer"]) == (None, None, "")
