"""``pymockapi run``: a server for as long as a command runs, in processes of their own."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path
from types import SimpleNamespace
from typing import Any, Final

import pytest

from pymockapi.cli import main
from pymockapi.client.server import MockServer

MOCKS: Final = (
    "version: 1\nstubs:\n  - {name: pay, request: {path: /pay}, response: {status: 201}}\n"
)
TELL: Final = """
import json, os
print(json.dumps({key: value for key, value in os.environ.items() if key.startswith("PYMOCKAPI_")}))
"""
USE: Final = """
import os, urllib.error, urllib.request
from pymockapi import MockServer
with MockServer.attach() as server:
    ns = server.namespace("shop")
    def call(url):
        try:
            return urllib.request.urlopen(url).status
        except urllib.error.HTTPError as error:
            with error:
                return error.code
"""
WAIT: Final = "import time\nprint('up', flush=True)\ntime.sleep(60)"


def command(*arguments: str) -> list[str]:
    return [sys.executable, "-m", "pymockapi", "run", *arguments]


def environment(**variables: str) -> dict[str, str]:
    kept = {key: value for key, value in os.environ.items() if not key.startswith("PYMOCKAPI_")}
    return {**kept, **variables}


def with_signals(handling: str, *words: str) -> list[str]:
    """Return ``words`` run with SIGHUP, SIGINT and SIGTERM as ``handling`` says, however we have them."""
    code = (
        "import os, signal, sys\n"
        "for name in ('SIGHUP', 'SIGINT', 'SIGTERM'):\n"
        f"    signal.signal(getattr(signal, name), signal.{handling} if name == 'SIGHUP' else 0)\n"
        "os.execv(sys.argv[1], sys.argv[1:])"
    )
    return [sys.executable, "-c", code, *words]


def run(*arguments: str, folder: Path, **variables: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        command(*arguments), cwd=folder, env=environment(**variables), capture_output=True,
        encoding="utf-8", timeout=100, check=False,
    )  # fmt: skip


def python(code: str) -> list[str]:
    return ["--", sys.executable, "-c", code]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "mocks.yaml").write_text(MOCKS, encoding="utf-8")
    return tmp_path


def test_the_command_is_told_where_the_server_is(folder: Path) -> None:
    done = run("mocks.yaml", *python(TELL), folder=folder)
    told = json.loads(done.stdout)
    assert done.returncode == 0
    assert told["PYMOCKAPI_URL"].startswith("http://127.0.0.1:")
    assert told["PYMOCKAPI_CONTROL_URL"] == told["PYMOCKAPI_URL"]
    assert "PYMOCKAPI_TOKEN" not in told
    assert done.stderr == ""


def test_the_command_uses_the_mocks_of_the_files(folder: Path) -> None:
    code = f"{USE}\n    assert call(ns.url + '/pay') == 201\n    assert ns.finish()['verdict']['passed']"
    done = run("mocks.yaml", *python(code), folder=folder)
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize("code", [0, 1, 7, 255])
def test_the_exit_code_is_passed_on(folder: Path, code: int) -> None:
    assert run(*python(f"raise SystemExit({code})"), folder=folder).returncode == code


def test_a_command_that_a_signal_ends_is_told_as_a_shell_has_it(folder: Path) -> None:
    code = "import os, signal; os.kill(os.getpid(), signal.SIGKILL)"
    assert run(*python(code), folder=folder).returncode == 128 + signal.SIGKILL


def test_a_token_is_told_to_the_command(folder: Path) -> None:
    done = run(
        "--token",
        "s3cret",
        *python(f"{USE}\n    print(os.environ['PYMOCKAPI_TOKEN'])"),
        folder=folder,
    )
    assert done.stdout == "s3cret\n", done.stderr


def test_a_token_of_the_environment_is_the_servers(folder: Path) -> None:
    done = run(*python(f"{USE}\n    print(server.token)"), folder=folder, PYMOCKAPI_TOKEN="t0ken")
    assert done.stdout == "t0ken\n", done.stderr


def test_the_command_sees_nothing_of_another_server(folder: Path) -> None:
    done = run(
        *python(TELL), folder=folder, PYMOCKAPI_CA_FILE="/ca.pem", PYMOCKAPI_TLS_URL="https://a"
    )
    assert sorted(json.loads(done.stdout)) == ["PYMOCKAPI_CONTROL_URL", "PYMOCKAPI_URL"]


def test_with_https_the_command_gets_its_url_and_its_ca(folder: Path) -> None:
    code = """
import os, ssl, urllib.error, urllib.request
context = ssl.create_default_context(cafile=os.environ["PYMOCKAPI_CA_FILE"])
try:
    urllib.request.urlopen(os.environ["PYMOCKAPI_TLS_URL"] + "/pay", context=context)
except urllib.error.HTTPError as error:
    print(error.code)
    error.close()
