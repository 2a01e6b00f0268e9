"""Recorded requests and orphans as a line of text."""

from __future__ import annotations

from typing import Any

import pytest

from pymockapi.client.explanation import read_explanation
from pymockapi.client.recorded import LOST, Orphan, RecordedRequest, tell_lost

BEGIN = "2026-01-01T00:00:10Z"
RESET = {"status": 200, "sent_bytes": 0, "fault": "reset"}


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({}, "200, stub 'pay'"),
        ({"step": 2}, "200, stub 'pay', step 2"),
        ({"stub": None, "error": "no-match"}, "200, no-match"),
        ({"stub": None}, "200, no stub"),
        ({"stub": None, "behaviour": "flaky"}, "200, behaviour 'flaky'"),
        ({"error": "sequence-exhausted"}, "200, stub 'pay', sequence-exhausted"),
        ({"phase": "delayed"}, "200, stub 'pay', not answered yet: delayed"),
        ({"phase": "sending"}, "200, stub 'pay', not answered yet: sending"),
        ({"phase": "aborted"}, "200, stub 'pay', aborted before its end"),
        ({"phase": "failed"}, "200, stub 'pay', failed before its end"),
        ({"phase": "aborted", "response": None}, "aborted, stub 'pay'"),
        ({"phase": "failed", "response": RESET}, "fault: reset, stub 'pay'"),
        ({"phase": "aborted", "response": RESET}, "fault: reset, stub 'pay', aborted before its end"),
        ({"phase": "delayed", "response": RESET}, "fault: reset, stub 'pay', not answered yet: delayed"),
    ],
)  # fmt: skip
def test_a_request_is_told_with_what_became_of_its_answer(
    changes: dict[str, Any], told: str
) -> None:
    entry = {"number": 3, "method": "GET", "path": "/pay", "target": "/~n/pay?a=1"}
    entry |= {"phase": "answered", "stub": "pay", "response": {"status": 200}, **changes}
    assert str(RecordedRequest(entry)) == f"3  GET /pay?a=1 -> {told}"


def test_an_explanation_names_the_behaviour_that_answered_instead() -> None:
    told = {"matched": True, "stub": "pay", "request": "GET /pay", "candidates": [], "omitted": 0}
    assert str(read_explanation(told)) == "GET /pay: stub 'pay'"
    found = read_explanation({**told, "behaviour": "down"})
    assert found.behaviour == "down"
    assert str(found) == "GET /pay: behaviour 'down', instead of stub 'pay'"


def test_an_answer_tells_the_fault_that_befell_it() -> None:
    entry = {"number": 1, "response": RESET}
    answers = [
        RecordedRequest({**entry, "response": each}).response for each in (RESET, {"status": 200})
    ]
    assert [each.fault for each in answers if each is not None] == ["reset", None]


def orphan(second: int, **changes: Any) -> Orphan:
    entry = {"at": f"2026-01-01T00:00:{second}Z", "namespace": "shop", "selector": "path"}
    entry |= {"method": "GET", "target": "/~shop/a", "code": "unknown-namespace", **changes}
    return Orphan(entry)


def test_an_orphan_is_told_with_the_test_that_had_its_namespace() -> None:
    line = "GET /~shop/a -> unknown-namespace 'shop', by path"
    assert str(orphan(1, last_owner=None)) == line
    assert str(orphan(1, last_owner={"labels": {}})) == line
    owner = {"labels": {"test": "test_shop.py::test_pays"}}
    assert str(orphan(1, last_owner=owner)) == f"{line}, which was that of test_shop.py::test_pays"


def test_what_was_lost_before_a_namespace_was_there_is_not_told() -> None:
    assert tell_lost([], BEGIN) == []
    early = orphan(10, at="2026-01-01T00:00:09Z")
    assert tell_lost([early], BEGIN) == []
    (head, line) = tell_lost([early, orphan(10)], BEGIN)
    assert head == "Meanwhile 1 request, of whichever test, named no live namespace; the last:"
    assert line == "  GET /~shop/a -> unknown-namespace 'shop', by path"


def test_of_many_that_were_lost_the_last_are_told() -> None:
    lines = tell_lost([orphan(second, target=f"/{second}") for second in range(10, 20)], BEGIN)
    assert lines[0].startswith("Meanwhile 10 requests, ")
    assert len(lines) == 1 + LOST
    assert lines[-1].startswith("  GET /19 ")
