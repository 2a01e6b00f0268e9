"""One live server for each module of tests; each test works in namespaces of its own."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from tests.api.live import Live


@pytest.fixture(scope="module")
def live() -> Iterator[Live]:
    server = Live()
    yield server
    server.close()
