"""The life of namespaces: create, replace, fork, reset, snapshot, as ``docs/control-api.md`` says."""

from __future__ import annotations

from typing import Any, Final

import pytest
from tests.server.world import World, code, document

CONFIG: Final = {
    "settings": {"delay": "1s"},
    "state": {"a": "base", "b": "base"},
    "stubs": [{"name": "pay", "request": {"path": "/pay"}, "response": {"text": "base"}}],
    "sets": {
        "down": {
            "stubs": [{"name": "pay", "request": {"path": "/pay"}, "response": {"text": "down"}}],
            "state": {"b": "down", "c": "down"},
            "settings": {"delay": "2s", "debug_headers": True},
        },
        "slow": {"stubs": [{"name": "slow", "request": {"path": "/slow"}}], "settings": {"delay": "3s"}},
    },
}  # fmt: skip


@pytest.fixture
def world() -> World:
    return World(CONFIG)


def create(world: World, **definition: Any) -> Any:
    return world.call("POST", "/namespaces", definition)


def text(world: World, target: str) -> str:
    return world.send("GET", target).body.decode()


def test_without_a_name_one_is_generated_that_is_free(world: World) -> None:
    create(world, name="ns-2")
    assert [create(world)["name"] for _ in range(2)] == ["ns-1", "ns-3"]


def test_the_answer_tells_how_to_get_there(world: World) -> None:
    found = create(world, name="a")
    assert found["base_url"] == "http://127.0.0.1:1/~a"
    assert (found["path"], found["headers"]) == ("/~a", {"X-Mock-Namespace": "a"})
    assert found["id"] == "n2-f0f0f0"
    assert found["created_at"] == "2030-03-17T17:46:40.000000Z"
    assert found["lease_s"] is None


def test_state_and_settings_merge_by_key_and_later_wins(world: World) -> None:
    found = create(
        world, name="a", sets=["down"], state={"c": "own"}, settings={"debug_headers": False}
    )
    assert found["state"] == {"a": "base", "b": "down", "c": "own"}
    assert found["settings"] == {"delay": "2s", "debug_headers": False}


def test_layers_lie_in_the_order_in_which_their_sets_were_named_last(world: World) -> None:
    found = create(world, name="a", sets=["down", "slow", "down"], stubs=[{"name": "pay"}])
    assert found["applied"]["layers"] == ["base", "set:slow", "set:down", "own"]
    assert found["settings"]["delay"] == "2s"
    assert found["counts"]["stubs"] == 2


def test_the_answer_tells_which_stub_replaced_which(world: World) -> None:
    found = create(world, name="a", sets=["down"])
    assert found["applied"]["replaced"] == [{"stub": "pay", "layer": "base", "by": "set:down"}]
    assert text(world, "/~a/pay") == "down"
    assert text(world, "/pay") == "base"


def test_the_answer_tells_which_stubs_never_answer(world: World) -> None:
    request = {"path": "/pay"}
    own = [{"name": "one", "request": request}, {"name": "two", "request": request}]
    found = create(world, name="a", stubs=own)
    by = {"stub": "two", "layer": "own"}
    shadowed = [
        {"stub": "pay", "layer": "base", "by": by}, {"stub": "one", "layer": "own", "by": by},
    ]  # fmt: skip
    assert found["applied"]["shadowed"] == shadowed
    assert world.call("GET", "/namespaces/a")["applied"]["shadowed"] == shadowed
    world.send("DELETE", "/__mock/v1/namespaces/a/stubs/two")
    shadowed = [{"stub": "pay", "layer": "base", "by": {"stub": "one", "layer": "own"}}]
    assert world.call("GET", "/namespaces/a")["applied"]["shadowed"] == shadowed
    assert world.call("GET", "/namespaces/default")["applied"]["shadowed"] == []


def test_the_seed_comes_from_the_servers_seed_and_the_test_label() -> None:
    def seed(server: int, **definition: Any) -> Any:
        return create(World({"server": {"seed": server}}), **definition)["seed"]

    assert seed(1, name="a", labels={"test": "t"}) == seed(1, name="b", labels={"test": "t"})
    assert seed(1, name="a", labels={"test": "t"}) != seed(2, name="a", labels={"test": "t"})
    assert seed(1, name="a", labels={"test": "t"}) != seed(1, name="a", labels={"test": "u"})
    assert seed(1, name="a") == seed(1, name="a") != seed(1, name="b")
    assert seed(1, name="a", seed=7) == 7


