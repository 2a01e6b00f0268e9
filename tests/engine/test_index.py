"""Which stubs a layer proposes for a request, held against asking every one of them."""

from __future__ import annotations

from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.engine.strategies import requests, stub_parts
from tests.engine.worlds import request_of, stub_of

from pymockapi.engine.index import LayerIndex
from pymockapi.model.request import Request
from pymockapi.model.stub import Context, Json, Stub


def names(index: LayerIndex, request: Request) -> list[str]:
    return [stub.name for _, stub in index.candidates(request)]


def test_an_empty_layer_has_no_candidates() -> None:
    index = LayerIndex()

    assert list(index.candidates(request_of("GET", "/"))) == []
    assert index.stubs == ()
    assert len(index) == 0


def test_the_newest_of_equals_comes_first() -> None:
    index = LayerIndex([stub_of("old", {"path": "/a"}), stub_of("new", {"path": "/a"})])

    assert names(index, request_of("GET", "/a")) == ["new", "old"]


def test_a_lower_priority_number_comes_before_a_newer_stub() -> None:
    index = LayerIndex(
        [stub_of("strong", {"path": "/a"}, priority=1), stub_of("new", {"path": "/a"})]
    )

    assert names(index, request_of("GET", "/a")) == ["strong", "new"]


def test_exact_paths_templates_prefixes_and_any_path_are_merged_in_rank_order() -> None:
    index = LayerIndex(
        [
            stub_of("template", {"path": "/a/{id}"}),
            stub_of("exact", {"path": "/a/7"}),
            stub_of("regex", {"path": {"matches": "/a/[0-9]+"}}),
            stub_of("prefix", {"path": {"prefix": "/a/"}}),
            stub_of("any"),
            stub_of("elsewhere", {"path": "/b/{id}"}),
        ]
    )

    assert names(index, request_of("GET", "/a/7")) == [
        "any",
        "prefix",
        "regex",
        "exact",
        "template",
    ]


def test_a_large_layer_that_was_prepared_finds_the_same_nearest_stubs() -> None:
    stubs = [stub_of(f"s{n}", {"path": f"/shop/{n}/{{id}}"}) for n in range(1_500)]
    plain, prepared = LayerIndex(stubs), LayerIndex(stubs)
    assert len(list(prepared.prepare())) == 4
    assert list(prepared.prepare()) == list(LayerIndex().prepare()) == []
    for target in ("/shop/77/", "/shopp/78/1", "/"):
        asked = request_of("GET", target)
        assert prepared.nearest(asked, 20) == plain.nearest(asked, 20)


def test_a_capture_is_never_empty() -> None:
    index = LayerIndex([stub_of("template", {"path": "/a/{id}"})])

    assert names(index, request_of("GET", "/a/")) == []


def test_a_target_without_a_slash_fits_no_template() -> None:
    index = LayerIndex([stub_of("template", {"path": "/{any}"})])

    assert names(index, request_of("OPTIONS", "*")) == []


def test_a_stub_of_several_methods_is_found_by_each_and_by_no_other() -> None:
    index = LayerIndex([stub_of("both", {"method": ["GET", "POST"], "path": "/a"})])

    found = [names(index, request_of(method, "/a")) for method in ("GET", "POST", "PUT")]

    assert found == [["both"], ["both"], []]


def test_head_finds_stubs_that_name_it_or_any_method() -> None:
    index = LayerIndex(
        [
            stub_of("get", {"method": "GET", "path": "/a"}),
            stub_of("head", {"method": "HEAD", "path": "/a"}),
            stub_of("free", {"path": "/a"}),
        ]
    )

    assert names(index, request_of("HEAD", "/a")) == ["free", "head"]


CROWD = 200


