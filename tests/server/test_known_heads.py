"""A head that came before is not read again, and nobody can tell by the answers or the record."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from typing import Any, Final

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.server.driven import (
    CROWD,
    NS,
    SOON,
    Driven,
    actions_on,
    bodies,
    document_of,
    drive,
    heads,
    message,
    stubs,
)
from tests.server.harness import FakeApplication, Line, echo, ok
from tests.server.world import World, request

from pymockapi.model.request import Memo, Request
from pymockapi.server import edge
from pymockapi.server.application_port import Reply
from pymockapi.server.edge import Door, Edge
from pymockapi.server.limits import EdgeLimits

GET: Final = b"GET /a HTTP/1.1\r\nHost: a\r\n\r\n"
POST: Final = b"POST /a HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\n\r\n"


class Forgetful(Edge):
    """An edge that reads every head anew."""

    def has_seen(self, raw: bytes) -> bool:  # noqa: ARG002
        return False


def line_of(kind: type[Edge] = Edge, limits: EdgeLimits | None = None, port: int = 5) -> Line:
    app = FakeApplication()
    return Line(door=Door(kind(limits or EdgeLimits()), app), port=port)


def told(app: FakeApplication) -> list[tuple[object, ...]]:
    """Return what was handed over, but for what only saves work."""
    return [
        (each.method, each.target, each.head, each.body, each.client, each.trailers,
         each.json, each.form, each.text, each.headers)
        for each in app.requests
    ]  # fmt: skip


# What comes in: the same bytes, again and again.

AGAIN: Final = {
    "a plain GET": GET,
    "a body": POST + b"hi",
    "Content-Length: 0": b"POST /a HTTP/1.1\r\nHost: a\r\nContent-Length: 0\r\n\r\n",
    "HEAD": b"HEAD /a HTTP/1.1\r\nHost: a\r\n\r\n",
    "HTTP/1.0 that stays": b"GET /a HTTP/1.0\r\nConnection: keep-alive\r\n\r\n",
    "HTTP/1.0": b"GET /a HTTP/1.0\r\n\r\n",
    "Connection: close": b"GET /a HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n",
    "100-continue": POST[:-2] + b"Expect: 100-continue\r\n\r\nhi",
    "a chunked body": b"POST /a HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n"
    b"2\r\nhi\r\n0\r\nX-Sum: 1\r\n\r\n",
    "a method that the parser does not know": b"FOO /a HTTP/1.1\r\nHost: a\r\n\r\n",
    "a raw UTF-8 target": "GET /ä HTTP/1.1\r\nHost: a\r\n\r\n".encode(),
    "an absolute target": b"GET http://b/a HTTP/1.1\r\nHost: a\r\n\r\n",
    "an offer to upgrade": b"GET /a HTTP/1.1\r\nHost: a\r\nUpgrade: h2c\r\n\r\n",
    "a broken head": b"GET /a HTTP/1.1\r\n\r\n",
}


@pytest.mark.parametrize("name", AGAIN)
@pytest.mark.parametrize("times", [1, 3])
def test_what_comes_again_is_read_as_the_first_time(name: str, times: int) -> None:
    """On new connections and on kept ones, alone and pipelined."""

    async def outcome(kind: type[Edge]) -> tuple[list[bytes], object, object]:
        app, output = FakeApplication(), []
        server = Door(kind(EdgeLimits()), app)
        for port in range(5):
            line = Line(door=server, port=port)
            for _ in range(2):
                if not line.transport.is_closed:
                    line.send(AGAIN[name] * times)
                    await line.turns(2)
            output.append(line.transport.output)
        server.edge.close()
        return output, told(app), [(*each[:2], each[2].target) for each in app.refused]

    assert asyncio.run(outcome(Edge)) == asyncio.run(outcome(Forgetful))


@pytest.mark.parametrize("name", AGAIN)
def test_a_known_head_may_come_in_any_two_pieces(name: str) -> None:
    sent = AGAIN[name]

    async def outcome(kind: type[Edge]) -> tuple[list[bytes], object]:
        app, output = FakeApplication(), []
        server = Door(kind(EdgeLimits()), app)
        for at in range(len(sent)):
            line = Line(door=server)
            for piece in (sent[:at], sent[at:]):
                if piece and not line.transport.is_closed:
                    line.send(piece)
                    await line.turns(1)
            output.append(line.transport.output)
        server.edge.close()
        return output, told(app)

    assert asyncio.run(outcome(Edge)) == asyncio.run(outcome(Forgetful))


def test_each_body_after_the_same_head_is_its_own() -> None:
    async def check() -> None:
        line = line_of()
        for body in (b"[]", b"[]", b"{}", b"a=", b"xy"):
            line.send(POST + body)
        line.send(POST + b"1" + b"")
        line.send(b"2" + POST + b"34" + POST)
        line.send(b"56")
        expected = [b"[]", b"[]", b"{}", b"a=", b"xy", b"12", b"34", b"56"]
        assert [each.body for each in line.app.requests] == expected
        assert [each.json for each in line.app.requests[:3]] == [[], [], {}]
        assert line.app.requests[3].form == {"a": [""]}
        assert line.transport.output == b"".join(ok(b"POST|/a|%b|" % body) for body in expected)
        line.edge.close()

    asyncio.run(check())


def test_a_body_that_the_application_looked_at_is_not_seen_by_the_next() -> None:
    async def check() -> None:
        seen: list[object] = []

        def answering(asked: Request) -> Reply:
            seen.append(asked.json)
            return echo(asked)

        app = FakeApplication(answering)
        line = Line(app)
        for body in (b"11", b"22", b"33", b"44"):
            line.send(POST + body)
        assert seen == [11, 22, 33, 44]
        line.edge.close()

    asyncio.run(check())


def test_a_request_is_from_the_client_that_sent_it_whoever_sent_its_head_before() -> None:
    async def check() -> None:
        app = FakeApplication()
        server = Door(Edge(EdgeLimits()), app)
        for port in (7, 8, 7, 9, 8):
            Line(door=server, port=port).send(GET)
        assert [each.client for each in app.requests] == [
            f"127.0.0.1:{port}" for port in (7, 8, 7, 9, 8)
        ]
        server.edge.close()

    asyncio.run(check())


def test_a_body_for_which_there_is_no_room_is_refused_though_its_head_is_known() -> None:
    async def outcome(kind: type[Edge]) -> tuple[bytes, object]:
        line = line_of(kind, EdgeLimits(inflight_bytes=10))
        for _ in range(3):
            line.send(POST + b"hi")
        line.edge.inflight += 9
        line.send(GET + POST + b"hi")
        line.edge.close()
        refused = [(*each[:2], each[2].target, each[2].head) for each in line.app.refused]
        assert [code for _, code, *_ in refused] == ["limit-reached"]
        return line.transport.output, refused

    assert asyncio.run(outcome(Edge)) == asyncio.run(outcome(Forgetful))


# What is kept.


def distinct(count: int) -> Iterator[bytes]:
    return (b"GET /%d HTTP/1.1\r\nHost: a\r\n\r\n" % number for number in range(count))


def test_heads_are_kept_from_their_second_time_on_and_the_oldest_goes_first(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(edge, "_MAX_KNOWN", 3)

    async def check() -> None:
        line = line_of()
        heads = list(distinct(5))
        for head in heads:
            line.send(head)
        assert not line.door.known
        for head in heads:
            line.send(head)
        assert list(line.door.known) == heads[2:]
        line.send(heads[2] + heads[0])
        assert list(line.door.known) == [*heads[3:], heads[0]]
        assert line.transport.output.count(b"HTTP/1.1 200") == 12
        line.edge.close()

    asyncio.run(check())


def test_long_heads_are_not_kept() -> None:
    async def check() -> None:
        line = line_of()
        head = GET[:-2] + b"X-Long: %b\r\n\r\n" % (b"x" * 2_000)
        for _ in range(3):
            line.send(head)
        assert not line.door.known
        line.edge.close()

    asyncio.run(check())


def test_heads_that_never_repeat_leave_nothing_but_a_bounded_number_of_marks(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(edge, "_MAX_SEEN", 10)

    async def check() -> None:
        server = Edge(EdgeLimits())
        heads = list(distinct(100))
        assert not any(server.has_seen(head) for head in heads)
        assert sum(map(server.has_seen, heads[-10:])) <= 10
        server.close()

    asyncio.run(check())


def repeated(world: World, method: str, target: str, times: int = 3, **headers: str) -> None:
    """Ask as a head that the edge knows does."""
    asked = request(
        method, target, headers={name.replace("_", "-"): headers[name] for name in headers}
    )
    asked.memo = Memo()
    for _ in range(times):
        world.application.answer(asked.again("127.0.0.1:5", b""))


def test_only_settled_plans_are_kept_and_a_namespace_keeps_them_itself() -> None:
    dated = {"path": "/dated", "query": {"t": {"before": "now"}}}
    world = World({"server": {"on_missing": "default"}, "stubs": [{"name": "s", "request": dated}]})
    repeated(world, "GET", "/a")
    repeated(world, "GET", "/dated")
    space = world.store.known("default")
    assert [plan.is_settled for plan in space.plans.values()] == [True]
    world.call("PATCH", "/namespaces/default/state", {"k": 1})
    assert not space.plans


def test_a_head_holds_nothing_of_a_namespace_that_is_gone() -> None:
    world = World()
    world.call("POST", "/namespaces", {"name": "n"})
    asked = request("GET", "/~n/a")
    asked.memo = Memo()
    for _ in range(3):
        world.application.answer(asked.again("127.0.0.1:5", b""))
    below = asked.memo.below
    assert isinstance(below, Request)
    held = [asked.memo.selection, below.memo and msgspec.structs.asdict(below.memo)]
    assert held == [("n", "path", "/~n", None), {"selection": None, "below": None}]


# Any sequence of requests and control changes, beside a server that reads every head anew.


def statuses(stubs: Any, *sent: bytes | int) -> list[int]:
    """Return what is answered to ``sent``; a number lets so many seconds pass."""
    world = World({"server": {"on_missing": "default"}, "stubs": stubs})

    async def run() -> list[int]:
        driven = Driven(Edge, world)
        for each in sent:
            if isinstance(each, int):
                world.real_ns += each * 10**9
            else:
                await driven.send(5, each)
        return [int(answer[9:12]) for answer in driven.output]

    return asyncio.run(run())


DATED: Final = f"GET /a?t={SOON} HTTP/1.1\r\nHost: a\r\n\r\n".encode()


def keyed(number: int) -> bytes:
    return b"POST /a HTTP/1.1\r\nHost: a\r\nContent-Length: 8\r\n\r\n" + b'{"k":%d}' % number


@pytest.mark.parametrize(
    "condition",
    [
        {"after": "now"},
        {"equals": SOON, "after": "now"},
        {"all": [SOON, {"after": "now"}]},
        {"not": {"before": "now"}},
    ],
)
def test_what_asks_the_clock_is_asked_again_of_a_known_head(condition: Any) -> None:
    stub = {"name": "s", "request": {"path": "/a", "query": {"t": condition}}}
    assert statuses([stub], DATED, DATED, DATED, 15, DATED, DATED) == [200, 200, 200, 404, 404]


def test_the_stub_below_one_that_is_used_up_answers_a_known_head() -> None:
    found = [
        {"name": "last", "request": {"path": "/a"}, "response": {"status": 203}},
        {"name": "twice", "request": {"path": "/a"}, "times": 3, "response": {"status": 202}},
    ]
    assert statuses(found, *[GET] * 6) == [202, 202, 202, 203, 203, 203]


def test_a_crowd_that_is_told_apart_by_its_body_is_so_for_a_known_head() -> None:
    answers = [{**stub, "response": {"status": 200 + n}} for n, stub in enumerate(CROWD)]
    sent = map(keyed, (99, 99, 99, 11, 12, 12, 99, 13))
    assert statuses(answers, *sent) == [404, 404, 404, 211, 212, 212, 404, 213]


@given(
    stubs.map(lambda stub: {**stub, "name": "base"}),
    st.lists(st.builds(message, heads, bodies), min_size=1, max_size=5),
    st.data(),
)
@settings(max_examples=150, deadline=None)
def test_knowing_heads_changes_neither_an_answer_nor_a_record(
    base: Any, asked: list[bytes], data: st.DataObject
) -> None:
    actions = data.draw(actions_on(asked))
    document = document_of(base)
    worlds = World(document), World(document)

    async def both() -> None:
        knowing, forgetful = Driven(Edge, worlds[0]), Driven(Forgetful, worlds[1])
        for driven in (knowing, forgetful):
            await driven.change("PUT", NS, {})
            await drive(driven, actions)
        assert knowing.output == forgetful.output
        assert knowing.recorded() == forgetful.recorded()

    asyncio.run(both())


def test_what_is_known_at_one_door_is_not_known_at_another() -> None:
    """Views and routes hold for the application and the scheme of their door."""

    async def check() -> None:
        server = Edge(EdgeLimits())
        plain = Door(server, FakeApplication())
        secure = Door(server, FakeApplication(), "https")
        for _ in range(3):
            for door in (plain, secure):
                Line(door=door).send(GET + POST + b"hi" + POST + b"h")
        for door in (plain, secure):
            app = door.application
            assert isinstance(app, FakeApplication)
            assert {each.scheme for each in app.requests} == {door.scheme}
            assert len(app.requests) == 6
        for peer in list(server.connections):
            peer.abort()
        assert {each[2].scheme for each in secure.application.refused} == {"https"}  # type: ignore[attr-defined]
        server.close()

    asyncio.run(check())


def test_the_heads_of_all_doors_together_are_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(edge, "_MAX_KNOWN", 3)

    async def check() -> None:
        server = Edge(EdgeLimits())
        doors = [Door(server, FakeApplication()) for _ in range(2)]
        heads = list(distinct(3))
        for door in doors * 2:
            for head in heads:
                Line(door=door).send(head)
        assert [list(door.known) for door in doors] == [[], heads]
        server.close()

    asyncio.run(check())
