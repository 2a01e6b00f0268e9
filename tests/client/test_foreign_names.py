"""Attributes and keywords of other libraries: the error tells what they are here."""

from __future__ import annotations

import copy
import re
from typing import Any

import pytest

from pymockapi import AsyncMockServer, AsyncNamespace, MockServer, Namespace, Pattern, Stub
from pymockapi.client.foreign_names import ATTRIBUTES, PATTERN_KEYWORDS, RESPONSE_KEYWORDS
from pymockapi.client.options import (
    PatternOptions,
    RespondOptions,
    read_pattern,
    read_step,
    split_respond,
)
from pymockapi.integrations.wishes import read_wishes

CLASSES = (Namespace, AsyncNamespace, Pattern, Stub, MockServer, AsyncMockServer)


def made(kind: Any) -> Any:
    """Return an object of that class that was told nothing."""
    return kind.__new__(kind)


@pytest.mark.parametrize("name", ATTRIBUTES)
def test_an_attribute_of_another_library_is_told_by_what_it_is_here(name: str) -> None:
    for kind in CLASSES:
        with pytest.raises(AttributeError) as raised:
            getattr(made(kind), name)
        told = f"'{kind.__name__}' object has no attribute '{name}'; here: {ATTRIBUTES[name]}"
        assert str(raised.value) == told


@pytest.mark.parametrize("told", sorted(set(ATTRIBUTES.values())))
def test_what_is_told_is_there(told: str) -> None:
    of_namespace = re.findall(r"mock_api\.(\w+)", told)
    assert [name for name in of_namespace if not hasattr(Namespace, name)] == []
    others = re.findall(r"(?<![\w.])(\w+)\(", told)
    assert [name for name in others if not (hasattr(Pattern, name) or hasattr(Stub, name))] == []


def test_a_server_tells_what_namespaces_have() -> None:
    told = "'MockServer' object has no attribute 'post'; a namespace has it, as mock_api.post"
    with pytest.raises(AttributeError, match=re.escape(told)):
        _ = made(MockServer).post


def test_any_other_attribute_is_only_not_there() -> None:
    with pytest.raises(AttributeError) as raised:
        _ = made(Stub).colour
    assert str(raised.value) == "'Stub' object has no attribute 'colour'"
    assert raised.value.name == "colour"
    assert not hasattr(made(Namespace), "colour")


def test_what_python_asks_of_every_object_is_as_ever() -> None:
    pattern = made(Pattern)
    pattern._control, pattern._definition = None, {"path": "/a"}
    assert copy.copy(pattern).definition == {"path": "/a"}


def test_keywords_of_other_libraries_are_none_of_ours() -> None:
    assert not set(PATTERN_KEYWORDS) & set(PatternOptions.__annotations__)
    assert not set(RESPONSE_KEYWORDS) & set(RespondOptions.__annotations__)


@pytest.mark.parametrize(
    ("keyword", "hint"),
    [("data", "give the body as 'json', 'text',"), ("content_type", "headers={'content-type'"),
     ("mimetype", "headers={'content-type'"), ("status_code", "'status'"),
     ("passthrough", "no request is passed on"),
     ("callback", "respond(call=...)"), ("handler", "respond(call=...)"), ("latency", "'delay'")],
)  # fmt: skip
def test_respond_tells_what_a_keyword_of_another_library_is(keyword: str, hint: str) -> None:
    wrong: Any = {keyword: "x"}
    with pytest.raises(TypeError, match=re.escape(hint)):
        split_respond(wrong)


@pytest.mark.parametrize(
    ("keyword", "hint"),
    [("data", "'json_contains', 'text'"), ("content_type", "headers={'content-type'"),
     ("params", "'query'")],
)  # fmt: skip
def test_a_pattern_tells_what_a_keyword_of_another_library_is(keyword: str, hint: str) -> None:
    wrong: Any = {keyword: "x"}
    with pytest.raises(TypeError, match=re.escape(hint)):
        read_pattern("GET", "/", wrong)


@pytest.mark.parametrize(
    ("given", "hint"),
    [
        ({"id": 1}, "got {'id': 1}; the body goes by name, as in respond(json={'id': 1})"),
        ("hello", "respond(text='hello')"),
        (b"hello", "respond(content=b'hello')"),
    ],
)
def test_a_body_in_place_of_the_status_is_told_by_its_keyword(given: Any, hint: str) -> None:
    with pytest.raises(TypeError, match=re.escape(hint)):
        read_step(given, {})


def test_a_text_as_bytes_is_told_by_its_keyword() -> None:
    text: Any = "hello"
    with pytest.raises(TypeError, match="content= takes bytes, got 'hello'; a text is text="):
        read_step(200, {"content": text})


@pytest.mark.parametrize(("given", "hint"), [("x", "text='x'"), ([1], "json=[1]")])
def test_a_body_that_says_not_how_it_is_compared_is_told_how(given: Any, hint: str) -> None:
    with pytest.raises(TypeError, match=re.escape(f"did you mean {hint}?")):
        read_pattern("POST", "/", {"body": given})


def test_sets_by_keyword_are_told_how_they_are_given() -> None:
    with pytest.raises(TypeError, match=r"names of sets stand first, without a keyword: mocks\("):
        read_wishes((), {"sets": ["down"]})