@pytest.mark.parametrize(
    ("place", "fitting"),
    [
        (lambda n: {"query": {"id": str(n)}}, request_of("POST", "/x?id=42")),
        (lambda n: {"headers": {"X-Id": str(n)}}, request_of("POST", "/x", {"x-id": "42"})),
        (lambda n: {"cookies": {"id": str(n)}}, request_of("POST", "/x", {"cookie": "id=42"})),
        (
            lambda n: {"body": {"json_contains": {"a": {"b": n}}}},
            request_of("POST", "/x", json={"a": {"b": 42.0, "c": 1}}),
        ),
        (lambda n: {"body": {"json": {"id": n}}}, request_of("POST", "/x", json={"id": 42})),
    ],
    ids=["query", "header", "cookie", "json_contains", "json"],
)
def test_in_a_crowd_on_one_path_the_differing_value_is_looked_up(
    place: Json, fitting: Request
) -> None:
    index = LayerIndex([stub_of(f"s{n}", {"path": "/x", **place(n)}) for n in range(CROWD)])

    assert names(index, fitting) == ["s42"]


def test_a_crowd_is_split_by_one_value_and_its_rest_by_another() -> None:
    index = LayerIndex(
        [stub_of(f"q{n}", {"path": "/x", "query": {"a": str(n)}}) for n in range(CROWD)]
        + [stub_of(f"h{n}", {"path": "/x", "headers": {"b": str(n)}}) for n in range(CROWD)]
    )

    assert names(index, request_of("GET", "/x?a=3", {"b": "5"})) == ["h5", "q3"]


def test_a_repeated_value_finds_the_stubs_of_each() -> None:
    index = LayerIndex(
        [stub_of(f"s{n}", {"path": "/x", "query": {"a": str(n)}}) for n in range(CROWD)]
    )

    assert names(index, request_of("GET", "/x?a=3&a=9&a=3")) == ["s9", "s3"]


def test_a_crowd_goes_on_growing_and_shrinking_after_it_was_split() -> None:
    stubs = [stub_of(f"s{n}", {"path": "/x", "query": {"a": str(n % 50)}}) for n in range(CROWD)]
    index = LayerIndex(stubs[:100])
    request = request_of("GET", "/x?a=7")
    before = names(index, request)

    for stub in stubs[100:]:
        index.add(stub)
    grown = names(index, request)
    for stub in stubs[:100]:
        index.remove(stub)

    assert before == ["s57", "s7"]
    assert grown == ["s157", "s107", "s57", "s7"]
    assert names(index, request) == ["s157", "s107"]


def test_a_replacement_keeps_the_place_in_the_order() -> None:
    old = stub_of("first", {"path": "/a"})
    index = LayerIndex([old, stub_of("second", {"path": "/a"})])
    new = stub_of("first", {"path": "/a"}, response={"status": 201})

    index.replace(old, new)

    assert names(index, request_of("GET", "/a")) == ["second", "first"]
    assert index.stubs[0] is new
    assert index.by_name["first"] is new
    assert old not in index


def test_a_replacement_of_another_name_is_refused() -> None:
    old = stub_of("a")
    index = LayerIndex([old])

    with pytest.raises(ValueError, match="'b' cannot take the place of 'a'"):
        index.replace(old, stub_of("b"))

    assert index.stubs == (old,)


def test_a_name_is_taken_once() -> None:
    index = LayerIndex([stub_of("a")])

    with pytest.raises(ValueError, match="has a stub named 'a'"):
        index.add(stub_of("a"))


def test_a_retired_stub_leaves_the_candidates_and_keeps_its_name_and_place() -> None:
    stubs = [stub_of(name, {"path": "/a"}) for name in ("first", "second", "third")]
    index = LayerIndex(stubs)
    request = request_of("GET", "/a")

    index.retire(stubs[1])
    without = names(index, request)
    index.revive(stubs[1])

    assert without == ["third", "first"]
    assert index.stubs == tuple(stubs)
    assert names(index, request) == ["third", "second", "first"]


def test_a_retired_stub_is_still_found_for_explanations() -> None:
    stub = stub_of("spent", {"path": "/a"})
    index = LayerIndex([stub])

    index.retire(stub)

    assert [found for _, found in index.retired(request_of("GET", "/a"))] == [stub]
    assert index.nearest(request_of("GET", "/b"), 5) == [stub]
    assert index.is_retired(stub)


def test_a_retired_stub_can_be_replaced_and_removed() -> None:
    old = stub_of("a", {"path": "/a"})
    index = LayerIndex([old])
    index.retire(old)
    new = stub_of("a", {"path": "/a"})

    index.replace(old, new)
    replaced = names(index, request_of("GET", "/a"))
    index.retire(new)
    index.remove(new)

    assert replaced == ["a"]
    assert len(index) == 0
    assert list(index.retired(request_of("GET", "/a"))) == []


