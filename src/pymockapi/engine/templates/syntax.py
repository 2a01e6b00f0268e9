"""A template's text to its tree: Jinja reads it, and compiles or runs nothing.

Its lexer is asked token by token, so that what is too long or nested too deep is refused before
the parser recurses into it. Tokens carry their place in the text instead of a line, and so do the
nodes that are made of them.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache
from types import ModuleType
from typing import Any, Final

from pymockapi.engine.features import load_jinja
from pymockapi.model.errors import nearest

MAX_CHARS: Final = 65_536  # of one template; Jinja's lexer takes 0.2 us for each
MAX_TOKENS: Final = 1_000  # within the tags of one response; reading one takes 15 us
MAX_BRACKETS: Final = 20  # open at once; the parser uses 14 calls for each
MAX_SIGNS: Final = 10  # one after another, as in 'not not x'
MAX_ELSES: Final = 20  # in one tag
MAX_BLOCKS: Final = 10  # in each other
_RETURNS: Final = "\x1c\x1d\x1e\x1f"  # white space to Jinja, and no line's end
_TAGS: Final = ("if", "elif", "else", "endif", "for", "endfor")
_NO_ESCAPE: Final = re.compile(
    r"(?:[^\\]|\\(?:[\\'\"nrtbf]|x[0-9a-fA-F]{2}|u[0-9a-fA-F]{4}|U00(?:0[0-9a-fA-F]{5}|10[0-9a-fA-F]{4})))*+(?=\\)"
)
_KNOWN_TAGS: Final = "if, for and raw"
_UNSUPPORTED: Final = {
    "set": "there is no assignment; write the value where it is used",
    "macro": "there are no macros",
    "call": "there are no macros",
    "include": "there are no includes: a template sees only its inputs",
    "import": "there are no imports: a template sees only its inputs",
    "from": "there are no imports: a template sees only its inputs",
    "extends": "there is no inheritance",
    "block": "there is no inheritance",
    "with": "there is no assignment; write the value where it is used",
    "filter": "a filter goes with a value: {{ value | upper }}",
    "autoescape": "the filter 'escape' goes with a value: {{ value | escape }}",
}


class Fault(Exception):
    """What is wrong in a template, at the character ``at``."""

    def __init__(self, at: int, message: str) -> None:
        super().__init__(message)
        self.at = at
        self.message = message


class Tokens:
    """How many tokens were read, of all templates of one response."""

    __slots__ = ("count",)

    def __init__(self) -> None:
        self.count = 0


class Lines:
    """Tells places in a text; one that is near the last one is found soon."""

    __slots__ = ("_at", "_line", "_text")

    def __init__(self, text: str) -> None:
        self._text = text
        self._at = 0
        self._line = 1

    def place(self, at: int) -> str:
        """Return where the character ``at`` stands, as ``line 2, column 5``."""
        text = self._text
        self._line += text.count("\n", self._at, at) - text.count("\n", at, self._at)
        self._at = at
        return f"line {self._line}, column {at - text.rfind(chr(10), 0, at)}"


def place(text: str, at: int) -> str:
    """Return where the character ``at`` of ``text`` stands."""
    return Lines(text).place(at)


def parse(text: str, tokens: Tokens) -> tuple[Any, str]:
    """Return the tree of ``text``, and what stands in it for a carriage return.

    Its nodes have their place in the text as ``lineno``. Raises ``Fault``.
    """
    if len(text) > MAX_CHARS:
        raise Fault(0, f"it has {len(text):,} characters; a template may have {MAX_CHARS:,}")
    stand_in = next((each for each in _RETURNS if each not in text), "")
    if "\r" in text and not stand_in:
        raise Fault(0, "it has too many sorts of control characters beside carriage returns")
    jinja = load_jinja()
    try:
        return _parsed(jinja, text.replace("\r", stand_in), tokens), stand_in
    except jinja.TemplateSyntaxError as error:
        raise Fault(error.lineno, _sentence(str(error.message))) from None
    except RecursionError:
        raise Fault(0, "it is nested too deep") from None
    except ValueError:  # a whole number of more digits than Python reads
        raise Fault(0, "a number in it is too long") from None


def _parsed(jinja: ModuleType, text: str, tokens: Tokens) -> Any:
    environment, lexer = _reader()
    stream = lexer.wrap(_checked(lexer, text, tokens))
    return jinja.parser.Parser(environment, stream).parse()


@cache
def _reader() -> tuple[Any, Any]:
    """Return an environment whose parser takes tokens, and a lexer that nobody else has.

    The lexer leaves line ends as they are: there are only ``\\n``, and looking for others takes
    0.3 us for each.
    """
    jinja = load_jinja()

    class TakingTokens(jinja.Environment):  # type: ignore[misc, name-defined]
        def _tokenize(self, source: Any, *_: object) -> Any:
            return jinja.lexer.TokenStream(source, None, None)

    environment = TakingTokens(keep_trailing_newline=True)
    lexer = jinja.lexer.Lexer(environment)
    lexer._normalize_newlines = str
    return environment, lexer


def _checked(lexer: Any, text: str, tokens: Tokens) -> Iterator[tuple[int, str, str]]:
    """Yield Jinja's tokens, each with its place; raises ``Fault`` for what goes past a limit."""
    limits, at = _Limits(tokens), 0
    source = lexer.tokeniter(text, None)
    while True:
        try:
            _, kind, value = next(source)
        except StopIteration:
            return
        except load_jinja().TemplateSyntaxError as error:
            raise Fault(min(at, len(text)), _sentence(str(error.message))) from None
        at = text.find(value, at)  # what '-' strips is left out between two tokens
        limits.check(kind, value, at)
        yield at, kind, value
        at += len(value)


