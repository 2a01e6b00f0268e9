"""The plugin in suites as users have them: fixtures, the marker, verdicts, what a failure shows."""

from __future__ import annotations

import json
import re
import xml.etree.ElementTree as ElementTree

import pytest
from tests.integrations.suites import Suite

from pymockapi import MockServer

pytest_plugins = ["pytester"]

TWO_WORLDS = """
@pytest.mark.parametrize("status", [200, 404, 503])
def test_world(mock_api, status):
    mock_api.get("/x").respond(status)
    assert call(mock_api.url + "/x") == status
    assert [each.number for each in mock_api.requests()] == [1]
"""


def test_every_test_has_a_namespace_of_its_own(suite: Suite) -> None:
    suite.run(TWO_WORLDS).assert_outcomes(passed=3)


def test_a_passed_test_with_a_failed_verdict_is_an_error_with_the_report(suite: Suite) -> None:
    done = suite.run("""
def test_pays(mock_api):
    mock_api.get("/pay").respond(201)
    assert call(mock_api.url + "/pya") == 404
""")
    done.assert_outcomes(passed=1, errors=1)
    done.stdout.fnmatch_lines([
        "*ERROR at teardown of test_pays*",
        "Namespace 'test-pays-*: failed",
        "*1 request that no stub answered:",
        "*#1 GET /pya",
        "*nearest is 'stub-1' (GET /pay): path: expected /pay, got /pya",
    ])  # fmt: skip
    done.stdout.no_fnmatch_line("*pytest_worlds.py*")


FAILS = """
def test_pays(mock_api):
    mock_api.get("/pay", query={"amount": 1}).respond(201, name="pay")
    assert call(mock_api.url + "/pay?amount=1") == 201
    assert call(mock_api.url + "/pay?amount=2") == 201
"""


def test_a_failed_test_shows_what_came_the_nearest_stub_and_the_seed(suite: Suite) -> None:
    done = suite.run(FAILS)
    done.assert_outcomes(failed=1)
    done.stdout.fnmatch_lines([
        "*- mock API -*",
        "Namespace 'test-pays-*' at http://127.0.0.1:*/~test-pays-*",
        "Seed *; to repeat with it: --mock-api-seed=*",
        "It has received:",
        "  1  GET /pay?amount=1 -> 201, stub 'pay'*",
        "  2  GET /pay?amount=2 -> 404, no-match",
        "       nearest is stub 'pay':",
        "         query.amount: expected * got *2*",
    ])  # fmt: skip


def test_the_seed_that_is_shown_repeats_the_run(suite: Suite) -> None:
    shown = re.search(r"--mock-api-seed=(\d+)", suite.run(FAILS).stdout.str())
    assert shown is not None
    again = suite.run(FAILS, shown[0])
    again.stdout.fnmatch_lines([f"Seed {shown[1]}; *"])
    other = suite.run(FAILS, "--mock-api-seed=7")
    other.stdout.fnmatch_lines(["Seed 7; *"])


def test_a_failed_test_that_was_never_called_says_where_requests_went(suite: Suite) -> None:
    done = suite.run("""
def test_pays(mock_api, mock_api_server):
    call(mock_api_server.url + "/~nobody/pay")
    assert False
""")
    done.stdout.fnmatch_lines([
        "It has received nothing.",
        "Meanwhile 1 request, of whichever test, named no live namespace; the last:",
        "  GET /~nobody/pay -> unknown-namespace 'nobody', by path",
    ])  # fmt: skip


def test_nothing_is_said_of_lost_requests_where_there_are_none(
    suite: Suite, server: MockServer
) -> None:
    server.forget_orphans()
    done = suite.run("def test_pays(mock_api): assert False")
    done.stdout.fnmatch_lines(["It has received nothing."])
    done.stdout.no_fnmatch_line("Meanwhile *")


def test_of_many_requests_the_last_are_shown(suite: Suite) -> None:
    done = suite.run("""
def test_pays(mock_api):
    mock_api.get("/pay").respond(201, name="pay")
    for _ in range(25):
        call(mock_api.url + "/pay")
    call(mock_api.url + "/none")
    mock_api.stub({"name": "pay", "request": {"path": "/pay"}, "response": {}, "times": 1})
    call(mock_api.url + "/pay")
    call(mock_api.url + "/pay")
    assert False
""")
    done.stdout.fnmatch_lines([
        "It has received 28 requests; the last 20:",
        "  9  GET /pay -> 201, stub 'pay'",
        "  28  GET /pay -> 404, no-match",
        "       stub 'pay' fits, but *served*",
    ])  # fmt: skip


