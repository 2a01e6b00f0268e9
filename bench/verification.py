"""Verifications: of a long record, at once, and of a thousand that wait while load goes on."""

from __future__ import annotations

import time
from collections.abc import Iterator
from typing import Any, Final

from bench.control import LOADED_RATE, NS, RECORDED, post, timed
from bench.figures import MS, Figure, Plan, at_most, percentile, seconds_since
from bench.load import paced, probe
from bench.servers import product
from bench.wire import Line, fill, request
from bench.worlds import exact_paths, nine_headers, world

WAITS: Final = 1_000
SETTLED_MS: Final = 20.0
VERIFY: Final = f"{NS}/verify"


def verification(plan: Plan) -> Iterator[Figure]:
    with product(world(exact_paths(100))) as server, Line(server.port) as line:
        fill(server.port, nine_headers(), RECORDED)
        yield _counted(line, plan)
        yield _looked_through(server.port, line, plan)
    yield from _waited_for()
    yield _all_ended()


def _counted(line: Line, plan: Plan) -> Figure:
    kinds: list[dict[str, Any]] = [
        {"stub": "orders-7"}, {"request": {"method": "GET"}}, {"request": {"path": "/orders/7"}},
    ]  # fmt: skip
    times = timed(line, plan.queries, lambda n: post(VERIFY, {"expect": [kinds[n % 3]]}))
    what = "verify by stub, method or path over 100,000 recorded requests"
    return at_most("verification", what, times, 5 * MS)


def _looked_through(port: int, line: Line, plan: Plan) -> Figure:
    """Ask every request for a header and the order, while a probe goes on."""
    asked = {"headers": {"x-request-id": {"ends_with": "00ff"}}}
    checks: list[dict[str, Any]] = [
        {"expect": [{"request": asked}]},
        {"expect": [{"request": {"method": "GET"}, "times": {"at_least": 1}}], "order": "strict"},
    ]
    times: list[float] = []
    began = time.perf_counter()
    with probe(port) as probing:
        while seconds_since(began) < plan.probe_s:
            times += timed(line, 2, lambda n: post(VERIFY, checks[n]))
    worst = probing.result["max"]
    measured = (
        f"longest wait {worst:.1f} ms; a look through takes {percentile(times, 0.5) / MS:.0f} ms"
    )
    return Figure("verification", "every one of 100,000 asked, in order, traffic goes on",
                  "< 20 ms", measured, worst < 20)  # fmt: skip


def _all_ended() -> Figure:
    """Let verifications wait, and end all of them at once by a reset, while a probe goes on."""
    with product(world(exact_paths(100), waiters=WAITS)) as server, Line(server.port) as line:
        fill(server.port, nine_headers(), 1_000)
        lines = _waiting(server.port)
        with probe(server.port) as probing:
            time.sleep(0.2)
            line.control("POST", f"{NS}/reset", {})
            for each in lines:
                each.answer()
            time.sleep(0.2)
        for each in lines:
            each.close()
    worst = probing.result["max"]
    return Figure("verification", "1,000 waits end at once, traffic goes on", "< 20 ms",
                  f"longest wait {worst:.1f} ms", worst < 20)  # fmt: skip


def _waiting(port: int) -> list[Line]:
    """Return connections on each of which a verification waits for a path of its own."""
    lines = [Line(port) for _ in range(WAITS)]
    for number, line in enumerate(lines):
        expect = [{"request": {"path": f"/waited/{number}"}}]
        line.send(post(VERIFY, {"expect": expect, "within": "10m"}))
    return lines


def _waited_for() -> Iterator[Figure]:
    """Let verifications wait, each for a path of its own, and settle them one after the other."""
    limits = {"waiters": WAITS}
    with product(world(exact_paths(100), **limits)) as server:
        lines = _waiting(server.port)
        with paced(server.port, "/orders/1", LOADED_RATE) as load, Line(server.port) as asking:
            time.sleep(0.5)
            times = []
            for number, line in enumerate(lines):
                began = time.perf_counter()
                asking.ask(request("GET", f"/waited/{number}"))
                status, answer = line.answer()
                times.append(seconds_since(began))
                if status != 200 or b'"passed":true' not in answer:
                    raise OSError(f"wait {number} was answered {status}: {answer[:300]!r}")
                time.sleep(0.002)
        for line in lines:
            line.close()
    rate = load.result["answered"] / load.result["seconds"]
    what = f"a wait of 1,000 is answered, {rate:,.0f} requests a second run"
    if rate < 0.95 * LOADED_RATE:
        yield Figure("verification", what, "p99 < 20 ms", "the load did not run", False)
        return
    yield at_most("verification", what, times, SETTLED_MS * MS)
