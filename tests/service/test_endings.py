"""Finishing a namespace once what its stubs expect has come, and once it is quiet."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import pytest
from tests.service.timers import Scene, Waiting, breathe

PAY = {"name": "pay", "request": {"path": "/pay"}, "expect": 2}
SHIP = {"name": "ship", "request": {"path": "/ship"}, "expect": {"at_least": 1}}
LATE = "Not all that stubs expect came within 2 s."
UNQUIET = "Requests still came when the time to wait for quiet was over."


def run(
    work: Callable[[Scene], Awaitable[None]], *stubs: Any, base: Any = (), **settings: Any
) -> None:
    config = {
        "stubs": list(base),
        "namespaces": {"shop": {"stubs": list(stubs), "settings": settings, "lease": "1m"}},
    }
    scene = Scene(config)

    async def within_a_loop() -> None:
        await work(scene)
        assert scene.timers.waiting == 0
        for space in scene.world.store.spaces():
            assert not space.sinks
            assert not space.when_cleared

    asyncio.run(within_a_loop())


def kinds(found: Any) -> list[str]:
    return [each["kind"] for each in found["verdict"]["problems"]]


def test_without_within_and_quiet_for_it_is_finished_at_once() -> None:
    async def work(scene: Scene) -> None:
        found = await scene.finish(status="passed")
        assert (kinds(found), found["cut_short"]) == (["unmet"], None)

    run(work, PAY)


@pytest.mark.parametrize("targets", [["/pay", "/ship", "/pay"], ["/ship", "/pay", "/x", "/pay"]])
def test_it_is_finished_with_the_request_that_is_missing_and_not_before(targets: list[str]) -> None:
    async def work(scene: Scene) -> None:
        waiting = await scene.finish(within="2s")
        for target in targets[:-1]:
            await scene.send(f"/~shop{target}")
            assert not waiting.is_over
        await scene.send(f"/~shop{targets[-1]}")
        found = await waiting.answer()
        assert (found["cut_short"], found["requests"]) == (None, len(targets))
        assert "unmet" not in kinds(found)

    run(work, PAY, SHIP)


def test_nothing_that_misses_is_no_reason_to_wait() -> None:
    async def work(scene: Scene) -> None:
        await scene.send("/~shop/ship")
        found = await scene.finish(within="2s")
        assert found["verdict"]["passed"]

    run(work, SHIP)


def test_what_does_not_come_in_time_is_told() -> None:
    async def work(scene: Scene) -> None:
        waiting = await scene.finish(within="2s", quiet_for="1s")
        await scene.send("/~shop/pay")
        await scene.timers.advance(1.9)
        assert not waiting.is_over
        await scene.timers.advance(0.1)
        found = await waiting.answer()
        assert (found["cut_short"], kinds(found)) == (LATE, ["unmet"])
        assert found["verdict"]["report"].splitlines()[1].strip() == LATE
        again = await scene.finish()
        assert again == found

    run(work, PAY)


def test_what_is_too_much_ends_no_wait_for_what_is_missing() -> None:
    async def work(scene: Scene) -> None:
        waiting = await scene.finish(within="2s")
        await scene.send("/~shop/pay", "/~shop/pay", "/~shop/pay")
        assert not waiting.is_over
        await scene.send("/~shop/ship")
        assert kinds(await waiting.answer()) == ["overrun"]

    run(work, PAY, SHIP)


def test_quiet_begins_once_all_is_there_and_anew_with_each_request() -> None:
    async def work(scene: Scene) -> None:
        waiting = await scene.finish(within="2s", quiet_for="1s")
        await scene.timers.advance(1.5)
        await scene.send("/~shop/ship")
        await scene.timers.advance(0.9)
        await scene.send("/~shop/whatever")
        await scene.timers.advance(0.5)
        assert not waiting.is_over
        await scene.timers.advance(0.1)  # both together are over
        found = await waiting.answer()
        assert (found["cut_short"], kinds(found)) == (UNQUIET, ["unmatched"])

    run(work, SHIP)


def test_it_is_finished_as_soon_as_it_is_quiet() -> None:
    async def work(scene: Scene) -> None:
        waiting = await scene.finish(within="9s", quiet_for="1s")
        await scene.send("/~shop/ship", "/~shop/ship")
        await scene.timers.advance(0.9)
        await scene.send("/~shop/ship")
        await scene.timers.advance(0.9)
        assert not waiting.is_over
        await scene.timers.advance(0.1)
        found = await waiting.answer()
        assert (found["cut_short"], found["requests"]) == (None, 3)

    run(work, SHIP)


@pytest.mark.parametrize(("targets", "reason"), [([], None), (["/~shop/ship"], UNQUIET)])
def test_without_within_it_waits_for_quiet_once(targets: list[str], reason: str | None) -> None:
    async def work(scene: Scene) -> None:
        waiting = await scene.finish(quiet_for="1s")
        await scene.timers.advance(0.5)
        await scene.send(*targets)
        await scene.timers.advance(0.5)
        found = await waiting.answer()
        assert found["cut_short"] == reason

    run(work, SHIP)


def test_what_comes_in_the_turn_in_which_time_ends_is_not_missing() -> None:
    async def work(scene: Scene) -> None:
        waiting = await scene.finish(within="2s")
        scene.world.send("GET", "/~shop/ship")
        await scene.timers.advance(2)
        found = await waiting.answer()
        assert (found["cut_short"], found["verdict"]["passed"]) == (None, True)

    run(work, SHIP)


def test_what_comes_in_the_turn_in_which_quiet_ends_begins_it_anew() -> None:
    async def work(scene: Scene) -> None:
        waiting = await scene.finish(within="2s", quiet_for="1s")
        scene.world.send("GET", "/~shop/x")
        await scene.timers.advance(1)
        assert not waiting.is_over
        await scene.timers.advance(0.9)
        assert not waiting.is_over
        await scene.timers.advance(0.1)
        assert (await waiting.answer())["cut_short"] is None

    run(work)


def test_requests_in_other_namespaces_neither_disturb_nor_count() -> None:
    async def work(scene: Scene) -> None:
        waiting = await scene.finish(within="2s", quiet_for="1s")
        await scene.send("/ship", "/~shop/ship")
        await scene.timers.advance(0.9)
        await scene.send("/ship")
        await scene.timers.advance(0.1)
        assert (await waiting.answer())["requests"] == 1

    run(work, base=[SHIP])


def test_stubs_that_change_meanwhile_are_waited_for_as_they_are_then() -> None:
    async def work(scene: Scene) -> None:
        waiting = await scene.finish(within="2s")
        await scene.control("PUT", "/namespaces/shop/stubs/more", {**SHIP, "name": "more"})
        await scene.control("DELETE", "/namespaces/shop/stubs/pay")
        assert not waiting.is_over
        await scene.send("/~shop/ship")
        assert (await waiting.answer())["requests"] == 1

    run(work, PAY)


def test_a_reset_begins_the_count_anew() -> None:
    async def work(scene: Scene) -> None:
        waiting = await scene.finish(within="2s", quiet_for="1s")
        await scene.send("/~shop/ship")
        await scene.control("DELETE", "/namespaces/shop/requests")
        await scene.timers.advance(1.5)
        assert not waiting.is_over
        await scene.send("/~shop/ship")
        await scene.timers.advance(1)
        assert (await waiting.answer())["cut_short"] is None

    run(work, SHIP)


def test_what_is_missing_again_once_its_time_is_over_is_waited_for_no_more() -> None:
    async def work(scene: Scene) -> None:
        waiting = await scene.finish(within="2s", quiet_for="1s")
        await scene.timers.advance(1.9)
        await scene.send("/~shop/ship")
        await scene.timers.advance(0.2)
        await scene.control("DELETE", "/namespaces/shop/requests")
        assert not waiting.is_over
        await scene.timers.advance(0.8)
        assert kinds(await waiting.answer()) == ["unmet"]

    run(work, SHIP)


def test_two_that_wait_get_the_same() -> None:
    async def work(scene: Scene) -> None:
        one = await scene.finish(within="2s", status="passed")
        other = await scene.finish(within="1s", status="failed")
        await scene.timers.advance(1)
        found = await other.answer()
        assert await one.answer() == found
        assert found["status"] == "failed"

    run(work, SHIP)


@pytest.mark.parametrize(
    ("method", "path", "body", "status", "code"),
    [
        ("DELETE", "/namespaces/shop", None, 404, "unknown-namespace"),
        ("PUT", "/namespaces/shop", {}, 409, "conflict"),
    ],
)
def test_what_was_deleted_meanwhile_is_not_finished(
    method: str, path: str, body: Any, status: int, code: str
) -> None:
    async def work(scene: Scene) -> None:
        waiting = await scene.finish(within="2s")
        await scene.control(method, path, body)
        found = await waiting.answer()
        assert (found["status"], found["type"].rpartition(":")[2]) == (status, code)

    run(work, SHIP)


def test_a_lease_that_runs_out_meanwhile_ends_it_as_expired() -> None:
    async def work(scene: Scene) -> None:
        waiting = await scene.finish(within="2m")
        scene.world.monotonic_s += 61
        await scene.world.store.expire()
        assert (await waiting.answer())["reason"] == "expired"
        await breathe()

    run(work, SHIP)


def test_a_client_that_goes_away_has_finished_nothing() -> None:
    async def work(scene: Scene) -> None:
        waiting = await scene.finish(within="2s")
        waiting.reply.abandon()
        await breathe()
        assert waiting.is_given_up
        assert scene.world.store.view("shop") is not None

    run(work, SHIP)


def test_a_server_that_stops_finishes_at_once() -> None:
    async def work(scene: Scene) -> None:
        waiting = await scene.finish(within="2s")
        scene.world.send("GET", "/~shop/ship")  # in the same turn
        for told in (*scene.world.site.when_stopping, *scene.world.site.when_stopping):
            told()
        found = await waiting.answer()
        assert found["cut_short"] == "The server was stopped while this waited."

    run(work, SHIP)


def test_what_waits_has_a_limit() -> None:
    async def work(scene: Scene) -> None:
        first = await scene.finish(within="2s")
        refused = await scene.finish(within="2s")
        assert (refused["status"], refused["type"]) == (429, "urn:pymockapi:error:limit-reached")
        await scene.send("/~shop/ship")
        assert (await first.answer())["verdict"]["passed"]

    run(work, SHIP, limits={"waiters": 1})


@pytest.mark.parametrize(
    ("ns", "status"), [("default", 409), ("nobody", 404), ("shop", 200)], ids=str
)
def test_what_cannot_be_finished_is_told_without_any_wait(ns: str, status: int) -> None:
    async def work(scene: Scene) -> None:
        await scene.send("/~shop/ship")
        found = await scene.finish(ns, within="2s")
        assert not isinstance(found, Waiting)
        assert found["status"] == (status if status != 200 else None)

    run(work, SHIP)
