"""Behaviours: every part, good and bad, and what names mean."""

from __future__ import annotations

from typing import Any, Final

import msgspec
import pytest
from tests.engine.reading import assert_findings, read_well, reported

from pymockapi.engine.behaviours import (
    MAX_BEHAVIOURS,
    SHIPPED,
    SHIPPED_GIVEN,
    check_choice,
    read_behaviours,
    read_chosen,
    resolved,
    told_alone,
)
from pymockapi.engine.project import read_configuration
from pymockapi.model.behaviour import Behaviour
from pymockapi.model.clock import SECOND_NS
from pymockapi.model.delivery import Uniform
from pymockapi.model.reader import Findings
from pymockapi.model.stub import Json

OWN: Final = read_behaviours(
    {
        "worse": {"like": "flaky", "failures": {"probability": 0.5}, "delay": 1},
        "down": {"failures": {"probability": 1, "response": {"status": 502}}},
    },
    "",
    Findings(),
)


def test_the_shipped_ones_do_what_the_page_says() -> None:
    assert SHIPPED["slow"].delay == Uniform(1.0, 3.0)
    limit = SHIPPED["rate-limited"].limit
    assert limit is not None
    assert (limit.requests, limit.per_ns, limit.response.status) == (10, 60 * SECOND_NS, 429)
    told = {}
    for name in ("flaky", "down", "recovering"):
        failures = SHIPPED[name].failures
        assert failures is not None
        told[name] = (failures.first, failures.probability, failures.response.status)
    assert told == {"flaky": (0, 0.2, 503), "down": (0, 1.0, 503), "recovering": (3, 0.0, 503)}
    assert SHIPPED.keys() == SHIPPED_GIVEN.keys()


def test_a_name_is_like_the_one_it_names() -> None:
    assert read_well(read_chosen, "flaky") == Behaviour(like="flaky")
    assert read_well(read_chosen, None) is None


def test_an_answer_has_the_usual_status_unless_it_says_another() -> None:
    read = read_well(
        read_chosen,
        {
            "failures": {"first": 1, "response": {"json": {"down": True}}},
            "limit": {"requests": 0, "per": 30, "response": {"status": 420}},
        },
    )
    assert (read.failures.response.status, read.failures.response.body) == (503, b'{"down":true}')
    assert (read.limit.response.status, read.limit.per_ns) == (420, 30 * SECOND_NS)


@pytest.mark.parametrize(
    ("given", "findings"),
    [
        (7, [("", "expected the name of a behaviour, such as flaky, or an object")]),
        ({}, [("", "expected at least one of like, delay, fault, failures, limit")]),
        ({"like": 3}, [("/like", "expected the name of a behaviour, got a number")]),
        ({"delays": 1}, [("/delays", "did you mean 'delay'?")]),
        ({"probability": 1}, [("/probability", "it goes under 'failures'")]),
        ({"requests": 1}, [("/requests", "it goes under 'limit'")]),
        ({"name": "x"}, [("/name", "give 'like'")]),
        ({"fault": "rest"}, [("/fault", "reset")]),
        ({"delay": "x"}, [("/delay", "expected a duration")]),
        ({"failures": []}, [("/failures", "expected an object, got a list")]),
        ({"failures": {}}, [("/failures", "expected 'first', how many")]),
        ({"failures": {"first": 1, "probability": 1}}, [("/failures", "one of them")]),
        ({"failures": {"first": 0}}, [("/failures/first", "1")]),
        ({"failures": {"probability": 20}}, [("/failures/probability", "from 0 to 1, got 20")]),
        ({"failures": {"probability": True}}, [("/failures/probability", "got a boolean")]),
        (
            {"failures": {"first": 1, "response": {"statsu": 1}}},
            [("/failures/response/statsu", "did you mean 'status'?")],
        ),
        (
            {"failures": {"first": 1, "response": {"hold": "g"}}},
            [("/failures/response/hold", "only answers of stubs have")],
        ),
        (
            {"failures": {"first": 1, "response": {"file": "a", "call": "f", "callbacks": []}}},
            [
                ("/failures/response/call", "only answers of stubs have a function, a file"),
                ("/failures/response/callbacks", "a stream, trailers"),
                ("/failures/response/file", "callbacks or a gate"),
            ],
        ),
        ({"limit": {"requests": 3}}, [("/limit", "'per' is missing")]),
        ({"limit": {"per": "1m"}}, [("/limit", "'requests' is missing")]),
        ({"limit": {"requests": 3, "per": 0}}, [("/limit/per", "longer than 0 seconds")]),
        ({"limit": {"requests": 3, "per": "25h"}}, [("/limit/per", "from 0 to 24h")]),
        (
            {
                "limit": {
                    "requests": 1,
                    "per": 1,
                    "response": {"template": True, "text": "{{ hit }}"},
                }
            },
            [("/limit/response/template", "is no template")],
        ),
    ],
)
def test_what_is_wrong_is_told_with_its_place(given: Json, findings: list[tuple[str, str]]) -> None:
    assert_findings(reported(read_chosen, given), *findings)


