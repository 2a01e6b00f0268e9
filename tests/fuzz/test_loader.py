"""Whatever stands in the files: a configuration, or errors with their places, and never more."""

from __future__ import annotations

import argparse
import contextlib
import io
import math
from collections.abc import Iterator, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.fuzz.budget import examples, no_stall
from tests.fuzz.texts import as_json, as_yaml, configs, contents

from pymockapi.cli import check, serve
from pymockapi.config.files import read_file
from pymockapi.config.flaws import ConfigError, Located
from pymockapi.config.load import load, load_with_warnings

READING_S = 5.0  # of a few kilobytes, in a process that serves nobody
FILES = st.lists(
    st.tuples(st.sampled_from(["mocks.yaml", "more.json", "other.yml"]), contents),
    min_size=1, max_size=3, unique_by=lambda item: item[0],
)  # fmt: skip


@contextlib.contextmanager
def written(files: list[tuple[str, bytes]]) -> Iterator[list[str]]:
    with TemporaryDirectory() as folder:
        paths = [Path(folder, name) for name, _ in files]
        for path, (_, content) in zip(paths, files, strict=True):
            path.write_bytes(content)
        yield [str(path) for path in paths]


def assert_placed(found: Located) -> None:
    assert found.file
    assert found.message
    assert (found.line >= 1) == (found.column >= 1)
    str(found).encode()


@examples(60)
@given(FILES)
def test_files_are_a_configuration_or_errors_with_places(files: list[tuple[str, bytes]]) -> None:
    with written(files) as paths, no_stall(READING_S):
        found, count = findings_of(paths)
    assert count >= len(found)
    for each in found:
        assert_placed(each)


def findings_of(paths: list[str]) -> tuple[Sequence[Located], int]:
    """Return what is found in the files, and how many errors in all."""
    try:
        warnings = load_with_warnings(paths).warnings
    except ConfigError as error:
        return error.findings, max(1, error.count)
    return warnings, len(warnings)


@examples(20)
@given(FILES)
def test_check_and_serve_agree(files: list[tuple[str, bytes]]) -> None:
    with written(files) as paths, pytest.MonkeyPatch.context() as patch:
        patch.setattr(serve, "_server", lambda: lambda *_: 0)
        said, warned = io.StringIO(), io.StringIO()
        with contextlib.redirect_stdout(said), contextlib.redirect_stderr(warned):
            checked = check.run(options_of(check, paths))
            served = serve.run(options_of(serve, paths))
        assert checked == served
        if checked:
            assert warned.getvalue().splitlines()[:-1] == said.getvalue().splitlines()[:-1]


@examples(25)
@given(configs, st.sampled_from([False, True, None]))
def test_a_document_means_the_same_as_yaml_and_as_json(document: Any, flow: bool | None) -> None:
    written_as = {"mocks.yaml": as_yaml(document, flow), "mocks.json": as_json(document)}
    files = [(name, text.encode()) for name, text in written_as.items()]
    with written(files) as (yaml_path, json_path):
        values = [read_file(path).value for path in (yaml_path, json_path)]
        assert same(values[0], values[1])
        assert same(values[1], document)
        assert outcome(yaml_path) == outcome(json_path)


def options_of(command: Any, paths: list[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser()
    command.add_arguments(parser)
    return parser.parse_args(paths)


def outcome(path: str) -> Any:
    """Return what a file means, or its errors without their lines."""
    try:
        read = load(paths=[path])
    except ConfigError as error:
        return [(found.pointer, found.message) for found in error.findings]
    layers = [read.base, *(each.layer for each in read.sets.values())]
    stubs = [[(stub.name, stub.definition) for stub in layer.stubs] for layer in layers]
    return (
        stubs,
        read.state,
        read.settings,
        list(read.sets),
        list(read.presets),
        read.server,
        read.tags,
    )


def same(one: Any, other: Any) -> bool:
    """Whether two documents are the same JSON; 1 is not 1.0, nor true."""
    if type(one) is not type(other):
        return False
    if isinstance(one, dict):
        return one.keys() == other.keys() and all(same(one[key], other[key]) for key in one)
    if isinstance(one, list):
        return len(one) == len(other) and all(map(same, one, other))
    return bool(one == other) or (isinstance(one, float) and math.isnan(one))
