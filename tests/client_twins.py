"""Writes the sync client from the async one: ``python -m tests.client_twins`` (``make client``).

Each module of ``client/aio`` that knows no asyncio is the source of the module of the same name
in ``client``: what is async is left out, word by word, in code, docstrings and comments alike.
With ``--check`` nothing is written, and it fails if a module is not what it would be.
"""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path
from typing import Final

CLIENT: Final = Path(__file__).resolve().parent.parent / "src" / "pymockapi" / "client"
SOURCES: Final = CLIENT / "aio"
MADE: Final = (
    "answer", "assertions", "callbacks", "clock", "control", "events", "gate", "journal", "namespace", "pattern", "scope", "server",
    "stub", "tls", "transport", "verifying",
)  # fmt: skip
"""The modules that are made; the others of ``aio`` are written by hand, or have no twin."""

HEADER: Final = (
    "# Made from aio/{name}.py by tests/client_twins.py: change that, then run 'make client'.\n"
)
WRAPPERS: Final = ("Awaitable", "Opening", "Reading", "Defining", "uncancelled")
"""What stands around a value, or its type, only while it is not there yet."""

WORDS: Final = (
    (r"^from pymockapi\.client\.aio\.opening import .*\n", ""),
    (r"(?<=import )Awaitable, ", ""),
    (r"pymockapi\.client\.aio\.", "pymockapi.client."),
    (r"\b([Aa])n ((?:``)?)async ", r"\1 \2"),
    (r"\basync (?=def |with |for )", ""),
    (r"\bawait ", ""),
    (r"\bAsync(?=[A-Z])", ""),
    (r"\b__a(enter|exit|iter|next)__", r"__\1__"),
    (r"\bStopAsyncIteration\b", "StopIteration"),
    (r"\btasks\b", "threads"),
)


def twin(source: str) -> str:
    """Return the sync form of ``source``; its layout is left to the formatter."""
    for pattern, word in WORDS:
        source = re.sub(pattern, word, source, flags=re.M)
    for name in WRAPPERS:
        while found := re.search(rf"\b{name}([\[(])", source):
            end = _closing(source, found.end())
            source = source[: found.start()] + source[found.end() : end] + source[end + 1 :]
    return source


def _closing(source: str, start: int) -> int:
    """Return where the bracket ends that was opened just before ``start``."""
    depth = 1
    for place in range(start, len(source)):
        depth += (source[place] in "([{") - (source[place] in ")]}")
        if depth == 0:
            return place
    raise ValueError(f"no bracket closes what begins at {source[start : start + 40]!r}")


def made(name: str) -> str:
    """Return module ``name`` of the sync client as it has to be."""
    source = (SOURCES / f"{name}.py").read_text(encoding="utf-8")
    path = str(CLIENT / f"{name}.py")
    text = HEADER.format(name=name) + twin(source)
    text = _ruff(text, "check", "--fix", "--quiet", "--select", "I", "--stdin-filename", path)
    return _ruff(text, "format", "--quiet", "--stdin-filename", path)


def _ruff(text: str, *arguments: str) -> str:
    command = [sys.executable, "-m", "ruff", *arguments, "-"]
    return subprocess.run(command, input=text, capture_output=True, check=True, text=True).stdout


def main(arguments: list[str]) -> int:
    stale = []
    for name in MADE:
        file, text = CLIENT / f"{name}.py", made(name)
        if not file.exists() or file.read_text(encoding="utf-8") != text:
            stale.append(file.name)
            if "--check" not in arguments:
                file.write_text(text, encoding="utf-8")
    if stale and "--check" in arguments:
        print(f"Not as client/aio has it: {', '.join(stale)}. Run 'make client'.")
        return 1
    print(f"Written: {', '.join(stale) or 'nothing, all is as client/aio has it'}.")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
