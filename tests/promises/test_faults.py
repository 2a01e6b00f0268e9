"""Faults, end to end: what real clients make of them, what is recorded, and which answers they befall."""

from __future__ import annotations

import http.client
import ssl
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Final
from urllib.parse import urlsplit

import httpx
import pytest
import requests
import urllib3
from tests.documents import text_of

from pymockapi import MockServer, Namespace
from pymockapi.client.recorded import RecordedResponse
from pymockapi.model.delivery import FaultKind

KINDS: Final = tuple(kind.value for kind in FaultKind)
PATIENCE_S: Final = 0.3  # of a client for an answer that hangs
LONG_S: Final = 20.0  # of one that waits at a gate
BODY: Final = "x" * 100


def by_http_client(url: str, timeout_s: float = PATIENCE_S) -> None:
    parts = urlsplit(url)
    assert parts.hostname is not None
    connection = http.client.HTTPConnection(parts.hostname, parts.port, timeout=timeout_s)
    try:
        connection.request("GET", parts.path)
        connection.getresponse().read()
    finally:
        connection.close()


def by_urllib3(url: str) -> None:
    with urllib3.PoolManager(retries=False, timeout=PATIENCE_S) as pool:
        pool.request("GET", url)


def by_requests(url: str) -> None:
    requests.get(url, timeout=PATIENCE_S)


def by_httpx(url: str) -> None:
    httpx.get(url, timeout=PATIENCE_S)


CLIENTS: Final[dict[str, Callable[[str], None]]] = {
    "`http.client`": by_http_client, "urllib3": by_urllib3, "requests": by_requests, "httpx": by_httpx,
}  # fmt: skip


def shown() -> dict[tuple[str, str], str]:
    """Return the error that the page shows for each fault and client."""
    lines = text_of("docs/faults.md").splitlines()
    begin = next(n for n, line in enumerate(lines) if line.startswith("| `fault` | a raw socket"))
    rows = [
        [cell.strip() for cell in line.strip("|").split("|")]
        for line in lines[begin:]
        if line.startswith("| `")
    ]
    head = rows[0]
    return {
        (row[0].strip("`"), client): row[head.index(client)].strip("`")
        for row in rows[1:7]
        for client in CLIENTS
    }


SHOWN: Final = shown()


@pytest.fixture(scope="module")
def server() -> Iterator[MockServer]:
    with MockServer(start_timeout=60, tls=True) as running:
        yield running


@pytest.fixture
def mock(server: MockServer) -> Iterator[Namespace]:
    with server.namespace() as made:
        yield made


def failed(mock: Namespace, count: int) -> list[RecordedResponse]:
    """Return the answers to all recorded requests once so many have failed."""
    mock.verify([mock.any().answered(phase="failed").times(count)], within=10)
    return [each.response for each in mock.requests() if each.response is not None]


def test_the_page_shows_every_fault_and_client() -> None:
    assert set(SHOWN) == {(kind, client) for kind in KINDS for client in CLIENTS}


@pytest.mark.parametrize("client", CLIENTS)
@pytest.mark.parametrize("kind", KINDS)
def test_a_real_client_sees_a_fault_as_the_page_says(
    mock: Namespace, kind: str, client: str
) -> None:
    mock.get("/a").respond(201, fault=kind, text=BODY)
    with pytest.raises(Exception) as raised:  # noqa: PT011 (its class is what is asked)
        CLIENTS[client](mock.url + "/a")
    assert type(raised.value).__name__ == SHOWN[kind, client]
    assert [each.fault for each in failed(mock, 1)] == [kind]
    assert str(mock.requests()[0]) == f"1  GET /a -> fault: {kind}, stub 'stub-1'"
    assert mock.verdict().passed


