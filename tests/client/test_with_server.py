"""The client against a real server in a process of its own: what a test can rely on."""

from __future__ import annotations

import json
import os
import socket
import ssl
import subprocess
import sys
import urllib.error
import urllib.request
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from tests.client.conftest import Client

from pymockapi import MockApiError, MockServer, MockServerError, Namespace

OPENER = urllib.request.build_opener(urllib.request.ProxyHandler({}))


@pytest.fixture(scope="module")
def server(client: Client) -> Iterator[MockServer]:
    with client.server() as running:
        yield running


@pytest.fixture
def mock(server: MockServer) -> Iterator[Namespace]:
    with server.namespace() as namespace:
        yield namespace


def call(
    url: str, method: str = "GET", data: Any = None, headers: dict[str, str] | None = None
) -> tuple[int, bytes]:
    """Call as a system under test would, with another HTTP client than ours."""
    body = None if data is None else json.dumps(data).encode()
    request = urllib.request.Request(url, body, headers or {}, method=method)
    try:
        with OPENER.open(request, timeout=10) as answer:
            return answer.status, answer.read()
    except urllib.error.HTTPError as error:
        with error:
            return error.code, error.read()


def statuses(url: str, number: int, method: str = "GET") -> list[int]:
    return [call(url, method)[0] for _ in range(number)]


def call_until_it_is_gone(server: MockServer) -> None:
    while True:
        server.version()


def test_a_stub_answers_as_soon_as_it_is_defined(mock: Namespace) -> None:
    stub = mock.get("/orders/{id}").respond(json={"id": 7}, headers={"X-Kind": "order"})
    status, body = call(mock.url + "/orders/7")
    assert (status, json.loads(body)) == (200, {"id": 7})
    stub.assert_called_once()
    assert stub.hits == 1


def test_times_are_the_first_steps_and_then_adds_the_next(mock: Namespace) -> None:
    stub = mock.post("/payments").respond(503, times=2).then(201, json={"id": "p1"})
    assert statuses(mock.url + "/payments", 4, "POST") == [503, 503, 201, 201]
    assert [request.step for request in stub.requests()] == [1, 1, 2, 2]


def test_a_stub_that_served_its_times_no_longer_matches(mock: Namespace) -> None:
    stub = mock.get("/once").respond(times=1)
    assert statuses(mock.url + "/once", 2) == [200, 404]
    assert stub.is_spent


def test_a_step_added_while_traffic_runs_comes_next(mock: Namespace) -> None:
    stub = mock.get("/a").respond(503)
    assert statuses(mock.url + "/a", 1) == [503]
    stub.then(201)
    assert statuses(mock.url + "/a", 2) == [201, 201]


def test_steps_added_after_many_answers_are_all_served(mock: Namespace) -> None:
    stub = mock.get("/a").respond(503)
    assert statuses(mock.url + "/a", 3) == [503, 503, 503]
    stub.then(201).then(202)
    assert statuses(mock.url + "/a", 3) == [201, 202, 202]


def test_every_value_of_per_has_a_cursor_of_its_own(mock: Namespace) -> None:
    stub = mock.get("/a").respond_with(
        [{"status": 503}, {"status": 200}], per="header.x-tenant", after_last="fail"
    )
    for tenant in ("a", "b"):
        headers = {"X-Tenant": tenant}
        got = [call(mock.url + "/a", headers=headers)[0] for _ in range(3)]
        assert got == [503, 200, 599]
    assert stub.cursor("a").step is None
    assert stub.cursor("c").position == 0


def test_a_cursor_can_be_set_and_reset(mock: Namespace) -> None:
    stub = mock.get("/a").respond_with([{"status": 201}, {"status": 202}, {"status": 203}])
    stub.set_cursor(step=3)
    assert statuses(mock.url + "/a", 1) == [203]
    stub.reset()
    assert statuses(mock.url + "/a", 2) == [201, 202]
    assert stub.cursor().step == 3


def test_how_many_requests_a_stub_has_answered_can_be_set(mock: Namespace) -> None:
    steps = [{"status": 200, "times": 9}]
    stub = mock.stub({"name": "thrice", "request": {"path": "/a"}, "responses": steps, "times": 3})
    stub.set_cursor(hits=2)
    assert statuses(mock.url + "/a", 2) == [200, 404]


