"""Every YAML block of docs/configuration.md is a config file that loads, and fits the schema."""

from __future__ import annotations

import re
from pathlib import Path

import jsonschema  # type: ignore[import-untyped, unused-ignore]
import pytest

from pymockapi.api.schemas import config_schema
from pymockapi.config.load import load
from pymockapi.config.yaml_text import parse

PAGE = Path(__file__).parents[2] / "docs" / "configuration.md"
BLOCKS = re.findall(r"^```yaml\n(.*?)^```", PAGE.read_text(encoding="utf-8"), re.M | re.S)


def test_the_page_has_blocks() -> None:
    assert len(BLOCKS) >= 5


@pytest.mark.parametrize("block", BLOCKS)
def test_a_block_loads(block: str, tmp_path: Path) -> None:
    path = tmp_path / "mocks.yaml"
    path.write_text(block, encoding="utf-8")
    load([path])


@pytest.mark.parametrize("block", BLOCKS)
def test_a_block_fits_the_schema(block: str) -> None:
    jsonschema.Draft202012Validator(config_schema()).validate(parse(block, [])[0])


def test_every_key_of_the_schema_is_on_the_page() -> None:
    schema = config_schema()
    parts = [schema, *(schema["$defs"][name] for name in ("settings", "limits", "preset", "server",
                                                          "server_limits", "set"))]  # fmt: skip
    page = PAGE.read_text(encoding="utf-8")
    missing = [key for part in parts for key in part["properties"] if f"`{key}`" not in page]
    assert missing == []
