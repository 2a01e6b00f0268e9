"""Which namespace a suite or a test of Robot Framework has, from its beginning to its verdict.

A suite has one only if its setup asks for it: then its tests, and the suites in it, are scopes of that.
Knows nothing of how keywords and listeners are called.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import replace
from os import getpid
from pathlib import Path
from typing import Any, Final, NamedTuple
from uuid import uuid4

from pymockapi.client.server import MockServer
from pymockapi.integrations.account import account
from pymockapi.integrations.options import Options
from pymockapi.integrations.wishes import Wishes
from pymockapi.integrations.world import Ending, World, begin, begin_scope, conclude, name_of

RUN: Final = uuid4().hex[:8]
_REPEAT: Final = "PYMOCKAPI_SEED={seed}"


class Site(NamedTuple):
    """Where namespaces are made, as what; ``worker`` is for their labels."""

    server: MockServer
    options: Options
    worker: str


class Worlds:
    """The namespaces of the suites that are open, the outermost first, and of the test that runs."""

    def __init__(self) -> None:
        self._suites: list[World | None] = []
        self._attempts: Counter[str] = Counter()
        self.test: World | None = None

    @property
    def suite(self) -> World | None:
        """The namespace of the innermost suite, if it has one of its own."""
        return self._suites[-1] if self._suites else None

    def enter_suite(self) -> None:
        self._suites.append(None)

    def leave_suite(self) -> None:
        self._suites.pop()

    def begin_suite(self, site: Site, data: Any) -> World:
        """Give the innermost suite a namespace, or a scope. Raises ``MockServerError``."""
        world = self._begin(site, data, Wishes(), {})
        self._suites[-1] = world
        return world

    def end_suite(self) -> Ending:
        """Judge the innermost suite's namespace, if it has one; a failed test has told enough."""
        world = self.suite
        if world is None:
            return Ending()
        self._suites[-1] = None
        return self._concluded(world, "failed" if world.troubled else "passed")

    def begin_test(self, site: Site, data: Any, tags: Iterable[str]) -> World:
        """Give the test a namespace, or a scope. Raises ``MockServerError`` and ``ValueError``."""
        self._attempts[data.full_name] += 1
        labels = {
            "suite": data.parent.full_name,
            "line": str(data.lineno),
            "attempt": str(self._attempts[data.full_name]),
        }
        wishes = Wishes(tags=tuple(f"@{tag.removeprefix('@')}" for tag in tags))
        self.test = self._begin(site, data, wishes, labels)
        return self.test

    def end_test(self, status: str) -> Ending:
        """Judge the test's namespace; ``failure`` is what to tell of one that failed, too."""
        world, self.test = self.test, None
        if world is None:
            return Ending()
        came = account(world, repeat=_REPEAT) if status == "failed" else ""
        ending = self._concluded(world, status)
        return ending._replace(failure=f"mock API:\n{came}") if came else ending

    def _concluded(self, world: World, status: str) -> Ending:
        ending = conclude(world, status)
        if status == "failed" or ending.verdict == "failed":
            for outer in filter(None, self._suites):
                outer.troubled = True
        if ending.failure is None:
            return ending
        came = account(world, repeat=_REPEAT)
        return ending._replace(failure=f"{ending.failure}\n\nmock API:\n{came}")

    def _begin(self, site: Site, data: Any, wishes: Wishes, labels: Mapping[str, str]) -> World:
        options = site.options
        shared = next(filter(None, reversed(self._suites)), None)
        if shared is not None:
            return begin_scope(shared, data.name, wishes, effect=options.verdict)
        labels = {"runner": "robot", "run": RUN, "test": data.full_name, "worker": site.worker,
                  **_file_of(data), **labels}  # fmt: skip
        return begin(
            site.server,
            name_of(data.name, RUN, getpid(), data.full_name, labels.get("attempt")),
            labels,
            replace(wishes, seed=options.seed),
            lease=options.lease,
            effect=options.verdict,
        )


def _file_of(data: Any) -> dict[str, str]:
    if data.source is None:
        return {}
    file, here = Path(data.source), Path.cwd()
    return {"file": (file.relative_to(here) if file.is_relative_to(here) else file).as_posix()}
