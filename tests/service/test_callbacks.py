"""Callbacks over the control API: listing, verifying, waiting; events, exports and their secrets."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest
from tests.api.live import Live, encoded
from tests.server.receivers import Receiver, status

from pymockapi.api.row import CONTROL_ROOT
from pymockapi.replay.definitions import without_callbacks

REFUSED = "http://169.254.1.1"  # where the mock never calls: it fails at once


@pytest.fixture(scope="module")
def live() -> Iterator[Live]:
    server = Live()
    yield server
    server.close()


@pytest.fixture
def ns(live: Live) -> str:
    """A namespace of which three callbacks have failed."""
    callbacks = [
        {"url": f"{REFUSED}/paid?key=s3cret-key", "json": {"id": 1, "pin": "s3cret-pin"},
         "headers": {"Authorization": "Bearer s3cret-token"}},
        {"url": f"{REFUSED}/shipped", "method": "PUT"},
    ]  # fmt: skip
    made = live.create(
        stubs=[
            {"name": "pay", "request": {"path": "/pay"}, "response": {"callbacks": callbacks}},
            {"name": "other", "request": {"path": "/other"}, "response": {"callbacks": callbacks[1:]}},
        ],
        settings={"redact": ["query.key", "body.$.pin"]},
    )  # fmt: skip
    for path in ("/pay", "/other"):
        live.send("POST", f"/~{made}{path}")
    assert verify(live, made, outcome="failed", times=3, within="20s")["passed"]
    return made


def verify(live: Live, ns: str, **asked: Any) -> Any:
    return live.call("POST", f"/namespaces/{ns}/callbacks/verify", asked).json


def listed(live: Live, ns: str, query: str = "") -> Any:
    return live.call("GET", f"/namespaces/{ns}/callbacks{query}").json


@pytest.mark.parametrize(
    ("query", "ids"),
    [
        ("", [1, 2, 3]), ("?stub=pay", [1, 2]), ("?number=2", [3]), ("?outcome=failed", [1, 2, 3]),
        ("?outcome=sent", []), ("?after=1&stub=pay", [2]),
    ],
)  # fmt: skip
def test_a_list_has_those_that_are_asked_for(
    live: Live, ns: str, query: str, ids: list[int]
) -> None:
    found = listed(live, ns, query)
    assert ([each["id"] for each in found["callbacks"]], found["total"]) == (ids, len(ids))


def test_a_long_list_comes_page_by_page(live: Live, ns: str) -> None:
    first = listed(live, ns, "?limit=2")
    assert ([each["id"] for each in first["callbacks"]], first["next"]) == ([1, 2], 2)
    second = listed(live, ns, "?limit=2&after=2")
    assert ([each["id"] for each in second["callbacks"]], second["next"]) == ([3], None)


@pytest.mark.parametrize(
    ("asked", "actual", "passes"),
    [
        ({}, 3, True),
        ({"times": 3}, 3, True),
        ({"times": {"at_most": 2}}, 3, False),
        ({"stub": "pay", "times": 2}, 2, True),
        ({"number": 2}, 1, True),
        ({"request": {"method": "PUT"}, "times": 2}, 2, True),
        ({"request": {"path": "/paid", "query": {"key": "s3cret-key"}, "host": "169.254.1.1"}}, 1, True),
        ({"request": {"body": {"json_contains": {"id": 1}}}}, 1, True),
        ({"request": {"headers": {"authorization": {"starts_with": "Bearer"}}}}, 1, True),
        ({"request": {"path": "/none"}, "times": 0}, 0, True),
        ({"status": 200}, 0, False),
        ({"after": 2}, 1, True),
    ],
)  # fmt: skip
def test_a_verification_counts_what_fits(
    live: Live, ns: str, asked: Any, actual: int, passes: bool
) -> None:
    found = verify(live, ns, outcome="failed", **asked)
    assert (found["actual"], found["passed"], found["complete"]) == (actual, passes, True)
    assert found["cursor"] == 3
    assert len(found["callbacks"]) == actual


def test_without_a_body_one_that_was_sent_is_expected(live: Live, ns: str) -> None:
    found = live.call("POST", f"/namespaces/{ns}/callbacks/verify").json
    assert (found["passed"], found["expected"]) == (False, {"at_least": 1, "at_most": None})
    assert found["report"].splitlines()[0] == "Expected at least 1 sent callbacks, got 0: failed"
    assert "2 failed: PUT http://169.254.1.1/shipped of request #1: " in found["report"]


def test_reports_have_no_secrets(live: Live, ns: str) -> None:
    report = verify(live, ns)["report"]
    assert "/paid?key=redacted-" in report
    assert "s3cret" not in report


def test_a_wait_that_is_over_says_so(live: Live, ns: str) -> None:
    asked = {"stub": "pay", "number": 1, "request": {"path": "/x"}, "within": "1ms"}
    found = verify(live, ns, **asked)
    assert (found["passed"], found["reason"]) == (False, "There were not enough within 0.001 s.")
    assert "sent callbacks of stub 'pay' of request #1 that fit" in found["report"]


@pytest.mark.parametrize(
    ("call", "reason"),
    [
        (("POST", "/reset", {}), "The callbacks were reset while this waited."),
        (("POST", "/finish", {}), "The namespace was finished while this waited."),
        (("DELETE", "", b""), "The namespace was deleted or replaced while this waited."),
    ],
)
def test_a_wait_ends_with_what_ends_its_hope(live: Live, ns: str, call: Any, reason: str) -> None:
    method, path, body = call
    with live.connect() as line:
        asked = json.dumps({"within": "20s"}).encode()
        line.sendall(encoded("POST", f"{CONTROL_ROOT}/namespaces/{ns}/callbacks/verify", asked))
        while not live.server.feeds.verifications.waits.count:
            live.call_soon()
        live.call(method, f"/namespaces/{ns}{path}", body)
        answer = line.makefile("rb").read1(65_536)
        assert reason.encode() in answer


def test_a_wait_that_nobody_waits_for_is_given_up(live: Live, ns: str) -> None:
    waits = live.server.feeds.verifications.waits
    with live.connect() as line:
        asked = json.dumps({"within": "1h"}).encode()
        line.sendall(encoded("POST", f"{CONTROL_ROOT}/namespaces/{ns}/callbacks/verify", asked))
        while not waits.count:
            live.call_soon()
    while waits.count:
        live.call_soon()


def test_what_is_no_longer_kept_leaves_a_doubt(live: Live) -> None:
    callbacks = [{"url": REFUSED}]
    ns = live.create(
        limits={"callbacks": 1},
        stubs=[{"name": "pay", "request": {"path": "/pay"}, "response": {"callbacks": callbacks}}],
    )
    for number in (1, 2):
        live.send("POST", f"/~{ns}/pay")
        assert verify(live, ns, outcome="failed", number=number, within="20s")["passed"]
    assert listed(live, ns)["evicted"] == 1
    doubted = verify(live, ns, outcome="failed", times=2)
    assert (doubted["passed"], doubted["complete"]) == (False, False)
    assert "no longer kept" in doubted["report"]
    assert verify(live, ns, outcome="failed", times=3)["complete"] is True
    assert verify(live, ns, outcome="failed", times=0)["complete"] is True
    assert verify(live, ns, outcome="failed", times=1)["passed"] is False
    assert verify(live, ns, outcome="failed", times=1, after=1)["passed"] is True


def test_a_pattern_past_its_budget_is_no_verdict(live: Live) -> None:
    text = "x" * 3_000
    ns = live.create(
        stubs=[{"name": "pay", "request": {"path": "/pay"},
                "response": {"callbacks": [{"url": REFUSED, "text": text}]}}],
    )  # fmt: skip
    live.send("POST", f"/~{ns}/pay")
    verify(live, ns, outcome="failed", within="20s")
    asked = {"outcome": "failed", "request": {"body": {"text": {"matches": "(x+x+)+y"}}}}
    answer = live.call("POST", f"/namespaces/{ns}/callbacks/verify", asked)
    assert (answer.status, "budget" in answer.json["errors"][0]["message"]) == (422, True)


def test_one_that_was_never_rendered_fits_no_pattern(live: Live) -> None:
    ns = live.create(
        stubs=[{"name": "pay", "request": {"path": "/pay"},
                "response": {"callbacks": [{"url": "{{ request.json.x }}", "template": True}]}}],
    )  # fmt: skip
    live.send("POST", f"/~{ns}/pay")
    assert verify(live, ns, outcome="failed")["actual"] == 1
    assert verify(live, ns, outcome="failed", request={})["actual"] == 0


@pytest.mark.parametrize(
    ("asked", "pointer", "message"),
    [
        ({"within": "1s", "times": 0}, "/within", "nothing is missing"),
        ({"path": "/a"}, "/path", "under 'request'"),
        ({"count": 1}, "/count", "write 'times'"),
        ({"quiet_for": "1s"}, "/quiet_for", "waits only for what is missing"),
        ({"outcome": "gone"}, "/outcome", "expected one of pending, sent, failed, cancelled"),
        ({"number": 0}, "/number", "at least 1"),
        ({"status": 1}, "/status", "from 100 to 999"),
    ],
)
def test_a_mistake_is_told(live: Live, ns: str, asked: Any, pointer: str, message: str) -> None:
    answer = live.call("POST", f"/namespaces/{ns}/callbacks/verify", asked)
    (error,) = answer.json["errors"]
    assert (answer.status, error["pointer"], message in error["message"]) == (422, pointer, True)


def test_a_stub_that_never_was_is_told(live: Live, ns: str) -> None:
    answer = live.call("POST", f"/namespaces/{ns}/callbacks/verify", {"stub": "pya"})
    assert (answer.status, answer.json["suggestions"]) == (404, ["pay"])


def test_a_bundle_holds_them_without_secrets(live: Live, ns: str) -> None:
    bundle = live.call("GET", f"/namespaces/{ns}/export").json
    first = bundle["callbacks"][0]
    assert first["url"].startswith(f"{REFUSED}/paid?key=redacted-")
    assert first["body"]["json"]["pin"].startswith("redacted-")
    assert dict(first["headers"])["Authorization"].startswith("Bearer redacted-")
    assert "s3cret" not in json.dumps(bundle)
    assert bundle["callbacks_evicted"] == 0
    raw = live.call("GET", f"/namespaces/{ns}/export?redact=false").json
    assert raw["callbacks"] == listed(live, ns)["callbacks"]


def test_a_verdict_tells_of_a_request_that_is_gone_without_its_secrets(live: Live, ns: str) -> None:
    live.call("DELETE", f"/namespaces/{ns}/requests/2")
    problems = live.call("GET", f"/namespaces/{ns}/verdict").json["problems"]
    problem = next(each for each in problems if each["kind"] == "errors")
    items = [(each["number"], each["code"], each["detail"]) for each in problem["requests"]]
    assert [each[:2] for each in items] == [
        (1, "callback-failed"),
        (1, "callback-failed"),
        (2, "callback-failed"),
    ]
    assert items[2][2] is None
    assert "link-local" in items[0][2]


def test_every_end_is_an_event(live: Live, ns: str) -> None:
    with Receiver(status(200)) as receiver:
        stub = {
            "name": "good",
            "request": {"path": "/good"},
            "response": {"callbacks": [{"url": receiver.url}]},
        }
        live.call("POST", f"/namespaces/{ns}/stubs", stub)
        live.send("POST", f"/~{ns}/good")
        assert verify(live, ns, within="20s")["passed"]
    space = live.server.store.known(ns)
    events = [space.events.get(seq) for seq in range(1, space.events.last + 1)]
    kinds = [str(getattr(each, "kind", "")) for each in events]
    assert kinds.count("callback.failed") == 3
    assert kinds.count("callback.sent") == 1


def test_a_replay_calls_nobody() -> None:
    calling = {"response": {"status": 202, "callbacks": [{"url": REFUSED}]}}
    assert without_callbacks(calling) == {"response": {"status": 202}}
