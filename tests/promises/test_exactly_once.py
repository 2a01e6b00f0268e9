"""P2: under any concurrency each step goes to exactly as many requests as it says."""

from __future__ import annotations

from collections import Counter

from tests.promises.live import Live, Wire, encoded, run, stub, together

PIPELINED = 8


async def bodies(wire: Wire, target: str, count: int) -> list[str]:
    """Send ``count`` requests, some at a time before their answers are read."""
    request = encoded("GET", target)
    found = []
    for start in range(0, count, PIPELINED):
        some = min(PIPELINED, count - start)
        wire.send(request * some)
        found += [answer.text for answer in [await wire.answer() for _ in range(some)]]
    return found


def test_64_connections_get_each_of_10_000_steps_exactly_once() -> None:
    async def scene(live: Live) -> None:
        steps = [{"text": str(n)} for n in range(10_000)]
        await live.namespace(stubs=[stub("s", "/s", responses=steps, after_last="pass")])
        wires = await live.wires(64)
        served = await together(bodies(wire, "/~a/s", 157) for wire in wires)
        counted = Counter(text for each in served for text in each if not text.startswith("{"))
        assert counted == Counter(str(n) for n in range(10_000))
        for each in served:
            own = [int(text) for text in each if not text.startswith("{")]
            assert own == sorted(own)

    run(scene)


def test_a_stub_with_times_1_is_served_once_to_64_at_once() -> None:
    async def scene(live: Live) -> None:
        ns = await live.namespace(stubs=[stub("below", "/s"), stub("once", "/s", times=1)])
        wires = await live.wires(64)
        for _ in range(5):
            served = await together(wire.get("/~a/s") for wire in wires)
            assert Counter(answer.text for answer in served) == {"once": 1, "below": 63}
            await live.control("POST", f"{ns}/reset", {"only": ["sequences"]})

    run(scene)


def test_every_value_of_per_gets_each_step_exactly_once_under_concurrency() -> None:
    async def scene(live: Live) -> None:
        steps = [{"text": str(n)} for n in range(20)]
        sequence = stub("s", "/s", responses=steps, per="query.u", after_last="fail")
        await live.namespace(stubs=[sequence])
        wires = await live.wires(32)
        served = await together(
            bodies(wire, f"/~a/s?u={number % 8}", 5) for number, wire in enumerate(wires)
        )
        for value in range(8):
            texts = [
                text for number, each in enumerate(served) if number % 8 == value for text in each
            ]
            assert sorted(texts, key=int) == [str(n) for n in range(20)]

    run(scene)


def test_requests_are_numbered_without_gap_or_double() -> None:
    async def scene(live: Live) -> None:
        ns = await live.namespace()
        wires = await live.wires(32)
        await together(bodies(wire, "/~a/nothing", 10) for wire in wires)
        page = await live.control("GET", f"{ns}/requests?limit=1000")
        assert [entry["number"] for entry in page["requests"]] == list(range(1, 321))

    run(scene)


def test_increments_of_the_state_lose_nothing_under_concurrency() -> None:
    async def scene(live: Live) -> None:
        ns = await live.namespace(stubs=[stub("s", "/s", set={"n": {"increment": 1}})])
        wires = await live.wires(32)
        await together(bodies(wire, "/~a/s", 10) for wire in wires)
        assert await live.control("GET", f"{ns}/state") == {"n": 320}

    run(scene)
