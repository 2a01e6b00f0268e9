"""The real Robot Framework: keywords, and a namespace for each test; and docs/robot.md."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path
from typing import Final

import pytest
from tests.conformance.fetch import OLD_ROBOT
from tests.documents import blocks_of, section
from tests.integrations.robots import Outcome, Project, Ran, without_numbers
from tests.test_exports import loaded_after

from pymockapi import MockServer
from pymockapi.integrations.options import OPTIONS, Option
from pymockapi.integrations.vocabulary import STEPS

PAGE: Final = blocks_of("docs/robot.md")


@pytest.fixture
def bare(tmp_path: Path) -> Project:
    """Suites that start their own server."""
    return Project(tmp_path)


@pytest.fixture
def project(tmp_path: Path, server: MockServer) -> Project:
    """Suites that attach to ``server``, which is there already."""
    return Project(tmp_path, url=server.url)


# Tests


def test_each_test_has_the_mocks_of_its_tags(bare: Project) -> None:
    ran = bare.run("""
*** Test Cases ***
By the tags of the suite
    ${status} =    Ask    ${MOCK_API_URL}/pay
    Should Be Equal As Integers    ${status}    503

By its own, which are later
    [Tags]    mock.up
    ${status} =    Ask    ${MOCK_API_URL}/pay
    Should Be Equal As Integers    ${status}    201

Without those of the suite
    [Tags]    -outage    @mock:up
    ${status} =    Ask    ${MOCK_API_URL}/pay
    Should Be Equal As Integers    ${status}    201
""", settings="Test Tags    outage")  # fmt: skip
    assert ran.code == 0, ran.text


def test_a_test_that_fails_shows_what_came(project: Project) -> None:
    ran = project.run("""
*** Test Cases ***
Wrong
    Given the API answers GET "/orders/{id}" with 200
    ${status} =    Ask    ${MOCK_API_URL}/order/7
    Should Be Equal As Integers    ${status}    200
""")
    assert ran.code == 1
    message = ran.tests["Wrong"].message
    assert message.startswith("404 != 200\n\nmock API:\nNamespace 'wrong-")
    for line in ("to repeat with it: PYMOCKAPI_SEED=", "1  GET /order/7 -> 404, no-match",
                 "nearest is stub 'stub-1':"):  # fmt: skip
        assert line in message
        assert line in ran.text


def test_a_keyword_that_fails_shows_its_report(project: Project) -> None:
    ran = project.run("""
*** Test Cases ***
Wrong
    Ask    ${MOCK_API_URL}/base
    Then the API received GET "/base" 2 times
""")
    assert ran.code == 1
    assert "expected exactly 2, got 1" in ran.tests["Wrong"].message
    assert "Traceback" not in ran.text


def test_a_failed_verdict_fails_the_test(project: Project) -> None:
    ran = project.run("""
*** Test Cases ***
Nobody minds
    Ask    ${MOCK_API_URL}/nowhere
""")
    assert ran.code == 1
    status, message = ran.tests["Nobody minds"]
    assert status == "FAIL"
    assert "1 request that no stub answered:\n    #1 GET /nowhere" in message
    assert "mock API:\nNamespace 'nobody-minds-" in message
    assert "#1 GET /nowhere" in ran.text


def test_a_verdict_that_only_warns_fails_nothing(project: Project) -> None:
    ran = project.run("""
*** Test Cases ***
Nobody minds
    Ask    ${MOCK_API_URL}/nowhere
""", PYMOCKAPI_VERDICT="warn")  # fmt: skip
    assert ran.code == 0, ran.text
    assert "[ WARN ] mock API: Namespace 'nobody-minds-" in ran.text


def test_a_tag_without_its_set_fails_the_test_before_it_begins(project: Project) -> None:
    ran = project.run("""
*** Test Cases ***
Typo
    [Tags]    mock.dwn
    Log To Console    it ran

Fine
    Ask    ${MOCK_API_URL}/base
""")
    assert ran.statuses == {"Typo": "FAIL", "Fine": "PASS"}
    told = "the tag '@mock.dwn' asks for a set that is not there; did you mean '@mock.down'?"
    assert told in ran.tests["Typo"].message
    assert "it ran" not in ran.text


HOW_TESTS_GO: Final = """
*** Test Cases ***
Skipped midway
    Ask    ${MOCK_API_URL}/nowhere
    Skip    not today

Skipped by a tag
    [Tags]    robot:skip    mock.nope
    Fail

Torn
    Ask    ${MOCK_API_URL}/nowhere
    [Teardown]    Fail    the teardown

