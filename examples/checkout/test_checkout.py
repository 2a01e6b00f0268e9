"""End-to-end tests of the order service: one mock server, one service, a namespace per test.

``mock_api`` and its like come from the pytest plugin; ``pytest.ini`` names the config.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import urllib.error
import urllib.request
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from pymockapi import MockServer, Namespace

HERE = Path(__file__).parent
WORKERS = 10
_OPENER = urllib.request.build_opener(urllib.request.ProxyHandler({}))


@dataclass(frozen=True)
class OrderService:
    """The system under test, as its callers see it."""

    url: str

    def order(self, mock: Namespace, amount: int = 4200) -> tuple[int, Any]:
        """Place an order whose calls go to ``mock``: the baggage travels with them."""
        request = urllib.request.Request(
            f"{self.url}/orders",
            json.dumps({"sku": "book", "amount": amount}).encode(),
            {"Baggage": f"mock.namespace={mock.name}"},
        )
        try:
            with _OPENER.open(request, timeout=10) as answer:
                return answer.status, json.loads(answer.read())
        except urllib.error.HTTPError as error:
            with error:
                return error.code, json.loads(error.read())


@pytest.fixture(scope="session")
def service(mock_api_server: MockServer) -> Iterator[OrderService]:
    apis = {
        "STOCK_URL": f"{mock_api_server.url}/stock",
        "PAYMENTS_URL": mock_api_server.url,
        "SHIPPING_URL": f"{mock_api_server.url}/shipping",
    }
    command = [sys.executable, str(HERE / "order_service.py"), "--port", "0"]
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, text=True, env={**os.environ, **apis}
    ) as process:
        assert process.stdout is not None
        yield OrderService(process.stdout.readline().strip())
        process.terminate()


def test_an_order_is_reserved_paid_and_shipped(service: OrderService, mock_api: Namespace) -> None:
    assert service.order(mock_api) == (201, {"payment": "p1", "shipment": "s1"})
    assert [request.stub for request in mock_api.requests()] == ["reserve", "pay", "ship"]


def test_an_outage_of_payments_that_recovers_is_survived(
    service: OrderService, mock_api: Namespace
) -> None:
    pay = mock_api.post("/payments", json={"amount": 4200}).respond_with(
        [{"status": 503, "times": 2}, {"status": 201, "json": {"id": "p9"}}]
    )
    assert service.order(mock_api) == (201, {"payment": "p9", "shipment": "s1"})
    pay.assert_called(times=3)
    assert [request.step for request in pay.requests()] == [1, 1, 2]


@pytest.mark.mocks("payments-down")
def test_an_outage_that_lasts_gives_the_reservation_back(
    service: OrderService, mock_api: Namespace
) -> None:
    assert service.order(mock_api) == (502, {"error": "payments answered 503"})
    mock_api.find_stub("pay").assert_called(times=3)
    mock_api.delete("/stock/reservations/r1").assert_called_once()
    mock_api.post("/shipping/shipments").assert_not_called()


def test_a_refused_payment_is_not_tried_again(service: OrderService, mock_api: Namespace) -> None:
    pay = mock_api.post("/payments").respond(402, json={"error": "card expired"})
    assert service.order(mock_api) == (502, {"error": "payments answered 402"})
    pay.assert_called_once()


@pytest.mark.mocks(state={"order": "new"}, verdict={"unmatched": "ignore"})
def test_each_api_answers_only_in_its_turn(service: OrderService, mock_api: Namespace) -> None:
    mock_api.stubs(
        [
            {
                "name": "reserve",
                "request": {"method": "POST", "path": "/stock/reservations"},
                "when": {"order": "new"},
                "response": {"status": 201, "json": {"id": "r1"}},
                "set": {"order": "reserved"},
            },
            {
                "name": "pay",
                "request": {"method": "POST", "path": "/payments"},
                "when": {"order": "reserved"},
                "response": {"status": 201, "json": {"id": "p1"}},
                "set": {"order": "paid", "amount": {"from": "body.$.amount"}},
            },
            {
                "name": "ship",
                "request": {"method": "POST", "path": "/shipping/shipments"},
                "when": {"order": "paid"},
                "response": {"status": 201, "json": {"id": "s1"}},
                "set": {"order": "shipped"},
            },
        ]
    )
    assert service.order(mock_api, amount=99)[0] == 201
    assert mock_api.state == {"order": "shipped", "amount": 99}

    status, answer = service.order(mock_api)  # shipped already: nothing is in its turn
    assert (status, answer) == (502, {"error": "stock answered 404"})


def test_ten_parallel_tests_have_different_mocks_for_the_same_urls(
    service: OrderService, mock_api_server: MockServer
) -> None:
    def one_test(number: int) -> tuple[int, Any, int]:
        with mock_api_server.namespace() as mock:
            failures = number % 3
            steps: list[dict[str, Any]] = [{"status": 201, "json": {"id": f"p{number}"}}]
            if failures:
                steps.insert(0, {"status": 503, "times": failures})
            pay = mock.post("/payments", json={"amount": number + 1}).respond_with(steps)
            status, answer = service.order(mock, amount=number + 1)
            return status, answer, pay.count()

    with ThreadPoolExecutor(WORKERS) as pool:
        results = list(pool.map(one_test, range(WORKERS)))
    assert results == [
        (201, {"payment": f"p{number}", "shipment": "s1"}, number % 3 + 1)
        for number in range(WORKERS)
    ]
