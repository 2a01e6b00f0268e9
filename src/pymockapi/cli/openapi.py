"""``pymockapi openapi``: the control API as an OpenAPI document."""

from __future__ import annotations

import argparse
import json

from pymockapi.api.openapi import openapi_document


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """It takes none."""


def run(_: argparse.Namespace) -> int:
    print(json.dumps(openapi_document(), indent=2))
    return 0
