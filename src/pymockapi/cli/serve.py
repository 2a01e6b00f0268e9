"""``pymockapi serve FILES``: options to settings, files to a configuration, then the server.

The files come first: a mistake in them is told before any of the server is imported.
"""

from __future__ import annotations

import argparse
import errno
import ipaddress
import os
import secrets
import sys
from collections.abc import Callable
from importlib import import_module
from typing import Final, cast

from pymockapi.config.flaws import ConfigError
from pymockapi.config.load import load
from pymockapi.engine.configuration import Configuration
from pymockapi.server.settings import ServeOptions

TOKEN_VARIABLE: Final = "PYMOCKAPI_TOKEN"
LOG_LEVELS: Final = ("debug", "info", "warning", "error")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    add = parser.add_argument
    add("files", nargs="*", metavar="FILE", help="config files, YAML or JSON, merged in order")
    add("--host", default="127.0.0.1", help="address to listen on (default: %(default)s)")
    add("--port", type=_port, default=8080,
        help="port to listen on, 0 for a free one (default: %(default)s)")  # fmt: skip
    add("--on-missing", choices=("default", "reject"),
        help="what a request that names no namespace gets (default: as the config says)")  # fmt: skip
    add("--token", default=os.environ.get(TOKEN_VARIABLE),
        help=f"token that control calls must carry (default: {TOKEN_VARIABLE}; off loopback one"
        " is generated)")  # fmt: skip
    add("--seed", type=int, help="seed of the server (default: as the config says)")
    add("--log-file", metavar="PATH", help="where to log (default: standard error)")
    add("--log-level", choices=LOG_LEVELS, default="warning",
        help="what to log from (default: %(default)s)")  # fmt: skip
    add("--parent-pipe", action="store_true", help="end when standard input reaches its end")
    add("--ready-json", action="store_true", help="print the line with the URL as JSON")


def run(options: argparse.Namespace) -> int:
    try:
        configuration = load(options.files)
    except ConfigError as error:
        noun = "error" if error.count == 1 else "errors"
        print(f"{error}\n{error.count} {noun}; the server was not started", file=sys.stderr)
        return 1
    try:
        return _server()(serve_options(options), configuration)
    except OSError as error:
        print(_refused(error, options.host, options.port), file=sys.stderr)
        return 1


def serve_options(options: argparse.Namespace) -> ServeOptions:
    """Return the settings; off loopback a token is made when none is given."""
    token = options.token or None
    if token is None and not is_loopback(options.host):
        token = secrets.token_urlsafe(24)
        print(f"{options.host} can be reached by others; control calls need the token {token}"
              " (give one with --token)", file=sys.stderr)  # fmt: skip
    return ServeOptions(
        host=options.host,
        port=options.port,
        on_missing=options.on_missing,
        token=token,
        seed=options.seed,
        log_file=options.log_file,
        log_level=options.log_level,
        parent_pipe=options.parent_pipe,
        ready_json=options.ready_json,
    )


def is_loopback(host: str) -> bool:
    """Return whether only this machine reaches ``host``; a name other than localhost is not asked."""
    if host.lower() == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def _server() -> Callable[[ServeOptions, Configuration], int]:
    serve = import_module("pymockapi.server.run").serve
    return cast(Callable[[ServeOptions, Configuration], int], serve)


def _port(text: str) -> int:
    if not text.isascii() or not text.isdigit() or int(text) > 65535:
        raise argparse.ArgumentTypeError(f"'{text}' is no port: a number from 0 to 65535 is")
    return int(text)


def _refused(error: OSError, host: str, port: int) -> str:
    said = error.strerror or str(error)
    if error.filename is not None:
        return f"The server could not start: {error.filename}: {said}."
    if error.errno == errno.EADDRINUSE:
        return (
            f"Port {port} on {host} is in use by another program. Choose another with --port, or"
            " let one be chosen with --port 0."
        )
    if error.errno == errno.EACCES:
        return f"This user may not listen on port {port}. Choose one above 1023 with --port."
    return f"The server could not listen on {host}, port {port}: {said}."
