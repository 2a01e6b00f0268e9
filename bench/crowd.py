"""Many connections of a process of its own, each with one request on the way.

``python -m bench.crowd PORT TARGET COUNT`` sends them all, says ``ready``, reads every answer, then
waits for the end of its standard input and prints, as JSON, how many were answered by 200, how
late the 99th percentile was and how long the first and the last were on the way, in seconds.
"""

from __future__ import annotations

import gc
import json
import os
import select
import selectors
import socket
import sys
import time

from bench.figures import percentile
from bench.wire import request

_PATIENCE_S = 60.0


def main(port: int, target: str, count: int) -> None:
    gc.disable()
    data = request("GET", target)
    sent: dict[int, float] = {}
    with selectors.DefaultSelector() as selector:
        for _ in range(count):
            opened = socket.create_connection(("127.0.0.1", port), timeout=_PATIENCE_S)
            sent[opened.fileno()] = time.perf_counter()
            opened.sendall(data)
            selector.register(opened, selectors.EVENT_READ, opened)
        print("ready", flush=True)
        os.nice(10)  # reading the answers must not make a probe on this core late
        waits = _waits(selector, sent)
    select.select([sys.stdin], [], [], _PATIENCE_S)
    told: dict[str, float] = {"answered": len(waits)}
    if waits:
        told |= {"first": min(waits), "p99": percentile(waits, 0.99), "last": max(waits)}
    print(json.dumps(told))


def _waits(selector: selectors.BaseSelector, sent: dict[int, float]) -> list[float]:
    """Return how long each answer took that was a 200, when none is missing any more."""
    waits = []
    missing = len(sent)
    while missing and (ready := selector.select(timeout=_PATIENCE_S)):
        now = time.perf_counter()
        for key, _ in ready:
            if key.data.recv(65_536).startswith(b"HTTP/1.1 200 "):
                waits.append(now - sent[key.fd])
            missing -= 1
            selector.unregister(key.fileobj)
    return waits


if __name__ == "__main__":
    main(int(sys.argv[1]), sys.argv[2], int(sys.argv[3]))
