"""The collector rests while a large write is read, and works again after it."""

from __future__ import annotations

import gc
from collections.abc import Iterator

import pytest

from pymockapi.service.collector import LARGE, CollectorAtRest


@pytest.fixture(autouse=True)
def _as_before() -> Iterator[None]:
    yield
    gc.enable()
    gc.unfreeze()


def test_the_collector_rests_for_a_large_body_and_works_again_after_it() -> None:
    with CollectorAtRest(LARGE + 1):
        assert not gc.isenabled()
    assert gc.isenabled()
    assert gc.get_freeze_count() > 0


def test_a_small_body_leaves_the_collector_alone() -> None:
    gc.unfreeze()
    with CollectorAtRest(LARGE):
        assert gc.isenabled()
    assert gc.get_freeze_count() == 0


def test_of_overlapping_large_bodies_the_last_wakes_the_collector() -> None:
    first, second = CollectorAtRest(LARGE + 1), CollectorAtRest(LARGE + 1)
    first.__enter__()
    second.__enter__()
    first.__exit__(None, None, None)
    assert not gc.isenabled()
    second.__exit__(None, None, None)
    assert gc.isenabled()


def test_an_error_in_the_block_wakes_the_collector() -> None:
    with pytest.raises(ValueError, match="wrong"), CollectorAtRest(LARGE + 1):
        raise ValueError("wrong")
    assert gc.isenabled()
