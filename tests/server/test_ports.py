"""Ports of namespaces' own: whose requests are, what closes them, and that none is left behind."""

from __future__ import annotations

import asyncio
import json
import os
import socket
from collections.abc import Iterator
from contextlib import suppress
from typing import Any, Final

import pytest
from tests.api.live import (
    LIMIT_S,
    Answer,
    Live,
    configured,
    encoded,
    read_answer,
    read_to_end,
)

from pymockapi.server.server import NoPreset, Server
from pymockapi.server.settings import ServeOptions

STUBS: Final = [
    {"name": "a", "request": {"path": "/a"}, "response": {"text": "mine"}},
    {"name": "slow", "request": {"path": "/slow"}, "response": {"delay": "1h"}},
    {"name": "moved", "request": {"path": "/moved"}, "response": {"headers": {"location": "/a"}}},
    {"name": "reserved", "request": {"path": "/__mock/v1/health"}, "response": {"text": "mine"}},
]


@pytest.fixture(scope="module")
def live() -> Iterator[Live]:
    server = Live({"server": {"limits": {"ports": 6}}})
    yield server
    server.close()


@pytest.fixture(autouse=True)
def _none_is_left(live: Live) -> Iterator[None]:
    yield
    for each in live.call("GET", "/namespaces").json["namespaces"]:
        live.call("DELETE", f"/namespaces/{each['name']}")
    assert opened(live) == 0


def opened(live: Live) -> int:
    return len(live.server._ports._open)


def begun(live: Live, **definition: Any) -> tuple[str, int]:
    """Create a namespace with a port; return its name and that."""
    answer = live.call("POST", "/namespaces", {"port": 0, "stubs": STUBS, **definition})
    assert answer.status == 201, answer
    return answer.json["name"], answer.json["port"]


def ids(live: Live) -> list[str]:
    return [each["id"] for each in live.call("GET", "/namespaces").json["namespaces"]]


def free_port() -> int:
    """Return a port that nobody has, and none of those that systems give to clients."""
    for number in range(20_000 + os.getpid() % 10_000, 32_000):
        with suppress(OSError), socket.create_server(("127.0.0.1", number)):
            return number
    raise AssertionError("every port is in use")


def connect(port: int) -> socket.socket:
    return socket.create_connection(("127.0.0.1", port), LIMIT_S)


def ask(port: int, target: str, headers: dict[str, str] | None = None) -> Answer:
    with connect(port) as line:
        line.sendall(encoded("GET", target, headers=headers))
        return read_answer(line)


def is_open(port: int) -> bool:
    try:
        connect(port).close()
    except (ConnectionRefusedError, ConnectionResetError):  # closed before, or in that moment
        return False
    return True


def entries(live: Live, ns: str) -> list[Any]:
    found: list[Any] = live.call("GET", f"/namespaces/{ns}/requests").json["requests"]
    return found


# Whose a request is.


def test_every_request_on_the_port_is_the_namespaces(live: Live) -> None:
    ns, port = begun(live)
    described = live.call("GET", f"/namespaces/{ns}").json
    assert (described["base_url"], described["port"]) == (f"http://127.0.0.1:{port}", port)
    assert described["path"] == f"/~{ns}"
    assert [ask(port, "/a").body for _ in range(3)] == [b"mine"] * 3
    assert ask(port, "/nothing").code == "no-match"
    assert live.send("GET", f"/~{ns}/a").body == b"mine"
    assert [entry["selector"] for entry in entries(live, ns)] == ["port"] * 4 + ["path"]


def test_the_same_head_on_two_ports_is_of_two_namespaces(live: Live) -> None:
    first, second = begun(live), begun(live)
    with connect(first[1]) as one, connect(second[1]) as two:
        for _ in range(3):
            for line in (one, two):
                line.sendall(encoded("GET", "/a"))
                assert read_answer(line).body == b"mine"
    assert [len(entries(live, name)) for name, _ in (first, second)] == [3, 3]


