"""The real pytest-bdd, with a pytest that it works with: tags, steps, labels; docs/pytest-bdd.md."""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import Final

import pytest
from tests.conformance.fetch import PYTEST_BDD
from tests.documents import blocks_of
from tests.integrations.suites import Suite

pytest_plugins = ["pytester"]

PAGE: Final = blocks_of("docs/pytest-bdd.md")
CONFTEST: Final = """
import urllib.error
import urllib.request

import pytest
from pytest_bdd import parsers, step

pytest_plugins = ["pymockapi.pytest_bdd"]


@pytest.fixture
def seen():
    return []


@step(parsers.parse('GET "{path}"'))
def get(mock_api, seen, path):
    try:
        with urllib.request.urlopen(mock_api.url + path) as answer:
            seen.append(answer.status)
    except urllib.error.HTTPError as error:
        seen.append(error.code)
        error.close()


@step(parsers.parse("it is {status:d}"))
def it_is(seen, status):
    assert seen[-1] == status
"""
PLAIN: Final = (
    "-p",
    "no:cacheprovider",
    "-p",
    "pymockapi",
    "-p",
    "pytest_bdd.plugin",
    "-W",
    "error",
)


class Features:
    """A suite of one feature file; ``run`` runs it in a process of its own."""

    def __init__(self, pytester: pytest.Pytester, suite: Suite) -> None:
        self._pytester = pytester
        suite.ini("addopts = --strict-markers --import-mode=importlib")
        pytester.makeconftest(CONFTEST)

    def write(self, name: str, text: str) -> None:
        (self._pytester.path / name).write_text(text, encoding="utf-8")

    def run(self, feature: str, *arguments: str) -> pytest.RunResult:
        self.write("shop.feature", feature)
        self.write(
            "test_shop.py", 'from pytest_bdd import scenarios\n\nscenarios("shop.feature")\n'
        )
        return self._pytester.runpytest_subprocess(*PLAIN, *arguments, timeout=100)


@pytest.fixture(autouse=True)
def _pytest_bdd(monkeypatch: pytest.MonkeyPatch) -> None:
    if not PYTEST_BDD.is_dir():
        pytest.skip("pytest-bdd is not here: python tests/conformance/fetch.py")
    above = filter(None, (str(PYTEST_BDD), os.environ.get("PYTHONPATH")))
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join(above))


@pytest.fixture
def features(pytester: pytest.Pytester, suite: Suite) -> Features:
    return Features(pytester, suite)


def test_each_scenario_has_the_mocks_of_its_tags(features: Features) -> None:
    done = features.run("""
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
    Examples:
      | status |
      | 503    |
    @mock.up
    Examples:
      | status |
      | 201    |

  Rule: Nothing else
    @mock:up
    Scenario: In a rule
      When GET "/pay"
      Then it is 201
""")
    done.assert_outcomes(passed=5)


def test_tags_that_no_table_knows_are_strange_markers(features: Features) -> None:
    done = features.run('@strange\nFeature: Shop\n  Scenario: One\n    When GET "/base"\n')
    assert done.ret != 0
    assert "'strange' not found in `markers`" in done.stdout.str()


def test_the_ready_made_steps_are_there(features: Features) -> None:
    done = features.run("""
Feature: Shop
  Scenario: One
    Given the API answers GET "/orders/{id}" with 200 and the JSON:
      \"\"\"
      {"id": 7}
      \"\"\"
    And the API answers POST "/pay" in turn with
      | status | times |
      | 503    | 1     |
      | 201    |       |
    When GET "/orders/7"
    And GET "/base"
    Then it is 200
    And the API received GET "/orders/7" once
    And the API received in this order:
      | method | path      |
      | GET    | /orders/7 |
      | GET    | /base     |
""", "-W", "ignore::ResourceWarning")  # fmt: skip
    done.assert_outcomes(errors=0, failed=0, passed=1)


def test_a_step_that_fails_shows_its_report_and_what_came(features: Features) -> None:
    done = features.run("""
Feature: Shop
  Scenario: One
    When GET "/nowhere"
    Then the API received GET "/orders/7"
""")
    done.assert_outcomes(failed=1)
    done.stdout.fnmatch_lines(["*FAILED GET /orders/7*", "*mock API*", "It has received:",
                               "  1  GET /nowhere -> 404, no-match"])  # fmt: skip
    assert "vocabulary.py" not in done.stdout.str()


def test_a_failed_verdict_is_an_error(features: Features) -> None:
    done = features.run('Feature: Shop\n  Scenario: One\n    When GET "/nowhere"\n')
    done.assert_outcomes(passed=1, errors=1)
    done.stdout.fnmatch_lines(["*1 request that no stub answered:"])


def test_a_step_of_the_suite_wins_over_a_ready_made_one(features: Features) -> None:
    features.write("test_more.py", "")
    done = features.run("""
Feature: Shop
  Scenario: One
    Given the API is down
    When GET "/base"
    Then it is 503
""")
    done.assert_outcomes(passed=1)
    features.write("conftest.py", CONFTEST + """

@step("the API is down")
def down(mock_api):
    mock_api.get("/base").respond(418)
""")  # fmt: skip
    done = features.run("""
Feature: Shop
  Scenario: One
    Given the API is down
    When GET "/base"
    Then it is 418
""")
    done.assert_outcomes(passed=1)


def test_evidence_is_labelled_by_the_scenario(features: Features) -> None:
    features.write("conftest.py", CONFTEST + """

@step("labels are told")
def told(mock_api):
    print("LABELS", mock_api.labels)
""")  # fmt: skip
    done = features.run("""
Feature: Shop
  Scenario Outline: One
    When labels are told
    Examples:
      | x |
      | 1 |
""", "-s")  # fmt: skip
    done.assert_outcomes(passed=1)
    printed = done.stdout.str()
    for label in (
        "'runner': 'pytest-bdd'",
        "'feature': 'Shop'",
        "'scenario': 'One'",
        "'line': '3'",
    ):
        assert label in printed
    assert re.search(r"'file': '[^']*shop\.feature'", printed)
    assert "'example': '1'" in printed


def test_what_the_page_shows_is_what_happens(pytester: pytest.Pytester, bare_suite: Suite) -> None:
    assert bare_suite is not None
    shown = {language: [each.text for each in PAGE if each.language == language]
             for language in ("ini", "yaml", "gherkin", "python", "text")}  # fmt: skip
    folder = pytester.path
    for name, text in (
        ("pytest.ini", shown["ini"][0]),
        ("mocks.yaml", shown["yaml"][0]),
        ("orders.feature", shown["gherkin"][0]),
        ("conftest.py", shown["python"][0]),
        ("test_orders.py", shown["python"][1]),
    ):
        (folder / name).write_text(text, encoding="utf-8")
    (folder / "tox.ini").unlink(missing_ok=True)
    pytester.runpytest_subprocess(*PLAIN, timeout=100).assert_outcomes(passed=2)
    feature = Path(folder / "orders.feature")
    feature.write_text(shown["gherkin"][0].replace("  @outage\n", ""), encoding="utf-8")
    done = pytester.runpytest_subprocess(*PLAIN, timeout=100)
    done.assert_outcomes(passed=1, failed=1)
    done.stdout.fnmatch_lines([
        re.sub(r"-[0-9a-f]{10}\b|:\d{4,5}\b|\d{10,}", "*", line)
        for line in shown["text"][0].splitlines()
    ])  # fmt: skip
