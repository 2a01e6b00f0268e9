"""Who waits for whom, by a clock in hand; the loop, the thread and the work are played."""

from __future__ import annotations

import logging
from collections.abc import Callable, Generator
from concurrent.futures import Future
from functools import partial
from typing import Any, Final

import pytest
from tests.server.world import World, request

from pymockapi.model.aside import SlowMatch
from pymockapi.model.response import make_response
from pymockapi.server import shares
from pymockapi.server.application_port import Later, Reply
from pymockapi.server.shares import (
    AT_ONCE_S,
    FLOOD_PER_S,
    LONG_S,
    NOTICE_S,
    OTHERS_S,
    SHARE,
    Shares,
)
from pymockapi.store.namespace import Namespace
from pymockapi.store.port import Arrival

REPLY: Final = Reply(make_response(200))
FAILED: Final = Reply(make_response(500))


class Timer:
    def __init__(self, delay: float, callback: Callable[[], object]) -> None:
        self.delay = delay
        self.callback = callback
        self.is_cancelled = False

    def cancel(self) -> None:
        self.is_cancelled = True


class Loop:
    """Turns of the loop happen when a test wants them."""

    def __init__(self) -> None:
        self.soon: list[Callable[[], object]] = []
        self.timers: list[Timer] = []

    def call_soon(self, callback: Callable[[], object]) -> None:
        self.soon.append(callback)

    call_soon_threadsafe = call_soon

    def call_later(self, delay: float, callback: Callable[[], object]) -> Timer:
        self.timers.append(Timer(delay, callback))
        return self.timers[-1]

    @property
    def timer(self) -> Timer:
        return next(each for each in self.timers if not each.is_cancelled)

    def iterate(self, count: int = 1) -> None:
        for _ in range(count):
            soon, self.soon = self.soon, []
            for callback in soon:
                callback()


class Slow(SlowMatch):
    def run(self) -> None: ...


class Scene:
    """Two namespaces and what is done for their requests; each step takes ``step_s``."""

    def __init__(self) -> None:
        world = World({"namespaces": {"a": {}, "b": {}}})
        self.now = 100.0
        self.cpu = 0.0
        self.loop = Loop()
        self.outside: list[Future[None]] = []
        self.shares = Shares(
            lambda: self.loop, self._run, lambda: self.spaces, lambda: self.now, lambda: self.cpu
        )
        self.seen: list[str] = []
        self.a, self.b = (self._space(world, name) for name in "ab")
        self.spaces = [self.a, self.b]

    def _space(self, world: World, name: str) -> Namespace:
        found = world.store.view(name)
        assert found is not None
        return found

    def _run(self, work: Callable[[], None]) -> Future[None]:
        self.outside.append(Future())
        work()
        return self.outside[-1]

    def put(self, space: Namespace, name: str, *steps: Any, size: int = 0) -> Later:
        """A number is a step of so many seconds, anything else is yielded."""
        arrival = Arrival(request("POST", "/", b"x" * size), "path")
        later = self.shares.put(space, arrival, self._steps(steps or (REPLY,)))
        later.arrive = partial(self._arrived, name)
        later.failed = lambda: FAILED
        return later

    def _steps(self, steps: tuple[Any, ...]) -> Generator[Any, None, None]:
        for step in steps:
            if isinstance(step, float):
                self.pass_s(step)
                yield None
            elif isinstance(step, ValueError):
                raise step
            else:
                yield step

    def _arrived(self, name: str, reply: Reply) -> None:
        self.seen.append(name if reply is REPLY else f"{name} failed")

    def pass_s(self, seconds: float) -> None:
        self.now += seconds
        self.cpu += seconds

    def come(self, *spaces: Namespace, count: int = 1) -> None:
        """Have requests come to ``spaces``, a quarter of a second after the last look."""
        self.now += 0.25
        for space in spaces:
            space.journal.last += count
        self.shares.look()

    def is_waiting(self, space: Namespace) -> bool:
        return space.id in self.shares.waiting


@pytest.fixture
def scene() -> Scene:
    return Scene()


