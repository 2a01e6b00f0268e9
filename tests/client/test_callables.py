"""Functions of the test that answer requests, on a server in a thread of this process."""

from __future__ import annotations

import gc
import http.client
import json
import socket
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from http import HTTPStatus
from typing import Any
from urllib.parse import urlsplit
from weakref import finalize

import pytest

from pymockapi import CalledRequest, MockApiError, MockServer, Namespace
from pymockapi.client.functions import Answer
from pymockapi.server import calling
from pymockapi.server import server as server_module
from pymockapi.server.calling import Calling
from pymockapi.server.workers import AT_ONCE

WAIT_S = 20  # for what comes at once


@pytest.fixture(scope="module")
def server() -> Iterator[MockServer]:
    with MockServer(thread=True) as server:
        yield server


@pytest.fixture
def mock(server: MockServer) -> Iterator[Namespace]:
    with server.namespace() as mock:
        yield mock


class Got:
    def __init__(self, answer: http.client.HTTPResponse) -> None:
        self.status, self.reason = answer.status, answer.reason
        self.headers, self.body = answer.headers, answer.read()

    @property
    def json(self) -> Any:
        return json.loads(self.body)

    @property
    def error(self) -> str | None:
        return self.headers["X-Mock-Error"]


def ask(
    mock: Namespace,
    target: str = "/",
    method: str = "GET",
    body: bytes | None = None,
    headers: dict[str, str] | None = None,
) -> Got:
    where = urlsplit(mock.url)
    connection = http.client.HTTPConnection(where.hostname or "", where.port, timeout=WAIT_S)
    try:
        connection.request(method, where.path + target, body, headers or {})
        return Got(connection.getresponse())
    finally:
        connection.close()


def sent(mock: Namespace, target: str = "/") -> socket.socket:
    """Send a request and leave its answer for later."""
    where = urlsplit(mock.url)
    client = socket.create_connection((where.hostname or "", where.port or 0), timeout=WAIT_S)
    client.sendall(f"GET {where.path}{target} HTTP/1.1\r\nHost: x\r\n\r\n".encode())
    return client


def test_a_function_answers_with_what_it_returns(mock: Namespace) -> None:
    mock.post("/orders/{id}").respond(
        call=lambda request: {
            "status": 201,
            "headers": {"X-Order": request.params["id"]},
            "json": {"items": len(request.json)},
        }
    )
    got = ask(mock, "/orders/7", "POST", b"[1, 2]")
    assert (got.status, got.headers["X-Order"], got.json) == (201, "7", {"items": 2})


def test_a_function_sees_the_request_whole_and_recorded(mock: Namespace) -> None:
    seen: list[CalledRequest] = []
    mock.post("/a/{b}").respond(call=seen.append)
    headers = {"Content-Type": "application/x-www-form-urlencoded", "Cookie": "s=1; t=a=b; s=2"}
    ask(mock, "/a/c?q=1&q=2", "POST", b"x=1&x=2&y=", {**headers, "X-One": "é"})
    (request,) = seen
    assert (request.method, request.path, request.number) == ("POST", "/a/c", 1)
    assert (request.params, request.query) == ({"b": "c"}, {"q": ["1", "2"]})
    assert (request.form, request.text) == ({"x": ["1", "2"], "y": [""]}, "x=1&x=2&y=")
    assert request.cookies == {"s": "1", "t": "a=b"}
    assert request.header("content-type") == headers["Content-Type"]
    assert (request.namespace, request.phase, request.response) == (mock.name, "rendering", None)
    assert (request.stub, request.hit) == ("stub-1", 1)
    assert repr(request) == "<CalledRequest 1  POST /a/c?q=1&q=2 -> rendering, stub 'stub-1'>"


def test_a_function_sees_a_body_that_is_too_large_to_be_shown(mock: Namespace) -> None:
    seen: list[bytes] = []
    body = bytes(range(256)) * 8_192
    mock.post("/").respond(call=lambda request: seen.append(request.body))
    assert ask(mock, "/", "POST", body).status == 200
    assert seen == [body]


