"""What a server tells of itself in numbers, gathered when asked: no request pays for it.

Counters never go down: what namespaces counted is kept when they are gone.
"""

from __future__ import annotations

import os
import platform
import time
from collections.abc import Iterator
from contextlib import suppress
from typing import Final

from pymockapi import __version__
from pymockapi.server.application import MockApplication
from pymockapi.server.control import Control
from pymockapi.server.edge import Edge
from pymockapi.server.exposition import (
    Family,
    Histogram,
    counter,
    gauge,
    labelled,
    lines_of,
)
from pymockapi.service.feeds import Feeds
from pymockapi.store.memory import MemoryStore

LAG_BOUNDS_S: Final = (0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.5)
_LAG: Final = "pymockapi_loop_lag_seconds"


class Metrics:
    """``lag`` is how late the event loop woke up, sampled by whoever keeps house."""

    def __init__(
        self, store: MemoryStore, application: MockApplication, control: Control, feeds: Feeds
    ) -> None:
        self._store = store
        self._feeds = feeds
        self._application = application
        self._control = control
        self._started = time.time()
        self.lag = Histogram(LAG_BOUNDS_S)

    def text(self, edge: Edge | None) -> str:
        families = [*self._traffic(), *self._journals(), *self._control_calls()]
        if edge is not None:
            families += _sockets(edge)
        lag = self.lag.lines(_LAG, "How late the event loop woke up, sampled four times a second.")
        families += [
            gauge(
                "pymockapi_loop_lag_max_seconds", "The latest that it ever woke.", self.lag.maximum
            ),
            *self._process(),
        ]
        return "\n".join([*lag, *lines_of(families), ""])

    def _traffic(self) -> Iterator[Family]:
        store = self._store
        outcomes = self._application.outcomes
        spaces = store.spaces()
        recorded = store.requests_ended + sum(space.journal.last for space in spaces)
        others = sum(outcomes.values()) - outcomes["orphan"] - outcomes["preflight"]
        yield labelled(
            "pymockapi_requests_total",
            "counter",
            "Requests to mocks by what became of them.",
            "outcome",
            {"matched": recorded - others, **outcomes},
        )
        finished = store.lives.finished()
        yield labelled(
            "pymockapi_namespaces", "gauge", "Namespaces that are there.", "state",
            {"live": len(spaces), "finished": len(finished)},
        )  # fmt: skip
        yield counter(
            "pymockapi_namespaces_created_total", "Namespaces ever created.", store.created
        )

    def _journals(self) -> Iterator[Family]:
        store = self._store
        kept = [space.journal.kept for space in store.spaces()]
        kept += [each.space.journal.kept for each in store.lives.finished() if each.space]
        yield gauge("pymockapi_journal_entries", "Recorded requests that are kept.", sum(kept))
        yield gauge("pymockapi_journal_bytes", "Bytes that they take.", store.ledger.held)
        yield gauge("pymockapi_journal_limit_bytes", "Bytes that they may take, server.limits.journal_bytes.",
                    store.ledger.limit)  # fmt: skip
        yield counter("pymockapi_journal_evicted_total", "Recorded requests dropped by limits.",
                      store.ledger.evicted)  # fmt: skip

    def _control_calls(self) -> Iterator[Family]:
        samples = tuple(
            ({"call": name, "status": str(status)}, float(count))
            for (name, status), count in sorted(self._control.counts.items())
        )
        yield Family("pymockapi_control_calls_total", "counter", "Control calls answered.", samples)
        yield gauge("pymockapi_subscribers", "Readers of events.", self._feeds.count)

    def _process(self) -> Iterator[Family]:
        build = {"version": __version__, "python": platform.python_version()}
        yield Family("pymockapi_build_info", "gauge", "What runs.", ((build, 1.0),))
        yield gauge("process_start_time_seconds", "Start, in seconds since 1970.", self._started)
        yield counter("process_cpu_seconds_total", "Processor time used.", time.process_time())
        with suppress(OSError):  # Linux alone has it
            with open("/proc/self/statm", "rb") as file:
                pages = int(file.read().split()[1])
            size = pages * os.sysconf("SC_PAGE_SIZE")
            yield gauge("process_resident_memory_bytes", "Memory in use.", size)
        with suppress(OSError):
            count = len(os.listdir("/proc/self/fd"))
            yield gauge("process_open_fds", "Open file descriptors.", count)


def _sockets(edge: Edge) -> Iterator[Family]:
    yield gauge("pymockapi_connections", "Open connections.", len(edge.connections))
    yield counter("pymockapi_connections_total", "Connections ever accepted.", edge.accepted)
    yield counter("pymockapi_connections_refused_total", "Connections over the limit.",
                  edge.turned_away)  # fmt: skip
    yield gauge("pymockapi_inflight_bytes", "Bytes of bodies arriving and answers not taken yet.",
                edge.inflight)  # fmt: skip
