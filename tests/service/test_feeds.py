"""Opening feeds: where they begin, what is refused and why, how many there may be, how they end."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Any, Final

import pytest
from tests.service.readers import Reader, reader, run
from tests.service.timers import Scene, breathe

from pymockapi.model.errors import ControlError, Invalid, LimitReached
from pymockapi.model.exchange import Phase
from pymockapi.service.feeds import STOPPING

SHOP: Final[dict[str, Any]] = {"namespaces": {"shop": {}}}


def seqs(messages: list[dict[str, Any]]) -> list[int]:
    return [message["seq"] for message in messages]


def numbers(messages: list[dict[str, Any]]) -> list[tuple[str, int]]:
    return [(each["event"], each["number"]) for each in messages if "number" in each]


def refused(scene: Scene, ns: str | None, query: Mapping[str, str]) -> ControlError:
    before = scene.world.feeds.count
    with pytest.raises(ControlError) as error:
        scene.world.feeds.open(ns, query)
    assert scene.world.feeds.count == before
    return error.value


def test_without_a_place_only_what_comes_is_told() -> None:
    async def work(scene: Scene) -> None:
        await scene.send("/a")
        reads = reader(scene)
        assert reads.take() == []
        await scene.send("/b")
        assert numbers(reads.take()) == [("request.unmatched", 2)]

    run(work)


def test_seq_reads_on_after_an_event_and_0_begins_with_the_first() -> None:
    async def work(scene: Scene) -> None:
        await scene.send("/a", "/b")
        assert seqs(reader(scene, seq="0").take()) == [1, 2, 3]
        assert seqs(reader(scene, seq="2").take()) == [3]
        reads = reader(scene, seq="3")
        await scene.send("/c")
        assert seqs(reads.take()) == [4]

    run(work)


def test_a_reader_that_comes_back_misses_nothing_and_sees_nothing_twice() -> None:
    async def work(scene: Scene) -> None:
        first = reader(scene)
        seen = []
        for _ in range(5):
            await scene.send("/a", "/b")
            seen += first.take(1)
            first.subscription.close()
            await scene.send("/c")
            first = reader(scene, seq=str(seen[-1]["seq"]), id=seen[-1]["id"])
        seen += first.take()
        assert [each["number"] for each in seen] == list(range(1, 16))

    run(work)


@pytest.mark.parametrize(("after", "expected"), [("0", [1, 2, 3]), ("2", [3]), ("3", [])])
def test_after_begins_behind_the_arrival_of_a_request(after: str, expected: list[int]) -> None:
    async def work(scene: Scene) -> None:
        await scene.send("/a", "/b", "/c")
        for given in (after, f"{scene.world.store.known('default').id}:{after}"):
            told = numbers(reader(scene, after=given, types="request").take())
            assert [number for _, number in told] == expected

    run(work)


def test_after_tells_of_an_answer_that_left_behind_the_arrival() -> None:
    async def work(scene: Scene) -> None:
        first = scene.world.reply("GET", "/a").handle
        scene.world.reply("GET", "/b")
        scene.world.store.progress(first, Phase.ANSWERED, 10)  # type: ignore[arg-type]
        assert numbers(reader(scene, after="2").take()) == [("request.answered", 1)]

    run(work)


@pytest.mark.parametrize("after", ["0", "2"])
def test_after_a_request_whose_arrival_is_no_longer_known_lag_is_told(after: str) -> None:
    """Requests 1 to 3 are dropped from the record, their events from the log."""

    async def work(scene: Scene) -> None:
        await scene.send(*["/a"] * 8)
        lagged, *rest = reader(scene, after=after).take()
        assert (lagged["event"], lagged["to"]) == ("lagged", 5)
        assert lagged["from"] == int(after) + 1
        assert seqs(rest) == [6, 7, 8, 9]

    run(work, {"settings": {"limits": {"events": 4, "requests": 3}}})


def test_after_finds_the_arrival_of_a_request_that_is_no_longer_recorded() -> None:
    async def work(scene: Scene) -> None:
        await scene.send("/a", "/b", "/c")
        await scene.control("DELETE", "/namespaces/default/requests")
        told = reader(scene, after="2", types="request").take()
        assert numbers(told) == [("request.unmatched", 3)]
        assert (told[0]["method"], told[0]["path"], told[0]["phase"]) == (None, None, "received")

    run(work)


@pytest.mark.parametrize(
    ("types", "told"),
    [
        ("request", [2, 5]),
        ("request.*", [2, 5]),
        ("request.", [2, 5]),
        ("request.unmatched", [2, 5]),
        ("request.answered", []),
        ("stubs.changed", [3]),
        ("stubs, namespace", [1, 3]),
        ("state,state.changed", [4]),
        ("sequence", []),
    ],
)
def test_types_choose_events_by_name_or_first_word(types: str, told: list[int]) -> None:
    async def work(scene: Scene) -> None:
        await scene.send("/a")
        await scene.control(
            "POST", "/namespaces/default/stubs", {"name": "s", "request": {"path": "/s"}}
        )
        await scene.control("PATCH", "/namespaces/default/state", {"a": 1})
        await scene.send("/b")
        assert seqs(reader(scene, seq="0", types=types).take()) == told

    run(work)


@pytest.mark.parametrize(
    ("query", "place", "says"),
    [
        ({"seq": "5"}, "/seq", "the last event is 2, and 5 is beyond it"),
        ({"seq": "x"}, "/seq", "a whole number, got 'x'"),
        ({"seq": "-1"}, "/seq", "a whole number, got '-1'"),
        ({"seq": "9" * 20}, "/seq", "a whole number"),
        ({"after": "2"}, "/after", "the last request is 1; 2 is beyond it"),
        ({"after": "n9-000000:1"}, "/after", "this cursor is of namespace 'n9-000000'"),
        ({"after": "x"}, "/after", "expected a number or a cursor, got 'x'"),
        ({"seq": "1", "after": "1"}, "/after", "one of them"),
        ({"types": "requst"}, "/types", "did you mean 'request'?"),
        ({"types": "request.recieved"}, "/types", "did you mean 'request.received'?"),
        ({"types": ""}, "/types", "known: request.received"),
        ({"types": "request,"}, "/types", "no event is called ''"),
        ({"types": "watch.passed"}, "/types", "no event is called 'watch.passed'"),
        ({"id": "n9-000000"}, "/id", "'default' is 'n1-f0f0f0' now"),
        ({"typ": "request"}, "/typ", "did you mean 'types'?"),
    ],
)
def test_what_cannot_be_read_is_told_with_its_place(
    query: dict[str, str], place: str, says: str
) -> None:
    async def work(scene: Scene) -> None:
        await scene.send("/a")
        error = refused(scene, "default", query)
        assert isinstance(error, Invalid)
        assert error.findings[0].pointer == place
        assert says in error.findings[0].message

    run(work)


def test_every_wrong_place_is_told_at_once() -> None:
    async def work(scene: Scene) -> None:
        error = refused(scene, "default", {"seq": "9", "types": "x,y", "id": "z", "w": ""})
        assert [each.pointer for each in error.findings] == [
            "/w",
            "/id",
            "/types",
            "/types",
            "/seq",
        ]

    run(work)


@pytest.mark.parametrize("ns", ["nobody", "shop"])
def test_a_namespace_that_is_not_there_is_told_as_in_any_call(ns: str) -> None:
    async def work(scene: Scene) -> None:
        await scene.control("POST", "/namespaces/shop/finish")
        error = refused(scene, ns, {})
        assert error.code == ("unknown-namespace" if ns == "nobody" else "finished-namespace")

    run(work, SHOP)


def test_a_feed_has_as_many_readers_as_its_limit_says() -> None:
    async def work(scene: Scene) -> None:
        first, _ = reader(scene, "shop"), reader(scene, "shop")
        error = refused(scene, "shop", {})
        assert isinstance(error, LimitReached)
        assert "the limit 'subscribers' is 2" in error.detail
        reader(scene, "default"), reader(scene, None)
        first.subscription.close()
        reader(scene, "shop")

    run(work, {"namespaces": {"shop": {"limits": {"subscribers": 2}}}})


def test_the_server_has_as_many_readers_as_its_limit_says() -> None:
    async def work(scene: Scene) -> None:
        first, _ = reader(scene, "shop"), reader(scene, None)
        for ns in ("default", None):
            assert "'server.limits.subscribers' is 2" in refused(scene, ns, {}).detail
        first.subscription.close()
        first.subscription.close()
        reader(scene)
        assert scene.world.feeds.count == 2

    run(work, {"server": {"limits": {"subscribers": 2}}, **SHOP})


@pytest.mark.parametrize(
    ("method", "path", "body", "event", "why"),
    [
        ("POST", "/namespaces/shop/finish", {"status": "failed"}, "namespace.finished", "finished"),
        ("DELETE", "/namespaces/shop", None, "namespace.deleted", "deleted"),
        ("PUT", "/namespaces/shop", {}, "namespace.deleted", "replaced"),
    ],
)
def test_the_end_of_a_namespace_is_its_last_event(
    method: str, path: str, body: Any, event: str, why: str
) -> None:
    async def work(scene: Scene) -> None:
        reads = reader(scene, "shop")
        await scene.send("/~shop/a")
        await scene.control(method, path, body)
        *_, last = reads.take()
        status = "failed" if body else None
        assert (last["event"], last["requests"], last["passed"]) == (event, 1, False)
        assert last["status"] == status
        assert reads.subscription.ended == why

    run(work, SHOP)


def test_a_lease_that_runs_out_ends_the_feed() -> None:
    async def work(scene: Scene) -> None:
        reads = reader(scene, "shop")
        scene.world.monotonic_s += 61
        await scene.world.store.expire()
        assert reads.kinds() == ["namespace.expired"]
        assert reads.subscription.ended == "expired"

    run(work, {"namespaces": {"shop": {"lease": "1m"}}})


def test_answers_that_an_end_aborts_are_no_events_any_more() -> None:
    async def work(scene: Scene) -> None:
        reads = reader(scene, "shop")
        handle = scene.world.reply("GET", "/~shop/a").handle
        await scene.control("POST", "/namespaces/shop/finish")
        scene.world.store.progress(handle, Phase.ABORTED, 0)  # type: ignore[arg-type]
        await breathe()
        assert reads.kinds() == ["request.unmatched", "namespace.finished"]
        assert reads.subscription.ended == "finished"

    run(work, SHOP)


def test_a_finished_namespace_is_read_to_its_end_by_its_id() -> None:
    async def work(scene: Scene) -> None:
        first = reader(scene, "shop")
        await scene.send("/~shop/a")
        (seen,) = first.take()
        await scene.send("/~shop/b")
        await scene.control("POST", "/namespaces/shop/finish")
        await scene.control("POST", "/namespaces", {"name": "shop"})
        identity, at = seen["id"], str(seen["seq"])
        for reads in (
            reader(scene, "shop", id=identity, seq=at),
            reader(scene, identity, seq=at),
            reader(scene, identity, id=identity, seq=at),
        ):
            assert reads.kinds() == ["request.unmatched", "namespace.finished"]
            assert reads.subscription.ended == "finished"
        error = refused(scene, "default", {"id": identity})
        assert error.findings[0].pointer == "/id"

    run(work, SHOP)


def test_events_go_on_through_a_reset_and_a_fork_has_its_own() -> None:
    async def work(scene: Scene) -> None:
        reads = reader(scene, "shop", seq="0")
        await scene.send("/~shop/a")
        await scene.control("POST", "/namespaces/shop/reset")
        await scene.control("POST", "/namespaces/shop/fork", {"name": "twin"})
        await scene.send("/~shop/a")
        told = reads.take()
        assert seqs(told) == list(range(1, len(told) + 1))
        assert [each["event"] for each in told] == [
            "namespace.created", "request.unmatched", "stubs.changed", "state.changed", "namespace.reset",
            "request.unmatched",
        ]  # fmt: skip
        twin = reader(scene, "twin", seq="0").take()
        assert (twin[0]["event"], twin[0]["seq"]) == ("namespace.created", 1)
        assert twin[0]["id"] != told[0]["id"]

    run(work, SHOP)


def test_a_limit_of_events_is_in_force_at_once() -> None:
    async def work(scene: Scene) -> None:
        await scene.send(*["/a"] * 5)
        await scene.control(
            "POST", "/namespaces/default/apply", {"settings": {"limits": {"events": 2}}}
        )
        lagged, *rest = reader(scene, seq="0").take()
        assert (lagged["from"], lagged["to"]) == (1, 4)
        assert seqs(rest) == [5, 6]

    run(work)


def test_the_server_tells_of_every_namespace_in_one_order_from_its_first_reader_on() -> None:
    async def work(scene: Scene) -> None:
        await scene.send("/early")
        reads = reader(scene, None)
        await scene.send("/a", "/~shop/b")
        await scene.control("POST", "/namespaces", {"name": "new"})
        await scene.send("/~new/c", "/d")
        await scene.control("DELETE", "/namespaces/new")
        told = reads.take()
        assert [(each["event"], each["namespace"]) for each in told] == [
            ("request.unmatched", "default"), ("request.unmatched", "shop"), ("namespace.created", "new"),
            ("request.unmatched", "new"), ("request.unmatched", "default"), ("namespace.deleted", "new"),
        ]  # fmt: skip
        assert seqs(told) == [1, 2, 3, 4, 5, 6]
        assert told[1]["id"] == scene.world.store.known("shop").id
        assert [each["path"] for each in told if "path" in each] == ["/a", "/b", None, "/d"]
        assert reads.subscription.ended is None

    run(work, SHOP)


def test_the_server_goes_on_counting_while_nobody_reads() -> None:
    async def work(scene: Scene) -> None:
        first = reader(scene, None)
        await scene.send("/a")
        (seen,) = first.take()
        first.subscription.close()
        await scene.send("/b")
        opened = reader(scene, None, opened=False).take(1)[0]
        assert (opened["namespace"], opened["id"]) == (None, "f0f0f0")
        again = reader(scene, None, seq=str(seen["seq"]), id=opened["id"], types="request")
        assert [each["path"] for each in again.take()] == ["/b"]

    run(work)


@pytest.mark.parametrize(
    ("query", "place", "says"),
    [
        ({"after": "1"}, "/after", "give 'seq', or read a namespace's own events"),
        ({"seq": "1"}, "/seq", "there was no event yet"),
        ({"id": "e0e0e0"}, "/id", "the server is 'f0f0f0' now"),
    ],
)
def test_what_the_feed_of_the_server_cannot_do_is_told(
    query: dict[str, str], place: str, says: str
) -> None:
    async def work(scene: Scene) -> None:
        (finding,) = refused(scene, None, query).findings
        assert finding.pointer == place
        assert says in finding.message

    run(work)


def test_the_server_keeps_as_many_events_as_its_limit_says() -> None:
    async def work(scene: Scene) -> None:
        reads = reader(scene, None)
        await scene.send(*["/a"] * 5)
        lagged, *rest = reads.take()
        assert (lagged["from"], lagged["to"], seqs(rest)) == (1, 2, [3, 4, 5])

    run(work, {"server": {"limits": {"events": 3}}})


def test_a_refused_reader_begins_no_feed_of_the_server() -> None:
    async def work(scene: Scene) -> None:
        refused(scene, None, {"types": "x"})
        assert scene.world.store.known("default").sinks == []
        await scene.send("/a")
        assert reader(scene, None, opened=False).take(1)[0]["seq"] == 0

    run(work)


def test_a_server_that_stops_ends_every_feed_after_what_is_there() -> None:
    async def work(scene: Scene) -> None:
        readers: list[Reader] = [reader(scene), reader(scene, None)]
        await scene.send("/a")
        for told in scene.world.site.when_stopping:
            told()
        await scene.send("/b")
        for reads in readers:
            assert [each["path"] for each in reads.take()] == ["/a"]
            assert reads.subscription.ended == STOPPING

    run(work)


def test_a_closed_subscription_is_told_nothing_and_leaves_nothing_behind() -> None:
    async def work(scene: Scene) -> None:
        reads = reader(scene)
        await scene.send("/a")
        reads.subscription.close()
        await scene.send("/b")
        assert reads.take() == []
        assert (scene.world.feeds.count, scene.world.feeds._feeds) == (0, {})
        assert scene.world.store.known("default").sinks == []

    run(work)


def test_opening_is_followed_by_a_wake_for_those_who_wait_for_one() -> None:
    async def work(scene: Scene) -> None:
        reads = reader(scene, opened=False)
        await asyncio.sleep(0)
        await asyncio.sleep(0)
        assert (reads.wakes, reads.kinds()) == (1, ["open"])

    run(work)
