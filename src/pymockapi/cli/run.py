"""``pymockapi run FILES -- COMMAND``: a server for as long as a command runs.

The command learns by its environment where the server is; its exit code is passed on.
"""

from __future__ import annotations

import argparse
import os
import signal
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from types import FrameType
from typing import Final

from pymockapi.api.row import CONTROL_ROOT
from pymockapi.cli.hosting import add_running_arguments, port_number, public_url
from pymockapi.client.errors import MockServerError
from pymockapi.client.recorded import Orphan
from pymockapi.client.server import MockServer
from pymockapi.client.verdict import Verdict
from pymockapi.model.errors import nearest

USAGE: Final = 2
NOT_EXECUTABLE: Final = 126  # these two as a shell has them
NOT_FOUND: Final = 127
BY_SIGNAL: Final = 128  # and the signal's number
SHOWN: Final = 10  # orphans: enough to recognise one's own
VARIABLES: Final = (
    "PYMOCKAPI_URL",
    "PYMOCKAPI_CONTROL_URL",
    "PYMOCKAPI_TOKEN",
    "PYMOCKAPI_TLS_URL",
    "PYMOCKAPI_CA_FILE",
)
_PASSED_ON: Final = tuple(
    getattr(signal, name)
    for name in ("SIGINT", "SIGTERM", "SIGHUP", "SIGQUIT")
    if hasattr(signal, name)
)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    add = parser.add_argument
    parser.usage = "pymockapi run [options] [FILE ...] -- COMMAND [ARGUMENT ...]"
    add("files", nargs="*", metavar="FILE", help="config files, YAML or JSON, merged in order")
    add("--host", default="127.0.0.1", help="address to listen on (default: %(default)s)")
    add("--port", type=port_number, default=0,
        help="port to listen on (default: a free one)")  # fmt: skip
    add("--control-port", type=port_number, metavar="PORT",
        help="port for the control API alone, 0 for a free one (default: that of --port)")  # fmt: skip
    add("--public-url", metavar="URL", type=public_url,
        help="where others reach the server, as behind a proxy (default: where it listens)")  # fmt: skip
    add("--tls", action="store_true", help="serve HTTPS, too, with a certificate made for tests")
    add("--on-missing", choices=("default", "reject"), default="reject",
        help="what a request that names no namespace gets (default: %(default)s)")  # fmt: skip
    add("--token", help="token that control calls must carry (default: PYMOCKAPI_TOKEN)")
    add_running_arguments(parser, log="nowhere")
    add("--quiet", action="store_true", help="say nothing of the mocks at the end")