@pytest.mark.parametrize(
    ("target", "headers", "path", "conflict"),
    [
        ("/a", {"X-Mock-Namespace": "other"}, "/a", "header: other"),
        ("/a", {"X-Mock-Namespace": "mine"}, "/a", None),
        ("/a", {"Baggage": "mock.namespace=other"}, "/a", "baggage: other"),
        ("/a", {"Host": "other.mock.localhost"}, "/a", "host: other"),
        ("/a", {"Host": "MINE.mock.localhost"}, "/a", None),
        ("/~mine/a", {}, "/a", None),
        ("/%7Emine/a", {}, "/a", None),
        ("/~other/a", {}, "/~other/a", "path: other"),
        ("/~mine/a", {"X-Mock-Namespace": "other"}, "/a", "header: other"),
        ("/~other/a", {"X-Mock-Namespace": "mine"}, "/~other/a", "path: other"),
    ],
)
def test_what_names_another_is_noted_and_nothing_more(
    live: Live, target: str, headers: dict[str, str], path: str, conflict: str | None
) -> None:
    _, port = begun(live, name="mine")
    live.create(name="other")
    for _ in range(3):  # the head is known from the second on
        ask(port, target, headers)
    seen = [(entry["path"], entry["conflict"]) for entry in entries(live, "mine")]
    assert seen == [(path, conflict)] * 3
    assert entries(live, "other") == []


def test_a_location_gets_the_prefix_only_where_the_client_came_by_it(live: Live) -> None:
    ns, port = begun(live)
    assert ask(port, "/moved").headers["location"] == "/a"
    assert ask(port, f"/~{ns}/moved").headers["location"] == f"/~{ns}/a"


@pytest.mark.parametrize("headers", [{}, {"Host": "evil.example"}, {"Origin": "https://a.example"}])
def test_the_control_api_is_not_there(live: Live, headers: dict[str, str]) -> None:
    ns, port = begun(live)
    assert ask(port, "/__mock/v1/health", headers).body == b"mine"
    assert ask(port, "/__mock/v1/namespaces", headers).code == "no-match"
    assert ask(port, f"http://127.0.0.1:{port}/__mock/v1/namespaces", headers).code == "no-match"
    assert len(entries(live, ns)) == 3


def test_a_page_of_the_port_is_of_another_origin_to_the_control_api(live: Live) -> None:
    _, port = begun(live)
    answer = live.call("GET", "/namespaces", headers={"Origin": f"http://127.0.0.1:{port}"})
    assert (answer.status, answer.code) == (403, "forbidden")


def test_a_request_that_cannot_be_read_is_recorded_there(live: Live) -> None:
    ns, port = begun(live)
    assert ask(port, "/a", {"Content-Length": "99999999999"}).code == "too-large"
    assert [(each["phase"], each["selector"]) for each in entries(live, ns)] == [
        ("refused", "port")
    ]


# What closes a port.


ENDS: Final = {
    "delete": ("DELETE", "", b""),
    "finish": ("POST", "/finish", b""),
    "replace": ("PUT", "", {}),
    "replace by one with another": ("PUT", "", {"port": 0}),
}


@pytest.mark.parametrize("end", ENDS)
def test_the_port_closes_with_its_namespace(live: Live, end: str) -> None:
    method, path, body = ENDS[end]
    ns, port = begun(live)
    with connect(port) as idle, connect(port) as waiting:
        idle.sendall(encoded("GET", "/a"))
        assert read_answer(idle).body == b"mine"
        waiting.sendall(encoded("GET", "/slow"))
        while not any(entry["phase"] == "delayed" for entry in entries(live, ns)):
            pass
        assert live.call(method, f"/namespaces/{ns}{path}", body).status < 300
        assert not is_open(port)
        assert read_to_end(waiting) == b""
        assert read_to_end(idle) == b""


