"""Gates of a namespace: who waits there, waiting for them, letting them go."""

from __future__ import annotations

import re
from collections.abc import Mapping
from itertools import islice
from typing import Any, Final

from pymockapi.engine.definitions import read_response
from pymockapi.model.errors import ControlError, LimitReached, UnknownItem, nearest, quoted
from pymockapi.model.names import is_name
from pymockapi.model.reader import Findings, below, read_duration, read_int
from pymockapi.model.response import Response
from pymockapi.service.arrivals import Arrivals, gate_of
from pymockapi.service.calls import Call, Outcome, Site
from pymockapi.service.files import findings_for
from pymockapi.service.waiting import Waits
from pymockapi.store.gates import MAX_RELEASES, Gate
from pymockapi.store.namespace import Namespace

MAX_TOLD: Final = 1_000  # numbers of requests in one answer
MAX_PERMITS: Final = 1_000_000
_NUMBER: Final = re.compile(r"\d{1,15}(\.\d{1,15})?", re.ASCII)
Document = dict[str, Any]


class TooManyReleases(LimitReached):
    """What releases have left behind has no room for another; nothing was changed."""

    def __init__(self, namespace: str) -> None:
        ControlError.__init__(
            self,
            f"{MAX_RELEASES:,} releases of gates of namespace '{namespace}' are still in force, open"
            " gates and permits that nobody has used; nothing was changed. Reset the gates, or give"
            " permits with the same response in one release.",
        )


class Gates:
    """Operations on gates, which are where stubs in force say ``hold``."""

    def __init__(self, site: Site, waits: Waits) -> None:
        self._site = site
        self._store = site.store
        self._waits = waits

    async def list_gates(self, call: Call) -> Outcome:
        space = self._store.known(call.ns)
        gates = [_document(name, gate_of(space, name)) for name in sorted(known_gates(space))]
        return Outcome({"gates": gates}, space.version)

    async def get_gate(self, call: Call) -> Outcome:
        found = Findings()
        query, name = call.query, call.path["gate"]
        waiting = _number(query, "waiting", found)
        within_s = 0.0
        if "within" in query:
            within_s = read_duration(_given(query["within"]), "/within", found)
            if "waiting" not in query:
                found.add("/within", "goes with 'waiting': how many are to wait at the gate")
        found.check("The query")
        space = self._store.known(call.ns)
        _check_known(space, name)
        if waiting is None:
            return Outcome(_document(name, gate_of(space, name)), space.version)
        arrivals = Arrivals(space, name, waiting, within_s)
        await self._waits.reach(space, arrivals, call.caller)
        reached = {"passed": arrivals.reason is None, "reason": arrivals.reason}
        return Outcome({**_document(name, gate_of(space, name)), **reached}, space.version)

    async def release_gate(self, call: Call) -> Outcome:
        found = await findings_for(self._site, call.body)
        entries = call.entries(found, ("count", "response"))
        count = None
        if entries.get("count") is not None:
            count = read_int(entries["count"], "/count", found, 1, MAX_PERMITS)
        response = _response(entries, found)
        found.check("The release")
        space, name = self._store.known(call.ns), call.path["gate"]
        _check_known(space, name)
        if not space.gates.may_release(name, count, response):
            raise TooManyReleases(space.name)
        released = space.gates.release(name, count, response)
        told = {"released": released[:MAX_TOLD], "count": len(released)}
        return Outcome({**_document(name, gate_of(space, name)), **told}, space.version)


def known_gates(space: Namespace) -> set[str]:
    """Return the gates of stubs in force, and those that something was done to."""
    names = set(space.gates.by_name)
    for _, layer in space.all_layers:
        for stub in layer.by_name.values():
            if stub.gates and stub not in space.masked:
                names |= stub.gates
    return names


def _check_known(space: Namespace, name: str) -> None:
    """Raise ``UnknownItem`` for a gate at which nothing can ever wait."""
    if name in space.gates.by_name:
        return
    names = known_gates(space)
    if name in names:
        return
    near = nearest(name, names) if is_name(name) else []
    if not names:
        known = "No stub in force has 'hold'."
    elif near:
        known = f"Did you mean {quoted(near)}?"
    else:
        known = f"Its gates: {quoted(sorted(names)[:10])}."
    raise UnknownItem(
        f"No stub of namespace '{space.name}' holds its answer at a gate '{name}'. {known}",
        suggestions=near,
    )


def _document(name: str, gate: Gate) -> Document:
    return {
        "gate": name,
        "open": gate.is_open,
        "permits": gate.permitted,
        "waiting": len(gate.held),
        "requests": list(islice(gate.held, MAX_TOLD)),
    }


def _number(query: Mapping[str, str], key: str, found: Findings) -> int | None:
    text = query.get(key)
    if text is None:
        return None
    return read_int(_given(text), f"/{key}", found, 1, MAX_PERMITS)


def _given(text: str) -> object:
    """Return the number that a query gives as ``text``, if it is one."""
    if not _NUMBER.fullmatch(text):
        return text
    return float(text) if "." in text else int(text)


def _response(entries: Mapping[str, Any], found: Findings) -> Response | None:
    if entries.get("response") is None:
        return None
    response = read_response(entries["response"], "/response", found)
    if response.delivery is not None and response.delivery.hold is not None:
        found.add(below("/response", "hold"), "an answer that is let go waits at no other gate")
    return response
