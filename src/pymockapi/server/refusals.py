"""Why a request could not be read: each refusal is an error with its status and code.

RFC 9110 section 15 gives the statuses, ``docs/control-api.md`` lists the codes.
"""

from __future__ import annotations

import msgspec

from pymockapi.model.errors import PROBLEM_TYPE, ControlError, problem
from pymockapi.model.response import Response, make_response


class Refusal(ControlError):
    """A request that never reached a stub; the connection closes after the answer."""


class BadRequest(Refusal):
    status, code, title = 400, "bad-request", "The request is not valid HTTP"


class PlainHttp(Refusal):
    status, code, title = 400, "plain-http", "This port speaks HTTPS"

    def __init__(self) -> None:
        super().__init__(
            "A plain HTTP request came to the TLS port: call it as https://, or use the port for HTTP."
        )


class TimedOut(Refusal):
    status, code, title = 408, "timeout", "The request took too long to arrive"


class BodyTooLarge(Refusal):
    status, code, title = 413, "too-large", "The body is too large"

    def __init__(self, limit: int) -> None:
        super().__init__(f"The body is over the limit of {limit} bytes ('body'); it was not read.")


class TargetTooLong(Refusal):
    status, code, title = 414, "target-too-long", "The request line is too long"

    def __init__(self, limit: int) -> None:
        super().__init__(f"The request line is over the limit of {limit} bytes.")


class UnknownExpectation(Refusal):
    status, code, title = 417, "expectation", "The expectation cannot be met"

    def __init__(self, value: str) -> None:
        super().__init__(
            f"The only expectation this server knows is '100-continue', not '{value}'."
        )


class HeadTooLarge(Refusal):
    status, code, title = 431, "head-too-large", "The request's head is too large"


class Overloaded(Refusal):
    status, code, title = 503, "limit-reached", "A limit of the server is reached"

    def __init__(self, limit: str, value: int) -> None:
        super().__init__(
            f"The server's limit '{limit}' is {value} and reached; try again when fewer requests"
            " are open, or raise it."
        )


class UnknownVersion(Refusal):
    status, code, title = 505, "http-version", "This version of HTTP is not spoken here"

    def __init__(self, version: str) -> None:
        super().__init__(f"The request says {version}; this server speaks HTTP/1.1 and HTTP/1.0.")


def error_response(error: ControlError) -> Response:
    """Return ``error`` as the mock's own answer: a problem document with ``X-Mock-Error``."""
    body = msgspec.json.encode(problem(error))
    return make_response(error.status, (("Content-Type", PROBLEM_TYPE),), body, error=error.code)
