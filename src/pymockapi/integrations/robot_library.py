"""The library of Robot Framework, and the listener that it is; ``docs/robot.md``.

A test's namespace is there before its setup, and judged after its teardown; a suite's, if it has one,
is judged by the last keyword of its teardown, since that is what can fail a suite.
"""

from __future__ import annotations

from collections.abc import Mapping
from os import getpid
from typing import Any, Final

from robot.api import logger
from robot.api.deco import keyword, library
from robot.libraries.BuiltIn import BuiltIn

from pymockapi.client.errors import MockServerError
from pymockapi.client.namespace import Namespace
from pymockapi.client.values import check_options
from pymockapi.integrations.options import OPTIONS, Options, read_given
from pymockapi.integrations.robot_documentation import INTRODUCTION
from pymockapi.integrations.robot_keywords import make_keywords
from pymockapi.integrations.robot_worlds import Site, Worlds
from pymockapi.integrations.starting import shared_server
from pymockapi.integrations.world import World

_STATUS: Final = {"PASS": "passed", "SKIP": "skipped"}
_JUDGE: Final = "Judge Mock API Of Suite"


@library(scope="GLOBAL", doc_format="ROBOT", listener="SELF", auto_keywords=False)
class RobotLibrary:
    __doc__ = INTRODUCTION

    ROBOT_LISTENER_API_VERSION = 3
    ROBOT_LISTENER_PRIORITY = 100  # listeners that tell how tests went are to see our verdicts

    def __init__(
        self,
        config: str | list[str] | None = None,
        *,
        url: str | None = None,
        host: str | None = None,
        port: str | None = None,
        tls: str | None = None,
        seed: str | None = None,
        lease: str | None = None,
        verdict: str | None = None,
        artifacts: str | None = None,
        log_file: str | None = None,
        **others: str,
    ) -> None:
        """All may be left out. ``config`` is a config file, or a list of them; ``url`` a server that
        runs already, and keeps its own config; ``verdict`` what a failed verdict does to a test:
        ``fail``, ``warn`` or ``ignore``. A variable of the environment wins, as ``PYMOCKAPI_SEED``
        over ``seed``. There are no others; with one, every test fails and tells it.
        """
        named = {key: value for key, value in locals().items() if key not in ("self", "others")}
        self._given = named | others
        self._suites: list[Any] = []  # as Robot has them, the innermost last
        self._worlds = Worlds()
        self._options: Options | None = None
        self._stopped: Any = None  # a test that could not have a namespace

    @keyword("Get Mock API")
    def get_mock_api(self) -> Namespace:
        """Returns the namespace, an object of Python.

        That is ``${MOCK_API}`` in a test; in a suite setup its tests will share it.
        """
        return self.current_world().namespace

    @keyword("Get Mock API URL")
    def get_mock_api_url(self) -> str:
        """Returns the base URL that the system under test is given.

        That is ``${MOCK_API_URL}`` in a test. In a suite setup, all tests of the suite will have
        this URL.

        | *** Settings ***
        | Suite Setup    Start Shop
        | *** Keywords ***
        | Start Shop
        |     ${url} =    Get Mock API URL
        |     Start Process    shop    --payments=${url}
        """
        url: str = self.get_mock_api().url
        return url

    @keyword(_JUDGE)
    def judge_mock_api_of_suite(self) -> None:
        """Ends the namespace of a suite, and fails if its verdict does.

        A suite that has one does this by itself at the end of its teardown.
        """
        ending = self._worlds.end_suite()
        _tell(ending.news)
        if ending.failure is not None:
            raise AssertionError(ending.failure)

    def current_world(self) -> World:
        """Return what keywords work on: the test's, else the suite's, made when it is first asked for.

        Raises ``AssertionError`` and ``MockServerError`` if there is none.
        """
        if self._worlds.test is not None:
            return self._worlds.test
        if not self._suites:
            raise AssertionError(
                "There is no mock API here: import it in the settings of the suite, as"
                " 'Library    pymockapi.robot'."
            )
        return self._worlds.suite or self._begin_suite(self._suites[-1])

    def start_suite(self, data: Any, result: Any) -> None:  # noqa: ARG002
        """Know of the suite; Robot tells it once for each name that the library has there."""
        if not self._suites or self._suites[-1] is not data:
            self._suites.append(data)
            self._worlds.enter_suite()

    def end_suite(self, data: Any, result: Any) -> None:  # noqa: ARG002
        if self._suites and self._suites[-1] is data:
            ending = self._worlds.end_suite()  # if its teardown has not come so far
            _tell(ending.failure or ending.news)
            self._worlds.leave_suite()
            self._suites.pop()

    def start_test(self, data: Any, result: Any) -> None:
        """Give the test its namespace; if there is none, it fails before it begins."""
        if self._worlds.test is not None:  # told again, as of suites
            return
        if data is self._stopped:
            data.error = self._stopped = None  # it is run again
        try:
            self._begin_test(data, result.tags)
        except (MockServerError, TypeError, ValueError) as error:
            if not result.tags.robot("skip"):
                self._stopped, data.error = data, f"There are no mocks for this test: {error}"

    def end_test(self, data: Any, result: Any) -> None:  # noqa: ARG002
        """Judge what came; what failed is told with what came."""
        status = _STATUS.get(result.status, "failed")
        ran = not result.tags.robot("exit")
        ending = self._worlds.end_test(status if ran else "skipped")
        _tell(ending.news)
        if ending.failure is None:
            return
        if result.passed:
            result.status = "SKIP" if result.tags.robot("skip-on-failure") else "FAIL"
        result.message = "\n\n".join(filter(None, [result.message, ending.failure]))

    def _begin_test(self, data: Any, tags: Any) -> None:
        if BuiltIn().dry_run_active:
            self._settings()
            return
        of_user = [tag for tag in tags if not tag.startswith("robot:")]
        world = self._worlds.begin_test(self._site(data), data, of_user)
        _set_variables(world, BuiltIn().set_test_variable)

    def _begin_suite(self, data: Any) -> World:
        world = self._worlds.begin_suite(self._site(data), data)
        _set_variables(world, _set_suite_variable)
        names: Any = BuiltIn().get_library_instance(all=True)
        name = next(name for name, instance in names.items() if instance is self)
        judge = f"{name}.{_JUDGE}"
        if data.has_teardown:
            own = (data.teardown.name, *data.teardown.args)
            data.teardown.config(name="BuiltIn.Run Keywords", args=(*own, "AND", judge))
        else:
            data.teardown.config(name=judge)
        return world

    def _site(self, data: Any) -> Site:
        """Return where ``data``, a suite or a test, has its mocks."""
        options = self._settings()
        return Site(shared_server(options, f"'{data.full_name}'"), options, _worker())

    def _settings(self) -> Options:
        if self._options is None:
            self._options = _read_options(self._given)
        return self._options


for _name, _function in make_keywords().items():
    setattr(RobotLibrary, _name, _function)


def _read_options(given: Mapping[str, Any]) -> Options:
    """Return what the import and the environment ask for. Raises ``ValueError``, ``TypeError``."""
    check_options(given, [each.name for each in OPTIONS], "The library")
    wrong: list[str] = []
    values = [
        read_given(each, given[each.name], f"argument {each.name} of the library", wrong)
        for each in OPTIONS
    ]
    if wrong:
        raise ValueError("\n".join(wrong))
    return Options(*values)


def _worker() -> str:
    """Return the number of the process in pabot's pool; else the process has one of its own."""
    return str(BuiltIn().get_variable_value("${PABOTEXECUTIONPOOLID}", getpid()))


def _set_variables(world: World, set_variable: Any) -> None:
    set_variable("$MOCK_API", world.namespace)
    set_variable("$MOCK_API_URL", world.namespace.url)


def _set_suite_variable(name: str, value: object) -> None:
    BuiltIn().set_suite_variable(name, value, "children=true")


def _tell(news: str | None) -> None:
    if news is not None:
        logger.warn(f"mock API: {news}")