def test_a_body_of_bytes_comes_back_as_it_is(mock: Namespace) -> None:
    mock.get("/raw").respond(content=b"\x00\xff")
    assert call(mock.url + "/raw") == (200, b"\x00\xff")


def test_patterns_match_by_query_header_and_body(mock: Namespace) -> None:
    mock.post("/pay", json_contains={"amount": {"gt": 0}}, headers={"x-a": "1"}).respond(201)
    url = mock.url + "/pay"
    assert call(url, "POST", {"amount": 5}, {"X-A": "1"})[0] == 201
    assert call(url, "POST", {"amount": 0}, {"X-A": "1"})[0] == 404
    assert call(url, "POST", {"amount": 5})[0] == 404


def test_a_pattern_counts_and_lists_what_came_whoever_answered(mock: Namespace) -> None:
    call(mock.url + "/pay?x=1", "POST", {"amount": 5})
    call(mock.url + "/other")
    pattern = mock.post("/pay", query={"x": "1"})
    assert pattern.count() == 1
    (request,) = pattern.requests()
    assert request.json == {"amount": 5}
    assert request.query == {"x": ["1"]}
    assert (request.stub, request.error) == (None, "no-match")
    assert request.response is not None
    assert request.response.status == 404
    pattern.assert_called_once()
    mock.put("/pay").assert_not_called()


def test_a_failed_assertion_of_a_pattern_shows_the_field_that_differs(
    server: MockServer, mock: Namespace
) -> None:
    call(mock.url + "/pay", "POST", {"amount": 5})
    before = [namespace.name for namespace in server.namespaces()]
    with pytest.raises(AssertionError) as raised:
        mock.post("/pay", json={"amount": 6}).assert_called()
    text = str(raised.value)
    assert "expected at least one request, got 0" in text
    assert "1  POST /pay -> 404, no-match" in text
    assert "body" in text.rpartition("Near, but different")[2]
    assert [namespace.name for namespace in server.namespaces()] == before


def test_a_failed_assertion_of_a_stub_shows_the_field_that_differs(mock: Namespace) -> None:
    stub = mock.get("/a", query={"page": 2}).respond(name="page-2")
    call(mock.url + "/a?page=3")
    with pytest.raises(AssertionError, match=r"query\.page: expected"):
        stub.assert_called()


def test_a_call_that_forgot_the_namespace_is_shown_where_it_is_missed(client: Client) -> None:
    with client.server() as alone, alone.namespace("mine") as mock:
        stub = mock.get("/a").respond(name="a")
        call(alone.url + "/a")
        call(alone.url + "/a", headers={"X-Mock-Namespace": "mein"})
        with pytest.raises(AssertionError) as raised:
            stub.assert_called()
        with pytest.raises(AssertionError) as of_pattern:
            mock.get("/a").assert_called_once()
        stub.assert_not_called()
    lost = (
        "Meanwhile 2 requests, of whichever test, named no live namespace; the last:\n"
        "  GET /a -> no-namespace\n"
        "  GET /a -> unknown-namespace 'mein', by header"
    )
    assert str(raised.value).endswith(lost)
    assert str(of_pattern.value).endswith(lost)


def test_a_refused_definition_is_told_with_its_own_places(mock: Namespace) -> None:
    with pytest.raises(MockApiError) as raised:
        mock.get("a").respond()
    assert [error.pointer for error in raised.value.errors] == ["/request/path"]
    assert str(raised.value).count("write '/a'") == 1


def test_requests_are_listed_from_all_pages_and_after_a_cursor(mock: Namespace) -> None:
    mock.get("/n/{id}").respond()
    for number in range(5):
        call(f"{mock.url}/n/{number}")
    assert mock.cursor() == 5
    assert [request.number for request in mock.requests()] == [1, 2, 3, 4, 5]
    assert [request.params for request in mock.requests(after=3)] == [{"id": "3"}, {"id": "4"}]
    assert [request.path for request in mock.requests(limit=2)] == ["/n/0", "/n/1"]
    assert mock.requests(matched=False) == []
    assert mock.count(mock.get("/n/1")) == 1


