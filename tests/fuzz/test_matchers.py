"""Patterns and requests at random: accepting and explaining agree, and nothing raises but a limit."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.engine.requests import context_of
from tests.fuzz.budget import examples, no_stall
from tests.fuzz.patterns import (
    AUTH,
    BODIES,
    FIELDS,
    OPERATORS,
    of_json,
    of_text,
    patterns,
    requests,
    spoiled,
    wild_json,
    wild_requests,
)
from tests.server.world import World

from pymockapi.engine.definitions import read_stub
from pymockapi.engine.index import LayerIndex
from pymockapi.engine.matching.auth_patterns import AUTH_KEYS
from pymockapi.engine.matching.body_patterns import BODY_KEYS
from pymockapi.engine.matching.pattern import PATTERN_KEYS, RequestPattern, read_pattern
from pymockapi.engine.matching.values import MATCHER_NAMES, Domain, read_matcher
from pymockapi.engine.project import read_configuration
from pymockapi.model.errors import ExpressionLimit
from pymockapi.model.reader import Findings
from pymockapi.model.request import Request
from pymockapi.model.stub import Stub


def test_every_key_and_matcher_is_tried() -> None:
    assert set(FIELDS) == PATTERN_KEYS
    assert set(BODIES) == set(BODY_KEYS)
    assert set(OPERATORS) == MATCHER_NAMES
    assert set(AUTH) == set(AUTH_KEYS)


def read(data: Any) -> RequestPattern | None:
    """Return the pattern; ``None`` for one with errors (a matcher that can never hold is one)."""
    found = Findings()
    pattern = read_pattern(data, "", found)
    return None if found.items else pattern


def answer_of(ask: Callable[[], bool]) -> bool | None:
    """Return the answer, ``None`` where a limit was reached."""
    try:
        with no_stall():
            return ask()
    except ExpressionLimit:
        return None


def judged(pattern: RequestPattern, request: Request) -> bool | None:
    """Return whether the pattern accepts, having compared it with what it says differs."""
    accepted = answer_of(lambda: pattern.accepts(request, context_of(request)))
    fits = answer_of(lambda: not pattern.differences(request, context_of(request)))
    if accepted is not None and fits is not None:
        assert accepted == fits
    return accepted


@pytest.mark.parametrize("key", sorted(FIELDS))
@given(st.data())
@examples(6)
def test_most_patterns_that_are_tried_are_valid(key: str, data: st.DataObject) -> None:
    definition = {key: data.draw(FIELDS[key])}
    found = Findings()
    read_pattern(definition, "", found)
    for item in found.items:
        assert item.message
        assert item.pointer.startswith(f"/{key}")


@examples(120)
@given(patterns, st.lists(requests | wild_requests, min_size=1, max_size=4))
def test_a_pattern_accepts_exactly_what_differs_in_nothing(data: Any, asked: list[Request]) -> None:
    pattern = read(data)
    if pattern is None:
        return
    for request in asked:
        if judged(pattern, request):
            pattern.captures(request)
    again = read(json.loads(json.dumps(pattern.to_json())))
    assert again is not None
    assert [judged(again, each) for each in asked] == [judged(pattern, each) for each in asked]


@examples(40)
@given(st.lists(patterns, min_size=1, max_size=30), st.lists(requests, min_size=1, max_size=4))
def test_the_index_leaves_out_no_stub_that_accepts(
    definitions: list[Any], asked: list[Request]
) -> None:
    stubs: list[Stub] = []
    for number, definition in enumerate(definitions):
        found = Findings()
        stub = read_stub({"name": f"s{number}", "request": definition}, "", found, lambda: "s")
        if not found.items:
            stubs.append(stub)
    index = LayerIndex(stubs)
    for request in asked:
        proposed = [stub for _, stub in index.candidates(request)]
        for stub in stubs:
            accepted = answer_of(
                lambda stub=stub, request=request: stub.pattern.accepts(
                    request, context_of(request)
                )  # type: ignore[misc]
            )
            if accepted:
                assert stub in proposed
            if stub in proposed and stub.pattern.only_indexed:
                assert accepted


@examples(60)
@given(spoiled(patterns) | wild_json, requests | wild_requests)
def test_a_spoiled_pattern_is_reported_with_its_place_or_works(data: Any, request: Request) -> None:
    found = Findings()
    pattern = read_pattern(data, "", found)
    for item in found.items:
        assert item.message
        assert item.pointer == "" or item.pointer.startswith("/")
    if not found.items:
        judged(pattern, request)


@examples(60)
@given(
    spoiled(of_text | of_json) | wild_json, st.sampled_from(Domain), st.lists(wild_json, max_size=3)
)
def test_a_spoiled_matcher_is_reported_or_works(
    data: Any, domain: Domain, values: list[Any]
) -> None:
    found = Findings()
    matcher = read_matcher(data, "", found, domain)
    if found.items:
        return
    if domain is Domain.TEXT:
        values = [value for value in values if isinstance(value, str)]
    holds = answer_of(lambda: matcher.holds(values, context_of()))
    fits = answer_of(lambda: not matcher.differences("field", values, context_of()))
    assert None in (holds, fits) or holds == fits


@examples(40)
@given(wild_json, st.sampled_from(["stub", "configuration"]))
def test_no_definition_makes_a_reader_raise(data: Any, kind: str) -> None:
    found = Findings()
    if kind == "stub":
        read_stub(data, "", found, lambda: "s")
    else:
        read_configuration(data, found)
    assert all(item.message for item in found.items)


@examples(15)
@given(st.lists(patterns, min_size=1, max_size=4), st.lists(requests, min_size=1, max_size=3))
def test_what_the_api_shows_of_a_stub_means_the_same_when_it_is_read_again(
    definitions: list[Any], asked: list[Request]
) -> None:
    stubs = [
        {"name": f"s{number}", "request": each}
        for number, each in enumerate(definitions)
        if read(each) is not None
    ]
    first, second = World(), World()
    first.call("POST", "/namespaces/default/stubs", stubs)
    shown = [
        first.call("GET", f"/namespaces/default/stubs/{stub['name']}")["definition"]
        for stub in stubs
    ]
    second.call("POST", "/namespaces/default/stubs", shown)
    for request in asked:
        answers = [
            world.application.answer(
                Request(request.method, request.target, request.head, request.body)
            )
            for world in (first, second)
        ]
        assert answers[0].response == answers[1].response  # type: ignore[union-attr]