def test_the_port_closes_when_the_lease_ends(live: Live) -> None:
    _, port = begun(live, lease="1ms")
    while is_open(port):
        pass


def test_a_finished_namespace_tells_no_port(live: Live) -> None:
    ns, _ = begun(live)
    identity = live.call("POST", f"/namespaces/{ns}/finish").json["id"]
    found = live.call("GET", f"/namespaces/{identity}").json
    assert (found["port"], found["base_url"]) == (None, f"{live.url}/~{ns}")


def test_what_was_half_sent_when_the_namespace_ended_reaches_no_later_one_of_its_name(
    live: Live,
) -> None:
    ns, port = begun(live)
    with connect(port) as line:
        line.sendall(b"POST /a HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n\r\nab")
        while not live.run(_reads_a_body(live, port)):
            pass
        live.call("PUT", f"/namespaces/{ns}", {"stubs": STUBS})
        line.sendall(b"c")
        assert read_answer(line).code == "unknown-namespace"
        assert read_to_end(line) == b""
    assert entries(live, ns) == []
    orphan = live.call("GET", "/orphans").json["orphans"][-1]
    assert (orphan["namespace"], orphan["selector"]) == (ns, "port")


async def _reads_a_body(live: Live, port: int) -> bool:
    peers = live.server._ports._open[port].listener._door.connections
    return any(peer._intake.is_in_body for peer in peers)  # type: ignore[attr-defined]


@pytest.mark.parametrize("call", ["reset", "apply", "default"])
def test_what_leaves_the_namespace_leaves_the_port(live: Live, call: str) -> None:
    if call == "default":
        port = live.call("PUT", "/namespaces/default", {"port": 0}).json["port"]
        live.call("DELETE", "/namespaces/default")
    else:
        ns, port = begun(live)
        live.call(
            "POST", f"/namespaces/{ns}/{call}", {"reset": ["stubs"]} if call == "apply" else {}
        )
    assert is_open(port)
    live.call("PUT", "/namespaces/default", {})


# Passing on, forking.


def test_a_namespace_that_replaces_another_may_have_its_port_without_a_gap(live: Live) -> None:
    ns, port = begun(live)
    stub = {"request": {"path": "/a"}, "response": {"text": "next"}}
    with connect(port) as line:
        line.sendall(encoded("GET", "/a"))
        assert read_answer(line).body == b"mine"
        put = live.call("PUT", f"/namespaces/{ns}", {"port": port, "stubs": [stub]})
        assert (put.status, put.json["port"]) == (200, port)
        line.sendall(encoded("GET", "/a"))
        assert read_answer(line).body == b"next"
    assert len(entries(live, ns)) == 1
    live.call("DELETE", f"/namespaces/{ns}")
    assert not is_open(port)


def test_a_port_stays_where_it_is_when_its_namespace_is_not_replaced(live: Live) -> None:
    ns, port = begun(live)
    path = f"/namespaces/{ns}"
    assert live.call("PUT", path, {"port": port}, {"If-Match": '"999"'}).code == "stale-version"
    assert live.call("PUT", path, {"port": port, "sets": ["no"]}).status == 422
    assert (
        live.call("POST", "/namespaces", {"name": ns, "port": port}).code == "duplicate-namespace"
    )
    assert ask(port, "/a").body == b"mine"
    assert opened(live) == 1


def test_a_fork_has_no_port_unless_it_is_given_one(live: Live) -> None:
    ns, port = begun(live)
    plain = live.call("POST", f"/namespaces/{ns}/fork").json
    given = live.call("POST", f"/namespaces/{ns}/fork", {"port": 0}).json
    again = live.call("POST", "/namespaces", {"fork_of": ns, "port": 0}).json
    assert plain["port"] is None
    assert len({port, given["port"], again["port"]}) == 3
    assert ask(given["port"], "/a").body == b"mine"
    assert live.call("POST", f"/namespaces/{ns}/fork", {"port": port}).code == "port-unavailable"


