"""Regular expressions of users: checked when they are defined, run under limits.

An expression has 4 kB and counted repeats of up to 1,000 (nested ones multiply), since the
library writes repeats out when it compiles: three nested ``{1000}`` take all memory. A subject
has 64 kB, a match 20 ms, all matches of a request 50 ms; a limit reached is never "no match".
"""

from __future__ import annotations

import warnings
from collections.abc import Callable
from time import perf_counter, thread_time
from typing import Any, Final

from pymockapi.engine.features import load_regex
from pymockapi.engine.json_values import spend
from pymockapi.engine.repeats import expanded_size, is_verbose, largest_repeat
from pymockapi.model.aside import Aside, Match, SlowMatch
from pymockapi.model.errors import ExpressionLimit
from pymockapi.model.reader import Findings, kind_of
from pymockapi.model.stub import Context

Method = Callable[..., Any]  # of a compiled expression: takes a subject, a time limit, and how

MAX_EXPRESSION_BYTES: Final = 4096
MAX_REPEAT: Final = 1000
MAX_EXPANDED: Final = 50_000  # parts with repeats written out: compiling takes about 10 ms
MAX_SUBJECT_CHARS: Final = 65_536
STEPS: Final = 8  # that a match takes beside its time, 4 us
MATCH_S: Final = 0.02
REQUEST_S: Final = 0.05


class Regex:
    """A compiled expression. Raises ``ExpressionLimit`` where an answer would go past a limit."""

    __slots__ = ("_compiled", "text")

    def __init__(self, text: str, compiled: Any) -> None:
        self.text = text
        self._compiled = compiled

    def matches(self, subject: str, context: Context) -> bool:
        """Return whether the whole of ``subject`` fits."""
        return self._run(self._compiled.fullmatch, subject, context)

    def finds(self, subject: str, context: Context) -> bool:
        """Return whether some part of ``subject`` fits."""
        return self._run(self._compiled.search, subject, context)

    def _run(self, method: Method, subject: str, context: Context) -> bool:
        if len(subject) > MAX_SUBJECT_CHARS:
            raise ExpressionLimit(
                f"The regular expression {self._name()} met a value of {len(subject)} characters;"
                f" it may read {MAX_SUBJECT_CHARS}."
            )
        spend(context, STEPS)
        left = min(MATCH_S, context.regex_left_s)
        if left <= 0:
            raise ExpressionLimit(
                f"The regular expressions for this request took more than {REQUEST_S * 1000:.0f} ms"
                f" together; the last was {self._name()}."
            )
        if context.aside is None:
            found = _timed(method, subject, left)
        else:
            found = _found(method, subject, left, context.aside)
        context.regex_left_s -= found.took_s
        if found.fits is None:
            raise ExpressionLimit(
                f"The regular expression {self._name()} took more than {left * 1000:.0f} ms on a"
                f" value of {len(subject)} characters; make its repeats less ambiguous."
            )
        return found.fits

    def _name(self) -> str:
        return f"'{self.text}'" if len(self.text) <= 100 else f"'{self.text[:100]}…'"


class _Slow(SlowMatch):
    """A match that goes on in another thread, without the interpreter's lock.

    What counts is that thread's own time. The library counts that of the whole process, in which
    the event loop has its part; where it ended a match before its time, the match is run again
    with twice the limit. So what else the process does makes no difference to the result.
    """

    def __init__(self, method: Method, subject: str, left: float, aside: Aside) -> None:
        super().__init__()
        self._method = method
        self._subject = subject
        self._left = left
        self._aside = aside

    def run(self) -> None:
        limit = self._left
        while True:
            began = thread_time()
            fits = _fits(self._method, self._subject, limit, concurrent=True)
            took = thread_time() - began
            if fits is not None or took >= self._left or limit > 100 * self._left:
                break
            limit *= 2
        found = Match(None if took > self._left else fits, took)
        self._aside.matches[self._method, self._subject] = found


def _found(method: Method, subject: str, left: float, aside: Aside) -> Match:
    """Return the result if it is known or quickly found. Raises ``SlowMatch`` if it is not."""
    found = aside.matches.get((method, subject))
    if found is not None:
        return found
    if aside.turn_left_s > 0:
        found = _timed(method, subject, min(left, aside.turn_left_s))
        aside.turn_left_s -= found.took_s
        if found.fits is not None:
            aside.matches[method, subject] = found
            return found
    raise _Slow(method, subject, left, aside)


def _timed(method: Method, subject: str, left: float) -> Match:
    began = perf_counter()
    fits = _fits(method, subject, left, concurrent=False)
    return Match(fits, perf_counter() - began)


def _fits(method: Method, subject: str, limit: float, *, concurrent: bool) -> bool | None:
    """Return the result; ``None`` if there is none within ``limit`` seconds."""
    try:
        return method(subject, timeout=limit, concurrent=concurrent) is not None
    except (TimeoutError, MemoryError):
        return None


def compile_regex(data: object, at: str, found: Findings) -> Regex:
    """Compile ``data``; on an error, reports it and returns an expression that fits nothing."""
    if not isinstance(data, str):
        found.add(at, f"expected a regular expression as a string, got {kind_of(data)}")
    elif problem := limit_passed(data, found):
        found.add(at, problem)
    else:
        compiled, problem = _compile(data)
        if not problem:
            return Regex(data, compiled)
        found.add(at, f"'{data[:100]}' is no regular expression: {problem}")
    return Regex("(?!)", load_regex().compile("(?!)"))


def limit_passed(text: str, found: Findings) -> str:
    """Return which limit of a definition ``text`` goes past, as a sentence; empty if none."""
    size = len(text.encode("utf-8", "surrogatepass"))
    if size > MAX_EXPRESSION_BYTES:
        return f"a regular expression may have {MAX_EXPRESSION_BYTES} bytes, this one has {size}"
    if is_verbose(text):
        return "verbose expressions, (?x), are not taken; write it without spaces and comments"
    if (count := largest_repeat(text)) > MAX_REPEAT:
        return (
            f"counted repeats may go to {MAX_REPEAT}, nested ones multiplied; here they go to"
            f" {count}"
        )
    if (count := expanded_size(text)) > MAX_EXPANDED:
        return f"with its repeats written out it has {count} parts; {MAX_EXPANDED} are allowed"
    found.regex_parts += count
    if found.regex_parts > MAX_EXPANDED:
        return f"with those before it in this definition it has {found.regex_parts} parts; {MAX_EXPANDED} are allowed"
    return ""


def _compile(text: str) -> tuple[Any, str]:
    library = load_regex()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # the library warns of sets that a later version may nest
        try:
            return library.compile(text, cache_pattern=False), ""
        except (library.error, ValueError, OverflowError, RecursionError) as error:
            return None, str(error) or type(error).__name__
