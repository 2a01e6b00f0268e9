"""Draws are hashes of what they are for; their vectors never change."""

from __future__ import annotations

import pytest

from pymockapi.engine.draws import Draws

VECTORS = [
    (0, "own", "s", 1, "body"),
    (7, "base", "get-order", 1, "body"),
    (2**64 - 1, "set:down", "pay", 1_000_000, "headers/Location/0"),
    (7, "own", "", 3, 'set/\u00e4 \ud800"\n'),
]
NUMBERS = [
    "d6f1763a4ca5d6392f4d817cc04026a2b27deb00a60d917af701b83398343273",
    "567c7e488936e558ca5b5a03620371154593b85636f3bdd4ce83359e48213922",
    "a45b8aa0802f44b92ce2babe8d4ab31922dbfa989152b7e35486326628c522e3",
    "3947b4d487088f594b56396cea95555fe7abb28dd1b5099c8523e5cf407b9f1e",
]


@pytest.mark.parametrize(("asked", "first"), list(zip(VECTORS, NUMBERS, strict=True)))
def test_a_draw_is_the_same_on_every_machine(
    asked: tuple[int, str, str, int, str], first: str
) -> None:
    assert f"{Draws(*asked).number():064x}" == first


def test_what_is_made_of_draws_is_the_same_on_every_machine() -> None:
    draws = Draws(7, "base", "get-order", 1, "body")
    made = [draws.uuid(), draws.whole(1, 6), draws.fraction(), draws.text(12), draws.text(3, "ab")]
    assert made == [
        "567c7e48-8936-4558-8a5b-5a0362037115",
        5,
        0.40351774472765745,
        "QXGawDVD4iyq",
        "baa",
    ]


def test_draws_of_one_purpose_differ_by_their_index() -> None:
    draws = Draws(7, "base", "get-order", 1, "body")
    assert len({draws.number() for _ in range(100)}) == 100


@pytest.mark.parametrize(
    "other",
    [
        (8, "base", "s", 1, "body"),
        (7, "own", "s", 1, "body"),
        (7, "base", "t", 1, "body"),
        (7, "base", "s", 2, "body"),
        (7, "base", "s", 1, "delay"),
        (71, "base", "s", 1, "body"),
    ],
    ids=["seed", "layer", "stub", "hit", "purpose", "digits"],
)
def test_everything_that_a_draw_is_for_changes_it(other: tuple[int, str, str, int, str]) -> None:
    assert Draws(*other).number() != Draws(7, "base", "s", 1, "body").number()


def test_names_and_numbers_beside_each_other_are_not_confused() -> None:
    one, two = Draws(1, "own", "a", 11, "p"), Draws(1, "own", "a", 1, "p")
    firsts = {one.number() for _ in range(20)}
    assert firsts.isdisjoint({two.number() for _ in range(20)})


def test_a_whole_number_lies_within_its_bounds_and_reaches_both() -> None:
    draws = Draws(1, "own", "s", 1, "body")
    assert {draws.whole(-1, 1) for _ in range(100)} == {-1, 0, 1}


def test_a_fraction_is_below_one() -> None:
    draws = Draws(1, "own", "s", 1, "body")
    assert all(0 <= draws.fraction() < 1 for _ in range(100))


def test_a_uuid_says_its_version_and_variant() -> None:
    text = Draws(1, "own", "s", 1, "body").uuid()
    assert (text[14], text[19] in "89ab") == ("4", True)
