"""Cucumber tag expressions: ``@a and not (@b or @c)``.

``not`` binds strongest, then ``and``, then ``or``. A backslash takes a blank, ``(``, ``)`` or a
backslash into a tag. The ``@`` of a tag may be left out, for markers of frameworks without one.
https://github.com/cucumber/tag-expressions; the tests compare with its own implementation.
"""

from __future__ import annotations

from collections.abc import Iterator
from collections.abc import Set as AbstractSet
from typing import Final, NamedTuple

import msgspec

from pymockapi.model.errors import MAX_WORD
from pymockapi.model.reader import Findings

MAX_EXPRESSION: Final = 1_000  # characters; evaluating one takes up to 30 us
OR: Final = 0
AND: Final = 1
NOT: Final = 2
_OPEN: Final = -1
_WORDS: Final = {"or": OR, "and": AND, "not": NOT, "(": _OPEN}
_MEANT: Final = {"||": "or", "|": "or", ",": "or", "&&": "and", "&": "and", "!": "not", "~": "not"}
_NEGATIONS: Final = ("~@", "!@", "-@")  # as older tools, and tools for other tags, have it


class TagExpression(msgspec.Struct, frozen=True):
    """``text`` as written; ``program`` is it in postfix order: tags without ``@``, and operators."""

    text: str
    program: tuple[str | int, ...]

    @property
    def tags(self) -> frozenset[str]:
        return frozenset(item for item in self.program if isinstance(item, str))

    def holds(self, tags: AbstractSet[str]) -> bool:
        """Return whether it holds for a test that has exactly ``tags``, without their ``@``."""
        stack: list[bool] = []
        for item in self.program:
            if isinstance(item, str):
                stack.append(item in tags)
            elif item == NOT:
                stack[-1] = not stack[-1]
            else:
                right = stack.pop()
                stack[-1] = (stack[-1] and right) if item == AND else (stack[-1] or right)
        return stack[0]


class _Syntax(Exception):
    """What is wrong with an expression, and at which character (from 1)."""


class _Token(NamedTuple):
    """``operator`` is ``None`` for a tag and for ``)``; ``at`` counts from 1."""

    text: str
    at: int
    is_tag: bool

    @property
    def operator(self) -> int | None:
        return None if self.is_tag else _WORDS.get(self.text)


def bare_tag(tag: str) -> str:
    """Return ``tag`` without the ``@`` that it may begin with."""
    return tag.removeprefix("@")


def read_tag_expression(text: str, at: str, found: Findings) -> TagExpression | None:
    """Read ``text``; what is wrong is told with the character where it is, and is ``None``."""
    if len(text) > MAX_EXPRESSION:
        found.add(at, f"expected at most {MAX_EXPRESSION:,} characters, got {len(text):,}")
        return None
    try:
        return TagExpression(text, tuple(_postfix(text)))
    except _Syntax as error:
        found.add(at, f"'{text[:MAX_WORD]}' is no tag expression: {error}")
        return None


def _postfix(text: str) -> Iterator[str | int]:
    """Yield tags and operators in postfix order (Dijkstra's shunting yard)."""
    waiting: list[tuple[int, int]] = []  # operators and brackets, with where they stand
    expects_tag = True
    for token in _tokens(text):
        operator = token.operator
        opens = token.is_tag or operator in (NOT, _OPEN)
        if opens != expects_tag:
            raise _Syntax(_unexpected(token, expects_tag))
        if token.is_tag:
            yield _tag(token)
        elif operator in (NOT, _OPEN):
            waiting.append((operator, token.at))
            continue
        elif operator is None:  # ")"
            yield from _closed(waiting, token)
        else:
            while waiting and waiting[-1][0] >= operator:
                yield waiting.pop()[0]
            waiting.append((operator, token.at))
        expects_tag = operator is not None
    if not text.strip():
        raise _Syntax("it is empty; what is for every test goes to the top level of the config")
    if expects_tag:
        raise _Syntax("it ends where a tag must follow")
    while waiting:
        operator, at = waiting.pop()
        if operator == _OPEN:
            raise _Syntax(f"the '(' at character {at} is never closed")
        yield operator


def _closed(waiting: list[tuple[int, int]], token: _Token) -> Iterator[int]:
    while waiting and waiting[-1][0] != _OPEN:
        yield waiting.pop()[0]
    if not waiting:
        raise _Syntax(f"the ')' at character {token.at} closes nothing")
    waiting.pop()


def _unexpected(token: _Token, expects_tag: bool) -> str:
    wanted = "a tag, 'not' or '('" if expects_tag else "'and', 'or' or ')'"
    meant = _meant(token.text)
    hint = f"; write '{meant}'" if meant in ("and", "or") and not expects_tag else ""
    return f"expected {wanted} at character {token.at}, got '{token.text}'{hint}"


def _meant(text: str) -> str | None:
    """Return the operator that ``text`` is meant for, if it is not written as here."""
    lower = text.lower()
    return lower if text != lower and lower in _WORDS else _MEANT.get(text)


def _tag(token: _Token) -> str:
    """Return the tag without ``@``; what other tools write otherwise is told, not taken as a tag."""
    text, cure = token.text, None
    if text.startswith(_NEGATIONS):
        cure = f"; write 'not {text[1:]}'"
    elif ",@" in text or ",~@" in text:
        parts = (part.replace("~", "not ") for part in text.split(","))
        cure = f"; write '{' or '.join(parts)}'"
    elif (meant := _meant(text)) is not None:
        cure = f"; write '{meant}'"
    elif text == "@":
        cure = ""
    if cure is not None:
        raise _Syntax(f"'{text}' at character {token.at} is no tag{cure}")
    return bare_tag(text)


def _tokens(text: str) -> Iterator[_Token]:
    """Yield words and brackets; a word with an escape in it is a tag, whatever it says."""
    word, start, escaped = "", 0, False
    reading = enumerate(text + " ", 1)
    for at, character in reading:
        if character == "\\":
            _, following = next(reading)
            if at == len(text) or not (following.isspace() or following in "()\\"):
                raise _Syntax(
                    f"the backslash at character {at} stands before no blank, '(', ')' or '\\'"
                )
            word, start, escaped = word + following, start or at, True
        elif character.isspace() or character in "()":
            if word:
                yield _Token(word, start, escaped or word not in _WORDS)
            word, start, escaped = "", 0, False
            if not character.isspace():
                yield _Token(character, at, False)
        else:
            word, start = word + character, start or at
