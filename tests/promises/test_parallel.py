"""Hundreds of tests that mock the same URLs differently, by several workers, on one server."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from tests.promises.parallel.runs import run

from pymockapi import MockServer


@pytest.fixture(scope="module")
def server() -> Iterator[MockServer]:
    with MockServer(start_timeout=60, timeout=60) as running:
        yield running


def test_they_do_not_interfere_and_leave_nothing(server: MockServer) -> None:
    outcome = run(server, tests=200, workers=4)
    assert (outcome.passed, outcome.is_clean) == (200, True), outcome.output


def test_the_same_tests_see_it_when_namespaces_share_a_name(server: MockServer) -> None:
    outcome = run(server, tests=60, workers=4, broken=True)
    assert outcome.failed > 0, outcome.output