def test_labels_are_text_and_select(world: World) -> None:
    create(world, name="a", labels={"run": 7, "ci": True})
    create(world, name="b", labels={"run": 8})

    def names(label: str) -> list[str]:
        found = world.call("GET", f"/namespaces?label={label}")["namespaces"]
        return [each["name"] for each in found]

    assert (names("run=7"), names("run=8"), names("ci=true"), names("run=9")) == (
        ["a"],
        ["b"],
        ["a"],
        [],
    )
    assert names("run%3D7") == ["a"]


def test_namespaces_are_listed_in_order_of_creation(world: World) -> None:
    for name in ("b", "a", "c"):
        create(world, name=name)
    found = world.call("GET", "/namespaces")["namespaces"]
    assert [each["name"] for each in found] == ["default", "b", "a", "c"]


@pytest.mark.parametrize("name", ["a b", "%C3%A9", "a%2Fb", "x" * 129])
def test_a_name_in_the_path_keeps_to_the_rules(world: World, name: str) -> None:
    response = world.send("PUT", f"/__mock/v1/namespaces/{name}", b"{}")
    assert (response.status, code(response)) == (422, "invalid")


def test_the_name_in_a_body_must_be_that_of_the_path(world: World) -> None:
    assert world.call("PUT", "/namespaces/a", {"name": "a"})["name"] == "a"
    response = world.send("PUT", "/__mock/v1/namespaces/a", b'{"name": "b"}')
    assert document(response)["errors"][0]["pointer"] == "/name"


def test_replacing_makes_a_new_namespace_of_the_name(world: World) -> None:
    first = world.reply("PUT", "/__mock/v1/namespaces/a", b'{"state": {"x": 1}}').response
    world.send("GET", "/~a/pay")
    second = world.reply("PUT", "/__mock/v1/namespaces/a", b"{}").response
    assert (first.status, second.status) == (201, 200)
    assert document(first)["id"] != document(second)["id"]
    assert document(second)["counts"]["requests"] == 0
    assert "x" not in document(second)["state"]


def test_deleting_default_resets_it(world: World) -> None:
    identity = world.call("GET", "/namespaces/default")["id"]
    world.call("PUT", "/namespaces/default/state", {"x": 1})
    world.call("DELETE", "/namespaces/default")
    found = world.call("GET", "/namespaces/default")
    assert (found["id"], found["state"]) == (identity, {"a": "base", "b": "base"})


USED: Final[dict[str, Any]] = {
    "name": "a",
    "stubs": [{"name": "s", "request": {"path": "/s"}, "responses": [{}, {}, {}], "set": {"n": {"increment": 1}}}],
    "clock": {"mode": "frozen", "now": "2030-01-01T00:00:00Z"},
}  # fmt: skip


def use(world: World) -> None:
    """Create a namespace and change everything in it."""
    create(world, **USED)
    world.send("GET", "/~a/s")
    world.call("POST", "/namespaces/a/stubs", {"name": "more"})
    world.call("DELETE", "/namespaces/a/stubs/pay")
    world.call("PUT", "/namespaces/a/clock", {"advance": "1h"})
    world.call("POST", "/namespaces/a/apply", {"settings": {"delay": "9s"}})


def parts(world: World, ns: str = "a") -> dict[str, Any]:
    """Return what each part of a reset brings back."""
    found = world.call("GET", f"/namespaces/{ns}")
    stubs = world.call("GET", f"/namespaces/{ns}/stubs")["stubs"]
    sequence = world.call("GET", f"/namespaces/{ns}/sequences")["sequences"][0]
    return {
        "stubs": sorted(stub["name"] for stub in stubs),
        "sequences": (sequence["cursors"][0]["position"], [stub["hits"] for stub in stubs]),
        "state": found["state"].get("n"),
        "requests": found["counts"]["recorded"],
        "clock": found["clock"]["now"],
        "settings": found["settings"],
    }


FRESH: Final = {
    "stubs": ["pay", "s"], "sequences": (0, [0, 0]), "state": None, "requests": 0,
    "clock": "2030-01-01T00:00:00.000000Z", "settings": {"delay": "1s"},
}  # fmt: skip


def test_a_reset_brings_everything_back(world: World) -> None:
    use(world)
    world.call("POST", "/namespaces/a/reset")
    assert parts(world) == FRESH


