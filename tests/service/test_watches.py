"""Watches: settled as a verification is, in place among the events; wrong commands change nothing."""

from __future__ import annotations

import asyncio
import json
from typing import Any, Final

import pytest
from tests.service.readers import reader, run
from tests.service.timers import Scene, breathe

from pymockapi.service import subscriptions, watches
from pymockapi.service.subscriptions import FLOODED

A: Final = {"request": {"path": "/a"}}
B: Final = {"request": {"path": "/b"}}
SHOP: Final[dict[str, Any]] = {"namespaces": {"shop": {}}}


def watch(identity: str = "w", **asked: Any) -> dict[str, Any]:
    return {"watch": {"id": identity, **asked}}


CASES: Final[list[tuple[Any, Any, list[str]]]] = [
    ([A], {}, ["/x", "/b", "/a"]),
    ([{**A, "times": 3}], {}, ["/a", "/x", "/a", "/a"]),
    ([A, B], {}, ["/b", "/a"]),
    ([A, {**B, "times": 0}], {}, ["/a"]),
    ([A, B], {"order": "subsequence"}, ["/b", "/a", "/a", "/b"]),
    ([A, B], {"order": "strict"}, ["/a", "/b"]),
    ([{**A, "id": "a"}, {**B, "id": "b"}], {"order": [["a", "b"]]}, ["/a", "/a", "/b"]),
    ([A], {"nothing_else": True, "ignore": [{"path": "/x"}]}, ["/x", "/a"]),
    ([{"request": {"method": "GET"}, "times": 2}], {}, ["/a", "/b"]),
    ([{"stub": "pay"}], {}, ["/a", "/pay"]),
    ([{**A, "times": 1}, B], {}, ["/a", "/a"]),
    ([A, B], {"order": "strict"}, ["/b"]),
    ([A], {"nothing_else": True}, ["/b"]),
    ([{**A, "id": "a"}, {**B, "id": "b"}], {"order": [["a", "b"]]}, ["/b", "/a"]),
]


@pytest.mark.parametrize(("expect", "more", "targets"), CASES)
def test_a_watch_is_settled_by_the_request_that_settles_a_verification_and_not_before(
    expect: Any, more: Any, targets: list[str]
) -> None:
    async def work(scene: Scene) -> None:
        reads = reader(scene, types="namespace")
        waiting = await scene.verify(expect=expect, within="5s", **more)
        reads.subscription.command(json.dumps(watch(expect=expect, within="5s", **more)))
        await breathe()
        for target in targets:
            assert reads.take() == []
            await scene.send(target)
        (message,) = reads.take()
        verified = await waiting.answer()
        assert message["verification"] == verified
        assert message["event"] == ("watch.passed" if verified["passed"] else "watch.failed")
        assert (message["watch"], message["namespace"]) == ("w", "default")

    run(work, {"stubs": [{"name": "pay", "request": {"path": "/pay"}}]})


def test_the_answer_comes_after_the_events_that_it_rests_on() -> None:
    async def work(scene: Scene) -> None:
        reads = reader(scene)
        reads.subscription.command(json.dumps(watch(expect=[A])))
        await scene.send("/b", "/a")
        await scene.send("/c")
        told = reads.take()
        assert [(each["event"], each.get("number")) for each in told] == [
            ("request.unmatched", 1), ("request.unmatched", 2), ("watch.passed", None),
            ("request.unmatched", 3),
        ]  # fmt: skip
        assert told[2]["seq"] == told[1]["seq"]

    run(work)


def test_what_is_recorded_counts_and_settles_at_once() -> None:
    async def work(scene: Scene) -> None:
        await scene.send("/a")
        reads = reader(scene)
        assert (await reads.answer(watch(expect=[A])))["event"] == "watch.passed"
        assert (await reads.answer(watch(expect=[{**A, "times": 0}], quiet_for="1s")))["event"] == "watch.failed"  # fmt: skip
        assert (await reads.answer(watch(expect=[B], within=0)))["event"] == "watch.failed"
        assert scene.timers.waiting == 0

    run(work)


