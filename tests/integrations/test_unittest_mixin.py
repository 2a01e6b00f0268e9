"""``MockServerMixin`` under the runner of the standard library, and what docs/unittest.md shows."""

from __future__ import annotations

import io
import re
import unittest
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import redirect_stderr
from functools import partialmethod
from pathlib import Path
from typing import Any
from unittest.mock import patch

import pytest
from tests.documents import Block, blocks_of, section, text_of
from tests.test_exports import loaded_after

from pymockapi import MockServer, MockServerError
from pymockapi.integrations import starting
from pymockapi.integrations.options import OPTIONS, Option
from pymockapi.integrations.unittest_servers import read_class_options, server_of
from pymockapi.unittest import MockServerMixin, mocks

PAGE = blocks_of("docs/unittest.md")
CHANGING = re.compile(r"-[0-9a-f]{10}\b|:\d{5}\b|\d{10,}")


@pytest.fixture(autouse=True)
def _environment(server: MockServer, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    for option in OPTIONS:
        monkeypatch.delenv(option.variable, raising=False)
    monkeypatch.setenv("PYMOCKAPI_URL", server.url)
    yield
    starting.stop_servers()


def call(url: str) -> int:
    try:
        with urllib.request.urlopen(url) as answer:
            return int(answer.status)
    except urllib.error.HTTPError as error:
        with error:
            return error.code


def run(*cases: type[unittest.TestCase]) -> tuple[unittest.TestResult, str]:
    """Run all tests of ``cases``; return the result, and what was printed."""
    loader = unittest.defaultTestLoader
    tests = unittest.TestSuite(map(loader.loadTestsFromTestCase, cases))
    printed = io.StringIO()
    with redirect_stderr(printed):
        result = unittest.TextTestRunner(stream=printed).run(tests)
    return result, printed.getvalue()


def counts(result: unittest.TestResult) -> tuple[int, int, int]:
    return result.testsRun, len(result.failures), len(result.errors)


def test_every_test_has_a_namespace_of_its_own() -> None:
    class Case(MockServerMixin, unittest.TestCase):
        def check(self, status: int) -> None:
            self.mock_api.get("/x").respond(status)
            assert call(f"{self.mock_api.url}/x") == status
            assert len(self.mock_api.requests()) == 1

        def test_one(self) -> None:
            self.check(201)

        def test_two(self) -> None:
            self.check(404)

    assert counts(run(Case)[0]) == (2, 0, 0)


def test_a_passed_test_with_a_failed_verdict_fails_without_our_frames() -> None:
    class Case(MockServerMixin, unittest.TestCase):
        def test_it(self) -> None:
            call(f"{self.mock_api.url}/x")

    result, printed = run(Case)
    assert counts(result) == (1, 1, 0)
    assert "1 request that no stub answered" in printed
    assert "unittest_mixin.py" not in printed


@pytest.mark.parametrize("verdict", ["warn", "ignore"])
def test_what_a_failed_verdict_does_can_be_asked_for(verdict: str) -> None:
    class Case(MockServerMixin, unittest.TestCase):
        @mocks(verdict=verdict)
        def test_it(self) -> None:
            call(f"{self.mock_api.url}/x")

    result, printed = run(Case)
    assert counts(result) == (1, 0, 0)
    assert ("mock API, " in printed) == (verdict == "warn")


def test_failures_errors_and_subtests_tell_what_came() -> None:
    class Case(MockServerMixin, unittest.TestCase):
        def test_failure(self) -> None:
            assert call(f"{self.mock_api.url}/a") == 200

        def test_error(self) -> None:
            call(f"{self.mock_api.url}/b")
            raise KeyError

        def test_subtests(self) -> None:
            for path in ("/base", "/c"):
                with self.subTest(path):
                    assert call(self.mock_api.url + path) == 200

        def test_without(self) -> None:
            self.fail("no mocks here")

    result, printed = run(Case)
    assert counts(result) == (4, 3, 1)
    assert [printed.count(f"GET {path} -> 404") for path in ("/a", "/b", "/c")] == [1, 1, 1]
    assert printed.count("It has received") == 3


def test_a_verdict_adds_nothing_where_the_test_has_said_it_all(server: MockServer) -> None:
    class Case(MockServerMixin, unittest.TestCase):
        def test_skipped(self) -> None:
            call(f"{self.mock_api.url}/x")
            self.skipTest("not today")

        @unittest.expectedFailure
        def test_expected(self) -> None:
            assert call(f"{self.mock_api.url}/x") == 200

    result, printed = run(Case)
    assert (len(result.skipped), len(result.expectedFailures), len(result.failures)) == (1, 1, 0)
    name = f"test={Case.__module__}.{Case.__qualname__}"
    statuses = [server.finished(f"{name}.{each}")[-1].describe()["finished"]["status"]
                for each in ("test_skipped", "test_expected")]  # fmt: skip
    assert statuses == ["skipped", "xfailed"]
    assert "mock API" not in printed


def test_wishes_of_bases_class_and_test_are_merged() -> None:
    @mocks("up", state={"who": "base", "where": "base"}, seed=1)
    class Base(MockServerMixin, unittest.TestCase):
        pass

    @mocks("down", state={"who": "class"}, tags="slow-shop")
    class Case(Base):
        @mocks(state={"who": "test"})
        @mocks(seed=3, state={"who": "inner"})
        def test_it(self) -> None:
            assert call(f"{self.mock_api.url}/pay") == 503
            assert self.mock_api.state == {
                "pay": "down", "who": "inner", "where": "base", "slow": True}  # fmt: skip
            assert self.mock_api.seed == 3

    assert counts(run(Case)[0]) == (1, 0, 0)


def test_a_mistake_in_mocks_is_told_where_it_is_made() -> None:
    with pytest.raises(TypeError, match="did you mean 'seed'"):
        mocks(sed=3)


def test_a_class_keeps_its_url_and_what_tests_change_is_undone() -> None:
    class Case(MockServerMixin, unittest.IsolatedAsyncioTestCase):
        @classmethod
        def setUpClass(cls) -> None:
            cls.mock_api_class().get("/x").respond(200, name="x")

        async def test_1_changes(self) -> None:
            assert self.mock_api.url == self.mock_api_class().url
            self.mock_api.get("/x").respond(503, name="x")
            assert call(f"{self.mock_api.url}/x") == 503

        async def test_2_sees_nothing_of_it(self) -> None:
            assert call(f"{self.mock_api_class().url}/x") == 200

        async def test_3_is_told_once(self) -> None:
            call(f"{self.mock_api.url}/y")

    result, printed = run(Case)
    assert counts(result) == (3, 1, 0), printed


def test_what_went_wrong_outside_of_scopes_is_told_once_at_the_end_of_the_class() -> None:
    class Silent(MockServerMixin, unittest.TestCase):
        def test_it(self) -> None:
            call(f"{self.mock_api_class().url}/x")

    class Loud(Silent):
        def test_it(self) -> None:
            assert call(f"{self.mock_api_class().url}/x") == 200

    assert counts(run(Silent)[0]) == (1, 0, 1)
    result, printed = run(Loud)
    assert counts(result) == (1, 1, 0)
    assert printed.count("GET /x -> 404") == 1


def test_a_test_makes_further_namespaces() -> None:
    class Case(MockServerMixin, unittest.TestCase):
        def test_it(self) -> None:
            first = self.make_mock_api()
            second = self.make_mock_api("mine.1", sets=["down"], labels={"shop": "2"}, seed=3)
            assert len({self.mock_api.url, first.url, second.url}) == 3
            assert (second.name, second.seed, second.labels["shop"]) == ("mine.1", 3, "2")
            assert second.labels["test"] == self.id()
            call(f"{second.url}/x")

    result, printed = run(Case)
    assert counts(result) == (1, 1, 0)
    assert "Namespace 'mine.1' (" in printed


def test_a_test_that_runs_again_begins_clean() -> None:
    attempts = []

    class Case(MockServerMixin, unittest.TestCase):
        def test_it(self) -> None:
            assert self.mock_api.requests() == []
            call(f"{self.mock_api.url}/base")
            attempts.append(self.mock_api.labels["attempt"])

    case = Case("test_it")
    for _ in range(2):
        result = unittest.TestResult()
        case.run(result)
        assert result.wasSuccessful()
    case.run()
    assert attempts[:2] == ["1", "2"]


def test_labels_tell_where_a_test_is() -> None:
    class Case(MockServerMixin, unittest.TestCase):
        def test_it(self) -> None:
            labels = self.mock_api.labels
            assert Path(labels["file"]).name == Path(__file__).name
            assert int(labels["line"]) > 1
            assert labels["runner"] == "unittest"

        test_patched = patch("sys.argv")(lambda self, _: self.test_it())

        def check(self, what: str) -> None:
            assert ("file" in self.mock_api.labels) == (what == "code")

        test_partial = partialmethod(check, "no code")

    assert counts(run(Case)[0]) == (3, 0, 0)


def test_listing_what_a_class_has_starts_nothing() -> None:
    for name in dir(Plain):
        getattr(Plain, name)
    assert not starting._SERVERS


# Options and servers


class Plain(MockServerMixin, unittest.TestCase):
    """Asks for nothing."""


def test_options_are_attributes_and_the_environment_wins(monkeypatch: pytest.MonkeyPatch) -> None:
    class Case(MockServerMixin, unittest.TestCase):
        mock_api_config = ("a.yaml", Path("b.yaml"))
        mock_api_port = 7
        mock_api_verdict = "warn"

    options = read_class_options(Case)
    assert [path.name for path in options.config] == ["a.yaml", "b.yaml"]
    assert (options.port, options.verdict, options.lease) == (7, "warn", "1h")
    monkeypatch.setenv("PYMOCKAPI_PORT", "8")
    monkeypatch.setenv("PYMOCKAPI_CONFIG", "c.yaml")
    options = read_class_options(Case)
    assert (options.port, [path.name for path in options.config]) == (8, ["c.yaml"])


def test_every_wrong_option_is_told_with_where_it_was_given(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    class Case(MockServerMixin, unittest.TestCase):
        mock_api_lease = "soon"

    monkeypatch.setenv("PYMOCKAPI_PORT", "x")
    with pytest.raises(ValueError, match="PYMOCKAPI_PORT") as raised:
        read_class_options(Case)
    assert str(raised.value) == (
        "environment variable PYMOCKAPI_PORT: 'x' does not do: a port was expected: a number from"
        f" 0 to 65535\nmock_api_lease of {Case.__qualname__}: 'soon' does not do: a duration was"
        " expected, such as 90s, 15m or 1h"
    )


def test_classes_with_the_same_options_share_a_server() -> None:
    class Other(Plain):
        mock_api_verdict = "warn"

    assert server_of(Plain) is server_of(Other)


def test_why_there_is_no_server_is_told_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PYMOCKAPI_URL", "http://127.0.0.1:9")
    with pytest.raises(MockServerError, match="can be reached"):
        server_of(Plain)
    with pytest.raises(MockServerError) as raised:
        server_of(Plain)
    assert str(raised.value) == "There is no mock server; Plain, which asked first, says why."


def test_without_a_url_a_server_is_started(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.delenv("PYMOCKAPI_URL")

    class Case(MockServerMixin, unittest.TestCase):
        mock_api_log_file = tmp_path / "server.log"

        def test_it(self) -> None:
            self.mock_api.get("/x").respond(201)
            assert call(f"{self.mock_api.url}/x") == 201

    assert counts(run(Case)[0]) == (1, 0, 0)
    pid = server_of(Case).pid
    assert pid is not None
    starting.stop_servers()
    assert (tmp_path / "server.log").is_file()


# The page


@pytest.mark.parametrize(
    "block",
    [block for block in PAGE if block.language == "python"],
    ids=lambda block: block.place,
)
def test_a_test_that_is_shown_goes_as_it_is_shown(block: Block) -> None:
    names: dict[str, Any] = {"__name__": "shown"}
    exec(compile(block.text, block.place, "exec"), names)
    cases = [each for each in names.values() if isinstance(each, type) and issubclass(each, unittest.TestCase)]  # fmt: skip
    result, printed = run(*cases)
    following = PAGE[PAGE.index(block) + 1 :]
    if following and following[0].language == "text":
        assert CHANGING.sub("N", following[0].text) in CHANGING.sub("N", printed)
    else:
        assert result.testsRun
        assert result.wasSuccessful(), printed


@pytest.mark.parametrize("option", OPTIONS, ids=lambda option: option.name)
def test_an_option_is_on_the_page(option: Option) -> None:
    assert hasattr(MockServerMixin, option.ini)
    rows = section("docs/unittest.md", "Options").splitlines()
    assert any(row.startswith(f"| `{option.ini}` | `{option.variable}` |") for row in rows)


def test_every_name_is_on_the_page() -> None:
    names = [name for name in vars(MockServerMixin) if "mock_api" in name and name[0] != "_"]
    page = text_of("docs/unittest.md").replace("()` |", "` |")
    assert [name for name in names if f"| `{name}` |" not in page] == []


def test_importing_the_mixin_loads_no_pytest() -> None:
    assert "pytest" not in loaded_after("import pymockapi.unittest")
