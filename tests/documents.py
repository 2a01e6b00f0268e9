"""The project's pages as tests read them: fenced blocks, headings, links, console sessions."""

from __future__ import annotations

import re
import shlex
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from functools import cache
from http.client import HTTPConnection
from pathlib import Path
from urllib.parse import urlsplit

ROOT = Path(__file__).parents[1]
PAGES = sorted(
    page
    for pattern in ("*.md", "docs/**/*.md", "examples/**/*.md")
    for page in ROOT.glob(pattern)
    if not {".pytest_cache", "node_modules"}.intersection(page.parts)
)
_FENCE = re.compile(r"^```(\w*)\n(.*?)^```$", re.M | re.S)
_LINK = re.compile(r"(?<!!)\[[^\]]*\]\(([^)\s]+)\)")


@dataclass(frozen=True)
class Block:
    """A fenced block; ``place`` is its page and line."""

    language: str
    text: str
    place: str


@cache
def text_of(name: str) -> str:
    """Return a page by its name from the project's root, as ``docs/stubs.md``."""
    return (ROOT / name).read_text(encoding="utf-8")


def name_of(page: Path) -> str:
    return page.relative_to(ROOT).as_posix()


def blocks_of(name: str) -> list[Block]:
    text = text_of(name)
    return [
        Block(found[1], found[2], f"{name}:{text.count(chr(10), 0, found.start()) + 1}")
        for found in _FENCE.finditer(text)
    ]


def blocks(language: str, *, without: Collection[str] = ()) -> list[Block]:
    """Return every block of ``language`` on all pages but ``without``."""
    names = [name_of(page) for page in PAGES if name_of(page) not in without]
    return [block for name in names for block in blocks_of(name) if block.language == language]


def links(name: str) -> Iterator[str]:
    """Yield the targets of a page's links, outside code."""
    prose = re.sub(r"`[^`\n]*`", "", _FENCE.sub("", text_of(name)))
    return (found[1] for found in _LINK.finditer(prose))


def anchors(name: str) -> set[str]:
    """Return the anchors that a page's headings have where it is shown."""
    headings = re.findall(r"^#+ (.+)$", _FENCE.sub("", text_of(name)), re.M)
    return {re.sub(r"[^\w\- ]", "", each.lower()).replace(" ", "-") for each in headings}


def section(name: str, heading: str) -> str:
    """Return the text below a heading, to the next one of its kind."""
    return text_of(name).split(f"\n## {heading}\n", 1)[1].split("\n## ", 1)[0]


def sessions(name: str) -> list[tuple[str, str]]:
    """Return each command of a page's console blocks with the output that is shown for it."""
    found = []
    for block in blocks_of(name):
        if block.language == "console":
            for part in re.split(r"^\$ ", block.text, flags=re.M)[1:]:
                command, _, output = part.partition("\n")
                found.append((command, output))
    return found


def run_curl(command: str, port: int) -> str:
    """Do what curl does with the few options that the pages use, at another port."""
    words = shlex.split(command)
    options: dict[str, str] = {}
    headers: dict[str, str] = {}
    url = ""
    remaining = iter(words[1:])
    for word in remaining:
        if word == "-H":
            name, _, value = next(remaining).partition(": ")
            headers[name] = value
        elif word in ("-X", "-d", "-o", "-w"):
            options[word] = next(remaining)
        elif word.startswith("-"):
            options[word] = ""
        else:
            url = word
    return _curl(options, headers, url, port)


def _curl(options: dict[str, str], headers: dict[str, str], url: str, port: int) -> str:
    parts = urlsplit(url)
    connection = HTTPConnection("127.0.0.1", port, timeout=10)
    method = options.get("-X", "POST" if "-d" in options else "GET")
    target = parts.path + (f"?{parts.query}" if parts.query else "")
    try:
        connection.request(method, target, options.get("-d"), headers)
        answer = connection.getresponse()
        body = answer.read().decode()
    finally:
        connection.close()
    if "-o" in options:
        return options["-w"].replace("%{http_code}", str(answer.status)).replace("\\n", "\n")
    lines = [f"HTTP/1.1 {answer.status} {answer.reason}"] if "-i" in options else []
    lines += [f"{name}: {value}" for name, value in answer.getheaders()] if lines else []
    return "".join(f"{line}\n" for line in [*lines, *([""] if lines else [])]) + body


def normalised(text: str) -> str:
    """Return output without what differs from run to run."""
    return re.sub(r"^Date: .*$", "Date: …", text, flags=re.M).strip()
