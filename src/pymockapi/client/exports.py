"""The public names of the client in one place; ``pymockapi`` loads this on first use."""

from pymockapi.client.clock import Clock
from pymockapi.client.errors import MockApiError, MockServerError
from pymockapi.client.explanation import Candidate, Explanation
from pymockapi.client.namespace import Namespace
from pymockapi.client.pattern import Pattern
from pymockapi.client.recorded import Orphan, RecordedRequest, RecordedResponse
from pymockapi.client.server import MockServer
from pymockapi.client.state import State
from pymockapi.client.stub import Cursor, Stub

__all__ = [
    "Candidate",
    "Clock",
    "Cursor",
    "Explanation",
    "MockApiError",
    "MockServer",
    "MockServerError",
    "Namespace",
    "Orphan",
    "Pattern",
    "RecordedRequest",
    "RecordedResponse",
    "State",
    "Stub",
]
