"""docs/command-line.md tells every command and every option."""

from __future__ import annotations

import argparse
from importlib import import_module
from pathlib import Path

import pytest

from pymockapi.cli import COMMANDS

PAGE = (Path(__file__).parents[2] / "docs" / "command-line.md").read_text(encoding="utf-8")


@pytest.mark.parametrize("name", COMMANDS)
def test_a_command_and_its_options_are_on_the_page(name: str) -> None:
    parser = argparse.ArgumentParser(add_help=False)
    import_module(f"pymockapi.cli.{name}").add_arguments(parser)
    options = [text for action in parser._actions for text in action.option_strings]
    assert f"## `pymockapi {name}" in PAGE
    assert [option for option in options if f"`{option}" not in PAGE] == []
