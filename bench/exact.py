"""What must be exact: every step served once. And what 100,000 recorded requests weigh."""

from __future__ import annotations

import selectors
import time
from collections import Counter
from collections.abc import Iterator

from bench.figures import Figure, Plan
from bench.servers import product
from bench.wire import Burst, Line, fill, request
from bench.worlds import exact_paths, nine_headers, world

CLIENTS = 64
STEPS = 10_000
RECORDED = 100_000
MEGABYTE = 1_000_000


def sequence(_: Plan) -> Iterator[Figure]:
    """Let all clients ask at once, each again as soon as it is answered, until all is served."""
    steps = [{"text": f"<{n}>"} for n in range(STEPS)]
    definition = {
        "name": "steps", "request": {"path": "/steps"}, "responses": steps, "after_last": "fail",
    }  # fmt: skip
    with product(world([definition])) as server:
        served = _served(server.port)
    missing = sum(f"<{n}>" not in served for n in range(STEPS))
    twice = sum(number > 1 for number in served.values())
    holds = not missing and not twice and sum(served.values()) == STEPS
    measured = "each once" if holds else f"{missing} not served, {twice} more than once"
    yield Figure("sequence", f"{CLIENTS} clients on one sequence of {STEPS:,} steps",
                 "each step exactly once", measured, holds)  # fmt: skip


def _served(port: int) -> Counter[str]:
    bursts = [Burst(port) for _ in range(CLIENTS)]
    data = request("GET", "/steps")
    served: Counter[str] = Counter()
    left = STEPS - CLIENTS
    with selectors.DefaultSelector() as selector:
        for burst in bursts:
            selector.register(burst.socket, selectors.EVENT_READ, burst)
            burst.socket.sendall(data)
        while sum(served.values()) < STEPS:
            for key, _ in selector.select(timeout=10):
                answer = key.data.socket.recv(65536)
                served[answer.rpartition(b"\r\n\r\n")[2].decode()] += 1
                if left:
                    left -= 1
                    key.data.socket.sendall(data)
    for burst in bursts:
        burst.close()
    return served


def memory(_: Plan) -> Iterator[Figure]:
    """Weigh the server's process before and after."""
    with product(world(exact_paths(100))) as server, Line(server.port) as line:
        fill(server.port, nine_headers(), 1_000)
        line.control("DELETE", "/namespaces/default/requests")
        time.sleep(0.5)
        before = server.resident_bytes()
        fill(server.port, nine_headers(), RECORDED)
        grown = server.resident_bytes() - before
        recorded = line.control("GET", "/namespaces/default")["counts"]["recorded"]
    holds = recorded == RECORDED and grown < 120 * MEGABYTE
    yield Figure("memory", f"memory for {recorded:,} recorded requests of nine headers",
                 "< 120 MB", f"{grown / MEGABYTE:.0f} MB", holds)  # fmt: skip
