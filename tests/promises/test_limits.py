"""P7: each limit, set low, is reached and seen; a table that no limit can be missing from.

A scene stands under the name of its limit; the first three tables are compared with the settings'
own fields. What users may set is reached over the control API and sockets of a real server, what
is fixed for a connection on an edge that is given other numbers.
"""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Awaitable, Callable
from typing import Any, Final

import msgspec
import pytest
from tests.promises.live import Json, Live, Wire, encoded, run, stub
from tests.server.harness import FakeApplication, Line, ask, ok, refusal, serve
from tests.server.sockets import OFFER, PING, TEXT, Frame, frame, opened
from tests.server.test_tls_stream import served

from pymockapi.model.exchange import MAX_SHOWN_BYTES, MAX_SHOWN_JSON
from pymockapi.model.settings import NamespaceLimits, ServerLimits
from pymockapi.server.limits import EdgeLimits

Scene = Callable[[Live], Awaitable[None]]
NS: Final = "/namespaces/a"
GET: Final = b"GET /a HTTP/1.1\r\nHost: a\r\n\r\n"
POST: Final = b"POST /a HTTP/1.1\r\nHost: a\r\n"
MIB: Final = 1024 * 1024


def raw(target: str, body: bytes, *lines: str) -> bytes:
    head = "".join(f"{line}\r\n" for line in ("Host: 127.0.0.1", *lines))
    return f"POST {target} HTTP/1.1\r\n{head}Content-Length: {len(body)}\r\n\r\n".encode() + body


async def sent(wire: Wire, data: bytes) -> tuple[int, str | None]:
    """Return the status and ``X-Mock-Error`` of the answer to ``data``."""
    wire.send(data)
    answer = await wire.answer()
    return answer.status, answer.headers.get("x-mock-error")


async def counts(live: Live, ns: str = NS) -> Json:
    return (await live.control("GET", ns))["counts"]


async def told(live: Live, method: str, path: str, body: Json) -> str:
    """Make a call that a limit refuses; return what it says."""
    problem = await live.control(method, path, body, expect=429)
    assert problem["type"] == "urn:pymockapi:error:limit-reached"
    return str(problem["detail"])


# Of one namespace: `settings.limits`. Each is 2, but for `bytes`.


async def requests(live: Live) -> None:
    wire = await live.wire()
    for _ in range(5):
        await wire.get("/~a/x")
    found = await counts(live)
    assert (found["requests"], found["recorded"], found["evicted"]) == (5, 2, 3)
    counted = await live.control("POST", f"{NS}/requests/count", {"path": "/x"})
    assert counted == {"count": 2, "complete": False}


async def journal_of_bytes(live: Live) -> None:
    wire = await live.wire()
    for _ in range(9):
        await sent(wire, raw("/~a/x", b"x" * 3_000))
    found = await counts(live)
    assert found["bytes"] <= 20_000
    assert found["evicted"] == 9 - found["recorded"] > 0


async def stubs(live: Live) -> None:
    three = [stub(f"s{n}", "/s") for n in range(3)]
    said = await told(live, "POST", f"{NS}/stubs", three)
    assert "the limit 'stubs' is 2" in said
    assert (await counts(live))["stubs"] == 0


async def sequence_keys(live: Live) -> None:
    await live.control("POST", f"{NS}/stubs", stub("s", "/s", responses=[{}], per="query.u"))
    wire = await live.wire()
    answers = [await wire.get(f"/~a/s?u={n}") for n in range(3)]
    assert [answer.status for answer in answers] == [200, 200, 503]
    assert answers[2].headers["x-mock-error"] == "limit-reached"
    assert (await live.control("GET", f"{NS}/requests/3"))["error"] == "limit-reached"


async def snapshots(live: Live) -> None:
    for _ in range(2):
        await live.control("POST", f"{NS}/snapshots")
    assert "the limit 'snapshots' is 2" in await told(live, "POST", f"{NS}/snapshots", {})


async def refused_wait(live: Live) -> str:
    """Let three verifications wait, and return what the one that may not is told."""
    asked = {"expect": [{"request": {"path": "/never"}}], "within": "1h"}
    wires = await live.wires(3)
    for wire in wires:
        wire.send(encoded("POST", f"/__mock/v1{NS}/verify", json=asked))
    answers = [asyncio.ensure_future(wire.answer()) for wire in wires]
    (refusal,), others = await asyncio.wait(answers, return_when=asyncio.FIRST_COMPLETED)
    for each in others:
        each.cancel()
    assert refusal.result().status == 429
    detail: str = refusal.result().json["detail"]
    return detail


