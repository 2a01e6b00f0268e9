"""State: what ``set`` writes, what ``when`` asks, and every way to write them wrongly."""

from __future__ import annotations

from typing import Any

import pytest
from tests.engine.requests import NOW_NS, make_request

from pymockapi.engine.state import apply_writes, read_when, read_writes, resolve
from pymockapi.model.reader import Findings
from pymockapi.model.request import Request
from pymockapi.model.stub import Context, Json

OPERATIONS = "value, from, increment, template, remove"
REQUEST = make_request(
    "POST", "/a?u=7&u=8&t=2030-01-01T00:00:00Z&bad=%5B", json={"id": 7, "name": "x"}
)


def written(writes: Json, state: dict[str, Json], request: Request = REQUEST) -> dict[str, Json]:
    found = Findings()
    read = read_writes(writes, "/set", found)
    found.check()
    apply_writes(state, resolve(read, request, {"id": "5"}))
    return state


@pytest.mark.parametrize(
    ("write", "value"),
    [
        (1, 1),
        (None, None),
        ([1, {"from": "query.u"}], [1, {"from": "query.u"}]),
        ({"a": 1, "b": 2}, {"a": 1, "b": 2}),
        ({}, {}),
        ({"value": {"from": "query.u"}}, {"from": "query.u"}),
        ({"value": None}, None),
        ({"from": "query.u"}, "7"),
        ({"from": "query.none"}, None),
        ({"from": "params.id"}, "5"),
        ({"from": "body.$.id"}, 7),
        ({"from": "body.$"}, {"id": 7, "name": "x"}),
        ({"increment": 2}, 3),
        ({"increment": -1}, 0),
        ({"increment": 0.5}, 1.5),
    ],
)
def test_a_write_puts_a_value_into_the_state(write: Json, value: Json) -> None:
    assert written({"k": write}, {"k": 1}) == {"k": value}


@pytest.mark.parametrize("before", [{}, {"k": "text"}, {"k": True}, {"k": None}, {"k": [1]}])
def test_an_increment_of_what_is_no_number_starts_from_zero(before: dict[str, Json]) -> None:
    assert written({"k": {"increment": 2}}, before) == {"k": 2}


def test_a_number_too_large_to_add_to_stays() -> None:
    assert written({"k": {"increment": 0.5}}, {"k": 10**400}) == {"k": 10**400}


def test_a_removed_key_is_gone_and_may_be_missing() -> None:
    assert written({"k": {"remove": True}}, {"k": 1, "other": 2}) == {"other": 2}
    assert written({"k": {"remove": True}}, {}) == {}


def test_what_a_request_brings_that_is_no_text_is_written_as_text() -> None:
    assert written({"k": {"from": "query.u"}}, {}, make_request("GET", "/a?u=%FF")) == {"k": "�"}


@pytest.mark.parametrize(
    ("data", "pointer", "message"),
    [
        ([], "/set", "expected an object, got a list"),
        ({"k": {"from": "qury.u"}}, "/set/k/from", "did you mean 'query.u'?"),
        ({"k": {"from": 1}}, "/set/k/from", "expected a request value such as method"),
        ({"k": {"increment": "1"}}, "/set/k/increment", "expected a number to add, got a string"),
        ({"k": {"increment": True}}, "/set/k/increment", "expected a number to add, got a boolean"),
        ({"k": {"remove": False}}, "/set/k/remove", "expected true"),
        (
            {"k": {"increment": 1, "remove": True}},
            "/set/k",
            f"expected one of {OPERATIONS} alone; a literal object goes as {{value: ...}}",
        ),
        (
            {"k": {"from": "query.u", "x": 1}},
            "/set/k",
            f"expected one of {OPERATIONS} alone; a literal object goes as {{value: ...}}",
        ),
        (
            {"k/~": {"incremnt": 1}},
            "/set/k~1~0",
            "did you mean 'increment'? A literal object with such a key goes as {value: ...}",
        ),
    ],
)
def test_a_wrong_write_is_reported_in_its_place(data: Json, pointer: str, message: str) -> None:
    assert_reported(data, read_writes, "/set", pointer, message)


def assert_reported(data: Json, read: Any, at: str, pointer: str, message: str) -> None:
    found = Findings()
    read(data, at, found)
    first = found.items[0]
    assert first.pointer == pointer
    assert message in first.message


