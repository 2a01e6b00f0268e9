"""Stubs, state, sequences, clock and batches, as ``docs/control-api.md`` says."""

from __future__ import annotations

from typing import Any, Final

import pytest
from tests.server.world import World, code, document

NS: Final = "/namespaces/a"
CONFIG: Final = {
    "stubs": [{"name": "pay", "request": {"path": "/pay"}, "response": {"text": "base"}}],
    "sets": {
        "down": {
            "stubs": [{"name": "pay", "request": {"path": "/pay"}, "response": {"text": "down"}}],
            "state": {"payments": "down"},
            "settings": {"delay": "2s"},
        }
    },
    "namespaces": {"a": {"sets": ["down"]}},
}


@pytest.fixture
def world() -> World:
    return World(CONFIG)


def names(world: World, query: str = "") -> list[tuple[str, str]]:
    found = world.call("GET", f"{NS}/stubs{query}")["stubs"]
    return [(stub["name"], stub["layer"]) for stub in found]


def refused(world: World, method: str, path: str, body: bytes = b"") -> tuple[int, str | None]:
    response = world.send(method, "/__mock/v1" + path, body)
    return response.status, code(response)


def text(world: World) -> str:
    return world.send("GET", "/~a/pay").body.decode()


def test_stubs_are_listed_strongest_first(world: World) -> None:
    world.call("POST", NS + "/stubs", [{"name": "x"}, {"name": "y"}, {"name": "z", "priority": 1}])
    world.call("POST", NS + "/stubs", {"name": "low", "priority": 9})
    assert [name for name, _ in names(world)] == ["z", "y", "x", "pay", "low"]


def test_a_layer_may_be_listed_alone(world: World) -> None:
    world.call("POST", NS + "/stubs", {"name": "x"})
    assert names(world, "?layer=own") == [("x", "own")]
    assert names(world, "?layer=set:down") == [("pay", "set:down")]
    assert names(world, "?layer=base") == []
    response = world.send("GET", f"/__mock/v1{NS}/stubs?layer=set:none")
    assert document(response)["errors"][0]["message"].startswith(
        "expected one of base, set:down, own"
    )


def test_a_stub_without_a_name_gets_one_that_is_free(world: World) -> None:
    world.call("POST", NS + "/stubs", {"name": "stub-2"})
    found = world.call("POST", NS + "/stubs", [{}, {}])
    assert [stub["name"] for stub in found["stubs"]] == ["stub-3", "stub-4"]
    assert found["stubs"][0]["definition"] == {"name": "stub-3"}


def test_defining_a_stub_by_its_path_tells_whether_it_is_new(world: World) -> None:
    first = world.send("PUT", f"/__mock/v1{NS}/stubs/x", b"{}")
    second = world.send("PUT", f"/__mock/v1{NS}/stubs/x", b'{"name": "x"}')
    third = world.send("PUT", f"/__mock/v1{NS}/stubs/pay", b"{}")
    assert [each.status for each in (first, second, third)] == [201, 200, 200]
    assert document(third)["layer"] == "own"
    response = world.send("PUT", f"/__mock/v1{NS}/stubs/x", b'{"name": "y"}')
    assert document(response)["errors"][0]["pointer"] == "/name"
    assert refused(world, "PUT", NS + "/stubs/x", b"[]") == (422, "invalid")


def test_redefining_keeps_the_place_and_restarts_hits_unless_it_says_the_same(world: World) -> None:
    world.call(
        "POST", NS + "/stubs", [{"name": "x", "times": 3}, {"name": "y", "request": {"path": "/y"}}]
    )
    for _ in range(2):
        world.send("GET", "/~a/q")

    def redefine(**definition: Any) -> int:
        found = world.call("POST", NS + "/stubs", {"name": "x", **definition})
        hits: int = found["stubs"][0]["hits"]
        return hits

    assert redefine(times=3) == 2
    assert redefine(times=3, keep_cursor=True) == 2
    assert redefine(times=4, keep_cursor=True) == 2
    assert redefine(times=5) == 0
    assert [name for name, _ in names(world)] == ["y", "x", "pay"]


