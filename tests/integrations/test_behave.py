"""The real behave, the newest and the oldest, each in a process of its own; and docs/behave.md."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import xml.etree.ElementTree as ElementTree
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import pytest
from tests.conformance.fetch import OLD_BEHAVE
from tests.documents import Block, blocks_of, section
from tests.test_exports import loaded_after

from pymockapi import MockServer
from pymockapi.integrations.behave_hooks import install
from pymockapi.integrations.options import OPTIONS, Option

PAGE: Final = blocks_of("docs/behave.md")
CHANGING: Final = re.compile(r"-[0-9a-f]{10}\b|:\d{4,5}\b|\d{10,}")
STEPS: Final = """
import urllib.error
import urllib.request
from behave import step

@step('GET "{path}"')
def get(context, path):
    try:
        with urllib.request.urlopen(context.mock_api.url + path) as answer:
            context.status = answer.status
    except urllib.error.HTTPError as error:
        context.status = error.code
        error.close()

@step("it is {status:d}")
def it_is(context, status):
    assert context.status == status, f"it is {context.status}"
"""
MOCKS: Final = """
version: 1
stubs:
  - {name: base, request: {path: /base}, response: {text: base}}
sets:
  down: {stubs: [{name: pay, request: {path: /pay}, response: {status: 503}}]}
  up: {stubs: [{name: pay, request: {path: /pay}, response: {status: 201}}]}
tags:
  "@outage": {sets: [down]}
"""


@dataclass
class Ran:
    """What a run of behave has said."""

    code: int
    text: str

    def has(self, *lines: str) -> bool:
        return all(line in self.text for line in lines)

    def scenarios(self) -> str:
        (line,) = re.findall(r"^\d+ scenarios? passed.*$", self.text, re.M)
        return str(line)


class Project:
    """A folder with features; ``run`` runs them."""

    def __init__(self, folder: Path, old: bool) -> None:
        self.folder = folder
        self.old = old
        self.write("mocks.yaml", MOCKS)
        self.write("features/steps/steps.py", STEPS)
        self.environment()

    def write(self, name: str, text: str) -> None:
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")

    def environment(self, hooks: str = "", options: str = "") -> None:
        code = f"{hooks}\nfrom pymockapi.behave import install\ninstall(globals(){options})\n"
        self.write("features/environment.py", code)

    def run(self, feature: str, *arguments: str, **variables: str) -> Ran:
        self.write("features/shop.feature", feature)
        return self.behave("-D", "mock_api_config=mocks.yaml", *arguments, **variables)

    def behave(self, *arguments: str, **variables: str) -> Ran:
        kept = {key: value for key, value in os.environ.items() if not key.startswith("PYMOCKAPI_")}
        environment = {**kept, "PYTHONPATH": _path(self.old), **variables}
        done = subprocess.run(
            [
                sys.executable,
                "-W",
                "error::ResourceWarning",
                "-m",
                "behave",
                "--no-color",
                *arguments,
            ],
            cwd=self.folder,
            env=environment,
            capture_output=True,
            encoding="utf-8",
            timeout=100,
            check=False,
        )
        return Ran(done.returncode, done.stdout + done.stderr)


def _path(old: bool) -> str:
    folders = [os.environ.get("PYTHONPATH", ""), str(OLD_BEHAVE) if old else ""]
    return os.pathsep.join(filter(None, reversed(folders)))


@pytest.fixture(params=["newest", "oldest"])
def project(request: pytest.FixtureRequest, tmp_path: Path) -> Project:
    if request.param == "oldest" and not OLD_BEHAVE.is_dir():
        pytest.skip("behave 1.2.6 is not here: python tests/conformance/fetch.py")
    return Project(tmp_path, request.param == "oldest")


@pytest.fixture
def newest(tmp_path: Path) -> Project:
    return Project(tmp_path, old=False)


def test_each_scenario_has_the_mocks_of_its_tags(project: Project) -> None:
    ran = project.run("""
@outage
Feature: Shop
  Scenario: By the feature
    When GET "/pay"
    Then it is 503

  @mock.up
  Scenario: Its own set is applied later
    When GET "/pay"
    Then it is 201

  Scenario Outline: By examples
    When GET "/pay"
    Then it is <status>
    Examples: Down
      | status |
      | 503    |
    @mock:up
    Examples: Up
      | status |
      | 201    |
""")
    assert ran.code == 0, ran.text
    assert "4 scenarios passed, 0 failed" in ran.scenarios()


def test_rules_have_tags_too(newest: Project) -> None:
    ran = newest.run("""
