"""The page on matching: what it shows is valid, and YAML and JSON say the same."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest
import yaml

from pymockapi.engine.body_patterns import BODY_KEYS
from pymockapi.engine.pattern import PATTERN_KEYS, read_pattern
from pymockapi.engine.values import MATCHER_NAMES
from pymockapi.model.reader import Findings

PAGE = (Path(__file__).parents[2] / "docs" / "matching.md").read_text(encoding="utf-8")
BLOCKS = re.findall(r"```yaml\n(.*?)```\n\n```json\n(.*?)```", PAGE, re.DOTALL)


def rows(heading: str) -> list[tuple[str, str]]:
    section = PAGE.split(f"\n## {heading}\n")[1].split("\n## ")[0]
    return re.findall(r"^\| `(.+?)` \| `(.+?)` \|", section, re.MULTILINE)


def in_pattern(heading: str, data: Any) -> Any:
    if heading == "Value matchers":
        return {"body": {"jsonpath": {"$.a": data}}}
    return {heading.lower(): data}


ROWS = [
    (heading, yaml_text, json_text)
    for heading in ("Value matchers", "Path", "Body")
    for yaml_text, json_text in rows(heading)
]


@pytest.mark.parametrize(("yaml_text", "json_text"), BLOCKS)
def test_an_example_is_a_valid_pattern_in_yaml_and_json(yaml_text: str, json_text: str) -> None:
    data = yaml.safe_load(yaml_text)
    assert data == json.loads(json_text)
    found = Findings()
    read_pattern(data, "", found)
    assert found.items == []


@pytest.mark.parametrize(("heading", "yaml_text", "json_text"), ROWS)
def test_a_row_is_valid_in_yaml_and_json(heading: str, yaml_text: str, json_text: str) -> None:
    data = yaml.safe_load(yaml_text)
    assert data == json.loads(json_text)
    found = Findings()
    read_pattern(in_pattern(heading, data), "", found)
    assert found.items == []


def test_the_page_shows_every_matcher_and_key() -> None:
    shown = {name for _, text in rows("Value matchers") for name in re.findall(r'"(\w+)":', text)}
    assert shown >= MATCHER_NAMES
    assert {name for _, text in rows("Body") for name in re.findall(r'"(\w+)":', text)} >= set(
        BODY_KEYS
    )
    assert set(json.loads(BLOCKS[0][1])) == PATTERN_KEYS
