"""The real cucumber-js: the example, what its two support files do, and docs/cucumber-js.md."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any, Final

import pytest
from tests.documents import Block, blocks_of
from tests.integrations.cucumber import EXAMPLE, Project
from tests.integrations.test_behave import MOCKS

from pymockapi.integrations.vocabulary import STEPS, TABLE, Step

pytestmark = pytest.mark.timeout(300)  # the first test waits for npm

PAGE: Final = blocks_of("docs/cucumber-js.md")
MOCK_API: Final = "features/support/mock_api.js"
READY_MADE: Final = "features/support/mock_api_steps.js"
CHANGING: Final = re.compile(
    r"-[0-9a-f]{6,}\b|\bn\d+\b|\d{4}-\d\d-\d\dT[\d:.]+Z|\d\d:\d\d:\d\d\.\d+|\b\d{4,}\b"
)
MODES: Final = [(), ("--parallel", "2")]
STEPS_OF_SHOP: Final = """
const { Given } = require('@cucumber/cucumber');
const assert = require('node:assert');
Given('GET {string}', async function (path) {
  this.status = (await fetch(this.mockApi.url + path)).status;
});
Given('GET {string} with {string}', async function (path, tenant) {
  await fetch(this.mockApi.url + path, { headers: { 'x-tenant': tenant } });
});
Given('POST {string}', async function (path, body) {
  this.status = (await fetch(this.mockApi.url + path, { method: 'POST', body })).status;
});
Given('it is {int}', function (status) {
  assert.strictEqual(this.status, status);
});
"""


@pytest.fixture
def example(tmp_path: Path, cucumber_modules: Path) -> Project:
    """The example as it is."""
    folder = tmp_path / "example"
    shutil.copytree(EXAMPLE, folder, ignore=shutil.ignore_patterns("node_modules"))
    return Project(folder, cucumber_modules)


@pytest.fixture
def shop(tmp_path: Path, cucumber_modules: Path) -> Project:
    """A project with both support files, and steps that ask the API."""
    made = Project(tmp_path, cucumber_modules)
    made.take(MOCK_API, READY_MADE)
    made.write("features/step_definitions/steps.js", STEPS_OF_SHOP)
    made.write("mocks.yaml", MOCKS)
    return made


@pytest.mark.parametrize("mode", MODES, ids=["serial", "parallel"])
def test_the_example_is_green(example: Project, mode: tuple[str, ...]) -> None:
    ran = example.run(*mode, options=("--artifacts", "out"))
    assert ran.code == 0, ran.text
    assert ran.has("7 scenarios (7 passed)"), ran.text
    assert "pymockapi run:" not in ran.text
    assert list((example.folder / "out").iterdir()) == []


@pytest.mark.parametrize("mode", MODES, ids=["serial", "parallel"])
def test_a_red_run_tells_why_and_leaves_its_evidence(
    example: Project, mode: tuple[str, ...]
) -> None:
    name = "features/outages.feature"
    example.write(name, example.read(name).replace("  @outage\n", ""))
    ran = example.run(*mode, options=("--artifacts", "out"))
    assert ran.code == 1
    assert ran.has(
        "7 scenarios (1 failed, 6 passed)", "Scenario: It is kept for later", "+ 'placed'",
        "2 recorded requests:", "POST /payments -> 201 pay",
    ), ran.text  # fmt: skip
    (bundle,) = evidence(example)
    assert bundle["finished"]["status"] == "failed"
    assert bundle["verdict"]["passed"] is True
    assert {each["stub"] for each in bundle["requests"]} == {"stock", "pay"}
    labels = bundle["labels"]
    assert labels.items() >= {
        "runner": "cucumber-js", "test": f"{name}:5", "file": name, "line": "5",
        "feature": "Outages of payments", "scenario": "It is kept for later", "attempt": "1",
    }.items()  # fmt: skip


def evidence(project: Project) -> list[Any]:
    found = sorted((project.folder / "out").glob("*.bundle.json"))
    return [json.loads(path.read_text(encoding="utf-8")) for path in found]


@pytest.mark.parametrize("mode", MODES, ids=["serial", "parallel"])
def test_a_failed_verdict_fails_the_scenario(shop: Project, mode: tuple[str, ...]) -> None:
    shop.write("features/shop.feature", """