def test_after_leaves_out_what_came_before() -> None:
    async def work(scene: Scene) -> None:
        await scene.send("/a")
        reads = reader(scene, types="namespace")
        reads.subscription.command(json.dumps(watch(expect=[A], after=1)))
        await breathe()
        assert reads.take() == []
        await scene.send("/a")
        (message,) = reads.take()
        assert message["verification"]["results"][0]["requests"] == [2]

    run(work)


def test_time_ends_a_watch_and_without_within_that_is_an_hour() -> None:
    async def work(scene: Scene) -> None:
        reads = reader(scene)
        for command in (watch("s", expect=[A], within="5s"), watch("h", expect=[A])):
            reads.subscription.command(json.dumps(command))
        await breathe()
        await scene.timers.advance(5)
        (message,) = reads.take()
        assert (message["event"], message["watch"]) == ("watch.failed", "s")
        await scene.timers.advance(3594)
        assert reads.take() == []
        await scene.timers.advance(1)
        assert [each["watch"] for each in reads.take()] == ["h"]

    run(work)


def test_quiet_begins_when_all_is_met() -> None:
    async def work(scene: Scene) -> None:
        reads = reader(scene, types="namespace")
        reads.subscription.command(json.dumps(watch(expect=[A], quiet_for="1s")))
        await breathe()
        await scene.timers.advance(9)
        await scene.send("/a")
        assert reads.take() == []
        await scene.timers.advance(1)
        assert reads.kinds() == ["watch.passed"]

    run(work)


def test_several_watches_wait_at_once_and_an_id_is_free_once_it_is_answered() -> None:
    async def work(scene: Scene) -> None:
        reads = reader(scene, types="namespace")
        for number in range(20):
            expect = [{"request": {"path": f"/{number}"}}]
            reads.subscription.command(json.dumps(watch(str(number), expect=expect)))
        await breathe()
        for number in (7, 3, 19):
            await scene.send(f"/{number}")
            assert [each["watch"] for each in reads.take()] == [str(number)]
        assert (await reads.answer(watch("7", expect=[A], within=0)))["watch"] == "7"

    run(work)


def test_a_watch_is_taken_back_and_never_answered() -> None:
    async def work(scene: Scene) -> None:
        reads = reader(scene, types="namespace")
        for command in (watch("v", expect=[A]), watch("w", expect=[A]), {"unwatch": "w"}):
            reads.subscription.command(json.dumps(command))
        await breathe()
        (message,) = reads.take()
        assert (message["event"], message["watch"]) == ("watch.removed", "w")
        await scene.send("/a")
        assert [each["watch"] for each in reads.take()] == ["v"]
        assert scene.timers.waiting == 0

    run(work)