@pytest.mark.parametrize(
    ("how", "outcome"),
    [
        ("--mock-api-verdict=fail", {"passed": 1, "errors": 1}),
        ("--mock-api-verdict=warn", {"passed": 1}),
        ("--mock-api-verdict=ignore", {"passed": 1}),
    ],
)
def test_what_a_failed_verdict_does_is_an_option(
    suite: Suite, how: str, outcome: dict[str, int]
) -> None:
    done = suite.run("def test_pays(mock_api): call(mock_api.url + '/pay')", how)
    done.assert_outcomes(**outcome)
    is_told = "mock API warnings" in done.stdout.str()
    assert is_told == how.endswith("warn")


@pytest.mark.parametrize("verdict", ["warn", "ignore"])
def test_what_a_failed_verdict_does_can_be_asked_for_by_a_test(suite: Suite, verdict: str) -> None:
    suite.run(f"""
@pytest.mark.mocks(verdict="{verdict}")
def test_pays(mock_api):
    call(mock_api.url + "/pay")
""").assert_outcomes(passed=1)


@pytest.mark.parametrize(
    ("code", "outcome"),
    [
        ("def test_pays(mock_api): call(mock_api.url + '/pay'); pytest.skip()", {"skipped": 1}),
        ("@pytest.mark.xfail\ndef test_pays(mock_api): assert call(mock_api.url + '/pay') == 1", {"xfailed": 1}),
        ("@pytest.fixture\ndef sut(mock_api): assert call(mock_api.url) == 1\ndef test_pays(sut): pass", {"errors": 1}),
        ("def test_pays(mock_api): mock_api.delete_namespace()", {"passed": 1}),
        ("def test_pays(mock_api): mock_api.finish()", {"passed": 1}),
        ("def test_pays(mock_api, mock_api_server): mock_api_server.get(mock_api.name).finish()", {"passed": 1}),
    ],
)  # fmt: skip
def test_a_verdict_adds_nothing_where_the_test_has_said_it_all(
    suite: Suite, code: str, outcome: dict[str, int]
) -> None:
    suite.run(code).assert_outcomes(**outcome)


def test_markers_of_module_class_and_function_are_merged(suite: Suite) -> None:
    suite.run("""
pytestmark = pytest.mark.mocks("up", state={"who": "module", "where": "module"}, seed=1)

@pytest.mark.mocks("down", state={"who": "class"}, clock="2030-01-01T00:00:00Z")
class TestPayments:
    @pytest.mark.mocks(state={"who": "function"}, seed=3)
    @pytest.mark.mocks(settings={"debug_headers": True})
    def test_all(self, mock_api):
        assert call(mock_api.url + "/pay") == 503
        assert mock_api.state == {"pay": "down", "who": "function", "where": "module"}
        assert mock_api.seed == 3
        assert mock_api.describe()["clock"] == {"mode": "frozen", "now": "2030-01-01T00:00:00.000000Z"}
        assert mock_api.describe()["settings"]["debug_headers"] is True

def test_module(mock_api):
    assert call(mock_api.url + "/pay") == 201
    assert mock_api.seed == 1
""").assert_outcomes(passed=2)


TAGGED = """
def world(mock_api):
    found = mock_api.describe()
    return found["state"], found["applied"]["rows"], found["settings"].get("debug_headers", False)

@pytest.mark.outage
def test_tag(mock_api):
    assert world(mock_api) == ({"pay": "down"}, ["@outage"], False)

@pytest.mark.slow_shop
def test_spelled_for_python(mock_api):
    assert world(mock_api) == ({"slow": True}, ["@slow-shop and not @smoke"], True)

@pytest.mark.slow_shop
@pytest.mark.smoke
@pytest.mark.parametrize("number", [1])
def test_expression(mock_api, number):
    assert world(mock_api) == ({}, [], False)
    assert sorted(mock_api.describe()["applied"]["tags"]) == ["@slow-shop", "@smoke"]

@getattr(pytest.mark, "mock.up")
@pytest.mark.mocks(tags="@slow-shop")
def test_set(mock_api):
    assert world(mock_api)[0] == {"pay": "up", "slow": True}
"""


def test_markers_are_tags_and_those_of_the_table_are_known(suite: Suite) -> None:
    suite.run(TAGGED, "--strict-markers").assert_outcomes(passed=4)


