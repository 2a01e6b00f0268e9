"""The page on matching: its YAML, JSON and Python say the same, and do as they are told to."""

from __future__ import annotations

import ast
import json
import re
from dataclasses import dataclass
from typing import Any

import pytest
import yaml
from tests.documents import section, text_of
from tests.engine.matching.examples import EXAMPLES, Example
from tests.engine.requests import accepts, pattern_findings

from pymockapi import Namespace
from pymockapi.client.control import Control, NamespaceControl
from pymockapi.client.transport import Transport
from pymockapi.engine.matching.body_patterns import BODY_KEYS
from pymockapi.engine.matching.pattern import PATTERN_KEYS
from pymockapi.engine.matching.values import MATCHER_NAMES

PAGE = "docs/matching.md"
_FENCES = r"```yaml\n(.*?)```\n\n```json\n(.*?)```(?:\n\n```python\n(.*?)```)?"


@dataclass(frozen=True)
class Shown:
    """What is shown in three languages, in a row or in blocks; ``heading`` is where."""

    heading: str
    yaml: str
    json: str
    python: str

    @property
    def id(self) -> str:
        return self.json.partition("\n")[0]

    def pattern(self) -> dict[str, Any]:
        """Return the request pattern that is meant, by the JSON."""
        return self.wrap(json.loads(self.json))

    def wrap(self, data: Any) -> dict[str, Any]:
        if self.heading == "Value matchers":
            return {"body": {"jsonpath": {"$.a": data}}}
        return {self.heading.lower(): data} if self.heading else dict(data)


def rows(heading: str) -> list[Shown]:
    lines = re.findall(
        r"^\| `(.+?)` \| `(.+?)` \| (?:`(.+?)`)? \|", section(PAGE, heading), re.MULTILINE
    )
    return [Shown(heading, *line) for line in lines]


BLOCKS = [Shown("", *found) for found in re.findall(_FENCES, text_of(PAGE), re.DOTALL)]
HEADINGS = ("Value matchers", "Path", "Body")
ROWS = [row for heading in HEADINGS for row in rows(heading)]
SHOWN = [*ROWS, *BLOCKS]


def example_of(shown: Shown) -> Example:
    """Return the example for what is shown; ``tests/engine/matching/examples.py`` has it."""
    pattern = shown.pattern()
    return next(example for example in EXAMPLES if example.pattern == pattern)


def in_python(shown: Shown) -> Any:
    """Return the pattern that the Python makes; the method that a row calls counts for nothing."""
    if not shown.python.startswith("mock."):
        return shown.wrap(ast.literal_eval(shown.python))
    control = NamespaceControl(Control(Transport("http://127.0.0.1:9", 1)), "shown")
    definition = eval(shown.python, {"mock": Namespace(control, {}, "")}).definition
    if "method" not in shown.pattern():
        definition.pop("method", None)
    return definition


def test_the_page_is_read_whole() -> None:
    assert len(ROWS) == sum(section(PAGE, heading).count("\n| `") for heading in HEADINGS)
    assert len(BLOCKS) == text_of(PAGE).count("```json")


@pytest.mark.parametrize("shown", SHOWN, ids=lambda shown: shown.id)
def test_yaml_and_json_say_the_same(shown: Shown) -> None:
    assert yaml.safe_load(shown.yaml) == json.loads(shown.json)


@pytest.mark.parametrize("shown", SHOWN, ids=lambda shown: shown.id)
def test_python_says_the_same(shown: Shown) -> None:
    assert in_python(shown) == shown.pattern()


@pytest.mark.parametrize("shown", SHOWN, ids=lambda shown: shown.id)
def test_what_is_shown_is_valid_and_fits_one_request_and_refuses_another(shown: Shown) -> None:
    pattern = shown.pattern()
    assert pattern_findings(pattern) == []
    example = example_of(shown)
    assert accepts(pattern, example.fits)
    assert not accepts(pattern, example.refused)


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda example: json.dumps(example.pattern)[:80])
def test_every_example_is_of_something_shown(example: Example) -> None:
    assert example.pattern in [shown.pattern() for shown in SHOWN]


def test_the_page_shows_every_matcher_and_key() -> None:
    keys = {
        heading: {key for row in rows(heading) for key in re.findall(r'"(\w+)":', row.json)}
        for heading in ("Value matchers", "Body")
    }
    assert keys["Value matchers"] >= MATCHER_NAMES
    assert keys["Body"] >= set(BODY_KEYS)
    assert set(BLOCKS[0].pattern()) == PATTERN_KEYS
