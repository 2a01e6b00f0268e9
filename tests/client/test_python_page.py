"""Every Python block of docs/python.md runs as it stands, and over the async client, too."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from tests.client.conftest import Client

import pymockapi

PAGE = Path(__file__).parents[2] / "docs" / "python.md"
BLOCKS = re.findall(r"^```python\n(.*?)^```", PAGE.read_text(encoding="utf-8"), re.M | re.S)


@pytest.mark.parametrize("block", BLOCKS, ids=range(1, len(BLOCKS) + 1))
def test_the_block_runs(client: Client, block: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pymockapi, "MockServer", client.server)
    exec(compile(block, str(PAGE), "exec"), {"__name__": "__main__"})
