"""Asking one request what of a check it fits, the costly questions apart, so that they can wait."""

from __future__ import annotations

from collections.abc import Iterator

from pymockapi.engine.verifying.expectations import UNASKED, Check, Kind, Seen


class _Question:
    """A kind with what is told without parsing the request: method, exact path and stub."""

    __slots__ = ("bit", "is_decided", "kind", "methods", "path", "stub")

    def __init__(self, bit: int, kind: Kind) -> None:
        self.bit = bit
        self.kind = kind
        self.stub = kind.stub
        self.methods: frozenset[str] = frozenset()
        self.path: str | None = None
        self.is_decided = kind.answered is UNASKED
        if kind.pattern is not None:
            key = kind.pattern.index_key
            self.methods = key.methods
            if key.path_kind == "exact" and isinstance(key.path, str):
                self.path = key.path
            self.is_decided &= kind.pattern.only_indexed and key.path_kind in ("exact", "any")

    def is_answered_by(self, seen: Seen) -> bool:
        """Return whether ``seen`` fits, whatever its phase. Raises ``ExpressionLimit``."""
        entry = seen.entry
        if self.path is not None and entry.path != self.path:
            return False
        if self.stub is not None and entry.stub != self.stub:
            return False
        if self.methods and entry.method not in self.methods:
            return False
        return self.is_decided or self.kind.fits_request(seen)


class Questions:
    """The kinds of requests of one check; answers are bits, by their place in ``check.kinds``."""

    __slots__ = ("_cheap", "_costly", "count")

    def __init__(self, check: Check) -> None:
        asked = [_Question(1 << place, kind) for place, kind in enumerate(check.kinds)]
        self._cheap = [each for each in asked if not each.kind.is_costly]
        self._costly = [each for each in asked if each.kind.is_costly]
        self.count = len(asked)

    @property
    def is_cheap(self) -> bool:
        return not self._costly

    def cheap(self, seen: Seen) -> int:
        """Return what fits of all that is quickly told. Raises ``ExpressionLimit``."""
        found = 0
        for each in self._cheap:
            if each.is_answered_by(seen):
                found |= each.bit
        return found

    def costly(self, seen: Seen) -> Iterator[int]:
        """Yield for each further kind its bit if it fits, else 0. Raises ``ExpressionLimit``."""
        for each in self._costly:
            yield each.bit if each.is_answered_by(seen) else 0


def routes(check: Check) -> frozenset[tuple[str, str]] | None:
    """Return what a request must have, one of these, to concern the check: ``("path", "/pay")``.

    ``None``: any request may.
    """
    if check.judges_all:
        return None
    found = [_route(each.kind) for each in check.expect]
    return None if None in found else frozenset(each for each in found if each is not None)


def _route(kind: Kind) -> tuple[str, str] | None:
    """Return the most telling of the keys by which the journal finds a kind."""
    index = kind.index
    return next(((key, index[key]) for key in ("stub", "path", "method") if key in index), None)
