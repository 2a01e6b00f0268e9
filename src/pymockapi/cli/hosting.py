"""Options of ``serve`` and ``run`` about where, to whom and how a server runs, and their values."""

from __future__ import annotations

import argparse
import os
import secrets
import sys
from pathlib import Path
from typing import Final

from pymockapi.engine.settings import MAX_SEED
from pymockapi.model.urls import read_public_url
from pymockapi.server.addresses import is_loopback
from pymockapi.server.settings import TlsOptions

TOKEN_VARIABLE: Final = "PYMOCKAPI_TOKEN"
TLS_PORT: Final = 8443
LOG_LEVELS: Final = ("debug", "info", "warning", "error")


class UsageError(Exception):
    """Options that do not go together, or a value that cannot be used: a sentence."""


def add_hosting_arguments(parser: argparse.ArgumentParser) -> None:
    add = parser.add_argument
    add("--host", default="127.0.0.1", help="address to listen on (default: %(default)s)")
    add("--port", type=port_number, default=8080,
        help="port to listen on, 0 for a free one (default: %(default)s)")  # fmt: skip
    add("--control-port", type=port_number, metavar="PORT",
        help="port for the control API alone, 0 for a free one (default: that of --port)")  # fmt: skip
    add("--control-host", metavar="HOST",
        help="address for --control-port (default: that of --host)")  # fmt: skip
    add("--public-url", metavar="URL", type=public_url,
        help="where others reach the server, as behind a proxy (default: where it listens)")  # fmt: skip
    add("--token", default=None,
        help=f"token that control calls must carry (default: {TOKEN_VARIABLE}; off loopback one"
        " is generated)")  # fmt: skip
    add("--token-file", metavar="FILE", help="file that holds the token, as a Docker secret")
    add("--tls", action="store_true", help="serve HTTPS, too, with a certificate made for tests")
    add("--tls-port", type=port_number, metavar="PORT",
        help=f"port for HTTPS, 0 for a free one (default: {TLS_PORT})")  # fmt: skip
    add("--tls-cert", metavar="FILE", help="certificate for HTTPS, PEM, with those that signed it")
    add("--tls-key", metavar="FILE", help="private key of --tls-cert, PEM, not encrypted")
    add("--tls-ca", metavar="DIR", help="where the CA of --tls is kept, to be the same next time")
    add("--tls-name", metavar="NAME", action="append", default=[],
        help="further name or address that the certificate of --tls is for; may be repeated")  # fmt: skip


def add_running_arguments(parser: argparse.ArgumentParser, log: str) -> None:
    """Add what ``serve`` and ``run`` have in common; ``log`` is where the server logs by itself."""
    add = parser.add_argument
    add("--seed", type=seed_number, help="seed of the server (default: as the config says)")
    add("--log-file", metavar="PATH", help=f"where to log (default: {log})")
    add("--log-level", choices=LOG_LEVELS, default="warning",
        help="what to log from (default: %(default)s)")  # fmt: skip
    add("--log-format", choices=("text", "json"), default="text",
        help="how to log: lines of text, or a JSON object a line (default: %(default)s)")  # fmt: skip
    add("--watch", action="store_true",
        help="read the files again whenever they change, and put what they say in force")  # fmt: skip
    add("--artifacts", metavar="DIR",
        help="folder for the evidence on namespaces that failed, expired or were left open")  # fmt: skip


def tls_options(options: argparse.Namespace) -> TlsOptions | None:
    """Return what is asked for HTTPS, ``None`` for none. Raises ``UsageError``."""
    made = {
        "--tls": options.tls, "--tls-ca": options.tls_ca, "--tls-name": options.tls_name,
    }  # fmt: skip
    given = {"--tls-cert": options.tls_cert, "--tls-key": options.tls_key}
    if any(given.values()) and not all(given.values()):
        there, missing = sorted(given, key=lambda name: not given[name])
        raise UsageError(f"{there} needs {missing}: a certificate is used with its private key")
    if any(given.values()) and any(made.values()):
        wrong = next(name for name, value in made.items() if value)
        raise UsageError(
            f"{wrong} is for a certificate that the server makes; leave it out with --tls-cert"
        )
    if not any((*made.values(), *given.values())):
        if options.tls_port is not None:
            raise UsageError(
                "--tls-port needs a certificate: add --tls, or --tls-cert and --tls-key"
            )
        return None
    port = TLS_PORT if options.tls_port is None else options.tls_port
    if port and port == options.port:
        raise UsageError(f"--port and --tls-port are both {port}; HTTPS needs a port of its own")
    return TlsOptions(
        port, options.tls_cert, options.tls_key, options.tls_ca, tuple(options.tls_name)
    )


def token_of(options: argparse.Namespace) -> str | None:
    """Return the token that control calls need; off loopback one is made when none is given.

    Raises ``UsageError``.
    """
    host = options.host if options.control_port is None else control_host(options)
    token = _given_token(options)
    if token is None and not is_loopback(host):
        token = secrets.token_urlsafe(24)
        print(f"{host} can be reached by others; control calls need the token {token}"
              " (give one with --token)", file=sys.stderr)  # fmt: skip
    return token


def _given_token(options: argparse.Namespace) -> str | None:
    if options.token_file is None:
        is_option = options.token is not None
        token = options.token if is_option else os.environ.get(TOKEN_VARIABLE) or None
        if token is not None and not _is_token(token):
            source = "--token" if is_option else TOKEN_VARIABLE
            raise UsageError(f"{source} is no token: one word without blanks is")
        return token
    if options.token is not None:
        raise UsageError("--token and --token-file both give a token; leave one out")
    try:
        text = Path(options.token_file).read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError) as error:
        said = error.strerror if isinstance(error, OSError) else "it is no UTF-8"
        raise UsageError(f"--token-file cannot be read: {options.token_file}: {said}") from error
    if not _is_token(text):
        raise UsageError(f"--token-file {options.token_file} holds no token: one word on one line")
    return text


def _is_token(text: str) -> bool:
    return text.split() == [text] and text.isprintable()


def control_host(options: argparse.Namespace) -> str:
    """Return where ``--control-port`` listens. Raises ``UsageError``."""
    if options.control_host is not None and options.control_port is None:
        raise UsageError("--control-host needs --control-port")
    host: str = options.control_host or options.host
    port = options.control_port
    if port and host == options.host and port in (options.port, options.tls_port):
        raise UsageError(
            f"--control-port is {port}, as another port of this server; leave it out, and the"
            " control API is on --port"
        )
    return host


def port_number(text: str) -> int:
    if not text.isascii() or not text.isdigit() or int(text) > 65535:
        raise argparse.ArgumentTypeError(f"'{text}' is no port: a number from 0 to 65535 is")
    return int(text)


def seed_number(text: str) -> int:
    if not text.isascii() or not text.isdigit() or len(text) > 19 or int(text) > MAX_SEED:
        raise argparse.ArgumentTypeError(f"'{text}' is no seed: a number from 0 to {MAX_SEED} is")
    return int(text)


def public_url(text: str) -> str:
    try:
        return read_public_url(text)
    except ValueError as error:
        raise argparse.ArgumentTypeError(str(error)) from error