Feature: Shop
  Scenario: Nobody minds
    When GET "/nowhere"

  Scenario: Asked all the same
    Given the API must not be asked for GET "/pay", and answers 200
    When GET "/pay"
    Then it is 200

  Scenario: Fine
    When GET "/base"
""")  # fmt: skip
    ran = shop.run(*mode, options=("--artifacts", "out"))
    assert ran.code == 1
    assert ran.has(
        "3 scenarios (2 failed, 1 passed)", "✖ After (mock API)",
        "1 request that no stub answered:\n           #1 GET", "nearest is 'base'",
        "expected none, got 1",
    ), ran.text  # fmt: skip
    assert "at World" not in ran.text, "no trace of the support file"
    told = {each["labels"]["scenario"]: each for each in evidence(shop)}
    problems = {name: [problem["kind"] for problem in each["verdict"]["problems"]]
                for name, each in told.items()}  # fmt: skip
    assert problems == {"Nobody minds": ["unmatched"], "Asked all the same": ["overrun"]}
    assert {each["finished"]["status"] for each in told.values()} == {"passed"}


def test_each_scenario_has_the_mocks_of_its_tags(shop: Project) -> None:
    shop.write("features/shop.feature", """
@outage
Feature: Shop
  Scenario: By the feature
    When GET "/pay"
    Then it is 503

  @mock.up
  Scenario: Its own set is applied later
    When GET "/pay"
    Then it is 201

  Rule: Nothing else
    @mock:up
    Scenario Outline: By examples
      When GET "/pay"
      Then it is <status>
      Examples:
        | status |
        | 201    |
""")  # fmt: skip
    assert shop.run("--parallel", "2").has("3 scenarios (3 passed)")


def test_a_tag_without_its_set_fails_the_scenario_alone(shop: Project) -> None:
    shop.write("features/shop.feature", """
Feature: Shop
  @mock.dwn
  Scenario: Typo
    When GET "/base"

  Scenario: Fine
    When GET "/base"
""")  # fmt: skip
    ran = shop.run()
    assert ran.code == 1
    assert ran.has(
        "2 scenarios (1 failed, 1 passed)",
        "the tag '@mock.dwn' asks for a set that is not there; did you mean '@mock.down'?",
    ), ran.text


def test_an_example_is_labelled_and_begins_clean_when_it_is_run_again(shop: Project) -> None:
    shop.write("features/shop.feature", """
Feature: Shop
  Scenario Outline: Red
    Then the API received nothing
    When GET "/<path>"
    Examples:
      | path |
      | base |
    Examples:
      | path |
      | base |
      | no   |
""")  # fmt: skip
    ran = shop.run("--retry", "1", options=("--artifacts", "out"))
    assert ran.has("3 scenarios (1 failed, 2 passed)"), ran.text
    labels = [each["labels"] for each in evidence(shop)]
    assert sorted((each["example"], each["line"], each["attempt"]) for each in labels) == [
        ("2.2", "12", "1"), ("2.2", "12", "2")]  # fmt: skip


def test_in_a_project_of_es_modules_the_files_have_another_ending(shop: Project) -> None:
    shop.write("package.json", '{"type": "module"}')
    for name in (MOCK_API, READY_MADE, "features/step_definitions/steps.js"):
        (shop.folder / name).rename((shop.folder / name).with_suffix(".cjs"))
    shop.write("features/step_definitions/more.js", """
import { Then } from '@cucumber/cucumber';
Then('the scenario has mocks', function () { this.mockApi.url.length; });
""")  # fmt: skip
    shop.write("features/shop.feature", """
Feature: Shop
  Scenario: One
    When GET "/base"
    Then the API received GET "/base"
    And the scenario has mocks