Lenient
    [Tags]    robot:skip-on-failure
    Ask    ${MOCK_API_URL}/nowhere

Set up
    [Setup]    The API answers GET "/set-up" with 200
    Ask    ${MOCK_API_URL}/set-up
    [Teardown]    The API received GET "/set-up" once

Empty
    Log    nothing of ours
"""


@pytest.fixture(scope="module")
def went(tmp_path_factory: pytest.TempPathFactory, server: MockServer) -> Ran:
    return Project(tmp_path_factory.mktemp("went"), url=server.url).run(HOW_TESTS_GO)


@pytest.mark.parametrize(
    ("name", "status", "message"),
    [
        ("Skipped midway", "SKIP", "not today"),
        ("Skipped by a tag", "SKIP", "Test skipped using 'robot:skip' tag."),
        ("Torn", "FAIL", "Teardown failed:\nthe teardown\n\nmock API:\nNamespace 'torn"),
        ("Lenient", "SKIP", "Namespace 'lenient"),
        ("Set up", "PASS", ""),
        ("Empty", "PASS", ""),
    ],
)
def test_how_a_test_went_decides_what_a_verdict_does(
    went: Ran, name: str, status: str, message: str
) -> None:
    outcome = went.tests[name]
    assert outcome.status == status
    assert outcome.message.startswith(message)
    assert bool(outcome.message) == bool(message)


def test_a_verdict_stops_the_run_where_failures_do(project: Project) -> None:
    ran = project.run("""
*** Test Cases ***
Nobody minds
    Ask    ${MOCK_API_URL}/nowhere

Later
    Log    never
""", "--exitonfailure")  # fmt: skip
    assert ran.statuses == {"Nobody minds": "FAIL", "Later": "FAIL"}
    assert ran.tests["Later"].message == "Failure occurred and exit-on-failure mode is in use."


def test_listeners_of_the_suite_see_the_namespace_and_the_verdict(project: Project) -> None:
    project.write("Told.py", """
from robot.libraries.BuiltIn import BuiltIn

class Told:
    ROBOT_LISTENER_API_VERSION = 3

    def start_test(self, data, result):
        print("began at", BuiltIn().get_variable_value("${MOCK_API_URL}"))

    def end_test(self, data, result):
        print("ended as", result.status)
""")  # fmt: skip
    ran = project.run("""
*** Test Cases ***
Nobody minds
    Ask    ${MOCK_API_URL}/nowhere
""", "--listener", "Told.py")  # fmt: skip
    assert re.search(r"began at http://\S+/~nobody-minds-", ran.text)
    assert "ended as FAIL" in ran.text


def test_a_test_that_is_run_again_begins_clean(project: Project) -> None:
    project.write("Again.py", """
class Again:
    ROBOT_LISTENER_API_VERSION = 3

    def end_test(self, data, result):
        if result.failed and len(data.parent.tests) == 1:
            data.parent.tests.append(data.deepcopy())
            data.parent.tests[1].name = data.name
""")  # fmt: skip
    ran = project.run("""
*** Test Cases ***
Flaky
    Should Be Empty    ${MOCK_API.requests()}
    Ask    ${MOCK_API_URL}/base
    Should Be Equal    ${MOCK_API.labels}[attempt]    2
""", "--listener", "Again.py")  # fmt: skip
    assert ran.tests["Flaky"].status == "PASS", ran.text
    assert "2 tests, 1 passed, 1 failed" in ran.text


# Keywords

MISTAKES: Final = {
    'The API answers GET "/x" with 20x':
        "ValueError: Argument 'status' got value '20x' that cannot be converted to integer.",
    'The API answers GET "/x" with 200 and the JSN    {}':
        """Keyword 'pymockapi.robot.the API answers ${method} "${path}" with ${status}' expected 0""",
    'The API recieved GET "/x"':
        "No keyword with name 'The API recieved GET \"/x\"' found.",
    'The API answers GET "/x" with 200 and the JSON':
        """The keyword 'the API answers ${method} "${path}" with ${status} and the JSON' takes json""",
    'The API answers GET "/x" with 200 and the JSON    oops':
        "This is not JSON (Expecting value: line 1 column 1 (char 0)):\noops",
    'The API answers GET "x" with 200':
        "MockApiError: The stub has 1 error; nothing was changed. The first, at /request/path: a path",
    'The API uses the set "dwn"':
        "MockApiError: The batch has 1 error; nothing was changed. The first, at /sets/0: there is no"
        " set 'dwn'; did you mean 'down'?",
    'The API received GET "/x" with the headers    X-Tenant: blue':
        "'X-Tenant: blue' is no name and value; write headers as name=value",
    'The state "cart" of the API is full':
        "The state has no key 'cart'; its keys: none.",
    "Import Library    pymockapi.robot    seed=8    AS    late\n    late.Get Mock API URL":
        "There is no mock API here: import it in the settings of the suite, as 'Library    pymockapi",
}  # fmt: skip


@pytest.fixture(scope="module")
def mistaken(tmp_path_factory: pytest.TempPathFactory, server: MockServer) -> Ran:
    tests = "\n".join(f"{number}\n    {line}" for number, line in enumerate(MISTAKES))
    project = Project(tmp_path_factory.mktemp("mistakes"), url=server.url)
    return project.run(f"*** Test Cases ***\n{tests}\n")


@pytest.mark.parametrize("number", range(len(MISTAKES)), ids=lambda n: list(MISTAKES)[n][:40])
def test_a_mistake_with_a_keyword_is_told(mistaken: Ran, number: int) -> None:
    status, message = mistaken.tests[str(number)]
    assert status == "FAIL"
    assert message.startswith(list(MISTAKES.values())[number])


def test_a_pair_may_have_the_name_of_what_a_keyword_embeds(project: Project) -> None:
    ran = project.run("""
