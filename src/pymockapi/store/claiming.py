"""The claim in memory: one synchronous step, so that nothing can come between match and claim.

The heart of the straight line (``ARCHITECTURE.md``): the first alternative whose cells allow it
is taken, its hit and step are counted, its state written, the request numbered, timed and recorded.
"""

from __future__ import annotations

from functools import partial
from typing import Final

import msgspec

from pymockapi.engine.sequences import step_at
from pymockapi.engine.state import ResolvedWrite, apply_writes, rendered
from pymockapi.model.clock import REAL
from pymockapi.model.event import EventKind, named
from pymockapi.model.exchange import Exchange, Phase
from pymockapi.model.plan import Alternative, Grant, Outdated, Plan
from pymockapi.model.rendering import MAX_STEPS, RenderingFailed
from pymockapi.model.response import Response
from pymockapi.model.stub import AfterLast, Stub
from pymockapi.store.cells import Cell
from pymockapi.store.history import ABSENT, ValuesWere
from pymockapi.store.namespace import Namespace
from pymockapi.store.occasions import occasion
from pymockapi.store.port import Arrival

LIMIT_REACHED = "limit-reached"
TOO_MANY_HELD = "held"  # of the same code, since that limit is met
SEQUENCE_EXHAUSTED = "sequence-exhausted"
NO_MATCH = "no-match"
TEMPLATE_ERROR = "template-error"
TEMPLATE_LIMIT = "template-limit"
_RECEIVED: Final = EventKind.REQUEST_RECEIVED  # a name less to look up, 40 ns each
_UNMATCHED: Final = EventKind.REQUEST_UNMATCHED
_FIRST_PHASE: Final = Phase.RECEIVED
_ANSWERED: Final = Phase.ANSWERED
_LOST: Final = (Phase.ABORTED, Phase.FAILED)


def claim(space: Namespace, plan: Plan, arrival: Arrival) -> Grant | Outdated:
    """Claim for ``arrival``; see ``Store.claim``."""
    if plan.version != space.version or plan.state_version not in (-1, space.state_version):
        return Outdated(space.version, space.state_version)
    alternatives = plan.alternatives
    if alternatives and (stub := alternatives[0].stub).plain:
        cell = space.cells.get(stub.name) or _new_cell(space, stub)
        cell.hits += 1
        response = stub.steps[0].response
        entry = record(space, arrival, stub.name, cell.hits, response)
        _enter(space, entry, _RECEIVED)
        return Grant(entry, response)
    entry = record(space, arrival)
    for alternative in alternatives:
        granted = _claim_cells(space, arrival, entry, alternative)
        if granted is not None:
            return granted
    return _refused(space, entry, _UNMATCHED, NO_MATCH)


def _new_cell(space: Namespace, stub: Stub) -> Cell:
    cell = space.cells[stub.name] = Cell(stub)
    return cell


def record(
    space: Namespace,
    arrival: Arrival,
    stub: str | None = None,
    hit: int = 0,
    response: Response | None = None,
) -> Exchange:
    """Give the next number to a request; the entry is appended once its outcome is known."""
    request = arrival.request
    real_ns = space.real_ns()
    clock = space.clock
    return Exchange(
        space.journal.last + 1,
        0,
        real_ns,
        real_ns if clock is REAL else clock.now_ns(real_ns),
        request.client,
        request.method,
        request.path,
        request.head,
        request.body,
        arrival.selector,
        request.prefix,
        stub,
        0,
        hit,
        None,
        _FIRST_PHASE,
        response,
        0,
        0,
        None,
        request.trailers,  # names would cost 0.05 us each
        arrival.conflict,
        request.scheme,
        space.events,
    )


def _claim_cells(
    space: Namespace, arrival: Arrival, entry: Exchange, alternative: Alternative
) -> Grant | None:
    """Claim a stub with ``times``, a sequence or writes; ``None`` if its cells forbid it."""
    stub = alternative.stub
    cell = space.cells.get(stub.name) or _new_cell(space, stub)
    if cell.is_spent:
        return None
    key = alternative.key
    position = cell.cursors.get(key, 0)
    step = step_at(stub, position)
    if step is None and stub.after_last is AfterLast.PASS:
        return None
    gate = _gate(stub, step) if stub.gates else None
    is_new_key = stub.per is not None and key not in cell.cursors
    if (limit := _limit_met(space, gate, is_new_key=is_new_key)) is not None:
        return _refused(space, entry, _UNMATCHED, LIMIT_REACHED, limit)
    space.key_count += is_new_key
    cell.hits += 1
    if stub.is_sequence:
        cell.cursors[key] = position + 1
    if cell.is_spent:
        space.retire(stub)
    entry.stub, entry.hit, entry.key = stub.name, cell.hits, key
    if step is None:
        return _refused(space, entry, _RECEIVED, SEQUENCE_EXHAUSTED)
    entry.step = step + 1 if stub.is_sequence else 0
    try:
        writes, steps = _write(space, alternative, step, entry, arrival)
    except RenderingFailed as failure:
        return _failed(space, entry, failure)
    entry.response = stub.steps[step].response
    waiting = 0 if gate is None else space.gates.enter(gate, entry)
    _enter(space, entry, _RECEIVED)
    if waiting:
        space.publish(EventKind.GATE_WAITING, entry.number, {"gate": gate, "waiting": waiting})
    _tell_writes(space, writes, entry.number)
    if step_at(stub, position + 1) is None:
        space.publish(EventKind.SEQUENCE_EXHAUSTED, entry.number, {"stub": stub.name})
    return Grant(entry, entry.response, steps=steps)


