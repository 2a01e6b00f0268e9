"""The WebSockets of the control API as a client meets them: who may open one, what else is told.

``websockets``' own client is the independent other side.
"""

from __future__ import annotations

import json
import socket
import ssl
from collections.abc import Iterator
from typing import Any, Final
from urllib.parse import urlsplit

import pytest
from tests.api.live import LIMIT_S, Answer, Live, configured, encoded, read_answer, read_to_end
from tests.server.sockets import ACCEPT, OFFER, close_frame, read_frames
from tests.server.tls_clients import client_context
from websockets.exceptions import ConnectionClosed, InvalidStatus
from websockets.sync.client import ClientConnection, connect

from pymockapi.api.row import CONTROL_ROOT
from pymockapi.server.settings import ServeOptions, TlsOptions

TOKEN: Final = "s3cret"
EVENTS: Final = f"{CONTROL_ROOT}/events"


@pytest.fixture(scope="module")
def secure() -> Iterator[Live]:
    options = ServeOptions(port=0, token=TOKEN, grace_s=1.0, tls=TlsOptions(port=0))
    server = Live(options=options)
    yield server
    server.close()


def port_of(url: str | None) -> int:
    return urlsplit(url or "").port or 0


def client(
    live: Live, path: str, url: str | None = None, tls: ssl.SSLContext | None = None, **headers: str
) -> ClientConnection:
    """Connect to ``path`` below the control API at ``url``, through no proxy."""
    port = port_of(url or live.url)
    line = socket.create_connection(("127.0.0.1", port), LIMIT_S)
    scheme = "ws" if tls is None else "wss"
    return connect(
        f"{scheme}://127.0.0.1:{port}{CONTROL_ROOT}{path}", sock=line, ssl=tls,
        additional_headers=headers, open_timeout=LIMIT_S, close_timeout=LIMIT_S,
    )  # fmt: skip


def told(peer: ClientConnection) -> Any:
    return json.loads(peer.recv(timeout=LIMIT_S))


def handshake(live: Live, path: str = "/events", **changes: str | None) -> Answer:
    """Send a handshake with ``changes`` of its headers, and return the answer."""
    fields: dict[str, str | None] = {"Host": "127.0.0.1", **OFFER}
    fields |= {name.replace("_", "-"): value for name, value in changes.items()}
    headers = {name: value for name, value in fields.items() if value is not None}
    return live.send("GET", CONTROL_ROOT + path, headers=headers)


def test_an_independent_client_reads_events_and_asks_for_watches(live: Live) -> None:
    ns = live.create(stubs=[{"name": "s", "request": {"path": "/s"}}])
    with client(live, f"/namespaces/{ns}/events?seq=0") as peer:
        assert peer.response is not None
        assert "Sec-WebSocket-Extensions" not in peer.response.headers
        assert peer.subprotocol is None
        assert [told(peer)["event"] for _ in range(2)] == ["open", "namespace.created"]
        peer.send(json.dumps({"watch": {"id": "w", "expect": [{"stub": "s"}]}}))
        live.send("GET", f"/~{ns}/s")
        found = [told(peer) for _ in range(3)]
        assert [each["event"] for each in found] == [
            "request.received", "request.answered", "watch.passed",
        ]  # fmt: skip
        assert found[0]["path"] == "/s"
        live.call("POST", f"/namespaces/{ns}/finish")
        assert told(peer)["event"] == "namespace.finished"
        with pytest.raises(ConnectionClosed):
            peer.recv(timeout=LIMIT_S)
        assert (peer.close_code, peer.close_reason) == (1000, "finished")


def test_the_events_of_the_server_are_of_all_namespaces(live: Live) -> None:
    with client(live, "/events?types=namespace") as peer:
        assert told(peer)["event"] == "open"
        one, two = live.create(), live.create()
        assert [told(peer)["namespace"] for _ in range(2)] == [one, two]


def test_over_tls_with_the_token(secure: Live) -> None:
    context = client_context(secure.server.ca_pem)
    url = secure.server.addresses.tls_url
    with client(secure, "/events", url, context, Authorization=f"Bearer {TOKEN}") as peer:
        assert told(peer)["event"] == "open"
        peer.ping().wait(LIMIT_S)
    with pytest.raises(InvalidStatus) as failure:
        client(secure, "/events", url, context)
    assert failure.value.response.status_code == 401


def test_on_the_port_of_the_control_api_alone() -> None:
    apart = Live(options=ServeOptions(port=0, control_port=0, grace_s=1.0))
    with client(apart, "/events", apart.server.addresses.control_url) as peer:
        assert told(peer)["event"] == "open"
    assert handshake(apart).status == 404  # there it is a mock's path like any other
    apart.close()


def test_a_server_that_stops_goes_away() -> None:
    server = Live(options=ServeOptions(port=0, grace_s=5.0))
    with client(server, "/events") as peer:
        assert told(peer)["event"] == "open"
        server.close()
        assert [json.loads(text)["event"] for text in peer] == []
        assert (peer.close_code, peer.close_reason) == (1001, "stopping")


def test_the_answer_to_a_handshake_is_a_101_and_nothing_more(live: Live) -> None:
    answer = handshake(live, Sec_WebSocket_Extensions="permessage-deflate", Origin=None)
    assert answer.status == 101
    assert answer.headers["sec-websocket-accept"] == ACCEPT.decode()
    assert set(answer.headers) <= {"upgrade", "connection", "sec-websocket-accept", "date"}


