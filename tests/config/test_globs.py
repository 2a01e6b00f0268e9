"""Patterns mean the same files on every platform, in the same order, as shells have it."""

from __future__ import annotations

import glob
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pymockapi.config import globs
from pymockapi.config.globs import expand, is_pattern, listed

TREE = (
    "a.yaml", "b.json", "B.yml", "notes.txt", ".hidden.yaml", "x/a.yaml", "x/y/b.yaml",
    "x/y/z/c.yaml", "x-1/a.yaml", ".git/d.yaml", "[odd].yaml",
)  # fmt: skip


@pytest.fixture(scope="module")
def tree(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("tree")
    for name in TREE:
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).touch()
    return root


@pytest.mark.parametrize(
    ("pattern", "names"),
    [
        ("*.yaml", ["[odd].yaml", "a.yaml"]),
        ("*", ["B.yml", "[odd].yaml", "a.yaml", "b.json", "notes.txt"]),
        (".*.yaml", [".hidden.yaml"]),
        ("?.yaml", ["a.yaml"]),
        ("[ab].*", ["a.yaml", "b.json"]),
        ("[!a]*.y*ml", ["B.yml", "[odd].yaml"]),
        ("*/a.yaml", ["x/a.yaml", "x-1/a.yaml"]),
        ("**/*.yaml", ["[odd].yaml", "a.yaml", "x/a.yaml", "x/y/b.yaml", "x/y/z/c.yaml",
                       "x-1/a.yaml"]),
        ("x/**/c.yaml", ["x/y/z/c.yaml"]),
        ("x/**", ["x/a.yaml", "x/y/b.yaml", "x/y/z/c.yaml"]),
        ("./x//*.yaml", ["x/a.yaml"]),
        ("x/../*.json", ["x/../b.json"]),
        ("none/*", []),
        ("a.yaml/*", []),
        ("*.toml", []),
    ],
)  # fmt: skip
def test_a_pattern_means(tree: Path, pattern: str, names: list[str]) -> None:
    assert expand(tree, pattern).names == names


def test_a_folder_means_the_config_files_right_in_it(tree: Path) -> None:
    assert listed(tree).names == ["B.yml", "[odd].yaml", "a.yaml", "b.json"]


def test_the_folders_that_were_looked_into_are_told(tree: Path) -> None:
    assert list(expand(tree, "x/**/*.yaml").folders) == [
        tree / "x", tree / "x/y", tree / "x/y/z",
    ]  # fmt: skip


def test_links_to_folders_are_not_followed_by_two_stars(tmp_path: Path) -> None:
    (tmp_path / "x").mkdir()
    (tmp_path / "x" / "a.yaml").touch()
    (tmp_path / "x" / "loop").symlink_to(tmp_path)
    assert expand(tmp_path, "**/*.yaml").names == ["x/a.yaml"]
    assert expand(tmp_path, "x/*/x/a.yaml").names == ["x/loop/x/a.yaml"]


@pytest.mark.parametrize("pattern", ["**/*.yaml", "*/*/*.yaml"])
def test_not_more_folders_are_looked_into_than_the_limit(
    tree: Path, pattern: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(globs, "MAX_FOLDERS", 2)
    assert expand(tree, pattern).is_cut


@pytest.mark.parametrize(
    ("name", "expected"), [("a*", True), ("a?", True), ("[a", True), ("a", False)]
)
def test_what_is_a_pattern(name: str, expected: bool) -> None:
    assert is_pattern(name) is expected


@settings(max_examples=60, deadline=None)
@given(st.lists(st.sampled_from(["*", "**", "x", "y", "*.yaml", "?.yaml", "x*", "[a-c]*"]),
                min_size=1, max_size=4))  # fmt: skip
def test_a_pattern_means_what_the_standard_library_says(tree: Path, parts: list[str]) -> None:
    pattern = "/".join(parts)
    expected = {name for name in glob.glob(pattern, root_dir=tree, recursive=True)
                if (tree / name).is_file()}  # fmt: skip
    assert set(expand(tree, pattern).names) == expected
