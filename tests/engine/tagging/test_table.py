"""The table of tags: reading it, with every error, and which of its rows hold."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.engine.reading import Reported, assert_findings

from pymockapi.engine.tagging.reading import reading_table
from pymockapi.engine.tagging.table import TagTable
from pymockapi.model.reader import Findings
from pymockapi.model.slices import at_once

SETS = {"down": 1, "slow": 2}


def table(rows: Any, expected: Reported = []) -> TagTable:  # noqa: B006
    found = Findings()
    read = at_once(reading_table(rows, "/tags", found, SETS))
    assert_findings([(each.pointer, each.message) for each in found.items], *expected)
    return read


def holding(read: TagTable, *tags: str) -> list[str]:
    return [row.text for row in at_once(read.holding(frozenset(tags)))]


def test_a_row_has_what_it_says() -> None:
    (row,) = table({"@a": {"sets": ["down"], "state": {"k": 1}, "settings": {"delay": "1s"}}}).rows
    assert (row.text, row.sets, row.state) == ("@a", ("down",), {"k": 1})
    assert (row.settings, row.brings_nothing) == ({"delay": "1s"}, False)


@pytest.mark.parametrize("content", [None, {}, {"sets": []}, {"state": {}, "settings": {}}])
def test_a_row_may_bring_nothing(content: Any) -> None:
    (row,) = table({"@a": content}).rows
    assert row.brings_nothing


@pytest.mark.parametrize(
    ("rows", "expected"),
    [
        ([], [("/tags", "expected an object, got a list")]),
        (
            {"@a or": {}, "@b": [], "@c": {"set": []}},
            [
                ("/tags/@a or", "it ends where a tag must follow"),
                ("/tags/@b", "expected an object, got a list"),
                ("/tags/@c/set", "did you mean 'sets'?"),
            ],
        ),
        (
            {"@a": {"sets": ["dwn", "slow"], "state": 1, "settings": {"dely": 1}}},
            [
                ("/tags/@a/sets/0", "there is no set 'dwn'; did you mean 'down'?"),
                ("/tags/@a/settings/dely", "did you mean 'delay'?"),
                ("/tags/@a/state", "expected an object"),
            ],
        ),
        ({"~@a": {"sets": ["x"]}}, [("/tags/~0@a", "write 'not @a'"), ("/tags/~0@a/sets/0", "no set 'x'")]),
        (
            {"@a": {"stubs": [], "seed": 7, "delay": 1, "limits": {}}},
            [
                ("/tags/@a/stubs", "put them in a set, and name that in 'sets'"),
                ("/tags/@a/seed", "it is a setting"),
                ("/tags/@a/delay", "it is a setting"),
                ("/tags/@a/limits", "they are a setting"),
            ],
        ),
        (
            {"tags": {"@a or @b": {}}},
            [("/tags/tags/@a or @b", "it looks like a row: rows stand side by side")],
        ),
        ({"@a": {}, "b": {}, "( a )": {}}, [("/tags/( a )", "this is the row '@a' again")]),
        ({"@a and @b": {}, "a and(@b)": {}}, [("/tags/a and(@b)", "the row '@a and @b' again")]),
        ({f"@t{n}": {} for n in range(5_001)}, [("/tags", "at most 5,000 rows, got 5,001")]),
    ],
)  # fmt: skip
def test_everything_wrong_in_a_table_is_reported_in_its_place(
    rows: Any, expected: Reported
) -> None:
    table(rows, expected)


def test_rows_that_hold_come_in_the_order_of_the_table() -> None:
    read = table({"@z": {}, "not @y": {}, "@a or @z": {}, "not @z": {}, "@a and @z": {}})
    assert holding(read) == ["not @y", "not @z"]
    assert holding(read, "z") == ["@z", "not @y", "@a or @z"]
    assert holding(read, "a", "z", "y") == ["@z", "@a or @z", "@a and @z"]
    assert holding(read, "nobody") == ["not @y", "not @z"]


def test_a_long_table_is_evaluated_in_slices() -> None:
    rows: dict[str, Any] = {f"@a or @t{n}": None for n in range(200)}
    found = Findings()
    assert len(list(reading_table(rows, "", found, {}))) > 200
    assert len(list(table(rows).holding(frozenset({"a"})))) > 10


_words = st.sampled_from(["@a", "@b", "@c", "not @a", "not @b", "not @c"])
_expressions = st.lists(_words, min_size=1, max_size=4).flatmap(
    lambda words: st.sampled_from([" and ".join(words), " or ".join(words), f"not ({' or '.join(words)})"])
)  # fmt: skip


@given(st.lists(_expressions, max_size=8), st.sets(st.sampled_from("abcxy")))
def test_the_rows_found_are_those_that_hold_one_by_one(texts: list[str], tags: set[str]) -> None:
    found = Findings()
    read = at_once(reading_table(dict.fromkeys(texts), "", found, {}))
    expected = [row.text for row in read.rows if row.expression.holds(tags)]
    assert holding(read, *tags) == expected
