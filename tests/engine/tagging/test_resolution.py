"""What tags and names of sets bring together, in the one order there is."""

from __future__ import annotations

from typing import Any, Final

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pymockapi.engine.configuration import Configuration
from pymockapi.engine.project import read_configuration
from pymockapi.engine.tagging.resolution import MAX_TOLD, Merged, Resolution, resolving
from pymockapi.model.reader import Findings
from pymockapi.model.slices import at_once

SETS: Final[dict[str, dict[str, Any]]] = {
    "one": {"state": {"k": "one"}, "settings": {"delay": 1}},
    "two": {"state": {"k": "two", "two": 2}},
    "three": {"settings": {"delay": 3}},
}


def project(**parts: Any) -> Configuration:
    found = Findings()
    read = read_configuration({"version": 1, "sets": SETS, **parts}, found)
    found.check("The test's own config")
    return read


def resolve(configuration: Configuration, *tags: str, sets: tuple[str, ...] = ()) -> Resolution:
    return at_once(resolving(configuration, tags, sets))


def overridden(found: Resolution) -> list[tuple[str, str, str]]:
    return [(each.pointer, each.source, each.by) for each in found.applied.overridden]


@pytest.mark.parametrize(
    ("rows", "tags", "named", "sets"),
    [
        ({}, "", "", ""),
        ({}, "x", "two one", "two one"),
        ({}, "mock.two mock:one", "", "one two"),  # in the order of the config
        ({}, "mock.two", "one", "two one"),
        ({}, "mock.two mock.one", "one", "two one"),
        ({"@x": "two one"}, "x", "", "two one"),
        ({"@x": "two one"}, "y", "", ""),
        ({"@x": "one", "@y": "two"}, "y x", "", "one two"),  # in the order of the table
        ({"@x": "one two", "@y": "one"}, "x y", "", "two one"),  # once, at its last position
        ({"@x": "one two one"}, "x", "", "two one"),
        ({"@x": "three two"}, "x mock.three", "", "two three"),
        ({"@x": "three two"}, "x mock.one", "two", "three one two"),
        ({"not @x": "three"}, "", "", "three"),
        ({"@mock.one": "two"}, "mock.one", "", "two one"),
    ],
)
def test_sets_apply_by_row_then_by_tag_then_by_name(
    rows: dict[str, str], tags: str, named: str, sets: str
) -> None:
    read = project(tags={text: {"sets": names.split()} for text, names in rows.items()})
    found = resolve(read, *tags.split(), sets=tuple(named.split()))
    assert found.sets == tuple(sets.split())
    assert [name for name, _ in found.applied.sets] == sets.split()


def test_what_asked_for_a_set_is_told_in_order_and_once() -> None:
    read = project(tags={"@x": {"sets": ["one", "one"]}, "@y": {"sets": ["two", "one"]}})
    found = resolve(read, "y", "x", "mock:one", sets=("one", "three"))
    assert found.applied.rows == ("@x", "@y")
    assert found.applied.sets == (
        ("two", ("@y",)), ("one", ("@x", "@y", "@mock:one", "sets")), ("three", ("sets",)),
    )  # fmt: skip
    assert found.applied.tags == ("@y", "@x", "@mock:one")


def test_later_values_win_and_what_they_replaced_is_told() -> None:
    read = project(
        state={"k": "config", "rest": 0},
        settings={"delay": 0},
        tags={
            "@x": {"sets": ["one"], "state": {"k": "row"}},
            "@y": {"state": {"k": "last"}, "settings": {"delay": 9}},
        },
    )
    found = resolve(read, "x", "y", sets=("three",))
    assert found.state.values == {"k": "last", "rest": 0}
    assert found.settings.values == {"delay": 3}
    assert overridden(found) == [
        ("/state/k", "config", "set:one"), ("/state/k", "set:one", "@x"), ("/state/k", "@x", "@y"),
        ("/settings/delay", "config", "set:one"), ("/settings/delay", "set:one", "@y"),
        ("/settings/delay", "@y", "set:three"),
    ]  # fmt: skip


