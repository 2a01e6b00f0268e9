"""A project's document: every key, what refers to what, and all errors at once."""

from __future__ import annotations

from typing import Any

import pytest
from tests.engine.reading import assert_findings

from pymockapi.engine.configuration import Configuration
from pymockapi.engine.project import counter, read_configuration, reading_configuration
from pymockapi.model.reader import Findings
from pymockapi.model.slices import at_once
from pymockapi.model.stub import Json


def project_of(**parts: Json) -> Configuration:
    found = Findings()
    configuration = read_configuration({"version": 1, **parts}, found)
    assert found.items == []
    return configuration


def findings_of(data: Json) -> list[tuple[str, str]]:
    found = Findings()
    read_configuration(data, found)
    return [(each.pointer, each.message) for each in found.items]


def test_a_version_alone_is_a_project() -> None:
    project = project_of()
    assert (len(project.base), project.sets, project.presets) == (0, {}, {})
    assert (project.state, project.settings) == ({}, {})


def test_a_project_has_what_its_parts_say() -> None:
    project = project_of(
        settings={"delay": 1},
        state={"plan": "free"},
        stubs=[{"name": "a"}, {}, {}],
        sets={"down": {"stubs": [{}], "state": {"n": 1}, "settings": {"delay": 2}}},
        namespaces={"default": None, "smoke": {"sets": ["down"], "seed": 42}},
        server={"seed": 9},
    )
    assert list(project.base.by_name) == ["a", "base-stub-1", "base-stub-2"]
    down = project.sets["down"]
    assert (down.name, list(down.layer.by_name)) == ("down", ["down-stub-1"])
    assert (down.state, down.settings) == ({"n": 1}, {"delay": 2})
    assert project.presets == {"default": {}, "smoke": {"sets": ["down"], "seed": 42}}
    assert (project.settings, project.state) == ({"delay": 1}, {"plan": "free"})
    assert project.server.seed == 9


def test_every_key_of_a_named_namespace_is_read() -> None:
    full = {
        "sets": [],
        "tags": ["@a"],
        "stubs": [{}],
        "state": {},
        "settings": {},
        "seed": 1,
        "labels": {"test": "t"},
        "limits": {"requests": 1},
        "lease": "1m",
        "clock": {"mode": "frozen"},
    }
    assert project_of(namespaces={"a": full}).presets == {"a": full}
    free = {"a": {"port": 0}, "b": {"port": 0}, "c": {"port": None}, "d": {"port": None}}
    assert project_of(namespaces=free).presets == free


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        (None, [("", "expected an object, got null")]),
        ([], [("", "expected an object, got a list")]),
        ({}, [("", "'version' is missing; this format is 'version: 1'")]),
        ({"version": 2}, [("/version", "expected 1, the one version there is")]),
        ({"version": "1"}, [("/version", "expected 1")]),
        ({"version": True}, [("/version", "expected 1")]),
    ],
)
def test_a_project_says_its_version(data: Json, expected: list[tuple[str, str]]) -> None:
    assert_findings(findings_of(data), *expected)


