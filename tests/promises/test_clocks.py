"""A namespace's clock is what its test says; what waits, waits by real time, whatever that clock does."""

from __future__ import annotations

from typing import Final

import pytest
from tests.promises.live import Json, Live, encoded, run, stub

YEARS: Final = "876000h"  # a hundred
FROZEN: Final = {"mode": "frozen", "now": "2030-01-01T00:00:00Z"}
TOLD: Final = stub(
    "told", "/told", response={"template": True, "text": "{{ now() }} {{ now('+1d', 'date') }}"}
)
VALID: Final = {
    "name": "valid", "request": {"path": "/valid", "query": {"until": {"after": "now+1h"}}},
    "response": {"text": "valid"},
}  # fmt: skip
SOON: Final = stub("soon", "/soon", response={"text": "soon", "delay": "20ms"})
LATE: Final = stub("late", "/late", response={"text": "late", "delay": "1h"})
HELD: Final = stub("held", "/held", response={"text": "held", "hold": "g"})


async def moved(live: Live, **clock: Json) -> None:
    await live.control("PUT", "/namespaces/a/clock", clock)


async def phase(live: Live) -> str:
    found = await live.control("GET", "/namespaces/a/requests/1")
    return str(found["phase"])


def test_one_clock_drives_templates_matchers_and_the_date_header() -> None:
    async def scene(live: Live) -> None:
        await live.namespace(stubs=[TOLD, VALID], clock=FROZEN)
        wire = await live.wire()
        until = "/~a/valid?until=2030-01-01T02:00:00Z"
        for now, date, status in (
            ("2030-01-01T00:00:00Z", "Tue, 01 Jan 2030 00:00:00 GMT", 200),
            ("2030-01-01T01:30:00Z", "Tue, 01 Jan 2030 01:30:00 GMT", 404),
        ):
            told = await wire.get("/~a/told")
            assert (told.text, told.headers["date"]) == (f"{now} 2030-01-02", date)
            assert (await wire.get(until)).status == status
            await moved(live, advance="90m")
        recorded = (await live.control("GET", "/namespaces/a/requests"))["requests"]
        assert [each["mock_at"][:19] + "Z" for each in recorded] == [
            "2030-01-01T00:00:00Z", "2030-01-01T00:00:00Z",
            "2030-01-01T01:30:00Z", "2030-01-01T01:30:00Z",
        ]  # fmt: skip
        times = [each["at"] for each in recorded]
        assert times == sorted(times)
        assert times[0] < "2030" or times[0] > "2031"

    run(scene)


def test_the_clock_of_another_namespace_is_its_own() -> None:
    async def scene(live: Live) -> None:
        await live.namespace(stubs=[TOLD], clock=FROZEN)
        await live.namespace("b", stubs=[TOLD], clock={"mode": "frozen", "now": "2040-01-01"})
        wire = await live.wire()
        await moved(live, advance=YEARS)
        assert (await wire.get("/~b/told")).text == "2040-01-01T00:00:00Z 2040-01-02"

    run(scene)


@pytest.mark.parametrize("clock", [FROZEN, {"now": "2030-01-01"}], ids=["frozen", "offset"])
def test_a_delay_ends_by_real_time_though_the_clock_stands_still(clock: Json) -> None:
    async def scene(live: Live) -> None:
        await live.namespace(stubs=[SOON], clock=clock)
        assert (await (await live.wire()).get("/~a/soon")).text == "soon"

    run(scene)


@pytest.mark.parametrize("clock", [FROZEN, {"now": "2030-01-01"}], ids=["frozen", "offset"])
@pytest.mark.parametrize("held", [LATE, HELD], ids=["delayed", "at a gate"])
def test_a_clock_that_moves_by_years_frees_nothing_that_waits(held: Json, clock: Json) -> None:
    async def scene(live: Live) -> None:
        await live.namespace(stubs=[held], clock=clock)
        wire = await live.wire()
        wire.send(encoded("GET", f"/~a/{held['name']}"))
        checked = {"expect": [{"stub": held["name"]}], "within": "60s"}
        assert (await live.control("POST", "/namespaces/a/verify", checked))["passed"]
        before = await phase(live)
        assert before in ("delayed", "parked")
        for move in ({"advance": YEARS}, {"now": "1970-01-02"}, {"mode": "real"}):
            await moved(live, **move)
            assert await phase(live) == before

    run(scene)


def test_waits_end_by_real_time_though_the_clock_stands_still() -> None:
    async def scene(live: Live) -> None:
        await live.namespace(stubs=[HELD], clock=FROZEN)
        gate = await live.control("GET", "/namespaces/a/gates/g?waiting=1&within=20ms")
        missing = {"expect": [{"stub": "held"}], "within": "20ms"}
        checked = await live.control("POST", "/namespaces/a/verify", missing)
        quiet = {"expect": [{"stub": "held", "times": 0}], "quiet_for": "20ms"}
        watched = await live.control("POST", "/namespaces/a/verify", quiet)
        assert (gate["passed"], checked["passed"], watched["passed"]) == (False, False, True)

    run(scene)


def test_a_wait_goes_on_while_the_clock_moves_by_years() -> None:
    async def scene(live: Live) -> None:
        await live.namespace(stubs=[stub("x", "/x")], clock=FROZEN)
        waiting = await live.wire()
        missing = {"expect": [{"stub": "x", "times": 2}], "within": "60s"}
        waiting.send(encoded("POST", "/__mock/v1/namespaces/a/verify", None, missing))
        wire = await live.wire()
        await wire.get("/~a/x")
        await moved(live, advance=YEARS)
        await wire.get("/~a/x")
        assert (await waiting.answer()).json["passed"]

    run(scene)


def test_a_lease_does_not_run_out_with_the_clock_of_its_namespace() -> None:
    async def scene(live: Live) -> None:
        await live.namespace(lease="1h", clock={"now": "2030-01-01"})
        await moved(live, advance=YEARS)
        assert await live.store.expire() == []
        assert live.store.view("a") is not None

    run(scene)
