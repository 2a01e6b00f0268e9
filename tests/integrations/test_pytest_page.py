"""What docs/pytest.md shows: its suites run as they stand, its tables are whole."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from tests.documents import Block, blocks_of, section, text_of
from tests.integrations.suites import Suite

from pymockapi import MockServer
from pymockapi.integrations import pytest_plugin
from pymockapi.integrations.options import OPTIONS, Option
from pymockapi.integrations.wishes import KEYWORDS

pytest_plugins = ["pytester"]

PAGE = blocks_of("docs/pytest.md")
SUITES = [block for block in PAGE if block.language == "python"]
CHANGING = re.compile(r"-[0-9a-f]{10}\b|:\d{5}\b|n\d+-[0-9a-f]+|\d{10,}")


def shown_after(block: Block) -> str | None:
    following = PAGE[PAGE.index(block) + 1 :]
    return following[0].text if following and following[0].language == "text" else None


def config_before(block: Block) -> str:
    """Return the config that was shown last, if the block shows no failure: these know none."""
    configs = [each.text for each in PAGE[: PAGE.index(block)] if each.language == "yaml"]
    return "version: 1" if not configs or shown_after(block) else configs[-1]


@pytest.mark.parametrize("block", SUITES, ids=lambda block: block.place)
def test_a_suite_that_is_shown_goes_as_it_is_shown(
    bare_suite: Suite, monkeypatch: pytest.MonkeyPatch, block: Block
) -> None:
    Path("mocks.yaml").write_text(config_before(block), encoding="utf-8")
    with MockServer("mocks.yaml", start_timeout=60) as server:
        monkeypatch.setenv("PYMOCKAPI_URL", server.url)
        done = bare_suite.run(block.text, "--strict-markers")
    shown = shown_after(block)
    if shown is None:
        assert done.ret == 0
    else:
        assert CHANGING.sub("N", shown) in CHANGING.sub("N", done.stdout.str())


@pytest.mark.parametrize("option", OPTIONS, ids=lambda option: option.name)
def test_an_option_is_on_the_page(option: Option) -> None:
    rows = section("docs/pytest.md", "Options").splitlines()
    (row,) = [row for row in rows if row.startswith(f"| `{option.ini}` |")]
    assert f"| `{option.flag} " in row
    assert f"| `{option.variable}` |" in row
    if isinstance(option.default, str):
        assert f"(`{option.default}`)" in row


def test_every_fixture_and_every_argument_of_the_marker_is_on_the_page() -> None:
    fixtures = [name for name in vars(pytest_plugin) if "mock_api" in name]
    assert len(fixtures) == 6
    page = text_of("docs/pytest.md")
    assert [name for name in (*fixtures, *KEYWORDS) if f"| `{name}` |" not in page] == []