async def waiters(live: Live) -> None:
    assert "in namespace 'a': the limit 'waiters' is 2" in await refused_wait(live)


async def events(live: Live) -> None:
    requests = await live.wire()
    for _ in range(5):
        await requests.get("/~a/x")
    wire = await live.events(f"{NS}/events?seq=0")
    told = [await wire.event() for _ in range(4)]
    assert [each["event"] for each in told[:2]] == ["open", "lagged"]
    assert (told[1]["from"], told[1]["count"]) == (1, told[1]["to"])
    assert told[2]["seq"] == told[1]["to"] + 1


async def subscribers(live: Live) -> None:
    for _ in range(2):
        await live.events(f"{NS}/events")
    refusal = await live.control("GET", f"{NS}/events", expect=429, headers=OFFER)
    assert "the limit 'subscribers' is 2" in refusal["detail"]


async def held(live: Live) -> None:
    await live.control("POST", f"{NS}/stubs", stub("s", "/s", response={"hold": "g"}))
    wires = await live.wires(3)
    for wire in wires[:2]:
        wire.send(encoded("GET", "/~a/s"))
    found = await live.control("GET", f"{NS}/gates/g?waiting=2&within=10s")
    assert found["passed"]
    refusal = await wires[2].get("/~a/s")
    assert (refusal.status, refusal.headers["x-mock-error"]) == (503, "limit-reached")
    assert "the limit 'held'" in refusal.json["detail"].replace("its limit", "the limit")
    assert (await live.control("GET", f"{NS}/stubs/s"))["hits"] == 2
    verdict = await live.control("GET", f"{NS}/verdict")
    assert [each["kind"] for each in verdict["problems"]] == ["errors"]
    await live.control("POST", f"{NS}/gates/g/release")
    assert [(await wire.answer()).status for wire in wires[:2]] == [200, 200]


async def called_back(live: Live, count: int, **details: Json) -> Wire:
    """Get an answer after which the mock calls itself so often; such calls wait at gate ``g``."""
    called = {"url": f"{live.url}/~a/hook", **details}
    response = {"callbacks": [called] * count}
    stubs = [stub("s", "/s", response=response), stub("hook", "/hook", response={"hold": "g"})]
    await live.control("POST", f"{NS}/stubs", stubs)
    wire = await live.wire()
    assert (await wire.get("/~a/s")).status == 200
    return wire


async def all_sent(live: Live, count: int) -> None:
    asked = {"times": {"at_least": count}, "within": "20s"}
    found = await live.control("POST", f"{NS}/callbacks/verify", asked)
    assert found["passed"], found["report"]


async def callbacks(live: Live) -> None:
    wire = await called_back(live, 1)
    await live.control("POST", f"{NS}/gates/g/release")
    for after in range(3):
        await all_sent(live, 1 + min(after, 1))
        assert (await wire.get("/~a/s")).status == 200
    found = await live.control("GET", f"{NS}/callbacks")
    assert ([each["id"] for each in found["callbacks"]], found["evicted"]) == ([3, 4], 2)


async def callbacks_pending(live: Live) -> None:
    await called_back(live, 3, delay="1h")
    found = (await live.control("GET", f"{NS}/callbacks"))["callbacks"]
    assert [each["outcome"] for each in found] == ["pending", "pending", "failed"]
    assert found[2]["error"] == "limit-reached"
    assert "callbacks_pending" in found[2]["detail"]
    verdict = await live.control("GET", f"{NS}/verdict")
    assert "errors" in [each["kind"] for each in verdict["problems"]]


OF_A_NAMESPACE: Final[dict[str, tuple[int, Scene]]] = {
    "requests": (2, requests),
    "bytes": (20_000, journal_of_bytes),
    "stubs": (2, stubs),
    "sequence_keys": (2, sequence_keys),
    "snapshots": (2, snapshots),
    "waiters": (2, waiters),
    "events": (2, events),
    "subscribers": (2, subscribers),
    "held": (2, held),
    "callbacks": (2, callbacks),
    "callbacks_pending": (2, callbacks_pending),
}


@pytest.mark.parametrize("name", NamespaceLimits.__struct_fields__)
def test_a_limit_of_a_namespace_is_reached_and_seen(name: str) -> None:
    limit, scene = OF_A_NAMESPACE[name]

    async def play(live: Live) -> None:
        await live.namespace(limits={name: limit})
        assert (await live.control("GET", NS))["limits"][name] == limit
        await scene(live)

    run(play)


# Of the server: `server.limits`.