RETURNED: list[tuple[Answer, int, str | None, bytes]] = [
    (None, 202, None, b""),
    ({}, 202, None, b""),
    ("a text", 202, "text/plain; charset=utf-8", b"a text"),
    (b"\x00\xff", 202, "application/octet-stream", b"\x00\xff"),
    ({"content": bytearray(b"a")}, 202, "application/octet-stream", b"a"),
    ({"content": b"\xff"}, 202, "application/octet-stream", b"\xff"),
    ({"base64": "/w=="}, 202, "application/octet-stream", b"\xff"),
    ({"json": None}, 202, "application/json", b"null"),
    ({"status": 299, "json": [1.5]}, 299, "application/json", b"[1.5]"),
    ({"status": HTTPStatus.IM_A_TEAPOT, "text": "x"}, 418, "text/plain; charset=utf-8", b"x"),
    ({"headers": {"Content-Type": "a/b"}, "text": "x"}, 202, "a/b", b"x"),
    ({"status": 204, "reason": "Nothing"}, 204, None, b""),
    ({"sse": [{"data": "a"}]}, 202, "text/event-stream", b"data: a\n\n"),
    (
        {"stream": [{"text": "a"}, {"text": "b"}], "trailers": {"X": "y"}},
        202,
        "text/plain; charset=utf-8",
        b"ab",
    ),
]


@pytest.mark.parametrize(("returned", "status", "media", "body"), RETURNED)
def test_what_is_returned_goes_over_what_the_stub_says(
    mock: Namespace, returned: Answer, status: int, media: str | None, body: bytes
) -> None:
    mock.get("/").respond(202, call=lambda _: returned, headers={"X-Of": "the stub"})
    got = ask(mock)
    assert (got.status, got.headers["Content-Type"], got.body) == (status, media, body)
    has_own = isinstance(returned, dict) and "headers" in returned
    assert got.headers["X-Of"] == (None if has_own else "the stub")
    (request,) = mock.requests()
    assert request.response is not None
    assert (request.response.status, request.response.body) == (status, body)
    assert (request.phase, request.error) == ("answered", None)


class Shy:
    def __repr__(self) -> str:
        raise ValueError("not shown")


WRONG: list[tuple[Any, str]] = [
    (7, "returned 7; a function returns a response as a mapping, such as {'status': 201, 'json'"),
    ((200, "x"), "returned (200, 'x'); a function returns a response as a mapping"),
    (
        {"price": 7},
        "returned {'price': 7}: price: unknown key 'price'; known keys: base64, content",
    ),
    ({"stats": 7}, "stats: unknown key 'stats'; did you mean 'status'?"),
    ({"status": "201"}, "status: expected a whole number, got a string"),
    ({"status": 99}, "status: expected a whole number from 100 to 999, got 99"),
    ({"delay": 1}, "delay: unknown key 'delay'; it goes beside 'call', in the stub"),
    ({"body": "x"}, "body: unknown key 'body'; give it as 'json', 'text' or 'content'"),
    ({"file": "x"}, "file: unknown key 'file'; read it in the function, and return 'content'"),
    ({"status_code": 1}, "unknown key 'status_code'; here it is 'status'"),
    ({"json": 1, "text": "x"}, "a response has one body, got json and text"),
    ({"content": b"", "base64": ""}, "a response has one body, got base64 and content"),
    ({"content": "x"}, "content: expected bytes, got 'x'; a text is 'text'"),
    ({"text": b"x"}, "text: expected a string, got bytes"),
    ({"json": object}, "json: this cannot be sent as JSON:"),
    ({"headers": {"a b": "x"}}, "headers/a b: 'a b' is no header name"),
    ({"headers": {"Content-Length": "1"}}, "'Content-Length' is computed from the body"),
    ({"reason": "a\nb"}, "reason: a reason has no line breaks"),
    ({"text": "x" * 1000, "x": 1}, "... (dict): x: unknown key 'x'"),
]


@pytest.mark.parametrize(("returned", "told"), WRONG, ids=range(len(WRONG)))
def test_what_is_no_response_is_a_500_and_fails_the_verdict(
    mock: Namespace, returned: Any, told: str
) -> None:
    mock.get("/").respond(call=lambda _: returned, name="price")
    got = ask(mock)
    assert (got.status, got.error) == (500, "callable-result")
    assert got.json["detail"].startswith("Stub 'price': the function '")
    assert told in got.json["detail"]
    (problem,) = mock.verdict().problems
    assert (problem.kind, problem.count) == ("errors", 1)