# What cannot be had.


def refused(live: Live, port: int) -> str:
    """Ask for ``port``; return why it is refused. Nothing may have been created."""
    before = (ids(live), opened(live))
    answer = live.call("POST", "/namespaces", {"name": "wishful", "port": port})
    assert (answer.status, answer.code) == (409, "port-unavailable")
    assert (ids(live), opened(live)) == before
    detail: str = answer.json["detail"]
    start = f"Port {port} cannot be that of namespace 'wishful': "
    assert detail.startswith(start)
    assert detail.endswith(". Nothing was changed; choose another, or 0 for a free one.")
    return detail.removeprefix(start).partition(". Nothing")[0]


def test_a_port_of_another_program_is_refused_and_may_be_had_when_it_is_free(live: Live) -> None:
    with socket.create_server(("127.0.0.1", free_port())) as other:
        port = other.getsockname()[1]
        assert refused(live, port) == "another program uses it on 127.0.0.1"
    assert begun(live, port=port)[1] == port
    assert ask(port, "/a").body == b"mine"


def test_a_port_of_another_namespace_is_refused(live: Live) -> None:
    ns, port = begun(live)
    assert refused(live, port) == f"it is the port of namespace '{ns}'"


def test_the_servers_own_port_is_refused(live: Live) -> None:
    assert refused(live, live.address[1]) == "it is one of the server's own"


@pytest.mark.parametrize(
    ("error", "why"),
    [
        (PermissionError(13, "Permission denied"), "the server's user may not listen there, as on others below 1024"),
        (OSError(99, "Cannot assign"), "127.0.0.1 cannot be listened on there (Cannot assign)"),
    ],
)  # fmt: skip
def test_what_the_system_refuses_is_told(
    live: Live, monkeypatch: pytest.MonkeyPatch, error: OSError, why: str
) -> None:
    async def listen(*_: object) -> None:
        raise error

    monkeypatch.setattr("pymockapi.server.ports.listen", listen)
    assert refused(live, 80) == why


@pytest.mark.parametrize("port", [-1, 65_536, 1.5, "8080", True])
def test_what_is_no_port_is_invalid(live: Live, port: Any) -> None:
    answer = live.call("POST", "/namespaces", {"port": port})
    assert (answer.status, answer.json["errors"][0]["pointer"]) == (422, "/port")


def test_null_is_no_port(live: Live) -> None:
    assert live.call("POST", "/namespaces", {"port": None}).json["port"] is None


def test_a_creation_that_fails_leaves_no_port_open(live: Live) -> None:
    ns, port = begun(live)
    assert live.call("POST", "/namespaces", {"name": ns, "port": 0}).code == "duplicate-namespace"
    stale = live.call("PUT", f"/namespaces/{ns}", {"port": 0}, {"If-Match": '"999"'})
    assert (stale.code, opened(live)) == ("stale-version", 1)
    assert is_open(port)


def test_of_many_that_want_one_port_at_once_one_has_it(live: Live) -> None:
    port = free_port()
    with closing_all([live.connect() for _ in range(20)]) as lines:
        for number, line in enumerate(lines):
            body = json.dumps({"name": f"n{number}", "port": port, "stubs": STUBS}).encode()
            line.sendall(encoded("POST", "/__mock/v1/namespaces", body))
        answers = [read_answer(line, "POST") for line in lines]
    assert sorted(answer.status for answer in answers) == [201] + [409] * 19
    assert ask(port, "/a").body == b"mine"


def test_the_limit_holds_when_many_ask_at_once(live: Live) -> None:
    with closing_all([live.connect() for _ in range(20)]) as lines:
        for line in lines:
            line.sendall(encoded("POST", "/__mock/v1/namespaces", b'{"port": 0}'))
        answers = [read_answer(line, "POST") for line in lines]
    assert sorted(answer.status for answer in answers) == [201] * 6 + [429] * 14
    refusal = next(answer.json for answer in answers if answer.status == 429)
    assert "the limit 'server.limits.ports' is 6" in refusal["detail"]
    held = [answer.json["name"] for answer in answers if answer.status == 201]
    live.call("DELETE", f"/namespaces/{held[0]}")
    assert is_open(begun(live)[1])


