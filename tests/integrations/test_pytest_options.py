"""Options of the plugin: where they may be given, which wins, what is said of wrong ones."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from tests.integrations.suites import Suite

from pymockapi.engine.settings import MAX_SEED as SERVERS_MAX_SEED
from pymockapi.integrations.options import MAX_SEED, OPTIONS, Option, Options
from pymockapi.integrations.pytest_options import read_options

pytest_plugins = ["pytester"]

VALUES = {
    "url": ("http://127.0.0.1:1", "http://127.0.0.1:2", "http://127.0.0.1:3"),
    "host": ("127.0.0.1", "127.0.0.2", "127.0.0.3"),
    "port": ("1", "2", "3"),
    "tls": ("true", "False", "1"),
    "seed": ("1", "2", "3"),
    "lease": ("1s", "2s", "3s"),
    "verdict": ("fail", "warn", "ignore"),
    "artifacts": ("a", "b", "c"),
    "log_file": ("a", "b", "c"),
}
PLAIN = [option for option in OPTIONS if option.name != "config"]


def shown(value: Any) -> str:
    text = value.name if isinstance(value, Path) else str(value)
    return {"True": "true"}.get(text, text)


@pytest.mark.parametrize("option", PLAIN, ids=lambda option: option.name)
def test_the_command_line_wins_over_the_environment_and_that_over_the_ini_file(
    bare_suite: Suite, monkeypatch: pytest.MonkeyPatch, option: Option
) -> None:
    ini, variable, flag = VALUES[option.name]
    place = [each.name for each in OPTIONS].index(option.name)
    assert read_options(bare_suite.config())[place] == option.default
    bare_suite.ini(f"{option.ini} = {ini}")
    assert shown(read_options(bare_suite.config())[place]) == ini
    monkeypatch.setenv(option.variable, variable)
    assert shown(read_options(bare_suite.config())[place]) == variable
    found = read_options(bare_suite.config(f"{option.flag}={flag}"))[place]
    assert shown(found) == ("true" if option.name == "tls" else flag)


def test_there_may_be_several_config_files(
    bare_suite: Suite, monkeypatch: pytest.MonkeyPatch
) -> None:
    here = Path.cwd()
    bare_suite.ini("mock_api_config = a.yaml b.yaml")
    assert read_options(bare_suite.config()).config == (here / "a.yaml", here / "b.yaml")
    monkeypatch.setenv("PYMOCKAPI_CONFIG", "c.yaml")
    assert read_options(bare_suite.config()).config == (here / "c.yaml",)
    flags = ("--mock-api-config", "d.yaml", "--mock-api-config=e.yaml")
    assert read_options(bare_suite.config(*flags)).config == (here / "d.yaml", here / "e.yaml")


def test_an_empty_value_on_the_command_line_stands_for_the_one_as_shipped(
    bare_suite: Suite,
) -> None:
    bare_suite.ini("mock_api_url = http://127.0.0.1:1")
    assert read_options(bare_suite.config("--mock-api-url=")).url is None


@pytest.mark.parametrize(
    ("option", "value", "sentence"),
    [
        ("url", "https://127.0.0.1", "a URL like http://127.0.0.1:8080 was expected"),
        ("port", "65536", "a port was expected: a number from 0 to 65535"),
        ("port", "http", "a port was expected: a number from 0 to 65535"),
        ("tls", "maybe", "true or false was expected"),
        ("seed", "-1", f"a seed was expected: a number from 0 to {MAX_SEED}"),
        ("lease", "soon", "a duration was expected, such as 90s, 15m or 1h"),
        ("lease", "0s", "a duration was expected, such as 90s, 15m or 1h"),
        ("verdict", "loud", "one of fail, warn, ignore was expected"),
    ],
)
def test_a_wrong_value_is_told_with_where_it_was_given(
    bare_suite: Suite,
    monkeypatch: pytest.MonkeyPatch,
    option: str,
    value: str,
    sentence: str,
) -> None:
    said = f"'{value}' does not do: {sentence}"
    bare_suite.ini(f"mock_api_{option} = {value}")
    inipath = Path.cwd() / "tox.ini"
    flag, variable = f"--mock-api-{option}", f"PYMOCKAPI_{option.upper()}"
    for arguments, source in (
        ([], f"mock_api_{option} in {inipath}"),
        ([f"{flag}={value}"], flag),
    ):
        with pytest.raises(pytest.UsageError) as raised:
            read_options(bare_suite.config(*arguments))
        assert str(raised.value) == f"{source}: {said}"
    monkeypatch.setenv(variable, value)
    with pytest.raises(pytest.UsageError, match=f"^environment variable {variable}: "):
        read_options(bare_suite.config())


def test_all_wrong_values_are_told_at_once_and_no_test_runs(bare_suite: Suite) -> None:
    bare_suite.ini("mock_api_verdict = loud\nmock_api_port = x")
    done = bare_suite.run("def test_x(): pass")
    assert done.ret == pytest.ExitCode.USAGE_ERROR
    done.stderr.fnmatch_lines([
        "ERROR: mock_api_port in *tox.ini: 'x' does not do: *",
        "mock_api_verdict in *tox.ini: 'loud' does not do: *",
    ])  # fmt: skip


def test_the_table_is_of_one_piece() -> None:
    assert Options._fields == tuple(option.name for option in OPTIONS)
    assert MAX_SEED == SERVERS_MAX_SEED
