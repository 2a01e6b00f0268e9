"""Stubs and steps that can never answer are warned of; what may be meant is not."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Final

import pytest

from pymockapi.config import lint as linting
from pymockapi.config.feature_checks import MISSPELT_TAG, UNUSED_ROW
from pymockapi.config.flaws import NOTES
from pymockapi.config.includes import EMPTY_INCLUDE
from pymockapi.config.lint import lint
from pymockapi.config.validate import load_by
from pymockapi.config.warnings import CHECKS
from pymockapi.engine.configuration import Configuration
from pymockapi.engine.index import LayerIndex
from pymockapi.engine.project import counter, read_configuration, read_stubs
from pymockapi.model.reader import Findings

A: Final = {"method": "GET", "path": "/a"}
CODES: Final = (
    *CHECKS, *NOTES, EMPTY_INCLUDE, linting.SHADOWED, linting.UNREACHABLE, linting.UNSET,
    linting.NEVER_HOLDS, MISSPELT_TAG, UNUSED_ROW,
)  # fmt: skip


def told(**document: Any) -> list[tuple[str, str]]:
    """Return code and pointer of each warning and note."""
    found = Findings()
    configuration = read_configuration({"version": 1, **document}, found)
    found.check("The test's own config")
    return [(each.code, each.pointer) for each in lint(configuration)]


def warned(**document: Any) -> list[tuple[str, str]]:
    """Return code and pointer of each warning."""
    return [(code, pointer) for code, pointer in told(**document) if code not in NOTES]


def stub(name: str, **parts: Any) -> dict[str, Any]:
    return {"name": name, "request": A, **parts}


@pytest.mark.parametrize(
    ("stubs", "places"),
    [
        ([stub("one"), stub("two")], [0]),
        ([stub("one"), stub("two"), stub("three")], [0, 1]),
        ([stub("one", priority=1), stub("two")], [1]),
        ([stub("one"), {"name": "two", "request": {"path": "/a", "method": "GET"}}], [0]),
        ([stub("one"), stub("two", times=1)], []),
        ([stub("one"), stub("two", when={"x": 1})], []),
        ([stub("one"), stub("two", responses=[{"times": 2}])], []),
        ([stub("one"), stub("two", responses=[{"times": 2}], after_last="fail")], [0]),
        ([stub("one"), {"name": "two", "request": {"path": "/a"}}], []),
        ([stub("one"), {"name": "two", "request": {"path": "/a", "method": ["get"]}}], [0]),
        ([stub("one"), {"name": "all"}], [0]),
        ([stub("one"), {"name": "all", "times": 1}], []),
        ([stub("one"), {"name": "rest", "priority": 9}], []),
    ],
)
def test_a_stub_that_a_stronger_one_with_the_same_request_covers(
    stubs: list[dict[str, Any]], places: list[int]
) -> None:
    assert warned(stubs=stubs) == [("shadowed-stub", f"/stubs/{place}") for place in places]


@pytest.mark.parametrize(
    ("base", "held", "expected"),
    [
        ([stub("base")], [stub("held")], []),
        ([stub("base", priority=1)], [stub("held")], ["/sets/s/stubs/0"]),
        ([stub("same", priority=1)], [stub("same")], []),
        ([stub("base", priority=1, times=1)], [stub("held")], []),
        ([stub("base")], [stub("one"), stub("two")], ["/sets/s/stubs/0"]),
        ([stub("base", priority=1)], [stub("one"), stub("two")],
         ["/sets/s/stubs/0", "/sets/s/stubs/1"]),
        ([stub("base")], [stub("held", priority=9)], ["/sets/s/stubs/0"]),
        ([{"name": "all", "priority": 1}], [stub("one"), stub("two", priority=1)],
         ["/sets/s/stubs/0"]),
        ([{"name": "all", "priority": 1}], [{"name": "all"}, stub("held")], []),
    ],
)  # fmt: skip
def test_a_stub_of_a_set_that_the_base_layer_covers(
    base: list[Any], held: list[Any], expected: list[str]
) -> None:
    found = warned(stubs=base, sets={"s": {"stubs": held}})
    assert found == [("shadowed-stub", place) for place in expected]


def test_the_sentence_tells_whether_the_same_requests_are_taken_or_all() -> None:
    found = Findings()
    stubs = [stub("one"), stub("two"), {"name": "all", "priority": 1}]
    sets = {"s": {"stubs": [stub("one", priority=9), stub("same")]}}
    configuration = read_configuration({"version": 1, "stubs": stubs, "sets": sets}, found)
    said = [each.message.partition(", and ")[0] for each in lint(configuration)]
    assert said[:3] == [
        "'one' never answers: 'all' takes every request",
        "'two' never answers: 'all' takes every request",
        "'one' never answers: 'same' takes the same requests",
    ]


def test_sets_do_not_cover_each_other() -> None:
    assert warned(sets={"s": {"stubs": [stub("a")]}, "t": {"stubs": [stub("b")]}}) == []


@pytest.mark.parametrize(
    ("times", "steps", "expected"),
    [
        (2, [{}, {}, {}], ["/stubs/0/responses/2"]),
        (2, [{"times": 5}, {}, {}], ["/stubs/0/responses/1"]),
        (3, [{}, {}, {}], []),
        (4, [{"times": 2}, {"times": 9}], []),
    ],
)
def test_a_step_after_the_last_request_that_the_stub_serves(
    times: int, steps: list[Any], expected: list[str]
) -> None:
    found = warned(stubs=[stub("one", times=times, responses=steps)])
    assert found == [("unreachable-step", place) for place in expected]


def test_a_key_of_state_that_is_nearly_one_that_the_config_sets() -> None:
    keys = {"crat": 1, "basse": 1, "stpe": 1, "owwn": 1, "of-a-test": 1, "cart": 1}
    assert warned(
        state={"cart": 0},
        sets={"s": {"state": {"base": 1}, "stubs": [{"responses": [{"set": {"step": 1}}]}]}},
        namespaces={"n": {"state": {}, "stubs": [{"set": {"own": 1}, "responses": [{"set": {}}]}]},
                    "m": None},
        stubs=[stub("one", when=keys)],
    ) == [("unset-state", f"/stubs/0/when/{key}") for key in ("crat", "basse", "stpe", "owwn")]  # fmt: skip


@pytest.mark.parametrize(
    ("own", "places"),
    [
        ([stub("one"), stub("two")], [0]),
        ([stub("one", priority=1), stub("two"), stub("three", times=1)], [1, 2]),
        ([stub("one"), stub("two", times=1)], []),
        ([stub("base")], []),
        ([{"request": A}, {"request": A, "response": {"file": "body.json"}}], [0]),
    ],
)
def test_an_own_stub_of_a_namespace_that_another_own_one_covers(
    own: list[Any], places: list[int]
) -> None:
    configuration = Configuration(
        base=LayerIndex(read_stubs([stub("base", priority=9)], "", Findings(), counter("s"))),
        presets={"a/b": {}, "n": {"stubs": own}},
    )
    found = [(each.code, each.pointer) for each in lint(configuration)]
    assert found == [("shadowed-stub", f"/namespaces/n/stubs/{place}") for place in places]


@pytest.mark.parametrize(
    ("sets", "namespaces", "unused"),
    [
        ({}, {}, []),
        ({}, {"n": {}}, []),
        ({"s": {}, "t": {}}, {}, ["/sets/s", "/sets/t"]),
        ({"s": {}, "t": {}}, {"n": {"sets": ["t"]}, "m": None}, ["/sets/s"]),
        ({"s": {}, "t": {}}, {"n": {"sets": ["t"]}, "m": {"sets": ["s", "t"]}}, []),
        ({"s": {}, "t": {}}, {"n": {"tags": ["mock.t", "@s", "@x"]}}, ["/sets/s"]),
    ],
)
def test_a_set_that_no_namespace_of_the_config_has_is_noted(
    sets: dict[str, Any], namespaces: dict[str, Any], unused: list[str]
) -> None:
    assert told(sets=sets, namespaces=namespaces) == [("unused-set", place) for place in unused]


@pytest.mark.parametrize(
    ("tags", "found"),
    [
        ({"@a": {"sets": ["s"]}}, [("unused-set", "/sets/t")]),
        ({"@a": {"sets": ["s", "t"]}}, []),
        ({"@a": {"sets": ["s", "t"]}, "@b": None}, [("empty-row", "/tags/@b")]),
        ({"@a": {"sets": ["s", "t"], "state": {}}, "not @b": {}}, [("empty-row", "/tags/not @b")]),
        ({"@a and not @a": {"sets": ["s", "t"]}}, [("never-holds", "/tags/@a and not @a")]),
        ({"@a and (@b or @c) and not (@b or @c)": {"sets": ["s", "t"]}},
         [("never-holds", "/tags/@a and (@b or @c) and not (@b or @c)")]),
        ({"@a or not @a": {"sets": ["s", "t"]}}, []),
        ({"@mock.s or @mock:t": {"sets": ["s", "t"]}}, []),
        ({"@mock.q": {"sets": ["s", "t"]}}, [("never-holds", "/tags/@mock.q")]),
        ({"@mock.q or @a": {"sets": ["s", "t"]}}, []),
        ({" and ".join(f"@t{n}" for n in range(9)) + " and not @t1": {"sets": ["s", "t"]}}, []),
    ],
)  # fmt: skip
def test_rows_that_use_sets_bring_nothing_or_never_hold_are_told(
    tags: dict[str, Any], found: list[tuple[str, str]]
) -> None:
    assert told(sets={"s": {}, "t": {}}, tags=tags) == found


def test_a_row_that_asks_for_a_set_that_is_not_there_is_told_why_it_never_holds() -> None:
    found = Findings()
    read = read_configuration({"version": 1, "tags": {"@mock.x": {"state": {"a": 1}}}}, found)
    assert [each.message for each in lint(read)] == [
        "'@mock.x' holds for no test: the config has no set for @mock.x, and refuses tests that have it"
    ]


def test_what_a_row_sets_in_the_state_is_known() -> None:
    stubs = [stub("a", when={"carts": "full"})]
    assert told(stubs=stubs, tags={"@a": {"state": {"cart": "full"}}}) == [
        ("unset-state", "/stubs/0/when/carts")
    ]
    assert told(stubs=stubs, tags={"@a": {"state": {"carts": "full", "cart": 1}}}) == []


def test_a_note_has_its_place_and_is_no_warning(tmp_path: Path) -> None:
    path = tmp_path / "mocks.yaml"
    path.write_text("version: 1\nsets:\n  slow: {}\nstubs:\n- request: {method: GTE}\n")
    loaded = load_by(read_configuration, [path], lint)
    assert [(each.code, each.line) for each in loaded.warnings] == [("strange-method", 5)]
    (note,) = loaded.notes
    assert (note.code, note.line, note.column) == ("unused-set", 3, 3)
    assert note.message == (
        "no namespace and no row of 'tags' has the set 'slow': only a call can ask for it, or the"
        " tag @mock.slow"
    )


def test_warnings_have_file_line_code_and_a_cure(tmp_path: Path) -> None:
    (tmp_path / "base.yaml").write_text("version: 1\nstubs:\n- {name: old, request: {path: /a}}\n")
    path = tmp_path / "mocks.yaml"
    path.write_text(
        "version: 1\ninclude: [base.yaml]\nstubs:\n- name: new\n  request: {path: /a}\n"
        "- name: odd\n  request: {method: GTE}\n"
    )
    first, second = load_by(read_configuration, [path], lint).warnings
    assert (first.line, first.code, second.line, second.code) == (
        7, "strange-method", 3, "shadowed-stub",
    )  # fmt: skip
    assert second.message == (
        "'old' never answers: 'new' takes the same requests, and it is defined later; remove one,"
        " or tell them apart by 'request', 'when' or 'times'"
    )


def test_a_stronger_stub_below_says_so() -> None:
    found = Findings()
    document = {"version": 1, "stubs": [stub("base", priority=1)],
                "sets": {"s": {"stubs": [stub("held")]}}}  # fmt: skip
    only, _ = lint(read_configuration(document, found))
    assert only.message.startswith(
        "'held' never answers: 'base' of the base layer takes the same requests, and its priority"
        " is stronger;"
    )


@pytest.mark.parametrize("code", sorted(CODES))
def test_every_code_is_on_the_page(code: str) -> None:
    page = (Path(__file__).parents[2] / "docs" / "command-line.md").read_text(encoding="utf-8")
    assert f"| `{code}` |" in page
