"""A stub's ``when`` compares state with values of the request."""

from __future__ import annotations

import pytest
from tests.engine.worlds import request_of, stub_of, world_of

from pymockapi.engine.rank import rank


@pytest.mark.parametrize(("target", "answers"), [("/orders/7", ["last"]), ("/orders/8", [])])
def test_a_condition_may_compare_state_with_a_capture(target: str, answers: list[str]) -> None:
    stub = stub_of(
        "last", {"path": "/orders/{id}"}, when={"last": {"equals": {"from": "params.id"}}}
    )
    world = world_of([stub], state={"last": "7"})
    plan = rank(world, request_of("GET", target))
    assert [each.stub.name for each in plan.alternatives] == answers
