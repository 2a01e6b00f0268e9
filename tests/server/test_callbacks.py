"""Callbacks: what is sent, when, what becomes of it, and what keeps it from being sent."""

from __future__ import annotations

import json
import socket
import struct
from collections.abc import Iterator, Mapping
from typing import Any, Final

import pytest
from tests.api.live import Live, encoded, read_to_end
from tests.server.receivers import SILENCE, Receiver, status

from pymockapi.server.sending import Sender
from pymockapi.server.settings import ServeOptions, TlsOptions

WITHIN: Final = {"within": "20s"}
TRACE: Final = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"


@pytest.fixture(scope="module")
def live() -> Iterator[Live]:
    server = Live()
    yield server
    server.close()


def world(live: Live, *callbacks: Any, **answer: Any) -> str:
    """Return a namespace with one stub, ``pay``, whose answer has ``callbacks``."""
    response = {"status": 202, "callbacks": list(callbacks), **answer}
    return live.create(stubs=[{"name": "pay", "request": {"path": "/pay"}, "response": response}])


def pay(live: Live, ns: str, body: bytes = b"", headers: Mapping[str, str] | None = None) -> None:
    assert live.send("POST", f"/~{ns}/pay", body, headers).status == 202


def listed(live: Live, ns: str, query: str = "") -> Any:
    return live.call("GET", f"/namespaces/{ns}/callbacks{query}").json["callbacks"]


def verified(live: Live, ns: str, **asked: Any) -> Any:
    return live.call("POST", f"/namespaces/{ns}/callbacks/verify", asked).json


def ended(live: Live, ns: str, outcome: str, count: int = 1) -> Any:
    """Return what has ended so, once it has."""
    found = verified(live, ns, outcome=outcome, times={"at_least": count}, **WITHIN)
    assert found["passed"], found["report"]
    return found["callbacks"]


def unused_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as line:
        port: int = line.getsockname()[1]
        return port


# What is sent.


def test_a_callback_comes_after_the_answer_with_what_the_definition_says(live: Live) -> None:
    with Receiver() as receiver:
        ns = world(
            live, {"url": receiver.url + "/hook?a=1", "json": {"id": 7}, "headers": {"X-Sign": "s"}}
        )
        pay(live, ns)
        came = receiver.next()
        assert came.line == "POST /hook?a=1 HTTP/1.1"
        assert json.loads(came.body) == {"id": 7}
        assert came.headers["content-type"] == "application/json"
        assert came.headers["x-sign"] == "s"
        assert came.headers["host"] == f"127.0.0.1:{receiver.port}"
        assert came.headers["user-agent"].startswith("pymockapi/")
        (record,) = ended(live, ns, "sent")
    assert (record["number"], record["stub"], record["place"]) == (1, "pay", 0)
    assert (record["attempts"], record["status"], record["answer"]) == (1, 200, "ok")
    assert record["error"] is None


def test_it_carries_the_namespace_and_the_trace_of_the_request(live: Live) -> None:
    with Receiver() as receiver:
        ns = world(live, {"url": receiver.url})
        pay(live, ns, headers={"traceparent": TRACE, "baggage": "user=7", "X-Request-Id": "r1"})
        came = receiver.next()
    assert came.headers["x-mock-namespace"] == ns
    assert came.headers["traceparent"] == TRACE
    assert came.headers["x-request-id"] == "r1"
    assert came.headers["baggage"] == f"user=7,mock.namespace={ns}"


def test_baggage_that_names_the_namespace_is_carried_as_it_is(live: Live) -> None:
    with Receiver() as receiver:
        ns = world(live, {"url": receiver.url})
        live.send("POST", "/pay", headers={"baggage": f"mock.namespace={ns};p=1, a=b"})
        assert receiver.next().headers["baggage"] == f"mock.namespace={ns};p=1, a=b"


def test_headers_of_the_definition_go_before_what_is_added(live: Live) -> None:
    with Receiver() as receiver:
        headers = {"traceparent": "own", "user-agent": "bank", "x-mock-namespace": "none"}
        ns = world(live, {"url": receiver.url, "method": "put", "headers": headers})
        pay(live, ns, headers={"traceparent": TRACE})
        came = receiver.next()
    assert came.line.startswith("PUT / ")
    assert {name: came.headers[name] for name in headers} == headers
    assert came.headers["content-length"] == "0"


