"""From file names to whatever a reader makes of them, or to every error in every file at once."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from itertools import chain
from pathlib import Path
from typing import Generic, TypeVar

from pymockapi.config.flaws import ConfigError, Locate, Located
from pymockapi.config.includes import Gathered
from pymockapi.config.merge import Merged
from pymockapi.config.warnings import Warned, find_warnings
from pymockapi.model.errors import MAX_FINDINGS
from pymockapi.model.files import no_files
from pymockapi.model.reader import Findings
from pymockapi.model.stub import Json
from pymockapi.service.body_files import BodyFiles

T = TypeVar("T")
Paths = Sequence[str | Path]


@dataclass(frozen=True, slots=True)
class Loaded(Generic[T]):
    """What files without errors say: ``document`` all together, ``configuration`` as read.

    ``warnings`` never keep them from being used, nor do ``notes``, which tell what is as likely
    meant. ``files`` are those that were read, in the order
    in which they merge, named as the user or an ``include`` did. ``looked_at`` are the files and
    folders that decided what is in it, absolute, links as they stand: a change of any, or of what
    it leads to, may change it.
    ``folder`` is that of the first file, ``None`` without files. ``locate`` places what turns out
    to be wrong later, as a port that another program uses.
    """

    configuration: T
    document: dict[str, Json]
    warnings: tuple[Located, ...]
    notes: tuple[Located, ...]
    files: tuple[str, ...]
    looked_at: tuple[Path, ...]
    folder: Path | None
    locate: Locate


def load_by(
    read: Callable[[Json, Findings], T],
    paths: Paths,
    lint: Callable[[T], Iterable[Warned]] = lambda _: (),
) -> Loaded[T]:
    """Have ``read`` make a configuration of the merged document of all files.

    ``lint`` finds the warnings and notes that only what was read shows. ``paths`` are files,
    folders and patterns; no files are an empty document. Raises ``ConfigError``.
    """
    gathered = Gathered(paths)
    sources = gathered.sources
    merged = Merged([source for source in sources if source.is_readable])
    files = None if gathered.folder is None else BodyFiles(gathered.folder)
    found = Findings(no_files if files is None else files)
    configuration = read(merged.document, found)
    located = [flaw for source in sources for flaw in source.located_flaws()[:MAX_FINDINGS]]
    located += gathered.errors + merged.findings
    located += [merged.locate(finding.pointer, finding.message) for finding in found.items]
    looked_at = (*gathered.looked_at, *(() if files is None else files.paths))
    if located:
        told = found.count + len(gathered.errors) + len(merged.findings)
        told += sum(len(source.flaws) for source in sources)
        raise ConfigError(_in_order(located, gathered), told, looked_at)
    told_of = gathered.warnings + [
        merged.locate(item.pointer, item.message, item.code)
        for item in chain(find_warnings(merged.document), lint(configuration))
    ]
    in_order = _in_order(told_of, gathered)
    return Loaded(
        configuration,
        merged.document,
        tuple(each for each in in_order if not each.is_note),
        tuple(each for each in in_order if each.is_note),
        tuple(source.name for source in sources),
        looked_at,
        None if gathered.folder is None else gathered.folder.root,
        merged.locate,
    )


def _in_order(located: Sequence[Located], gathered: Gathered) -> list[Located]:
    return sorted(located, key=lambda item: (gathered.position(item.file), item.line, item.column))
