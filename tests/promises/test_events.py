"""Events over WebSockets on a real server: no gap and none twice, whoever leaves or does not read."""

from __future__ import annotations

import asyncio
import random
from typing import Final

from tests.promises.live import EventWire, Json, Live, run, stub, together

REQUESTS: Final = 2_000
WRITE_BYTES: Final = 64 * 1024  # what a socket may have in hand: one write, beside one message


async def send(live: Live, count: int = REQUESTS, wires: int = 4) -> None:
    """Have ``count`` requests answered in namespace ``a``, several at once."""

    async def ask(number: int) -> None:
        wire = await live.wire()
        for turn in range(count // wires):
            assert (await wire.get(f"/~a/s?{number}.{turn}")).status == 200

    await together(ask(number) for number in range(wires))


async def until_end(wire: EventWire, found: list[Json]) -> None:
    """Read on until the namespace ends."""
    while (event := await wire.event())["event"] != "close":
        if event["event"] != "open":
            found.append(event)


def covered(found: list[Json]) -> list[int]:
    """Return the numbers of all events that were told, or told to be missing, in order."""
    numbers: list[int] = []
    for event in found:
        first = event["from"] if event["event"] == "lagged" else event["seq"]
        numbers += range(first, event["seq"] + 1)
    return numbers


def test_a_reader_that_comes_back_misses_nothing_and_sees_nothing_twice() -> None:
    async def scene(live: Live) -> None:
        ns = await live.namespace(stubs=[stub("s", "/s")])
        chance = random.Random(7)
        found: list[Json] = []
        at = {"seq": 0, "id": ""}
        is_over = False
        breaks = 0

        async def read(most: int) -> None:
            nonlocal is_over
            known = f"&id={at['id']}" if at["id"] else ""
            wire = await live.events(f"{ns}/events?seq={at['seq']}{known}")
            for _ in range(most):
                event = await wire.event()
                if event["event"] == "close":
                    is_over = True
                    break
                at["id"] = event["id"]
                if event["event"] != "open":
                    at["seq"] = event["seq"]
                    found.append(event)
            chance.choice((wire.leave, wire.close))()

        async def reader() -> None:
            nonlocal breaks
            while not is_over:
                await read(chance.choice((1, 2, 5, 100, 400)))
                breaks += 1

        reading = asyncio.create_task(reader())
        await send(live)
        await live.control("POST", f"{ns}/finish", {})
        await reading
        assert breaks > 20
        assert [each["seq"] for each in found] == list(range(1, found[-1]["seq"] + 1))
        for kind in ("request.received", "request.answered"):
            numbers = [each["number"] for each in found if each["event"] == kind]
            assert sorted(numbers) == list(range(1, REQUESTS + 1))
        arrivals = [each["number"] for each in found if each["event"] == "request.received"]
        assert arrivals == sorted(arrivals)

    run(scene)


def test_one_that_stops_reading_slows_nobody_and_costs_little() -> None:
    async def scene(live: Live) -> None:
        ns = await live.namespace(stubs=[stub("s", "/s")], limits={"events": 500})
        stopped = await live.events(f"{ns}/events?seq=0", receive_bytes=4_096)
        awake = await live.events(f"{ns}/events?seq=0")
        seen: list[Json] = []
        reading = asyncio.create_task(until_end(awake, seen))
        held = 0
        for _ in range(10):
            await send(live, REQUESTS // 5)
            held = max(held, *live.unsent())
            while seen[-1]["number"] < (await last_number(live)):  # noqa: ASYNC110
                await asyncio.sleep(0)
        assert 0 < held <= WRITE_BYTES
        late: list[Json] = []
        await live.control("POST", f"{ns}/finish", {})
        await together((reading, until_end(stopped, late)))
        last = seen[-1]["seq"]
        assert covered(seen) == covered(late) == list(range(1, last + 1))
        assert any(each["event"] == "lagged" for each in late)
        assert len(late) < last / 2

    run(scene)


async def last_number(live: Live) -> int:
    found = await live.control("GET", "/namespaces/a")
    return int(found["counts"]["requests"])


def test_a_watch_and_the_request_that_settles_it_never_miss_each_other() -> None:
    async def scene(live: Live) -> None:
        ns = await live.namespace(stubs=[stub("s", "/s")])

        async def watch(number: int) -> None:
            wire = await live.events(f"{ns}/events?types=stubs")
            assert (await wire.event())["event"] == "open"
            for turn in range(10):
                path = f"/{number}/{turn}"
                wire.command({"watch": {"id": path, "expect": [{"request": {"path": path}}]}})
                event = await wire.event()
                assert (event["event"], event["watch"]) == ("watch.passed", path)

        async def ask(number: int) -> None:
            wire = await live.wire()
            for turn in range(10):
                await wire.get(f"/~a/{number}/{turn}")

        await together(each for number in range(20) for each in (watch(number), ask(number)))

    run(scene)


def test_readers_that_leave_give_back_what_they_had() -> None:
    async def scene(live: Live) -> None:
        ns = await live.namespace()
        wires = [await live.events(f"{ns}/events") for _ in range(10)]
        for wire in wires:
            wire.command({"watch": {"id": "w", "expect": [{"request": {"path": "/never"}}]}})
            assert (await wire.event())["event"] == "open"
        space = live.store.known("a")
        while not space.when_cleared:  # noqa: ASYNC110 - the server sets no event
            await asyncio.sleep(0)
        for wire in wires:
            wire.leave()
        while space.when_cleared or live.feeds.count:  # noqa: ASYNC110
            await asyncio.sleep(0)
        assert live.unsent() == []

    run(scene)
