"""What a bundle tells of the beginning, and of the writes between requests."""

from __future__ import annotations

import base64
import json
from pathlib import Path
from typing import Any, Final

import pytest
from tests.engine.worlds import stub_of
from tests.server.world import World

from pymockapi.config.load import load
from pymockapi.formats.secrets import mark
from pymockapi.service.courses import standing_alone

NS: Final = "/namespaces/a"
CONFIG: Final[dict[str, Any]] = {
    "stubs": [{"name": "base", "request": {"path": "/a"}}, {"name": "low", "priority": 9}],
    "sets": {"s": {"stubs": [{"name": "held", "request": {"path": "/s"}}]}},
    "settings": {"redact": ["header.x-key"]},
}


@pytest.fixture
def world() -> World:
    made = World(CONFIG)
    made.call("POST", "/namespaces", {"name": "a", "sets": ["s"], "state": {"n": 1}})
    return made


def bundle(world: World, query: str = "") -> dict[str, Any]:
    answer = world.send("GET", f"/__mock/v1{NS}/export{query}")
    found: dict[str, Any] = json.loads(answer.body)
    return found


def layers(told: dict[str, Any]) -> dict[str, list[Any]]:
    return {layer["name"]: layer["stubs"] for layer in told["layers"]}


def test_what_never_changed_is_told_by_name(world: World) -> None:
    world.send("GET", "/~a/a")
    told = bundle(world)
    assert told["changes"] == []
    assert layers(told["start"]) == {"base": ["base", "low"], "set:s": ["held"], "own": []}
    assert told["start"] | {"seed": 0, "layers": []} == {
        "number": 1, "complete": True, "seed": 0, "layers": [], "hidden": [],
        "state": {"n": 1}, "settings": {"redact": ["header.x-key"]}, "counters": [],
    }  # fmt: skip
    assert told["start"]["seed"] == told["seed"]


def test_what_was_written_between_requests_is_told_with_its_place(world: World) -> None:
    queue = {"name": "q", "request": {"path": "/q"}, "responses": [{}, {"status": 201}]}
    world.call("POST", NS + "/stubs", queue)
    world.send("GET", "/~a/q")
    world.call("PATCH", NS + "/state", {"n": None, "m": [1]})
    world.call("DELETE", NS + "/stubs/low")
    world.send("GET", "/~a/q")
    world.call("PUT", NS + "/sequences/q", {"position": 0})
    world.call("POST", NS + "/apply", {"settings": {"seed": 9}})
    world.call("POST", NS + "/stubs", {"name": "new", "request": {"path": "/new"}})
    world.send("GET", "/~a/q")
    world.call("PUT", NS + "/stubs", [{"name": "new", "request": {"path": "/new"}}])
    world.call("POST", NS + "/apply", {"sets": []})
    told = bundle(world)
    assert [each["after"] for each in told["changes"]] == [1, 2, 3]
    first, second, third = told["changes"]
    assert first == {"after": 1, "hidden": ["low"], "state": {"n": None, "m": [1]}}
    assert second["settings"]["seed"] == 9
    assert second["defined"] == [{"name": "new", "request": {"path": "/new"}}]
    assert second["counters"] == [
        {"stub": "q", "hits": 2, "cursors": [{"key": None, "position": 0}]}
    ]
    assert third["own"] == ["new"]
    assert layers(third) == {"base": ["base", layers(told["start"])["base"][1]]}
    assert layers(told["start"])["base"][1]["name"] == "low"
    assert layers(told["start"])["own"] == [queue]


def test_a_stub_that_was_taken_out_and_what_was_counted_before_the_first_request(
    world: World,
) -> None:
    for name in ("q", "p"):
        per = {"per": "header.x-key"} if name == "q" else {}
        responses = [{}, {"headers": {"x-key": "s3cret-key"}}]
        world.call(
            "POST", NS + "/stubs",
            {"name": name, "request": {"path": f"/{name}"}, "responses": responses, **per},
        )  # fmt: skip
    world.send("GET", "/~a/q", b"", **{"x-key": "k"})
    world.call("DELETE", NS + "/requests")
    world.send("GET", "/~a/q")
    world.call("DELETE", NS + "/stubs/p?layer=own")
    told = bundle(world)
    cursors = [{"key": mark("k"), "position": 1}, {"key": None, "position": 0}]
    assert told["start"]["counters"] == [{"stub": "q", "hits": 1, "cursors": cursors}]
    assert told["changes"] == [{"after": 2, "removed": ["p"]}]
    assert "s3cret-key" not in json.dumps(told)
    assert "s3cret-key" in json.dumps(bundle(world, "?redact=false"))


def test_without_requests_the_beginning_is_the_present(world: World) -> None:
    world.call("PUT", NS + "/state", {"x": 1})
    told = bundle(world)
    assert (told["start"]["number"], told["start"]["state"], told["changes"]) == (1, {"x": 1}, [])


def test_bodies_of_files_stand_in_the_definitions(tmp_path: Path) -> None:
    (tmp_path / "body.json").write_text('{"a": 1}')
    (tmp_path / "body.bin").write_bytes(b"\xff\x00")
    config = {
        "version": 1,
        "settings": {"unmatched": {"status": 404, "file": "body.json"}},
        "stubs": [
            {"name": "one", "request": {}, "response": {"status": 201, "file": "body.json"}},
            {"name": "two", "request": {},
             "responses": [{"file": "body.bin", "headers": {"content-type": "image/x"}}, {"text": "x"}]},
        ],
    }  # fmt: skip
    (tmp_path / "mocks.json").write_text(json.dumps(config))
    configuration = load([str(tmp_path / "mocks.json")])
    one, two = (standing_alone(stub) for stub in configuration.base.stubs)
    assert one["response"] == {
        "status": 201, "headers": {"Content-Type": "application/json"}, "text": '{"a": 1}',
    }  # fmt: skip
    packed = base64.b64encode(b"\xff\x00").decode()
    assert two["responses"] == [
        {"headers": {"content-type": "image/x"}, "base64": packed}, {"text": "x"},
    ]  # fmt: skip


def test_a_definition_without_files_stays_what_it_is() -> None:
    stub = stub_of("plain")
    assert standing_alone(stub) is stub.definition