def failing(error: BaseException) -> Callable[[CalledRequest], Answer]:
    def handler(_: CalledRequest) -> Answer:
        raise error

    return handler


@pytest.mark.parametrize(
    ("error", "told"),
    [
        (AssertionError("the price is missing"), "AssertionError: the price is missing (at"),
        (KeyError("id"), "KeyError: 'id' (at"),
        (ValueError(), "ValueError (at"),
        (SystemExit(3), "SystemExit: 3 (at"),
        (KeyboardInterrupt(), "KeyboardInterrupt (at"),
    ],
)
def test_an_exception_is_a_500_and_fails_the_verdict(
    mock: Namespace, error: BaseException, told: str, caplog: pytest.LogCaptureFixture
) -> None:
    mock.get("/").respond_with([{"call": failing(error), "times": 2}])
    got = ask(mock)
    assert (got.status, got.error) == (500, "callable-failed")
    detail = got.json["detail"]
    assert detail.startswith("Stub 'stub-1', step 1: the function '")
    assert "failing.<locals>.handler' raised " + told in detail
    assert "test_callables.py:" in detail
    assert "raise error" in got.json["traceback"]
    assert "functions.py" not in got.json["traceback"]
    verdict = mock.verdict()
    assert not verdict.passed
    assert f"raised {type(error).__name__}" in " ".join(verdict.report.split())
    assert "handler' failed" in caplog.text
    assert ask(mock).status == 500  # the thread goes on


def test_what_a_returned_value_raises_when_it_is_shown_is_told(mock: Namespace) -> None:
    mock.get("/").respond(call=lambda _: Shy())  # type: ignore[arg-type,return-value]
    got = ask(mock)
    assert (got.error, "ValueError: not shown" in got.json["detail"]) == ("callable-failed", True)


def test_a_message_is_quoted_without_the_secrets_of_the_request(mock: Namespace) -> None:
    def handler(request: CalledRequest) -> Answer:
        raise AssertionError(request.header("authorization"))

    mock.get("/").respond(call=handler)
    got = ask(mock, headers={"Authorization": "Bearer verysecret123"})
    assert b"verysecret123" not in got.body


def test_a_function_may_call_the_control_api_and_the_mock_itself(mock: Namespace) -> None:
    def handler(request: CalledRequest) -> Answer:
        mock.state["seen"] = request.number
        mock.get("/inner").respond(json={"count": mock.count()})
        return {"json": ask(mock, "/inner").json}

    mock.get("/outer").respond(call=handler)
    assert ask(mock, "/outer").json == {"count": 1}
    assert mock.state["seen"] == 1
    assert [request.path for request in mock.requests()] == ["/outer", "/inner"]


def test_a_function_that_blocks_keeps_nobody_waiting(mock: Namespace) -> None:
    begun, go_on = threading.Event(), threading.Event()

    def handler(_: CalledRequest) -> Answer:
        begun.set()
        assert go_on.wait(WAIT_S)
        return "late"

    mock.get("/slow").respond(call=handler)
    mock.get("/plain").respond(text="at once")
    with ThreadPoolExecutor(1) as pool:
        slow = pool.submit(ask, mock, "/slow")
        assert begun.wait(WAIT_S)
        assert ask(mock, "/plain").body == b"at once"
        (request, _) = mock.requests()
        assert (request.phase, request.response) == ("rendering", None)
        go_on.set()
        assert slow.result(WAIT_S).body == b"late"


def test_as_many_functions_run_at_once_as_there_are_threads(mock: Namespace) -> None:
    together = threading.Barrier(AT_ONCE)

    def handler(request: CalledRequest) -> Answer:
        together.wait(WAIT_S)
        return str(request.number)

    mock.get("/").respond(call=handler)
    with ThreadPoolExecutor(2 * AT_ONCE) as pool:
        got = list(pool.map(lambda _: ask(mock), range(2 * AT_ONCE)))
    numbers = sorted(int(each.body) for each in got)
    assert numbers == list(range(1, 2 * AT_ONCE + 1))


