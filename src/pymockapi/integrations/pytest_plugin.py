"""The pytest plugin: options, the marker, fixtures and hooks; ``docs/pytest.md`` says what they do.

Every run of pytest loads this module where PyMockAPI is installed, so it imports nothing heavy: what
the fixtures need is imported when the first of them is used.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterator
from importlib import import_module
from typing import TYPE_CHECKING, Any, Final

import pytest

from pymockapi.integrations.pytest_options import add_options, read_options
from pymockapi.integrations.pytest_run import Offer, Run
from pymockapi.integrations.pytest_summary import Summary

if TYPE_CHECKING:
    from pymockapi import AsyncNamespace, MockServer, Namespace

MARKER: Final = (
    "mocks(*sets, tags=, seed=, clock=, state=, settings=, verdict=): what the test's namespace on the mock"
    " server is created with (PyMockAPI)"
)
_RUN: Final = pytest.StashKey[Run]()


def pytest_addoption(parser: pytest.Parser) -> None:
    add_options(parser)


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", MARKER)
    given = getattr(config, "workerinput", {}).get("mock_api")
    offer = None if given is None else Offer(*given)
    config.stash[_RUN] = Run(read_options(config), offer)
    config.pluginmanager.register(Summary(), "mock-api-summary")


@pytest.hookimpl(tryfirst=True)
def pytest_sessionstart(session: pytest.Session) -> None:
    run = session.config.stash[_RUN]
    if run.is_eager:
        run.start()
    for marker, tag in run.markers.items():
        session.config.addinivalue_line("markers", f"{marker}: the tag @{tag} of the mock server")


def pytest_report_header(config: pytest.Config) -> str | None:
    return config.stash[_RUN].header()


@pytest.hookimpl(optionalhook=True)
def pytest_configure_node(node: Any) -> None:
    """Tell a worker of xdist where it can ask for the server."""
    worker = node.workerinput["workerid"]
    node.workerinput["mock_api"] = tuple(node.config.stash[_RUN].offer(worker))


def pytest_unconfigure(config: pytest.Config) -> None:
    run = config.stash.get(_RUN, None)
    if run is not None:
        run.stop()


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Let the marker be enough, without the fixture among the arguments."""
    for item in items:
        if item.get_closest_marker("mocks") is not None:
            _ask_for_fixture(item)


def _ask_for_fixture(item: pytest.Item) -> None:
    names: list[str] | None = getattr(item, "fixturenames", None)
    if names is None or "mock_api" in names:
        return
    module = item.getparent(pytest.Module) if "mock_api_module" in names else None
    above = () if module is None else module.listchain()
    if any(node not in above for node, _ in item.iter_markers_with_node("mocks")):
        names.append("mock_api")


@pytest.hookimpl(optionalhook=True, tryfirst=True)
def pytest_bdd_apply_tag(tag: str, function: Callable[..., object]) -> Any:
    """Let ``@mock:NAME`` be the marker of ``@mock.NAME``: a marker's name ends at a colon."""
    if not tag.startswith("mock:"):
        return None
    return getattr(pytest.mark, tag.replace(":", ".", 1))(function)


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_runtest_makereport(
    item: pytest.Item,
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    report = yield
    worlds = item.config.stash[_RUN].known_worlds()
    if worlds is not None:
        worlds.reported(item, report)
    return report


@pytest.fixture(scope="session")
def mock_api_server(pytestconfig: pytest.Config) -> MockServer:
    """The mock server of this run: one for all workers, started by the first test that asks."""
    run = pytestconfig.stash[_RUN]
    try:
        return run.server()
    except run.errors as error:
        raise pytest.fail.Exception(str(error), pytrace=False) from None


@pytest.fixture(scope="session")
def mock_api_session(request: pytest.FixtureRequest) -> Iterator[Namespace]:
    """A namespace for all tests of this process, at one URL."""
    yield from _run(request).worlds().shared(request, _server(request), "mock_api_session")


@pytest.fixture(scope="module")
def mock_api_module(request: pytest.FixtureRequest) -> Iterator[Namespace]:
    """A namespace for all tests of this module, at one URL."""
    yield from _run(request).worlds().shared(request, _server(request), "mock_api_module")


@pytest.fixture
def mock_api(request: pytest.FixtureRequest) -> Iterator[Namespace]:
    """A namespace of this test's own on the mock server, clean at its start, judged at its end."""
    yield from _run(request).worlds().of_test(request, _server(request))


@pytest.fixture
def async_mock_api(mock_api: Namespace, mock_api_server: MockServer) -> Iterator[AsyncNamespace]:
    """The namespace of ``mock_api`` in the hands of the async client."""
    yield from import_module("pymockapi.integrations.async_twin").twin(mock_api_server, mock_api)


@pytest.fixture
def make_mock_api(request: pytest.FixtureRequest) -> Iterator[Callable[..., Namespace]]:
    """A function that makes further namespaces: ``make_mock_api(name=None, sets=..., port=...)``."""
    yield from _run(request).worlds().further(request, _server(request))


def _run(request: pytest.FixtureRequest) -> Run:
    return request.config.stash[_RUN]


def _server(request: pytest.FixtureRequest) -> MockServer:
    """Return the server, also one that a conftest gives; say only once why there is none."""
    if _run(request).has_failed:
        pytest.fail("There is no mock server; the first test that asked says why.", pytrace=False)
    server: MockServer = request.getfixturevalue("mock_api_server")
    return server
