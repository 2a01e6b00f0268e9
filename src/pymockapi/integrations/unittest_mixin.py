"""``MockServerMixin``: a namespace for each test of ``unittest``; ``docs/unittest.md``.

What a failed test has to show is a note of its exception, so that every runner prints it.
"""

from __future__ import annotations

import sys
import unittest
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from inspect import unwrap
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar, Final, TypeVar, Unpack, cast
from uuid import uuid4

from pymockapi.client.namespace import Namespace
from pymockapi.client.options import NamespaceOptions
from pymockapi.client.server import MockServer
from pymockapi.client.serving import ConfigPath
from pymockapi.client.values import Json
from pymockapi.integrations.account import account
from pymockapi.integrations.unittest_servers import read_class_options, server_of
from pymockapi.integrations.wishes import Wishes, merged, read_wishes
from pymockapi.integrations.world import World, begin, begin_scope, conclude, name_of

__unittest = True  # by this unittest knows what to leave out of tracebacks

T = TypeVar("T")
RUN: Final = uuid4().hex[:8]
_REPEAT: Final = "PYMOCKAPI_SEED={seed}"
_WISHES: Final = "_mock_api_wishes"
_WORLD: Final = "_mock_api_world"
_ATTEMPTS: Final = Counter[str]()

_HEARD: Final = {
    "addError": "failed", "addFailure": "failed", "addSubTest": "failed",
    "addSkip": "skipped",
}  # fmt: skip

if TYPE_CHECKING:

    class _TestCase(unittest.TestCase):
        """What the mixin stands before."""
else:
    _TestCase = object


def mocks(*sets: str, **keywords: Json) -> Callable[[T], T]:
    """Say what the namespace of a test begins with; for a test, or for all of a class.

    Takes names of sets, ``tags``, ``seed``, ``clock``, ``state``, ``settings`` and ``verdict``. Raises
    ``TypeError`` and ``ValueError`` for anything else.
    """
    wishes = read_wishes(sets, keywords)

    def decorate(decorated: T) -> T:
        setattr(decorated, _WISHES, merged(wishes, vars(decorated).get(_WISHES, Wishes())))
        return decorated

    return decorate


class MockServerMixin(_TestCase):
    """Gives each test ``self.mock_api``; stands before ``TestCase`` or ``IsolatedAsyncioTestCase``.

    Attributes that begin with ``mock_api_`` and are ``None`` here are options; the environment
    wins over them.
    """

    mock_api_config: ClassVar[ConfigPath | Sequence[ConfigPath] | None] = None
    mock_api_url: ClassVar[str | None] = None
    mock_api_host: ClassVar[str | None] = None
    mock_api_port: ClassVar[int | None] = None
    mock_api_tls: ClassVar[bool | None] = None
    mock_api_seed: ClassVar[int | None] = None
    mock_api_lease: ClassVar[str | None] = None
    mock_api_verdict: ClassVar[str | None] = None
    mock_api_artifacts: ClassVar[ConfigPath | None] = None
    mock_api_log_file: ClassVar[ConfigPath | None] = None

    @classmethod
    def mock_api_server(cls) -> MockServer:
        """Return the server; classes with the same options share it."""
        return server_of(cls)

    @classmethod
    def mock_api_class(cls) -> Namespace:
        """Return a namespace for the whole class, at one URL; ``mock_api`` is then a scope of it.

        No property: whoever only lists what a class has would start a server by it.
        """
        world = _shared(cls)
        if world is None:
            title = f"{cls.__module__}.{cls.__qualname__}"
            world = _begin(cls, cls.__name__, title, _class_wishes(cls), {})
            setattr(cls, _WORLD, world)
            cls.addClassCleanup(_leave_class, cls, world)
        return world.namespace

    @property
    def mock_api(self) -> Namespace:
        """This test's namespace, made when it is first asked for, judged after ``tearDown``."""
        life = _life(self)
        if life.own is None:
            life.own = self._mock_api_begun()
            life.worlds.append(life.own)
            self.addCleanup(_leave, self, life.own)
        return life.own.namespace

    def make_mock_api(
        self, name: str | None = None, **options: Unpack[NamespaceOptions]
    ) -> Namespace:
        """Make a further namespace, in place of one of that name, judged as this test's own."""
        life, asked = _life(self), read_class_options(type(self))
        options["labels"] = {**_labels(self), **(options.get("labels") or {})}
        options.setdefault("seed", asked.seed)
        options.setdefault("lease", asked.lease)
        chosen = name or _name(self, "further", len(life.worlds))
        server = self.mock_api_server()
        namespace = server.namespace(chosen, replace=True, **options)
        world = World(server, namespace, None, asked.verdict)
        life.worlds.append(world)
        self.addCleanup(_leave, self, world)
        return namespace

    def run(self, result: unittest.TestResult | None = None) -> unittest.TestResult | None:
        """Run the test, and hear how it goes."""
        if result is None:  # nobody listens
            super().run()
            return None
        _ATTEMPTS[self.id()] += 1
        self.__dict__.pop("_mock_api_life", None)
        super().run(cast(unittest.TestResult, _Listening(result, self)))
        return result

    def _mock_api_begun(self) -> World:
        cls = type(self)
        method = getattr(self, self._testMethodName)
        mine: Wishes = getattr(method, _WISHES, Wishes())
        outer = _shared(cls)
        if outer is not None:
            effect = read_class_options(cls).verdict
            return begin_scope(outer, self._testMethodName, mine, effect=effect)
        wishes = merged(_class_wishes(cls), mine)
        name = self._testMethodName
        return _begin(cls, name, self.id(), wishes, _labels(self), _name(self))


