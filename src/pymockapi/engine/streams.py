"""Reading bodies that leave piece by piece: streams, and server-sent events.

Events are as in the HTML Living Standard, section 9.2. Follows ``docs/delays.md``.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any, Final, NamedTuple

import msgspec

from pymockapi.engine.deliveries import read_delay
from pymockapi.engine.messages import BODIES, TYPES
from pymockapi.model.delivery import Delay, Piece
from pymockapi.model.reader import (
    Findings,
    below,
    check_size,
    kind_of,
    read_int,
    read_object,
    read_text,
)

MAX_PIECES: Final = 1_000  # of a body; reading so many takes 10 ms
MAX_RETRY_MS: Final = 86_400_000  # a day
PIECE_KEYS: Final = ("text", "json", "base64", "after")
EVENT_KEYS: Final = ("event", "data", "id", "retry", "comment", "after")
_PIECE_HINTS: Final = {"delay": "write 'after'", "body": "write 'text', 'json' or 'base64'"}
_EVENT_HINTS: Final = {
    "delay": "write 'after'",
    "body": "write 'data'",
    "text": "write 'data'",
    "json": "write 'data'",
    "type": "write 'event'",
}
EVENT_HEADERS: Final = (("Content-Type", "text/event-stream"), ("Cache-Control", "no-store"))
_LINES: Final = re.compile(r"\r\n|\r|\n")
_ONE_LINE: Final = {"event": re.compile(r"[\r\n]"), "id": re.compile(r"[\r\n\0]")}
_encode_json: Final = msgspec.json.Encoder().encode


class Event(NamedTuple):
    """One server-sent event, each field as text; ``None``: it is not there."""

    comment: str | None = None
    event: str | None = None
    id: str | None = None
    retry: str | None = None
    data: str | None = None

    def encoded(self) -> bytes:
        """Return its lines and the blank one; a text of several lines has a field for each."""
        lines = [f": {line}\n" for line in _split(self.comment)]
        for name in ("event", "id", "retry"):
            if (value := getattr(self, name)) is not None:
                lines.append(f"{name}: {value}\n")
        lines += [f"data: {line}\n" for line in _split(self.data)]
        return ("".join(lines) + "\n").encode("utf-8", "replace")


def _split(text: str | None) -> list[str]:
    return [] if text is None else _LINES.split(text)


def unfit_line(name: str, text: str) -> str | None:
    """Return what is wrong with a field of an event: ``event`` and ``id`` are one line each."""
    if name not in _ONE_LINE or _ONE_LINE[name].search(text) is None:
        return None
    return f"'{name}' of an event is one line" + (", without NUL" if name == "id" else "")


def read_stream(data: object, at: str, found: Findings) -> tuple[Piece, ...]:
    """Read a list of ``{text | json | base64, after?}``."""
    return _read_each(_read_piece, data, at, found, "pieces")


def read_events(data: object, at: str, found: Findings) -> tuple[Piece, ...]:
    """Read a list of ``{data?, event?, id?, retry?, comment?, after?}``."""
    return _read_each(_read_event, data, at, found, "events")


def type_of_stream(data: object) -> str:
    """Return the content type of a stream that was read: that of its first piece."""
    first: Any = data[0] if isinstance(data, list) and data else None
    keys = first if isinstance(first, dict) else {}
    return next((TYPES[key] for key in TYPES if key in keys), TYPES["base64"])


def _read_each(
    read: Callable[[object, str, Findings], Piece],
    data: object,
    at: str,
    found: Findings,
    what: str,
) -> tuple[Piece, ...]:
    if not isinstance(data, list) or not data:
        given = "an empty one" if isinstance(data, list) else kind_of(data)
        found.add(at, f"expected a list of {what}, got {given}")
        return ()
    check_size(data, at, found, MAX_PIECES, what)
    return tuple(read(item, below(at, n), found) for n, item in enumerate(data[:MAX_PIECES]))


def _read_piece(data: object, at: str, found: Findings) -> Piece:
    before = found.count
    entries = read_object(data, at, found, PIECE_KEYS, _PIECE_HINTS)
    given = [key for key in BODIES if key in entries]
    if len(given) != 1:
        if found.count == before:
            told = " and ".join(given) or "none of them"
            found.add(at, f"a piece is 'text', 'json' or 'base64', got {told}")
        return Piece(b"")
    key = given[0]
    return Piece(BODIES[key](entries[key], below(at, key), found), _read_after(entries, at, found))


def _read_after(entries: dict[str, Any], at: str, found: Findings) -> Delay:
    return read_delay(entries["after"], below(at, "after"), found) if "after" in entries else 0.0


def _read_event(data: object, at: str, found: Findings) -> Piece:
    before = found.count
    entries = read_object(data, at, found, EVENT_KEYS, _EVENT_HINTS)
    if entries.keys() <= {"event", "after"} and found.count == before:
        found.add(at, "an event has 'data', or an 'id', 'retry' or 'comment' alone")
    return Piece(event_of(entries, at, found).encoded(), _read_after(entries, at, found))


def event_of(entries: dict[str, Any], at: str, found: Findings) -> Event:
    """Return an event as it is defined."""
    lines: dict[str, str] = {}
    for name in ("event", "id"):
        if name in entries:
            lines[name] = _read_line(name, entries[name], below(at, name), found)
    if "retry" in entries:
        place = below(at, "retry")
        lines["retry"] = str(read_int(entries["retry"], place, found, 0, MAX_RETRY_MS))
    if "comment" in entries:
        lines["comment"] = read_text(entries["comment"], below(at, "comment"), found)
    if "data" in entries:
        lines["data"] = _read_data(entries["data"], below(at, "data"), found)
    return Event(**lines)


def _read_line(name: str, data: object, at: str, found: Findings) -> str:
    if name == "id" and isinstance(data, int) and not isinstance(data, bool):
        return str(data)
    text = read_text(data, at, found)
    if told := unfit_line(name, text):
        found.add(at, told)
    return text


def _read_data(data: object, at: str, found: Findings) -> str:
    if isinstance(data, str):
        return data
    return BODIES["json"](data, at, found).decode()
