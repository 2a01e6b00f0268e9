"""The tags of one test as a runner gives them, and which of them name sets.

``@mock.NAME``, or ``@mock:NAME``, asks for the set NAME without any row of the table.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable
from typing import Final

from pymockapi.engine.set_names import sets_there_are
from pymockapi.engine.settings import MAX_NAMES
from pymockapi.engine.tagging.expressions import bare_tag
from pymockapi.model.errors import MAX_WORD, quoted
from pymockapi.model.reader import Findings, below, check_size, kind_of, read_list

SET_TAGS: Final = ("mock.", "mock:")
MAX_TAG: Final = 1_000  # characters
_SEVERAL: Final = re.compile(r"[\s,]@|^\s|\s$|[\x00-\x1f\x7f]")


def read_tags(data: object, at: str, found: Findings) -> tuple[str, ...]:
    """Read a list of tags, with or without ``@``; returns each once, without it, as first given."""
    items = read_list(data, at, found)
    check_size(items, at, found, MAX_NAMES, "tags")
    tags = []
    for place, item in enumerate(items[:MAX_NAMES]):
        if (wrong := _wrong(item)) is None:
            tags.append(bare_tag(str(item)))
        else:
            found.add(below(at, place), wrong)
    return tuple(dict.fromkeys(tags))


def _wrong(item: object) -> str | None:
    if not isinstance(item, str):
        return f"expected a tag such as '@smoke', got {kind_of(item)}"
    if not bare_tag(item):
        return f"'{item}' is no tag; a tag has a name, as in '@smoke'"
    if len(item) > MAX_TAG:
        return f"expected a tag of at most {MAX_TAG:,} characters, got {len(item):,}"
    if _SEVERAL.search(item):
        shown = item.encode("unicode_escape").decode()[:MAX_WORD]
        return f"'{shown}' is no tag; give each tag as an item of its own, without blanks around it"
    return None


def set_named_by(tag: str) -> str | None:
    """Return NAME if ``tag``, without ``@``, is ``mock.NAME`` or ``mock:NAME``."""
    return tag[len(SET_TAGS[0]) :] if tag.startswith(SET_TAGS) else None


def sets_named_by(tags: Iterable[str]) -> dict[str, list[str]]:
    """Return the sets that ``tags`` name, each with the tags that do."""
    named: dict[str, list[str]] = {}
    for tag in tags:
        if (name := set_named_by(tag)) is not None:
            named.setdefault(name, []).append(tag)
    return named


def check_set_tags(data: object, at: str, found: Findings, sets: Collection[str]) -> None:
    """Report each tag of the list ``data`` that names a set which is not there."""
    for place, item in enumerate(data[:MAX_NAMES] if isinstance(data, list) else ()):
        name = set_named_by(bare_tag(item)) if isinstance(item, str) else None
        if name is not None and name not in sets and _wrong(item) is None:
            found.add(below(at, place), no_set_for(item, name, sets, found))


def no_set_for(tag: str, name: str, sets: Collection[str], found: Findings) -> str:
    """Tell that ``tag`` names no set of ``sets``, with the nearest."""
    if not name:
        return f"'{tag}' names no set; write '@mock.NAME'"
    near = quoted(f"@mock.{each}" for each in found.nearest(name, sets))
    hint = f"did you mean {near}?" if near else sets_there_are(sets)
    return f"the tag '{tag}' asks for a set that is not there; {hint}"
