"""Verifications that wait: settled at the right moment, never before, and free of charge after."""

from __future__ import annotations

import asyncio
import gc
from collections.abc import Awaitable, Callable
from typing import Any

import pytest
from tests.server.world import START_NS
from tests.service.timers import Scene, Waiting, breathe

from pymockapi.engine.verifying.verification import Verification
from pymockapi.model.exchange import Phase

A = {"request": {"path": "/a"}}
B = {"request": {"path": "/b"}}
SPACE = {"namespaces": {"shop": {"lease": "1m"}}}


def run(work: Callable[[Scene], Awaitable[None]], config: Any = None, **more: Any) -> None:
    scene = Scene(config, **more)

    async def within_a_loop() -> None:
        await work(scene)

    asyncio.run(within_a_loop())


def test_what_is_met_is_answered_at_once() -> None:
    async def work(scene: Scene) -> None:
        await scene.send("/a")
        found = await scene.settled(expect=[A], within="5s")
        assert found["passed"]
        assert scene.timers.waiting == 0

    run(work)


@pytest.mark.parametrize(
    ("expect", "more", "targets"),
    [
        ([A], {}, ["/x", "/b", "/a"]),
        ([{**A, "times": 3}], {}, ["/a", "/x", "/a", "/a"]),
        ([A, B], {}, ["/b", "/a"]),
        ([A, {**B, "times": 0}], {}, ["/a"]),
        ([A, B], {"order": "subsequence"}, ["/b", "/a", "/a", "/b"]),
        ([A, B], {"order": "strict"}, ["/a", "/b"]),
        ([{**A, "id": "a"}, {**B, "id": "b"}], {"order": [["a", "b"]]}, ["/a", "/a", "/b"]),
        ([A], {"nothing_else": True, "ignore": [{"path": "/x"}]}, ["/x", "/a"]),
        ([{"request": {"method": "GET"}, "times": 2}], {}, ["/a", "/b"]),
        ([{"request": {"path": {"prefix": "/a"}}}], {}, ["/b", "/ab"]),
        ([{"stub": "pay"}], {}, ["/a", "/pay"]),
        ([{"request": {"query": {"q": {"matches": "x+"}}}}], {}, ["/a?q=y", "/a?q=xx"]),
    ],
)
def test_a_wait_ends_with_the_request_that_meets_it_and_not_before(
    expect: Any, more: Any, targets: list[str]
) -> None:
    async def work(scene: Scene) -> None:
        waiting = await scene.verify(expect=expect, within="5s", **more)
        for target in targets[:-1]:
            await scene.send(target)
            assert not waiting.is_over, target
        await scene.send(targets[-1])
        found = await waiting.answer()
        assert found["passed"], found["report"]
        assert found["cursor"].endswith(f":{len(targets)}")
        assert scene.timers.waiting == 0

    run(work, {"stubs": [{"name": "pay", "request": {"path": "/pay"}}]})


@pytest.mark.parametrize(
    ("expect", "more", "targets"),
    [
        ([{**A, "times": 1}, B], {}, ["/a", "/a"]),
        ([A, B], {"order": "strict"}, ["/b"]),
        ([A], {"nothing_else": True}, ["/b"]),
        ([{**A, "id": "a"}, {**B, "id": "b"}], {"order": [["a", "b"]]}, ["/b", "/a"]),
    ],
)
def test_a_wait_ends_with_the_request_after_which_nothing_can_help(
    expect: Any, more: Any, targets: list[str]
) -> None:
    async def work(scene: Scene) -> None:
        waiting = await scene.verify(expect=expect, within="5s", **more)
        for target in targets:
            assert not waiting.is_over
            await scene.send(target)
        found = await waiting.answer()
        assert (found["passed"], found["complete"], found["reason"]) == (False, True, None)

    run(work)


def test_the_request_that_settles_it_is_the_last_one_judged() -> None:
    async def work(scene: Scene) -> None:
        waiting = await scene.verify(expect=[{**A, "times": 1}], within="5s")
        await scene.send("/a", "/a")  # in one turn
        found = await waiting.answer()
        assert (found["passed"], found["results"][0]["requests"]) == (True, [1])

    run(work)


def test_time_ends_a_wait() -> None:
    async def work(scene: Scene) -> None:
        waiting = await scene.verify(expect=[{**A, "times": 2}], within="5s")
        await scene.send("/a", "/b")
        await scene.timers.advance(4.9)
        assert not waiting.is_over
        await scene.timers.advance(0.1)
        found = await waiting.answer()
        assert (found["passed"], found["results"][0]["actual"]) == (False, 1)
        assert found["cursor"].endswith(":2")

    run(work)