@pytest.mark.parametrize(
    ("changes", "status", "code"),
    [
        ({"Host": "evil.example"}, 403, "forbidden"),
        ({"Origin": "https://evil.example"}, 403, "forbidden"),
        ({"Origin": "null"}, 403, "forbidden"),
        ({"Upgrade": None}, 426, "upgrade-required"),
        ({"Upgrade": "h2c"}, 426, "upgrade-required"),
        ({"Sec_WebSocket_Version": "8"}, 426, "upgrade-required"),
        ({"Connection": "keep-alive"}, 400, "bad-handshake"),
        ({"Sec_WebSocket_Key": None}, 400, "bad-handshake"),
    ],
)
def test_what_may_not_open_one_is_told_why_as_by_any_call(
    live: Live, changes: Any, status: int, code: str
) -> None:
    answer = handshake(live, **changes)
    assert (answer.status, answer.code) == (status, code)
    assert "access-control-allow-origin" not in answer.headers
    if status == 426:
        assert answer.headers["upgrade"] == "websocket"
    if changes.get("Sec_WebSocket_Version"):
        assert answer.headers["sec-websocket-version"] == "13"


@pytest.mark.parametrize(
    ("path", "status", "code"),
    [
        ("/namespaces/nobody/events", 404, "unknown-namespace"),
        ("/namespaces/default/events?seq=99", 422, "invalid"),
        ("/namespaces/default/events?sqe=1", 422, "invalid"),
        ("/namespaces/default/events?seq=1&seq=2", 422, "invalid"),
        ("/events?types=reqest", 422, "invalid"),
        ("/events/more", 404, "unknown-call"),
    ],
)
def test_what_there_is_not_to_read_is_told_before_the_switch(
    live: Live, path: str, status: int, code: str
) -> None:
    answer = handshake(live, path)
    assert (answer.status, answer.code) == (status, code)


def test_readers_are_limited_and_one_that_goes_makes_room(live: Live) -> None:
    ns = live.create(limits={"subscribers": 1})
    path = f"/namespaces/{ns}/events"
    with client(live, path) as peer:
        told(peer)
        answer = handshake(live, path)
        assert (answer.status, answer.code) == (429, "limit-reached")
    with client(live, path) as peer:
        assert told(peer)["event"] == "open"


def test_a_connection_that_was_refused_is_still_good_for_requests(live: Live) -> None:
    with live.connect() as line:
        line.sendall(encoded("GET", f"{EVENTS}?x=1", headers=OFFER))
        assert read_answer(line).status == 422
        line.sendall(encoded("GET", f"{CONTROL_ROOT}/version"))
        assert read_answer(line).status == 200


@pytest.mark.parametrize(
    "target", ["/mock", f"{CONTROL_ROOT}/version", f"{CONTROL_ROOT}/namespaces/default"]
)
@pytest.mark.parametrize(
    "offer", [OFFER, {"Upgrade": "h2c", "Connection": "Upgrade, HTTP2-Settings"}]
)
def test_an_offer_anywhere_else_is_answered_as_plain_http(
    live: Live, target: str, offer: dict[str, str]
) -> None:
    with live.connect() as line:
        for _ in range(3):  # the third is known by its head
            line.sendall(encoded("GET", target, headers=offer))
            plain = live.send("GET", target)
            assert read_answer(line).status == plain.status


def test_a_mock_may_answer_an_upgrade_itself(live: Live) -> None:
    ns = live.create(stubs=[{"request": {"path": "/ws"}, "response": {"status": 418}}])
    assert live.send("GET", f"/~{ns}/ws", headers=OFFER).status == 418


def test_requests_before_it_are_answered_and_what_follows_is_frames(live: Live) -> None:
    with live.connect() as line:
        line.sendall(
            encoded("GET", f"{CONTROL_ROOT}/version") + encoded("GET", EVENTS, headers=OFFER)
            + close_frame(1000, "enough")
        )  # fmt: skip
        output = read_to_end(line)
    first, _, rest = output.partition(b"HTTP/1.1 101 ")
    assert first.startswith(b"HTTP/1.1 200 ")
    frames = read_frames(rest.partition(b"\r\n\r\n")[2])
    assert frames[-1].code == 1000


def test_what_no_text_is_closes_with_the_code_for_it(live: Live) -> None:
    with client(live, "/events") as peer:
        told(peer)
        peer.send(b"binary")
        with pytest.raises(ConnectionClosed):
            peer.recv(timeout=LIMIT_S)
        assert (peer.close_code, peer.close_reason) == (1003, "messages are text, JSON")


def test_a_message_over_the_configs_limit_is_1009() -> None:
    limits = {"message": 200, "ping_interval": 7, "ping_timeout": 8}
    server = Live({"server": {"limits": limits}})
    with client(server, "/events") as peer:
        told(peer)
        peer.send("x" * 201)
        with pytest.raises(ConnectionClosed):
            peer.recv(timeout=LIMIT_S)
        assert peer.close_code == 1009
    server.close()
    assert configured({"server": {"limits": limits}}).server.limits.ping_timeout == 8


def test_sockets_are_counted_as_calls(live: Live) -> None:
    with client(live, "/events"):
        text = live.call("GET", "/metrics").body.decode()
    assert 'pymockapi_control_calls_total{call="follow_server",status="101"}' in text
