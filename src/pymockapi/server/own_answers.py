"""What the mock itself answers: no stub fits, a limit, a sequence past its end, a lost request.

Each is a problem document with ``X-Mock-Error``; ``docs/control-api.md`` lists the codes.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from typing import Final

import msgspec

from pymockapi.api.rows import CONTROL_ROOT
from pymockapi.engine.explain import nearest
from pymockapi.model.errors import (
    PROBLEM_TYPE,
    ControlError,
    ExpressionLimit,
    FinishedNamespace,
    UnknownNamespace,
    problem,
)
from pymockapi.model.plan import Candidate, Grant
from pymockapi.model.request import Request, printable
from pymockapi.model.response import Response, make_response
from pymockapi.service.documents import candidate_document
from pymockapi.store.claiming import LIMIT_REACHED, SEQUENCE_EXHAUSTED
from pymockapi.store.lives import Ended
from pymockapi.store.namespace import Namespace

EXPLAINED_PER_S: Final = 100  # each takes up to a millisecond: at most a tenth of the loop
EXPLAINED_AT_ONCE: Final = 16  # may come in one turn of the loop: at most 10 ms of it
MAX_DIFFERENCES: Final = 10  # of one stub in a 404; ``explain`` has them all


class NoMatch(ControlError):
    status, code, title = 404, "no-match", "No stub fits this request"


class MatcherLimit(ControlError):
    status, code, title = 599, ExpressionLimit.code, "An expression went past its budget"


class SequenceExhausted(ControlError):
    status, code, title = 599, SEQUENCE_EXHAUSTED, "The sequence is past its end"


class CursorLimit(ControlError):
    status, code, title = 503, LIMIT_REACHED, "A limit of the namespace is reached"


class NoNamespace(ControlError):
    status, code, title = 404, "no-namespace", "This request names no namespace"


class OwnAnswers:
    """Makes the mock's own answers; how often it explains is bounded by ``monotonic_s``."""

    def __init__(self, monotonic_s: Callable[[], float] = time.monotonic) -> None:
        self._monotonic_s = monotonic_s
        self._allowance = float(EXPLAINED_AT_ONCE)
        self._checked_at = monotonic_s()

    def answer(self, space: Namespace, request: Request, grant: Grant) -> Response:
        """Return the answer to a request that no stub answered."""
        if grant.refusal == SEQUENCE_EXHAUSTED:
            return _document(exhausted(space, grant))
        if grant.refusal == LIMIT_REACHED:
            return _document(over_keys(space))
        if space.settings.unmatched is not None:
            return space.settings.unmatched
        return self._no_match(space, request, grant.exchange.number)

    def expression_limit(self, detail: str) -> Response:
        return _document(
            MatcherLimit(f"{detail}. Whether it fits is not known; the request is recorded.")
        )

    def _no_match(self, space: Namespace, request: Request, number: int) -> Response:
        found = nearest(space, request) if self._may_explain() else None
        link = f"{CONTROL_ROOT}/namespaces/{space.name}/requests/{number}/explain"
        call = printable(f"{request.method} {request.path}")
        if found is None:
            detail = f"No stub in namespace '{space.name}' fits {call}. Too many requests are unmatched to explain each here: GET {link}."
        else:
            detail = f"No stub in namespace '{space.name}' fits {call}. {summary(found)}"
        more: dict[str, object] = {
            "nearest": [_shortened(each) for each in found or ()],
            "explain": link,
        }
        return _document(NoMatch(detail), more)

    def _may_explain(self) -> bool:
        """Spend one of the explanations allowed now, if there is one."""
        now = self._monotonic_s()
        earned = (now - self._checked_at) * EXPLAINED_PER_S
        self._checked_at = now
        self._allowance = min(self._allowance + earned, float(EXPLAINED_AT_ONCE))
        if self._allowance < 1:
            return False
        self._allowance -= 1
        return True


def summary(found: Sequence[Candidate]) -> str:
    """Say in one sentence which stub is nearest and what keeps it from answering."""
    if not found:
        return "It has no stubs."
    first = found[0]
    named = f"'{first.stub}' ({first.summary})"
    if first.fits:
        return f"{named} fits, but {first.reason}."
    differing = "; ".join(
        f"{each.field}: expected {each.expected}, got {each.actual}"
        for each in first.differences[:3]
    )
    return f"The nearest is {named}: {differing}."


def _shortened(candidate: Candidate) -> dict[str, object]:
    document = candidate_document(candidate)
    document["differences"] = document["differences"][:MAX_DIFFERENCES]
    return document


def exhausted(space: Namespace, grant: Grant) -> ControlError:
    name = grant.exchange.stub or ""
    stub = space.effective(name)
    total = stub.ends[-1] if stub is not None else 0
    served = "1 request" if total == 1 else f"{total} requests"
    return SequenceExhausted(
        f"The sequence of stub '{name}' in namespace '{space.name}' has served its {served}"
        " and says after_last: fail."
    )


def over_keys(space: Namespace) -> ControlError:
    limit = space.settings.limits.sequence_keys
    return CursorLimit(
        f"Namespace '{space.name}' keeps {limit} sequence keys, its limit 'sequence_keys'; this"
        " request would need one more and took nothing."
    )


def lost_answer(name: str | None, ended: Ended | None, known: Sequence[str]) -> ControlError:
    """Return what a request is told that names no live namespace."""
    if name is None:
        return NoNamespace(
            "This server answers only requests that name a namespace: by path /~NAME/..., the"
            " header X-Mock-Namespace, baggage mock.namespace=NAME, or host NAME.mock.localhost."
            " With --on-missing default it takes the others into the namespace 'default'."
        )
    if ended is not None and ended.reason != "deleted":
        return FinishedNamespace(name, ended.id)
    return UnknownNamespace(name, known)


def _document(error: ControlError, more: dict[str, object] | None = None) -> Response:
    body = msgspec.json.encode({**problem(error), **(more or {})})
    return make_response(error.status, (("Content-Type", PROBLEM_TYPE),), body, error=error.code)