def test_a_request_that_comes_as_time_ends_counts_and_later_ones_do_not() -> None:
    async def work(scene: Scene) -> None:
        waiting = await scene.verify(expect=[{**A, "times": 3}], within="5s")
        scene.world.send("GET", "/a")
        scene.timers.now_s = 5
        for timer in scene.timers._timers:
            assert timer.told is not None
            timer.told()
        scene.world.send("GET", "/a")
        found = await waiting.answer()
        assert found["results"][0]["requests"] == [1]

    run(work)


def test_quiet_begins_when_all_is_met_and_passes_when_nothing_follows() -> None:
    async def work(scene: Scene) -> None:
        waiting = await scene.verify(expect=[A], within="5s", quiet_for="1s")
        await scene.timers.advance(3)
        await scene.send("/a")
        await scene.timers.advance(0.9)
        await scene.send("/b")
        assert not waiting.is_over
        await scene.timers.advance(0.1)
        assert (await waiting.answer())["passed"]

    run(work)


@pytest.mark.parametrize(
    ("more", "follows"),
    [({}, "/a"), ({"nothing_else": True}, "/b"), ({"order": "strict"}, "/b")],
)
def test_quiet_fails_on_the_first_request_that_matters(more: Any, follows: str) -> None:
    async def work(scene: Scene) -> None:
        await scene.send("/a")
        waiting = await scene.verify(expect=[A], quiet_for="1s", **more)
        await scene.send(follows)
        found = await waiting.answer()
        assert not found["passed"]
        assert found["reason"] == "Request #2 came within quiet_for, when everything had been met."
        assert found["reason"] in found["report"]

    run(work)


def test_quiet_alone_does_not_wait_for_what_is_missing() -> None:
    async def work(scene: Scene) -> None:
        found = await scene.settled(expect=[A], quiet_for="1s")
        assert (found["passed"], found["reason"]) == (False, None)

    run(work)


def test_what_must_never_come_is_watched_for_as_long_as_quiet_says() -> None:
    async def work(scene: Scene) -> None:
        waiting = await scene.verify(expect=[{**A, "times": 0}], within="5s", quiet_for="1s")
        await scene.timers.advance(0.5)
        assert not waiting.is_over
        await scene.timers.advance(0.5)
        assert (await waiting.answer())["passed"]

    run(work)


ENDS: list[tuple[str, str, Any, str]] = [
    ("POST", "/namespaces/shop/reset", {}, "The recorded requests were reset while this waited."),
    ("DELETE", "/namespaces/shop/requests", None,
     "The recorded requests were deleted while this waited."),
    ("POST", "/namespaces/shop/finish", {}, "The namespace was finished while this waited."),
    ("DELETE", "/namespaces/shop", None,
     "The namespace was deleted or replaced while this waited."),
    ("PUT", "/namespaces/shop", {}, "The namespace was deleted or replaced while this waited."),
]  # fmt: skip


@pytest.mark.parametrize(("method", "path", "body", "reason"), ENDS)
@pytest.mark.parametrize("is_met", [False, True])
def test_what_ends_the_requests_ends_the_wait(
    method: str, path: str, body: Any, reason: str, is_met: bool
) -> None:
    async def work(scene: Scene) -> None:
        if is_met:
            await scene.send("/~shop/a")
        waiting = await scene.verify("shop", expect=[A], within="5s", quiet_for="5s")
        await scene.control(method, path, body)
        found = await waiting.answer()
        assert (found["passed"], found["reason"]) == (False, reason)
        assert scene.timers.waiting == 0

    run(work, SPACE)


def test_a_request_before_the_end_in_the_same_turn_still_counts() -> None:
    async def work(scene: Scene) -> None:
        waiting = await scene.verify("shop", expect=[A], within="5s")
        scene.world.send("GET", "/~shop/a")
        await scene.control("POST", "/namespaces/shop/finish", {})
        found = await waiting.answer()
        assert (found["passed"], found["reason"]) == (True, None)

    run(work, SPACE)


def test_a_lease_that_runs_out_ends_the_wait() -> None:
    async def work(scene: Scene) -> None:
        waiting = await scene.verify("shop", expect=[A], within="5s")
        scene.world.monotonic_s += 61
        await scene.world.store.expire()
        found = await waiting.answer()
        assert found["reason"] == "The lease of the namespace ran out while this waited."

    run(work, SPACE)


