"""A server that the suites under test attach to, and a folder for each suite."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.integrations.cucumber import install
from tests.integrations.suites import MOCKS, Suite

from pymockapi import MockServer


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[MockServer]:
    path = tmp_path_factory.mktemp("config") / "mocks.yaml"
    path.write_text(MOCKS, encoding="utf-8")
    with MockServer(path, start_timeout=60) as running:
        yield running


@pytest.fixture
def bare_suite(pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> Suite:
    """A suite that has to start its own server."""
    for name in [name for name in os.environ if name.startswith(("PYMOCKAPI_", "PYTEST_XDIST"))]:
        monkeypatch.delenv(name)
    # pytest tells more where one of the last two is
    for name in ("PYTEST_ADDOPTS", "CI", "BUILD_NUMBER"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("PYTEST_DISABLE_PLUGIN_AUTOLOAD", "1")
    return Suite(pytester)


@pytest.fixture
def suite(bare_suite: Suite, server: MockServer, monkeypatch: pytest.MonkeyPatch) -> Suite:
    """A suite that attaches to ``server``, which is there already."""
    monkeypatch.setenv("PYMOCKAPI_URL", server.url)
    return bare_suite


@pytest.fixture(scope="session")
def cucumber_modules(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The ``node_modules`` with cucumber-js, installed once."""
    return install(tmp_path_factory.mktemp("cucumber-js"))
