"""Behaviours on a real server: what a limit lets pass is exact, however many ask at once."""

from __future__ import annotations

from collections import Counter
from typing import Any, Final

from tests.promises.live import Live, Wire, run, stub, together

CLIENTS: Final = 64
ASKED: Final = 5  # by each client, one after the other
FROZEN: Final = {"mode": "frozen", "now": "2030-01-01T00:00:00Z"}


async def asked(live: Live, ns: str = "a", count: int = ASKED) -> list[int]:
    async def ask(wire: Wire) -> list[int]:
        return [(await wire.get(f"/~{ns}/x")).status for _ in range(count)]

    found = await together(ask(wire) for wire in await live.wires(CLIENTS))
    return [status for statuses in found for status in statuses]


def test_64_clients_on_a_limit_of_10_pass_10_times() -> None:
    async def scene(live: Live) -> None:
        spec: dict[str, Any] = {"stubs": [stub("x", "/x")], "clock": FROZEN}
        ns = await live.namespace(**spec, settings={"behaviour": "rate-limited"})
        assert Counter(await asked(live)) == {200: 10, 429: CLIENTS * ASKED - 10}
        await live.control("PUT", f"{ns}/clock", {"advance": "1m"})
        assert Counter(await asked(live)) == {200: 10, 429: CLIENTS * ASKED - 10}
        assert (await live.control("GET", f"{ns}/stubs/x"))["hits"] == 20
        verdict = await live.control("GET", f"{ns}/verdict")
        assert verdict["passed"], verdict

    run(scene)


def test_64_clients_of_a_service_that_recovers_fail_as_often_as_it_says() -> None:
    async def scene(live: Live) -> None:
        behaviour = {"failures": {"first": 100}}
        ns = await live.namespace(stubs=[stub("x", "/x")], settings={"behaviour": behaviour})
        found = await asked(live)
        assert Counter(found) == {503: 100, 200: CLIENTS * ASKED - 100}
        listed = await live.control("GET", f"{ns}/requests?limit=1000")
        failed = [each["number"] for each in listed["requests"] if "behaviour" in each]
        assert failed == list(range(1, 101))

    run(scene)


def test_what_fails_is_the_same_whatever_other_namespaces_do() -> None:
    async def scene(live: Live) -> None:
        spec: dict[str, Any] = {
            "stubs": [stub("x", "/x")],
            "seed": 7,
            "settings": {"behaviour": "flaky"},
        }
        for name in ("alone", "busy", "other"):
            await live.namespace(name, **spec)
        wire = await live.wire()
        alone = [(await wire.get("/~alone/x")).status for _ in range(50)]

        async def calm() -> list[int]:
            return [(await wire.get("/~busy/x")).status for _ in range(50)]

        busy, _ = await together([calm(), asked(live, "other", 20)])
        assert busy == alone
        assert set(alone) == {200, 503}

    run(scene)