def test_a_server_that_stops_ends_every_wait() -> None:
    async def work(scene: Scene) -> None:
        waits = [await scene.verify(ns, expect=[A], within="5s") for ns in ("default", "shop")]
        for told in scene.world.site.when_stopping:
            told()
        for waiting in waits:
            found = await waiting.answer()
            assert found["reason"] == "The server was stopped while this waited."

    run(work, SPACE)


@pytest.mark.parametrize("part", ["state", "stubs", "sequences"])
def test_a_reset_of_other_parts_leaves_the_wait(part: str) -> None:
    async def work(scene: Scene) -> None:
        waiting = await scene.verify("shop", expect=[A], within="5s")
        await scene.control("POST", "/namespaces/shop/reset", {"only": [part]})
        assert not waiting.is_over
        await scene.send("/~shop/a")
        assert (await waiting.answer())["passed"]

    run(work, SPACE)


def test_a_finished_namespace_is_judged_without_waiting() -> None:
    async def work(scene: Scene) -> None:
        await scene.send("/~shop/a")
        space = scene.world.store.view("shop")
        assert space is not None
        await scene.control("POST", "/namespaces/shop/finish", {})
        assert (await scene.settled(space.id, expect=[A], within="5s"))["passed"]
        found = await scene.settled(space.id, expect=[B], within="5s")
        assert found["reason"] == "The namespace has ended: nothing more can come."

    run(work, SPACE)


def test_quiet_that_begins_as_time_ends_is_waited_for() -> None:
    async def work(scene: Scene) -> None:
        waiting = await scene.verify(expect=[A], within="5s", quiet_for="1s")
        scene.world.send("GET", "/a")
        await scene.timers.advance(5)  # before anybody has looked at the request
        assert not waiting.is_over
        await scene.send("/a")
        found = await waiting.answer()
        assert not found["passed"]
        assert "#2 came within quiet_for" in found["reason"]

    run(work)


def test_what_came_in_time_and_was_dropped_after_it_leaves_no_false_verdict() -> None:
    async def work(scene: Scene) -> None:
        waiting = await scene.verify(expect=[{**A, "times": 0}], quiet_for="1s")
        scene.world.send("GET", "/a")
        for timer in scene.timers._timers:
            assert timer.told is not None
            timer.told()
        for _ in range(5):  # in the same turn; two of them stay
            scene.world.send("GET", "/b")
        found = await waiting.answer()
        assert (found["passed"], found["complete"]) == (False, False)

    run(work, {"settings": {"limits": {"requests": 2}}})


def test_what_came_in_time_counts_though_the_look_back_took_longer() -> None:
    pauses: list[int] = []

    def pause() -> Awaitable[None] | None:
        pauses.append(1)
        if len(pauses) == before + 2:
            scene.world.send("GET", "/a")
            scene.timers._timers[0].told()  # type: ignore[misc]
        if len(pauses) == before + 3:
            scene.world.send("GET", "/b")
        return None

    scene = Scene()
    before = 1_000

    async def work() -> None:
        nonlocal before
        for _ in range(200):
            scene.world.send("GET", "/b")
        slow = {"request": {"query": {"q": {"absent": True}}, "path": {"matches": "/a+"}}}
        scene.world.store.pause = pause
        before = len(pauses) + 1  # the one of the reading
        begun = await scene.verify(expect=[slow], within="5s")
        found = begun if isinstance(begun, dict) else await begun.answer()
        assert (found["passed"], found["results"][0]["requests"]) == (True, [201])
        assert found["cursor"].endswith(":201")

    asyncio.run(work())


def test_time_ends_a_wait_though_requests_come_faster_than_they_are_looked_at() -> None:
    came: list[int] = []

    def pause() -> Awaitable[None]:
        if is_flooding and len(came) < 1_000:
            came.append(1)
            scene.world.send("GET", "/b")
        return asyncio.sleep(0)

    is_flooding: list[bool] = []
    scene = Scene(None, pause)

    async def work() -> None:
        waiting = await scene.verify(expect=[A], nothing_else=True, ignore=[{}], within="5s")
        await scene.verify(expect=[A], nothing_else=True, ignore=[{}], within="1h")
        is_flooding.append(True)
        await scene.send("/b")
        await scene.timers.advance(5)
        for _ in range(20):
            await breathe()
        assert len(came) < 1_000
        assert not (await waiting.answer())["passed"]

    asyncio.run(work())


