"""Waits on a real server: woken by the request that settles them, freed when nobody waits."""

from __future__ import annotations

import asyncio
from typing import Any

from tests.promises.live import Json, Live, Wire, encoded, run, stub, together

from pymockapi.model.event import EventKind
from pymockapi.store.namespace import Namespace


def verification(ns: str, path: str, **more: Json) -> bytes:
    body = {"expect": [{"request": {"path": path}}], "within": "1h", **more}
    return encoded("POST", f"/__mock/v1{ns}/verify", json=body)


async def until(space: Namespace, waits: bool) -> None:
    """Let the loop run until somebody waits in ``space``, or nobody does any more."""
    while bool(space.when_cleared) is not waits:  # noqa: ASYNC110 - the server sets no event
        await asyncio.sleep(0)


def test_a_request_and_the_wait_for_it_never_miss_each_other() -> None:
    async def scene(live: Live) -> None:
        ns = await live.namespace(stubs=[stub("s", "/s")])

        async def wait(wire: Wire, number: int) -> None:
            for turn in range(10):
                wire.send(verification(ns, f"/{number}/{turn}"))
                found = (await wire.answer()).json
                assert found["passed"], found["report"]
                assert found["results"][0]["actual"] == 1

        async def call(wire: Wire, number: int) -> None:
            for turn in range(10):
                await wire.get(f"/~a/{number}/{turn}")

        waiting, calling = await live.wires(20), await live.wires(20)
        await together(
            each
            for number in range(20)
            for each in (wait(waiting[number], number), call(calling[number], number))
        )
        space = live.store.known("a")
        assert (space.sinks, space.when_cleared) == ([], [])

    run(scene)


def test_a_client_that_breaks_its_connection_frees_its_wait() -> None:
    async def scene(live: Live) -> None:
        ns = await live.namespace()
        space = live.store.known("a")
        wire = await live.wire()
        wire.send(verification(ns, "/never"))
        await until(space, waits=True)
        wire.leave()
        await until(space, waits=False)
        assert space.sinks == []

    run(scene, settings={"limits": {"waiters": 1}})


def test_a_wait_among_other_calls_of_one_connection_is_answered_in_its_turn() -> None:
    async def scene(live: Live) -> None:
        ns = await live.namespace()
        wire = await live.wire()
        wire.send(verification(ns, "/a") + encoded("GET", "/~a/a") + encoded("GET", "/~a/b"))
        assert (await wire.answer()).json["passed"]
        assert [(await wire.answer()).status for _ in range(2)] == [404, 404]

    run(scene)


def test_an_answer_that_leaves_wakes_who_waits_for_its_phase() -> None:
    async def scene(live: Live) -> None:
        ns = await live.namespace(stubs=[stub("s", "/s", response={"text": "x", "delay": "30ms"})])
        waiting, calling = await live.wires(2)
        left: list[Any] = []
        live.store.follow(left.append, "a")
        waiting.send(
            encoded("POST", f"/__mock/v1{ns}/verify", json={
                "expect": [{"stub": "s", "answered": {"phase": "answered"}}], "within": "1h",
            })
        )  # fmt: skip
        calling.send(encoded("GET", "/~a/s"))
        assert (await waiting.answer()).json["passed"]
        assert (await calling.answer()).text == "x"
        assert [event.kind for event in left] == [
            EventKind.REQUEST_RECEIVED, EventKind.REQUEST_ANSWERED, EventKind.VERIFICATION_PASSED,
        ]  # fmt: skip

    run(scene)


def test_a_server_that_stops_does_not_wait_for_who_waits() -> None:
    answers: list[Json] = []

    async def scene(live: Live) -> None:
        ns = await live.namespace()
        wire = await live.wire()
        wire.send(verification(ns, "/never"))
        await until(live.store.known("a"), waits=True)
        stopping = asyncio.ensure_future(live.stop())
        answers.append((await wire.answer()).json)
        await stopping

    run(scene)
    assert answers[0]["reason"] == "The server was stopped while this waited."
