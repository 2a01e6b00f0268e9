"""``pymockapi check FILES``: every error and warning in config files, with its place."""

from __future__ import annotations

import argparse
import json
from collections.abc import Sequence

from pymockapi.config.flaws import ConfigError, Located
from pymockapi.config.load import load_with_warnings


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("files", nargs="+", metavar="FILE", help="config files, merged in order")
    parser.add_argument("--format", choices=("text", "json"), default="text",
                        help="how to report (default: text)")  # fmt: skip


def run(options: argparse.Namespace) -> int:
    errors: Sequence[Located] = ()
    warnings: Sequence[Located] = ()
    count = 0
    try:
        warnings = load_with_warnings(options.files).warnings
    except ConfigError as error:
        errors, count = error.findings, error.count
    if options.format == "json":
        print(json.dumps(_as_json(options.files, errors, count, warnings), indent=2))
    else:
        print("\n".join(_as_text(errors, count, warnings)))
    return 1 if errors else 0


def _as_json(
    files: Sequence[str], errors: Sequence[Located], count: int, warnings: Sequence[Located]
) -> dict[str, object]:
    return {
        "ok": not errors,
        "files": list(files),
        "count": count,
        "errors": [error.to_json() for error in errors],
        "warnings": [warning.to_json() for warning in warnings],
    }


def _as_text(errors: Sequence[Located], count: int, warnings: Sequence[Located]) -> list[str]:
    lines = [str(error) for error in errors]
    lines += [f"{warning} (warning)" for warning in warnings]
    if count:
        shown = f"; the first {len(errors)} are shown" if count > len(errors) else ""
        return [*lines, f"{count} error{'s' if count > 1 else ''}{shown}"]
    return [*lines, "no errors"]
