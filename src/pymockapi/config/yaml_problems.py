"""What the YAML parser complains of, in plain words, followed by its own."""

from __future__ import annotations

from typing import Final

import yaml

from pymockapi.config.flaws import UnreadableText
from pymockapi.config.places import MAX_DEPTH

_PLAIN: Final = (
    ("maximum nesting depth", f"nested more than {MAX_DEPTH} levels deep"),  # libyaml's own bound
    ("mapping values are not allowed", "a ': ' where no key can stand; quote text with a colon,"
     " and check the indentation"),
    ("cannot start any token", "a character that cannot start a value; indent with spaces, not"
     " tabs, and quote text that starts with @, ` or %"),
    ("',' or ']'", "a list in [ ] is not closed, or lacks a comma"),
    ("',' or '}'", "an object in { } is not closed, or lacks a comma; quote text with"
     " { } [ ] or a comma in it, as in {path: \"/a/{id}\"}"),
    ("could not find expected ':'", "a key without ': ' after it"),
    ("expected <block end>", "the indentation does not line up with the lines above"),
    ("did not find expected key", "the indentation does not line up with the lines above"),
    ("expected '-' indicator", "the indentation does not line up with the lines above"),
    ("unexpected end of stream", "a quote is opened and never closed"),
    ("unknown escape character", "an unknown escape in a double-quoted text; write \\\\ for a"
     " backslash, or use single quotes"),
    ("undefined alias", "an alias (*name) without its anchor (&name)"),
    ("expected node content", "a value is missing here"),
    ("expected the node content", "a value is missing here"),
    ("tag", "a tag that cannot be read; leave it out"),
)  # fmt: skip


def unreadable_yaml(error: yaml.MarkedYAMLError) -> UnreadableText:
    mark = error.problem_mark or error.context_mark
    said = ", ".join(part for part in (error.context, error.problem) if part)
    plain = next((words for text, words in _PLAIN if text in said), "a mistake of syntax")
    line, column = (mark.line + 1, mark.column + 1) if mark is not None else (1, 1)
    return UnreadableText(line, column, f"not valid YAML: {plain} (the parser: {said})")


def unreadable_character(text: str) -> UnreadableText:
    found = yaml.reader.Reader.NON_PRINTABLE.search(text)
    if found is None:
        return UnreadableText(1, 1, "not valid YAML: a character that YAML does not allow")
    line = text.count("\n", 0, found.start()) + 1
    column = found.start() - (text.rfind("\n", 0, found.start()) + 1) + 1
    return UnreadableText(
        line,
        column,
        f"the character U+{ord(found[0]):04X} is not allowed in YAML; write it as an escape"
        " in a double-quoted text",
    )