def test_tags_of_a_test_add_to_those_of_its_module(suite: Suite) -> None:
    done = suite.run("""
pytestmark = pytest.mark.mocks(tags=["outage"])

def test_module(mock_api_module):
    mock_api_module.state["slow"] = False
    assert call(mock_api_module.url + "/pay") == 503

@pytest.mark.slow_shop
@pytest.mark.mocks("up", tags=["mock.down"])
def test_scope(mock_api_module, mock_api):
    assert mock_api.state == {"pay": "up", "slow": True}
    assert mock_api.describe()["settings"]["debug_headers"] is True
    assert call(mock_api.url + "/pay") == 201

@pytest.mark.mocks(tags=["mock.dwn"])
def test_wrong(mock_api_module, mock_api): pass

@pytest.mark.smoke
def test_after(mock_api_module, mock_api):
    assert mock_api.state == {"pay": "down", "slow": False}
    assert call(mock_api.url + "/pay") == 503
""")
    done.assert_outcomes(passed=3, errors=1)
    done.stdout.fnmatch_lines(["There is no namespace for *: the tag 'mock.dwn' asks for a set*"])


def test_the_marker_is_enough_without_the_fixture(suite: Suite) -> None:
    suite.run("""
@pytest.mark.mocks("down")
@pytest.mark.parametrize("number", [1, 2])
def test_marked(number, mock_api_server):
    labels = [each.labels["test"] for each in mock_api_server.namespaces() if each.labels]
    assert f"test_shop.py::test_marked[{number}]" in labels
""").assert_outcomes(passed=2)


@pytest.mark.parametrize(
    ("mark", "sentence"),
    [
        ('"dwn"', "*'dwn'*"),
        ("3", "*mocks() takes names of sets, as texts; got 3"),
        ("sed=3", "*mocks() got an unexpected keyword argument 'sed'; did you mean 'seed'?"),
        ("tags=3", "*tags= takes a tag, or a list of them, as texts; got 3"),
        ("tags=['@mock.dwn']", "*the tag '@mock.dwn' asks for a set*did you mean '@mock.down'?*"),
        ("state=3", "*state= takes a mapping; got 3"),
        ("verdict='loud'", "*verdict='loud' is neither one of fail, warn, ignore nor a mapping*"),
        ("settings={'dely': 1}", "*dely*"),
    ],
)
def test_a_mistake_in_the_marker_is_told_at_its_test(
    suite: Suite, mark: str, sentence: str
) -> None:
    done = suite.run(f"@pytest.mark.mocks({mark})\ndef test_pays(mock_api): pass")
    done.assert_outcomes(errors=1)
    done.stdout.fnmatch_lines(["There is no namespace for test_shop.py::test_pays: *"])
    done.stdout.fnmatch_lines([sentence])
    done.stdout.no_fnmatch_line("*Traceback*")


MODULE = """
URLS = set()

@pytest.fixture(autouse=True, scope="module")
def orders(mock_api_module):
    mock_api_module.get("/orders").respond(200, name="orders")
    return mock_api_module

def test_override(mock_api, orders):
    URLS.add(mock_api.url)
    mock_api.get("/orders").respond(503, name="orders")
    assert call(orders.url + "/orders") == 503

@pytest.mark.mocks("up", state={"a": 1}, settings={"debug_headers": True}, clock="2030-01-01T00:00:00Z")
def test_more(mock_api, orders):
    URLS.add(mock_api.url)
    assert call(orders.url + "/pay") == 201
    assert mock_api.state == {"pay": "up", "a": 1}

def test_undone(orders):
    URLS.add(orders.url)
    assert call(orders.url + "/orders") == 200
    assert orders.state == {}
    assert len(URLS) == 1
"""


def test_a_module_keeps_its_url_and_what_a_test_overrides_is_undone(suite: Suite) -> None:
    suite.run(MODULE).assert_outcomes(passed=3)


def test_a_session_keeps_its_url_and_modules_are_scopes_of_it(suite: Suite) -> None:
    suite.write(
        """
def test_first(mock_api_session):
    mock_api_session.get("/all").respond(200)
""",
        "test_a.py",
    )
    suite.run("""
@pytest.fixture(scope="module")
def shop(mock_api_session, mock_api_module):
    assert mock_api_session.url == mock_api_module.url
    mock_api_module.get("/shop").respond(201)
    return mock_api_session.url

def test_own(shop, mock_api):
    mock_api.get("/own").respond(202)
    assert [call(shop + path) for path in ("/all", "/shop", "/own")] == [200, 201, 202]

def test_undone(shop, mock_api_module):
    assert call(shop + "/own") == 404
    mock_api_module.forget_requests()
    assert call(shop + "/shop") == 201
    assert call(shop + "/all") == 200
""").assert_outcomes(passed=3)


