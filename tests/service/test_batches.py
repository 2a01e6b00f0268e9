"""A batch applies in its written order: each change sees what those before it in the batch left."""

from __future__ import annotations

from typing import Any, Final

import pytest
from tests.server.world import World, code, document

NS: Final = "/namespaces/a"
SEQUENCE: Final = [{"status": 201}, {"status": 202}, {"status": 203}]
CONFIG: Final = {
    "stubs": [{"name": "stub-1", "request": {"path": "/base"}}],
    "sets": {
        "slow": {
            "settings": {"delay": "2s"},
            "stubs": [{"name": "pay", "request": {"path": "/pay"}, "responses": SEQUENCE}],
        }
    },
    "namespaces": {"a": {"settings": {"seed": 7}}},
}


@pytest.fixture
def world() -> World:
    return World(CONFIG)


def apply(world: World, **batch: Any) -> Any:
    return world.call("POST", NS + "/apply", batch)


def settings(world: World) -> Any:
    return world.call("GET", NS)["settings"]


def refused(world: World, path: str, body: bytes) -> tuple[int, str | None]:
    response = world.send("POST", f"/__mock/v1{NS}{path}", body)
    return response.status, code(response)


def drawn(world: World, *stubs: Any) -> list[str]:
    answer = world.call("POST", NS + "/stubs", list(stubs))
    return [stub["name"] for stub in answer["stubs"]]


def test_settings_go_over_those_of_the_sets_of_the_same_batch(world: World) -> None:
    apply(world, sets=["slow"], settings={"debug_headers": True})
    assert settings(world) == {"seed": 7, "delay": "2s", "debug_headers": True}
    assert world.delay("GET", "/~a/pay") == 2


def test_settings_go_over_what_a_reset_in_the_same_batch_leaves(world: World) -> None:
    apply(world, settings={"debug_headers": True})
    apply(world, reset=["settings"], settings={"delay": "1s"})
    assert settings(world) == {"seed": 7, "delay": "1s"}


def test_sets_go_over_what_a_reset_in_the_same_batch_leaves(world: World) -> None:
    apply(world, settings={"debug_headers": True})
    apply(world, reset=["settings"], sets=["slow"])
    assert settings(world) == {"seed": 7, "delay": "2s"}


def test_a_cursor_may_be_set_to_a_step_of_a_stub_that_the_batch_brings(world: World) -> None:
    apply(world, sets=["slow"], cursors={"pay": {"step": 3}})
    assert world.send("GET", "/~a/pay").status == 203


def test_a_step_that_a_stub_of_the_batch_does_not_have_changes_nothing(world: World) -> None:
    version = world.call("GET", NS)["version"]
    body = b'{"sets": ["slow"], "cursors": {"pay": {"step": 4}}}'
    assert refused(world, "/apply", body) == (409, "conflict")
    assert world.call("GET", NS)["version"] == version


def test_a_limit_below_what_is_there_still_lets_the_rest_be_written(world: World) -> None:
    drawn(world, {}, {}, {})
    apply(world, settings={"limits": {"stubs": 1}})
    world.call("PUT", NS + "/state", {"n": 1})
    apply(world, remove_stubs=["stub-2"])
    assert refused(world, "/stubs", b"{}") == (429, "limit-reached")


def test_a_limit_lowered_by_a_reset_holds_for_the_rest_of_the_batch(world: World) -> None:
    world.call("PUT", "/namespaces/a", {"limits": {"stubs": 1}})
    apply(world, settings={"limits": {"stubs": 9}})
    assert refused(world, "/apply", b'{"reset": ["settings"], "stubs": [{}, {}]}')[0] == 429
    assert world.call("GET", NS)["limits"]["stubs"] == 9


def test_both_lists_of_a_batch_draw_different_names(world: World) -> None:
    answer = apply(world, replace_stubs=[{}, {}], stubs=[{}])
    names = [stub["name"] for stub in answer["stubs"]]
    assert len(set(names)) == 3


def test_a_drawn_name_is_none_that_is_given_in_the_same_list(world: World) -> None:
    assert drawn(world, {}, {"name": "stub-2"}, {}) == ["stub-3", "stub-2", "stub-4"]


def test_a_drawn_name_is_none_that_answered_a_recorded_request(world: World) -> None:
    drawn(world, {"request": {"path": "/x"}})
    world.send("GET", "/~a/x")
    world.call("DELETE", NS + "/stubs/stub-2")
    assert drawn(world, {"request": {"path": "/y"}}) == ["stub-3"]
    world.call("DELETE", NS + "/requests")
    world.call("DELETE", NS + "/stubs/stub-3")
    assert drawn(world, {}) == ["stub-2"]


def test_a_new_namespace_draws_no_name_that_its_base_has(world: World) -> None:
    world.call("POST", "/namespaces", {"name": "b", "stubs": [{"request": {"path": "/own"}}]})
    stubs = world.call("GET", "/namespaces/b/stubs")["stubs"]
    assert [(stub["name"], stub["layer"]) for stub in stubs] == [
        ("stub-2", "own"),
        ("stub-1", "base"),
    ]


def test_an_object_is_asked_for_once_where_a_stub_is_put(world: World) -> None:
    response = world.send("PUT", f"/__mock/v1{NS}/stubs/x", b"5")
    assert document(response)["errors"] == [
        {"pointer": "", "message": "expected an object, got a number"}
    ]
