"""Ranking one request in pieces: what takes long is done between turns, the decision in one.

Each step goes on from what was found out before. The last one ranks the request from the start,
with nothing left to find out, so its plan may be claimed in the same turn. Whether a request is
ranked at once or in pieces makes no difference to what comes of it.
"""

from __future__ import annotations

from collections.abc import Generator
from typing import Any, Final

import msgspec

from pymockapi.engine.rank import rank
from pymockapi.model.aside import Aside, LongWork, SlowMatch, Unfinished
from pymockapi.model.errors import ExpressionLimit
from pymockapi.model.json_pieces import JsonPieces
from pymockapi.model.json_reading import NOT_JSON, BeyondReading, beyond_limit, read_json
from pymockapi.model.piecemeal import piecemeal
from pymockapi.model.plan import Plan, View
from pymockapi.model.request import Request, check_json_quarters, json_quarters

LARGE: Final = 16 * 1024  # bytes of a body; a smaller one is read as JSON in 0.2 ms
_PIECE: Final = 4 * 1024
_COUNTED_AT_ONCE: Final = 128 * 1024
_MARK: Final = b"\xef\xbb\xbf"
_FREED_AT_ONCE: Final = 1_000  # entries

Steps = Generator[SlowMatch | None, None, Any]
"""Yields ``None`` where others may go on, or what must have been run before it is resumed."""


def outcome(view: View, request: Request, aside: Aside | None = None) -> Plan | ExpressionLimit:
    """Return the ranking, or what kept it from an end; with ``aside``, raises ``Unfinished``."""
    try:
        return rank(view, request, aside)
    except ExpressionLimit as limit:
        return limit


class Pieces:
    """One request on its way to a plan."""

    __slots__ = ("_aside", "_asked", "_large", "_request")

    def __init__(self, request: Request) -> None:
        self._request = request
        self._asked = piecemeal(request) if len(request.body) > LARGE else None
        self._aside = Aside()
        self._large: list[Any] = []

    @property
    def request(self) -> Request:
        """The request, with its JSON if that was read."""
        return self._request if self._asked is None or not self._large else self._asked

    def outcome(self, view: View) -> Steps:
        """Return what ``outcome`` does, good for the turn in which it is returned."""
        while True:
            self._aside.begin_turn()
            try:
                return outcome(view, self._asked or self._request, self._aside)
            except Unfinished as unfinished:
                yield from self._finish(unfinished)

    def _finish(self, unfinished: Unfinished) -> Steps:
        """Find out what ranking lacks."""
        if isinstance(unfinished, SlowMatch):
            yield unfinished
        elif isinstance(unfinished, LongWork):
            try:
                for _ in unfinished.slices():
                    yield None
                    self._aside.begin_turn()
            except SlowMatch as match:
                yield match
        else:
            yield from self._read_json()

    def _read_json(self) -> Steps:
        asked = self._asked
        assert asked is not None
        quarters = 0
        try:
            body = asked.read_body()
            for at in range(0, len(body), _COUNTED_AT_ONCE):
                quarters += json_quarters(body, at, at + _COUNTED_AT_ONCE)
                yield None
            check_json_quarters(quarters)
        except ExpressionLimit as limit:
            asked.keep_json(limit)
            return
        pieces = JsonPieces(body.removeprefix(_MARK), _PIECE)
        self._large = pieces.large
        try:
            value = yield from pieces.read()
        except BeyondReading as error:
            value = beyond_limit(error)
        except (msgspec.MsgspecError, ValueError):
            value = NOT_JSON
        except RecursionError:  # which may be that of reading in pieces
            value = _at_once(body)
        asked.keep_json(value)

    def freed(self) -> Steps:
        """Let go of the JSON: a million values at once would hold the loop for 20 ms."""
        large, self._large = self._large, []
        self._asked = None
        while large:
            container = large.pop()
            while container:
                if isinstance(container, list):
                    del container[-_FREED_AT_ONCE:]
                else:
                    for _ in range(min(_FREED_AT_ONCE, len(container))):
                        container.popitem()
                yield None


def _at_once(body: bytes) -> Any:
    try:
        return read_json(body)
    except ExpressionLimit as limit:
        return limit
