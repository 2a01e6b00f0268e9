"""The files that control calls name: read in a thread, and kept as long as there is room."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from pathlib import Path

from pymockapi.model.files import MAX_FILES, FileBody, ReadFile, no_files
from pymockapi.service.body_files import BodyFiles
from pymockapi.service.folder import Folder


class FileReading:
    """Reads files for control calls in a thread, so that a slow disk keeps nobody waiting."""

    def __init__(self, folder: str | None) -> None:
        self._folder = None if folder is None else Folder(folder)
        self._shared: dict[Path, FileBody] = {}

    async def __call__(self, names: Sequence[str]) -> ReadFile:
        if self._folder is None:
            return no_files
        files = BodyFiles(self._folder, self._shared)
        await asyncio.to_thread(lambda: [files(name) for name in names])
        while sum(len(body.body) for body in self._shared.values()) > MAX_FILES:
            del self._shared[next(iter(self._shared))]
        return files
