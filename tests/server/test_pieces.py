"""A request that is ranked in pieces comes to the same as one that is ranked at once."""

from __future__ import annotations

import json
from typing import Any, Final

import pytest
from tests.server.world import World, request

from pymockapi.engine.explain import nearest
from pymockapi.engine.expressions.jsonpath import VISITED, JsonPath
from pymockapi.model.aside import SlowMatch
from pymockapi.model.errors import ExpressionLimit
from pymockapi.model.json_reading import NOT_JSON
from pymockapi.model.request import MAX_READ_BYTES
from pymockapi.server.pieces import LARGE, Pieces, outcome

ITEMS: Final = [{"sku": f"s{n}", "amount": n, "text": "x" * 20} for n in range(1_000)]
LARGE_BODY: Final = json.dumps({"order": 7, "items": ITEMS}).encode()
STUBS: Final = [
    {"name": "contains", "request": {"body": {"json_contains": {"items": [{"sku": "s999"}]}}}},
    {"name": "path", "request": {"body": {"jsonpath": {"$.items[5].amount": 5}}}},
    {"name": "regex", "request": {"headers": {"x": {"matches": "(a|aa)+$"}}}},
    {"name": "any", "priority": 9, "request": {"path": "/any"}},
]
BODIES: Final = {
    "large": LARGE_BODY,
    "with a mark": b"\xef\xbb\xbf" + LARGE_BODY,
    "other": LARGE_BODY.replace(b"s999", b"other").replace(b": 5,", b": 6,"),
    "cut": LARGE_BODY[:-2],
    "no JSON": b"x" * (LARGE + 1),
    "a long text": json.dumps("x" * LARGE * 2).encode(),
    "nested in large ones": b'[{"a":[' * 40 + b"1," * LARGE + b"1" + b"]}]" * 40,
    "a number too large": LARGE_BODY[:-2] + b", 1e309]}",
    "a number too large, and cut": LARGE_BODY[:-2] + b', 1e309, "',
    "half a pair": LARGE_BODY.replace(b'"s7"', b'"\\ud800"'),
    "too deep": b"[" * LARGE * 2 + b"]" * LARGE * 2,
    "too many parts": b"[" + b"[]," * 90_000 + b"1]",
    "too large": b"[" + b" " * MAX_READ_BYTES + b"1]",
    "small": b'{"items": [{"sku": "s999"}]}',
}


def world() -> World:
    found = World()
    found.call("POST", "/namespaces/default/stubs", STUBS)
    return found


def found_in_pieces(of: World, asked: Any) -> tuple[Any, int, Pieces]:
    """Return what came of it, after how many pieces; slow matches are run in between."""
    space = of.store.view("default")
    assert space is not None
    pieces = Pieces(asked)
    steps, count = pieces.outcome(space), 0
    while True:
        try:
            found = next(steps)
        except StopIteration as done:
            return done.value, count, pieces
        if isinstance(found, SlowMatch):
            found.run()
        count += 1


@pytest.mark.parametrize("body", BODIES.values(), ids=BODIES)
def test_it_makes_no_difference_to_what_fits(body: bytes) -> None:
    of = world()
    space = of.store.view("default")
    assert space is not None
    at_once = outcome(space, request("POST", "/any", body))
    in_pieces, count, _ = found_in_pieces(of, request("POST", "/any", body))
    if isinstance(at_once, ExpressionLimit):
        assert (type(in_pieces), str(in_pieces)) == (ExpressionLimit, str(at_once))
    else:
        assert in_pieces == at_once
    assert (count > 0) == (LARGE < len(body) <= MAX_READ_BYTES)


def test_json_that_is_known_already_is_not_read_again() -> None:
    asked = request("POST", "/any", LARGE_BODY)
    assert asked.json is not NOT_JSON
    assert found_in_pieces(world(), asked)[1] == 0


def test_large_json_is_read_in_many_pieces_and_once() -> None:
    of = world()
    asked = request("POST", "/any", LARGE_BODY)
    _, count, pieces = found_in_pieces(of, asked)
    assert count > 5
    assert pieces.request.json == json.loads(LARGE_BODY)


