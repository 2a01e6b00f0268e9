"""Python values as the control API writes them: instants, durations, JSON text, options.

Pure; knows no row and no socket. Instants are RFC 3339, durations as ``docs/control-api.md``.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from datetime import UTC, date, datetime, timedelta
from typing import Any, Final
from uuid import UUID

from pymockapi.model.errors import nearest

Json = Any  # the JSON boundary
JsonObject = dict[str, Json]
Duration = float | str | timedelta
_UNITS_S: Final = {"ms": 0.001, "s": 1.0, "m": 60.0, "h": 3600.0}
_DURATION: Final = re.compile(r"(\d+(?:\.\d+)?)(ms|s|m|h)")
Instant = str | datetime


def instant(value: Instant) -> str:
    """Return ``value`` as the API writes instants, in UTC: ``2030-01-01T00:00:00Z``.

    Text passes as it is. Raises ``ValueError`` for a datetime without a time zone, since it
    does not say which instant it is.
    """
    if isinstance(value, str):
        return value
    if value.utcoffset() is None:
        raise ValueError(
            f"{value!r} has no time zone, so it names no instant; give it one, as in"
            " datetime(2030, 1, 1, tzinfo=UTC)"
        )
    return value.astimezone(UTC).replace(tzinfo=None).isoformat() + "Z"


def read_instant(text: str) -> datetime:
    """Return an instant of the API as an aware datetime in UTC."""
    return datetime.fromisoformat(text).astimezone(UTC)


def duration(value: Duration) -> float | str:
    """Return ``value`` as the API takes durations: text as it is, else seconds."""
    return value.total_seconds() if isinstance(value, timedelta) else value


def seconds(value: Duration | None) -> float:
    """Return a duration in seconds; 0 for none, and for text that the server will refuse."""
    if isinstance(value, timedelta):
        return value.total_seconds()
    if isinstance(value, str):
        found = _DURATION.fullmatch(value.strip())
        return float(found[1]) * _UNITS_S[found[2]] if found else 0.0
    return float(value or 0)


def encode(data: Json) -> bytes:
    """Return ``data`` as JSON text in UTF-8.

    Beside JSON's own types it takes datetimes (as instants), dates, timedeltas (as seconds)
    and UUIDs. Raises ``TypeError`` for anything else and ``ValueError`` for NaN and infinity,
    which JSON cannot say.
    """
    return json.dumps(data, ensure_ascii=False, allow_nan=False, default=_plain).encode()


def _plain(value: object) -> Json:
    if isinstance(value, datetime):
        return instant(value)
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, timedelta):
        return value.total_seconds()
    if isinstance(value, UUID):
        return str(value)
    if isinstance(value, Mapping):
        return dict(value)
    raise TypeError(f"{value!r} ({type(value).__name__}) has no JSON form")


def given(options: Mapping[str, Json], *, nullable: Iterable[str] = ()) -> JsonObject:
    """Return the options that say something: ``None`` means "not given", save in ``nullable``."""
    kept = frozenset(nullable)
    return {key: value for key, value in options.items() if value is not None or key in kept}


def check_options(
    options: Iterable[str],
    known: Iterable[str],
    call: str,
    elsewhere: Mapping[str, str] | None = None,
) -> None:
    """Raise ``TypeError``, as Python does, for a keyword that ``call`` does not take.

    ``elsewhere`` tells of keywords that are right in another place where that is.
    """
    __tracebackhide__ = True
    names = sorted(known)
    for key in options:
        if key in names:
            continue
        hint = (elsewhere or {}).get(key)
        if hint is None:
            near = nearest(key, names, 1)
            hint = f"did you mean '{near[0]}'?" if near else f"it takes {', '.join(names)}"
        raise TypeError(f"{call} got an unexpected keyword argument '{key}'; {hint}")
