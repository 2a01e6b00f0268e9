"""Requests that wait for their turn: on their connections, in the record, through ends and stops."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Awaitable, Callable
from concurrent.futures import Future
from typing import Any, Final

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.server.conftest import Run
from tests.server.driven import (
    Action,
    Driven,
    actions_on,
    bodies,
    document_of,
    drive,
    heads,
    message,
    stubs,
)
from tests.server.harness import FakeApplication, Line, ok
from tests.server.world import World

from pymockapi.engine.features import load_jsonpath, load_regex
from pymockapi.model.event import Event
from pymockapi.model.request import Request
from pymockapi.model.response import make_response
from pymockapi.server import application, shares
from pymockapi.server.application_port import Later, Reply
from pymockapi.server.edge import Door, Edge
from pymockapi.server.limits import EdgeLimits
from pymockapi.server.shares import Share, Shares

SLOW: Final = b"X: " + b"a" * 60 + b"!\r\n"
STUBS: Final = [
    {"name": "slow", "priority": 1, "request": {"path": "/slow", "headers": {"x": {"matches": "(a|aa)+$"}}}},
    {"name": "steps", "request": {"path": "/steps"}, "responses": [{"text": "1"}, {"text": "2"}, {"text": "3"}]},
    {"name": "json", "request": {"path": "/json", "body": {"json_contains": [{"a": 1}]}}},
    {"name": "closing", "request": {"path": "/closing"}, "response": {"headers": {"Connection": "close"}}},
]  # fmt: skip


class Everyone(dict[str, Share]):
    """Every namespace waits."""

    def __contains__(self, key: object) -> bool:
        return True


def get(target: str, lines: bytes = b"", method: str = "GET") -> bytes:
    return f"{method} {target} HTTP/1.1\r\nHost: a\r\n".encode() + lines + b"\r\n"


class Scene:
    """Two namespaces, ``a`` and ``b``, behind an edge; what is put aside ends when a test says so."""

    def __init__(self) -> None:
        self.outside: list[tuple[Callable[[], None], Future[None]]] = []
        self.shares = Shares(asyncio.get_running_loop, self._run, lambda: self.world.store.spaces())
        self.world = World(
            {"stubs": STUBS, "namespaces": {"a": {}, "b": {}}}, shares=self.shares
        )  # fmt: skip
        self.world.store.unclaimed = self.shares.cancel

    def open(self) -> None:
        self.door = Door(Edge(EdgeLimits()), self.world.application)

    def line(self) -> Line:
        return Line(door=self.door)

    def _run(self, work: Callable[[], None]) -> Future[None]:
        self.outside.append((work, Future()))
        return self.outside[-1][1]

    def come_back(self) -> None:
        work, done = self.outside.pop(0)
        work()
        done.set_result(None)

    def recorded(self, ns: str) -> list[tuple[int, str, str]]:
        space = self.world.store.view(ns)
        assert space is not None
        return [(each.number, each.path, each.phase.value) for each in space.journal]

    async def change(self, method: str, path: str) -> None:
        line = self.line()
        line.send(
            f"{method} /__mock/v1{path} HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 0\r\n\r\n".encode()
        )
        await line.turns(3)
        assert re.match(rb"HTTP/1.1 20\d", line.transport.output), line.transport.output


def answers(line: Line) -> list[tuple[int, bytes]]:
    """Return status and body of what has left."""
    found = re.findall(rb"HTTP/1\.1 (\d{3}) .*?\r\n\r\n([^H]*)", line.transport.output, re.DOTALL)
    return [(int(status), body) for status, body in found]


def play(run: Run, scenario: Callable[[Scene], Awaitable[None]]) -> None:
    scene = Scene()

    async def scenes() -> None:
        scene.open()
        await scenario(scene)
        scene.shares.close()
        scene.door.edge.close()

    run(scenes())


def test_requests_of_a_namespace_are_served_in_order_of_arrival_while_one_is_aside(
    run: Run,
) -> None:
    async def scenario(scene: Scene) -> None:
        first, second, other = scene.line(), scene.line(), scene.line()
        first.send(get("/~a/slow", SLOW))
        second.send(get("/~a/steps"))
        other.send(get("/~b/steps"))
        await other.turns()
        assert answers(other) == [(200, b"1")]
        assert (answers(second), scene.recorded("a")) == ([], [])
        scene.come_back()
        await second.turns(9)
        assert [status for status, _ in answers(first)] == [599]
        assert answers(second) == [(200, b"1")]
        assert scene.recorded("a") == [(1, "/slow", "answered"), (2, "/steps", "answered")]

    play(run, scenario)


def test_pipelined_requests_are_answered_in_order_and_read_one_by_one(run: Run) -> None:
    async def scenario(scene: Scene) -> None:
        line = scene.line()
        line.send(get("/~a/slow", SLOW) + get("/~b/steps") + get("/~a/steps", method="HEAD"))
        line.send(get("/~a/steps"))
        await line.turns()
        assert scene.recorded("b") == []
        scene.come_back()
        await line.turns(20)
        assert [status for status, _ in answers(line)] == [599, 200, 200, 200]
        assert [body for _, body in answers(line)][1:] == [b"1", b"", b"2"]

    play(run, scenario)


def test_a_client_that_ends_its_side_is_still_answered(run: Run) -> None:
    async def scenario(scene: Scene) -> None:
        line = scene.line()
        line.send(get("/~a/slow", SLOW) + get("/~a/steps"))
        line.connection.eof_received()
        await line.turns()
        scene.come_back()
        await line.turns(20)
        assert [status for status, _ in answers(line)] == [599, 200]
        assert line.transport.is_closed

    play(run, scenario)


def test_a_request_whose_client_left_is_recorded_as_aborted(run: Run) -> None:
    async def scenario(scene: Scene) -> None:
        line = scene.line()
        line.send(get("/~a/slow", SLOW))
        await line.turns()
        line.transport.close()
        await line.turns()
        scene.come_back()
        await line.turns(9)
        assert scene.recorded("a") == [(1, "/slow", "aborted")]

    play(run, scenario)


def test_nothing_is_read_after_an_answer_that_closes(run: Run) -> None:
    async def scenario(scene: Scene) -> None:
        line, before = scene.line(), scene.line()
        before.send(get("/~a/slow", SLOW))
        line.send(get("/~a/closing") + get("/~a/steps"))
        await line.turns()
        scene.come_back()
        await line.turns(20)
        assert [status for status, _ in answers(line)] == [200]
        assert line.transport.is_closed
        assert [path for _, path, _ in scene.recorded("a")] == ["/slow", "/closing"]

    play(run, scenario)


def test_a_stop_answers_what_waits_and_closes(run: Run) -> None:
    async def scenario(scene: Scene) -> None:
        line = scene.line()
        line.send(get("/~a/slow", SLOW))
        await line.turns()
        scene.shares.hurry()
        stopping = asyncio.ensure_future(scene.door.drain(30.0))
        await line.turns()
        scene.come_back()
        await stopping
        assert [status for status, _ in answers(line)] == [599]
        assert b"Connection: close" in line.transport.output

    play(run, scenario)


def test_definitions_that_change_meanwhile_are_those_that_hold(run: Run) -> None:
    async def scenario(scene: Scene) -> None:
        line = scene.line()
        line.send(get("/~a/slow", SLOW))
        await line.turns()
        await scene.change("DELETE", "/namespaces/a/stubs/slow")
        scene.come_back()
        await line.turns(9)
        assert [status for status, _ in answers(line)] == [404]

    play(run, scenario)


def test_what_is_decided_is_decided_in_one_turn_whatever_changes_before(
    run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(shares, "SLICE_S", 0.0)  # a step in each iteration

    async def scenario(scene: Scene) -> None:
        line, space = scene.line(), scene.world.store.known("a")
        body = b"[%b1]" % (b'{"a": 1}, ' * 5_000)
        line.send(get("/~a/json", b"Content-Length: %d\r\n" % len(body), "POST") + body)
        turns = 0
        while not line.transport.output:
            turns += 1
            space.renumber()
            await line.turns(1)
        assert [status for status, _ in answers(line)] == [200]
        assert turns > 10

    play(run, scenario)


def test_finishing_records_what_waits_as_aborted(run: Run) -> None:
    async def scenario(scene: Scene) -> None:
        lines = [scene.line(), scene.line()]
        for line, target in zip(lines, ("/~a/slow", "/~a/steps"), strict=True):
            line.send(get(target, SLOW))
        await lines[0].turns()
        space = scene.world.store.view("a")
        assert space is not None
        await scene.change("POST", "/namespaces/a/finish")
        assert [(e.number, e.path, e.phase.value) for e in space.journal] == [
            (1, "/slow", "aborted"), (2, "/steps", "aborted"),
        ]  # fmt: skip
        scene.come_back()
        await lines[0].turns(9)
        assert len(space.journal) == 2

    play(run, scenario)


@pytest.mark.parametrize("call", ["reset", "replace", "delete"])
def test_what_waits_when_its_namespace_begins_anew_is_not_of_the_new_one(
    run: Run, call: str
) -> None:
    async def scenario(scene: Scene) -> None:
        def cancel(event: Event) -> None:
            scene.shares.cancel(event.namespace)
            scene.door.edge.cancel(event.namespace)

        scene.world.store.follow(cancel)
        line, late = scene.line(), scene.line()
        line.send(get("/~a/slow", SLOW))
        await line.turns()
        if call == "reset":
            await scene.change("POST", "/namespaces/a/reset")
        else:
            await scene.change("DELETE", "/namespaces/a")
        if call == "replace":
            await scene.change("PUT", "/namespaces/a")
        assert (line.transport.is_closed, line.transport.output) == (True, b"")
        scene.come_back()
        late.send(get("/~a/steps"))
        await late.turns(9)
        assert (
            answers(late) == ([(404, b"")] if call == "delete" else [(200, b"1")])
            or call == "delete"
        )
        if call != "delete":
            assert [path for _, path, _ in scene.recorded("a")] == ["/steps"]

    play(run, scenario)


# What is put to account.


@pytest.mark.parametrize(
    ("path", "body", "waits"),
    [
        ("/steps", b"x" * 4_000_000, True),
        ("/json", b"[%b1]" % (b"[],"  * 3_000), True),
        ("/json", b"[%b1]" % (b"[]," * 100), False),
        ("/steps", b"x" * 100_000, False),
    ],
    ids=["a large body", "many steps", "few steps", "a body that nobody reads"],
)  # fmt: skip
def test_a_request_that_takes_long_is_put_to_account(
    run: Run, path: str, body: bytes, waits: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(shares, "AT_ONCE_S", 0.0)

    async def scenario(scene: Scene) -> None:
        line = scene.line()
        line.send(get("/~a/steps") + get("/~b/steps"))
        scene.shares.look()
        line.send(get(f"/~a{path}", b"Content-Length: %d\r\n" % len(body), "POST") + body)
        assert len(answers(line)) == 3
        assert (scene.world.store.known("a").id in scene.shares.waiting) is waits

    play(run, scenario)


def test_of_a_burst_that_nothing_fits_one_is_explained_in_each_iteration(
    run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each explanation takes up to a millisecond; thirty connections bring thirty at once."""
    monkeypatch.setattr(application, "COMPARED_S", 1.0)

    async def scenario(scene: Scene) -> None:
        first, *others = [scene.line() for _ in range(5)]
        for line in (first, *others):
            line.send(get("/~b/none"))
        assert [len(answers(line)) for line in (first, *others)] == [1, 0, 0, 0, 0]
        for line in others:
            await line.turns(5)
        assert [answers(line)[0][0] for line in others] == [404] * 4
        assert [phase for _, _, phase in scene.recorded("b")] == ["answered"] * 5

    play(run, scenario)


