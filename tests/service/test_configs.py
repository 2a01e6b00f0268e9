"""Replacing the config in slices: traffic and other calls go on, and what comes out is whole."""

from __future__ import annotations

import json
from typing import Any, Final

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.server.world import World
from tests.service.between import Between

from pymockapi.engine.project import read_configuration
from pymockapi.model.changes import NamespaceSpec
from pymockapi.model.reader import Findings
from pymockapi.service.configs import pieces_of
from pymockapi.store.reconfiguring import put_in_force

MANY: Final = 1_500


def config(text: str, **more: Any) -> bytes:
    stubs = [
        {"name": f"s{n}", "request": {"path": f"/{n}"}, "response": {"text": text}}
        for n in range(MANY)
    ]
    return json.dumps({"version": 1, "stubs": stubs, **more}).encode()


@pytest.fixture
def between() -> Between:
    return Between()


@pytest.fixture
def world(between: Between) -> World:
    return World({}, between.pause)


def put(world: World, path: str, body: bytes, **headers: str) -> int:
    return world.reply("PUT", "/__mock/v1" + path, body, headers).response.status


def test_requests_between_the_slices_meet_the_config_of_before(
    world: World, between: Between
) -> None:
    assert put(world, "/config", config("one")) == 200
    seen: list[bytes] = []
    between.action = lambda: seen.append(world.send("GET", "/7").body)
    between.wait = between.slices + 500
    assert put(world, "/config", config("two"), **{"If-Match": "*"}) == 200
    assert seen == [b"one"]
    assert world.send("GET", "/7").body == b"two"


def test_a_definition_that_is_read_while_a_config_comes_is_read_again(
    world: World, between: Between
) -> None:
    """A namespace is made of one config: its state, settings and sets are not of another."""
    first = {"version": 1, "sets": {"s": {"state": {"of": 1}}}, "state": {"base": 1}}
    second = {"version": 1, "sets": {"s": {"state": {"of": 2}}}, "state": {"base": 2}}
    assert put(world, "/config", json.dumps(first).encode()) == 200
    between.action = lambda: _in_one_turn(world, second)
    between.wait = between.slices + 100
    stubs = [{"request": {"path": f"/{n}"}} for n in range(300)]
    body = json.dumps({"name": "n", "sets": ["s"], "stubs": stubs}).encode()
    reply = world.reply("POST", "/__mock/v1/namespaces", body)
    assert reply.response.status == 201
    space = world.store.known("n")
    assert space.state == {"base": 2, "of": 2}
    assert space.configuration is world.store.configuration


def test_a_table_that_comes_while_tags_are_resolved_is_the_one_that_counts(
    world: World, between: Between
) -> None:
    """Rows of one table, sets of another would be a mixture that nobody wrote."""
    rows = {f"@all or @t{n}": {"state": {"of": n}, "sets": ["old"]} for n in range(300)}
    first = {"version": 1, "sets": {"old": {}}, "tags": rows}
    second = {"version": 1, "sets": {"new": {}}, "tags": {"@all": {"sets": ["new"]}}}
    assert put(world, "/config", json.dumps(first).encode()) == 200
    between.action = lambda: _in_one_turn(world, second)
    between.wait = between.slices + 100
    body = json.dumps({"name": "n", "tags": ["@all"]}).encode()
    made = world.reply("POST", "/__mock/v1/namespaces", body)
    assert made.response.status == 201
    space = world.store.known("n")
    assert (space.state, space.sets) == ({}, ("new",))
    assert space.spec.applied.rows == ("@all",)


def _in_one_turn(world: World, document: Any) -> None:
    """Put a config in force as another call does that ends now."""
    configuration = read_configuration(document, Findings())
    put_in_force(world.store, configuration, [NamespaceSpec("default")])


def test_many_namespaces_of_a_config_are_read_in_slices(world: World, between: Between) -> None:
    names: dict[str, Any] = {f"n{n}": {} for n in range(70)}
    before = between.slices
    document = json.dumps({"version": 1, "namespaces": names}).encode()
    assert put(world, "/config", document) == 200
    assert between.slices - before > 70
    assert len(world.store.spaces()) == 71


def test_a_large_config_is_told_in_pieces(world: World, between: Between) -> None:
    given = config("x", sets={"big": {"stubs": json.loads(config("y"))["stubs"]}})
    assert put(world, "/config", given) == 200
    before = between.slices
    reply = world.reply("GET", "/__mock/v1/config")
    assert between.slices - before > MANY
    assert json.loads(reply.response.body)["document"] == json.loads(given)


_documents = st.recursive(
    st.none() | st.booleans() | st.integers(-9, 9) | st.text(max_size=3),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=3), inner, max_size=4),
    max_leaves=30,
)  # fmt: skip


@given(_documents)
def test_pieces_make_up_the_document(document: Any) -> None:
    assert json.loads(b"".join(pieces_of(document))) == document


def test_a_long_list_far_down_is_in_pieces_too() -> None:
    document = {"a": [{"b": {"c": list(range(300))}}]}
    assert len(list(pieces_of(document))) > 300
    assert json.loads(b"".join(pieces_of(document))) == document
