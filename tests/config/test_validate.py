"""Files become one document; every error in any of them has its file, line and column."""

from __future__ import annotations

from pathlib import Path

import pytest

from pymockapi.config.flaws import ConfigError, Located
from pymockapi.config.validate import load_by
from pymockapi.model.reader import Findings, below, read_object
from pymockapi.model.stub import Json


def accept(document: Json, _: Findings) -> Json:
    """A reader that finds nothing wrong."""
    return document


def only_names(document: Json, found: Findings) -> Json:
    """A reader of stubs that know nothing but a name."""
    for section in ("state", "settings", "server", "sets", "namespaces"):
        for key, value in document.get(section, {}).items():
            if value == "bad":
                found.add(below(below("", section), key), "bad value")
    for position, stub in enumerate(document.get("stubs", [])):
        read_object(stub, f"/stubs/{position}", found, {"name"})
    return document


def write(folder: Path, **texts: str) -> list[Path]:
    paths = []
    for name, text in texts.items():
        path = folder / f"{name}.yaml"
        path.write_text(text, encoding="utf-8")
        paths.append(path)
    return paths


def refused(paths: list[Path]) -> tuple[Located, ...]:
    with pytest.raises(ConfigError) as caught:
        load_by(only_names, paths)
    return caught.value.findings


def test_no_files_are_an_empty_document() -> None:
    assert load_by(accept, []).configuration == {"version": 1}


def test_a_wrong_key_is_told_with_file_line_column_pointer_and_cure(tmp_path: Path) -> None:
    (path,) = write(tmp_path, mocks="version: 1\nstubs:\n  - name: a\n  - nmae: b\n")
    with pytest.raises(ConfigError) as caught:
        load_by(only_names, [path])
    assert str(caught.value) == (
        f"{path}:4:5: /stubs/1/nmae: unknown key 'nmae'; did you mean 'name'?"
    )


def test_every_error_of_every_file_is_told_at_once_in_order(tmp_path: Path) -> None:
    paths = write(
        tmp_path,
        one="version: 1\nstate: {a: bad, a: 1}\nstubs:\n- x: 1\n- [1]\n",
        two="version: 2\nstubs: {}\nsettings: bad\n",
        three="a: [1\n",
    )
    places = [(Path(found.file).stem, found.line, found.pointer) for found in refused(paths)]
    assert places == [
        ("one", 2, ""), ("one", 4, "/stubs/0/x"), ("one", 5, "/stubs/1"),
        ("two", 1, "/version"), ("two", 2, "/stubs"), ("two", 3, "/settings"),
        ("three", 2, ""),
    ]  # fmt: skip


def test_stubs_are_concatenated_and_keys_merge_with_the_later_file_winning(tmp_path: Path) -> None:
    paths = write(
        tmp_path,
        one="version: 1\nstubs: [{name: a}]\nstate: {x: 1, y: 1}\nsets: {s: {}}\n",
        two="version: 1\nstubs: [{name: b}]\nstate: {y: 2}\nsets: {t: {}}\nserver: {seed: 3}\n",
    )
    assert load_by(accept, paths).configuration == {
        "version": 1, "stubs": [{"name": "a"}, {"name": "b"}], "state": {"x": 1, "y": 2},
        "sets": {"s": {}, "t": {}}, "server": {"seed": 3},
    }  # fmt: skip


def test_an_error_after_merging_is_told_in_the_file_it_came_from(tmp_path: Path) -> None:
    paths = write(
        tmp_path,
        one="version: 1\nstubs: [{name: a}]\nstate: {x: bad}\n",
        two="version: 1\nstate: {x: 2,\n  y: bad}\nstubs:\n- name: b\n- {name: c, nam: d}\n",
    )
    found = refused(paths)
    assert [(Path(item.file).stem, item.line, item.pointer) for item in found] == [
        ("two", 3, "/state/y"), ("two", 6, "/stubs/1/nam"),
    ]  # fmt: skip


@pytest.mark.parametrize(("section", "noun"), [("sets", "set"), ("namespaces", "namespace")])
def test_the_same_set_or_namespace_in_two_files_is_an_error_naming_both(
    tmp_path: Path, section: str, noun: str
) -> None:
    paths = write(
        tmp_path,
        one=f"version: 1\n{section}:\n  down: {{}}\n",
        two=f"version: 1\n\n{section}:\n  down: {{}}\n",
    )
    (found,) = refused(paths)
    assert str(found) == (
        f"{paths[1]}:4:3: /{section}/down: {noun} 'down' is defined in {paths[0]}:3 already;"
        " a name stands in one file only"
    )


def test_the_same_row_of_tags_in_two_files_is_an_error_naming_both(tmp_path: Path) -> None:
    paths = write(
        tmp_path,
        one='version: 1\ntags:\n  "@a": {}\n',
        two='version: 1\ntags:\n  "@b": {}\n  "@a": {}\n',
    )
    (found,) = refused(paths)
    assert str(found) == (
        f"{paths[1]}:4:3: /tags/@a: row '@a' is defined in {paths[0]}:3 already;"
        " an expression stands in one file only"
    )


def test_a_key_with_a_slash_is_located(tmp_path: Path) -> None:
    (path,) = write(tmp_path, mocks="version: 1\nstate:\n  a: 1\n  b/c~d: bad\n")
    (found,) = refused([path])
    assert (found.pointer, found.line) == ("/state/b~1c~0d", 4)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "the file is empty"),
        ("[1]", "got a list"),
        ("stubs: []", "begin with 'version: 1'"),
        ("version: '1'", "expected version 1, got a string"),
        ("version: true", "expected version 1, got a boolean"),
        ("version: 3", "expected version 1, got 3"),
    ],
)
def test_a_file_must_be_an_object_of_version_1(tmp_path: Path, text: str, words: str) -> None:
    (found,) = refused(write(tmp_path, mocks=text))
    assert words in found.message


