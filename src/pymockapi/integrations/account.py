"""What a failed test shows of its mocks: what came, what was answered, what differed, the seed.

Asks the server, and writes lines of text; a server that is gone is told, never raised.
"""

from __future__ import annotations

from typing import Final

from pymockapi.client.errors import MockServerError
from pymockapi.client.recorded import RecordedRequest, tell_lost
from pymockapi.integrations.world import World

SHOWN: Final = 20  # requests: a screenful
EXPLAINED: Final = 5  # of these the server is asked about; a failure may take a few calls


def account(world: World, *, repeat: str) -> str:
    """Return the text; ``repeat`` tells how to use the seed again, as ``--seed={seed}``."""
    namespace = world.namespace
    again = repeat.format(seed=namespace.seed)
    lines = [f"Namespace '{namespace.name}' at {namespace.url}",
             f"Seed {namespace.seed}; to repeat with it: {again}"]  # fmt: skip
    try:
        return "\n".join([*lines, *_received(world)])
    except MockServerError as error:
        return "\n".join([*lines, f"What it received cannot be told: {error}"])


def _received(world: World) -> list[str]:
    namespace = world.namespace
    last = namespace.cursor()
    start = max(world.after, last - SHOWN)
    found = namespace.requests(after=start)
    if not found:
        return ["It has received nothing.", *_lost(world)]
    omitted = start - world.after
    lines = [f"It has received {last - world.after} requests; the last {len(found)}:" if omitted
             else "It has received:"]  # fmt: skip
    unmatched = [each.number for each in found if each.error is not None][-EXPLAINED:]
    for request in found:
        lines.append(f"  {request}")
        if request.number in unmatched:
            lines += [f"       {line}" for line in _nearest(world, request)]
    return lines


def _nearest(world: World, request: RecordedRequest) -> list[str]:
    if request.stub is not None:  # it answered, by an error of its own
        detail = _detail(request)
        return [] if detail is None else [detail]
    candidates = world.namespace.explain(request.number).candidates
    if not candidates:
        return ["there is no stub"]
    near = candidates[0]
    if near.fits:
        return [f"stub '{near.stub}' fits, but {near.reason}" if near.reason else str(near)]
    return [f"nearest is stub '{near.stub}':", *(f"  {each}" for each in near.differences)]


def _detail(request: RecordedRequest) -> str | None:
    """Return what the mock itself said, if its answer is kept."""
    try:
        problem = request.response.json if request.response else None
    except ValueError:
        return None
    return str(problem["detail"]) if isinstance(problem, dict) and "detail" in problem else None


def _lost(world: World) -> list[str]:
    created_at: str = world.namespace.describe()["created_at"]
    return tell_lost(world.server.orphans(), created_at)