def test_a_session_has_nothing_to_do_with_tests_that_do_not_use_it(suite: Suite) -> None:
    done = suite.run("""
def test_shares(mock_api_session):
    mock_api_session.get("/x").respond(200)
    assert call(mock_api_session.url + "/x") == 200
def test_own(mock_api):
    assert call(mock_api.url + "/x") == 404
def test_fails(mock_api_server):
    assert False
""")
    done.assert_outcomes(passed=2, failed=1, errors=1)
    done.stdout.fnmatch_lines(["*ERROR at teardown of test_own*"])
    assert done.stdout.str().count("It has received") == 1


def test_a_shared_namespace_that_a_test_ends_is_told(suite: Suite) -> None:
    done = suite.run("""
def test_finishes(mock_api_module, mock_api):
    mock_api_module.finish()
""")
    done.assert_outcomes(passed=1, errors=1)
    done.stdout.fnmatch_lines(["*finished-namespace*"])


@pytest.mark.parametrize(
    "call",
    [
        'mock_api.get("/x").respond(jsn=1)',
        'mock_api.get("/x").respond_with([3])',
        'mock_api.get("/x").respond().then(jsn=1)',
        'mock_api.get("/x", jsn=1)',
    ],
)
def test_a_wrong_keyword_is_told_at_the_line_of_the_test(suite: Suite, call: str) -> None:
    done = suite.run(f"def test_pays(mock_api):\n    {call}\n")
    done.assert_outcomes(failed=1)
    done.stdout.fnmatch_lines([">*mock_api.get(*", "E*TypeError: *", "test_shop.py:*: TypeError"])
    done.stdout.no_fnmatch_line("*client*.py:*")


def test_a_name_made_twice_in_one_test_is_judged_once(suite: Suite) -> None:
    done = suite.run("""
def test_makes(make_mock_api):
    first, second = make_mock_api("twice"), make_mock_api("twice")
    assert first.id != second.id
    call(second.url + "/pay")
""")
    done.assert_outcomes(passed=1, errors=1)
    assert done.stdout.str().count("Namespace 'twice' at ") == 1


def test_what_a_test_was_told_is_not_told_again_at_the_end_of_its_module(suite: Suite) -> None:
    done = suite.run("""
def test_pays(mock_api_module, mock_api):
    call(mock_api.url + "/pay")
def test_other(mock_api_module):
    pass
""")
    done.assert_outcomes(passed=2, errors=1)
    done.stdout.fnmatch_lines(["Scope 'test_pays' of namespace 'test-shop-py-*: failed"])


def test_what_went_wrong_between_tests_is_told_at_the_end_of_the_module(suite: Suite) -> None:
    done = suite.run("""
def test_pays(mock_api_module):
    call(mock_api_module.url + "/pay")
def test_other(mock_api_module):
    pass
""")
    done.assert_outcomes(passed=2, errors=1)
    done.stdout.fnmatch_lines(["*ERROR at teardown of test_other*"])


def test_a_failure_of_a_test_that_shares_a_namespace_is_not_told_twice(suite: Suite) -> None:
    done = suite.run("""
def test_pays(mock_api_session, mock_api_module):
    assert call(mock_api_module.url + "/pay") == 201
""")
    done.assert_outcomes(failed=1)
    assert done.stdout.str().count("no-match") == 1


def test_a_seed_cannot_be_had_at_a_url_that_is_shared(suite: Suite) -> None:
    done = suite.run("""
@pytest.mark.mocks(seed=3)
def test_pays(mock_api_module): pass
""")
    done.assert_outcomes(errors=1)
    done.stdout.fnmatch_lines(["There is no namespace for *: seed= is of a whole namespace*"])


def test_a_scope_that_cannot_be_had_whole_is_closed(suite: Suite) -> None:
    done = suite.run("""
def test_module(mock_api_module): pass
@pytest.mark.mocks("dwn")
def test_pays(mock_api_module): pass
""")
    done.assert_outcomes(passed=1, errors=1)


