"""The child process: started, heard, and ended, whatever it does."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from typing import Any

import pytest

from pymockapi.client.errors import MockServerError
from pymockapi.client.process import ServerProcess

READY = (
    '{"url": "http://127.0.0.1:1", "control_url": "http://127.0.0.1:1", "pid": 1, "token": null}'
)
Replace = Callable[[str], None]


@pytest.fixture
def child_runs(monkeypatch: pytest.MonkeyPatch) -> Replace:
    """Let the child run a few lines in place of the server."""
    start: Any = subprocess.Popen

    def replace(code: str) -> None:
        def popen(command: list[str], **options: Any) -> Any:
            assert command[1:5] == ["-P", "-m", "pymockapi", "serve"]
            return start([sys.executable, "-c", code], **options)

        monkeypatch.setattr(subprocess, "Popen", popen)

    return replace


def test_the_first_line_tells_where_the_server_is(child_runs: Replace) -> None:
    child_runs(f"import sys; print({READY!r}, flush=True); sys.stdin.read()")
    process = ServerProcess([], 20, {})
    assert process.ready["url"] == "http://127.0.0.1:1"
    process.stop()
    process.stop()
    assert process.describe_end() == "It was stopped."


def test_a_child_that_ends_at_once_is_told_with_what_it_wrote(child_runs: Replace) -> None:
    child_runs("import sys; sys.exit('mocks.yaml:3:5: unknown key')")
    with pytest.raises(MockServerError) as raised:
        ServerProcess([], 20, {})
    assert str(raised.value) == (
        "The mock server did not start (exit code 1). It wrote:\nmocks.yaml:3:5: unknown key"
    )


def test_a_child_that_is_never_ready_is_ended(child_runs: Replace) -> None:
    child_runs("import sys; sys.stdin.read()")
    with pytest.raises(MockServerError, match=r"not ready within 0\.05 s"):
        ServerProcess([], 0.05, {})


def test_a_first_line_that_is_no_address_is_shown(child_runs: Replace) -> None:
    child_runs("import sys; print('hello', flush=True); sys.stdin.read()")
    with pytest.raises(MockServerError, match="said b'hello"):
        ServerProcess([], 20, {})


def test_a_child_that_writes_much_is_not_blocked_by_it(child_runs: Replace) -> None:
    child_runs(f"import sys; print({READY!r}, flush=True); print('x' * 10**6); sys.stdin.read()")
    ServerProcess([], 20, {}).stop()


def test_what_the_child_needs_to_know_is_in_its_environment(child_runs: Replace) -> None:
    child_runs("import os, sys; sys.exit(os.environ['PYMOCKAPI_TOKEN'])")
    with pytest.raises(MockServerError, match="s3cret"):
        ServerProcess([], 20, {"PYMOCKAPI_TOKEN": "s3cret"})
