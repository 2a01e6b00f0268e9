"""Control calls: writes in force, questions to a long journal, resets, namespaces, starting."""

from __future__ import annotations

import json
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from bench.figures import MS, Figure, Plan, at_most, percentile, seconds_since
from bench.load import paced, probe
from bench.servers import product, product_command, start
from bench.wire import CONTROL, Line, fill, request
from bench.worlds import exact_paths, nine_headers, stub, world

LOADED_RATE = 5_000
RECORDED = 100_000
NS = "/namespaces/default"


def control(plan: Plan) -> Iterator[Figure]:
    with product(world(exact_paths(100))) as server:
        idle = _writes(server.port, plan.writes)
        yield at_most("control", "a control write acknowledged and in force, idle", idle, 5 * MS)
        with paced(server.port, "/orders/1", LOADED_RATE) as load:
            time.sleep(0.5)
            busy = _writes(server.port, plan.writes, pause_s=0.005)
    rate = load.result["answered"] / load.result["seconds"]
    yield (
        at_most("control", f"the same while {rate:,.0f} requests a second run", busy, 20 * MS)
        if rate >= 0.95 * LOADED_RATE
        else Figure(
            "control",
            "the same under load",
            "p99 < 20 ms",
            f"only {rate:,.0f} requests/s ran",
            False,
        )
    )


def _writes(port: int, number: int, pause_s: float = 0.0) -> list[float]:
    """Redefine one stub again and again; on another connection each must be in force at once."""
    times = []
    with Line(port) as writer, Line(port) as reader:
        ask = request("GET", "/written")
        for turn in range(number):
            document = stub("/written", response={"text": str(turn)})
            body = json.dumps(document).encode()
            data = request("PUT", f"{CONTROL}{NS}/stubs/written", body)
            began = time.perf_counter()
            status, _ = writer.ask(data)
            found = reader.ask(ask)
            times.append(seconds_since(began))
            if status not in (200, 201) or found != (200, str(turn).encode()):
                raise OSError(f"write {turn} was answered {status} and then {found}")
            time.sleep(pause_s)
    return times


def timed(line: Line, number: int, make: Callable[[int], bytes]) -> list[float]:
    times = []
    for turn in range(number):
        data = make(turn)
        began = time.perf_counter()
        status, answer = line.ask(data)
        times.append(seconds_since(began))
        if status >= 300:
            raise OSError(f"a control call was answered {status}: {answer[:300]!r}")
    return times


def post(path: str, document: Any) -> bytes:
    return request("POST", f"{CONTROL}{path}", json.dumps(document).encode())


def search(plan: Plan) -> Iterator[Figure]:
    with product(world(exact_paths(100))) as server, Line(server.port) as line:
        fill(server.port, nine_headers(), RECORDED)
        patterns: list[dict[str, Any]] = [
            {"stub": "orders-7"}, {"method": "GET"}, {"path": "/orders/7"},
        ]  # fmt: skip
        counted = timed(line, plan.queries, lambda n: post(f"{NS}/requests/count", patterns[n % 3]))
        found = timed(
            line,
            plan.queries,
            lambda n: post(f"{NS}/requests/search", {**patterns[n % 3], "limit": 10}),
        )
    what = "by stub, method or path over 100,000 recorded requests"
    yield at_most("search", f"count {what}", counted, 5 * MS)
    yield at_most("search", f"search {what}, ten told", found, 5 * MS)
    yield from _any_pattern(plan)


def _any_pattern(plan: Plan) -> Iterator[Figure]:
    """Search for what no index tells, while a probe goes on."""
    asked = {"headers": {"x-request-id": {"matches": ".*00ff"}}, "limit": 10}
    with product(world(exact_paths(100))) as server, Line(server.port) as line:
        fill(server.port, nine_headers(), 10_000)
        timed(line, 1, lambda _: post(f"{NS}/requests/search", asked))  # loads the regex engine
        began = time.perf_counter()
        times: list[float] = []
        with probe(server.port) as probing:
            while seconds_since(began) < plan.probe_s:
                times += timed(line, 1, lambda _: post(f"{NS}/requests/search", asked))
    worst = probing.result["max"]
    measured = f"longest wait {worst:.1f} ms; a search takes {percentile(times, 0.5) / MS:.0f} ms"
    yield Figure(
        "search", "any pattern over 10,000, traffic goes on", "< 20 ms", measured, worst < 20
    )


def reset(plan: Plan) -> Iterator[Figure]:
    """Reset a namespace with a long journal, a few times; its requests go on in between."""
    times = []
    with product(world(exact_paths(100))) as server, Line(server.port) as line:
        for _ in range(2 if plan.rounds < 3 else 3):
            fill(server.port, nine_headers(), RECORDED)
            times += timed(line, 1, lambda _: post(f"{NS}/reset", {}))
    worst = max(times) / MS
    yield Figure("reset", "reset of 100,000 recorded requests is answered", "< 5 ms",
                 f"{worst:.2f} ms at worst", worst < 5)  # fmt: skip


def namespaces(plan: Plan) -> Iterator[Figure]:
    """Create and delete, one after the other; the way there and back is measured with it."""
    with product(world(exact_paths(1_000))) as server, Line(server.port) as line:
        created, deleted = [], []
        for turn in range(plan.writes):
            name = f"ns-{turn}"
            created += timed(line, 1, lambda _: post("/namespaces", {"name": name}))  # noqa: B023
            gone = request("DELETE", f"{CONTROL}/namespaces/{name}")
            deleted += timed(line, 1, lambda _: gone)  # noqa: B023
    yield at_most("namespaces", "create a namespace on a base of 1,000 stubs", created, 1 * MS)
    yield at_most("namespaces", "delete it", deleted, 1 * MS)


def starting(plan: Plan) -> Iterator[Figure]:
    """Start the process, again and again, until the first request is answered."""
    times = []
    with tempfile.TemporaryDirectory() as folder:
        config = Path(folder) / "mocks.yaml"
        config.write_text(json.dumps({"version": 1, "stubs": exact_paths(10)}))
        for _ in range(plan.starts + 1):
            began = time.perf_counter()
            server, _ = start(product_command(config))
            with Line(server.port) as line:
                status, _ = line.ask(request("GET", "/orders/1"))
            times.append(seconds_since(began))
            server.stop()
            if status != 200:
                raise OSError(f"the first request was answered {status}")
    times = times[1:]  # the first one reads the files from disk
    worst = max(times) / MS
    yield Figure("start", "process start to first answer", "< 250 ms",
                 f"median {percentile(times, 0.5) / MS:.0f} ms, worst {worst:.0f} ms",
                 percentile(times, 0.5) / MS < 250)  # fmt: skip
