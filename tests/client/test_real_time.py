"""The time that the client measures its waits by goes on, whatever a test does to ``time``."""

from __future__ import annotations

import subprocess
import sys
import time

import pytest

from pymockapi.client import real_time


def test_its_seconds_are_those_of_the_interpreter() -> None:
    before = time.monotonic()
    now = real_time.monotonic()
    assert before <= now <= time.monotonic()


def test_a_clock_that_a_test_has_replaced_is_not_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(time, "monotonic", lambda: pytest.fail("the test's clock was asked"))
    assert real_time.monotonic() > 0


def test_a_sleep_that_a_test_has_replaced_is_not_used(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(time, "sleep", lambda _: pytest.fail("the test's sleep was used"))
    real_time.sleep(0)


def test_it_goes_on_although_it_is_loaded_while_time_stands() -> None:
    code = """
import time
from freezegun import freeze_time
with freeze_time("2030-01-01"):
    from pymockapi.client.real_time import monotonic
    stopped = time.monotonic()
    assert monotonic() != stopped
    first = monotonic()
    while monotonic() == first: pass
    assert time.monotonic() == stopped
"""
    subprocess.run([sys.executable, "-c", code], check=True, timeout=60)
