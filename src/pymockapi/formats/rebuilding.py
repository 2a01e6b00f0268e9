"""Documents with some of their parts changed, made bit by bit and without recursion.

A document that a request brought may be nested as deep as JSON is read, and as long.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

from pymockapi.model.slices import Work

STEP: Final = 256  # parts between two looks at the clock, at 1 us each
LONG: Final = 4_096  # characters of a text that is looked at on its own


def rebuilding(
    value: Any,
    change: Callable[[Any], Any],
    change_long: Callable[[str], Work[str]] | None = None,
) -> Work[Any]:
    """Return ``value`` with each part replaced by what ``change`` makes of it.

    What it makes is not looked into; objects and lists that it leaves are. ``change_long`` is for
    long texts, whose change takes a while. ``value`` stays as it is.
    """
    box: list[Any] = [value]
    open_ones: list[tuple[Any, Any]] = [(box, 0)]
    count = 0
    while open_ones:
        holder, key = open_ones.pop()
        part = holder[key]
        if change_long is not None and isinstance(part, str) and len(part) > LONG:
            made: Any = yield from change_long(part)
        else:
            made = change(part)
        if made is part and isinstance(part, dict):
            made = dict(part)
            open_ones += [(made, each) for each in made]
        elif made is part and isinstance(part, list):
            made = list(part)
            open_ones += [(made, place) for place in range(len(made))]
        holder[key] = made
        count += 1
        if count % STEP == 0:
            yield
    return box[0]