def test_answers_of_one_connection_leave_in_the_order_of_requests(mock: Namespace) -> None:
    go_on = threading.Event()

    def handler(_: CalledRequest) -> Answer:
        assert go_on.wait(WAIT_S)
        return "first"

    mock.get("/slow").respond(call=handler)
    mock.get("/plain").respond(text="second")
    path = urlsplit(mock.url).path
    with sent(mock, "/slow") as client:
        client.sendall(
            f"GET {path}/plain HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n".encode()
        )
        mock.verify([mock.get("/plain")], within=WAIT_S)
        go_on.set()
        received = b"".join(iter(lambda: client.recv(65536), b""))
    assert received.index(b"first") < received.index(b"second")


class Blocked:
    """A function that waits to be let go, and tells that it was called."""

    def __init__(self) -> None:
        self.begun, self.go_on, self.ended = (threading.Event() for _ in range(3))

    def __call__(self, _: CalledRequest) -> Answer:
        self.begun.set()
        assert self.go_on.wait(WAIT_S)
        self.ended.set()
        return "dropped"


@pytest.mark.parametrize("end", ["reset", "finish", "delete"])
def test_what_ends_a_namespace_gives_up_its_functions(server: MockServer, end: str) -> None:
    blocked = Blocked()
    mock = server.namespace()
    mock.get("/").respond(call=blocked)
    with sent(mock) as client:
        assert blocked.begun.wait(WAIT_S)
        ends: dict[str, Callable[[], object]] = {
            "reset": mock.reset,
            "finish": mock.finish,
            "delete": mock.delete_namespace,
        }
        ends[end]()
        assert client.recv(100) == b""
    blocked.go_on.set()
    assert blocked.ended.wait(WAIT_S)
    if end == "finish":
        (request,) = mock.requests()
        assert (request.phase, request.response) == ("aborted", None)


def test_what_is_returned_to_a_client_that_has_left_is_dropped(mock: Namespace) -> None:
    blocked = Blocked()
    mock.get("/").respond(call=blocked)
    client = sent(mock)
    assert blocked.begun.wait(WAIT_S)
    client.close()
    mock.verify([{"request": {}, "answered": {"phase": "aborted"}}], within=WAIT_S)
    blocked.go_on.set()
    assert blocked.ended.wait(WAIT_S)
    assert ask(mock, "/other").status == 404


def test_steps_times_and_delays_go_with_functions(mock: Namespace) -> None:
    stub = mock.get("/").respond(call=lambda _: "one", times=2, delay="1ms")
    stub.then(503).then(call=lambda request: {"json": request.step})
    assert [ask(mock).body for _ in range(5)] == [b"one", b"one", b"", b"3", b"3"]
    assert stub.hits == 5


def test_a_step_that_is_added_leaves_the_function_before_it(mock: Namespace) -> None:
    calls: list[int] = []
    stub = mock.get("/").respond(call=lambda _: calls.append(1), times=1)
    gc.collect()
    stub.then(text="last")
    ask(mock)
    assert (calls, ask(mock).body) == ([1], b"last")


def test_a_gate_lets_the_request_go_before_its_function_is_called(mock: Namespace) -> None:
    calls: list[int] = []

    def handler(request: CalledRequest) -> Answer:
        calls.append(request.number)
        return "called"

    mock.get("/").respond(call=handler, hold="door")
    with ThreadPoolExecutor(2) as pool:
        first = pool.submit(ask, mock)
        mock.gate("door").wait(1)
        assert calls == []
        mock.gate("door").release(1, response={"status": 503})
        assert (first.result(WAIT_S).status, calls) == (503, [])
        second = pool.submit(ask, mock)
        mock.gate("door").wait(1)
        mock.gate("door").release()
        assert (second.result(WAIT_S).body, calls) == (b"called", [2])


def test_every_way_to_define_stubs_takes_functions(server: MockServer) -> None:
    def handler(request: CalledRequest) -> Answer:
        return request.path

    def stub(path: str) -> dict[str, Any]:
        return {"request": {"path": path}, "response": {"call": handler}}

    with server.namespace(stubs=[stub("/a")]) as mock:
        mock.stub(stub("/b"))
        mock.stubs([stub("/c"), {**stub("/d"), "name": "d"}])
        mock.apply({"stubs": [stub("/e")]})
        paths = ["/a", "/b", "/c", "/d", "/e"]
        assert [ask(mock, path).body.decode() for path in paths] == paths
        token = mock.find_stub("d").definition["response"]["call"]
        assert token.startswith(f"{__name__}.test_every_way_to_define_stubs_takes_functions.")
        mock.apply({"replace_stubs": [stub("/f")]})
        assert ask(mock, "/f").body == b"/f"


