"""Bodies that stand in files, as readers of definitions get them; where files are is not known here."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final

import msgspec

MAX_FILES: Final = 256 * 1024 * 1024  # bytes of the bodies of one config, or call, together
DEFAULT_TYPE: Final = "application/octet-stream"
_TEXT: Final = "; charset=utf-8"
TYPES: Final[Mapping[str, str]] = {
    "json": "application/json", "xml": "application/xml", "pdf": "application/pdf",
    "zip": "application/zip", "gz": "application/gzip", "wasm": "application/wasm",
    "ndjson": "application/x-ndjson", "yaml": "application/yaml", "yml": "application/yaml",
    "html": "text/html" + _TEXT, "htm": "text/html" + _TEXT, "txt": "text/plain" + _TEXT,
    "csv": "text/csv" + _TEXT, "css": "text/css" + _TEXT, "md": "text/markdown" + _TEXT,
    "js": "text/javascript" + _TEXT, "mjs": "text/javascript" + _TEXT,
    "svg": "image/svg+xml", "png": "image/png", "jpg": "image/jpeg", "jpeg": "image/jpeg",
    "gif": "image/gif", "webp": "image/webp", "ico": "image/vnd.microsoft.icon",
    "woff2": "font/woff2", "mp3": "audio/mpeg", "mp4": "video/mp4",
}  # fmt: skip
"""Content types by extension: a table of our own, since those of systems differ."""


class FileBody(msgspec.Struct, frozen=True, gc=False):
    """What a file held; ``tail`` is the blank line and the body, shared by whoever sends it."""

    body: bytes
    tail: bytes


ReadFile = Callable[[str], FileBody | str]
"""Returns the body in the file of that name, or a sentence that says why there is none."""


def file_body(body: bytes) -> FileBody:
    tail = b"\r\n" + body
    return FileBody(body, tail)


def no_files(name: str) -> str:
    return (
        f"'{name}' cannot be read: files are below the folder of the config file, and this server"
        " was started without one; give the body as 'json', 'text' or 'base64'"
    )


def type_of(name: str) -> str:
    """Return the content type that the extension of ``name`` tells."""
    return TYPES.get(name.rpartition(".")[2].lower(), DEFAULT_TYPE)
