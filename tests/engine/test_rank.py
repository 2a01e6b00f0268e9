"""Which stubs rank proposes, in which order, and what it reads from the request for them."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.engine.requests import make_request
from tests.engine.strategies import requests, stub_parts
from tests.engine.worlds import World, greedy_stub, ranked_by_force, request_of, stub_of, world_of

from pymockapi.engine.expressions import regexes
from pymockapi.engine.rank import ASKED, rank
from pymockapi.model.errors import ExpressionLimit
from pymockapi.model.request import MAX_READ_BYTES, Request
from pymockapi.model.stub import MAX_STEPS, Json

GET_A = request_of("GET", "/a")


def proposed(world: World, request: Request = GET_A) -> list[str]:
    return [each.stub.name for each in rank(world, request).alternatives]


def test_nothing_is_proposed_when_no_stub_fits() -> None:
    assert proposed(world_of([stub_of("b", {"path": "/b"})], [])) == []


def test_a_later_layer_wins_between_equal_priorities() -> None:
    world = world_of([stub_of("base", {"path": "/a"})], [stub_of("own", {"path": "/a"})])

    assert proposed(world) == ["own"]


def test_a_stronger_priority_wins_over_a_later_layer() -> None:
    world = world_of(
        [stub_of("base", {"path": "/a"}, priority=1)], [stub_of("own", {"path": "/a"})]
    )

    assert proposed(world) == ["base"]


def test_three_layers_are_merged_by_priority_then_layer_then_age() -> None:
    def layer(name: str) -> list[Json]:
        return [
            stub_of(f"{name}{n}", {"path": "/a"}, priority=n % 2 + 1, times=1) for n in range(4)
        ]

    world = world_of(layer("base"), layer("set"), layer("own"))

    strong = ["own2", "own0", "set2", "set0", "base2", "base0"]
    assert proposed(world) == [*strong, "own3", "own1", "set3", "set1", "base3", "base1"]


def test_large_layers_are_merged_in_the_same_order_as_small_ones() -> None:
    base = [stub_of(f"b{n}", {"path": "/a"}, times=1) for n in range(50)]
    own = [stub_of(f"o{n}", {"path": "/a"}, times=1) for n in range(50)]

    newest_first = [f"o{n}" for n in range(49, -1, -1)] + [f"b{n}" for n in range(49, -1, -1)]
    assert proposed(world_of(base, own)) == newest_first


@pytest.mark.parametrize("limited", [{"times": 1}, {"responses": [{"status": 200, "times": 1}]}])
def test_what_may_be_used_up_is_followed_by_the_next(limited: Json) -> None:
    world = world_of(
        [stub_of("always", {"path": "/a"})], [stub_of("limited", {"path": "/a"}, **limited)]
    )

    assert proposed(world) == ["limited", "always"]


def test_a_sequence_that_repeats_its_last_step_is_always_available() -> None:
    repeating = stub_of("repeating", {"path": "/a"}, responses=[{"status": 200}, {"status": 201}])
    world = world_of([stub_of("always", {"path": "/a"})], [repeating])

    assert proposed(world) == ["repeating"]


def test_masked_and_spent_stubs_are_passed_over() -> None:
    masked, spent = stub_of("masked", {"path": "/a"}), stub_of("spent", {"path": "/a"}, times=1)
    world = world_of(
        [stub_of("left", {"path": "/a"}), masked, spent], masked={masked}, spent={spent}
    )

    assert proposed(world) == ["left"]


def test_a_spent_stub_that_leaves_the_index_keeps_the_rest_in_order() -> None:
    stubs = [stub_of(f"s{n}", {"path": "/a", "query": {"q": "1"}}, times=1) for n in range(40)]
    world = world_of(stubs)

    world.layers[0][1].retire(stubs[20])

    expected = [f"s{n}" for n in range(39, -1, -1) if n != 20]
    assert proposed(world, request_of("GET", "/a?q=1")) == expected


def test_when_is_asked_of_the_state() -> None:
    world = world_of([stub_of("full", {"path": "/a"}, when={"cart": "full"})])

    assert proposed(world) == []
    world.state["cart"] = "full"
    assert proposed(world) == ["full"]


def test_the_plan_names_the_versions_that_it_read() -> None:
    with_when = world_of([stub_of("a", {"path": "/a"}, when={"cart": {"absent": True}})])
    without = world_of([stub_of("a", {"path": "/a"})])

    assert rank(with_when, GET_A).version == 7
    assert rank(with_when, GET_A).state_version == 3
    assert rank(without, GET_A).state_version == -1


def test_the_cursor_key_is_the_value_of_per() -> None:
    sequence = stub_of("s", {"path": "/a"}, per="header.x-tenant", responses=[{"status": 200}])
    world = world_of([sequence])

    keys = [
        rank(world, request_of("GET", "/a", headers)).alternatives[0].key
        for headers in ({"X-Tenant": "acme"}, {})
    ]

    assert keys == ["acme", None]


def test_a_cursor_key_from_json_tells_a_number_by_its_text() -> None:
    world = world_of([stub_of("s", per="body.$.id", responses=[{"status": 200}])])

    bodies: list[Json] = [{"id": 7}, {"id": 7.0}, {"id": {"b": 1, "a": [True]}}]
    keys = [rank(world, request_of("POST", "/", json=body)).alternatives[0].key for body in bodies]

    assert keys == ["7", "7", '{"a":[true],"b":1}']


def test_a_cursor_key_may_be_text_that_is_no_utf_8() -> None:
    world = world_of([stub_of("s", per="query.user", responses=[{"status": 200}])])

    [found] = rank(world, request_of("GET", "/?user=%ff")).alternatives

    assert found.key == "\udcff"


def test_what_a_stub_writes_from_the_request_is_read_already() -> None:
    stub = stub_of(
        "s",
        {"path": "/orders/{id}"},
        set={"last": {"from": "params.id"}, "tries": {"increment": 1}},
        responses=[{"status": 200}, {"status": 201, "set": {"page": {"from": "query.page"}}}],
    )

    [found] = rank(world_of([stub]), request_of("GET", "/orders/7?page=2")).alternatives

    assert found.writes == (("last", "set", "7"), ("tries", "increment", 1))
    assert found.step_writes == {1: (("page", "set", "2"),)}


def test_an_expression_limit_names_the_stub() -> None:
    stub = greedy_stub("greedy", {"path": "/a"})

    with pytest.raises(ExpressionLimit, match="stub 'greedy': it took too long"):
        rank(world_of([stub]), GET_A)


@given(
    st.lists(st.lists(stub_parts, max_size=25), min_size=1, max_size=3),
    st.lists(requests, min_size=1, max_size=4),
    st.sampled_from([{}, {"s": 1}]),
    st.data(),
)
@settings(max_examples=120, deadline=None)
def test_rank_proposes_what_asking_every_stub_would(
    layers: list[list[dict[str, Json]]], asked: list[Request], state: Json, data: st.DataObject
) -> None:
    world = world_of(
        *[
            [stub_of(f"{depth}-{n}", **part) for n, part in enumerate(parts)]
            for depth, parts in enumerate(layers)
        ],
        state=state,
    )
    for _, index in world.layers:
        for stub in index.stubs:
            fate = data.draw(st.sampled_from(["", "", "", "", "masked", "spent", "retired"]))
            if fate == "retired":
                index.retire(stub)
            elif fate:
                getattr(world, fate).add(stub)

    for request in asked:
        assert proposed(world, request) == ranked_by_force(world, request)


# Plans that hold for every bodiless request with the same head.


class Later(World):
    """The same definitions, at another time."""

    def now_ns(self) -> int:
        return super().now_ns() + 10**18


BETWEEN = "2040-01-01T00:00:00Z"  # after the world's clock, before that of ``Later``


@pytest.mark.parametrize(
    ("asked", "is_settled"),
    [
        ({}, True),
        ({"query": {"q": "1"}, "headers": {"X-H": "1"}, "cookies": {"c": "1"}}, True),
        ({"auth": {"bearer": "b"}}, True),
        ({"query": {"q": {"equals": "2"}}}, True),
        ({"query": {"q": {"equals": BETWEEN, "after": "now"}}}, False),
        ({"query": {"q": {"all": [BETWEEN, {"before": "now"}]}}}, False),
        ({"query": {"q": {"absent": True}}}, False),
        ({"path": {"matches": "/a"}}, False),
        ({"client": {"ip": "127.0.0.1"}}, False),
        ({"body": {"json": {"k": 1}}}, False),
        ({"body": {"text": {"absent": True}}}, False),
    ],
)
def test_a_plan_is_settled_if_only_literals_of_the_head_were_asked(
    asked: Json, is_settled: bool
) -> None:
    world = world_of([stub_of("below", {"path": "/a"}), stub_of("s", {"path": "/a", **asked})])

    assert rank(world, GET_A).is_settled is is_settled


@pytest.mark.parametrize(
    "more",
    [
        {"when": {"s": 1}},
        {"times": 2},
        {"set": {"s": 1}},
        {"responses": [{"status": 200}]},
    ],
)
def test_a_plan_is_not_settled_once_a_stub_was_asked_that_is_not_plain(more: Json) -> None:
    first, last = stub_of("s", {"path": "/a"}, **more), stub_of("last", {"path": "/a"})

    assert not rank(world_of([last, first]), GET_A).is_settled
    assert rank(world_of([first, last]), GET_A).is_settled


def test_that_no_stub_fits_is_settled() -> None:
    world = world_of([stub_of("b", {"path": "/b"})])

    assert rank(world, GET_A).is_settled


_more_parts: st.SearchStrategy[dict[str, Json]] = st.sampled_from(
    [
        {"request": {"query": {"t": {"after": "now"}}}},
        {"request": {"query": {"t": {"equals": BETWEEN, "after": "now"}}}},
        {"request": {"query": {"t": {"equals": BETWEEN, "before": "now"}}}},
        {"request": {"query": {"t": BETWEEN}}},
        {"request": {"client": {"ip": "10.0.0.1"}}},
        {"request": {"body": {"text": {"absent": True}}}},
        {"request": {"auth": {"bearer": "b"}}},
    ]
)


@given(
    st.lists(st.lists(stub_parts | _more_parts, max_size=25), min_size=1, max_size=3),
    st.lists(requests, min_size=1, max_size=4),
    st.sampled_from(["", "&t=" + BETWEEN]),
    st.data(),
)
@settings(max_examples=150, deadline=None)
def test_a_settled_plan_is_that_of_any_bodiless_request_with_its_head(
    layers: list[list[dict[str, Json]]], asked: list[Request], more: str, data: st.DataObject
) -> None:
    world = world_of(
        *[
            [stub_of(f"{depth}-{n}", **part) for n, part in enumerate(parts)]
            for depth, parts in enumerate(layers)
        ]
    )
    state = data.draw(st.sampled_from([{}, {"s": 1}, {"s": 2}]))
    later = Later(world.layers, state=state, state_version=4)

    for each in asked:
        target = each.target + (more if "?" in each.target else more.replace("&", "?"))
        first = Request(each.method, target, each.head, client="127.0.0.1:1")
        again = Request(each.method, target, each.head, client="10.0.0.1:2")
        plan = rank(world, first)
        if plan.is_settled:
            assert rank(later, again) == plan
            assert plan.state_version == -1


def crowd_of(count: int, *requests: Json) -> World:
    """Return a layer of stubs that differ in no literal, over those of ``requests``."""
    crowd = [stub_of(f"c{n}", requests[0]) for n in range(count)]
    return world_of([stub_of(f"s{n}", each) for n, each in enumerate(requests)], crowd)


def test_a_crowd_that_differs_in_no_literal_is_asked_within_a_budget() -> None:
    asking = {"path": "/a", "query": {"n": {"gt": 5}}}
    asked = request_of("GET", "/a?n=0")
    assert proposed(crowd_of(MAX_STEPS // ASKED - 2, asking), asked) == []
    with pytest.raises(ExpressionLimit, match=r"stub 's0': .* more than 30,000 steps"):
        rank(crowd_of(MAX_STEPS // ASKED, asking), asked)


@pytest.mark.parametrize(
    ("body", "matcher"),
    [
        (b"x" * 60_000, {"text": {"contains": "y"}}),
        (b"x" * 60_000, {"text": {"equals_ignore_case": "Y"}}),
        (b"x" * 60_000, {"text": {"json": {"a": 1}}}),
        (b"[" + b"1," * 3_000 + b"1]", {"json": [1] * 3_000 + [2]}),
        (b"[" + b"1," * 3_000 + b"1]", {"json_contains": [{"gt": 5}]}),
        (b"[" + b"1," * 3_000 + b"1]", {"jsonpath": {"$[*]": 7}}),
        (b"x" * 3_000, {"text": {"matches": "a"}}),
    ],
)
def test_what_each_of_a_crowd_does_with_the_body_counts(
    body: bytes, matcher: Json, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(regexes, "perf_counter", lambda: 0.0)  # steps are counted, time is not
    asking = {"path": "/a", "body": matcher}
    asked = make_request("POST", "/a", body=body)
    assert proposed(crowd_of(0, asking), asked) == []
    with pytest.raises(ExpressionLimit, match="more than 30,000 steps"):
        rank(crowd_of(2_600, asking), asked)


def test_a_body_too_large_to_be_read_stops_only_who_must_read_it() -> None:
    asked = make_request("POST", "/a", body=b"1" * (MAX_READ_BYTES + 1))
    readers = [stub_of(f"r{n}", {"path": "/a", "body": {"json": {"id": n}}}) for n in range(100)]
    first = stub_of("first", {"path": "/a"}, priority=1)
    assert proposed(world_of([*readers, first]), asked) == ["first"]
    with pytest.raises(ExpressionLimit, match="stub 'r99': The body has 1,048,577 bytes"):
        rank(world_of(readers), asked)
