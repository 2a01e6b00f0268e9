"""The folder of a config: nothing outside it is read, whatever a name or a link says.

Containment is by component, after links are resolved; the file is opened as it was resolved,
without following another link, and only if it is a plain file.
"""

from __future__ import annotations

import os
import stat
from pathlib import Path, PureWindowsPath
from typing import BinaryIO, Final

_FLAGS: Final = (
    os.O_RDONLY
    | getattr(os, "O_NONBLOCK", 0)  # a pipe is not to be waited for
    | getattr(os, "O_NOFOLLOW", 0)
    | getattr(os, "O_CLOEXEC", 0)
    | getattr(os, "O_BINARY", 0)
)
NO_PLAIN_FILE: Final = "a device or a pipe; only plain files are read"


class NoSuchFile(Exception):
    """There is nothing to read; ``str()`` says what is wrong with the name, and what is right."""


class Folder:
    """``root`` and all below it."""

    def __init__(self, root: str | Path) -> None:
        self.root = Path(os.path.realpath(root))

    def resolve(self, name: str, start: Path | None = None) -> Path:
        """Return where ``name`` leads from ``start`` (``None``: from the root).

        What is there, if anything, is not said. Raises ``NoSuchFile`` if that is outside.
        """
        self._check(name)
        base = os.path.realpath(start or self.root)
        if not Path(os.path.normpath(os.path.join(base, name))).is_relative_to(self.root):
            raise NoSuchFile(
                f"'{name}' leads out with '..'; what a config names stays below its folder"
                f" {self.root}"
            )
        found = Path(os.path.realpath(os.path.join(base, name)))
        if not found.is_relative_to(self.root):
            raise NoSuchFile(
                f"'{name}' is a link out of the config's folder {self.root}; copy the file into it"
            )
        return found

    def _check(self, name: str) -> None:
        if not name or "\0" in name or not _is_text(name):
            raise NoSuchFile(f"expected the name of a file below {self.root}")
        if name.startswith("/") or PureWindowsPath(name).anchor:
            raise NoSuchFile(
                f"'{name}' is absolute; name a file below the config's folder {self.root},"
                " as in 'shared/orders.json'"
            )

    def read(self, name: str, limit: int) -> tuple[Path, bytes]:
        """Return where the file is, and what is in it. Raises ``NoSuchFile``."""
        path = self.resolve(name)
        return path, self._read_plain(path, name, limit)

    def _read_plain(self, path: Path, name: str, limit: int) -> bytes:
        try:
            descriptor = os.open(path, _FLAGS)
        except FileNotFoundError:
            raise NoSuchFile(f"there is no file '{name}' below {self.root}") from None
        except OSError as error:
            raise NoSuchFile(f"'{name}' cannot be read: {error.strerror or error}") from None
        with _plain(descriptor, name) as stream:
            data = stream.read(limit + 1)
        if len(data) > limit:
            raise NoSuchFile(f"'{name}' is larger than {limit:,} bytes")
        return data


def _plain(descriptor: int, name: str) -> BinaryIO:
    """Return what reads the file, if it is a plain one."""
    kind = os.fstat(descriptor).st_mode
    if stat.S_ISREG(kind):
        return os.fdopen(descriptor, "rb")
    os.close(descriptor)
    what = "a folder; name a file in it" if stat.S_ISDIR(kind) else NO_PLAIN_FILE
    raise NoSuchFile(f"'{name}' is {what}")


def _is_text(name: str) -> bool:
    try:
        name.encode()
    except UnicodeEncodeError:
        return False
    return True
