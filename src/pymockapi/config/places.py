"""Where each value of a text stands, so that a JSON pointer can be told as line and column.

Only made when something is wrong. The tokens come from ``yaml_text`` or ``json_text``.
"""

from __future__ import annotations

from collections.abc import Iterable
from enum import Enum, auto
from typing import Final, NamedTuple

from pymockapi.config.flaws import Flaw

MAX_DEPTH: Final = 100  # no hand-made document comes near; what reads the values may recurse


class TokenKind(Enum):
    OPEN_OBJECT = auto()
    OPEN_LIST = auto()
    CLOSE = auto()
    SCALAR = auto()
    ALIAS = auto()


class Token(NamedTuple):
    """``text`` is that of a scalar, which may be a key; ``anchor`` what it, or its alias, names."""

    kind: TokenKind
    line: int
    column: int
    text: str = ""
    anchor: str | None = None


class Place:
    """Where a value stands (a member of an object: where its key stands), and those in it."""

    __slots__ = ("children", "column", "is_object", "line", "pending")

    def __init__(self, line: int, column: int, is_object: bool = False) -> None:
        self.line = line
        self.column = column
        self.is_object = is_object
        self.children: dict[str, Place] = {}
        self.pending: Token | None = None


class Places:
    """The places of one text."""

    def __init__(self, tokens: Iterable[Token]) -> None:
        self._root = Place(1, 1)
        self._open: list[tuple[Place, str | None]] = []
        self._anchors: dict[str, Place] = {}
        self.duplicates: list[Flaw] = []
        for token in tokens:
            self._take(token)

    def locate(self, parts: Iterable[str]) -> tuple[int, int]:
        """Return line and column of the value at ``parts``, or of the nearest one around it."""
        place = self._root
        for part in parts:
            if part not in place.children:
                break
            place = place.children[part]
        return place.line, place.column

    def _take(self, token: Token) -> None:
        if token.kind is TokenKind.CLOSE:
            place, anchor = self._open.pop()
            self._done(place, anchor)
        elif token.kind in (TokenKind.OPEN_OBJECT, TokenKind.OPEN_LIST):
            is_object = token.kind is TokenKind.OPEN_OBJECT
            self._open.append((Place(token.line, token.column, is_object), token.anchor))
        elif self._awaits_key():
            self._open[-1][0].pending = token
        elif token.kind is TokenKind.SCALAR:
            self._done(Place(token.line, token.column), token.anchor)
        else:
            place = Place(token.line, token.column)
            place.children = self._anchors[token.anchor or ""].children
            self._done(place, None)

    def _awaits_key(self) -> bool:
        return bool(self._open) and self._open[-1][0].is_object and not self._open[-1][0].pending

    def _done(self, place: Place, anchor: str | None) -> None:
        if anchor is not None:
            self._anchors[anchor] = place
        if not self._open:
            self._root = place
            return
        holder = self._open[-1][0]
        if not holder.is_object:
            holder.children[str(len(holder.children))] = place
            return
        if holder.pending is None:  # a key that is no text: reported by who read the values
            holder.pending = Token(TokenKind.SCALAR, place.line, place.column)
            return
        self._member(holder, holder.pending, place)
        holder.pending = None

    def _member(self, holder: Place, key: Token, value: Place) -> None:
        first = holder.children.get(key.text)
        if first is not None:
            message = f"duplicate key '{key.text}'; it is in line {first.line} already"
            self.duplicates.append(Flaw(key.line, key.column, message))
            return
        member = Place(key.line, key.column, value.is_object)
        member.children = value.children
        holder.children[key.text] = member
