"""Why a request is answered as it is, and which stubs come nearest."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace
from tests.engine.strategies import requests, stub_parts
from tests.engine.worlds import Used, World, greedy_stub, request_of, stub_of, world_of

from pymockapi.engine.explain import explain, nearest
from pymockapi.engine.rank import rank
from pymockapi.engine.shadows import shadowed
from pymockapi.model.plan import Candidate
from pymockapi.model.request import Request
from pymockapi.model.stub import Json

GET_A = request_of("GET", "/a")


def only(world: World, request: Request = GET_A) -> Candidate:
    [candidate] = explain(world, request).candidates
    return candidate


def test_the_answering_stub_comes_first_and_is_named() -> None:
    world = world_of([stub_of("base", {"path": "/a"})], [stub_of("own", {"path": "/a"})])

    found = explain(world, GET_A)

    assert (found.matched, found.stub, found.error) == (True, "own", None)
    assert [(each.stub, each.layer, each.fits) for each in found.candidates] == [
        ("own", "own", True),
        ("base", "base", True),
    ]


def test_a_miss_tells_each_field_that_differs() -> None:
    world = world_of([stub_of("a", {"method": "POST", "path": "/a", "query": {"page": "2"}})])

    candidate = only(world)

    assert not candidate.fits
    assert not candidate.available
    assert candidate.reason is None
    assert [difference.field for difference in candidate.differences] == ["method", "query.page"]
    assert candidate.summary == "POST /a"


def test_a_spent_stub_says_how_often_it_served() -> None:
    stub = stub_of("a", {"path": "/a"}, times=3)
    world = world_of([stub], spent={stub}, cells={"a": Used(hits=3)})

    candidate = only(world)

    assert (candidate.fits, candidate.available) == (True, False)
    assert candidate.reason == "served its 3 times"


def test_a_spent_stub_that_left_the_index_is_explained_too() -> None:
    stub = stub_of("a", {"path": "/a"}, times=1)
    world = world_of([stub], cells={"a": Used(hits=1)})
    world.layers[0][1].retire(stub)

    assert only(world).reason == "served its 1 time"
    assert explain(world, GET_A).stub is None


def test_everything_that_hinders_is_told() -> None:
    stub = stub_of("a", {"path": "/a"}, times=1, when={"cart": {"present": True}})
    reason = only(world_of([stub], cells={"a": Used(hits=1)}, spent={stub})).reason

    assert reason is not None
    assert reason.startswith("state 'cart' is not set")
    assert reason.endswith("; served its 1 time")


@pytest.mark.parametrize(
    ("state", "reason"),
    [
        ({}, "state 'cart' is not set, expected "),
        ({"cart": "empty"}, "state 'cart' is \"empty\", expected "),
    ],
)
def test_an_unmet_condition_says_what_the_state_is(state: Json, reason: str) -> None:
    world = world_of([stub_of("a", {"path": "/a"}, when={"cart": "full"})], state=state)

    found = only(world).reason

    assert found is not None
    assert found.startswith(reason)
    assert found.endswith('"full"')


def test_a_state_value_that_is_no_utf_8_is_shown_replaced() -> None:
    world = world_of([stub_of("a", {"path": "/a"}, when={"s": "x"})], state={"s": "\udcff"})

    reason = only(world).reason

    assert reason is not None
    assert reason.startswith("state 's' is \"\ufffd\", expected")


def test_a_sequence_past_its_end_says_so_for_its_cursor() -> None:
    steps = [{"status": 200}, {"status": 201, "times": 1}]
    stub = stub_of("a", {"path": "/a"}, responses=steps, per="query.user")
    world = world_of([stub], cells={"a": Used(2, {"ann": 2})})

    assert only(world, request_of("GET", "/a?user=bob")).available
    reason = only(world, request_of("GET", "/a?user=ann")).reason
    assert reason == "its sequence of 2 steps is past its end for 'ann'"


def test_the_answer_is_the_first_that_is_not_used_up() -> None:
    limited = stub_of("limited", {"path": "/a"}, times=1)
    world = world_of([stub_of("always", {"path": "/a"}), limited])

    before = explain(world, GET_A).stub
    world.cells["limited"] = Used(hits=1)

    assert (before, explain(world, GET_A).stub) == ("limited", "always")


def test_masked_stubs_are_not_shown_and_not_counted() -> None:
    hidden = stub_of("hidden", {"path": "/a"})
    found = explain(world_of([hidden, stub_of("b", {"path": "/b"})], masked={hidden}), GET_A)

    assert [each.stub for each in found.candidates] == ["b"]
    assert found.omitted == 0


def test_fewer_differences_are_nearer() -> None:
    world = world_of(
        [
            stub_of("two", {"path": "/a", "query": {"x": "1", "y": "2"}}),
            stub_of("one", {"path": "/a", "query": {"x": "1"}}),
            stub_of("method", {"method": "PUT", "path": "/a"}),
            stub_of("typo", {"path": "/ab"}),
            stub_of("elsewhere", {"path": "/quite/different"}),
        ]
    )

    found = [each.stub for each in nearest(world, GET_A, 5)]

    assert found == ["one", "two", "method", "typo", "elsewhere"]


@pytest.mark.parametrize(
    "path", ["/order/7/pay", "/orders/7/pya", "/v2/orders/7/pay", "/orders/7/pay/", "/Orders/7/pay"]
)
def test_a_slip_in_the_path_finds_its_stub_among_thousands(path: str) -> None:
    crowd = [stub_of(f"s{n}", {"path": f"/things/{n}/parts"}) for n in range(2000)]
    world = world_of([*crowd[:1000], stub_of("pay", {"path": "/orders/{id}/pay"}), *crowd[1000:]])

    assert nearest(world, request_of("GET", path))[0].stub == "pay"


def test_of_a_crowd_some_are_shown_and_all_are_counted() -> None:
    world = world_of([stub_of(f"s{n}", {"path": "/a", "query": {"q": str(n)}}) for n in range(500)])

    found = explain(world, request_of("GET", "/a?q=none"))

    assert len(found.candidates) == 50
    assert found.omitted == 450


def test_a_weak_stub_in_a_crowd_that_does_not_fit_is_still_the_answer() -> None:
    crowd = [
        stub_of(f"s{n}", {"path": "/a", "query": {"q": {"contains": str(n)}}}) for n in range(500)
    ]
    world = world_of([stub_of("weak", {"path": "/a"}, priority=9), *crowd])

    found = explain(world, request_of("GET", "/a?q=none"))

    assert found.stub == "weak"
    assert found.candidates[0].stub == "weak"


def test_nearest_lists_what_fits_and_is_not_available_first() -> None:
    spent = stub_of("spent", {"path": "/a"}, times=1)
    world = world_of([spent, stub_of("miss", {"path": "/b"})], cells={"spent": Used(hits=1)})

    assert [each.stub for each in nearest(world, GET_A)] == ["spent", "miss"]


def test_an_expression_limit_is_told_and_nothing_is_the_answer() -> None:
    stub = greedy_stub("greedy", {"path": "/a"})

    found = explain(world_of([stub_of("below", {"path": "/a"}), stub]), GET_A)

    assert (found.matched, found.stub) == (False, None)
    assert found.error == "stub 'greedy': it took too long"
    assert found.candidates[0].reason == "it took too long"


def test_a_stub_behind_an_equal_request_that_always_answers_is_shadowed() -> None:
    old = stub_of("old", {"method": "GET", "path": "/a"})
    new = stub_of("new", {"path": "/a", "method": "GET"})

    assert shadowed([old, new]) == [(old, new)]


@pytest.mark.parametrize(
    "more",
    [{"times": 1}, {"when": {"cart": "full"}}, {"responses": [{"times": 1}]}, {"priority": 9}],
    ids=["times", "when", "passing sequence", "weaker"],
)
def test_a_stub_that_may_step_aside_shadows_nothing(more: Json) -> None:
    old, new = stub_of("old", {"path": "/a"}), stub_of("new", {"path": "/a"}, **more)

    assert (old, new) not in shadowed([old, new])


@given(
    st.lists(st.lists(stub_parts, max_size=12), min_size=1, max_size=3),
    requests,
    st.sampled_from([{}, {"s": 1}]),
    st.data(),
)
@settings(max_examples=100, deadline=None)
def test_explain_agrees_with_rank(
    layers: list[list[dict[str, Json]]], request: Request, state: Json, data: st.DataObject
) -> None:
    world = world_of(
        *[
            [stub_of(f"{depth}-{n}", **part) for n, part in enumerate(parts)]
            for depth, parts in enumerate(layers)
        ],
        state=state,
    )
    stubs = [stub for _, index in world.layers for stub in index.stubs]
    for stub in stubs:
        hits = data.draw(st.integers(0, 4))
        world.cells[stub.name] = Used(hits, {None: hits})
        if stub.times is not None and hits >= stub.times:
            world.spent.add(stub)

    found = explain(world, request)

    available = [each.stub for each in found.candidates if each.fits and each.available]
    ranked = [each.stub.name for each in rank(world, request).alternatives]
    fitting = [each for each in found.candidates if each.fits]
    assert found.stub == (available[0] if available else None)
    assert found.matched == bool(available)
    assert [name for name in ranked if name in available][:1] == available[:1]
    assert {*ranked} <= {each.stub for each in fitting}
    assert list(found.candidates[: len(fitting)]) == fitting
    assert len(found.candidates) + found.omitted == len(stubs)
    assert all(bool(each.differences) != each.fits for each in found.candidates)
    assert [replace(each, reason=None).priority for each in fitting] == sorted(
        each.priority for each in fitting
    )
