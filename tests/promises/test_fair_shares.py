"""P2 to P5 while requests wait for their turn: on real connections, with a real thread."""

from __future__ import annotations

from itertools import chain

from tests.promises.live import Live, Wire, run, stub, together

CATASTROPHE = "a" * 60 + "!"
SLOW = {
    "name": "slow", "priority": 1, "response": {"text": "slow"},
    "request": {"path": "/slow", "headers": {"x": {"matches": "(a|aa)+$"}}},
}  # fmt: skip
STEPS = 200
SEQUENCE = stub("s", "/s", responses=[{"text": str(n)} for n in range(STEPS)], after_last="fail")


def test_each_step_is_served_once_and_in_order_of_arrival_while_others_wait() -> None:
    async def scene(live: Live) -> None:
        ns = await live.namespace(stubs=[SLOW, SEQUENCE])
        wires, slow = await live.wires(10), await live.wires(2)

        async def steps(wire: Wire) -> list[int]:
            return [int((await wire.get("/~a/s")).text) for _ in range(STEPS // 10)]

        async def hold(wire: Wire) -> list[int]:
            return [(await wire.get("/~a/slow", x=CATASTROPHE)).status for _ in range(5)]

        *served, first, second = await together([*map(steps, wires), *map(hold, slow)])
        assert first == second == [599] * 5
        assert sorted(chain.from_iterable(served)) == list(range(STEPS))
        assert all(each == sorted(each) for each in served)
        page = await live.control("GET", f"{ns}/requests?limit=1000")
        numbers = [each["number"] for each in page["requests"]]
        assert numbers == list(range(1, STEPS + 11))
        sequence = [each["response"]["status"] for each in page["requests"] if each["stub"] == "s"]
        assert sequence == [200] * STEPS

    run(scene)


def test_another_namespace_is_answered_while_one_waits_for_a_slow_match() -> None:
    async def scene(live: Live) -> None:
        await live.namespace(stubs=[SLOW])
        quiet = await live.namespace("quiet", stubs=[stub("s", "/s")])
        slow, wire = await live.wires(10), await live.wire()
        for each in slow:
            each.send(f"GET /~a/slow HTTP/1.1\r\nHost: a\r\nx: {CATASTROPHE}\r\n\r\n".encode())
        assert (await wire.get("/~quiet/s")).text == "s"
        assert [(await each.answer()).status for each in slow] == [599] * 10
        assert len((await live.control("GET", f"{quiet}/requests"))["requests"]) == 1

    run(scene)


def test_what_waits_when_its_namespace_is_finished_is_recorded_unanswered() -> None:
    async def scene(live: Live) -> None:
        await live.namespace(stubs=[SLOW])
        (identity,) = (each.id for each in live.store.spaces() if each.name == "a")
        wires, control = await live.wires(5), await live.wire()
        for wire in wires:
            wire.send(f"GET /~a/slow HTTP/1.1\r\nHost: a\r\nx: {CATASTROPHE}\r\n\r\n".encode())
        await control.get("/~none/x")  # by now they have come
        await live.control("POST", "/namespaces/a/finish", {})
        answered = [not await wire.is_closed() for wire in wires]
        page = await live.control("GET", f"/namespaces/{identity}/requests")
        phases = [each["phase"] for each in page["requests"]]
        assert sorted(phases) == sorted("answered" if each else "aborted" for each in answered)
        assert "aborted" in phases

    run(scene)


def test_what_waits_when_its_namespace_is_reset_is_not_of_what_comes_after() -> None:
    async def scene(live: Live) -> None:
        ns = await live.namespace(stubs=[SLOW, stub("s", "/s")])
        wires, other = await live.wires(5), await live.wire()
        for wire in wires:
            wire.send(f"GET /~a/slow HTTP/1.1\r\nHost: a\r\nx: {CATASTROPHE}\r\n\r\n".encode())
        await other.get("/~none/x")  # by now they have come
        await live.control("POST", f"{ns}/reset")
        assert (await other.get("/~a/s")).text == "s"
        page = await live.control("GET", f"{ns}/requests")
        assert [each["path"] for each in page["requests"]] == ["/s"]
        assert await wires[-1].is_closed()

    run(scene)
