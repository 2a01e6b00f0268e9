"""Reading behaviours, and what their names mean: the shipped ones, and those of a config.

Follows ``docs/behaviours.md``.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

import msgspec

from pymockapi.engine.definitions import read_response
from pymockapi.engine.deliveries import read_delay
from pymockapi.engine.faults import read_fault, read_probability
from pymockapi.model.behaviour import Behaviour, Failures, Quota
from pymockapi.model.clock import SECOND_NS
from pymockapi.model.delivery import Fault, FaultKind
from pymockapi.model.names import is_name
from pymockapi.model.reader import (
    Findings,
    below,
    check_size,
    kind_of,
    read_duration,
    read_int,
    read_object,
)
from pymockapi.model.response import Response
from pymockapi.model.slices import Work
from pymockapi.model.stub import Json

BEHAVIOUR_KEYS: Final = ("like", "delay", "fault", "failures", "limit")
FAILURES_KEYS: Final = ("first", "probability", "response")
LIMIT_KEYS: Final = ("requests", "per", "response")
_NO_FAULT: Final = Fault(FaultKind.RESET, 0.0)  # instead of what another has
MAX_BEHAVIOURS: Final = 1_000  # in one config
MAX_COUNT: Final = 1_000_000_000
MAX_WINDOW_S: Final = 24 * 3600.0
_OF_STUBS: Final = frozenset({"call", "file", "stream", "sse", "trailers", "callbacks", "hold"})
_OF_STUBS_TOLD: Final = "a function, a file, a stream, trailers, callbacks or a gate"
UNAVAILABLE: Final = {"status": 503, "json": {"error": "service unavailable"}}
TOO_MANY: Final = {"status": 429, "json": {"error": "too many requests"}}
SHIPPED_GIVEN: Final[Mapping[str, Mapping[str, Json]]] = {
    "slow": {"delay": {"uniform": ["1s", "3s"]}},
    "flaky": {"failures": {"probability": 0.2}},
    "down": {"failures": {"probability": 1}},
    "rate-limited": {"limit": {"requests": 10, "per": "1m"}},
    "recovering": {"failures": {"first": 3}},
}
"""Those that every config has, as a config would define them."""

_HINTS: Final = {
    "probability": "it goes under 'failures'",
    "first": "it goes under 'failures'",
    "requests": "it goes under 'limit'",
    "per": "it goes under 'limit'",
    "response": "it goes under 'failures' or 'limit'",
    "status": "it goes under 'response' of 'failures' or 'limit'",
    "name": "to start from one that has a name, give 'like'",
}


def read_chosen(data: object, at: str, found: Findings) -> Behaviour | None:
    """Read ``settings.behaviour``: a name, or the parts of one; ``None``: there is none.

    What its name means is not asked here: see ``check_choice`` and ``resolved``.
    """
    if data is None:
        return None
    if isinstance(data, str):
        return Behaviour(like=data)
    if not isinstance(data, dict):
        found.add(
            at,
            "expected the name of a behaviour, such as flaky, or an object with at least one of"
            f" {', '.join(BEHAVIOUR_KEYS)}, got {kind_of(data)}",
        )
        return None
    return _read_parts(data, at, found)


def _read_parts(data: object, at: str, found: Findings) -> Behaviour:
    entries = read_object(data, at, found, BEHAVIOUR_KEYS, _HINTS)
    if isinstance(data, dict) and not data:
        found.add(at, f"expected at least one of {', '.join(BEHAVIOUR_KEYS)}")
    like = entries.get("like")
    if like is not None and not isinstance(like, str):
        found.add(below(at, "like"), f"expected the name of a behaviour, got {kind_of(like)}")
        like = None
    delay = fault = failures = limit = None
    if "delay" in entries:
        delay = read_delay(entries["delay"], below(at, "delay"), found)
    if "fault" in entries:
        fault = read_fault(entries["fault"], below(at, "fault"), found) or _NO_FAULT
    if "failures" in entries:
        failures = _read_failures(entries["failures"], below(at, "failures"), found)
    if "limit" in entries:
        limit = _read_limit(entries["limit"], below(at, "limit"), found)
    return Behaviour(like=like, delay=delay, fault=fault, failures=failures, limit=limit)


def _read_failures(data: object, at: str, found: Findings) -> Failures:
    entries = read_object(data, at, found, FAILURES_KEYS)
    if isinstance(data, dict) and ("first" in entries) is ("probability" in entries):
        found.add(
            at,
            "expected 'first', how many requests fail, or 'probability', from 0 to 1, with which"
            " each does: one of them",
        )
    first, probability = 0, 0.0
    if "first" in entries:
        first = read_int(entries["first"], below(at, "first"), found, 1, MAX_COUNT)
    if "probability" in entries:
        probability = read_probability(entries["probability"], below(at, "probability"), found)
    return Failures(_read_answer(entries, UNAVAILABLE, at, found), first, probability)


def _read_limit(data: object, at: str, found: Findings) -> Quota:
    entries = read_object(data, at, found, LIMIT_KEYS)
    for key in ("requests", "per"):
        if isinstance(data, dict) and key not in entries:
            found.add(at, f"'{key}' is missing; a limit is {{requests: 10, per: 1m}}")
    requests = read_int(entries.get("requests", 1), below(at, "requests"), found, 0, MAX_COUNT)
    place, before = below(at, "per"), found.count
    per_s = read_duration(entries.get("per", 1), place, found, MAX_WINDOW_S)
    if not per_s and found.count == before:
        found.add(place, "expected a window longer than 0 seconds")
    answer = _read_answer(entries, TOO_MANY, at, found)
    if answer.template is not None:
        found.add(
            below(below(at, "response"), "template"),
            "the answer of a limit is no template; 'Retry-After' is put into it as it is",
        )
    return Quota(answer, requests, round(per_s * SECOND_NS))


def _read_answer(
    entries: Mapping[str, Any], shipped: Mapping[str, Json], at: str, found: Findings
) -> Response:
    """Read what is answered instead; a status that it does not give is the usual one."""
    place, given = below(at, "response"), entries.get("response", shipped)
    if isinstance(given, dict):
        given = {"status": shipped["status"], **given}
        for key in sorted(_OF_STUBS & given.keys()):
            found.add(below(place, key), f"only answers of stubs have {_OF_STUBS_TOLD}")
            del given[key]
    return read_response(given, place, found)


SHIPPED: Final[Mapping[str, Behaviour]] = {
    name: msgspec.structs.replace(_read_parts(dict(given), "", Findings()), name=name)
    for name, given in SHIPPED_GIVEN.items()
}


def read_behaviours(data: object, at: str, found: Findings) -> dict[str, Behaviour]:
    """Read a config's own behaviours by name; ``like`` of these means shipped ones."""
    entries = read_object(data, at, found)
    check_size(entries, at, found, MAX_BEHAVIOURS, "behaviours")
    read: dict[str, Behaviour] = {}
    for name, given in list(entries.items())[:MAX_BEHAVIOURS]:
        place = below(at, name)
        if not is_name(name):
            found.add(
                place,
                f"'{name[:140]}' is no name of a behaviour: 1 to 128 characters of"
                " A-Z a-z 0-9 . _ - are",
            )
        parts = _read_parts(given, place, found)
        if parts.like is not None and parts.like not in SHIPPED:
            hint = _hint(parts.like, SHIPPED, found)
            found.add(
                below(place, "like"), f"no shipped behaviour is called '{parts.like}'; {hint}"
            )
        made = resolved(parts, {}) or parts
        read[name] = msgspec.structs.replace(made, name=name)
    return read


