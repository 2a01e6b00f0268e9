"""Reading events over a connection that may break, against a server that plays scripts."""

from __future__ import annotations

import gc
import socket
from functools import partial
from threading import Event as Flag
from threading import Thread, current_thread, main_thread
from typing import Any, Protocol

import pytest
from tests.client.conftest import SYNC, Client
from tests.client.fake_feed import FakeFeed, Peer, fake_feed, message, server_frame
from tests.client.fake_server import answer

from pymockapi import MockApiError, MockServerError
from pymockapi.client.events import Events
from pymockapi.client.following import Following

LONG_S = 20.0


class Opening(Protocol):
    def __call__(self, feed: FakeFeed, timeout_s: float = LONG_S, **options: Any) -> Events: ...


def opened(client: Client, feed: FakeFeed, timeout_s: float = LONG_S, **options: Any) -> Events:
    """Open the events of a client on a fake server."""
    wanted = {key: options.pop(key) for key in ("seq", "after", "types") if key in options}
    control = client.control(client.transport(feed.url, timeout_s), "secret")
    namespace = options.pop("namespace", "a")
    return client.events.open(control, namespace, Following(**wanted), **options)


@pytest.fixture
def events(client: Client) -> Opening:
    return partial(opened, client)


def received(*seqs: int) -> list[Any]:
    return [message("request.received", seq, number=seq) for seq in seqs]


def seqs(found: Events) -> list[int]:
    return [each.seq for each in found]


def says(*numbers: int, end: str = "finished") -> Any:
    """Return a script that tells of these and then ends for good."""

    def script(peer: Peer) -> None:
        peer.accept()
        peer.say(*received(*numbers))
        peer.close(1000, end)

    return script


def breaks_after(*numbers: int) -> Any:
    def script(peer: Peer) -> None:
        peer.accept()
        peer.say(*received(*numbers))

    return script


def test_a_loop_ends_with_the_namespace(events: Opening) -> None:
    with fake_feed(says(1, 2, 3)) as feed, events(feed, after=0, types="request") as found:
        assert seqs(found) == [1, 2, 3]
        assert found.ended == "finished"
        assert seqs(found) == []
        assert feed.paths == ["/__mock/v1/namespaces/a/events"]
        assert feed.queries == [{"after": "0", "types": "request"}]
        assert b"\r\nAuthorization: Bearer secret\r\n" in feed.requests[0]


def test_the_events_of_the_server_are_asked_for_at_its_root(events: Opening) -> None:
    with fake_feed(says(1)) as feed, events(feed, namespace=None) as found:
        assert seqs(found) == [1]
        assert feed.paths == ["/__mock/v1/events"]


def test_it_is_connected_before_the_first_event_is_asked_for(events: Opening) -> None:
    with fake_feed(says()) as feed:
        events(feed).close()
        assert len(feed.requests) == 1


@pytest.mark.parametrize(
    "ends",
    [
        lambda peer: peer.send(b""),
        lambda peer: peer.close(1001, "elsewhere"),
        lambda peer: peer.close(1011, "no pong within 60 s"),
        lambda peer: peer.close(1012),
        lambda peer: peer.send(server_frame(8, b"")),
        lambda peer: peer.send(b"\x81\x7e\x01"),
    ],
    ids=["gone", "going away", "no pong", "restart", "no code", "in a frame"],
)
def test_a_connection_that_breaks_is_opened_anew_after_the_last_event(
    events: Opening, ends: Any
) -> None:
    def first(peer: Peer) -> None:
        peer.accept()
        peer.say(*received(1, 2))
        ends(peer)

    with fake_feed(first, breaks_after(2, 3), says(4)) as feed, events(feed) as found:
        assert seqs(found) == [1, 2, 3, 4]
        assert feed.queries == [{}, {"seq": "2", "id": "n1"}, {"seq": "3", "id": "n1"}]


def test_one_that_breaks_before_it_says_where_it_begins_is_asked_the_same_again(
    events: Opening,
) -> None:
    def first(peer: Peer) -> None:
        peer.accept()
        peer.send(b"")

    def silent(peer: Peer) -> None:
        peer.send(b"HTTP/1.1 101")

    with fake_feed(says()) as feed, events(feed, after=3) as found:
        assert seqs(found) == []
        assert feed.queries == [{"after": "3"}]
    with fake_feed(silent) as feed, pytest.raises(MockServerError, match="opened no WebSocket: it"):
        events(feed, after=3)


def test_a_ping_is_answered_and_a_message_in_parts_is_read(events: Opening) -> None:
    def script(peer: Peer) -> None:
        peer.accept()
        peer.send(server_frame(9, b"x"))
        assert peer.hear() == (10, b"x")
        peer.send(server_frame(1, b'{"event": "stubs.changed",', fin=False))
        peer.send(server_frame(0, b'"seq": 1, "namespace": "a", "id": "n1", "at": null}'))
        peer.close(1000, "deleted")
        assert peer.hear() == (8, b"\x03\xe8")

    with fake_feed(script) as feed, events(feed) as found:
        assert [each.kind for each in found] == ["stubs.changed"]
        assert found.ended == "deleted"


