"""One server for a run: started once, by whom and when, for all workers; what is said if it is not."""

from __future__ import annotations

import socket
from pathlib import Path

import pytest
from tests.integrations.suites import MOCKS, Suite
from tests.test_exports import loaded_after

from pymockapi import MockServer

pytest_plugins = ["pytester"]


def test_loading_the_plugin_loads_no_client_and_no_server() -> None:
    before = loaded_after("import pytest")
    added = loaded_after("import pytest, pymockapi.integrations.pytest_plugin") - before
    assert {name for name in added if not name.startswith("pymockapi")} <= {"uuid", "_uuid"}
    assert not {name for name in added if name.startswith("pymockapi.")} - {
        "pymockapi.integrations",
        "pymockapi.integrations.options",
        "pymockapi.integrations.pytest_options",
        "pymockapi.integrations.pytest_plugin",
        "pymockapi.integrations.pytest_run",
        "pymockapi.integrations.pytest_summary",
    }


def test_a_suite_that_uses_no_fixture_has_no_server(bare_suite: Suite) -> None:
    bare_suite.run("""
def test_x(request):
    run = request.config.pluginmanager.getplugin("pymockapi")._run(request)
    assert run._server is None and run.known_worlds() is None
""").assert_outcomes(passed=1)


def test_a_run_starts_its_own_server_and_ends_it(bare_suite: Suite) -> None:
    done = bare_suite.run("""
def test_x(mock_api, mock_api_server):
    print("AT", mock_api_server.url)
    mock_api.get("/x").respond(201)
    assert call(mock_api.url + "/x") == 201
    assert call(mock_api_server.url + "/x") == 404
""", "-s")  # fmt: skip
    done.assert_outcomes(passed=1)
    assert not is_open(next(line for line in done.outlines if "AT http" in line))


def is_open(line: str) -> bool:
    port = int(line.rpartition(":")[2])
    with socket.socket() as client:
        return client.connect_ex(("127.0.0.1", port)) == 0


def test_a_config_is_loaded_before_the_first_test_and_shown_at_the_head(bare_suite: Suite) -> None:
    Path("mocks.yaml").write_text(MOCKS, encoding="utf-8")
    bare_suite.ini("mock_api_config = mocks.yaml")
    done = bare_suite.run("""
@pytest.mark.mocks("down")
def test_x(mock_api):
    assert [call(mock_api.url + path) for path in ("/base", "/pay")] == [200, 503]
""")
    done.assert_outcomes(passed=1)
    done.stdout.fnmatch_lines(["mock API: http://127.0.0.1:* (mocks.yaml)"])


def test_mistakes_in_a_config_are_told_once_with_their_places(bare_suite: Suite) -> None:
    Path("mocks.yaml").write_text("version: 1\nstubs: [{reqest: {}}]\nsets: 3\n", encoding="utf-8")
    done = bare_suite.run(
        "def test_x(mock_api): pass\ndef test_y(): pass", "--mock-api-config=mocks.yaml"
    )
    assert done.ret == pytest.ExitCode.USAGE_ERROR
    done.stderr.fnmatch_lines(["*mocks.yaml:2:*reqest*", "*mocks.yaml:3:*"])
    assert done.stderr.str().count("reqest") <= 2


def test_a_server_that_cannot_start_is_told_in_full_once(bare_suite: Suite) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        bare_suite.ini(f"mock_api_port = {port}")
        done = bare_suite.run(
            "def test_x(mock_api): pass\ndef test_y(mock_api): pass\ndef test_z(): pass"
        )
    done.assert_outcomes(passed=1, errors=2)
    assert done.stdout.str().count(f"Port {port} on 127.0.0.1 is in use") == 1
    done.stdout.fnmatch_lines(["There is no mock server; the first test that asked says why."])


def test_a_url_where_no_server_is_is_told_before_the_first_test(bare_suite: Suite) -> None:
    done = bare_suite.run("def test_x(): pass", "--mock-api-url=http://127.0.0.1:9")
    assert done.ret == pytest.ExitCode.USAGE_ERROR
    done.stderr.fnmatch_lines(["ERROR: No mock server can be reached at http://127.0.0.1:9*"])


def test_a_server_that_was_attached_to_keeps_its_config_and_runs_on(
    suite: Suite, server: MockServer
) -> None:
    version = server.config()["version"]
    done = suite.run(
        "def test_x(mock_api): assert call(mock_api.url + '/base') == 200",
        "--mock-api-config=other.yaml",
    )
    done.assert_outcomes(passed=1)
    done.stdout.fnmatch_lines([
        f"mock API: attached to {server.url} (its own config is in force, not other.yaml)"])  # fmt: skip
    assert server.config()["version"] == version


