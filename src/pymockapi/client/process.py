"""A mock server as a child process: started, known to be ready, and never left behind.

The child ends when its standard input reaches its end, so it dies with the parent however
that dies. Its first line of output is JSON that tells where it listens.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from contextlib import suppress
from queue import Empty, SimpleQueue
from threading import Lock, Thread
from typing import IO, Final

from pymockapi.client.errors import MockServerError
from pymockapi.client.real_time import monotonic, sleep
from pymockapi.client.thread import Registry, ServerThread, start_thread
from pymockapi.client.values import JsonObject

LOG_TAIL_BYTES: Final = 4096  # of a failed child's output: a traceback, or a screen of errors
_STOP_S: Final = 5.0  # a graceful stop takes well under a second
_TERMINATE_S: Final = 2.0
_GOING_S: Final = 0.5
_FIRST_LOOK_S: Final = 0.0005  # between two looks at whether it has ended; then twice as long each
_LONGEST_LOOK_S: Final = 0.05

Turn = Lock
"""Lets one thread after another start or stop a server."""


class ServerProcess:
    """A running ``pymockapi serve``; ``ready`` is its first line: url, control_url, pid, token.

    ``arguments`` are those after ``serve``, ``environment`` is added to ours. Raises ``MockServerError``, with what the child
    wrote, if it ends or is not ready within ``timeout_s``. ``functions`` of ours it cannot call.
    """

    functions: Registry | None = None

    def __init__(
        self, arguments: list[str], timeout_s: float, environment: Mapping[str, str]
    ) -> None:
        self._owner = os.getpid()
        self._errors = tempfile.TemporaryFile()  # noqa: SIM115 - lives as long as the child
        self._process = _start(arguments, environment, self._errors)
        self._lines: SimpleQueue[bytes] = SimpleQueue()
        self._reader = Thread(target=self._read_output, name="pymockapi-output", daemon=True)
        self._reader.start()
        try:
            self.ready = self._wait_until_ready(timeout_s)
        except BaseException:
            self.stop()
            raise

    def stop(self) -> None:
        """End the child: by its input first, by signals only if it does not go. Idempotent."""
        if self._owner != os.getpid() or self._errors.closed:
            return
        process = self._process
        assert process.stdin is not None
        assert process.stdout is not None
        with suppress(OSError):  # it is gone already
            process.stdin.close()
        self._wait_or_kill()
        self._reader.join()
        process.stdout.close()
        self._errors.close()

    def describe_end(self) -> str:
        """Return how the child ended and the last it wrote; empty while it runs.

        Waits a moment for it to be gone: its connections close before it does.
        """
        if self._errors.closed:
            return "It was stopped."
        code = self._exit_code(_GOING_S)
        return "" if code is None else f"Its process ended with exit code {code}.{self._tail()}"

    def _wait_or_kill(self) -> None:
        for give_up, limit_s in (
            (self._process.terminate, _STOP_S),
            (self._process.kill, _TERMINATE_S),
        ):
            if self._exit_code(limit_s) is not None:
                return
            give_up()
        self._process.wait()

    def _exit_code(self, limit_s: float) -> int | None:
        """Return how the child ended, ``None`` if it still runs after ``limit_s``.

        As ``Popen.wait``, whose limit has no end while a test has stopped the clock.
        """
        deadline = monotonic() + limit_s
        pause_s = _FIRST_LOOK_S
        while (code := self._process.poll()) is None and monotonic() < deadline:
            sleep(pause_s)
            pause_s = min(2 * pause_s, _LONGEST_LOOK_S)
        return code

    def _read_output(self) -> None:
        """Pass on the first line, and drain the rest, so that the child never blocks on it."""
        assert self._process.stdout is not None
        for line in self._process.stdout:
            self._lines.put(line)
        self._lines.put(b"")

    def _wait_until_ready(self, timeout_s: float) -> JsonObject:
        try:
            line = self._lines.get(timeout=timeout_s)
        except Empty:
            raise MockServerError(
                f"The mock server was not ready within {timeout_s:g} s.{self._tail()}"
            ) from None
        if not line:
            code = self._exit_code(_STOP_S)
            raise MockServerError(
                f"The mock server did not start (exit code {code}).{self._tail()}"
            )
        return self._read_ready(line)

    def _read_ready(self, line: bytes) -> JsonObject:
        try:
            ready: JsonObject = json.loads(line)
        except ValueError:
            raise MockServerError(
                f"The mock server said {line!r} where its address should be.{self._tail()}"
            ) from None
        return ready

    def _tail(self) -> str:
        size = os.fstat(self._errors.fileno()).st_size
        start = max(0, size - LOG_TAIL_BYTES)
        self._errors.seek(start)
        text = self._errors.read().decode("utf-8", "replace").strip()
        return f" It wrote:\n{text}" if text else ""


Running = ServerProcess | ServerThread
"""A server of one's own, wherever it runs."""


def launch(
    arguments: list[str], timeout_s: float, environment: Mapping[str, str], *, thread: bool
) -> Running:
    """Start a server, in a process or a thread. Raises ``MockServerError`` if it does not."""
    start = start_thread if thread else ServerProcess
    return start(arguments, timeout_s, environment)


def _start(
    arguments: list[str], environment: Mapping[str, str], errors: IO[bytes]
) -> subprocess.Popen[bytes]:
    """Start the child apart from our process group, so that Ctrl+C reaches the tests alone.

    ``-P`` keeps the current directory off its path: a ``queue.py`` there is no module of ours.
    """
    flags = getattr(subprocess, "CREATE_NEW_PROCESS_GROUP", 0)
    return subprocess.Popen(
        [sys.executable, "-P", "-m", "pymockapi", "serve", *arguments],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=errors,
        env={**os.environ, **environment},
        start_new_session=flags == 0,
        creationflags=flags,
    )
