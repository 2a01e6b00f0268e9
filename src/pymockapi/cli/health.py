"""``pymockapi health [URL]``: whether a server takes requests, for what looks after containers."""

from __future__ import annotations

import argparse
import os
import sys

from pymockapi.client.control import Control
from pymockapi.client.errors import MockServerError
from pymockapi.client.transport import Transport

DEFAULT_URL = "http://127.0.0.1:8080"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "url",
        nargs="?",
        metavar="URL",
        help="where the control API is (default: PYMOCKAPI_CONTROL_URL, else PYMOCKAPI_URL, else"
        f" {DEFAULT_URL})",
    )
    parser.add_argument(
        "--timeout", type=float, default=2.0, metavar="SECONDS",
        help="how long to wait for the answer (default: %(default)s)",
    )  # fmt: skip


def run(options: argparse.Namespace) -> int:
    environment = os.environ
    url = (
        options.url or environment.get("PYMOCKAPI_CONTROL_URL") or environment.get("PYMOCKAPI_URL")
    )
    try:
        ca_file = environment.get("PYMOCKAPI_CA_FILE")
        transport = Transport(url or DEFAULT_URL, options.timeout, ca_file=ca_file)
        print(Control(transport).call("ready")["status"])
    except MockServerError as error:
        print(error, file=sys.stderr)
        return 1
    return 0