async def namespaces(live: Live) -> None:
    await live.namespace()
    said = await told(live, "POST", "/namespaces", {"name": "b"})
    assert "'server.limits.namespaces' is 2" in said


async def ports(live: Live) -> None:
    held = [await live.control("POST", "/namespaces", {"port": 0}, expect=201) for _ in range(2)]
    said = await told(live, "POST", "/namespaces", {"port": 0})
    assert "'server.limits.ports' is 2" in said
    await live.control("DELETE", f"/namespaces/{held[0]['name']}", expect=204)
    await live.control("POST", "/namespaces", {"port": 0}, expect=201)


async def body(live: Live) -> None:
    assert await sent(await live.wire(), raw("/x", b"x" * 101)) == (413, "too-large")
    await was_refused(live, "too-large")


async def head(live: Live) -> None:
    long = raw("/x", b"", f"X-Long: {'x' * 500}")
    assert await sent(await live.wire(), long) == (431, "head-too-large")
    await was_refused(live, "head-too-large")


async def was_refused(live: Live, code: str) -> None:
    (entry,) = (await live.control("GET", "/namespaces/default/requests"))["requests"]
    assert (entry["phase"], entry["error"], entry["stub"]) == ("refused", code, None)


async def connections(live: Live) -> None:
    await live.control("GET", "/health")  # the second connection, kept open
    await (await live.wire()).get("/x")
    third = await live.wire()
    assert (await third.answer()).headers["x-mock-error"] == "limit-reached"
    assert await third.is_closed()


async def inflight_bytes(live: Live) -> None:
    slow = await live.wire()
    slow.send(raw("/x", b"x" * 900)[:-100])
    await live.control("GET", "/health")  # the first one's bytes have come by now
    assert await sent(await live.wire(), raw("/x", b"x" * 300)) == (503, "limit-reached")
    slow.send(b"x" * 100)
    assert (await slow.answer()).status == 404


async def journal_bytes(live: Live) -> None:
    await live.namespace()
    wire = await live.wire()
    for _ in range(20):
        await sent(wire, raw("/~a/x", b"x" * 3_000))
    found = await counts(live)
    assert found["bytes"] <= 30_000
    assert found["evicted"] > 0


async def finished(live: Live) -> None:
    for name in "abc":
        await live.control("POST", f"{await live.namespace(name)}/finish", {})
    listed = await live.control("GET", "/namespaces?finished=true")
    assert [each["name"] for each in listed["namespaces"]] == ["b", "c"]


async def finished_events(live: Live) -> None:
    where = []
    for name in ("a", "b"):
        await live.namespace(name)
        wire = await live.wire()
        for _ in range(3):
            await wire.get(f"/~{name}/x")
        where.append((await live.control("POST", f"/namespaces/{name}/finish", {}))["id"])
    while live.store.lives.past.count > 4:
        await live.control("GET", "/health")
    told = []
    for each in where:
        wire = await live.events(f"/namespaces/{each}/events?seq=0")
        told.append([await wire.event() for _ in range(3)])
    gone, cut = told
    assert [(each["event"], each["seq"]) for each in gone[:2]] == [("open", 0), ("lagged", 8)]
    assert (gone[2]["code"], gone[2]["reason"]) == (1000, "finished")
    assert (cut[1]["event"], cut[1]["from"], cut[1]["to"], cut[2]["seq"]) == ("lagged", 1, 4, 5)


async def orphans(live: Live) -> None:
    wire = await live.wire()
    for number in range(5):
        await wire.get(f"/~nobody/{number}")
    listed = await live.control("GET", "/orphans")
    assert [each["target"] for each in listed["orphans"]] == ["/~nobody/3", "/~nobody/4"]
    assert listed["total"] == 5


async def all_waiters(live: Live) -> None:
    await live.namespace()
    assert "the limit 'server.limits.waiters' is 2" in await refused_wait(live)


async def all_events(live: Live) -> None:
    await live.events("/events")  # from now on they are numbered
    for name in ("a", "b", "c", "d", "e"):
        await live.namespace(name)
    wire = await live.events("/events?seq=0")
    told = [await wire.event() for _ in range(4)]
    assert [each["event"] for each in told[:2]] == ["open", "lagged"]
    assert (told[1]["from"], told[1]["to"], told[2]["seq"]) == (1, 3, 4)


async def all_subscribers(live: Live) -> None:
    for name in ("a", "b"):
        await live.events(f"{await live.namespace(name)}/events")
    refusal = await live.control("GET", "/events", expect=429, headers=OFFER)
    assert "the limit 'server.limits.subscribers' is 2" in refusal["detail"]