def test_a_spent_stub_is_listed_as_such(world: World) -> None:
    world.call("POST", NS + "/stubs", {"name": "x", "times": 1})
    world.send("GET", "/~a/q")
    found = world.call("GET", NS + "/stubs/x")
    assert (found["hits"], found["spent"]) == (1, True)


def test_removing_a_name_hides_it_in_every_layer_here_only(world: World) -> None:
    world.call("DELETE", NS + "/stubs/pay")
    assert names(world) == []
    assert refused(world, "GET", NS + "/stubs/pay") == (404, "unknown-stub")
    assert world.call("GET", NS)["applied"]["hidden"] == ["pay"]
    assert world.send("GET", "/pay").body == b"base"
    world.call("PUT", NS + "/stubs/pay", {"response": {"text": "own"}})
    assert names(world) == [("pay", "own")]


def test_removing_an_own_stub_only_uncovers_what_it_replaced(world: World) -> None:
    world.call("PUT", NS + "/stubs/pay", {"request": {"path": "/pay"}, "response": {"text": "own"}})
    assert text(world) == "own"
    world.call("DELETE", NS + "/stubs/pay?layer=own")
    assert text(world) == "down"
    assert refused(world, "DELETE", NS + "/stubs/pay?layer=own") == (404, "unknown-stub")
    assert refused(world, "DELETE", NS + "/stubs/pay?layer=base") == (422, "invalid")


def test_removing_all_hides_the_shared_ones_unless_only_own_ones_are_meant(world: World) -> None:
    world.call("POST", NS + "/stubs", {"name": "x"})
    world.call("DELETE", NS + "/stubs?layer=own")
    assert names(world) == [("pay", "set:down")]
    world.call("DELETE", NS + "/stubs")
    assert names(world) == []
    world.call("POST", NS + "/reset", {"only": ["stubs"]})
    assert names(world) == [("pay", "set:down")]


def test_replacing_the_own_stubs_leaves_the_shared_ones(world: World) -> None:
    world.call("POST", NS + "/stubs", [{"name": "x"}, {"name": "y"}])
    found = world.call("PUT", NS + "/stubs", [{"name": "z"}])
    assert [stub["name"] for stub in found["stubs"]] == ["z"]
    assert names(world) == [("z", "own"), ("pay", "set:down")]
    world.call("PUT", NS + "/stubs", [])
    assert names(world) == [("pay", "set:down")]


def test_a_list_is_defined_whole_or_not_at_all(world: World) -> None:
    stubs = b'[{"name": "x"}, {"name": "y", "priority": 0}]'
    assert refused(world, "POST", NS + "/stubs", stubs) == (422, "invalid")
    assert refused(world, "PUT", NS + "/stubs", stubs) == (422, "invalid")
    assert names(world) == [("pay", "set:down")]


def test_a_long_list_is_defined_and_listed_whole(world: World) -> None:
    found = world.call("POST", NS + "/stubs", [{"request": {"path": f"/{n}"}} for n in range(300)])
    assert [stub["name"] for stub in found["stubs"]] == [f"stub-{n}" for n in range(1, 301)]
    assert len(names(world)) == 301
    assert world.send("GET", "/~a/299").status == 200


# State.


def test_state_is_read_merged_and_replaced(world: World) -> None:
    assert world.call("GET", NS + "/state") == {"payments": "down"}
    assert world.call("PATCH", NS + "/state", {"a": {"b": 1}, "c": 2}) == {
        "payments": "down", "a": {"b": 1}, "c": 2,
    }  # fmt: skip
    assert world.call("PATCH", NS + "/state", {"a": {"d": 3}, "c": None, "none": None}) == {
        "payments": "down", "a": {"d": 3},
    }  # fmt: skip
    assert world.call("PUT", NS + "/state", {"x": None}) == {"x": None}


