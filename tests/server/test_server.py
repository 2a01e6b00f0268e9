"""A server from start to stop: cancelling, draining, keeping house, the ready line, the parent."""

from __future__ import annotations

import asyncio
import socket
import struct
from collections.abc import Callable, Iterator
from typing import Any, Final

import pytest
from tests.api.live import LIMIT_S, Live, configured, encoded, read_answer, read_to_end

from pymockapi.engine.configuration import Configuration
from pymockapi.server.server import Server, edge_limits
from pymockapi.server.settings import ServeOptions

LONG: Final = {
    "stubs": [{"name": "slow", "request": {"path": "/slow"}, "response": {"delay": "1h"}}]
}
POLLS: Final = 2_000


@pytest.fixture(scope="module")
def live() -> Iterator[Live]:
    server = Live()
    yield server
    server.close()


def until(holds: Callable[[], Any]) -> Any:
    """Ask until the answer is true; each question is a call to the server and takes its time."""
    for _ in range(POLLS):
        if found := holds():
            return found
    raise AssertionError("it never came to hold")


def entry(live: Live, ns: str, number: int = 1) -> Any:
    answer = live.call("GET", f"/namespaces/{ns}/requests/{number}")
    return answer.json if answer.status == 200 else None


def phase(live: Live, ns: str, number: int = 1) -> Any:
    return (entry(live, ns, number) or {}).get("phase")


def delayed(live: Live, ns: str) -> socket.socket:
    """Return a connection on which an answer of ``ns`` is delayed."""
    line = live.connect()
    line.sendall(encoded("GET", f"/~{ns}/slow"))
    until(lambda: phase(live, ns) == "delayed")
    return line


# Cancelling what is delayed.


@pytest.mark.parametrize("call", ["reset", "finish", "delete", "replace", "apply"])
def test_what_ends_a_namespaces_past_closes_its_delayed_answers_unanswered(
    live: Live, call: str
) -> None:
    ns = live.create(**LONG)
    with delayed(live, ns) as line:
        method, path, body = {
            "reset": ("POST", "/reset", {}), "finish": ("POST", "/finish", {}),
            "delete": ("DELETE", "", b""), "replace": ("PUT", "", {}),
            "apply": ("POST", "/apply", {"reset": ["stubs", "sequences", "state", "requests", "clock", "settings", "gates", "callbacks"]}),
        }[call]  # fmt: skip
        assert live.call(method, f"/namespaces/{ns}{path}", body).status < 300
        assert read_to_end(line) == b""


def test_a_finish_lists_what_was_in_flight_as_aborted(live: Live) -> None:
    ns = live.create(**LONG)
    with delayed(live, ns) as line:
        ended = live.call("POST", f"/namespaces/{ns}/finish").json
        assert read_to_end(line) == b""
    assert [(each["stub"], each["phase"]) for each in ended["in_flight"]] == [("slow", "aborted")]


def test_resetting_parts_leaves_delayed_answers_alone(live: Live) -> None:
    ns = live.create(
        stubs=[{"request": {"path": "/slow"}, "response": {"delay": "20ms", "text": "late"}}]
    )
    with live.connect() as line:
        line.sendall(encoded("GET", f"/~{ns}/slow"))
        live.call("POST", f"/namespaces/{ns}/reset", {"only": ["state", "sequences"]})
        assert read_answer(line).body == b"late"


def test_a_cancelled_answer_has_phase_aborted_and_sent_nothing(live: Live) -> None:
    ns = live.create(**LONG)
    server = live.server
    with delayed(live, ns) as line:
        space = server.store.view(ns)
        assert space is not None
        kept = space.journal.get(1)
        live.call("POST", f"/namespaces/{ns}/reset")
        assert read_to_end(line) == b""
    assert kept is not None
    assert (kept.phase.value, kept.sent) == ("aborted", 0)


def test_a_reset_pipelined_behind_the_delayed_request_takes_effect(live: Live) -> None:
    ns = live.create(**LONG, state={"a": 1})
    live.call("PUT", f"/namespaces/{ns}/state", {"a": 2})
    with live.connect() as line:
        line.sendall(
            encoded("GET", f"/~{ns}/slow") + encoded("POST", f"/__mock/v1/namespaces/{ns}/reset")
        )
        assert read_to_end(line) == b""
    assert live.call("GET", f"/namespaces/{ns}/state").json == {"a": 1}


def test_a_reset_leaves_other_namespaces_delayed_answers_alone(live: Live) -> None:
    ns, other = live.create(**LONG), live.create(**LONG)
    with delayed(live, ns) as line, delayed(live, other) as kept:
        live.call("POST", f"/namespaces/{ns}/reset")
        assert read_to_end(line) == b""
        assert phase(live, other) == "delayed"
        live.call("DELETE", f"/namespaces/{other}")
        assert read_to_end(kept) == b""


def test_an_expired_lease_closes_delayed_answers(live: Live) -> None:
    ns = live.create(**LONG, lease="100ms")
    with live.connect() as line:
        line.sendall(encoded("GET", f"/~{ns}/slow"))
        assert read_to_end(line) == b""
    ended = live.call("POST", f"/namespaces/{ns}/finish").json
    assert (ended["reason"], len(ended["in_flight"])) == ("expired", 1)


def test_a_client_that_leaves_makes_its_request_aborted(live: Live) -> None:
    ns = live.create(**LONG)
    line = delayed(live, ns)
    line.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    line.close()  # with a reset; without one it would look as if only its sending side were closed
    until(lambda: phase(live, ns) == "aborted")