def resolved(chosen: Behaviour | None, own: Mapping[str, Behaviour]) -> Behaviour | None:
    """Return ``chosen`` with the parts of the one that it is like; ``None``: nothing has that name.

    ``own`` are the config's, which go before shipped ones of the same name.
    """
    if chosen is None or chosen.like is None:
        return chosen
    base = own.get(chosen.like) or SHIPPED.get(chosen.like)
    if base is None:
        return None
    parts = {
        part: value
        for part in Behaviour.__struct_fields__[2:]
        if (value := getattr(chosen, part)) is not None
    }
    return msgspec.structs.replace(base, like=None, **parts)


def told_alone(given: Json, own: Mapping[str, Mapping[str, Json]]) -> Json:
    """Return what chooses the same behaviour where the config's ``own`` are not known."""
    like = given.get("like") if isinstance(given, Mapping) else given
    if not isinstance(like, str) or like not in own:
        return given
    parts = given if isinstance(given, Mapping) else {}
    return {**own[like], **{key: value for key, value in parts.items() if key != "like"}}


def check_choice(settings: object, at: str, found: Findings, own: Mapping[str, object]) -> None:
    """Report a behaviour that ``settings``, at ``at``, name and nobody has, with the nearest."""
    given = settings.get("behaviour") if isinstance(settings, dict) else None
    place = below(at, "behaviour")
    if isinstance(given, dict):
        given, place = given.get("like"), below(place, "like")
    if isinstance(given, str) and given not in own and given not in SHIPPED:
        known = {**SHIPPED, **own}
        found.add(place, f"there is no behaviour '{given[:140]}'; {_hint(given, known, found)}")


def _hint(name: str, known: Mapping[str, object], found: Findings) -> str:
    near = found.nearest(name, known, 1)
    return f"did you mean '{near[0]}'?" if near else f"behaviours: {', '.join(list(known)[:20])}"


def checking_choices(
    document: Mapping[str, Any], found: Findings, own: Mapping[str, object]
) -> Work[None]:
    """Report each unknown behaviour that a project's settings name, in slices."""
    check_choice(document.get("settings"), "/settings", found, own)
    for section in ("sets", "tags", "namespaces"):
        yield from checking_rows(document.get(section), f"/{section}", found, own)


def checking_rows(rows: object, at: str, found: Findings, own: Mapping[str, object]) -> Work[None]:
    """The same of the settings that the ``rows`` at ``at`` hold: sets, rows of tags, namespaces."""
    for name, row in rows.items() if isinstance(rows, dict) else ():
        if isinstance(row, dict):
            check_choice(row.get("settings"), below(below(at, str(name)), "settings"), found, own)
        yield