# The answer is the same as if nobody had waited.


def outcome_of(actions: list[Action], base: Any, *, waits: bool) -> tuple[object, object]:

    def run_at_once(work: Callable[[], None]) -> Future[None]:
        work()
        done: Future[None] = Future()
        done.set_result(None)
        return done

    found = Shares(asyncio.get_running_loop, run_at_once, lambda: ())
    if waits:
        found.waiting = Everyone()
    world = World(document_of(base), shares=found if waits else None)

    class Patient(Driven):
        async def send(self, port: int, data: bytes) -> None:
            await super().send(port, data)
            line = self.lines[port]
            await line.turns(25)
            self.output[-1] += line.transport.output
            line.transport.output = b""

    async def drives() -> tuple[object, object]:
        driven = Patient(Edge, world)
        await drive(driven, actions)
        found.close()
        return driven.output, driven.recorded()

    return asyncio.run(drives())


for load in (load_jsonpath, load_regex):
    load()  # a control call would do so in a thread


@settings(max_examples=100, deadline=None)
@given(
    st.lists(st.builds(message, heads, bodies), min_size=1, max_size=4).flatmap(actions_on), stubs
)
def test_whoever_waits_is_answered_and_recorded_as_if_nobody_had(
    actions: list[Action], base: Any
) -> None:
    assert outcome_of(actions, base, waits=True) == outcome_of(actions, base, waits=False)


