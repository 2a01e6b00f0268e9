"""YAML text means what YAML 1.2's core schema says, within bounds."""

from __future__ import annotations

import pytest
import yaml

from pymockapi.config import yaml_text
from pymockapi.config.flaws import Flaw, UnreadableText
from pymockapi.config.yaml_text import parse


@pytest.fixture(params=["libyaml", "pure"], autouse=True)
def loader(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    if request.param == "pure":
        monkeypatch.setattr(yaml_text, "_LOADER", yaml.BaseLoader)


def value(text: str) -> object:
    flaws: list[Flaw] = []
    found, _ = parse(text, flaws)
    assert flaws == []
    return found


def flaws_of(text: str) -> list[Flaw]:
    flaws: list[Flaw] = []
    parse(text, flaws)
    return flaws


def refusal(text: str) -> Flaw:
    with pytest.raises(UnreadableText) as caught:
        parse(text, [])
    return caught.value.flaw


@pytest.mark.parametrize(
    ("text", "meaning"),
    [
        ("true", True), ("True", True), ("FALSE", False), ("yes", "yes"), ("on", "on"),
        ("off", "off"), ("no", "no"), ("y", "y"), ("null", None), ("~", None), ("", None),
        ("none", "none"), ("12:30", "12:30"), ("1:30:00", "1:30:00"), ("010", 10), ("0o10", 8),
        ("0x1F", 31), ("0b1", "0b1"), ("1_000", "1_000"), ("-7", -7), ("+7", 7), ("1.5", 1.5),
        (".5", 0.5), ("1.", 1.0), ("1e3", 1000.0), ("-1.5E-1", -0.15), (".", "."), ("-", [None]),
        ("2030-01-01", "2030-01-01"), ("2030-01-01T00:00:00Z", "2030-01-01T00:00:00Z"),
        ("'1'", "1"), ('"true"', "true"), ("|-\n  1", "1"), ("!!str 1", "1"), ("! 1", "1"),
        ("!!int '1'", 1), ("!!float 1", 1.0), ("!!null ''", None), ("!!bool 'true'", True),
        ("=", "="), ("5 apples", "5 apples"), ("trueish", "trueish"), ("v1.2.3", "v1.2.3"),
        ("1.2.3", "1.2.3"), ("00123", 123), ("18446744073709551616", 18446744073709551616),
    ],
)  # fmt: skip
def test_a_plain_scalar_means_what_yaml_1_2_says(text: str, meaning: object) -> None:
    found = value(f"- {text}\n")
    assert found == [meaning]
    assert isinstance(found, list)
    assert type(found[0]) is type(meaning)


def test_keys_are_taken_as_they_are_written() -> None:
    assert value("{200: a, true: b, null: c, 1.0: d, yes: e}") == {
        "200": "a", "true": "b", "null": "c", "1.0": "d", "yes": "e",
    }  # fmt: skip


def test_an_alias_stands_for_its_anchor() -> None:
    assert value("a: &x {b: [1]}\nc: *x\nd: [*x, *x]\n&k e: &t text\n*t : 1\nf: *k\n") == {
        "a": {"b": [1]}, "c": {"b": [1]}, "d": [{"b": [1]}, {"b": [1]}], "e": "text", "text": 1, "f": "e",
    }  # fmt: skip


def test_an_empty_text_is_null() -> None:
    assert value("") is None
    assert value("# only a comment\n") is None


def test_a_yaml_1_2_directive_and_document_marks_are_accepted() -> None:
    assert value("%YAML 1.2\n---\na: 1\n...\n") == {"a": 1}


def test_a_duplicate_key_is_noticed() -> None:
    assert parse("a: 1\nb: 2\na: 3\n", [])[1]
    assert not parse("a: {b: 1}\nb: {a: 1}\n", [])[1]


@pytest.mark.parametrize(
    ("text", "line", "column", "words"),
    [
        ("a: .inf\n", 1, 4, "no JSON number"),
        ("- 1\n- .NaN\n", 2, 3, "no JSON number"),
        ("a: 1e999\n", 1, 4, "too large"),
        ("a: !!timestamp 2030-01-01\n", 1, 4, "!!timestamp is not supported"),
        ("a: !custom {b: 1}\n", 1, 4, "!custom is not supported"),
        ("a: !!set [b]\n", 1, 4, "!!set is not supported"),
        ("a: !!float " + "9" * 999, 1, 4, "too large"),
        ("a: !!int x\n", 1, 4, "does not fit its tag !!int"),
        ("x: &x {a: 1}\nb:\n  <<: *x\n", 3, 3, "merge keys"),
        ("? [a, b]\n: 1\nc: 2\n", 1, 3, "plain text"),
    ],
)
def test_what_json_cannot_say_is_told_with_its_place(
    text: str, line: int, column: int, words: str
) -> None:
    (flaw,) = flaws_of(text)
    assert (flaw.line, flaw.column) == (line, column)
    assert words in flaw.message


def test_several_such_flaws_are_told_at_once() -> None:
    assert [flaw.line for flaw in flaws_of("a: .inf\nb: 1\nc: !x 2\n")] == [1, 3]


def test_a_quoted_merge_key_is_a_key() -> None:
    assert value('{"<<": 1}') == {"<<": 1}


@pytest.mark.parametrize(
    ("text", "line", "words"),
    [
        ("a: b: c\n", 1, "quote text with a colon"),
        ("a:\n\tb: 1\n", 2, "not tabs"),
        ("a: [1, 2\nb: 3\n", 2, "not closed"),
        ('a: "b\n', 2, "never closed"),
        ("a: 1\n b: 2\n", 2, "colon"),
        ("a: *nothing\n", 1, "names no anchor"),
        ("a: 1\n---\nb: 2\n", 2, "second document"),
        ("a: 1\nb: \x07\n", 2, "U+0007"),
        ("a: &x [*x]\n", 1, "inside what it names"),
    ],
)
def test_a_mistake_of_syntax_is_told_in_plain_words_with_its_line(
    text: str, line: int, words: str
) -> None:
    flaw = refusal(text)
    assert flaw.line == line
    assert words in flaw.message


def test_nesting_is_bounded() -> None:
    assert value("[" * 100 + "]" * 100) is not None
    assert "levels deep" in refusal("[" * 101 + "]" * 101).message
    assert "levels deep" in refusal("[" * 50_000).message


def test_aliases_do_not_nest_past_the_bound_either() -> None:
    lines = ["a0: &a0 []"] + [f"a{n}: &a{n} [*a{n - 1}]" for n in range(1, 150)]
    assert "levels deep" in refusal("\n".join(lines)).message


def test_what_aliases_stand_for_is_bounded() -> None:
    lines = ["a0: &a0 [1, 1, 1, 1, 1, 1, 1, 1, 1, 1]"]
    lines += [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 10)}]" for n in range(1, 12)]
    assert "stand for too much" in refusal("\n".join(lines)).message


def test_the_number_of_aliases_is_bounded() -> None:
    assert "stand for too much" in refusal("a: &a 1\nb: [" + "*a, " * 10_001 + "]").message