async def message(live: Live) -> None:
    wire = await live.events("/events")
    wire.command("x" * 99)
    while (told := await wire.event())["event"] != "close":
        pass
    assert told["code"] == 1009


async def pings(live: Live) -> None:
    """Let the server's clock show more seconds than the limit, twice."""
    wire = await live.events("/events")
    assert (await wire.event())["event"] == "open"
    live.look_at_time(4)
    assert (await wire.frame()).opcode == PING
    live.look_at_time(9)
    assert (await wire.event())["code"] == 1011


async def callbacks_at_once(live: Live) -> None:
    await live.namespace()
    await called_back(live, 3)
    assert (await live.control("GET", f"{NS}/gates/g?waiting=2&within=20s"))["passed"]
    found = (await live.control("GET", f"{NS}/callbacks"))["callbacks"]
    assert [each["attempts"] for each in found] == [1, 1, 0]
    await live.control("POST", f"{NS}/gates/g/release")
    await all_sent(live, 3)


OF_THE_SERVER: Final[dict[str, tuple[int, Scene]]] = {
    "namespaces": (2, namespaces),
    "ports": (2, ports),
    "body": (100, body),
    "head": (300, head),
    "connections": (2, connections),
    "inflight_bytes": (1_000, inflight_bytes),
    "journal_bytes": (30_000, journal_bytes),
    "finished": (2, finished),
    "finished_events": (4, finished_events),
    "orphans": (2, orphans),
    "waiters": (2, all_waiters),
    "events": (2, all_events),
    "subscribers": (2, all_subscribers),
    "message": (50, message),
    "ping_interval": (3, pings),
    "ping_timeout": (3, pings),
    "callbacks": (2, callbacks_at_once),
}


@pytest.mark.parametrize("name", ServerLimits.__struct_fields__)
def test_a_limit_of_the_server_is_reached_and_seen(name: str) -> None:
    limit, scene = OF_THE_SERVER[name]
    limits = {"ping_interval": 3, "ping_timeout": 3} if scene is pings else {name: limit}
    run(scene, server={"limits": limits})


# Of a connection: fixed, but for what `server.limits` sets.


def refused(limits: EdgeLimits, data: bytes, status: int, code: str) -> Awaitable[None]:
    async def play() -> None:
        application = FakeApplication()
        listener = await serve(application, limits)
        assert refusal(await ask(listener, data)) == (status, code)
        await listener.stop()
        assert application.requests == []
        assert [told for _, told, _ in application.refused] == [code]

    return play()


async def crowded(limits: EdgeLimits) -> None:
    first = Line(limits=limits)
    second = Line(door=first.door)
    assert refusal(second.transport.output) == (503, "limit-reached")
    first.edge.close()


async def full(limits: EdgeLimits) -> None:
    first = Line(limits=limits)
    first.send(POST + b"Content-Length: 90\r\n\r\n" + b"x" * 80)
    second = Line(door=first.door)
    second.send(POST + b"Content-Length: 50\r\n\r\n")
    assert refusal(second.transport.output) == (503, "limit-reached")
    first.edge.close()


async def queued(limits: EdgeLimits) -> None:
    line = Line(limits=limits, room=0)
    line.send(GET * 50)
    await line.turns(20)
    taken = len(line.app.requests)
    assert taken < 50
    line.send(GET * 3_000)
    assert not line.transport.is_reading_now
    while line.transport.held or len(line.app.requests) < 3_050:
        line.transport.take(None)
        await line.turns(1)
    assert line.transport.is_reading_now
    line.edge.close()


async def in_turns(limits: EdgeLimits) -> None:
    line = Line(limits=limits)
    line.send(GET * 9)
    assert len(line.app.requests) < 9
    await line.turns(20)
    assert line.transport.output == ok(b"GET|/a||") * 9
    line.edge.close()


async def idle(limits: EdgeLimits) -> None:
    listener = await serve(FakeApplication(), limits)
    assert await ask(listener, b"") == b""
    await listener.stop()


async def handshake(limits: EdgeLimits) -> None:
    listener = await served(FakeApplication(), limits)
    assert await ask(listener, b"\x16\x03\x01") == b""
    await listener.stop()


async def paced(limits: EdgeLimits) -> None:
    line = Line(limits=limits)
    line.send(POST + b"Content-Length: 5000\r\n\r\n")
    began = line.connection._intake.began
    assert began is not None
    line.send(b"x" * 1_000)
    line.connection.check_time(began + limits.body_s + 9)
    assert line.transport.output == b""
    line.connection.check_time(began + limits.body_s + 11)
    assert refusal(line.transport.output) == (408, "timeout")
    line.edge.close()


