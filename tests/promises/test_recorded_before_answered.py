"""P5: a request is in the journal, with its number, before the first byte of its answer leaves."""

from __future__ import annotations

from tests.promises.live import Json, Live, Wire, encoded, run, stub, together

from pymockapi.model.exchange import Phase


async def entry_of(live: Live, ns: str, phase: str) -> Json:
    """Ask until there is an entry in ``phase``."""
    while True:
        page = await live.control("GET", f"{ns}/requests?phase={phase}")
        if page["requests"]:
            return page["requests"][-1]


def test_whoever_has_an_answer_finds_its_request_at_once() -> None:
    async def scene(live: Live) -> None:
        ns = await live.namespace(stubs=[stub("s", "/s", responses=[{"text": "x"}])])

        async def ask(wire: Wire, reading: Wire, number: int) -> None:
            for turn in range(20):
                identity = f"{number}-{turn}"
                target = "/~a/s" if turn % 2 else "/~a/nothing"
                await wire.call("GET", target, {"X-Request-Id": identity})
                found = await reading.get(f"/__mock/v1{ns}/requests?correlation={identity}")
                (entry,) = found.json["requests"]
                assert entry["stub"] == ("s" if turn % 2 else None)
                assert entry["response"]["status"] == (200 if turn % 2 else 404)

        asking, reading = await live.wires(8), await live.wires(8)
        pairs = zip(asking, reading, strict=True)
        await together(ask(*pair, number) for number, pair in enumerate(pairs))

    run(scene)


def test_a_request_is_recorded_before_its_first_byte_can_be_read() -> None:
    async def scene(live: Live) -> None:
        await live.namespace(stubs=[stub("s", "/s")])
        space = live.store.known("a")
        for number, wire in enumerate(await live.wires(20), 1):
            await wire.get("/~a/s")
            entry = space.journal.get(number)
            assert entry is not None
            assert entry.stub == "s"

    run(scene)


def test_a_delayed_answer_is_recorded_as_delayed_meanwhile() -> None:
    async def scene(live: Live) -> None:
        slow = stub("slow", "/slow", response={"text": "late", "delay": "1h"})
        ns = await live.namespace(stubs=[slow])
        wire = await live.wire()
        wire.send(encoded("GET", "/~a/slow"))
        entry = await entry_of(live, ns, "delayed")
        assert (entry["number"], entry["stub"], entry["hit"]) == (1, "slow", 1)
        ended = await live.control("POST", f"{ns}/finish", {"status": "passed"})
        assert await wire.is_closed()
        assert [each["number"] for each in ended["in_flight"]] == [1]

    run(scene)


def test_an_answer_that_is_cancelled_stays_recorded_as_aborted() -> None:
    async def scene(live: Live) -> None:
        slow = stub("slow", "/slow", response={"delay": "1h"})
        ns = await live.namespace(stubs=[slow])
        wire = await live.wire()
        wire.send(encoded("GET", "/~a/slow"))
        await entry_of(live, ns, "delayed")
        entry = live.store.known("a").journal.get(1)
        await live.control("POST", f"{ns}/reset")
        assert await wire.is_closed()
        assert entry is not None
        assert entry.phase is Phase.ABORTED

    run(scene)


def test_a_client_that_leaves_while_it_waits_stays_recorded() -> None:
    async def scene(live: Live) -> None:
        ns = await live.namespace(stubs=[stub("slow", "/slow", response={"delay": "1h"})])
        wire = await live.wire()
        wire.send(encoded("GET", "/~a/slow"))
        await entry_of(live, ns, "delayed")
        wire.leave()
        assert (await entry_of(live, ns, "aborted"))["hit"] == 1

    run(scene)


def test_a_request_that_could_not_be_read_is_recorded_as_refused() -> None:
    async def scene(live: Live) -> None:
        ns = await live.namespace()
        wire = await live.wire()
        answer = await wire.call("POST", "/~a/large", json="x" * 2000)
        assert answer.status == 413
        entry = await entry_of(live, ns, "refused")
        assert (entry["number"], entry["stub"], entry["error"]) == (1, None, "too-large")
        assert (await live.control("POST", f"{ns}/requests/count", {}))["count"] == 0

    run(scene, server={"limits": {"body": 1000}})