class _Life:
    """What a test has while it runs, and how it went so far."""

    def __init__(self) -> None:
        self.own: World | None = None
        self.worlds: list[World] = []
        self.status = "passed"


class _Listening:
    """A result in front of ``result`` that notes what came to mocks where a test fails."""

    def __init__(self, result: unittest.TestResult, case: MockServerMixin) -> None:
        self._result = result
        self._case = case

    def __getattr__(self, name: str) -> Any:
        found = getattr(self._result, name)
        if name not in _HEARD:
            return found

        def hear(test: unittest.TestCase, *facts: Any) -> Any:
            self._hear(name, facts[-1])
            return found(test, *facts)

        return hear

    def _hear(self, name: str, told: Any) -> None:
        """Note how it went; ``told`` is ``(type, exception, traceback)``, a reason, or nothing."""
        if name == "addSubTest" and told is None:
            return
        life = _life(self._case)
        life.status = _HEARD[name]
        if life.status != "failed":
            return
        shared = _shared(type(self._case))
        if shared is not None:
            shared.troubled = True
        for world in life.worlds or ([] if shared is None else [shared]):
            told[1].add_note(account(world, repeat=_REPEAT))


def _life(case: MockServerMixin) -> _Life:
    life: _Life = case.__dict__.setdefault("_mock_api_life", _Life())
    return life


def _shared(cls: type) -> World | None:
    world: World | None = vars(cls).get(_WORLD)
    return world


def _begin(
    cls: type[MockServerMixin],
    title: str,
    test: str,
    wishes: Wishes,
    labels: Mapping[str, str],
    name: str | None = None,
) -> World:
    options = read_class_options(cls)
    if wishes.seed is None:
        wishes = replace(wishes, seed=options.seed)
    return begin(
        cls.mock_api_server(),
        name or name_of(title, RUN, test),
        {"runner": "unittest", "run": RUN, "test": test, **labels},
        wishes,
        lease=options.lease,
        effect=options.verdict,
    )


def _leave(case: MockServerMixin, world: World) -> None:
    method = getattr(case, case._testMethodName)
    may_fail = any(
        getattr(each, "__unittest_expecting_failure__", False) for each in (method, case)
    )
    ending = conclude(world, "xfailed" if may_fail else _life(case).status)
    shared = _shared(type(case))
    if shared is not None and ending.verdict == "failed":
        shared.troubled = True
    _tell(case.id(), ending.failure, ending.news)


def _leave_class(cls: type[MockServerMixin], world: World) -> None:
    delattr(cls, _WORLD)
    ending = conclude(world, "failed" if world.troubled else "passed")
    _tell(cls.__qualname__, ending.failure, ending.news)


def _tell(test: str, failure: str | None, news: str | None) -> None:
    if news is not None:
        print(f"mock API, {test}: {news}", file=sys.stderr)
    if failure is not None:
        raise AssertionError(failure)


def _class_wishes(cls: type) -> Wishes:
    wishes = Wishes()
    for each in reversed(cls.__mro__):
        wishes = merged(wishes, vars(each).get(_WISHES, Wishes()))
    return wishes


def _name(case: MockServerMixin, *more: object) -> str:
    return name_of(case._testMethodName, RUN, case.id(), _ATTEMPTS[case.id()], *more)


def _labels(case: MockServerMixin) -> dict[str, str]:
    labels = {"runner": "unittest", "run": RUN, "test": case.id()}
    labels["attempt"] = str(_ATTEMPTS[case.id()])
    code = getattr(unwrap(getattr(case, case._testMethodName)), "__code__", None)
    if code is not None:
        file = Path(code.co_filename)
        here = Path.cwd()
        shown = file.relative_to(here) if file.is_relative_to(here) else file
        labels |= {"file": shown.as_posix(), "line": str(code.co_firstlineno)}
    return labels
