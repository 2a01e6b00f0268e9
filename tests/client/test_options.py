"""Keyword arguments become the JSON of the control API; what is not known is refused."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from pymockapi.client.options import (
    PatternOptions,
    RespondOptions,
    read_namespace,
    read_pattern,
    read_step,
    read_stub,
    split_respond,
)


@pytest.mark.parametrize(
    ("options", "pattern"),
    [
        ({}, {"method": "GET", "path": "/a"}),
        (
            {"query": {"p": {"gt": 1}}, "headers": None},
            {"method": "GET", "path": "/a", "query": {"p": {"gt": 1}}},
        ),
        ({"json": None}, {"method": "GET", "path": "/a", "body": {"json": None}}),
        (
            {"json_contains": {"a": 1}, "body": {"base64": "AA=="}},
            {"method": "GET", "path": "/a", "body": {"base64": "AA==", "json_contains": {"a": 1}}},
        ),
    ],
)
def test_a_pattern_gathers_what_concerns_the_body(
    options: PatternOptions, pattern: dict[str, Any]
) -> None:
    assert read_pattern("GET", "/a", options) == pattern


def test_a_pattern_may_have_several_methods() -> None:
    assert read_pattern(("GET", "HEAD"), "/a", {}) == {"method": ["GET", "HEAD"], "path": "/a"}


def test_a_pattern_without_method_and_path_fits_anything() -> None:
    assert read_pattern(None, None, {}) == {}


def test_a_step_takes_bytes_and_timedeltas() -> None:
    step = read_step(201, {"content": b"\x00\xff", "delay": timedelta(milliseconds=250)})
    assert step == {"status": 201, "base64": "AP8=", "delay": 0.25}


def test_a_delay_may_be_what_it_is_drawn_from() -> None:
    delay = {"uniform": (timedelta(milliseconds=50), "150ms")}
    assert read_step(200, {"delay": delay})["delay"] == {"uniform": [0.05, "150ms"]}
    spread = {"lognormal": {"median": timedelta(seconds=1), "sigma": 0.4}}
    assert read_step(200, {"delay": spread})["delay"] == {
        "lognormal": {"median": 1.0, "sigma": 0.4}
    }


def test_pieces_and_events_take_bytes_and_timedeltas() -> None:
    second = timedelta(seconds=1)
    step = read_step(
        200,
        {
            "stream": ({"content": b"\xff"}, {"text": "x", "after": second}),
            "sse": [{"data": 1, "after": {"uniform": [second, 2]}}],
            "trailers": {"x-sum": "1"},
            "throttle": "10kB/s",
        },
    )
    assert step["stream"] == [{"base64": "/w=="}, {"text": "x", "after": 1.0}]
    assert step["sse"] == [{"data": 1, "after": {"uniform": [1.0, 2]}}]
    assert (step["trailers"], step["throttle"]) == ({"x-sum": "1"}, "10kB/s")


def test_what_is_no_piece_is_for_the_server_to_tell() -> None:
    wrong: Any = {"stream": [1, {"content": "text"}], "sse": "x"}
    assert read_step(200, wrong) == {"status": 200, **wrong}


def test_a_json_body_may_be_null() -> None:
    assert read_step(200, {"json": None}) == {"status": 200, "json": None}


def test_two_binary_bodies_are_refused() -> None:
    with pytest.raises(TypeError, match="not both"):
        read_step(200, {"content": b"a", "base64": "YQ=="})


def test_respond_gives_times_to_the_answer_and_set_to_the_stub() -> None:
    options: RespondOptions = {"times": 2, "set": {"cart": "paid"}, "stub_times": 5, "json": {}}
    step, stub = split_respond(options)
    assert read_step(200, step) == {"status": 200, "times": 2, "json": {}}
    assert read_stub(stub) == {"set": {"cart": "paid"}, "times": 5}


def test_an_unknown_keyword_names_the_nearest_known_one() -> None:
    wrong: Any = {"heders": {}}
    with pytest.raises(TypeError, match="'heders'; did you mean 'headers'"):
        read_pattern("GET", "/a", wrong)


@pytest.mark.parametrize(
    ("wrong", "hint"),
    [
        ({"stauts": 201}, "did you mean 'status'"),
        ({"body": "hi"}, "give the body as 'json', 'text', 'base64', 'content' or 'file'"),
        ({"query": {}}, "'query' goes to the request pattern"),
    ],
)
def test_respond_tells_what_a_wrong_keyword_should_have_been(wrong: Any, hint: str) -> None:
    with pytest.raises(TypeError, match=hint):
        split_respond(wrong)


@pytest.mark.parametrize("keyword", ["status", "when", "times", "name"])
def test_a_pattern_tells_where_the_keywords_of_an_answer_go(keyword: str) -> None:
    wrong: Any = {keyword: 1}
    with pytest.raises(TypeError, match=rf"'{keyword}' goes to respond\(\)"):
        read_pattern("GET", "/a", wrong)


def test_a_step_tells_what_a_wrong_keyword_should_have_been() -> None:
    wrong: Any = {"stauts": 503}
    with pytest.raises(TypeError, match="did you mean 'status'"):
        read_step(200, wrong)


def test_a_namespace_is_frozen_at_an_instant_and_leased_for_a_duration() -> None:
    body = read_namespace(
        "n", {"clock": datetime(2030, 1, 1, tzinfo=UTC), "lease": timedelta(minutes=1), "sets": ()}
    )
    assert body == {
        "name": "n",
        "clock": {"mode": "frozen", "now": "2030-01-01T00:00:00Z"},
        "lease": 60.0,
    }
