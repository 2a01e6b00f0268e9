"""Regular expressions of a JSON Schema: the library's engine of linear time, and a stopwatch.

That engine takes no look-around and no back-references; in return a text takes at most 250 ns a
character and 5 ns more for each part of the expression (measured with ``[ab]*a[ab]{1000}c``). So
a text may be as long as fits into the time of one regular expression.
"""

from __future__ import annotations

from collections.abc import Iterator
from time import perf_counter
from typing import Any, Final

from pymockapi.engine.expressions.regexes import MATCH_S, MAX_SUBJECT_CHARS, REQUEST_S, limit_passed
from pymockapi.engine.expressions.schema_graph import Subschema
from pymockapi.engine.features import load_jsonschema
from pymockapi.engine.repeats import expanded_size
from pymockapi.model.errors import ExpressionLimit
from pymockapi.model.reader import Findings, below

MAX_PARTS: Final = 4_000  # of all expressions of a schema: compiling takes 6 ms
MAX_COMPILED_BYTES: Final = 1_048_576
_CLASS: Final = 10  # parts that a class of Unicode counts for, 15 us each
_CHAR_S: Final = 250e-9
_PART_S: Final = 5e-9


def pattern_options() -> Any:
    return load_jsonschema().RegexOptions(
        size_limit=MAX_COMPILED_BYTES, dfa_size_limit=MAX_COMPILED_BYTES
    )


class Stopwatch:
    """The time that the patterns of one schema may still take, and the limit that one reached."""

    __slots__ = ("left_s", "limit")

    def __init__(self) -> None:
        self.left_s = 0.0
        self.limit: ExpressionLimit | None = None

    def start(self, left_s: float) -> None:
        self.left_s = left_s
        self.limit = None


class NotFitting(Exception):
    """What the library takes for "this text does not fit"."""


class Patterns:
    """The keyword ``pattern``, for the library to call; it makes one ``Pattern`` for each place."""

    __slots__ = ("watch",)

    def __init__(self) -> None:
        self.watch = Stopwatch()

    def __call__(self, _parent: object, text: str, _path: object) -> Pattern:
        return Pattern(text, self.watch)


class Pattern:
    __slots__ = ("_fits", "_max_chars", "_text", "_watch")

    def __init__(self, text: str, watch: Stopwatch) -> None:
        self._text = text
        self._watch = watch
        self._fits = compile_pattern(text).is_valid
        each_s = _CHAR_S + _PART_S * expanded_size(text)
        self._max_chars = min(MAX_SUBJECT_CHARS, int(MATCH_S / each_s))

    def validate(self, value: object) -> None:
        """Raise if ``value`` is a text that does not fit, or once a limit is reached."""
        if not isinstance(value, str):
            return
        watch = self._watch
        if watch.limit is not None:
            raise NotFitting
        if len(value) > self._max_chars:
            self._stop(f"met a value of {len(value):,} characters; it may read {self._max_chars:,}")
        start = perf_counter()
        fits = self._fits(value)
        watch.left_s -= perf_counter() - start
        if watch.left_s < 0:
            self._stop(
                f"was the last of those for this request, which took more than"
                f" {REQUEST_S * 1000:.0f} ms together"
            )
        if not fits:
            raise NotFitting(self._text)

    def _stop(self, what: str) -> None:
        text = self._text if len(self._text) <= 100 else f"{self._text[:100]}…"
        self._watch.limit = ExpressionLimit(f"The pattern '{text}' of a JSON Schema {what}.")
        raise NotFitting


def compile_pattern(text: str) -> Any:
    """Return a validator of texts. Raises the library's ``ValidationError``."""
    library = load_jsonschema()
    return library.Draft202012Validator({"pattern": text}, pattern_options=pattern_options())


def check_patterns(subschemas: list[Subschema], found: Findings) -> None:
    """Report expressions that are none, or go past a limit."""
    room = MAX_PARTS
    seen: set[str] = set()
    for text, at in _patterns_of(subschemas):
        if text in seen or room < 0:
            continue
        seen.add(text)
        if problem := limit_passed(text, found):
            found.add(at, problem)
            continue
        room -= expanded_size(text) * (_CLASS if "\\p" in text.lower() else 1)
        if room < 0:
            found.add(at, f"the patterns of a JSON Schema may have {MAX_PARTS:,} parts together")
        elif not _compiles(text):
            found.add(
                at,
                f"'{text[:100]}' is no regular expression that runs in linear time: look-around,"
                " back-references and very large repeats are not possible here",
            )


def _compiles(text: str) -> bool:
    try:
        compile_pattern(text)
    except load_jsonschema().ValidationError:
        return False
    return True


def _patterns_of(subschemas: list[Subschema]) -> Iterator[tuple[str, str]]:
    for each in subschemas:
        if isinstance(text := each.data.get("pattern"), str):
            yield text, below(each.at, "pattern")
        if isinstance(by_pattern := each.data.get("patternProperties"), dict):
            for text in by_pattern:
                yield str(text), below(below(each.at, "patternProperties"), str(text))