def test_a_test_makes_further_namespaces(suite: Suite) -> None:
    done = suite.run("""
def test_shops(make_mock_api):
    first, second = make_mock_api(), make_mock_api("shop.2", sets=["down"], labels={"shop": "2"}, seed=4)
    first.get("/x").respond(201)
    assert [call(each.url + "/x") for each in (first, second)] == [201, 404]
    assert second.name == "shop.2" and second.seed == 4
    assert second.labels["shop"] == "2" and second.labels["test"] == "test_shop.py::test_shops"
""")
    done.assert_outcomes(passed=1, errors=1)
    done.stdout.fnmatch_lines(["Namespace 'shop.2' *: failed"])


def test_a_finished_namespace_is_found_by_its_test_with_where_and_how_it_ended(
    suite: Suite, server: MockServer
) -> None:
    suite.run("""
def test_labels_pass(mock_api): pass
def test_labels_fail(mock_api): assert False
""")
    (passed,) = server.finished("test=test_shop.py::test_labels_pass")[-1:]
    (failed,) = server.finished("test=test_shop.py::test_labels_fail")[-1:]
    assert {key: passed.labels[key] for key in ("runner", "worker", "file", "line", "attempt")} == {
        "runner": "pytest", "worker": "main", "file": "test_shop.py", "line": "4", "attempt": "1"}  # fmt: skip
    assert passed.labels["run"] == failed.labels["run"]
    assert [each.describe()["finished"]["status"] for each in (passed, failed)] == [
        "passed", "failed"]  # fmt: skip
    assert re.fullmatch(r"test-labels-pass-[0-9a-f]{10}", passed.name)
    assert passed.describe()["lease_s"] == 3600


def test_tests_of_the_same_name_have_namespaces_of_different_names(
    suite: Suite, server: MockServer
) -> None:
    code = "def test_of_two_modules(mock_api): pass"
    suite.write(code, "test_other.py")
    for _ in range(2):
        suite.run(code).assert_outcomes(passed=2)
    ended = [each for each in server.finished() if "two_modules" in each.labels.get("test", "")]
    assert len({each.name for each in ended}) == len(ended) == 4
    assert len({each.seed for each in ended}) == 2  # of a test it is the same in every run


def test_a_rerun_begins_clean(suite: Suite) -> None:
    done = suite.run("""
@pytest.mark.flaky(reruns=1)
def test_pays(mock_api):
    assert mock_api.requests() == [] and mock_api.state == {}
    mock_api.state["tried"] = True
    mock_api.get("/x").respond(200)
    assert call(mock_api.url + "/x") == 200
    assert mock_api.labels["attempt"] == "2"
""", "-p", "rerunfailures")  # fmt: skip
    done.assert_outcomes(passed=1)
    done.stdout.fnmatch_lines(["*1 rerun*"])


def test_an_interrupted_test_is_unfinished(suite: Suite, server: MockServer) -> None:
    done = suite.run("""
def test_interrupted(mock_api):
    call(mock_api.url + "/x")
    pytest.exit('enough')
""")
    assert done.ret == pytest.ExitCode.INTERRUPTED
    done.stdout.no_fnmatch_line("*that no stub answered*")
    (ended,) = server.finished("test=test_shop.py::test_interrupted")
    assert ended.describe()["finished"]["status"] == "unfinished"


ASYNC = """
import asyncio

async def ask(url):
    return await asyncio.to_thread(call, url)

{mark}
async def test_pays(mock_api{more}):
    mock_api.get("/x").respond(201)
    assert await ask(mock_api.url + "/x") == 201
"""


@pytest.mark.parametrize(
    ("plugin", "more"), [("asyncio", ""), ("anyio", ", anyio_backend")], ids=["asyncio", "anyio"]
)
def test_async_tests_have_the_fixtures(suite: Suite, plugin: str, more: str) -> None:
    suite.ini("asyncio_default_fixture_loop_scope = function" if plugin == "asyncio" else "")
    backend = "@pytest.fixture\ndef anyio_backend(): return 'asyncio'\n"
    code = backend + ASYNC.format(mark=f"@pytest.mark.{plugin}", more=more)
    suite.run(code, "-p", plugin).assert_outcomes(passed=1)


def test_async_tests_may_await_their_namespace(suite: Suite) -> None:
    suite.ini("asyncio_default_fixture_loop_scope = function")
    suite.run(
        """
import asyncio

@pytest.mark.asyncio
@pytest.mark.parametrize("status", [201, 202])
async def test_pays(mock_api, async_mock_api, status):
    pay = await async_mock_api.get("/pay").respond(status)
    assert mock_api.url == async_mock_api.url
    asked = asyncio.create_task(asyncio.to_thread(call, async_mock_api.url + "/pay"))
    await pay.assert_called(within=5)
    assert await asked == status
""",
        *("-p", "asyncio", "-W", "error::ResourceWarning"),
        *("-W", "error::pytest.PytestUnraisableExceptionWarning"),
    ).assert_outcomes(passed=2)


