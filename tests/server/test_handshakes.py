"""Whose TLS handshake is next: in order, a few in each turn of the loop."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

import pytest
from tests.server.tls_clients import identity

from pymockapi.server.handshakes import HANDSHAKES_S, Handshakes


class Shaker:
    """A handshake that takes ``cost_s`` on the clock in hand."""

    def __init__(self, done: list[int], number: int, spend: Callable[[], object]) -> None:
        self._done = done
        self._number = number
        self._spend = spend

    def shake(self) -> None:
        self._done.append(self._number)
        self._spend()


@pytest.mark.parametrize(("cost_s", "at_once"), [(HANDSHAKES_S / 4, 4), (HANDSHAKES_S * 9, 1)])
def test_handshakes_of_one_turn_are_bounded_in_time_and_in_order(
    cost_s: float, at_once: int
) -> None:
    async def check() -> None:
        now = [0.0]
        done: list[int] = []

        def spend() -> None:
            now[0] += cost_s

        queue = Handshakes(identity().context, lambda: now[0])
        for number in range(10):
            queue.add(Shaker(done, number, spend))
        seen = []
        while len(done) < 10:
            before = len(done)
            await asyncio.sleep(0)
            seen.append(len(done) - before)
        assert done == list(range(10))
        assert max(seen) == at_once

    asyncio.run(check())


def test_a_reason_is_a_warning_once(caplog: pytest.LogCaptureFixture) -> None:
    queue = Handshakes(identity().context)
    for reason in ("NO_SHARED_CIPHER", "ODD", "NO_SHARED_CIPHER"):
        queue.explain(reason, "10.0.0.7")
    assert [each.getMessage() for each in caplog.records] == [
        "10.0.0.7 knows none of the ciphers (NO_SHARED_CIPHER)",
        "10.0.0.7 failed the TLS handshake (ODD)",
    ]