# Sequences.

STEPS: Final = {
    "name": "s", "request": {"path": "/s"},
    "responses": [{"status": 201, "times": 2}, {"status": 202}, {"status": 203}],
}  # fmt: skip


def cursor(world: World) -> tuple[Any, Any]:
    found = world.call("GET", NS + "/sequences/s")["cursors"][0]
    return found["position"], found["step"]


@pytest.mark.parametrize(
    ("after_last", "total", "last"), [("repeat", None, 3), ("cycle", None, 1), ("pass", 4, None), ("fail", 4, None)]
)  # fmt: skip
def test_a_sequence_tells_where_it_stands(
    world: World, after_last: str, total: int | None, last: int | None
) -> None:
    world.call("POST", NS + "/stubs", {**STEPS, "after_last": after_last})
    assert cursor(world) == (0, 1)
    found = world.call("GET", NS + "/sequences/s")
    assert {key: found[key] for key in ("stub", "steps", "total", "after_last", "per")} == {
        "stub": "s", "steps": 3, "total": total, "after_last": after_last, "per": None,
    }  # fmt: skip
    seen = [cursor(world)[1] for _ in range(4) if world.send("GET", "/~a/s")]
    assert seen == [1, 2, 3, last]


def test_how_many_requests_a_stub_has_answered_is_set(world: World) -> None:
    sequence = {"name": "s", "request": {"path": "/s"}, "responses": [{}, {}]}
    limited = {"name": "t", "request": {"path": "/t"}, "times": 2}
    world.call("POST", NS + "/stubs", [sequence, limited])
    world.call("POST", NS + "/apply", {"cursors": {"t": {"hits": 1}}})
    assert [world.send("GET", "/~a/t").status for _ in range(2)] == [200, 404]
    world.call("POST", NS + "/apply", {"cursors": {"t": {"hits": 0}}})
    assert world.send("GET", "/~a/t").status == 200
    world.call("PUT", NS + "/sequences/s", {"position": 1, "hits": 7})
    (listed,) = [s for s in world.call("GET", NS + "/stubs")["stubs"] if s["name"] == "s"]
    assert (listed["hits"], world.call("GET", NS + "/sequences/s")["cursors"][0]["position"]) == (
        7,
        1,
    )


def test_a_cursor_is_set_by_position_or_by_step(world: World) -> None:
    world.call("POST", NS + "/stubs", STEPS)
    assert world.call("PUT", NS + "/sequences/s", {"step": 3})["cursors"][0]["position"] == 3
    assert world.send("GET", "/~a/s").status == 203
    world.call("PUT", NS + "/sequences/s", {"position": 1})
    assert [world.send("GET", "/~a/s").status for _ in range(2)] == [201, 202]
    world.call("PUT", NS + "/sequences/s", {"step": 1})
    assert cursor(world) == (0, 1)


def test_a_reset_cursor_forgets_hits_and_times_too(world: World) -> None:
    world.call("POST", NS + "/stubs", {**STEPS, "times": 1})
    world.send("GET", "/~a/s")
    assert world.send("GET", "/~a/s").status == 404
    world.call("PUT", NS + "/sequences/s", {"reset": True})
    assert world.call("GET", NS + "/stubs/s")["hits"] == 0
    assert world.send("GET", "/~a/s").status == 201


def test_a_stub_with_one_response_has_hits_that_can_be_set_and_reset(world: World) -> None:
    world.call("POST", NS + "/stubs", {"name": "x", "times": 3, "response": {"status": 201}})
    set_to = world.call("PUT", NS + "/sequences/x", {"hits": 2})
    assert (set_to["steps"], set_to["cursors"]) == (1, [])
    assert [world.send("GET", "/~a/s").status for _ in range(2)] == [201, 404]
    world.call("PUT", NS + "/sequences/x", {"reset": True})
    assert world.send("GET", "/~a/s").status == 201