*** Test Cases ***
Query
    The API answers GET "/a" with 200
    Ask    ${MOCK_API_URL}/a?path=x&method=y
    The API received GET "/a" with the query    path=x    method=y
""")
    assert ran.code == 0, ran.text


def test_variables_may_stand_in_keywords(project: Project) -> None:
    ran = project.run("""
*** Test Cases ***
Variables
    VAR    ${path}    /a
    The API answers GET "${path}" with ${204}
    ${status} =    Ask    ${MOCK_API_URL}${path}
    Should Be Equal As Integers    ${status}    204
""")
    assert ran.code == 0, ran.text


def test_a_keyword_of_the_suite_wins_over_a_ready_made_one(project: Project) -> None:
    ran = project.run("""
*** Test Cases ***
Mine
    Given the API is down

*** Keywords ***
The API is down
    Log To Console    mine
""")
    assert ran.code == 0, ran.text
    assert "mine" in ran.text


def test_libdoc_shows_every_step(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "robot.libdoc", "pymockapi.robot", str(tmp_path / "doc.json")]
    subprocess.run(command, check=True, capture_output=True)
    shown = json.loads((tmp_path / "doc.json").read_text(encoding="utf-8"))
    found = {keyword["name"] for keyword in shown["keywords"]}
    steps = [re.sub(r"\{(\w+)(:\w)?\}", r"${\1}", step.pattern) for step in STEPS]
    assert found == {*steps, "Get Mock API", "Get Mock API URL", "Judge Mock API Of Suite"}
    assert [each["name"] for each in shown["keywords"] if not each["shortdoc"]] == []
    (made,) = shown["inits"]
    names = [*(option.name for option in OPTIONS), "others"]
    assert [each["name"] for each in made["args"] if each["name"]] == names


# Suites

SHARED: Final = """
*** Keywords ***
Start
    ${url} =    Get Mock API URL
    VAR    ${SHOP}    ${url}    scope=SUITE
    The API answers GET "/stock" with 200

*** Test Cases ***
Sold out
    The API answers GET "/stock" with 404
    ${status} =    Ask    ${SHOP}/stock
    Should Be Equal As Integers    ${status}    404
    Should Be Equal    ${SHOP}    ${MOCK_API_URL}

There are some
    ${status} =    Ask    ${SHOP}/stock
    Should Be Equal As Integers    ${status}    200
    The API received only    GET /stock

By a tag
    [Tags]    outage
    ${status} =    Ask    ${SHOP}/pay
    Should Be Equal As Integers    ${status}    503
"""


def test_tests_of_a_suite_share_the_url_that_its_setup_asked_for(project: Project) -> None:
    ran = project.run(SHARED, settings="Suite Setup    Start\n")
    assert ran.code == 0, ran.text


def test_a_suite_may_give_the_library_another_name(project: Project) -> None:
    project.write("shop.robot", f"""