@pytest.mark.parametrize("part", list(FRESH))
def test_a_reset_of_one_part_leaves_the_others(world: World, part: str) -> None:
    use(world)
    before = parts(world)
    world.call("POST", "/namespaces/a/reset", {"only": [part]})
    after = parts(world)
    expected = {**before, part: FRESH[part]}
    if part == "stubs":  # hits go with them in the list; the sequence that stays keeps its own
        expected["sequences"] = (1, [1, 0])
    if part == "sequences":
        expected["sequences"] = (0, [0, 0])
    assert after == expected


def test_a_reset_of_no_parts_changes_nothing_but_the_version(world: World) -> None:
    use(world)
    before = parts(world)
    world.call("POST", "/namespaces/a/reset", {"only": []})
    assert parts(world) == before


def test_request_numbers_never_start_again(world: World) -> None:
    use(world)
    world.call("POST", "/namespaces/a/reset")
    world.send("GET", "/~a/s")
    assert [entry["number"] for entry in world.entries("a")] == [2]
    assert world.call("GET", "/namespaces/a")["counts"]["requests"] == 2


def test_a_fork_starts_as_its_source_is_and_resets_to_that(world: World) -> None:
    use(world)
    fork = world.call(
        "POST", "/namespaces/a/fork", {"name": "b", "labels": {"test": "b"}, "lease": "1m"}
    )
    source = world.call("GET", "/namespaces/a")
    same = ("seed", "clock", "settings", "limits", "state", "applied")
    assert {key: fork[key] for key in same} == {key: source[key] for key in same}
    assert (fork["labels"], fork["lease_s"], fork["version"]) == ({"test": "b"}, 60.0, 1)
    taken = parts(world, "b")
    assert taken == {**parts(world), "requests": 0}
    world.send("GET", "/~b/s")
    world.call("POST", "/namespaces/b/reset")
    assert parts(world, "b") == taken
    assert parts(world)["requests"] == 1


def test_creating_with_fork_of_is_the_same(world: World) -> None:
    use(world)
    create(world, name="b", fork_of="a")
    assert parts(world, "b") == {**parts(world), "requests": 0}


def test_a_snapshot_brings_back_all_but_the_journal(world: World) -> None:
    create(world, **USED)
    world.send("GET", "/~a/s")
    before = parts(world)
    kept = world.call("POST", "/namespaces/a/snapshots", {"id": "one"})
    use_again = ("/namespaces/a/stubs", {"name": "more"})
    world.call("POST", *use_again)
    world.call("DELETE", "/namespaces/a/stubs/pay")
    world.call("PUT", "/namespaces/a/clock", {"advance": "1h"})
    world.call("POST", "/namespaces/a/apply", {"settings": {"delay": "9s"}, "state": {"n": 5}})
    world.send("GET", "/~a/s")
    restored = world.call("POST", "/namespaces/a/snapshots/one/restore")
    assert parts(world) == {**before, "requests": 2}
    assert (kept["version"], restored["version"]) == (1, 6)
    assert world.call("GET", "/namespaces/a/snapshots") == {"snapshots": [kept]}
    world.send("GET", "/~a/s")
    assert world.entries("a")[-1]["number"] == 3
    world.call("DELETE", "/namespaces/a/snapshots/one")
    assert world.call("GET", "/namespaces/a/snapshots") == {"snapshots": []}


def test_generated_snapshot_names_never_collide(world: World) -> None:
    create(world, name="a")

    def take() -> Any:
        return world.call("POST", "/namespaces/a/snapshots")["id"]

    assert (take(), take()) == ("s1", "s2")
    world.call("DELETE", "/namespaces/a/snapshots/s1")
    assert take() == "s3"
    world.call("DELETE", "/namespaces/a/snapshots/s2")
    world.call("DELETE", "/namespaces/a/snapshots/s3")
    assert take() == "s1"


def test_a_fork_takes_labels_and_lease_from_its_source_where_none_are_given(world: World) -> None:
    create(world, name="a", labels={"test": "t"}, lease="10m")
    fork = world.call("POST", "/namespaces/a/fork")
    assert (fork["name"], fork["labels"], fork["lease_s"]) == ("ns-1", {"test": "t"}, 600.0)


def test_counts_tell_what_came_is_kept_and_was_dropped(world: World) -> None:
    create(world, name="a", limits={"requests": 2})
    for _ in range(5):
        world.send("GET", "/~a/x")
    counts = world.call("GET", "/namespaces/a")["counts"]
    assert (counts["requests"], counts["recorded"], counts["evicted"]) == (5, 2, 3)
    assert counts["bytes"] > 0
