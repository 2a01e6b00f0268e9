"""The ``file`` bodies of one config or control call: each is read once."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from pymockapi.model.files import MAX_FILES, FileBody, file_body
from pymockapi.service.folder import Folder, NoSuchFile

MAX_FILE: Final = 10 * 1024 * 1024  # bytes of one body, as many as a request may bring


class BodyFiles:
    """Reads each file when it is first asked for; see ``ReadFile``.

    ``shared`` are bodies by their path: one that still holds the same is not kept twice.
    ``paths`` are those that were looked for, there or not, absolute, links as they stand.
    """

    def __init__(self, folder: Folder, shared: dict[Path, FileBody] | None = None) -> None:
        self._folder = folder
        self._shared = {} if shared is None else shared
        self._found: dict[str, FileBody | str] = {}
        self._sizes: dict[Path, int] = {}
        self.paths: list[Path] = []

    def __call__(self, name: str) -> FileBody | str:
        found = self._found.get(name)
        if found is None:
            try:
                found = self._read(name)
            except NoSuchFile as error:
                found = str(error)
            self._found[name] = found
        return found

    def _read(self, name: str) -> FileBody:
        path = self._folder.resolve(name)
        self.paths.append(self._folder.root / name)
        known = self._shared.get(path)
        if path in self._sizes and known is not None:
            return known
        data = self._folder.read(name, MAX_FILE)[1]
        self._sizes[path] = len(data)
        if sum(self._sizes.values()) > MAX_FILES:
            raise NoSuchFile(
                f"with '{name}' the files that are named together hold more than {MAX_FILES:,} bytes"
            )
        body = known if known is not None and known.body == data else file_body(data)
        self._shared[path] = body
        return body
