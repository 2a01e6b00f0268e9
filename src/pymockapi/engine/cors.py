"""Reading ``server.cors``: which web pages may call the mocks."""

from __future__ import annotations

import re
from typing import Final

from pymockapi.model.cors import Cors, OriginPattern
from pymockapi.model.reader import (
    Findings,
    below,
    check_size,
    kind_of,
    read_duration,
    read_flag,
    read_list,
    read_object,
)

CORS_KEYS: Final = frozenset({"origins", "credentials", "max_age"})
MAX_ORIGINS: Final = 100  # each pattern is asked on every request of a page
MAX_AGE_S: Final = 24 * 3600.0  # no browser keeps it longer
MAX_ORIGIN_CHARS: Final = 300
EXAMPLES: Final = (
    "https://shop.example, http://localhost:3000, http://localhost:* or https://*.shop.example"
)
_ORIGIN: Final = re.compile(
    r"([a-z][a-z0-9+.-]*)://(\*\.)?([a-z0-9_-][a-z0-9_.-]*|\[[0-9a-f:.]+\])(?::(\d{1,5}|\*))?"
)
_OWN_PORTS: Final = {"http": "80", "https": "443"}


def read_cors(data: object, at: str, found: Findings) -> Cors | None:
    """Read ``true``, ``false`` or ``{origins?, credentials?, max_age?}``; ``None`` is off."""
    if data is None or data is False:
        return None
    if data is True:
        return Cors()
    if not isinstance(data, dict):
        found.add(at, f"expected true, false or an object, got {kind_of(data)}")
        return None
    entries = read_object(data, at, found, CORS_KEYS)
    origins, patterns = _read_origins(entries.get("origins", ["*"]), below(at, "origins"), found)
    credentials = read_flag(entries.get("credentials", False), below(at, "credentials"), found)
    max_age = None
    if entries.get("max_age") is not None:
        max_age = int(read_duration(entries["max_age"], below(at, "max_age"), found, MAX_AGE_S))
    return Cors(origins, patterns, credentials, max_age)


def _read_origins(
    data: object, at: str, found: Findings
) -> tuple[frozenset[str] | None, tuple[OriginPattern, ...]]:
    items = read_list(data, at, found)
    check_size(items, at, found, MAX_ORIGINS, "origins")
    if data == []:
        found.add(at, "no page may call the mocks then; 'cors: false' says so")
    if items == ["*"]:
        return None, ()
    origins: set[str] = set()
    patterns: list[OriginPattern] = []
    for place, item in enumerate(items[:MAX_ORIGINS]):
        origin = _read_origin(item, below(at, place), found)
        if isinstance(origin, str):
            origins.add(origin)
        elif origin is not None:
            patterns.append(origin)
    return frozenset(origins), tuple(patterns)


def _read_origin(data: object, at: str, found: Findings) -> str | OriginPattern | None:
    """Return an origin as browsers write it, or a pattern; ``None`` after an error."""
    if not isinstance(data, str) or len(data) > MAX_ORIGIN_CHARS:
        given = kind_of(data) if not isinstance(data, str) else f"{len(data)} characters"
        found.add(at, f"expected an origin such as {EXAMPLES}, got {given}")
        return None
    text = data.lower()
    if text == "null":  # what pages from files and sandboxed frames say
        return text
    if text == "*":
        found.add(at, "'*' stands for all and stands alone: remove it, or the others")
        return None
    parts = _ORIGIN.fullmatch(text)
    if parts is None:
        found.add(at, _wrong(data))
        return None
    scheme, star, host, port = parts.groups()
    if port == _OWN_PORTS.get(scheme):
        port = None  # browsers leave it out
    if not star and port != "*":
        return f"{scheme}://{host}" + (f":{port}" if port else "")
    return OriginPattern(scheme, host, port, bool(star))


def _wrong(text: str) -> str:
    start, slashes, rest = text.partition("://")
    if not slashes:
        return f"'{text}' has no scheme; an origin is such as {EXAMPLES}"
    if "/" in rest:
        short = f"{start}://{rest.partition('/')[0]}"
        return f"'{text}' has a path, and an origin has none; write '{short}'"
    return f"'{text}' is no origin; such are {EXAMPLES}"
