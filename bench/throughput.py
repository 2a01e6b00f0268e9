"""Requests a second, as ratios to the yardstick and to the plain case, in alternating rounds.

In each round every server is loaded once, one after the other; a ratio is taken within a
round, and the middle of the rounds' ratios is told. Beside it stands the processor time that the
server spent on a request, which other programs on the machine disturb less.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from shutil import which
from statistics import median
from typing import Final

from bench.figures import Figure, Plan
from bench.load import Wrk, scripts
from bench.servers import Running, bare, product
from bench.wire import Line
from bench.worlds import (
    ROOMY,
    asking_namespaces,
    asking_pages,
    asking_paths,
    asking_varied,
    exact_paths,
    one_path,
    rendered_paths,
    world,
)

FREED_S: Final = 0.4  # a cleared journal is freed in the background, on a tick of 0.25 s
NAMESPACES: Final = 1_000
FULL_AT: Final = 10_000

CASES: Final = {
    "10,000 stubs, one exact path each": ("paths", "varied"),
    "10,000 stubs on one path, told apart by a query value": ("pages", "varied"),
    "1,000 namespaces, by header": ("namespaces", "varied"),
    "full journal, every request evicts": ("full", "plain"),
}
"""What is measured, against 100 stubs with as many different requests: 10,000, or 100."""


def throughput(plan: Plan) -> Iterator[Figure]:
    if which("wrk") is None:
        return
    with ExitStack() as stack:
        cases = _cases(stack, stack.enter_context(scripts()))
        rounds = [_round(cases, plan.round_s) for _ in range(1 + plan.rounds)][1:]  # one warms up
    yield _against(rounds, "plain", "bare", 0.50, "matched requests, 100 stubs, journal on")
    yield _against(rounds, "varied", "bare", None, "the same, 10,000 different requests")
    yield _against(rounds, "fresh", "bare", None, "the same, no head ever comes again")
    yield _against(rounds, "rendered", "plain", None, "100 stubs whose answers are templates")
    for what, (case, other) in CASES.items():
        yield _against(rounds, case, other, 0.90, what)


def _cases(stack: ExitStack, folder: Path) -> dict[str, tuple[Running, Wrk]]:
    plain, many = asking_paths(100), asking_paths(10_000)
    made = {
        "bare": (bare(), plain),
        "plain": (product(world(exact_paths(100))), plain),
        "rendered": (product(world(rendered_paths(100))), plain),
        "varied": (product(world(exact_paths(100))), asking_varied(10_000)),
        "fresh": (product(world(exact_paths(100))), asking_varied(100_000)),
        "paths": (product(world(exact_paths(10_000))), many),
        "pages": (product(world(one_path(10_000))), asking_pages(10_000)),
        "namespaces": (product(world(exact_paths(100))), asking_namespaces(NAMESPACES, 10_000)),
        "full": (product(world(exact_paths(100), requests=FULL_AT)), plain),
    }
    cases = {
        name: (stack.enter_context(server), Wrk(folder, name, requests))
        for name, (server, requests) in made.items()
    }
    with Line(cases["namespaces"][0].port) as line:
        for n in range(NAMESPACES):
            line.control("POST", "/namespaces", {"name": f"ns-{n}", "limits": ROOMY})
    return cases


@dataclass(frozen=True, slots=True)
class Rate:
    """Requests a second, and microseconds of processor time for each."""

    per_second: float
    cpu_us: float


def _round(cases: dict[str, tuple[Running, Wrk]], seconds: int) -> dict[str, Rate]:
    rates = {}
    for name, (server, wrk) in cases.items():
        before = server.cpu_seconds()
        per_second = wrk.per_second(server.port, seconds)
        used = server.cpu_seconds() - before
        rates[name] = Rate(per_second, used / (per_second * seconds) * 1e6)
        if name not in ("bare", "full"):
            _forget(server, name)
    return rates


def _forget(server: Running, name: str) -> None:
    with Line(server.port) as line:
        names = [f"ns-{n}" for n in range(NAMESPACES)] if name == "namespaces" else ["default"]
        for each in names:
            line.control("DELETE", f"/namespaces/{each}/requests")
    time.sleep(FREED_S)


def _against(
    rounds: list[dict[str, Rate]], case: str, other: str, least: float | None, what: str
) -> Figure:
    ratio = median(each[case].per_second / each[other].per_second for each in rounds)
    rate = median(each[case].per_second for each in rounds)
    cpu_us = median(each[case].cpu_us for each in rounds)
    cpu_other = median(each[other].cpu_us for each in rounds)
    beside = "bare" if other == "bare" else "the 100-stub figure"
    measured = (
        f"{ratio:.2f} ({rate / 1000:.1f} k/s; {cpu_us:.1f} us of CPU each, {cpu_other:.1f} there)"
    )
    if least is None:
        return Figure("throughput", what, f"told, of {beside}", measured, True)
    return Figure("throughput", what, f">= {least:.2f} of {beside}", measured, ratio >= least)