def test_templates_see_the_request_and_the_state_of_its_answer(live: Live) -> None:
    with Receiver() as receiver:
        callback = {
            "url": receiver.url + "/{{ request.json.to }}",
            "headers": {"X-Hit": "{{ hit }}"},
            "json": {
                "id": "{{ request.json.id }}",
                "key": "{{ random_string(8) }}",
                "tries": "{{ state.tries }}",
            },
            "template": True,
        }
        response = {"status": 202, "callbacks": [callback]}
        stub = {
            "name": "pay",
            "request": {"path": "/pay"},
            "response": response,
            "set": {"tries": {"increment": 1}},
        }
        sent = []
        for _ in range(2):
            ns = live.create(seed=7, stubs=[stub])
            pay(live, ns, b'{"to": "hook", "id": 5}')
            came = receiver.next()
            assert (came.line, came.headers["x-hit"]) == ("POST /hook HTTP/1.1", "1")
            sent.append(json.loads(came.body))
    assert (sent[0]["id"], sent[0]["tries"]) == (5, 1)
    assert sent[0] == sent[1]


def test_several_begin_in_order_and_each_is_recorded(live: Live) -> None:
    with Receiver() as receiver:
        ns = world(
            live, {"url": receiver.url, "text": "a"}, {"url": receiver.url, "base64": "Yg=="}
        )
        pay(live, ns)
        assert {receiver.next().body, receiver.next().body} == {b"a", b"b"}
        ended(live, ns, "sent", 2)
        found = listed(live, ns)
        assert [(each["id"], each["place"]) for each in found] == [(1, 0), (2, 1)]


def test_a_callback_may_call_the_mock_itself(live: Live) -> None:
    ns = world(live, {"url": live.url + "/hook"})
    live.call(
        "POST",
        f"/namespaces/{ns}/stubs",
        {"request": {"path": "/hook"}, "response": {"status": 204}},
    )
    pay(live, ns)
    (record,) = ended(live, ns, "sent")
    assert record["status"] == 204
    assert live.call("GET", f"/namespaces/{ns}/requests").json["total"] == 2