@pytest.mark.parametrize(
    ("command", "code", "place", "says"),
    [
        ("{", "unreadable", None, "The command is no JSON"),
        ("", "unreadable", None, "The command is no JSON"),
        ("[" * 900 + "]" * 900, "unreadable", None, "JSON that cannot be read"),
        ("\ud800", "unreadable", None, "The command is no JSON"),
        ([], "invalid", "", "expected an object, got a list"),
        ({}, "invalid", "", 'expected {"watch": {...}} or {"unwatch": "ID"}'),
        ({"watch": {}, "unwatch": "w"}, "invalid", "", "one of them"),
        ({"wach": {}}, "invalid", "/wach", "did you mean 'watch'?"),
        ({"watch": 1}, "invalid", "/watch", "expected an object, got a number"),
        ({"watch": {"expect": [A]}}, "invalid", "/watch", "expected 'id'"),
        (watch(7, expect=[A]), "invalid", "/watch/id", "expected a string, got a number"),  # type: ignore[arg-type]
        (watch("", expect=[A]), "invalid", "/watch/id", "1 to 200 characters, got 0"),
        (watch("x" * 201, expect=[A]), "invalid", "/watch/id", "got 201"),
        (watch(expect=[A], witin=1), "invalid", "/watch/witin", "did you mean 'within'?"),
        (watch(expect=[A], within="2y"), "invalid", "/watch/within", "expected a duration"),
        (watch(expect=[]), "invalid", "/watch/expect", "expected at least one expectation"),
        (watch(expect=[{"stub": "nobody"}]), "invalid", "/watch/expect/0/stub", "nobody"),
        (watch(expect=[A], after=9), "invalid", "/watch/after", "9 is beyond it"),
        (watch(expect=[{**A, "times": 0}]), "invalid", "/watch/within", "quiet_for"),
        ({"unwatch": "nobody"}, "unknown-item", None, "None is waiting."),
        ({"unwatch": 7}, "invalid", "/unwatch", "expected the id of a watch, got a number"),
    ],
)
def test_a_wrong_command_is_told_with_its_place(
    command: Any, code: str, place: str | None, says: str
) -> None:
    async def work(scene: Scene) -> None:
        reads = reader(scene)
        told = await reads.answer(command)
        assert (told["event"], told["code"]) == ("error", code)
        if place is None:
            assert (told["errors"], says in told["detail"]) == ([], True)
        else:
            assert told["errors"][0]["pointer"] == place
            assert says in told["errors"][0]["message"]
        assert scene.timers.waiting == 0
        await scene.send("/a")
        assert reads.kinds() == ["request.unmatched"]

    run(work)


def test_every_wrong_place_of_a_watch_is_told_at_once() -> None:
    async def work(scene: Scene) -> None:
        reads = reader(scene)
        told = await reads.answer({"watch": {"expect": [{"request": {"pth": 1}}], "order": "x"}})
        assert [each["pointer"] for each in told["errors"]] == [
            "/watch", "/watch/order", "/watch/expect/0/request/pth",
        ]  # fmt: skip
        assert (told["watch"], "3 errors" in told["detail"]) == (None, True)

    run(work)


def test_a_second_watch_of_the_same_id_is_refused_and_the_first_goes_on() -> None:
    async def work(scene: Scene) -> None:
        reads = reader(scene, types="namespace")
        reads.subscription.command(json.dumps(watch(expect=[A])))
        told = await reads.answer(watch(expect=[B]))
        assert (told["code"], told["watch"]) == ("conflict", "w")
        await scene.send("/b")
        assert reads.take() == []
        await scene.send("/a")
        assert reads.kinds() == ["watch.passed"]

    run(work)


def test_what_waits_is_told_to_whoever_takes_back_another() -> None:
    async def work(scene: Scene) -> None:
        reads = reader(scene)
        reads.subscription.command(json.dumps(watch(expect=[A])))
        assert "Waiting are 'w'." in (await reads.answer({"unwatch": "v"}))["detail"]

    run(work)


def test_watches_count_among_the_verifications_that_wait() -> None:
    async def work(scene: Scene) -> None:
        reads = reader(scene)
        await scene.verify(expect=[A], within="5s")
        reads.subscription.command(json.dumps(watch("1", expect=[A])))
        told = await reads.answer(watch("2", expect=[A]))
        assert (told["code"], told["watch"]) == ("limit-reached", "2")
        assert "the limit 'waiters' is 2" in told["detail"]
        reads.subscription.close()
        await breathe()
        assert (await scene.verify(expect=[A], within="5s")).is_over is False

    run(work, {"settings": {"limits": {"waiters": 2}}})


def test_one_reader_has_no_more_watches_than_may_wait_even_before_they_do() -> None:
    async def work(scene: Scene) -> None:
        reads = reader(scene)
        for number in range(3):
            reads.subscription.command(json.dumps(watch(str(number), expect=[A])))
        await breathe()
        (told,) = reads.take()
        assert (told["code"], told["watch"]) == ("limit-reached", "2")

    run(work, {"settings": {"limits": {"waiters": 2}}})