def holds(when: Json, state: dict[str, Json], request: Request = REQUEST) -> bool:
    """Return whether ``when`` holds, having checked that its differences agree."""
    found = Findings()
    read = read_when(when, "/when", found)
    found.check()
    context = Context(request, NOW_NS)
    answers = []
    for key, matcher in read:
        values = [state[key]] if key in state else []
        answers.append(matcher.holds(values, context))
        assert answers[-1] == (not matcher.differences(key, values, context))
        assert matcher.describe()
    return all(answers)


@pytest.mark.parametrize(
    ("when", "state", "expected"),
    [
        ({"k": 1}, {"k": 1.0}, True),
        ({"k": 1}, {"k": "1"}, False),
        ({"k": 1, "other": 2}, {"k": 1}, False),
        ({"k": {"absent": True}}, {}, True),
        ({"k": {"gt": 1}}, {"k": 2}, True),
        ({"k": {"not": {"equals": 1}}}, {}, False),
        ({"k": {"from": "query.u"}}, {"k": "7"}, True),
        ({"k": {"from": "query.u"}}, {"k": "8"}, False),
        ({"k": {"from": "query.u"}}, {}, False),
        ({"k": {"from": "query.none"}}, {"k": None}, False),
        ({"k": {"equals": {"from": "body.$.id"}}}, {"k": 7}, True),
        ({"k": {"from": "body.$"}}, {"k": {"id": 7, "name": "x"}}, True),
        ({"k": {"not": {"from": "query.u"}}}, {"k": "9"}, True),
        ({"k": {"not": {"from": "query.u"}}}, {"k": "7"}, False),
        ({"k": {"any": [{"equals": 1}, {"equals": {"from": "query.u"}}]}}, {"k": "7"}, True),
        ({"k": {"all": [{"starts_with": {"from": "query.u"}}]}}, {"k": "77"}, True),
        ({"k": {"gt": {"from": "body.$.id"}}}, {"k": 8}, True),
        ({"k": {"gt": {"from": "body.$.id"}}}, {"k": 7}, False),
        ({"k": {"before": {"from": "query.t"}}}, {"k": "2029-12-31T00:00:00Z"}, True),
        ({"k": {"after": {"from": "query.bad"}}}, {"k": "2029-12-31T00:00:00Z"}, False),
        ({"k": {"gt": {"from": "body.$.name"}}}, {"k": 8}, False),
        ({"k": {"equals": {"from": "x", "and": 1}}}, {"k": {"from": "x", "and": 1}}, True),
        ({"k": {"from": 1}}, {"k": {"from": 1}}, True),
    ],
)
def test_when_compares_state_with_literals_and_with_the_request(
    when: Json, state: dict[str, Json], expected: bool
) -> None:
    assert holds(when, state) is expected


@pytest.mark.parametrize(
    ("data", "pointer", "message"),
    [
        ("x", "/when", "expected an object, got a string"),
        ({"k": {"gte": 1}}, "/when/k/gte", "'ge'"),
        ({"k": {"from": "header"}}, "/when/k/from", "lacks a name: write header.NAME"),
        (
            {"k": {"matches": {"from": "query.u"}}},
            "/when/k/matches",
            "'from' may stand under equals, equals_ignore_case, contains",
        ),
        ({"k": {"all": [{"equals": {"from": "nope"}}]}}, "/when/k/all/0/equals/from", "'nope'"),
        ({"k": {"any": [{"from": "query.u"}, {"lenght": 1}]}}, "/when/k/any/1/lenght", "'length'"),
    ],
)
def test_a_wrong_condition_is_reported_in_its_place(data: Json, pointer: str, message: str) -> None:
    assert_reported(data, read_when, "/when", pointer, message)


@pytest.mark.parametrize(
    ("value", "by"),
    [(10**400, 0.5), (1.7e308, 1.7e308), (10**4299 * 9, 10**4299 * 9), (-1.7e308, -1.7e308)],
)
def test_a_sum_that_json_cannot_hold_leaves_the_number(value: Json, by: Json) -> None:
    state = {"n": value}
    apply_writes(state, [("n", "increment", by)])
    assert state == {"n": value}
