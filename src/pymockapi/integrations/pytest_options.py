"""How pytest is given the options: ini file, command line, environment.

The command line wins over the environment, the environment over the ini file. Every wrong value is
told at once, with where it was given.
"""

from __future__ import annotations

import pytest

from pymockapi.integrations.options import (
    OPTIONS,
    Option,
    Options,
    environment_texts,
    read_texts,
)


def add_options(parser: pytest.Parser) -> None:
    group = parser.getgroup("mock API", "PyMockAPI")
    for option in OPTIONS:
        is_list = option.name == "config"
        if is_list:
            parser.addini(option.ini, option.help, type="paths", default=None)
        else:
            parser.addini(option.ini, option.help, type="string", default=None)
        group.addoption(
            option.flag,
            action="append" if is_list else "store",
            metavar=option.metavar,
            help=f"{option.help} (ini: {option.ini}, environment: {option.variable})",
        )


def read_options(config: pytest.Config) -> Options:
    """Return what is asked for. Raises ``pytest.UsageError`` with every wrong value."""
    wrong: list[str] = []
    values = [read_texts(option, *_given(option, config), wrong) for option in OPTIONS]
    if wrong:
        raise pytest.UsageError("\n".join(wrong))
    return Options(*values)


def _given(option: Option, config: pytest.Config) -> tuple[list[str], str]:
    """Return the texts that count, and where they are from; an empty one says "as shipped"."""
    asked, source = config.getoption(option.flag), option.flag
    if asked is None and (texts := environment_texts(option)):
        return texts, f"environment variable {option.variable}"
    if asked is None:
        asked, source = config.getini(option.ini) or "", f"{option.ini} in {config.inipath}"
    texts = [str(each) for each in asked] if isinstance(asked, list) else [asked]
    return [text for text in texts if text], source
