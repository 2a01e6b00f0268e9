"""The command ``pymockapi``: which commands there are, and what their exit codes mean.

One module for each command; only the one that is asked for is imported, so that starting costs
what is used. A module has ``add_arguments`` and ``run``.
"""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Sequence
from importlib import import_module
from typing import Final, Protocol, cast

from pymockapi import __version__

OK: Final = 0
USAGE: Final = 2  # unknown options and commands, as argparse has it
UNREAD: Final = (
    141  # who read the output has gone; as a shell has it of a program that SIGPIPE ends
)

COMMANDS: Final = {
    "serve": "start a mock server and serve the given config files",
    "run": "run a command with a mock server beside it",
    "health": "tell whether a server takes requests",
    "check": "check config files and report every error with its place",
    "replay": "send the requests of a bundle again, and tell the first answer that is another",
    "schema": "print the JSON Schema of config files",
    "openapi": "print the control API as OpenAPI 3.1",
}
FOLLOWED: Final = frozenset({"run"})
"""Commands that take another one after ``--``."""


class Command(Protocol):
    """What the module of a command holds."""

    def add_arguments(self, parser: argparse.ArgumentParser) -> None: ...

    def run(self, options: argparse.Namespace) -> int:
        """Do it and return the exit code."""
        ...


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command in ``argv`` (``None``: of this process) and return its exit code."""
    try:
        code = _run(argv)
        sys.stdout.flush()
    except BrokenPipeError:  # as with ``| head -1``
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # flushed again at the end
        return UNREAD
    return code


def _run(argv: Sequence[str] | None) -> int:
    arguments = sys.argv[1:] if argv is None else list(argv)
    chosen = next((word for word in arguments if not word.startswith("-")), None)
    arguments, following = _split(arguments) if chosen in FOLLOWED else (arguments, None)
    command = _command(chosen) if chosen in COMMANDS else None
    try:
        options = _parser(chosen, command).parse_args(arguments)
    except SystemExit as stop:  # how argparse ends: after --help, or with a wrong option
        return stop.code if isinstance(stop.code, int) else OK
    options.command = following
    return command.run(options) if command is not None else USAGE


def _split(arguments: list[str]) -> tuple[list[str], list[str] | None]:
    """Return what is for us, and what follows ``--``."""
    if "--" not in arguments:
        return arguments, None
    place = arguments.index("--")
    return arguments[:place], arguments[place + 1 :]


def _command(name: str | None) -> Command:
    return cast(Command, import_module(f"{__name__}.{name}"))


def _parser(chosen: str | None, command: Command | None) -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="pymockapi",
        description="An HTTP mock server that a test controls while it runs.",
        epilog="Exit codes: 0 all is well, 1 errors in files or no server, 2 wrong usage.",
        allow_abbrev=False,
    )
    parser.add_argument("--version", action="version", version=f"pymockapi {__version__}")
    choices = parser.add_subparsers(title="commands", metavar="COMMAND", required=True)
    for name, summary in COMMANDS.items():
        described = _sentence(summary)
        added = choices.add_parser(name, help=summary, description=described, allow_abbrev=False)
        if command is not None and name == chosen:
            command.add_arguments(added)
    return parser


def _sentence(summary: str) -> str:
    return summary[0].upper() + summary[1:] + "."
