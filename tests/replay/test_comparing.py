"""Which answers are the same, and where they differ."""

from __future__ import annotations

from typing import Any

import pytest
from tests.replay.bundles import answer, recorded

from pymockapi.replay.comparing import MAX_PLACES, NOTHING, Comparison

MARK = "redacted-0123abcd"


def told(one: dict[str, Any], other: dict[str, Any], **paths: str) -> list[tuple[str, str, str]]:
    found = Comparison(**paths).differences(recorded(**one), recorded(**other))
    return [(each.field, each.recorded, each.replayed) for each in found]


def answers(one: dict[str, Any], other: dict[str, Any], **paths: str) -> list[tuple[str, str, str]]:
    return told({"response": one}, {"response": other}, **paths)


def as_json(text: str, value: Any) -> dict[str, Any]:
    found = answer(text)
    return {**found, "body": {**found["body"], "json": value}}


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (answer("x", 201, ("A", "1")), answer("x", 201, ("a", "1"))),
        (answer(), answer("", 200, ("X-Mock-Request", "7"))),
        (answer("x", 200, ("Set-Cookie", f"sid={MARK}")), answer("x", 200, ("Set-Cookie", MARK))),
        (answer(f"a {MARK} b {MARK}"), answer("a 1 b 2")),
        (answer("a 1 b"), answer(f"a {MARK} b")),
        (as_json('{"a":"x"}', {"a": MARK}), as_json('{"a": "x"}', {"a": "1"})),
        (answer("one", 404, ("X-Mock-Error", "no-match")), answer("two", 404, ("X-Mock-Error", "no-match"))),
    ],
)  # fmt: skip
def test_answers_that_are_the_same(one: dict[str, Any], other: dict[str, Any]) -> None:
    error = "no-match" if one["status"] == 404 else None
    found = told({"response": one, "error": error}, {"response": other, "error": error})
    assert [each for each in found if one["body"].get("json") is None or each[0] != "body"] == []


@pytest.mark.parametrize(
    ("one", "other", "expected"),
    [
        (answer("x"), answer("x", 201), [("status", "200", "201")]),
        (answer("x"), {**answer("x"), "fault": "reset"}, [("fault", NOTHING, "reset")]),
        (answer("", 200, ("A", "1"), ("a", "2")), answer(), [("header a", "1, 2", NOTHING)]),
        (answer(), answer("", 200, ("b", "1")), [("header b", NOTHING, "1")]),
        (answer("x"), answer("y"), [("body", "x", "y")]),
        (answer("x"), answer(), [("body", "x", NOTHING)]),
        (answer(f"a {MARK} b"), answer("a 1"), [("body", f"a {MARK} b", "a 1")]),
        (answer(f"a {MARK} b {MARK}"), answer("a 1"), [("body", f"a {MARK} b {MARK}", "a 1")]),
        (as_json("1", 1), as_json("true", True), [("body.$", "1", "true")]),
        (as_json("a", {"a": [1, {"b": 2}], "c": 1}), as_json("b", {"a": [1, {"b": 3}, 4]}),
         [("body.$.a[1].b", "2", "3"), ("body.$.a[2]", NOTHING, "4"), ("body.$.c", "1", NOTHING)]),
        (as_json("a", ["x"]), as_json("b", ["y"]), [("body.$[0]", '"x"', '"y"')]),
        (as_json("[1]", [1]), as_json("[ 1 ]", [1]), [("body", "[1]", "[ 1 ]")]),
    ],
)  # fmt: skip
def test_where_answers_differ_is_told(
    one: dict[str, Any], other: dict[str, Any], expected: list[tuple[str, str, str]]
) -> None:
    assert answers(one, other) == expected


def test_of_many_places_the_first_are_told() -> None:
    assert len(answers(as_json("a", list(range(99))), as_json("b", []))) == MAX_PLACES


def test_bodies_that_are_no_text_are_compared_by_their_hashes() -> None:
    def binary(sha256: str) -> dict[str, Any]:
        return {**answer(), "body": {"size": 9, "sha256": sha256}}

    assert answers(binary("a" * 64), binary("a" * 64)) == []
    assert answers(binary("a" * 64), binary("b" * 64)) == [
        ("body", f"9 bytes, SHA-256 {'a' * 16}", f"9 bytes, SHA-256 {'b' * 16}")
    ]


@pytest.mark.parametrize(
    ("value", "other", "is_same"),
    [("/~old/a", "/~new/a", True), ("/~old", "/~new", True), ("/~older", "/~newer", False),
     ("/proxied/~old/a?b", "/~new/a?b", True), ("/other", "/other", True),
     ("http://h/~old/a", "http://h/~old/a", True)],
)  # fmt: skip
def test_a_location_leads_into_the_namespace_of_the_replay(
    value: str, other: str, is_same: bool
) -> None:
    one, two = answer("", 200, ("Location", value)), answer("", 200, ("Location", other))
    assert (answers(one, two, recorded_path="/~old", replayed_path="/~new") == []) is is_same


@pytest.mark.parametrize(
    ("one", "other", "expected"),
    [
        ({"phase": "failed"}, {}, [("phase", "failed", "answered")]),
        ({}, {"phase": "failed"}, [("phase", "answered", "failed")]),
        ({"phase": "aborted"}, {}, []),
        ({"phase": "aborted", "response": None}, {}, []),
        ({"phase": "delayed"}, {"response": None}, []),
        ({}, {"response": None}, [("answer", "200", NOTHING)]),
    ],
)
def test_how_an_answer_ended_matters_where_somebody_waited(
    one: dict[str, Any], other: dict[str, Any], expected: list[Any]
) -> None:
    assert told(one, other) == expected
