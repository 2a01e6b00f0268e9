"""Events of the async client, where it is not like the sync one: loops, cancelling, other tasks."""

from __future__ import annotations

import asyncio
import select
from collections.abc import Awaitable, Callable
from threading import Event as Flag

from tests.client.fake_feed import FakeFeed, Peer, fake_feed, message

from pymockapi.client.aio.control import AsyncControl
from pymockapi.client.aio.events import AsyncEvents
from pymockapi.client.aio.opening import Reading
from pymockapi.client.aio.transport import AsyncTransport
from pymockapi.client.following import Following

Scene = Callable[[FakeFeed], Awaitable[None]]
LONG_S = 20.0


def reading(feed: FakeFeed, quiet_for: float | None = None) -> Reading[AsyncEvents]:
    control = AsyncControl(AsyncTransport(feed.url, LONG_S))
    return Reading(AsyncEvents.open(control, "a", Following(), quiet_for=quiet_for))


def play(scene: Scene, *scripts: Callable[[Peer], None]) -> None:
    with fake_feed(*scripts) as feed:
        asyncio.run(asyncio.wait_for(scene(feed), LONG_S))


def tells(*seqs: int) -> Callable[[Peer], None]:
    def script(peer: Peer) -> None:
        peer.accept()
        peer.say(*(message("stubs.changed", seq) for seq in seqs))
        peer.close(1000, "finished")

    return script


def test_events_may_be_looped_over_at_once_awaited_or_held_in_a_block() -> None:
    async def scene(feed: FakeFeed) -> None:
        assert [each.seq async for each in reading(feed)] == [1, 2]
        found = await reading(feed)
        assert [each.seq async for each in found] == [3]
        await found.close()
        async with reading(feed) as held:
            assert (await anext(held)).seq == 4
            assert held.ended is None
            assert [each.seq async for each in held] == [5]
            assert held.ended == "finished"

    play(scene, tells(1, 2), tells(3), tells(4, 5))


def test_a_loop_that_is_left_closes_its_connection() -> None:
    left = Flag()

    def script(peer: Peer) -> None:
        peer.accept()
        peer.say(message("stubs.changed", 1))
        assert peer.hear()[0] == 8
        left.set()

    async def scene(feed: FakeFeed) -> None:
        loop = aiter(reading(feed))
        assert (await anext(loop)).seq == 1
        await loop.aclose()  # type: ignore[attr-defined]
        assert await asyncio.to_thread(left.wait, LONG_S)

    play(scene, script)


def test_what_has_come_when_a_wait_is_given_up_is_there_the_next_time() -> None:
    """The wait is cancelled between the loop's reading of the bytes and the waking of the task."""
    flag = Flag()

    def script(peer: Peer) -> None:
        peer.accept()
        flag.wait()
        peer.say(message("stubs.changed", 1))
        peer.close(1000, "finished")

    async def scene(feed: FakeFeed) -> None:
        loop = asyncio.get_running_loop()
        async with reading(feed) as events:
            waiting = asyncio.create_task(anext(events))
            await asyncio.wait({waiting}, timeout=0.05)  # until it waits for more than the opening
            assert events._connection is not None
            flag.set()
            select.select([events._connection._socket.fileno()], [], [], LONG_S)
            loop.call_soon(lambda: loop.call_soon(waiting.cancel))
            await asyncio.wait({waiting})
            assert waiting.cancelled()
            assert [each.seq async for each in events] == [1]

    play(scene, script)


def test_a_task_may_close_what_another_reads() -> None:
    def script(peer: Peer) -> None:
        peer.accept()
        peer.say(message("stubs.changed", 1))
        assert peer.hear()[0] == 8
        peer.close(1000)

    async def scene(feed: FakeFeed) -> None:
        events = await reading(feed)
        is_reading = asyncio.Event()

        async def loop() -> int:
            count = 0
            async for _ in events:
                count += 1
                is_reading.set()
            return count

        task = asyncio.create_task(loop())
        await is_reading.wait()
        await events.close()
        assert await task == 1

    play(scene, script)


def test_a_wait_that_is_over_leaves_the_loop_to_others() -> None:
    async def scene(feed: FakeFeed) -> None:
        assert [each.seq async for each in reading(feed, quiet_for=0.5)] == [1]

    def script(peer: Peer) -> None:
        peer.accept()
        peer.say(message("stubs.changed", 1))
        assert peer.hear()[0] == 8

    play(scene, script)
