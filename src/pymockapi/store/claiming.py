"""The claim in memory: one synchronous step, so that nothing can come between match and claim.

The heart of the straight line (``ARCHITECTURE.md``): the first alternative whose cells allow it
is taken, its hit and step are counted, its state written, the request numbered, timed and recorded.
"""

from __future__ import annotations

from pymockapi.engine.sequences import step_at
from pymockapi.engine.state import ResolvedWrite, apply_writes
from pymockapi.model.event import EventKind
from pymockapi.model.exchange import Exchange, Phase
from pymockapi.model.plan import Alternative, Grant, Outdated, Plan
from pymockapi.model.response import Response
from pymockapi.model.stub import AfterLast, Stub
from pymockapi.store.cells import Cell
from pymockapi.store.history import ABSENT, ValuesWere
from pymockapi.store.namespace import Namespace
from pymockapi.store.port import Arrival

LIMIT_REACHED = "limit-reached"
SEQUENCE_EXHAUSTED = "sequence-exhausted"
NO_MATCH = "no-match"


def claim(space: Namespace, plan: Plan, arrival: Arrival) -> Grant | Outdated:
    """Claim for ``arrival``; see ``Store.claim``."""
    if plan.version != space.version or plan.state_version not in (-1, space.state_version):
        return Outdated(space.version, space.state_version)
    entry = record(space, arrival)
    for alternative in plan.alternatives:
        stub = alternative.stub
        cell = space.cells.get(stub.name)
        if cell is None:
            cell = space.cells[stub.name] = Cell(stub)
        if stub.plain:
            cell.hits += 1
            return _grant(space, entry, stub, cell, stub.steps[0].response, 0)
        granted = _claim_cells(space, entry, alternative, cell)
        if granted is not None:
            return granted
    entry.error = NO_MATCH
    return _recorded(space, entry, EventKind.REQUEST_UNMATCHED, Grant(entry, None, NO_MATCH))


def record(space: Namespace, arrival: Arrival) -> Exchange:
    """Give the next number to a request; the entry is appended once its outcome is known."""
    request, selector, conflict = arrival
    real_ns = space.real_ns()
    return Exchange(
        space.journal.last + 1,
        0,
        real_ns,
        real_ns if space.clock.is_real else space.clock.now_ns(real_ns),
        request.client,
        request.method,
        request.path,
        request.head,
        request.body,
        selector,
        request.prefix,
        trailers=request.trailers,
        conflict=conflict,
    )


def _claim_cells(
    space: Namespace, entry: Exchange, alternative: Alternative, cell: Cell
) -> Grant | None:
    """Claim a stub with ``times``, a sequence or writes; ``None`` if its cells forbid it."""
    stub = alternative.stub
    if cell.is_spent:
        return None
    key = alternative.key
    position = cell.cursors.get(key, 0)
    step = step_at(stub, position)
    if step is None and stub.after_last is AfterLast.PASS:
        return None
    if stub.per is not None and key not in cell.cursors:
        if space.key_count >= space.settings.limits.sequence_keys:
            entry.error = LIMIT_REACHED
            return _recorded(
                space, entry, EventKind.REQUEST_UNMATCHED, Grant(entry, None, LIMIT_REACHED)
            )
        space.key_count += 1
    cell.hits += 1
    if stub.is_sequence:
        cell.cursors[key] = position + 1
    if cell.is_spent:
        space.retire(stub)
    entry.key = key
    if step is None:
        return _exhausted(space, entry, stub, cell)
    _write(space, alternative.writes, entry.number)
    if alternative.step_writes is not None:
        _write(space, alternative.step_writes.get(step, ()), entry.number)
    if step_at(stub, position + 1) is None:
        space.publish(EventKind.SEQUENCE_EXHAUSTED, entry.number)
    return _grant(
        space, entry, stub, cell, stub.steps[step].response, step + 1 if stub.is_sequence else 0
    )


def _grant(
    space: Namespace, entry: Exchange, stub: Stub, cell: Cell, response: Response, step: int
) -> Grant:
    entry.stub = stub.name
    entry.hit = cell.hits
    entry.step = step
    entry.response = response
    return _recorded(space, entry, EventKind.REQUEST_RECEIVED, Grant(entry, response))


def _exhausted(space: Namespace, entry: Exchange, stub: Stub, cell: Cell) -> Grant:
    entry.stub = stub.name
    entry.hit = cell.hits
    entry.error = SEQUENCE_EXHAUSTED
    return _recorded(
        space, entry, EventKind.REQUEST_RECEIVED, Grant(entry, None, SEQUENCE_EXHAUSTED)
    )


def _recorded(space: Namespace, entry: Exchange, kind: EventKind, grant: Grant) -> Grant:
    append(space, entry)
    if space.sinks:
        entry.seq = space.publish(kind, entry.number)
    else:  # a call less, 0.1 us
        space.seq = entry.seq = space.seq + 1
    return grant


def append(space: Namespace, entry: Exchange) -> None:
    """Append to the journal within the namespace's limits."""
    journal = space.journal
    journal.append(entry)
    limits = space.settings.limits
    if journal.kept > limits.requests or journal.bytes > limits.bytes:
        journal.evict(limits.requests, limits.bytes)
        space.history.forget(journal.first)


def _write(space: Namespace, writes: tuple[ResolvedWrite, ...], number: int) -> None:
    if not writes:
        return
    state = space.state
    was = tuple((key, state.get(key, ABSENT)) for key, _, _ in writes)
    space.history.add(number, ValuesWere(was))
    apply_writes(state, writes)
    space.state_version += 1
    space.publish(EventKind.STATE_CHANGED, number)


def refuse(space: Namespace, arrival: Arrival, phase: Phase, code: str) -> Exchange:
    """Record a request that meets no stub; see ``Store.refuse``."""
    entry = record(space, arrival)
    entry.phase = phase
    entry.error = code
    append(space, entry)
    entry.seq = space.publish(EventKind.REQUEST_UNMATCHED, entry.number)
    return entry
