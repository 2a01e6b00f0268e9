"""The threads in which functions of tests run."""

from __future__ import annotations

import threading
from collections.abc import Callable

from pymockapi.server.workers import Workers

WAIT_S = 20


def test_no_more_is_done_at_once_than_there_are_threads() -> None:
    workers, done = Workers(2), [threading.Event() for _ in range(6)]
    both, names = threading.Barrier(2), set()

    def work(end: threading.Event) -> Callable[[], None]:
        def wait() -> None:
            both.wait(WAIT_S)
            names.add(threading.current_thread().name)
            end.set()

        return wait

    for each in done:
        workers.put(work(each))
    assert all(each.wait(WAIT_S) for each in done)
    assert names == {"pymockapi-function-1", "pymockapi-function-2"}
    workers.close()


def test_threads_end_when_the_workers_are_closed() -> None:
    workers, threads = Workers(2), []
    done = threading.Event()

    def work() -> None:
        threads.append(threading.current_thread())
        done.set()

    workers.put(work)
    assert done.wait(WAIT_S)
    workers.close()
    threads[0].join(WAIT_S)
    assert not threads[0].is_alive()
