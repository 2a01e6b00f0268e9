"""Ten thousand answers that wait for their time, and what another namespace notices of them."""

from __future__ import annotations

import resource
import time
from collections.abc import Iterator
from shutil import which
from statistics import median
from typing import Any, Final

from bench.figures import Figure, Plan
from bench.load import Beside, Wrk, probe, scripts
from bench.servers import Running, product
from bench.throughput import FREED_S, Rate
from bench.wire import Line, request
from bench.worlds import ROOMY, exact_paths, stub

CROWD: Final = 10_000
LEAST: Final = 0.80  # of the rate when nothing waits
LIMIT_MS: Final = 20.0
LATE_S: Final = 1.0
_DELAY_S: Final = 25.0  # for all to be sent, and for the rounds of load
_MORE: Final = 500  # connections and files that are not the crowd's
_ROUNDS: Final = 3


def delayed(plan: Plan) -> Iterator[Figure]:
    if which("wrk") is None:
        return
    count = min(CROWD, resource.getrlimit(resource.RLIMIT_NOFILE)[0] - _MORE)
    with scripts() as folder, product(_world(count)) as server:
        wrk = Wrk(folder, "beside", [request("GET", f"/~beside/orders/{n}") for n in range(1, 100)])
        wrk.per_second(server.port, plan.round_s)  # warms up
        alone = _rates(server, wrk, plan)
        before = server.resident_bytes()
        with Beside("bench.crowd", server.port, "/late", count).await_ready() as crowd:
            began = time.perf_counter()
            grown = server.resident_bytes() - before
            with probe(server.port, "/~beside/probe") as waiting:
                time.sleep(plan.probe_s)
            meanwhile = _rates(server, wrk, plan)
            took = time.perf_counter() - began
            with probe(server.port, "/~beside/probe") as leaving:
                time.sleep(max(0.0, _DELAY_S - took) + LATE_S)
    yield _went_on(count, alone, meanwhile)
    yield _longest(f"longest wait: {count:,} answers wait", waiting.result["max"])
    yield _longest(f"longest wait: {count:,} answers leave", leaving.result["max"])
    yield _punctual(count, crowd.result, grown)


def _world(count: int) -> dict[str, Any]:
    late = stub("/late", response={"json": {"ok": True}, "delay": _DELAY_S})
    return {
        "stubs": [*exact_paths(100), late],
        "namespaces": {"default": {"limits": ROOMY}, "beside": {"limits": ROOMY}},
        "server": {"limits": {"connections": count + _MORE}},
    }


def _rates(server: Running, wrk: Wrk, plan: Plan) -> Rate:
    """Return the middle of a few rounds."""
    found = []
    for _ in range(_ROUNDS):
        before = server.cpu_seconds()
        rate = wrk.per_second(server.port, plan.round_s)
        found.append(Rate(rate, (server.cpu_seconds() - before) / (rate * plan.round_s) * 1e6))
        with Line(server.port) as line:
            line.control("DELETE", "/namespaces/beside/requests")
        time.sleep(FREED_S)
    return Rate(median(each.per_second for each in found), median(each.cpu_us for each in found))


def _went_on(count: int, alone: Rate, meanwhile: Rate) -> Figure:
    ratio = meanwhile.per_second / alone.per_second
    what = f"another namespace while {count:,} answers wait, one on each connection"
    measured = (
        f"{ratio:.2f} ({meanwhile.per_second / 1000:.1f} k/s; {meanwhile.cpu_us:.1f} us of CPU"
        f" each, {alone.cpu_us:.1f} alone)"
    )
    return Figure("delayed", what, f">= {LEAST:.2f} of its rate alone", measured, ratio >= LEAST)


def _longest(what: str, longest_ms: float) -> Figure:
    measured = f"{longest_ms:.1f} ms"
    return Figure("delayed", what, f"< {LIMIT_MS:g} ms", measured, longest_ms < LIMIT_MS)


def _punctual(count: int, told: dict[str, Any], grown: int) -> Figure:
    """Judge that all came, none too early, and tell how late they were and what they weigh."""
    came = int(told["answered"])
    holds = came == count and told["first"] >= _DELAY_S
    late_ms = (told.get("p99", 0.0) - _DELAY_S) * 1e3
    last_ms = (told.get("last", 0.0) - _DELAY_S) * 1e3
    measured = (
        f"{came:,} came; p99 {late_ms:.0f} ms after its time, the last {last_ms:.0f} ms;"
        f" {grown / count / 1000:.1f} kB of memory each"
    )
    return Figure("delayed", f"{count:,} answers of one delay", "each, none early", measured, holds)