async def drained(limits: EdgeLimits) -> None:
    line = Line(limits=limits)
    line.send(b"\0\r\n\r\n")
    assert not line.transport.is_closed
    line.send(b"x" * 1_000)
    assert line.transport.is_closed
    await line.turns()
    line.edge.close()


async def long_message(limits: EdgeLimits) -> None:
    line = await opened(limits)
    assert (await line.tell(frame(TEXT, "x" * 101)))[-1].code == 1009
    line.edge.close()


async def silent(limits: EdgeLimits) -> None:
    line = await opened(limits)
    line.socket.check_time(time.monotonic())
    line.socket.check_time(time.monotonic() + limits.ping_interval_s + 1)
    assert line.frames() == [Frame(PING, b"")]
    line.socket.check_time(time.monotonic() + limits.ping_interval_s + limits.ping_timeout_s + 2)
    assert line.frames()[-1].code == 1011
    line.edge.close()


LATE: Final = POST + b"Content-Length: 9\r\n\r\nhi"
TRAILERS: Final = POST + b"Transfer-Encoding: chunked\r\n\r\n0\r\nA: " + b"b" * 99 + b"\r\n\r\n"
LONG_LINE: Final = b"GET /" + b"a" * 99 + b" HTTP/1.1\r\nHost: a\r\n\r\n"
Edged = Callable[[EdgeLimits], Awaitable[None]]


def refusing(data: bytes, status: int, code: str) -> Edged:
    return lambda limits: refused(limits, data, status, code)


OF_A_CONNECTION: Final[dict[str, tuple[float, Edged]]] = {
    "head": (50, refusing(POST + b"A: " + b"b" * 99 + b"\r\n\r\n", 431, "head-too-large")),
    "request_line": (50, refusing(LONG_LINE, 414, "target-too-long")),
    "header_lines": (3, refusing(POST + b"A: b\r\n" * 3 + b"\r\n", 431, "head-too-large")),
    "body": (10, refusing(POST + b"Content-Length: 11\r\n\r\n", 413, "too-large")),
    "trailers": (50, refusing(TRAILERS, 431, "head-too-large")),
    "connections": (1, crowded),
    "inflight_bytes": (100, full),
    "queue": (4, queued),
    "turn_requests": (4, in_turns),
    "turn_bytes": (100, in_turns),
    "idle_s": (0.04, idle),
    "handshake_s": (0.04, handshake),
    "head_s": (0.04, refusing(b"GET /a HTTP/1.1\r\n", 408, "timeout")),
    "body_s": (0.04, refusing(LATE, 408, "timeout")),
    "pace": (100, paced),
    "drain_bytes": (1_000, drained),
    "drain_s": (0.01, refusing(b"\0\r\n\r\n", 400, "bad-request")),
    "message": (100, long_message),
    "ping_interval_s": (3, silent),
    "ping_timeout_s": (3, silent),
}


@pytest.mark.parametrize("name", EdgeLimits.__struct_fields__)
def test_a_limit_of_a_connection_is_reached_and_seen(name: str) -> None:
    limit, scene = OF_A_CONNECTION[name]

    async def play() -> None:
        limits: Any = {name: limit}
        await asyncio.wait_for(scene(EdgeLimits(**limits)), 20)

    asyncio.run(play())


# Of expressions, and of what matching reads: 599 `matcher-limit`, recorded, an error.