def test_effects_of_problems_merge_kind_by_kind() -> None:
    read = project(
        settings={"verdict": {"unused": "fail"}},
        tags={"@x": {"settings": {"verdict": {"unmatched": "warn", "unused": "ignore"}}}},
    )
    found = resolve(read, "x", sets=("one",))
    found.settings.put({"verdict": {"unmatched": "ignore"}, "delay": 2}, "namespace")
    assert found.settings.values == {
        "delay": 2, "verdict": {"unused": "ignore", "unmatched": "ignore"},
    }  # fmt: skip
    assert overridden(found) == [
        ("/settings/delay", "set:one", "namespace"),
        ("/settings/verdict/unused", "config", "@x"),
        ("/settings/verdict/unmatched", "@x", "namespace"),
    ]
    assert read.settings == {"verdict": {"unused": "fail"}}


def test_a_set_that_comes_again_brings_its_values_where_it_comes_last() -> None:
    read = project(tags={"@x": {"sets": ["one", "two"]}, "@y": {"sets": ["one"]}})
    assert resolve(read, "x").state.values == {"k": "two", "two": 2}
    assert resolve(read, "x", "y").state.values == {"k": "one", "two": 2}


@pytest.mark.parametrize(
    ("tags", "ignored"),
    [
        ("x", ""), ("a b", "@a @b"), ("q x", "@q"), ("mock.one", ""), ("mock.none", ""),
        ("known", ""), ("y", ""),
    ],
)  # fmt: skip
def test_tags_that_nothing_knows_are_told(tags: str, ignored: str) -> None:
    read = project(tags={"@x and not @y": {"sets": ["one"]}, "@known": None})
    assert list(resolve(read, *tags.split()).applied.ignored) == ignored.split()


def test_what_is_no_set_is_left_out() -> None:
    assert resolve(project(), "mock.none", sets=("nobody", "one")).sets == ("one",)


def test_the_config_itself_is_never_changed() -> None:
    read = project(state={"k": 0}, settings={"delay": 0}, tags={"@x": {"state": {"k": 1}}})
    found = resolve(read, "x")
    found.state.put({"k": 2}, "namespace")
    assert (read.state, read.settings) == ({"k": 0}, {"delay": 0})
    assert read.tags.rows[0].state == {"k": 1}


def test_keys_with_a_slash_are_told_as_pointers_and_not_without_end() -> None:
    many = {f"k/{n}": n for n in range(MAX_TOLD + 9)}
    merged = Merged("/state", many)
    merged.put(many, "namespace")
    assert len(merged.overridden) == MAX_TOLD
    assert merged.overridden[0].pointer == "/state/k~10"
    merged.put(many, "namespace")
    assert len(merged.overridden) == MAX_TOLD


_names = st.sampled_from(sorted(SETS))
_values = st.dictionaries(st.sampled_from(["k", "l"]), st.integers(0, 9), max_size=2)
_rows = st.dictionaries(
    st.sampled_from(["@a", "@b", "not @a", "@a and @b", "@a or @c", "not (@b or @c)"]),
    st.fixed_dictionaries({}, optional={"sets": st.lists(_names, max_size=3), "state": _values}),
    max_size=4,
)
_tags = st.lists(st.sampled_from(["a", "b", "c", *(f"mock.{name}" for name in SETS)]), unique=True)


@given(_rows, _tags, st.lists(_names, max_size=3), _values)
def test_what_applies_is_what_a_plain_twin_says(
    rows: dict[str, Any], tags: list[str], named: list[str], state: dict[str, int]
) -> None:
    found = resolve(project(tags=rows, state=state), *tags, sets=tuple(named))
    steps: list[Any] = []
    for text, row in rows.items():
        if _holds(text, set(tags)):
            steps += [*row.get("sets", []), row.get("state", {})]
    steps += [name for name in SETS if f"mock.{name}" in tags] + named
    final = [
        step for n, step in enumerate(steps) if isinstance(step, dict) or step not in steps[n + 1 :]
    ]
    expected: dict[str, Any] = dict(state)
    for step in final:
        expected |= step if isinstance(step, dict) else SETS[step].get("state", {})
    assert list(found.sets) == [step for step in final if isinstance(step, str)]
    assert found.state.values == expected


def _holds(text: str, tags: set[str]) -> bool:
    """Evaluate as Python would."""
    words = text.replace("(", "( ").replace(")", " )").split()
    words = [str(word[1:] in tags) if word.startswith("@") else word for word in words]
    return bool(eval(" ".join(words)))
