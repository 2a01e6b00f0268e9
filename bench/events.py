"""Events: a hundred readers under load, readers that read nothing, and a thousand watches."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from typing import Any, Final

from bench.control import LOADED_RATE, NS
from bench.figures import MS, Figure, Plan, at_most, percentile, seconds_since
from bench.load import Beside, paced, probe
from bench.servers import Running, product
from bench.wire import Feed, Line, request
from bench.worlds import exact_paths, world

READERS: Final = 100
WATCHES: Final = 1_000
TOLD_MS: Final = 20.0
IDLE_MB: Final = 64  # what 100 readers that read nothing may cost, their connections with it


def events(plan: Plan) -> Iterator[Figure]:
    yield from _each_its_own(plan)
    yield _all_the_same(plan)
    yield _reading_nothing(plan)
    yield _watching()


def _spaces() -> dict[str, Any]:
    names = [f"ns-{number}" for number in range(READERS)]
    return {**world(exact_paths(100)), "namespaces": {name: {} for name in (*names, "probing")}}


def _path(name: str) -> str:
    return f"/namespaces/{name}/events"


def listening(port: int, *paths: str) -> Beside:
    return Beside("bench.listen", port, *paths).await_ready()


def _each_its_own(plan: Plan) -> Iterator[Figure]:
    """Time an event of a namespace beside, from sending its request to reading of it."""
    with product(_spaces()) as server:
        paths = [_path(f"ns-{number}") for number in range(READERS)]
        with listening(server.port, *paths) as readers:
            with paced(server.port, "/~ns-{}/orders/1", LOADED_RATE, READERS) as load:
                times = _told(server.port, plan)
            time.sleep(1.0)
        rate = load.result["answered"] / load.result["seconds"]
        told, missed = readers.result["told"], readers.result["missed"]
    what = f"an event reaches its reader; {READERS} namespaces are read, {rate:,.0f} requests/s"
    if rate < 0.95 * LOADED_RATE or missed or told < 2 * load.result["answered"]:
        said = f"{load.result['answered']:,} answered, {told:,} told, {missed:,} missed"
        yield Figure("events", what, f"p99 < {TOLD_MS:g} ms", said, False)
        return
    yield at_most("events", what, times, TOLD_MS * MS)


def _told(port: int, plan: Plan) -> list[float]:
    times = []
    with Line(port) as line, Feed(port, _path("probing")) as feed:
        feed.next_event()
        ends = time.perf_counter() + plan.probe_s
        while time.perf_counter() < ends:
            began = time.perf_counter()
            line.send(request("GET", "/~probing/orders/2"))
            while feed.next_event() != "request.received":
                pass
            times.append(seconds_since(began))
            line.answer()
            time.sleep(0.005)
    return times


def _all_the_same(plan: Plan) -> Figure:
    """Let all read one namespace under load: more than can be told, and nobody else waits."""
    with product(_spaces()) as server:
        with probe(server.port, "/~probing/orders/2") as quiet:
            time.sleep(plan.probe_s)
        with listening(server.port, *[_path("ns-0")] * READERS) as readers:
            with (
                paced(server.port, "/~ns-0/orders/1", LOADED_RATE) as load,
                probe(server.port, "/~probing/orders/2") as probing,
            ):
                time.sleep(plan.probe_s)
            time.sleep(0.5)
        rate = load.result["answered"] / load.result["seconds"]
        told, missed = readers.result["told"], readers.result["missed"]
    worst, tail = probing.result["max"], probing.result["p99"]
    share = told / max(1, told + missed)
    measured = (
        f"longest wait {worst:.1f} ms, p99 {tail:.2f} ms, {quiet.result['max']:.1f} and"
        f" {quiet.result['p99']:.2f} ms when nothing goes on; {rate:,.0f} requests/s,"
        f" {told:,} events told, {share:.0%} of all, the others by lagged"
    )
    return Figure("events", f"{READERS} read one namespace under load, another waits",
                  "< 20 ms", measured, worst < 20)  # fmt: skip


def _reading_nothing(plan: Plan) -> Figure:
    """Let a hundred connect and never read, while a load goes on: what they hold is bounded."""
    with product(_spaces()) as server:
        with paced(server.port, "/~ns-0/orders/1", LOADED_RATE):
            time.sleep(plan.probe_s)
        before = _resident_with_load(server, plan)
        feeds = [Feed(server.port, _path("ns-0")) for _ in range(READERS)]
        after = _resident_with_load(server, plan)
        for feed in feeds:
            feed.close()
    growth = (after - before) / 1e6
    measured = f"{growth:.1f} MB more than the same load without them"
    what = f"{READERS} connect and read nothing under load"
    return Figure("events", what, f"< {IDLE_MB} MB", measured, growth < IDLE_MB)


def _resident_with_load(server: Running, plan: Plan) -> int:
    """Return what the server holds after a load, of which nothing is recorded any more."""
    with paced(server.port, "/~ns-0/orders/1", LOADED_RATE):
        time.sleep(plan.probe_s)
    with Line(server.port) as line:
        line.control("POST", "/namespaces/ns-0/reset", {})
    time.sleep(1.0)
    return server.resident_bytes()


def _watching() -> Figure:
    """Let one reader wait for a thousand watches, and settle one after the other under load."""
    with (
        product(world(exact_paths(100), waiters=WATCHES)) as server,
        Feed(server.port, f"{NS}/events?types=namespace") as feed,
        Line(server.port) as line,
    ):
        for number in range(WATCHES):
            expect = [{"request": {"path": f"/waited/{number}"}}]
            feed.say(json.dumps({"watch": {"id": str(number), "expect": expect}}))
        feed.next_event()
        with paced(server.port, "/orders/1", LOADED_RATE) as load:
            time.sleep(1.0)
            times = [_settled(line, feed, number) for number in range(WATCHES)]
    rate = load.result["answered"] / load.result["seconds"]
    what = f"a watch of 1,000 is answered, {rate:,.0f} requests a second run"
    if rate < 0.95 * LOADED_RATE:
        said = f"the load did not run; median {percentile(times, 0.5) / MS:.2f} ms"
        return Figure("events", what, f"p99 < {TOLD_MS:g} ms", said, False)
    return at_most("events", what, times, TOLD_MS * MS)


def _settled(line: Line, feed: Feed, number: int) -> float:
    """Send what a watch waits for, and return how long its answer took."""
    began = time.perf_counter()
    line.send(request("GET", f"/waited/{number}"))
    event = feed.next_event()
    took = seconds_since(began)
    line.answer()
    if event != "watch.passed":
        raise OSError(f"watch {number} was answered by '{event}'")
    time.sleep(0.002)
    return took