*** Settings ***
Library    pymockapi.robot    config=mocks.yaml    AS    mocks
Library    calls.py
Suite Setup    Start
{SHARED}""")  # fmt: skip
    ran = project.robot("--pythonpath", ".", "shop.robot")
    assert ran.code == 0, ran.text


def test_a_suite_may_import_the_library_under_two_names(
    project: Project, server: MockServer
) -> None:
    before = {each.name for each in server.namespaces()}
    settings = (
        "Library    pymockapi.robot    config=mocks.yaml    AS    mocks\nSuite Setup    Get\n"
    )
    tests = SHARED.replace("The API", "mocks.The API").replace("Start\n", "Get\n")
    ran = project.run(tests.replace("Get Mock", "mocks.Get Mock"), settings=settings)
    assert ran.code == 0, ran.text
    assert {each.name for each in server.namespaces()} == before


def test_suites_of_a_folder_share_the_url_of_its_setup(project: Project) -> None:
    settings = (
        "*** Settings ***\nLibrary    pymockapi.robot    config=mocks.yaml\nLibrary    calls.py\n"
    )
    project.write("all/__init__.robot", f"{settings}Suite Setup    Get Mock API URL\n")
    for name in ("one", "two"):
        project.write(f"all/{name}.robot", f"""{settings}
Suite Setup    The API answers GET "/{name}" with 200
*** Test Cases ***
{name}
    Log To Console    at ${{MOCK_API_URL}}
    Ask    ${{MOCK_API_URL}}/{name}
    The API received only    GET /{name}
""")  # fmt: skip
    ran = project.robot("--pythonpath", ".", "all")
    assert ran.code == 0, ran.text
    found = re.findall(r"at (http://\S+/~all-\w+)", ran.text)
    assert len(found) == 2
    assert len(set(found)) == 1


def test_what_went_wrong_outside_of_tests_fails_the_suite(project: Project) -> None:
    ran = project.run("""
*** Keywords ***
Stop
    [Arguments]    ${path}    ${why}
    Ask    ${MOCK_API_URL}${path}
    Fail    ${why}

*** Test Cases ***
One
    Log    nothing
""", settings="Suite Setup    Get Mock API URL\nSuite Teardown    Stop    /nowhere    why=mine\n")  # fmt: skip
    assert ran.code == 1
    message = ran.tests["One"].message
    assert message.startswith(
        "Parent suite teardown failed:\nSeveral failures occurred:\n\n1) mine"
    )
    assert "#1 GET /nowhere" in message


def test_what_a_test_has_told_is_not_told_again_by_its_suite(project: Project) -> None:
    ran = project.run("""
*** Test Cases ***
Red
    Ask    ${MOCK_API_URL}/nowhere

Green
    Log    nothing
""", settings="Suite Setup    Get Mock API URL\n")  # fmt: skip
    assert ran.statuses == {"Red": "FAIL", "Green": "PASS"}


# Options and servers


def test_a_config_that_cannot_be_read_is_told_once_in_full(bare: Project) -> None:
    (bare.folder / "mocks.yaml").unlink()
    ran = bare.run("*** Test Cases ***\nOne\n    Log    1\nTwo\n    Log    2\n")
    assert "mocks.yaml: cannot be read: No such file or directory" in ran.tests["One"].message
    told = "There is no mock server; 'Shop.One', which asked first, says why."
    assert ran.tests["Two"] == Outcome("FAIL", f"There are no mocks for this test: {told}")


def test_a_dry_run_starts_no_server(bare: Project) -> None:
    (bare.folder / "mocks.yaml").unlink()
    ran = bare.run('*** Test Cases ***\nOne\n    The API received GET "/a"\n', "--dryrun")
    assert ran.code == 0, ran.text


def test_a_dry_run_tells_a_mistake_in_the_options(bare: Project) -> None:
    ran = bare.run("*** Test Cases ***\nOne\n    Log    1\n", "--dryrun", PYMOCKAPI_SEED="x")
    told = "environment variable PYMOCKAPI_SEED: 'x' does not do: a seed was expected"
    assert told in ran.tests["One"].message


def test_an_argument_that_is_no_option_fails_every_test(bare: Project) -> None:
    bare.write("shop.robot", "*** Settings ***\nLibrary    pymockapi.robot    cnfig=x.yaml\n"
               "*** Test Cases ***\nOne\n    Log    1\n")  # fmt: skip
    ran = bare.robot("shop.robot")
    assert "unexpected keyword argument 'cnfig'; did you mean 'config'?" in ran.tests["One"].message


def test_the_environment_wins_over_the_import(project: Project) -> None:
    project.write("shop.robot", """
*** Settings ***
Library    pymockapi.robot    seed=1    lease=5m

*** Test Cases ***
Seed
    Log To Console    seed ${MOCK_API.seed}