def test_the_collector_of_garbage_works_while_a_large_verification_waits() -> None:
    async def work(scene: Scene) -> None:
        long = [{"request": {"path": f"/{number}/{'x' * 500}"}} for number in range(150)]
        waiting = await scene.verify(expect=[A, *long], within="5s")
        assert (waiting.is_over, gc.isenabled()) == (False, True)
        await scene.timers.advance(5)
        assert not (await waiting.answer())["passed"]

    run(work)


def test_a_client_that_goes_away_frees_its_wait() -> None:
    async def work(scene: Scene) -> None:
        waiting = await scene.verify(expect=[A], within="5s")
        waiting.reply.abandon()
        await breathe()
        space = scene.world.store.view("default")
        assert space is not None
        assert waiting.is_given_up
        assert (space.sinks, space.when_cleared, scene.timers.waiting) == ([], [], 0)

    run(work)


def test_nothing_is_followed_once_the_last_wait_is_over() -> None:
    async def work(scene: Scene) -> None:
        space = scene.world.store.view("default")
        assert space is not None
        one = await scene.verify(expect=[A], within="5s")
        other = await scene.verify(expect=[B], within="5s")
        assert (len(space.sinks), len(space.when_cleared)) == (1, 1)
        await scene.send("/a")
        assert (one.is_over, len(space.sinks)) == (True, 1)
        await scene.send("/b")
        await other.answer()
        assert (space.sinks, space.when_cleared) == ([], [])

    run(work)


LIMITS = {
    "settings": {"limits": {"waiters": 2}},
    "server": {"limits": {"waiters": 3}},
    "namespaces": {"one": {}, "two": {}},
}


def test_waits_over_a_limit_are_refused_and_those_that_end_make_room() -> None:
    async def work(scene: Scene) -> None:
        first = await scene.verify("one", expect=[A], within="5s")
        await scene.verify("one", expect=[B], within="5s")
        refused = await scene.settled("one", expect=[A], within="5s")
        assert (refused["status"], refused["type"]) == (429, "urn:pymockapi:error:limit-reached")
        assert "in namespace 'one': the limit 'waiters' is 2" in refused["detail"]
        await scene.verify("two", expect=[A], within="5s")
        refused = await scene.settled("two", expect=[A], within="5s")
        assert "the limit 'server.limits.waiters' is 3" in refused["detail"]
        assert not (await scene.settled("two", expect=[A]))["passed"]  # it does not wait
        await scene.send("/~one/a")
        await first.answer()
        assert isinstance(await scene.verify("two", expect=[A], within="5s"), Waiting)

    run(work, LIMITS)


def test_a_phase_that_is_asked_for_is_heard_of_when_it_comes() -> None:
    async def work(scene: Scene) -> None:
        store = scene.world.store
        await scene.send("/a")  # before the wait
        waiting = await scene.verify(
            expect=[{**A, "answered": {"phase": "answered"}, "times": 2}], within="5s"
        )
        await scene.send("/a")  # while it waits
        space = store.view("default")
        assert space is not None
        early, late = space.journal
        store.progress(early, Phase.DELAYED, 0)
        store.progress(late, Phase.ANSWERED, 10)
        await breathe()
        assert not waiting.is_over
        store.progress(early, Phase.ANSWERED, 10)
        found = await waiting.answer()
        assert (found["passed"], found["results"][0]["requests"]) == (True, [1, 2])
        assert store.progress_sinks == []

    run(work)


def test_progress_of_requests_that_nobody_awaits_wakes_nobody() -> None:
    async def work(scene: Scene) -> None:
        store = scene.world.store
        waiting = await scene.verify(expect=[{**A, "answered": {"phase": "aborted"}}], within="5s")
        await scene.send("/a", "/b")
        space = store.view("default")
        assert space is not None
        awaited, other = space.journal
        store.progress(other, Phase.ABORTED, 0)
        await breathe()
        assert not waiting.is_over
        store.progress(awaited, Phase.ABORTED, 0)
        assert (await waiting.answer())["passed"]

    run(work)


def test_requests_that_were_dropped_before_they_were_seen_leave_no_false_verdict() -> None:
    async def work(scene: Scene) -> None:
        waiting = await scene.verify(expect=[{**A, "times": 1}], within="5s")
        for _ in range(5):  # in one turn; two of them stay
            scene.world.send("GET", "/b")
        found = await waiting.answer()
        assert (found["passed"], found["complete"]) == (False, False)

    run(work, {"settings": {"limits": {"requests": 2}}})