def _limit_met(space: Namespace, gate: str | None, *, is_new_key: bool) -> str | None:
    """Return the limit of the namespace that forbids a claim."""
    limits = space.settings.limits
    if gate is not None and space.gates.count >= limits.held and space.gates.is_shut(gate):
        return TOO_MANY_HELD
    if is_new_key and space.key_count >= limits.sequence_keys:
        return LIMIT_REACHED
    return None


def _tell_writes(space: Namespace, writes: tuple[ResolvedWrite, ...], number: int) -> None:
    if writes:
        keys = list(dict.fromkeys(key for key, _, _ in writes))
        space.publish(EventKind.STATE_CHANGED, number, {"change": "request", **named("keys", keys)})


def _gate(stub: Stub, step: int | None) -> str | None:
    """Return the gate at which a step's answer waits."""
    delivery = None if step is None else stub.steps[step].response.delivery
    return None if delivery is None else delivery.hold


def _refused(
    space: Namespace, entry: Exchange, kind: EventKind, code: str, reason: str | None = None
) -> Grant:
    """Record a request that gets no stub's answer."""
    entry.error = code
    _enter(space, entry, kind)
    return Grant(entry, None, reason or code)


def _failed(space: Namespace, entry: Exchange, failure: RenderingFailed) -> Grant:
    """Record a request whose writes could not be made: its turn is taken, nothing is written."""
    code = TEMPLATE_LIMIT if failure.is_limit else TEMPLATE_ERROR
    refused = _refused(space, entry, _RECEIVED, code)
    return msgspec.structs.replace(
        refused, detail=f"set{failure}", steps=MAX_STEPS if failure.is_limit else 0
    )


def _enter(space: Namespace, entry: Exchange, kind: EventKind) -> None:
    """Append to the journal, within the namespace's limits, and publish."""
    journal = space.journal
    journal.append(entry)
    limits = space.settings.limits
    if journal.kept > limits.requests or journal.bytes > limits.bytes:
        journal.evict(limits.requests, limits.bytes)
    if journal.ledger.room < 0:
        journal.ledger.make_room(journal)
    events = space.events
    if kind is _UNMATCHED:
        entry.seq = events.publish(kind, entry.number, {"phase": entry.phase.value})
    elif events.sinks:
        entry.seq = events.tell(kind, entry.number, entry.at)
    else:  # two calls less, 0.2 us
        events.seq = entry.seq = events.seq + 1
        events.written.append(entry.number)
        if entry.seq >= events.next_mark:
            events.mark(entry.number)


def _write(
    space: Namespace, alternative: Alternative, step: int, entry: Exchange, arrival: Arrival
) -> tuple[tuple[ResolvedWrite, ...], int]:
    """Write the state; returns what was written, and the steps of its templates.

    Raises ``RenderingFailed``, and has written nothing then.
    """
    writes = alternative.writes
    if alternative.step_writes is not None:
        writes = (*writes, *alternative.step_writes.get(step, ()))
    if not writes:
        return (), 0
    writes, steps = rendered(writes, partial(occasion, space, entry, arrival.request))
    state = space.state
    was = tuple((key, state.get(key, ABSENT)) for key, _, _ in writes)
    space.history.add(entry.number, ValuesWere(was))
    apply_writes(state, writes)
    space.state_version += 1
    return writes, steps


def tell_end(entry: Exchange, phase: Phase) -> None:
    """Tell of an answer that has left, or never will."""
    events = entry.events
    assert events is not None, "it was claimed"
    if phase is _ANSWERED:
        events.tell(EventKind.REQUEST_ANSWERED, entry.number, entry.at + entry.took_ns)
    elif phase in _LOST:
        events.publish(EventKind.REQUEST_ABORTED, entry.number, {"phase": phase.value})


def refuse(space: Namespace, arrival: Arrival, phase: Phase, code: str) -> Exchange:
    """Record a request that meets no stub; see ``Store.refuse``."""
    entry = record(space, arrival)
    entry.phase = phase
    entry.error = code
    _enter(space, entry, _UNMATCHED)
    return entry


def stand_in(space: Namespace, arrival: Arrival, behaviour: str, response: Response) -> Grant:
    """Record a request that the namespace's behaviour answers; no stub's turn is taken."""
    entry = record(space, arrival, response=response)
    entry.behaviour = behaviour
    _enter(space, entry, _RECEIVED)
    return Grant(entry, response)


def leave(space: Namespace, arrival: Arrival) -> Exchange:
    """Record a request that has come and will meet no stub, since ``space`` ends."""
    entry = record(space, arrival)
    _enter(space, entry, _RECEIVED)
    return entry
