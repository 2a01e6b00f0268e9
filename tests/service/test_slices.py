"""Long work goes in slices: other calls come between, and its result is as if none had."""

from __future__ import annotations

import asyncio
import json
import threading
from typing import Any, Final

import pytest
from tests.server.world import World, code, document, request
from tests.service.between import Between

from pymockapi.api import bindings
from pymockapi.api.row import Row
from pymockapi.model.errors import Unreadable
from pymockapi.server.application_port import Reply
from pymockapi.service import body_reading
from pymockapi.service.calls import Call, Site
from pymockapi.store.memory import MemoryStore

MANY: Final = 3_000
NS: Final = "/namespaces/a"


@pytest.fixture
def between() -> Between:
    return Between()


@pytest.fixture
def world(between: Between) -> World:
    return World({"namespaces": {"a": {}}}, between.pause)


def stubs(**more: Any) -> list[Any]:
    return [{"request": {"path": f"/{number}"}, **more} for number in range(MANY)]


def put_at_once(world: World, path: str, body: bytes) -> None:
    """Make a short call in the midst of a long one."""
    reply = world.application.answer(request("PUT", "/__mock/v1" + path, body))
    assert isinstance(reply, Reply)
    assert reply.response.status < 300


def test_a_long_list_of_stubs_is_defined_in_slices(world: World, between: Between) -> None:
    found = world.call("POST", NS + "/stubs", stubs())
    assert between.slices > 10
    assert len({stub["name"] for stub in found["stubs"]}) == MANY
    assert world.send("GET", f"/~a/{MANY - 1}").status == 200


def test_a_name_taken_between_slices_is_not_given_again(world: World, between: Between) -> None:
    between.action = lambda: put_at_once(
        world, NS + "/stubs/stub-2", b'{"request": {"path": "/mine"}}'
    )
    found = world.call("POST", NS + "/stubs", stubs())
    names = {stub["name"] for stub in found["stubs"]}
    assert len(names) == MANY
    assert "stub-2" not in names
    assert world.send("GET", "/~a/mine").status == 200


def test_a_long_table_of_tags_is_read_told_and_applied_in_slices(
    world: World, between: Between
) -> None:
    table = {f"@all and @t{number} or @all": {"state": {f"k{number}": 1}} for number in range(MANY)}
    calls: list[tuple[Any, ...]] = [
        ("PUT", "/tags", table),
        ("GET", "/tags"),
        ("POST", "/tags/resolve", {"tags": ["@all"]}),
        ("POST", "/namespaces", {"name": "b", "tags": ["@all"]}),
    ]
    for call in calls:
        before = between.slices
        world.call(*call)
        assert between.slices - before > MANY / 16
    assert len(world.store.known("b").state) == MANY


def test_namespaces_are_listed_in_slices(world: World, between: Between) -> None:
    for number in range(40):
        world.call("PUT", f"/namespaces/n{number}", {})
    between.slices = 0
    listed = world.call("GET", "/namespaces")["namespaces"]
    assert between.slices >= 40
    assert [each["name"] for each in listed][-2:] == ["n38", "n39"]


def test_stubs_that_never_answer_are_told_as_of_the_version_of_the_answer(
    world: World, between: Between
) -> None:
    same = [{"name": f"s{number}", "request": {"path": "/"}} for number in range(MANY)]
    world.call("POST", NS + "/stubs", same)
    between.slices, between.wait = 0, 5
    between.action = lambda: put_at_once(world, NS + "/stubs/last", b'{"request":{"path":"/"}}')
    first = world.call("GET", NS)
    assert between.action is None
    assert (first["version"], first["counts"]["stubs"]) == (2, MANY)
    shadowed = first["applied"]["shadowed"]
    assert len(shadowed) == MANY - 1
    assert {each["by"]["stub"] for each in shadowed} == {f"s{MANY - 1}"}
    second = world.call("GET", NS)["applied"]["shadowed"]
    assert (len(second), {each["by"]["stub"] for each in second}) == (MANY, {"last"})


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("PUT", "/stubs", b"[%b]"),
        ("POST", "/stubs", b"[%b]"),
        ("POST", "/apply", b'{"stubs": [%b]}'),
    ],
)
@pytest.mark.parametrize("slices", [50, MANY + 10])
def test_a_namespace_replaced_between_slices_is_not_written_to(
    world: World, between: Between, method: str, path: str, body: bytes, slices: int
) -> None:
    """Neither while the stubs are read, nor while their index is built."""
    between.wait = slices
    between.action = lambda: put_at_once(world, NS, b"{}")
    named = b",".join(b'{"name":"s%d","meta":{"ticket":"T-1"}}' % n for n in range(MANY))
    response = world.send(method, f"/__mock/v1{NS}{path}", body % named)
    assert between.action is None
    assert (response.status, code(response)) == (409, "conflict")
    assert world.call("GET", NS)["counts"]["stubs"] == 0