def test_reading_leaves_what_was_given_as_it_was() -> None:
    given = {"failures": {"first": 1, "response": {"file": "a.json"}}}
    reported(read_chosen, given)
    assert given == {"failures": {"first": 1, "response": {"file": "a.json"}}}


def test_what_is_like_another_has_its_parts_where_it_says_nothing() -> None:
    chosen = read_well(read_chosen, {"like": "recovering", "delay": 2})
    found = resolved(chosen, {})
    assert found is not None
    assert (found.name, found.like, found.delay) == ("recovering", None, 2.0)
    assert found.failures == SHIPPED["recovering"].failures


def test_a_behaviour_of_the_config_goes_before_a_shipped_one() -> None:
    found = resolved(Behaviour(like="down"), OWN)
    assert found is not None
    assert found.failures is not None
    assert (found.name, found.failures.response.status) == ("down", 502)
    worse = resolved(Behaviour(like="worse"), OWN)
    assert worse is not None
    assert worse.failures is not None
    assert (worse.name, worse.failures.probability, worse.delay) == ("worse", 0.5, 1.0)


def test_a_name_that_nobody_has_means_nothing() -> None:
    assert resolved(Behaviour(like="gone"), OWN) is None
    assert resolved(None, OWN) is None


@pytest.mark.parametrize(
    ("given", "findings"),
    [
        ({"a b": {"delay": 1}}, [("/a b", "is no name of a behaviour")]),
        ({"a": {"like": "falky"}}, [("/a/like", "did you mean 'flaky'?")]),
        ({"a": {"delay": 1}, "b": {"like": "a"}}, [("/b/like", "no shipped behaviour is called")]),
        ({"a": "flaky"}, [("/a", "expected an object, got a string")]),
        ([], [("", "expected an object, got a list")]),
    ],
)
def test_what_is_wrong_in_a_config_is_told(given: Json, findings: list[tuple[str, str]]) -> None:
    assert_findings(reported(read_behaviours, given), *findings)


def test_a_config_has_at_most_so_many() -> None:
    many = {f"b{number}": {"delay": 1} for number in range(MAX_BEHAVIOURS + 1)}
    found = reported(read_behaviours, many)
    assert len(found) == 1
    assert "1,000" in found[0][1]


@pytest.mark.parametrize(
    ("settings", "findings"),
    [
        ({"behaviour": "worse"}, []),
        ({"behaviour": "slow"}, []),
        ({"behaviour": {"delay": 1}}, []),
        ({"behaviour": 3}, []),
        (None, []),
        ({"behaviour": "flakey"}, [("/settings/behaviour", "did you mean 'flaky'?")]),
        ({"behaviour": {"like": "wrose"}}, [("/settings/behaviour/like", "'worse'?")]),
        ({"behaviour": "qqq"}, [("/settings/behaviour", "behaviours: slow, flaky, down")]),
    ],
)
def test_an_unknown_name_is_told_with_the_nearest(
    settings: Json, findings: list[tuple[str, str]]
) -> None:
    found = Findings()
    check_choice(settings, "/settings", found, OWN)
    assert_findings([(each.pointer, each.message) for each in found.items], *findings)


def test_every_place_of_a_config_is_checked() -> None:
    bad: dict[str, Any] = {"settings": {"behaviour": "nope"}}
    found = reported(
        lambda data, _, findings: read_configuration(data, findings),
        {
            "version": 1, **bad, "sets": {"s": bad}, "tags": {"@t": bad, "@u": None},
            "namespaces": {"n": bad, "m": {}},
        },
    )  # fmt: skip
    places = ["/settings", "/sets/s/settings", "/tags/@t/settings", "/namespaces/n/settings"]
    assert sorted(pointer for pointer, _ in found) == sorted(f"{each}/behaviour" for each in places)


def test_what_a_bundle_tells_stands_without_the_config() -> None:
    own = {"worse": {"like": "flaky", "failures": {"probability": 0.5}}}
    assert told_alone("worse", own) == own["worse"]
    assert told_alone({"like": "worse", "delay": 1}, own) == {**own["worse"], "delay": 1}
    for given in ("flaky", {"delay": 1}, None, {"like": "flaky"}):
        assert told_alone(given, own) == given


def test_what_is_shipped_can_be_written_as_json() -> None:
    assert msgspec.json.decode(msgspec.json.encode(SHIPPED_GIVEN)) == SHIPPED_GIVEN
