"""Feature files as far as their tags go: which scenarios there are, and with which tags."""

from __future__ import annotations

from pathlib import Path

import pytest

from pymockapi.config.feature_files import read_features, scenarios_of
from pymockapi.config.files import MAX_FILE_BYTES
from pymockapi.config.gherkin_words import KINDS


def tags(text: str) -> list[str]:
    """Return the tags of each scenario, in order, as one text."""
    return [" ".join(tag.text for tag in each.tags) for each in scenarios_of(text, "x.feature")]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("", []),
        ("Feature: f", []),
        ("Feature: f\nScenario: s", [""]),
        ("@f\nFeature: f\n@a @b\nScenario: s\nScenario: t", ["f a b", "f"]),
        ("@a\n@b\n\n# why\n  @c\nScenario: s", ["a b c"]),
        ("@a#1 @b # @c\nScenario: s", ["a#1 b"]),
        ("@a@b\t@c\nExample: s", ["a b c"]),
        ("@f\nFeature: f\nScenario: s\n@r\nRule: r\n@a\nExample: t\nRule: q\nExample: u",
         ["f", "f r a", "f"]),
        ("@r\nRule: r\nScenario: s\n@g\nFeature: next\nScenario: t", ["r", "g"]),
        ("@a\nScenario Outline: s\nExamples:\n|x|\nScenario: t", ["a", ""]),
        ("@a\nScenario Outline: s\n@x\nExamples:\n|@n|\n@y @z\nExamples: more\n@b\nScenario: t",
         ["a x", "a y z", "b"]),
        ("@f\nFeature: f\nBackground:\nGiven x\n@a\nScenario: s", ["f a"]),
        ('Feature: f\nScenario: s\nGiven x\n"""\n@no\nScenario: no\n```\n"""\n@a\nScenario: t', ["", "a"]),
        ('Scenario: s\nGiven x\n```json\n"""\n@no\nScenario: no\n```\n@a\nScenario: t', ["", "a"]),
        ("@a\nsome text\nScenario: s", [""]),
        ("Scenario: s\nGiven a Scenario: in a step\nAnd no colon", [""]),
        ("# language: de\n@f\nFunktionalität: f\n@a\nSzenario: s\n@b\nSzenariogrundriss: t\n@x\nBeispiele:",
         ["f a", "f b x"]),
        ("# language: fr\n@a\nExemple: s", ["a"]),
        ("# language: ro\nScenariu: s\n@a\nExemple:\n|x|", ["a"]),
        ("@a\r\nScenario : s\r\n", ["a"]),
    ],
)  # fmt: skip
def test_a_scenario_has_the_tags_of_all_that_it_is_in(text: str, found: list[str]) -> None:
    assert tags(text) == found


def test_every_word_means_one_thing() -> None:
    assert len(KINDS) > 300
    assert {word.strip() for word in KINDS} == set(KINDS)
    assert [KINDS[word] for word in ("Feature", "Regra", "シナリオ", "Exemple", "Beispiele")] == [
        "feature", "rule", "scenario", "scenario", "examples",
    ]  # fmt: skip


def test_a_tag_has_its_place() -> None:
    (scenario,) = scenarios_of("\n  @a   @b\nScenario: s", "x.feature")
    assert [(tag.text, tag.file, tag.line, tag.column) for tag in scenario.tags] == [
        ("a", "x.feature", 2, 3), ("b", "x.feature", 2, 8),
    ]  # fmt: skip


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / "sub" / "deep").mkdir(parents=True)
    for name in ("b.feature", "a.feature", "sub/deep/c.feature", "sub/note.txt"):
        (tmp_path / name).write_bytes(b"\xef\xbb\xbf@t\nScenario: s\n")
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.mark.parametrize(
    ("names", "files"),
    [
        (["b.feature"], ["b.feature"]),
        (["."], ["a.feature", "b.feature", "sub/deep/c.feature"]),
        (["sub"], ["sub/deep/c.feature"]),
        (["*.feature"], ["a.feature", "b.feature"]),
        (["b.feature", "*.feature", "b.feature"], ["b.feature", "a.feature"]),
        (["sub/note.txt"], ["sub/note.txt"]),
    ],
)
@pytest.mark.usefixtures("folder")
def test_files_folders_and_patterns_are_read(names: list[str], files: list[str]) -> None:
    found = read_features(names)
    assert (found.files, found.errors) == (files, [])
    assert [each.names for each in found.scenarios] == [{"t"}] * len(files)


def test_what_cannot_be_had_or_read_is_told(folder: Path) -> None:
    (folder / "empty").mkdir()
    (folder / "latin.feature").write_bytes(b"Scenario: \xe9")
    (folder / "large.feature").write_bytes(b" " * (MAX_FILE_BYTES + 1))
    (folder / "gone.feature").symlink_to(folder / "nowhere")
    names = ["nosuch", "empty", "*.x", "latin.feature", "large.feature", "gone.feature"]
    assert [(each.file, each.message) for each in read_features(names).errors] == [
        ("nosuch", "there is no such file or folder"),
        ("empty", "has no file that ends in .feature"),
        ("*.x", "matches no file"),
        ("gone.feature", "there is no such file or folder"),
        ("latin.feature", "is not UTF-8 text"),
        ("large.feature", "cannot be read: it is larger than 16 MiB"),
    ]


def test_a_pattern_from_the_root_is_taken(folder: Path) -> None:
    assert read_features([f"{folder}/sub/*/*.feature"]).files == [f"{folder}/sub/deep/c.feature"]


def test_a_file_that_goes_away_while_it_is_read_is_told(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def gone(*_: object) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "open", gone)
    (error,) = read_features([str(folder / "a.feature")]).errors
    assert error.message == "cannot be read: Permission denied"
