"""A light client of its own process: one request each millisecond, on one connection.

``python -m bench.probe PORT TARGET`` runs until its standard input ends, then prints count,
maximum and percentiles of its waits as JSON. What it waits for is the longest turn of the
server's loop, plus the way there and back; nothing is subtracted.
"""

from __future__ import annotations

import gc
import json
import select
import sys
import time

from bench.figures import MS, percentile
from bench.wire import Line, request


def main(port: int, target: str) -> None:
    gc.disable()
    data = request("GET", target)
    waits: list[float] = []
    with Line(port) as line:
        for _ in range(20):
            line.ask(data)
        print("ready", flush=True)
        while not select.select([sys.stdin], [], [], 0)[0]:
            began = time.perf_counter()
            line.ask(data)
            took = time.perf_counter() - began
            waits.append(took)
            time.sleep(max(0.0, 0.001 - took))
    result = {"max": max(waits), "p999": percentile(waits, 0.999)}
    result |= {"p99": percentile(waits, 0.99), "p50": percentile(waits, 0.5)}
    print(json.dumps({name: value / MS for name, value in result.items()} | {"count": len(waits)}))


if __name__ == "__main__":
    main(int(sys.argv[1]), sys.argv[2])
