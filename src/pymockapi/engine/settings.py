"""Reading settings, limits, clocks, leases and what a namespace is made from."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import islice
from typing import Any, Final

from pymockapi.engine.behaviours import read_chosen
from pymockapi.engine.claims import read_selectors
from pymockapi.engine.cors import read_cors
from pymockapi.engine.definitions import read_response
from pymockapi.engine.deliveries import read_delay
from pymockapi.engine.egress import read_egress
from pymockapi.engine.faults import read_fault
from pymockapi.engine.matching.request_values import read_request_value
from pymockapi.engine.verifying.verdict import EFFECTS, WEIGHTS
from pymockapi.model.callee import CalledAnswer
from pymockapi.model.changes import SetClock
from pymockapi.model.clock import SECOND_NS, read_instant
from pymockapi.model.reader import (
    Findings,
    below,
    check_size,
    kind_of,
    read_choice,
    read_duration,
    read_flag,
    read_int,
    read_list,
    read_name,
    read_object,
)
from pymockapi.model.settings import (
    NamespaceLimits,
    NamespaceSettings,
    ServerLimits,
    ServerSettings,
)
from pymockapi.model.stub import Json
from pymockapi.model.urls import EXAMPLE, read_public_url

SETTINGS_KEYS: Final = frozenset(
    {"unmatched", "delay", "fault", "debug_headers", "rewrite_location", "seed", "redact", "limits",
     "verdict", "behaviour"}
)  # fmt: skip
SERVER_KEYS: Final = frozenset(
    {
        "on_missing",
        "path_prefix",
        "selectors",
        "seed",
        "default_lease",
        "public_url",
        "cors",
        "egress",
        "limits",
    }
)
MAX_LEASE_S: Final = 30 * 24 * 3600.0
MAX_LABELS: Final = 100
MAX_NAMES: Final = 1_000  # in one list; with what is done for each 10 ms
MAX_SEED: Final = 2**63 - 1
MAX_ADVANCE_S: Final = 100 * 366 * 24 * 3600.0


def read_settings(data: object, at: str, found: Findings) -> NamespaceSettings:
    entries = read_object(data, at, found, SETTINGS_KEYS)
    unmatched = None
    if entries.get("unmatched") is not None:
        place = below(at, "unmatched")
        unmatched = read_response(entries["unmatched"], place, found)
        if unmatched.delivery is not None and unmatched.delivery.hold is not None:
            found.add(below(place, "hold"), "only answers of stubs wait at gates")
        if isinstance(unmatched.template, CalledAnswer):
            found.add(below(place, "call"), "only answers of stubs come from functions")
    return NamespaceSettings(
        unmatched,
        read_delay(entries.get("delay", 0), below(at, "delay"), found),
        read_flag(entries.get("debug_headers", False), below(at, "debug_headers"), found),
        read_seed(entries["seed"], below(at, "seed"), found) if "seed" in entries else None,
        tuple(
            read_request_value(item, below(below(at, "redact"), place), found)
            for place, item in enumerate(
                read_list(entries.get("redact", []), below(at, "redact"), found)
            )
        ),
        read_limits(entries.get("limits", {}), below(at, "limits"), found),
        read_flag(entries.get("rewrite_location", True), below(at, "rewrite_location"), found),
        _read_effects(entries.get("verdict", {}), below(at, "verdict"), found),
        read_fault(entries.get("fault"), below(at, "fault"), found),
        read_chosen(entries.get("behaviour"), below(at, "behaviour"), found),
    )


def _read_effects(data: object, at: str, found: Findings) -> Mapping[str, str]:
    """Read what problems of each kind do to a verdict."""
    entries = read_object(data, at, found, EFFECTS)
    return {
        kind: read_choice(effect, below(at, kind), found, WEIGHTS)
        for kind, effect in entries.items()
        if kind in EFFECTS
    }


def merge_settings(under: Mapping[str, Json], over: Mapping[str, Json]) -> dict[str, Json]:
    """Return settings as given, ``over`` upon ``under``, key by key; ``verdict`` kind by kind."""
    merged = {**under, **over}
    below_it, above = under.get("verdict"), over.get("verdict")
    if isinstance(below_it, Mapping) and isinstance(above, Mapping):
        merged["verdict"] = {**below_it, **above}
    return merged


def read_limits(data: object, at: str, found: Findings) -> NamespaceLimits:
    return NamespaceLimits(**_numbers(data, at, found, NamespaceLimits()))


def _numbers(
    data: object, at: str, found: Findings, shipped: NamespaceLimits | ServerLimits
) -> dict[str, int]:
    names = shipped.__struct_fields__
    entries = read_object(data, at, found, names)
    return {
        name: read_int(entries.get(name, getattr(shipped, name)), below(at, name), found, 1, 2**53)
        for name in names
    }


def read_server(data: object, at: str, found: Findings) -> ServerSettings:
    entries = read_object(data, at, found, SERVER_KEYS)
    on_missing = "default"
    if "on_missing" in entries:
        on_missing = read_choice(
            entries["on_missing"], below(at, "on_missing"), found, ("default", "reject")
        )
    prefix = _read_prefix(entries.get("path_prefix", "~"), below(at, "path_prefix"), found)
    lease = (
        read_lease(entries["default_lease"], below(at, "default_lease"), found)
        if "default_lease" in entries
        else None
    )
    limits = ServerLimits(
        **_numbers(entries.get("limits", {}), below(at, "limits"), found, ServerLimits())
    )
    return ServerSettings(
        on_missing,
        prefix,
        read_seed(entries.get("seed", 0), below(at, "seed"), found),
        lease,
        limits,
        _read_public_url(entries.get("public_url"), below(at, "public_url"), found),
        read_cors(entries.get("cors"), below(at, "cors"), found),
        read_selectors(entries.get("selectors", []), below(at, "selectors"), found),
        read_egress(entries.get("egress", {}), below(at, "egress"), found),
    )


def _read_public_url(data: object, at: str, found: Findings) -> str | None:
    if data is None:
        return None
    if not isinstance(data, str):
        found.add(at, f"expected a URL such as {EXAMPLE}, got {kind_of(data)}")
        return None
    try:
        return read_public_url(data)
    except ValueError as error:
        found.add(at, str(error))
        return None


def _read_prefix(data: object, at: str, found: Findings) -> str | None:
    if data is False:
        return None
    if isinstance(data, str) and data and not set(data) & set("/?#%{} ") and data.isascii():
        return data
    given = f"'{data}'" if isinstance(data, str) else kind_of(data)
    found.add(
        at,
        f"expected what stands before the name in /~NAME, such as '~', or false for none, got {given}",
    )
    return None


def read_seed(data: object, at: str, found: Findings) -> int:
    return read_int(data, at, found, 0, MAX_SEED)


def read_lease(data: object, at: str, found: Findings) -> float:
    before = found.count
    lease = read_duration(data, at, found, MAX_LEASE_S)
    if lease <= 0 and found.count == before:
        found.add(at, "a lease is longer than 0 seconds")
    return lease


def read_port(data: object, at: str, found: Findings) -> int | None:
    """Read the number of a namespace's own port, 0 for a free one; ``None``: it has none."""
    return None if data is None else read_int(data, at, found, 0, 65_535)


