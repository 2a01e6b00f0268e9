"""Reading JSON that somebody wrote: each reader's good values, and its words for bad ones."""

from __future__ import annotations

from typing import Any

import pytest

from pymockapi.model.errors import MAX_FINDINGS, Invalid
from pymockapi.model.names import is_name
from pymockapi.model.reader import (
    Findings,
    below,
    kind_of,
    read_choice,
    read_duration,
    read_flag,
    read_int,
    read_list,
    read_name,
    read_object,
    read_text,
    reject_unknown,
)
from pymockapi.model.stub import Json


def reading(read: Any, data: Json, *more: Any) -> tuple[Any, list[str]]:
    found = Findings()
    value = read(data, "/x", found, *more)
    assert {each.pointer for each in found.items} <= {"/x"}
    return value, [each.message for each in found.items]


@pytest.mark.parametrize(
    ("read", "data", "more", "value"),
    [
        (read_object, {"a": 1}, (), {"a": 1}),
        (read_list, [1], (), [1]),
        (read_text, "a", (), "a"),
        (read_flag, False, (), False),
        (read_int, 3, (1, 5), 3),
        (read_int, 3.0, (1,), 3),
        (read_int, 10**30, (0,), 10**30),
        (read_choice, "b", (("a", "b"),), "b"),
        (read_name, "a.B_9-", (), "a.B_9-"),
        (read_duration, "250ms", (), 0.25),
        (read_duration, " 1.5s ", (), 1.5),
        (read_duration, "1h", (), 3600.0),
        (read_duration, 2, (), 2.0),
    ],
)
def test_what_is_right_is_returned(read: Any, data: Json, more: Any, value: Any) -> None:
    assert reading(read, data, *more) == (value, [])


@pytest.mark.parametrize(
    ("read", "data", "more", "value", "message"),
    [
        (read_object, None, (), {}, "expected an object, got null"),
        (read_list, "a", (), [], "expected a list, got a string"),
        (read_text, 1, (), "", "expected a string, got a number"),
        (read_flag, 0, (), False, "expected true or false, got a number"),
        (read_int, True, (1,), 1, "expected a whole number, got a boolean"),
        (read_int, 1.5, (1,), 1, "expected a whole number, got a number"),
        (read_int, 0, (1,), 1, "expected a whole number of at least 1, got 0"),
        (read_int, 9, (1, 5), 1, "expected a whole number from 1 to 5, got 9"),
        (
            read_choice,
            "Frist",
            (("first", "last"),),
            "first",
            "expected one of first, last, got 'Frist'; did you mean 'first'?",
        ),
        (read_choice, [], (("a",),), "a", "expected one of a, got a list"),
        (read_name, "é", (), "é", "'é' is no name: 1 to 128 characters of A-Z a-z 0-9 . _ - are"),
        (read_name, {}, (), "", "expected a string, got an object"),
        (
            read_duration,
            "5",
            (),
            0.0,
            "expected a duration such as 250ms, 2s or 1m, or seconds as a number, got '5'",
        ),
        (read_duration, "2h", (), 0.0, "expected a duration from 0 to 1h, got 2h"),
    ],
)
def test_what_is_wrong_is_told_and_something_to_go_on_with_returned(
    read: Any, data: Json, more: Any, value: Any, message: str
) -> None:
    assert reading(read, data, *more) == (value, [message])


@pytest.mark.parametrize(
    ("data", "kind"),
    [
        (None, "null"),
        (True, "a boolean"),
        (1.5, "a number"),
        ("", "a string"),
        ((), "a list"),
        ({}, "an object"),
        (b"", "bytes"),
    ],
)
def test_kinds_have_the_names_of_json(data: object, kind: str) -> None:
    assert kind_of(data) == kind


def test_unknown_keys_are_told_with_the_nearest_known_one() -> None:
    found = Findings()
    reject_unknown({"nmae": 1, "a/b": 2, "name": 3}, "/x", found, ["name", "other"])
    assert [(each.pointer, each.message) for each in found.items] == [
        ("/x/nmae", "unknown key 'nmae'; did you mean 'name'?"),
        ("/x/a~1b", "unknown key 'a/b'; known keys: name, other"),
    ]


@pytest.mark.parametrize(
    ("key", "pointer"), [("a", "/x/a"), (3, "/x/3"), ("a/b~c", "/x/a~1b~0c"), ("", "/x/")]
)
def test_pointers_are_escaped(key: str | int, pointer: str) -> None:
    assert below("/x", key) == pointer


def test_names_have_a_length_and_an_alphabet() -> None:
    assert [is_name(name) for name in ("a", "A-1._", "x" * 128)] == [True] * 3
    assert [is_name(name) for name in ("", "a b", "x" * 129, "a\n", "é")] == [False] * 5


def test_findings_are_counted_beyond_those_that_are_kept() -> None:
    found = Findings()
    found.check()
    for number in range(MAX_FINDINGS + 5):
        found.add(f"/{number}", "wrong")
    assert (len(found.items), found.count) == (MAX_FINDINGS, MAX_FINDINGS + 5)
    with pytest.raises(Invalid, match="The stub has"):
        found.check("The stub")


def test_what_was_meant_is_sought_for_the_first_few_names_of_a_document() -> None:
    found = Findings()
    near = [found.nearest("dwn", ["down", "up"]) for _ in range(12)]
    assert near == [["down"]] * 10 + [[]] * 2
    full = Findings()
    for number in range(100):
        full.add(f"/{number}", "wrong")
    assert (full.nearest("dwn", ["down"]), full.may_hint) == ([], False)


def test_unknown_keys_are_counted_beyond_those_that_are_named() -> None:
    found = Findings()
    read_object({f"key-{number}": 1 for number in range(MAX_FINDINGS + 50)}, "", found, ("key",))
    assert found.is_full
    assert found.count == MAX_FINDINGS + 50
    assert all(item.message for item in found.items)
