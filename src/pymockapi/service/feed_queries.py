"""Where a reader of events begins, and which it wants: the query of its address, read."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final, NamedTuple

from pymockapi.model.errors import nearest
from pymockapi.model.event import EventKind
from pymockapi.model.reader import Findings, unknown_key
from pymockapi.service.told_events import Told
from pymockapi.service.verifications import read_cursor
from pymockapi.store.namespace import Namespace

QUERY: Final = ("seq", "after", "types", "id")
SERVER_QUERY: Final = ("seq", "types", "id")
_GROUPS: Final = tuple(dict.fromkeys(kind.partition(".")[0] for kind in EventKind))
_HINTS: Final = {
    "after": "requests are numbered in each namespace; give 'seq', or read a namespace's own events"
}


class Wanted(NamedTuple):
    """Read on after event ``at``; ``kinds`` ``None`` wants all."""

    at: int
    kinds: frozenset[EventKind] | None


def read_wanted(
    query: Mapping[str, str], told: Told, space: Namespace | None, found: Findings
) -> Wanted:
    """Read ``query``; ``space`` is ``None`` for the events of the server."""
    known = SERVER_QUERY if space is None else QUERY
    hints = _HINTS if space is None else {}
    for name in query:
        if name not in known:
            found.add(f"/{name}", unknown_key(name, known, hints))
    if "id" in query and query["id"] != told.identity:
        found.add("/id", _other(query["id"], told))
    kinds = _read_types(query["types"], found) if "types" in query else None
    return Wanted(_read_place(query, told, space, found), kinds)


def _other(given: str, told: Told) -> str:
    what = "the server" if told.name is None else f"'{told.name}'"
    return (
        f"{what} is '{told.identity}' now, and its events are numbered anew; those of"
        f" '{given[:200]}' are gone, so begin anew, without 'id' and 'seq'"
    )


def _read_place(
    query: Mapping[str, str], told: Told, space: Namespace | None, found: Findings
) -> int:
    if "seq" in query and "after" in query:
        found.add("/after", "give 'seq' or 'after', one of them: both say where to begin")
    elif "seq" in query:
        return _read_seq(query["seq"], told, found)
    elif "after" in query and space is not None:
        return _read_after(query["after"], space, found)
    return told.last


def _is_number(text: str) -> bool:
    return text.isascii() and text.isdigit() and len(text) < 16


def _read_seq(text: str, told: Told, found: Findings) -> int:
    if not _is_number(text):
        found.add("/seq", f"expected the 'seq' of an event, a whole number, got '{text[:200]}'")
        return 0
    if int(text) > told.last:
        last = f"the last event is {told.last}" if told.last else "there was no event yet"
        found.add(
            "/seq", f"{last}, and {text} is beyond it; was it of an earlier namespace or server?"
        )
    return int(text)


def _read_after(text: str, space: Namespace, found: Findings) -> int:
    """Return the event that the arrival of a request is, or the least that it can have been."""
    number = read_cursor(int(text) if _is_number(text) else text, space, found)
    if number == 0 or found.count:
        return 0
    entry = space.journal.get(number)
    if entry is not None:
        return entry.seq
    return space.events.find_arrival(number) or number


def _read_types(text: str, found: Findings) -> frozenset[EventKind]:
    kinds: set[EventKind] = set()
    for word in text.split(","):
        name = word.strip().removesuffix(".*").removesuffix(".")
        fitting = [kind for kind in EventKind if kind == name or kind.startswith(f"{name}.")]
        kinds.update(fitting)
        if not fitting:
            near = nearest(name, (*EventKind, *_GROUPS), 1)
            hint = f"did you mean '{near[0]}'?" if near else f"known: {', '.join(EventKind)}"
            found.add("/types", f"no event is called '{word.strip()[:200]}'; {hint}")
    return frozenset(kinds)
