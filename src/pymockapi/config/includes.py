"""From the names on a command line to every config file that belongs to them, in order.

What a file includes comes before it, in the order of its list; each file is read once, where it
is reached first. Included files stay below the folder of the first file.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from pymockapi.config.files import SourceFile, read_file
from pymockapi.config.flaws import Located
from pymockapi.config.globs import MAX_FOLDERS, Expansion, expand, is_pattern, listed
from pymockapi.model.reader import kind_of
from pymockapi.service.folder import NO_PLAIN_FILE, Folder, NoSuchFile

EMPTY_INCLUDE: Final = "empty-include"
MAX_INCLUDED: Final = 1_000  # files of one config
NOTHING_IN_IT: Final = "has no file that ends in .yaml, .yml or .json"
MAX_NESTED: Final = 50  # files that include each other in one line


class Gathered:
    """The files of one config.

    ``sources`` are in the order in which they merge, ``folder`` is that of the first. What
    includes got wrong is in ``errors``, what they hardly meant in ``warnings``. ``looked_at``
    are files and folders that decided what is here: a change of any may change the config.
    """

    def __init__(self, names: Sequence[str | Path]) -> None:
        self.sources: list[SourceFile] = []
        self.errors: list[Located] = []
        self.warnings: list[Located] = []
        self.looked_at: dict[Path, None] = {}
        self._order: dict[str, int] = {}
        self._reached: set[Path] = set()
        self._open: list[tuple[Path, str]] = []
        self._is_full = False
        tops = [path for name in names for path in self._named(str(name))]
        self.folder = Folder(Path(tops[0]).parent) if tops else None
        for path in tops:
            if Path(os.path.realpath(path)) not in self._reached:
                self._take(path)

    def position(self, file: str) -> int:
        """Return where the file comes in the order in which files were opened."""
        return self._order.get(file, 0)

    def _named(self, name: str) -> list[str]:
        """Return the files that a name on the command line means."""
        path = Path(name)
        if os.path.isdir(name):
            return self._all(name, listed(path), path, NOTHING_IN_IT)
        if is_pattern(name) and not os.path.exists(name):
            anchor = Path(path.anchor) if path.anchor else Path()
            pattern = name[len(path.anchor) :]
            return self._all(name, expand(anchor, pattern), anchor, "matches no file")
        return [name]

    def _all(self, name: str, found: Expansion, start: Path, refusal: str) -> list[str]:
        self._look_into(found)
        if found.is_cut:
            refusal = f"looks into more than {MAX_FOLDERS:,} folders"
        if found.is_cut or not found.names:
            self.errors.append(Located(name, 0, 0, "", refusal))
        return [str(start / each) for each in found.names]

    def _look_into(self, found: Expansion) -> None:
        self.looked_at.update(dict.fromkeys(_absolute(each) for each in found.folders))

    def _take(self, path: str) -> None:
        """Read a file, then all that it includes, and put it after them."""
        real = Path(os.path.realpath(path))
        self._reached.add(real)
        self._order[path] = len(self._order)
        self.looked_at[_absolute(path)] = None
        source = read_file(path)
        self._open.append((real, path))
        if isinstance(source.value, dict) and "include" in source.value:
            self._include(source, source.value["include"], Path(path).parent)
        self._open.pop()
        self.sources.append(source)

    def _include(self, source: SourceFile, names: object, start: Path) -> None:
        if not isinstance(names, list):
            self._refuse(source, (), f"expected a list of files or patterns, got {kind_of(names)}")
            return
        for place, name in enumerate(names):
            parts = (str(place),)
            if not isinstance(name, str):
                self._refuse(source, parts, f"expected a file or a pattern, got {kind_of(name)}")
                continue
            try:
                self._one(source, parts, name, start)
            except NoSuchFile as error:
                self._refuse(source, parts, str(error))

    def _one(self, source: SourceFile, parts: tuple[str, ...], name: str, start: Path) -> None:
        """Include what one item of the list means. Raises ``NoSuchFile``."""
        assert self.folder is not None, "a file includes it"
        real = self.folder.resolve(name, start)
        if is_pattern(name) and not os.path.exists(real):
            self._each(source, parts, name, start, expand(start, name))
        elif os.path.isdir(real):
            self._each(source, parts, name, start / name, listed(start / name))
        elif real in (opened := [each for each, _ in self._open]):
            circle = [path for _, path in self._open[opened.index(real) :]]
            told = " -> ".join([*circle, circle[0]])
            raise NoSuchFile(f"files include each other in a circle: {told}")
        elif real not in self._reached:
            self._below(os.path.join(start, name), name, real)

    def _each(self, source: SourceFile, parts: tuple[str, ...], name: str, start: Path,
              found: Expansion) -> None:  # fmt: skip
        """Include what a pattern or a folder holds, save what is reached already."""
        assert self.folder is not None, "a file includes it"
        self._look_into(found)
        if found.is_cut:
            raise NoSuchFile(f"'{name}' looks into more than {MAX_FOLDERS:,} folders")
        if not found.names:
            told = f"'{name}' matches no file"
            self.warnings.append(_located(source, parts, told, EMPTY_INCLUDE))
        for each in found.names:
            real = self.folder.resolve(each, start)
            if real not in self._reached:
                self._below(os.path.join(start, each), each, real)

    def _below(self, path: str, name: str, real: Path) -> None:
        self.looked_at[_absolute(path)] = None
        if not os.path.isfile(real):
            if os.path.exists(real):
                raise NoSuchFile(f"'{name}' is {NO_PLAIN_FILE}")
            raise NoSuchFile(f"there is no file '{name}' in {_absolute(path).parent}")
        if len(self._order) >= MAX_INCLUDED:
            if self._is_full:
                return
            self._is_full = True
            raise NoSuchFile(f"a config has at most {MAX_INCLUDED:,} files")
        if len(self._open) >= MAX_NESTED:
            raise NoSuchFile(f"files include each other more than {MAX_NESTED} deep")
        self._take(str(Path(path)))

    def _refuse(self, source: SourceFile, parts: tuple[str, ...], message: str) -> None:
        self.errors.append(_located(source, parts, message))


def _absolute(path: str | Path) -> Path:
    """Return where it is said to be: links stay, so that one that leads elsewhere is a change."""
    return Path(path).absolute()


def _located(
    source: SourceFile, parts: tuple[str, ...], message: str, code: str | None = None
) -> Located:
    pointer = "".join(f"/{part}" for part in ("include", *parts))
    return source.located(("include", *parts), pointer, message, code)
