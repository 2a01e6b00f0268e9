"""Every value of a YAML text has its line and column."""

from __future__ import annotations

from pymockapi.config.places import Places
from pymockapi.config.yaml_text import tokens

TEXT = """\
version: 1
stubs:
  - name: pay
    request: {method: POST, path: /pay}
  # a comment
  - request:
      headers:
        é: &x {matches: a}
        y: *x
"""


def place(*parts: str) -> tuple[int, int]:
    return Places(tokens(TEXT)).locate(parts)


def test_a_member_stands_where_its_key_stands() -> None:
    assert place("version") == (1, 1)
    assert place("stubs", "0", "request", "path") == (4, 29)


def test_an_item_stands_where_it_starts() -> None:
    assert place("stubs", "0") == (3, 5)
    assert place("stubs", "1") == (6, 5)


def test_what_is_not_there_is_told_by_what_is_around_it() -> None:
    assert place("stubs", "1", "response", "status") == (6, 5)
    assert place("nothing") == (1, 1)


def test_columns_count_characters() -> None:
    assert place("stubs", "1", "request", "headers", "é", "matches") == (8, 16)


def test_what_an_alias_stands_for_is_told_at_its_anchor() -> None:
    assert place("stubs", "1", "request", "headers", "y") == (9, 9)
    assert place("stubs", "1", "request", "headers", "y", "matches") == (8, 16)


def test_duplicate_keys_are_found_with_both_places() -> None:
    duplicates = Places(tokens("a: 1\nb: {c: 1, d: 2,\n  c: 3}\na: 2\n")).duplicates
    assert [(flaw.line, flaw.column) for flaw in duplicates] == [(3, 3), (4, 1)]
    assert duplicates[1].message == "duplicate key 'a'; it is in line 1 already"


def test_keys_that_are_no_text_do_not_shift_the_rest() -> None:
    places = Places(tokens("? [a, b]\n: {x: 1}\nc: 2\n"))
    assert places.locate(["c"]) == (3, 1)
