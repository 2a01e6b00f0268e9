"""Reading a JSONPath: syntax, and the filters as plain functions over (current, root, context).

What the library's parser accepts beyond RFC 9535 is refused. Regular expressions in filters are
string literals, so that they are checked and compiled when the path is defined.
"""

from __future__ import annotations

import re
from typing import Any, Final

from pymockapi.engine.expressions.jsonpath import (
    MAX_EXPRESSION_CHARS,
    Filter,
    Index,
    JsonPath,
    Name,
    Segment,
    Selector,
    Slice,
    Wildcard,
)
from pymockapi.engine.expressions.jsonpath_filters import (
    COMPARISONS,
    Query,
    Test,
    Value,
    both,
    dotted,
    either,
    length_of,
    negated,
    only_value,
)
from pymockapi.engine.expressions.regexes import compile_regex
from pymockapi.engine.features import load_jsonpath
from pymockapi.model.reader import Findings, kind_of
from pymockapi.model.stub import Context, Json

_TOKEN: Final = re.compile(r"'?\bTOKEN_([A-Z_]+)\b'?")
_WRITTEN: Final = {
    "EOF": "the end", "COLON": "':'", "COMMA": "','", "DDOT": "'..'", "DOT": "'.'", "FILTER": "'?'",
    "LBRACKET": "'['", "RBRACKET": "']'", "ROOT": "'$'", "WILD": "'*'", "NAME": "a name",
    "DOT_PROPERTY": "a name", "KEY_NAME": "a name", "AND": "'&&'", "OR": "'||'", "NOT": "'!'",
    "EQ": "'=='", "NE": "'!='", "LT": "'<'", "LE": "'<='", "GT": "'>'", "GE": "'>='", "INT": "a number",
    "FLOAT": "a number", "LPAREN": "'('", "RPAREN": "')'", "SELF": "'@'", "STRING": "a string",
    "DOUBLE_QUOTE_STRING": "a string", "SINGLE_QUOTE_STRING": "a string", "FUNCTION": "a function",
    "ERROR": "what is no part of a JSONPath", "WHITESPACE": "a blank", "BLANK": "a blank",
}  # fmt: skip
"""What the library's names of tokens stand for, as it is written in a path."""

MAX_FILTER_DEPTH: Final = 20  # levels of brackets and filters in filters


def read_jsonpath(data: object, at: str, found: Findings) -> JsonPath:
    """Read a JSONPath; on an error, reports it and returns the path of the root."""
    if not isinstance(data, str):
        found.add(at, f"expected a JSONPath as a string, got {kind_of(data)}")
    elif len(data) > MAX_EXPRESSION_CHARS:
        found.add(at, f"a JSONPath may have {MAX_EXPRESSION_CHARS} characters, got {len(data)}")
    else:
        return _read(data, at, found)
    return JsonPath("$", ())


def _read(text: str, at: str, found: Findings) -> JsonPath:
    if (plain := _plain_names(text)) is not None:
        return JsonPath(text, plain)
    if not text.startswith("$"):
        found.add(at, f"'{text[:100]}' is no JSONPath (RFC 9535): it begins with '$'{_meant(text)}")
        return JsonPath("$", ())
    library = load_jsonpath()
    try:
        parsed = library.JSONPathEnvironment(strict=True).compile(text)
    except (library.JSONPathError, RecursionError, ValueError) as error:
        reason = reason_of(error)
    else:
        try:
            return JsonPath(text, _Reader(at, found).segments(parsed, MAX_FILTER_DEPTH))
        except _Refused as refusal:
            reason = str(refusal)
    found.add(at, f"'{text[:100]}' is no JSONPath (RFC 9535): {reason}")
    return JsonPath("$", ())


def reason_of(error: Exception) -> str:
    """Return what is wrong with a path, without the names that the library gives to tokens."""
    message = str(error.args[0]) if error.args else type(error).__name__
    message = _TOKEN.sub(lambda found: _WRITTEN.get(found[1], _worded(found[1])), message)
    token = getattr(error, "token", None)
    index = getattr(token, "index", -1)
    return f"{message}, at character {index + 1}" if index >= 0 else message


def _worded(kind: str) -> str:
    return kind.lower().replace("_", " ")


def _meant(text: str) -> str:
    """Return what someone will have meant who left the ``$`` out."""
    if text[:1] == "@":
        return _meant(text[1:])
    if text[:1] in ("[", "."):
        return f", as in '${text[:100]}'"
    return f", as in '$.{text[:100]}'" if text[:1].isidentifier() else ", as in '$.name'"


