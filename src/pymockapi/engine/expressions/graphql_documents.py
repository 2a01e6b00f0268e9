"""GraphQL documents (specification of October 2021): their operations, and one form for each meaning.

A library parses; how much it may be given is counted before. In the normal form two documents are
the same text when they ask for the same: it has no comments, no commas, one space, and definitions,
variables, selections, arguments and members of objects in alphabetical order. A ``__typename``
beside other fields is left out, since clients add it on their own.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import lru_cache
from typing import Any, Final

import msgspec

from pymockapi.engine.features import load_graphql

MAX_CHARS: Final = 16_384  # 160 ns each, in long texts and comments
MAX_TOKENS: Final = 1_500  # 8 us each, with the normal form
MAX_DEPTH: Final = 50  # the parser takes up to 4 calls a level, and Python recurses 1,000 deep
KEPT: Final = 64  # documents, since clients send the same ones; 1 MB at most

_TOKEN: Final = re.compile(  # what is not closed goes to the end, so that each start is read once
    r'''"""(?:\\"""|[^"]|"(?!""))*+(?:"""|\Z)|"(?:\\.|[^"\\\n])*+"?|#[^\n]*|\.\.\.|[\w.+-]+|[^\s,]''',
    re.ASCII,
)
_OPENING: Final = frozenset("{[(")
_CLOSING: Final = frozenset("}])")
_EXECUTABLE: Final = ("operation_definition", "fragment_definition")


class Document(msgspec.Struct, frozen=True):
    """``operations`` are pairs of name and type in order; ``problem`` says why it is no document."""

    operations: tuple[tuple[str | None, str], ...] = ()
    normal: str = ""
    problem: str = ""

    def type_of(self, name: str | None) -> str | None:
        """Return the type of the operation that runs when ``name`` is asked for."""
        if name is None:
            return self.operations[0][1] if len(self.operations) == 1 else None
        return next((kind for other, kind in self.operations if other == name), None)

    @property
    def only_name(self) -> str | None:
        """The name of the operation that runs when none is asked for."""
        return self.operations[0][0] if len(self.operations) == 1 else None


def measure(text: str) -> tuple[int, str]:
    """Return how many tokens a text has, and which limit it goes past; cheap beside parsing.

    The limit is the end of a sentence, empty if there is none.
    """
    if len(text) > MAX_CHARS:
        return 0, f"{len(text):,} characters; up to {MAX_CHARS:,} are read"
    count = depth = deepest = 0
    for found in _TOKEN.finditer(text):
        token = found[0]
        count += 1
        if token in _OPENING:
            depth += 1
            deepest = max(deepest, depth)
        elif token in _CLOSING:
            depth -= 1
    if count > MAX_TOKENS:
        return count, f"{count:,} tokens; up to {MAX_TOKENS:,} are read"
    return count, f"{deepest} levels; down to {MAX_DEPTH} are read" if deepest > MAX_DEPTH else ""


@lru_cache(maxsize=KEPT)
def read_document(text: str) -> Document:
    """Parse a document that is within the limits."""
    library = load_graphql()
    try:
        parsed = library.parse(text, no_location=True)
    except (library.parser.GraphQLSyntaxError, RecursionError) as error:
        return Document(problem=_reason(error))
    other = next((each for each in parsed.definitions if each.kind not in _EXECUTABLE), None)
    if other is not None:
        return Document(problem=f"it has more than operations: {other.kind.replace('_', ' ')}")
    operations = tuple(
        (each.name.value if each.name else None, each.operation.value)
        for each in parsed.definitions
        if each.kind == "operation_definition"
    )
    return Document(operations, " ".join(sorted(map(_definition, parsed.definitions))))


def _reason(error: Exception) -> str:
    message = str(getattr(error, "message", error))
    places = getattr(error, "locations", None)
    return f"{message} (line {places[0].line}, column {places[0].column})" if places else message


def _definition(node: Any) -> str:
    name = f" {node.name.value}" if node.name else ""
    if node.kind == "fragment_definition":
        kind, condition = "fragment", f" on {node.type_condition.name.value}"
    else:
        kind, condition = node.operation.value, ""
    variables = _bracketed(sorted(map(_variable, node.variable_definitions or ())))
    return f"{kind}{name}{variables}{condition}{_directives(node)} {_selections(node)}"


def _variable(node: Any) -> str:
    default = f" = {_value(node.default_value)}" if node.default_value else ""
    return f"${node.variable.name.value}: {_type(node.type)}{default}{_directives(node)}"


def _type(node: Any) -> str:
    if node.kind == "non_null_type":
        return f"{_type(node.type)}!"
    return f"[{_type(node.type)}]" if node.kind == "list_type" else str(node.name.value)


def _selections(node: Any) -> str:
    if not node.selection_set:
        return ""
    found = sorted(map(_selection, node.selection_set.selections))
    shown = [each for each in found if each != "__typename"] or found[:1]
    return f"{{{' '.join(shown)}}}"


def _selection(node: Any) -> str:
    if node.kind == "fragment_spread":
        return f"...{node.name.value}{_directives(node)}"
    below = _selections(node)
    below = f" {below}" if below else ""
    if node.kind == "inline_fragment":
        condition = f" on {node.type_condition.name.value}" if node.type_condition else ""
        return f"...{condition}{_directives(node)}{below}"
    alias = f"{node.alias.value}: " if node.alias else ""
    return f"{alias}{node.name.value}{_arguments(node)}{_directives(node)}{below}"


def _arguments(node: Any) -> str:
    return _bracketed(sorted(map(_named_value, node.arguments or ())))


def _named_value(node: Any) -> str:
    return f"{node.name.value}: {_value(node.value)}"


def _bracketed(parts: Iterable[str]) -> str:
    text = ", ".join(parts)
    return f"({text})" if text else ""


def _directives(node: Any) -> str:
    """Write directives in the order that they have, which may mean something."""
    return "".join(f" @{each.name.value}{_arguments(each)}" for each in node.directives or ())


def _value(node: Any) -> str:
    match node.kind:
        case "variable":
            return f"${node.name.value}"
        case "null_value":
            return "null"
        case "boolean_value":
            return "true" if node.value else "false"
        case "string_value":
            return msgspec.json.encode(node.value).decode()
        case "list_value":
            return f"[{', '.join(map(_value, node.values))}]"
        case "object_value":
            return f"{{{', '.join(sorted(map(_named_value, node.fields)))}}}"
    return str(node.value)
