"""JSON text (RFC 8259) as values, strictly: no NaN, no comments, and duplicate keys are found."""

from __future__ import annotations

import json
import re
from bisect import bisect_right
from collections.abc import Iterator
from typing import Any, Final, NoReturn

from pymockapi.config.flaws import Flaw, UnreadableText
from pymockapi.config.places import MAX_DEPTH, Token, TokenKind
from pymockapi.model.stub import Json

_TOKEN: Final = re.compile(r'"[^"\\]*(?:\\.[^"\\]*)*"|[{}\[\]]|[^\s{}\[\],:"]+')
_KINDS: Final = {
    "{": TokenKind.OPEN_OBJECT,
    "[": TokenKind.OPEN_LIST,
    "}": TokenKind.CLOSE,
    "]": TokenKind.CLOSE,
}


def parse(text: str, _: list[Flaw]) -> tuple[Json, bool]:
    """Return the value of ``text``, and whether a key comes twice in it.

    Raises ``UnreadableText``.
    """
    objects = _Objects()
    try:
        value = json.loads(
            text,
            object_pairs_hook=objects.build,
            parse_constant=_refuse_constant,
            parse_float=_finite,
        )
    except json.JSONDecodeError as error:
        raise UnreadableText(error.lineno, error.colno, _plain(error)) from None
    except (ValueError, RecursionError) as error:
        raise UnreadableText(1, 1, _too_much(error)) from None
    if _is_deeper(value, MAX_DEPTH):
        raise UnreadableText(1, 1, f"nested more than {MAX_DEPTH} levels deep")
    return value, objects.has_duplicates


def tokens(text: str) -> Iterator[Token]:
    """Yield the places of a text that ``parse`` accepts."""
    starts = [0, *(found.end() for found in re.finditer("\n", text))]
    for found in _TOKEN.finditer(text):
        line = bisect_right(starts, found.start())
        column = found.start() - starts[line - 1] + 1
        part = found[0]
        scalar = json.loads(part) if part.startswith('"') else part
        yield Token(_KINDS.get(part, TokenKind.SCALAR), line, column, scalar)


class _Objects:
    """Builds objects, and remembers whether one had a key twice."""

    def __init__(self) -> None:
        self.has_duplicates = False

    def build(self, pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        built = dict(pairs)
        self.has_duplicates = self.has_duplicates or len(built) != len(pairs)
        return built


def _refuse_constant(text: str) -> NoReturn:
    raise ValueError(f"{text} is no JSON number")


def _finite(text: str) -> float:
    value = float(text)
    if value in (float("inf"), float("-inf")):
        raise ValueError(f"{text[:40]} is too large a number")
    return value


def _plain(error: json.JSONDecodeError) -> str:
    return f"not valid JSON: {error.msg[0].lower()}{error.msg[1:]}"


def _too_much(error: Exception) -> str:
    if isinstance(error, RecursionError):
        return f"nested more than {MAX_DEPTH} levels deep"
    return f"not valid JSON: {error}"


def _is_deeper(value: Json, limit: int) -> bool:
    level = [value] if isinstance(value, dict | list) else []
    for _ in range(limit):
        if not level:
            return False
        level = [
            inner
            for outer in level
            for inner in (outer.values() if isinstance(outer, dict) else outer)
            if isinstance(inner, dict | list)
        ]
    return bool(level)
