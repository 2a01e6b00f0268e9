"""JSON equality, its keys, and containment against a brute-force twin."""

from __future__ import annotations

from itertools import permutations
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.engine.requests import fits

from pymockapi.engine.json_values import MAX_DEPTH, json_key, same_json, shown
from pymockapi.engine.matching.values import Domain
from pymockapi.model.errors import ExpressionLimit

scalars = (
    st.none()
    | st.booleans()
    | st.integers(-1, 2)
    | st.sampled_from([0.0, -0.0, 1.0, 2.5, 1e300, 10**30])
    | st.sampled_from(["", "1", "true", "list"])
)
documents = st.recursive(
    scalars,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from("ab"), inner),
    max_leaves=6,
)


def contains(expected: Any, value: Any) -> bool:
    """Containment as the documentation words it, by trying every assignment of items."""
    if isinstance(expected, dict):
        return isinstance(value, dict) and all(
            key in value and contains(item, value[key]) for key, item in expected.items()
        )
    if isinstance(expected, list):
        return isinstance(value, list) and any(
            all(contains(item, other) for item, other in zip(expected, chosen, strict=True))
            for chosen in permutations(value, len(expected))
        )
    return same_json(expected, value)


@settings(max_examples=300, deadline=None)
@given(documents, documents)
def test_two_values_are_the_same_exactly_when_their_keys_are(left: Any, right: Any) -> None:
    assert same_json(left, right) == (json_key(left) == json_key(right))
    assert same_json(left, left)
    assert hash(json_key(left)) == hash(json_key(left))


@settings(max_examples=300, deadline=None)
@given(documents, documents)
def test_containment_agrees_with_trying_every_assignment(expected: Any, value: Any) -> None:
    assert fits(expected, [value], Domain.CONTAINED) == contains(expected, value)


@settings(max_examples=100, deadline=None)
@given(st.lists(documents, max_size=4), st.randoms(use_true_random=False))
def test_a_shuffled_list_is_equal_where_order_is_ignored(items: list[Any], random: Any) -> None:
    shuffled = list(items)
    random.shuffle(shuffled)
    assert fits({"json": {"value": items, "ignore_order": True}}, [shuffled], Domain.JSON)


@pytest.mark.parametrize(
    ("expected", "value", "options", "fitting"),
    [
        ({"a": 1}, {"a": 1, "b": 2}, {}, False),
        ({"a": 1}, {"a": 1, "b": 2}, {"ignore_extra": True}, True),
        ([1, 2], [2, 1], {"ignore_order": True}, True),
        ([1, 1], [1, 2], {"ignore_order": True}, False),
        ([1, 2], [1, 2, 3], {"ignore_order": True}, False),
        ([1, 3], [1, 2, 3], {"ignore_extra": True}, True),
        ([3, 1], [1, 2, 3], {"ignore_extra": True}, False),
        ([3, 1], [1, 2, 3], {"ignore_extra": True, "ignore_order": True}, True),
        ({"a": [{"b": 1}]}, {"a": [{"b": 1, "c": 2}], "d": 3}, {"ignore_extra": True}, True),
    ],
)
def test_the_long_form_ignores_order_and_extras(
    expected: Any, value: Any, options: dict[str, bool], fitting: bool
) -> None:
    assert fits({"json": {"value": expected, **options}}, [value], Domain.JSON) is fitting


def test_an_object_with_a_key_value_is_literal_beside_other_keys() -> None:
    assert fits({"json": {"value": 1, "unit": "kg"}}, [{"value": 1, "unit": "kg"}], Domain.JSON)
    assert fits({"json": {"value": {"value": 1}}}, [{"value": 1}], Domain.JSON)


def test_a_value_too_deep_has_no_key() -> None:
    value: Any = 1
    for _ in range(MAX_DEPTH + 1):
        value = [value]
    with pytest.raises(ExpressionLimit):
        json_key(value)


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ("é\udcff", '"é�"'),
        ({"a": [1, None, True]}, '{"a": [1, null, true]}'),
        (10**500, "a number of 1661 bits"),
        ([[[[[[[[[[[[[1]]]]]]]]]]]]], "[[[[[[[[[[[[[…]]]]]]]]]]]]]"),
    ],
)
def test_a_value_is_shown_as_json(value: Any, text: str) -> None:
    assert shown(value) == text


def test_a_long_value_is_shown_short() -> None:
    assert len(shown(["word"] * 100_000)) == len(shown("x" * 100_000)) == 201
