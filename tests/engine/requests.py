"""Requests, patterns and matchers as the tests of matching write them."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from pymockapi.engine.matching.pattern import RequestPattern, read_pattern
from pymockapi.engine.matching.values import Domain, read_matcher
from pymockapi.model.reader import Findings
from pymockapi.model.request import Request
from pymockapi.model.stub import Context, Matcher

NOW_NS = 1_900_000_000 * 10**9  # 2030-03-17T17:46:40Z


def make_request(
    method: str = "GET",
    target: str = "/",
    headers: Sequence[tuple[str, str]] = (),
    body: bytes | None = None,
    **data: Any,
) -> Request:
    """Build a request; ``json=`` encodes a body, ``client=`` and ``scheme=`` go through."""
    lines = [f"{method} {target} HTTP/1.1", *(f"{name}: {value}" for name, value in headers)]
    head = ("\r\n".join(lines) + "\r\n\r\n").encode("utf-8", "surrogateescape")
    if "json" in data:
        body = json.dumps(data.pop("json")).encode()
    return Request(method, target, head, body or b"", data.pop("client", "127.0.0.1:5000"), **data)


def context_of(request: Request | None = None) -> Context:
    return Context(request or make_request(), NOW_NS)


def matcher_of(data: object, domain: Domain = Domain.TEXT) -> Matcher:
    """Read a matcher that has no error."""
    found = Findings()
    matcher = read_matcher(data, "", found, domain)
    found.check("The matcher")
    return matcher


def findings_of(data: object, domain: Domain = Domain.TEXT) -> list[tuple[str, str]]:
    found = Findings()
    read_matcher(data, "", found, domain)
    return [(finding.pointer, finding.message) for finding in found.items]


def fits(data: object, values: Sequence[Any], domain: Domain = Domain.TEXT) -> bool:
    """Return whether ``values`` fit, having checked that ``differences`` agrees."""
    matcher = matcher_of(data, domain)
    holds = matcher.holds(values, context_of())
    assert holds == (not matcher.differences("field", values, context_of()))
    return holds


def pattern_of(data: object) -> RequestPattern:
    """Read a pattern that has no error."""
    found = Findings()
    pattern = read_pattern(data, "", found)
    found.check("The pattern")
    return pattern


def pattern_findings(data: object) -> list[tuple[str, str]]:
    found = Findings()
    read_pattern(data, "", found)
    return [(finding.pointer, finding.message) for finding in found.items]


def accepts(data: object, request: Request) -> bool:
    """Return whether the pattern accepts, having checked that ``differences`` agrees."""
    pattern = pattern_of(data)
    accepted = pattern.accepts(request, context_of(request))
    assert accepted == (not pattern.differences(request, context_of(request)))
    return accepted


def differences(data: object, request: Request) -> list[tuple[str, str, str]]:
    found = pattern_of(data).differences(request, context_of(request))
    return [(item.field, item.expected, item.actual) for item in found]