def test_state_moves_stubs_on(mock: Namespace) -> None:
    mock.state["cart"] = "empty"
    mock.post("/items").respond(201, set={"cart": "full"})
    mock.get("/cart").respond(text="full", when={"cart": "full"})
    assert statuses(mock.url + "/cart", 1) == [404]
    call(mock.url + "/items", "POST")
    assert call(mock.url + "/cart") == (200, b"full")
    assert mock.state == {"cart": "full"}
    del mock.state["cart"]
    assert "cart" not in mock.state


def test_the_clock_stops_moves_and_runs_again(mock: Namespace) -> None:
    at = datetime(2030, 1, 1, tzinfo=UTC)
    assert mock.clock.freeze(at) == at
    assert mock.clock.advance(timedelta(minutes=15)) == at + timedelta(minutes=15)
    assert mock.clock.advance("1s") == mock.clock.now()
    mock.clock.reset()
    assert mock.clock.read()["mode"] == "real"


def test_a_namespace_can_be_born_frozen(server: MockServer) -> None:
    at = datetime(2030, 1, 1, tzinfo=UTC)
    with server.namespace(clock=at, seed=42, labels={"test": "t"}) as namespace:
        assert namespace.clock.now() == at
        assert (namespace.seed, namespace.labels) == (42, {"test": "t"})
        assert [each.name for each in server.namespaces("test=t")] == [namespace.name]


def test_a_snapshot_brings_stubs_and_state_back(mock: Namespace) -> None:
    mock.state["n"] = 1
    snapshot = mock.snapshot()
    mock.state["n"] = 2
    mock.get("/new").respond()
    mock.restore(snapshot)
    assert mock.state == {"n": 1}
    assert statuses(mock.url + "/new", 1) == [404]
    assert mock.snapshots() == [snapshot]


def test_a_fork_has_the_stubs_and_none_of_the_requests(mock: Namespace) -> None:
    mock.get("/a").respond(201)
    call(mock.url + "/a")
    with mock.fork() as fork:
        assert fork.requests() == []
        assert statuses(fork.url + "/a", 1) == [201]
    assert mock.cursor() == 1


def test_a_batch_is_applied_whole_or_not_at_all(mock: Namespace) -> None:
    with pytest.raises(MockApiError) as raised:
        mock.apply({"state": {"a": 1}, "stubs": [{"request": {"metod": "GET"}}]})
    assert raised.value.code == "invalid"
    assert "metod" in str(raised.value)
    assert mock.state == {}
    mock.apply({"state": {"a": 1}, "stubs": [{"name": "a", "request": {"path": "/a"}}]})
    assert mock.find_stub("a").hits == 0
    assert mock.state == {"a": 1}


def test_match_and_explain_tell_why(mock: Namespace) -> None:
    mock.get("/a", query={"page": 2}).respond(name="page-2")
    assert mock.match("GET", "/a?page=2").stub == "page-2"
    call(mock.url + "/a?page=3")
    explanation = mock.explain(1)
    assert not explanation.matched
    assert explanation.candidates[0].differences[0].field == "query.page"
    assert mock.cursor() == 1


def test_reset_brings_the_namespace_back_to_its_creation(server: MockServer) -> None:
    stub = {"name": "a", "request": {"path": "/a"}, "response": {"status": 201}}
    with server.namespace(stubs=[stub], state={"n": 1}) as namespace:
        namespace.remove_stub("a")
        namespace.state.clear()
        call(namespace.url + "/a")
        namespace.reset(only="state")
        assert namespace.state == {"n": 1}
        namespace.reset()
        assert statuses(namespace.url + "/a", 1) == [201]


def test_a_finished_namespace_is_read_on_by_its_handle_and_found_by_label(
    server: MockServer,
) -> None:
    namespace = server.namespace("ended", labels={"test": "ended"})
    order = namespace.get("/order").respond(json=1)
    call(namespace.url + "/order")
    namespace.finish("failed")
    with server.namespace("ended"):
        order.assert_called_once()
        assert namespace.requests()[0].path == "/order"
        assert namespace.name == "ended"
    (found,) = server.finished("test=ended")
    assert (found.id, found.name, found.count()) == (namespace.id, "ended", 1)
    assert server.get(namespace.id).describe()["finished"]["status"] == "failed"


