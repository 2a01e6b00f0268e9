"""How far a stub is from fitting a request: what a person would call the nearest stub.

Few differences are near; another method weighs more than a field, another path more than that,
and less so the more alike the paths are. Only for choosing what an explanation shows first.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import takewhile
from operator import eq
from typing import Final

from pymockapi.model.request import Request
from pymockapi.model.stub import Difference, IndexKey

_FIELD: Final = 1.0
_METHOD: Final = 3.0
_PATH: Final = 4.0
_SEGMENT: Final = 2.0  # a wholly different one; one letter off is a fraction of it
_LOOKED_AT: Final = 64  # characters of a segment that are compared, and segments of a path
_LACKING: Final = 3.0  # a segment too many or too few


def distance(differences: Sequence[Difference], key: IndexKey, request: Request) -> float:
    """Return a number that is 0 for no difference and grows with what there is to mend."""
    total = 0.0
    for difference in differences:
        if difference.field == "path":
            total += _PATH + path_distance(key, request)
        else:
            total += _METHOD if difference.field == "method" else _FIELD
    return total


def path_distance(key: IndexKey, request: Request) -> float:
    """Return how unlike the request's path is to the one of ``key``, segment by segment."""
    if key.path_kind == "any":
        return _SEGMENT
    expected = key.path if isinstance(key.path, tuple) else _segments(key.path)
    actual = request.segments[: len(expected)] if key.path_kind == "prefix" else request.segments
    shared = zip(expected[:_LOOKED_AT], actual, strict=False)
    unlike = sum(_unlike(part, segment) for part, segment in shared if part is not None)
    return _SEGMENT * unlike + _LACKING * abs(len(expected) - len(actual))


def _segments(path: str) -> tuple[str, ...]:
    return tuple(path.removeprefix("/").split("/"))


def _unlike(expected: str, actual: str) -> float:
    """Return 0 for equal texts, 1 for texts that share neither beginning nor end."""
    if expected == actual:
        return 0.0
    longest = max(len(expected), len(actual))
    before = _shared(expected, actual)
    after = _shared(expected[before:][::-1], actual[before:][::-1])
    return 1.0 - (before + after) / (longest + 1)


def _shared(one: str, other: str) -> int:
    """Return how many characters two texts have in common from the first on."""
    return sum(1 for _ in takewhile(bool, map(eq, one[:_LOOKED_AT], other[:_LOOKED_AT])))
