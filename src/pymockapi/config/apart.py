"""Reads config files in a process of its own: ``python -m pymockapi.config.apart FILES``.

YAML of a few megabytes takes seconds and holds the interpreter lock, so a server that serves has
it done here. Writes a line of JSON, then the merged document if there is nothing wrong.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import msgspec

from pymockapi.config.flaws import ConfigError
from pymockapi.config.load import load_with_warnings
from pymockapi.config.validate import Loaded
from pymockapi.model.reader import below


def report(paths: Sequence[str]) -> bytes:
    """Return ``{files, looked_at, errors, count, places}`` as a line, and the document after it.

    ``places`` tell by pointer where that stands which may be wrong for what the server has already.
    """
    try:
        loaded = load_with_warnings(paths)
    except ConfigError as error:
        errors = [found.to_json() for found in error.findings]
        return _line((), error.looked_at, errors, error.count)
    places = {pointer: _place(loaded, pointer) for pointer in _contended(loaded.document)}
    head = _line(loaded.files, loaded.looked_at, places=places)
    return head + msgspec.json.encode(loaded.document)


def _contended(document: Mapping[str, Any]) -> Iterator[str]:
    """Yield the pointers to claims and ports: one namespace alone can have each."""
    for name, entries in document.get("namespaces", {}).items():
        at = below("/namespaces", name)
        for key in entries.get("claims", {}):
            yield below(f"{at}/claims", key)
        if entries.get("port") is not None:
            yield f"{at}/port"


def _place(loaded: Loaded[Any], pointer: str) -> dict[str, Any]:
    found = loaded.locate(pointer, "").to_json()
    return {key: found[key] for key in ("file", "line", "column")}


def _line(
    files: Sequence[str],
    looked_at: Sequence[Path],
    errors: Sequence[Any] = (),
    count: int = 0,
    places: Mapping[str, Any] | None = None,
) -> bytes:
    head = {
        "files": list(files),
        "looked_at": [str(path) for path in looked_at],
        "errors": list(errors),
        "count": count,
        "places": places or {},
    }
    return msgspec.json.encode(head) + b"\n"


if __name__ == "__main__":
    sys.stdout.buffer.write(report(sys.argv[1:]))
