"""What every text begins with that a regular expression fits whole, so that an index can tell.

A cautious reading: it may say less than is true (nothing at all, at worst), never more. It stops
at the first character that is not plain, and gives up where flags or alternatives could reach
back to the beginning.
"""

from __future__ import annotations

import re
from typing import Final

MAX_BEGINNING: Final = 64  # characters; longer ones tell no more expressions apart
_PLAIN: Final = re.compile(r"(?:[^.^$*+?{}\[\]()|\\]|\\[^0-9A-Za-z\s])")
_OPTIONAL: Final = re.compile(r"[*?{]")
_FLAGS: Final = re.compile(r"\(\?(?!:|=|!|<|P<|>)")
_SKIPPED: Final = re.compile(r"\\.|\[\^?\]?(?:\\.|[^\]\\\[])*\]|[^\\\[]", re.DOTALL)


def beginning(expression: str) -> str:
    """Return a text that all begin with which ``expression`` fits from end to end; may be empty."""
    if _FLAGS.search(expression) or _has_alternatives(expression):
        return ""
    at = 1 if expression.startswith("^") else 0
    found = ""
    while len(found) < MAX_BEGINNING and (part := _PLAIN.match(expression, at)) is not None:
        at = part.end()
        if _OPTIONAL.match(expression, at):
            break
        found += part[0][-1]
        if expression.startswith("+", at):
            break
    return found


def _has_alternatives(expression: str) -> bool:
    """Return whether a bar stands outside every group, or this cannot be told."""
    depth, at = 0, 0
    while at < len(expression):
        part = _SKIPPED.match(expression, at)
        if part is None:
            return True
        at = part.end()
        depth += {"(": 1, ")": -1}.get(part[0], 0)
        if part[0] == "|" and depth <= 0:
            return True
    return False
