"""Errors tell what was asked, what is there and what to do, as problem documents."""

from __future__ import annotations

import pytest

from pymockapi.model import errors
from pymockapi.model.errors import ControlError, Finding, Invalid, nearest, problem, quoted

KINDS = [
    kind
    for kind in vars(errors).values()
    if isinstance(kind, type) and issubclass(kind, ControlError) and kind is not ControlError
]


@pytest.mark.parametrize(
    ("error", "status", "code", "detail"),
    [
        (errors.UnknownNamespace("shp", ["shop"]), 404, "unknown-namespace", "mean 'shop'?"),
        (errors.UnknownNamespace("x"), 404, "unknown-namespace", "with POST /__mock/v1/namespaces"),
        (
            errors.UnknownNamespace("a b/ü"),
            404,
            "unknown-namespace",
            "No namespace is named 'a b/ü'. None can be, for that is no name: 1 to 128 characters of"
            " A-Z a-z 0-9 . _ - are; GET /__mock/v1/orphans",
        ),
        (errors.FinishedNamespace("a", "n1"), 404, "finished-namespace", "'a' (id n1) is finished"),
        (errors.DuplicateNamespace("a"), 409, "duplicate-namespace", "PUT /__mock/v1/namespaces/a"),
        (errors.UnknownStub("pya", "a", ["pay"]), 404, "unknown-stub", "Did you mean 'pay'?"),
        (errors.UnknownStub("x", "a", ["pay"]), 404, "unknown-stub", "no stub of a like name"),
        (errors.Stale("1", "2"), 412, "stale-version", "version 1, the namespace is at 2"),
        (errors.LimitReached("stubs", 5, "Full"), 429, "limit-reached", "Full: the limit 'stubs'"),
        (errors.Conflict("No."), 409, "conflict", "No."),
        (Invalid([]), 422, "invalid", "0 errors; nothing was changed."),
        (Invalid([Finding("", "bad")], "The stub"), 422, "invalid", "The first, at /: bad"),
        (Invalid([Finding("/a", "b"), Finding("/c", "d")]), 422, "invalid", "2 errors"),
    ],
)
def test_an_error_writes_its_own_sentence(
    error: ControlError, status: int, code: str, detail: str
) -> None:
    document = problem(error)
    assert (document["status"], document["type"]) == (status, f"urn:pymockapi:error:{code}")
    assert detail in str(document["detail"])
    assert str(error) == document["detail"]


def test_a_problem_has_every_finding_and_the_nearest_names() -> None:
    document = problem(Invalid([Finding("/a~1b", "wrong")]))
    assert document["errors"] == [{"pointer": "/a~1b", "message": "wrong"}]
    assert problem(errors.UnknownNamespace("shp", ["shop"]))["suggestions"] == ["shop"]


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.__name__)
def test_every_error_has_a_status_a_code_and_a_title(kind: type[ControlError]) -> None:
    assert 400 <= kind.status < 600
    assert kind.code.replace("-", "").isalpha()
    assert kind.title != ControlError.title


@pytest.mark.parametrize(
    ("word", "known", "near"),
    [
        ("stbus", ["stubs", "state"], ["stubs"]),
        ("STUBS", ["stubs"], ["stubs"]),
        ("zzz", ["stubs"], []),
        ("abc1", ["abc2", "abc3", "abc4", "abc5"], 3),
    ],
)
def test_the_nearest_names_are_few_and_alike(
    word: str, known: list[str], near: list[str] | int
) -> None:
    found = nearest(word, known)
    assert len(found) == near if isinstance(near, int) else found == near


def test_a_very_long_word_is_like_none() -> None:
    assert nearest("a" * 1000, ["a" * 1000]) == []


def test_of_very_many_names_those_that_begin_or_end_alike_are_compared() -> None:
    known = [f"name-{number}" for number in range(5_000)] + ["stubs"]
    assert nearest("stbus", known) == ["stubs"]


def test_of_many_names_that_are_much_alike_the_nearest_is_found() -> None:
    known = [f"payments-down-{number}" for number in range(150)]
    assert nearest("payment-down-77", known, 1) == ["payments-down-77"]


@pytest.mark.parametrize(
    ("names", "text"), [([], ""), (["a"], "'a'"), (["a", "b", "c"], "'a', 'b' or 'c'")]
)
def test_names_are_quoted_as_a_choice(names: list[str], text: str) -> None:
    assert quoted(names) == text