def _plain_names(text: str) -> tuple[Segment, ...] | None:
    """Read ``$.a.b`` without the library, whose import takes longer than a server's start."""
    root, *names = text.split(".")
    if root != "$" or not all(name.isascii() and name.isidentifier() for name in names):
        return None
    return tuple(Segment((Name(name),)) for name in names)


class _Refused(Exception):
    """An expression that RFC 9535 does not have, or that is nested too deep."""


class _Reader:
    """Translates the library's tree, whose classes are told by name (it is loaded lazily)."""

    def __init__(self, at: str, found: Findings) -> None:
        self._at = at
        self._found = found

    def segments(self, parsed: Any, room: int) -> tuple[Segment, ...]:
        if room <= 0:
            raise _Refused(f"filters may be nested {MAX_FILTER_DEPTH} levels deep")
        return tuple(
            Segment(
                tuple(self._selector(selector, room) for selector in segment.selectors),
                type(segment).__name__ == "JSONPathRecursiveDescentSegment",
            )
            for segment in parsed.segments
        )

    def _selector(self, selector: Any, room: int) -> Selector:
        match type(selector).__name__:
            case "NameSelector":
                return Name(selector.name)
            case "IndexSelector":
                return Index(selector.index)
            case "SliceSelector":
                part = selector.slice
                return Slice(part.start, part.stop, part.step)
            case "WildcardSelector":
                return Wildcard()
            case "Filter":
                return Filter(self._test(selector.expression.expression, room - 1))
        raise _Refused(f"'{selector}' is no selector")

    def _test(self, expression: Any, room: int) -> Test:
        if room <= 0:
            raise _Refused(f"filters may be nested {MAX_FILTER_DEPTH} levels deep")
        match type(expression).__name__:
            case "InfixExpression" if expression.logical:
                left = self._test(expression.left, room - 1)
                right = self._test(expression.right, room - 1)
                return both(left, right) if expression.operator == "&&" else either(left, right)
            case "InfixExpression":
                return self._comparison(expression, room)
            case "PrefixExpression":
                return negated(self._test(expression.right, room - 1))
            case "RelativeFilterQuery" | "RootFilterQuery":
                nodes = self._query(expression, room)
                return lambda current, root, context: bool(nodes(current, root, context))
            case "FunctionExtension" if expression.name in ("match", "search"):
                return self._regex(expression, room)
        raise _Refused(f"'{expression}' is neither true nor false")

    def _comparison(self, expression: Any, room: int) -> Test:
        if expression.operator not in COMPARISONS:
            raise _Refused(f"'{expression.operator}' is no comparison")
        left = self._value(expression.left, room - 1)
        right = self._value(expression.right, room - 1)
        compare = COMPARISONS[expression.operator]
        return lambda current, root, context: compare(
            left(current, root, context), right(current, root, context), context
        )

    def _value(self, expression: Any, room: int) -> Value:
        if room <= 0:
            raise _Refused(f"filters may be nested {MAX_FILTER_DEPTH} levels deep")
        match type(expression).__name__:
            case "Nil":
                return lambda current, root, context: None  # noqa: ARG005
            case "BooleanLiteral" | "StringLiteral" | "IntegerLiteral" | "FloatLiteral":
                literal = expression.value
                return lambda current, root, context: literal  # noqa: ARG005
            case "RelativeFilterQuery" | "RootFilterQuery":
                return only_value(self._query(expression, room))
            case "FunctionExtension" if expression.name in ("length", "count", "value"):
                return self._function(expression, room)
        raise _Refused(f"'{expression}' is no value to compare")

    def _function(self, expression: Any, room: int) -> Value:
        (argument,) = expression.args
        if expression.name == "length":
            value = self._value(argument, room - 1)
            return lambda current, root, context: length_of(value(current, root, context))
        nodes = self._query(argument, room)
        if expression.name == "value":
            return only_value(nodes)
        return lambda current, root, context: len(nodes(current, root, context))

    def _regex(self, expression: Any, room: int) -> Test:
        subject, pattern = expression.args
        value = self._value(subject, room - 1)
        if type(pattern).__name__ != "StringLiteral":
            raise _Refused(
                f"the expression that {expression.name}() takes must be a string literal"
            )
        regex = compile_regex(dotted(pattern.value), self._at, self._found)
        run = regex.matches if expression.name == "match" else regex.finds

        def test(current: Json, root: Json, context: Context) -> bool:
            text = value(current, root, context)
            return isinstance(text, str) and run(text, context)

        return test

    def _query(self, expression: Any, room: int) -> Query:
        segments = self.segments(expression.path, room - 1)
        path = JsonPath("", segments)
        select = path.reach if path.is_singular else path.select
        if type(expression).__name__ == "RootFilterQuery":
            return lambda current, root, context: select(root, root, context)  # noqa: ARG005
        return select