def test_under_per_each_value_has_a_cursor_of_its_own(world: World) -> None:
    world.call("POST", NS + "/stubs", {**STEPS, "per": "query.q"})
    assert world.call("GET", NS + "/sequences/s")["cursors"] == []
    world.send("GET", "/~a/s?q=1")
    world.send("GET", "/~a/s?q=2")
    world.send("GET", "/~a/s")
    world.call("PUT", NS + "/sequences/s", {"step": 2, "key": "1"})
    found = world.call("GET", NS + "/sequences/s")
    assert found["per"] == "query.q"
    assert found["cursors"] == [
        {"key": "1", "position": 2, "step": 2}, {"key": "2", "position": 1, "step": 1},
        {"key": None, "position": 1, "step": 1},
    ]  # fmt: skip


def test_the_cursor_of_requests_without_a_value_is_set_by_null(world: World) -> None:
    world.call("POST", NS + "/stubs", {**STEPS, "per": "query.q"})
    assert refused(world, "PUT", NS + "/sequences/s", b'{"position": 1}') == (409, "conflict")
    world.call("PUT", NS + "/sequences/s", {"position": 1, "key": None})
    assert world.call("GET", NS + "/sequences/s")["cursors"] == [
        {"key": None, "position": 1, "step": 1}
    ]
    assert world.send("GET", "/~a/s").status == world.send("GET", "/~a/s?q=1").status == 201


@pytest.mark.parametrize(
    ("body", "status"),
    [(b'{"position": 1, "key": "x"}', 409), (b'{"position": -1}', 422), (b'{"step": 0}', 422),
     (b'{"step": 4}', 422), (b'{"hits": -1}', 422), (b'{"hits": 1, "reset": true}', 422),
     (b'{"hits": 1, "key": "x"}', 422), (b'{"step": 1, "position": 1}', 422), (b"{}", 422), (b'{"reset": false}', 422),
     (b"null", 200), (b'{"position": 0}', 200), (b'{"step": 3.0}', 200)],
)  # fmt: skip
def test_a_cursor_is_set_in_one_way_that_fits(world: World, body: bytes, status: int) -> None:
    world.call("POST", NS + "/stubs", STEPS)
    assert world.send("PUT", f"/__mock/v1{NS}/sequences/s", body).status == status


def test_under_per_a_cursor_is_set_for_a_key(world: World) -> None:
    world.call("POST", NS + "/stubs", {**STEPS, "per": "query.q"})
    assert refused(world, "PUT", NS + "/sequences/s", b'{"position": 1}') == (409, "conflict")


def test_only_sequences_are_listed(world: World) -> None:
    world.call("POST", NS + "/stubs", [STEPS, {"name": "one"}])
    assert [each["stub"] for each in world.call("GET", NS + "/sequences")["sequences"]] == ["s"]


# Clock.


def clock(world: World, **change: Any) -> Any:
    return world.call("PUT", NS + "/clock", change)


def test_the_clock_is_real_at_first(world: World) -> None:
    assert world.call("GET", NS + "/clock") == {
        "mode": "real", "now": "2030-03-17T17:46:40.000000Z", "offset_s": 0,
    }  # fmt: skip


def test_the_clock_freezes_moves_and_becomes_real_again(world: World) -> None:
    frozen = "2030-03-17T17:46:40.000000Z"
    assert clock(world, mode="frozen") == {"mode": "frozen", "now": frozen}
    world.real_ns += 10**9
    assert clock(world, advance="15m")["now"] == "2030-03-17T18:01:40.000000Z"
    assert clock(world, advance="-15m")["now"] == frozen
    assert clock(world, now="2031-01-01T00:00:00Z") == {
        "mode": "frozen",
        "now": "2031-01-01T00:00:00.000000Z",
    }
    assert clock(world, mode="real") == {
        "mode": "real",
        "now": "2030-03-17T17:46:41.000000Z",
        "offset_s": 0,
    }