def test_head_has_no_body_to_wait_for(live: Live) -> None:
    with Receiver(b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n") as receiver:
        ns = world(live, {"url": receiver.url, "method": "HEAD"})
        pay(live, ns)
        assert "content-length" not in receiver.next().headers
        assert ended(live, ns, "sent")[0]["status"] == 200


def test_an_answer_that_is_a_template_itself_has_callbacks(live: Live) -> None:
    with Receiver() as receiver:
        ns = world(
            live, {"url": receiver.url}, template=True,
            headers={"X-Hit": "{{ hit }}"}, json={"hit": "{{ hit }}"},
        )  # fmt: skip
        pay(live, ns)
        receiver.next()
        ended(live, ns, "sent")


def test_a_stream_has_callbacks_when_its_last_piece_has_left(live: Live) -> None:
    with Receiver() as receiver:
        ns = world(
            live, {"url": receiver.url}, stream=[{"text": "a"}, {"text": "b", "after": "5ms"}]
        )
        pay(live, ns)
        receiver.next()
        ended(live, ns, "sent")


def test_an_answer_that_breaks_has_callbacks(live: Live) -> None:
    with Receiver() as receiver:
        ns = world(live, {"url": receiver.url}, fault="empty")
        with live.connect() as line:
            line.sendall(encoded("POST", f"/~{ns}/pay"))
            assert read_to_end(line) == b""
        receiver.next()
        ended(live, ns, "sent")


def test_what_no_stub_answers_may_have_callbacks(live: Live) -> None:
    with Receiver() as receiver:
        unmatched = {"status": 202, "callbacks": [{"url": receiver.url}]}
        ns = live.create(settings={"unmatched": unmatched})
        pay(live, ns)
        receiver.next()
        assert ended(live, ns, "sent")[0]["stub"] is None


def test_each_step_of_a_sequence_has_its_own(live: Live) -> None:
    with Receiver() as receiver:
        steps = [{"status": 202, "callbacks": [{"url": f"{receiver.url}/{n}"}]} for n in (1, 2)]
        ns = live.create(stubs=[{"request": {"path": "/pay"}, "responses": steps}])
        for number in (1, 2):
            pay(live, ns)
            assert receiver.next().line == f"POST /{number} HTTP/1.1"


# When.


def test_a_callback_is_pending_before_its_answer_has_left_and_leaves_after_it(live: Live) -> None:
    with Receiver() as receiver:
        ns = world(live, {"url": receiver.url}, hold="bank")
        with live.connect() as line:
            line.sendall(encoded("POST", f"/~{ns}/pay"))
            gate = f"/namespaces/{ns}/gates/bank"
            live.call("GET", gate + "?waiting=1&within=20s")
            assert [each["outcome"] for each in listed(live, ns)] == ["pending"]
            assert receiver.is_idle
            live.call("POST", gate + "/release")
            receiver.next()
            assert ended(live, ns, "sent")[0]["number"] == 1


def test_an_answer_released_in_place_of_another_has_its_own_callbacks(live: Live) -> None:
    with Receiver() as receiver:
        ns = world(live, {"url": receiver.url + "/own"}, hold="bank")
        with live.connect() as line:
            line.sendall(encoded("POST", f"/~{ns}/pay"))
            gate = f"/namespaces/{ns}/gates/bank"
            live.call("GET", gate + "?waiting=1&within=20s")
            other = {"status": 503, "callbacks": [{"url": receiver.url + "/other"}]}
            live.call("POST", gate + "/release", {"response": other})
            assert receiver.next().line == "POST /other HTTP/1.1"
        ended(live, ns, "sent")
        assert [each["outcome"] for each in listed(live, ns)] == ["cancelled", "sent"]


def test_a_client_that_gives_up_does_not_keep_a_callback_from_being_sent(live: Live) -> None:
    with Receiver() as receiver:
        ns = world(live, {"url": receiver.url}, delay="1h")
        with live.connect() as line:
            line.sendall(encoded("POST", f"/~{ns}/pay"))
            while not listed(live, ns):
                pass
            line.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        receiver.next()
        ended(live, ns, "sent")


def test_its_delay_counts_from_the_end_of_the_answer(live: Live) -> None:
    with Receiver() as receiver:
        ns = world(
            live, {"url": receiver.url, "delay": "20ms"}, {"url": receiver.url, "delay": "1h"}
        )
        pay(live, ns)
        receiver.next()
        ended(live, ns, "sent")
        assert [each["outcome"] for each in listed(live, ns)] == ["sent", "pending"]


# What goes wrong.


def test_nobody_listening_is_a_failure_and_a_problem_of_the_verdict(live: Live) -> None:
    ns = world(live, {"url": f"http://127.0.0.1:{unused_port()}/hook?key=s3cret"})
    pay(live, ns)
    (record,) = ended(live, ns, "failed")
    assert (record["error"], record["status"]) == ("not-sent", None)
    assert "connection refused" in record["detail"]
    verdict = live.call("GET", f"/namespaces/{ns}/verdict").json
    (problem,) = verdict["problems"]
    assert (verdict["passed"], problem["kind"], problem["count"]) == (False, "errors", 1)
    (item,) = problem["requests"]
    assert (item["number"], item["request"], item["code"]) == (1, "POST /pay", "callback-failed")
    assert "connection refused" in item["detail"]
    assert "s3cret" not in json.dumps(verdict)


@pytest.mark.parametrize(
    ("answer", "outcome", "told"),
    [
        (status(500, b"no"), "failed", "the receiver answered 500"),
        (status(404), "sent", None),
        (status(302), "sent", None),
        (b"no HTTP at all\r\n\r\n", "failed", "no HTTP/1.1"),
        (b"HTTP/1.1 100 Continue\r\n\r\n" + status(204), "sent", None),
        (b"HTTP/1.1 101 X\r\nConnection: upgrade\r\nUpgrade: x\r\n\r\n", "failed", "another protocol"),
        (b"HTTP/1.1 200 OK\r\n\r\nto the end", "sent", None),
        (b"HTTP/1.1 200 OK\r\n\r\n" + b"x" * 200_000, "sent", None),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\ncut", "sent", None),
        (b"HTTP/1.1 200 OK\r\nX: " + b"x" * 100_000, "failed", ""),
        (b"HTTP/1.1 200 ", "failed", "closed the connection without an answer"),
    ],
)  # fmt: skip
def test_what_the_receiver_answers_decides(
    live: Live, answer: bytes, outcome: str, told: str | None
) -> None:
    with Receiver(answer) as receiver:
        ns = world(live, {"url": receiver.url})
        pay(live, ns)
        (record,) = ended(live, ns, outcome)
    assert len(record["answer"] or "") <= 1024
    if told is None:
        assert record["detail"] is None
    else:
        assert told in record["detail"]


def test_a_receiver_that_never_answers_is_given_up(live: Live) -> None:
    with Receiver(SILENCE) as receiver:
        ns = world(live, {"url": receiver.url, "timeout": "50ms"})
        pay(live, ns)
        assert "no answer within 0.05 s" in ended(live, ns, "failed")[0]["detail"]


def test_what_is_known_of_an_answer_that_stalls_is_kept(live: Live) -> None:
    with Receiver(SILENCE) as receiver:
        begun = b"HTTP/1.1 201 OK\r\nContent-Length: 9\r\n\r\nhalf"
        receiver._answer = lambda line: line.sendall(begun)  # type: ignore[method-assign]
        ns = world(live, {"url": receiver.url, "timeout": "1s"})
        pay(live, ns)
        (record,) = ended(live, ns, "sent")
    assert (record["status"], record["answer"]) == (201, "half")


def test_a_failure_is_tried_again_only_if_that_was_asked(live: Live) -> None:
    with Receiver(status(503), status(500), status(200)) as receiver:
        callback = {"url": receiver.url, "retries": 5, "retry_after": "1ms"}
        ns = world(live, callback)
        pay(live, ns)
        (record,) = ended(live, ns, "sent")
    assert (record["attempts"], record["status"]) == (3, 200)


def test_it_fails_after_its_last_retry(live: Live) -> None:
    with Receiver(status(503)) as receiver:
        ns = world(live, {"url": receiver.url, "retries": 2, "retry_after": "1ms"})
        pay(live, ns)
        (record,) = ended(live, ns, "failed")
    assert (record["attempts"], record["detail"]) == (3, "the receiver answered 503, 3 times")


def test_a_callback_that_cannot_be_rendered_fails_and_the_answer_leaves(live: Live) -> None:
    ns = world(
        live, {"url": "http://127.0.0.1/{{ request.json.id.x }}", "template": True}, hold="g"
    )
    with live.connect() as line:
        line.sendall(encoded("POST", f"/~{ns}/pay"))
        live.call("GET", f"/namespaces/{ns}/gates/g?waiting=1&within=20s")
        live.call("POST", f"/namespaces/{ns}/gates/g/release")
    (record,) = listed(live, ns)
    assert (record["outcome"], record["error"]) == ("failed", "template-error")
    assert record["detail"].startswith("callbacks/0/url")


@pytest.mark.parametrize("made", ["no URL", "ftp://host/", "http://user:pw@host/"])
def test_a_rendered_url_that_cannot_be_called_fails(live: Live, made: str) -> None:
    ns = world(live, {"url": "{{ request.body }}", "template": True})
    pay(live, ns, made.encode())
    assert listed(live, ns)[0]["error"] == "template-error"


def test_the_mock_never_calls_link_local_addresses_whatever_is_asked(live: Live) -> None:
    ns = world(live, {"url": "http://169.254.169.254/latest", "retries": 5})
    pay(live, ns)
    (record,) = ended(live, ns, "failed")
    assert record["attempts"] == 1  # another attempt would be refused, too
    assert "link-local" in record["detail"]


def test_over_the_limit_a_callback_is_not_sent_and_says_so(live: Live) -> None:
    with Receiver() as receiver:
        ns = live.create(
            limits={"callbacks_pending": 1},
            stubs=[{"name": "pay", "request": {"path": "/pay"}, "response": {
                "status": 202, "callbacks": [{"url": receiver.url, "delay": "1h"}] * 2}}],
        )  # fmt: skip
        pay(live, ns)
        first, second = listed(live, ns)
    assert (first["outcome"], second["outcome"]) == ("pending", "failed")
    assert second["error"] == "limit-reached"
    assert live.call("GET", f"/namespaces/{ns}/verdict").json["passed"] is False


def test_only_so_many_are_sent_at_once_the_others_wait_their_turn() -> None:
    live = Live({"server": {"limits": {"callbacks": 1}}})
    try:
        with Receiver(SILENCE) as silent, Receiver() as receiver:
            ns = world(live, {"url": silent.url, "timeout": "60s"}, {"url": receiver.url})
            pay(live, ns)
            silent.next()
            assert [each["attempts"] for each in listed(live, ns)] == [1, 0]
            live.call("POST", f"/namespaces/{ns}/reset", {"only": ["callbacks"]})
            pay(live, ns)
            silent.next()
            assert receiver.is_idle
    finally:
        live.close()


def test_a_mistake_of_our_own_is_told_and_leaves_nothing_pending(
    live: Live, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    async def broken(*_: object) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr(Sender, "send", broken)
    ns = world(live, {"url": "http://127.0.0.1/"})
    pay(live, ns)
    assert ended(live, ns, "failed")[0]["error"] == "internal"
    assert "sending a callback failed" in caplog.text


def test_a_callback_with_a_drawn_delay_waits_as_the_seed_says(live: Live) -> None:
    callback = {"url": "http://127.0.0.1/", "delay": {"uniform": ["1h", "1h"]}}
    ns = world(live, callback)
    pay(live, ns)
    assert listed(live, ns)[0]["delay_s"] == 3600.0


# What cancels.


@pytest.mark.parametrize("call", ["reset", "reset callbacks", "finish", "delete", "replace"])
def test_nothing_is_sent_once_what_cancels_is_answered(live: Live, call: str) -> None:
    with Receiver() as receiver:
        ns = world(live, {"url": receiver.url, "delay": "30ms"}, delay=0)
        watched = live.create()
        pay(live, ns)
        method, path, body = {
            "reset": ("POST", "/reset", {}), "finish": ("POST", "/finish", {}),
            "reset callbacks": ("POST", "/reset", {"only": ["callbacks"]}),
            "delete": ("DELETE", "", b""), "replace": ("PUT", "", {}),
        }[call]  # fmt: skip
        assert live.call(method, f"/namespaces/{ns}{path}", body).status < 300
        was_idle = receiver.is_idle
        live.call("POST", f"/namespaces/{watched}/callbacks/verify", {"within": "60ms"})
        assert receiver.is_idle is was_idle


def test_an_attempt_under_way_is_broken_off(live: Live) -> None:
    with Receiver(SILENCE) as receiver:
        ns = world(live, {"url": receiver.url, "timeout": "60s"})
        identity = live.call("GET", f"/namespaces/{ns}").json["id"]
        pay(live, ns)
        receiver.next()
        live.call("POST", f"/namespaces/{ns}/finish")
        (record,) = listed(live, identity)
    assert (record["outcome"], record["attempts"]) == ("cancelled", 1)
    assert record["detail"] == "the namespace has ended: finished"


def test_a_reset_that_aborts_a_delayed_answer_sends_none_of_its_callbacks(live: Live) -> None:
    with Receiver() as receiver:
        ns = world(live, {"url": receiver.url}, delay="1h")
        with live.connect() as line:
            line.sendall(encoded("POST", f"/~{ns}/pay"))
            while not listed(live, ns):
                pass
            live.call("POST", f"/namespaces/{ns}/reset")
            assert read_to_end(line) == b""
        assert listed(live, ns) == []
        other = world(live, {"url": receiver.url + "/other"})
        pay(live, other)
        assert receiver.next().line == "POST /other HTTP/1.1"


def test_a_reset_of_other_parts_leaves_callbacks_alone(live: Live) -> None:
    with Receiver() as receiver:
        ns = world(live, {"url": receiver.url, "delay": "1h"})
        pay(live, ns)
        live.call("POST", f"/namespaces/{ns}/reset", {"only": ["requests", "state"]})
        assert [each["outcome"] for each in listed(live, ns)] == ["pending"]


def test_a_server_that_stops_sends_nothing_more() -> None:
    live = Live()
    with Receiver(SILENCE) as receiver:
        ns = world(
            live, {"url": receiver.url, "timeout": "60s"}, {"url": receiver.url, "delay": "1h"}
        )
        pay(live, ns)
        receiver.next()
        live.close()
        assert receiver.is_idle


# HTTPS.


def test_https_is_verified_by_the_ca_of_the_mock() -> None:
    live = Live(options=ServeOptions(port=0, grace_s=1.0, tls=TlsOptions(port=0)))
    try:
        url = live.server.addresses.tls_url or ""
        ns = world(live, {"url": f"{url}/~golden/x", "timeout": "20s"})
        pay(live, ns)
        assert ended(live, ns, "sent")[0]["status"] == 404
    finally:
        live.close()


def test_a_certificate_that_nobody_vouches_for_is_refused(live: Live) -> None:
    other = Live(options=ServeOptions(port=0, grace_s=1.0, tls=TlsOptions(port=0)))
    try:
        ns = world(live, {"url": other.server.addresses.tls_url, "timeout": "20s"})
        pay(live, ns)
        assert "certificate" in ended(live, ns, "failed")[0]["detail"]
    finally:
        other.close()
