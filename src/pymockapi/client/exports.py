"""The public names of the client in one place; ``pymockapi`` loads this on first use."""

from pymockapi.client.clock import Clock
from pymockapi.client.cursor import Cursor
from pymockapi.client.errors import MockApiError, MockServerError
from pymockapi.client.event import Event
from pymockapi.client.events import Events
from pymockapi.client.expectation import Expectation
from pymockapi.client.explanation import Candidate, Explanation
from pymockapi.client.gate import Gate
from pymockapi.client.namespace import Namespace
from pymockapi.client.pattern import Pattern
from pymockapi.client.recorded import (
    CalledRequest,
    FoundRequest,
    Orphan,
    RecordedRequest,
    RecordedResponse,
)
from pymockapi.client.recorded_callback import RecordedCallback
from pymockapi.client.scope import Scope
from pymockapi.client.server import MockServer
from pymockapi.client.state import State
from pymockapi.client.stub import Stub
from pymockapi.client.verdict import Problem, ProblemRequest, ProblemStub, Verdict
from pymockapi.client.verification import ExpectationResult, NearRequest, Verification

__all__ = [
    "CalledRequest",
    "Candidate",
    "Clock",
    "Cursor",
    "Event",
    "Events",
    "Expectation",
    "ExpectationResult",
    "Explanation",
    "FoundRequest",
    "Gate",
    "MockApiError",
    "MockServer",
    "MockServerError",
    "Namespace",
    "NearRequest",
    "Orphan",
    "Pattern",
    "Problem",
    "ProblemRequest",
    "ProblemStub",
    "RecordedCallback",
    "RecordedRequest",
    "RecordedResponse",
    "Scope",
    "State",
    "Stub",
    "Verdict",
    "Verification",
]
