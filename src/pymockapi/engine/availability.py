"""What keeps a stub from answering a request that fits it, in sentences.

Reads counters, so it is for explanations; in traffic the claim decides.
"""

from __future__ import annotations

from typing import Final

import msgspec

from pymockapi.engine.rank import cursor_key
from pymockapi.engine.sequences import has_passed
from pymockapi.model.plan import View
from pymockapi.model.request import printable
from pymockapi.model.stub import Context, Json, Matcher, Stub

_SHOWN: Final = 200  # characters of a state value; enough to recognise it
_encode: Final = msgspec.json.Encoder().encode


def used_up(stub: Stub, key: str | None, view: View) -> str | None:
    """Return why the counters of ``stub`` forbid it to answer; ``None`` when they allow it."""
    cell = view.cell(stub.name)
    if stub.times is not None and cell is not None and cell.hits >= stub.times:
        return "served its 1 time" if stub.times == 1 else f"served its {stub.times} times"
    if not stub.is_sequence or not has_passed(stub, cell.position(key) if cell else 0):
        return None
    whose = f" for '{printable(key[:_SHOWN])}'" if key is not None else ""
    steps = "1 step" if len(stub.steps) == 1 else f"{len(stub.steps)} steps"
    return f"its sequence of {steps} is past its end{whose}"


def obstacles(stub: Stub, view: View, context: Context) -> list[str]:
    """Return everything that keeps ``stub``, which fits, from answering; empty when nothing does.

    Raises ``ExpressionLimit`` when a condition or the value of ``per`` goes past its budget.
    """
    if stub.when:
        context.captures = stub.pattern.captures(context.request)
    found = [
        _unmet(key, matcher, view)
        for key, matcher in stub.when
        if not matcher.holds([view.state[key]] if key in view.state else [], context)
    ]
    key = None
    if stub.per is not None:
        key = cursor_key(stub, context.request, stub.pattern.captures(context.request))
    spent = used_up(stub, key, view)
    return [*found, spent] if spent else found


def _unmet(key: str, matcher: Matcher, view: View) -> str:
    expected = f"expected {matcher.describe()}"
    if key not in view.state:
        return f"state '{key}' is not set, {expected}"
    return f"state '{key}' is {_shown(view.state[key])}, {expected}"


def _shown(value: Json) -> str:
    try:
        text = _encode(printable(value) if isinstance(value, str) else value).decode()
    except RecursionError:
        return "a deeply nested value"
    return text if len(text) <= _SHOWN else text[: _SHOWN - 1] + "…"