ARRAY: Final = {"body": {"json_contains": [{"gt": 9}]}}
OF_MATCHING: Final[dict[str, tuple[Json, bytes]]] = {
    "levels of JSON": ({"body": {"json_contains": {}}}, b"[" * 2_000 + b"]" * 2_000),
    "levels of large JSON": ({"body": {"json_contains": {}}}, b"[" * 20_000 + b"]" * 20_000),
    "digits of a number of JSON": ({"body": {"json": {"absent": True}}}, b"[%b]" % (b"9" * 4_301)),
    "numbers of JSON": ({"body": {"jsonpath": {"$.a": {"absent": True}}}}, b'{"a": 1e309}'),
    "halves of pairs in JSON": ({"body": {"json_schema": {}}}, b'{"a": "\\ud800"}'),
    "characters that a regular expression reads": (
        {"body": {"text": {"matches": "a+"}}}, b"a" * 65_537,
    ),
    "time of a regular expression": (
        {"body": {"text": {"matches": "(a|aa)+$"}}}, b"a" * 200 + b"b",
    ),
    "time of a regular expression in a JSONPath": (
        {"body": {"jsonpath": {"$[?match(@, '(a|aa)*(a|aa)*(a|aa)*[b-c]')]": 1}}},
        b'["' + b"a" * 200 + b'!"]',
    ),
    "characters that a regular expression in a JSONPath reads": (
        {"body": {"jsonpath": {"$[?search(@, 'b')]": 1}}}, b'["' + b"a" * 65_537 + b'"]',
    ),
    "steps of a JSONPath that descends thrice": (
        {"body": {"jsonpath": {"$..*..*..*": 1}}}, b"[" * 46 + b"]" * 46,
    ),
    "steps of a JSONPath's filters": (
        {"body": {"jsonpath": {"$[?@[?$[?@ == 1]]]": 2}}}, b"[" + b"[1,2]," * 300 + b"1]",
    ),
    "what a JSON Schema could ask": (
        {"body": {"json_schema": {"items": {"enum": [n + 0.5 for n in range(2_000)]}}}},
        b"[" + b"7.5," * 100 + b"1]",
    ),
    "depth of a body for a JSON Schema": (
        {"body": {"json_schema": {"items": {"$ref": "#"}}}}, b"[" * 110 + b"]" * 110,
    ),
    "characters that a pattern of a JSON Schema reads": (
        {"body": {"json_schema": {"pattern": "[ab]*a[ab]{1000}c"}}}, b'"' + b"a" * 2_000 + b'"',
    ),
    "tokens of a GraphQL document": (
        {"body": {"graphql": {"type": "query"}}}, b'{"query": "{' + b"a " * 1_500 + b'}"}',
    ),
    "depth of a GraphQL document": (
        {"body": {"graphql": {"type": "query"}}}, b'{"query": "' + b"{a" * 51 + b"}" * 51 + b'"}',
    ),
    "characters of a GraphQL document": (
        {"body": {"graphql": {"type": "query"}}}, b'{"query": "#' + b"a" * 16_384 + b'"}',
    ),
    "steps of JSONPaths": ({"body": {"jsonpath": {"$..*..*": 1}}}, b"[" * 300 + b"]" * 300),
    "steps of arrays": (ARRAY, b"[" + b"1," * 20_000 + b"1]"),
    "bytes of JSON": (ARRAY, b'"' + b"x" * MIB + b'"'),
    "lists and objects of JSON": (ARRAY, b"[" + b"[]," * 80_000 + b"1]"),
    "members of JSON": (ARRAY, b"[" + b'{"a":1},' * 40_001 + b"1]"),
    "bytes of a text": ({"body": {"text": {"contains": "y"}}}, b"x" * (MIB + 1)),
    "bytes of a form": ({"body": {"form": {"a": "1"}}}, b"x" * (MIB + 1)),
    "parts of a form": ({"body": {"form": {"a": "1"}}}, b"b&" * 60_001),
}  # fmt: skip


@pytest.mark.parametrize("name", OF_MATCHING)
def test_a_limit_of_matching_is_reached_and_seen(name: str) -> None:
    request, content = OF_MATCHING[name]

    async def scene(live: Live) -> None:
        await live.namespace(stubs=[{"name": "s", "request": {"path": "/x", **request}}])
        assert await sent(await live.wire(), raw("/~a/x", content)) == (599, "matcher-limit")
        entry = await live.control("GET", f"{NS}/requests/1")
        assert (entry["error"], entry["stub"]) == ("matcher-limit", None)
        verdict = await live.control("GET", f"{NS}/verdict")
        assert [each["kind"] for each in verdict["problems"]] == ["errors", "unused"]

    run(scene)


@pytest.mark.parametrize("content", [b"[" * 2_000 + b"]" * 2_000, b"1e309", b'"\\ud800"'])
def test_json_beyond_what_is_read_is_never_counted_as_another(content: bytes) -> None:
    async def scene(live: Live) -> None:
        await live.namespace()
        await sent(await live.wire(), raw("/~a/x", content))
        asked = {"body": {"json_contains": {"a": 1}}}
        for call in ("count", "search"):
            problem = await live.control("POST", f"{NS}/requests/{call}", asked, expect=422)
            assert "JSON" in problem["detail"] + str(problem.get("errors"))
            assert "read" in problem["detail"] + str(problem.get("errors"))

    run(scene)


