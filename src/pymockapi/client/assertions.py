# Made from aio/assertions.py by tests/client_twins.py: change that, then run 'make client'.
"""What a failed ``assert_called`` says: expected and actual number, and what came instead.

Writes sentences from facts; the nearest requests are asked of the server, which alone
knows how matching works.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Final

from pymockapi.client.control import NamespaceControl
from pymockapi.client.errors import MockServerError
from pymockapi.client.explanation import Candidate, read_explanation
from pymockapi.client.journal import Count, latest
from pymockapi.client.recorded import Orphan, RecordedRequest, tell_lost
from pymockapi.client.values import JsonObject

SHOWN: Final = 20  # received requests in a message: a screenful
EXPLAINED: Final = 5  # of these the server is asked about; a failure may take a few calls
_PROBE: Final = "expected-request"

Explainer = Callable[[RecordedRequest], Candidate | None]


def assert_count(
    what: str,
    found: Count,
    times: int | None,
    received: Callable[[], Sequence[str]],
    lost: Callable[[], Sequence[str]],
) -> None:
    """Raise ``AssertionError`` unless ``found`` is ``times`` (``None``: at least one).

    An incomplete count fails, unless it has shown "at least one" already: what was dropped
    could have changed the result. ``lost`` is asked when there were too few.
    """
    __tracebackhide__ = True
    is_settled = found.complete or (times is not None and found.count > times)
    if (is_settled and found.count == times) or (times is None and found.count):
        return
    note = "" if is_settled else " or more (the journal's limits dropped some that could fit)"
    expected = "at least one request" if times is None else _requests(times)
    lines = [f"{what}: expected {expected}, got {found.count}{note}."]
    lines += received()
    if found.count < (1 if times is None else times):
        lines += lost()
    raise AssertionError("\n".join(lines))


def describe_received(control: NamespaceControl, explain: Explainer) -> list[str]:
    """Return what the namespace received last, and how the nearest misses differ."""
    last = latest(control, SHOWN)
    if not last:
        return [f"Namespace '{control.name}' has received nothing."]
    lines = [f"Namespace '{control.name}' has received (the last {len(last)}):"]
    lines += [f"  {request}" for request in last]
    misses = [
        (request, candidate)
        for request in last[-EXPLAINED:]
        if (candidate := _quietly(explain, request)) and not candidate.fits
    ]
    misses.sort(key=lambda miss: len(miss[1].differences))
    for request, candidate in misses[:3]:
        lines.append(f"Near, but different: {request.number}  {request.method} {request.path}")
        lines += [f"  {difference}" for difference in candidate.differences]
    return lines


def describe_lost(control: NamespaceControl) -> list[str]:
    """Return the last requests that reached no namespace: where a missing one often went."""
    try:
        answer = control.control.call("list_orphans")
        created_at = (control.call("get_namespace"))["created_at"]
    except MockServerError:
        return []
    return tell_lost([Orphan(each) for each in answer["orphans"]], created_at)


def explain_stub(control: NamespaceControl, stub: str) -> Explainer:
    """Return what asks the server how a recorded request stood to stub ``stub``."""

    def explain(request: RecordedRequest) -> Candidate | None:
        answer = control.call("explain_request", number=str(request.number))
        return _candidate(answer, stub)

    return explain


def explain_pattern(control: NamespaceControl, pattern: JsonObject) -> list[str]:
    """As ``describe_received``, for a pattern that is no stub.

    Patterns are matched by the server alone, so a short-lived namespace with the pattern as
    its one own stub is asked; it is gone when this returns, and never seen by a test.
    """
    probe = {"name": _PROBE, "priority": 1, "request": pattern, "response": {}}
    try:
        made = control.control.call("create_namespace", {"stubs": [probe], "lease": "1m"})
    except MockServerError:
        return describe_received(control, unexplained)
    scratch = NamespaceControl(control.control, made["name"])

    def explain(request: RecordedRequest) -> Candidate | None:
        return _candidate(scratch.call("match", _as_match(request)), _PROBE)

    try:
        return describe_received(control, explain)
    finally:
        scratch.call("delete_namespace")


def _as_match(request: RecordedRequest) -> JsonObject:
    headers: dict[str, list[str]] = {}
    for name, value in request.headers:
        headers.setdefault(name.lower(), []).append(value)
    _, mark, query = request.target.partition("?")
    asked = {
        "scheme": request.scheme,
        "method": request.method,
        "path": request.path + mark + query,
        "headers": headers,
    }
    body = request.entry["body"]
    return asked | {key: body[key] for key in ("text", "base64") if key in body}


def _candidate(answer: JsonObject, stub: str) -> Candidate | None:
    candidates = read_explanation(answer).candidates
    return next((candidate for candidate in candidates if candidate.stub == stub), None)


def _quietly(explain: Explainer, request: RecordedRequest) -> Candidate | None:
    """Ask, but let no trouble with the explanation hide the failure that it explains."""
    try:
        return explain(request)
    except (MockServerError, LookupError):
        return None


def unexplained(_: RecordedRequest) -> Candidate | None:
    """Explain nothing: what came is all there is to tell."""
    return None


def _requests(number: int) -> str:
    if number == 0:
        return "no request"
    return "1 request" if number == 1 else f"{number} requests"
