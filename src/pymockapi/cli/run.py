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
from contextlib import contextmanager
from types import FrameType
from typing import Final

from pymockapi.api.row import CONTROL_ROOT
from pymockapi.cli.hosting import port_number
from pymockapi.client.errors import MockServerError
from pymockapi.client.server import MockServer
from pymockapi.client.verdict import Verdict
from pymockapi.engine.settings import MAX_SEED

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
    add("--tls", action="store_true", help="serve HTTPS, too, with a certificate made for tests")
    add("--on-missing", choices=("default", "reject"), default="reject",
        help="what a request that names no namespace gets (default: %(default)s)")  # fmt: skip
    add("--token", help="token that control calls must carry (default: PYMOCKAPI_TOKEN)")
    add("--seed", type=_seed, help="seed of the server (default: as the config says)")
    add("--artifacts", metavar="DIR",
        help="folder for the evidence on namespaces that failed, expired or were left open")  # fmt: skip
    add("--log-file", metavar="PATH", help="where the server logs (default: nowhere)")
    add("--quiet", action="store_true", help="say nothing of the mocks at the end")


def run(options: argparse.Namespace) -> int:
    command: list[str] | None = options.command
    if not command:
        missing = "there is no command" if command is None else "no command follows '--'"
        print(
            f"pymockapi run: error: {missing}; the files come first, then '--', then the command:"
            " pymockapi run mocks.yaml -- pytest",
            file=sys.stderr,
        )
        return USAGE
    server = _server(options)
    try:
        server.start()
    except MockServerError as error:
        print(f"pymockapi run: {error}\nThe command was not run.", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("pymockapi run: interrupted. The command was not run.", file=sys.stderr)
        return BY_SIGNAL + signal.SIGINT
    with server:
        code = _run(command, _environment(server, options.tls))
        said = [] if options.quiet else list(_problems(server))
        if said:
            print("\n".join(["pymockapi run:", *said]), file=sys.stderr)
        return code


def _server(options: argparse.Namespace) -> MockServer:
    return MockServer(
        options.files,
        host=options.host,
        port=options.port,
        tls=options.tls,
        on_missing=options.on_missing,
        token=options.token or os.environ.get("PYMOCKAPI_TOKEN") or None,
        seed=options.seed,
        artifacts=options.artifacts,
        log_file=options.log_file,
        start_timeout=60,
    )


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
    try:
        process = subprocess.Popen(command, env=environment)
    except OSError as error:
        found = not isinstance(error, FileNotFoundError)
        print(f"pymockapi run: {command[0]}: {error.strerror}", file=sys.stderr)
        return NOT_EXECUTABLE if found else NOT_FOUND
    with _signals_to(process):
        code = process.wait()
    return BY_SIGNAL - code if code < 0 else code


@contextmanager
def _signals_to(process: subprocess.Popen[bytes]) -> Iterator[None]:
    """Pass signals on, and wait for the command to end of them by itself.

    Ctrl+C in a terminal reaches the command anyway: with one, SIGINT is only outlived.
    """
    has_terminal = sys.stdin is not None and sys.stdin.isatty()  # None: started with it closed

    def pass_on(number: int, _: FrameType | None) -> None:
        if number != signal.SIGINT or not has_terminal:
            process.send_signal(number)

    before = {number: signal.signal(number, pass_on) for number in _PASSED_ON}
    try:
        yield
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
        orphans = server.orphans()
        if orphans:
            count = "1 request" if len(orphans) == 1 else f"{len(orphans)} requests"
            yield f"{count} named no live namespace; the last:"
            yield from (f"  {orphan}" for orphan in orphans[-SHOWN:])
    except MockServerError as error:
        yield str(error)


def _seed(text: str) -> int:
    if not text.isascii() or not text.isdigit() or len(text) > 19 or int(text) > MAX_SEED:
        raise argparse.ArgumentTypeError(f"'{text}' is no seed: a number from 0 to {MAX_SEED} is")
    return int(text)