def test_kinds_of_problems_may_fail_or_not_by_the_marker(suite: Suite) -> None:
    done = suite.run("""
@pytest.mark.mocks(verdict={"unused": "fail"})
class TestUnused:
    def test_fails(self, mock_api):
        mock_api.get("/x").respond(name="x")
    @pytest.mark.mocks(verdict={"unmatched": "warn"})
    def test_both(self, mock_api):
        mock_api.get("/x").respond(name="x")
        call(mock_api.url + "/y")
    @pytest.mark.mocks(verdict={"unmatched": "warn", "unused": "ignore"})
    def test_passes(self, mock_api):
        mock_api.get("/x").respond(name="x")
        call(mock_api.url + "/y")
def test_warns(mock_api):
    mock_api.get("/x").respond(name="x")
def test_fails(mock_api):
    mock_api.get("/x").respond(name="x")
    assert False
""")
    done.assert_outcomes(passed=4, failed=1, errors=2)
    done.stdout.fnmatch_lines(["*Captured mock API verdict teardown*", "*that never answered*"])
    done.stdout.fnmatch_lines(["*mock API warnings*", "*TestUnused::test_passes", "*test_warns"])


def test_a_strict_suite_has_nothing_to_complain_of(suite: Suite) -> None:
    suite.run(
        TWO_WORLDS + "@pytest.mark.mocks('up')\ndef test_marked(): pass",
        "-W", "error", "--strict-markers", "--strict-config",
    ).assert_outcomes(passed=4)  # fmt: skip


def test_junit_and_json_reports_have_the_namespace_and_the_seed(suite: Suite) -> None:
    done = suite.run(
        "def test_pays(mock_api): pass\n",
        "-p", "pytest_jsonreport", "--junitxml=report.xml", "--json-report", "--json-report-file=report.json",
    )  # fmt: skip
    done.assert_outcomes(passed=1)
    junit = ElementTree.parse("report.xml")
    names = [each.attrib["name"] for each in junit.iter("property")]
    assert names == ["mock_api_namespace", "mock_api_id", "mock_api_seed", "mock_api_verdict"]
    with open("report.json", encoding="utf-8") as file:
        (test,) = json.load(file)["tests"]
    assert [next(iter(each)) for each in test["user_properties"]] == names


def test_the_html_report_has_what_came(suite: Suite) -> None:
    suite.run(FAILS, "-p", "html", "-p", "metadata", "--html=report.html", "--self-contained-html")
    with open("report.html", encoding="utf-8") as file:
        assert "It has received" in file.read()


def test_doctests_are_left_alone(suite: Suite) -> None:
    suite.run('def twice(x):\n    """\n    >>> 1 + 1\n    2\n    """\ndef test_x(mock_api): pass',
              "--doctest-modules").assert_outcomes(passed=2)  # fmt: skip


def test_what_blocks_sockets_in_a_test_does_not_keep_it_from_the_server(suite: Suite) -> None:
    suite.run("""
import socket

@pytest.fixture(autouse=True)
def blocked(monkeypatch):
    def refuse(*_, **__):
        raise AssertionError("no sockets in tests")
    monkeypatch.setattr(socket, "socket", refuse)
    monkeypatch.setattr(socket, "create_connection", refuse)

def test_pays(mock_api):
    mock_api.any().respond(201)
    assert mock_api.requests() == []
""").assert_outcomes(passed=1)


def test_the_mixin_of_unittest_runs_under_pytest(suite: Suite) -> None:
    done = suite.run("""
import unittest
from pymockapi.unittest import MockServerMixin

class TestShop(MockServerMixin, unittest.TestCase):
    def test_passes(self):
        self.mock_api.get("/x").respond(201)
        assert call(self.mock_api.url + "/x") == 201
    def test_fails(self):
        assert call(self.mock_api.url + "/x") == 201
    def test_verdict(self):
        call(self.mock_api.url + "/y")
""")
    done.assert_outcomes(passed=1, failed=2)
    done.stdout.fnmatch_lines(["*1  GET /x -> 404, no-match", "*#1 GET /y"])