def test_a_pattern_past_its_budget_is_an_error_of_its_watch() -> None:
    async def work(scene: Scene) -> None:
        reads = reader(scene, types="namespace")
        pattern = {"query": {"q": {"matches": "(a|aa)+b"}}}
        await scene.send(f"/a?q={'a' * 5000}")
        told = await reads.answer(watch(expect=[{"request": pattern}], within=0))
        assert (told["event"], told["watch"]) == ("error", "w")
        assert told["errors"][0]["pointer"] == "/watch/expect"

    run(work)


@pytest.mark.parametrize(
    ("method", "path", "why", "ended"),
    [
        ("POST", "/namespaces/shop/reset", "were reset", None),
        ("POST", "/namespaces/shop/finish", "was finished", "finished"),
        ("DELETE", "/namespaces/shop", "was deleted or replaced", "deleted"),
    ],
)
def test_a_watch_ends_with_what_it_waits_for_and_before_the_feed_does(
    method: str, path: str, why: str, ended: str | None
) -> None:
    async def work(scene: Scene) -> None:
        reads = reader(scene, "shop", types="namespace")
        reads.subscription.command(json.dumps(watch(expect=[A])))
        await breathe()
        reads.wakes = 0
        await scene.control(method, path)
        event, message = reads.take()
        assert event["event"].startswith("namespace.")
        assert (message["event"], message["verification"]["passed"]) == ("watch.failed", False)
        assert why in message["verification"]["reason"]
        assert reads.subscription.ended == ended

    run(work, SHOP)


def test_a_feed_does_not_end_before_its_watches_are_answered() -> None:
    async def work(scene: Scene) -> None:
        reads = reader(scene, "shop")
        reads.subscription.command(json.dumps(watch(expect=[A])))
        await breathe()
        await scene.world.store.finish("shop", None)
        assert reads.kinds() == ["namespace.finished"]
        assert reads.subscription.ended is None
        await breathe()
        assert reads.kinds() == ["watch.failed"]
        assert reads.subscription.ended == "finished"

    run(work, SHOP)


def test_a_watch_on_a_finished_namespace_judges_what_it_recorded() -> None:
    async def work(scene: Scene) -> None:
        await scene.send("/~shop/a")
        identity = scene.world.store.known("shop").id
        await scene.control("POST", "/namespaces/shop/finish")
        reads = reader(scene, identity, seq="0")
        reads.take()
        reads.subscription.command(json.dumps(watch(expect=[A])))
        reads.subscription.command(json.dumps(watch("v", expect=[B])))
        assert reads.subscription.ended is None
        await breathe()
        assert reads.kinds() == ["watch.passed", "watch.failed"]
        assert reads.subscription.ended == "finished"

    run(work, SHOP)


def test_a_watch_renews_the_lease_of_its_namespace() -> None:
    async def work(scene: Scene) -> None:
        reads = reader(scene, "shop")
        scene.world.monotonic_s += 50
        await reads.answer(watch(expect=[A], within=0))
        scene.world.monotonic_s += 50
        assert await scene.world.store.expire() == []

    run(work, {"namespaces": {"shop": {"lease": "1m"}}})


def test_the_feed_of_the_server_takes_no_watches() -> None:
    async def work(scene: Scene) -> None:
        told = await reader(scene, None).answer(watch(expect=[A]))
        assert (told["code"], told["watch"]) == ("conflict", "w")
        assert "that namespace's own feed" in told["detail"]

    run(work)