def test_an_offset_clock_goes_on(world: World) -> None:
    assert clock(world, advance="1h")["offset_s"] == 3600
    assert clock(world, now="2030-03-17T17:46:41Z")["offset_s"] == 1
    assert clock(world, advance=-1)["offset_s"] == 0
    assert clock(world, mode="frozen", now="2030-01-01T00:00:00+01:00", advance="1h") == {
        "mode": "frozen", "now": "2030-01-01T00:00:00.000000Z",
    }  # fmt: skip


# Batches.


def test_a_batch_applies_in_the_documented_order_in_one_step(world: World) -> None:
    world.call("POST", NS + "/stubs", [{**STEPS}, {"name": "old"}])
    world.call("PUT", NS + "/state", {"gone": 1})
    found = world.call(
        "POST", NS + "/apply",
        {"settings": {"debug_headers": True}, "clock": {"mode": "frozen"}, "cursors": {"new": {"step": 2}, "s": None},
         "state": {"x": 1, "y": None}, "replace_state": {"y": 2}, "stubs": [{**STEPS, "name": "new"}],
         "replace_stubs": [STEPS], "remove_stubs": ["old", "pay"], "sets": ["down"], "reset": ["sequences"]},
    )  # fmt: skip
    assert [stub["name"] for stub in found["stubs"]] == ["s", "new"]
    assert found["version"] == found["namespace"]["version"] == 4
    assert found["namespace"]["state"] == {"x": 1}
    assert found["namespace"]["settings"]["debug_headers"] is True
    assert found["namespace"]["settings"]["delay"] == "2s"
    assert found["namespace"]["clock"]["mode"] == "frozen"
    assert names(world) == [("new", "own"), ("s", "own")]
    cursors = {
        each["stub"]: each["cursors"][0]["step"]
        for each in world.call("GET", NS + "/sequences")["sequences"]
    }
    assert cursors == {"new": 2, "s": 1}


def test_a_batch_with_one_wrong_part_applies_none(world: World) -> None:
    before = world.call("GET", NS)
    for body in (
        b'{"state": {"x": 1}, "cursors": {"none": {"position": 1}}}',
        b'{"state": {"x": 1}, "remove_stubs": ["none"]}',
        b'{"state": {"x": 1}, "clock": {"mode": "half"}}',
        b'{"state": {"x": 1}, "sets": ["none"]}',
        b'{"state": {"x": 1}, "cursors": {"pay": {"position": 1}}}',
        b'{"stubs": [{}], "reset": ["all"]}',
    ):
        assert world.send("POST", f"/__mock/v1{NS}/apply", body).status in (404, 409, 422)
    assert world.call("GET", NS) == before


def test_errors_of_every_part_of_a_batch_are_told_at_once(world: World) -> None:
    response = world.send(
        "POST", f"/__mock/v1{NS}/apply",
        b'{"stubs": [{"x": 1}], "clock": {}, "settings": {"y": 1}, "reset": ["z"], "w": 1, "state": []}',
    )  # fmt: skip
    pointers = {error["pointer"] for error in document(response)["errors"]}
    assert pointers == {"/stubs/0/x", "/clock", "/settings/y", "/reset/0", "/w", "/state"}


def test_an_empty_batch_is_422(world: World) -> None:
    assert refused(world, "POST", NS + "/apply", b"{}") == (422, "invalid")


def test_sets_put_in_force_bring_their_state_and_settings(world: World) -> None:
    world.call("POST", "/namespaces", {"name": "b"})
    found = world.call("POST", "/namespaces/b/apply", {"sets": ["down"]})["namespace"]
    assert found["applied"]["layers"] == ["base", "set:down", "own"]
    assert (found["state"], found["settings"]) == ({"payments": "down"}, {"delay": "2s"})


def test_the_sets_of_the_config_are_listed_with_what_they_hold(world: World) -> None:
    assert world.call("GET", "/sets") == {
        "sets": [{"name": "down", "stubs": ["pay"], "state": {"payments": "down"}, "settings": {"delay": "2s"}}]
    }  # fmt: skip
