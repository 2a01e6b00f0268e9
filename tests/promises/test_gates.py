"""Gates on a real server: races on purpose, and nobody who waits is forgotten or answered twice."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from tests.promises.live import Json, Live, Wire, encoded, run, stub, together

from pymockapi.model.response import make_response
from pymockapi.store.gates import MAX_RELEASES

HELD = stub("held", "/held", response={"text": "own", "hold": "g"})
FIRST = stub("first", "/first", response={"text": "first", "hold": "one"})
SECOND = stub("second", "/second", response={"text": "second", "hold": "two"})


async def waiting(live: Live, count: int, gate: str = "g", ns: str = "/namespaces/a") -> Json:
    found = await live.control("GET", f"{ns}/gates/{gate}?waiting={count}&within=60s")
    assert found["passed"], found
    return found


async def asked(live: Live, count: int, target: str = "/~a/held") -> list[Wire]:
    wires = await live.wires(count)
    for number, wire in enumerate(wires, 1):
        wire.send(encoded("GET", target))
        await waiting(live, number)
    return wires


async def phases(live: Live) -> list[str]:
    found = await live.control("GET", "/namespaces/a/requests")
    return [each["phase"] for each in found["requests"]]


def test_two_in_flight_are_answered_in_reverse_order() -> None:
    async def scene(live: Live) -> None:
        await live.namespace(stubs=[FIRST, SECOND])
        one, two = await live.wires(2)
        one.send(encoded("GET", "/~a/first"))
        await waiting(live, 1, "one")
        two.send(encoded("GET", "/~a/second"))
        await waiting(live, 1, "two")
        await live.control("POST", "/namespaces/a/gates/two/release")
        assert (await two.answer()).text == "second"
        assert await phases(live) == ["parked", "answered"]
        await live.control("POST", "/namespaces/a/gates/one/release")
        assert (await one.answer()).text == "first"

    run(scene)


def test_permits_go_to_those_that_wait_longest_and_the_rest_to_who_comes_later() -> None:
    async def scene(live: Live) -> None:
        await live.namespace(stubs=[HELD])
        wires = await asked(live, 3)
        released = await live.control("POST", "/namespaces/a/gates/g/release", {"count": 2})
        assert (released["released"], released["waiting"]) == ([1, 2], 1)
        assert [(await each.answer()).text for each in wires[:2]] == ["own", "own"]
        body = {"count": 2, "response": {"status": 418, "json": {"late": True}}}
        await live.control("POST", "/namespaces/a/gates/g/release", body)
        assert [(await wires[2].answer()).status, (await wires[0].get("/~a/held")).status] == [
            418
        ] * 2
        recorded = await live.control("GET", "/namespaces/a/requests/3")
        assert recorded["response"]["status"] == 418

    run(scene)


def test_a_thousand_releases_that_nobody_used_are_the_most() -> None:
    async def scene(live: Live) -> None:
        ns = await live.namespace(stubs=[HELD])
        for number in range(MAX_RELEASES):
            live.store.known("a").gates.release("g", 1, make_response(200 + number % 2))
        call = f"{ns}/gates/g/release"
        refused = await live.control("POST", call, {"count": 1}, expect=429)
        assert refused["type"] == "urn:pymockapi:error:limit-reached"
        assert refused["detail"].startswith("1,000 releases of gates of namespace 'a' are still")
        assert (await live.control("GET", f"{ns}/gates/g"))["permits"] == MAX_RELEASES
        await live.control("POST", f"{ns}/reset", {"only": ["gates"]})
        assert (await live.control("POST", call, {"count": 1}))["permits"] == 1

    run(scene)


@pytest.mark.parametrize("half", [True, False], ids=["half closed", "reset"])
def test_a_client_that_gives_up_leaves_the_gate(half: bool) -> None:
    async def scene(live: Live) -> None:
        await live.namespace(stubs=[HELD])
        leaving, staying = await asked(live, 2)
        if half:
            leaving._writer.write_eof()
            assert await leaving.is_closed()
        else:
            leaving.leave()
        space = live.store.known("a")
        while space.gates.count == 2:  # noqa: ASYNC110 - the server sets no event
            await asyncio.sleep(0)
        assert await phases(live) == ["aborted", "parked"]
        await live.control("POST", "/namespaces/a/gates/g/release", {"count": 1})
        assert (await staying.answer()).text == "own"

    run(scene)


@pytest.mark.parametrize("call", ["reset", "finish", "delete", "stop"])
def test_the_end_of_a_namespaces_past_closes_what_waits(call: str) -> None:
    async def scene(live: Live) -> None:
        ns = await live.namespace(stubs=[HELD])
        (wire,) = await asked(live, 1)
        waits = await live.wire()
        waits.send(encoded("GET", f"/__mock/v1{ns}/gates/g?waiting=2&within=1h"))
        while not live.store.known("a").sinks:  # noqa: ASYNC110 - the server sets no event
            await asyncio.sleep(0)
        if call == "stop":
            await live.stop()
        elif call == "delete":
            await live.control("DELETE", ns)
        else:
            await live.control("POST", f"{ns}/{call}")
        assert await wire.is_closed()
        told = (await waits.answer()).json
        assert not told["passed"]
        assert "while this waited" in told["reason"]

    run(scene)


def test_a_wait_ends_with_the_answer_that_completes_it_and_never_before() -> None:
    async def scene(live: Live) -> None:
        ns = await live.namespace(stubs=[HELD])
        waits = await live.wire()
        waits.send(encoded("GET", f"/__mock/v1{ns}/gates/g?waiting=2&within=1h"))
        answer = asyncio.ensure_future(waits.answer())
        wires = await live.wires(2)
        wires[0].send(encoded("GET", "/~a/held"))
        while live.store.known("a").gates.count < 1:  # noqa: ASYNC110 - the server sets no event
            await asyncio.sleep(0)
        await live.control("GET", f"{ns}/gates")
        assert not answer.done()
        wires[1].send(encoded("GET", "/~a/held"))
        told = (await answer).json
        assert (told["passed"], told["reason"], told["requests"]) == (True, None, [1, 2])
        assert live.store.known("a").sinks == []

    run(scene)


def test_others_on_the_same_connection_are_claimed_and_answered_in_their_turn() -> None:
    async def scene(live: Live) -> None:
        await live.namespace(stubs=[HELD, stub("free", "/free")])
        wire = await live.wire()
        wire.send(encoded("GET", "/~a/held") + encoded("GET", "/~a/free"))
        await waiting(live, 1)
        while len(await phases(live)) < 2:
            pass
        assert await phases(live) == ["parked", "delayed"]
        await live.control("POST", "/namespaces/a/gates/g/release")
        assert [(await wire.answer()).text for _ in range(2)] == ["own", "free"]

    run(scene)


def test_every_one_of_many_is_let_go_once_while_permits_and_requests_race() -> None:
    async def scene(live: Live) -> None:
        ns = await live.namespace(stubs=[HELD])
        wires = await live.wires(40)

        async def ask(wire: Wire) -> list[str]:
            return [(await wire.get("/~a/held")).text for _ in range(25)]

        async def release() -> None:
            for _ in range(250):
                await live.control("POST", f"{ns}/gates/g/release", {"count": 4})

        answers = await together([*(ask(wire) for wire in wires), release()])
        assert answers[:-1] == [["own"] * 25] * 40
        gate = await live.control("GET", f"{ns}/gates/g")
        assert (gate["permits"], gate["waiting"]) == (0, 0)
        assert live.store.known("a").gates.count == 0

    run(scene)


def test_a_gate_belongs_to_its_namespace() -> None:
    async def scene(live: Live) -> None:
        await live.namespace(stubs=[HELD])
        await live.namespace("b", stubs=[HELD])
        one, other = await live.wires(2)
        one.send(encoded("GET", "/~a/held"))
        other.send(encoded("GET", "/~b/held"))
        await waiting(live, 1, ns="/namespaces/b")
        await live.control("POST", "/namespaces/a/gates/g/release")
        assert (await one.answer()).text == "own"
        assert (await live.control("GET", "/namespaces/b/gates/g"))["waiting"] == 1

    run(scene)


def test_a_held_answer_of_a_slow_request_waits_too() -> None:
    async def scene(live: Live) -> None:
        slow = {"matches": "(a|a)*b"}
        shared = {"path": "/held", "query": {"q": slow}}
        definition = {"name": "slow", "request": shared, "response": {"text": "own", "hold": "g"}}
        await live.namespace(stubs=[definition])
        wire = await live.wire()
        wire.send(encoded("GET", "/~a/held?q=" + "a" * 22 + "b") + encoded("GET", "/~a/nothing"))
        await waiting(live, 1)
        await live.control("POST", "/namespaces/a/gates/g/release", {"count": 1})
        assert (await wire.answer()).text == "own"
        assert (await wire.answer()).status == 404

    run(scene)


def test_a_template_is_rendered_as_of_the_claim_however_long_it_is_held() -> None:
    async def scene(live: Live) -> None:
        answer = {"text": "{{ state.n }} {{ hit }}", "template": True, "hold": "g"}
        definition = stub("t", "/t", response=answer, set={"n": {"increment": 1}})
        ns = await live.namespace(stubs=[definition])
        wires = await asked(live, 2, "/~a/t")
        await live.control("PUT", f"{ns}/state", {"n": 99})
        await live.control("POST", f"{ns}/gates/g/release", {"count": 1})
        other = {"text": "{{ request.path }}", "template": True}
        await live.control("POST", f"{ns}/gates/g/release", {"response": other})
        assert [(await each.answer()).text for each in wires] == ["1 1", "/t"]

    run(scene)


def test_pages_of_other_origins_read_what_was_held() -> None:
    async def scene(live: Live) -> None:
        await live.namespace(stubs=[HELD])
        wire = await live.wire()
        wire.send(encoded("GET", "/~a/held", {"Host": "127.0.0.1", "Origin": "http://page.test"}))
        await waiting(live, 1)
        await live.control("POST", "/namespaces/a/gates/g/release")
        answer = await wire.answer()
        assert answer.headers["access-control-allow-origin"] == "*"

    run(scene, server={"cors": {"origins": ["*"]}})


@pytest.mark.parametrize(
    ("method", "target", "body", "status", "said"),
    [
        ("GET", "/gates/G", None, 404, "Did you mean 'g'?"),
        ("POST", "/gates/gg/release", {}, 404, "Did you mean 'g'?"),
        ("GET", "/gates/nothing-like-it", None, 404, "Its gates: 'g'."),
        ("GET", "/gates/g?waiting=0", None, 422, "/waiting"),
        ("GET", "/gates/g?waiting=x", None, 422, "/waiting"),
        ("GET", "/gates/g?within=1s", None, 422, "goes with 'waiting'"),
        ("GET", "/gates/g?waiting=1&within=soon", None, 422, "/within"),
        ("POST", "/gates/g/release", {"count": 0}, 422, "/count"),
        ("POST", "/gates/g/release", {"response": {"hold": "h"}}, 422, "no other gate"),
        ("POST", "/gates/g/release", {"answer": {}}, 422, "unknown key 'answer'"),
    ],
)
def test_a_mistake_is_told_and_lets_nobody_go(
    method: str, target: str, body: Any, status: int, said: str
) -> None:
    async def scene(live: Live) -> None:
        ns = await live.namespace(stubs=[HELD])
        await asked(live, 1)
        more = {} if body is None else {"json": body}
        refused = await live.control(method, ns + target, expect=status, **more)
        assert said in refused["detail"]
        assert (await live.control("GET", f"{ns}/gates/g"))["waiting"] == 1

    run(scene)


def test_without_a_stub_that_holds_there_is_no_gate() -> None:
    async def scene(live: Live) -> None:
        ns = await live.namespace(settings={"unmatched": {"status": 404}})
        refused = await live.control("GET", f"{ns}/gates/g", expect=404)
        assert "No stub in force has 'hold'." in refused["detail"]
        wrong = {"settings": {"unmatched": {"hold": "g"}}}
        refused = await live.control("POST", f"{ns}/apply", wrong, expect=422)
        assert "only answers of stubs wait at gates" in refused["detail"]

    run(scene)
