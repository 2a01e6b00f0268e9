"""A load of its own process: so many requests a second, whether or not answers have come.

``python -m bench.pace PORT TARGET RATE [WORLDS]`` runs until its standard input ends, then prints
how many answers came and in how many seconds, as JSON. ``{}`` in the target is a number below
``WORLDS``, each in turn. wrk cannot pace.
"""

from __future__ import annotations

import gc
import json
import select
import sys
import time
from contextlib import suppress

from bench.wire import Burst, request

CONNECTIONS = 5
MOST_AT_ONCE = 50  # after a stall, what is owed is caught up with in pieces


def main(port: int, target: str, rate: float, worlds: int = 1) -> None:
    gc.disable()
    requests = [request("GET", target.replace("{}", str(number))) for number in range(worlds)]
    bursts = [Burst(port) for _ in range(CONNECTIONS)]
    for burst in bursts:
        burst.socket.setblocking(False)
    began = time.perf_counter()
    sent = 0
    while not select.select([sys.stdin], [], [], 0)[0]:
        owed = int((time.perf_counter() - began) * rate) - sent
        for _ in range(min(owed, MOST_AT_ONCE)):
            bursts[sent % CONNECTIONS].socket.send(requests[sent % worlds])
            sent += 1
        for burst in bursts:
            with suppress(BlockingIOError):
                burst.take(burst.socket.recv(1 << 20))
        time.sleep(0.001)
    took = time.perf_counter() - began
    print(json.dumps({"answered": sum(burst.answered for burst in bursts), "seconds": took}))


if __name__ == "__main__":
    main(int(sys.argv[1]), sys.argv[2], float(sys.argv[3]), *map(int, sys.argv[4:]))