Feature: Shop
  @outage
  Rule: Nothing is paid
    Scenario: One
      When GET "/pay"
      Then it is 503
""")
    assert ran.code == 0, ran.text


def test_a_step_that_fails_shows_what_came(project: Project) -> None:
    ran = project.run("""
Feature: Shop
  Scenario: Wrong
    Given the API answers GET "/orders/{id}" with 200
    When GET "/order/7"
    Then it is 200
""")
    assert ran.code == 1
    assert ran.has(
        "it is 404", "Namespace 'wrong-", "to repeat with it: -D mock_api_seed=",
        "1  GET /order/7 -> 404, no-match", "nearest is stub 'stub-1':",
    ), ran.text  # fmt: skip


def test_a_ready_made_step_that_fails_shows_its_report(project: Project) -> None:
    ran = project.run("""
Feature: Shop
  Scenario: Wrong
    When GET "/base"
    Then the API received GET "/base" 2 times
""")
    assert ran.code == 1
    assert ran.has("expected exactly 2, got 1"), ran.text
    assert "Traceback" not in ran.text


def test_a_failed_verdict_fails_the_scenario(project: Project) -> None:
    ran = project.run("""
Feature: Shop
  Scenario: Nobody minds
    When GET "/nowhere"
""")
    assert ran.code == 1
    assert ran.has(
        "HOOK-ERROR in after_scenario", "1 request that no stub answered:", "#1 GET /nowhere",
        "features/shop.feature:3",
    ), ran.text  # fmt: skip


def test_a_failed_verdict_is_in_the_junit_report(project: Project) -> None:
    project.run("""
Feature: Shop
  Scenario: Nobody minds
    When GET "/nowhere"
""", "--junit")  # fmt: skip
    (report,) = (project.folder / "reports").glob("*.xml")
    suite = ElementTree.parse(report).getroot()
    assert int(suite.get("failures", 0)) + int(suite.get("errors", 0)) == 1
    assert "no stub answered" in ElementTree.tostring(suite, "unicode")


def test_a_verdict_that_only_warns_fails_nothing(project: Project) -> None:
    ran = project.run("""
Feature: Shop
  Scenario: Nobody minds
    When GET "/nowhere"
""", "-D", "mock_api_verdict=warn")  # fmt: skip
    assert ran.code == 0, ran.text


def test_a_tag_without_its_set_fails_the_scenario_alone(project: Project) -> None:
    ran = project.run("""
Feature: Shop
  @mock.dwn
  Scenario: Typo
    When GET "/base"

  Scenario: Fine
    When GET "/base"
""")
    assert ran.code == 1
    assert ran.has(
        "the tag '@mock.dwn' asks for a set that is not there; did you mean '@mock.down'?"
    )
    assert ran.scenarios().startswith("1 scenario passed")


def test_the_hooks_of_the_project_run_beside_ours(project: Project) -> None:
    project.environment(
        """
def before_all(context): context.said = ["before_all"]
def before_scenario(context, scenario): context.said.append(context.mock_api.name[:3])
def after_step(context, step): context.said.append(step.name)
def after_scenario(context, scenario):
    context.said.append(f"{context.mock_api.count('/base')} came")
def after_all(context):
    with open("said.txt", "w") as file: file.write(" ".join(context.said))
""".replace("context.mock_api.count('/base')", "context.mock_api.any('/base').count()")
    )
    ran = project.run('Feature: Shop\n  Scenario: One\n    When GET "/base"\n')
    assert ran.code == 0, ran.text
    assert (project.folder / "said.txt").read_text() == 'before_all one GET "/base" 1 came'


def test_a_hook_that_fails_leaves_no_namespace_behind(project: Project, server: MockServer) -> None:
    project.environment("def before_scenario(context, scenario): raise OSError('no disk')")
    before = {each.name for each in server.namespaces()}
    ran = project.run(
        'Feature: Shop\n  Scenario: One\n    When GET "/base"\n', PYMOCKAPI_URL=server.url
    )
    assert ran.code == 1
    assert ran.has("no disk")
    assert {each.name for each in server.namespaces()} == before


def test_a_server_that_was_attached_to_keeps_its_config(
    project: Project, server: MockServer
) -> None:
    version = server.config()["version"]
    ran = project.run(
        'Feature: Shop\n  Scenario: One\n    When GET "/base"\n    Then it is 200\n',
        PYMOCKAPI_URL=server.url,
    )
    assert ran.code == 0, ran.text
    assert server.config()["version"] == version


def test_evidence_is_labelled(project: Project) -> None:
    project.run("""