def test_a_scope_undoes_what_was_changed_in_it_and_judges_what_came(mock: Namespace) -> None:
    mock.get("/order").respond(json=1)
    with mock.scope("test one") as scope:
        mock.get("/order").respond(status=503)
        assert call(mock.url + "/order")[0] == 503
        assert call(mock.url + "/nothing")[0] == 404
        with pytest.raises(MockServerError, match="Scope 'test one' was not closed"):
            _ = scope.verdict
        assert repr(scope) == f"<Scope 'test one' of '{mock.name}', open>"
    assert call(mock.url + "/order") == (200, b"1")
    (problem,) = scope.verdict.problems
    assert (scope.after, problem.kind, problem.requests[0].request) == (
        0,
        "unmatched",
        "GET /nothing",
    )
    assert "#2 GET /nothing" in str(scope.verdict)
    assert scope.close() is scope.verdict
    assert not mock.verdict().passed
    assert mock.finish("failed")["verdict"]["problems"][0]["count"] == 1


def test_a_verdict_tells_of_stubs_what_they_expected(mock: Namespace) -> None:
    pay = mock.post("/payments").respond(201, expect={"at_least": 2})
    assert pay.definition["expect"] == {"at_least": 2}
    mock.get("/other").respond_with([{"status": 200}], name="other", expect={"optional": True})
    mock.get("/unused").respond(name="unused")
    call(mock.url + "/payments", "POST", {})
    unmet, unused = mock.verdict().problems
    (stub,) = unmet.stubs
    assert (unmet.kind, unmet.effect, unmet.requests) == ("unmet", "fail", ())
    assert (stub.stub, stub.layer, stub.request) == (pay.name, "own", "POST /payments")
    assert (stub.at_least, stub.at_most, stub.actual, stub.requests) == (2, None, 1, (1,))
    assert [(each.stub, each.at_least, each.at_most) for each in unused.stubs] == [
        ("unused", None, None)
    ]
    assert f"'{pay.name}' (POST /payments): expected at least 2, got 1 (#1)" in str(mock.verdict())


def test_a_finish_waits_for_what_stubs_expect_and_then_for_quiet(mock: Namespace) -> None:
    mock.post("/payments").respond(201, expect=1)
    with ThreadPoolExecutor() as pool:
        called = pool.submit(call, mock.url + "/payments", "POST", {})
        ended = mock.finish("passed", within=20, quiet_for="10ms")
        called.result()
    assert (ended["verdict"]["passed"], ended["cut_short"]) == (True, None)


def test_a_finish_that_waits_in_vain_tells_so(mock: Namespace) -> None:
    mock.post("/payments").respond(201, expect=1)
    ended = mock.finish(within=timedelta(milliseconds=10))
    assert ended["cut_short"] == "Not all that stubs expect came within 0.01 s."


def test_leaving_a_scope_that_is_closed_already_is_no_error(mock: Namespace) -> None:
    outer = mock.scope()
    with mock.scope():
        outer.close()
    with mock.scope():
        mock.finish()


def test_a_tests_own_failure_is_not_hidden_by_a_scope_that_cannot_close(client: Client) -> None:
    server = client.server().start()
    with pytest.raises(ZeroDivisionError), server.namespace().scope():
        raise fail(server)


def fail(server: MockServer) -> Exception:
    server.stop()
    return ZeroDivisionError()


def test_a_scope_that_cannot_close_says_so(client: Client) -> None:
    with client.server() as own:
        scope = own.namespace().scope()
    with pytest.raises(MockServerError), scope:
        pass


def test_a_finished_namespace_lists_late_requests(server: MockServer) -> None:
    namespace = server.namespace("finishing")
    assert namespace.finish("failed")["late"] == []
    status, _ = call(namespace.url + "/late")
    assert status == 404
    assert [each["target"] for each in namespace.finish()["late"]] == ["/~finishing/late"]


