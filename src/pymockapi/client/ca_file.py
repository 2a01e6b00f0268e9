"""A CA certificate as a file, for HTTP clients that want a path; removed when it is not needed."""

from __future__ import annotations

import os
import tempfile
import weakref
from contextlib import suppress


class CaFile:
    """``path`` lasts until ``remove``, or as long as this object or the process does."""

    def __init__(self, pem: str) -> None:
        handle, self.path = tempfile.mkstemp(prefix="pymockapi-ca-", suffix=".pem")
        with os.fdopen(handle, "w", encoding="ascii") as file:
            file.write(pem)
        self.remove = weakref.finalize(self, _remove, self.path)


def _remove(path: str) -> None:
    with suppress(OSError):  # whoever tidies temporary files was faster
        os.unlink(path)