def test_the_nearest_stubs_are_on_the_same_path_then_on_alike_ones() -> None:
    index = LayerIndex(
        [stub_of(f"far{n}", {"path": f"/{n}/things"}) for n in range(300)]
        + [stub_of("same", {"method": "PUT", "path": "/orders/7"})]
        + [stub_of("typo", {"path": "/order/7"}), stub_of("end", {"path": "/v1/orders/7"})]
        + [stub_of(f"late{n}", {"path": f"/z/{n}/z"}) for n in range(300)]
    )

    found = [stub.name for stub in index.nearest(request_of("GET", "/orders/7"), 40)]

    assert found[0] == "same"
    assert {"typo", "end"} <= set(found)
    assert len(found) == 40


@given(st.lists(stub_parts, max_size=40), st.lists(requests, min_size=1, max_size=4), st.data())
@settings(max_examples=120, deadline=None)
def test_no_stub_that_accepts_is_missing_and_the_order_is_by_priority_then_age(
    parts: list[dict[str, Json]], asked: list[Request], data: st.DataObject
) -> None:
    index = LayerIndex()
    live: dict[str, Stub] = {}
    for number, part in enumerate(parts):
        action = data.draw(
            st.sampled_from(["add", "add", "add", "remove", "replace", "retire", "ask"])
        )
        victim = data.draw(st.sampled_from(sorted(live))) if live else None
        if action == "ask":
            index.candidates(asked[0])
        if action == "add" or victim is None:
            live[f"s{number}"] = stub_of(f"s{number}", **part)
            index.add(live[f"s{number}"])
        elif action == "remove":
            index.remove(live.pop(victim))
        elif action == "replace":
            new = stub_of(victim, **part)
            index.replace(live[victim], new)
            live[victim] = new
        elif action == "retire":
            index.retire(live[victim])
            index.revive(live[victim])

    assert index.stubs == tuple(live.values())
    for request in asked:
        found = [stub for _, stub in index.candidates(request)]
        context = Context(request, 0)
        order = sorted(live.values(), key=lambda stub: stub.priority)
        by_force = [stub for stub in _strongest_first(list(live.values())) if stub in found]
        accepted = [stub for stub in order if stub.pattern.accepts(request, context)]
        assert found == by_force
        assert set(accepted) <= set(found)
        assert all(stub in accepted for stub in found if stub.pattern.only_indexed)


@given(st.randoms(use_true_random=False), st.integers(17, 90), st.integers(0, 60))
@settings(max_examples=50, deadline=None)
def test_in_a_crowd_no_stub_that_accepts_is_missing_whatever_it_is_split_by(
    random: Random, size: int, removed: int
) -> None:
    bodies: list[Json] = [1, 1.0, True, "1", None, 2, 3]
    index = LayerIndex()
    live: list[Stub] = []
    request = request_of("GET", "/x?q=1&q=2&r=5", {"x-h": "3"}, json={"k": random.choice(bodies)})
    for number in range(size):
        part: dict[str, Json] = {"path": "/x"}
        if random.random() < 0.6:
            part["query"] = {random.choice("qr"): str(random.randrange(6))}
        if random.random() < 0.4:
            part["headers"] = {"X-H": str(random.randrange(6))}
        if random.random() < 0.4:
            part["body"] = {"json_contains": {"k": random.choice(bodies)}}
        live.append(stub_of(f"s{number}", part, priority=random.choice([1, 5])))
        index.add(live[-1])
        if random.random() < 0.2:
            index.candidates(request)
    for _ in range(min(removed, size)):
        index.remove(live.pop(random.randrange(len(live))))

    found = [stub for _, stub in index.candidates(request)]

    accepted = [stub for stub in live if stub.pattern.accepts(request, Context(request, 0))]
    assert set(accepted) <= set(found)
    assert found == [stub for stub in _strongest_first(live) if stub in found]


def _strongest_first(stubs: list[Stub]) -> list[Stub]:
    stubs.reverse()
    return sorted(stubs, key=lambda stub: stub.priority)