@pytest.mark.parametrize("client", ["urllib3", "httpx"])
@pytest.mark.parametrize("kind", KINDS)
def test_over_tls_a_client_sees_it_too(
    mock: Namespace, server: MockServer, kind: str, client: str
) -> None:
    mock.get("/a").respond(201, fault=kind, text=BODY)
    url = mock.tls_url + "/a"
    trusting = ssl.create_default_context(cafile=server.ca_file)
    with urllib3.PoolManager(retries=False, timeout=PATIENCE_S, ssl_context=trusting) as pool:
        calls: dict[str, Callable[[], object]] = {
            "urllib3": lambda: pool.request("GET", url),
            "httpx": lambda: httpx.get(url, timeout=PATIENCE_S, verify=trusting),
        }
        with pytest.raises((urllib3.exceptions.HTTPError, httpx.HTTPError)):
            calls[client]()
    assert [each.fault for each in failed(mock, 1)] == [kind]


def test_the_record_tells_what_left(mock: Namespace) -> None:
    for kind in KINDS:
        mock.get(f"/{kind}").respond(201, fault=kind, text=BODY)
        with pytest.raises(Exception):  # noqa: B017, PT011 (of six kinds)
            by_httpx(mock.url + f"/{kind}")
    answers = failed(mock, 6)
    sent = {str(each.fault): each.sent_bytes for each in answers}
    assert {kind: sent[kind] for kind in ("reset", "empty", "garbage", "hang")} == {
        "reset": 0, "empty": 0, "garbage": 256, "hang": 0,
    }  # fmt: skip
    assert 50 < sent["truncated"] < 250
    assert sent["malformed_chunk"] > 50
    assert {(each.status, each.text) for each in answers} == {(201, BODY)}


def test_a_status_is_answered_only_where_the_client_could_read_it(mock: Namespace) -> None:
    stubs = {kind: mock.get(f"/{kind}").respond(201, fault=kind, text=BODY) for kind in KINDS}
    for kind in KINDS:
        with pytest.raises(Exception):  # noqa: B017, PT011 (of six kinds)
            by_httpx(mock.url + f"/{kind}")
    failed(mock, 6)
    mock.verify(
        [stub.answered(201).times(int(FaultKind(kind).sends_head)) for kind, stub in stubs.items()]
    )


def test_a_fault_of_the_namespace_spares_who_says_so_and_the_mocks_own_answers(
    mock: Namespace,
) -> None:
    mock.get("/a").respond(200)
    mock.get("/spared").respond(200, fault="none")
    mock.get("/own").respond(200, text="abcd", fault="truncated")
    mock.apply({"settings": {"fault": "empty"}})
    with pytest.raises(http.client.RemoteDisconnected):
        by_http_client(mock.url + "/a")
    with pytest.raises(http.client.IncompleteRead):
        by_http_client(mock.url + "/own")
    assert httpx.get(mock.url + "/spared").status_code == 200
    assert httpx.get(mock.url + "/nowhere").status_code == 404
    mock.apply({"settings": {"unmatched": {"status": 418}}})
    with pytest.raises(http.client.RemoteDisconnected):
        by_http_client(mock.url + "/nowhere")
    mock.reset(only="settings")
    assert httpx.get(mock.url + "/a").status_code == 200


@pytest.mark.parametrize(
    ("fault", "error"),
    [("truncated", "RemoteProtocolError"), ("malformed_chunk", "RemoteProtocolError")],
)
def test_a_stream_breaks_for_a_real_client(mock: Namespace, fault: str, error: str) -> None:
    mock.get("/a").respond(stream=[{"text": "one"}, {"text": "two", "after": "1ms"}], fault=fault)
    with pytest.raises(httpx.HTTPError) as raised:
        by_httpx(mock.url + "/a")
    assert type(raised.value).__name__ == error
    assert [each.fault for each in failed(mock, 1)] == [fault]


def test_what_no_stub_answers_may_break_too(mock: Namespace) -> None:
    mock.apply({"settings": {"unmatched": {"fault": "empty"}}})
    with pytest.raises(http.client.RemoteDisconnected):
        by_http_client(mock.url + "/nowhere")
    assert str(mock.requests()[0]) == "1  GET /nowhere -> fault: empty, no-match"
    assert not mock.verdict().passed


