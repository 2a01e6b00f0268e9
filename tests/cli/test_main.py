"""The command finds its commands, and says what is wrong with its usage."""

from __future__ import annotations

import json
import os
import subprocess
import sys

import pytest

from pymockapi import __version__
from pymockapi.cli import COMMANDS, main


def test_version_is_printed(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--version"]) == 0
    assert capsys.readouterr().out == f"pymockapi {__version__}\n"


def test_help_lists_every_command(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--help"]) == 0
    said = capsys.readouterr().out
    assert all(f"    {name} " in said for name in COMMANDS)


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_has_help(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main([name, "--help"]) == 0
    assert f"pymockapi {name}" in capsys.readouterr().out


@pytest.mark.parametrize(
    "arguments", [[], ["srve"], ["serve", "--prot", "1"], ["check"], ["schema", "x"]]
)
def test_wrong_usage_exits_with_2(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert main(arguments) == 2
    assert "usage: pymockapi" in capsys.readouterr().err


def test_it_runs_as_a_module() -> None:
    command = [sys.executable, "-m", "pymockapi", "--version"]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    assert done.stdout == f"pymockapi {__version__}\n"


@pytest.mark.parametrize("arguments", [["--version"], ["schema"], ["check", "none.yaml"]])
def test_no_command_but_serve_imports_the_server(arguments: list[str]) -> None:
    code = (
        f"import sys; from pymockapi.cli import main; main({arguments!r});"
        "print(sorted({'asyncio', 'pymockapi.server'} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.splitlines()[-1] == "[]"


def test_schema_prints_the_json_schema_of_config_files(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["schema"]) == 0
    assert json.loads(capsys.readouterr().out)["title"] == "PyMockAPI config file"


def test_openapi_prints_the_document(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["openapi"]) == 0
    assert json.loads(capsys.readouterr().out)["openapi"] == "3.1.0"


@pytest.mark.parametrize("arguments", [["schema"], ["openapi"], ["check", "none.yaml"]])
def test_who_stops_reading_the_output_ends_the_command_quietly(arguments: list[str]) -> None:
    reading, writing = os.pipe()
    os.close(reading)
    command = [sys.executable, "-m", "pymockapi", *arguments]
    with os.fdopen(writing, "wb") as output:
        done = subprocess.run(command, stdout=output, stderr=subprocess.PIPE, check=False)
    assert (done.returncode, done.stderr) == (141, b"")
