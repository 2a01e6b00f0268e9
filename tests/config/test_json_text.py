"""JSON text is read strictly, with the place of what is wrong."""

from __future__ import annotations

import pytest

from pymockapi.config.flaws import UnreadableText
from pymockapi.config.json_text import parse, tokens
from pymockapi.config.places import Places


def test_json_is_read_as_it_is() -> None:
    assert parse('{"a": [1, 1.5, true, null, "\\u00e9"]}', []) == (
        {"a": [1, 1.5, True, None, "é"]}, False,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("text", "line", "column"),
    [('{"a": 1,\n "b" 2}', 2, 6), ("", 1, 1), ("{'a': 1}", 1, 2), ('{"a": 1} x', 1, 10)],
)
def test_a_mistake_of_syntax_is_told_with_its_place(text: str, line: int, column: int) -> None:
    with pytest.raises(UnreadableText) as caught:
        parse(text, [])
    assert (caught.value.flaw.line, caught.value.flaw.column) == (line, column)


@pytest.mark.parametrize(
    "text", ["NaN", "[Infinity]", "1e999", "[" * 101 + "]" * 101, "[" * 99_999]
)
def test_what_is_no_json_or_too_deep_is_refused(text: str) -> None:
    with pytest.raises(UnreadableText):
        parse(text, [])


def test_a_duplicate_key_is_found_with_both_places() -> None:
    text = '{\n  "a": {"b": 1,\n    "b": 2}\n}'
    assert parse(text, [])[1]
    (flaw,) = Places(tokens(text)).duplicates
    assert (flaw.line, flaw.column) == (3, 5)
    assert flaw.message == "duplicate key 'b'; it is in line 2 already"


def test_every_value_has_its_place() -> None:
    places = Places(tokens('{\n "a": [1, "x: {",\n  {"b\\n": []}]\n}'))
    assert places.locate([]) == (1, 1)
    assert places.locate(["a"]) == (2, 2)
    assert places.locate(["a", "1"]) == (2, 11)
    assert places.locate(["a", "2", "b\n"]) == (3, 4)
    assert places.locate(["a", "2", "missing", "x"]) == (3, 3)