def test_stubs_that_differ_in_no_literal_are_asked_within_the_steps() -> None:
    async def scene(live: Live) -> None:
        crowd = [{"request": {"path": "/x", "query": {"n": {"gt": n}}}} for n in range(8_000)]
        await live.namespace(stubs=crowd)
        wire = await live.wire()
        assert (await wire.get("/~a/x?n=-1")).headers["x-mock-error"] == "matcher-limit"
        assert (await wire.get("/~a/x?n=7999")).status == 200

    run(scene)


def test_the_value_of_per_is_bounded() -> None:
    async def scene(live: Live) -> None:
        await live.namespace(stubs=[stub("s", "/x", responses=[{}], per="body")])
        wire = await live.wire()
        assert (await sent(wire, raw("/~a/x", b"x" * 4_096)))[0] == 200
        assert await sent(wire, raw("/~a/x", b"x" * 4_097)) == (599, "matcher-limit")

    run(scene)


# Of what one call may define or name: 422, with the place, and nothing is changed.

CHAIN: Final = {
    "$ref": "#/$defs/a60",
    "$defs": {
        f"a{n}": {"$ref": f"#/$defs/a{n - 1}"} if n else {"type": "string"} for n in range(61)
    },
}
OF_A_CALL: Final[dict[str, tuple[str, str, Json, str]]] = {
    "names": ("PUT", f"{NS}/stubs/{'x' * 129}", {}, "/name"),
    "priority": ("PUT", f"{NS}/stubs/s", {"priority": 1_000_001}, "/priority"),
    "times": ("PUT", f"{NS}/stubs/s", {"times": 1_000_000_001}, "/times"),
    "delay": ("PUT", f"{NS}/stubs/s", {"response": {"delay": "61m"}}, "/response/delay"),
    "steps": ("PUT", f"{NS}/stubs/s", {"responses": [{}] * 10_001}, "/responses"),
    "headers of a response": (
        "PUT", f"{NS}/stubs/s", {"response": {"headers": {f"h{n}": "" for n in range(201)}}},
        "/response/headers",
    ),
    "names that a pattern asks for": (
        "PUT", f"{NS}/stubs/s", {"request": {"query": {f"q{n}": "" for n in range(201)}}},
        "/request/query",
    ),
    "values of one_of": (
        "PUT", f"{NS}/stubs/s", {"request": {"path": {"one_of": ["/a"] * 10_001}}},
        "/request/path/one_of",
    ),
    "bytes of a regular expression": (
        "PUT", f"{NS}/stubs/s", {"request": {"path": {"matches": "a" * 4_097}}},
        "/request/path/matches",
    ),
    "repeats of a regular expression": (
        "PUT", f"{NS}/stubs/s", {"request": {"path": {"matches": "a{1001}"}}},
        "/request/path/matches",
    ),
    "regular expressions of one pattern": (
        "PUT", f"{NS}/stubs/s", {"request": {"path": {"any": [{"matches": "a{900}" * 9}] * 20}}},
        "/request/path/any/6/matches",
    ),
    "characters of a JSONPath": (
        "PUT", f"{NS}/stubs/s", {"request": {"body": {"jsonpath": {"$." + "a" * 1_030: 1}}}},
        "/request/body/jsonpath/$." + "a" * 1_030,
    ),
    "filters of a JSONPath": (
        "PUT", f"{NS}/stubs/s", {"request": {"body": {"jsonpath": {"$" + "[?@" * 21 + "]" * 21: 1}}}},
        "/request/body/jsonpath/$" + "[?@" * 21 + "]" * 21,
    ),
    "subschemas of a JSON Schema": (
        "PUT", f"{NS}/stubs/s", {"request": {"body": {"json_schema": {"allOf": [{}] * 1_001}}}},
        "/request/body/json_schema",
    ),
    "chains of a JSON Schema": (
        "PUT", f"{NS}/stubs/s", {"request": {"body": {"json_schema": CHAIN}}},
        "/request/body/json_schema/$defs/a60",
    ),
    "patterns of a JSON Schema": (
        "PUT", f"{NS}/stubs/s",
        {"request": {"body": {"json_schema": {"anyOf": [{"pattern": f"[ab]{{900}}{n}"} for n in range(9)]}}}},
        "/request/body/json_schema/anyOf/1/pattern",
    ),
    "where a JSON Schema refers": (
        "PUT", f"{NS}/stubs/s",
        {"request": {"body": {"json_schema": {"items": {"$ref": "http://127.0.0.1:9/schema"}}}}},
        "/request/body/json_schema/items/$ref",
    ),
    "depth of a GraphQL document": (
        "PUT", f"{NS}/stubs/s",
        {"request": {"body": {"graphql": {"query": "{a" * 51 + "}" * 51}}}},
        "/request/body/graphql/query",
    ),
    "bytes of a pattern": (
        "PUT", f"{NS}/stubs/s", {"request": {"body": {"json": ["x" * 65_536]}}}, "/request",
    ),
    "labels": ("POST", "/namespaces", {"labels": {f"l{n}": "" for n in range(101)}}, "/labels"),
    "lease": ("POST", "/namespaces", {"lease": 31 * 24 * 3600}, "/lease"),
    "names of sets": ("POST", "/namespaces", {"sets": ["s"] * 1_001}, "/sets"),
    "stubs to remove": ("POST", f"{NS}/apply", {"remove_stubs": ["s"] * 1_001}, "/remove_stubs"),
    "cursors": ("POST", f"{NS}/apply", {"cursors": {f"s{n}": None for n in range(1_001)}}, "/cursors"),
    "a page": ("GET", f"{NS}/requests?limit=1001", msgspec.UNSET, "/limit"),
}  # fmt: skip


