"""Hostile traffic in one namespace, and what another one notices of it."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from statistics import median
from typing import Any, Final

from bench.attack import KINDS, world
from bench.figures import Figure, Plan
from bench.load import Beside, probe
from bench.servers import Running, product
from bench.worlds import ROOMY, exact_paths

MOST: Final = 2.0  # times its quiet figure
_CALM_S: Final = 0.5  # for what was begun to end
_TARGET: Final = "/~quiet/probe"

Waits = dict[str, float]


def hostile(plan: Plan) -> Iterator[Figure]:
    for kind in KINDS:
        yield _beside(plan, f"beside {kind}", [kind], is_judged=False)
    yield _beside(plan, "beside all of them", KINDS, is_judged=True)


def _beside(plan: Plan, what: str, kinds: Sequence[str], *, is_judged: bool) -> Figure:
    document: dict[str, Any] = {
        "stubs": exact_paths(100),
        "namespaces": {"quiet": {"limits": ROOMY}, "loud": {"stubs": world()}},
    }
    calm, loud, answered = [], [], 0
    with product(document) as server:
        for _ in range(plan.rounds):
            calm.append(_waits(server, plan.probe_s))
            with Beside("bench.attack", server.port, *kinds).await_ready() as attack:
                loud.append(_waits(server, plan.probe_s))
            answered += sum(attack.result.values())
            time.sleep(_CALM_S)
        resident = server.resident_bytes() / 1e6
    quiet, noisy = _middle(calm), _middle(loud)
    ratio = noisy["p99"] / quiet["p99"]
    return Figure(
        "hostile",
        f"p99 of a quiet namespace {what}",
        f"<= {MOST:g} x the p99 alone" if is_judged else "told, x the p99 alone",
        f"{ratio:.2f} ({_said(noisy)}; alone {_said(quiet)}; {answered:,} answers there, {resident:.0f} MB)",
        not is_judged or ratio <= MOST,
    )


def _waits(server: Running, seconds: float) -> Waits:
    with probe(server.port, _TARGET) as probing:
        time.sleep(seconds)
    return probing.result


def _middle(rounds: Sequence[Waits]) -> Waits:
    return {name: median(each[name] for each in rounds) for name in rounds[0]}


def _said(waits: Waits) -> str:
    return f"p50 {waits['p50']:.2f} ms, p99 {waits['p99']:.2f}, longest {waits['max']:.1f}"