def test_a_namespace_replaced_while_the_json_is_decoded_is_written_to_whole(
    world: World, between: Between
) -> None:
    """The call begins once its body is read."""
    between.action = lambda: put_at_once(world, NS, b"{}")
    named = b",".join(b'{"name":"s%d","meta":{"ticket":"T-1"}}' % n for n in range(MANY))
    assert world.send("PUT", f"/__mock/v1{NS}/stubs", b"[%b]" % named).status == 200
    assert world.call("GET", NS)["counts"]["stubs"] == MANY


def test_a_write_between_slices_makes_if_match_stale(world: World, between: Between) -> None:
    between.action = lambda: put_at_once(world, NS + "/state", b'{"x": 1}')
    raw = b"[" + b",".join(b'{"name":"s%d"}' % number for number in range(MANY)) + b"]"
    reply = world.reply("POST", f"/__mock/v1{NS}/stubs", raw, {"If-Match": '"1"'})
    assert reply.response.status == 412
    assert world.call("GET", NS)["counts"]["stubs"] == 0


def test_a_wrong_stub_in_a_long_list_is_found_in_its_place(world: World) -> None:
    wrong = [*stubs(), {"priorty": 1}]
    response = world.reply("POST", f"/__mock/v1{NS}/stubs", json.dumps(wrong).encode()).response
    assert document(response)["errors"][0]["pointer"] == f"/{MANY}/priorty"


def test_long_pages_are_read_in_slices(world: World, between: Between) -> None:
    for number in range(100):
        world.send("GET", f"/~a/{number}")
    between.slices = 0
    page = world.call("GET", f"{NS}/requests?matched=false")
    assert [entry["number"] for entry in page["requests"]] == list(range(1, 101))
    assert between.slices > 2


def test_what_comes_while_a_page_is_read_is_not_on_it(world: World, between: Between) -> None:
    for number in range(100):
        world.send("GET", f"/~a/{number}")
    between.action = lambda: world.send("GET", "/~a/late")
    page = world.call("GET", f"{NS}/requests?matched=false&limit=1000")
    assert page["total"] == len(page["requests"]) == 100


def test_a_large_body_that_is_no_json_says_where_and_changes_nothing(
    world: World, between: Between
) -> None:
    raw = json.dumps(stubs(name="x")).encode()
    raw = raw[:-2] + b"]" + raw[-2:]
    response = world.send("POST", f"/__mock/v1{NS}/stubs", raw)
    assert (response.status, code(response)) == (400, "unreadable")
    assert f"(byte {len(raw) - 3})" in document(response)["detail"]
    assert between.slices > 2
    assert world.call("GET", NS)["counts"]["stubs"] == 0


@pytest.mark.parametrize("body", [stubs(), {"state": {f"k{n}": [n] for n in range(MANY * 3)}}])
def test_a_large_body_that_is_refused_is_let_go_in_slices(
    world: World, between: Between, body: Any
) -> None:
    seen: list[int] = []
    between.action, between.wait = lambda: seen.append(between.slices), 1
    raw = json.dumps(body).encode()
    assert world.send("POST", f"/__mock/v1{NS}/stubs/none/of/this", raw).status == 404
    assert between.slices == 0
    response = world.send(
        "POST", f"/__mock/v1{NS}/apply", raw[:-1] + b',"x":1}' if raw[0] == 123 else raw
    )
    assert response.status == 422
    assert between.slices > 3
    assert world.call("GET", f"{NS}/state") == {}


def test_a_list_over_the_limit_is_refused_before_it_is_read(world: World, between: Between) -> None:
    world.call("POST", f"{NS}/apply", {"settings": {"limits": {"stubs": 2}}})
    for method, path, body in [
        ("POST", f"{NS}/stubs", [{"bad": 1}] * 3),
        ("PUT", f"{NS}/stubs", [{"bad": 1}] * 3),
        ("POST", f"{NS}/apply", {"stubs": [{"bad": 1}] * 3}),
        ("POST", "/namespaces", {"stubs": [{"bad": 1}] * 3, "limits": {"stubs": 2}}),
    ]:
        response = world.send(method, f"/__mock/v1{path}", json.dumps(body).encode())
        assert (response.status, code(response)) == (429, "limit-reached")
    assert between.slices == 0