""")  # fmt: skip
    assert "seed 1" in project.robot("shop.robot").text
    assert "seed 2" in project.robot("shop.robot", PYMOCKAPI_SEED="2").text


def test_a_server_that_was_attached_to_keeps_its_config(
    project: Project, server: MockServer
) -> None:
    version = server.config()["version"]
    assert project.run("*** Test Cases ***\nOne\n    Ask    ${MOCK_API_URL}/base\n").code == 0
    assert server.config()["version"] == version


def test_no_namespace_is_left_behind(project: Project, server: MockServer) -> None:
    before = {each.name for each in server.namespaces()}
    project.run(SHARED, settings="Suite Setup    Start\n")
    assert {each.name for each in server.namespaces()} == before


def test_processes_of_pabot_do_not_meet(project: Project) -> None:
    settings = "*** Settings ***\nLibrary    pymockapi.robot\nLibrary    calls.py\n"
    for number in range(4):
        project.write(f"all/suite{number}.robot", f"""{settings}
*** Test Cases ***
Number {number}
    Given the API answers GET "/n" with {200 + number}
    ${{status}} =    Ask    ${{MOCK_API_URL}}/n
    Should Be Equal As Integers    ${{status}}    {200 + number}
    And the API received only    GET /n
    Should Be Equal    ${{MOCK_API.labels}}[worker]    ${{PABOTEXECUTIONPOOLID}}
""")  # fmt: skip
    ran = project.command(
        "pabot.pabot", "--processes", "2", "--no-pabotlib", "--pythonpath", ".", "--outputdir", ".",
        "--log", "NONE", "--report", "NONE", "all",
    )  # fmt: skip
    assert ran.code == 0, ran.text
    assert ran.statuses == {f"Number {number}": "PASS" for number in range(4)}


def test_importing_pymockapi_loads_no_robot() -> None:
    assert "robot" not in loaded_after("import pymockapi")


# The page


@pytest.fixture(params=["newest", "oldest"])
def shown(request: pytest.FixtureRequest, tmp_path: Path) -> Project:
    """The files of the page, in the newest Robot Framework and in the oldest."""
    is_old = request.param == "oldest"
    if is_old and not OLD_ROBOT.is_dir():
        pytest.skip("Robot Framework 7.0 is not here: python tests/conformance/fetch.py")
    project = Project(tmp_path, old=is_old)
    project.write("mocks.yaml", _block("yaml"))
    project.write("shop.py", _block("python"))
    return project


def test_what_the_page_shows_is_what_happens(shown: Project) -> None:
    suite = _block("robot")
    shown.write("orders.robot", suite)
    green = shown.robot("orders.robot")
    assert green.code == 0, green.text
    shown.write("orders.robot", suite.replace("    [Tags]    outage\n", ""))
    red = shown.robot("orders.robot")
    assert red.code == 1
    assert without_numbers(_block("text")) in without_numbers(red.text)


@pytest.mark.parametrize("place", range(1, len([b for b in PAGE if b.language == "robot"])))
def test_a_suite_on_the_page_passes(shown: Project, place: int) -> None:
    shown.write("suite.robot", _block("robot", place))
    ran = shown.robot("suite.robot")
    assert ran.code == 0, ran.text


def test_the_command_on_the_page_runs_all_processes_with_one_server(shown: Project) -> None:
    shown.write("orders.robot", _block("robot"))
    words = _block("sh", 1).replace("pabot", f"{sys.executable} -m pabot.pabot --no-pabotlib", 1)
    ran = shown.command(*words.split())
    assert ran.code == 0, ran.text
    assert "2 tests, 2 passed, 0 failed" in ran.text
    assert "PASSED Orders.An order is paid" in ran.text


def _block(language: str, place: int = 0) -> str:
    return [block for block in PAGE if block.language == language][place].text


@pytest.mark.parametrize("option", OPTIONS, ids=lambda option: option.name)
def test_an_option_is_on_the_page(option: Option) -> None:
    rows = section("docs/robot.md", "Options").splitlines()
    assert any(row.startswith(f"| `{option.name}` | `{option.variable}` |") for row in rows)


def test_every_label_is_on_the_page(bare: Project) -> None:
    bare.run("*** Test Cases ***\nOne\n    Ask    ${MOCK_API_URL}/no\n", PYMOCKAPI_ARTIFACTS="out")
    (bundle,) = (bare.folder / "out").glob("*.json")
    labels = re.search(r'"labels":\{(.*?)\}', bundle.read_text(encoding="utf-8"))
    assert labels is not None
    page = section("docs/robot.md", "What a test has")
    names: list[str] = re.findall(r'"(\w+)":', labels[1])
    assert [name for name in names if f"`{name}`" not in page] == []
