"""Bundles and recorded requests as a test needs them."""

from __future__ import annotations

from typing import Any

import msgspec

from pymockapi.replay.bundle import Bundle, Recorded


def recorded_document(**parts: Any) -> dict[str, Any]:
    return {
        "number": 1, "mock_at": "2030-01-01T00:00:00Z", "phase": "answered", "method": "GET",
        "target": "/a", "headers": [["Host", "x"]], "body": {"size": 0}, "selector": "none",
        "stub": "s", "response": answer(), **parts,
    }  # fmt: skip


def answer(text: str = "", status: int = 200, *headers: tuple[str, str]) -> dict[str, Any]:
    body = {"size": len(text), "text": text} if text else {"size": 0}
    return {"status": status, "headers": [list(each) for each in headers], "body": body}


def recorded(**parts: Any) -> Recorded:
    return msgspec.convert(recorded_document(**parts), Recorded)


def bundle_document(**parts: Any) -> dict[str, Any]:
    start = {
        "number": 1, "complete": True, "seed": 1, "hidden": [], "state": {}, "settings": {},
        "counters": [], "layers": [{"name": "base", "stubs": []}, {"name": "own", "stubs": []}],
    }  # fmt: skip
    start |= parts.pop("start", {})
    return {
        "format": "pymockapi-bundle", "version": 1, "namespace": "a", "id": "n1", "redacted": False,
        "evicted": 0, "layers": [], "changes": [], "requests": [recorded_document()],
        "start": start, **parts,
    }  # fmt: skip


def bundle_of(**parts: Any) -> Bundle:
    return msgspec.convert(bundle_document(**parts), Bundle)
