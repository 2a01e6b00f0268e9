"""Bundles without their requests, as reports are made of."""

from __future__ import annotations

from typing import Any, Final

from pymockapi.engine.verifying.verdict import EFFECTS

Document = dict[str, Any]

PASSED: Final[Document] = {
    "passed": True, "complete": True, "problems": [], "report": "Namespace 'shop' (n1): passed",
}  # fmt: skip


def met(what: str = "POST /payments", **facts: Any) -> Document:
    """Return the result of one expectation that passed, unless ``facts`` say otherwise."""
    expected = {"at_least": facts.pop("low", 1), "at_most": facts.pop("high", None)}
    return {
        "id": what, "what": what, "passed": True, "expected": expected, "actual": 1, "dropped": 0,
        "out_of_order": 0, **facts,
    }  # fmt: skip


def verification(*results: Document, **facts: Any) -> Document:
    return {
        "at": "2030-01-01T00:00:01.000000Z", "took_ms": 1.5, "times": 1, "passed": True,
        "complete": True, "reason": None, "after": 0, "until": 3, "order": None, "diverged": None,
        "unexpected": None, "results": list(results), "report": "Verification: the report", **facts,
    }  # fmt: skip


def bundle(*verifications: Document, **facts: Any) -> Document:
    return {
        "namespace": "shop", "id": "n1", "labels": {"test": "test_pay"}, "seed": 7,
        "created_at": "2030-01-01T00:00:00.000000Z", "made_at": "2030-01-01T00:00:02.500000Z",
        "finished": None, "verdict": PASSED, "verifications": list(verifications),
        "verifications_dropped": 0, "effects": EFFECTS, "expectations": [], "versions": {"pymockapi": "1.0"}, "total": 0, "evicted": 0,
        "late": [], "late_total": 0, "layers": [], "clock": {"mode": "real", "now": "then"},
        **facts,
    }  # fmt: skip


def problem(kind: str, count: int = 1, effect: str = "fail", **facts: Any) -> Document:
    first = {"number": 3, "request": "POST /ship", "code": "no-match", "detail": None}
    return {"kind": kind, "effect": effect, "count": count, "requests": [first],
            "stubs": [], **facts}  # fmt: skip


def expectation(stub: str = "pay", **facts: Any) -> Document:
    """Return how a stub stands that is to answer, and did unless ``facts`` say otherwise."""
    expected = {"at_least": facts.pop("low", 1), "at_most": facts.pop("high", None)}
    return {
        "stub": stub, "layer": "own", "request": "POST /payments", "expected": expected,
        "actual": 1, "passed": True, **facts,
    }  # fmt: skip


def exchange(number: int = 1, **facts: Any) -> Document:
    return {
        "number": number, "at": "2030-01-01T00:00:01.000000Z", "method": "POST",
        "target": "/payments", "stub": "pay", "step": None, "error": None, "phase": "answered",
        "status": 201, "fault": None, "correlation": {}, **facts,
    }  # fmt: skip