@pytest.mark.parametrize("name", OF_A_CALL)
def test_a_limit_of_a_call_is_reached_and_seen(name: str) -> None:
    method, path, content, at = OF_A_CALL[name]

    async def scene(live: Live) -> None:
        await live.namespace()
        problem = await live.control(method, path, content, expect=422)
        assert at in [each["pointer"] for each in problem["errors"]]
        found = await live.control("GET", NS)
        assert (found["version"], found["counts"]["stubs"]) == (1, 0)

    run(scene)


@pytest.mark.parametrize("scheme", ["http", "https"])
def test_no_reference_of_a_json_schema_makes_the_server_call_anyone(scheme: str) -> None:
    async def scene(live: Live) -> None:
        calls: list[object] = []
        listener = await asyncio.start_server(lambda *both: calls.append(both), "127.0.0.1", 0)
        port = listener.sockets[0].getsockname()[1]
        schema = {"$id": f"{scheme}://127.0.0.1:{port}/a", "items": {"$ref": "b#/c"}}
        await live.namespace()
        refused = {"request": {"body": {"json_schema": schema}}}
        problem = await live.control("PUT", f"{NS}/stubs/s", refused, expect=422)
        assert "nothing is fetched" in problem["errors"][0]["message"]
        listener.close()
        await listener.wait_closed()
        assert calls == []

    run(scene)


# Of what is shown: less of it, and a way to the rest.


def test_wrong_places_are_told_up_to_a_hundred_and_all_are_counted() -> None:
    async def scene(live: Live) -> None:
        await live.namespace()
        problem = await live.control("POST", f"{NS}/stubs", [{"x": 1}] * 150, expect=422)
        assert len(problem["errors"]) == 100
        assert "150 errors" in problem["detail"]

    run(scene)


def test_of_large_bodies_only_so_much_is_shown() -> None:
    async def scene(live: Live) -> None:
        await live.namespace()
        wire = await live.wire()
        for size in (MAX_SHOWN_JSON, MAX_SHOWN_JSON + 1, MAX_SHOWN_BYTES, MAX_SHOWN_BYTES + 1):
            await sent(wire, raw("/~a/x", json.dumps("x" * (size - 2)).encode()))
        listed = (await live.control("GET", f"{NS}/requests"))["requests"]
        shown = [sorted(entry["body"]) for entry in listed]
        assert shown == [
            ["json", "size", "text"], ["size", "text"], ["size", "text"], ["sha256", "size"],
        ]  # fmt: skip

    run(scene)


def test_a_page_of_four_mebibytes_is_full_and_leads_on() -> None:
    async def scene(live: Live) -> None:
        await live.namespace()
        wire = await live.wire()
        for _ in range(6):
            await sent(wire, raw("/~a/x", b"x" * MIB))
        page = await live.control("GET", f"{NS}/requests?limit=1000")
        assert (len(page["requests"]), page["next"], page["total"]) == (3, 3, 6)
        rest = await live.control("GET", f"{NS}/requests?limit=1000&after=3")
        assert ([each["number"] for each in rest["requests"]], rest["next"]) == ([4, 5, 6], None)

    run(scene)


def test_every_limit_that_can_be_set_has_a_scene() -> None:
    assert OF_A_NAMESPACE.keys() == set(NamespaceLimits.__struct_fields__)
    assert OF_THE_SERVER.keys() == set(ServerLimits.__struct_fields__)
    assert OF_A_CONNECTION.keys() == set(EdgeLimits.__struct_fields__)
