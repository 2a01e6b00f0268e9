"""The table of tags in config files: one of several files, and errors with their lines."""

from __future__ import annotations

from pathlib import Path

import pytest

from pymockapi.config.flaws import ConfigError
from pymockapi.config.load import load


def write(folder: Path, **texts: str) -> list[Path]:
    paths = [folder / f"{name}.yaml" for name in texts]
    for path, text in zip(paths, texts.values(), strict=True):
        path.write_text(text, encoding="utf-8")
    return paths


def test_rows_of_tags_are_one_table_in_the_order_of_the_files(tmp_path: Path) -> None:
    paths = write(
        tmp_path,
        one='version: 1\ntags:\n  "@z": {}\n  "@a": {}\n',
        two='version: 1\ntags:\n  "@m": {}\n',
    )
    assert [row.text for row in load(paths).tags.rows] == ["@z", "@a", "@m"]


def test_all_that_is_wrong_with_tags_has_its_line(tmp_path: Path) -> None:
    (path,) = write(
        tmp_path,
        mocks="""\
version: 1
sets: {down: {}}
tags:
  "@a and": {sets: [down]}
  "(@b": {}
  "@c":
    sets: [dwn]
    state: 1
  "( @c )": {}
namespaces:
  smoke:
    tags: ["@mock.dwn"]
""",
    )
    with pytest.raises(ConfigError) as refused:
        load([path])
    found = refused.value.findings
    assert [(each.line, each.column, each.pointer) for each in found] == [
        (4, 3, "/tags/@a and"),
        (5, 3, "/tags/(@b"),
        (7, 12, "/tags/@c/sets/0"),
        (8, 5, "/tags/@c/state"),
        (9, 3, "/tags/( @c )"),
        (12, 12, "/namespaces/smoke/tags/0"),
    ]
