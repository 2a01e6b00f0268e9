"""What the client sends to verify, what it makes of the answer, and how long it waits for it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from threading import Event
from typing import Any

import pytest
from tests.client.conftest import Client
from tests.client.fake_server import answer
from tests.client.test_handles import DEFINED, ENTRY, Scripted

from pymockapi import MockServerError
from pymockapi.client.values import seconds

RESULT: dict[str, Any] = {
    "id": "pay", "what": "stub 'pay'", "passed": False,
    "expected": {"at_least": 2, "at_most": None}, "actual": 1, "dropped": 0, "requests": [3],
    "out_of_order": [4],
    "nearest": [{"number": 5, "request": "#5 GET /x -> 404",
                 "differences": [{"field": "path", "expected": "/a", "actual": "/x"}]}],
}  # fmt: skip
FAILED: dict[str, Any] = {
    "passed": False, "complete": True, "reason": None, "results": [RESULT],
    "unexpected": {"count": 1, "requests": [7]}, "first_divergence": None,
    "report": "Verification: failed", "cursor": "n1:9",
}  # fmt: skip
PASSED = {**FAILED, "passed": True, "report": "Verification: passed"}


@pytest.fixture
def scripted(client: Client) -> Iterator[Any]:
    made: list[Scripted] = []

    def script(*given: Any) -> Scripted:
        made.append(Scripted(client, *given))
        return made[-1]

    yield script
    for each in made:
        each.close()


def test_stubs_patterns_and_mappings_are_expectations(scripted: Any) -> None:
    script = scripted(DEFINED, answer(PASSED))
    mock = script.namespace
    stub = mock.get("/a").respond()
    mock.verify(
        [
            stub, stub.times(2), stub.answered(503, step=1).times(at_least=1, at_most=3),
            mock.post("/b").named("b"), mock.any().answered(phase=["aborted"]).times(0),
            {"stub": "raw"},
        ],
        order=[("b", "s1")], nothing_else=True, ignore=[mock.get("/health"), {"path": "/x"},
        mock.any().answered({"ge": 500})], after="n1:4", within=timedelta(seconds=2), quiet_for="1s",
    )  # fmt: skip
    assert script.sent()[1] == (
        "POST /verify",
        {
            "expect": [
                {"stub": "s1"}, {"stub": "s1", "times": 2},
                {"stub": "s1", "answered": {"status": 503, "step": 1},
                 "times": {"at_least": 1, "at_most": 3}},
                {"request": {"method": "POST", "path": "/b"}, "id": "b"},
                {"request": {}, "answered": {"phase": ["aborted"]}, "times": 0},
                {"stub": "raw"},
            ],
            "order": [["b", "s1"]], "nothing_else": True,
            "ignore": [{"method": "GET", "path": "/health"}, {"path": "/x"},
                       {"answered": {"status": {"ge": 500}}}],
            "after": "n1:4", "within": 2.0, "quiet_for": "1s",
        },
    )  # fmt: skip


@pytest.mark.parametrize("alone", [True, False])
def test_one_expectation_needs_no_list(scripted: Any, alone: bool) -> None:
    script = scripted(answer(PASSED))
    item = script.namespace.get("/a").times(1)
    script.namespace.verify(item if alone else [item], order="strict")
    assert script.sent()[0][1] == {
        "expect": [{"request": {"method": "GET", "path": "/a"}, "times": 1}],
        "order": "strict",
    }


def test_what_failed_is_an_assertion_error_with_the_report(scripted: Any) -> None:
    script = scripted(answer(FAILED))
    with pytest.raises(AssertionError) as failure:
        script.namespace.verify({"stub": "pay"})
    assert str(failure.value) == "Verification: failed"


def test_check_returns_what_came_of_it(scripted: Any) -> None:
    found = scripted(answer(FAILED)).namespace.check([{"stub": "pay"}])
    assert (found.passed, found.complete, found.reason, found.cursor) == (False, True, None, "n1:9")
    assert (str(found), found.unexpected, found.entry) == (FAILED["report"], (7,), FAILED)
    (result,) = found.results
    assert (result.id, result.at_least, result.at_most, result.actual) == ("pay", 2, None, 1)
    assert (result.requests, result.out_of_order, result.dropped) == ((3,), (4,), 0)
    (near,) = result.nearest
    assert (near.number, str(near.differences[0])) == (5, "path: expected /a, got /x")


@pytest.mark.parametrize("of", ["stub", "pattern", "namespace"])
def test_waiting_returns_the_requests_that_came(scripted: Any, of: str) -> None:
    script = scripted(DEFINED, answer(PASSED), answer(ENTRY))
    mock = script.namespace
    stub = mock.get("/a").respond()
    if of == "namespace":
        (request,) = mock.wait_for(stub.times(2), within=3, after=7)
    else:
        one = stub if of == "stub" else mock.any("/pay")
        (request,) = one.wait(2, within=3, after=7)
    assert request.number == 3
    assert [call for call, _ in script.sent()[1:]] == ["POST /verify", "GET /requests/3"]
    assert (script.sent()[1][1]["within"], script.sent()[1][1]["after"]) == (3, 7)


@pytest.mark.parametrize("of", ["stub", "pattern"])
def test_assert_called_within_waits(scripted: Any, of: str) -> None:
    script = scripted(DEFINED, answer(FAILED))
    stub = script.namespace.get("/a").respond()
    one = stub if of == "stub" else script.namespace.get("/a")
    with pytest.raises(AssertionError, match="Verification: failed"):
        one.assert_called(2, within="1s")
    assert script.sent()[1][1]["within"] == "1s"


def test_the_time_limit_of_the_call_is_longer_by_what_is_waited_for(scripted: Any) -> None:
    never = Event()
    script = scripted(never)
    script.transport.timeout_s = 0.0
    with pytest.raises(MockServerError, match=r"within 0\.03 s"):
        script.namespace.verify({"stub": "pay"}, within="10ms", quiet_for=0.02)
    never.set()


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (None, 0.0), (2, 2.0), ("250ms", 0.25), (" 1m", 60.0), ("1h", 3600.0), ("soon", 0.0),
        (timedelta(minutes=1), 60.0),
    ],
)  # fmt: skip
def test_durations_are_known_in_seconds(value: Any, expected: float) -> None:
    assert seconds(value) == expected


def test_what_is_no_expectation_is_told(scripted: Any) -> None:
    mock = scripted().namespace
    with pytest.raises(TypeError, match="an expectation is a stub, a pattern such as"):
        mock.verify(["pay"])
    with pytest.raises(TypeError, match=r"times\(\) takes a number, or at_least="):
        mock.get("/a").times()
    with pytest.raises(TypeError, match=r"times\(\) takes a number, or at_least="):
        mock.get("/a").times(1, at_most=2)
    with pytest.raises(TypeError, match=r"answered\(\) takes a status, step="):
        mock.get("/a").answered()


def test_a_stub_cannot_be_ignored(scripted: Any) -> None:
    script = scripted(DEFINED)
    stub = script.namespace.get("/a").respond()
    with pytest.raises(TypeError, match="ignore takes patterns such as"):
        script.namespace.verify([], nothing_else=True, ignore=[stub])


def test_an_expectation_shows_what_it_is(scripted: Any) -> None:
    mock = scripted().namespace
    assert repr(mock.get("/a").times(2)) == (
        "<Expectation {'request': {'method': 'GET', 'path': '/a'}, 'times': 2}>"
    )