class closing_all:  # noqa: N801 (it reads as a function)
    def __init__(self, lines: list[socket.socket]) -> None:
        self._lines = lines

    def __enter__(self) -> list[socket.socket]:
        return self._lines

    def __exit__(self, *_: object) -> None:
        for line in self._lines:
            line.close()


# The server as a whole.


def test_connections_of_all_ports_count_together() -> None:
    live = Live({"server": {"limits": {"connections": 2}}, "namespaces": {"a": {"port": 0}}})
    port = live.call("GET", "/namespaces/a").json["port"]
    with connect(port), connect(port) as second:
        second.sendall(encoded("GET", "/a"))
        read_answer(second)
        assert live.send("GET", "/a").code == "limit-reached"
        assert ask(port, "/a").code == "limit-reached"
    live.close()


def test_a_config_gives_its_namespaces_ports() -> None:
    live = Live({"namespaces": {"a": {"port": 0, "stubs": STUBS}}, "server": {"cors": True}})
    found = live.call("GET", "/namespaces/a").json
    assert ask(found["port"], "/a").body == b"mine"
    assert ask(found["port"], "/a").headers["access-control-allow-origin"] == "*"
    assert ask(found["port"], "/__mock/v1/a").headers["access-control-allow-origin"] == "*"
    live.close()
    assert not is_open(found["port"])


def test_a_stop_answers_what_has_begun_on_every_port() -> None:
    stub = {"request": {"path": "/soon"}, "response": {"delay": "50ms", "text": "done"}}
    live = Live({"namespaces": {"a": {"port": 0, "stubs": [stub]}}})
    port = live.call("GET", "/namespaces/a").json["port"]
    with connect(port) as line:
        line.sendall(encoded("GET", "/soon"))
        while live.call("GET", "/namespaces/a").json["counts"]["requests"] == 0:
            pass
        live.close()
        assert read_answer(line).body == b"done"


def test_a_server_whose_config_asks_for_a_port_that_is_taken_does_not_start() -> None:
    with socket.create_server(("127.0.0.1", free_port())) as other:
        taken = other.getsockname()[1]
        document = {"namespaces": {"first": {"port": 0}, "second": {"port": taken}}}
        server = Server(ServeOptions(port=0, grace_s=1.0), configured(document))
        with pytest.raises(
            NoPreset, match=f"Port {taken} cannot be that of namespace 'second'"
        ) as told:
            asyncio.run(server.start())
        assert [each.pointer for each in told.value.findings] == ["/namespaces/second/port"]
        assert server._ports._open == {}


def test_the_port_that_the_server_is_about_to_have_is_refused() -> None:
    port = free_port()
    server = Server(ServeOptions(port=port), configured({"namespaces": {"a": {"port": port}}}))
    with pytest.raises(NoPreset, match="one of the server's own"):
        asyncio.run(server.start())


@pytest.mark.parametrize(
    ("host", "public_url", "url"),
    [
        ("127.0.0.1", None, "http://127.0.0.1:9001"),
        ("0.0.0.0", None, "http://127.0.0.1:9001"),
        ("0.0.0.0", "https://mock.example/below", "http://mock.example:9001"),
        ("127.0.0.1", "https://mock.example", "http://127.0.0.1:9001"),
        ("::1", None, "http://[::1]:9001"),
    ],
)
def test_a_port_is_told_as_others_reach_it(host: str, public_url: str | None, url: str) -> None:
    options = ServeOptions(host=host, public_url=public_url, token="t")
    assert Server(options, configured())._ports.url(9001) == url