def test_a_large_body_that_is_no_json_is_none() -> None:
    of = world()
    _, _, pieces = found_in_pieces(of, request("POST", "/any", LARGE_BODY[:-2]))
    assert pieces.request.json is NOT_JSON


def test_what_was_read_is_let_go_in_slices() -> None:
    of = world()
    _, _, pieces = found_in_pieces(of, request("POST", "/any", LARGE_BODY))
    value = pieces.request.json
    assert sum(1 for _ in pieces.freed()) >= 2
    assert value == {}


def test_a_slow_expression_is_run_aside_and_past_its_time_it_is_a_limit() -> None:
    of = world()
    asked = request("GET", "/any", headers={"x": "a" * 60 + "!"})
    found, count, _ = found_in_pieces(of, asked)
    assert count == 1
    assert isinstance(found, ExpressionLimit)
    assert "(a|aa)+$" in str(found)
    assert "took more than 20 ms" in str(found)


SEARCHES: Final = {
    "to the last step": ("$..b", [{"a": 1}] * 12_000),
    "beyond it": ("$..b", [{"a": 1}] * 16_000),
    "many values": ("$..a", [{"a": 1}] * 9_000),
    "a filter": ("$.a[?@.b > 7 || @.c == 'x']", {"a": [{"b": n} for n in range(9_000)]}),
    "expressions in a filter": ("$[?search(@.a, '5$')]", [{"a": f"{n}"} for n in range(2_000)]),
    "a slow one in a filter": (
        "$[?match(@, '(a|aa)+b')]",
        ["a" * 20] * 3 + ["a" * 60] + [1] * 2_000,
    ),
    "of a small body": ("$..[0,1,2]", [[]] * 4_000),
}


@pytest.mark.parametrize(("path", "value"), SEARCHES.values(), ids=SEARCHES)
def test_a_long_search_goes_in_slices_and_finds_the_same(path: str, value: Any) -> None:
    of = World()
    checks = {path: {"present": True}, "$[0]": {"any": [{"present": True}, {"absent": True}]}}
    of.call("PUT", "/namespaces/default/stubs/s", {"request": {"body": {"jsonpath": checks}}})
    space = of.store.view("default")
    assert space is not None
    body = json.dumps(value, separators=(",", ":")).encode()
    at_once = outcome(space, request("POST", "/", body))
    in_pieces, count, _ = found_in_pieces(of, request("POST", "/", body))
    assert count > 1
    if isinstance(at_once, ExpressionLimit):
        assert str(in_pieces).partition(" than ")[0] == str(at_once).partition(" than ")[0]
    else:
        assert in_pieces == at_once


@pytest.mark.parametrize("path", ["$..b", "$[*].b", "$[?@.b == 1]", "$[0:].a[?@ > 1]"])
def test_no_slice_of_a_search_visits_many_values(path: str) -> None:
    """A few thousand of them would hold the loop for milliseconds."""
    body = json.dumps([{"a": [1]}] * 5_000).encode()
    of = World()
    of.call("PUT", "/namespaces/default/stubs/s", {"request": {"body": {"jsonpath": {path: 1}}}})
    _, count, _ = found_in_pieces(of, request("POST", "/", body))
    assert count > 5_000 / VISITED


def test_a_short_search_is_done_at_once() -> None:
    of = World()
    stub = {"request": {"body": {"jsonpath": {"$..sku": "s9"}}}}
    of.call("PUT", "/namespaces/default/stubs/s", stub)
    _, count, _ = found_in_pieces(of, request("POST", "/", json.dumps(ITEMS[:200]).encode()))
    assert count == 0


def test_an_explanation_does_not_search_again(monkeypatch: pytest.MonkeyPatch) -> None:
    of = World()
    stub = {"request": {"body": {"jsonpath": {"$..b": 1}}}}
    of.call("PUT", "/namespaces/default/stubs/s", stub)
    _, count, pieces = found_in_pieces(of, request("POST", "/", b"[" + b'{"a":1},' * 5_000 + b"1]"))
    assert count > 1
    monkeypatch.delattr(JsonPath, "walk")
    space = of.store.view("default")
    assert space is not None
    (difference,) = nearest(space, pieces.request)[0].differences
    assert (difference.field, difference.actual) == ("body.$..b", "missing")