def waits(flag: Flag) -> Any:
    def script(peer: Peer) -> None:
        peer.accept()
        peer.say(*received(1, 2))
        flag.wait()
        peer.say(*received(3))
        peer.close(1000, "finished")

    return script


@pytest.mark.parametrize("options", [{"within": 0.7}, {"quiet_for": "500ms"}])
def test_a_loop_ends_when_its_time_is_over_and_another_goes_on_there(
    events: Opening, options: Any
) -> None:
    flag = Flag()
    with fake_feed(waits(flag)) as feed, events(feed, **options) as found:
        assert seqs(found) == [1, 2]
        assert found.ended is None
        flag.set()
        assert seqs(found) == [3]


def test_one_event_may_be_waited_for(events: Opening) -> None:
    def script(peer: Peer) -> None:
        peer.accept()
        peer.say(*received(1, 2), message("stubs.changed", 3), *received(4))
        assert peer.hear()[0] == 8

    with fake_feed(script) as feed, events(feed) as found:
        assert found.wait_for("stubs").seq == 3
        assert found.wait_for(["stubs.changed", "request.received"], within="5s").seq == 4


@pytest.mark.parametrize(
    ("script", "told"),
    [
        (says(1), "No event 'state.changed' came: no more events come (finished).\n"
                  "What came instead:\n  1  request.received  1 ? ?"),
        (says(), "No event 'state.changed' came: no more events come (finished)."
                 " Nothing else came."),
        (waits(Flag()), "No event 'state.changed' came: 0.5 s have passed.\nWhat came instead:\n"
                        "  1  request.received  1 ? ?\n  2  request.received  2 ? ?"),
        (says(*range(1, 26)), "What came instead, the last 20:\n  6  request.received  6 ? ?"),
    ],
    ids=["ended", "nothing", "late", "many"],
)  # fmt: skip
def test_an_event_that_does_not_come_is_told_with_what_came_instead(
    events: Opening, script: Any, told: str
) -> None:
    within = 0.5 if "0.5 s" in told else 5
    feed = FakeFeed(script)
    with events(feed) as found, pytest.raises(AssertionError) as failure:
        found.wait_for("state.changed", within)
    assert told in str(failure.value)


def test_a_refusal_is_the_error_of_the_api(events: Opening) -> None:
    feed = FakeFeed(lambda peer: peer.refuse("unknown-namespace", 404))
    with pytest.raises(MockApiError) as failure:
        events(feed)
    assert failure.value.code == "unknown-namespace"
    feed.close()


def test_a_refusal_when_it_comes_back_is_raised(events: Opening) -> None:
    scripts = (breaks_after(1), lambda peer: peer.refuse("finished-namespace", 404))
    with fake_feed(*scripts) as feed, events(feed) as found:
        assert next(found).seq == 1
        with pytest.raises(MockApiError, match="finished-namespace"):
            next(found)


@pytest.mark.parametrize(("code", "status"), [("limit-reached", 429), ("limit-reached", 503)])
def test_a_server_that_is_full_when_it_comes_back_is_asked_again(
    events: Opening, code: str, status: int
) -> None:
    scripts = (breaks_after(1), lambda peer: peer.refuse(code, status), says(2))
    with fake_feed(*scripts) as feed, events(feed) as found:
        assert seqs(found) == [1, 2]


def test_what_is_no_control_api_is_told(events: Opening) -> None:
    feed = FakeFeed(lambda peer: peer.send(answer({"hello": 1})))
    with pytest.raises(MockServerError, match="Is a PyMockAPI server there"):
        events(feed)
    feed.close()


def test_a_server_that_says_nothing_is_waited_for_as_long_as_for_a_call(events: Opening) -> None:
    flag = Flag()

    def script(peer: Peer) -> None:
        flag.wait()
        peer.send(b"")

    feed = FakeFeed(script)
    with pytest.raises(MockServerError, match=r"opened no WebSocket within 0\.05 s"):
        events(feed, timeout_s=0.05)
    flag.set()
    feed.close()


def test_a_server_that_is_gone_is_an_error(events: Opening) -> None:
    with fake_feed(breaks_after(1)) as feed, events(feed, timeout_s=0.1) as found:
        assert next(found).seq == 1
        with pytest.raises(MockServerError, match="No mock server can be reached"):
            next(found)


def test_a_server_that_stops_ends_the_loop(events: Opening) -> None:
    def script(peer: Peer) -> None:
        peer.accept()
        peer.close(1001, "stopping")

    with fake_feed(script) as feed, events(feed) as found:
        assert seqs(found) == []
        assert found.ended == "stopping"


@pytest.mark.parametrize(("code", "reason"), [(1008, "flooded"), (1009, "too long"), (1002, "no")])
def test_what_would_break_again_is_an_error_and_no_reason_to_come_back(
    events: Opening, code: int, reason: str
) -> None:
    def script(peer: Peer) -> None:
        peer.accept()
        peer.close(code, reason)

    with fake_feed(script) as feed, events(feed) as found:
        with pytest.raises(MockServerError, match=f"with code {code}: {reason}"):
            next(found)
        assert seqs(found) == []


