"""Work in the thread beside the event loop."""

from __future__ import annotations

import threading
from functools import partial

from pymockapi.server.outside import Outside


def test_work_is_done_in_another_thread_in_the_order_in_which_it_was_given() -> None:
    outside, seen = Outside(), []
    done = [outside.run(lambda n=n: seen.append((n, threading.get_ident()))) for n in range(3)]  # type: ignore[misc]
    for each in done:
        each.result(10)
    outside.close()
    assert [n for n, _ in seen] == [0, 1, 2]
    assert threading.get_ident() not in {thread for _, thread in seen}


def test_what_has_not_begun_is_not_done_once_it_is_closed() -> None:
    outside, go_on = Outside(), threading.Event()
    first = outside.run(partial(_wait, go_on))
    second = outside.run(lambda: None)
    outside.close()
    go_on.set()
    first.result(10)
    assert second.cancelled()


def _wait(event: threading.Event) -> None:
    event.wait(10)


def test_it_may_be_closed_without_any_work() -> None:
    Outside().close()