def read_labels(data: object, at: str, found: Findings) -> Mapping[str, str]:
    """Read labels: text by text; numbers and booleans are taken as their JSON text."""
    labels = {}
    entries = read_object(data, at, found)
    check_size(entries, at, found, MAX_LABELS, "labels")
    for key, value in islice(entries.items(), MAX_LABELS):
        if isinstance(value, bool):
            value = "true" if value else "false"
        if not isinstance(value, str | int | float):
            found.add(below(at, key), f"expected a string, got {kind_of(value)}")
        labels[key] = str(value)
    return labels


def read_state(data: object, at: str, found: Findings) -> dict[str, Any]:
    return dict(read_object(data, at, found))


def read_names(data: object, at: str, found: Findings) -> tuple[str, ...]:
    """Read a list of names."""
    items = read_list(data, at, found)
    check_size(items, at, found, MAX_NAMES, "names")
    return tuple(
        read_name(item, below(at, place), found) for place, item in enumerate(items[:MAX_NAMES])
    )


def read_clock(data: object, at: str, found: Findings) -> SetClock:
    """Read ``{mode?, now?, advance?}``."""
    before = found.count
    entries = read_object(data, at, found, ("mode", "now", "advance"))
    frozen = None
    if "mode" in entries:
        frozen = (
            read_choice(entries["mode"], below(at, "mode"), found, ("real", "frozen")) == "frozen"
        )
    now = _read_now(entries["now"], below(at, "now"), found) if "now" in entries else None
    advance = 0
    if "advance" in entries:
        advance = _read_advance(entries["advance"], below(at, "advance"), found)
    if not entries and found.count == before:
        found.add(at, "expected at least one of mode, now, advance")
    return SetClock(frozen, now, advance)


def _read_now(data: object, at: str, found: Findings) -> int | None:
    instant = read_instant(data) if isinstance(data, str) else None
    if instant is None:
        given = f"'{data}'" if isinstance(data, str) else kind_of(data)
        found.add(
            at, f"expected an instant such as 2030-01-01T00:00:00Z, from 1970 to 9999, got {given}"
        )
    return instant


def _read_advance(data: object, at: str, found: Findings) -> int:
    backwards = isinstance(data, str) and data.startswith("-")
    if isinstance(data, str):
        data = data.lstrip("-")
    elif isinstance(data, int | float) and not isinstance(data, bool) and data < 0:
        backwards, data = True, -data
    seconds = read_duration(data, at, found, MAX_ADVANCE_S)
    return round(seconds * SECOND_NS) * (-1 if backwards else 1)