"""
    done = run("mocks.yaml", "--tls", *python(code), folder=folder)
    assert done.stdout == "404\n", done.stderr


def test_requests_without_a_namespace_are_refused_unless_asked_otherwise(folder: Path) -> None:
    code = f"{USE}\n    print(call(server.url + '/pay'))"
    assert run("mocks.yaml", "--quiet", *python(code), folder=folder).stdout == "404\n"
    accepted = run("mocks.yaml", "--on-missing=default", *python(code), folder=folder)
    assert accepted.stdout == "201\n"


def test_what_went_wrong_unseen_is_told_at_the_end(folder: Path) -> None:
    code = f"{USE}\n    call(ns.url + '/nowhere')\n    call(server.url + '/~shp/pay')"
    done = run("mocks.yaml", *python(code), folder=folder)
    assert done.returncode == 0
    assert "Namespace 'shop' was left open, and its verdict has failed:" in done.stderr
    assert "#1 GET /nowhere" in done.stderr
    assert "1 request named no live namespace; the last:" in done.stderr
    assert run("mocks.yaml", "--quiet", *python(code), folder=folder).stderr == ""


def test_evidence_is_written_of_what_was_left_open(folder: Path) -> None:
    code = f"{USE}\n    call(ns.url + '/no')\n    server.namespace('unused')"
    run("mocks.yaml", "--artifacts", "out", *python(code), folder=folder)
    suffixes = (".bundle.json", ".har", ".junit.xml", ".txt")
    paths = sorted((folder / "out").iterdir())
    assert [path.name.partition(".")[0][:5] for path in paths] == ["shop-"] * 4
    assert [path.name.endswith(each) for path, each in zip(paths, suffixes, strict=True)] == [
        True
    ] * 4
    bundle = json.loads(paths[0].read_text(encoding="utf-8"))
    assert bundle["verdict"]["passed"] is False
    assert [each["target"] for each in bundle["requests"]] == ["/~shop/no"]


def test_the_nearest_names_are_told_of_a_name_that_never_was(folder: Path) -> None:
    code = f"""{USE}
    done = server.namespace("checkout")
    done.finish("passed")
    for name in ("shp", "chekout", "checkout", "zzz"):
        call(server.url + "/~" + name + "/pay")
"""
    told = run("mocks.yaml", *python(code), folder=folder).stderr
    assert "'shp', by path; did you mean 'shop'?\n" in told
    assert "'chekout', by path; did you mean 'checkout'?\n" in told
    assert "finished-namespace 'checkout', by path\n" in told
    assert "'zzz', by path\n" in told


def test_the_control_api_may_have_a_port_of_its_own(folder: Path) -> None:
    code = f"{USE}\n    print(call(ns.url + '/pay'))\n" + TELL
    done = run("mocks.yaml", "--control-port", "0", *python(code), folder=folder)
    status, told = done.stdout.splitlines()
    variables = json.loads(told)
    assert status == "201"
    assert variables["PYMOCKAPI_CONTROL_URL"] != variables["PYMOCKAPI_URL"]


def test_a_public_url_is_what_the_system_is_given(folder: Path) -> None:
    code = f"{USE}\n    print(ns.url, server.url)"
    options = ("--public-url", "http://mocks.test:81", "--control-port", "0")
    assert run(*options, *python(code), folder=folder).stdout == (
        "http://mocks.test:81/~shop http://mocks.test:81\n"
    )


def test_the_log_is_written_as_asked(folder: Path) -> None:
    options = ("--log-file", "log", "--log-level", "info", "--log-format", "json")
    run(*options, *python("pass"), folder=folder)
    lines = (folder / "log").read_text(encoding="utf-8").splitlines()
    assert "ready" in [json.loads(line)["message"] for line in lines]


def test_files_that_change_are_read_again_when_they_are_watched(folder: Path) -> None:
    code = f"{USE}\n    print(server.config()['watched'])"
    assert run("mocks.yaml", "--watch", *python(code), folder=folder).stdout == "True\n"
    assert run("mocks.yaml", *python(code), folder=folder).stdout == "False\n"


@pytest.mark.parametrize("arguments", [["check", "run", "--", "x.yaml"], ["check", "--", "run"]])
def test_only_run_takes_a_command(
    folder: Path, arguments: list[str], capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    monkeypatch.chdir(folder)
    assert main(arguments) == 1
    told = capsys.readouterr()
    files = [each for each in arguments[1:] if each != "--"]
    assert all(f"{each}: cannot be read" in told.out + told.err for each in files)


@pytest.mark.parametrize(
    ("arguments", "code", "told"),
    [
        (["mocks.yaml"], 2, "pymockapi run: error: there is no command; the files come first,"),
        (["mocks.yaml", "--"], 2, "pymockapi run: error: no command follows '--';"),
        (["--prt=7", "--", "true"], 2, "unrecognized arguments: --prt=7"),
        (["--", "no-such-command"], 127, "pymockapi run: no-such-command: No such file or directory"),
        (["--", "./mocks.yaml"], 126, "pymockapi run: ./mocks.yaml: Permission denied"),
        (["nowhere.yaml", "--", "true"], 1, "nowhere.yaml: cannot be read: No such file or directory"),
        (["--watch", "--", "true"], 2, "pymockapi run: error: --watch needs config files to watch:"),
        (["--seed=x", "--", "true"], 2, "'x' is no seed: a number from 0 to"),
    ],
)  # fmt: skip
def test_a_mistake_is_told(folder: Path, arguments: list[str], code: int, told: str) -> None:
    done = run(*arguments, folder=folder)
    assert done.returncode == code
    assert told in done.stderr


def test_a_config_with_errors_runs_nothing(folder: Path) -> None:
    (folder / "mocks.yaml").write_text("version: 1\nstubs: [{reqest: {}}]\n", encoding="utf-8")
    done = run("mocks.yaml", *python("print('ran')"), folder=folder)
    assert done.returncode == 1
    assert "mocks.yaml:2:" in done.stderr
    assert "The command was not run." in done.stderr
    assert done.stdout == ""


def start(folder: Path, code: str, hangups: str = "SIG_DFL") -> subprocess.Popen[str]:
    return subprocess.Popen(
        with_signals(hangups, *command(*python(code))), cwd=folder, env=environment(), stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, encoding="utf-8", start_new_session=True,
    )  # fmt: skip


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_signals_go_to_the_command_and_its_end_decides(
    folder: Path, number: signal.Signals
) -> None:
    code = f"""