""")  # fmt: skip
    ran = shop.run()
    assert ran.code == 0, ran.text


def test_a_token_is_used(shop: Project) -> None:
    shop.write("features/shop.feature", 'Feature: Shop\n  Scenario: One\n    When GET "/base"\n')
    ran = shop.run(options=("--token", "s3cret"))
    assert ran.code == 0, ran.text


def test_without_a_server_the_way_to_one_is_told(shop: Project) -> None:
    shop.write("features/shop.feature", 'Feature: Shop\n  Scenario: One\n    When GET "/base"\n')
    ran = shop.command(*shop.cucumber())
    assert ran.code == 1
    assert ran.has("There is no mock server", "pymockapi run mocks.yaml -- npx cucumber-js")
    gone = shop.command(*shop.cucumber(), PYMOCKAPI_URL="http://127.0.0.1:9")
    assert gone.code == 1
    assert gone.has("The mock server cannot be reached")


def test_the_ready_made_steps_hold(shop: Project) -> None:
    shop.write("features/shop.feature", GREEN)
    ran = shop.run("--parallel", "2")
    assert ran.code == 0, ran.text


GREEN: Final = """
Feature: Steps
  Scenario: Answers
    Given the API answers GET "/a" with 204
    And the API answers GET "/b/{id}" with 200 and the JSON:
      \"\"\"
      {"id": 7}
      \"\"\"
    And the API answers ANY "/c" with 202 and the text
      \"\"\"
      gone
      \"\"\"
    And the API answers GET "/d" in turn with:
      | status | times | json    | text | delay |
      | 503    | 2     |         |      |       |
      | 201    |       | {"a":1} |      | 1ms   |
    And the API answers GET "/e" with 200 after 0.01 seconds
    When GET "/a"
    Then it is 204
    When GET "/b/1"
    Then it is 200
    When GET "/c"
    Then it is 202
    When GET "/d"
    Then it is 503
    When GET "/d"
    Then it is 503
    When GET "/d"
    Then it is 201
    When GET "/e"
    Then it is 200
    And nothing is wrong with the requests to the API

  Scenario: Outages
    Given the API is down below "/x/"
    When GET "/x/1"
    Then it is 503
    When GET "/base"
    Then it is 200
    Given the API is down with 500
    When GET "/base"
    Then it is 500
    Given the API behaves as "down"
    When GET "/base"
    Then it is 503
    Given the API forgets what it received
    And the API is down
    When GET "/base"
    Then it is 503
    And the API received GET "/base" once

  Scenario: Sets, state, clock
    Given the API uses the set "up"
    And the API has the state:
      | name | value   |
      | cart | full    |
      | left | 7       |
      | open | [true]  |
    And the clock of the API stands at "2030-01-01T00:00:00Z"
    And the API takes 0.01 seconds to answer
    When GET "/pay"
    Then it is 201
    And the state "cart" of the API is full
    And the state "left" of the API is 7
    And the state "open" of the API is [true]

  Scenario: What came
    Then the API received nothing
    Given the API is down with 200
    When GET "/orders/1?page=2" with "blue"
    And POST "/payments"
      \"\"\"
      {"amount": 42, "currency": "EUR"}
      \"\"\"
    And POST "/payments"
      \"\"\"
      {"amount": 43}
      \"\"\"
    Then the API received GET "/orders/{id}"
    And the API received GET "/orders/1" once
    And the API received POST "/payments" 2 times
    And the API received ANY "/payments" at least 1 times
    And the API received POST "/payments" at most 2 times
    And the API received POST "/payments" within 0.5 seconds
    And the API received POST "/payments" 2 times within 0.01 seconds
    And the API received POST "/payments" with the JSON:
      \"\"\"
      {"amount": 42}
      \"\"\"
    And the API received GET "/orders/1" with the headers:
      | x-tenant | blue |
    And the API received GET "/orders/1" with the query
      | page | 2 |
    And the API never received GET "/payments"
    And the API received in this order:
      | method | path      | times |
      | GET    | /orders/1 |       |
      | POST   | /payments | 2     |
    And the API received only
      | path      | times |
      | /payments | 2     |
      | /orders/1 |       |
