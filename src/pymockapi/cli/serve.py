"""``pymockapi serve FILES``: options to settings, files to a configuration, then the server.

The files come first: a mistake in them is told before any of the server is imported.
"""

from __future__ import annotations

import argparse
import errno
import sys
from collections.abc import Callable
from importlib import import_module
from typing import Final, cast

import msgspec

from pymockapi.cli.hosting import (
    UsageError,
    add_hosting_arguments,
    add_running_arguments,
    control_host,
    tls_options,
    token_of,
)
from pymockapi.config.flaws import ConfigError
from pymockapi.config.load import load_with_warnings
from pymockapi.config.validate import Loaded
from pymockapi.engine.configuration import Configuration
from pymockapi.server.certificates import CertificateError
from pymockapi.server.settings import ServeOptions
from pymockapi.server.stamps import stamps_of

USAGE: Final = 2  # as of an unknown option


def add_arguments(parser: argparse.ArgumentParser) -> None:
    add = parser.add_argument
    add("files", nargs="*", metavar="FILE", help="config files, YAML or JSON, merged in order")
    add_hosting_arguments(parser)
    add("--on-missing", choices=("default", "reject"),
        help="what a request that names no namespace gets (default: as the config says)")  # fmt: skip
    add_running_arguments(parser, log="standard error")
    add("--parent-pipe", action="store_true", help="end when standard input reaches its end")
    add("--ready-json", action="store_true", help="print the line with the URL as JSON")


def run(options: argparse.Namespace) -> int:
    try:
        told = serve_options(options)
        loaded = load_with_warnings(options.files)
    except UsageError as error:
        print(f"pymockapi serve: error: {error}", file=sys.stderr)
        return USAGE
    except ConfigError as error:
        print(not_started(error), file=sys.stderr)
        return 1
    try:
        return _server()(with_files(told, options, loaded), loaded.configuration)
    except CertificateError as error:
        print(error, file=sys.stderr)
        return 1
    except OSError as error:
        print(cause_of(error, loaded), file=sys.stderr)
        return 1


def serve_options(options: argparse.Namespace) -> ServeOptions:
    """Return the settings. Raises ``UsageError``."""
    if options.watch and not options.files:
        raise UsageError("--watch needs config files to watch: pymockapi serve mocks.yaml --watch")
    return ServeOptions(
        host=options.host,
        port=options.port,
        on_missing=options.on_missing,
        token=token_of(options),
        seed=options.seed,
        log_file=options.log_file,
        log_level=options.log_level,
        log_format=options.log_format,
        parent_pipe=options.parent_pipe,
        ready_json=options.ready_json,
        tls=tls_options(options),
        control_port=options.control_port,
        control_host=control_host(options),
        public_url=options.public_url,
        artifacts=options.artifacts,
    )


def with_files(
    told: ServeOptions, options: argparse.Namespace, loaded: Loaded[Configuration]
) -> ServeOptions:
    """Return the settings with what the files are."""
    paths = [str(path) for path in loaded.looked_at]
    return msgspec.structs.replace(
        told,
        files=loaded.files,
        sources=tuple(options.files),
        folder=None if loaded.folder is None else str(loaded.folder),
        seen=stamps_of(paths) if options.watch else None,
    )


def _server() -> Callable[[ServeOptions, Configuration], int]:
    serve = import_module("pymockapi.server.run").serve
    return cast(Callable[[ServeOptions, Configuration], int], serve)


def cause_of(error: OSError, loaded: Loaded[Configuration]) -> str:
    """Say why the server could not start."""
    found = getattr(error, "findings", ())
    located = [loaded.locate(each.pointer, each.message) for each in found]
    return not_started(ConfigError(located)) if located else _refused(error)


def not_started(error: ConfigError) -> str:
    noun = "error" if error.count == 1 else "errors"
    return f"{error}\n{error.count} {noun}; the server was not started"


def _refused(error: OSError) -> str:
    said = error.strerror or str(error)
    host, port = getattr(error, "host", ""), getattr(error, "port", 0)
    if not port and error.filename is not None:
        return f"The server could not start: {error.filename}: {said}."
    if error.errno == errno.EADDRINUSE:
        return (
            f"Port {port} on {host} is in use by another program. Choose another with --port,"
            " --tls-port or --control-port, or let one be chosen with 0."
        )
    if error.errno == errno.EACCES:
        return f"This user may not listen on port {port}. Choose one above 1023."
    return f"The server could not listen on {host}, port {port}: {said}."
