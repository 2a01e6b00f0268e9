"""From file names to whatever a reader makes of them, or to every error in every file at once."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Generic, TypeVar

from pymockapi.config.files import read_file
from pymockapi.config.flaws import ConfigError, Located
from pymockapi.config.merge import Merged
from pymockapi.config.warnings import find_warnings
from pymockapi.model.errors import MAX_FINDINGS
from pymockapi.model.reader import Findings
from pymockapi.model.stub import Json

T = TypeVar("T")
Paths = Sequence[str | Path]


@dataclass(frozen=True, slots=True)
class Loaded(Generic[T]):
    """What files without errors say. ``warnings`` never keep them from being used."""

    configuration: T
    warnings: tuple[Located, ...]


def load_by(read: Callable[[Json, Findings], T], paths: Paths) -> Loaded[T]:
    """Have ``read`` make a configuration of the merged document of all files.

    No files are an empty document. Raises ``ConfigError``.
    """
    sources = [read_file(path) for path in paths]
    merged = Merged([source for source in sources if source.is_readable])
    found = Findings()
    configuration = read(merged.document, found)
    located = [flaw for source in sources for flaw in source.located_flaws()[:MAX_FINDINGS]]
    located += merged.findings
    located += [merged.locate(finding.pointer, finding.message) for finding in found.items]
    if located:
        told = found.count + len(merged.findings) + sum(len(source.flaws) for source in sources)
        raise ConfigError(_in_order(located, paths), told)
    warnings = [
        merged.locate(item.pointer, item.message) for item in find_warnings(merged.document)
    ]
    return Loaded(configuration, tuple(_in_order(warnings, paths)))


def _in_order(located: Sequence[Located], paths: Paths) -> list[Located]:
    files = {str(path): position for position, path in reversed(list(enumerate(paths)))}
    return sorted(located, key=lambda item: (files.get(item.file, 0), item.line, item.column))