@pytest.mark.parametrize(
    ("parts", "expected"),
    [
        ({"stub": []}, [("/stub", "did you mean 'stubs'?")]),
        ({"tag": {}}, [("/tag", "did you mean 'tags'?")]),
        ({"tags": []}, [("/tags", "expected an object, got a list")]),
        ({"tags": {"@a/b or": {}}}, [("/tags/@a~1b or", "it ends where a tag must follow")]),
        (
            {"sets": {"down": {}}, "tags": {"@a": {"sets": ["dwn"]}}},
            [("/tags/@a/sets/0", "did you mean 'down'?")],
        ),
        (
            {"sets": {"down": {}}, "namespaces": {"a": {"tags": ["x", "@mock.dwn", 1]}}},
            [
                ("/namespaces/a/tags/2", "got a number"),
                ("/namespaces/a/tags/1", "did you mean '@mock.down'?"),
            ],
        ),
        ({"namespaces": {"a": {"tags": "@x"}}}, [("/namespaces/a/tags", "expected a list")]),
        ({"stubs": {}}, [("/stubs", "expected a list, got an object")]),
        ({"stubs": [1]}, [("/stubs/0", "expected an object, got a number")]),
        (
            {"stubs": [{"name": "a"}, {}, {"name": "a"}]},
            [("/stubs/2/name", "'a' is the name of /stubs/0 already")],
        ),
        ({"state": []}, [("/state", "expected an object")]),
        ({"settings": []}, [("/settings", "expected an object")]),
        ({"settings": {"delay": "x"}}, [("/settings/delay", "expected a duration")]),
        ({"server": {"seed": "x"}}, [("/server/seed", "whole number")]),
        ({"sets": []}, [("/sets", "expected an object")]),
        ({"sets": {"a b": {}}}, [("/sets/a b", "'a b' is no set name")]),
        ({"sets": {"a": None}}, [("/sets/a", "expected an object, got null")]),
        ({"sets": {"a": {"stub": []}}}, [("/sets/a/stub", "did you mean 'stubs'?")]),
        ({"sets": {"a": {"stubs": [{"x": 1}]}}}, [("/sets/a/stubs/0/x", "unknown key")]),
        ({"sets": {"a": {"state": 1}}}, [("/sets/a/state", "expected an object")]),
        ({"sets": {"a": {"settings": 1}}}, [("/sets/a/settings", "expected an object")]),
        ({"sets": {"a": {"settings": {"x": 1}}}}, [("/sets/a/settings/x", "unknown key")]),
        ({"namespaces": []}, [("/namespaces", "expected an object")]),
        (
            {
                "server": {"selectors": ["bearer"]},
                "namespaces": {
                    "a": {"claims": {"bearer": ["t", "t"]}},
                    "b": {"claims": {"bearer": ["u", "t"]}},
                },
            },
            [("/namespaces/b/claims/bearer", "'t' is claimed by namespace 'a' already")],
        ),
        (
            {"namespaces": {"a": {"claims": {"bearer": "t"}}}},
            [
                (
                    "/namespaces/a/claims/bearer",
                    "list it in its config file: server: {selectors: [bearer]}",
                )
            ],
        ),
        (
            {"namespaces": {"a": {"port": 9001}, "b": {"port": 0}, "c": {"port": 9001}}},
            [("/namespaces/c/port", "9001 is the port of namespace 'a' already")],
        ),
        (
            {"namespaces": {"a": {"port": "x"}, "b": {"port": 70000}, "c": {"port": True}}},
            [
                ("/namespaces/a/port", "got a string"),
                ("/namespaces/b/port", "from 0 to 65535"),
                ("/namespaces/c/port", "got a boolean"),
            ],
        ),
        ({"namespaces": {"a/b": {}}}, [("/namespaces/a~1b", "'a/b' is no namespace name")]),
        ({"namespaces": {"a": 1}}, [("/namespaces/a", "expected an object, got a number")]),
        ({"namespaces": {"a": {"name": "b"}}}, [("/namespaces/a/name", "unknown key 'name'")]),
        (
            {"sets": {"down": {}}, "namespaces": {"a": {"sets": ["dwn", "zzz"]}}},
            [
                ("/namespaces/a/sets/0", "there is no set 'dwn'; did you mean 'down'?"),
                ("/namespaces/a/sets/1", "there is no set 'zzz'; sets: down"),
            ],
        ),
        (
            {"namespaces": {"a": {"sets": ["x"]}}},
            [("/namespaces/a/sets/0", "the config has no sets")],
        ),
        (
            {
                "namespaces": {
                    "a": {
                        "stubs": [{"nme": 1}],
                        "state": 1,
                        "settings": {"x": 1},
                        "seed": -1,
                        "labels": {"k": []},
                        "limits": {"x": 1},
                        "lease": 0,
                        "clock": {},
                        "sets": 1,
                    }
                }
            },
            [
                ("/namespaces/a/state", "object"),
                ("/namespaces/a/settings/x", "unknown"),
                ("/namespaces/a/seed", "got -1"),
                ("/namespaces/a/labels/k", "string"),
                ("/namespaces/a/limits/x", "unknown"),
                ("/namespaces/a/lease", "longer than 0"),
                ("/namespaces/a/clock", "at least one of"),
                ("/namespaces/a/stubs/0/nme", "did you mean 'name'?"),
                ("/namespaces/a/sets", "expected a list"),
            ],
        ),
    ],
)
def test_everything_wrong_in_a_project_is_reported_in_its_place(
    parts: dict[str, Any], expected: list[tuple[str, str]]
) -> None:
    assert_findings(findings_of({"version": 1, **parts}), *expected)


def test_of_many_errors_all_are_counted_and_a_hundred_are_told() -> None:
    found = Findings()
    read_configuration({"version": 1, "stubs": [{"x": 1}] * 150}, found)
    assert (found.count, len(found.items)) == (150, 100)


def test_drawn_names_count_up() -> None:
    draw = counter("stub", 2)
    assert [draw(), draw()] == ["stub-3", "stub-4"]


def test_include_is_a_key_of_files_alone() -> None:
    document = {"version": 1, "inclde": ["a.yaml"]}
    of_files, of_calls = Findings(), Findings()
    read_configuration(document, of_files)
    at_once(reading_configuration(document, of_calls, Configuration()))
    assert of_files.items[0].message == "unknown key 'inclde'; did you mean 'include'?"
    assert "include" not in of_calls.items[0].message.removeprefix("unknown key 'inclde'")