class _Limits:
    """What bounds the parser's recursion, counted on its tokens."""

    def __init__(self, tokens: Tokens) -> None:
        self._tokens = tokens
        self._brackets = self._signs = self._elses = self._blocks = 0
        self._is_tag = False

    def check(self, kind: str, value: str, at: int) -> None:
        if kind in ("whitespace", "data"):
            return
        self._tokens.count += 1
        if self._tokens.count > MAX_TOKENS:
            raise Fault(at, f"the templates of one response may have {MAX_TOKENS:,} parts in tags")
        if kind in ("variable_begin", "block_begin"):
            self._brackets = self._signs = self._elses = 0
        if self._is_tag and kind == "name":
            self._tag(value, at)
        self._is_tag = kind == "block_begin"
        if kind == "string" and (wrong := _NO_ESCAPE.match(value)):
            escape = value[wrong.end() : wrong.end() + 2]
            raise Fault(
                at + wrong.end(),
                f"there is no escape '{escape}' here; a backslash is written '\\\\'",
            )
        self._nesting(kind, value, at)

    def _nesting(self, kind: str, value: str, at: int) -> None:
        if kind == "operator" and value in "([{":
            self._brackets += 1
        elif kind == "operator" and value in ")]}":
            self._brackets -= 1
        is_sign = value == "not" or (kind == "operator" and value in "+-")
        self._signs = self._signs + 1 if is_sign else 0
        self._elses += kind == "name" and value == "else"
        for count, most, what in (
            (self._brackets, MAX_BRACKETS, "brackets are open here at once"),
            (self._signs, MAX_SIGNS, "signs stand here one after another"),
            (self._elses, MAX_ELSES, "'else' stand in this tag"),
        ):
            if count > most:
                raise Fault(at, f"more than {most} {what}")

    def _tag(self, name: str, at: int) -> None:
        if name in ("if", "for"):
            self._blocks += 1
        elif name not in _TAGS:
            raise Fault(at, _no_tag(name))
        elif self._blocks == 0:
            raise Fault(at, f"'{{% {name} %}}' stands in no 'if' or 'for'")
        elif name in ("endif", "endfor"):
            self._blocks -= 1
        if self._blocks > MAX_BLOCKS:
            raise Fault(at, f"blocks are nested more than {MAX_BLOCKS} deep")


def _no_tag(name: str) -> str:
    if name in _UNSUPPORTED:
        return f"'{{% {name} %}}' is no part of templates here: {_UNSUPPORTED[name]}"
    near = nearest(name, _TAGS, 1)
    hint = f"did you mean '{near[0]}'?" if near else f"there are {_KNOWN_TAGS}"
    return f"there is no tag '{name[:60]}'; {hint}"


def _sentence(message: str) -> str:
    """Return what Jinja says of a mistake without what it says of itself."""
    sentence = message.partition(" Jinja was looking for")[0].partition(" at ")[0]
    if "Jinja was looking for the following tags: " in message:
        wanted = message.split("following tags: ", 1)[1].split(".", 1)[0]
        sentence += f" Expected {wanted}."
    sentence = sentence.removesuffix(".")
    return sentence[:1].lower() + sentence[1:]