def test_a_name_in_use_is_refused_or_replaced(server: MockServer) -> None:
    with server.namespace("taken") as first:
        with pytest.raises(MockApiError) as raised:
            server.namespace("taken")
        assert raised.value.code == "duplicate-namespace"
        assert server.namespace("taken", replace=True).id != first.id


def test_a_request_to_no_live_namespace_is_an_orphan(server: MockServer) -> None:
    server.forget_orphans()
    assert call(server.url + "/~nobody/a")[0] == 404
    (orphan,) = server.orphans()
    assert (orphan.namespace, orphan.code) == ("nobody", "unknown-namespace")


def test_a_typing_error_comes_back_with_the_nearest_name(mock: Namespace) -> None:
    mock.get("/a").respond(name="get-order")
    with pytest.raises(MockApiError) as raised:
        mock.find_stub("get-ordr")
    assert raised.value.suggestions == ("get-order",)


def test_threads_share_a_server_without_seeing_each_other(server: MockServer) -> None:
    def use(number: int) -> list[int]:
        with server.namespace() as namespace:
            namespace.get("/same").respond(200 + number)
            return statuses(namespace.url + "/same", 5)

    with ThreadPoolExecutor(10) as pool:
        assert list(pool.map(use, range(10))) == [[200 + number] * 5 for number in range(10)]


def test_a_config_and_a_token_are_given_to_the_server(client: Client, tmp_path: Path) -> None:
    config = tmp_path / "mocks.yaml"
    config.write_text(
        "version: 1\n"
        "stubs: [{name: base, request: {path: /a}, response: {status: 201}}]\n"
        "sets: {down: {stubs: [{name: base, request: {path: /a}, response: {status: 503}}]}}\n"
    )
    with client.server(config, token="s3cret", on_missing="default") as server:
        assert call(server.url + "/a")[0] == 201
        assert [each["name"] for each in server.sets()] == ["down"]
        with server.namespace(sets=["down"]) as namespace:
            assert call(namespace.url + "/a")[0] == 503
        server.default.find_stub("base").assert_called_once()
        with pytest.raises(MockApiError) as raised:
            client.server.attach(server.url, "wrong").namespaces()
        assert raised.value.code == "unauthorized"
        with client.server.attach(server.url, "s3cret") as attached:
            assert attached.default.cursor() == 1
        assert call(server.url + "/a")[0] == 201


def test_requests_reach_the_namespace_that_claims_them(client: Client, tmp_path: Path) -> None:
    config = tmp_path / "mocks.yaml"
    config.write_text("version: 1\nserver: {selectors: [bearer, header.x-device]}\n")
    with client.server(config) as server:
        mock = server.namespace("alice", claims={"bearer": ["t1", "t2"]})
        mock.get("/who").respond(text="alice's")
        twin = mock.fork("twin", claims={"header.X-Device": 7})
        assert mock.claims == {"bearer": ("t1", "t2")}
        assert twin.claims == {"header.x-device": ("7",)}
        with pytest.raises(MockApiError, match="Namespace 'twin' holds the claim") as refused:
            server.namespace(claims={"header.x-device": "7"})
        assert refused.value.code == "claim-held"
        for name, value in {"Authorization": "Bearer t2", "X-Device": "7"}.items():
            with OPENER.open(
                urllib.request.Request(server.url + "/who", headers={name: value})
            ) as got:
                assert got.read() == b"alice's"
        assert (mock.count(), twin.count()) == (1, 1)


def test_an_error_in_the_config_is_told_with_its_line(client: Client, tmp_path: Path) -> None:
    config = tmp_path / "mocks.yaml"
    config.write_text("version: 1\nstubs:\n  - request: {metod: GET}\n")
    with pytest.raises(MockServerError, match=r"mocks\.yaml:3:.*metod"):
        client.server(config).start()


def test_a_port_in_use_is_told(client: Client) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(MockServerError, match=f"{port}"):
            client.server(port=port).start()


def test_a_server_whose_process_has_ended_says_so(client: Client) -> None:
    with client.server() as server:
        assert server.pid is not None
        os.kill(server.pid, 9)
        with pytest.raises(MockServerError, match="process ended with exit code"):
            call_until_it_is_gone(server)


