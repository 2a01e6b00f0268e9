"""What a reader reports: every finding of a document, as pointer and message."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from pymockapi.model.reader import Findings
from pymockapi.model.stub import Json

Reported = list[tuple[str, str]]


def read_well(read: Callable[..., Any], data: Json, at: str = "", *more: Any) -> Any:
    """Return what ``read`` makes of ``data``, which must have no error."""
    found = Findings()
    value = read(data, at, found, *more)
    assert [(each.pointer, each.message) for each in found.items] == []
    return value


def reported(read: Callable[..., Any], data: Json, at: str = "", *more: Any) -> Reported:
    found = Findings()
    read(data, at, found, *more)
    return [(each.pointer, each.message) for each in found.items]


def assert_findings(found: Reported, *expected: tuple[str, str]) -> None:
    """Assert these findings and no others; of each message a part is enough."""
    assert [pointer for pointer, _ in found] == [pointer for pointer, _ in expected]
    for (_, message), (pointer, part) in zip(found, expected, strict=True):
        assert part in message, pointer
