"""Where a cursor stands: a table of policies, and every step exactly its times."""

from __future__ import annotations

from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.engine.worlds import stub_of

from pymockapi.engine.sequences import (
    has_passed,
    position_of_step,
    step_at,
    step_ends,
    total_requests,
)
from pymockapi.model.stub import Stub

POLICIES = ["repeat", "cycle", "pass", "fail"]


def sequence(times: list[int], after_last: str) -> Stub:
    responses = [{"times": each} for each in times]
    return stub_of("s", responses=responses, after_last=after_last)


@pytest.mark.parametrize(
    ("after_last", "steps"),
    [
        ("repeat", [0, 0, 1, 2, 2, 2, 2]),
        ("cycle", [0, 0, 1, 2, 0, 0, 1]),
        ("pass", [0, 0, 1, 2, None, None, None]),
        ("fail", [0, 0, 1, 2, None, None, None]),
    ],
)
def test_the_policy_says_what_follows_the_last_step(
    after_last: str, steps: list[int | None]
) -> None:
    stub = sequence([2, 1, 1], after_last)
    assert [step_at(stub, position) for position in range(7)] == steps


@pytest.mark.parametrize(
    ("after_last", "total", "passed"),
    [
        ("repeat", None, False),
        ("cycle", None, False),
        ("pass", 4, True),
        ("fail", 4, False),
    ],
)
def test_the_policy_says_whether_a_sequence_ends(
    after_last: str, total: int | None, passed: bool
) -> None:
    stub = sequence([2, 1, 1], after_last)
    assert total_requests(stub) == total
    assert [has_passed(stub, position) for position in (3, 4, 5)] == [False, passed, passed]


def test_the_ends_are_running_sums_of_the_times() -> None:
    assert step_ends(sequence([2, 1, 3], "pass").steps) == (2, 3, 6)


@given(st.lists(st.integers(1, 5), min_size=1, max_size=6), st.sampled_from(POLICIES))
def test_every_step_serves_exactly_its_times(times: list[int], after_last: str) -> None:
    stub = sequence(times, after_last)
    served = Counter(step_at(stub, position) for position in range(sum(times)))
    assert served == Counter(dict(enumerate(times)))


@given(st.lists(st.integers(1, 5), min_size=1, max_size=6), st.sampled_from(POLICIES))
def test_the_position_of_a_step_is_that_of_its_first_request(
    times: list[int], after_last: str
) -> None:
    stub = sequence(times, after_last)
    for step in range(1, len(times) + 1):
        position = position_of_step(stub, step)
        assert step_at(stub, position) == step - 1
        assert position == 0 or step_at(stub, position - 1) == step - 2


@given(st.integers(0, 10**12), st.lists(st.integers(1, 9), min_size=1, max_size=5))
def test_a_cycle_goes_round_for_ever(position: int, times: list[int]) -> None:
    stub = sequence(times, "cycle")
    assert step_at(stub, position) == step_at(stub, position + sum(times))