def test_what_came_to_one_namespace_is_served_in_order_of_arrival(scene: Scene) -> None:
    for name in ("a1", "a2", "a3"):
        scene.put(scene.a, name, 0.001, REPLY)
    scene.loop.iterate(20)
    assert scene.seen == ["a1", "a2", "a3"]


def test_each_iteration_serves_one_namespace_for_a_slice(scene: Scene) -> None:
    for n in range(3):
        scene.put(scene.a, f"a{n}", 0.001, REPLY)
        scene.put(scene.b, f"b{n}", 0.001, REPLY)
    scene.loop.iterate()
    assert scene.now == pytest.approx(100.001)
    scene.loop.iterate(20)
    assert scene.seen == ["a0", "b0", "a1", "b1", "a2", "b2"]


def test_what_is_short_is_served_several_in_a_slice(scene: Scene) -> None:
    for n in range(3):
        scene.put(scene.a, f"a{n}")
    scene.loop.iterate()
    assert scene.seen == ["a0", "a1", "a2"]


def test_while_one_waits_those_that_come_after_it_wait_too(scene: Scene) -> None:
    scene.put(scene.a, "a1", 0.001, 0.001, REPLY)
    assert scene.is_waiting(scene.a)
    scene.loop.iterate(2)
    assert scene.is_waiting(scene.a)
    scene.put(scene.a, "a2")
    scene.loop.iterate(9)
    assert (scene.seen, scene.is_waiting(scene.a)) == (["a1", "a2"], False)


# What takes long is paid for, while others are there.


def test_long_turns_past_the_share_make_the_next_wait_until_they_are_paid_off(scene: Scene) -> None:
    scene.come(scene.a, scene.b)
    scene.shares.charge(scene.a, AT_ONCE_S + 0.01)
    assert scene.is_waiting(scene.a)
    scene.put(scene.a, "a1")
    scene.loop.iterate(3)
    assert scene.seen == []
    assert scene.loop.timer.delay == pytest.approx(0.01 / SHARE)
    scene.now += scene.loop.timer.delay
    scene.loop.timer.callback()
    scene.loop.iterate()
    assert scene.seen == ["a1"]


def test_a_long_step_is_charged_and_a_short_one_is_not(scene: Scene) -> None:
    scene.come(scene.a, scene.b)
    scene.put(scene.a, "a1", AT_ONCE_S - LONG_S, *[LONG_S / 2] * 8, REPLY)
    scene.loop.iterate(20)
    assert not scene.is_waiting(scene.a)
    scene.put(scene.a, "a2", 4 * LONG_S, REPLY)
    scene.loop.iterate(9)
    assert (scene.seen, scene.is_waiting(scene.a)) == (["a1", "a2"], True)


def test_a_large_body_is_charged(scene: Scene) -> None:
    scene.come(scene.a, scene.b)
    scene.shares.charge(scene.a, AT_ONCE_S)
    scene.put(scene.a, "a1", size=4_000_000)
    scene.loop.iterate()
    assert scene.loop.timer.delay == pytest.approx(4_000_000 * shares.BYTE_S / SHARE, rel=0.01)


def test_who_is_alone_never_waits(scene: Scene) -> None:
    scene.come(scene.a)
    for _ in range(10):
        scene.shares.charge(scene.a, 1.0)
    scene.loop.iterate()
    assert not scene.is_waiting(scene.a)
    scene.put(scene.a, "a1", 1.0, REPLY)
    scene.loop.iterate(9)
    assert scene.seen == ["a1"]


def test_who_waits_goes_on_once_the_others_are_gone(scene: Scene) -> None:
    scene.come(scene.a, scene.b)
    scene.shares.charge(scene.a, 100.0)
    scene.put(scene.a, "a1")
    scene.loop.iterate()
    scene.now += OTHERS_S
    scene.come(scene.a)
    scene.loop.iterate()
    assert (scene.seen, scene.is_waiting(scene.a)) == (["a1"], False)
    assert all(each.is_cancelled for each in scene.loop.timers)


def test_a_debt_is_paid_off_while_nothing_is_asked(scene: Scene) -> None:
    scene.come(scene.a, scene.b)
    scene.shares.charge(scene.a, AT_ONCE_S + 0.01)
    scene.come(scene.a, scene.b)
    assert scene.is_waiting(scene.a)
    scene.now += 0.01 / SHARE
    scene.come(scene.a, scene.b)
    assert not scene.is_waiting(scene.a)


