"""Files include others: which, in which order, and what goes wrong, with its place."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pymockapi.config import includes
from pymockapi.config.flaws import ConfigError
from pymockapi.config.validate import Loaded, load_by
from pymockapi.model.reader import Findings
from pymockapi.model.stub import Json


def accept(document: Json, _: Findings) -> Json:
    return document


def write(folder: Path, files: dict[str, str]) -> None:
    for name, text in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text if text.startswith("version") else f"version: 1\n{text}\n")


def load(folder: Path, *names: str) -> Loaded[Json]:
    return load_by(accept, [folder / name for name in names or ("mocks.yaml",)])


def order(folder: Path, *names: str) -> list[str]:
    """Return the names of the stubs, in order."""
    return [stub["name"] for stub in load(folder, *names).document.get("stubs", [])]


def refused(folder: Path, *names: str) -> list[str]:
    with pytest.raises(ConfigError) as caught:
        load(folder, *names)
    return [str(found).replace(f"{folder}/", "") for found in caught.value.findings]


def stub(name: str, include: str = "") -> str:
    lead = f"include: [{include}]\n" if include else ""
    return f"{lead}stubs: [{{name: {name}}}]"


def test_what_a_file_includes_comes_before_it_in_listed_order(tmp_path: Path) -> None:
    write(tmp_path, {
        "mocks.yaml": stub("top", "z.yaml, shared/*.yaml"), "z.yaml": stub("z"),
        "shared/b.yaml": stub("b"), "shared/a.yaml": stub("a"), "shared/no.json": "broken",
    })  # fmt: skip
    assert order(tmp_path) == ["z", "a", "b", "top"]


def test_names_are_relative_to_the_file_that_includes(tmp_path: Path) -> None:
    write(tmp_path, {
        "mocks.yaml": stub("top", "x/a.yaml"), "x/a.yaml": stub("a", "y/b.yaml, ../c.yaml"),
        "x/y/b.yaml": stub("b"), "c.yaml": stub("c"),
    })  # fmt: skip
    assert order(tmp_path) == ["b", "c", "a", "top"]
    assert load(tmp_path).files == tuple(
        str(tmp_path / name) for name in ("x/y/b.yaml", "x/../c.yaml", "x/a.yaml", "mocks.yaml")
    )


def test_a_folder_stands_for_the_config_files_in_it(tmp_path: Path) -> None:
    write(tmp_path, {
        "mocks.yaml": stub("top", "shared"), "shared/b.yaml": stub("b"),
        "shared/a.yml": stub("a"), "shared/deep/c.yaml": stub("c"), "shared/notes.md": "-",
    })  # fmt: skip
    assert order(tmp_path) == ["a", "b", "top"]


def test_a_file_that_is_reached_twice_is_read_once_where_it_is_reached_first(
    tmp_path: Path,
) -> None:
    write(tmp_path, {
        "mocks.yaml": stub("top", "a.yaml, b.yaml, '*.yaml', link.yml"),
        "a.yaml": stub("a", "c.yaml"), "b.yaml": stub("b", "c.yaml"), "c.yaml": stub("c"),
    })  # fmt: skip
    (tmp_path / "link.yml").symlink_to("c.yaml")
    assert order(tmp_path) == ["c", "a", "b", "top"]
    assert order(tmp_path, "mocks.yaml", "c.yaml", "mocks.yaml") == ["c", "a", "b", "top"]


def test_the_including_file_wins_key_by_key(tmp_path: Path) -> None:
    write(tmp_path, {
        "mocks.yaml": "include: [a.yaml]\nstate: {x: top}", "a.yaml": "state: {x: a, y: a}",
    })  # fmt: skip
    assert load(tmp_path).document["state"] == {"x": "top", "y": "a"}


def test_folders_and_patterns_are_files_of_the_command_line_too(tmp_path: Path) -> None:
    write(tmp_path, {"b/z.yaml": stub("z"), "b/y.json": '{"version": 1}', "a/x.yaml": stub("x")})
    (tmp_path / "b/y.json").write_text('{"version": 1, "stubs": [{"name": "y"}]}')
    assert order(tmp_path, "b", "a/*.yaml") == ["y", "z", "x"]
    assert load(tmp_path, "b", "a/*.yaml").folder == tmp_path / "b"


def test_names_on_the_command_line_may_be_relative(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(tmp_path, {"mocks.yaml": stub("top", "x/*.yaml"), "x/a.yaml": stub("a")})
    monkeypatch.chdir(tmp_path)
    loaded = load_by(accept, ["*.yaml"])
    assert loaded.files == ("x/a.yaml", "mocks.yaml")
    assert loaded.looked_at == (tmp_path, tmp_path / "mocks.yaml", tmp_path / "x",
                                tmp_path / "x/a.yaml")  # fmt: skip


def test_the_same_set_in_an_included_file_is_an_error_naming_both_places(tmp_path: Path) -> None:
    write(tmp_path, {"mocks.yaml": "include: [a.yaml]\nsets: {s: {}}", "a.yaml": "sets: {s: {}}"})
    assert refused(tmp_path) == [
        f"mocks.yaml:3:8: /sets/s: set 's' is defined in {tmp_path}/a.yaml:2 already;"
        " a name stands in one file only".replace(f"{tmp_path}/", "")
    ]


@pytest.mark.parametrize(
    ("include", "error"),
    [
        ("a.yaml", "2:1: /include: expected a list of files or patterns, got a string"),
        ("[1]", "2:11: /include/0: expected a file or a pattern, got a number"),
        ("[ok.yaml, none.yaml]", "2:20: /include/1: there is no file 'none.yaml' in {folder}"),
        ("[/etc/passwd]", "2:11: /include/0: '/etc/passwd' is absolute; name a file below the"
         " config's folder {folder}, as in 'shared/orders.json'"),
        ("[../a.yaml]", "2:11: /include/0: '../a.yaml' leads out with '..'; what a config names"
         " stays below its folder {folder}"),
        ("['../*.yaml']", "2:11: /include/0: '../*.yaml' leads out with '..'; what a config names"
         " stays below its folder {folder}"),
        ("[mocks.yaml]", "2:11: /include/0: files include each other in a circle:"
         " mocks.yaml -> mocks.yaml"),
        ("[round.yaml]", "round.yaml:2:11: /include/0: files include each other in a circle:"
         " mocks.yaml -> round.yaml -> mocks.yaml"),
        ("[pipe.yaml]", "2:11: /include/0: 'pipe.yaml' is a device or a pipe; only plain files"
         " are read"),
        ("['out/*.yaml']", "2:11: /include/0: 'out/*.yaml' is a link out of the config's folder"
         " {folder}; copy the file into it"),
    ],
)  # fmt: skip
def test_an_include_is_refused_at_its_place(tmp_path: Path, include: str, error: str) -> None:
    folder = tmp_path / "mocks"
    write(tmp_path, {"mocks/mocks.yaml": f"include: {include}", "mocks/ok.yaml": "state: {}",
                     "mocks/round.yaml": "include: [mocks.yaml]", "beside/a.yaml": ""})  # fmt: skip
    os.mkfifo(folder / "pipe.yaml")
    (folder / "out").symlink_to(tmp_path / "beside")
    place = "" if ".yaml:" in error.partition(" ")[0] else "mocks.yaml:"
    assert refused(folder) == [place + error.format(folder=folder)]


def test_all_mistakes_of_all_files_come_at_once_the_including_file_first(tmp_path: Path) -> None:
    write(tmp_path, {
        "mocks.yaml": "include: [a.yaml, none.yaml]\nsets: []", "a.yaml": "include: [no.yaml]\nx: [",
    })  # fmt: skip
    places = [found.split(": ")[0] for found in refused(tmp_path)]
    assert places == ["mocks.yaml:2:19", "mocks.yaml:3:1", "a.yaml:4:1"]


@pytest.mark.parametrize("include", ["'none/*.yaml'", "empty"])
def test_a_pattern_that_matches_nothing_is_a_warning(tmp_path: Path, include: str) -> None:
    write(tmp_path, {"mocks.yaml": f"include: [{include}]"})
    (tmp_path / "empty").mkdir()
    (warning,) = load(tmp_path).warnings
    assert (warning.code, warning.line, warning.pointer) == ("empty-include", 2, "/include/0")
    assert warning.message == f"{include.replace(chr(34), chr(39))} matches no file" or (
        warning.message == "'empty' matches no file"
    )


def test_on_the_command_line_it_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    assert refused(tmp_path, "*.yaml", "empty") == [
        "*.yaml: matches no file", "empty: has no file that ends in .yaml, .yml or .json",
    ]  # fmt: skip


def test_a_name_with_brackets_is_a_file_where_there_is_one(tmp_path: Path) -> None:
    write(tmp_path, {"mocks.yaml": stub("top", "'a[1].yaml'"), "a[1].yaml": stub("odd"),
                     "a1.yaml": stub("one")})  # fmt: skip
    assert order(tmp_path) == ["odd", "top"]
    (tmp_path / "a[1].yaml").unlink()
    assert order(tmp_path) == ["one", "top"]


def test_a_config_has_a_limit_of_files_told_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(includes, "MAX_INCLUDED", 3)
    write(tmp_path, {f"x/{number}.yaml": "state: {}" for number in range(5)})
    write(tmp_path, {"mocks.yaml": "include: ['x/*.yaml', x]"})
    assert refused(tmp_path) == ["mocks.yaml:2:11: /include/0: a config has at most 3 files"]


def test_includes_have_a_limit_of_depth(tmp_path: Path) -> None:
    chain = {f"{number}.yaml": f"include: [{number + 1}.yaml]" for number in range(60)}
    write(tmp_path, chain)
    assert refused(tmp_path, "0.yaml") == [
        "49.yaml:2:11: /include/0: files include each other more than 50 deep"
    ]


@pytest.mark.parametrize("include", ["'**/*.yaml'", "'*/*/*.yaml'"])
def test_a_pattern_looks_into_a_limited_number_of_folders(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, include: str
) -> None:
    monkeypatch.setattr("pymockapi.config.globs.MAX_FOLDERS", 2)
    for number in range(4):
        (tmp_path / str(number)).mkdir()
    write(tmp_path, {"mocks.yaml": f"include: [{include}]"})
    assert "looks into more than" in refused(tmp_path)[0]
    assert "looks into more than" in refused(tmp_path, "*/*/*.yaml")[0]


def test_what_was_looked_at_is_told_of_broken_configs_too(tmp_path: Path) -> None:
    write(tmp_path, {"mocks.yaml": "include: [a.yaml, 'x/*.yaml']"})
    with pytest.raises(ConfigError) as caught:
        load(tmp_path)
    assert caught.value.looked_at == (
        tmp_path / "mocks.yaml", tmp_path / "a.yaml", tmp_path / "x",
    )  # fmt: skip


Tree = dict[int, list[int]]


def naive(tree: Tree, start: int) -> list[int] | None:
    """Return the order of a depth-first walk; ``None``: a file is reached from itself."""
    done: list[int] = []

    def visit(number: int, above: tuple[int, ...]) -> bool:
        for each in tree[number]:
            if each in (*above, number):
                return False
            if each not in done and not visit(each, (*above, number)):
                return False
        done.append(number)
        return True

    return done if visit(start, ()) else None


@settings(max_examples=60, deadline=None)
@given(st.lists(st.lists(st.integers(0, 5), max_size=4), min_size=6, max_size=6))
def test_files_merge_in_the_order_of_a_naive_walk(
    tmp_path_factory: pytest.TempPathFactory, edges: list[list[int]]
) -> None:
    folder = tmp_path_factory.mktemp("walk")
    tree = dict(enumerate(edges))
    write(folder, {
        f"{number}.yaml": stub(f"s{number}", ", ".join(f"{each}.yaml" for each in listed))
        for number, listed in tree.items()
    })  # fmt: skip
    expected = naive(tree, 0)
    if expected is None:
        assert any("in a circle" in found for found in refused(folder, "0.yaml"))
    else:
        assert order(folder, "0.yaml") == [f"s{number}" for number in expected]
