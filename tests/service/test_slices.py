"""Long work goes in slices: other calls come between, and its result is as if none had."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable
from typing import Any, Final

import pytest
from tests.server.world import World, code, document, request

from pymockapi.api import bindings
from pymockapi.api.rows import Row
from pymockapi.model.errors import Unreadable
from pymockapi.server.application_port import Reply
from pymockapi.service.calls import Call, Site
from pymockapi.store.memory import MemoryStore

MANY: Final = 3_000
NS: Final = "/namespaces/a"


class Between:
    """Ends every slice; ``action`` is done once, after as many as ``wait`` says."""

    def __init__(self) -> None:
        self.action: Callable[[], object] | None = None
        self.slices = 0
        self.wait = 1

    def pause(self) -> Awaitable[None]:
        return self._wait()

    async def _wait(self) -> None:
        await asyncio.sleep(0)
        self.slices += 1
        if self.action is not None and self.slices >= self.wait:
            action, self.action = self.action, None
            action()


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


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("PUT", "/stubs", b"[%b]"),
        ("POST", "/stubs", b"[%b]"),
        ("POST", "/apply", b'{"stubs": [%b]}'),
    ],
)
@pytest.mark.parametrize("slices", [1, 50])
def test_a_namespace_replaced_between_slices_is_not_written_to(
    world: World, between: Between, method: str, path: str, body: bytes, slices: int
) -> None:
    """Early, while the list is read, and late, while its index is built."""
    between.wait = slices
    between.action = lambda: put_at_once(world, NS, b"{}")
    named = b",".join(b'{"name":"s%d"}' % number for number in range(MANY))
    response = world.send(method, f"/__mock/v1{NS}{path}", body % named)
    assert between.action is None
    assert (response.status, code(response)) == (409, "conflict")
    assert world.call("GET", NS)["counts"]["stubs"] == 0


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


def test_a_call_without_the_body_it_needs_is_unreadable() -> None:
    with pytest.raises(Unreadable):
        Call().document()


def test_a_row_without_an_operation_is_a_mistake_found_at_the_start(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(bindings, "ROWS", (Row("no_such", "GET", "/no", "Nothing"),))
    with pytest.raises(LookupError, match="'no_such'"):
        bindings.bind(Site(MemoryStore(), 0, str))