def test_what_cannot_be_read_is_told_by_file(tmp_path: Path) -> None:
    (latin,) = write(tmp_path, latin="")
    latin.write_bytes(b"version: 1\nstate: {a: \xe9}\n")
    found = refused([tmp_path / "missing.yaml", latin])
    assert [str(item).removeprefix(str(tmp_path)) for item in found] == [
        "/missing.yaml: cannot be read: No such file or directory",
        "/latin.yaml:2:1: is not UTF-8 text",
    ]


def test_a_file_over_16_mib_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "big.yaml"
    path.write_bytes(b"#" * (16 * 1024 * 1024 + 1))
    assert "larger than 16 MiB" in refused([path])[0].message


def test_a_json_file_is_read_as_json(tmp_path: Path) -> None:
    path = tmp_path / "mocks.JSON"
    path.write_text('\ufeff{"version": 1,\n"stubs": [{"name": "a"},\n\t{"nam": 1}]}')
    (found,) = refused([path])
    assert (found.line, found.column, found.pointer) == (3, 3, "/stubs/1/nam")


def test_half_a_surrogate_pair_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "mocks.json"
    path.write_text('{"version": 1, "state": {"a": "\\ud800"}}')
    assert "surrogate" in refused([path])[0].message


def test_findings_beyond_a_hundred_are_counted(tmp_path: Path) -> None:
    stubs = "\n".join("- {x: 1}" for _ in range(130))
    (path,) = write(tmp_path, mocks=f"version: 1\nstubs:\n{stubs}\n")
    with pytest.raises(ConfigError) as caught:
        load_by(only_names, [path])
    assert caught.value.count == 130
    assert str(caught.value).endswith("... and 30 more")


def test_so_are_mistakes_of_the_text_beyond_a_hundred(tmp_path: Path) -> None:
    (path,) = write(tmp_path, mocks="version: 1\nstate:\n" + "- .inf\n" * 120)
    with pytest.raises(ConfigError) as caught:
        load_by(accept, [path])
    assert caught.value.count == 121
    assert str(caught.value).endswith("... and 20 more")


def test_a_body_that_is_never_sent_is_warned_of(tmp_path: Path) -> None:
    (path,) = write(
        tmp_path,
        mocks="version: 1\nstubs:\n- response: {status: 204, json: {}}\n"
        "sets:\n  s:\n    stubs:\n    - responses:\n      - {status: 200, text: a}\n"
        "      - status: 304\n        text: a\n",
    )
    warnings = load_by(accept, [path]).warnings
    assert [(item.line, item.pointer) for item in warnings] == [
        (3, "/stubs/0/response/json"), (10, "/sets/s/stubs/0/responses/1/text"),
    ]  # fmt: skip


def test_a_method_that_is_nearly_a_standard_one_is_warned_of(tmp_path: Path) -> None:
    (path,) = write(
        tmp_path,
        mocks="version: 1\nstubs:\n- request: {method: GTE}\n- request: {method: [get, PURGE]}\n"
        "- request: {}\n",
    )
    (warning,) = load_by(accept, [path]).warnings
    assert (warning.line, warning.pointer) == (3, "/stubs/0/request/method")
    assert warning.message == "'GTE' is no standard method; did you mean 'GET'?"


def test_a_capture_that_the_path_does_not_have_is_warned_of(tmp_path: Path) -> None:
    (path,) = write(
        tmp_path,
        mocks="""version: 1
namespaces:
  empty:
  n:
    stubs:
    - request: {path: "/a/{id}/{part}"}
      when: {last: {from: params.id}, first: {not: {from: params.pat}}}
      set: {kept: {value: {from: params.no}}, last: {from: params.di}}
      per: params.part
      responses: [{set: {last: {from: params.x}}}]
    - {request: {path: {matches: "/.*"}}, per: params.id, responses: [{}]}
""",
    )
    warnings = load_by(accept, [path]).warnings
    assert [(item.pointer, item.message) for item in warnings] == [
        ("/namespaces/n/stubs/0/when/first/not/from",
         "'params.pat' is never there: the stub's path captures id, part"),
        ("/namespaces/n/stubs/0/set/last/from",
         "'params.di' is never there: the stub's path captures id, part"),
        ("/namespaces/n/stubs/0/responses/0/set/last/from",
         "'params.x' is never there: the stub's path captures id, part"),
        ("/namespaces/n/stubs/1/per",
         "'params.id' is never there: the stub's path captures nothing"),
    ]  # fmt: skip


def test_two_stubs_of_one_name_are_an_error_naming_both_places(tmp_path: Path) -> None:
    paths = write(
        tmp_path,
        one="version: 1\nstubs:\n- name: a\n- {name: b, x: 1}\n",
        two="version: 1\nstubs:\n- {name: c}\n- {y: 1, name: a}\n- {name: c}\n",
    )
    assert [str(found).replace(f"{tmp_path}/", "") for found in refused(paths)] == [
        "one.yaml:4:13: /stubs/1/x: unknown key 'x'; known keys: name",
        "two.yaml:4:4: /stubs/1/y: unknown key 'y'; known keys: name",
        "two.yaml:4:10: /stubs/1/name: stub 'a' is defined in one.yaml:3 already;"
        " a name denotes one stub of the base layer",
        "two.yaml:5:4: /stubs/2/name: stub 'c' is defined in two.yaml:3 already;"
        " a name denotes one stub of the base layer",
    ]
