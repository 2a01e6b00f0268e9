"""Which stubs are in force, at the beginning and after each change."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest
from tests.replay.bundles import bundle_of

from pymockapi.replay.bundle import BundleError, Change
from pymockapi.replay.layers import Layers


def stub(name: str, **parts: Any) -> dict[str, Any]:
    return {"name": name, **parts}


def layers(**parts: Any) -> Layers:
    held = [
        {"name": "base", "stubs": ["kept", stub("gone"), stub("both", priority=1)]},
        {"name": "set:s", "stubs": [stub("set")]},
        {"name": "own", "stubs": [stub("mine"), stub("both")]},
    ]
    listed = [{"name": "base", "stubs": [{"name": "kept", "definition": stub("kept", meta={})}]}]
    start = {"layers": held, "hidden": ["gone"], **parts}
    return Layers(bundle_of(layers=listed, start=start), lambda definition: definition)


def changed(change: dict[str, Any]) -> Layers:
    found = layers()
    found.change(msgspec.convert({"after": 1, **change}, Change))
    return found


def test_the_stubs_in_force_are_those_that_are_neither_hidden_nor_replaced_in_order() -> None:
    found = layers().in_force()
    assert list(found) == ["kept", "set", "mine", "both"]
    assert found["kept"] == stub("kept", meta={})
    assert found["both"] == stub("both")


@pytest.mark.parametrize(
    ("change", "names"),
    [
        ({"removed": ["both"]}, ["kept", "both", "set", "mine"]),
        ({"defined": [stub("new"), stub("mine", times=1)]}, ["kept", "set", "mine", "both", "new"]),
        ({"own": [stub("other")]}, ["kept", "both", "set", "other"]),
        ({"hidden": ["set"]}, ["kept", "gone", "mine", "both"]),
        ({"layers": [{"name": "base", "stubs": [stub("b")]}]}, ["b", "mine", "both"]),
        ({"state": {"x": 1}}, ["kept", "set", "mine", "both"]),
    ],
)
def test_a_change_is_done(change: dict[str, Any], names: list[str]) -> None:
    assert list(changed(change).in_force()) == names


@pytest.mark.parametrize(
    ("stubs", "told"),
    [(["nobody"], "names stub 'nobody' of layer 'own'"), ([{"priority": 1}], "has no name")],
)
def test_stubs_that_cannot_be_known_are_told(stubs: list[Any], told: str) -> None:
    with pytest.raises(BundleError, match=told):
        changed({"defined": stubs})
