"""The namespaces of a process's tests: one for each fixture in use, judged at its end.

Loaded by the first test that uses a fixture. Which server there is, is for ``pytest_run`` to know.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from typing import Final

import pytest

from pymockapi.client.errors import MockServerError
from pymockapi.client.namespace import Namespace
from pymockapi.client.server import MockServer
from pymockapi.client.values import Json
from pymockapi.integrations.account import account
from pymockapi.integrations.options import Options
from pymockapi.integrations.pytest_summary import WARNING
from pymockapi.integrations.tag_markers import OF_PYTEST
from pymockapi.integrations.wishes import Wishes, merged, read_wishes
from pymockapi.integrations.world import Ending, World, begin, begin_scope, conclude, name_of

MODULE: Final = "mock_api_module"
SESSION: Final = "mock_api_session"
_REPEAT: Final = "--mock-api-seed={seed}"
_UNFINISHED: Final = "unfinished"  # of a test that was interrupted


class Worlds:
    """What a process keeps of its tests' namespaces; ``run`` and ``worker`` go into labels.

    ``markers`` tells of which tag a marker is another name.
    """

    def __init__(self, options: Options, run: str, worker: str, markers: Mapping[str, str]) -> None:
        self._options = options
        self._run = run
        self._worker = worker
        self._markers = markers
        self._attempts: Counter[str] = Counter()
        self._shared: dict[str, World] = {}
        self._own: list[World] = []  # of the test that runs, those that have ended, too
        self._statuses: dict[str, str] = {}  # of the test that runs, by phase

    def of_test(self, request: pytest.FixtureRequest, server: MockServer) -> Iterator[Namespace]:
        """Give the test a namespace of its own, or a scope of the one that it shares."""
        item: pytest.Item = request.node
        self._attempts[item.nodeid] += 1
        shared = next((name for name in (MODULE, SESSION) if name in request.fixturenames), None)
        if shared is None:
            world = self._begin(server, item, item.name)
        else:
            request.getfixturevalue(shared)
            above = item.getparent(pytest.Module) if shared == MODULE else None
            world = self._begin_scope(self._shared[shared], item, above)
        self._enter(item, world)
        yield world.namespace
        _fail([self._leave(item, world)])

    def further(
        self, request: pytest.FixtureRequest, server: MockServer
    ) -> Iterator[Callable[..., Namespace]]:
        """Give the test a function that makes further namespaces."""
        item: pytest.Item = request.node
        made: list[World] = []

        def make(name: str | None = None, **options: Json) -> Namespace:
            __tracebackhide__ = True
            chosen = name or self._name(item, item.name, "further", len(made))
            options["labels"] = {**self._labels(item), **(options.get("labels") or {})}
            options.setdefault("seed", self._options.seed)
            options.setdefault("lease", self._options.lease)
            namespace = server.namespace(chosen, replace=True, **options)
            made.append(World(server, namespace, None, self._options.verdict))
            self._enter(item, made[-1])
            return namespace

        yield make
        _fail([self._leave(item, world) for world in reversed(made)])

    def shared(
        self, request: pytest.FixtureRequest, server: MockServer, name: str
    ) -> Iterator[Namespace]:
        """Give a module, or the whole session, a namespace at one URL.

        That of a module is a scope of the session's, where its tests use that one, too.
        """
        node: pytest.Collector = request.node
        outer: World | None = None
        if name == MODULE and SESSION in request.fixturenames:
            request.getfixturevalue(SESSION)
            outer = self._shared[SESSION]
        if outer is None:
            world = self._begin(server, node, node.name or SESSION)
        else:
            world = self._begin_scope(outer, node, None)
        self._shared[name] = world
        yield world.namespace
        del self._shared[name]
        status = "failed" if world.troubled else "passed"
        _fail([self._ended(world, status).failure])

    def reported(self, item: pytest.Item, report: pytest.TestReport) -> None:
        """Note how a phase of ``item`` went; to the report of one that failed add what came."""
        is_expected = hasattr(report, "wasxfail")
        self._statuses[report.when] = "xfailed" if is_expected else report.outcome
        if report.failed:
            names = getattr(item, "fixturenames", ())
            shared = [world for name, world in self._shared.items() if name in names]
            innermost = {world.namespace.name: world for world in [*shared, *self._own]}
            for world in innermost.values():
                report.sections.append(("mock API", account(world, repeat=_REPEAT)))
            for world in shared:
                world.troubled = True
        if report.when == "teardown":
            self._own.clear()
            self._statuses.clear()

    def _enter(self, item: pytest.Item, world: World) -> None:
        namespace = world.namespace
        self._own.append(world)
        item.user_properties += [
            ("mock_api_namespace", namespace.name),
            ("mock_api_id", namespace.id),
            ("mock_api_seed", namespace.seed),
        ]

    def _leave(self, item: pytest.Item, world: World) -> str | None:
        """End ``world``; return why the test fails by it."""
        setup = self._statuses.get("setup", _UNFINISHED)
        ended_early = setup if setup != "passed" else _UNFINISHED
        status = self._statuses.get("call", ended_early)

        ending = self._ended(world, status)
        if ending.verdict is not None:
            item.user_properties.append(("mock_api_verdict", ending.verdict))
        if ending.news is not None and status == "passed":
            item.user_properties.append((WARNING, ending.news))
        elif ending.news is not None:
            item.add_report_section("teardown", "mock API verdict", ending.news)
        return ending.failure

    def _ended(self, world: World, status: str) -> Ending:
        ending = conclude(world, status)
        for outer in self._shared.values():
            if outer.namespace.id == world.namespace.id:
                outer.troubled |= ending.verdict == "failed"
        return ending

    def _begin(self, server: MockServer, node: pytest.Item | pytest.Collector, title: str) -> World:
        wishes = self._wishes(node, None)
        if wishes.seed is None:
            wishes = replace(wishes, seed=self._options.seed)
        with _told(node.nodeid):
            return begin(
                server,
                self._name(node, title),
                self._labels(node),
                wishes,
                lease=self._options.lease,
                effect=self._options.verdict,
            )

    def _begin_scope(
        self,
        outer: World,
        node: pytest.Item | pytest.Collector,
        above: pytest.Collector | None,
    ) -> World:
        wishes = self._wishes(node, above)
        with _told(node.nodeid):
            return begin_scope(outer, node.name, wishes, effect=self._options.verdict)

    def _wishes(
        self, node: pytest.Item | pytest.Collector, above: pytest.Collector | None
    ) -> Wishes:
        """Return what the markers of ``node`` ask for, without those of ``above`` and further out.

        Markers of users are tags, as those that pytest-bdd makes of tags.
        """
        outside = () if above is None else above.listchain()
        wishes = Wishes()
        for place, mark in reversed(list(node.iter_markers_with_node())):
            if place in outside:
                continue
            if mark.name == "mocks":
                with _told(node.nodeid):
                    wishes = merged(wishes, read_wishes(mark.args, mark.kwargs))
            elif mark.name not in OF_PYTEST:
                tag = self._markers.get(mark.name, mark.name)
                wishes = replace(wishes, tags=(*wishes.tags, tag))
        return wishes

    def _name(self, node: pytest.Item | pytest.Collector, title: str, *more: object) -> str:
        attempt = self._attempts[node.nodeid]
        return name_of(title, self._run, self._worker, node.nodeid, attempt, *more)

    def _labels(self, node: pytest.Item | pytest.Collector) -> Mapping[str, str]:
        labels = {"runner": "pytest", "run": self._run, "worker": self._worker}
        labels["test"] = node.nodeid or "session"
        if isinstance(node, pytest.Item):
            file, line, _ = node.location
            labels |= {"file": file, "attempt": str(self._attempts[node.nodeid])}
            labels |= {} if line is None else {"line": str(line + 1)}
            labels |= _labels_of_scenario(node)
        return labels


def _labels_of_scenario(item: pytest.Item) -> dict[str, str]:
    """Return what pytest-bdd knows of ``item``, if that is a scenario: its place is the feature's."""
    scenario = getattr(getattr(item, "obj", None), "__scenario__", None)
    if scenario is None:
        return {}
    labels = {"feature": scenario.feature.name, "scenario": scenario.name}
    labels |= {"file": scenario.feature.rel_filename, "line": str(scenario.line_number)}
    call = getattr(item, "callspec", None)
    return labels | {"runner": "pytest-bdd"} | ({} if call is None else {"example": call.id})


@contextmanager
def _told(nodeid: str) -> Iterator[None]:
    """Fail with a sentence, and without a trace of ours, for what cannot be had."""
    try:
        yield
    except (MockServerError, TypeError, ValueError) as error:
        place = nodeid or "this session"
        told = f"There is no namespace for {place}: {error}"
        raise pytest.fail.Exception(told, pytrace=False) from None


def _fail(failures: list[str | None]) -> None:
    told = [each for each in failures if each is not None]
    if told:
        pytest.fail("\n".join(told), pytrace=False)