import signal, sys, time
signal.signal({int(number)}, lambda *_: sys.exit(9))
print("up", flush=True)
time.sleep(60)
"""
    started = start(folder, code)
    assert started.stdout is not None
    assert started.stdout.readline() == "up\n"
    started.send_signal(number)
    started.communicate(timeout=60)
    assert started.returncode == 9


def test_a_signal_goes_to_the_command_when_standard_input_is_closed(folder: Path) -> None:
    code = """
import signal, sys, time
signal.signal(signal.SIGINT, lambda *_: sys.exit(9))
print("up", flush=True)
time.sleep(60)
"""
    started = subprocess.Popen(
        ["sh", "-c", 'exec "$@" <&-', "sh", *with_signals("SIG_DFL", *command(*python(code)))], cwd=folder,
        env=environment(), stdout=subprocess.PIPE, stderr=subprocess.PIPE, encoding="utf-8",
    )  # fmt: skip
    assert started.stdout is not None
    assert started.stdout.readline() == "up\n"
    started.send_signal(signal.SIGINT)
    told = started.communicate(timeout=60)[1]
    assert (started.returncode, told) == (9, "")


def test_a_hangup_that_is_ignored_as_under_nohup_stays_so_for_the_command(folder: Path) -> None:
    code = """
import signal, sys, time
is_ignored = signal.getsignal(signal.SIGHUP) == signal.SIG_IGN
signal.signal(signal.SIGHUP, lambda *_: sys.exit(8))
signal.signal(signal.SIGTERM, lambda *_: sys.exit(9))
print(is_ignored, flush=True)
time.sleep(60)
"""
    started = start(folder, code, hangups="SIG_IGN")
    assert started.stdout is not None
    assert started.stdout.readline() == "True\n"
    started.send_signal(signal.SIGHUP)
    started.send_signal(signal.SIGTERM)
    started.communicate(timeout=60)
    assert started.returncode == 9


def test_a_signal_that_comes_before_the_command_reaches_it_when_it_has_begun(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def early(*arguments: Any, **options: Any) -> subprocess.Popen[bytes]:
        os.kill(os.getpid(), signal.SIGTERM)
        return subprocess.Popen(*arguments, **options)

    monkeypatch.setattr(
        "pymockapi.cli.run.subprocess",
        SimpleNamespace(Popen=early, TimeoutExpired=subprocess.TimeoutExpired),
    )
    monkeypatch.chdir(folder)
    before = signal.getsignal(signal.SIGTERM)
    assert main(["run", *python(WAIT)]) == 128 + signal.SIGTERM
    assert signal.getsignal(signal.SIGTERM) == before


def test_an_interrupt_while_the_server_starts_runs_nothing(
    folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def interrupted(_: MockServer) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(MockServer, "start", interrupted)
    assert main(["run", str(folder / "mocks.yaml"), "--", "touch", str(folder / "ran")]) == 130
    assert capsys.readouterr().err == "pymockapi run: interrupted. The command was not run.\n"
    assert not (folder / "ran").exists()


def test_the_server_ends_when_run_is_killed(folder: Path) -> None:
    started = start(folder, f"{TELL}\nimport sys\nsys.stdout.flush()\n{WAIT}")
    assert started.stdout is not None
    told: dict[str, Any] = json.loads(started.stdout.readline())
    started.kill()
    started.wait(timeout=60)
    deadline = time.monotonic() + 30
    while time.monotonic() < deadline and _answers(told["PYMOCKAPI_URL"]):
        pass
    assert not _answers(told["PYMOCKAPI_URL"])
    os.killpg(started.pid, signal.SIGKILL)  # the command, which nobody waits for any more
    started.communicate()


def _answers(url: str) -> bool:
    try:
        urllib.request.urlopen(f"{url}/__mock/v1/health").close()
    except urllib.error.HTTPError as error:
        error.close()
    except OSError:
        return False
    return True