def test_a_dead_parent_leaves_no_server_behind() -> None:
    code = (
        "import os; from pymockapi import MockServer; server = MockServer().start();"
        "print(server.url, flush=True); os._exit(1)"
    )
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    host, _, port = run.stdout.strip().removeprefix("http://").partition(":")
    with socket.socket() as probe:
        probe.settimeout(20)  # less than an idle connection may stay open
        with suppress(ConnectionError):  # refused, reset, or closed as the server goes
            probe.connect((host, int(port)))
            assert probe.recv(1) == b""


def test_stop_can_be_called_twice_and_the_server_started_again(client: Client) -> None:
    server = client.server()
    with server:
        first = server.version()
    server.stop()
    with server:
        assert server.version() == first


# HTTPS, and the control API apart.


def test_https_is_trusted_through_the_ca_file(client: Client) -> None:
    with client.server(tls=True) as server, server.namespace() as mock:
        mock.get("/a").respond(text="safe")
        assert mock.tls_url == server.tls_url + mock.path
        trust = ssl.create_default_context(cafile=server.ca_file)
        with urllib.request.urlopen(mock.tls_url + "/a", context=trust, timeout=10) as answer:
            assert answer.read() == b"safe"
        assert Path(server.ca_file).read_text(encoding="ascii") == server.ca_pem
        assert call(mock.url + "/a") == (200, b"safe")
        assert [each.scheme for each in mock.requests()] == ["https", "http"]
        only = mock.get("/b", scheme="https").respond(text="b")
        assert mock.match("GET", "/b", scheme="https").stub == only.name
        call(mock.url + "/b")
        with pytest.raises(AssertionError, match="scheme: expected"):
            only.assert_called()
        attached = client.server.attach(server.url)
        assert (attached.tls_url, attached.ca_pem) == (server.tls_url, server.ca_pem)
        mine, theirs = Path(server.ca_file), Path(attached.ca_file)
        attached.stop()
        assert (mine.exists(), theirs.exists()) == (True, False)
    assert not mine.exists()


def test_a_kept_ca_is_that_of_the_next_server(client: Client, tmp_path: Path) -> None:
    found = []
    for _ in range(2):
        with client.server(tls_ca=tmp_path / "ca") as server:
            found.append(server.ca_pem)
            assert server.tls_url.startswith("https://127.0.0.1:")
    assert found[0] == found[1]


def test_a_server_without_https_says_how_to_have_it(server: MockServer, mock: Namespace) -> None:
    for each in (server, mock):
        with pytest.raises(MockServerError, match=r"MockServer\(tls=True\)"):
            each.tls_url  # noqa: B018
    with pytest.raises(MockApiError, match="start it with --tls") as failure:
        server.ca_file  # noqa: B018
    assert failure.value.code == "unknown-item"


def test_the_control_api_may_have_a_port_of_its_own(client: Client) -> None:
    with client.server(control_port=0) as server, server.namespace() as mock:
        mock.get("/a").respond(text="here")
        assert call(mock.url + "/a") == (200, b"here")
        assert call(server.url + "/__mock/v1/version")[0] == 404
        assert not server.control_url.startswith(server.url)
        attached = client.server.attach(server.url, control_url=server.control_url)
        assert attached.get(mock.name).requests()[0].path == "/a"
        attached.stop()


def test_a_namespace_with_a_port_of_its_own_is_reached_without_a_prefix(
    client: Client, server: MockServer
) -> None:
    with server.namespace(port=0) as mock:
        mock.get("/a").respond(text="mine")
        assert mock.url == f"http://127.0.0.1:{mock.port}"
        assert call(mock.url + "/a") == (200, b"mine")
        assert call(server.url + mock.path + "/a") == (200, b"mine")
        copy = mock.fork(port=0)
        assert call(copy.url + "/a") == (200, b"mine")
        assert mock.fork().port is None
        attached = client.server.attach(server.url.replace("127.0.0.1", "localhost"))
        assert attached.get(mock.name).url == f"http://localhost:{mock.port}"
    with pytest.raises(urllib.error.URLError):
        call(f"http://127.0.0.1:{mock.port}/a")


