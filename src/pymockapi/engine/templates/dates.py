"""Instants in templates: offsets such as ``+15m``, and formats without a locale.

An instant is a whole number of nanoseconds since 1970; formats read it to the microsecond, as
the journal shows it.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Final

from pymockapi.engine.matching.instants import parse_instant
from pymockapi.engine.templates.values import shown
from pymockapi.model.clock import MAX_NS, MIN_NS, SECOND_NS, http_date, second_text
from pymockapi.model.errors import nearest
from pymockapi.model.rendering import RenderingFailed
from pymockapi.model.stub import Json

_DATE_STEPS: Final = 16  # of reading, moving and writing an instant; up to 8 us
_DIRECTIVE_STEPS: Final = 3  # of writing one part of it; up to 1.1 us
MAX_FORMAT: Final = 100  # characters
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_OFFSET: Final = re.compile(r"\s*([+-]?)\s*(\d{1,9}(?:\.\d{1,9})?)(ms|s|m|h|d)\s*", re.ASCII)
_UNITS: Final = {"ms": 1e6, "s": 1e9, "m": 60e9, "h": 3600e9, "d": 86400e9}
_DAYS: Final = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
_MONTHS: Final = (
    "January", "February", "March", "April", "May", "June", "July", "August", "September",
    "October", "November", "December",
)  # fmt: skip

Write = Callable[[datetime], str]
_DIRECTIVES: Final[dict[str, Write]] = {
    "Y": lambda moment: f"{moment.year:04d}",
    "m": lambda moment: f"{moment.month:02d}",
    "d": lambda moment: f"{moment.day:02d}",
    "H": lambda moment: f"{moment.hour:02d}",
    "M": lambda moment: f"{moment.minute:02d}",
    "S": lambda moment: f"{moment.second:02d}",
    "f": lambda moment: f"{moment.microsecond:06d}",
    "L": lambda moment: f"{moment.microsecond // 1000:03d}",
    "y": lambda moment: f"{moment.year % 100:02d}",
    "j": lambda moment: f"{moment.timetuple().tm_yday:03d}",
    "a": lambda moment: _DAYS[moment.weekday()][:3],
    "A": lambda moment: _DAYS[moment.weekday()],
    "b": lambda moment: _MONTHS[moment.month - 1][:3],
    "B": lambda moment: _MONTHS[moment.month - 1],
    "I": lambda moment: f"{(moment.hour + 11) % 12 + 1:02d}",
    "p": lambda moment: "AM" if moment.hour < 12 else "PM",
    "z": lambda _: "+0000",
    "%": lambda _: "%",
}
_NAMED: Final[dict[str, Callable[[int], Json]]] = {
    "iso": lambda ns: second_text(ns // SECOND_NS) + "Z",
    "iso_ms": lambda ns: f"{second_text(ns // SECOND_NS)}.{ns % SECOND_NS // 1_000_000:03d}Z",
    "date": lambda ns: second_text(ns // SECOND_NS)[:10],
    "http": http_date,
    "epoch": lambda ns: ns // SECOND_NS,
    "epoch_ms": lambda ns: ns // 1_000_000,
}
FORMATS: Final = tuple(_NAMED)
DIRECTIVES: Final = tuple(_DIRECTIVES)


def steps_of(format_: str) -> int:
    """Return the steps of reading, moving and writing an instant."""
    return _DATE_STEPS + _DIRECTIVE_STEPS * format_.count("%")


def write_instant(ns: int, format_: str) -> Json:
    """Return an instant in a named format or by directives; ``epoch`` and its like are numbers."""
    named = _NAMED.get(format_)
    return _written(ns, format_) if named is None else named(ns)


def check_format(format_: str) -> str | None:
    """Return what is wrong with a format; ``None`` if nothing is."""
    if format_ in _NAMED:
        return None
    if len(format_) > MAX_FORMAT:
        return f"a format has up to {MAX_FORMAT} characters"
    if "%" not in format_:
        near = nearest(format_, FORMATS, 1)
        hint = f"did you mean '{near[0]}'?" if near else f"there are {', '.join(FORMATS)}"
        return f"there is no format {shown(format_)}; {hint}, or directives such as %Y-%m-%d"
    for found in re.finditer(r"%(.?)", format_, re.S):
        if found[1] not in _DIRECTIVES or not found[1]:
            known = " ".join("%" + each for each in DIRECTIVES)
            return f"there is no '%{found[1]}' in formats; there are {known}"
    return None


def _written(ns: int, format_: str) -> str:
    if problem := check_format(format_) if len(format_) > MAX_FORMAT else None:
        raise RenderingFailed(problem)
    moment = _EPOCH + timedelta(microseconds=ns // 1000)
    return re.sub(r"%(.?)", lambda found: _directive(found[1], moment), format_, flags=re.S)


def _directive(letter: str, moment: datetime) -> str:
    write = _DIRECTIVES.get(letter)
    if write is None:
        raise RenderingFailed(check_format(f"%{letter}") or "")
    return write(moment)


def read_moment(value: Json) -> int:
    """Return the instant that a text says, or a number of seconds since 1970."""
    found: int | None = None
    if isinstance(value, str):
        found = parse_instant(value.strip())
    elif isinstance(value, int | float) and not isinstance(value, bool) and abs(value) < 1e12:
        found = int(value * SECOND_NS)
    if found is None:
        raise RenderingFailed(
            "expected an instant such as 2030-01-01T00:00:00Z, or seconds since 1970, got"
            f" {shown(value)}"
        )
    return _within(found)


def moved(ns: int, offset: str) -> int:
    """Return the instant ``offset`` later: ``+15m``, ``-1d``."""
    ns += 0 if offset == "" else read_offset(offset)
    return _within(ns)


def _within(ns: int) -> int:
    if not MIN_NS <= ns <= MAX_NS:
        raise RenderingFailed("the instant is not in the years 1970 to 9999")
    return ns


def read_offset(offset: str) -> int:
    """Return nanoseconds. Raises ``RenderingFailed`` for what is no offset."""
    found = _OFFSET.fullmatch(offset) if len(offset) < MAX_FORMAT else None
    if found is None:
        raise RenderingFailed(f"expected an offset such as +15m, -1d or 250ms, got {shown(offset)}")
    sign, amount, unit = found.groups()
    ns = round(float(amount) * _UNITS[unit])
    return -ns if sign == "-" else ns
