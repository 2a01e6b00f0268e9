"""Which files a pattern means: ``*``, ``?`` and ``[...]`` in one component, ``**`` over folders.

Sorted by path, the same on every platform. As in shells, nothing that begins with a dot is
meant unless the pattern says the dot; ``**`` follows no links.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from fnmatch import translate
from pathlib import Path
from typing import Final

SUFFIXES: Final = (".yaml", ".yml", ".json")
MAX_FOLDERS: Final = 10_000  # looked into for one pattern


@dataclass
class Expansion:
    """``names`` are relative to where the pattern started; ``folders`` were looked into, or for."""

    names: list[str] = field(default_factory=list)
    folders: dict[Path, None] = field(default_factory=dict)
    is_cut: bool = False


def is_pattern(name: str) -> bool:
    return any(mark in name for mark in "*?[")


def expand(start: Path, pattern: str) -> Expansion:
    """Return the files below ``start`` that ``pattern`` means."""
    found = Expansion()
    parts = [part for part in pattern.replace(os.sep, "/").split("/") if part not in ("", ".")]
    names = set(_walk(start, "", parts, found))
    found.names = sorted(names, key=lambda name: name.split("/"))
    return found


def listed(folder: Path) -> Expansion:
    """Return the config files that stand directly in ``folder``."""
    found = Expansion(folders={folder: None})
    found.names = sorted(
        entry.name
        for entry in _entries(folder)
        if not entry.name.startswith(".") and entry.name.lower().endswith(SUFFIXES)
        and entry.is_file()
    )  # fmt: skip
    return found


def _walk(start: Path, at: str, parts: list[str], found: Expansion) -> Iterator[str]:
    part, rest = parts[0], parts[1:]
    if part == "**":
        yield from _below(start, at, rest or ["*"], found)
        return
    if not is_pattern(part):
        there = start / at / part
        if rest and not os.path.isdir(there):
            found.folders[there] = None
        elif rest:
            yield from _walk(start, f"{at}{part}/", rest, found)
        elif os.path.isfile(there):
            yield at + part
        return
    if len(found.folders) >= MAX_FOLDERS:
        found.is_cut = True
        return
    folder = start / at
    found.folders[folder] = None
    fits = re.compile(translate(part)).match
    for entry in _entries(folder):
        if not fits(entry.name) or (entry.name.startswith(".") and not part.startswith(".")):
            continue
        if rest and entry.is_dir():
            yield from _walk(start, f"{at}{entry.name}/", rest, found)
        elif not rest and entry.is_file():
            yield at + entry.name


def _below(start: Path, at: str, rest: list[str], found: Expansion) -> Iterator[str]:
    """Yield what ``rest`` means in ``at`` and in every folder below it."""
    waiting = [at]
    while waiting and not found.is_cut:
        here = waiting.pop()
        yield from _walk(start, here, rest, found)
        if len(found.folders) >= MAX_FOLDERS:
            found.is_cut = True
            return
        found.folders[start / here] = None
        waiting += [
            f"{here}{entry.name}/"
            for entry in _entries(start / here)
            if not entry.name.startswith(".") and entry.is_dir(follow_symlinks=False)
        ]


def _entries(folder: Path) -> list[os.DirEntry[str]]:
    try:
        with os.scandir(folder) as entries:
            return list(entries)
    except OSError:
        return []
