"""What the mock itself answers: no stub fits, a limit, a sequence past its end, a lost request.

Each is a problem document with ``X-Mock-Error``; ``docs/control-api.md`` lists the codes.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import msgspec

from pymockapi.api.row import CONTROL_ROOT
from pymockapi.engine.claims import example_of
from pymockapi.engine.explain import nearest
from pymockapi.formats.hiding import Quoting, hidden
from pymockapi.model.errors import (
    PROBLEM_TYPE,
    ControlError,
    ExpressionLimit,
    FinishedNamespace,
    UnknownNamespace,
    problem,
)
from pymockapi.model.exchange import Exchange
from pymockapi.model.plan import Candidate, Grant
from pymockapi.model.request import Request, printable
from pymockapi.model.response import Response, make_response
from pymockapi.model.settings import ServerSettings
from pymockapi.service.documents import candidate_document
from pymockapi.service.quoting import captures_of, shown_path
from pymockapi.store.claiming import (
    LIMIT_REACHED,
    SEQUENCE_EXHAUSTED,
    TEMPLATE_ERROR,
    TEMPLATE_LIMIT,
    TOO_MANY_HELD,
)
from pymockapi.store.lives import Ended
from pymockapi.store.namespace import Namespace

MAX_EXPLAINED: Final = 50  # 404s since the last change of a namespace; each takes up to 1 ms
MAX_DIFFERENCES: Final = 10  # of one stub in a 404; ``explain`` has them all


_EMPTY: Final = {"header": "X-Mock-Namespace", "baggage": "The baggage 'mock.namespace'"}


class NoMatch(ControlError):
    status, code, title = 404, "no-match", "No stub fits this request"


class MatcherLimit(ControlError):
    status, code, title = 599, ExpressionLimit.code, "An expression went past its budget"


class TemplateError(ControlError):
    status, code, title = 599, TEMPLATE_ERROR, "A template could not be rendered"


class TemplateLimit(ControlError):
    status, code, title = 599, TEMPLATE_LIMIT, "A template went past its budget"


class CallableFailed(ControlError):
    status, code, title = 500, "callable-failed", "A function of the test failed"


class CallableResult(ControlError):
    status, code, title = 500, "callable-result", "A function of the test returned no response"


class CallableTimeout(ControlError):
    status, code, title = 500, "callable-timeout", "A function of the test did not return in time"


class SequenceExhausted(ControlError):
    status, code, title = 599, SEQUENCE_EXHAUSTED, "The sequence is past its end"


class TrafficLimit(ControlError):
    status, code, title = 503, LIMIT_REACHED, "A limit of the namespace is reached"


class NoNamespace(ControlError):
    status, code, title = 404, "no-namespace", "This request names no namespace"

    def __init__(self, ways: str, selector: str = "none") -> None:
        """``selector`` is the one that came without a value, if one did."""
        if selector in _EMPTY:
            super().__init__(
                f"{_EMPTY[selector]} came with an empty value, where the name of a namespace"
                " belongs: whoever sent it had none to send, perhaps from a variable that is not"
                " set. Leave it out for the namespace 'default', if the server has it open."
            )
            return
        super().__init__(
            f"This server answers only requests that name a namespace, by {ways}. With"
            " --on-missing default it takes the others into the namespace 'default'."
        )


class OwnAnswers:
    """Makes the mock's own answers; what they say follows from one namespace's requests alone."""

    def answer(self, space: Namespace, request: Request, grant: Grant) -> Response:
        """Return the answer to a request that no stub answered."""
        if grant.refusal == SEQUENCE_EXHAUSTED:
            return _document(exhausted(space, grant))
        if grant.refusal == LIMIT_REACHED:
            return _document(over_keys(space))
        if grant.refusal in (TEMPLATE_ERROR, TEMPLATE_LIMIT):
            return self.template_failed(space, request, grant.exchange, grant.detail)
        if grant.refusal == TOO_MANY_HELD:
            return _document(over_held(space))
        if space.settings.unmatched is not None:
            return space.settings.unmatched
        return self._no_match(space, request, grant.exchange.number)

    def expression_limit(self, detail: str) -> Response:
        return _document(
            MatcherLimit(
                f"{detail.removesuffix('.')}. Whether it fits is not known; the request is recorded."
            )
        )

    def template_failed(
        self, space: Namespace, request: Request, entry: Exchange, detail: str
    ) -> Response:
        """Return the answer to a request for which ``detail`` tells what could not be rendered."""
        captures = captures_of(space, request)
        detail = Quoting(space.settings.redact, request, captures).text(detail)
        whose = "settings.unmatched" if entry.stub is None else f"stub '{entry.stub}'"
        step = f", step {entry.step}" if entry.step else ""
        kind = TemplateLimit if entry.error == TEMPLATE_LIMIT else TemplateError
        return _document(kind(printable(f"{whose[:1].upper()}{whose[1:]}{step}: {detail}.")))

    def call_failed(
        self,
        space: Namespace,
        request: Request,
        entry: Exchange,
        error: type[ControlError],
        told: tuple[str, str | None],
    ) -> Response:
        """Return the answer of a function that has none; ``told`` are why, and the traceback."""
        quoting = Quoting(space.settings.redact, request, captures_of(space, request))
        detail, traceback = (text and printable(quoting.text(text)) for text in told)
        step = f", step {entry.step}" if entry.step else ""
        more: dict[str, object] = {} if traceback is None else {"traceback": traceback}
        end = "" if (detail or "").endswith(("?", ".", "!")) else "."
        return _document(error(f"Stub '{entry.stub}'{step}: {detail}{end}"), more)

    def _no_match(self, space: Namespace, request: Request, number: int) -> Response:
        found = None
        if space.explained < MAX_EXPLAINED:
            space.explained += 1
            captures = captures_of(space, request)
            found = hidden(nearest(space, request), space.settings.redact, request, captures)
        link = f"{CONTROL_ROOT}/namespaces/{space.name}/requests/{number}/explain"
        call = printable(f"{request.method} {shown_path(space, request)}")
        if found is None:
            detail = f"No stub in namespace '{space.name}' fits {call}. The first {MAX_EXPLAINED} unmatched requests after a change of the namespace are explained here, this one at GET {link}."
        else:
            detail = f"No stub in namespace '{space.name}' fits {call}. {summary(found)}"
        more: dict[str, object] = {
            "nearest": [_shortened(each) for each in found or ()],
            "explain": link,
        }
        return _document(NoMatch(detail), more)


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
    return TrafficLimit(
        f"Namespace '{space.name}' keeps {limit} sequence keys, its limit 'sequence_keys'; this"
        " request would need one more and took nothing."
    )


def over_held(space: Namespace) -> ControlError:
    limit = space.settings.limits.held
    return TrafficLimit(
        f"In namespace '{space.name}' {limit} answers wait at gates, its limit 'held'; this"
        " request would wait, too, and took nothing."
    )


def ways_in(settings: ServerSettings) -> str:
    """Say how a request names its namespace on this server."""
    prefix = settings.path_prefix
    ways = [] if prefix is None else [f"the path /{prefix}NAME/..."]
    ways += ["X-Mock-Namespace: NAME", "baggage: mock.namespace=NAME", "Host: NAME.mock.localhost"]
    for selector in settings.selectors:
        ways.append(f"{selector.notation} ({example_of(selector.notation)}, or what NAME claims)")
    return ", ".join(ways[:-1]) + " or " + ways[-1]


def lost_answer(name: str, ended: Ended | None, known: Sequence[str]) -> ControlError:
    """Return what a request is told that names a namespace which does not live."""
    if ended is not None and ended.reason != "deleted":
        return FinishedNamespace(name, ended.id)
    return UnknownNamespace(name, known)


def _document(error: ControlError, more: dict[str, object] | None = None) -> Response:
    body = msgspec.json.encode({**problem(error), **(more or {})})
    return make_response(error.status, (("Content-Type", PROBLEM_TYPE),), body, error=error.code)