def test_the_report_of_a_failed_verification_tells_it(mock: Namespace) -> None:
    mock.get("/a").respond(fault="empty")
    befallen(mock, "/a", 1)
    failed(mock, 1)
    with pytest.raises(AssertionError, match="GET /a -> fault: empty"):
        mock.verify([mock.get("/a").answered(200)])


def test_what_a_gate_lets_go_may_break(mock: Namespace) -> None:
    mock.get("/a").respond(text="a", hold="g", fault="empty")
    mock.get("/b").respond(text="b", hold="g")
    gate = mock.gate("g")
    with ThreadPoolExecutor(2) as pool:
        first = pool.submit(befallen, mock, "/a", 1)
        gate.wait(1)
        gate.release(1)
        assert first.result() == [True]
        second = pool.submit(befallen, mock, "/b", 1)
        gate.wait(1)
        gate.release(1, response={"fault": "empty"})
        assert second.result() == [True]
    assert [each.fault for each in failed(mock, 2)] == ["empty", "empty"]


def befallen(mock: Namespace, path: str, count: int) -> list[bool]:
    """Return which of so many requests met a fault."""
    found = []
    for _ in range(count):
        try:
            by_http_client(mock.url + path, LONG_S)
            found.append(False)
        except http.client.RemoteDisconnected:
            found.append(True)
    return found


def test_the_seed_decides_which_answers_are_befallen_whatever_else_happens(
    server: MockServer,
) -> None:
    runs = []
    for others in (False, True):
        with server.namespace(seed=7) as mock:
            mock.get("/a").respond(name="a", fault={"kind": "empty", "probability": 0.5})
            mock.get("/b").respond(name="b", fault={"kind": "empty", "probability": 0.5})
            found = []
            for _ in range(20):
                if others:
                    befallen(mock, "/b", 2)
                found += befallen(mock, "/a", 1)
            runs.append(found)
    assert runs[0] == runs[1]
    assert 0 < sum(runs[0]) < 20


def test_the_ends_of_a_probability_are_never_and_always(mock: Namespace) -> None:
    mock.get("/never").respond(fault={"kind": "empty", "probability": 0})
    mock.get("/always").respond(fault={"kind": "empty", "probability": 1})
    assert befallen(mock, "/never", 20) == [False] * 20
    assert befallen(mock, "/always", 20) == [True] * 20


def test_a_step_breaks_and_the_next_one_does_not(mock: Namespace) -> None:
    mock.get("/a").respond_with([{"fault": "empty", "times": 2}, {"status": 200}])
    assert befallen(mock, "/a", 4) == [True, True, False, False]


def test_what_hangs_is_aborted_by_a_reset_and_in_flight_at_a_finish(server: MockServer) -> None:
    with server.namespace() as mock:
        mock.get("/a").respond(fault="hang")
        connections = []
        for _ in range(2):
            parts = urlsplit(mock.url)
            assert parts.hostname is not None
            connection = http.client.HTTPConnection(parts.hostname, parts.port, timeout=20)
            connection.request("GET", parts.path + "/a")
            mock.verify([mock.any().answered(phase="delayed")], within=10)
            connections.append(connection)
            if len(connections) == 1:
                mock.reset()
                mock.get("/a").respond(fault="hang")
        ending = mock.finish()
        assert [each["phase"] for each in ending["in_flight"]] == ["aborted"]
        for connection in connections:
            with pytest.raises(http.client.RemoteDisconnected):
                connection.getresponse()
            connection.close()


def test_exports_tell_the_fault(mock: Namespace) -> None:
    mock.get("/a").respond(fault="empty")
    befallen(mock, "/a", 1)
    failed(mock, 1)
    (entry,) = mock.export("har")["log"]["entries"]
    assert (entry["_fault"], entry["response"]["status"]) == ("empty", 0)
    assert mock.export()["requests"][0]["response"]["fault"] == "empty"
    assert "GET /a -> fault: empty stub-1" in mock.export("text").replace(mock.path, "")
    assert '"fault":"empty"' in mock.export("ndjson").replace(" ", "")