"""


MISTAKES: Final = {
    'the API received GET "/base" 2 times': "expected exactly 2, got 1",
    "the API received nothing": "expected none, got 1",
    "the API received in this order:\n      | path | metod |\n      | /base | GET |":
        "unknown key 'metod'; did you mean 'method'?",
    "the API received in this order:\n      | path |\n      | /bse |": "GET /base",
    'the state "cart" of the API is 1': "The state has no key 'cart'; its keys: none.",
    'the API uses the set "dwn"': "did you mean 'down'?",
    'the API answers GET "/a" with 200 and the JSON\n      """\n      {1}\n      """':
        "The doc string is not JSON",
    'the API answers GET "/a" in turn with\n      | stats |\n      | 200 |':
        "did you mean 'status'?",
    'the API answers GET "/a" in turn with\n      | status | tims | txt |\n      | 200 | 1 | a |':
        "\n         /responses/0/txt: unknown key 'txt'; did you mean 'text'?",
}  # fmt: skip


def test_a_ready_made_step_tells_what_is_wrong(shop: Project) -> None:
    scenarios = (f'  Scenario: Red\n    When GET "/base"\n    Then {step}\n' for step in MISTAKES)
    shop.write("features/shop.feature", f"Feature: Shop\n{''.join(scenarios)}")
    ran = shop.run()
    assert ran.code == 1
    accounts = re.split(r"^\d+\) Scenario: ", ran.text, flags=re.M)[1:]
    for account, (step, told) in zip(accounts, MISTAKES.items(), strict=True):
        assert told in account.partition("Attachment")[0], f"{step}\n{account}"


def test_every_ready_made_step_is_there_in_each_of_its_forms(shop: Project) -> None:
    lines = [f"    * {_example(pattern)}{_argument(step)}\n"
             for step in STEPS for pattern in step.patterns]  # fmt: skip
    shop.write("features/steps.feature", f"Feature: Steps\n  Scenario: All\n{''.join(lines)}")
    ran = shop.run("--dry-run")
    assert ran.code == 0, ran.text
    assert f"{len(lines)} steps ({len(lines)} skipped)" in ran.text
    defined = re.findall(r"^(?:Given|Then)\(", (EXAMPLE / READY_MADE).read_text(), re.M)
    assert len(defined) == len(STEPS)


def _example(pattern: str) -> str:
    kinds = {":w": "GET", ":d": "200", ":g": "0.5", "": "word"}
    return re.sub(r"\{\w+(:?\w?)\}", lambda found: kinds[found[1]], pattern)


def _argument(step: Step) -> str:
    if step.takes is None:
        return ""
    return "\n      | a | b |" if step.takes == TABLE else '\n      """\n      {}\n      """'


def test_what_the_page_shows_is_what_happens(tmp_path: Path, cucumber_modules: Path) -> None:
    project = Project(tmp_path, cucumber_modules)
    project.write("mocks.yaml", _shown("yaml"))
    project.write("features/step_definitions/orders.js", _shown("js"))
    project.write(MOCK_API, _shown("js", 1))
    feature = _shown("gherkin")
    project.write("features/orders.feature", feature)
    ran = project.run()
    assert ran.code == 0, ran.text
    project.write("features/orders.feature", feature.replace("  @outage\n", ""))
    ran = project.run()
    assert ran.code == 1
    told = CHANGING.sub("N", re.sub("^ {7}", "", ran.text, flags=re.M))
    assert CHANGING.sub("N", _shown("text")) in told


def test_the_page_shows_the_support_file_as_it_is_in_the_example() -> None:
    assert _shown("js", 1) == (EXAMPLE / MOCK_API).read_text(encoding="utf-8")


def _shown(language: str, place: int = 0) -> str:
    found: list[Block] = [block for block in PAGE if block.language == language]
    return found[place].text


def test_the_example_uses_all_of_its_tags() -> None:
    words = ("check", str(EXAMPLE / "mocks.yaml"), "--features", str(EXAMPLE / "features"))
    done = subprocess.run(
        [sys.executable, "-m", "pymockapi", *words], capture_output=True, encoding="utf-8",
        check=False,
    )  # fmt: skip
    assert done.stdout.splitlines()[1:] == ["no errors"]
