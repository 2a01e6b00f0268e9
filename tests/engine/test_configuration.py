"""How shared layers lie on each other: composed once, each set at its last position."""

from __future__ import annotations

import pytest
from tests.engine.worlds import stub_of

from pymockapi.engine import configuration
from pymockapi.engine.configuration import (
    Composition,
    Configuration,
    Replacement,
    StubSet,
    last_positions,
)
from pymockapi.engine.index import LayerIndex


def layer(*names: str) -> LayerIndex:
    return LayerIndex([stub_of(name) for name in names])


def three_layers() -> Configuration:
    sets = {"one": StubSet("one", layer("a", "b")), "two": StubSet("two", layer("a", "c"))}
    return Configuration(layer("a", "d"), sets)


def shown(composition: Composition) -> list[str]:
    return [name for name, _ in composition.layers]


@pytest.mark.parametrize(
    ("names", "expected"),
    [
        ((), ()),
        (("a", "b"), ("a", "b")),
        (("a", "b", "a"), ("b", "a")),
        (("a", "a", "a"), ("a",)),
        (("c", "a", "c", "b", "a"), ("c", "b", "a")),
    ],
)
def test_a_name_is_kept_once_where_it_stands_last(
    names: tuple[str, ...], expected: tuple[str, ...]
) -> None:
    assert last_positions(names) == expected


def test_layers_lie_in_the_order_asked_for_above_the_base() -> None:
    shared = three_layers()
    assert shown(shared.compose(())) == ["base"]
    assert shown(shared.compose(("two", "one"))) == ["base", "set:two", "set:one"]


def test_a_name_denotes_the_stub_of_the_last_layer_that_has_it() -> None:
    shared = three_layers()
    composed = shared.compose(("one", "two"))
    assert composed.effective("a") is shared.sets["two"].layer.by_name["a"]
    assert composed.effective("b") is shared.sets["one"].layer.by_name["b"]
    assert composed.effective("d") is shared.base.by_name["d"]
    assert composed.effective("x") is None


def test_what_replaces_what_is_told_for_every_layer_below() -> None:
    shared = three_layers()
    composed = shared.compose(("one", "two"))
    assert composed.replaced == (
        Replacement("a", "base", "set:two"),
        Replacement("a", "set:one", "set:two"),
    )
    assert composed.masked == {shared.base.by_name["a"], shared.sets["one"].layer.by_name["a"]}


def test_the_same_sets_are_composed_once() -> None:
    shared = three_layers()
    assert shared.compose(("one", "two")) is shared.compose(("two", "one", "two"))


def test_the_layers_themselves_are_never_copied() -> None:
    shared = three_layers()
    assert shared.compose(("one",)).layers[0][1] is shared.base


def test_the_cache_of_compositions_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(configuration, "MAX_COMPOSITIONS", 2)
    shared = three_layers()
    first = shared.compose(("one",))
    for names in ((), ("two",), ("one", "two")):
        shared.compose(names)
    again = shared.compose(("one",))
    assert again is not first
    assert again.replaced == first.replaced