def settled(watch: str, passed: bool, seq: int = 0) -> Any:
    document: Any = {
        "passed": passed, "complete": True, "reason": None, "results": [], "cursor": "n1:3",
        "unexpected": {"requests": []}, "report": f"report of {watch}",
    }  # fmt: skip
    kind = "watch.passed" if passed else "watch.failed"
    return message(kind, seq, watch=watch, verification=document)


def test_results_come_as_they_settle_and_events_meanwhile_are_kept(events: Opening) -> None:
    def script(peer: Peer) -> None:
        peer.accept()
        first = peer.hear_command()["watch"]
        second = peer.hear_command()["watch"]
        assert first == {"id": "watch-1", "expect": [{"stub": "pay"}], "order": "strict"}
        assert (second["id"], 1.5 < second["within"] <= 2.0) == ("mine", True)
        peer.say(*received(1), settled("mine", False), *received(2), settled("watch-1", True))
        peer.close(1000, "finished")

    with fake_feed(script) as feed, events(feed) as found:
        assert found.watch({"stub": "pay"}, order="strict") == "watch-1"
        assert found.watch([{"stub": "ship"}], id="mine", within="2s") == "mine"
        results = [
            (each.watch, each.verification.passed, each.verification.report)
            for each in found.results()
            if each.verification is not None
        ]
        assert results == [
            ("mine", False, "report of mine"),
            ("watch-1", True, "report of watch-1"),
        ]
        assert seqs(found) == [1, 2]


def test_watches_without_an_answer_are_asked_for_again_on_a_new_connection(events: Opening) -> None:
    def first(peer: Peer) -> None:
        peer.accept()
        peer.hear_command()
        peer.hear_command()
        peer.say(settled("a", True))

    def second(peer: Peer) -> None:
        peer.accept()
        assert peer.hear_command() == {"watch": {"id": "b", "expect": [{"stub": "b"}]}}
        peer.say(settled("b", True))

    with fake_feed(first, second) as feed, events(feed) as found:
        found.watch({"stub": "a"}, id="a")
        found.watch({"stub": "b"}, id="b")
        assert [each.watch for each in found.results()] == ["a", "b"]


def test_a_watch_that_is_wrong_is_raised_by_what_reads_on(events: Opening) -> None:
    def script(peer: Peer) -> None:
        peer.accept()
        peer.hear_command()
        peer.say(message("error", 0, watch="watch-1", code="unknown-stub", detail="No stub."))
        peer.close(1000)

    with fake_feed(script) as feed, events(feed) as found:
        found.watch({"stub": "pya"})
        with pytest.raises(MockApiError, match="unknown-stub"):
            list(found.results())
        assert list(found.results()) == []


def test_results_end_with_the_events(events: Opening) -> None:
    with fake_feed(says(1)) as feed, events(feed) as found:
        found.watch({"stub": "a"})
        assert list(found.results()) == []
        assert seqs(found) == [1]


def test_closing_is_told_to_the_server_and_ends_a_loop_of_another_thread(events: Opening) -> None:
    heard = []

    def script(peer: Peer) -> None:
        peer.accept()
        peer.say(*received(1))
        heard.append(peer.hear())
        peer.close(1000)

    with fake_feed(script) as feed:
        found = events(feed)
        is_reading = Flag()
        read: list[int] = []

        def loop() -> None:
            for each in found:
                read.append(each.seq)
                is_reading.set()

        thread = Thread(target=loop)
        thread.start()
        is_reading.wait()
        found.close()
        found.close()
        thread.join()
        assert (read, found.ended) == ([1], "closed")
    assert heard == [(8, b"\x03\xe8")]


def test_a_loop_that_was_left_closes_its_connection_when_it_is_forgotten(events: Opening) -> None:
    left = Flag()

    def script(peer: Peer) -> None:
        peer.accept()
        peer.say(*received(1))
        try:
            peer.hear()
        except (AssertionError, OSError):
            left.set()

    with fake_feed(script) as feed:
        for each in events(feed):
            assert each.seq == 1
            break
        gc.collect()
        assert left.wait(LONG_S)


def test_its_text_says_whose_events_it_reads(events: Opening) -> None:
    with fake_feed(says(1)) as feed, events(feed) as found:
        seqs(found)
        assert repr(found) == "<Events of 'a', read up to 1>"
        assert (found.seq, found.id) == (1, "n1")


def test_no_library_that_replaces_sockets_is_in_the_way(monkeypatch: pytest.MonkeyPatch) -> None:
    feed = FakeFeed(says(1))

    def refuse(*arguments: Any, **options: Any) -> socket.socket:
        assert current_thread() is not main_thread(), "the client opened what was replaced"
        return real(*arguments, **options)

    real = socket.socket
    monkeypatch.setattr(socket, "socket", refuse)
    assert seqs(opened(SYNC, feed)) == [1]
    feed.close()