def run(options: argparse.Namespace) -> int:
    mistake = _mistake(options)
    if mistake is not None:
        print(f"pymockapi run: error: {mistake}", file=sys.stderr)
        return USAGE
    server = _Server(options)
    try:
        server.start()
    except MockServerError as error:
        print(f"pymockapi run: {error}\nThe command was not run.", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("pymockapi run: interrupted. The command was not run.", file=sys.stderr)
        return BY_SIGNAL + signal.SIGINT
    with server:
        code = _run(options.command, _environment(server, options.tls))
        said = [] if options.quiet else list(_problems(server))
        if said:
            print("\n".join(["pymockapi run:", *said]), file=sys.stderr)
        return code


def _mistake(options: argparse.Namespace) -> str | None:
    if not options.command:
        missing = "there is no command" if options.command is None else "no command follows '--'"
        return (
            f"{missing}; the files come first, then '--', then the command:"
            " pymockapi run mocks.yaml -- pytest"
        )
    if options.watch and not options.files:
        return "--watch needs config files to watch: pymockapi run mocks.yaml --watch -- pytest"
    return None


class _Server(MockServer):
    """A server with what only the command line asks of one."""

    def __init__(self, options: argparse.Namespace) -> None:
        super().__init__(
            options.files,
            host=options.host,
            port=options.port,
            tls=options.tls,
            on_missing=options.on_missing,
            token=options.token or os.environ.get("PYMOCKAPI_TOKEN") or None,
            seed=options.seed,
            artifacts=options.artifacts,
            log_file=options.log_file,
            control_port=options.control_port,
            start_timeout=60,
        )
        further = [f"--log-level={options.log_level}", f"--log-format={options.log_format}"]
        further += [f"--public-url={options.public_url}"] if options.public_url else []
        self._arguments += [*further, *(["--watch"] if options.watch else [])]


def _environment(server: MockServer, tls: bool) -> dict[str, str]:
    """Return ours, with what the command has to know; nothing in it is of another server."""
    inherited = {name: value for name, value in os.environ.items() if name not in VARIABLES}
    return inherited | _variables(server, tls)


def _variables(server: MockServer, tls: bool) -> dict[str, str]:
    told = {
        "PYMOCKAPI_URL": server.url,
        "PYMOCKAPI_CONTROL_URL": server.control_url.removesuffix(CONTROL_ROOT),
    }
    if server.token is not None:
        told["PYMOCKAPI_TOKEN"] = server.token
    if tls:
        told |= {"PYMOCKAPI_TLS_URL": server.tls_url, "PYMOCKAPI_CA_FILE": server.ca_file}
    return told


def _run(command: Sequence[str], environment: Mapping[str, str]) -> int:
    """Run ``command`` and return its exit code, 128 and the signal's number if one ended it."""
    with _signals() as passing_on:
        try:
            process = subprocess.Popen(command, env=environment)
        except OSError as error:
            found = not isinstance(error, FileNotFoundError)
            print(f"pymockapi run: {command[0]}: {error.strerror}", file=sys.stderr)
            return NOT_EXECUTABLE if found else NOT_FOUND
        passing_on.begin(process)
        code = _ended(process)
    return BY_SIGNAL - code if code < 0 else code


def _ended(process: subprocess.Popen[bytes]) -> int:
    """Return the exit code once it has ended.

    With a limit of time ``wait`` looks again and again, at most 50 ms apart. Without one it would
    block for good, and a signal that comes just before would be passed on only at the end.
    """
    while True:
        with suppress(subprocess.TimeoutExpired):
            return process.wait(timeout=3600)


class _PassingOn:
    """Passes signals on to the command, which ends of them by itself.

    Those that come before it has begun reach it when it has. Ctrl+C in a terminal reaches the
    command anyway: with one, SIGINT is only outlived.
    """

    def __init__(self) -> None:
        self._has_terminal = sys.stdin is not None and sys.stdin.isatty()  # None: closed at start
        self._process: subprocess.Popen[bytes] | None = None
        self._early: list[int] = []

    def __call__(self, number: int, _: FrameType | None) -> None:
        if self._process is None:
            self._early.append(number)
        elif number != signal.SIGINT or not self._has_terminal:
            self._process.send_signal(number)

    def begin(self, process: subprocess.Popen[bytes]) -> None:
        self._process = process
        for number in self._early:
            process.send_signal(number)


@contextmanager
def _signals() -> Iterator[_PassingOn]:
    """Take signals over, but those that are ignored, as ``nohup`` has it: the command ignores them, too."""
    passing_on = _PassingOn()
    taken = [number for number in _PASSED_ON if signal.getsignal(number) != signal.SIG_IGN]
    before = {number: signal.signal(number, passing_on) for number in taken}
    try:
        yield passing_on
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _problems(server: MockServer) -> Iterator[str]:
    """Yield lines on what a tester would want to know of the run; none if all is well."""
    try:
        for namespace in server.namespaces():
            verdict: Verdict = namespace.verdict()
            if not verdict.passed:
                yield f"Namespace '{namespace.name}' was left open, and its verdict has failed:"
                yield verdict.report
        yield from _lost(server)
    except MockServerError as error:
        yield str(error)


def _lost(server: MockServer) -> Iterator[str]:
    """Yield the last requests that named no live namespace, and the nearest names of such."""
    orphans = server.orphans()
    if not orphans:
        return
    known = [each.name for each in (*server.namespaces(), *server.finished())]
    count = "1 request" if len(orphans) == 1 else f"{len(orphans)} requests"
    yield f"{count} named no live namespace; the last:"
    yield from (f"  {orphan}{_meant(orphan, known)}" for orphan in orphans[-SHOWN:])


def _meant(orphan: Orphan, known: Sequence[str]) -> str:
    """Return the names that are nearest to one that never was."""
    if orphan.namespace is None or orphan.last_owner is not None:
        return ""
    near = nearest(orphan.namespace, known)
    return f"; did you mean {' or '.join(repr(name) for name in near)}?" if near else ""
