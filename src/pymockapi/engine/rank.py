"""Which stubs accept a request, and in which order they are asked to answer it.

Pure: no counter is read here. Whether a stub is spent or its sequence is past its end is
decided by the claim, which takes the first alternative whose cells allow it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from heapq import merge
from itertools import chain
from typing import Final

import msgspec

from pymockapi.engine.json_values import spend
from pymockapi.engine.state import ResolvedWrite, resolve
from pymockapi.model.aside import Aside
from pymockapi.model.errors import ExpressionLimit
from pymockapi.model.plan import Alternative, Index, Plan, View
from pymockapi.model.request import Request
from pymockapi.model.stub import AfterLast, Context, Json, Stub

Entry = tuple[tuple[int, int], Stub]

_encode: Final = msgspec.json.Encoder(order="deterministic").encode
ASKED: Final = 5  # steps that asking one stub takes at least, 2 to 3 us
MAX_KEY_CHARS: Final = 4_096
_CROWD: Final = 64  # entries from which on merging step by step beats sorting them all
_NO_CAPTURES: Final[Mapping[str, str]] = {}


def rank(view: View, request: Request, aside: Aside | None = None) -> Plan:
    """Return the stubs that accept ``request``, best first, to the first always available.

    Best is the lowest ``priority``; between equals the later layer, then the later defined, so
    that a test overrides a shared stub by adding its own. The order is total. Raises
    ``ExpressionLimit``, naming the stub, when one that had to be asked went past its budget; with
    ``aside``, ``Unfinished`` for what is to be done there first.
    """
    masked, spent = view.masked, view.spent
    context: Context | None = None
    state_version = -1
    is_settled = True
    alternatives: list[Alternative] = []
    for _, stub in candidates(view.layers, request):
        if stub in masked or stub in spent:
            continue
        if stub.plain and stub.pattern.only_indexed:
            alternatives.append(Alternative(stub))
            break
        if context is None:
            context = Context(request, view.now_ns(), aside)
        if stub.when:
            state_version = view.state_version
        context.steps_left -= ASKED
        is_settled = is_settled and stub.plain and stub.pattern.of_head
        try:
            if context.steps_left < 0:
                spend(context)
            if not accepts(stub, request, view.state, context):
                continue
            alternatives.append(alternative(stub, request))
        except ExpressionLimit as limit:
            _note_steps(context)
            raise ExpressionLimit(f"stub '{stub.name}': {limit}") from limit
        if is_always_available(stub):
            break
    if context is not None:
        _note_steps(context)
    return Plan(tuple(alternatives), view.version, state_version, is_settled)


def _note_steps(context: Context) -> None:
    if context.aside is not None:
        context.aside.steps = context.most_steps - max(0, context.steps_left)


def candidates(layers: Sequence[tuple[str, Index]], request: Request) -> Iterable[Entry]:
    """Return the candidates of all layers in rank order; the later layer wins between equals."""
    if len(layers) == 1:
        return layers[0][1].candidates(request)
    filled = [hits for _, index in layers if (hits := index.candidates(request))]
    return filled[0] if len(filled) == 1 else interleaved(filled)


def interleaved(groups: Sequence[Sequence[Entry]]) -> Iterable[Entry]:
    """Merge sorted groups, given from the weakest layer to the strongest, by priority."""
    if sum(map(len, groups)) > _CROWD:
        return merge(*reversed(groups), key=_priority)
    return sorted(chain.from_iterable(reversed(groups)), key=_priority)


def _priority(entry: Entry) -> int:
    return entry[0][0]


def accepts(stub: Stub, request: Request, state: Mapping[str, Json], context: Context) -> bool:
    """Return whether a candidate's request definition and ``when`` hold.

    Raises ``ExpressionLimit``, as do the others that read values of the request.
    """
    if not stub.pattern.only_indexed and not stub.pattern.accepts_rest(request, context):
        return False
    return not stub.when or conditions_hold(stub, state, context)


def conditions_hold(stub: Stub, state: Mapping[str, Json], context: Context) -> bool:
    context.captures = stub.pattern.captures(context.request)
    return all(
        matcher.holds([state[key]] if key in state else [], context) for key, matcher in stub.when
    )


def is_always_available(stub: Stub) -> bool:
    """Return whether every request that the stub accepts is answered by it, if it comes to it."""
    return stub.times is None and not (stub.is_sequence and stub.after_last is AfterLast.PASS)


def alternative(stub: Stub, request: Request) -> Alternative:
    """Return ``stub`` with what its cells need from the request: cursor key and values to write."""
    steps = stub.writing_steps
    if stub.per is None and not stub.writes and not steps:
        return Alternative(stub)
    captures = stub.pattern.captures(request)
    step_writes: dict[int, tuple[ResolvedWrite, ...]] = {
        number: resolve(stub.steps[number].writes, request, captures) for number in steps
    }
    writes = resolve(stub.writes, request, captures)
    return Alternative(stub, cursor_key(stub, request, captures), writes, step_writes or None)


def cursor_key(
    stub: Stub, request: Request, captures: Mapping[str, str] = _NO_CAPTURES
) -> str | None:
    """Return which cursor of ``stub`` serves ``request``; ``None`` without ``per``."""
    if stub.per is None:
        return None
    return key_text(stub.per.values(request, captures))


def key_text(values: Sequence[Json]) -> str | None:
    """Write the value of ``per`` as a key: the first of several, ``None`` when it is missing.

    A text is its own key, other JSON values are their JSON text; 1 and 1.0 are one key. Raises
    ``ExpressionLimit`` for a value that is nested too deep to be written, or very long.
    """
    if not values:
        return None
    value = values[0]
    if isinstance(value, str):
        if len(value) > MAX_KEY_CHARS:
            raise ExpressionLimit(
                f"the value of 'per' has {len(value):,} characters; {MAX_KEY_CHARS:,} may tell a"
                " cursor"
            )
        return value
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    try:
        return key_text([_encode(value).decode()])
    except RecursionError:
        raise ExpressionLimit("the value of 'per' is nested too deep to tell it by") from None