def test_a_reader_that_goes_takes_its_watches_along() -> None:
    async def work(scene: Scene) -> None:
        reads = reader(scene)
        for number in range(3):
            reads.subscription.command(json.dumps(watch(str(number), expect=[A])))
        await breathe()
        assert scene.timers.waiting == 3
        reads.subscription.command(json.dumps(watch("x", expect=[A])))
        reads.subscription.close()
        reads.subscription.command(json.dumps(watch("y", expect=[A])))
        await breathe()
        assert (scene.timers.waiting, scene.world.store.known("default").sinks) == (0, [])

    run(work)


def test_many_watches_are_given_up_in_several_turns() -> None:
    async def work(scene: Scene) -> None:
        reads = reader(scene)
        for number in range(3 * watches.CANCELLED):
            reads.subscription.command(json.dumps(watch(str(number), expect=[A])))
        for _ in range(10):
            await breathe()
        assert scene.timers.waiting == 3 * watches.CANCELLED
        reads.subscription.close()
        left = []
        for _ in range(6):
            await asyncio.sleep(0)
            left.append(scene.timers.waiting)
        assert left == sorted(left, reverse=True)
        assert set(left) == {100, 50, 0}

    run(work)


def test_commands_of_a_reader_that_says_too_much_are_its_end(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(watches, "MAX_UNREAD", 1_000)

    async def work(scene: Scene) -> None:
        reads = reader(scene)
        reads.subscription.command(json.dumps(watch(expect=[A])))
        await breathe()
        for _ in range(5):
            reads.subscription.command(" " * 300)
        await breathe()
        assert reads.take() == []
        assert reads.subscription.ended == FLOODED
        assert scene.timers.waiting == 0
        reads.subscription.command("{}")
        await breathe()
        assert reads.take() == []

    run(work)


def test_answers_that_nobody_takes_are_its_end_too(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(subscriptions, "MAX_ANSWERS", 5_000)

    async def work(scene: Scene) -> None:
        reads = reader(scene)
        for _ in range(100):
            reads.subscription.command("{}")
        await breathe()
        assert reads.take() == []
        assert reads.subscription.ended == FLOODED

    run(work)


def test_commands_that_were_read_make_room_for_more(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(watches, "MAX_UNREAD", 1_000)

    async def work(scene: Scene) -> None:
        reads = reader(scene)
        for _ in range(20):
            assert (await reads.answer(" " * 300 + "{}"))["event"] == "error"

    run(work)


def test_a_mistake_of_the_server_is_told_and_the_next_commands_are_read(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    async def work(scene: Scene) -> None:
        reads = reader(scene, types="namespace")
        verifications = scene.world.feeds.verifications

        async def broken(*_: Any) -> Any:
            raise RuntimeError("broken on purpose")

        with monkeypatch.context() as patch:
            patch.setattr(verifications, "read", broken)
            reads.subscription.command(json.dumps(watch("1", expect=[A])))
            reads.subscription.command(json.dumps({"unwatch": "1"}))
            await breathe()
        with monkeypatch.context() as patch:
            patch.setattr(verifications, "judged", broken)
            reads.subscription.command(json.dumps(watch("2", expect=[A])))
            await breathe()
        told = [(each["event"], each["code"], each["watch"]) for each in reads.take()]
        assert told == [
            ("error", "internal", None), ("error", "unknown-item", None), ("error", "internal", "2"),
        ]  # fmt: skip

    run(work)
    assert caplog.text.count("RuntimeError: broken on purpose") == 2


def test_a_large_command_is_read_in_slices() -> None:
    slices = []

    def pause() -> Any:
        slices.append(1)
        return asyncio.sleep(0)

    async def work(scene: Scene) -> None:
        reads = reader(scene)
        expect = [{"request": {"body": {"text": "x" * 5_000}}} for _ in range(30)]
        reads.subscription.command(json.dumps(watch(expect=expect, within=0)))
        slices.clear()
        for _ in range(200):
            await asyncio.sleep(0)
        assert reads.kinds() == ["watch.failed"]
        assert len(slices) > 4

    run(work, pause=pause)
