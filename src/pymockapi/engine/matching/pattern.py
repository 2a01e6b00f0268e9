"""A request pattern: method, path and everything else that a request may be asked for.

The index finds patterns by ``index_key``; what it cannot tell is a tuple of checks, cheapest
first. Nothing in the content of a request makes a pattern raise, but for ``ExpressionLimit``.
"""

from __future__ import annotations

from collections.abc import Hashable
from typing import Final

import msgspec

from pymockapi.engine.checks import Check, FieldCheck
from pymockapi.engine.matching.body_patterns import BODY_KEYS
from pymockapi.engine.matching.fields import FIELD_KEYS, HEADER_NAME, read_fields
from pymockapi.engine.matching.path_patterns import ANY_PATH, PathPattern, read_path
from pymockapi.model.reader import Findings, below, kind_of, read_object
from pymockapi.model.request import Request, printable
from pymockapi.model.stub import Context, Difference, IndexKey, Json

_HEAD_PLACES: Final = ("query.", "header.", "cookie.", "bearer")
MAX_PATTERN_BYTES: Final = 65_536  # one that is longer takes over 10 ms to read
_encode: Final = msgspec.json.Encoder().encode
PATTERN_KEYS: Final = frozenset({"method", "path", *FIELD_KEYS})
PATTERN_HINTS: Final = {
    **dict.fromkeys(BODY_KEYS, "it goes under 'body'"),
    "url": "write 'path', and 'query' for what follows the '?'",
}
METHODS: Final = frozenset(
    {"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "CONNECT"}
)


class RequestPattern:
    """``model.stub.Pattern``, as read from ``definition``."""

    __slots__ = (
        "_checks",
        "_methods",
        "_path",
        "definition",
        "index_key",
        "of_head",
        "only_indexed",
    )

    def __init__(
        self,
        methods: tuple[str, ...],
        path: PathPattern,
        checks: tuple[Check, ...],
        definition: Json,
    ) -> None:
        self._methods = methods
        self._path = path
        self._checks = checks
        self.definition = definition
        self.only_indexed = not checks and path.rest is None
        self.of_head = path.rest is None and all(map(_is_literal_of_head, checks))
        literals: dict[str, Hashable] = {}
        for check in checks:
            for place, key in check.literals:
                literals.setdefault(place, key)
        self.index_key = IndexKey(frozenset(methods), path.kind, path.key, literals)

    def accepts(self, request: Request, context: Context) -> bool:
        if self._methods and request.method not in self._methods:
            return False
        return self._path.fits_key(request) and self.accepts_rest(request, context)

    def accepts_rest(self, request: Request, context: Context) -> bool:
        """As ``accepts``, for a request whose method and index key of the path fit."""
        if self._path.rest is not None and not self._path.fits_rest(request, context):
            return False
        for check in self._checks:  # noqa: SIM110 - all() costs as much as the cheapest check
            if not check.accepts(request, context):
                return False
        return True

    def differences(self, request: Request, context: Context) -> list[Difference]:
        """Return every field that does not fit; empty exactly when ``accepts``."""
        found = []
        if self._methods and request.method not in self._methods:
            found.append(
                Difference("method", self._methods_text(" or "), printable(request.method))
            )
        found += self._path.differences(request, context)
        for check in self._checks:
            found += check.differences(request, context)
        return found

    def captures(self, request: Request) -> dict[str, str]:
        return self._path.captures(request)

    def describe(self) -> str:
        return f"{self._methods_text(',') or 'ANY'} {self._path.describe()}"

    def to_json(self) -> Json:
        """Return the pattern as it was defined."""
        return self.definition

    def _methods_text(self, between: str) -> str:
        return between.join(self._methods)


def _is_literal_of_head(check: Check) -> bool:
    """Whether a check compares with one literal, and neither the body nor the time is asked."""
    return (
        isinstance(check, FieldCheck)
        and check.is_literal
        and all(place.startswith(_HEAD_PLACES) for place, _ in check.literals)
    )


def read_pattern(data: object, at: str, found: Findings) -> RequestPattern:
    """Read a request pattern; ``{}`` fits every request."""
    found.regex_parts = 0
    if (size := _size(data)) > MAX_PATTERN_BYTES:
        found.add(
            at,
            f"a request pattern may have {MAX_PATTERN_BYTES:,} bytes as JSON, this one has {size:,}",
        )
        data = {}
    entries = read_object(data, at, found, PATTERN_KEYS, PATTERN_HINTS)
    methods: tuple[str, ...] = ()
    if "method" in entries:
        methods = _read_methods(entries["method"], below(at, "method"), found)
    path = read_path(entries["path"], below(at, "path"), found) if "path" in entries else ANY_PATH
    checks = tuple(read_fields(entries, at, found))
    return RequestPattern(methods, path, checks, data)


def _size(data: object) -> int:
    """Return how long ``data`` is as JSON; 0 for what is none, which is reported where it stands."""
    try:
        return len(_encode(data))
    except (RecursionError, TypeError, ValueError, msgspec.MsgspecError):
        return 0


def standard_method(method: str) -> str:
    """Return a standard method as HTTP writes it, in capitals, and any other as it is."""
    return method.upper() if method.upper() in METHODS else method


def _read_methods(data: object, at: str, found: Findings) -> tuple[str, ...]:
    if isinstance(data, list):
        if not data:
            found.add(at, "expected at least one method; leave 'method' out for any")
        names = [_read_method(item, below(at, n), found) for n, item in enumerate(data)]
        return tuple(dict.fromkeys(names))
    return (_read_method(data, at, found),)


def _read_method(data: object, at: str, found: Findings) -> str:
    """Read a method; the standard ones may be written in lower case, others are kept as given."""
    if not isinstance(data, str):
        found.add(at, f"expected a method or a list of methods, got {kind_of(data)}")
        return ""
    if (standard := standard_method(data)) in METHODS:
        return standard
    if data.upper() == "ANY" or data == "*":
        found.add(at, f"'{data}' is no method; leave 'method' out for any")
    elif not HEADER_NAME.fullmatch(data):
        found.add(at, f"'{data[:100]}' is no method (RFC 9110: a token)")
    return data
