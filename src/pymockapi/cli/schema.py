"""``pymockapi schema``: the JSON Schema of config files, for editors."""

from __future__ import annotations

import argparse
import json

from pymockapi.api.schemas import config_schema


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """It takes none."""


def run(_: argparse.Namespace) -> int:
    print(json.dumps(config_schema(), indent=2))
    return 0
