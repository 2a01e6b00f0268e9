"""Whether a key is one slip away from a known name: a letter wrong, left out, doubled or swapped."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

_SHORTEST: Final = (
    5  # "note", "net" or "call" are a letter from "not" or "all", and mean themselves
)
OTHER_WORDS: Final = {  # what other tools call a matcher, and what it is called here
    word: f"did you mean '{name}'?"
    for word, name in {
        "regex": "matches", "regexp": "matches", "pattern": "matches", "equal_to": "equals",
        "eq": "equals", "exists": "present", "min": "ge", "max": "le", "in": "one_of",
    }.items()
}  # fmt: skip
_SLIPS: Final = {"gte": "ge", "lte": "le", "nto": "not", "josn": "json", "jsno": "json"}


def typo_of(word: str, names: Iterable[str]) -> str | None:
    """Return the name that ``word`` was meant to be, if it is one slip away.

    Of the short names only the usual slips count, lest data be taken for a mistake.
    """
    lowered = word.lower()
    known = sorted(names)
    if lowered in known:
        return lowered
    if lowered in _SLIPS:
        return _SLIPS[lowered]
    return next((n for n in known if len(n) >= _SHORTEST and is_one_slip(lowered, n)), None)


def is_one_slip(word: str, name: str) -> bool:
    """Return whether one insertion, deletion, substitution or swap of neighbours turns one into the other."""
    if abs(len(word) - len(name)) > 1:
        return False
    start = 0
    while start < min(len(word), len(name)) and word[start] == name[start]:
        start += 1
    left, right = word[start:], name[start:]
    if len(left) != len(right):
        return left[1:] == right or left == right[1:]
    swapped = len(left) > 1 and left[0] == right[1] and left[1] == right[0]
    return left[1:] == right[1:] or (swapped and left[2:] == right[2:])
