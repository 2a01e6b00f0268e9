"""The page on templates: every function, filter, input and test is there, and each example is right."""

from __future__ import annotations

import json
import re
from typing import Any, Final

import pytest
from tests.documents import blocks_of, section, text_of
from tests.engine.requests import NOW_NS
from tests.engine.templates.rendered import STATE, value_of

from pymockapi.engine.templates.dates import DIRECTIVES, FORMATS
from pymockapi.engine.templates.expressions import MAX_DEPTH
from pymockapi.engine.templates.filters import FILTERS
from pymockapi.engine.templates.functions import FUNCTIONS, Signature
from pymockapi.engine.templates.inputs import INPUTS, REQUEST
from pymockapi.engine.templates.predicates import TESTS
from pymockapi.engine.templates.runtime import MAX_CHARS as MAX_MADE
from pymockapi.engine.templates.syntax import MAX_BLOCKS, MAX_BRACKETS, MAX_CHARS, MAX_TOKENS
from pymockapi.model.rendering import MAX_STEPS
from pymockapi.model.request import Request

PAGE: Final = "docs/templates.md"
_ROW: Final = re.compile(r"^\|.* `(\{[{%].*[}%]\})` \| `(.+)` \|$", re.M)
EXAMPLES: Final = [
    (found[1].replace("\\|", "|"), found[2]) for found in _ROW.finditer(text_of(PAGE))
]


def shown_request() -> Request:
    """Return the request that the page shows."""
    (block,) = [each for each in blocks_of(PAGE) if each.language == "http"]
    head, _, body = block.text.rstrip("\n").partition("\n\n")
    method, target, _ = head.partition("\n")[0].split(" ")
    raw = (head.replace("\n", "\r\n") + "\r\n\r\n").encode()
    return Request(method, target, raw, body.encode(), "127.0.0.1:1", prefix="/~shop")


@pytest.mark.parametrize(("template", "gives"), EXAMPLES, ids=[each[0] for each in EXAMPLES])
def test_an_example_gives_what_is_shown(template: str, gives: str) -> None:
    found = value_of(template, shown_request(), layer=lambda: "base")
    assert json.dumps(found, ensure_ascii=False) == json.dumps(
        json.loads(gives), ensure_ascii=False
    )


def test_the_page_tells_what_its_examples_are_rendered_with() -> None:
    page = section(PAGE, "Inputs")
    assert json.dumps(STATE) in page
    assert value_of("{{ now() }}", now_ns=NOW_NS) in page


def _rows(heading: str, between: str = "`([^`]+)`") -> list[str]:
    told, _, _ = section(PAGE, heading).partition("\n### ")
    return re.findall(rf"^\| {between} \|", told, re.M)


def _written(name: str, signature: Signature, *, call: bool) -> str:
    names = ", ".join(parameter for parameter, _ in signature.parameters)
    return f"{name}({names})" if names or call else name


def test_every_function_is_shown_with_its_parameters() -> None:
    known = [_written(name, each, call=True) for name, each in FUNCTIONS.items()]
    assert _rows("Functions") == [*known, "jsonpath(doc, expr)"]


def test_every_filter_is_shown_with_its_parameters() -> None:
    assert _rows("Filters") == [_written(name, each, call=False) for name, each in FILTERS.items()]


def test_every_function_and_filter_has_an_example() -> None:
    shown = " ".join(template for template, _ in EXAMPLES)
    assert [name for name in (*FUNCTIONS, "jsonpath") if f"{name}(" not in shown] == []
    assert [name for name in FILTERS if not re.search(rf"\| {name}\b", shown)] == []


def test_every_input_is_shown() -> None:
    assert sorted(_rows("Inputs")) == sorted([*(f"request.{name}" for name in REQUEST), *INPUTS])


@pytest.mark.parametrize("name", [*TESTS, *FORMATS])
def test_every_test_and_format_is_named(name: str) -> None:
    assert f"`{name}`" in text_of(PAGE)


def test_every_directive_is_named() -> None:
    told = section(PAGE, "Filters").partition("### Formats of dates")[2]
    assert [each for each in DIRECTIVES if f"%{each}" not in told] == []


def test_every_limit_is_told_with_its_number() -> None:
    told = section(PAGE, "Limits")
    numbers: list[Any] = [
        MAX_CHARS,
        MAX_TOKENS,
        MAX_BRACKETS,
        MAX_BLOCKS,
        MAX_DEPTH,
        MAX_STEPS,
        MAX_MADE,
    ]
    assert [each for each in numbers if not re.search(rf"\b{each:,}\b", told)] == []