Feature: Shop
  Scenario Outline: Red
    When GET "/nowhere"
    Examples:
      | x |
      | 1 |
""", "-D", "mock_api_artifacts=out")  # fmt: skip
    (bundle,) = (project.folder / "out").glob("*.json")
    text = bundle.read_text()
    assert '"feature":"Shop"' in text
    assert '"file":"features/shop.feature"' in text
    assert '"example":"1.1"' in text
    assert '"attempt":"1"' in text


def test_a_scenario_that_is_run_again_begins_clean(project: Project) -> None:
    project.environment("""
from behave.contrib.scenario_autoretry import patch_scenario_with_autoretry

def before_feature(context, feature):
    for scenario in feature.scenarios:
        patch_scenario_with_autoretry(scenario, max_attempts=2)
""")
    project.write("features/steps/flaky.py", """
from behave import then
TRIED = []

@then("it works the second time")
def works(context):
    TRIED.append(context.mock_api.labels["attempt"])
    assert len(context.mock_api.requests()) == 1
    assert TRIED == ["1", "2"]
""")  # fmt: skip
    ran = project.run("""
Feature: Shop
  Scenario: Flaky
    When GET "/base"
    Then it works the second time
""")
    assert ran.code == 0, ran.text


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (("mock_api_cnfig=x.yaml",), "userdata has no 'mock_api_cnfig'; did you mean 'mock_api_config'?"),
        (("mock_api_seed=x",), "userdata mock_api_seed: 'x' does not do: a seed was expected"),
        (("mock_api_config=nowhere.yaml",), "nowhere.yaml: cannot be read: No such file or directory"),
    ],
)  # fmt: skip
def test_a_mistake_in_the_options_is_told_and_no_scenario_runs(
    project: Project, arguments: tuple[str, ...], told: str
) -> None:
    project.write("features/shop.feature", 'Feature: Shop\n  Scenario: One\n    When GET "/base"\n')
    ran = project.behave("-D", *arguments)
    assert ran.code == 1
    assert ran.text.count(told) == 1, ran.text
    assert ran.scenarios().startswith("0 scenarios passed, 0 failed")


def test_the_environment_wins_over_userdata_and_that_over_install(newest: Project) -> None:
    newest.environment(options=", config='nowhere.yaml', seed=1")
    newest.write("features/steps/seeds.py", """
from behave import then

@then("the seed is {seed:d}")
def seed_is(context, seed): assert context.mock_api.seed == seed, context.mock_api.seed
""")  # fmt: skip
    feature = "Feature: Shop\n  Scenario: One\n    Then the seed is {}\n"
    assert newest.run(feature.format(1)).code == 0
    assert newest.run(feature.format(2), "-D", "mock_api_seed=2").code == 0
    assert newest.run(feature.format(3), "-D", "mock_api_seed=2", PYMOCKAPI_SEED="3").code == 0


def test_a_step_of_the_project_wins_over_a_ready_made_one(project: Project) -> None:
    project.write("features/steps/mine.py", """
from behave import given

@given("the API is down")
def down(context): context.mock_api.get("/pay").respond(418)
""")  # fmt: skip
    ran = project.run("""
Feature: Shop
  Scenario: One
    Given the API is down
    When GET "/pay"
    Then it is 418
