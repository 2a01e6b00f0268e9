"""Giving each demand an item of its own."""

from __future__ import annotations

from itertools import permutations

from hypothesis import given, settings
from hypothesis import strategies as st
from tests.engine.requests import context_of

from pymockapi.engine.assignment import TRIED, unassigned


@settings(max_examples=200, deadline=None)
@given(st.lists(st.sets(st.integers(0, 4)), max_size=5))
def test_an_assignment_is_found_exactly_when_there_is_one(suitable: list[set[int]]) -> None:
    count = len(suitable)
    exists = any(
        all(item in items for item, items in zip(chosen, suitable, strict=True))
        for chosen in permutations(range(5), count)
    )
    left_over = unassigned(count, 5, lambda demand, item: item in suitable[demand], context_of())
    assert (left_over is None) == exists


def test_equal_lists_cost_one_trial_each() -> None:
    context = context_of()
    before = context.steps_left
    assert unassigned(1000, 1000, lambda demand, item: demand == item, context) is None
    assert before - context.steps_left == 1000 * TRIED
