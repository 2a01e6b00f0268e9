"""Definitions without delays, and loose where only a secret could decide."""

from __future__ import annotations

from typing import Any

import pytest

from pymockapi.replay.definitions import (
    has_marks,
    loosened,
    without_delays,
    without_functions,
    without_gates,
)
from pymockapi.replay.stage import settings_of

MARK = "redacted-0123abcd"


@pytest.mark.parametrize(
    ("value", "expected"),
    [(MARK, True), ("x", False), ({"a": [1, {MARK: 1}]}, True), ((1, [MARK]), True), (None, False),
     ("redacted-0123abcde", False), ("redacted-xyz", False)],
)  # fmt: skip
def test_marks_are_found_wherever_they_are(value: Any, expected: bool) -> None:
    assert has_marks(value) is expected


def test_delays_are_left_out_of_every_answer() -> None:
    one: dict[str, Any] = {"name": "a", "response": {"status": 201, "delay": "1s"}}
    many = {"name": "b", "responses": [{"delay": 1}, {"text": "x", "times": 2}, "no response"]}
    assert without_delays(one) == {"name": "a", "response": {"status": 201}}
    assert without_delays(many)["responses"] == [{}, {"text": "x", "times": 2}, "no response"]
    assert one["response"]["delay"] == "1s"


def test_no_piece_of_a_body_waits_for_another() -> None:
    stub: dict[str, Any] = {
        "response": {"stream": [{"text": "a"}, {"text": "b", "after": "1s"}], "throttle": "1B/s"},
        "responses": [{"sse": [{"data": 1, "after": {"uniform": [1, 2]}}]}, {"stream": 7}],
    }
    assert without_delays(stub) == {
        "response": {"stream": [{"text": "a"}, {"text": "b"}]},
        "responses": [{"sse": [{"data": 1}]}, {"stream": 7}],
    }


def test_an_answer_of_the_settings_does_not_wait_either() -> None:
    given: dict[str, Any] = {"delay": "1s", "unmatched": {"status": 404, "delay": "1s"}, "seed": 7}
    assert settings_of(given, delays=False) == {"unmatched": {"status": 404}, "seed": 7}
    assert settings_of(given, delays=True) == given
    assert settings_of({"unmatched": None}, delays=False) == {"unmatched": None}


def test_gates_are_left_out_of_every_answer() -> None:
    steps: dict[str, Any] = {"responses": [{"hold": "g"}, {"status": 201, "hold": "g"}]}
    assert without_gates(steps) == {"responses": [{}, {"status": 201}]}


@pytest.mark.parametrize(
    ("request_", "expected"),
    [
        ({"headers": {"authorization": f"Bearer {MARK}"}}, None),
        ({"headers": {"x-key": {"equals": MARK}}, "path": "/a"}, None),
        ({"headers": {"x-key": {"matches": f"{MARK}.+"}}}, {"headers": {"x-key": {"present": True}}}),
        ({"query": {"t": {"any": ["x", {"contains": MARK}]}}},
         {"query": {"t": {"any": ["x", {"present": True}]}}}),
        ({"auth": {"bearer": MARK}}, None),
        ({"auth": {"bearer": {"starts_with": MARK}}}, {"auth": {"bearer": {"present": True}}}),
        ({"auth": {"basic": {"username": MARK, "password": MARK}}, "headers": {"a": "1"}},
         {"headers": {"authorization": {"starts_with": "Basic "}, "a": "1"}}),
        ({"auth": {"digest": {"username": MARK}}},
         {"headers": {"authorization": {"starts_with": "Digest "}}}),
        ({"auth": {"basic": True}, "headers": {"x": MARK}}, None),
        ({"path": "/a"}, None),
    ],
)  # fmt: skip
def test_what_asks_for_a_secret_takes_any_value_unless_its_mark_will_do(
    request_: dict[str, Any], expected: dict[str, Any] | None
) -> None:
    found = loosened({"name": "a", "request": request_})
    assert found == {"name": "a", "request": request_ if expected is None else expected}


def test_a_stub_for_every_request_stays_as_it_is() -> None:
    assert loosened({"name": "a"}) == {"name": "a"}


def test_where_a_function_answered_the_replay_says_so() -> None:
    call = {"status": 201, "call": "tests.price#a1", "times": 2}
    definition = {"name": "a", "responses": [call, {"text": "x"}, "no response"]}
    first, *others = without_functions(definition)["responses"]
    told = "The function 'tests.price' of the test answered here; a replay has no functions."
    assert first == {"status": 501, "text": told, "times": 2}
    assert others == [{"text": "x"}, "no response"]
