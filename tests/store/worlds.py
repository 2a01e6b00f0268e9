"""Stores, definitions and requests as the store's tests write them; clocks that tests move."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Coroutine
from inspect import isawaitable
from typing import Any, TypeVar

import msgspec
from tests.engine.requests import make_request

from pymockapi.engine.configuration import Configuration
from pymockapi.engine.definitions import read_stub
from pymockapi.engine.project import read_configuration, reading_configuration
from pymockapi.engine.rank import rank
from pymockapi.engine.settings import read_settings
from pymockapi.model.changes import Change, DefineStubs, MergeSettings, NamespaceSpec
from pymockapi.model.exchange import Exchange
from pymockapi.model.plan import Grant, Outdated
from pymockapi.model.reader import Findings
from pymockapi.model.request import Request
from pymockapi.model.settings import NamespaceSettings
from pymockapi.model.slices import at_once as read_at_once
from pymockapi.model.stub import Json, Stub
from pymockapi.store.memory import MemoryStore
from pymockapi.store.namespace import Namespace
from pymockapi.store.port import Arrival, Query, Selection

T = TypeVar("T")
NOW_NS = 1_900_000_000 * 10**9
SEQUENCE = [{"status": 201}, {"status": 202, "times": 2}]


class Clockwork:
    """Real and monotonic time, moved by hand."""

    def __init__(self) -> None:
        self.now_ns = NOW_NS
        self.now_s = 100.0

    def real_ns(self) -> int:
        return self.now_ns

    def monotonic_s(self) -> float:
        return self.now_s


def stub_of(name: str, path: str = "/a", **more: Json) -> Stub:
    """Read a stub of ``path``; what it answers is its name, unless ``response`` says otherwise."""
    definition = {"name": name, "request": {"path": path}, **more}
    if "responses" not in definition:
        definition.setdefault("response", {"text": name})
    found = Findings()
    stub = read_stub(definition, "", found, lambda: name)
    found.check("The stub")
    return stub


def project_of(**parts: Json) -> Configuration:
    found = Findings()
    configuration = read_configuration({"version": 1, **parts}, found)
    found.check("The project")
    return configuration


def project_after(before: Configuration, **parts: Json) -> Configuration:
    """Return the next version of a project, read as a reload reads it."""
    found = Findings()
    reading = reading_configuration({"version": 1, **parts}, found, before)
    configuration = read_at_once(reading)
    found.check("The project")
    return msgspec.structs.replace(configuration, version=before.version + 1)


def settings_of(**given: Json) -> NamespaceSettings:
    found = Findings()
    settings = read_settings(given, "", found)
    found.check("The settings")
    return settings


def merged(**given: Json) -> MergeSettings:
    return MergeSettings(given, settings_of(**given))


def at_once(coroutine: Coroutine[Any, Any, T]) -> T:
    """Return what ``coroutine`` returns on its first step; a store in memory never waits."""
    try:
        coroutine.send(None)
    except StopIteration as end:
        result: T = end.value
        return result
    coroutine.close()
    raise AssertionError("the coroutine suspended")


class Bench:
    """A store under test with a namespace ``a``; ``run`` ends a coroutine of that store."""

    def __init__(
        self,
        store: MemoryStore,
        clockwork: Clockwork,
        run: Callable[[Coroutine[Any, Any, Any]], Any] = at_once,
    ) -> None:
        self.store = store
        self.clockwork = clockwork
        self.run = run

    @property
    def space(self) -> Namespace:
        return self.store.known("a")

    def create(self, name: str = "a", **spec: Any) -> Namespace:
        space: Namespace = self.run(self.store.create(NamespaceSpec(name, **spec)))
        return space

    def apply(self, *changes: Change, ns: str = "a", if_version: int | None = None) -> Namespace:
        space: Namespace = self.run(self.store.apply(ns, changes, if_version))
        return space

    def define(self, *stubs: Stub, keep: frozenset[str] = frozenset()) -> Namespace:
        return self.apply(DefineStubs(stubs, keep))

    def ask(self, target: str = "/a", method: str = "GET", ns: str = "a", **more: Any) -> Grant:
        """Rank and claim, as the server does."""
        return self.send(make_request(method, target, **more), ns)

    def send(self, request: Request, ns: str = "a") -> Grant:
        granted: Grant | Outdated | Awaitable[Grant | Outdated]
        granted = self.store.claim(ns, rank(self.view(ns), request), Arrival(request, "header"))
        outcome = self.run(_awaited(granted)) if isawaitable(granted) else granted
        assert isinstance(outcome, Grant)
        return outcome

    def view(self, ns: str = "a") -> Namespace:
        view = self.store.view(ns)
        assert view is not None
        return view

    def names(self, count: int, target: str = "/a") -> list[str | None]:
        """Return which stubs answer ``count`` requests."""
        return [self.ask(target).exchange.stub for _ in range(count)]

    def statuses(self, count: int, target: str = "/a", **more: Any) -> list[int | None]:
        responses = [self.ask(target, **more).response for _ in range(count)]
        return [response.status if response is not None else None for response in responses]

    def select(self, query: Query = Query(), **page: Any) -> Selection:  # noqa: B008 - frozen
        selection: Selection = self.run(self.store.select("a", query, **page))
        return selection


async def _awaited(granted: Awaitable[T]) -> T:
    return await granted


def bench_of(configuration: Configuration | None = None) -> Bench:
    """Return a memory store in which no time passes, with no namespace."""
    clockwork = Clockwork()
    store = MemoryStore(configuration, real_ns=clockwork.real_ns, monotonic_s=clockwork.monotonic_s)
    return Bench(store, clockwork)


def numbers(entries: list[Exchange]) -> list[int]:
    return [entry.number for entry in entries]


def picture(space: Namespace) -> dict[str, Json]:
    """Return all that a test could tell of a namespace, to compare before and after."""
    return {
        "id": space.id,
        "version": space.version,
        "state": dict(space.state),
        "state_version": space.state_version,
        "seq": space.events.seq,
        "stubs": [(layer, id(stub)) for layer, stub in space.stubs()],
        "hidden": space.hidden,
        "cells": {
            name: (id(cell.stub), cell.hits, dict(cell.cursors))
            for name, cell in space.cells.items()
        },
        "keys": space.key_count,
        "settings": (dict(space.settings_given), space.settings),
        "clock": space.clock,
        "numbers": (space.journal.first, space.journal.last, space.journal.kept),
        "snapshots": list(space.snapshots),
        "scopes": [scope.id for scope in space.scopes],
    }
