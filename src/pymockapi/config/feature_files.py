"""Feature files, as far as their tags go: which scenarios there are, and with which tags.

A scenario has the tags of its feature, its rule and itself; with tags on its examples each block
of them makes one more kind of scenario. Steps, tables and texts are passed over.
https://cucumber.io/docs/gherkin/reference/
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from pymockapi.config.files import MAX_FILE_BYTES
from pymockapi.config.flaws import Located
from pymockapi.config.gherkin_words import EXAMPLES, FEATURE, KINDS, RULE
from pymockapi.config.globs import MAX_FOLDERS, expand, is_pattern

_TAG: Final = re.compile(r"@[^@\s]+")
_COMMENT: Final = re.compile(r"(^|\s)#.*")
_QUOTES: Final = ('"""', "```")
_ROMANIAN: Final = re.compile(r"#\s*language\s*:\s*ro\s*", re.I)
_AMBIGUOUS: Final = "Exemple"


@dataclass(frozen=True, slots=True)
class Tag:
    """``text`` is without ``@``; lines and columns count from 1."""

    text: str
    file: str
    line: int
    column: int

    def located(self, message: str, code: str | None = None) -> Located:
        return Located(self.file, self.line, self.column, "", message, code)


Tags = tuple[Tag, ...]


@dataclass(frozen=True, slots=True)
class Scenario:
    """One scenario with all tags that it has, or one block of its examples."""

    tags: Tags

    @property
    def names(self) -> frozenset[str]:
        return frozenset(tag.text for tag in self.tags)


@dataclass
class Features:
    """The scenarios of all files, in order; ``errors`` are files that cannot be had or read."""

    files: list[str] = field(default_factory=list)
    scenarios: list[Scenario] = field(default_factory=list)
    errors: list[Located] = field(default_factory=list)


def read_features(names: Sequence[str]) -> Features:
    """Read the feature files that ``names`` mean: files, folders (all below them), patterns."""
    found = Features()
    for name in names:
        try:
            found.files += [file for file in _files(name) if file not in found.files]
        except OSError as error:
            found.errors.append(Located(name, 0, 0, "", str(error)))
    for file in found.files:
        try:
            found.scenarios += scenarios_of(_text(file), file)
        except OSError as error:
            told = f"cannot be read: {error.strerror or error}"
            found.errors.append(Located(file, 0, 0, "", told))
        except UnicodeDecodeError:
            found.errors.append(Located(file, 0, 0, "", "is not UTF-8 text"))
    return found


def _files(name: str) -> list[str]:
    """Return the files that one name means. Raises ``OSError`` with a sentence."""
    if os.path.isdir(name):
        start, pattern, refusal = Path(name), "**/*.feature", "has no file that ends in .feature"
    elif is_pattern(name) and not os.path.exists(name):
        start = Path(Path(name).anchor)
        pattern, refusal = name[len(Path(name).anchor) :], "matches no file"
    elif os.path.exists(name):
        return [name]
    else:
        raise OSError("there is no such file or folder")
    found = expand(start, pattern)
    if found.is_cut:
        raise OSError(f"looks into more than {MAX_FOLDERS:,} folders")
    if not found.names:
        raise OSError(refusal)
    return [str(start / each) for each in found.names]


def _text(file: str) -> str:
    with Path(file).open("rb") as stream:
        data = stream.read(MAX_FILE_BYTES + 1)
    if len(data) > MAX_FILE_BYTES:
        raise OSError(f"it is larger than {MAX_FILE_BYTES // 2**20} MiB")
    return data.removeprefix(b"\xef\xbb\xbf").decode()


def scenarios_of(text: str, file: str) -> Iterator[Scenario]:
    """Yield the scenarios of one feature file."""
    feature: Tags = ()
    rule: Tags = ()
    scenario: Tags | None = None
    blocks: list[Tags] = []
    for kind, tags in _parts(text, file):
        if kind == EXAMPLES:
            blocks.append(tags)
            continue
        yield from _made((*feature, *rule), scenario, blocks)
        scenario, blocks = None, []
        if kind == FEATURE:
            feature, rule = tags, ()
        elif kind == RULE:
            rule = tags
        else:
            scenario = tags
    yield from _made((*feature, *rule), scenario, blocks)


def _made(around: Tags, scenario: Tags | None, blocks: list[Tags]) -> Iterator[Scenario]:
    if scenario is not None:
        for block in blocks or [()]:
            yield Scenario((*around, *scenario, *block))


def _parts(text: str, file: str) -> Iterator[tuple[str, Tags]]:
    """Yield what begins in each line that begins something, with the tags that stand before it."""
    tags: list[Tag] = []
    quote = None
    is_romanian = _ROMANIAN.search(text[:1_000]) is not None
    for number, line in enumerate(text.splitlines(), 1):
        words = line.strip()
        if quote is not None or words.startswith(_QUOTES):
            opens = quote is None
            if opens or words.startswith(str(quote)):
                quote = words[:3] if opens else None
        elif words.startswith("@"):
            shown = _COMMENT.sub("", line)
            tags += [
                Tag(each[0][1:], file, number, each.start() + 1) for each in _TAG.finditer(shown)
            ]
        elif words and not words.startswith("#"):
            word = words.partition(":")[0].rstrip() if ":" in words else ""
            kind = EXAMPLES if is_romanian and word == _AMBIGUOUS else KINDS.get(word)
            if kind is not None:
                yield kind, tuple(tags)
            tags = []