# One connection after another, where much comes.


def test_a_large_body_is_read_in_turns_with_those_of_other_connections(run: Run) -> None:
    async def scenario() -> None:
        door = Door(Edge(EdgeLimits()), FakeApplication())
        lines = [Line(door=door) for _ in range(3)]
        head = b"POST /a HTTP/1.1\r\nHost: a\r\nContent-Length: 131072\r\n\r\n"
        for line in lines:
            line.send(head + b"x" * 65_536)
        assert [line.transport.is_reading_now for line in lines] == [False] * 3
        await lines[0].turns(1)
        assert [line.transport.is_reading_now for line in lines] == [True, False, False]
        await lines[0].turns(2)
        assert [line.transport.is_reading_now for line in lines] == [True] * 3
        for line in lines:
            line.send(b"x" * 65_536)
            assert line.transport.is_reading_now  # the body is whole
            assert line.transport.output.endswith(b"x|")
        door.edge.close()

    run(scenario())


def test_a_connection_that_closes_while_it_waits_to_be_read_is_left_alone(run: Run) -> None:
    async def scenario() -> None:
        line = Line()
        line.send(b"POST /a HTTP/1.1\r\nHost: a\r\nContent-Length: 131072\r\n\r\n" + b"x" * 65_536)
        line.connection.connection_lost(None)
        await line.turns()
        assert not line.transport.is_reading_now
        line.edge.close()

    run(scenario())


def test_a_late_reply_may_fail_and_may_be_finished_by_another(run: Run) -> None:
    async def scenario() -> None:
        laters: list[Later] = []

        def answering(_: Request) -> Reply:
            laters.append(Later("x"))
            return laters[-1]  # type: ignore[return-value]

        line = Line(FakeApplication(answering))
        line.send(get("/a") + get("/b"))
        assert len(laters) == 1
        laters[0].finish = lambda reply: Reply(reply.response, b"", b"X-More: 1\r\n")
        laters[0].hand_over(Reply(make_response(200), date=b""))
        assert line.transport.output == ok(b"", b"X-More: 1")
        assert len(laters) == 2
        laters[1].hand_over(laters[1].failed())
        assert b"HTTP/1.1 500" in line.transport.output
        line.edge.close()

    run(scenario())