def test_the_same_definition_keeps_its_hits(mock: Namespace) -> None:
    def handler(_: CalledRequest) -> Answer:
        return "x"

    definition = {"name": "a", "request": {"path": "/"}, "response": {"call": handler}}
    stub = mock.stub(definition)
    ask(mock)
    mock.stub(definition)
    assert stub.hits == 1


class Page:
    def __init__(self) -> None:
        self.calls = 0

    def answer(self, _: CalledRequest) -> Answer:
        self.calls += 1
        return "method"

    async def later(self, _: CalledRequest) -> Answer:
        return None


class Called:
    def __call__(self, _: CalledRequest) -> Answer:
        return "object"


class CalledLater:
    async def __call__(self, _: CalledRequest) -> Answer:
        return None


def test_methods_objects_and_partials_answer_too(mock: Namespace) -> None:
    page = Page()
    mock.get("/a").respond(call=page.answer).then(call=page.answer)
    mock.get("/b").respond(call=Called())
    mock.get("/c").respond(call=partial(lambda text, _: text, "partial"))
    bodies = [ask(mock, path).body for path in ("/a", "/a", "/b", "/c")]
    assert bodies == [b"method", b"method", b"object", b"partial"]
    assert page.calls == 2


def gone_with(function: object) -> threading.Event:
    gone = threading.Event()
    finalize(function, gone.set)
    return gone


def test_functions_go_with_their_stubs(server: MockServer) -> None:
    mock = server.namespace()

    def first(_: CalledRequest) -> Answer:
        return None

    def second(_: CalledRequest) -> Answer:
        return None

    is_gone = {"reset": gone_with(first), "delete": gone_with(second)}
    mock.get("/a").respond(call=first)
    del first
    ask(mock, "/a")
    mock.reset()
    assert is_gone["reset"].wait(WAIT_S)
    mock.get("/a").respond(call=second)
    del second
    ask(mock, "/a")
    assert not is_gone["delete"].is_set()
    mock.delete_namespace()
    assert is_gone["delete"].wait(WAIT_S)


def test_a_stopped_server_keeps_no_function() -> None:
    server = MockServer(thread=True).start()
    mock = server.namespace()

    def handler(_: CalledRequest) -> Answer:
        return None

    gone = gone_with(handler)
    stub = mock.get("/").respond(call=handler)
    del handler
    server.stop()
    gc.collect()
    assert gone.wait(WAIT_S)
    assert stub.definition["response"]["call"].count("#") == 1


UNUSABLE: list[tuple[Any, str]] = [
    (7, r"call= takes a function of one argument, the request; got 7 \(int\)"),
    (lambda: None, r"it is called with one argument, the request; it takes \(\)"),
    (lambda one, two: (one, two), r"it takes \(one, two\)"),
    (Page().later, "Page.later: a function that is async needs a loop to run in; use AsyncMock"),
    (CalledLater(), "a function that is async needs a loop"),
]


@pytest.mark.parametrize(("function", "told"), UNUSABLE, ids=range(len(UNUSABLE)))
def test_what_cannot_be_called_is_told_at_once(mock: Namespace, function: Any, told: str) -> None:
    with pytest.raises(TypeError, match=told):
        mock.get("/").respond(call=function)
    assert mock.list_stubs() == []


def test_what_has_no_signature_to_read_is_called(mock: Namespace) -> None:
    handler: Any = dict.fromkeys
    mock.get("/").respond(call=handler)
    assert ask(mock).error == "callable-failed"


def test_a_function_in_the_wrong_place_is_told_where_it_goes(mock: Namespace) -> None:
    with pytest.raises(TypeError, match=r"respond\(call="):
        mock.get("/").respond(Called())  # type: ignore[arg-type]
    with pytest.raises(TypeError, match=r"goes to respond\(call=...\), or in a step: {'call':"):
        mock.get("/").respond_with(Called())  # type: ignore[arg-type]