def test_requests_dropped_while_it_looks_back_leave_no_false_verdict() -> None:
    pauses: list[int] = []

    def pause() -> Awaitable[None] | None:
        pauses.append(1)
        if len(pauses) == 2:  # after the one of the reading
            for _ in range(4):  # more than stay
                scene.world.send("GET", "/b")
        return None

    scene = Scene({"settings": {"limits": {"requests": 2}}})
    scene.world.send("GET", "/b")
    scene.world.store.pause = pause

    async def work() -> None:
        slow = {
            "request": {"query": {"q": {"matches": "x+"}}},
            "times": {"at_most": 3, "at_least": 1},
        }
        waiting = await scene.verify(expect=[slow], within="5s")
        assert not waiting.is_over  # one was lost, and it may have been one of three
        await scene.timers.advance(5)
        found = await waiting.answer()
        assert (found["passed"], found["complete"]) == (False, False)
        assert found["results"][0]["dropped"] == 2

    asyncio.run(work())


def test_a_request_that_is_deleted_before_it_was_seen_counts_no_more() -> None:
    async def work(scene: Scene) -> None:
        waiting = await scene.verify(expect=[A], within="5s")
        scene.world.send("GET", "/a")
        await scene.control("DELETE", "/namespaces/default/requests/1")
        assert not waiting.is_over
        await scene.send("/a")
        assert (await waiting.answer())["results"][0]["requests"] == [2]

    run(work)


def test_a_verification_that_breaks_is_told_as_an_error_of_the_server(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def broken(*_: object) -> bool:
        raise ZeroDivisionError

    async def work(scene: Scene) -> None:
        told: list[Any] = []
        asyncio.get_running_loop().set_exception_handler(lambda _, context: told.append(context))
        waiting = await scene.verify(expect=[A], within="5s")
        monkeypatch.setattr(Verification, "feed", broken)
        await scene.send("/a")
        assert (await waiting.answer())["status"] == 500
        assert isinstance(told[0]["exception"], ZeroDivisionError)

    run(work)


def test_what_a_wait_has_seen_counts_though_it_be_dropped() -> None:
    async def work(scene: Scene) -> None:
        waiting = await scene.verify(expect=[{**A, "times": 3}], within="5s")
        for target in ("/a", "/b", "/a", "/b", "/a"):
            await scene.send(target)
        found = await waiting.answer()
        assert (found["passed"], found["complete"]) == (True, True)

    run(work, {"settings": {"limits": {"requests": 1}}})


def test_an_expression_that_goes_past_its_budget_ends_the_wait_with_an_error() -> None:
    async def work(scene: Scene) -> None:
        pattern = {"query": {"q": {"matches": "(x+x+)+y"}}}
        waiting = await scene.verify(expect=[{"request": pattern}], within="5s")
        await scene.send("/a?q=" + "x" * 3000)
        found = await waiting.answer()
        assert found["status"] == 422
        assert "request 1" in found["detail"]

    run(work)


def test_what_came_during_a_long_look_back_is_not_missed() -> None:
    came: list[int] = []

    def pause() -> Awaitable[None] | None:
        if scene.world.store.view("default") is None or len(came) > 3 or not is_looking:
            return None
        came.append(1)
        scene.world.send("GET", "/a")
        return asyncio.sleep(0)

    is_looking: list[bool] = []
    scene = Scene(None, pause)

    async def work() -> None:
        for _ in range(100):
            scene.world.send("GET", "/b")
        is_looking.append(True)
        slow = {"request": {"path": {"matches": "/a+"}}, "times": 4}
        begun = await scene.verify(expect=[slow], within="5s")
        found = await begun.answer()
        assert (found["passed"], found["results"][0]["actual"]) == (True, 4)

    asyncio.run(work())
    assert scene.world.real_ns == START_NS


def test_a_thousand_waits_are_woken_by_what_concerns_them_alone() -> None:
    async def work(scene: Scene) -> None:
        waits = [
            await scene.verify(expect=[{"request": {"path": f"/{number}"}}], within="5s")
            for number in range(200)
        ]
        await scene.send("/7")
        assert [number for number, each in enumerate(waits) if each.is_over] == [7]
        await scene.send(*(f"/{number}" for number in range(200)))
        assert all([(await each.answer())["passed"] for each in waits])

    run(work)
