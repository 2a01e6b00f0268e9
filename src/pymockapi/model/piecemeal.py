"""A request with a large body, whose JSON is read elsewhere, piece by piece."""

from __future__ import annotations

from typing import Any

import msgspec

from pymockapi.model.aside import UnreadJson
from pymockapi.model.errors import ExpressionLimit
from pymockapi.model.request import Request


class PiecemealRequest(Request, gc=False, eq=False):
    """``json`` raises ``UnreadJson`` until ``keep_json`` was called; all else is a request's."""

    _limit: str | None = None

    @property
    def json(self) -> Any:
        if self._limit is not None:
            raise ExpressionLimit(self._limit)
        if self._json is msgspec.UNSET:
            raise UnreadJson
        return self._json

    def keep_json(self, value: Any) -> None:
        """Have as its ``json`` what was read from the body, or what kept it from being read."""
        if isinstance(value, ExpressionLimit):
            self._limit = str(value)  # the error itself holds on to all that it passed through
        else:
            self._json = value


def piecemeal(request: Request) -> PiecemealRequest:
    """Return the same request; its JSON is known if it is of ``request``."""
    found = PiecemealRequest(
        request.method, request.target, request.head, request.body, request.client,
        request.scheme, request.trailers, request.prefix,
    )  # fmt: skip
    found._json = request._json
    return found
