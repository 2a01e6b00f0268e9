"""pytest-bdd: the ready-made steps, one shop for all scenarios, and the suite's own steps."""

import json
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest
from pytest_bdd import parsers, then, when

from pymockapi import MockServer, Namespace

pytest_plugins = ["pymockapi.pytest_bdd"]

SHOP = Path(__file__).with_name("shop.py")


@pytest.fixture(scope="session")
def shop(mock_api_server: MockServer) -> Iterator[str]:
    command = [sys.executable, str(SHOP), mock_api_server.url]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        yield process.stdout.readline().strip()
        process.terminate()


@when(parsers.parse('"{sku}" is ordered for {amount:d} EUR'), target_fixture="outcome")
def order(shop: str, mock_api: Namespace, sku: str, amount: int) -> str:
    baggage = {"Baggage": f"mock.namespace={mock_api.name}"}
    body = json.dumps({"sku": sku, "amount": amount}).encode()
    request = urllib.request.Request(f"{shop}/orders", body, baggage)
    with urllib.request.urlopen(request) as answer:
        return str(json.load(answer)["outcome"])


@then(parsers.parse("the order is {expected}"))
def order_is(outcome: str, expected: str) -> None:
    assert outcome == expected