def test_a_request_is_recorded_before_its_answer_leaves(live: Live) -> None:
    ns = live.create(**LONG)
    with delayed(live, ns):
        found = entry(live, ns)
        assert (found["stub"], found["phase"], found["response"]["sent_bytes"]) == (
            "slow",
            "delayed",
            0,
        )
        live.call("DELETE", f"/namespaces/{ns}")


def test_an_answered_request_tells_how_many_bytes_left(live: Live) -> None:
    ns = live.create(stubs=[{"response": {"text": "hello"}}])
    with live.connect() as line:
        line.sendall(encoded("GET", f"/~{ns}/x", headers={"Connection": "close"}))
        output = read_to_end(line)
    until(lambda: phase(live, ns) == "answered")
    assert entry(live, ns)["response"]["sent_bytes"] == len(output)


def test_the_mocks_answers_reach_the_wire_with_their_date_and_debug_headers(live: Live) -> None:
    ns = live.create(
        clock={"mode": "frozen", "now": "2030-01-01T00:00:00Z"}, settings={"debug_headers": True}
    )
    answer = live.send("GET", f"/~{ns}/x")
    assert answer.headers["date"] == "Tue, 01 Jan 2030 00:00:00 GMT"
    assert (answer.headers["x-mock-namespace"], answer.headers["x-mock-request"]) == (ns, "1")
    assert [name for name, _ in answer.fields].count("Date") == 1


# Start and stop.


def test_the_configs_namespaces_are_there_from_the_start() -> None:
    server = Live({"namespaces": {"smoke": {"seed": 42}, "default": {"state": {"a": 1}}}})
    found = {space["name"]: space for space in server.call("GET", "/namespaces").json["namespaces"]}
    server.close()
    assert list(found) == ["default", "smoke"]
    assert (found["smoke"]["seed"], found["default"]["state"]) == (42, {"a": 1})


def test_a_stop_answers_what_is_delayed_within_the_grace_period() -> None:
    server = Live({"stubs": [{"request": {"path": "/s"}, "response": {"delay": "30ms", "text": "x"}}]},
                  ServeOptions(port=0, grace_s=LIMIT_S))  # fmt: skip
    with server.connect() as line:
        line.sendall(encoded("GET", "/s"))
        until(lambda: phase(server, "default"))
        server.close()
        answer = read_answer(line)
    assert (answer.body, answer.headers["connection"]) == (b"x", "close")


def test_a_stop_answers_what_waits_for_its_turn() -> None:
    slow = {"path": "/slow", "headers": {"x": {"matches": "(a|aa)+$"}}}
    server = Live({"stubs": [{"request": slow}]}, ServeOptions(port=0, grace_s=LIMIT_S))
    with server.connect() as line:
        line.sendall(encoded("GET", "/slow", headers={"x": "a" * 60 + "!"}))
        server.call("GET", "/version")  # by now it has come
        server.close()
        assert read_answer(line).status == 599


def test_a_stop_cuts_what_is_delayed_past_the_grace_period() -> None:
    server = Live(LONG, ServeOptions(port=0, grace_s=0.01))
    with server.connect() as line:
        line.sendall(encoded("GET", "/slow"))
        until(lambda: phase(server, "default") == "delayed")
        server.close()
        assert read_to_end(line) == b""


def test_a_server_that_never_started_may_be_stopped() -> None:
    asyncio.run(Server(ServeOptions(port=0), configured()).stop())


@pytest.mark.parametrize(
    ("host", "url"),
    [("127.0.0.1", "http://127.0.0.1:1"), ("0.0.0.0", "http://127.0.0.1:1"), ("::1", "http://[::1]:1"),
     ("::", "http://127.0.0.1:1"), ("mock.internal", "http://mock.internal:1")],
)  # fmt: skip
def test_the_url_is_one_that_this_machine_reaches(host: str, url: str) -> None:
    assert Server(ServeOptions(host=host, port=1), Configuration()).addresses.url == url


@pytest.mark.skipif(not socket.has_ipv6, reason="no IPv6 here")
def test_it_serves_on_the_ipv6_loopback() -> None:
    try:
        server = Live(options=ServeOptions(host="::1", port=0, grace_s=1.0))
    except OSError:
        pytest.skip("no IPv6 loopback here")
    server.address = ("::1", server.address[1])
    host = f"[::1]:{server.address[1]}"
    answer = server.call("GET", "/health", headers={"Host": host})
    server.close()
    assert answer.status == 200


def test_options_win_over_the_config() -> None:
    document = {"server": {"on_missing": "default", "seed": 1}}
    server = Live(document, ServeOptions(port=0, on_missing="reject", seed=2, grace_s=1.0))
    seed = server.call("GET", "/namespaces/default").json["seed"]
    answer = server.send("GET", "/x")
    server.close()
    assert answer.code == "no-namespace"
    other = Live({"server": {"seed": 2}})
    assert other.call("GET", "/namespaces/default").json["seed"] == seed
    other.close()


def test_the_configs_limits_are_those_of_the_edge() -> None:
    given = {
        "head": 1, "body": 2, "connections": 3, "inflight_bytes": 4, "message": 5,
        "ping_interval": 6, "ping_timeout": 7,
    }  # fmt: skip
    limits = configured({"server": {"limits": given}}).server.limits
    edge = edge_limits(limits)
    assert (edge.head, edge.body, edge.connections, edge.inflight_bytes) == (1, 2, 3, 4)
    assert (edge.message, edge.ping_interval_s, edge.ping_timeout_s) == (5, 6, 7)


def test_detached_journals_are_freed(live: Live) -> None:
    ns = live.create()
    live.send("GET", f"/~{ns}/x")
    live.call("POST", f"/namespaces/{ns}/reset")
    until(lambda: live.call("GET", "/health") and not live.server.store.discarded)
