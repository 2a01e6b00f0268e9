"""behave: a namespace for each scenario, by its tags, judged at its end; ``docs/behave.md``.

Works through behave's hooks, beside the user's own: before those that begin, after those that end.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from os import getpid
from typing import Any, Final
from uuid import uuid4

from pymockapi.client.server import MockServer
from pymockapi.integrations.account import account
from pymockapi.integrations.behave_options import check_names, read_options
from pymockapi.integrations.behave_steps import register_steps
from pymockapi.integrations.options import Options
from pymockapi.integrations.starting import start_or_attach
from pymockapi.integrations.wishes import Wishes
from pymockapi.integrations.world import World, begin, conclude, name_of

Hooks = dict[str, Any]
_REPEAT: Final = "-D mock_api_seed={seed}"
_INSTALLED: Final = "_mock_api_hooks"
_WRAPPED: Final = ("before_all", "after_all", "before_scenario", "after_scenario", "after_step")
_SKIPPED: Final = ("skipped", "untested")


class _Run:
    """One run of behave: its server, and the namespace of the scenario that runs."""

    def __init__(self, given: Mapping[str, Any]) -> None:
        self._given = given
        self._id = uuid4().hex[:8]
        self._attempts: Counter[str] = Counter()
        self._options: Options | None = None
        self._server: MockServer | None = None
        self._world: World | None = None

    def start(self, context: Any) -> None:
        """Start the server, or attach to it. Raises ``ValueError`` and ``MockServerError``."""
        options = self._options = read_options(self._given, context.config.userdata)
        self._server = start_or_attach(options)
        context.mock_api_server = self._server

    def stop(self) -> None:
        if self._server is not None:
            self._server.stop()

    def begin(self, context: Any, scenario: Any) -> None:
        """Create the scenario's namespace. Raises ``MockServerError``."""
        options, server = self._options, self._server
        if options is None or server is None:
            raise RuntimeError("there is no mock server: before_all has failed, or was not run")
        place = f"{scenario.location.filename}:{scenario.location.line}"
        self._attempts[place] += 1
        attempt = self._attempts[place]
        tags = tuple(dict.fromkeys(f"@{tag}" for tag in scenario.effective_tags))
        self._world = begin(
            server,
            name_of(scenario.name, self._id, getpid(), place, attempt),
            self._labels(scenario, attempt),
            Wishes(tags=tags, seed=options.seed),
            lease=options.lease,
            effect=options.verdict,
        )
        context.mock_api = self._world.namespace

    def end(self, scenario: Any, status: str) -> str | None:
        """Finish the namespace; return why the scenario fails by it, and print other news."""
        world, self._world = self._world, None
        if world is None:  # it could not be had, which was told
            return None
        ending = conclude(world, status)
        if ending.news is not None:
            print(f"mock API, {scenario.name}: {ending.news}")
        if ending.failure is None:
            return None
        return f"{ending.failure}\n\n{account(world, repeat=_REPEAT)}"

    def heard(self, step: Any) -> None:
        """Print what came if ``step`` has failed: behave shows it with the step."""
        if self._world is not None and step.status.name in ("failed", "error"):
            print(f"mock API:\n{account(self._world, repeat=_REPEAT)}")

    def _labels(self, scenario: Any, attempt: int) -> dict[str, str]:
        labels = {
            "runner": "behave",
            "run": self._id,
            "test": f"{scenario.location.filename}:{scenario.location.line}",
            "file": scenario.location.filename,
            "line": str(scenario.location.line),
            "feature": scenario.feature.name,
            "scenario": scenario.name,
            "worker": str(getpid()),
            "attempt": str(attempt),
        }
        row = getattr(scenario, "_row", None)
        return labels | ({} if row is None else {"example": str(row.id)})


def install(hooks: Hooks, *, steps: bool = True, **options: Any) -> None:
    """Give each scenario ``context.mock_api``; the last line of ``environment.py``, with ``globals()``.

    ``options`` are ``config``, ``url``, ``seed`` and so on, as in ``docs/behave.md``; ``steps``
    registers the ready-made steps. Raises ``TypeError`` for what is no option.
    """
    check_names(options)
    if _INSTALLED in hooks:
        raise TypeError("install() was called twice; once is enough")
    if steps:
        register_steps()
    wrapped = _Hooks(dict(hooks), _Run(options))
    hooks[_INSTALLED] = wrapped
    for name in _WRAPPED:
        hooks[name] = getattr(wrapped, name)


class _Hooks:
    """behave's hooks, each with that of the project, if it has one."""

    def __init__(self, own: Hooks, run: _Run) -> None:
        self._own = own
        self._run = run

    def before_all(self, context: Any) -> None:
        if "before_all" not in self._own:
            context.config.setup_logging()  # as behave does where there is no hook
        self._run.start(context)
        self._call("before_all", context)

    def after_all(self, context: Any) -> None:
        try:
            self._call("after_all", context)
        finally:
            self._run.stop()

    def before_scenario(self, context: Any, scenario: Any) -> None:
        self._run.begin(context, scenario)
        self._call("before_scenario", context, scenario)

    def after_scenario(self, context: Any, scenario: Any) -> None:
        try:
            self._call("after_scenario", context, scenario)
        except BaseException:
            self._run.end(scenario, "failed")
            raise
        told = self._run.end(scenario, _status_of(scenario))
        if told is not None:
            raise AssertionError(told)

    def after_step(self, context: Any, step: Any) -> None:
        try:
            self._call("after_step", context, step)
        finally:
            self._run.heard(step)

    def _call(self, name: str, *arguments: Any) -> None:
        if name in self._own:
            self._own[name](*arguments)


def _status_of(scenario: Any) -> str:
    if scenario.hook_failed:
        return "failed"
    status = scenario.status.name
    return "skipped" if status in _SKIPPED else "passed" if status == "passed" else "failed"
