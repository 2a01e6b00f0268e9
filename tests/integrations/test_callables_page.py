"""What docs/callables.md shows: its programs and its suite run as they stand."""

from __future__ import annotations

import pytest
from tests.documents import Block, blocks_of, text_of
from tests.integrations.suites import Suite

from pymockapi.engine.returned import RETURNED_KEYS

pytest_plugins = ["pytester"]

BLOCKS = [block for block in blocks_of("docs/callables.md") if block.language == "python"]
SUITES = [block for block in BLOCKS if "import pytest" in block.text]
PROGRAMS = [block for block in BLOCKS if block not in SUITES]


@pytest.mark.parametrize("block", PROGRAMS, ids=lambda block: block.place)
def test_a_program_runs(block: Block) -> None:
    exec(compile(block.text, block.place, "exec"), {"__name__": "__main__"})


@pytest.mark.parametrize("block", SUITES, ids=lambda block: block.place)
def test_a_suite_passes(bare_suite: Suite, block: Block) -> None:
    done = bare_suite.run(block.text, "--strict-markers")
    done.assert_outcomes(passed=1)


@pytest.mark.parametrize("key", sorted(RETURNED_KEYS))
def test_what_a_function_may_return_is_on_the_page(key: str) -> None:
    (row,) = [
        line
        for line in text_of("docs/callables.md").splitlines()
        if line.startswith("| a mapping |")
    ]
    assert f"`{key}`" in row