def test_a_library_is_loaded_elsewhere_while_others_are_served(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[object] = []

    def load() -> None:
        seen.append(threading.current_thread())

    monkeypatch.setattr(body_reading, "wanted_by", lambda *_: [load])
    world.call("PUT", NS + "/stubs/r", {"request": {"path": {"matches": "/r"}}})
    assert world.send("GET", "/~a/r").status == 200
    assert len(seen) == 1
    assert seen[0] is not threading.current_thread()


def test_a_long_sequence_is_read_and_listed_in_slices(world: World, between: Between) -> None:
    steps = [{"text": str(number)} for number in range(10_000)]
    stub = {"name": "s", "request": {"path": "/s"}, "responses": steps, "per": "query.u"}
    for body in (stub, [stub]):
        between.slices = 0
        world.call("POST", NS + "/stubs", body)
        assert between.slices > 30
    for number in range(100):
        assert world.send("GET", f"/~a/s?u={number}").body == b"0"
    between.slices = 0
    cursors = world.call("GET", NS + "/sequences/s")["cursors"]
    assert cursors[99] == {"key": "99", "position": 1, "step": 2}
    assert between.slices == 100
    assert world.call("GET", NS + "/sequences")["sequences"][0]["cursors"] == cursors
    wrong = [*steps[:-1], {"txt": 1}]
    response = world.send(
        "PUT", f"/__mock/v1{NS}/stubs/s", json.dumps({"responses": wrong}).encode()
    )
    assert document(response)["errors"][0]["pointer"] == "/responses/9999/txt"


def test_a_page_of_large_bodies_ends_early_and_leads_on(world: World, between: Between) -> None:
    for _ in range(20):
        world.send("POST", "/~a/large", b"x" * 600_000)
    first = world.call("GET", f"{NS}/requests?limit=1000")
    assert 1 < len(first["requests"]) < 20
    assert first["next"] == first["requests"][-1]["number"]
    assert between.slices >= len(first["requests"])
    rest = world.call("GET", f"{NS}/requests?limit=1000&after={first['next']}")["requests"]
    assert rest[0]["number"] == first["next"] + 1
    newest = world.call("GET", f"{NS}/requests?limit=1000&order=desc")
    assert newest["next"] == newest["requests"][-1]["number"] == 21 - len(newest["requests"])


def test_a_large_state_is_told_in_slices_as_it_was(world: World, between: Between) -> None:
    state = {f"k{number}": [number] for number in range(MANY)}
    assert world.call("PUT", NS + "/state", state) == state
    between.slices, between.wait = 0, 5
    between.action = lambda: put_at_once(world, NS + "/state", b"{}")
    assert world.call("GET", NS + "/state") == state
    assert between.slices > 90
    assert world.call("GET", NS + "/state") == {}


def test_orphans_are_listed_in_slices(world: World, between: Between) -> None:
    for number in range(100):
        world.send("GET", f"/~nobody/{number}")
    listed = world.call("GET", "/orphans")
    assert [each["target"] for each in listed["orphans"]] == [f"/~nobody/{n}" for n in range(100)]
    assert between.slices > 2


def first_told(world: World, number: int) -> Any:
    told = world.call("GET", f"{NS}/requests/{number}/explain")
    return told["matched"], told["candidates"][0]


def test_the_layer_that_an_explanation_needs_is_built_in_slices(
    world: World, between: Between
) -> None:
    world.call("PUT", NS + "/stubs", stubs(times=1))
    world.send("GET", "/~a/7")
    world.send("GET", "/~a/7")
    between.slices = 0
    told = [first_told(world, number) for number in (1, 2)]
    assert [matched for matched, _ in told] == [True, False]
    assert between.slices == 0
    world.call("DELETE", NS + "/stubs")
    between.slices = 0
    assert [first_told(world, number) for number in (1, 2)] == told
    assert between.slices > 20


def test_namespaces_that_expire_together_end_one_after_another() -> None:
    between = Between()
    world = World({}, between.pause)
    for number in range(3):
        world.call("POST", "/namespaces", {"name": f"n{number}", "lease": 1})
    world.monotonic_s += 2
    between.action = lambda: put_at_once(world, "/namespaces/n1", b"{}")
    assert asyncio.run(world.store.expire()) == ["n0", "n2"]


def test_a_call_without_the_body_it_needs_is_unreadable() -> None:
    with pytest.raises(Unreadable):
        Call().document()


def test_a_row_without_an_operation_is_a_mistake_found_at_the_start(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(bindings, "ROWS", (Row("no_such", "GET", "/no", "Nothing"),))
    with pytest.raises(LookupError, match="'no_such'"):
        bindings.bind(Site(MemoryStore(), str))