@pytest.mark.parametrize("key", ["json", "text", "base64", "file"])
def test_a_function_leaves_no_room_for_another_body(mock: Namespace, key: str) -> None:
    definition = {"response": {"call": Called(), key: "x"}}
    with pytest.raises(MockApiError) as raised:
        mock.stub(definition)
    told = f"the function of 'call' returns the body; leave out {key}"
    assert told in {each.message for each in raised.value.errors}


def test_a_token_that_nobody_knows_is_refused(mock: Namespace) -> None:
    with pytest.raises(MockApiError) as raised:
        mock.stub({"response": {"call": "tests.price#0"}})
    (error,) = raised.value.errors
    assert (raised.value.status, error.pointer) == (422, "/response/call")
    assert error.message.startswith("no function 'tests.price#0' is known: it is one of another")


def test_a_token_that_is_no_text_is_refused(mock: Namespace) -> None:
    from urllib.request import Request, urlopen  # noqa: PLC0415

    url = f"{mock.url.split('/~')[0]}/__mock/v1/namespaces/{mock.name}/stubs"
    asked = Request(url, b'{"response": {"call": 7}}')
    with pytest.raises(OSError, match="422"):
        urlopen(asked)


def test_what_nobody_matches_and_gates_and_sets_have_no_functions(
    server: MockServer, mock: Namespace
) -> None:
    stub = mock.get("/").respond(call=Called())
    answer = {"call": stub.definition["response"]["call"]}
    with pytest.raises(MockApiError, match="only answers of stubs come from functions"):
        mock.apply({"settings": {"unmatched": answer}})
    with pytest.raises(MockApiError, match="there is no function to call here"):
        mock.gate("door").release(response=answer)
    with pytest.raises(MockApiError, match="there is no function to call here"):
        server.put_set("a", [{"response": answer}])


def test_a_server_that_is_elsewhere_calls_no_function() -> None:
    with MockServer() as server, server.namespace() as mock:
        with pytest.raises(TypeError, match=r"runs in a thread of this process, as MockServer\(th"):
            mock.get("/").respond(call=Called())
        with pytest.raises(MockApiError, match="there is no function to call here: 'call' takes"):
            mock.stub({"response": {"call": "a#1"}})


def test_a_function_that_takes_too_long_is_a_500(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(server_module, "Calling", partial(Calling, limit_s=0.01))
    blocked = Blocked()
    with MockServer(thread=True) as server, server.namespace() as mock:
        mock.get("/").respond(call=blocked)
        got = ask(mock)
        assert (got.status, got.error) == (500, "callable-timeout")
        assert "has not returned within 0.01 s; what it returns is dropped" in got.json["detail"]
        (problem,) = mock.verdict().problems
        assert problem.kind == "errors"
        blocked.go_on.set()


def test_over_the_limit_a_request_is_told_and_its_function_is_not_called(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(server_module, "Calling", partial(Calling, most=1))
    blocked = Blocked()
    with MockServer(thread=True) as server, server.namespace() as mock:
        mock.get("/").respond(call=blocked)
        with sent(mock):
            assert blocked.begun.wait(WAIT_S)
            got = ask(mock)
            assert (got.status, got.error) == (503, "limit-reached")
            assert "1 requests wait for what functions return on this server" in got.json["detail"]
            blocked.go_on.set()


def test_a_stop_waits_for_a_function_that_is_about_to_return() -> None:
    blocked = Blocked()
    server = MockServer(thread=True).start()
    mock = server.namespace()
    mock.get("/").respond(call=blocked)
    with sent(mock) as client:
        assert blocked.begun.wait(WAIT_S)
        with ThreadPoolExecutor(1) as pool:
            stopping = pool.submit(server.stop)
            blocked.go_on.set()
            assert b"dropped" in client.recv(65536)
            stopping.result(WAIT_S)


def test_there_are_so_many_functions_at_most(
    server: MockServer, mock: Namespace, monkeypatch: pytest.MonkeyPatch
) -> None:
    del server
    monkeypatch.setattr("pymockapi.server.callees.MAX_CALLEES", 0)
    with pytest.raises(RuntimeError, match="0 functions answer requests already, the limit; del"):
        mock.get("/").respond(call=Called())


def test_the_limits_are_those_that_are_documented() -> None:
    assert (AT_ONCE, calling.MAX_CALLS, calling.CALL_LIMIT_S) == (32, 1_000, 30.0)