def test_a_config_is_read_and_replaced_and_its_sets_too(client: Client, tmp_path: Path) -> None:
    file = tmp_path / "mocks.json"
    file.write_text('{"version": 1, "stubs": [{"name": "a", "request": {"path": "/a"}}]}')
    with client.server(file) as server:
        assert (server.config()["version"], server.config()["files"]) == (1, [str(file)])
        document = server.config()["document"]
        document["stubs"][0]["response"] = {"status": 202}
        done = server.put_config(document, version=1)
        assert (done["version"], done["followed"]) == (2, ["default"])
        with pytest.raises(MockApiError) as caught:
            server.put_config(document, version=1)
        assert caught.value.code == "stale-version"
        assert server.put_config(document)["version"] == 3
        server.put_set("down", [{"name": "a", "response": {"status": 503}}], state={"x": 1})
        with server.namespace(sets=["down"]) as mock:
            assert mock.state == {"x": 1}
            assert statuses(mock.url + "/a", 1) == [503]
            server.delete_set("down")
            assert statuses(mock.url + "/a", 1) == [503]
        assert server.sets() == []
        with server.namespace() as mock:
            assert statuses(mock.url + "/a", 1) == [202]


def test_tags_bring_what_the_table_says_and_can_be_tried(client: Client) -> None:
    with client.server() as server:
        server.put_set(
            "down", [{"name": "a", "request": {"path": "/a"}, "response": {"status": 503}}]
        )
        table = {"@outage": {"sets": ["down"]}, "@guest": {"state": {"user": None}}}
        assert server.put_tags(table)["followed"] == ["default"]
        assert server.tags() == table
        found = server.resolve_tags(["@guest", "x"], ["down"])
        assert (found["rows"], found["layers"]) == (["@guest"], ["base", "set:down"])
        assert (found["ignored"], found["errors"]) == (["@x"], [])
        with server.namespace(tags=("outage", "@x")) as mock:
            assert statuses(mock.url + "/a", 1) == [503]
            assert mock.describe()["applied"]["rows"] == ["@outage"]
        with pytest.raises(MockApiError) as caught:
            server.namespace(tags=["@mock.dwn"])
        assert "did you mean '@mock.down'?" in str(caught.value)


def test_a_test_verifies_what_came_and_waits_for_what_comes(mock: Namespace) -> None:
    pay = mock.post("/payments").respond_with([{"status": 503, "times": 2}, {"status": 201}])
    order = mock.get("/orders/{id}").respond(json={"id": 7})
    statuses(mock.url + "/payments", 3, "POST")
    call(mock.url + "/orders/7")
    step = mock.verify([pay.times(3), order], order="strict").cursor
    mock.verify([pay.answered(503).times(2), mock.any("/admin").times(0)], nothing_else=False)
    with ThreadPoolExecutor() as pool:
        waiting = pool.submit(order.wait, 1, 10, after=step)
        call(mock.url + "/orders/8")
        (request,) = waiting.result()
    assert (request.number, request.path) == (5, "/orders/8")
    order.assert_called(2, within=10)
    with pytest.raises(AssertionError) as failure:
        mock.verify([order.times(2)], order="strict", after=step)
    assert "expected exactly 2, got 1 (#5)" in str(failure.value)


def test_answers_wait_at_a_gate_until_they_are_let_go(mock: Namespace) -> None:
    mock.get("/stock").respond(text="own", hold="stock")
    gate = mock.gate("stock")
    assert [each.name for each in mock.gates()] == ["stock"]
    with pytest.raises(AssertionError, match="Expected 1 answer to wait at gate 'stock'; none"):
        gate.wait(within=0)
    with ThreadPoolExecutor(2) as pool:
        answers = [pool.submit(call, mock.url + "/stock") for _ in range(2)]
        assert gate.wait(2, within="60s") == [1, 2]
        assert gate.read()["waiting"] == 2
        assert gate.release(1) == [1]
        assert gate.release(response={"status": 503}) == [2]
        assert sorted(each.result()[0] for each in answers) == [200, 503]
    assert "'stock'" in repr(gate)