""")
    assert ran.code == 0, ran.text


def test_ready_made_steps_can_be_left_out(project: Project) -> None:
    project.environment(options=", steps=False")
    ran = project.run("Feature: Shop\n  Scenario: One\n    Given the API is down\n")
    assert ran.code == 1
    assert ran.has("@given(u'the API is down')"), ran.text


def test_the_runner_needs_no_code(newest: Project) -> None:
    (newest.folder / "features/environment.py").unlink()
    newest.write("behave.ini", "[behave]\nrunner = pymockapi.behave:Runner\n"
                 "[behave.userdata]\nmock_api_config = mocks.yaml\n")  # fmt: skip
    feature = (
        "Feature: Shop\n  @outage\n  Scenario: One\n    Given the API forgets what it received\n"
    )
    assert newest.run(feature).code == 0
    assert newest.run(feature, "-D", "mock_api_steps=false").code == 1


def test_the_runner_and_install_are_too_much(newest: Project) -> None:
    ran = newest.run("Feature: Shop\n", "--runner=pymockapi.behave:Runner")
    assert ran.code == 1
    assert ran.has("install() was called twice; once is enough"), ran.text


def test_install_takes_no_other_options() -> None:
    with pytest.raises(TypeError, match="install\\(\\) takes no 'cnfig'; did you mean 'config'\\?"):
        install({}, cnfig="x.yaml")


def test_a_dry_run_starts_no_server(newest: Project) -> None:
    ran = newest.run('Feature: Shop\n  Scenario: One\n    When GET "/base"\n', "--dry-run")
    assert ran.code == 0, ran.text


def test_processes_side_by_side_do_not_meet(newest: Project, server: MockServer) -> None:
    newest.write("features/shop.feature", "\n".join([
        "Feature: Shop",
        *(f'  Scenario: Number {number}\n    Given the API answers GET "/n" with {200 + number}\n'
          f'    When GET "/n"\n    Then it is {200 + number}\n    And the API received GET "/n" once'
          for number in range(5)),
    ]))  # fmt: skip
    environment = {**os.environ, "PYMOCKAPI_URL": server.url}
    started = [
        subprocess.Popen(
            [sys.executable, "-m", "behave", "--no-color"],
            cwd=newest.folder, env=environment, stdout=subprocess.PIPE, encoding="utf-8",
        )
        for _ in range(4)
    ]  # fmt: skip
    for each in started:
        printed, _ = each.communicate(timeout=100)
        assert each.returncode == 0, printed


def test_what_the_page_shows_is_what_happens(newest: Project) -> None:
    (newest.folder / "features/environment.py").unlink()
    (newest.folder / "features/steps/steps.py").unlink()
    newest.write("mocks.yaml", _shown("yaml"))
    newest.write("behave.ini", _shown("ini"))
    newest.write("features/steps/orders.py", _shown("python", 1))
    feature = _shown("gherkin")
    newest.write("features/orders.feature", feature)
    assert newest.behave().code == 0
    newest.write("features/orders.feature", feature.replace("  @outage\n", ""))
    ran = newest.behave()
    assert ran.code == 1
    shown = CHANGING.sub("N", _shown("text"))
    assert shown in CHANGING.sub("N", ran.text)


def test_the_older_way_on_the_page_works(project: Project) -> None:
    project.write("features/environment.py", _shown("python"))
    project.write("mocks.yaml", _shown("yaml"))
    project.write("features/steps/steps.py", _shown("python", 1))
    project.write("features/orders.feature", _shown("gherkin"))
    ran = project.behave()
    assert ran.code == 0, ran.text


def _shown(language: str, place: int = 0) -> str:
    found: list[Block] = [block for block in PAGE if block.language == language]
    return found[place].text


def test_the_example_of_the_steps_runs(project: Project) -> None:
    (example,) = [each for each in blocks_of("docs/steps.md") if each.language == "gherkin"]
    project.write("features/steps/orders.py", """
import urllib.error
import urllib.request
from behave import when

@when("order {number:d} is paid")
def pay(context, number):
    urllib.request.urlopen(f"{context.mock_api.url}/orders/{number}").close()
    for _ in range(3):
        try:
            url, body = f"{context.mock_api.url}/payments", b'{"order": %d}' % number
            urllib.request.urlopen(url, body).close()
        except urllib.error.HTTPError as error:
            error.close()
""")  # fmt: skip
    ran = project.run(example.text)
    assert ran.code == 0, ran.text


@pytest.mark.parametrize("option", OPTIONS, ids=lambda option: option.name)
def test_an_option_is_on_the_page(option: Option) -> None:
    rows = section("docs/behave.md", "Options").splitlines()
    assert any(row.startswith(f"| `{option.ini}` | `{option.variable}` |") for row in rows)


def test_every_label_is_on_the_page(newest: Project) -> None:
    newest.run(
        'Feature: Shop\n  Scenario: One\n    When GET "/no"\n', "-D", "mock_api_artifacts=out"
    )
    (bundle,) = (newest.folder / "out").glob("*.json")
    labels = re.search(r'"labels":\{(.*?)\}', bundle.read_text())
    assert labels is not None
    page = section("docs/behave.md", "What a scenario has")
    names: list[Any] = re.findall(r'"(\w+)":', labels[1])
    assert [name for name in names if f"`{name}`" not in page] == []


def test_importing_pymockapi_loads_no_behave() -> None:
    assert "behave" not in loaded_after("import pymockapi")
