"""A recorded exchange as a HAR entry, field by field (HAR 1.2)."""

from __future__ import annotations

from typing import Any

import pytest

from pymockapi.formats.har import har_entry, har_frame

EXCHANGE: dict[str, Any] = {
    "number": 3, "at": "2030-01-01T00:00:00.000000Z", "phase": "answered", "scheme": "http",
    "method": "POST", "target": "/~a/pay?x=1&x=2", "path": "/pay", "query": {"x": ["1", "2"]},
    "headers": [["Host", "127.0.0.1:8080"], ["Content-Type", "application/json"],
                ["Cookie", "a=1; b; c=2"]],
    "trailers": [], "body": {"size": 2, "text": "{}", "json": {}}, "stub": "pay", "step": 2,
    "error": None, "correlation": {"traceparent": "00-a1-b2-01", "x-request-id": "r 1"},
    "response": {"status": 201, "headers": [["Location", "/x"], ["Set-Cookie", "sid=1; Path=/"]],
                 "body": {"size": 2, "base64": "//4="}, "sent_bytes": 100},
    "timings": {"total_ms": 1.5},
}  # fmt: skip


def test_an_exchange_is_a_har_entry() -> None:
    entry = har_entry(EXCHANGE)
    assert (entry["startedDateTime"], entry["time"]) == ("2030-01-01T00:00:00.000000Z", 1.5)
    assert entry["timings"] == {"send": 0, "wait": 1.5, "receive": 0}
    request = entry["request"]
    assert (request["method"], request["url"]) == ("POST", "http://127.0.0.1:8080/~a/pay?x=1&x=2")
    assert request["queryString"] == [{"name": "x", "value": "1"}, {"name": "x", "value": "2"}]
    assert request["cookies"] == [{"name": "a", "value": "1"}, {"name": "c", "value": "2"}]
    assert request["postData"] == {"mimeType": "application/json", "params": [], "text": "{}"}
    response = entry["response"]
    assert (response["status"], response["statusText"]) == (201, "Created")
    assert response["redirectURL"] == "/x"
    assert response["cookies"] == [{"name": "sid", "value": "1"}]
    assert response["content"] == {
        "size": 2, "mimeType": "application/octet-stream", "text": "//4=", "encoding": "base64",
    }  # fmt: skip
    assert (entry["_number"], entry["_stub"], entry["_step"]) == (3, "pay", 2)
    assert entry["_correlation"] == {"traceparent": "00-a1-b2-01", "x-request-id": "r 1"}


@pytest.mark.parametrize(
    ("fault", "status"),
    [("reset", 0), ("empty", 0), ("garbage", 0), ("hang", 0), ("truncated", 201), ("malformed_chunk", 201)],
)  # fmt: skip
def test_a_fault_is_told_and_without_a_head_there_was_no_status(fault: str, status: int) -> None:
    response = {**EXCHANGE["response"], "fault": fault}
    entry = har_entry({**EXCHANGE, "response": response, "phase": "failed", "correlation": {}})
    assert (entry["_fault"], entry["response"]["status"]) == (fault, status)
    assert entry["comment"] == f"#3 failed, fault: {fault} by 'pay'"
    assert har_entry(EXCHANGE)["_fault"] is None


@pytest.mark.parametrize(
    ("facts", "comment"),
    [
        ({}, "#3 answered by 'pay', traceparent: 00-a1-b2-01, x-request-id: r 1"),
        ({"correlation": {}, "phase": "aborted"}, "#3 aborted by 'pay'"),
        ({"correlation": {}, "stub": None, "error": "no-match"}, "#3 answered, no-match"),
        ({"correlation": {}, "stub": None}, "#3 answered"),
    ],
)
def test_the_comment_tells_a_viewer_what_har_has_no_field_for(
    facts: dict[str, Any], comment: str
) -> None:
    assert har_entry({**EXCHANGE, **facts})["comment"] == comment


def test_an_answer_that_never_was_has_the_status_0() -> None:
    entry = har_entry({**EXCHANGE, "response": None, "body": {"size": 0}})
    assert (entry["response"]["status"], entry["response"]["content"]["size"]) == (0, 0)
    assert "postData" not in entry["request"]


def test_a_binary_body_is_base64_and_says_so() -> None:
    entry = har_entry({**EXCHANGE, "body": {"size": 2, "base64": "//4="}})
    assert entry["request"]["postData"]["comment"] == "base64"


def test_a_body_too_large_to_be_shown_says_its_hash() -> None:
    body = {"size": 2_000_000, "sha256": "ab"}
    entry = har_entry(
        {**EXCHANGE, "body": body, "response": {**EXCHANGE["response"], "body": body}}
    )
    for told in (entry["request"]["postData"], entry["response"]["content"]):
        assert (told["text"], told["comment"]) == ("", "too large to be shown; sha256 ab")


@pytest.mark.parametrize(
    ("method", "target", "url"),
    [
        ("GET", "http://shop.test/x?a=1", "http://shop.test/x?a=1"),
        ("GET", "https://shop.test", "https://shop.test"),
        ("OPTIONS", "*", "http://127.0.0.1:8080/*"),
        ("CONNECT", "shop.test:443", "http://shop.test:443"),
        ("GET", "/caf\u00e9?a[]=b c#d", "http://127.0.0.1:8080/caf%C3%A9?a%5B%5D=b%20c%23d"),
        ("GET", "/100%/%zz/%2F", "http://127.0.0.1:8080/100%25/%25zz/%2F"),
    ],
)
def test_a_url_is_one_whatever_the_target(method: str, target: str, url: str) -> None:
    entry = har_entry({**EXCHANGE, "method": method, "target": target})
    assert entry["request"]["url"] == url


@pytest.mark.parametrize(
    ("host", "url"),
    [("[::1]:80", "http://[::1]:80/x"), ("a b", "http://a%20b/x"), (None, "http://localhost/x")],
)
def test_the_host_is_that_of_the_header(host: str | None, url: str) -> None:
    headers = [] if host is None else [["Host", host]]
    entry = har_entry({**EXCHANGE, "target": "/x", "headers": headers})
    assert entry["request"]["url"] == url


def test_the_log_names_its_maker_and_its_namespace() -> None:
    of = {"namespace": "a", "id": "n1", "labels": {"test": "t", "list": "[]"}}
    log = har_frame("1.0", of)["log"]
    assert (log["version"], log["creator"]["name"], log["entries"]) == ("1.2", "PyMockAPI", [])
    assert (log["_namespace"], log["_id"], log["_labels"]) == ("a", "n1", of["labels"])
    assert log["comment"] == "Namespace 'a' (n1), test=t, list=[]"
    assert list(log)[-1] == "entries"
