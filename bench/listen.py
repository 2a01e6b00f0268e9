"""Readers of events in a process of their own: they take what comes and count it.

``python -m bench.listen PORT PATH...`` opens a WebSocket for each path, runs until its standard
input ends, then prints as JSON how many arrivals and answers were told, and what was missed.
"""

from __future__ import annotations

import gc
import json
import re
import selectors
import sys

from bench.wire import open_events

TOLD = (b'"event":"request.received"', b'"event":"request.answered"')
LAGGED = re.compile(rb'"event":"lagged".{1,300}?"count":(\d+)')


def main(port: int, paths: list[str]) -> None:
    gc.disable()
    selector = selectors.DefaultSelector()
    for path in paths:
        listening = open_events(port, path)
        listening.setblocking(False)
        selector.register(listening, selectors.EVENT_READ)
    selector.register(sys.stdin, selectors.EVENT_READ)
    print("ready", flush=True)
    told = missed = 0
    while True:
        ready = [key.fileobj for key, _ in selector.select()]
        if sys.stdin in ready:
            break
        for each in ready:
            data = each.recv(1 << 20)  # type: ignore[union-attr]
            if not data:
                raise OSError("the server closed a feed of events")
            told += sum(map(data.count, TOLD))
            missed += sum(int(count) for count in LAGGED.findall(data))
    print(json.dumps({"told": told, "missed": missed}))


if __name__ == "__main__":
    main(int(sys.argv[1]), sys.argv[2:])