def test_a_conftest_may_give_a_server_of_its_own(bare_suite: Suite, server: MockServer) -> None:
    Path("conftest.py").write_text(
        "import pytest\nfrom pymockapi import MockServer\n"
        "@pytest.fixture(scope='session')\ndef mock_api_server():\n"
        f"    return MockServer.attach({server.url!r})\n",
        encoding="utf-8",
    )
    bare_suite.run(
        "def test_x(mock_api): assert call(mock_api.url + '/base') == 200"
    ).assert_outcomes(passed=1)


def test_a_server_that_goes_away_is_told_and_hides_no_failure(bare_suite: Suite) -> None:
    done = bare_suite.run("""
def test_x(mock_api, mock_api_server):
    mock_api_server._process.stop()
def test_y(mock_api):
    pass
""")
    done.assert_outcomes(passed=1, errors=2)
    done.stdout.fnmatch_lines(["No mock server can be reached at *: *"])


def test_an_expired_namespace_is_told(suite: Suite) -> None:
    done = suite.run("""
def test_x(mock_api, mock_api_server):
    mock_api.renew("1ms")
    while any(each.name == mock_api.name for each in mock_api_server.namespaces()):
        pass
""")
    done.assert_outcomes(passed=1, errors=1)
    done.stdout.fnmatch_lines(["The lease of namespace 'test-x-*' ended before the test did*"])


SAME_URLS = """
import json

@pytest.mark.parametrize("number", range({count}))
def test_world(mock_api, number):
    mock_api.get("/x").respond_with([{{"status": 200 + number % 3, "times": 2}}, {{"status": 500}}])
    answers = [call(mock_api.url + "/x") for _ in range(3)]
    assert answers == [200 + number % 3] * 2 + [500]
    assert [each.number for each in mock_api.requests()] == [1, 2, 3]

def test_server(mock_api_server, worker_id):
    print(f"SERVER {{mock_api_server.url}}")
    assert mock_api_server.pid is None
"""
COUNT = 70  # in each of two modules


def test_hundreds_of_tests_in_four_workers_share_a_server_and_nothing_else(
    bare_suite: Suite,
) -> None:
    code = SAME_URLS.format(count=COUNT)
    bare_suite.write(code, "test_same_names.py")
    done = bare_suite.run_apart(code, "-p", "xdist", "-n", "4")
    done.assert_outcomes(passed=2 * COUNT + 2)


def test_workers_attach_to_what_the_controller_started_once(bare_suite: Suite) -> None:
    Path("mocks.yaml").write_text(MOCKS, encoding="utf-8")
    bare_suite.ini("mock_api_config = mocks.yaml")
    done = bare_suite.run_apart(
        """
@pytest.mark.parametrize("number", [1, 2])
@pytest.mark.mocks("up")
@pytest.mark.slow_shop
def test_x(number, mock_api, mock_api_server, worker_id):
    assert mock_api.labels["worker"] == worker_id
    assert mock_api.state["slow"] is True
    assert call(mock_api.url + "/pay") == 201
    assert False, mock_api_server.url
""",
        *("-p", "xdist", "-n", "2", "--dist=each", "--strict-markers"),
    )
    done.assert_outcomes(failed=4)
    urls = {line.split()[-1] for line in done.outlines if "AssertionError: http" in line}
    assert len(urls) == 1


def test_a_controller_without_a_server_tells_its_workers_why(bare_suite: Suite) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        done = bare_suite.run_apart(
            "def test_x(mock_api): pass\ndef test_y(): pass",
            *("-p", "xdist", "-n", "2", f"--mock-api-port={port}"),
        )
    done.assert_outcomes(passed=1, errors=1)
    done.stdout.fnmatch_lines([f"Port {port} on 127.0.0.1 is in use*"])


def test_a_killed_worker_leaves_nothing_that_does_not_end_by_its_lease(
    suite: Suite, server: MockServer
) -> None:
    done = suite.run_apart(
        """
import os
def test_killed(mock_api):
    os._exit(1)
def test_other(mock_api):
    assert mock_api.requests() == []
""",
        *("-p", "xdist", "-n", "1", "--mock-api-lease=90s"),
    )
    done.assert_outcomes(passed=1, failed=1)
    (left,) = server.namespaces("test=test_shop.py::test_killed")
    assert left.describe()["lease_s"] == 90
    left.delete_namespace()


def test_a_worker_that_cannot_ask_says_what_to_do(bare_suite: Suite) -> None:
    bare_suite.run("""
def test_x(pytestconfig):
    from pymockapi import MockServerError
    from pymockapi.integrations.pytest_options import read_options
    from pymockapi.integrations.pytest_run import Offer, Run
    run = Run(read_options(pytestconfig), Offer("run", "gw0", 9, "secret"))
    assert run.worker == "gw0" and run.id == "run" and not run.is_eager
    for _ in range(2):
        with pytest.raises(MockServerError, match="set PYMOCKAPI_URL there"):
            run.server()
    run.stop()
""").assert_outcomes(passed=1)
