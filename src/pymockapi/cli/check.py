"""``pymockapi check FILES``: every error, warning and note on config files, with its place.

With ``--features`` on feature files, too: what their tags and the config have of each other.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Sequence
from dataclasses import dataclass, field

from pymockapi.config.feature_checks import feature_errors, feature_flaws
from pymockapi.config.feature_files import Features, read_features
from pymockapi.config.flaws import UNUSED_SET, ConfigError, Located
from pymockapi.config.lint import lint
from pymockapi.config.validate import Loaded, load_by
from pymockapi.engine.configuration import Configuration
from pymockapi.engine.project import read_configuration
from pymockapi.model.errors import MAX_FINDINGS


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("files", nargs="+", metavar="FILE", help="config files, merged in order")
    parser.add_argument("--format", choices=("text", "json"), default="text",
                        help="how to report (default: text)")  # fmt: skip
    parser.add_argument("--features", action="append", default=[], metavar="PATH",
                        help="feature files whose tags are compared with the config: a file, a"
                        " folder or a pattern; may be repeated")  # fmt: skip
    parser.add_argument("--strict", action="store_true", help="exit with 1 for warnings, too")


@dataclass
class Report:
    """What is to be told; ``count`` are all errors, of which only the first may be listed."""

    files: Sequence[str]
    errors: list[Located] = field(default_factory=list)
    warnings: list[Located] = field(default_factory=list)
    notes: list[Located] = field(default_factory=list)
    count: int = 0
    features: Features | None = None


def run(options: argparse.Namespace) -> int:
    report = Report(options.files)
    try:
        loaded = load_by(read_configuration, options.files, lint)
    except ConfigError as error:
        report.errors, report.count = list(error.findings), error.count
    else:
        report.warnings, report.notes = list(loaded.warnings), list(loaded.notes)
        if options.features:
            _check_features(report, loaded, options.features)
    if options.format == "json":
        print(json.dumps(_as_json(report), indent=2))
    else:
        print("\n".join(_as_text(report)))
    return 1 if report.errors or (options.strict and report.warnings) else 0


def _check_features(report: Report, loaded: Loaded[Configuration], paths: Sequence[str]) -> None:
    """Add what feature files show; they tell better than the config alone which sets are unused."""
    features = report.features = read_features(paths)
    found = [*features.errors, *feature_errors(features, loaded.configuration)]
    report.errors, report.count = found[:MAX_FINDINGS], len(found)
    if features.errors:
        return
    report.notes = [note for note in report.notes if note.code != UNUSED_SET]
    for flaw in feature_flaws(features, loaded):
        (report.notes if flaw.is_note else report.warnings).append(flaw)


def _as_json(report: Report) -> dict[str, object]:
    document: dict[str, object] = {
        "ok": not report.errors,
        "files": list(report.files),
        "count": report.count,
        "errors": [error.to_json() for error in report.errors],
        "warnings": [warning.to_json() for warning in report.warnings],
        "notes": [note.to_json() for note in report.notes],
    }
    if report.features is None:
        return document
    scenarios = len(report.features.scenarios)
    return {**document, "features": {"files": report.features.files, "scenarios": scenarios}}


def _as_text(report: Report) -> list[str]:
    lines = [str(error) for error in report.errors]
    lines += [f"{warning} (warning: {warning.code})" for warning in report.warnings]
    lines += [f"{note} (note: {note.code})" for note in report.notes]
    if report.features is not None:
        read = f"{_counted(len(report.features.scenarios), 'scenario')} in"
        lines.append(f"{read} {_counted(len(report.features.files), 'feature file')}")
    if report.count:
        listed = len(report.errors)
        shown = f"; the first {listed} are shown" if report.count > listed else ""
        return [*lines, f"{_counted(report.count, 'error')}{shown}"]
    counted = {"warning": len(report.warnings), "note": len(report.notes)}
    told = [_counted(number, what) for what, number in counted.items() if number]
    return [*lines, ", ".join(["no errors", *told])]


def _counted(number: int, what: str) -> str:
    return f"{number} {what}{'' if number == 1 else 's'}"
