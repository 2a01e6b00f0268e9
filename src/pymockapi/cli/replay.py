"""``pymockapi replay BUNDLE``: the recorded requests sent again, and the first other answer told."""

from __future__ import annotations

import argparse
import json
import sys
from typing import Final

from pymockapi.client.errors import MockServerError
from pymockapi.replay.bundle import BundleError, read_bundle
from pymockapi.replay.performance import perform
from pymockapi.replay.report import as_json, as_text
from pymockapi.replay.stage import Options

SAME: Final = 0
DIFFERENT: Final = 1
NOT_REPLAYED: Final = 2


def add_arguments(parser: argparse.ArgumentParser) -> None:
    add = parser.add_argument
    add("bundle", metavar="BUNDLE", help="an export with format=json, or a file of --artifacts")
    add("--url", metavar="URL",
        help="a server that runs, to replay in a namespace made for it (default: one of its own)")  # fmt: skip
    add("--token", metavar="TOKEN",
        help="the token of that server (default: the variable PYMOCKAPI_TOKEN)")  # fmt: skip
    add("--control-url", metavar="URL",
        help="where its control API is, if that has a port of its own"
        " (default: the variable PYMOCKAPI_CONTROL_URL, else --url)")  # fmt: skip
    add("--delays", action="store_true", help="wait as answers did (default: none waits)")
    add("--timeout", type=_seconds, default=10.0, metavar="SECONDS",
        help="how long to wait for each answer (default: %(default)g)")  # fmt: skip
    add("--format", choices=("text", "json"), default="text",
        help="how to report (default: %(default)s)")  # fmt: skip
    parser.epilog = "Exit codes: 0 every answer is the same, 1 one is another, 2 not replayed."


def run(options: argparse.Namespace) -> int:
    if options.url is None and (options.token is not None or options.control_url is not None):
        print("pymockapi replay: error: --token and --control-url go with --url", file=sys.stderr)
        return NOT_REPLAYED
    stage = Options(
        options.url, options.token, options.control_url, options.delays, options.timeout
    )
    try:
        done = perform(read_bundle(options.bundle), stage)
    except (BundleError, MockServerError) as error:
        print(error, file=sys.stderr)
        return NOT_REPLAYED
    except OSError as error:
        print(f"The requests could not be sent: {error}.", file=sys.stderr)
        return NOT_REPLAYED
    if options.format == "json":
        print(json.dumps(as_json(done), indent=2))
    else:
        print("\n".join(as_text(done)))
    return SAME if done.is_same else DIFFERENT


def _seconds(text: str) -> float:
    try:
        seconds = float(text)
    except ValueError:
        seconds = 0.0
    if not 0 < seconds <= 3600:
        raise argparse.ArgumentTypeError(f"'{text}' is no time: seconds above 0, at most 3600, are")
    return seconds