def test_it_is_logged_once_that_a_namespace_waits(
    scene: Scene, caplog: pytest.LogCaptureFixture
) -> None:
    scene.come(scene.a, scene.b)
    with caplog.at_level(logging.WARNING):
        for _ in range(3):
            scene.shares.charge(scene.a, AT_ONCE_S)
    assert [each.getMessage().split(" held")[0] for each in caplog.records] == ["namespace 'a'"]


# Floods.


def test_who_sends_a_flood_is_served_in_slices_until_it_ends(scene: Scene) -> None:
    scene.come(scene.a, count=FLOOD_PER_S)
    assert not scene.is_waiting(scene.a)  # nobody else is there
    scene.come(scene.a, scene.b, count=FLOOD_PER_S // 4 + 1)
    assert (scene.is_waiting(scene.a), scene.is_waiting(scene.b)) == (True, True)
    scene.put(scene.a, "a1")
    scene.loop.iterate()
    assert (scene.seen, scene.is_waiting(scene.a)) == (["a1"], True)
    scene.come(scene.a, scene.b)
    assert (scene.is_waiting(scene.a), scene.is_waiting(scene.b)) == (False, False)


def test_who_comes_beside_a_flood_is_noticed_soon(scene: Scene) -> None:
    scene.come(scene.a, count=FLOOD_PER_S)
    for _ in range(3):
        scene.now += 2 * NOTICE_S
        scene.loop.timers.pop().callback()
        assert not scene.is_waiting(scene.a)
    scene.b.journal.last += 1
    scene.now += 2 * NOTICE_S
    scene.loop.timers.pop().callback()
    assert scene.is_waiting(scene.a)
    scene.come(scene.a, scene.b)
    scene.loop.timers.pop().callback()
    assert (scene.is_waiting(scene.a), scene.loop.timers) == (False, [])


def test_who_comes_is_noticed_by_the_next_long_turn(scene: Scene) -> None:
    scene.come(scene.a)
    scene.shares.charge(scene.a, 1.0)
    scene.loop.iterate()
    assert not scene.is_waiting(scene.a)
    scene.b.journal.last += 1
    scene.shares.charge(scene.a, 1.0)
    scene.loop.iterate()
    assert not scene.is_waiting(scene.a)  # it has just been looked
    scene.now += 2 * NOTICE_S
    scene.shares.charge(scene.a, 1.0)
    scene.loop.iterate()
    assert scene.is_waiting(scene.a)


def test_after_a_long_turn_the_rest_of_its_namespace_waits_for_the_next_iteration(
    scene: Scene,
) -> None:
    """Else a burst on many connections would be one turn as long as all of them together."""
    scene.shares.charge(scene.a, LONG_S / 2)
    assert not scene.is_waiting(scene.a)
    scene.shares.charge(scene.a, LONG_S * 2)
    assert (scene.is_waiting(scene.a), scene.is_waiting(scene.b)) == (True, False)
    scene.put(scene.a, "a1", LONG_S * 2, REPLY)
    scene.put(scene.a, "a2", LONG_S * 2, REPLY)
    scene.loop.iterate(2)
    assert scene.seen == ["a1"]
    scene.loop.iterate(2)
    assert scene.seen == ["a1", "a2"]
    assert not scene.is_waiting(scene.a)


# In the thread.


def test_while_one_is_in_the_thread_others_of_its_namespace_wait_and_those_of_another_go_on(
    scene: Scene,
) -> None:
    scene.put(scene.a, "a1", Slow(), REPLY)
    scene.put(scene.a, "a2")
    scene.put(scene.b, "b1")
    scene.loop.iterate(9)
    assert scene.seen == ["b1"]
    scene.come(scene.a, scene.b)
    assert scene.is_waiting(scene.a)
    scene.outside[0].set_result(None)
    scene.loop.iterate(9)
    assert scene.seen == ["b1", "a1", "a2"]


def test_what_ends_in_the_thread_after_the_loop_is_closed_is_dropped(scene: Scene) -> None:
    def closed(_: object) -> None:
        raise RuntimeError("Event loop is closed")

    scene.put(scene.a, "a1", Slow(), REPLY)
    scene.loop.iterate()
    scene.loop.call_soon_threadsafe = closed  # type: ignore[method-assign, assignment]
    scene.outside[0].set_result(None)
    scene.loop.iterate(9)
    assert scene.seen == []


# Ends.


def test_cancelling_gives_up_what_was_not_answered_and_nothing_of_others(scene: Scene) -> None:
    scene.put(scene.a, "a1", REPLY, 0.001, 0.001)
    scene.put(scene.a, "a2")
    scene.put(scene.b, "b1")
    scene.loop.iterate()
    assert [each.request.target for each in scene.shares.cancel(scene.a.id)] == ["/"]
    scene.put(scene.a, "a3")
    scene.loop.iterate(9)
    assert scene.seen == ["a1", "b1", "a3"]
    assert scene.shares.cancel(scene.a.id) == []
    assert scene.shares.cancel("unknown") == []


def test_what_comes_back_from_the_thread_after_a_cancel_is_nobodys(scene: Scene) -> None:
    scene.put(scene.a, "a1", Slow(), REPLY)
    scene.loop.iterate()
    assert len(scene.shares.cancel(scene.a.id)) == 1
    scene.put(scene.a, "a2")
    scene.loop.iterate(3)
    assert scene.seen == []  # one thing of a namespace in the thread
    scene.outside[0].set_result(None)
    scene.loop.iterate(9)
    assert (scene.seen, scene.is_waiting(scene.a)) == (["a2"], False)


def test_cancelling_who_waits_for_its_share_ends_the_timer_and_keeps_the_debt(scene: Scene) -> None:
    scene.come(scene.a, scene.b)
    scene.shares.charge(scene.a, AT_ONCE_S + 0.01)
    scene.put(scene.a, "a1")
    scene.loop.iterate()
    assert len(scene.shares.cancel(scene.a.id)) == 1
    scene.loop.iterate()
    assert all(each.is_cancelled for each in scene.loop.timers)
    assert scene.is_waiting(scene.a)
    scene.spaces = [scene.b]  # it is gone
    scene.shares.look()
    assert not scene.is_waiting(scene.a)


def test_a_stop_makes_nobody_wait_for_a_share(scene: Scene) -> None:
    scene.come(scene.a, scene.b)
    scene.shares.charge(scene.a, 100.0)
    scene.put(scene.a, "a1")
    scene.loop.iterate()
    scene.shares.hurry()
    scene.put(scene.a, "a2")
    scene.loop.iterate()
    assert scene.seen == ["a1", "a2"]


def test_closing_forgets_all_that_waits(scene: Scene) -> None:
    scene.put(scene.a, "a1")
    scene.put(scene.b, "b1")
    scene.shares.close()
    scene.loop.iterate(9)
    assert scene.seen == []


def test_who_brings_more_than_may_be_kept_does_not_wait_for_a_share(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(shares, "MAX_BYTES", 1_000)
    scene.come(scene.a, scene.b)
    scene.shares.charge(scene.a, 100.0)
    scene.put(scene.a, "a1")
    scene.loop.iterate()
    scene.put(scene.a, "a2", size=2_000)
    scene.put(scene.a, "a3")
    scene.loop.iterate()
    assert scene.seen == ["a1", "a2"]  # then there is room again


def test_a_failure_is_answered_and_the_next_is_served(scene: Scene) -> None:
    scene.put(scene.a, "a1", ValueError())
    scene.put(scene.a, "a2", REPLY, ValueError())
    scene.put(scene.a, "a3")
    scene.loop.iterate(9)
    assert scene.seen == ["a1 failed", "a2", "a3"]


def test_what_is_done_to_a_reply_before_it_leaves_is_done_to_a_late_one(scene: Scene) -> None:
    later = scene.put(scene.a, "a1")
    later.finish = lambda _: FAILED
    scene.loop.iterate()
    assert scene.seen == ["a1 failed"]


def test_a_reply_for_which_nobody_keeps_a_place_is_dropped() -> None:
    Later("x").hand_over(REPLY)
