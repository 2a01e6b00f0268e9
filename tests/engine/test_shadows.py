"""Stubs that can never answer, found in what lies on each other, and once for all that share it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.engine.worlds import stub_of

from pymockapi.engine.configuration import Composition, Configuration, StubSet
from pymockapi.engine.index import LayerIndex
from pymockapi.engine.rank import is_always_available
from pymockapi.engine.shadows import shadowing
from pymockapi.model.slices import at_once
from pymockapi.model.stub import Stub

Told = list[tuple[str, str, str, str]]
A: Final = {"method": "GET", "path": "/a"}
REQUESTS: Final[tuple[dict[str, str], ...]] = (
    {"path": "/a"},
    {"path": "/b"},
    {},
    {"path": "/{x}"},
    {"path": "/{y}"},
)
MEANING: Final = {str({"path": "/{x}"}): {"path": "/{y}"}}
NAMES: Final = ("a", "b", "c", "d", "e")


def config(base: Sequence[Stub], **sets: Sequence[Stub]) -> Configuration:
    held = {name: StubSet(name, LayerIndex(stubs)) for name, stubs in sets.items()}
    return Configuration(LayerIndex(base), held)


def told(shared: Composition, own: Sequence[Stub] = (), hidden: Sequence[str] = ()) -> Told:
    out = {*hidden, *(stub.name for stub in own)}
    masked = shared.masked | {
        layer.by_name[name] for _, layer in shared.layers for name in out & layer.by_name.keys()
    }
    return [each[:4] for each in at_once(shadowing(shared, own, masked))]


def brute_force(shared: Composition, own: Sequence[Stub], hidden: Sequence[str]) -> Told:
    """Compare every stub in force with every stronger one."""
    layers = [(name, tuple(layer.by_name.values())) for name, layer in shared.layers]
    layers.append(("own", tuple(own)))
    standing = []
    for place, (name, stubs) in enumerate(layers):
        above = {stub.name for _, others in layers[place + 1 :] for stub in others}
        out = above if name == "own" else above | set(hidden)
        standing += [
            (stub.priority, -place, -order, name, stub)
            for order, stub in enumerate(stubs) if stub.name not in out
        ]  # fmt: skip
    standing.sort()
    found = []
    for number, (_, place, _, layer, stub) in enumerate(standing):
        for *_, above_layer, stronger in standing[:number]:
            first, second = stronger.definition["request"], stub.definition["request"]
            same = MEANING.get(str(first), first) == MEANING.get(str(second), second)
            if (same or first == {}) and is_always_available(stronger) and not stronger.when:
                found.append((-place, stub.name, layer, stronger.name, above_layer))
                break
    return [(name, layer, by, above) for _, name, layer, by, above in sorted(found)]


def test_an_own_stub_shadows_shared_ones_of_other_names() -> None:
    shared = config([stub_of("pay", A)], down=[stub_of("late", A)]).compose(("down",))
    assert told(shared) == [("pay", "base", "late", "set:down")]
    assert told(shared, [stub_of("mine", A)]) == [
        ("pay", "base", "mine", "own"), ("late", "set:down", "mine", "own"),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("own", "hidden", "expected"),
    [
        ([], ["strong"], []),
        ([stub_of("strong", {"path": "/b"})], [], []),
        ([stub_of("strong", A)], [], [("weak", "base", "strong", "own")]),
        ([stub_of("mine", A)], [], [("weak", "base", "strong", "base"),
                                    ("mine", "own", "strong", "base")]),
        ([stub_of("mine", A, priority=1)], ["strong"], [("weak", "base", "mine", "own")]),
        ([stub_of("mine", A, times=1)], ["strong"], []),
        ([stub_of("mine", A, when={"x": 1})], ["strong"], []),
        ([stub_of("other", {"path": "/b"})], [], [("weak", "base", "strong", "base")]),
    ],
)  # fmt: skip
def test_what_is_hidden_or_replaced_shadows_nothing(
    own: list[Stub], hidden: list[str], expected: Told
) -> None:
    shared = config([stub_of("strong", A, priority=1), stub_of("weak", A)]).compose(())
    assert told(shared) == [("weak", "base", "strong", "base")]
    assert told(shared, own, hidden) == expected


def test_what_shared_layers_do_to_each_other_is_found_once() -> None:
    shared = config([stub_of(f"s{number}", A) for number in range(40)]).compose(())
    first, second = (at_once(shadowing(shared, (), shared.masked)) for _ in range(2))
    assert first is second
    assert len(first) == 39


def test_long_lists_go_in_slices() -> None:
    many = [stub_of(f"s{number}", {"path": f"/{number % 100}"}) for number in range(200)]
    shared = config(many, up=[stub_of(f"u{n}", {"path": f"/{n}"}) for n in range(50)])
    own = [stub_of(f"o{number}", {"path": f"/{number}"}) for number in range(200)]
    work = shadowing(shared.compose(("up",)), own, frozenset(many[:100]))
    assert sum(1 for _ in work) > 30


def test_a_fallback_costs_no_look_at_what_is_stronger() -> None:
    shared = config([stub_of(f"s{number}", {"path": f"/{number}"}) for number in range(500)])
    composed = shared.compose(())
    at_once(shadowing(composed, (), composed.masked))
    own = [stub_of("rest", priority=9)]
    assert sum(1 for _ in shadowing(composed, own, composed.masked)) < 5
    assert len(told(composed, [stub_of("all", priority=1)])) == 500


def stubs(names: Sequence[str]) -> st.SearchStrategy[list[Stub]]:
    more: st.SearchStrategy[dict[str, Any]] = st.sampled_from(
        [{}, {}, {"times": 1}, {"when": {"x": 1}}, {"priority": 2}, {"priority": 9}]
    )
    one = st.builds(
        lambda name, request, parts: stub_of(name, request, **parts),
        st.sampled_from(names), st.sampled_from(REQUESTS), more,
    )  # fmt: skip
    return st.lists(one, max_size=5, unique_by=lambda stub: stub.name)


@given(
    stubs(NAMES), stubs(NAMES), stubs(NAMES), stubs(NAMES),
    st.permutations(["one", "two"]), st.sets(st.sampled_from(NAMES)),
)  # fmt: skip
def test_what_is_told_is_what_comparing_all_with_all_finds(
    base: list[Stub],
    one: list[Stub],
    two: list[Stub],
    own: list[Stub],
    sets: list[str],
    hidden: set[str],
) -> None:
    shared = config(base, one=one, two=two).compose(tuple(sets))
    assert told(shared) == brute_force(shared, (), ())
    assert told(shared, own, sorted(hidden)) == brute_force(shared, own, sorted(hidden))
